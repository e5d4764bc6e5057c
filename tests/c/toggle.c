/* 1000 cycles of disable and enable under load leave a stream that flows, and another client's stream undisturbed. */
#include "rig.h"

enum { CYCLES = 1000 };

static kinect2_client_stats_t stats_of(const kinect2_client_t *client) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(client, "toggled", KINECT2_STREAM_DEPTH, &stats));
  return stats;
}

/* So many frames newer than what waited before, one after the other. */
static void flows(kinect2_client_t *client, int frames) {
  uint64_t last = 0;
  for (int i = 0; i < frames; i++) {
    kinect2_frame_t *frame = NULL;
    REQUIRE_OK(kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, wait_ms(3000), &frame));
    const uint64_t sequence = frame_info(frame).sequence;
    CHECK(i == 0 || sequence > last);
    last = sequence;
    CHECK_OK(kinect2_frame_release(frame));
  }
}

static void a_stream_survives_a_thousand_toggles(void) {
  struct rig rig = open_rig(new_mock("toggled", 300));
  kinect2_client_t *steady = new_client(rig.endpoint);
  CHECK_OK(kinect2_client_enable_depth_frames(steady, NULL));
  connect_client(steady, 1);
  flows(steady, 5);
  const uint64_t received = stats_of(steady).received;
  for (uint32_t cycle = 0; cycle < CYCLES; cycle++) {
    CHECK_OK(kinect2_client_enable_depth_frames(rig.client, rig.id));
    sleep_ms(cycle % 4); /* from "not even connected" to "in the middle of a frame" */
    CHECK_OK(kinect2_client_disable_depth_frames(rig.client, rig.id));
    if (cycle % 3 == 0) sleep_ms(1);
  }
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, rig.id));
  flows(rig.client, 50);
  CHECK_EQUAL(stats_of(rig.client).corrupt, 0);
  CHECK(stats_of(steady).received > received + 100);
  CHECK_EQUAL(stats_of(steady).corrupt, 0);
  wait_for_subscribers(rig.server, rig.id, 2); /* none is forgotten or counted twice */

  CHECK_OK(kinect2_client_disable_depth_frames(rig.client, rig.id));
  CHECK_OK(kinect2_client_disable_depth_frames(rig.client, rig.id)); /* what is not enabled: fine */
  wait_for_subscribers(rig.server, rig.id, 1);
  CHECK_OK(kinect2_client_destroy(steady));
  wait_for_subscribers(rig.server, rig.id, 0);
  close_rig(&rig);
}

static void enabling_twice_is_enabling_once(void) {
  struct rig rig = open_rig(new_mock("toggled", 100));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, rig.id));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, rig.id));
  CHECK_OK(kinect2_client_enable_stream(rig.client, NULL, KINECT2_STREAM_DEPTH, NULL));
  wait_for_subscribers(rig.server, rig.id, 1);
  flows(rig.client, 3);
  CHECK_RESULT(kinect2_client_enable_depth_frames(rig.client, "nobody"), KINECT2_ERROR_NOT_FOUND);
  CHECK_RESULT(kinect2_client_enable_stream(rig.client, rig.id, KINECT2_STREAM_INFRARED, NULL),
               KINECT2_ERROR_UNSUPPORTED);
  close_rig(&rig);
}

static void enabled_lasts_over_disconnect_and_connect(void) {
  struct rig rig = open_rig(new_mock("toggled", 100));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, rig.id));
  flows(rig.client, 3);
  CHECK_OK(kinect2_client_disconnect(rig.client));
  connect_client(rig.client, 1);
  flows(rig.client, 3);
  CHECK_OK(kinect2_client_disable_depth_frames(rig.client, rig.id));
  CHECK_OK(kinect2_client_disconnect(rig.client));
  connect_client(rig.client, 1);
  kinect2_frame_t *frame = NULL;
  CHECK_RESULT(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 300, &frame), KINECT2_TIMEOUT);
  close_rig(&rig);
}

int main(void) {
  RUN(a_stream_survives_a_thousand_toggles);
  RUN(enabling_twice_is_enabling_once);
  RUN(enabled_lasts_over_disconnect_and_connect);
  return finish_tests();
}
