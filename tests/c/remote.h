/* remote.h - a server with a mock device in a process of its own, and a record of what a client says of it. */
#ifndef STREAMKINECT2_REMOTE_H
#define STREAMKINECT2_REMOTE_H

#include "child.h"

/* The id of the device. */
#define REMOTE_KINECT "remote"

struct remote_options {
  const char *name;   /* NULL: nothing is announced */
  uint32_t port;      /* 0: any */
  uint32_t data_port; /* 0: any */
  bool full_size;     /* 512x424 instead of small frames */
};

struct remote {
  struct child process;
  char endpoint[CHILD_LINE];
  uint64_t ready_ns; /* when it began to answer */
};

/* To be among the roles of a program that starts servers. */
#define SERVER_ROLE {"server", play_server}
int play_server(char *const arguments[]);

/* Starts one at 127.0.0.1, 30 frames a second; returns when it answers. */
struct remote start_remote(struct remote_options options);

/* What the callbacks of a client said, in short. All times are now_ns(). */
struct witness {
  atomic_int connects, disconnects, adds, removes, frames;
  atomic_int reason;                 /* of the last disconnect */
  atomic_bool kinects_went_first;    /* at the last disconnect every kinect had been removed */
  atomic_uint_least64_t told_ns;     /* when the last disconnect was told */
  atomic_uint_least64_t frame_ns;    /* when the last frame came */
  atomic_bool fresh;                 /* no frame has come since the last connect */
  atomic_uint_least64_t fresh_ns;    /* when the first one since then came */
  atomic_uint fresh_flags;           /* its flags */
  atomic_uint_least64_t fresh_number; /* its sequence number */
};

/* Sets the client's callbacks and enables the depth of every kinect. */
void watch_client(kinect2_client_t *client, struct witness *witness);
/* Waits until frames flow, some after the last connect. */
void wait_for_frames(const struct witness *witness);
/* After so many connects in all a frame came, and that within the milliseconds after `since`. */
void check_flowing_again(const struct witness *witness, const char *who, int connects, uint64_t since,
                         uint32_t milliseconds);
/* Figures of the depth stream of REMOTE_KINECT. */
kinect2_client_stats_t remote_stats(const kinect2_client_t *client);

#endif
