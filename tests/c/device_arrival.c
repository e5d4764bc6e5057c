/* Devices come and go while a client with default options is connected: it hears of each within 1.5 s, and the frames of
 * the others flow on. */
#include "rig.h"

enum { VISITORS = 6 };

struct record {
  atomic_int added, removed, frames, disconnected;
  atomic_uint_least64_t told_ns; /* when the last of these calls came */
};

static void on_add(kinect2_client_t *client, const char *id, void *argument) {
  struct record *record = argument;
  CHECK(kinect2_client_streams(client, id) & KINECT2_STREAM_DEPTH);
  atomic_store(&record->told_ns, now_ns());
  atomic_fetch_add(&record->added, 1);
}
static void on_remove(kinect2_client_t *client, const char *id, void *argument) {
  struct record *record = argument;
  (void)client, (void)id;
  atomic_store(&record->told_ns, now_ns());
  atomic_fetch_add(&record->removed, 1);
}
static void on_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *argument) {
  (void)client, (void)reason;
  atomic_fetch_add(&((struct record *)argument)->disconnected, 1);
}
static void on_visitor_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *argument) {
  (void)client, (void)frame;
  if (strcmp(id, "host") != 0) atomic_fetch_add(&((struct record *)argument)->frames, 1);
}

static const uint64_t SOON = 1500ull * 1000000;

static void check_soon(const struct record *record, uint64_t since) {
  const uint64_t delay = record->told_ns - since;
  printf("  told after %.2f s\n", (double)delay / 1e9);
  CHECK(delay < (uint64_t)((double)SOON * slowness()));
}

static kinect2_client_t *connect_with_defaults(const char *endpoint, struct record *record) {
  kinect2_client_t *client = NULL;
  REQUIRE_OK(kinect2_client_create(endpoint, NULL, &client)); /* a heartbeat of 10 s */
  CHECK_OK(kinect2_client_on_add_kinect(client, on_add, record));
  CHECK_OK(kinect2_client_on_remove_kinect(client, on_remove, record));
  CHECK_OK(kinect2_client_on_disconnect(client, on_disconnect, record));
  CHECK_OK(kinect2_client_on_frame(client, on_visitor_frame, record));
  return client;
}

static void arrivals_and_departures_are_told_soon(void) {
  struct record record = {.added = 0};
  kinect2_server_t *server = new_server(NULL);
  REQUIRE_OK(kinect2_server_start(server));
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(server, endpoint);
  kinect2_client_t *client = connect_with_defaults(endpoint, &record);
  connect_client(client, 0);
  for (int i = 0; i < 3; i++) {
    kinect2_device_t *device = new_push(NULL);
    sleep_ms(370); /* at another phase of the asking each time */
    uint64_t now = now_ns();
    CHECK_OK(kinect2_server_add_kinect(server, device));
    CHECK_WITHIN(3000, record.added == i + 1);
    check_soon(&record, now);
    now = now_ns();
    if (i % 2 == 0) CHECK_OK(kinect2_server_remove_kinect(server, device));
    CHECK_OK(kinect2_device_destroy(device)); /* takes it out of its servers too */
    CHECK_WITHIN(3000, record.removed == i + 1);
    check_soon(&record, now);
  }
  CHECK_EQUAL(record.disconnected, 0);
  CHECK_OK(kinect2_client_destroy(client));
  CHECK_OK(kinect2_server_destroy(server));
}

static atomic_int visiting;

/* Takes the host's frames and wants each soon after the one before. */
static void *watch_the_host(void *client) {
  uint64_t last = 0;
  while (atomic_load(&visiting)) {
    kinect2_frame_t *frame = NULL;
    if (!CHECK_OK(kinect2_client_take_frame(client, "host", KINECT2_STREAM_DEPTH, wait_ms(500), &frame))) break;
    const uint64_t sequence = frame_info(frame).sequence;
    CHECK(sequence > last || last == 0);
    last = sequence;
    CHECK_OK(kinect2_frame_release(frame));
  }
  return NULL;
}

static void frames_flow_while_devices_come_and_go(void) {
  struct record record = {.added = 0};
  struct rig rig = open_rig(new_mock("host", 100));
  CHECK_OK(kinect2_client_destroy(rig.client));
  rig.client = connect_with_defaults(rig.endpoint, &record);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL)); /* those to come too */
  connect_client(rig.client, 1);
  atomic_store(&visiting, 1);
  const pthread_t watcher = start_thread(watch_the_host, rig.client);
  for (int i = 0; i < VISITORS; i++) {
    char id[32];
    snprintf(id, sizeof id, "visitor %d", i);
    kinect2_device_t *visitor = new_mock(id, 100);
    CHECK_OK(kinect2_device_start(visitor));
    CHECK_OK(kinect2_server_add_kinect(rig.server, visitor));
    const int frames = record.frames;
    CHECK_WITHIN(3000, record.frames > frames + 10); /* enabled without another call */
    CHECK_OK(kinect2_device_destroy(visitor));
    CHECK_WITHIN(3000, record.removed == i + 1);
  }
  for (int i = 0; i < 20; i++) { /* too quick to be seen each time */
    kinect2_device_t *visitor = new_mock("in a hurry", 100);
    CHECK_OK(kinect2_server_add_kinect(rig.server, visitor));
    CHECK_OK(kinect2_device_start(visitor));
    sleep_ms((uint32_t)i * 7);
    CHECK_OK(kinect2_server_remove_kinect(rig.server, visitor));
    CHECK_OK(kinect2_device_destroy(visitor));
  }
  CHECK_WITHIN(3000, kinect2_client_kinect_count(rig.client) == 1 && record.added == record.removed + 1);
  atomic_store(&visiting, 0);
  pthread_join(watcher, NULL);
  CHECK_EQUAL(record.disconnected, 0);
  close_rig(&rig);
}

int main(void) {
  RUN(arrivals_and_departures_are_told_soon);
  RUN(frames_flow_while_devices_come_and_go);
  return finish_tests();
}
