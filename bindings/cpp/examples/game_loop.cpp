// game_loop.cpp - a loop of fixed steps, as games have them, that never waits for the library.
//
//     c++ -std=c++17 bindings/cpp/examples/game_loop.cpp -Iinclude -Ltarget/release -lstreamkinect2 -o game_loop
//
// Each step takes all events and the newest frame with a timeout of 0, updates its world and renders it. Frames that
// came between two steps cost nothing: only the newest waits. Steps without a new frame go on with the last one.
#include <algorithm>
#include <string>
#include <thread>

#include "support/options.hpp"
#include "support/program.hpp"

namespace {

struct game {
  kinect2::client client;
  kinect2::frame frame = {};    // the last one that came
  unsigned nearest_mm = 0;      // in the frame; 0: it shows nothing
  std::uint64_t frames = 0, steps = 0, late_steps = 0;
  clock_type::duration longest{};  // that a step spent in the library
};

void report(const kinect2::event &event) {
  switch (event.type) {
    case kinect2::event_type::connect:
      std::printf("connected\n");
      break;
    case kinect2::event_type::disconnect:
      std::fprintf(stderr, "server lost (%s), trying again\n", name(event.result));
      break;
    case kinect2::event_type::error:
      print_error(event);
      break;
    default:
      break;
  }
}

// What has come since the last step; true: a frame, too.
bool take_what_came(game &game) {
  const auto before = clock_type::now();
  while (const auto event = game.client.next_event({})) report(*event);
  auto frame = game.client.take_frame(kinect2::stream::depth, {});
  if (frame) {
    game.frame = *std::move(frame);
    ++game.frames;
  }
  game.longest = std::max(game.longest, clock_type::now() - before);
  return frame.has_value();
}

void update(game &game) {
  game.nearest_mm = 0;
  for (const std::uint16_t depth : game.frame.pixels())
    if (depth != 0 && (game.nearest_mm == 0 || depth < game.nearest_mm)) game.nearest_mm = depth;
}

void render(const game &game) {
  const auto steps = static_cast<unsigned long long>(game.steps);
  if (!game.frame) {
    std::printf("step %llu  no frame yet\n", steps);
    return;
  }
  char age[32] = "unknown";  // peers of version 1 send no times
  if (const auto captured = game.frame.info().capture_time_local)
    std::snprintf(age, sizeof age, "%.1f ms", milliseconds(clock_type::now() - *captured));
  std::printf("step %llu  nearest %u mm  sequence %llu  age %s\n", steps, game.nearest_mm,
              static_cast<unsigned long long>(game.frame.sequence()), age);
}

int play(game &game, double rate, clock_type::time_point limit, std::uint32_t frames) {
  const auto period = std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(1 / rate));
  const auto steps_a_picture = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rate / 2));
  for (auto due = clock_type::now(); running(limit) && (frames == 0 || game.frames < frames); due += period) {
    for (auto now = clock_type::now(); now < due && running(limit); now = clock_type::now())
      std::this_thread::sleep_for(due - now);
    const auto now = clock_type::now();
    if (now > due + period / 2) ++game.late_steps;
    if (now > due + std::chrono::seconds(1)) due = now;  // steps are made up for, but not those of a long sleep
    if (take_what_came(game)) update(game);
    if (++game.steps % steps_a_picture == 0) render(game);
  }
  std::printf("steps %llu  late %llu  frames %llu  longest in the library %.2f ms\n",
              static_cast<unsigned long long>(game.steps), static_cast<unsigned long long>(game.late_steps),
              static_cast<unsigned long long>(game.frames), milliseconds(game.longest));
  return game.frames || stop_signal_came ? EXIT_SUCCESS : EXIT_NOTHING;
}

}  // namespace

int main(int argc, char **argv) {
  std::string server = "*";
  double seconds = 0, rate = 60;
  std::uint32_t frames = 0;
  bool verbose = false;
  const auto endpoints = parse(
      {"game_loop",
       "Shows the nearest distance in the depth frames of the server at ENDPOINT, or else of\n"
       "the one of that name, in a loop of fixed steps: a line twice a second, and at the end\n"
       "how many steps were late.",
       {{"--server", "NAME", "name of the server (the first that is found)", &server},
        {"--rate", "HZ", "steps per second (60)", &rate, 1, 1000},
        {"--frames", "N", "end after N frames (0: on Ctrl-C)", &frames},
        {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", &seconds},
        {"--verbose", "", "show the library's log", &verbose}},
       "[ENDPOINT]",
       0,
       1},
      argc, argv);
  return run_program(verbose, [&] {
    kinect2::client_options options;
    if (endpoints.empty()) options.server_name = server;
    game game{endpoints.empty() ? kinect2::client(options) : kinect2::client(endpoints[0], options)};
    game.client.enable_depth_frames();
    game.client.connect();
    return play(game, rate, time_limit(seconds), frames);
  });
}
