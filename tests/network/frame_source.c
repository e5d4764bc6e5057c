/* frame_source.c - a server whose stream has a known rate, for tests that count and time what arrives.
 *
 * Its frames are even ground with noise, 9 values wide: in RVL 142 kB at 512x424, which is what a real sensor's take. It pushes
 * nothing before its subscribers are there and, with --frames, the last one after all others had time to leave: so the first and the
 * last frame arrive, and what the client received and lost is all that was pushed. */
#include <inttypes.h>

#include "support/options.h"
#include "support/program.h"
#include "support/serving.h"
#include "support/system.h"

enum { PICTURES = 16, GROUND_MM = 2000, NOISE_MM = 9, REST_MS = 1500 };

struct source {
  kinect2_device_t *kinect;
  kinect2_server_t *server;
  uint32_t width, height, frames, subscribers;
  double rate;
  uint16_t *pictures; /* PICTURES, one after the other */
};

/* Values that no codec can predict (xorshift, Marsaglia 2003), the same in every run. */
static bool draw_pictures(struct source *source) {
  const size_t values = (size_t)source->width * source->height * PICTURES;
  uint32_t random = 2463534242u;
  source->pictures = malloc(values * sizeof *source->pictures);
  for (size_t i = 0; source->pictures && i < values; i++) {
    random ^= random << 13;
    random ^= random >> 17;
    random ^= random << 5;
    source->pictures[i] = (uint16_t)(GROUND_MM + random % NOISE_MM);
  }
  return source->pictures != NULL;
}

static bool declare(const struct source *source) {
  const kinect2_stream_info_t info = {.struct_size = sizeof info,
                                      .stream = KINECT2_STREAM_DEPTH,
                                      .format = KINECT2_FORMAT_DEPTH16_MM,
                                      .codec = KINECT2_CODEC_RAW,
                                      .width = source->width,
                                      .height = source->height,
                                      .frame_rate = source->rate};
  return !failed(kinect2_device_declare_stream(source->kinect, &info), "cannot declare the stream");
}

static bool push(const struct source *source, uint64_t number) {
  const size_t values = (size_t)source->width * source->height;
  return !failed(kinect2_device_push(source->kinect, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, source->width, source->height,
                                     0, source->pictures + values * (number % PICTURES), values * sizeof *source->pictures, 0),
                 "cannot push a frame");
}

static kinect2_server_stats_t figures(const struct source *source) {
  char id[KINECT2_ID_CAPACITY];
  kinect2_server_stats_t stats = {.struct_size = sizeof stats};
  if (failed(kinect2_device_id(source->kinect, id, sizeof id, NULL), "the kinect has no id") ||
      failed(kinect2_server_stats(source->server, id, KINECT2_STREAM_DEPTH, &stats), "no figures"))
    stop_signal_came = 1;
  return stats;
}

static void sleep_until(uint64_t instant) {
  for (uint64_t now = kinect2_clock_ns(); now < instant && !stop_signal_came; now = kinect2_clock_ns())
    system_sleep_ns(instant - now);
}

/* Until it has pushed its frames, or is told to stop. */
static int play(const struct source *source) {
  while (!stop_signal_came && figures(source).subscribers < source->subscribers) system_sleep_ns(1000000);
  /* What is counted are connections; a second one's subscription may still be on its way. */
  if (source->subscribers > 1) sleep_until(kinect2_clock_ns() + REST_MS * UINT64_C(1000000));
  const uint64_t start = kinect2_clock_ns();
  for (uint64_t number = 0; !stop_signal_came && (source->frames == 0 || number < source->frames); number++) {
    const bool is_last = source->frames != 0 && number + 1 == source->frames;
    sleep_until(start + (uint64_t)((double)number * 1e9 / source->rate) + (is_last ? REST_MS * UINT64_C(1000000) : 0));
    if (!push(source, number)) return EXIT_FAILURE;
    print_server_event(source->server, 0);
  }
  kinect2_server_stats_t stats = figures(source);
  while (!stop_signal_came && stats.encoded + stats.dropped < stats.frames_in) {
    system_sleep_ns(1000000);
    stats = figures(source);
  }
  printf("figures frames_in %" PRIu64 " encoded %" PRIu64 " sent %" PRIu64 " dropped %" PRIu64 " bytes %" PRIu64 "\n", stats.frames_in,
         stats.encoded, stats.sent, stats.dropped, stats.bytes);
  while (!stop_signal_came) print_server_event(source->server, TICK_MS);
  return EXIT_SUCCESS;
}

static int serve(struct source *source, uint32_t codec) {
  char id[KINECT2_ID_CAPACITY];
  kinect2_encode_options_t encoding;
  kinect2_encode_options_init(&encoding, sizeof encoding);
  encoding.codec = codec;
  if (!declare(source) || failed(kinect2_server_add_kinect(source->server, source->kinect), "cannot add the kinect") ||
      failed(kinect2_server_set_encoding(source->server, source->kinect, KINECT2_STREAM_DEPTH, &encoding), "cannot set the codec") ||
      failed(kinect2_server_start(source->server), "cannot start the server") ||
      failed(kinect2_device_start(source->kinect), "cannot start the kinect") ||
      failed(kinect2_device_id(source->kinect, id, sizeof id, NULL), "the kinect has no id"))
    return EXIT_FAILURE;
  print_serving(source->server, id);
  return play(source);
}

int main(int argc, char **argv) {
  kinect2_server_options_t server_options;
  kinect2_server_options_init(&server_options, sizeof server_options);
  struct source source = {.width = 512, .height = 424, .subscribers = 1, .rate = 30};
  bool raw = false, no_announce = false, verbose = false;
  const struct option options[] = {
      {"--name", "N", "name of the server (Kinect on HOST)", .text = &server_options.name},
      {"--port", "P", "control port (any free one)", .count = &server_options.port, .most = 65535},
      {"--data-port", "P", "first of the four frame ports (any free ones)", .count = &server_options.data_port, .most = 65535},
      {"--width", "N", "pixels in a row (512)", .count = &source.width, .least = 2, .most = 1024},
      {"--height", "N", "rows (424)", .count = &source.height, .least = 1, .most = 1024},
      {"--raw", NULL, "send pixels as they are, 2 bytes each (RVL)", .flag = &raw},
      {"--rate", "HZ", "frames per second (30)", .real = &source.rate, .least = 0.1, .most = 1000},
      {"--frames", "N", "push so many, then print figures (0: until Ctrl-C)", .count = &source.frames},
      {"--subscribers", "N", "begin when so many are there (1)", .count = &source.subscribers},
      {"--no-announce", NULL, "do not advertise over Zeroconf", .flag = &no_announce},
      {"--verbose", NULL, "show the library's log", .flag = &verbose},
  };
  const struct command_line line = {.program = "frame_source",
                                    .about = "Serves depth frames of a known size, for tests.",
                                    .options = options,
                                    .option_count = sizeof options / sizeof options[0]};
  options_parse(&line, argc, argv);
  server_options.announce = !no_announce;
  program_begin(verbose);

  int status = EXIT_FAILURE;
  if (!draw_pictures(&source))
    fprintf(stderr, "out of memory\n");
  else if (!failed(kinect2_device_create_push("noise", &source.kinect), "cannot create the kinect") &&
           !failed(kinect2_server_create(&server_options, &source.server), "cannot create the server"))
    status = serve(&source, raw ? KINECT2_CODEC_RAW : KINECT2_CODEC_RVL);
  kinect2_server_destroy(source.server);
  kinect2_device_destroy(source.kinect);
  free(source.pictures);
  return status;
}
