/* Guarantee 10: inside a callback of the same handle nothing waits for that callback: not setting or removing callbacks,
 * not stop, disconnect or destroy; and every timeout counts as 0. */
#include "rig.h"

static atomic_int calls; /* of the callback under test; each test sets it to 0 */

/* ---- destroying one's own handle, in each kind of callback ---- */

static void device_frame(kinect2_device_t *device, kinect2_frame_t *frame, void *unused) {
  (void)unused;
  CHECK_OK(kinect2_device_destroy(device));
  CHECK_RESULT(kinect2_device_destroy(device), KINECT2_ERROR_BAD_HANDLE);
  CHECK(first_value(frame) > 0); /* what a callback is given lives until it returns */
  atomic_fetch_add(&calls, 1);
}
static void server_event(kinect2_server_t *server, const kinect2_event_t *event, void *unused) {
  (void)unused;
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_EQUAL(event->type, KINECT2_EVENT_SUBSCRIBERS);
  atomic_fetch_add(&calls, 1);
}
static void end_client(kinect2_client_t *client) {
  CHECK_OK(kinect2_client_destroy(client));
  CHECK_RESULT(kinect2_client_destroy(client), KINECT2_ERROR_BAD_HANDLE);
  atomic_fetch_add(&calls, 1);
}
static void client_connect(kinect2_client_t *client, void *unused) {
  (void)unused;
  end_client(client);
}
static void client_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *unused) {
  (void)reason, (void)unused;
  end_client(client);
}
static void client_kinect(kinect2_client_t *client, const char *id, void *unused) {
  (void)unused;
  end_client(client);
  CHECK_TEXT(id, "inside");
}
static void client_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *unused) {
  (void)unused;
  end_client(client);
  CHECK_TEXT(id, "inside");
  CHECK(first_value(frame) > 0);
}
static void client_event(kinect2_client_t *client, const kinect2_event_t *event, void *unused) {
  (void)unused;
  end_client(client);
  CHECK(event->type != 0);
}
static void client_pong(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns, void *unused) {
  (void)result, (void)round_trip_ns, (void)unused;
  end_client(client);
}
static void compressed(kinect2_compressor_t *compressor, const void *data, size_t size,
                       const kinect2_frame_info_t *info, void *unused) {
  (void)data, (void)size, (void)unused;
  CHECK_OK(kinect2_compressor_destroy(compressor));
  CHECK_EQUAL(info->width, SMALL_WIDTH);
  atomic_fetch_add(&calls, 1);
}
static void browser_server(kinect2_browser_t *browser, const kinect2_server_info_t *server, void *unused) {
  (void)unused;
  CHECK_OK(kinect2_browser_destroy(browser));
  CHECK(server->name[0] != '\0');
  atomic_fetch_add(&calls, 1);
}

static void on_connect(struct rig *rig) { CHECK_OK(kinect2_client_on_connect(rig->client, client_connect, NULL)); }
static void on_disconnect(struct rig *rig) {
  CHECK_OK(kinect2_client_on_disconnect(rig->client, client_disconnect, NULL));
  CHECK_OK(kinect2_client_disconnect(rig->client));
}
static void on_add(struct rig *rig) { CHECK_OK(kinect2_client_on_add_kinect(rig->client, client_kinect, NULL)); }
static void on_remove(struct rig *rig) {
  CHECK_OK(kinect2_client_on_remove_kinect(rig->client, client_kinect, NULL));
  CHECK_OK(kinect2_server_remove_kinect(rig->server, rig->device));
}
static void on_depth(struct rig *rig) {
  CHECK_OK(kinect2_client_on_depth_frame(rig->client, client_frame, NULL));
  CHECK_OK(kinect2_client_enable_depth_frames(rig->client, NULL));
}
static void on_frame(struct rig *rig) {
  CHECK_OK(kinect2_client_on_frame(rig->client, client_frame, NULL));
  CHECK_OK(kinect2_client_enable_depth_frames(rig->client, NULL));
}
static void on_event(struct rig *rig) {
  CHECK_OK(kinect2_client_on_event(rig->client, client_event, NULL));
  kinect2_client_ping(rig->client, NULL, NULL); /* by now an earlier event may have ended the client */
}
static void on_pong(struct rig *rig) { CHECK_OK(kinect2_client_ping(rig->client, client_pong, NULL)); }

static void a_client_destroys_itself_in_each_callback(void) {
  static void (*const kinds[])(struct rig *) = {on_connect, on_disconnect, on_add,   on_remove,
                                                on_depth,   on_frame,      on_event, on_pong};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    struct rig rig = open_rig(new_mock("inside", 100));
    atomic_store(&calls, 0);
    kinds[i](&rig);
    CHECK_WITHIN(5000, calls == 1);
    rig.client = NULL;
    close_rig(&rig);
    CHECK_WITHIN(5000, kinect2_live_objects() == 0);
    CHECK_EQUAL(calls, 1);
  }
}

static void device_server_and_compressor_destroy_themselves(void) {
  struct rig rig = open_rig(new_mock("inside", 100));
  atomic_store(&calls, 0);
  CHECK_OK(kinect2_server_on_event(rig.server, server_event, NULL));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_WITHIN(5000, calls == 1);
  rig.server = NULL;
  kinect2_compressor_t *compressor = NULL;
  REQUIRE_OK(kinect2_compressor_create(rig.device, KINECT2_STREAM_DEPTH, NULL, &compressor));
  CHECK_OK(kinect2_compressor_on_compressed_frame(compressor, compressed, NULL));
  CHECK_WITHIN(5000, calls == 2);
  CHECK_OK(kinect2_device_on_frame(rig.device, device_frame, NULL));
  CHECK_WITHIN(5000, calls == 3);
  rig.device = NULL;
  close_rig(&rig);
}

