/* poll_loop.c - a browser and up to ten clients in one poll(2), with a timer and Ctrl-C.
 *
 *     cc examples-c/poll_loop.c -Iinclude -Ltarget/release -lstreamkinect2 -o poll_loop
 *
 * One thread, no callbacks, and no waiting inside the library: each handle has descriptors that are
 * readable exactly while there is something to take. Level-triggered: what is not taken now is
 * reported again, so the loop takes one thing for each descriptor and is fair to all of them.
 *
 * With epoll it is the same: EPOLL_CTL_ADD with EPOLLIN where a descriptor is put into the array
 * here, EPOLL_CTL_DEL where it is taken out. With EPOLLET, take in a loop until there is no more. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/options.h"
#include "support/program.h"

enum { MOST_CLIENTS = 10 };

/* Places in the array for poll(), which passes over those whose fd is -1. A client has two. */
enum { SIGNALS, SERVERS, CLIENTS, PLACES = CLIENTS + 2 * MOST_CLIENTS };

struct receiver {
  kinect2_client_t *client; /* NULL: free */
  char endpoint[KINECT2_TEXT_CAPACITY];
  uint64_t frames, printed; /* in all, and of these when the rate was last printed */
};

struct loop {
  struct pollfd waited[PLACES];
  struct receiver receivers[MOST_CLIENTS];
  kinect2_browser_t *browser;
  bool follow;                           /* every server that is found gets a client */
  uint64_t frames, wake_ups, for_nothing; /* for nothing: readable, but nothing to take */
};

/* ---- Ctrl-C ------------------------------------------------------------------------------- */

/* A signal that comes just before poll() would not end it. A byte in a pipe does. */
static int signal_pipe[2] = {-1, -1};

static void on_signal(int number) {
  int saved = errno;
  on_stop_signal(number);
  ssize_t written = write(signal_pipe[1], "", 1);
  (void)written; /* a full pipe is readable, too */
  errno = saved;
}

static bool watch_signals(struct loop *loop) {
  struct sigaction action = {.sa_handler = on_signal};
  if (pipe(signal_pipe) != 0 || fcntl(signal_pipe[1], F_SETFL, O_NONBLOCK) != 0 ||
      sigaction(SIGINT, &action, NULL) != 0 || sigaction(SIGTERM, &action, NULL) != 0) {
    perror("cannot watch for signals");
    return false;
  }
  loop->waited[SIGNALS].fd = signal_pipe[0];
  return true;
}

/* ---- clients ------------------------------------------------------------------------------ */

static struct pollfd *places_of(struct loop *loop, const struct receiver *receiver) {
  return &loop->waited[CLIENTS + 2 * (receiver - loop->receivers)];
}

static int number_of(const struct loop *loop, const struct receiver *receiver) {
  return (int)(receiver - loop->receivers) + 1;
}

static void remove_client(struct loop *loop, struct receiver *receiver) {
  struct pollfd *places = places_of(loop, receiver);
  places[0].fd = places[1].fd = -1; /* first: with the client its descriptors go */
  printf("client %d received %llu frames\n", number_of(loop, receiver),
         (unsigned long long)receiver->frames);
  kinect2_client_destroy(receiver->client);
  receiver->client = NULL;
}

static bool add_client(struct loop *loop, const char *endpoint) {
  struct receiver *receiver = loop->receivers;
  while (receiver < loop->receivers + MOST_CLIENTS && receiver->client) receiver++;
  if (receiver == loop->receivers + MOST_CLIENTS) {
    fprintf(stderr, "there are %d clients: none for %s\n", MOST_CLIENTS, endpoint);
    return true;
  }
  *receiver = (struct receiver){.client = NULL};
  snprintf(receiver->endpoint, sizeof receiver->endpoint, "%s", endpoint);
  intptr_t events = -1, frames = -1;
  kinect2_client_t **client = &receiver->client;
  if (failed(kinect2_client_create(endpoint, NULL, client), "cannot create a client") ||
      failed(kinect2_client_poll_fd(*client, KINECT2_POLL_EVENTS, &events), "no descriptor") ||
      failed(kinect2_client_poll_fd(*client, KINECT2_POLL_FRAMES, &frames), "no descriptor") ||
      failed(kinect2_client_enable_depth_frames(*client, NULL), "cannot enable depth") ||
      failed(kinect2_client_connect(*client), "cannot connect")) {
    kinect2_client_destroy(*client);
    *client = NULL;
    return false;
  }
  struct pollfd *places = places_of(loop, receiver);
  places[0] = (struct pollfd){.fd = (int)events, .events = POLLIN};
  places[1] = (struct pollfd){.fd = (int)frames, .events = POLLIN};
  return true;
}

