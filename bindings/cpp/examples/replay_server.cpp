// replay_server.cpp - serves recorded frames as if a Kinect sent them, over and over.
//
//     cd bindings/cpp/examples
//     c++ -std=c++17 replay_server.cpp support/recordings.cpp -I../../../include -L../../../target/release
//         -lstreamkinect2 -o replay_server
//
// It is also the pattern for any other source of frames: a push device, to which the host program gives each frame when
// it has one.
#include <algorithm>
#include <optional>
#include <thread>
#include <utility>

#include "support/options.hpp"
#include "support/program.hpp"
#include "support/recordings.hpp"
#include "support/serving.hpp"

namespace {

using kinect2::stream;

// The recordings of one stream.
using track = std::vector<recording>;

track track_of(stream wanted, const std::vector<recording> &recordings) {
  track found;
  for (const recording &each : recordings)
    if (each.layout.stream == wanted) found.push_back(each);
  return found;
}

// Says what is going to come, so that clients know size and rate before the first frame.
void declare(kinect2::push_device &kinect, const track &frames, double rate) {
  if (frames.empty()) return;
  const kinect2::image_layout &first = frames.front().layout;
  kinect2::stream_info info;
  info.stream = first.stream;
  info.format = first.format;
  info.width = first.width;
  info.height = first.height;
  info.frame_rate = rate;
  kinect.declare_stream(info);
}

void push(kinect2::push_device &kinect, const track &frames, std::uint64_t number) {
  if (frames.empty()) return;
  const recording &next = frames[number % frames.size()];
  kinect.push(next.layout, next.pixels);
}

}  // namespace

int main(int argc, char **argv) {
  kinect2::server_options server_options;
  std::string id;
  double seconds = 0, rate = 30;
  std::uint32_t loops = 0;
  bool no_announce = false, verbose = false;
  const auto paths = parse(
      {"replay_server",
       "Serves recorded frames: files, or folders of .u16 files, of raw little-endian 16-bit\n"
       "values. Names with `infrared` are infrared, others depth in millimetres. The size is\n"
       "in the name (_WxH), else 512x424.",
       {{"--name", "N", "name of the server (Kinect on HOST)", &server_options.name},
        {"--address", "A", "numeric address to serve on (all)", &server_options.address},
        {"--port", "P", "control port (any free one)", &server_options.port, 0, 65535},
        {"--data-port", "P", "first of the kinect's four frame ports (any free ones)", &server_options.data_port, 0,
         65535},
        {"--id", "ID", "id of the kinect (made up)", &id},
        {"--rate", "HZ", "frames per second (30)", &rate, 0.1, 1000},
        {"--loops", "N", "end after N rounds (0: on Ctrl-C)", &loops},
        {"--no-announce", "", "do not advertise over Zeroconf", &no_announce},
        {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", &seconds},
        {"--verbose", "", "show the library's log", &verbose}},
       "PATH...",
       1,
       std::numeric_limits<std::size_t>::max()},
      argc, argv);
  server_options.announce = !no_announce;
  return run_program(verbose, [&] {
    std::vector<recording> recordings;
    for (const std::string &path : paths)
      for (recording &each : read_recordings(path)) recordings.push_back(std::move(each));
    const track depth = track_of(stream::depth, recordings), infrared = track_of(stream::infrared, recordings);
    kinect2::push_device kinect(id.empty() ? std::nullopt : std::optional(id));
    kinect2::server server(server_options);
    declare(kinect, depth, rate);
    declare(kinect, infrared, rate);
    server.add_kinect(kinect);
    server.start();
    kinect.start();
    print_serving(server, kinect.id());

    // One round is as many ticks as the stream with the most recordings has.
    const std::uint64_t round = std::max(depth.size(), infrared.size());
    const auto start = clock_type::now(), limit = time_limit(seconds);
    for (std::uint64_t number = 0; running(limit) && (loops == 0 || number < loops * round); ++number) {
      push(kinect, depth, number);
      push(kinect, infrared, number);
      print_server_event(server, {});
      // The next instant counts from the start, so that delays do not add up.
      const std::chrono::duration<double> elapsed(static_cast<double>(number + 1) / rate);
      const auto next = start + std::chrono::duration_cast<clock_type::duration>(elapsed);
      for (auto now = clock_type::now(); now < next && running(limit); now = clock_type::now())
        std::this_thread::sleep_for(std::min<clock_type::duration>(next - now, tick));
    }
    return EXIT_SUCCESS;
  });
}
