/* replay_server.c - serves recorded frames as if a Kinect sent them, over and over.
 *
 *     cc examples-c/replay_server.c examples-c/support/recordings.c examples-c/support/system.c \
 *        -Iinclude -Ltarget/release -lstreamkinect2 -o replay_server
 *
 * It is also the pattern for any other source of frames: a push device, to which the host program
 * gives each frame when it has one. */
#include <stdlib.h>

#include "support/options.h"
#include "support/program.h"
#include "support/recordings.h"
#include "support/serving.h"
#include "support/system.h"

struct replay {
  kinect2_device_t *kinect;
  struct recordings recordings;
  double rate; /* of each stream, in frames per second */
  uint32_t loops;
};

static uint32_t format_of(uint32_t stream) {
  return stream == KINECT2_STREAM_INFRARED ? KINECT2_FORMAT_INFRARED16 : KINECT2_FORMAT_DEPTH16_MM;
}

/* Says what is going to come, so that clients know size and rate before the first frame. */
static bool declare(const struct replay *replay, uint32_t stream) {
  const struct recording *first = recordings_get(&replay->recordings, stream, 0);
  if (!first) return true;
  const kinect2_stream_info_t info = {.struct_size = sizeof info,
                                      .stream = stream,
                                      .format = format_of(stream),
                                      .codec = KINECT2_CODEC_RAW,
                                      .width = first->width,
                                      .height = first->height,
                                      .frame_rate = replay->rate};
  return !failed(kinect2_device_declare_stream(replay->kinect, &info), "cannot declare a stream");
}

static bool push(const struct replay *replay, uint32_t stream, uint64_t tick) {
  size_t count = recordings_count(&replay->recordings, stream);
  if (count == 0) return true;
  const struct recording *frame =
      recordings_get(&replay->recordings, stream, (size_t)(tick % count));
  size_t size = (size_t)frame->width * frame->height * sizeof *frame->pixels;
  return !failed(kinect2_device_push(replay->kinect, stream, format_of(stream), frame->width,
                                     frame->height, 0, frame->pixels, size, 0),
                 "cannot push a frame");
}

/* One loop is as many ticks as the stream with the most recordings has. */
static uint64_t ticks_to_play(const struct replay *replay) {
  size_t depth = recordings_count(&replay->recordings, KINECT2_STREAM_DEPTH);
  size_t infrared = recordings_count(&replay->recordings, KINECT2_STREAM_INFRARED);
  return replay->loops ? (uint64_t)replay->loops * (depth > infrared ? depth : infrared)
                       : UINT64_MAX;
}

static int play(const struct replay *replay, kinect2_server_t *server, uint64_t limit) {
  uint64_t start = kinect2_clock_ns(), ticks = ticks_to_play(replay);
  for (uint64_t tick = 0; tick < ticks && running(limit); tick++) {
    if (!push(replay, KINECT2_STREAM_DEPTH, tick) || !push(replay, KINECT2_STREAM_INFRARED, tick))
      return EXIT_FAILURE;
    print_server_event(server, 0);
    /* The next instant counts from the start, so that delays do not add up. */
    uint64_t next = start + (uint64_t)((double)(tick + 1) * 1e9 / replay->rate);
    for (uint64_t now = kinect2_clock_ns(); now < next && running(limit); now = kinect2_clock_ns()) {
      uint64_t tick_ns = (uint64_t)TICK_MS * 1000000u;
      system_sleep_ns(next - now < tick_ns ? next - now : tick_ns);
    }
  }
  return EXIT_SUCCESS;
}

static int serve(const struct replay *replay, kinect2_server_t *server, double seconds) {
  char id[KINECT2_ID_CAPACITY];
  if (!declare(replay, KINECT2_STREAM_DEPTH) || !declare(replay, KINECT2_STREAM_INFRARED) ||
      failed(kinect2_server_add_kinect(server, replay->kinect), "cannot add the kinect") ||
      failed(kinect2_server_start(server), "cannot start the server") ||
      failed(kinect2_device_start(replay->kinect), "cannot start the kinect") ||
      failed(kinect2_device_id(replay->kinect, id, sizeof id, NULL), "the kinect has no id"))
    return EXIT_FAILURE;
  print_serving(server, id);
  return play(replay, server, time_limit(seconds));
}

int main(int argc, char **argv) {
  kinect2_server_options_t server_options;
  kinect2_server_options_init(&server_options, sizeof server_options);
  struct replay replay = {.rate = 30};
  const char *id = NULL;
  double seconds = 0;
  bool no_announce = false, verbose = false;
  const struct option options[] = {
      {"--name", "N", "name of the server (Kinect on HOST)", .text = &server_options.name},
      {"--address", "A", "numeric address to serve on (all)", .text = &server_options.address},
      {"--port", "P", "control port (any free one)", .count = &server_options.port, .most = 65535},
      {"--data-port", "P", "first of the kinect's four frame ports (any free ones)",
       .count = &server_options.data_port, .most = 65535},
      {"--id", "ID", "id of the kinect (made up)", .text = &id},
      {"--rate", "HZ", "frames per second (30)", .real = &replay.rate, .least = 0.1, .most = 1000},
      {"--loops", "N", "end after N rounds (0: on Ctrl-C)", .count = &replay.loops},
      {"--no-announce", NULL, "do not advertise over Zeroconf", .flag = &no_announce},
      {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", .real = &seconds},
      {"--verbose", NULL, "show the library's log", .flag = &verbose},
  };
  const struct command_line line = {
      .program = "replay_server",
      .operands = "PATH...",
      .least_operands = 1,
      .most_operands = SIZE_MAX,
      .about = "Serves recorded frames: files, or folders of .u16 files, of raw little-endian 16-bit\n"
               "values. Names with `infrared` are infrared, others depth in millimetres. The size is\n"
               "in the name (_WxH), else 512x424.",
      .options = options,
      .option_count = sizeof options / sizeof options[0]};
  size_t paths = options_parse(&line, argc, argv);
  server_options.announce = !no_announce;
  program_begin(verbose);

  int status = EXIT_FAILURE;
  bool read = true;
  for (size_t i = 0; i < paths && read; i++) read = recordings_add(&replay.recordings, argv[i]);
  kinect2_server_t *server = NULL;
  if (read && !failed(kinect2_device_create_push(id, &replay.kinect), "cannot create the kinect") &&
      !failed(kinect2_server_create(&server_options, &server), "cannot create the server"))
    status = serve(&replay, server, seconds);
  kinect2_server_destroy(server);
  kinect2_device_destroy(replay.kinect);
  recordings_free(&replay.recordings);
  return status;
}
