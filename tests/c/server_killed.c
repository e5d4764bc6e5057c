/* A server that is killed: clients and browsers report it in time, and when it is back at the same endpoint frames flow
 * again without a call; also where it is back before anyone has missed it. */
#include "remote.h"
#include "rig.h"

enum { BACK_MS = 3000 };

static kinect2_client_t *follow(const char *endpoint, const kinect2_client_options_t *options, struct witness *witness) {
  kinect2_client_t *client = NULL;
  REQUIRE_OK(kinect2_client_create(endpoint, options, &client));
  watch_client(client, witness);
  REQUIRE_OK(kinect2_client_connect(client));
  return client;
}

static kinect2_client_options_t client_options(uint32_t heartbeat_ms, uint32_t timeout_ms) {
  kinect2_client_options_t options;
  kinect2_client_options_init(&options, sizeof options);
  options.heartbeat_period_ms = heartbeat_ms;
  options.response_timeout_ms = timeout_ms;
  return options;
}

/* Told once, after the kinects, and within the response timeout and one heartbeat. */
static void check_told(const struct witness *witness, const char *who, uint64_t killed_ns, uint32_t milliseconds) {
  CHECK_WITHIN(20000, witness->disconnects == 1);
  const double seconds = ((double)witness->told_ns - (double)killed_ns) / 1e9;
  printf("  %s: told after %.2f s\n", who, seconds);
  CHECK(seconds * 1000 < wait_ms(milliseconds));
  CHECK_EQUAL(witness->reason, KINECT2_TIMEOUT);
  CHECK(witness->kinects_went_first);
  CHECK_EQUAL(witness->removes, 1);
}

static void clients_report_it_in_time_and_find_it_again(void) {
  const struct remote_options place = {.port = free_port()};
  struct remote remote = start_remote(place);
  struct witness quick_witness = {.frames = 0}, patient_witness = {.frames = 0}, resigned_witness = {.frames = 0};
  const kinect2_client_options_t quick_options = client_options(500, 1000);
  kinect2_client_options_t resigned_options = quick_options;
  resigned_options.reconnect = 0;
  kinect2_client_t *quick = follow(remote.endpoint, &quick_options, &quick_witness);
  kinect2_client_t *patient = follow(remote.endpoint, NULL, &patient_witness);
  kinect2_client_t *resigned = follow(remote.endpoint, &resigned_options, &resigned_witness);
  wait_for_frames(&quick_witness);
  wait_for_frames(&patient_witness);
  wait_for_frames(&resigned_witness);

  const uint64_t killed_ns = now_ns();
  kill_child(&remote.process);
  check_told(&quick_witness, "heartbeat 0.5 s, timeout 1 s", killed_ns, 1500);
  check_told(&resigned_witness, "the same, not reconnecting", killed_ns, 1500);
  kinect2_frame_t *frame = NULL;
  CHECK_RESULT(kinect2_client_take_frame(resigned, NULL, KINECT2_STREAM_DEPTH, wait_ms(1000), &frame), KINECT2_CLOSED);
  CHECK_RESULT(kinect2_client_take_frame(quick, NULL, KINECT2_STREAM_DEPTH, 0, &frame), KINECT2_TIMEOUT);
  /* a server that speaks the extension is asked once a second at least, so a heartbeat is no longer than that */
  check_told(&patient_witness, "default options", killed_ns, 5000 + 1000);
  CHECK_EQUAL(kinect2_client_kinect_count(patient), 0);
  CHECK_EQUAL(kinect2_client_is_connected(patient), 0);
  sleep_ms(3000); /* until every pause between attempts has its full length */

  remote = start_remote(place);
  check_flowing_again(&quick_witness, "heartbeat 0.5 s", 2, remote.ready_ns, BACK_MS);
  check_flowing_again(&patient_witness, "default options", 2, remote.ready_ns, BACK_MS);
  CHECK_EQUAL(quick_witness.disconnects, 1); /* once, however often it was tried */
  CHECK_EQUAL(patient_witness.disconnects, 1);
  CHECK_EQUAL(resigned_witness.connects, 1);
  CHECK(quick_witness.fresh_flags & KINECT2_FRAME_RESTARTED);
  CHECK(patient_witness.fresh_flags & KINECT2_FRAME_RESTARTED);
  CHECK_EQUAL(remote_stats(quick).lost, 0);
  CHECK_EQUAL(remote_stats(patient).lost, 0);
  CHECK_OK(kinect2_client_destroy(quick));
  CHECK_OK(kinect2_client_destroy(patient));
  CHECK_OK(kinect2_client_destroy(resigned));
  end_child(&remote.process);
}

