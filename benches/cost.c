/* cost.c - what streaming depth costs: a server and a client as two processes over loopback, at 30 frames a second.
 *
 * Prints the time from capture to callback, and the CPU time and memory of both. The processes are forked before anything of
 * the library is called; the parent only measures, from outside, so that measuring costs them nothing. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <poll.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "support/options.h"
#include "support/program.h"
#include "support/recordings.h"
#include "support/system.h"

enum { RATE = 30, WARM_UP_SECONDS = 2, PATIENCE_MS = 20000 };

#define KINECT_ID "measured"

struct setting {
  uint32_t codec; /* KINECT2_CODEC_* */
  double seconds;
  struct recordings recordings; /* none: the mock */
};

/* What the client saw between two words of the parent. */
struct seen {
  uint64_t frames, lost, bytes;
  uint64_t p50_ns, p99_ns;
};

/* A forked process with a pipe in each direction. */
struct process {
  pid_t pid;
  int to, from;
};

_Noreturn static void give_up(const char *what) {
  fprintf(stderr, "cost: %s\n", what);
  exit(EXIT_FAILURE); /* the children see the end of their pipes */
}

/* In a child: ends it if the call failed. */
static void need(kinect2_result_t result, const char *what) {
  if (failed(result, what)) _exit(EXIT_FAILURE);
}

static struct process fork_process(void (*play)(const struct setting *, int from, int to), const struct setting *setting) {
  int down[2], up[2];
  if (pipe(down) != 0 || pipe(up) != 0) give_up("no pipe");
  fflush(NULL);
  struct process process = {.pid = fork(), .to = down[1], .from = up[0]};
  if (process.pid < 0) give_up("cannot fork");
  if (process.pid == 0) {
    close(down[1]);
    close(up[0]);
    play(setting, down[0], up[1]);
    _exit(EXIT_SUCCESS);
  }
  close(down[0]);
  close(up[1]);
  return process;
}

/* Waits for a word of the other side, at most so long; false: none came. -1: for ever. */
static bool word_came(int from, int timeout_ms) {
  struct pollfd item = {.fd = from, .events = POLLIN};
  return poll(&item, 1, timeout_ms) != 0;
}

/* ---- server ---- */

static kinect2_device_t *create_device(const struct setting *setting) {
  kinect2_device_t *device = NULL;
  if (setting->recordings.count != 0) {
    const struct recording *first = recordings_get(&setting->recordings, KINECT2_STREAM_DEPTH, 0);
    const kinect2_stream_info_t info = {.struct_size = sizeof info, .stream = KINECT2_STREAM_DEPTH,
                                        .format = KINECT2_FORMAT_DEPTH16_MM, .codec = KINECT2_CODEC_RAW,
                                        .width = first->width, .height = first->height, .frame_rate = RATE};
    need(kinect2_device_create_push(KINECT_ID, &device), "cannot create a device");
    need(kinect2_device_declare_stream(device, &info), "cannot declare the stream");
    return device;
  }
  kinect2_mock_options_t options;
  kinect2_mock_options_init(&options, sizeof options);
  options.frame_rate = RATE;
  options.id = KINECT_ID;
  need(kinect2_device_create_mock(&options, &device), "cannot create a mock");
  return device;
}

/* Until the parent has had enough. */
static void play_recordings(const struct recordings *recordings, kinect2_device_t *device, int from) {
  const size_t count = recordings_count(recordings, KINECT2_STREAM_DEPTH);
  const uint64_t start = kinect2_clock_ns();
  for (uint64_t tick = 0;; tick++) {
    const uint64_t due = start + tick * 1000000000u / RATE, now = kinect2_clock_ns();
    if (due > now) system_sleep_ns(due - now);
    if (word_came(from, 0)) return;
    const struct recording *frame = recordings_get(recordings, KINECT2_STREAM_DEPTH, (size_t)(tick % count));
    need(kinect2_device_push(device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, frame->width, frame->height, 0,
                             frame->pixels, (size_t)frame->width * frame->height * sizeof *frame->pixels, 0),
         "cannot push a frame");
  }
}

static void play_server(const struct setting *setting, int from, int to) {
  kinect2_server_options_t options;
  kinect2_encode_options_t encoding;
  kinect2_server_options_init(&options, sizeof options);
  kinect2_encode_options_init(&encoding, sizeof encoding);
  options.announce = 0;
  options.address = "127.0.0.1";
  encoding.codec = setting->codec;
  kinect2_server_t *server = NULL;
  kinect2_device_t *device = create_device(setting);
  char endpoint[KINECT2_TEXT_CAPACITY] = "";
  need(kinect2_server_create(&options, &server), "cannot create a server");
  need(kinect2_server_add_kinect(server, device), "cannot add the device");
  need(kinect2_server_set_encoding(server, device, KINECT2_STREAM_DEPTH, &encoding), "cannot set the codec");
  need(kinect2_server_start(server), "cannot start the server");
  need(kinect2_device_start(device), "cannot start the device");
  need(kinect2_server_endpoint(server, NULL, KINECT2_ENDPOINT_CONTROL, endpoint, sizeof endpoint, NULL), "no endpoint");
  if (write(to, endpoint, sizeof endpoint) != (ssize_t)sizeof endpoint) return;
  if (setting->recordings.count != 0) play_recordings(&setting->recordings, device, from);
  word_came(from, -1);
  kinect2_server_destroy(server);
  kinect2_device_destroy(device);
}

