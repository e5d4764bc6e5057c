// unit_17.cpp - the part of the program that is compiled as C++17, where kinect2::span is the header's own.
#include <atomic>
#include <cstdio>
#include <thread>
#include <vector>

#include "units.hpp"

int main() {
  const std::vector<std::uint16_t> values{1, 2, 3, 260, 5, 6};
  const kinect2::frame frame = kinect2::frame::copy(kinect2::image_layout::depth(3, 2), values);
  const sums sums = add_up(frame);
  std::atomic<int> count{0};
  kinect2::push_device device("units");
  count_frames(device, count);
  device.start();
  device.push(frame);
  while (count == 0) std::this_thread::yield();
  // replaced here: what was set there is freed here
  device.on_frame([&count](const kinect2::frame &again) { count += again.pixels()[5]; });
  device.push(frame);
  while (count < 7) std::this_thread::yield();
  device.reset();
  const bool fine = sums.pixels == 277 && sums.rows == 277 && sums.bytes == 22 && frame.pixels()[3] == 260;
  std::puts(fine ? "units of two standards: fine" : "units of two standards: FAILED");
  return fine ? 0 : 1;
}
