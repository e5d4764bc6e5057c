/* frame_sink.c - a client that says of every frame when it came and how old it was, for tests that judge.
 *
 * A line for each frame, `frame TIME NUMBER AGE`, and for each event, `event TIME WHAT`: seconds of the host's monotonic clock, the
 * frame's sequence number, milliseconds from capture to here. The ages are exact where server and client have one clock, as in
 * network namespaces of one machine. At the end: `figures ...`. */
#include <inttypes.h>

#include "support/options.h"
#include "support/program.h"

static double seconds_of(uint64_t ns) { return (double)ns / 1e9; }

static void print_frame(kinect2_frame_t *frame) {
  const uint64_t now = kinect2_clock_ns();
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  if (failed(kinect2_frame_info(frame, &info), "no frame")) return;
  printf("frame %.4f %" PRIu64 " %.2f\n", seconds_of(now), info.sequence, ((double)now - (double)info.capture_time_local_ns) / 1e6);
}

static void print_event(const kinect2_client_t *client, const kinect2_event_t *event) {
  char endpoint[KINECT2_TEXT_CAPACITY] = "";
  switch (event->type) {
    case KINECT2_EVENT_CONNECT:
      kinect2_client_endpoint(client, NULL, KINECT2_ENDPOINT_CONTROL, endpoint, sizeof endpoint, NULL);
      printf("event %.4f connect %s\n", seconds_of(event->time_ns), endpoint);
      break;
    case KINECT2_EVENT_DISCONNECT:
      printf("event %.4f disconnect %s\n", seconds_of(event->time_ns), kinect2_result_name(event->result));
      break;
    case KINECT2_EVENT_ADD_KINECT:
      printf("event %.4f add %s\n", seconds_of(event->time_ns), event->id);
      break;
    case KINECT2_EVENT_REMOVE_KINECT:
      printf("event %.4f remove %s\n", seconds_of(event->time_ns), event->id);
      break;
    case KINECT2_EVENT_ERROR:
      printf("event %.4f error %s\n", seconds_of(event->time_ns), event->text);
      break;
    default:
      break;
  }
}

/* Of the stream of the one kinect that there is. */
static void print_figures(const kinect2_client_t *client) {
  char id[KINECT2_ID_CAPACITY];
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  if (kinect2_client_kinect_id(client, 0, id, sizeof id, NULL) != KINECT2_OK ||
      kinect2_client_stats(client, id, KINECT2_STREAM_DEPTH, &stats) != KINECT2_OK) {
    printf("figures none\n");
    return;
  }
  printf("figures received %" PRIu64 " lost %" PRIu64 " delivered %" PRIu64 " dropped %" PRIu64 " corrupt %" PRIu64 "\n",
         stats.received, stats.lost, stats.delivered, stats.dropped, stats.corrupt);
}

static int receive(kinect2_client_t *client) {
  kinect2_event_t event = {.struct_size = sizeof event};
  while (!stop_signal_came) {
    kinect2_frame_t *frame = NULL;
    const kinect2_result_t result = kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, TICK_MS, &frame);
    if (failed(result, "cannot take a frame")) return EXIT_FAILURE;
    if (result == KINECT2_OK) print_frame(frame);
    kinect2_frame_release(frame);
    while (kinect2_client_next_event(client, 0, &event) == KINECT2_OK) print_event(client, &event);
  }
  print_figures(client);
  return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
  kinect2_client_options_t client_options;
  kinect2_client_options_init(&client_options, sizeof client_options);
  bool verbose = false;
  const struct option options[] = {
      {"--server", "NAME", "follow the server of this name", .text = &client_options.server_name},
      {"--verbose", NULL, "show the library's log", .flag = &verbose},
  };
  const struct command_line line = {.program = "frame_sink",
                                    .operands = "[ENDPOINT]",
                                    .most_operands = 1,
                                    .about = "Receives depth frames until Ctrl-C and says when each came, for tests.",
                                    .options = options,
                                    .option_count = sizeof options / sizeof options[0]};
  const char *endpoint = options_parse(&line, argc, argv) == 1 ? argv[0] : NULL;
  program_begin(verbose);

  int status = EXIT_FAILURE;
  kinect2_client_t *client = NULL;
  if (!failed(kinect2_client_create(endpoint, &client_options, &client), "cannot create the client") &&
      !failed(kinect2_client_enable_depth_frames(client, NULL), "cannot enable depth frames") &&
      !failed(kinect2_client_connect(client), "cannot connect"))
    status = receive(client);
  kinect2_client_destroy(client);
  return status;
}
