/* Uses the installed library from C: its version, and one frame of a simulated kinect. */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <threads.h>

#include <streamkinect2.h>

static void on_frame(kinect2_device_t *device, kinect2_frame_t *frame, void *user_data) {
  (void)device;
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  if (kinect2_frame_info(frame, &info) == KINECT2_OK && info.width == 512 && info.height == 424)
    atomic_store((atomic_bool *)user_data, true);
}

int main(void) {
  printf("C, library %s, header %d.%d.%d\n", kinect2_version_string(), KINECT2_VERSION_MAJOR,
         KINECT2_VERSION_MINOR, KINECT2_VERSION_PATCH);
  atomic_bool came = false;
  kinect2_device_t *kinect = NULL;
  if (kinect2_device_create_mock(NULL, &kinect) != KINECT2_OK ||
      kinect2_device_on_frame(kinect, on_frame, &came) != KINECT2_OK ||
      kinect2_device_start(kinect) != KINECT2_OK)
    return 1;
  for (int i = 0; i < 500 && !atomic_load(&came); i++)
    thrd_sleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
  if (kinect2_device_destroy(kinect) != KINECT2_OK) return 1;
  puts(atomic_load(&came) ? "a frame came" : "no frame came");
  return !atomic_load(&came);
}
