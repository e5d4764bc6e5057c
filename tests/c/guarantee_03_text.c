/* Guarantee 3, text: (buffer, capacity, length) of every function that gives out text, and UTF-8 required of every text
 * that goes in. */
#include "rig.h"

static struct rig rig;
static kinect2_browser_t *browser;
static kinect2_frame_t *frame;

static kinect2_result_t device_id(char *b, size_t c, size_t *l) { return kinect2_device_id(rig.device, b, c, l); }
static kinect2_result_t frame_id(char *b, size_t c, size_t *l) { return kinect2_frame_kinect_id(frame, b, c, l); }
static kinect2_result_t server_name(char *b, size_t c, size_t *l) { return kinect2_server_name(rig.server, b, c, l); }
static kinect2_result_t server_address(char *b, size_t c, size_t *l) {
  return kinect2_server_address(rig.server, b, c, l);
}
static kinect2_result_t server_endpoint(char *b, size_t c, size_t *l) {
  return kinect2_server_endpoint(rig.server, NULL, KINECT2_ENDPOINT_CONTROL, b, c, l);
}
static kinect2_result_t server_kinect_endpoint(char *b, size_t c, size_t *l) {
  return kinect2_server_endpoint(rig.server, rig.id, KINECT2_ENDPOINT_FRAMES_DEPTH, b, c, l);
}
static kinect2_result_t server_kinect_id(char *b, size_t c, size_t *l) {
  return kinect2_server_kinect_id(rig.server, 0, b, c, l);
}
static kinect2_result_t client_server_name(char *b, size_t c, size_t *l) {
  return kinect2_client_server_name(rig.client, b, c, l);
}
static kinect2_result_t client_endpoint(char *b, size_t c, size_t *l) {
  return kinect2_client_endpoint(rig.client, NULL, KINECT2_ENDPOINT_CONTROL, b, c, l);
}
static kinect2_result_t client_kinect_endpoint(char *b, size_t c, size_t *l) {
  return kinect2_client_endpoint(rig.client, rig.id, KINECT2_ENDPOINT_FRAMES_DEPTH, b, c, l);
}
static kinect2_result_t client_kinect_id(char *b, size_t c, size_t *l) {
  return kinect2_client_kinect_id(rig.client, 0, b, c, l);
}
static kinect2_result_t browser_server_name(char *b, size_t c, size_t *l) {
  return kinect2_browser_server_name(browser, 0, b, c, l);
}
static kinect2_result_t browser_server_endpoint(char *b, size_t c, size_t *l) {
  char name[KINECT2_TEXT_CAPACITY];
  CHECK_OK(kinect2_browser_server_name(browser, 0, name, sizeof name, NULL));
  return kinect2_browser_server_endpoint(browser, name, b, c, l);
}

static const struct {
  const char *name;
  kinect2_result_t (*ask)(char *buffer, size_t capacity, size_t *length);
} functions[] = {
    {"kinect2_device_id", device_id},
    {"kinect2_frame_kinect_id", frame_id},
    {"kinect2_server_name", server_name},
    {"kinect2_server_address", server_address},
    {"kinect2_server_endpoint, control", server_endpoint},
    {"kinect2_server_endpoint, frames", server_kinect_endpoint},
    {"kinect2_server_kinect_id", server_kinect_id},
    {"kinect2_client_server_name", client_server_name},
    {"kinect2_client_endpoint, control", client_endpoint},
    {"kinect2_client_endpoint, frames", client_kinect_endpoint},
    {"kinect2_client_kinect_id", client_kinect_id},
    {"kinect2_browser_server_name", browser_server_name},
    {"kinect2_browser_server_endpoint", browser_server_endpoint},
};

static void every_text_fits_exactly_or_is_refused(void) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    printf("  %s\n", functions[i].name);
    char buffer[KINECT2_TEXT_CAPACITY];
    size_t length = 0, again = 0;
    CHECK_OK(functions[i].ask(NULL, 0, &length));
    CHECK(length > 0);
    REQUIRE(length + 2 < sizeof buffer);

    memset(buffer, '#', sizeof buffer);
    CHECK_OK(functions[i].ask(buffer, length + 1, &again));
    CHECK_EQUAL(again, length);
    CHECK(memchr(buffer, '\0', length + 1) == buffer + length);
    CHECK_EQUAL(buffer[length + 1], '#');
    CHECK_OK(functions[i].ask(buffer, length + 1, NULL));

    for (size_t capacity = 1; capacity <= length; capacity += length > 1 ? length - 1 : 1) {
      memset(buffer, '#', sizeof buffer);
      again = 0;
      CHECK_RESULT(functions[i].ask(buffer, capacity, &again), KINECT2_ERROR_BUFFER_TOO_SMALL);
      CHECK_EQUAL(again, length);
      CHECK_EQUAL(buffer[0], '\0');
      CHECK_EQUAL(buffer[capacity], '#');
      CHECK_RESULT(functions[i].ask(buffer, capacity, NULL), KINECT2_ERROR_BUFFER_TOO_SMALL);
    }
    memset(buffer, '#', sizeof buffer);
    again = 0;
    CHECK_RESULT(functions[i].ask(buffer, 0, &again), KINECT2_ERROR_BUFFER_TOO_SMALL);
    CHECK_EQUAL(again, length);
    CHECK_EQUAL(buffer[0], '#'); /* a buffer of no bytes has no room for the NUL */
  }
}

