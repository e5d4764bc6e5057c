/* Hours of streaming in minutes or hours: devices and clients come and go in two processes, streams are enabled and disabled, servers
 * stopped and started, browsers look. Neither process may grow: memory, descriptors, threads.
 *
 * Arguments: seconds (20), and a number that decides what happens when (1). */
#include <inttypes.h>
#include <unistd.h>

#include "child.h"
#include "rig.h"

enum { DEVICES = 4, CLIENTS = 6, STEP_MS = 250, MOST_SAMPLES = 4096 };

/* Growth that is the allocator's and not ours: what it keeps differs by how things came to lie. */
#define MOST_GROWTH_BYTES 8000000.0

static uint32_t chance(uint32_t *state, uint32_t below) {
  *state ^= *state << 13, *state ^= *state >> 17, *state ^= *state << 5;
  return *state % below;
}

static uint32_t seed_of(const char *text) { return (uint32_t)strtoul(text, NULL, 10) * 2654435761u | 1u; }

/* ---- the process with the server ---- */

struct host {
  kinect2_server_t *server;
  kinect2_device_t *devices[DEVICES];
  uint32_t state;
};

static void toggle_device(struct host *host, uint32_t which) {
  kinect2_device_t **device = &host->devices[which];
  if (*device != NULL) {
    CHECK_OK(kinect2_device_destroy(*device));
    *device = NULL;
    return;
  }
  char id[32];
  snprintf(id, sizeof id, "visitor %" PRIu32, which);
  *device = new_mock(id, 30);
  CHECK_OK(kinect2_server_add_kinect(host->server, *device));
  CHECK_OK(kinect2_device_start(*device));
}

static void step_host(struct host *host) {
  const uint32_t what = chance(&host->state, 40);
  if (what < 8) toggle_device(host, chance(&host->state, DEVICES));
  if (what == 8) {
    CHECK_OK(kinect2_server_stop(host->server));
    sleep_ms(chance(&host->state, 1000));
    CHECK_OK(kinect2_server_start(host->server));
  }
}

/* Port and seed. It takes a step for each line that it reads, and says what it has: descriptors and memory are read from outside. */
static int play_host(char *const arguments[]) {
  struct host host = {.state = seed_of(arguments[1])};
  kinect2_server_options_t options = quiet_options();
  options.port = (uint32_t)strtoul(arguments[0], NULL, 10);
  options.announce = 1;
  options.name = "Soak";
  REQUIRE_OK(kinect2_server_create(&options, &host.server));
  REQUIRE_OK(kinect2_server_start(host.server));
  say("ready");
  char byte;
  while (fread(&byte, 1, 1, stdin) == 1) {
    step_host(&host);
    say("%u", count_threads());
  }
  for (int i = 0; i < DEVICES; i++) CHECK_OK(kinect2_device_destroy(host.devices[i]));
  CHECK_OK(kinect2_server_destroy(host.server));
  CHECK_EQUAL(kinect2_live_objects(), 0);
  return finish_tests();
}

/* ---- the process with the clients ---- */

struct guests {
  kinect2_client_t *clients[CLIENTS];
  kinect2_browser_t *browser;
  char endpoint[KINECT2_TEXT_CAPACITY];
  uint32_t state;
  atomic_uint_least64_t frames;
  uint64_t taken, steps;
};

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *guests) {
  (void)client, (void)id;
  CHECK_EQUAL(frame_info(frame).width, SMALL_WIDTH);
  atomic_fetch_add(&((struct guests *)guests)->frames, 1);
}

static void toggle_client(struct guests *guests, kinect2_client_t **client) {
  if (*client != NULL) {
    if (chance(&guests->state, 2) == 0) CHECK_OK(kinect2_client_disconnect(*client));
    CHECK_OK(kinect2_client_destroy(*client));
    *client = NULL;
    return;
  }
  *client = new_client(guests->endpoint);
  if (chance(&guests->state, 2) == 0) CHECK_OK(kinect2_client_on_frame(*client, on_frame, guests));
  CHECK_OK(kinect2_client_enable_depth_frames(*client, NULL));
  CHECK_OK(kinect2_client_connect(*client));
}

static void use_client(struct guests *guests, kinect2_client_t *client) {
  kinect2_frame_t *frame = NULL;
  kinect2_event_t event = {.struct_size = sizeof event};
  if (client == NULL) return;
  if (chance(&guests->state, 8) == 0) CHECK_OK(kinect2_client_disable_depth_frames(client, NULL));
  if (chance(&guests->state, 4) == 0) CHECK_OK(kinect2_client_enable_depth_frames(client, NULL));
  if (chance(&guests->state, 8) == 0) CHECK_OK(kinect2_client_ping(client, NULL, NULL));
  while (kinect2_client_take_frame(client, NULL, KINECT2_STREAM_ALL, 0, &frame) == KINECT2_OK) {
    guests->taken++;
    CHECK_OK(kinect2_frame_release(frame));
  }
  while (kinect2_client_next_event(client, 0, &event) == KINECT2_OK) {
  }
}

