/* A server whose clock is another than the client's: shifted, and 100 ppm fast. Frames carry the instant of their capture on the
 * client's clock too, as the sensor's time, so that what the client makes of the server's clock can be checked, and its latencies. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <unistd.h>

#include "child.h"
#include "rig.h"

enum { RATE = 30, SECONDS = 22, LAST_SECONDS = 5, MOST = RATE * (SECONDS + 10), BRACKET_NS = 20000 };

/* The clock of the client, also in a process whose clock is shifted. */
static uint64_t true_ns(void) {
  struct timespec time;
  REQUIRE(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time) == 0);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void push(kinect2_device_t *device) {
  static uint16_t pixels[SMALL_PIXELS];
  uint64_t before, after, here;
  do { /* until nothing came between */
    before = true_ns();
    here = kinect2_clock_ns();
    after = true_ns();
  } while (after - before > BRACKET_NS);
  kinect2_frame_options_t options;
  kinect2_frame_options_init(&options, sizeof options);
  options.stream = KINECT2_STREAM_DEPTH;
  options.format = KINECT2_FORMAT_DEPTH16_MM;
  options.width = SMALL_WIDTH;
  options.height = SMALL_HEIGHT;
  options.data = pixels;
  options.size = sizeof pixels;
  options.capture_time_ns = here;
  options.device_time_ns = before + (after - before) / 2;
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_frame_create(&options, &frame));
  CHECK_OK(kinect2_device_push_frame(device, frame));
  CHECK_OK(kinect2_frame_release(frame));
}

static atomic_bool ending;

static void *push_frames(void *device) {
  for (uint64_t next = true_ns(); !ending; next += 1000000000u / RATE) {
    const uint64_t now = true_ns();
    if (next > now) usleep((useconds_t)((next - now) / 1000));
    push(device);
  }
  return NULL;
}

static int play_shifted_server(char *const arguments[]) {
  (void)arguments;
  kinect2_device_t *device = new_push("shifted");
  kinect2_server_t *server = new_server(NULL);
  REQUIRE_OK(kinect2_server_add_kinect(server, device));
  REQUIRE_OK(kinect2_device_start(device));
  REQUIRE_OK(kinect2_server_start(server));
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(server, endpoint);
  const int64_t ahead = (int64_t)(kinect2_clock_ns() - true_ns());
  say("%s %lld", endpoint, (long long)ahead);
  pthread_t thread = start_thread(push_frames, device);
  wait_for_the_end();
  ending = true;
  pthread_join(thread, NULL);
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_OK(kinect2_device_destroy(device));
  return finish_tests();
}

/* Touched by the callback, and by the main thread when none runs any more. */
struct record {
  uint64_t first_ns, count, outside, worst_error_ns, bound_ns;
  uint64_t times[MOST], latencies[MOST];
};

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *argument) {
  struct record *record = argument;
  const uint64_t now = true_ns();
  const kinect2_frame_info_t info = frame_info(frame);
  (void)client, (void)id;
  if (record->count == MOST) return;
  const uint64_t error = info.capture_time_local_ns > info.device_time_ns ? info.capture_time_local_ns - info.device_time_ns
                                                                           : info.device_time_ns - info.capture_time_local_ns;
  if (record->count == 0) record->first_ns = now;
  if (error > info.clock_error_ns + BRACKET_NS) record->outside++;
  if (error > record->worst_error_ns) record->worst_error_ns = error;
  record->bound_ns = info.clock_error_ns;
  record->times[record->count] = now;
  record->latencies[record->count++] = now - info.device_time_ns;
}

static int ascending(const void *a, const void *b) {
  const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

/* Nearest rank, of the last seconds. */
static uint64_t percentile(const struct record *record, uint64_t now, unsigned percent) {
  static uint64_t recent[MOST];
  size_t count = 0;
  for (uint64_t i = 0; i < record->count; i++) {
    if (record->times[i] + LAST_SECONDS * 1000000000ull >= now) recent[count++] = record->latencies[i];
  }
  REQUIRE(count > 0);
  qsort(recent, count, sizeof *recent, ascending);
  return recent[(count * percent + 99) / 100 - 1];
}

static bool agrees(uint64_t told, uint64_t measured, uint64_t bound) {
  const uint64_t difference = told > measured ? told - measured : measured - told;
  return difference <= bound + wait_ms(1) * 500000ull;
}

static void a_clock_that_is_shifted_and_fast(void) {
  static struct record record;
  REQUIRE(setenv("LD_PRELOAD", SHIFT_CLOCK, 1) == 0);
  struct child child = start_child("shifted_server", (const char *const[]){NULL});
  REQUIRE(unsetenv("LD_PRELOAD") == 0);
  char line[CHILD_LINE], endpoint[CHILD_LINE];
  long long ahead = 0;
  REQUIRE(hear(&child, 10000, line) && sscanf(line, "%511s %lld", endpoint, &ahead) == 2);
  printf("  the server's clock is %.3f s ahead\n", (double)ahead / 1e9);
  REQUIRE(ahead > 7500000000ll);

  kinect2_client_t *client = new_client(endpoint);
  CHECK_OK(kinect2_client_enable_depth_frames(client, NULL));
  CHECK_OK(kinect2_client_on_depth_frame(client, on_frame, &record));
  connect_client(client, 1);
  sleep_ms(SECONDS * 1000);
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(client, "shifted", KINECT2_STREAM_DEPTH, &stats));
  const uint64_t now = true_ns();
  CHECK_OK(kinect2_client_on_depth_frame(client, NULL, NULL));

  printf("  %llu frames, worst error %.1f us, bound at the end %.1f us\n", (unsigned long long)record.count,
         (double)record.worst_error_ns / 1e3, (double)record.bound_ns / 1e3);
  CHECK(record.count > RATE * SECONDS * 3 / 4);
  CHECK_EQUAL(record.outside, 0);
  /* In this time the clocks part by 2.2 ms: less than that can only be known by following them. */
  CHECK(record.bound_ns < wait_ms(1) * 1000000ull);

  const uint64_t p50 = percentile(&record, now, 50), p99 = percentile(&record, now, 99);
  printf("  latency p50 %.3f ms told, %.3f measured; p99 %.3f told, %.3f measured\n", (double)stats.latency_p50_ns / 1e6,
         (double)p50 / 1e6, (double)stats.latency_p99_ns / 1e6, (double)p99 / 1e6);
  CHECK(agrees(stats.latency_p50_ns, p50, record.bound_ns));
  CHECK(agrees(stats.latency_p99_ns, p99, record.bound_ns));
  CHECK_OK(kinect2_client_destroy(client));
  end_child(&child);
}

int main(int count, char *arguments[]) {
  play_role(count, arguments, (const struct role[]){{"shifted_server", play_shifted_server}, {NULL, NULL}});
  RUN(a_clock_that_is_shifted_and_fast);
  return finish_tests();
}
