/* Without callbacks: poll_fd is readable exactly while there is something to take; events come in their order, each once;
 * a poller who is late is told how much went by. */
#include "rig.h"

static intptr_t descriptor_of(const kinect2_client_t *client, uint32_t what) {
  intptr_t descriptor = -1;
  REQUIRE_OK(kinect2_client_poll_fd(client, what, &descriptor));
  return descriptor;
}

static kinect2_event_t expect(kinect2_client_t *client, uint32_t type) {
  kinect2_event_t event = {.struct_size = sizeof event};
  REQUIRE_OK(kinect2_client_next_event(client, wait_ms(5000), &event));
  CHECK_EQUAL(event.type, type);
  CHECK(event.time_ns > 0 && event.time_ns <= kinect2_clock_ns());
  return event;
}

static void events_are_signalled_while_there_are_any(void) {
  struct rig rig = open_rig(new_push("polled"));
  kinect2_client_t *client = new_client(rig.endpoint);
  kinect2_event_t event = {.struct_size = sizeof event};
  const intptr_t events = descriptor_of(client, KINECT2_POLL_EVENTS);
  CHECK(!readable(events, 0));
  CHECK_RESULT(kinect2_client_next_event(client, KINECT2_WAIT_FOREVER, &event), KINECT2_CLOSED);
  for (int life = 0; life < 2; life++) {
    CHECK_OK(kinect2_client_connect(client));
    CHECK(readable(events, wait_ms(5000)));
    CHECK(readable(events, 0)); /* level-triggered: still */
    expect(client, KINECT2_EVENT_CONNECT);
    event = expect(client, KINECT2_EVENT_ADD_KINECT);
    CHECK_TEXT(event.id, "polled");
    CHECK(!readable(events, 0));
    CHECK_RESULT(kinect2_client_next_event(client, 0, &event), KINECT2_TIMEOUT);
    CHECK_OK(kinect2_client_ping(client, NULL, NULL));
    CHECK(readable(events, wait_ms(5000)));
    event = expect(client, KINECT2_EVENT_PONG);
    CHECK_RESULT(event.result, KINECT2_OK);
    CHECK(event.value > 0);
    CHECK_OK(kinect2_client_disconnect(client));
    CHECK(readable(events, 0));
    event = expect(client, KINECT2_EVENT_REMOVE_KINECT); /* what is left is given out after the end */
    CHECK_TEXT(event.id, "polled");
    event = expect(client, KINECT2_EVENT_DISCONNECT);
    CHECK_RESULT(event.result, KINECT2_OK);
    CHECK_RESULT(kinect2_client_next_event(client, KINECT2_WAIT_FOREVER, &event), KINECT2_CLOSED);
    CHECK_EQUAL(descriptor_of(client, KINECT2_POLL_EVENTS), events); /* for the handle's whole life */
  }
  CHECK_OK(kinect2_client_destroy(client));
  close_rig(&rig);
}

static void frames_are_signalled_while_one_waits(void) {
  struct rig rig = open_rig(new_push("polled"));
  const intptr_t frames = descriptor_of(rig.client, KINECT2_POLL_FRAMES);
  CHECK(frames != descriptor_of(rig.client, KINECT2_POLL_EVENTS));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, rig.id, 1);
  CHECK(!readable(frames, 0));
  for (int i = 0; i < 5; i++) {
    kinect2_frame_t *frame = NULL;
    push_depth(rig.device, (uint16_t)i);
    CHECK(readable(frames, wait_ms(5000)));
    CHECK(readable(frames, 0));
    CHECK_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 0, &frame));
    CHECK_EQUAL(first_value(frame), i);
    CHECK_OK(kinect2_frame_release(frame));
    CHECK(!readable(frames, 0));
    CHECK_RESULT(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 0, &frame), KINECT2_TIMEOUT);
  }
  push_depth(rig.device, 9);
  CHECK(readable(frames, wait_ms(5000)));
  CHECK_OK(kinect2_client_disconnect(rig.client)); /* frames not taken are dropped */
  CHECK(!readable(frames, 0));
  intptr_t descriptor = -1;
  CHECK_RESULT(kinect2_client_poll_fd(rig.client, 0, &descriptor), KINECT2_ERROR_INVALID_ARGUMENT);
  CHECK_RESULT(kinect2_client_poll_fd(rig.client, KINECT2_POLL_EVENTS | KINECT2_POLL_FRAMES, &descriptor),
               KINECT2_ERROR_INVALID_ARGUMENT); /* one of the two */
  CHECK_RESULT(kinect2_server_poll_fd(rig.server, KINECT2_POLL_FRAMES, &descriptor), KINECT2_ERROR_INVALID_ARGUMENT);
  close_rig(&rig);
}

static void push_and_leave(struct rig *rig, intptr_t frames) {
  wait_for_subscribers(rig->server, rig->id, 1);
  push_depth(rig->device, 1);
  CHECK(readable(frames, wait_ms(5000)));
}

