/* Guarantee 7, callbacks: of one handle never two at once, not under a lock and not on the network's thread; a slow one
 * delays the callbacks of its handle and nothing else; the newest frame waits, other calls are kept. */
#include "rig.h"

/* What the callbacks of one client saw. */
struct record {
  struct gate gate;
  atomic_int inside, overlaps, calls, added, removed, connected, disconnected, frames;
  atomic_uint_least64_t sequence, age_ns;
};

static void enter(struct record *record) {
  if (atomic_fetch_add(&record->inside, 1) != 0) atomic_fetch_add(&record->overlaps, 1);
  sleep_ms(1);
  atomic_fetch_add(&record->calls, 1);
  atomic_fetch_sub(&record->inside, 1);
}

static void on_connect(kinect2_client_t *client, void *record) {
  (void)client;
  enter(record);
  atomic_fetch_add(&((struct record *)record)->connected, 1);
}
static void on_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *record) {
  (void)client, (void)reason;
  enter(record);
  atomic_fetch_add(&((struct record *)record)->disconnected, 1);
}
static void on_add(kinect2_client_t *client, const char *id, void *record) {
  (void)client, (void)id;
  enter(record);
  atomic_fetch_add(&((struct record *)record)->added, 1);
}
static void on_remove(kinect2_client_t *client, const char *id, void *record) {
  (void)client, (void)id;
  enter(record);
  atomic_fetch_add(&((struct record *)record)->removed, 1);
}
static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *record) {
  (void)client, (void)id, (void)frame;
  enter(record);
  atomic_fetch_add(&((struct record *)record)->frames, 1);
}
static void on_event(kinect2_client_t *client, const kinect2_event_t *event, void *record) {
  (void)client, (void)event;
  enter(record);
}
static void on_pong(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns, void *record) {
  (void)client, (void)result, (void)round_trip_ns;
  enter(record);
}

static void never_two_at_once(void) {
  struct record record = {.calls = 0};
  struct rig rig = open_rig(new_mock("one", 200));
  CHECK_OK(kinect2_client_on_connect(rig.client, on_connect, &record));
  CHECK_OK(kinect2_client_on_add_kinect(rig.client, on_add, &record));
  CHECK_OK(kinect2_client_on_depth_frame(rig.client, on_frame, &record));
  CHECK_OK(kinect2_client_on_frame(rig.client, on_frame, &record));
  CHECK_OK(kinect2_client_on_event(rig.client, on_event, &record));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  for (int i = 0; i < 100; i++) {
    const kinect2_result_t pinged = kinect2_client_ping(rig.client, on_pong, &record);
    CHECK(pinged == KINECT2_OK || pinged == KINECT2_ERROR_LIMIT);
    sleep_ms(5);
  }
  CHECK_WITHIN(5000, record.calls >= 100);
  close_rig(&rig);
  CHECK_EQUAL(record.overlaps, 0);
}

/* Holds its first call; of the next it notes which frame it is and how old. */
static void on_frame_held(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *argument) {
  (void)client, (void)id;
  struct record *record = argument;
  const kinect2_frame_info_t info = frame_info(frame);
  if (record->frames == 1) {
    atomic_store(&record->sequence, info.sequence);
    atomic_store(&record->age_ns, kinect2_clock_ns() - info.capture_time_local_ns);
  }
  if (atomic_fetch_add(&record->frames, 1) == 0) pass_gate(&record->gate);
}

static void a_slow_callback_delays_nothing_else(void) {
  struct record record = {.calls = 0};
  struct rig rig = open_rig(new_mock("slow", 30));
  kinect2_event_t event = {.struct_size = sizeof event};
  while (kinect2_client_next_event(rig.client, 0, &event) == KINECT2_OK) {
  }
  CHECK_OK(kinect2_client_on_frame(rig.client, on_frame_held, &record));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_WITHIN(5000, record.gate.entered == 1);

  uint64_t last = 0; /* frames go on for pollers, in 4 s past heartbeats and response timeout */
  for (const uint64_t end = deadline_in(4000); now_ns() < end;) {
    kinect2_frame_t *frame = NULL;
    REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(1000), &frame));
    last = frame_info(frame).sequence;
    CHECK_OK(kinect2_frame_release(frame));
  }
  CHECK_OK(kinect2_client_ping(rig.client, on_pong, &record));
  CHECK_OK(kinect2_client_next_event(rig.client, wait_ms(2000), &event)); /* not a disconnect */
  CHECK_EQUAL(event.type, KINECT2_EVENT_PONG);
  CHECK_RESULT(event.result, KINECT2_OK);
  CHECK_EQUAL(record.calls, 0); /* its callback waits */
  CHECK_EQUAL(kinect2_client_is_connected(rig.client), 1);

  atomic_store(&record.gate.open, 1);
  CHECK_WITHIN(2000, record.frames >= 2 && record.calls == 1);
  CHECK(record.sequence >= last); /* the newest, none of the hundred before it */
  CHECK(record.age_ns < (uint64_t)wait_ms(3 * 34 + 50) * 1000000);
  close_rig(&rig);
}

