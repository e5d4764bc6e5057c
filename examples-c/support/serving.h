/* serving.h - what a server program prints: where it can be reached, and what happens to it. */
#ifndef EXAMPLES_SUPPORT_SERVING_H
#define EXAMPLES_SUPPORT_SERVING_H

#include "program.h"

/* The endpoints of a running server with one kinect, a line each. A kinect has the endpoints of
 * its streams only, and version 1's `depth` only where depth is 512x424. */
static inline void print_serving(const kinect2_server_t *server, const char *kinect_id) {
  static const struct {
    uint32_t number;
    const char *name;
  } endpoints[] = {{KINECT2_ENDPOINT_DEPTH, "depth"},
                   {KINECT2_ENDPOINT_FRAMES_DEPTH, "frames.depth"},
                   {KINECT2_ENDPOINT_FRAMES_INFRARED, "frames.infrared"},
                   {KINECT2_ENDPOINT_FRAMES_COLOR, "frames.color"}};
  char name[KINECT2_ID_CAPACITY] = "", endpoint[KINECT2_TEXT_CAPACITY] = "";
  kinect2_server_name(server, name, sizeof name, NULL);
  kinect2_server_endpoint(server, NULL, KINECT2_ENDPOINT_CONTROL, endpoint, sizeof endpoint, NULL);
  printf("serving \"%s\" at %s\n", name, endpoint);
  printf("kinect %s\n", kinect_id);
  for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++)
    if (kinect2_server_endpoint(server, kinect_id, endpoints[i].number, endpoint, sizeof endpoint,
                                NULL) == KINECT2_OK)
      printf("%s %s\n", endpoints[i].name, endpoint);
}

/* Waits at most `timeout_ms` for something to happen to the server, and says what. */
static inline void print_server_event(kinect2_server_t *server, uint32_t timeout_ms) {
  kinect2_event_t event = {.struct_size = sizeof event};
  if (kinect2_server_next_event(server, timeout_ms, &event) != KINECT2_OK) return;
  switch (event.type) {
    case KINECT2_EVENT_SUBSCRIBERS:
      printf("subscribers %llu (kinect %s, stream %u)\n", (unsigned long long)event.value, event.id,
             event.stream);
      break;
    case KINECT2_EVENT_NAME:
      printf("renamed \"%s\": another server has the old name\n", event.id);
      break;
    case KINECT2_EVENT_ERROR:
      fprintf(stderr, "%s (%s)\n", event.text, kinect2_result_name(event.result));
      break;
    default: /* numbers may be added: a program ignores what it does not know */
      break;
  }
}

#endif