static void what_is_dropped_is_not_signalled_any_more(void) {
  struct rig rig = open_rig(new_push("polled"));
  const intptr_t frames = descriptor_of(rig.client, KINECT2_POLL_FRAMES);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  push_and_leave(&rig, frames);
  CHECK_OK(kinect2_client_disable_depth_frames(rig.client, NULL));
  CHECK(!readable(frames, 0));
  wait_for_subscribers(rig.server, rig.id, 0);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  push_and_leave(&rig, frames);
  CHECK_OK(kinect2_server_remove_kinect(rig.server, rig.device));
  CHECK_WITHIN(5000, kinect2_client_kinect_count(rig.client) == 0);
  CHECK(!readable(frames, 0));
  CHECK_OK(kinect2_server_add_kinect(rig.server, rig.device));
  push_and_leave(&rig, frames);
  CHECK_OK(kinect2_server_stop(rig.server));
  CHECK_WITHIN(10000, kinect2_client_is_connected(rig.client) == 0);
  CHECK(!readable(frames, 0));
  CHECK_EQUAL(descriptor_of(rig.client, KINECT2_POLL_FRAMES), frames);
  close_rig(&rig);
}

static void where_nothing_more_will_come_nothing_is_signalled(void) {
  kinect2_client_options_t options;
  kinect2_client_options_init(&options, sizeof options);
  options.reconnect = 0;
  options.response_timeout_ms = 200;
  char nowhere[KINECT2_TEXT_CAPACITY];
  snprintf(nowhere, sizeof nowhere, "tcp://127.0.0.1:%u", free_port());
  kinect2_client_t *client = NULL;
  REQUIRE_OK(kinect2_client_create(nowhere, &options, &client));
  const intptr_t events = descriptor_of(client, KINECT2_POLL_EVENTS);
  const intptr_t frames = descriptor_of(client, KINECT2_POLL_FRAMES);
  kinect2_event_t event = {.struct_size = sizeof event};
  kinect2_frame_t *frame = NULL;
  for (int life = 0; life < 2; life++) {
    CHECK_OK(kinect2_client_connect(client));
    CHECK(readable(events, wait_ms(5000)));
    event = expect(client, KINECT2_EVENT_DISCONNECT); /* this says that it is over, the descriptors do not */
    CHECK_RESULT(event.result, KINECT2_TIMEOUT);
    CHECK_RESULT(kinect2_client_next_event(client, KINECT2_WAIT_FOREVER, &event), KINECT2_CLOSED);
    CHECK_RESULT(kinect2_client_take_frame(client, NULL, KINECT2_STREAM_ALL, KINECT2_WAIT_FOREVER, &frame),
                 KINECT2_CLOSED);
    CHECK(!readable(events, 0) && !readable(frames, 0));
  }
  CHECK_OK(kinect2_client_destroy(client));
}

static void count_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *count) {
  (void)client, (void)id, (void)frame;
  atomic_fetch_add((atomic_int *)count, 1);
}

static void count_event(kinect2_client_t *client, const kinect2_event_t *event, void *count) {
  (void)client, (void)event;
  atomic_fetch_add((atomic_int *)count, 1);
}

static void what_callbacks_got_is_signalled_all_the_same(void) {
  atomic_int frames_called = 0, events_called = 0;
  struct rig rig = open_rig(new_push("polled"));
  const intptr_t frames = descriptor_of(rig.client, KINECT2_POLL_FRAMES);
  const intptr_t events = descriptor_of(rig.client, KINECT2_POLL_EVENTS);
  expect(rig.client, KINECT2_EVENT_CONNECT);
  expect(rig.client, KINECT2_EVENT_ADD_KINECT);
  CHECK_OK(kinect2_client_on_frame(rig.client, count_frame, &frames_called));
  CHECK_OK(kinect2_client_on_event(rig.client, count_event, &events_called));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  push_and_leave(&rig, frames);
  CHECK_WITHIN(2000, frames_called == 1);
  CHECK(readable(frames, 0));
  kinect2_frame_t *frame = NULL;
  CHECK_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 0, &frame));
  CHECK_OK(kinect2_frame_release(frame));
  CHECK(!readable(frames, 0));
  CHECK_OK(kinect2_client_ping(rig.client, NULL, NULL));
  CHECK_WITHIN(2000, events_called == 1);
  CHECK(readable(events, 0));
  expect(rig.client, KINECT2_EVENT_PONG);
  CHECK(!readable(events, 0));
  close_rig(&rig);
}

static void a_server_signals_its_events(void) {
  struct rig rig = open_rig(new_push("polled"));
  kinect2_event_t event = {.struct_size = sizeof event};
  intptr_t events = -1;
  REQUIRE_OK(kinect2_server_poll_fd(rig.server, KINECT2_POLL_EVENTS, &events));
  CHECK(!readable(events, 0));
  for (uint64_t wanted = 2; wanted-- > 0;) {
    if (wanted == 1) CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
    if (wanted == 0) CHECK_OK(kinect2_client_disable_depth_frames(rig.client, NULL));
    CHECK(readable(events, wait_ms(5000)));
    CHECK_OK(kinect2_server_next_event(rig.server, 0, &event));
    CHECK_EQUAL(event.type, KINECT2_EVENT_SUBSCRIBERS);
    CHECK_EQUAL(event.value, wanted);
    CHECK_EQUAL(event.stream, KINECT2_STREAM_DEPTH);
    CHECK_TEXT(event.id, "polled");
    CHECK(!readable(events, 0));
  }
  close_rig(&rig);
}

