// rig.hpp - device, server and client on the loopback interface, made in a line.
#ifndef STREAMKINECT2_TESTS_RIG_HPP
#define STREAMKINECT2_TESTS_RIG_HPP

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"

// The size of small frames, for tests of what happens to frames and not of what is in them.
constexpr std::uint32_t small_width = 64, small_height = 48;

inline kinect2::mock_device small_mock(const std::string &id, double frame_rate) {
  kinect2::mock_options options;
  options.width = small_width;
  options.height = small_height;
  options.frame_rate = frame_rate;
  options.id = id;
  return kinect2::mock_device(options);
}

inline kinect2::push_device small_push(const std::string &id) {
  kinect2::push_device device(id);
  kinect2::stream_info depth;
  depth.stream = kinect2::stream::depth;
  depth.format = kinect2::format::depth16_mm;
  depth.width = small_width;
  depth.height = small_height;
  depth.frame_rate = 30;
  device.declare_stream(depth);
  return device;
}

/// Values that begin with `first` and count up.
inline std::vector<std::uint16_t> counting(std::uint16_t first) {
  std::vector<std::uint16_t> values(small_width * small_height);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint16_t>(first + i);
  return values;
}

/// At 127.0.0.1, without announcing.
inline kinect2::server_options quiet() {
  kinect2::server_options options;
  options.announce = false;
  options.address = "127.0.0.1";
  return options;
}

/// That asks often and waits as long as a slow machine needs.
inline kinect2::client_options patient() {
  kinect2::client_options options;
  options.heartbeat_period = 500ms;
  options.response_timeout = check::stretched(2s);
  return options;
}

/// One device in one server, and a client that is connected to it.
template <class Device>
struct rig {
  explicit rig(Device given) : device(std::move(given)), server(quiet()), id(device.id()) {
    server.add_kinect(device);
    server.start();
    device.start();
    client.emplace(server.endpoint(), patient());
    client->connect();
    REQUIRE_WITHIN(5s, client->is_connected() && client->kinects().size() == 1);
  }

  /// Waits until the server serves so many subscribers of depth.
  void wait_for_subscribers(std::uint32_t subscribers) {
    REQUIRE_WITHIN(5s, server.stats(id, kinect2::stream::depth).subscribers == subscribers);
  }

  Device device;
  kinect2::server server;
  std::string id;
  std::optional<kinect2::client> client;
};

/// A place where a test holds a callback.
struct gate {
  std::atomic<bool> open{false};
  std::atomic<int> entered{0}, left{0};

  void pass() {
    ++entered;
    while (!open) std::this_thread::sleep_for(1ms);
    ++left;
  }
};

#endif
