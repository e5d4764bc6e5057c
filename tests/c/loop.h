/* loop.h - a host's own loop: one poll() for clients, a server and a browser, and a device that gives it something to do.
 *
 * The network may drop a frame, also the last one of a burst, which is then pushed again. But what has arrived must be
 * reported: when nothing is for QUIET_MS all handles are asked what they have. A frame that waits, by the figures, must be
 * readable; an event may be there that came a moment ago. So a lost wake-up is found out however slow the machine is. */
#ifndef STREAMKINECT2_LOOP_H
#define STREAMKINECT2_LOOP_H

#include <poll.h>
#include <semaphore.h>

#include "rig.h"

enum {
  MOST = 10, /* clients; each has the places 2 i (frames) and 2 i + 1 (events) */
  SERVER = 2 * MOST,
  BROWSER,
  PLACES,
  QUIET_MS = 300,
  MARKER = 30000, /* the last frame of a round has a value from here on */
};

/* The same numbers in each run. `state` is not 0. */
uint32_t next_random(uint32_t *state);
void sleep_us(uint32_t microseconds);

/* Pushes bursts, and after each a marker, on a thread of its own. */
struct pusher {
  kinect2_device_t *device;
  sem_t go;
  atomic_bool burst, ended;
  atomic_uint marker;
  uint32_t random;
  pthread_t thread;
};
void start_pusher(struct pusher *pusher, kinect2_device_t *device);
void end_pusher(struct pusher *pusher);
/* Has it push a burst; the value of the marker after it. */
uint16_t begin_round(struct pusher *pusher);
/* Has it push the marker again. */
void push_again(struct pusher *pusher);

/* A client, and what it has given. */
struct taker {
  kinect2_client_t *client;
  uint64_t frames, next_sequence;
  uint16_t value; /* of the last frame */
  uint32_t pings, pongs;
  bool connected, kinect;
};

struct loop {
  struct pollfd waited[PLACES];
  struct taker takers[MOST];
  int count; /* of clients */
  uint32_t random;
  kinect2_device_t *device;
  kinect2_server_t *server;
  kinect2_browser_t *browser;
  char name[64], endpoint[KINECT2_TEXT_CAPACITY]; /* of the server */
  uint64_t subscribers;
  bool listed;
  uint64_t turns, for_nothing, strangers; /* strangers: news of servers of others */
};

/* A server with one device, called LOOP_KINECT, and clients with its depth enabled, connected by the loop. */
#define LOOP_KINECT "looped"
void open_loop(struct loop *loop, int clients, bool announced);
/* A browser that has found the server, which is announced. */
void add_browser(struct loop *loop);
void close_loop(struct loop *loop);
/* In place `number`, which is free. */
void add_client(struct loop *loop, int number);
void remove_client(struct loop *loop, int number);

/* Waits once, and takes one thing for each descriptor that is readable. False: nothing came for QUIET_MS. */
bool turn(struct loop *loop);
void turn_until(struct loop *loop, bool (*holds)(const struct loop *));
/* Until nothing comes any more. */
void turn_until_quiet(struct loop *loop);
bool all_are_there(const struct loop *loop);
bool is_listed(const struct loop *loop);
bool is_not_listed(const struct loop *loop);

/* A burst, and pings from each client, until all have the marker and their pongs. */
void play_round(struct loop *loop, struct pusher *pusher);
/* What the library has counted is what was taken. */
void check_figures(const struct loop *loop);

bool take_frame(struct taker *taker);
/* Whether there is a frame that was not taken. */
bool frame_waits(const struct taker *taker);

#endif
