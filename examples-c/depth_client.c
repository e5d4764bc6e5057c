/* depth_client.c - receives depth frames: measures, saves and verifies them.
 *
 *     cd examples-c/support
 *     cc ../depth_client.c canvas.c colormap.c depth_picture.c png_writer.c recordings.c system.c \
 *        verify.c -I../../include -L../../target/release -lstreamkinect2 -lpng -lm -o depth_client
 *
 * One thread and no callbacks: the newest frame waits in the library until it is taken, so a
 * program that is slow for a moment gets a new frame afterwards, not an old one. */
#include <stdlib.h>
#include <string.h>

#include "support/depth_picture.h"
#include "support/options.h"
#include "support/png_writer.h"
#include "support/program.h"
#include "support/recordings.h"
#include "support/verify.h"

struct settings {
  const char *endpoint, *server, *address, *kinect, *save, *verify;
  uint32_t frames; /* 0: no limit */
  double seconds, timeout;
  bool verbose;
};

/* What one kinect's depth stream did so far. */
struct reception {
  kinect2_client_t *client;
  char kinect[KINECT2_ID_CAPACITY];
  uint64_t frames;
  kinect2_frame_t *last; /* a reference of our own, or NULL */
};

static const char *codec_name(uint32_t codec) {
  switch (codec) {
    case KINECT2_CODEC_RAW: return "raw";
    case KINECT2_CODEC_LZ4_PACKED: return "lz4-packed";
    case KINECT2_CODEC_RVL: return "rvl";
    case KINECT2_CODEC_K2D: return "k2d";
    default: return "unknown";
  }
}

/* ---- finding a server and its kinect ---------------------------------------------------- */

/* A client finds its server itself. Only to look on one interface a browser is needed. */
static int find_endpoint(const struct settings *settings, char *endpoint, size_t capacity,
                         uint64_t limit) {
  kinect2_browser_options_t options;
  kinect2_browser_options_init(&options, sizeof options);
  options.address = settings->address;
  kinect2_browser_t *browser = NULL;
  int status = EXIT_FAILURE;
  if (!failed(kinect2_browser_create(&options, &browser), "cannot create the browser") &&
      !failed(kinect2_browser_start(browser), "cannot look for servers")) {
    status = EXIT_NOTHING;
    while (status == EXIT_NOTHING && running(limit)) {
      kinect2_event_t event = {.struct_size = sizeof event};
      if (kinect2_browser_next_event(browser, TICK_MS, &event) == KINECT2_OK &&
          event.type == KINECT2_EVENT_ADD_SERVER &&
          (!settings->server || strcmp(event.id, settings->server) == 0)) {
        printf("found \"%s\" at %s\n", event.id, event.text);
        snprintf(endpoint, capacity, "%s", event.text);
        status = EXIT_SUCCESS;
      }
    }
    if (status == EXIT_NOTHING && !stop_signal_came) fprintf(stderr, "no server found\n");
  }
  kinect2_browser_destroy(browser);
  return status;
}

static int connect_client(const struct settings *settings, uint64_t limit,
                          kinect2_client_t **client) {
  char found[KINECT2_TEXT_CAPACITY];
  kinect2_client_options_t options;
  kinect2_client_options_init(&options, sizeof options);
  const char *endpoint = settings->endpoint;
  if (!endpoint && settings->address) {
    int status = find_endpoint(settings, found, sizeof found, limit);
    if (status != EXIT_SUCCESS) return status;
    endpoint = found;
  } else if (!endpoint) {
    options.server_name = settings->server ? settings->server : "*";
  }
  if (failed(kinect2_client_create(endpoint, &options, client), "cannot create the client") ||
      failed(kinect2_client_connect(*client), "cannot connect"))
    return EXIT_FAILURE;
  return EXIT_SUCCESS;
}

/* Says what happened; waits for the next event, so long at most. */
static void report(kinect2_client_t *client, uint32_t timeout_ms) {
  kinect2_event_t event = {.struct_size = sizeof event};
  if (kinect2_client_next_event(client, timeout_ms, &event) != KINECT2_OK) return;
  char name[KINECT2_TEXT_CAPACITY] = "";
  switch (event.type) {
    case KINECT2_EVENT_CONNECT:
      kinect2_client_server_name(client, name, sizeof name, NULL);
      printf("connected to \"%s\"\n", name);
      break;
    case KINECT2_EVENT_DISCONNECT:
      fprintf(stderr, "server lost (%s), trying again\n", kinect2_result_name(event.result));
      break;
    case KINECT2_EVENT_REMOVE_KINECT:
      fprintf(stderr, "kinect %s went away\n", event.id);
      break;
    case KINECT2_EVENT_ERROR:
      fprintf(stderr, "%s (%s)\n", event.text, kinect2_result_name(event.result));
      break;
    default:
      break;
  }
}