static void text_in_must_be_utf8(void) {
  static const char *const broken[] = {"\xff", "caf\xe9", "\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "\xc0\xaf"};
  const kinect2_result_t refused = KINECT2_ERROR_INVALID_ARGUMENT;
  char text[KINECT2_TEXT_CAPACITY];
  for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
    const char *bad = broken[i];
    kinect2_device_t *device = NULL;
    CHECK_RESULT(kinect2_device_create_push(bad, &device), refused);
    kinect2_mock_options_t mock;
    kinect2_mock_options_init(&mock, sizeof mock);
    mock.id = bad;
    CHECK_RESULT(kinect2_device_create_mock(&mock, &device), refused);

    kinect2_server_t *server = NULL;
    kinect2_server_options_t options = quiet_options();
    options.name = bad;
    CHECK_RESULT(kinect2_server_create(&options, &server), refused);
    options = quiet_options();
    options.address = bad;
    CHECK_RESULT(kinect2_server_create(&options, &server), refused);
    kinect2_server_stats_t server_stats = {.struct_size = sizeof server_stats};
    CHECK_RESULT(kinect2_server_stats(rig.server, bad, KINECT2_STREAM_DEPTH, &server_stats), refused);
    CHECK_RESULT(kinect2_server_endpoint(rig.server, bad, KINECT2_ENDPOINT_FRAMES_DEPTH, text, sizeof text, NULL),
                 refused);

    kinect2_browser_t *other = NULL;
    kinect2_browser_options_t browser_options;
    kinect2_browser_options_init(&browser_options, sizeof browser_options);
    browser_options.address = bad;
    CHECK_RESULT(kinect2_browser_create(&browser_options, &other), refused);
    CHECK_RESULT(kinect2_browser_server_endpoint(browser, bad, text, sizeof text, NULL), refused);

    kinect2_client_t *client = NULL;
    CHECK_RESULT(kinect2_client_create(bad, NULL, &client), refused);
    kinect2_client_options_t client_options;
    kinect2_client_options_init(&client_options, sizeof client_options);
    client_options.server_name = bad;
    CHECK_RESULT(kinect2_client_create(NULL, &client_options, &client), refused);
    CHECK_RESULT(kinect2_client_endpoint(rig.client, bad, KINECT2_ENDPOINT_FRAMES_DEPTH, text, sizeof text, NULL),
                 refused);
    CHECK_EQUAL(kinect2_client_streams(rig.client, bad), 0);
    kinect2_stream_info_t info = {.struct_size = sizeof info};
    CHECK_RESULT(kinect2_client_stream_info(rig.client, bad, KINECT2_STREAM_DEPTH, &info), refused);
    kinect2_client_stats_t stats = {.struct_size = sizeof stats};
    CHECK_RESULT(kinect2_client_stats(rig.client, bad, KINECT2_STREAM_DEPTH, &stats), refused);
    CHECK_RESULT(kinect2_client_enable_depth_frames(rig.client, bad), refused);
    CHECK_RESULT(kinect2_client_disable_depth_frames(rig.client, bad), refused);
    CHECK_RESULT(kinect2_client_enable_stream(rig.client, bad, KINECT2_STREAM_DEPTH, NULL), refused);
    CHECK_RESULT(kinect2_client_disable_stream(rig.client, bad, KINECT2_STREAM_DEPTH), refused);
    kinect2_frame_t *none = NULL;
    CHECK_RESULT(kinect2_client_take_frame(rig.client, bad, KINECT2_STREAM_DEPTH, 0, &none), refused);
  }
}

/* The rig of this program announces itself, because a browser's texts are among those tested. */
static void open_all(void) {
  kinect2_server_options_t options = quiet_options();
  options.announce = 1;
  options.name = "Lab \xe2\x98\x83 3";
  rig.device = new_mock("k\xc3\xbc""che", 30);
  REQUIRE_OK(kinect2_device_id(rig.device, rig.id, sizeof rig.id, NULL));
  REQUIRE_OK(kinect2_server_create(&options, &rig.server));
  REQUIRE_OK(kinect2_server_add_kinect(rig.server, rig.device));
  REQUIRE_OK(kinect2_server_start(rig.server));
  REQUIRE_OK(kinect2_device_start(rig.device));
  control_endpoint(rig.server, rig.endpoint);
  rig.client = new_client(rig.endpoint);
  connect_client(rig.client, 1);
  REQUIRE_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  kinect2_browser_options_t browsing;
  kinect2_browser_options_init(&browsing, sizeof browsing);
  browsing.address = "127.0.0.1";
  REQUIRE_OK(kinect2_browser_create(&browsing, &browser));
  REQUIRE_OK(kinect2_browser_start(browser));
  REQUIRE_WITHIN(10000, kinect2_browser_server_count(browser) > 0);
}

static void all_text_functions(void) {
  open_all();
  every_text_fits_exactly_or_is_refused();
  text_in_must_be_utf8();
  CHECK_OK(kinect2_frame_release(frame));
  CHECK_OK(kinect2_browser_destroy(browser));
  close_rig(&rig);
}

int main(void) {
  RUN(all_text_functions);
  return finish_tests();
}
