/* Starting a server: ports fixed and free, taken ones, the layout of data ports, restarts, names and addresses. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"

static kinect2_server_t *create(const kinect2_server_options_t *options) {
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(options, &server));
  return server;
}

static uint32_t port_of(const kinect2_server_t *server, const char *kinect_id, uint32_t kind) {
  char endpoint[KINECT2_TEXT_CAPACITY] = "";
  unsigned port = 0;
  CHECK_OK(kinect2_server_endpoint(server, kinect_id, kind, endpoint, sizeof endpoint, NULL));
  CHECK_EQUAL(sscanf(endpoint, "tcp://127.0.0.1:%u", &port), 1);
  return port;
}

static void the_control_port_is_fixed_or_free(void) {
  kinect2_server_options_t options = quiet_options();
  options.port = free_port();
  kinect2_server_t *fixed = create(&options), *second = create(&options), *any = new_server("Any");
  char text[KINECT2_TEXT_CAPACITY];
  CHECK_EQUAL(kinect2_server_is_running(fixed), 0);
  CHECK_RESULT(kinect2_server_endpoint(fixed, NULL, KINECT2_ENDPOINT_CONTROL, text, sizeof text, NULL),
               KINECT2_ERROR_BAD_STATE);
  CHECK_OK(kinect2_server_start(fixed));
  CHECK_OK(kinect2_server_start(fixed)); /* running already: fine */
  CHECK_EQUAL(kinect2_server_is_running(fixed), 1);
  CHECK_EQUAL(port_of(fixed, NULL, KINECT2_ENDPOINT_CONTROL), options.port);
  CHECK_OK(kinect2_server_address(fixed, text, sizeof text, NULL));
  CHECK_TEXT(text, "127.0.0.1");

  CHECK_RESULT(kinect2_server_start(second), KINECT2_ERROR_IN_USE);
  CHECK_EQUAL(kinect2_server_is_running(second), 0);
  CHECK_OK(kinect2_server_start(any));
  CHECK(port_of(any, NULL, KINECT2_ENDPOINT_CONTROL) != options.port);

  CHECK_OK(kinect2_server_stop(fixed));
  CHECK_OK(kinect2_server_stop(fixed)); /* stopped already: fine */
  CHECK_RESULT(kinect2_server_endpoint(fixed, NULL, KINECT2_ENDPOINT_CONTROL, text, sizeof text, NULL),
               KINECT2_ERROR_BAD_STATE);
  CHECK_OK(kinect2_server_start(second)); /* which failed before, and now finds the port free */
  CHECK_OK(kinect2_server_destroy(fixed));
  CHECK_OK(kinect2_server_destroy(second));
  CHECK_OK(kinect2_server_destroy(any));
}

static void a_port_taken_by_another_program_is_in_use(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 1) == 0);
  REQUIRE(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
  kinect2_server_options_t options = quiet_options();
  options.port = ntohs(address.sin_port);
  kinect2_server_t *server = create(&options);
  CHECK_RESULT(kinect2_server_start(server), KINECT2_ERROR_IN_USE);
  close(listener);
  CHECK_OK(kinect2_server_start(server));
  CHECK_OK(kinect2_server_destroy(server));
}

/* Below the ports that systems hand out by themselves. */
static uint32_t free_data_port(void) { return 20000 + free_port() % 10000; }

static void the_same_port_serves_again_at_once(void) {
  kinect2_server_options_t options = quiet_options();
  options.port = free_port();
  options.data_port = free_data_port();
  kinect2_device_t *device = new_mock("restarted", 100);
  CHECK_OK(kinect2_device_start(device));
  kinect2_server_t *server = create(&options);
  CHECK_OK(kinect2_server_add_kinect(server, device));
  for (int i = 0; i < 20; i++) {
    CHECK_OK(kinect2_server_start(server));
    CHECK_OK(kinect2_server_stop(server));
  }
  CHECK_OK(kinect2_server_start(server));
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(server, endpoint);
  kinect2_client_t *client = new_client(endpoint);
  CHECK_OK(kinect2_client_enable_depth_frames(client, NULL));
  connect_client(client, 1);
  kinect2_frame_t *frame = NULL;
  CHECK_OK(kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  CHECK_OK(kinect2_frame_release(frame));
  CHECK_OK(kinect2_server_destroy(server)); /* with a client connected */
  server = create(&options);
  CHECK_OK(kinect2_server_start(server));
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_OK(kinect2_client_destroy(client));
  CHECK_OK(kinect2_device_destroy(device));
}

/* A push device that offers depth of version 1's size and infrared. */
static kinect2_device_t *device_with_infrared(const char *id) {
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_push(id, &device));
  const kinect2_stream_info_t infrared = {sizeof infrared, KINECT2_STREAM_INFRARED, KINECT2_FORMAT_INFRARED16,
                                          KINECT2_CODEC_RAW, 512, 424, 30};
  REQUIRE_OK(kinect2_device_declare_stream(device, &infrared));
  return device;
}

static void check_data_ports(const kinect2_server_t *server, const char *id, uint32_t first) {
  CHECK_EQUAL(port_of(server, id, KINECT2_ENDPOINT_DEPTH), first);
  CHECK_EQUAL(port_of(server, id, KINECT2_ENDPOINT_FRAMES_DEPTH), first + 1);
  CHECK_EQUAL(port_of(server, id, KINECT2_ENDPOINT_FRAMES_INFRARED), first + 2);
}

