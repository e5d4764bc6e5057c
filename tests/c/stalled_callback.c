/* A callback that sleeps for 10 s: no memory grows, other clients lose nothing, nobody is disconnected, and the first
 * frame afterwards is at most 3 periods and 50 ms old. */
#include "rig.h"

enum { PERIOD_MS = 33, STALL_MS = 10000 };

static const uint64_t MEMORY = 10 * 1000 * 1000, MILLISECOND = 1000000;

struct stalled {
  atomic_int calls, disconnects;
  atomic_uint_least64_t age_ns; /* of the first frame after the stall */
};

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *argument) {
  (void)client, (void)id;
  struct stalled *stalled = argument;
  const uint64_t age = kinect2_clock_ns() - frame_info(frame).capture_time_local_ns;
  if (stalled->calls == 1) atomic_store(&stalled->age_ns, age);
  if (atomic_fetch_add(&stalled->calls, 1) == 0) sleep_ms(STALL_MS);
}

static void on_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *argument) {
  (void)client, (void)reason;
  atomic_fetch_add(&((struct stalled *)argument)->disconnects, 1);
}

static kinect2_client_stats_t stats_of(const kinect2_client_t *client) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(client, "full size", KINECT2_STREAM_DEPTH, &stats));
  return stats;
}

static void check_no_disconnect_event(kinect2_client_t *client) {
  kinect2_event_t event = {.struct_size = sizeof event};
  while (kinect2_client_next_event(client, 0, &event) == KINECT2_OK) {
    CHECK(event.type != KINECT2_EVENT_DISCONNECT);
  }
}

static void a_callback_that_sleeps_harms_nobody(void) {
  kinect2_mock_options_t options;
  kinect2_mock_options_init(&options, sizeof options);
  options.id = "full size";
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_mock(&options, &device));
  struct rig rig = open_rig(device);
  kinect2_client_t *other = new_client(rig.endpoint);
  CHECK_OK(kinect2_client_enable_depth_frames(other, NULL));
  connect_client(other, 1);
  for (int i = 0; i < 30; i++) { /* until all has its size */
    kinect2_frame_t *frame = NULL;
    REQUIRE_OK(kinect2_client_take_frame(other, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
    CHECK_OK(kinect2_frame_release(frame));
  }

  struct stalled stalled = {.calls = 0};
  CHECK_OK(kinect2_client_on_disconnect(rig.client, on_disconnect, &stalled));
  CHECK_OK(kinect2_client_on_frame(rig.client, on_frame, &stalled));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_WITHIN(5000, stalled.calls == 1);
  const uint64_t before = resident_bytes();
  const kinect2_client_stats_t at_first = stats_of(other);
  uint64_t largest = before, taken = 0;
  for (const uint64_t end = now_ns() + (STALL_MS - 200) * MILLISECOND; now_ns() < end;) {
    kinect2_frame_t *frame = NULL;
    REQUIRE_OK(kinect2_client_take_frame(other, NULL, KINECT2_STREAM_DEPTH, wait_ms(1000), &frame));
    CHECK_OK(kinect2_frame_release(frame));
    taken++;
    if (resident_bytes() > largest) largest = resident_bytes();
  }
  const kinect2_client_stats_t at_last = stats_of(other);
  CHECK_EQUAL(stalled.calls, 1);
  CHECK_WITHIN(2000, stalled.calls > 1);
  printf("  memory %.1f -> %.1f MB; the other client took %llu frames and lost %llu; first frame %.1f ms old\n",
         (double)before / 1e6, (double)largest / 1e6, (unsigned long long)taken,
         (unsigned long long)(at_last.lost - at_first.lost), (double)stalled.age_ns / 1e6);
  CHECK(largest < before + MEMORY);
  CHECK_EQUAL(at_last.lost - at_first.lost, 0);
  CHECK_EQUAL(at_last.corrupt, 0);
  CHECK(taken >= STALL_MS / PERIOD_MS * 9 / 10 / slowness());
  CHECK(stalled.age_ns <= wait_ms(3 * PERIOD_MS + 50) * MILLISECOND);

  CHECK_EQUAL(kinect2_client_is_connected(rig.client), 1);
  CHECK_EQUAL(stalled.disconnects, 0);
  check_no_disconnect_event(rig.client);
  check_no_disconnect_event(other);
  const kinect2_client_stats_t after = stats_of(rig.client);
  CHECK_EQUAL(after.lost, 0); /* they arrived; newer ones replaced them */
  CHECK(after.dropped > 200 / slowness());
  CHECK_OK(kinect2_client_destroy(other));
  close_rig(&rig);
}

int main(void) {
  RUN(a_callback_that_sleeps_harms_nobody);
  return finish_tests();
}
