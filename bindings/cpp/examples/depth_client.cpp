// depth_client.cpp - receives depth frames: measures, saves and verifies them.
//
// Built with CMake, as bindings/cpp/README.md says; it draws with parts of the C programs.
//
// One thread and no callbacks: the newest frame waits in the library until it is taken, so a program that is slow for a
// moment gets a new frame afterwards, not an old one.
#include <optional>
#include <string>
#include <utility>

#include "support/depth_picture.hpp"
#include "support/options.hpp"
#include "support/program.hpp"
#include "support/recordings.hpp"

namespace {

struct settings {
  std::string endpoint, server, address, kinect, save, verify;
  std::uint32_t frames = 0;  // 0: no limit
  double seconds = 0, timeout = 10;
};

// What ends the program early, with an exit status.
struct ending {
  int status;
};

const char *codec_name(kinect2::codec codec) {
  switch (codec) {
    case kinect2::codec::raw: return "raw";
    case kinect2::codec::lz4_packed: return "lz4-packed";
    case kinect2::codec::rvl: return "rvl";
    case kinect2::codec::k2d: return "k2d";
    default: return "unknown";
  }
}

[[noreturn]] void find_nothing(const std::string &what) {
  if (stop_signal_came) throw ending{EXIT_SUCCESS};
  std::fprintf(stderr, "%s\n", what.c_str());
  throw ending{EXIT_NOTHING};
}

// ---- finding a server and its kinect ----

// A client finds its server itself. Only to look on one interface a browser is needed.
std::string find_endpoint(const settings &settings, clock_type::time_point limit) {
  kinect2::browser_options options;
  options.address = settings.address;
  kinect2::browser browser(options);
  browser.start();
  while (running(limit)) {
    const auto event = browser.next_event(tick);
    if (!event || event->type != kinect2::event_type::add_server) continue;
    if (!settings.server.empty() && event->id != settings.server) continue;
    std::printf("found \"%s\" at %s\n", event->id.c_str(), event->text.c_str());
    return event->text;
  }
  find_nothing("no server found");
}

kinect2::client make_client(const settings &settings, clock_type::time_point limit) {
  if (!settings.endpoint.empty()) return kinect2::client(settings.endpoint);
  if (!settings.address.empty()) return kinect2::client(find_endpoint(settings, limit));
  kinect2::client_options options;
  options.server_name = settings.server.empty() ? "*" : settings.server;
  return kinect2::client(options);
}

// Says what happened; waits for the next event, so long at most.
void report(kinect2::client &client, std::chrono::milliseconds timeout) {
  const auto event = client.next_event(timeout);
  if (!event) return;
  switch (event->type) {
    case kinect2::event_type::connect:
      std::printf("connected to \"%s\"\n", client.server_name().c_str());
      break;
    case kinect2::event_type::disconnect:
      std::fprintf(stderr, "server lost (%s), trying again\n", name(event->result));
      break;
    case kinect2::event_type::remove_kinect:
      std::fprintf(stderr, "kinect %s went away\n", event->id.c_str());
      break;
    case kinect2::event_type::error:
      print_error(*event);
      break;
    default:
      break;
  }
}

// Switches on the depth stream of the kinect that is asked for, or of the first that has one. It stays on when server or
// kinect go away and come back.
std::string enable_depth(kinect2::client &client, const std::string &wanted, clock_type::time_point limit) {
  while (running(limit)) {
    report(client, tick);
    for (const std::string &id : client.kinects())
      if ((wanted.empty() || wanted == id) && client.try_enable_depth_frames(id)) return id;
  }
  find_nothing("no kinect with a depth stream found");
}

// ---- receiving ----

class reception {
 public:
  reception(kinect2::client &client, std::string kinect, std::vector<recording> recordings)
      : client_(client), kinect_(std::move(kinect)), recordings_(std::move(recordings)) {}

  int receive(const settings &settings) {
    const auto limit = time_limit(settings.seconds);
    auto patience = time_limit(settings.timeout), reported = clock_type::now();
    while (running(limit) && (settings.frames == 0 || frames_ < settings.frames)) {
      // Without a value none came, which is also so while server or kinect are away.
      if (auto frame = client_.take_frame(kinect2::stream::depth, tick, kinect_)) {
        if (!accept(*std::move(frame))) return EXIT_DIFFERENT;
        patience = time_limit(settings.timeout);
      }
      report(client_, {});
      const auto now = clock_type::now();
      if (now >= patience) {
        std::fprintf(stderr, "no frame for %g seconds\n", settings.timeout);
        return EXIT_NOTHING;
      }
      if (now - reported >= std::chrono::seconds(1)) {
        print_stats(std::chrono::duration<double>(now - reported).count());
        reported = now;
      }
    }
    return frames_ ? EXIT_SUCCESS : EXIT_NOTHING;
  }