/* The functions that take something return false if there was nothing. */

static bool take_client_event(struct loop *loop, struct receiver *receiver) {
  kinect2_event_t event = {.struct_size = sizeof event};
  if (kinect2_client_next_event(receiver->client, 0, &event) != KINECT2_OK) return false;
  int number = number_of(loop, receiver);
  switch (event.type) {
    case KINECT2_EVENT_CONNECT:
      printf("client %d connected to %s\n", number, receiver->endpoint);
      break;
    case KINECT2_EVENT_DISCONNECT:
      printf("client %d lost its server (%s), trying again\n", number,
             kinect2_result_name(event.result));
      break;
    case KINECT2_EVENT_ADD_KINECT:
      printf("client %d kinect %s\n", number, event.id);
      break;
    case KINECT2_EVENT_REMOVE_KINECT:
      printf("client %d kinect %s went away\n", number, event.id);
      break;
    case KINECT2_EVENT_ERROR:
      fprintf(stderr, "client %d: %s (%s)\n", number, event.text,
              kinect2_result_name(event.result));
      break;
    default:
      break;
  }
  return true;
}

/* Of any kinect and stream: one that is left would keep the descriptor readable. */
static bool take_client_frame(struct loop *loop, struct receiver *receiver) {
  kinect2_client_t *client = receiver->client;
  kinect2_frame_t *frame = NULL;
  if (kinect2_client_take_frame(client, NULL, KINECT2_STREAM_ALL, 0, &frame) != KINECT2_OK)
    return false;
  receiver->frames++;
  loop->frames++;
  kinect2_frame_release(frame);
  return true;
}

/* ---- servers ------------------------------------------------------------------------------ */

static bool watch_servers(struct loop *loop, const kinect2_browser_options_t *options) {
  intptr_t events = -1;
  kinect2_browser_t **browser = &loop->browser;
  if (failed(kinect2_browser_create(options, browser), "cannot create the browser") ||
      failed(kinect2_browser_poll_fd(*browser, KINECT2_POLL_EVENTS, &events), "no descriptor") ||
      failed(kinect2_browser_start(*browser), "cannot look for servers"))
    return false;
  loop->waited[SERVERS].fd = (int)events;
  return true;
}

static bool take_browser_event(struct loop *loop) {
  kinect2_event_t event = {.struct_size = sizeof event};
  if (kinect2_browser_next_event(loop->browser, 0, &event) != KINECT2_OK) return false;
  switch (event.type) {
    case KINECT2_EVENT_ADD_SERVER:
      printf("+ %s %s\n", event.id, event.text);
      if (loop->follow) add_client(loop, event.text);
      break;
    case KINECT2_EVENT_REMOVE_SERVER:
      printf("- %s %s\n", event.id, event.text);
      for (struct receiver *receiver = loop->receivers;
           loop->follow && receiver < loop->receivers + MOST_CLIENTS; receiver++)
        if (receiver->client && strcmp(receiver->endpoint, event.text) == 0)
          remove_client(loop, receiver);
      break;
    case KINECT2_EVENT_ERROR:
      fprintf(stderr, "%s (%s)\n", event.text, kinect2_result_name(event.result));
      break;
    default:
      break;
  }
  return true;
}

/* ---- the loop ----------------------------------------------------------------------------- */

static void serve(struct loop *loop) {
  bool took = true;
  loop->wake_ups++;
  for (int i = 0; i < MOST_CLIENTS; i++) {
    struct receiver *receiver = &loop->receivers[i];
    const struct pollfd *places = places_of(loop, receiver);
    if (places[0].revents) took &= take_client_event(loop, receiver);
    if (places[1].revents) took &= take_client_frame(loop, receiver);
  }
  /* Last, because it may change what is waited for. */
  if (loop->waited[SERVERS].revents) took &= take_browser_event(loop);
  if (!took) loop->for_nothing++;
}