static void data_ports_are_four_a_slot(void) {
  kinect2_server_options_t options = quiet_options();
  options.data_port = free_data_port();
  kinect2_server_t *server = create(&options);
  kinect2_device_t *a = device_with_infrared("a"), *b = device_with_infrared("b"), *c = device_with_infrared("c");
  CHECK_OK(kinect2_server_add_kinect(server, a));
  CHECK_OK(kinect2_server_add_kinect(server, b));
  CHECK_OK(kinect2_server_start(server));
  check_data_ports(server, "a", options.data_port);
  check_data_ports(server, "b", options.data_port + 4);
  CHECK_OK(kinect2_server_remove_kinect(server, a));
  check_data_ports(server, "b", options.data_port + 4); /* it keeps its slot */
  CHECK_OK(kinect2_server_add_kinect(server, c));
  check_data_ports(server, "c", options.data_port); /* the lowest free one */
  CHECK_OK(kinect2_server_add_kinect(server, a));
  check_data_ports(server, "a", options.data_port + 8);
  CHECK_OK(kinect2_server_stop(server));
  CHECK_OK(kinect2_server_start(server));
  check_data_ports(server, "a", options.data_port + 8);
  char text[KINECT2_TEXT_CAPACITY];
  CHECK_RESULT(kinect2_server_endpoint(server, "d", KINECT2_ENDPOINT_DEPTH, text, sizeof text, NULL),
               KINECT2_ERROR_NOT_FOUND);
  CHECK(kinect2_server_endpoint(server, "a", 99, text, sizeof text, NULL) < 0);
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_OK(kinect2_device_destroy(a));
  CHECK_OK(kinect2_device_destroy(b));
  CHECK_OK(kinect2_device_destroy(c));
}

static void check_name(const char *given, const char *expected) {
  char name[KINECT2_TEXT_CAPACITY];
  kinect2_server_t *server = new_server(given);
  CHECK_OK(kinect2_server_start(server));
  CHECK_OK(kinect2_server_name(server, name, sizeof name, NULL));
  CHECK_TEXT(name, expected);
  CHECK_OK(kinect2_server_destroy(server));
}

static void names(void) {
  char host[256] = "", expected[300];
  CHECK_EQUAL(gethostname(host, sizeof host - 1), 0);
  snprintf(expected, sizeof expected, "Kinect on %s", host);
  if (strlen(expected) <= 63) check_name(NULL, expected);
  check_name("Bob's Kinect", "Bob's Kinect");
  check_name("\xe5\xae\xa4 \xf0\x9f\x93\xb7", "\xe5\xae\xa4 \xf0\x9f\x93\xb7");

  char longest[64 + 8], cut[64];
  memset(longest, 'n', sizeof longest);
  memset(cut, 'n', sizeof cut);
  longest[64] = cut[63] = '\0';
  check_name(longest, cut); /* 63 bytes are a DNS label */
  memcpy(longest + 62, "\xe2\x98\x83", 4);
  cut[62] = '\0';
  check_name(longest, cut); /* and no half characters */

  static const char *const refused[] = {"tab\there", "line\nbreak", "\x01", "delete\x7f", "c1 \xc2\x85"};
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    kinect2_server_options_t options = quiet_options();
    options.name = refused[i];
    kinect2_server_t *server = NULL;
    CHECK_RESULT(kinect2_server_create(&options, &server), KINECT2_ERROR_INVALID_ARGUMENT);
  }
}

static void addresses_and_ports_that_are_none(void) {
  static const char *const addresses[] = {"", "localhost", "127.0.0.1:5000", "tcp://127.0.0.1", "*", "lo", "127.0.0.256"};
  kinect2_server_t *server = NULL;
  kinect2_server_options_t options;
  for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    options = quiet_options();
    options.address = addresses[i];
    CHECK_RESULT(kinect2_server_create(&options, &server), KINECT2_ERROR_INVALID_ARGUMENT);
  }
  options = quiet_options();
  options.port = 65536;
  CHECK_RESULT(kinect2_server_create(&options, &server), KINECT2_ERROR_INVALID_ARGUMENT);
  options = quiet_options();
  options.data_port = 65536;
  CHECK_RESULT(kinect2_server_create(&options, &server), KINECT2_ERROR_INVALID_ARGUMENT);
}

static void bound_to_all_interfaces_it_names_one(void) {
  kinect2_server_options_t options = quiet_options();
  options.address = NULL;
  kinect2_server_t *server = create(&options);
  CHECK_OK(kinect2_server_start(server));
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(server, endpoint);
  CHECK(strstr(endpoint, "0.0.0.0") == NULL && strstr(endpoint, "[::]") == NULL && strchr(endpoint, '*') == NULL);
  CHECK_OK(kinect2_server_destroy(server));
}

int main(void) {
  RUN(the_control_port_is_fixed_or_free);
  RUN(a_port_taken_by_another_program_is_in_use);
  RUN(the_same_port_serves_again_at_once);
  RUN(data_ports_are_four_a_slot);
  RUN(names);
  RUN(addresses_and_ports_that_are_none);
  RUN(bound_to_all_interfaces_it_names_one);
  return finish_tests();
}
