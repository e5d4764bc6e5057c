/* rig.h - device, server and client on the loopback interface, made in a line. Everything here stops the program when it
 * fails: a test of frames has nothing to say about a server that does not start. */
#ifndef STREAMKINECT2_RIG_H
#define STREAMKINECT2_RIG_H

#include <pthread.h>

#include "check.h"

/* The size of small frames, for tests of what happens to frames and not of what is in them. */
enum { SMALL_WIDTH = 64, SMALL_HEIGHT = 48, SMALL_PIXELS = SMALL_WIDTH * SMALL_HEIGHT };

/* A mock of small frames, created but not started. */
kinect2_device_t *new_mock(const char *id, double frame_rate);
/* A push device with small depth frames, created but not started. */
kinect2_device_t *new_push(const char *id);
/* Pushes a small depth frame whose values begin with `value` and count up. */
void push_depth(kinect2_device_t *device, uint16_t value);
/* Waits until the server serves so many subscribers of that kinect's depth. */
void wait_for_subscribers(kinect2_server_t *server, const char *kinect_id, uint32_t subscribers);

/* Options of a server at 127.0.0.1 that announces nothing. */
kinect2_server_options_t quiet_options(void);
/* A server with them, not started. `name` may be NULL. */
kinect2_server_t *new_server(const char *name);
void control_endpoint(kinect2_server_t *server, char endpoint[KINECT2_TEXT_CAPACITY]);

/* A client that asks often and waits as long as a slow machine needs, not connected. */
kinect2_client_t *new_client(const char *endpoint);
/* Connects and waits until the client knows so many kinects. */
void connect_client(kinect2_client_t *client, uint32_t kinects);

/* One device in one server, and a client connected to it. */
struct rig {
  kinect2_device_t *device;
  kinect2_server_t *server;
  kinect2_client_t *client;
  char id[KINECT2_ID_CAPACITY];
  char endpoint[KINECT2_TEXT_CAPACITY];
};
/* Takes the device over and starts it. */
struct rig open_rig(kinect2_device_t *device);
/* Destroys what is not NULL. */
void close_rig(struct rig *rig);

/* Information about a frame, and its first value. */
kinect2_frame_info_t frame_info(const kinect2_frame_t *frame);
uint16_t first_value(const kinect2_frame_t *frame);

/* A place where a test holds a callback: pass_gate() counts in, waits until the gate is open, and counts out. */
struct gate {
  atomic_int open, entered, left;
};
void pass_gate(struct gate *gate);

/* Whether poll() reports the descriptor as readable, within so many milliseconds. */
bool readable(intptr_t descriptor, uint32_t milliseconds);

/* A TCP port of 127.0.0.1 that was free a moment ago. */
uint32_t free_port(void);

pthread_t start_thread(void *(*work)(void *), void *argument);

#endif
