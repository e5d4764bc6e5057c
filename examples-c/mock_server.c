/* mock_server.c - serves a simulated Kinect: a cone that moves before a wall, or a room as a real
 * sensor would see it.
 *
 *     cc examples-c/mock_server.c -Iinclude -Ltarget/release -lstreamkinect2 -o mock_server */
#include "support/options.h"
#include "support/program.h"
#include "support/serving.h"

static int serve(kinect2_server_t *server, kinect2_device_t *kinect, uint64_t limit) {
  char id[KINECT2_ID_CAPACITY];
  if (failed(kinect2_server_add_kinect(server, kinect), "cannot add the kinect") ||
      failed(kinect2_server_start(server), "cannot start the server") ||
      failed(kinect2_device_start(kinect), "cannot start the kinect") ||
      failed(kinect2_device_id(kinect, id, sizeof id, NULL), "the kinect has no id"))
    return EXIT_FAILURE;
  print_serving(server, id);
  while (running(limit)) print_server_event(server, TICK_MS);
  return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
  /* The library's own structures, with its defaults, are what the command line changes. */
  kinect2_server_options_t server_options;
  kinect2_server_options_init(&server_options, sizeof server_options);
  kinect2_mock_options_t mock_options;
  kinect2_mock_options_init(&mock_options, sizeof mock_options);
  double seconds = 0;
  bool realistic = false, no_announce = false, verbose = false;
  const struct option options[] = {
      {"--realistic", NULL, "a room with a person, depth and infrared, as noisy as a real Kinect's",
       .flag = &realistic},
      {"--seed", "N", "of the realistic noise (0)", .count = &mock_options.seed},
      {"--name", "N", "name of the server (Kinect on HOST)", .text = &server_options.name},
      {"--address", "A", "numeric address to serve on (all)", .text = &server_options.address},
      {"--port", "P", "control port (any free one)", .count = &server_options.port, .most = 65535},
      {"--data-port", "P", "first of the kinect's four frame ports (any free ones)",
       .count = &server_options.data_port, .most = 65535},
      {"--id", "ID", "id of the kinect (made up)", .text = &mock_options.id},
      {"--rate", "HZ", "frames per second (30)", .real = &mock_options.frame_rate, .least = 0.1,
       .most = 1000},
      {"--no-announce", NULL, "do not advertise over Zeroconf", .flag = &no_announce},
      {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", .real = &seconds},
      {"--verbose", NULL, "show the library's log", .flag = &verbose},
  };
  const struct command_line line = {.program = "mock_server",
                                    .about = "Serves a simulated Kinect.",
                                    .options = options,
                                    .option_count = sizeof options / sizeof options[0]};
  options_parse(&line, argc, argv);
  server_options.announce = !no_announce;
  if (realistic) {
    mock_options.mode = KINECT2_MOCK_REALISTIC;
    mock_options.streams = KINECT2_STREAM_DEPTH | KINECT2_STREAM_INFRARED;
  }
  program_begin(verbose);

  int status = EXIT_FAILURE;
  kinect2_server_t *server = NULL;
  kinect2_device_t *kinect = NULL;
  if (!failed(kinect2_device_create_mock(&mock_options, &kinect), "cannot create the kinect") &&
      !failed(kinect2_server_create(&server_options, &server), "cannot create the server"))
    status = serve(server, kinect, time_limit(seconds));
  kinect2_server_destroy(server); /* destroying nothing is fine, so one way out serves all cases */
  kinect2_device_destroy(kinect);
  return status;
}