/* Switches on the depth stream of the kinect that is asked for, or of the first that has one. It
 * stays on when server or kinect go away and come back. */
static bool enable_depth(struct reception *reception, const char *wanted) {
  kinect2_client_t *client = reception->client;
  for (uint32_t i = 0; i < kinect2_client_kinect_count(client); i++) {
    char *id = reception->kinect;
    if (kinect2_client_kinect_id(client, i, id, sizeof reception->kinect, NULL) == KINECT2_OK &&
        (!wanted || strcmp(wanted, id) == 0) &&
        kinect2_client_enable_depth_frames(client, id) == KINECT2_OK)
      return true;
  }
  return false;
}

static int wait_for_kinect(struct reception *reception, const char *wanted, uint64_t limit) {
  while (running(limit)) {
    report(reception->client, TICK_MS);
    if (enable_depth(reception, wanted)) return EXIT_SUCCESS;
  }
  if (!stop_signal_came) fprintf(stderr, "no kinect with a depth stream found\n");
  return EXIT_NOTHING;
}

static bool load_recordings(const char *folder, struct recordings *recordings) {
  if (!recordings_add(recordings, folder)) return false;
  if (recordings_count(recordings, KINECT2_STREAM_DEPTH)) return true;
  fprintf(stderr, "%s: no depth recordings to verify with\n", folder);
  return false;
}

/* ---- receiving --------------------------------------------------------------------------- */

static void print_first(const kinect2_frame_info_t *info, const char *kinect) {
  printf("kinect %s: depth %ux%u, sequence %llu, codec %s, latency ", kinect, info->width,
         info->height, (unsigned long long)info->sequence, codec_name(info->codec));
  /* Peers of version 1 send no times: 0 is "unknown". */
  if (info->capture_time_local_ns == 0)
    printf("unknown\n");
  else
    printf("%.2f ms\n",
           ((double)info->receive_time_ns - (double)info->capture_time_local_ns) / 1e6);
}

/* Rates of the time since `before`, totals for the rest; then `before` is now. */
static void print_stats(const struct reception *reception, kinect2_client_stats_t *before,
                        double seconds) {
  kinect2_client_stats_t now = {.struct_size = sizeof now};
  if (kinect2_client_stats(reception->client, reception->kinect, KINECT2_STREAM_DEPTH, &now) !=
      KINECT2_OK)
    return; /* the kinect is away */
  printf("fps %.1f  Mbit/s %.1f  lost %llu  dropped %llu  corrupt %llu  latency ",
         (double)(now.received - before->received) / seconds,
         (double)(now.bytes - before->bytes) * 8e-6 / seconds, (unsigned long long)now.lost,
         (unsigned long long)now.dropped, (unsigned long long)now.corrupt);
  if (now.latency_p50_ns == 0)
    printf("unknown\n");
  else
    printf("p50 %.2f ms  p99 %.2f ms\n", (double)now.latency_p50_ns / 1e6,
           (double)now.latency_p99_ns / 1e6);
  *before = now;
}

/* Keeps the frame as the newest; false: it is not what was recorded. */
static bool accept_frame(struct reception *reception, kinect2_frame_t *frame,
                         const struct recordings *recordings) {
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  kinect2_frame_info(frame, &info);
  kinect2_frame_release(reception->last);
  reception->last = frame;
  if (reception->frames++ == 0) print_first(&info, reception->kinect);
  return recordings->count == 0 || verify_depth(recordings, &info, kinect2_frame_data(frame));
}

static int receive(struct reception *reception, const struct settings *settings,
                   const struct recordings *recordings) {
  const uint64_t second = 1000000000u;
  uint64_t limit = time_limit(settings->seconds), patience = time_limit(settings->timeout);
  uint64_t reported = kinect2_clock_ns();
  kinect2_client_stats_t before = {0};
  while (running(limit) && (settings->frames == 0 || reception->frames < settings->frames)) {
    kinect2_frame_t *frame = NULL;
    /* KINECT2_TIMEOUT: none came, which is also so while server or kinect are away. */
    kinect2_result_t result = kinect2_client_take_frame(
        reception->client, reception->kinect, KINECT2_STREAM_DEPTH, TICK_MS, &frame);
    if (failed(result, "cannot take a frame")) return EXIT_FAILURE;
    if (result == KINECT2_OK) {
      if (!accept_frame(reception, frame, recordings)) return EXIT_DIFFERENT;
      patience = time_limit(settings->timeout);
    }
    report(reception->client, 0);
    uint64_t now = kinect2_clock_ns();
    if (now >= patience) {
      fprintf(stderr, "no frame for %g seconds\n", settings->timeout);
      return EXIT_NOTHING;
    }
    if (now - reported >= second) {
      print_stats(reception, &before, (double)(now - reported) * 1e-9);
      reported = now;
    }
  }
  return reception->frames ? EXIT_SUCCESS : EXIT_NOTHING;
}

