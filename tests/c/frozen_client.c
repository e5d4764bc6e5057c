/* A client process that is stopped: nobody else loses frames, no memory grows, nobody is disconnected, and the first
 * frame afterwards is fresh: whether it polls, is called back, or both, and however slow it is. */
#include <inttypes.h>

#include "child.h"
#include "rig.h"

enum { FROZEN_MS = 10000, BRIEFLY_MS = 1000, BRIEFLY_TIMES = 5, PERIOD_MS = 33, GAP_MS = 500 };

static const uint64_t MEMORY = 10 * 1000 * 1000, MILLISECOND = 1000000;

/* ---- the client that is frozen ---- */

static uint32_t pause_ms; /* after each frame */
static atomic_int polling = 1;

/* Says how old the frame is that one way of delivery gave first after a gap. */
struct delivery {
  const char *way;
  uint64_t last_ns;
};

static void look_at(struct delivery *delivery, kinect2_frame_t *frame) {
  const uint64_t now = kinect2_clock_ns(), age = now - frame_info(frame).capture_time_local_ns;
  const bool after_a_gap = delivery->last_ns != 0 && now - delivery->last_ns > GAP_MS * MILLISECOND;
  if (delivery->last_ns == 0) say("%s begins", delivery->way);
  if (after_a_gap) say("%s %" PRIu64, delivery->way, age);
  delivery->last_ns = now;
  sleep_ms(pause_ms);
}

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *delivery) {
  (void)client, (void)id;
  look_at(delivery, frame);
}

static void *poll_frames(void *client) {
  struct delivery delivery = {.way = "polled"};
  while (atomic_load(&polling)) {
    kinect2_frame_t *frame = NULL;
    const kinect2_result_t result = kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, 100, &frame);
    if (result != KINECT2_OK) {
      CHECK_RESULT(result, KINECT2_TIMEOUT);
      continue;
    }
    look_at(&delivery, frame);
    CHECK_OK(kinect2_frame_release(frame));
  }
  return NULL;
}

static void on_trouble(kinect2_client_t *client, const kinect2_event_t *event, void *unused) {
  (void)client, (void)unused;
  CHECK(event->type != KINECT2_EVENT_DISCONNECT);
  CHECK(event->type != KINECT2_EVENT_REMOVE_KINECT);
  CHECK(event->type != KINECT2_EVENT_ERROR);
}

/* Endpoint, whether to poll, whether to have a callback, pause after each frame. */
static int play_client(char *const arguments[]) {
  static struct delivery called = {.way = "called"};
  kinect2_client_t *client = NULL;
  pthread_t poller;
  const bool polls = arguments[1][0] == '1', is_called = arguments[2][0] == '1';
  pause_ms = (uint32_t)strtoul(arguments[3], NULL, 10);
  REQUIRE_OK(kinect2_client_create(arguments[0], NULL, &client)); /* the response timeout is half of the sleep */
  CHECK_OK(kinect2_client_on_event(client, on_trouble, NULL));
  CHECK_OK(kinect2_client_enable_depth_frames(client, NULL));
  if (is_called) CHECK_OK(kinect2_client_on_frame(client, on_frame, &called));
  connect_client(client, 1);
  if (polls) poller = start_thread(poll_frames, client);
  wait_for_the_end();
  atomic_store(&polling, 0);
  if (polls) pthread_join(poller, NULL);
  CHECK_OK(kinect2_client_destroy(client));
  return finish_tests();
}

/* ---- the server, a client that goes on, and what they see ---- */

static struct kind {
  const char *name, *polls, *is_called, *pause;
  struct child process;
  uint64_t memory;
} kinds[] = {
    {.name = "polls", .polls = "1", .is_called = "0", .pause = "0"},
    {.name = "polls slowly", .polls = "1", .is_called = "0", .pause = "60"},
    {.name = "is called", .polls = "0", .is_called = "1", .pause = "0"},
    {.name = "is called, slowly", .polls = "0", .is_called = "1", .pause = "60"},
    {.name = "both", .polls = "1", .is_called = "1", .pause = "20"},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static kinect2_client_stats_t stats_of(const kinect2_client_t *client) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(client, "full size", KINECT2_STREAM_DEPTH, &stats));
  return stats;
}

