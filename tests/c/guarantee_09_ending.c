/* Guarantee 9: stop, disconnect and destroy return when the last callback of what they end has returned; destroy is
 * silent; a second destroy is refused at once. */
#include "rig.h"

static void *open_after_a_while(void *gate) {
  sleep_ms(300);
  atomic_store(&((struct gate *)gate)->open, 1);
  return NULL;
}

static void device_frame(kinect2_device_t *device, kinect2_frame_t *frame, void *gate) {
  (void)device, (void)frame;
  pass_gate(gate);
}
static void client_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *gate) {
  (void)client, (void)id, (void)frame;
  pass_gate(gate);
}
static void client_event(kinect2_client_t *client, const kinect2_event_t *event, void *gate) {
  (void)client, (void)event;
  pass_gate(gate);
}
static void server_event(kinect2_server_t *server, const kinect2_event_t *event, void *gate) {
  (void)server, (void)event;
  pass_gate(gate);
}
static void compressed(kinect2_compressor_t *compressor, const void *data, size_t size,
                       const kinect2_frame_info_t *info, void *gate) {
  (void)compressor, (void)data, (void)size, (void)info;
  pass_gate(gate);
}
static void server_found(kinect2_browser_t *browser, const kinect2_server_info_t *server, void *gate) {
  (void)browser, (void)server;
  pass_gate(gate);
}

static kinect2_result_t stop_device(void *handle) { return kinect2_device_stop(handle); }
static kinect2_result_t destroy_device(void *handle) { return kinect2_device_destroy(handle); }
static kinect2_result_t stop_server(void *handle) { return kinect2_server_stop(handle); }
static kinect2_result_t destroy_server(void *handle) { return kinect2_server_destroy(handle); }
static kinect2_result_t disconnect(void *handle) { return kinect2_client_disconnect(handle); }
static kinect2_result_t destroy_client(void *handle) { return kinect2_client_destroy(handle); }
static kinect2_result_t destroy_compressor(void *handle) { return kinect2_compressor_destroy(handle); }
static kinect2_result_t stop_browser(void *handle) { return kinect2_browser_stop(handle); }
static kinect2_result_t destroy_browser(void *handle) { return kinect2_browser_destroy(handle); }

/* With a callback held at the gate: `end` returns after it was let go, and no other begins. */
static void waits_and_then_is_quiet(struct gate *gate, kinect2_result_t (*end)(void *), void *handle) {
  CHECK_WITHIN(10000, gate->entered >= 1);
  const pthread_t opener = start_thread(open_after_a_while, gate);
  CHECK_OK(end(handle));
  CHECK_EQUAL(gate->open, 1);
  CHECK_EQUAL(gate->left, gate->entered);
  const int calls = gate->entered;
  sleep_ms(50);
  CHECK_EQUAL(gate->entered, calls);
  pthread_join(opener, NULL);
}

static void device_stop_and_destroy_wait(void) {
  struct gate stopping = {0}, destroying = {0};
  kinect2_device_t *device = new_mock("ending", 100);
  CHECK_OK(kinect2_device_on_frame(device, device_frame, &stopping));
  CHECK_OK(kinect2_device_start(device));
  waits_and_then_is_quiet(&stopping, stop_device, device);
  CHECK_OK(kinect2_device_on_frame(device, device_frame, &destroying));
  CHECK_OK(kinect2_device_start(device));
  waits_and_then_is_quiet(&destroying, destroy_device, device);
}

static void server_stop_and_destroy_wait(void) {
  struct gate stopping = {0}, destroying = {0};
  struct rig rig = open_rig(new_push("ending"));
  CHECK_OK(kinect2_server_on_event(rig.server, server_event, &stopping));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL)); /* an event: a subscriber */
  waits_and_then_is_quiet(&stopping, stop_server, rig.server);
  CHECK_OK(kinect2_client_destroy(rig.client));
  CHECK_OK(kinect2_server_on_event(rig.server, server_event, &destroying));
  CHECK_OK(kinect2_server_start(rig.server));
  control_endpoint(rig.server, rig.endpoint);
  rig.client = new_client(rig.endpoint);
  connect_client(rig.client, 1);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  waits_and_then_is_quiet(&destroying, destroy_server, rig.server);
  rig.server = NULL;
  close_rig(&rig);
}

static void disconnect_and_destroy_of_a_client_wait(void) {
  struct gate disconnecting = {0}, destroying = {0};
  struct rig rig = open_rig(new_mock("ending", 100));
  CHECK_OK(kinect2_client_on_frame(rig.client, client_frame, &disconnecting));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  waits_and_then_is_quiet(&disconnecting, disconnect, rig.client);
  CHECK_OK(kinect2_client_on_frame(rig.client, NULL, NULL));
  CHECK_OK(kinect2_client_on_event(rig.client, client_event, &destroying));
  connect_client(rig.client, 1);
  waits_and_then_is_quiet(&destroying, destroy_client, rig.client); /* with events that wait for their callback */
  rig.client = NULL;
  close_rig(&rig);
}

struct ending {
  kinect2_client_t *client;
  atomic_int times;
};

enum { ENDINGS = 20 };

static void *connect_and_disconnect(void *argument) {
  struct ending *ending = argument;
  for (int i = 0; i < ENDINGS; i++) {
    connect_client(ending->client, 1);
    CHECK_OK(kinect2_client_disconnect(ending->client));
    atomic_fetch_add(&ending->times, 1);
  }
  return NULL;
}