static void count_pong(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns, void *count) {
  (void)client, (void)result, (void)round_trip_ns;
  atomic_fetch_add((atomic_int *)count, 1);
}

/* Pings as soon as there is room: 64 may wait to be sent. */
static void ping(kinect2_client_t *client, kinect2_client_pong_fn callback, void *user_data) {
  kinect2_result_t result;
  while ((result = kinect2_client_ping(client, callback, user_data)) == KINECT2_ERROR_LIMIT) sleep_ms(1);
  REQUIRE_OK(result);
}

static void who_is_late_is_told_how_much_went_by(void) {
  enum { PINGS = 400, KEPT = 256, BEFORE = 2 /* CONNECT, ADD_KINECT */ };
  struct rig rig = open_rig(new_push("late"));
  for (int i = 0; i < PINGS - 1; i++) ping(rig.client, NULL, NULL);
  atomic_int answered = 0;
  ping(rig.client, count_pong, &answered);
  CHECK_WITHIN(5000, answered == 1); /* answers come in the order of pings: it was the last */
  kinect2_event_t event = expect(rig.client, KINECT2_EVENT_OVERFLOW);
  CHECK_EQUAL(event.value, BEFORE + PINGS - KEPT);
  for (int i = 0; i < KEPT; i++) expect(rig.client, KINECT2_EVENT_PONG);
  CHECK_RESULT(kinect2_client_next_event(rig.client, 0, &event), KINECT2_TIMEOUT);
  close_rig(&rig);
}

static void the_one_that_waits_longest_comes_first(void) {
  struct rig rig = open_rig(new_push("first"));
  kinect2_device_t *second = new_push("second");
  CHECK_OK(kinect2_device_start(second));
  CHECK_OK(kinect2_server_add_kinect(rig.server, second));
  CHECK_WITHIN(5000, kinect2_client_kinect_count(rig.client) == 2);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, "first", 1);
  wait_for_subscribers(rig.server, "second", 1);
  for (int i = 0; i < 6; i++) {
    kinect2_device_t *const order[] = {i % 2 == 0 ? rig.device : second, i % 2 == 0 ? second : rig.device};
    char id[KINECT2_ID_CAPACITY];
    for (int k = 0; k < 2; k++) {
      push_depth(order[k], (uint16_t)k);
      sleep_ms(wait_ms(50));
    }
    for (int k = 0; k < 2; k++) {
      kinect2_frame_t *frame = NULL;
      REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_ALL, wait_ms(2000), &frame));
      CHECK_OK(kinect2_frame_kinect_id(frame, id, sizeof id, NULL));
      CHECK_TEXT(id, (k == 0) == (i % 2 == 0) ? "first" : "second");
      CHECK_OK(kinect2_frame_release(frame));
    }
  }
  close_rig(&rig);
  CHECK_OK(kinect2_device_destroy(second));
}

static atomic_int given;

static void *take_until_none(void *client) {
  kinect2_frame_t *frame = NULL;
  while (kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, wait_ms(500), &frame) == KINECT2_OK) {
    atomic_fetch_add(&given, 1);
    CHECK_OK(kinect2_frame_release(frame));
  }
  return NULL;
}

static void a_frame_is_given_out_once_whoever_asks(void) {
  enum { POLLERS = 4, FRAMES = 30 };
  struct rig rig = open_rig(new_push("once"));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, rig.id, 1);
  pthread_t pollers[POLLERS];
  for (int i = 0; i < POLLERS; i++) pollers[i] = start_thread(take_until_none, rig.client);
  for (int i = 0; i < FRAMES; i++) {
    push_depth(rig.device, (uint16_t)i);
    CHECK_WITHIN(2000, given == i + 1);
  }
  for (int i = 0; i < POLLERS; i++) pthread_join(pollers[i], NULL);
  CHECK_EQUAL(given, FRAMES);
  close_rig(&rig);
}

int main(void) {
  RUN(events_are_signalled_while_there_are_any);
  RUN(frames_are_signalled_while_one_waits);
  RUN(what_is_dropped_is_not_signalled_any_more);
  RUN(where_nothing_more_will_come_nothing_is_signalled);
  RUN(what_callbacks_got_is_signalled_all_the_same);
  RUN(a_server_signals_its_events);
  RUN(who_is_late_is_told_how_much_went_by);
  RUN(the_one_that_waits_longest_comes_first);
  RUN(a_frame_is_given_out_once_whoever_asks);
  return finish_tests();
}
