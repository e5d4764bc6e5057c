/* Guarantee 11: callbacks and polling may be mixed; each frame and each event goes to the callbacks and to the poller. */
#include "rig.h"

enum { FRAMES = 30 };

/* What one of the two ways brought, in its order. */
struct way {
  atomic_int count;
  uint64_t sequences[FRAMES];
};

static void note(struct way *way, uint64_t sequence) {
  if (way->count < FRAMES) way->sequences[way->count] = sequence;
  atomic_fetch_add(&way->count, 1);
}

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *way) {
  (void)client, (void)id;
  note(way, frame_info(frame).sequence);
}

static void each_frame_goes_both_ways(void) {
  static struct way called, also_called, polled;
  kinect2_device_t *device = new_push("mixed");
  struct rig rig = open_rig(device);
  CHECK_OK(kinect2_client_on_depth_frame(rig.client, on_frame, &called));
  CHECK_OK(kinect2_client_on_frame(rig.client, on_frame, &also_called));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, rig.id, 1);
  for (int i = 0; i < FRAMES; i++) {
    kinect2_frame_t *frame = NULL;
    push_depth(device, (uint16_t)i);
    REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
    CHECK_EQUAL(first_value(frame), i);
    note(&polled, frame_info(frame).sequence);
    CHECK_OK(kinect2_frame_release(frame));
    CHECK_WITHIN(2000, called.count == i + 1 && also_called.count == i + 1);
  }
  CHECK(memcmp(called.sequences, polled.sequences, sizeof polled.sequences) == 0);
  CHECK(memcmp(also_called.sequences, polled.sequences, sizeof polled.sequences) == 0);
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(rig.client, rig.id, KINECT2_STREAM_DEPTH, &stats));
  CHECK_EQUAL(stats.received, FRAMES);
  CHECK_EQUAL(stats.delivered, FRAMES); /* a frame that went both ways is one */
  CHECK_EQUAL(stats.taken, FRAMES);
  CHECK_EQUAL(stats.dropped, 0);
  close_rig(&rig);
}

static void on_event(kinect2_client_t *client, const kinect2_event_t *event, void *way) {
  (void)client;
  note(way, event->type);
}
static void on_server_event(kinect2_server_t *server, const kinect2_event_t *event, void *way) {
  (void)server;
  note(way, event->type);
}
static void on_connect(kinect2_client_t *client, void *way) {
  (void)client;
  note(way, KINECT2_EVENT_CONNECT);
}
static void on_add(kinect2_client_t *client, const char *id, void *way) {
  (void)client, (void)id;
  note(way, KINECT2_EVENT_ADD_KINECT);
}
static void on_pong(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns, void *way) {
  (void)client, (void)result, (void)round_trip_ns;
  note(way, KINECT2_EVENT_PONG);
}

static void each_event_goes_all_ways(void) {
  static struct way called, told, served;
  struct rig rig = open_rig(new_push("mixed"));
  CHECK_OK(kinect2_server_on_event(rig.server, on_server_event, &served));
  kinect2_client_t *client = new_client(rig.endpoint);
  CHECK_OK(kinect2_client_on_event(client, on_event, &called));
  CHECK_OK(kinect2_client_on_connect(client, on_connect, &told));
  CHECK_OK(kinect2_client_on_add_kinect(client, on_add, &told));
  connect_client(client, 1);
  CHECK_OK(kinect2_client_ping(client, on_pong, &told));

  static const uint32_t expected[] = {KINECT2_EVENT_CONNECT, KINECT2_EVENT_ADD_KINECT, KINECT2_EVENT_PONG};
  kinect2_event_t event = {.struct_size = sizeof event};
  for (int i = 0; i < 3; i++) {
    REQUIRE_OK(kinect2_client_next_event(client, wait_ms(5000), &event));
    CHECK_EQUAL(event.type, expected[i]);
    CHECK_WITHIN(2000, called.count > i && told.count > i);
    CHECK_EQUAL(called.sequences[i], expected[i]);
    CHECK_EQUAL(told.sequences[i], expected[i]);
  }
  CHECK_OK(kinect2_client_enable_depth_frames(client, NULL));
  REQUIRE_OK(kinect2_server_next_event(rig.server, wait_ms(5000), &event));
  CHECK_EQUAL(event.type, KINECT2_EVENT_SUBSCRIBERS);
  CHECK_TEXT(event.id, rig.id);
  CHECK_EQUAL(event.stream, KINECT2_STREAM_DEPTH);
  CHECK_EQUAL(event.value, 1);
  CHECK_WITHIN(2000, served.count >= 1);
  CHECK_EQUAL(served.sequences[0], KINECT2_EVENT_SUBSCRIBERS);
  CHECK_OK(kinect2_client_destroy(client));
  close_rig(&rig);
}

int main(void) {
  RUN(each_frame_goes_both_ways);
  RUN(each_event_goes_all_ways);
  return finish_tests();
}
