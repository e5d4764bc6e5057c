// first_program.cpp - finds a server by its name, pings it, and prints what its first kinect's depth frames are.
//
//     first_program SERVER_NAME FRAMES
//
// One line for each frame: `depth SEQUENCE CRC32`, the checksum (zlib's) being that of the pixels as little-endian bytes.
// Ends with 1 if that takes more than 30 s. It is what the tests of the packages run, so it uses the installed interface
// only.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>

#include <streamkinect2.hpp>

namespace {

using std::chrono::milliseconds;

std::uint32_t crc32(kinect2::span<const std::uint16_t> pixels) {
  std::uint32_t crc = 0xFFFFFFFF;
  const auto add = [&crc](std::uint32_t byte) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320 : 0);
  };
  for (const std::uint16_t pixel : pixels) {
    add(pixel & 0xFFu);
    add(pixel >> 8u);
  }
  return ~crc;
}

class deadline {
 public:
  explicit deadline(milliseconds time) : end_(kinect2::monotonic_clock::now() + time) {}
  milliseconds left() const {
    return std::chrono::duration_cast<milliseconds>(end_ - kinect2::monotonic_clock::now());
  }

 private:
  kinect2::time_point end_;
};

[[noreturn]] void give_up(const std::string &what) { throw std::runtime_error("not within 30 s: " + what); }

std::string find(const std::string &name, const deadline &deadline) {
  kinect2::browser browser;
  browser.start();
  while (deadline.left() > milliseconds(0)) {
    const auto event = browser.next_event(deadline.left());
    if (event && event->type == kinect2::event_type::add_server && event->id == name) return event->text;
  }
  give_up("a server called \"" + name + "\"");
}

void ping(kinect2::client &client, const deadline &deadline) {
  auto answered = std::make_shared<std::promise<kinect2::status>>();
  auto answer = answered->get_future();
  client.ping([answered](const auto &round_trip) { answered->set_value(round_trip.code()); });
  if (answer.wait_for(deadline.left()) != std::future_status::ready || answer.get() != kinect2::status::ok)
    give_up("an answer to a ping");
  std::puts("pong");
}

std::string first_kinect(kinect2::client &client, const deadline &deadline) {
  while (deadline.left() > milliseconds(0)) {
    const auto ids = client.kinects();
    if (!ids.empty()) return ids.front();
    (void)client.next_event(deadline.left());
  }
  give_up("a kinect");
}

void run(const std::string &name, long frames) {
  const deadline deadline(std::chrono::seconds(30));
  kinect2::client client(find(name, deadline));
  client.connect();
  ping(client, deadline);
  client.enable_depth_frames(first_kinect(client, deadline));
  for (long i = 0; i < frames; ++i) {
    const auto frame = client.take_frame(kinect2::stream::depth, deadline.left());
    if (!frame) give_up("depth frames");
    std::printf("depth %llu %08x\n", static_cast<unsigned long long>(frame->sequence()), crc32(frame->pixels()));
  }
}

}  // namespace

int main(int argc, char **argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: first_program SERVER_NAME FRAMES\n");
    return EXIT_FAILURE;
  }
  try {
    run(argv[1], std::atol(argv[2]));
    return EXIT_SUCCESS;
  } catch (const std::exception &exception) {
    std::fprintf(stderr, "first_program: %s\n", exception.what());
    return EXIT_FAILURE;
  }
}
