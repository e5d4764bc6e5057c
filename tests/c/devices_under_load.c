/* Eight devices come and go, hundreds of times and in any order, while three clients stream all that there is: each client
 * hears of every coming and going in turn, gets frames of what is there only, and the device that stays loses nothing. */
#include <inttypes.h>

#include "rig.h"

enum { VISITORS = 8, CLIENTS = 3, CHANGES = 400, SOON_MS = 1500 };

/* What one client knows of one visitor; touched by callbacks only, which run one at a time. */
struct known {
  bool there;
  unsigned adds, frames;
  uint64_t last_sequence;
};

struct audience {
  kinect2_client_t *client;
  struct known visitors[VISITORS];
  atomic_uint there;
  atomic_int disconnects;
  uint64_t last_sequence; /* of the device that stays */
  atomic_uint frames;
};

/* The number in "visitor 3", or -1 for the device that stays. */
static int visitor_number(const char *id) {
  int number = -1;
  if (sscanf(id, "visitor %d", &number) != 1) CHECK_TEXT(id, "host");
  CHECK(number >= -1 && number < VISITORS);
  return number;
}

static void on_add(kinect2_client_t *client, const char *id, void *argument) {
  struct audience *audience = argument;
  const int number = visitor_number(id);
  (void)client;
  if (number < 0) return;
  struct known *known = &audience->visitors[number];
  CHECK(!known->there);
  *known = (struct known){.there = true, .adds = known->adds + 1};
  atomic_fetch_add(&audience->there, 1);
}

static void on_remove(kinect2_client_t *client, const char *id, void *argument) {
  struct audience *audience = argument;
  const int number = visitor_number(id);
  (void)client;
  if (!CHECK(number >= 0)) return;
  CHECK(audience->visitors[number].there);
  audience->visitors[number].there = false;
  atomic_fetch_sub(&audience->there, 1);
}

static void on_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *argument) {
  (void)client, (void)reason;
  atomic_fetch_add(&((struct audience *)argument)->disconnects, 1);
}

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *argument) {
  struct audience *audience = argument;
  const int number = visitor_number(id);
  const kinect2_frame_info_t info = frame_info(frame);
  char kinect[KINECT2_ID_CAPACITY] = "";
  (void)client;
  CHECK_OK(kinect2_frame_kinect_id(frame, kinect, sizeof kinect, NULL));
  CHECK_TEXT(kinect, id);
  if (number < 0) {
    CHECK(info.sequence > audience->last_sequence || audience->frames == 0);
    audience->last_sequence = info.sequence;
    atomic_fetch_add(&audience->frames, 1);
    return;
  }
  struct known *known = &audience->visitors[number];
  CHECK(known->there);
  /* a visitor that went and came too quickly to be seen counts from 0 again, and says so */
  if (known->frames != 0) CHECK(info.sequence > known->last_sequence || (info.flags & KINECT2_FRAME_RESTARTED));
  known->last_sequence = info.sequence;
  known->frames++;
}

static void join_audience(struct audience *audience, const char *endpoint) {
  audience->client = new_client(endpoint);
  CHECK_OK(kinect2_client_on_add_kinect(audience->client, on_add, audience));
  CHECK_OK(kinect2_client_on_remove_kinect(audience->client, on_remove, audience));
  CHECK_OK(kinect2_client_on_disconnect(audience->client, on_disconnect, audience));
  CHECK_OK(kinect2_client_on_frame(audience->client, on_frame, audience));
  CHECK_OK(kinect2_client_enable_stream(audience->client, NULL, KINECT2_STREAM_ALL, NULL));
  connect_client(audience->client, 1);
}

/* The same numbers in every run: xorshift, Marsaglia 2003. */
static uint32_t random_number(void) {
  static uint32_t state = 2463534242u;
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

/* Removes the visitor that is there, by one of three ways, or brings a new one of the same name. */
static void change(kinect2_server_t *server, kinect2_device_t **visitor, int number) {
  if (*visitor == NULL) {
    char id[32];
    snprintf(id, sizeof id, "visitor %d", number);
    *visitor = new_mock(id, 60);
    if (random_number() % 2 == 0) CHECK_OK(kinect2_device_start(*visitor));
    CHECK_OK(kinect2_server_add_kinect(server, *visitor));
    CHECK_OK(kinect2_device_start(*visitor));
    return;
  }
  const uint32_t way = random_number() % 3;
  if (way == 0) CHECK_OK(kinect2_device_stop(*visitor));
  if (way != 2) CHECK_OK(kinect2_server_remove_kinect(server, *visitor));
  CHECK_OK(kinect2_device_destroy(*visitor)); /* takes it out where it still is */
  *visitor = NULL;
}

/* What the server had no time to encode, on a busy machine, is missing but was not lost on its way. */
static void check_loss(const struct audience *audience, kinect2_server_t *server) {
  kinect2_server_stats_t served = {.struct_size = sizeof served};
  CHECK_OK(kinect2_server_stats(server, "host", KINECT2_STREAM_DEPTH, &served));
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(audience->client, "host", KINECT2_STREAM_DEPTH, &stats));
  unsigned adds = 0;
  for (int i = 0; i < VISITORS; i++) adds += audience->visitors[i].adds;
  printf("  %u comings seen; of the device that stays %" PRIu64 " received, %" PRIu64
         " lost, %" PRIu64 " not encoded\n", adds, stats.received, stats.lost, served.dropped);
  CHECK(stats.lost <= served.dropped + stats.received / 100);
  CHECK_EQUAL(stats.corrupt, 0);
  CHECK_EQUAL(audience->disconnects, 0);
}

static void devices_come_and_go_in_any_order(void) {
  const unsigned descriptors = count_descriptors(), threads = count_threads();
  struct rig rig = open_rig(new_mock("host", 60));
  static struct audience audiences[CLIENTS];
  for (int i = 0; i < CLIENTS; i++) join_audience(&audiences[i], rig.endpoint);
  kinect2_device_t *visitors[VISITORS] = {NULL};
  for (int i = 0; i < CHANGES; i++) {
    const int number = (int)(random_number() % VISITORS);
    change(rig.server, &visitors[number], number);
    sleep_ms(i % 50 == 49 ? SOON_MS : random_number() % 30); /* now and then all can be seen */
  }
  unsigned there = 0;
  for (int i = 0; i < VISITORS; i++) there += visitors[i] != NULL;
  for (int i = 0; i < CLIENTS; i++) {
    CHECK_WITHIN(3000, audiences[i].there == there && kinect2_client_kinect_count(audiences[i].client) == there + 1);
  }
  for (int i = 0; i < VISITORS; i++) {
    if (visitors[i] != NULL) change(rig.server, &visitors[i], i);
  }
  for (int i = 0; i < CLIENTS; i++) CHECK_WITHIN(3000, audiences[i].there == 0);
  for (int i = 0; i < CLIENTS; i++) {
    const unsigned frames = audiences[i].frames;
    CHECK_WITHIN(2000, audiences[i].frames > frames + 10);
    check_loss(&audiences[i], rig.server);
    CHECK_OK(kinect2_client_destroy(audiences[i].client));
  }
  close_rig(&rig);
  CHECK_WITHIN(2000, count_descriptors() <= descriptors);
  CHECK_WITHIN(2000, count_threads() <= threads);
}

int main(void) {
  RUN(devices_come_and_go_in_any_order);
  return finish_tests();
}
