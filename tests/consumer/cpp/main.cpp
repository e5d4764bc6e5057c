// Uses the installed library from C++: its version, and one frame of a simulated kinect, through the C interface here and
// through the C++ one in interface.cpp.
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>

#include <streamkinect2.h>

bool first_frame_is_right();

namespace {

struct Destroy {
  void operator()(kinect2_device_t *device) const { kinect2_device_destroy(device); }
};

struct FirstFrame {
  std::promise<bool> right;
  bool came = false;
};

void on_frame(kinect2_device_t *, kinect2_frame_t *frame, void *user_data) {
  auto &first = *static_cast<FirstFrame *>(user_data);
  if (first.came) return;  // callbacks of one handle never run at the same time
  first.came = true;
  kinect2_frame_info_t info{};
  info.struct_size = sizeof info;
  first.right.set_value(kinect2_frame_info(frame, &info) == KINECT2_OK && info.width == 512 &&
                        info.height == 424);
}

}  // namespace

int main() {
  std::printf("C++, library %s, header %d.%d.%d\n", kinect2_version_string(),
              KINECT2_VERSION_MAJOR, KINECT2_VERSION_MINOR, KINECT2_VERSION_PATCH);
  FirstFrame first;
  auto right = first.right.get_future();
  kinect2_device_t *created = nullptr;
  if (kinect2_device_create_mock(nullptr, &created) != KINECT2_OK) return 1;
  std::unique_ptr<kinect2_device_t, Destroy> kinect(created);
  if (kinect2_device_on_frame(kinect.get(), on_frame, &first) != KINECT2_OK ||
      kinect2_device_start(kinect.get()) != KINECT2_OK)
    return 1;
  bool fine = right.wait_for(std::chrono::seconds(5)) == std::future_status::ready && right.get();
  fine = fine && first_frame_is_right();
  std::puts(fine ? "frames came" : "no frame came");
  return fine ? 0 : 1;
}
