/* ping_client.c - pings each server as it is discovered, and says how long the answer took.
 *
 *     cc examples-c/ping_client.c -Iinclude -Ltarget/release -lstreamkinect2 -o ping_client
 *
 * This program shows the callbacks; discover.c and depth_client.c show polling. Callbacks of one
 * handle never run at the same time, so the list of clients, which only the browser's callbacks
 * touch while the browser lives, needs no lock. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "support/options.h"
#include "support/program.h"

struct peer {
  struct peer *next;
  kinect2_client_t *client;
  struct pings *pings;
  char name[KINECT2_ID_CAPACITY];
  char endpoint[KINECT2_TEXT_CAPACITY];
};

struct pings {
  struct peer *peers;  /* one for each server that is listed now */
  atomic_uint pongs;   /* clients' callbacks write it, main reads it */
  atomic_bool trouble; /* a client could not be made */
};

static void on_pong(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns,
                    void *user_data) {
  struct peer *peer = user_data;
  if (result == KINECT2_OK) {
    printf("Got pong from \"%s\" after %.2f ms\n", peer->name, (double)round_trip_ns / 1e6);
    atomic_fetch_add(&peer->pings->pongs, 1);
  } else {
    fprintf(stderr, "No pong from \"%s\" (%s)\n", peer->name, kinect2_result_name(result));
  }
  kinect2_client_disconnect(client); /* asked and answered; allowed from inside a callback */
}

static void forget(struct peer *peer) {
  kinect2_client_destroy(peer->client); /* returns when its last callback has, so then: */
  free(peer);
}

static void on_add_server(kinect2_browser_t *browser, const kinect2_server_info_t *server,
                          void *user_data) {
  (void)browser;
  struct pings *pings = user_data;
  printf("Discovered server \"%s\" at \"%s\"\n", server->name, server->endpoint);
  struct peer *peer = calloc(1, sizeof *peer);
  if (!peer) {
    atomic_store(&pings->trouble, true);
    return;
  }
  /* What a callback is given lives until it returns: keep copies. */
  snprintf(peer->name, sizeof peer->name, "%s", server->name);
  snprintf(peer->endpoint, sizeof peer->endpoint, "%s", server->endpoint);
  peer->pings = pings;
  if (failed(kinect2_client_create(server->endpoint, NULL, &peer->client), "cannot make a client") ||
      failed(kinect2_client_connect(peer->client), "cannot connect") ||
      failed(kinect2_client_ping(peer->client, on_pong, peer), "cannot ping")) {
    atomic_store(&pings->trouble, true);
    forget(peer);
    return;
  }
  peer->next = pings->peers;
  pings->peers = peer;
}

static void on_remove_server(kinect2_browser_t *browser, const kinect2_server_info_t *server,
                             void *user_data) {
  (void)browser;
  struct pings *pings = user_data;
  printf("Server \"%s\" at \"%s\" went away\n", server->name, server->endpoint);
  for (struct peer **link = &pings->peers; *link; link = &(*link)->next) {
    struct peer *peer = *link;
    if (strcmp(peer->name, server->name) != 0) continue;
    *link = peer->next;
    forget(peer);
    return;
  }
}

int main(int argc, char **argv) {
  kinect2_browser_options_t browser_options;
  kinect2_browser_options_init(&browser_options, sizeof browser_options);
  double seconds = 0;
  uint32_t count = 0;
  bool verbose = false;
  const struct option options[] = {
      {"--seconds", "S", "end after S seconds (0: on Ctrl-C)", .real = &seconds},
      {"--count", "N", "end after N pongs (0: on Ctrl-C)", .count = &count},
      {"--address", "A", "listen on the interface with this address (all)",
       .text = &browser_options.address},
      {"--verbose", NULL, "show the library's log", .flag = &verbose},
  };
  const struct command_line line = {.program = "ping_client",
                                    .about = "Pings each Kinect server as it is discovered.",
                                    .options = options,
                                    .option_count = sizeof options / sizeof options[0]};
  options_parse(&line, argc, argv);
  program_begin(verbose);

  struct pings pings = {0};
  int status = EXIT_FAILURE;
  kinect2_browser_t *browser = NULL;
  if (!failed(kinect2_browser_create(&browser_options, &browser), "cannot create the browser") &&
      !failed(kinect2_browser_on_add_server(browser, on_add_server, &pings), "no callback") &&
      !failed(kinect2_browser_on_remove_server(browser, on_remove_server, &pings), "no callback") &&
      !failed(kinect2_browser_start(browser), "cannot look for servers")) {
    uint64_t limit = time_limit(seconds);
    kinect2_event_t event = {.struct_size = sizeof event};
    /* The callbacks do the work on the library's threads; waiting for events passes the time. */
    while (running(limit) && (count == 0 || atomic_load(&pings.pongs) < count))
      if (kinect2_browser_next_event(browser, TICK_MS, &event) == KINECT2_OK &&
          event.type == KINECT2_EVENT_ERROR)
        fprintf(stderr, "%s (%s)\n", event.text, kinect2_result_name(event.result));
    bool enough = atomic_load(&pings.pongs) >= (count ? count : 1);
    status = atomic_load(&pings.trouble)     ? EXIT_FAILURE
             : enough || stop_signal_came    ? EXIT_SUCCESS
                                             : EXIT_NOTHING;
  }
  kinect2_browser_destroy(browser); /* from here on no callback runs: the list is main's */
  while (pings.peers) {
    struct peer *peer = pings.peers;
    pings.peers = peer->next;
    forget(peer);
  }
  return status;
}
