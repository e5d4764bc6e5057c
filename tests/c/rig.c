/* rig.c - see rig.h */
#include "rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

kinect2_device_t *new_mock(const char *id, double frame_rate) {
  kinect2_mock_options_t options;
  kinect2_mock_options_init(&options, sizeof options);
  options.width = SMALL_WIDTH;
  options.height = SMALL_HEIGHT;
  options.frame_rate = frame_rate;
  options.id = id;
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_mock(&options, &device));
  return device;
}

kinect2_device_t *new_push(const char *id) {
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_push(id, &device));
  kinect2_stream_info_t depth = {.struct_size = sizeof depth,
                                 .stream = KINECT2_STREAM_DEPTH,
                                 .format = KINECT2_FORMAT_DEPTH16_MM,
                                 .codec = KINECT2_CODEC_RAW,
                                 .width = SMALL_WIDTH,
                                 .height = SMALL_HEIGHT,
                                 .frame_rate = 30};
  REQUIRE_OK(kinect2_device_declare_stream(device, &depth));
  return device;
}

void push_depth(kinect2_device_t *device, uint16_t value) {
  uint16_t pixels[SMALL_PIXELS];
  for (size_t i = 0; i < SMALL_PIXELS; i++) pixels[i] = (uint16_t)(value + i);
  CHECK_OK(kinect2_device_push(device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, SMALL_WIDTH, SMALL_HEIGHT, 0,
                               pixels, sizeof pixels, 0));
}

static uint32_t depth_subscribers(const kinect2_server_t *server, const char *kinect_id) {
  kinect2_server_stats_t stats = {.struct_size = sizeof stats};
  return kinect2_server_stats(server, kinect_id, KINECT2_STREAM_DEPTH, &stats) == KINECT2_OK ? stats.subscribers : 0;
}

void wait_for_subscribers(kinect2_server_t *server, const char *kinect_id, uint32_t subscribers) {
  REQUIRE_WITHIN(5000, depth_subscribers(server, kinect_id) == subscribers);
}

kinect2_server_options_t quiet_options(void) {
  kinect2_server_options_t options;
  kinect2_server_options_init(&options, sizeof options);
  options.announce = 0;
  options.address = "127.0.0.1";
  return options;
}

kinect2_server_t *new_server(const char *name) {
  kinect2_server_options_t options = quiet_options();
  options.name = name;
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(&options, &server));
  return server;
}

void control_endpoint(kinect2_server_t *server, char endpoint[KINECT2_TEXT_CAPACITY]) {
  REQUIRE_OK(kinect2_server_endpoint(server, NULL, KINECT2_ENDPOINT_CONTROL, endpoint, KINECT2_TEXT_CAPACITY, NULL));
}

kinect2_client_t *new_client(const char *endpoint) {
  kinect2_client_options_t options;
  kinect2_client_options_init(&options, sizeof options);
  options.heartbeat_period_ms = 500;
  options.response_timeout_ms = wait_ms(2000);
  kinect2_client_t *client = NULL;
  REQUIRE_OK(kinect2_client_create(endpoint, &options, &client));
  return client;
}

void connect_client(kinect2_client_t *client, uint32_t kinects) {
  REQUIRE_OK(kinect2_client_connect(client));
  REQUIRE_WITHIN(5000, kinect2_client_is_connected(client) == 1);
  REQUIRE_WITHIN(5000, kinect2_client_kinect_count(client) == kinects);
}

struct rig open_rig(kinect2_device_t *device) {
  struct rig rig = {.device = device, .server = new_server("Test")};
  REQUIRE_OK(kinect2_device_id(device, rig.id, sizeof rig.id, NULL));
  REQUIRE_OK(kinect2_server_add_kinect(rig.server, device));
  REQUIRE_OK(kinect2_server_start(rig.server));
  REQUIRE_OK(kinect2_device_start(device));
  control_endpoint(rig.server, rig.endpoint);
  rig.client = new_client(rig.endpoint);
  connect_client(rig.client, 1);
  return rig;
}

void close_rig(struct rig *rig) {
  CHECK_OK(kinect2_client_destroy(rig->client));
  CHECK_OK(kinect2_server_destroy(rig->server));
  CHECK_OK(kinect2_device_destroy(rig->device));
}

kinect2_frame_info_t frame_info(const kinect2_frame_t *frame) {
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  CHECK_OK(kinect2_frame_info(frame, &info));
  return info;
}

uint16_t first_value(const kinect2_frame_t *frame) {
  const uint16_t *pixels = kinect2_frame_data(frame);
  REQUIRE(pixels != NULL);
  return pixels[0];
}

void pass_gate(struct gate *gate) {
  atomic_fetch_add(&gate->entered, 1);
  while (!atomic_load(&gate->open)) sleep_ms(1);
  atomic_fetch_add(&gate->left, 1);
}

bool readable(intptr_t descriptor, uint32_t milliseconds) {
  struct pollfd waited = {.fd = (int)descriptor, .events = POLLIN};
  return poll(&waited, 1, (int)milliseconds) == 1 && waited.revents == POLLIN;
}

uint32_t free_port(void) {
  /* Below those that the system hands out to connections, which could take it meanwhile; with room for four in a row. */
  static atomic_uint tried; /* never the same twice in a row */
  for (unsigned attempt = 0; attempt < 1000; attempt++) {
    const uint32_t port = 10000 + 8 * (uint32_t)(((unsigned)getpid() * 97u + atomic_fetch_add(&tried, 1)) % 2500);
    bool all = true;
    for (uint32_t i = 0; i < 8 && all; i++) {
      struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
      address.sin_port = htons((uint16_t)(port + i));
      const int listener = socket(AF_INET, SOCK_STREAM, 0);
      REQUIRE(listener >= 0);
      all = bind(listener, (struct sockaddr *)&address, sizeof address) == 0;
      close(listener);
    }
    if (all) return port;
  }
  REQUIRE(!"no free port");
  return 0;
}

pthread_t start_thread(void *(*work)(void *), void *argument) {
  pthread_t thread;
  REQUIRE(pthread_create(&thread, NULL, work, argument) == 0);
  return thread;
}