/* ---- client ---- */

/* Touched by the callback, and by the client's main thread while no callback is set. */
struct latencies {
  uint64_t *values;
  size_t count, capacity;
};

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *user_data) {
  struct latencies *latencies = user_data;
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  (void)client, (void)id;
  if (kinect2_frame_info(frame, &info) != KINECT2_OK || latencies->count == latencies->capacity) return;
  latencies->values[latencies->count++] = kinect2_clock_ns() - info.capture_time_local_ns;
}

static int ascending(const void *a, const void *b) {
  const uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return (left > right) - (left < right);
}

/* Nearest rank. */
static uint64_t percentile(const struct latencies *sorted, size_t percent) {
  return sorted->count == 0 ? 0 : sorted->values[(sorted->count * percent + 99) / 100 - 1];
}

static kinect2_client_stats_t figures(const kinect2_client_t *client) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  need(kinect2_client_stats(client, KINECT_ID, KINECT2_STREAM_DEPTH, &stats), "no figures");
  return stats;
}

/* The parent's words: the endpoint, then one byte to begin and one to end. Answers: a byte when frames flow, then what was seen. */
static void play_client(const struct setting *setting, int from, int to) {
  struct latencies latencies = {.capacity = (size_t)(setting->seconds + WARM_UP_SECONDS + 10) * RATE * 2};
  latencies.values = malloc(latencies.capacity * sizeof *latencies.values);
  char endpoint[KINECT2_TEXT_CAPACITY], word;
  struct recordings inherited = setting->recordings;
  recordings_free(&inherited); /* they would count as this process's memory */
  kinect2_client_t *client = NULL;
  kinect2_frame_t *frame = NULL;
  if (!latencies.values || read(from, endpoint, sizeof endpoint) != (ssize_t)sizeof endpoint) return;
  need(kinect2_client_create(endpoint, NULL, &client), "cannot create a client");
  need(kinect2_client_enable_depth_frames(client, NULL), "cannot enable depth frames");
  need(kinect2_client_on_depth_frame(client, on_frame, &latencies), "cannot set a callback");
  need(kinect2_client_connect(client), "cannot connect");
  if (kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, PATIENCE_MS, &frame) != KINECT2_OK) return;
  kinect2_frame_release(frame);

  if (write(to, "f", 1) != 1 || read(from, &word, 1) != 1) return;
  need(kinect2_client_on_depth_frame(client, NULL, NULL), "cannot remove the callback");
  latencies.count = 0;
  const kinect2_client_stats_t before = figures(client);
  need(kinect2_client_on_depth_frame(client, on_frame, &latencies), "cannot set the callback");
  if (read(from, &word, 1) != 1) return;
  need(kinect2_client_on_depth_frame(client, NULL, NULL), "cannot remove the callback");
  const kinect2_client_stats_t after = figures(client);
  qsort(latencies.values, latencies.count, sizeof *latencies.values, ascending);
  const struct seen seen = {.frames = after.received - before.received, .lost = after.lost - before.lost,
                            .bytes = after.bytes - before.bytes,
                            .p50_ns = percentile(&latencies, 50), .p99_ns = percentile(&latencies, 99)};
  if (write(to, &seen, sizeof seen) != (ssize_t)sizeof seen) return;
  word_came(from, -1);
  kinect2_client_destroy(client);
}

/* ---- parent ---- */