static void print_rates(struct loop *loop, double seconds) {
  for (int i = 0; i < MOST_CLIENTS; i++) {
    struct receiver *receiver = &loop->receivers[i];
    if (!receiver->client) continue;
    printf("client %d fps %.1f\n", i + 1,
           (double)(receiver->frames - receiver->printed) / seconds);
    receiver->printed = receiver->frames;
  }
}

/* Whether each client has so many frames; `frames` 0: never. */
static bool enough(const struct loop *loop, uint32_t frames) {
  int clients = 0, ready = 0;
  for (int i = 0; i < MOST_CLIENTS; i++) {
    if (!loop->receivers[i].client) continue;
    clients++;
    if (loop->receivers[i].frames >= frames) ready++;
  }
  return frames != 0 && clients != 0 && ready == clients;
}

/* For poll(): rounded up, so that it is due afterwards. */
static int milliseconds_until(uint64_t due) {
  uint64_t now = kinect2_clock_ns();
  return due <= now ? 0 : (int)((due - now + 999999) / 1000000);
}

static int run(struct loop *loop, double seconds, uint32_t frames) {
  const uint64_t second = 1000000000u;
  uint64_t limit = time_limit(seconds), printed = kinect2_clock_ns();
  while (running(limit) && !enough(loop, frames)) {
    uint64_t next_print = printed + second, due = next_print < limit ? next_print : limit;
    int ready = poll(loop->waited, PLACES, milliseconds_until(due));
    if (ready < 0 && errno != EINTR) {
      perror("poll");
      return EXIT_FAILURE;
    }
    if (ready > 0) serve(loop);
    uint64_t now = kinect2_clock_ns();
    if (now >= next_print) {
      print_rates(loop, (double)(now - printed) * 1e-9);
      printed = now;
    }
  }
  bool found = frames ? enough(loop, frames) : loop->frames > 0;
  return found || stop_signal_came ? EXIT_SUCCESS : EXIT_NOTHING;
}

static void finish(struct loop *loop) {
  for (int i = 0; i < MOST_CLIENTS; i++)
    if (loop->receivers[i].client) remove_client(loop, &loop->receivers[i]);
  kinect2_browser_destroy(loop->browser);
  printf("woken up %llu times, %llu times for nothing\n", (unsigned long long)loop->wake_ups,
         (unsigned long long)loop->for_nothing);
}

int main(int argc, char **argv) {
  kinect2_browser_options_t browser_options;
  kinect2_browser_options_init(&browser_options, sizeof browser_options);
  uint32_t frames = 0;
  double seconds = 0;
  bool verbose = false;
  const struct option options[] = {
      {"--address", "A", "look for servers on the interface with this address (all)",
       .text = &browser_options.address},
      {"--frames", "N", "end when each client has N frames (0: on Ctrl-C)", .count = &frames},
      {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", .real = &seconds},
      {"--verbose", NULL, "show the library's log", .flag = &verbose},
  };
  const struct command_line line = {
      .program = "poll_loop",
      .operands = "[ENDPOINT...]",
      .most_operands = MOST_CLIENTS,
      .about = "Receives depth frames with up to ten clients in one poll(2), and prints servers as\n"
               "they come and go and each client's frames per second. There is a client for each\n"
               "ENDPOINT, which may be given several times, or else for each server that is found.",
      .options = options,
      .option_count = sizeof options / sizeof options[0]};
  size_t endpoints = options_parse(&line, argc, argv);
  program_begin(verbose);

  static struct loop loop;
  for (int i = 0; i < PLACES; i++) loop.waited[i] = (struct pollfd){.fd = -1, .events = POLLIN};
  loop.follow = endpoints == 0;
  bool fine = watch_signals(&loop) && watch_servers(&loop, &browser_options);
  for (size_t i = 0; i < endpoints && fine; i++) fine = add_client(&loop, argv[i]);
  int status = fine ? run(&loop, seconds, frames) : EXIT_FAILURE;
  finish(&loop);
  return status;
}
