/* discover.c - lists the Kinect servers of the network as they come and go.
 *
 *     cc examples-c/discover.c -Iinclude -Ltarget/release -lstreamkinect2 -o discover
 *
 * `+ NAME ENDPOINT` is a server that appeared, `- NAME ENDPOINT` one that went away. */
#include "support/options.h"
#include "support/program.h"

static int watch(kinect2_browser_t *browser, uint64_t limit) {
  bool found = false;
  while (running(limit)) {
    kinect2_event_t event = {.struct_size = sizeof event};
    if (kinect2_browser_next_event(browser, TICK_MS, &event) != KINECT2_OK) continue;
    switch (event.type) {
      case KINECT2_EVENT_ADD_SERVER:
        printf("+ %s %s\n", event.id, event.text);
        found = true;
        break;
      case KINECT2_EVENT_REMOVE_SERVER:
        printf("- %s %s\n", event.id, event.text);
        break;
      case KINECT2_EVENT_OVERFLOW:
        fprintf(stderr, "%llu changes came too fast to list\n", (unsigned long long)event.value);
        break;
      case KINECT2_EVENT_ERROR:
        fprintf(stderr, "%s (%s)\n", event.text, kinect2_result_name(event.result));
        break;
      default:
        break;
    }
  }
  return found || stop_signal_came ? EXIT_SUCCESS : EXIT_NOTHING;
}

int main(int argc, char **argv) {
  kinect2_browser_options_t browser_options;
  kinect2_browser_options_init(&browser_options, sizeof browser_options);
  double seconds = 0;
  bool verbose = false;
  const struct option options[] = {
      {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", .real = &seconds},
      {"--address", "A", "listen on the interface with this address (all)",
       .text = &browser_options.address},
      {"--verbose", NULL, "show the library's log", .flag = &verbose},
  };
  const struct command_line line = {
      .program = "discover",
      .about = "Lists Kinect servers: + NAME ENDPOINT when one appears, - when one goes away.",
      .options = options,
      .option_count = sizeof options / sizeof options[0]};
  options_parse(&line, argc, argv);
  program_begin(verbose);

  int status = EXIT_FAILURE;
  kinect2_browser_t *browser = NULL;
  if (!failed(kinect2_browser_create(&browser_options, &browser), "cannot create the browser") &&
      !failed(kinect2_browser_start(browser), "cannot look for servers"))
    status = watch(browser, time_limit(seconds));
  kinect2_browser_destroy(browser);
  return status;
}