static void take_frames(kinect2_client_t *client, uint32_t milliseconds) {
  for (const uint64_t end = now_ns() + milliseconds * MILLISECOND; now_ns() < end;) {
    kinect2_frame_t *frame = NULL;
    REQUIRE_OK(kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, wait_ms(1000), &frame));
    CHECK_OK(kinect2_frame_release(frame));
  }
}

static void start_kinds(const char *endpoint) {
  for (size_t i = 0; i < KINDS; i++) {
    struct kind *kind = &kinds[i];
    const char *const arguments[] = {endpoint, kind->polls, kind->is_called, kind->pause, NULL};
    kind->process = start_child("client", arguments);
    const int ways = (kind->polls[0] == '1') + (kind->is_called[0] == '1');
    char line[CHILD_LINE];
    for (int way = 0; way < ways; way++) REQUIRE(hear(&kind->process, 10000, line) && strstr(line, "begins") != NULL);
  }
}

static void check_freshness(struct kind *kind) {
  const int ways = (kind->polls[0] == '1') + (kind->is_called[0] == '1');
  for (int way = 0; way < ways; way++) {
    char line[CHILD_LINE], name[32];
    double age_ns = 0;
    if (!CHECK(hear(&kind->process, 5000, line) && sscanf(line, "%31s %lf", name, &age_ns) == 2)) return;
    printf("  %s: first frame %s is %.1f ms old\n", kind->name, name, age_ns / 1e6);
    CHECK(age_ns <= (double)(wait_ms(3 * PERIOD_MS + 50) * MILLISECOND));
  }
}

static void freeze_all(kinect2_client_t *other, uint32_t milliseconds) {
  /* between two frames: one that is stopped after it got a frame and before it looked at the clock proves nothing */
  sleep_ms(PERIOD_MS / 2);
  for (size_t i = 0; i < KINDS; i++) freeze(&kinds[i].process);
  take_frames(other, milliseconds);
  for (size_t i = 0; i < KINDS; i++) thaw(&kinds[i].process);
  take_frames(other, 1000);
  for (size_t i = 0; i < KINDS; i++) check_freshness(&kinds[i]);
}

static void sleeping_processes_harm_nobody(void) {
  kinect2_mock_options_t options;
  kinect2_mock_options_init(&options, sizeof options);
  options.id = "full size";
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_mock(&options, &device));
  struct rig rig = open_rig(device);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  start_kinds(rig.endpoint);
  take_frames(rig.client, 2000); /* until all has its size */
  const uint64_t memory = resident_bytes();
  for (size_t i = 0; i < KINDS; i++) kinds[i].memory = child_resident_bytes(&kinds[i].process);
  const kinect2_client_stats_t before = stats_of(rig.client);

  freeze_all(rig.client, FROZEN_MS);
  for (int i = 0; i < BRIEFLY_TIMES; i++) freeze_all(rig.client, BRIEFLY_MS);

  const kinect2_client_stats_t after = stats_of(rig.client);
  printf("  server: memory %.1f -> %.1f MB; the other client received %" PRIu64 " frames and lost %" PRIu64 "\n",
         (double)memory / 1e6, (double)resident_bytes() / 1e6, after.received - before.received,
         after.lost - before.lost);
  CHECK(resident_bytes() < memory + MEMORY);
  CHECK_EQUAL(after.lost - before.lost, 0);
  CHECK_EQUAL(after.corrupt, 0);
  for (size_t i = 0; i < KINDS; i++) {
    const uint64_t now = child_resident_bytes(&kinds[i].process);
    printf("  %s: memory %.1f -> %.1f MB\n", kinds[i].name, (double)kinds[i].memory / 1e6, (double)now / 1e6);
    CHECK(now < kinds[i].memory + MEMORY);
    end_child(&kinds[i].process);
  }
  close_rig(&rig);
}

int main(int count, char **arguments) {
  static const struct role roles[] = {{"client", play_client}, {NULL, NULL}};
  play_role(count, arguments, roles);
  RUN(sleeping_processes_harm_nobody);
  return finish_tests();
}