static void a_browser_destroys_itself(void) {
  kinect2_server_options_t options = quiet_options();
  options.announce = 1;
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(&options, &server));
  REQUIRE_OK(kinect2_server_start(server));
  kinect2_browser_options_t browsing;
  kinect2_browser_options_init(&browsing, sizeof browsing);
  browsing.address = "127.0.0.1";
  for (int removing = 0; removing <= 1; removing++) {
    kinect2_browser_t *browser = NULL;
    atomic_store(&calls, 0);
    REQUIRE_OK(kinect2_browser_create(&browsing, &browser));
    if (!removing) CHECK_OK(kinect2_browser_on_add_server(browser, browser_server, NULL));
    if (removing) CHECK_OK(kinect2_browser_on_remove_server(browser, browser_server, NULL));
    CHECK_OK(kinect2_browser_start(browser));
    if (removing) {
      CHECK_WITHIN(10000, kinect2_browser_server_count(browser) > 0);
      CHECK_OK(kinect2_server_destroy(server));
    }
    CHECK_WITHIN(15000, calls == 1);
  }
}

/* ---- what else one may do in a callback ---- */

static atomic_int ended;

static void ends_the_connection(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *unused) {
  (void)id, (void)frame, (void)unused;
  kinect2_frame_t *other = NULL;
  kinect2_event_t event = {.struct_size = sizeof event};
  kinect2_result_t result;
  while ((result = kinect2_client_take_frame(client, NULL, KINECT2_STREAM_ALL, KINECT2_WAIT_FOREVER, &other)) == 0) {
    CHECK_OK(kinect2_frame_release(other));
  }
  CHECK_RESULT(result, KINECT2_TIMEOUT); /* at once: the timeout counts as 0 */
  while ((result = kinect2_client_next_event(client, KINECT2_WAIT_FOREVER, &event)) == KINECT2_OK) {
  }
  CHECK_RESULT(result, KINECT2_TIMEOUT);
  CHECK_OK(kinect2_client_on_frame(client, NULL, NULL)); /* itself */
  CHECK_OK(kinect2_client_on_depth_frame(client, NULL, NULL));
  CHECK_OK(kinect2_client_disable_depth_frames(client, NULL));
  CHECK_OK(kinect2_client_disconnect(client));
  CHECK_EQUAL(kinect2_client_is_connected(client), 0);
  atomic_fetch_add(&calls, 1);
}

static void counts_the_end(kinect2_client_t *client, kinect2_result_t reason, void *unused) {
  (void)client, (void)unused;
  CHECK_RESULT(reason, KINECT2_OK);
  CHECK_EQUAL(calls, 1); /* the other callback has returned */
  atomic_fetch_add(&ended, 1);
}

static void a_client_waits_for_nothing_inside(void) {
  struct rig rig = open_rig(new_mock("inside", 100));
  atomic_store(&calls, 0);
  CHECK_OK(kinect2_client_on_disconnect(rig.client, counts_the_end, NULL));
  CHECK_OK(kinect2_client_on_frame(rig.client, ends_the_connection, NULL));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_WITHIN(5000, ended == 1);
  CHECK_EQUAL(calls, 1);
  connect_client(rig.client, 1); /* it is as good as new */
  close_rig(&rig);
}

static void stops_and_starts(kinect2_device_t *device, kinect2_frame_t *frame, void *unused) {
  (void)frame, (void)unused;
  if (atomic_fetch_add(&calls, 1) == 0) {
    CHECK_OK(kinect2_device_stop(device));
    CHECK_OK(kinect2_device_start(device));
  } else {
    CHECK_OK(kinect2_device_stop(device));
    CHECK_OK(kinect2_device_on_frame(device, NULL, NULL));
  }
}

static void a_device_stops_inside(void) {
  atomic_store(&calls, 0);
  kinect2_device_t *device = new_mock("inside", 100);
  CHECK_OK(kinect2_device_on_frame(device, stops_and_starts, NULL));
  CHECK_OK(kinect2_device_start(device));
  CHECK_WITHIN(5000, calls == 2);
  sleep_ms(100);
  CHECK_EQUAL(calls, 2);
  CHECK_OK(kinect2_device_destroy(device));
}

static void stops_its_server(kinect2_server_t *server, const kinect2_event_t *event, void *unused) {
  (void)event, (void)unused;
  kinect2_event_t next = {.struct_size = sizeof next};
  while (kinect2_server_next_event(server, KINECT2_WAIT_FOREVER, &next) == KINECT2_OK) {
  }
  CHECK_OK(kinect2_server_on_event(server, NULL, NULL));
  CHECK_OK(kinect2_server_stop(server));
  CHECK_EQUAL(kinect2_server_is_running(server), 0);
  atomic_fetch_add(&calls, 1);
}

static void a_server_stops_inside(void) {
  struct rig rig = open_rig(new_push("inside"));
  atomic_store(&calls, 0);
  CHECK_OK(kinect2_server_on_event(rig.server, stops_its_server, NULL));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  CHECK_WITHIN(5000, calls == 1);
  CHECK_OK(kinect2_server_start(rig.server));
  close_rig(&rig);
}

int main(void) {
  RUN(a_client_destroys_itself_in_each_callback);
  RUN(device_server_and_compressor_destroy_themselves);
  RUN(a_browser_destroys_itself);
  RUN(a_client_waits_for_nothing_inside);
  RUN(a_device_stops_inside);
  RUN(a_server_stops_inside);
  return finish_tests();
}