static void toggle_browser(struct guests *guests) {
  if (guests->browser != NULL) {
    CHECK_OK(kinect2_browser_destroy(guests->browser));
    guests->browser = NULL;
    return;
  }
  kinect2_browser_options_t options;
  kinect2_browser_options_init(&options, sizeof options);
  options.address = "127.0.0.1";
  CHECK_OK(kinect2_browser_create(&options, &guests->browser));
  CHECK_OK(kinect2_browser_start(guests->browser));
}

static void step_guests(struct guests *guests) {
  guests->steps++;
  if (chance(&guests->state, 4) == 0) toggle_client(guests, &guests->clients[chance(&guests->state, CLIENTS)]);
  if (chance(&guests->state, 60) == 0) toggle_browser(guests);
  for (int i = 0; i < CLIENTS; i++) use_client(guests, guests->clients[i]);
}

/* ---- what they take ---- */

struct sample {
  double memory[2], descriptors[2], threads[2]; /* of clients and server */
};

static int ascending(const void *a, const void *b) {
  const double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

/* The median of one figure over a range of samples. */
static double median(const struct sample *samples, size_t from, size_t to, size_t offset) {
  static double values[MOST_SAMPLES];
  const size_t count = to - from;
  for (size_t i = 0; i < count; i++) memcpy(&values[i], (const char *)&samples[from + i] + offset, sizeof *values);
  qsort(values, count, sizeof *values, ascending);
  return values[count / 2];
}

static void check_flat(const struct sample *samples, size_t count, const char *what, size_t offset, double unit, double allowed) {
  /* The first fifth is for getting warm. */
  const size_t fifth = count / 5;
  for (size_t side = 0; side < 2; side++) {
    const size_t at = offset + side * sizeof(double);
    const double early = median(samples, fifth, 2 * fifth, at), late = median(samples, count - fifth, count, at);
    printf("  %-11s of the %s: %.1f -> %.1f\n", what, side == 0 ? "clients" : "server ", early / unit, late / unit);
    CHECK(late <= early + allowed);
  }
}

static unsigned seconds = 20;
static const char *seed = "1";

static void nothing_grows(void) {
  static struct sample samples[MOST_SAMPLES];
  struct guests guests = {.state = seed_of(seed) ^ 0x5bd1e995u};
  const uint32_t number = free_port();
  char port[16], line[CHILD_LINE];
  snprintf(port, sizeof port, "%" PRIu32, number);
  snprintf(guests.endpoint, sizeof guests.endpoint, "tcp://127.0.0.1:%" PRIu32, number);
  struct child child = start_child("host", (const char *const[]){port, seed, NULL});
  REQUIRE(hear(&child, 10000, line));

  const uint64_t start = now_ns(), duration = seconds * 1000000000ull;
  const uint64_t pause = duration / (MOST_SAMPLES / 2);
  size_t count = 0;
  for (uint64_t next_sample = start, last_note = start; now_ns() - start < duration;) {
    REQUIRE(write(child.input, "s", 1) == 1);
    step_guests(&guests);
    REQUIRE(hear(&child, 20000, line));
    if (now_ns() >= next_sample && count < MOST_SAMPLES) {
      samples[count++] = (struct sample){
          .memory = {(double)resident_bytes(), (double)child_resident_bytes(&child)},
          .descriptors = {count_descriptors(), child_descriptors(&child)},
          .threads = {count_threads(), strtod(line, NULL)}};
      next_sample += pause;
    }
    if (now_ns() - last_note >= 60000000000ull) {
      const struct sample *last = &samples[count - 1];
      last_note = now_ns();
      printf("  %4" PRIu64 " s: %.1f and %.1f MB, %.0f and %.0f descriptors, %.0f and %.0f threads, %" PRIu64 " frames\n",
             (last_note - start) / 1000000000u, last->memory[0] / 1e6, last->memory[1] / 1e6, last->descriptors[0],
             last->descriptors[1], last->threads[0], last->threads[1], (uint64_t)guests.frames + guests.taken);
      fflush(stdout);
    }
    sleep_ms(STEP_MS);
  }
  printf("  %" PRIu64 " steps, %" PRIu64 " frames to callbacks, %" PRIu64 " taken, %zu samples\n", guests.steps, (uint64_t)guests.frames,
         guests.taken, count);
  CHECK(guests.frames + guests.taken > seconds);
  REQUIRE(count >= 10);
  check_flat(samples, count, "megabytes", offsetof(struct sample, memory), 1e6, MOST_GROWTH_BYTES);
  /* These go up and down with what happens to be there. */
  check_flat(samples, count, "descriptors", offsetof(struct sample, descriptors), 1, 60);
  check_flat(samples, count, "threads", offsetof(struct sample, threads), 1, 20);

  for (int i = 0; i < CLIENTS; i++) CHECK_OK(kinect2_client_destroy(guests.clients[i]));
  CHECK_OK(kinect2_browser_destroy(guests.browser));
  CHECK_EQUAL(kinect2_live_objects(), 0);
  CHECK_WITHIN(5000, count_threads() == 1);
  end_child(&child);
}

int main(int count, char *arguments[]) {
  play_role(count, arguments, (const struct role[]){{"host", play_host}, {NULL, NULL}});
  if (count > 1) seconds = (unsigned)strtoul(arguments[1], NULL, 10);
  if (count > 2) seed = arguments[2];
  RUN(nothing_grows);
  return finish_tests();
}