static void *use_the_handle(void *argument) {
  struct rig *rig = argument;
  char text[KINECT2_TEXT_CAPACITY];
  kinect2_event_t event = {.struct_size = sizeof event};
  CHECK_OK(kinect2_client_server_name(rig->client, text, sizeof text, NULL));
  CHECK_OK(kinect2_client_ping(rig->client, NULL, NULL));
  CHECK_OK(kinect2_client_next_event(rig->client, wait_ms(2000), &event));
  CHECK_OK(kinect2_client_disable_depth_frames(rig->client, NULL));
  CHECK_OK(kinect2_client_enable_depth_frames(rig->client, NULL));
  return NULL;
}

static atomic_int used;

static void on_frame_waits_for_a_thread(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *rig) {
  (void)client, (void)id, (void)frame;
  int unused = 0;
  if (!atomic_compare_exchange_strong(&used, &unused, 1)) return;
  pthread_join(start_thread(use_the_handle, rig), NULL);
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_WITHIN(5000, kinect2_client_stats(client, id, KINECT2_STREAM_DEPTH, &stats) == KINECT2_OK && stats.received > 5);
  atomic_store(&used, 2);
}

static void no_lock_is_held_and_the_network_goes_on(void) {
  struct rig rig = open_rig(new_mock("free", 100));
  CHECK_OK(kinect2_client_on_frame(rig.client, on_frame_waits_for_a_thread, &rig));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_WITHIN(8000, used == 2);
  close_rig(&rig);
}

static void on_pong_held(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns, void *record) {
  (void)client, (void)result, (void)round_trip_ns;
  pass_gate(&((struct record *)record)->gate);
}

/* Sets all callbacks and holds them in one. */
static void hold(struct rig *rig, struct record *record) {
  CHECK_OK(kinect2_client_on_connect(rig->client, on_connect, record));
  CHECK_OK(kinect2_client_on_disconnect(rig->client, on_disconnect, record));
  CHECK_OK(kinect2_client_on_add_kinect(rig->client, on_add, record));
  CHECK_OK(kinect2_client_on_remove_kinect(rig->client, on_remove, record));
  CHECK_WITHIN(2000, record->added == 1 && record->connected == 1);
  CHECK_OK(kinect2_client_ping(rig->client, on_pong_held, record));
  CHECK_WITHIN(2000, record->gate.entered == 1);
}

static void waiting_calls_are_not_dropped(void) {
  enum { OTHERS = 5 };
  struct record record = {.calls = 0};
  struct rig rig = open_rig(new_push("first"));
  kinect2_device_t *others[OTHERS];
  hold(&rig, &record);
  for (int i = 0; i < OTHERS; i++) {
    others[i] = new_push(NULL);
    CHECK_OK(kinect2_server_add_kinect(rig.server, others[i]));
    CHECK_WITHIN(5000, kinect2_client_kinect_count(rig.client) == (uint32_t)i + 2);
  }
  CHECK_EQUAL(record.added, 1);
  atomic_store(&record.gate.open, 1);
  CHECK_WITHIN(2000, record.added == 1 + OTHERS);
  close_rig(&rig);
  for (int i = 0; i < OTHERS; i++) CHECK_OK(kinect2_device_destroy(others[i]));
}

static void a_change_and_its_undoing_cancel_out(void) {
  struct record record = {.calls = 0};
  struct rig rig = open_rig(new_push("stays"));
  kinect2_device_t *passing = new_push("passing");
  hold(&rig, &record);
  const int calls = record.calls;
  CHECK_OK(kinect2_server_add_kinect(rig.server, passing));
  CHECK_WITHIN(5000, kinect2_client_kinect_count(rig.client) == 2);
  CHECK_OK(kinect2_server_remove_kinect(rig.server, passing));
  CHECK_WITHIN(5000, kinect2_client_kinect_count(rig.client) == 1);
  atomic_store(&record.gate.open, 1);
  CHECK_WITHIN(2000, record.gate.left == 1);
  sleep_ms(wait_ms(300));
  CHECK_EQUAL(record.calls, calls); /* nobody heard of "passing" */

  CHECK_OK(kinect2_server_add_kinect(rig.server, passing)); /* undone by nothing, it is heard of */
  CHECK_WITHIN(5000, record.added == 2);
  close_rig(&rig);
  CHECK_OK(kinect2_device_destroy(passing));
}

static kinect2_frame_t *kept;

static void on_frame_keep(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *count) {
  (void)client, (void)id;
  if (atomic_fetch_add((atomic_int *)count, 1) == 0) kept = kinect2_frame_retain(frame);
}

static void a_retained_frame_outlives_everything(void) {
  atomic_int count = 0;
  struct rig rig = open_rig(new_mock("kept", 100));
  CHECK_OK(kinect2_client_on_frame(rig.client, on_frame_keep, &count));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_WITHIN(5000, count >= 1);
  close_rig(&rig);
  char id[KINECT2_ID_CAPACITY];
  CHECK_OK(kinect2_frame_kinect_id(kept, id, sizeof id, NULL));
  CHECK_TEXT(id, "kept");
  CHECK_EQUAL(frame_info(kept).size, SMALL_PIXELS * sizeof(uint16_t));
  CHECK(first_value(kept) > 0);
  CHECK_OK(kinect2_frame_release(kept));
}

int main(void) {
  RUN(never_two_at_once);
  RUN(a_slow_callback_delays_nothing_else);
  RUN(no_lock_is_held_and_the_network_goes_on);
  RUN(waiting_calls_are_not_dropped);
  RUN(a_change_and_its_undoing_cancel_out);
  RUN(a_retained_frame_outlives_everything);
  return finish_tests();
}
