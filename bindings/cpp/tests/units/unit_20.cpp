// unit_20.cpp - the part of the program that is compiled as C++20, where kinect2::span is std::span.
#include <span>
#include <type_traits>

#include "units.hpp"

static_assert(std::is_same_v<kinect2::span<int>, std::span<int>>);

sums add_up(const kinect2::frame &frame) {
  sums all{};
  for (const auto value : frame.pixels()) all.pixels += value;
  for (std::uint32_t y = 0; y < frame.height(); ++y)
    for (const auto value : frame.row(y)) all.rows += value;
  for (const auto byte : frame.bytes()) all.bytes += std::to_integer<unsigned long>(byte);
  // options by the names of their members
  const kinect2::server server(kinect2::server_options{.announce = false, .name = "Units", .address = "127.0.0.1"});
  return server.name() == "Units" ? all : sums{};
}

void count_frames(kinect2::device &device, std::atomic<int> &count) {
  device.on_frame([&count](const kinect2::frame &frame) { count += frame.row(1)[0] == 260; });
}
