/* Nobody listening: nothing is encoded. Eight listening: each frame is encoded once and sent once. */
#include "rig.h"

enum { SUBSCRIBERS = 8, FRAMES = 60 };

static kinect2_server_stats_t stats_of(const struct rig *rig) {
  kinect2_server_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_server_stats(rig->server, rig->id, KINECT2_STREAM_DEPTH, &stats));
  return stats;
}

static void push_frames(kinect2_device_t *device, int frames) {
  for (int i = 0; i < frames; i++) {
    push_depth(device, (uint16_t)i);
    sleep_ms(wait_ms(15));
  }
}

static void nothing_is_encoded_for_nobody(void) {
  struct rig rig = open_rig(new_push("unseen"));
  push_frames(rig.device, 20);
  CHECK_WITHIN(2000, stats_of(&rig).frames_in == 20);
  kinect2_server_stats_t stats = stats_of(&rig);
  CHECK_EQUAL(stats.subscribers, 0);
  CHECK_EQUAL(stats.encoded, 0);
  CHECK_EQUAL(stats.sent, 0);
  CHECK_EQUAL(stats.bytes, 0);
  CHECK_EQUAL(stats.encode_time_ns, 0);
  CHECK_EQUAL(stats.dropped, 0); /* nobody wanted them */

  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, rig.id, 1);
  push_frames(rig.device, 5);
  CHECK_WITHIN(2000, stats_of(&rig).encoded == 5);
  CHECK_OK(kinect2_client_disable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, rig.id, 0);
  push_frames(rig.device, 5);
  CHECK_WITHIN(2000, stats_of(&rig).frames_in == 30);
  CHECK_EQUAL(stats_of(&rig).encoded, 5); /* and again nothing */
  CHECK_EQUAL(stats_of(&rig).dropped, 0);
  close_rig(&rig);
}

static void each_frame_is_encoded_once_for_all(void) {
  struct rig rig = open_rig(new_push("popular"));
  kinect2_client_t *clients[SUBSCRIBERS];
  for (int i = 0; i < SUBSCRIBERS; i++) {
    clients[i] = new_client(rig.endpoint);
    CHECK_OK(kinect2_client_enable_depth_frames(clients[i], NULL));
    connect_client(clients[i], 1);
  }
  wait_for_subscribers(rig.server, rig.id, SUBSCRIBERS);
  push_frames(rig.device, FRAMES);
  CHECK_WITHIN(2000, stats_of(&rig).encoded + stats_of(&rig).dropped == FRAMES);
  const kinect2_server_stats_t stats = stats_of(&rig);
  CHECK_EQUAL(stats.subscribers, SUBSCRIBERS);
  CHECK_EQUAL(stats.frames_in, FRAMES);
  CHECK(stats.encoded >= FRAMES * 9 / 10);
  CHECK_EQUAL(stats.sent, stats.encoded);
  CHECK(stats.bytes > 0 && stats.bytes <= stats.encoded * SMALL_PIXELS * 4);
  CHECK(stats.encode_time_ns > 0);
  for (int i = 0; i < SUBSCRIBERS; i++) {
    kinect2_client_stats_t received = {.struct_size = sizeof received};
    CHECK_WITHIN(2000, kinect2_client_stats(clients[i], rig.id, KINECT2_STREAM_DEPTH, &received) == KINECT2_OK &&
                           received.received >= FRAMES * 9 / 10);
    CHECK_EQUAL(received.corrupt, 0);
    CHECK_OK(kinect2_client_destroy(clients[i]));
  }
  wait_for_subscribers(rig.server, rig.id, 0);
  close_rig(&rig);
}

static void one_who_leaves_takes_nobody_along(void) {
  struct rig rig = open_rig(new_mock("left", 100));
  kinect2_client_t *staying = new_client(rig.endpoint);
  CHECK_OK(kinect2_client_enable_depth_frames(staying, NULL));
  connect_client(staying, 1);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, rig.id, 2);
  CHECK_OK(kinect2_client_disconnect(rig.client));
  wait_for_subscribers(rig.server, rig.id, 1);
  for (int i = 0; i < 20; i++) {
    kinect2_frame_t *frame = NULL;
    CHECK_OK(kinect2_client_take_frame(staying, NULL, KINECT2_STREAM_DEPTH, wait_ms(2000), &frame));
    CHECK_OK(kinect2_frame_release(frame));
  }
  CHECK_OK(kinect2_client_destroy(staying));
  close_rig(&rig);
}

int main(void) {
  RUN(nothing_is_encoded_for_nobody);
  RUN(each_frame_is_encoded_once_for_all);
  RUN(one_who_leaves_takes_nobody_along);
  return finish_tests();
}
