/* What counts as lost: gaps in the numbers of a stream that flows, and nothing else - no pause, no time in which the stream
 * was disabled, no restart of device or server. */
#include <inttypes.h>

#include "rig.h"

enum { FEW = 5 };

static kinect2_client_stats_t stats_of(const struct rig *rig) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(rig->client, rig->id, KINECT2_STREAM_DEPTH, &stats));
  return stats;
}

static struct rig open_enabled(void) {
  struct rig rig = open_rig(new_push("counted"));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, rig.id, 1);
  return rig;
}

/* Pushes a frame that arrives, and is called `sequence`. */
static kinect2_frame_info_t pass_one(struct rig *rig, uint64_t sequence) {
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  kinect2_frame_t *frame = NULL;
  push_depth(rig->device, (uint16_t)sequence);
  REQUIRE_OK(kinect2_client_take_frame(rig->client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  info = frame_info(frame);
  CHECK_EQUAL(info.sequence, sequence);
  CHECK_EQUAL(first_value(frame), (uint16_t)sequence);
  CHECK_OK(kinect2_frame_release(frame));
  return info;
}

static void a_device_that_pauses_loses_nothing(void) {
  struct rig rig = open_enabled();
  uint64_t sequence = 0;
  for (const uint32_t *pause = (const uint32_t[]){0, 10, 300, 1200, 3500, 0}, *last = pause + 5; pause < last; pause++) {
    for (int i = 0; i < FEW; i++) CHECK_EQUAL(pass_one(&rig, sequence++).flags, 0);
    sleep_ms(*pause);
  }
  CHECK_EQUAL(stats_of(&rig).received, sequence);
  CHECK_EQUAL(stats_of(&rig).lost, 0);
  CHECK_EQUAL(stats_of(&rig).dropped, 0);
  close_rig(&rig);
}

/* Every frame from the first to the last that came is received or lost. */
static void every_gap_is_counted(void) {
  struct rig rig = open_enabled();
  pass_one(&rig, 0);
  for (int i = 0; i < 2000; i++) push_depth(rig.device, (uint16_t)i); /* more than can be sent */
  sleep_ms(wait_ms(300));
  kinect2_frame_t *frame = NULL;
  push_depth(rig.device, 7);
  uint64_t sequence = 0;
  while (sequence < 2001) {
    REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
    sequence = frame_info(frame).sequence;
    CHECK_OK(kinect2_frame_release(frame));
  }
  const kinect2_client_stats_t stats = stats_of(&rig);
  kinect2_server_stats_t served = {.struct_size = sizeof served};
  CHECK_OK(kinect2_server_stats(rig.server, rig.id, KINECT2_STREAM_DEPTH, &served));
  printf("  %" PRIu64 " received, %" PRIu64 " lost, of these %" PRIu64 " dropped by the server\n", stats.received,
         stats.lost, served.dropped);
  CHECK_EQUAL(stats.received + stats.lost, 2002);
  CHECK(stats.lost >= served.dropped);
  CHECK(stats.lost > 0);
  CHECK_EQUAL(stats.received, stats.delivered + stats.dropped);
  CHECK_EQUAL(stats.corrupt, 0);
  close_rig(&rig);
}

static void what_passes_while_disabled_is_not_lost(void) {
  struct rig rig = open_enabled();
  uint64_t sequence = 0;
  for (int times = 0; times < 3; times++) {
    for (int i = 0; i < FEW; i++) CHECK_EQUAL(pass_one(&rig, sequence++).flags, 0); /* it goes on, so nothing is new */
    CHECK_EQUAL(stats_of(&rig).received, FEW);
    CHECK_EQUAL(stats_of(&rig).lost, 0);
    CHECK_OK(kinect2_client_disable_depth_frames(rig.client, NULL));
    wait_for_subscribers(rig.server, rig.id, 0);
    for (int i = 0; i < FEW; i++) push_depth(rig.device, 0);
    sequence += FEW;
    CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
    wait_for_subscribers(rig.server, rig.id, 1);
  }
  close_rig(&rig);
}

static void what_passes_while_disconnected_is_not_lost(void) {
  struct rig rig = open_enabled();
  for (uint64_t sequence = 0; sequence < 3 * 2 * FEW; sequence += FEW) {
    for (int i = 0; i < FEW; i++) CHECK_EQUAL(pass_one(&rig, sequence++).flags, 0);
    CHECK_OK(kinect2_client_disconnect(rig.client));
    wait_for_subscribers(rig.server, rig.id, 0);
    for (int i = 0; i < FEW; i++) push_depth(rig.device, 0);
    connect_client(rig.client, 1);
    wait_for_subscribers(rig.server, rig.id, 1); /* it stays enabled */
  }
  CHECK_EQUAL(stats_of(&rig).lost, 0);
  close_rig(&rig);
}

static void a_restarted_device_counts_from_0_and_says_so(void) {
  struct rig rig = open_enabled();
  for (uint64_t i = 0; i < 2 * FEW; i++) CHECK_EQUAL(pass_one(&rig, i).flags, 0);
  for (int times = 0; times < 3; times++) {
    CHECK_OK(kinect2_device_stop(rig.device));
    CHECK_OK(kinect2_device_start(rig.device));
    CHECK_EQUAL(pass_one(&rig, 0).flags, KINECT2_FRAME_RESTARTED);
    for (uint64_t i = 1; i < FEW; i++) CHECK_EQUAL(pass_one(&rig, i).flags, 0);
  }
  CHECK_EQUAL(stats_of(&rig).received, (2 + 3) * FEW);
  CHECK_EQUAL(stats_of(&rig).lost, 0);
  close_rig(&rig);
}

static void a_restarted_server_goes_on_counting_and_is_noticed(void) {
  kinect2_server_options_t options = quiet_options();
  options.port = free_port();
  struct rig rig = {.device = new_push("counted"), .id = "counted"};
  REQUIRE_OK(kinect2_server_create(&options, &rig.server));
  REQUIRE_OK(kinect2_server_add_kinect(rig.server, rig.device));
  REQUIRE_OK(kinect2_server_start(rig.server));
  REQUIRE_OK(kinect2_device_start(rig.device));
  control_endpoint(rig.server, rig.endpoint);
  rig.client = new_client(rig.endpoint);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  connect_client(rig.client, 1);
  wait_for_subscribers(rig.server, rig.id, 1);
  uint64_t sequence = 0;
  for (int i = 0; i < FEW; i++) CHECK_EQUAL(pass_one(&rig, sequence++).flags, 0);
  for (int times = 0; times < 3; times++) {
    CHECK_OK(kinect2_server_stop(rig.server));
    for (int i = 0; i < FEW; i++) push_depth(rig.device, 0);
    sequence += FEW;
    CHECK_OK(kinect2_server_start(rig.server));
    wait_for_subscribers(rig.server, rig.id, 1);
    CHECK_EQUAL(pass_one(&rig, sequence++).flags, KINECT2_FRAME_RESTARTED);
    for (int i = 1; i < FEW; i++) CHECK_EQUAL(pass_one(&rig, sequence++).flags, 0);
  }
  CHECK_EQUAL(stats_of(&rig).received, (1 + 3) * FEW);
  CHECK_EQUAL(stats_of(&rig).lost, 0);
  close_rig(&rig);
}

/* Nobody takes the first frame after a restart: the one that replaces it says so instead. */
static void a_restart_is_told_also_to_who_is_slow(void) {
  struct rig rig = open_enabled();
  for (uint64_t i = 0; i < FEW; i++) CHECK_EQUAL(pass_one(&rig, i).flags, 0);
  CHECK_OK(kinect2_device_stop(rig.device));
  CHECK_OK(kinect2_device_start(rig.device));
  const uint64_t received = stats_of(&rig).received;
  for (uint64_t i = 1; i <= 3; i++) {
    push_depth(rig.device, 0);
    CHECK_WITHIN(5000, stats_of(&rig).received == received + i);
  }
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 0, &frame));
  CHECK_EQUAL(frame_info(frame).sequence, 2);
  CHECK_EQUAL(frame_info(frame).flags, KINECT2_FRAME_RESTARTED);
  CHECK_OK(kinect2_frame_release(frame));
  CHECK_EQUAL(pass_one(&rig, 3).flags, 0);
  close_rig(&rig);
}

int main(void) {
  RUN(a_device_that_pauses_loses_nothing);
  RUN(every_gap_is_counted);
  RUN(what_passes_while_disabled_is_not_lost);
  RUN(what_passes_while_disconnected_is_not_lost);
  RUN(a_restarted_device_counts_from_0_and_says_so);
  RUN(a_restarted_server_goes_on_counting_and_is_noticed);
  RUN(a_restart_is_told_also_to_who_is_slow);
  return finish_tests();
}