/* With the default heartbeat: only the broken connections and the new session tell. */
static void check_quick_restart(struct remote_options place) {
  struct remote remote = start_remote(place);
  struct witness witness = {.frames = 0};
  kinect2_client_t *client = follow(remote.endpoint, NULL, &witness);
  wait_for_frames(&witness);
  for (int restarts = 1; restarts <= 3; restarts++) {
    const uint64_t killed_ns = now_ns();
    kill_child(&remote.process);
    remote = start_remote(place);
    printf("  away for %.0f ms\n", (double)(remote.ready_ns - killed_ns) / 1e6);
    CHECK_WITHIN(5000, witness.disconnects == restarts);
    CHECK_EQUAL(witness.reason, KINECT2_ERROR_IO);
    CHECK(witness.kinects_went_first);
    check_flowing_again(&witness, "default options", restarts + 1, remote.ready_ns, BACK_MS);
    CHECK(witness.fresh_flags & KINECT2_FRAME_RESTARTED);
    CHECK_EQUAL(remote_stats(client).lost, 0);
    wait_for_frames(&witness);
    CHECK_EQUAL(witness.disconnects, restarts);
  }
  CHECK_OK(kinect2_client_destroy(client));
  end_child(&remote.process);
}

static void a_restart_that_no_heartbeat_misses_is_noticed(void) {
  check_quick_restart((struct remote_options){.port = free_port()});
}

/* The streams' sockets reconnect by themselves, perhaps before anything tells of the restart. */
static void also_where_the_frame_ports_are_the_same(void) {
  /* of the four ports the device takes two are used; all are next to one that was free */
  check_quick_restart((struct remote_options){.port = free_port(), .data_port = free_port() & ~3u});
}

static atomic_int listed, unlisted;
static atomic_uint_least64_t unlisted_ns;

static void on_listed(kinect2_browser_t *browser, const kinect2_server_info_t *server, void *unused) {
  (void)browser, (void)unused;
  if (strcmp(server->name, "Victim") == 0) atomic_fetch_add(&listed, 1);
}
static void on_unlisted(kinect2_browser_t *browser, const kinect2_server_info_t *server, void *unused) {
  (void)browser, (void)unused;
  if (strcmp(server->name, "Victim") != 0) return;
  atomic_store(&unlisted_ns, now_ns());
  atomic_fetch_add(&unlisted, 1);
}

static void a_browser_reports_it_within_ten_seconds(void) {
  const struct remote_options place = {.name = "Victim", .port = free_port()};
  kinect2_browser_options_t options;
  kinect2_browser_options_init(&options, sizeof options);
  options.address = "127.0.0.1";
  kinect2_browser_t *browser = NULL;
  REQUIRE_OK(kinect2_browser_create(&options, &browser));
  REQUIRE_OK(kinect2_browser_on_add_server(browser, on_listed, NULL));
  REQUIRE_OK(kinect2_browser_on_remove_server(browser, on_unlisted, NULL));
  REQUIRE_OK(kinect2_browser_start(browser));
  struct remote remote = start_remote(place);
  REQUIRE_WITHIN(10000, listed == 1);
  const uint64_t killed_ns = now_ns();
  kill_child(&remote.process);
  CHECK_WITHIN(15000, unlisted == 1);
  const double seconds = ((double)unlisted_ns - (double)killed_ns) / 1e9;
  printf("  removed after %.2f s\n", seconds);
  CHECK(seconds * 1000 < wait_ms(10000));
  CHECK_EQUAL(kinect2_browser_server_count(browser), 0);

  remote = start_remote(place);
  CHECK_WITHIN(10000, listed == 2);
  printf("  listed again after %.2f s\n", (double)(now_ns() - remote.ready_ns) / 1e9);
  sleep_ms(1000);
  CHECK_EQUAL(listed, 2);
  CHECK_EQUAL(unlisted, 1);
  CHECK_OK(kinect2_browser_destroy(browser));
  end_child(&remote.process);
}

int main(int count, char **arguments) {
  static const struct role roles[] = {SERVER_ROLE, {NULL, NULL}};
  play_role(count, arguments, roles);
  RUN(clients_report_it_in_time_and_find_it_again);
  RUN(a_restart_that_no_heartbeat_misses_is_noticed);
  RUN(also_where_the_frame_ports_are_the_same);
  RUN(a_browser_reports_it_within_ten_seconds);
  return finish_tests();
}
