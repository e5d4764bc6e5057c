/* Guarantee 7, what waits behind a slow callback: events in a bounded queue, and a loss that was made good meanwhile is
 * not told. */
#include "rig.h"

struct record {
  struct gate gate;
  atomic_int connected, disconnected, added, removed, events, first_type;
  atomic_uint_least64_t overflow;
};

static void on_connect(kinect2_client_t *client, void *record) {
  (void)client;
  atomic_fetch_add(&((struct record *)record)->connected, 1);
}
static void on_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *record) {
  (void)client, (void)reason;
  atomic_fetch_add(&((struct record *)record)->disconnected, 1);
}
static void on_add(kinect2_client_t *client, const char *id, void *record) {
  (void)client, (void)id;
  atomic_fetch_add(&((struct record *)record)->added, 1);
}
static void on_remove(kinect2_client_t *client, const char *id, void *record) {
  (void)client, (void)id;
  atomic_fetch_add(&((struct record *)record)->removed, 1);
}
static void on_pong_held(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns, void *record) {
  (void)client, (void)result, (void)round_trip_ns;
  pass_gate(&((struct record *)record)->gate);
}

static void expect_event(kinect2_client_t *client, uint32_t type) {
  kinect2_event_t event = {.struct_size = sizeof event};
  REQUIRE_OK(kinect2_client_next_event(client, wait_ms(10000), &event));
  CHECK_EQUAL(event.type, type);
}

static void loss_and_return_cancel_out(void) {
  struct record record = {.connected = 0};
  kinect2_server_options_t options = quiet_options();
  options.port = free_port();
  kinect2_device_t *device = new_push("returning");
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(&options, &server));
  REQUIRE_OK(kinect2_server_add_kinect(server, device));
  REQUIRE_OK(kinect2_server_start(server));
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(server, endpoint);
  kinect2_client_t *client = new_client(endpoint);
  CHECK_OK(kinect2_client_on_connect(client, on_connect, &record));
  CHECK_OK(kinect2_client_on_disconnect(client, on_disconnect, &record));
  CHECK_OK(kinect2_client_on_add_kinect(client, on_add, &record));
  CHECK_OK(kinect2_client_on_remove_kinect(client, on_remove, &record));
  connect_client(client, 1);
  expect_event(client, KINECT2_EVENT_CONNECT);
  expect_event(client, KINECT2_EVENT_ADD_KINECT);
  CHECK_WITHIN(2000, record.connected == 1 && record.added == 1);

  CHECK_OK(kinect2_client_ping(client, on_pong_held, &record));
  CHECK_WITHIN(2000, record.gate.entered == 1);
  expect_event(client, KINECT2_EVENT_PONG);
  CHECK_OK(kinect2_server_stop(server));
  expect_event(client, KINECT2_EVENT_REMOVE_KINECT); /* the poller hears of both, for it nothing waits */
  expect_event(client, KINECT2_EVENT_DISCONNECT);
  CHECK_OK(kinect2_server_start(server));
  expect_event(client, KINECT2_EVENT_CONNECT);
  expect_event(client, KINECT2_EVENT_ADD_KINECT);
  atomic_store(&record.gate.open, 1);
  CHECK_WITHIN(2000, record.gate.left == 1);
  sleep_ms(wait_ms(300));
  CHECK_EQUAL(record.removed, 0);
  CHECK_EQUAL(record.disconnected, 0);
  CHECK_EQUAL(record.connected, 1);
  CHECK_EQUAL(record.added, 1);
  CHECK_OK(kinect2_client_destroy(client));
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_OK(kinect2_device_destroy(device));
}

static void on_event_held(kinect2_client_t *client, const kinect2_event_t *event, void *argument) {
  (void)client;
  struct record *record = argument;
  if (atomic_fetch_add(&record->events, 1) == 0) pass_gate(&record->gate);
  if (record->events == 2) atomic_store(&record->first_type, (int)event->type);
  if (event->type == KINECT2_EVENT_OVERFLOW) atomic_fetch_add(&record->overflow, event->value);
}

static void on_event_is_bounded_as_its_queue_is(void) {
  enum { ROUNDS = 20, PINGS = 30 };
  struct record record = {.events = 0};
  struct rig rig = open_rig(new_push("talkative"));
  expect_event(rig.client, KINECT2_EVENT_CONNECT);
  expect_event(rig.client, KINECT2_EVENT_ADD_KINECT);
  CHECK_OK(kinect2_client_on_event(rig.client, on_event_held, &record));
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < PINGS; i++) CHECK_OK(kinect2_client_ping(rig.client, NULL, NULL));
    for (int i = 0; i < PINGS; i++) expect_event(rig.client, KINECT2_EVENT_PONG); /* the poller keeps up */
  }
  CHECK_EQUAL(record.gate.entered, 1);
  atomic_store(&record.gate.open, 1);
  /* the one that was held, one that says how many are gone, and the last 256 */
  CHECK_WITHIN(5000, record.events == 2 + 256);
  CHECK_EQUAL(record.first_type, KINECT2_EVENT_OVERFLOW);
  CHECK_EQUAL(record.overflow, ROUNDS * PINGS - 1 - 256);
  close_rig(&rig);
}

int main(void) {
  RUN(loss_and_return_cancel_out);
  RUN(on_event_is_bounded_as_its_queue_is);
  return finish_tests();
}