static double cpu_seconds(const struct process *process) {
  clockid_t clock;
  struct timespec time = {0};
  if (clock_getcpuclockid(process->pid, &clock) != 0 || clock_gettime(clock, &time) != 0) give_up("a process has ended");
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double resident_megabytes(const struct process *process) {
  char path[64];
  unsigned long long total = 0, resident = 0;
  snprintf(path, sizeof path, "/proc/%ld/statm", (long)process->pid);
  FILE *file = fopen(path, "r");
  const int read = file ? fscanf(file, "%llu %llu", &total, &resident) : 0;
  if (file) fclose(file);
  return read == 2 ? (double)resident * (double)sysconf(_SC_PAGESIZE) / 1e6 : NAN;
}

static void hear(const struct process *process, void *word, size_t size) {
  if (!word_came(process->from, PATIENCE_MS) || read(process->from, word, size) != (ssize_t)size) give_up("a process failed");
}

static void tell(const struct process *process, const void *word, size_t size) {
  if (write(process->to, word, size) != (ssize_t)size) give_up("a process has ended");
}

static void end_process(const struct process *process) {
  int status = 0;
  close(process->to);
  if (waitpid(process->pid, &status, 0) != process->pid || status != 0) give_up("a process ended badly");
}

static void measure(const struct setting *setting, const char *codec) {
  char word, endpoint[KINECT2_TEXT_CAPACITY];
  struct seen seen;
  const uint64_t duration_ns = (uint64_t)(setting->seconds * 1e9);
  /* the server first and last: the client has its pipes too, so it sees their end only when the client has gone */
  const struct process server = fork_process(play_server, setting);
  const struct process client = fork_process(play_client, setting);
  const struct process *both[] = {&server, &client};
  double cpu[2], share[2], memory[2];
  hear(&server, endpoint, sizeof endpoint);
  tell(&client, endpoint, sizeof endpoint);
  hear(&client, &word, 1);
  system_sleep_ns(WARM_UP_SECONDS * 1000000000ull);
  tell(&client, "b", 1);
  for (int i = 0; i < 2; i++) cpu[i] = cpu_seconds(both[i]);
  system_sleep_ns(duration_ns);
  for (int i = 0; i < 2; i++) share[i] = (cpu_seconds(both[i]) - cpu[i]) / setting->seconds * 100;
  for (int i = 0; i < 2; i++) memory[i] = resident_megabytes(both[i]);
  tell(&client, "e", 1);
  hear(&client, &seen, sizeof seen);
  end_process(&client);
  end_process(&server);

  printf("%-20s %s, %d/s for %g s\n", "codec", codec, RATE, setting->seconds);
  printf("%-20s %" PRIu64 " received, %" PRIu64 " lost\n", "frames", seen.frames, seen.lost);
  printf("%-20s %.1f Mbit/s\n", "on the network", (double)seen.bytes * 8 / 1e6 / setting->seconds);
  printf("%-20s p50 %.2f ms, p99 %.2f ms\n", "capture to callback", (double)seen.p50_ns / 1e6, (double)seen.p99_ns / 1e6);
  printf("%-20s %.1f %% of a core, %.1f MB resident\n", "server", share[0], memory[0]);
  printf("%-20s %.1f %% of a core, %.1f MB resident\n", "client", share[1], memory[1]);
}

static double megabytes(const struct recordings *recordings) {
  size_t values = 0;
  for (size_t i = 0; i < recordings->count; i++) values += (size_t)recordings->items[i].width * recordings->items[i].height;
  return (double)(values * sizeof *recordings->items->pixels) / 1e6;
}

static bool codec_number(const char *name, uint32_t *number) {
  static const char *const names[] = {"auto", "raw", "lz4", "rvl", "k2d"}; /* KINECT2_CODEC_AUTO = 0 and so on */
  for (*number = 0; *number < sizeof names / sizeof names[0]; ++*number) {
    if (strcmp(name, names[*number]) == 0) return true;
  }
  return false;
}

int main(int argc, char **argv) {
  struct setting setting = {.seconds = 10};
  const char *codec = "auto";
  const struct option options[] = {
      {"--codec", "NAME", "auto (the library's choice), raw, lz4, rvl or k2d", .text = &codec},
      {"--seconds", "S", "how long to measure (10)", .real = &setting.seconds, .least = 1, .most = 3600},
  };
  const struct command_line line = {
      .program = "cost",
      .operands = "[PATH...]",
      .most_operands = SIZE_MAX,
      .about = "What streaming depth costs: a server and a client as two processes on this machine, at 30\n"
               "frames a second. Streams recordings (files, or folders of .u16 files; they lie in the\n"
               "server's memory), or else the mock. Depth only.",
      .options = options,
      .option_count = sizeof options / sizeof options[0]};
  const size_t paths = options_parse(&line, argc, argv);
  if (!codec_number(codec, &setting.codec)) options_refuse(&line, "--codec does not know", codec);
  for (size_t i = 0; i < paths; i++) {
    if (!recordings_add(&setting.recordings, argv[i])) return EXIT_FAILURE;
  }
  const size_t depth = recordings_count(&setting.recordings, KINECT2_STREAM_DEPTH);
  if (paths != 0 && depth == 0) give_up("there is no depth among the recordings");
  printf("%-20s %s", "source", depth != 0 ? "" : "mock\n");
  if (depth != 0) printf("%zu recorded, %.1f MB of the server's memory\n", depth, megabytes(&setting.recordings));
  signal(SIGPIPE, SIG_IGN); /* a child that fails is told by write() */
  measure(&setting, codec);
  recordings_free(&setting.recordings);
  return EXIT_SUCCESS;
}