/* What is told at the end has no callback here: there is nothing to wait for. */
static void disconnect_returns_where_only_frames_have_a_callback(void) {
  struct gate open = {.open = 1};
  struct rig rig = open_rig(new_push("ending"));
  CHECK_OK(kinect2_client_disconnect(rig.client));
  CHECK_OK(kinect2_client_on_frame(rig.client, client_frame, &open));
  struct ending ending = {.client = rig.client};
  const pthread_t thread = start_thread(connect_and_disconnect, &ending);
  REQUIRE_WITHIN(20000, ending.times == ENDINGS);
  pthread_join(thread, NULL);
  close_rig(&rig);
}

static void compressor_destroy_waits(void) {
  struct gate gate = {0};
  kinect2_device_t *device = new_mock("ending", 100);
  kinect2_compressor_t *compressor = NULL;
  REQUIRE_OK(kinect2_compressor_create(device, KINECT2_STREAM_DEPTH, NULL, &compressor));
  CHECK_OK(kinect2_compressor_on_compressed_frame(compressor, compressed, &gate));
  CHECK_OK(kinect2_device_start(device));
  waits_and_then_is_quiet(&gate, destroy_compressor, compressor);
  CHECK_OK(kinect2_device_destroy(device));
}

static void browser_stop_and_destroy_wait(void) {
  struct gate stopping = {0}, destroying = {0};
  kinect2_server_options_t options = quiet_options();
  options.announce = 1;
  options.name = "To be found";
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(&options, &server));
  REQUIRE_OK(kinect2_server_start(server));
  kinect2_browser_options_t browsing;
  kinect2_browser_options_init(&browsing, sizeof browsing);
  browsing.address = "127.0.0.1";
  kinect2_browser_t *browser = NULL;
  REQUIRE_OK(kinect2_browser_create(&browsing, &browser));
  CHECK_OK(kinect2_browser_on_remove_server(browser, server_found, &stopping)); /* stop forgets without a call */
  CHECK_OK(kinect2_browser_on_add_server(browser, server_found, &stopping));
  CHECK_OK(kinect2_browser_start(browser));
  waits_and_then_is_quiet(&stopping, stop_browser, browser);
  CHECK_EQUAL(kinect2_browser_server_count(browser), 0);
  CHECK_OK(kinect2_browser_on_add_server(browser, server_found, &destroying));
  CHECK_OK(kinect2_browser_start(browser));
  waits_and_then_is_quiet(&destroying, destroy_browser, browser);
  CHECK_OK(kinect2_server_destroy(server));
}

/* The order in which a client's callbacks tell of an end. */
struct order {
  atomic_int removed, disconnected, reason;
};

static void on_remove(kinect2_client_t *client, const char *id, void *order) {
  (void)client, (void)id;
  CHECK_EQUAL(((struct order *)order)->disconnected, 0);
  atomic_fetch_add(&((struct order *)order)->removed, 1);
}
static void on_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *order) {
  (void)client;
  CHECK_EQUAL(((struct order *)order)->removed, 1);
  atomic_store(&((struct order *)order)->reason, reason);
  sleep_ms(100);
  atomic_fetch_add(&((struct order *)order)->disconnected, 1);
}

static void disconnect_tells_before_it_returns_destroy_never(void) {
  struct order order = {.reason = -99};
  struct rig rig = open_rig(new_push("told"));
  CHECK_OK(kinect2_client_on_remove_kinect(rig.client, on_remove, &order));
  CHECK_OK(kinect2_client_on_disconnect(rig.client, on_disconnect, &order));
  CHECK_OK(kinect2_client_disconnect(rig.client));
  CHECK_EQUAL(order.removed, 1);
  CHECK_EQUAL(order.disconnected, 1);
  CHECK_EQUAL(order.reason, KINECT2_OK);
  CHECK_EQUAL(kinect2_client_is_connected(rig.client), 0);
  connect_client(rig.client, 1);
  CHECK_OK(kinect2_client_destroy(rig.client));
  CHECK_EQUAL(order.removed, 1);
  CHECK_EQUAL(order.disconnected, 1);
  rig.client = NULL;
  close_rig(&rig);
}

static void *destroy_in_a_thread(void *device) {
  CHECK_OK(kinect2_device_destroy(device));
  return NULL;
}

static void a_second_destroy_is_refused_at_once(void) {
  struct gate gate = {0};
  kinect2_device_t *device = new_mock("twice", 100);
  CHECK_OK(kinect2_device_on_frame(device, device_frame, &gate));
  CHECK_OK(kinect2_device_start(device));
  CHECK_WITHIN(5000, gate.entered == 1);
  const pthread_t first = start_thread(destroy_in_a_thread, device);
  sleep_ms(wait_ms(200)); /* the first now waits for the callback */
  CHECK_RESULT(kinect2_device_destroy(device), KINECT2_ERROR_BAD_HANDLE);
  CHECK_EQUAL(gate.left, 0);
  CHECK_EQUAL(kinect2_live_objects(), 1); /* destroyed, but its threads still run */
  atomic_store(&gate.open, 1);
  pthread_join(first, NULL);
  CHECK_EQUAL(gate.entered, 1);
  CHECK_EQUAL(kinect2_live_objects(), 0);
}

int main(void) {
  RUN(device_stop_and_destroy_wait);
  RUN(server_stop_and_destroy_wait);
  RUN(disconnect_and_destroy_of_a_client_wait);
  RUN(disconnect_returns_where_only_frames_have_a_callback);
  RUN(compressor_destroy_waits);
  RUN(browser_stop_and_destroy_wait);
  RUN(disconnect_tells_before_it_returns_destroy_never);
  RUN(a_second_destroy_is_refused_at_once);
  return finish_tests();
}