/* ---- afterwards -------------------------------------------------------------------------- */

/* PREFIX.png has the millimetres themselves, PREFIX-color.png is for people. */
static bool save(const struct reception *reception, const char *prefix) {
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  kinect2_frame_info(reception->last, &info);
  const uint16_t *depth = kinect2_frame_data(reception->last);
  size_t size = strlen(prefix) + sizeof "-color.png";
  char *path = malloc(size);
  char title[KINECT2_ID_CAPACITY + 80];
  snprintf(title, sizeof title, "%s  #%llu  %ux%u", reception->kinect,
           (unsigned long long)info.sequence, info.width, info.height);
  struct canvas picture = {0};
  if (!path || !depth_picture_draw(&picture, depth, info.width, info.height, title)) {
    fprintf(stderr, "out of memory\n");
    free(path);
    return false;
  }
  snprintf(path, size, "%s.png", prefix);
  bool fine = png_write_grey16(path, depth, info.width, info.height);
  if (fine) printf("saved %s: depth in millimetres\n", path);
  snprintf(path, size, "%s-color.png", prefix);
  fine = png_write_canvas(path, &picture) && fine;
  if (fine) printf("saved %s: colours with a scale in metres\n", path);
  canvas_free(&picture);
  free(path);
  return fine;
}

static int run(struct reception *reception, const struct settings *settings,
               const struct recordings *recordings) {
  uint64_t limit = time_limit(settings->timeout);
  int status = connect_client(settings, limit, &reception->client);
  if (status == EXIT_SUCCESS) status = wait_for_kinect(reception, settings->kinect, limit);
  if (status == EXIT_SUCCESS) status = receive(reception, settings, recordings);
  if (reception->last) printf("received %llu frames\n", (unsigned long long)reception->frames);
  if (status == EXIT_SUCCESS && recordings->count)
    printf("verified %llu frames: bit-exact\n", (unsigned long long)reception->frames);
  if (reception->last && settings->save && !save(reception, settings->save) &&
      status == EXIT_SUCCESS)
    status = EXIT_FAILURE;
  return status == EXIT_NOTHING && stop_signal_came ? EXIT_SUCCESS : status;
}

int main(int argc, char **argv) {
  struct settings settings = {.timeout = 10};
  const struct option options[] = {
      {"--server", "NAME", "name of the server (the first that is found)",
       .text = &settings.server},
      {"--address", "A", "look for it on the interface with this address (all)",
       .text = &settings.address},
      {"--kinect", "ID", "which of the server's kinects (the first)", .text = &settings.kinect},
      {"--frames", "N", "end after N frames (0: on Ctrl-C)", .count = &settings.frames},
      {"--seconds", "S", "end after S seconds of receiving (0: on Ctrl-C)",
       .real = &settings.seconds},
      {"--timeout", "S", "give up when there is no frame for S seconds (10; 0: never)",
       .real = &settings.timeout},
      {"--save", "PREFIX", "write the last frame to PREFIX.png and PREFIX-color.png",
       .text = &settings.save},
      {"--verify", "FOLDER", "every frame must be one of the depth recordings here",
       .text = &settings.verify},
      {"--verbose", NULL, "show the library's log", .flag = &settings.verbose},
  };
  const struct command_line line = {
      .program = "depth_client",
      .operands = "[ENDPOINT]",
      .most_operands = 1,
      .about = "Receives depth frames from the server at ENDPOINT (tcp://HOST:PORT), or else from the\n"
               "one of that name, or the first that is found; once a second it prints what it sees.",
      .options = options,
      .option_count = sizeof options / sizeof options[0]};
  if (options_parse(&line, argc, argv) == 1) settings.endpoint = argv[0];
  program_begin(settings.verbose);

  struct recordings recordings = {0};
  struct reception reception = {0};
  int status = EXIT_USAGE;
  if (!settings.verify || load_recordings(settings.verify, &recordings))
    status = run(&reception, &settings, &recordings);
  kinect2_frame_release(reception.last); /* frames outlive their client, so any order is fine */
  kinect2_client_destroy(reception.client);
  recordings_free(&recordings);
  return status;
}
