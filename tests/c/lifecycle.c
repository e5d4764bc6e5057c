/* Create, start, connect, one frame, stop, destroy, again and again: nothing grows.
 * Arguments: cycles without announcing (1000) and with (30). */
#include "rig.h"

static kinect2_server_t *serve(kinect2_device_t *device, uint32_t announce) {
  kinect2_server_options_t options = quiet_options();
  options.announce = announce;
  options.name = "Lifecycle";
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(&options, &server));
  REQUIRE_OK(kinect2_server_add_kinect(server, device));
  REQUIRE_OK(kinect2_server_start(server));
  REQUIRE_OK(kinect2_device_start(device));
  return server;
}

static void live_once(uint32_t announce) {
  kinect2_device_t *device = new_mock("once", 1000);
  kinect2_server_t *server = serve(device, announce);
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(server, endpoint);
  kinect2_client_t *client = new_client(endpoint);
  REQUIRE_OK(kinect2_client_enable_depth_frames(client, NULL)); /* every kinect, now and later */
  REQUIRE_OK(kinect2_client_connect(client));
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, wait_ms(10000), &frame));
  CHECK_EQUAL(frame_info(frame).width, SMALL_WIDTH);
  REQUIRE_OK(kinect2_frame_release(frame));
  REQUIRE_OK(kinect2_client_disconnect(client));
  REQUIRE_OK(kinect2_server_stop(server));
  REQUIRE_OK(kinect2_device_stop(device));
  REQUIRE_OK(kinect2_client_destroy(client));
  REQUIRE_OK(kinect2_server_destroy(server));
  REQUIRE_OK(kinect2_device_destroy(device));
  CHECK_EQUAL(kinect2_live_objects(), 0);
}

static void live_often(unsigned cycles, uint32_t announce) {
  if (cycles == 0) return;
  const unsigned warm_up = cycles / 10 + 1;
  for (unsigned i = 0; i < warm_up; i++) live_once(announce);
  const unsigned threads = count_threads(), descriptors = count_descriptors();
  const uint64_t memory = resident_bytes();
  for (unsigned i = warm_up; i < cycles; i++) live_once(announce);
  CHECK_WITHIN(2000, count_threads() <= threads);
  CHECK_WITHIN(2000, count_descriptors() <= descriptors);
  const uint64_t memory_after = resident_bytes();
  printf("  threads %u -> %u, descriptors %u -> %u, memory %.1f -> %.1f MB\n", threads, count_threads(), descriptors,
         count_descriptors(), (double)memory / 1e6, (double)memory_after / 1e6);
  /* a leak of 4 kB a cycle shows; the allocator's arenas settle within the rest */
  if (cycles >= 500 && slowness() <= 1.0) CHECK(memory_after < memory + 4096 * (uint64_t)(cycles - warm_up));
}

static unsigned quiet_cycles = 1000, announced_cycles = 30;

static void without_announcing(void) { live_often(quiet_cycles, 0); }
static void with_announcing(void) { live_often(announced_cycles, 1); }

int main(int count, char **arguments) {
  if (count > 1) quiet_cycles = (unsigned)strtoul(arguments[1], NULL, 10);
  if (count > 2) announced_cycles = (unsigned)strtoul(arguments[2], NULL, 10);
  RUN(without_announcing);
  RUN(with_announcing);
  return finish_tests();
}
