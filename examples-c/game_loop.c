/* game_loop.c - a loop of fixed steps, as games have them, that never waits for the library.
 *
 *     cc examples-c/game_loop.c examples-c/support/system.c -Iinclude -Ltarget/release \
 *        -lstreamkinect2 -o game_loop
 *
 * Each step takes all events and the newest frame with a timeout of 0, updates its world and
 * renders it. Frames that came between two steps cost nothing: only the newest waits. Steps without
 * a new frame go on with the last one, for which the program holds a reference. */
#include <stdlib.h>

#include "support/options.h"
#include "support/program.h"
#include "support/system.h"

struct game {
  kinect2_client_t *client;
  kinect2_frame_t *frame; /* the last one that came, a reference of our own; NULL: none yet */
  kinect2_frame_info_t info;
  unsigned nearest_mm; /* in the frame; 0: it shows nothing */
  uint64_t frames, steps, late_steps;
  uint64_t longest_ns; /* that a step spent in the library */
};

static void report(const kinect2_event_t *event) {
  switch (event->type) {
    case KINECT2_EVENT_CONNECT:
      printf("connected\n");
      break;
    case KINECT2_EVENT_DISCONNECT:
      fprintf(stderr, "server lost (%s), trying again\n", kinect2_result_name(event->result));
      break;
    case KINECT2_EVENT_ERROR:
      fprintf(stderr, "%s (%s)\n", event->text, kinect2_result_name(event->result));
      break;
    default:
      break;
  }
}

/* What has come since the last step; true: a frame, too. */
static bool take_what_came(struct game *game) {
  uint64_t before = kinect2_clock_ns();
  kinect2_event_t event = {.struct_size = sizeof event};
  while (kinect2_client_next_event(game->client, 0, &event) == KINECT2_OK) report(&event);
  kinect2_frame_t *frame = NULL;
  kinect2_result_t result =
      kinect2_client_take_frame(game->client, NULL, KINECT2_STREAM_DEPTH, 0, &frame);
  if (result == KINECT2_OK) {
    kinect2_frame_release(game->frame);
    game->frame = frame;
    game->info = (kinect2_frame_info_t){.struct_size = sizeof game->info};
    kinect2_frame_info(frame, &game->info);
    game->frames++;
  }
  uint64_t taken_ns = kinect2_clock_ns() - before;
  if (taken_ns > game->longest_ns) game->longest_ns = taken_ns;
  return result == KINECT2_OK;
}

static void update(struct game *game) {
  const uint16_t *depth = kinect2_frame_data(game->frame);
  game->nearest_mm = 0;
  for (size_t i = 0; i < (size_t)game->info.width * game->info.height; i++)
    if (depth[i] != 0 && (game->nearest_mm == 0 || depth[i] < game->nearest_mm))
      game->nearest_mm = depth[i];
}

static void render(const struct game *game, char *picture, size_t size) {
  if (!game->frame) {
    snprintf(picture, size, "step %llu  no frame yet", (unsigned long long)game->steps);
    return;
  }
  char age[32] = "unknown"; /* peers of version 1 send no times */
  uint64_t captured = game->info.capture_time_local_ns;
  if (captured != 0)
    snprintf(age, sizeof age, "%.1f ms", ((double)kinect2_clock_ns() - (double)captured) * 1e-6);
  snprintf(picture, size, "step %llu  nearest %u mm  sequence %llu  age %s",
           (unsigned long long)game->steps, game->nearest_mm,
           (unsigned long long)game->info.sequence, age);
}

static void step(struct game *game, uint64_t steps_a_picture) {
  char picture[120];
  if (take_what_came(game)) update(game);
  game->steps++;
  render(game, picture, sizeof picture);
  if (game->steps % steps_a_picture == 0) printf("%s\n", picture);
}

static void wait_until(uint64_t due, uint64_t limit) {
  for (uint64_t now = kinect2_clock_ns(); now < due && running(limit); now = kinect2_clock_ns())
    system_sleep_ns(due - now);
}

static int play(struct game *game, double rate, uint64_t limit, uint32_t frames) {
  const uint64_t second = 1000000000u, period = (uint64_t)(1e9 / rate);
  const uint64_t steps_a_picture = rate < 2 ? 1 : (uint64_t)(rate / 2);
  for (uint64_t due = kinect2_clock_ns(); running(limit) && (frames == 0 || game->frames < frames);
       due += period) {
    wait_until(due, limit);
    uint64_t now = kinect2_clock_ns();
    if (now > due + period / 2) game->late_steps++;
    if (now > due + second) due = now; /* steps are made up for, but not those of a long sleep */
    step(game, steps_a_picture);
  }
  printf("steps %llu  late %llu  frames %llu  longest in the library %.2f ms\n",
         (unsigned long long)game->steps, (unsigned long long)game->late_steps,
         (unsigned long long)game->frames, (double)game->longest_ns * 1e-6);
  return game->frames || stop_signal_came ? EXIT_SUCCESS : EXIT_NOTHING;
}

int main(int argc, char **argv) {
  const char *server = "*";
  double seconds = 0, rate = 60;
  uint32_t frames = 0;
  bool verbose = false;
  const struct option options[] = {
      {"--server", "NAME", "name of the server (the first that is found)", .text = &server},
      {"--rate", "HZ", "steps per second (60)", .real = &rate, .least = 1, .most = 1000},
      {"--frames", "N", "end after N frames (0: on Ctrl-C)", .count = &frames},
      {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", .real = &seconds},
      {"--verbose", NULL, "show the library's log", .flag = &verbose},
  };
  const struct command_line line = {
      .program = "game_loop",
      .operands = "[ENDPOINT]",
      .most_operands = 1,
      .about = "Shows the nearest distance in the depth frames of the server at ENDPOINT, or else of\n"
               "the one of that name, in a loop of fixed steps: a line twice a second, and at the end\n"
               "how many steps were late.",
      .options = options,
      .option_count = sizeof options / sizeof options[0]};
  size_t endpoints = options_parse(&line, argc, argv);
  program_begin(verbose);

  kinect2_client_options_t client_options;
  kinect2_client_options_init(&client_options, sizeof client_options);
  if (endpoints == 0) client_options.server_name = server;
  struct game game = {0};
  int status = EXIT_FAILURE;
  if (!failed(kinect2_client_create(endpoints ? argv[0] : NULL, &client_options, &game.client),
              "cannot create the client") &&
      !failed(kinect2_client_enable_depth_frames(game.client, NULL), "cannot enable depth") &&
      !failed(kinect2_client_connect(game.client), "cannot connect"))
    status = play(&game, rate, time_limit(seconds), frames);
  kinect2_frame_release(game.frame);
  kinect2_client_destroy(game.client);
  return status;
}
