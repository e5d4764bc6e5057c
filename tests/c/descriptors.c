/* The library's descriptors are its own: programs that the host starts do not inherit them, and a peer that is gone without a
 * word does not keep one for ever. */
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

enum { MOST_DESCRIPTORS = 1024 };

static bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) != -1; }

/* Handles of every kind, and frames that flow between them. */
static struct rig open_everything(kinect2_browser_t **browser, intptr_t *events) {
  struct rig rig = open_rig(new_mock("descriptors", 30));
  kinect2_browser_options_t options;
  kinect2_browser_options_init(&options, sizeof options);
  options.address = "127.0.0.1";
  REQUIRE_OK(kinect2_browser_create(&options, browser));
  REQUIRE_OK(kinect2_browser_start(*browser));
  REQUIRE_OK(kinect2_client_poll_fd(rig.client, KINECT2_POLL_EVENTS, events));
  REQUIRE_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  CHECK_OK(kinect2_frame_release(frame));
  return rig;
}

static void close_everything(struct rig *rig, kinect2_browser_t *browser) {
  CHECK_OK(kinect2_browser_destroy(browser));
  close_rig(rig);
}

static void a_program_that_the_host_starts_inherits_none(void) {
  bool before[MOST_DESCRIPTORS];
  for (int i = 0; i < MOST_DESCRIPTORS; i++) before[i] = is_open(i);
  kinect2_browser_t *browser = NULL;
  intptr_t events = -1;
  struct rig rig = open_everything(&browser, &events);
  int opened = 0;
  for (int i = 0; i < MOST_DESCRIPTORS; i++) {
    const int flags = fcntl(i, F_GETFD);
    if (before[i] || flags == -1) continue;
    opened++;
    CHECK((flags & FD_CLOEXEC) != 0);
  }
  CHECK(opened > 10);
  CHECK(is_open((int)events));
  close_everything(&rig, browser);
}

/* The port of a connected TCP socket on this side; 0: it is something else. */
static unsigned local_port(int descriptor) {
  struct sockaddr_in6 address;
  socklen_t size = sizeof address;
  if (getpeername(descriptor, (struct sockaddr *)&address, &size) != 0) return 0;
  size = sizeof address;
  if (getsockname(descriptor, (struct sockaddr *)&address, &size) != 0) return 0;
  return address.sin6_family == AF_INET6 || address.sin6_family == AF_INET ? ntohs(address.sin6_port) : 0;
}

static int tcp_option(int descriptor, int level, int option) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(descriptor, level, option, &value, &size) == 0 ? value : -1;
}

static void a_subscriber_that_vanishes_is_noticed_by_the_system(void) {
  kinect2_browser_t *browser = NULL;
  intptr_t events = -1;
  struct rig rig = open_everything(&browser, &events);
  char endpoint[KINECT2_TEXT_CAPACITY];
  REQUIRE_OK(kinect2_server_endpoint(rig.server, rig.id, KINECT2_ENDPOINT_FRAMES_DEPTH, endpoint, sizeof endpoint, NULL));
  const unsigned port = (unsigned)strtoul(strrchr(endpoint, ':') + 1, NULL, 10);
  int connections = 0;
  for (int i = 0; i < MOST_DESCRIPTORS; i++) {
    if (local_port(i) != port) continue;
    connections++;
    CHECK_EQUAL(tcp_option(i, SOL_SOCKET, SO_KEEPALIVE), 1);
    CHECK_EQUAL(tcp_option(i, IPPROTO_TCP, TCP_KEEPIDLE), 30);
    CHECK_EQUAL(tcp_option(i, IPPROTO_TCP, TCP_KEEPINTVL), 10);
    CHECK_EQUAL(tcp_option(i, IPPROTO_TCP, TCP_KEEPCNT), 3);
  }
  CHECK_EQUAL(connections, 1);
  close_everything(&rig, browser);
}

int main(void) {
  RUN(a_program_that_the_host_starts_inherits_none);
  RUN(a_subscriber_that_vanishes_is_noticed_by_the_system);
  return finish_tests();
}