  void sum_up(int status) const {
    const auto frames = static_cast<unsigned long long>(frames_);
    if (last_) std::printf("received %llu frames\n", frames);
    if (status == EXIT_SUCCESS && !recordings_.empty()) std::printf("verified %llu frames: bit-exact\n", frames);
  }

  const kinect2::frame &last() const { return last_; }

 private:
  // Keeps the frame as the newest; false: it is not what was recorded.
  bool accept(kinect2::frame frame) {
    last_ = std::move(frame);
    if (frames_++ == 0) print_first();
    return recordings_.empty() || is_recorded(last_, recordings_);
  }

  void print_first() const {
    const kinect2::frame_info &info = last_.info();
    std::printf("kinect %s: depth %ux%u, sequence %llu, codec %s, latency ", kinect_.c_str(), info.width, info.height,
                static_cast<unsigned long long>(info.sequence), codec_name(info.codec));
    if (info.capture_time_local && info.receive_time)
      std::printf("%.2f ms\n", milliseconds(*info.receive_time - *info.capture_time_local));
    else
      std::printf("unknown\n");  // peers of version 1 send no times
  }

  // Rates of the last `seconds`, totals for the rest.
  void print_stats(double seconds) {
    const auto now = client_.try_stats(kinect_, kinect2::stream::depth);
    if (!now) return;  // the kinect is away
    std::printf("fps %.1f  Mbit/s %.1f  lost %llu  dropped %llu  corrupt %llu  latency ",
                static_cast<double>(now->received - before_.received) / seconds,
                static_cast<double>(now->bytes - before_.bytes) * 8e-6 / seconds,
                static_cast<unsigned long long>(now->lost), static_cast<unsigned long long>(now->dropped),
                static_cast<unsigned long long>(now->corrupt));
    if (now->latency_p50 && now->latency_p99)
      std::printf("p50 %.2f ms  p99 %.2f ms\n", milliseconds(*now->latency_p50), milliseconds(*now->latency_p99));
    else
      std::printf("unknown\n");
    before_ = *now;
  }

  kinect2::client &client_;
  std::string kinect_;
  std::vector<recording> recordings_;
  kinect2::client_stats before_;
  kinect2::frame last_;
  std::uint64_t frames_ = 0;
};

std::vector<recording> recordings_to_verify(const std::string &folder) {
  if (folder.empty()) return {};
  try {
    std::vector<recording> recordings = read_recordings(folder);
    for (const recording &each : recordings)
      if (each.layout.stream == kinect2::stream::depth) return recordings;
    std::fprintf(stderr, "%s: no depth recordings to verify with\n", folder.c_str());
  } catch (const std::exception &exception) {
    std::fprintf(stderr, "%s\n", exception.what());
  }
  throw ending{EXIT_USAGE};
}

int run(const settings &settings) {
  auto recordings = recordings_to_verify(settings.verify);
  const auto limit = time_limit(settings.timeout);
  kinect2::client client = make_client(settings, limit);
  client.connect();
  reception reception(client, enable_depth(client, settings.kinect, limit), std::move(recordings));
  const int status = reception.receive(settings);
  reception.sum_up(status);
  if (reception.last() && !settings.save.empty()) save_depth(reception.last(), settings.save);
  return status == EXIT_NOTHING && stop_signal_came ? EXIT_SUCCESS : status;
}

}  // namespace

int main(int argc, char **argv) {
  settings settings;
  bool verbose = false;
  const auto endpoints = parse(
      {"depth_client",
       "Receives depth frames from the server at ENDPOINT (tcp://HOST:PORT), or else from the\n"
       "one of that name, or the first that is found; once a second it prints what it sees.",
       {{"--server", "NAME", "name of the server (the first that is found)", &settings.server},
        {"--address", "A", "look for it on the interface with this address (all)", &settings.address},
        {"--kinect", "ID", "which of the server's kinects (the first)", &settings.kinect},
        {"--frames", "N", "end after N frames (0: on Ctrl-C)", &settings.frames},
        {"--seconds", "S", "end after S seconds of receiving (0: on Ctrl-C)", &settings.seconds},
        {"--timeout", "S", "give up when there is no frame for S seconds (10; 0: never)", &settings.timeout},
        {"--save", "PREFIX", "write the last frame to PREFIX.png and PREFIX-color.png", &settings.save},
        {"--verify", "FOLDER", "every frame must be one of the depth recordings here", &settings.verify},
        {"--verbose", "", "show the library's log", &verbose}},
       "[ENDPOINT]",
       0,
       1},
      argc, argv);
  if (!endpoints.empty()) settings.endpoint = endpoints[0];
  return run_program(verbose, [&] {
    try {
      return run(settings);
    } catch (const ending &early) {
      return early.status;
    }
  });
}
