/* first_program.c - what a first program does: finds a server, pings it, and looks at depth frames.
 *
 *     first_program SERVER_NAME FRAMES
 *
 * Prints `pong`, then for each depth frame of the server's first device `depth SEQUENCE CRC32`, the CRC-32 of the pixels as little-endian
 * bytes. Exit status: 0 after so many frames; 1 after 30 seconds without. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <streamkinect2.h>

#include "crc32.h"

enum { PATIENCE_MS = 30000 };

static uint64_t the_end; /* in kinect2_clock_ns() */

static uint32_t time_left_ms(void) {
  uint64_t now = kinect2_clock_ns();
  return now < the_end ? (uint32_t)((the_end - now) / 1000000) : 0;
}

/* Ends the program, with the library's reason where the result is an error and not only "nothing came". */
static void must(kinect2_result_t result, const char *otherwise) {
  if (result == KINECT2_OK) return;
  char reason[KINECT2_TEXT_CAPACITY] = "in 30 seconds";
  if (result < 0) kinect2_last_error(reason, sizeof reason, NULL);
  fprintf(stderr, "first_program: %s: %s\n", otherwise, reason);
  exit(1);
}

static void find_server(const char *name, char *endpoint, size_t capacity) {
  kinect2_browser_t *browser = NULL;
  must(kinect2_browser_create(NULL, &browser), "cannot make the browser");
  must(kinect2_browser_start(browser), "cannot look for servers");
  kinect2_event_t event = {.struct_size = sizeof event};
  do {
    must(kinect2_browser_next_event(browser, time_left_ms(), &event), "no such server was found");
  } while (event.type != KINECT2_EVENT_ADD_SERVER || strcmp(event.id, name) != 0);
  snprintf(endpoint, capacity, "%s", event.text);
  kinect2_browser_destroy(browser);
}

/* Waits for an event of this type, which `event` then is. */
static void wait_for(kinect2_client_t *client, uint32_t type, kinect2_event_t *event, const char *otherwise) {
  do {
    event->struct_size = sizeof *event;
    must(kinect2_client_next_event(client, time_left_ms(), event), otherwise);
  } while (event->type != type);
}

static void print_frame(kinect2_frame_t *frame) {
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  must(kinect2_frame_info(frame, &info), "cannot ask a frame");
  const uint16_t *pixels = kinect2_frame_data(frame);
  uint8_t *bytes = malloc(info.size);
  if (!bytes) abort();
  for (size_t i = 0; i < info.size / 2; i++) {
    bytes[2 * i] = (uint8_t)(pixels[i] & 0xFF);
    bytes[2 * i + 1] = (uint8_t)(pixels[i] >> 8);
  }
  printf("depth %" PRIu64 " %08" PRIx32 "\n", info.sequence, crc32_of(bytes, info.size));
  free(bytes);
}

int main(int argc, char **argv) {
  long frames = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
  if (frames <= 0) {
    fprintf(stderr, "usage: first_program SERVER_NAME FRAMES\n");
    return 1;
  }
  the_end = kinect2_clock_ns() + PATIENCE_MS * UINT64_C(1000000);

  char endpoint[KINECT2_TEXT_CAPACITY];
  find_server(argv[1], endpoint, sizeof endpoint);

  kinect2_client_t *client = NULL;
  must(kinect2_client_create(endpoint, NULL, &client), "cannot make the client");
  must(kinect2_client_connect(client), "cannot connect");
  must(kinect2_client_ping(client, NULL, NULL), "cannot ping");
  kinect2_event_t event;
  wait_for(client, KINECT2_EVENT_PONG, &event, "the ping was not answered");
  must(event.result, "the ping failed");
  puts("pong");

  char kinect[KINECT2_ID_CAPACITY];
  while (kinect2_client_kinect_count(client) == 0) wait_for(client, KINECT2_EVENT_ADD_KINECT, &event, "the server has no kinect");
  must(kinect2_client_kinect_id(client, 0, kinect, sizeof kinect, NULL), "cannot ask for the kinect");
  must(kinect2_client_enable_depth_frames(client, kinect), "cannot enable depth");
  while (frames-- > 0) {
    kinect2_frame_t *frame = NULL;
    must(kinect2_client_take_frame(client, kinect, KINECT2_STREAM_DEPTH, time_left_ms(), &frame), "too few frames came");
    print_frame(frame);
    kinect2_frame_release(frame);
  }
  must(kinect2_client_destroy(client), "cannot destroy the client");
  return 0;
}
