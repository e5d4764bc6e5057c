// without_exceptions.cpp - compiled with -fno-exceptions -fno-rtti, as some hosts are: the functions with try_ suffice.
#include <atomic>
#include <cstdio>
#include <thread>

#include <streamkinect2.hpp>

int main() {
  kinect2::mock_options options;
  options.frame_rate = 100;
  options.id = "quiet";
  kinect2::result<kinect2::mock_device> made = kinect2::mock_device::try_create(options);
  if (!made) return std::puts(made.text().c_str()), 1;
  kinect2::mock_device device = *std::move(made);
  std::atomic<int> frames{0};
  if (!device.try_on_frame([&](const kinect2::frame &frame) { frames += frame.try_pixels().has_value(); }) ||
      !device.try_start())
    return 1;
  while (frames < 3) std::this_thread::yield();
  options.width = 0;
  const auto refused = kinect2::mock_device::try_create(options);
  const bool fine = refused.code() == kinect2::status::invalid_argument && !refused.text().empty();
  std::puts(fine ? "without exceptions: fine" : "without exceptions: FAILED");
  return fine ? 0 : 1;
}
