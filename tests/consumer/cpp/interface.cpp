// One frame of a simulated kinect through the installed C++ interface.
#include <chrono>
#include <future>

#include <streamkinect2.hpp>

bool first_frame_is_right() {
  std::promise<kinect2::frame> first;
  kinect2::mock_device kinect;
  kinect.on_frame([&first, came = false](const kinect2::frame &frame) mutable {
    if (came) return;
    came = true;
    first.set_value(frame);
  });
  kinect.start();
  std::future<kinect2::frame> frame = first.get_future();
  return frame.wait_for(std::chrono::seconds(5)) == std::future_status::ready && frame.get().pixels().size() == 512 * 424;
}
