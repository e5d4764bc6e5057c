/* Endpoints are untrusted: only tcp://host:port is one, whatever else ZeroMQ would take. */
#include "rig.h"

static void what_is_not_an_endpoint_is_refused(void) {
  static const char *const refused[] = {
      "",
      "tcp://",
      "tcp://:5000",
      "127.0.0.1:5000",
      "127.0.0.1",
      "tcp:127.0.0.1:5000",
      "tcp:/127.0.0.1:5000",
      " tcp://127.0.0.1:5000",
      "tcp://127.0.0.1:5000 ",
      "tcp://127.0.0.1:5000\n",
      "tcp:// 127.0.0.1:5000",
      "tcp://127.0.0.1 :5000",
      /* ports */
      "tcp://127.0.0.1",
      "tcp://127.0.0.1:",
      "tcp://127.0.0.1:0",
      "tcp://127.0.0.1:65536",
      "tcp://127.0.0.1:99999999999999999999",
      "tcp://127.0.0.1:-1",
      "tcp://127.0.0.1:+5000",
      "tcp://127.0.0.1: 5000",
      "tcp://127.0.0.1:5000x",
      "tcp://127.0.0.1:0x50",
      "tcp://127.0.0.1:5000/",
      "tcp://127.0.0.1:5000/path",
      "tcp://127.0.0.1:5000:5001",
      "tcp://127.0.0.1:*",
      "tcp://127.0.0.1:!",
      "tcp://127.0.0.1:http",
      /* what only ZeroMQ understands */
      "tcp://127.0.0.1:5000;127.0.0.1:5001",
      "tcp://lo:0;127.0.0.1:5000",
      "tcp://;127.0.0.1:5000",
      "tcp://*:5000",
      "tcp://*:*",
      "ipc:///run/socket",
      "ipc://@abstract",
      "inproc://name",
      "udp://127.0.0.1:5000",
      "pgm://lo;239.192.1.1:5000",
      "epgm://239.192.1.1:5000",
      "ws://127.0.0.1:5000",
      "vmci://1:5000",
      "tipc://{1,1}",
      "http://127.0.0.1:5000",
      /* hosts */
      "tcp://::1:5000",
      "tcp://[::1:5000",
      "tcp://::1]:5000",
      "tcp://[::1]5000",
      "tcp://[::1]",
      "tcp://[::1]:0",
      "tcp://[]:5000",
      "tcp://[::1%]:5000",
      "tcp://[127.0.0.1]:5000",
      "tcp://[localhost]:5000",
      "tcp://[:::1]:5000",
      "tcp://[1:2:3]:5000",
      "tcp://user@127.0.0.1:5000",
      "tcp://user:word@127.0.0.1:5000",
      "tcp://ho st:5000",
      "tcp://ho\tst:5000",
      "tcp://ho\x01st:5000",
      "tcp://host\\:5000",
      "tcp://host,other:5000",
      "tcp://host..name:5000",
      "tcp://.host:5000",
      "tcp://host%eth0:5000",
  };
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    kinect2_client_t *client = NULL;
    if (!CHECK_RESULT(kinect2_client_create(refused[i], NULL, &client), KINECT2_ERROR_INVALID_ARGUMENT)) {
      printf("  it was \"%s\"\n", refused[i]);
    }
    CHECK(client == NULL);
  }
}

static void very_long_ones_are_refused(void) {
  static char endpoint[100000];
  kinect2_client_t *client = NULL;
  memset(endpoint, 'a', sizeof endpoint);
  memcpy(endpoint, "tcp://", 6);
  strcpy(endpoint + sizeof endpoint - 6, ":5000");
  CHECK_RESULT(kinect2_client_create(endpoint, NULL, &client), KINECT2_ERROR_INVALID_ARGUMENT);
  strcpy(endpoint + 6 + 254, ":5000"); /* a host name has at most 253 bytes */
  CHECK_RESULT(kinect2_client_create(endpoint, NULL, &client), KINECT2_ERROR_INVALID_ARGUMENT);
}

static void endpoints_are_accepted(void) {
  static const char *const accepted[] = {
      "tcp://127.0.0.1:1",
      "tcp://127.0.0.1:65535",
      "tcp://192.0.2.17:40001",
      "tcp://[::1]:5000",
      "tcp://[2001:db8::17]:5000",
      "tcp://[fe80::1%lo]:5000",
      "tcp://localhost:5000",
      "tcp://a:5000",
      "tcp://my-host.local:5000",
  };
  for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
    kinect2_client_t *client = NULL; /* which sends nothing before it is told to connect */
    if (!CHECK_OK(kinect2_client_create(accepted[i], NULL, &client))) printf("  it was \"%s\"\n", accepted[i]);
    CHECK_OK(kinect2_client_destroy(client));
  }
}

static void without_an_endpoint_a_server_must_be_named(void) {
  kinect2_client_options_t options;
  kinect2_client_options_init(&options, sizeof options);
  kinect2_client_t *client = NULL;
  CHECK_RESULT(kinect2_client_create(NULL, NULL, &client), KINECT2_ERROR_INVALID_ARGUMENT);
  CHECK_RESULT(kinect2_client_create(NULL, &options, &client), KINECT2_ERROR_INVALID_ARGUMENT);
  options.server_name = "*";
  CHECK_OK(kinect2_client_create(NULL, &options, &client));
  CHECK_OK(kinect2_client_destroy(client));
  options.server_name = "Lab";
  CHECK_OK(kinect2_client_create("tcp://127.0.0.1:5000", &options, &client)); /* both: where to look first */
  CHECK_OK(kinect2_client_destroy(client));
}

int main(void) {
  RUN(what_is_not_an_endpoint_is_refused);
  RUN(very_long_ones_are_refused);
  RUN(endpoints_are_accepted);
  RUN(without_an_endpoint_a_server_must_be_named);
  return finish_tests();
}
