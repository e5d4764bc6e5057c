/* kinect2_shutdown: everything is destroyed, no callback can run any more, frames stay, and the library works on. */
#include "rig.h"

static atomic_int frames_seen, told;

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *unused) {
  (void)client, (void)id, (void)frame, (void)unused;
  atomic_fetch_add(&frames_seen, 1);
}
static void on_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *unused) {
  (void)client, (void)reason, (void)unused;
  atomic_fetch_add(&told, 1);
}
static void on_log(uint32_t level, const char *message, void *unused) {
  (void)level, (void)message, (void)unused;
  atomic_fetch_add(&told, 1);
}

static void *wait_for_a_frame(void *client) {
  kinect2_frame_t *frame = NULL;
  CHECK_RESULT(kinect2_client_take_frame(client, NULL, KINECT2_STREAM_INFRARED, KINECT2_WAIT_FOREVER, &frame),
               KINECT2_CLOSED);
  return NULL;
}

static void everything_goes_but_frames(void) {
  const unsigned threads = count_threads(), descriptors = count_descriptors();
  struct rig rig = open_rig(new_mock("doomed", 100));
  kinect2_browser_t *browser = NULL;
  kinect2_compressor_t *compressor = NULL;
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_browser_create(NULL, &browser));
  REQUIRE_OK(kinect2_compressor_create(rig.device, KINECT2_STREAM_DEPTH, NULL, &compressor));
  CHECK_OK(kinect2_client_on_frame(rig.client, on_frame, NULL));
  CHECK_OK(kinect2_client_on_disconnect(rig.client, on_disconnect, NULL));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  CHECK_WITHIN(5000, frames_seen > 3);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_DEBUG, on_log, NULL));
  const pthread_t waiting = start_thread(wait_for_a_frame, rig.client);
  sleep_ms(wait_ms(100));
  atomic_store(&told, 0);

  CHECK_OK(kinect2_shutdown());
  const int seen = frames_seen, heard = told;
  pthread_join(waiting, NULL);
  CHECK_RESULT(kinect2_client_connect(rig.client), KINECT2_ERROR_BAD_HANDLE);
  CHECK_RESULT(kinect2_server_start(rig.server), KINECT2_ERROR_BAD_HANDLE);
  CHECK_RESULT(kinect2_device_start(rig.device), KINECT2_ERROR_BAD_HANDLE);
  CHECK_RESULT(kinect2_browser_start(browser), KINECT2_ERROR_BAD_HANDLE);
  CHECK_RESULT(kinect2_compressor_on_compressed_frame(compressor, NULL, NULL), KINECT2_ERROR_BAD_HANDLE);
  CHECK_RESULT(kinect2_client_destroy(rig.client), KINECT2_ERROR_BAD_HANDLE);
  sleep_ms(100);
  CHECK_EQUAL(frames_seen, seen); /* nothing runs any more, the log neither */
  CHECK_EQUAL(told, heard);
  CHECK_WITHIN(2000, count_threads() <= threads);

  CHECK_EQUAL(kinect2_live_objects(), 1); /* the frame, which is as it was */
  CHECK_EQUAL(frame_info(frame).width, SMALL_WIDTH);
  CHECK(first_value(frame) > 0);
  CHECK_OK(kinect2_frame_release(frame));
  CHECK_WITHIN(2000, count_descriptors() <= descriptors);
}

static void the_library_can_be_used_again_at_once(void) {
  for (int i = 0; i < 3; i++) {
    CHECK_OK(kinect2_shutdown());
    CHECK_OK(kinect2_shutdown()); /* with nothing to do */
    struct rig rig = open_rig(new_mock("reborn", 100));
    kinect2_frame_t *frame = NULL;
    CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
    CHECK_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
    CHECK_OK(kinect2_frame_release(frame));
    if (i == 0) close_rig(&rig);
  }
  CHECK_OK(kinect2_shutdown());
}

static void held(kinect2_device_t *device, kinect2_frame_t *frame, void *gate) {
  (void)device, (void)frame;
  pass_gate(gate);
}

static void *open_after_a_while(void *gate) {
  sleep_ms(300);
  atomic_store(&((struct gate *)gate)->open, 1);
  return NULL;
}

static void it_waits_for_running_callbacks(void) {
  struct gate gate = {0};
  kinect2_device_t *device = new_mock("busy", 100);
  CHECK_OK(kinect2_device_on_frame(device, held, &gate));
  CHECK_OK(kinect2_device_start(device));
  CHECK_WITHIN(5000, gate.entered == 1);
  const pthread_t opener = start_thread(open_after_a_while, &gate);
  CHECK_OK(kinect2_shutdown());
  CHECK_EQUAL(gate.left, gate.entered);
  pthread_join(opener, NULL);
}

static atomic_int refused;

static void shuts_down(kinect2_device_t *device, kinect2_frame_t *frame, void *unused) {
  (void)device, (void)frame, (void)unused;
  CHECK_RESULT(kinect2_shutdown(), KINECT2_ERROR_BAD_STATE);
  atomic_store(&refused, 1);
}

static void in_a_callback_it_is_refused(void) {
  kinect2_device_t *device = new_mock("inside", 100);
  CHECK_OK(kinect2_device_on_frame(device, shuts_down, NULL));
  CHECK_OK(kinect2_device_start(device));
  CHECK_WITHIN(5000, refused == 1);
  CHECK_OK(kinect2_device_destroy(device)); /* it is still there */
}

int main(void) {
  RUN(everything_goes_but_frames);
  RUN(the_library_can_be_used_again_at_once);
  RUN(it_waits_for_running_callbacks);
  RUN(in_a_callback_it_is_refused);
  return finish_tests();
}
