/* Guarantee 2, parameters: what goes in is copied; a handle output is NULL unless the result is KINECT2_OK; other
 * outputs are written on KINECT2_OK only; output pointers must not be NULL. */
#include "rig.h"

static void *const BAD = (void *)(uintptr_t)0x1234567;
static void *const LEFT_OVER = (void *)(uintptr_t)0x7654321; /* what an output held before the call */

static void text_and_structures_are_copied(void) {
  char id[] = "camera", name[] = "Studio", address[] = "127.0.0.1", endpoint[KINECT2_TEXT_CAPACITY], text[64];
  kinect2_mock_options_t mock;
  kinect2_mock_options_init(&mock, sizeof mock);
  mock.width = SMALL_WIDTH;
  mock.height = SMALL_HEIGHT;
  mock.id = id;
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_mock(&mock, &device));
  memset(id, 'x', strlen(id));
  memset(&mock, 0xFF, sizeof mock);
  CHECK_OK(kinect2_device_id(device, text, sizeof text, NULL));
  CHECK_TEXT(text, "camera");

  kinect2_server_options_t options = quiet_options();
  options.name = name;
  options.address = address;
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(&options, &server));
  memset(name, 'x', strlen(name));
  memset(address, 'x', strlen(address));
  memset(&options, 0xFF, sizeof options);
  REQUIRE_OK(kinect2_server_add_kinect(server, device));
  kinect2_encode_options_t encoding;
  kinect2_encode_options_init(&encoding, sizeof encoding);
  encoding.codec = KINECT2_CODEC_RAW;
  CHECK_OK(kinect2_server_set_encoding(server, device, KINECT2_STREAM_DEPTH, &encoding));
  memset(&encoding, 0xFF, sizeof encoding);
  REQUIRE_OK(kinect2_server_start(server));
  CHECK_OK(kinect2_server_name(server, text, sizeof text, NULL));
  CHECK_TEXT(text, "Studio");
  control_endpoint(server, endpoint);

  kinect2_client_t *client = new_client(endpoint);
  memset(endpoint, 'x', strlen(endpoint));
  connect_client(client, 1);
  char wanted[] = "camera";
  CHECK_OK(kinect2_client_enable_depth_frames(client, wanted));
  memset(wanted, 'x', strlen(wanted));
  CHECK_OK(kinect2_device_start(device));
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_client_take_frame(client, "camera", KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  CHECK_EQUAL(frame_info(frame).codec, KINECT2_CODEC_RAW);
  CHECK_OK(kinect2_frame_release(frame));
  CHECK_OK(kinect2_client_destroy(client));
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_OK(kinect2_device_destroy(device));
}

static void pushed_pixels_are_copied(void) {
  kinect2_device_t *device = new_push("copied");
  struct rig rig = open_rig(device);
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, rig.id, 1);
  static uint16_t pixels[SMALL_PIXELS] = {1234};
  CHECK_OK(kinect2_device_push(device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, SMALL_WIDTH, SMALL_HEIGHT, 0,
                               pixels, sizeof pixels, 0));
  pixels[0] = 4321;
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  CHECK_EQUAL(first_value(frame), 1234);
  CHECK_OK(kinect2_frame_release(frame));
  close_rig(&rig);
}

static void handle_outputs_are_null_unless_ok(void) {
  kinect2_server_options_t server_options = quiet_options();
  server_options.port = 70000;
  kinect2_server_t *server = LEFT_OVER;
  CHECK(kinect2_server_create(&server_options, &server) < 0);
  CHECK(server == NULL);
  kinect2_client_t *client = LEFT_OVER;
  CHECK(kinect2_client_create("nonsense", NULL, &client) < 0);
  CHECK(client == NULL);
  kinect2_device_t *device = LEFT_OVER;
  CHECK(kinect2_device_create_push("", &device) < 0);
  CHECK(device == NULL);
  kinect2_mock_options_t mock;
  kinect2_mock_options_init(&mock, sizeof mock);
  mock.mode = 99;
  device = LEFT_OVER;
  CHECK(kinect2_device_create_mock(&mock, &device) < 0);
  CHECK(device == NULL);
  kinect2_browser_options_t browser_options;
  kinect2_browser_options_init(&browser_options, sizeof browser_options);
  browser_options.address = "nowhere";
  kinect2_browser_t *browser = LEFT_OVER;
  CHECK(kinect2_browser_create(&browser_options, &browser) < 0);
  CHECK(browser == NULL);
  kinect2_compressor_t *compressor = LEFT_OVER;
  CHECK(kinect2_compressor_create(NULL, KINECT2_STREAM_DEPTH, NULL, &compressor) < 0);
  CHECK(compressor == NULL);
  kinect2_frame_options_t frame_options;
  kinect2_frame_options_init(&frame_options, sizeof frame_options);
  kinect2_frame_t *frame = LEFT_OVER;
  CHECK(kinect2_frame_create(&frame_options, &frame) < 0); /* no stream, no size, no data */
  CHECK(frame == NULL);
  frame = LEFT_OVER;
  CHECK(kinect2_client_take_frame(BAD, NULL, KINECT2_STREAM_DEPTH, 0, &frame) < 0);
  CHECK(frame == NULL);
  REQUIRE_OK(kinect2_client_create("tcp://127.0.0.1:9", NULL, &client));
  frame = LEFT_OVER;
  CHECK_RESULT(kinect2_client_take_frame(client, NULL, KINECT2_STREAM_DEPTH, 0, &frame), KINECT2_CLOSED);
  CHECK(frame == NULL);
  CHECK_OK(kinect2_client_destroy(client));
}

static void other_outputs_are_written_on_ok_only(void) {
  struct rig rig = open_rig(new_mock("untouched", 30));
  char text[8] = "before!";
  size_t length = 99;
  CHECK(kinect2_device_id(BAD, text, sizeof text, &length) < 0);
  CHECK(kinect2_server_kinect_id(rig.server, 5, text, sizeof text, &length) < 0);
  CHECK_TEXT(text, "before!");
  CHECK_EQUAL(length, 99);
  kinect2_server_stats_t stats;
  memset(&stats, 0xAA, sizeof stats);
  stats.struct_size = sizeof stats;
  CHECK(kinect2_server_stats(rig.server, "no such", KINECT2_STREAM_DEPTH, &stats) < 0);
  CHECK_EQUAL(stats.subscribers, 0xAAAAAAAA);
  kinect2_event_t event;
  memset(&event, 0xAA, sizeof event);
  event.struct_size = sizeof event;
  CHECK_RESULT(kinect2_server_next_event(rig.server, 0, &event), KINECT2_TIMEOUT);
  CHECK_EQUAL(event.type, 0xAAAAAAAA);
  intptr_t descriptor = -77;
  CHECK(kinect2_client_poll_fd(rig.client, 99, &descriptor) < 0);
  CHECK_EQUAL(descriptor, -77);
  const uint16_t pixels[4] = {1, 2, 3, 4};
  unsigned char packed[1];
  size_t size = 99;
  CHECK_RESULT(kinect2_compress_depth(KINECT2_CODEC_RAW, pixels, 2, 2, packed, sizeof packed, &size),
               KINECT2_ERROR_BUFFER_TOO_SMALL);
  CHECK_EQUAL(size, 99);
  close_rig(&rig);
}

static void output_pointers_must_not_be_null(void) {
  struct rig rig = open_rig(new_mock("null", 30));
  const kinect2_result_t refused = KINECT2_ERROR_INVALID_ARGUMENT;
  CHECK_RESULT(kinect2_device_create_mock(NULL, NULL), refused);
  CHECK_RESULT(kinect2_device_create_push("id", NULL), refused);
  CHECK_RESULT(kinect2_server_create(NULL, NULL), refused);
  CHECK_RESULT(kinect2_browser_create(NULL, NULL), refused);
  CHECK_RESULT(kinect2_client_create(rig.endpoint, NULL, NULL), refused);
  CHECK_RESULT(kinect2_compressor_create(rig.device, KINECT2_STREAM_DEPTH, NULL, NULL), refused);
  CHECK_RESULT(kinect2_server_stats(rig.server, rig.id, KINECT2_STREAM_DEPTH, NULL), refused);
  CHECK_RESULT(kinect2_server_next_event(rig.server, 0, NULL), refused);
  CHECK_RESULT(kinect2_server_poll_fd(rig.server, KINECT2_POLL_EVENTS, NULL), refused);
  CHECK_RESULT(kinect2_client_stats(rig.client, rig.id, KINECT2_STREAM_DEPTH, NULL), refused);
  CHECK_RESULT(kinect2_client_stream_info(rig.client, rig.id, KINECT2_STREAM_DEPTH, NULL), refused);
  CHECK_RESULT(kinect2_client_next_event(rig.client, 0, NULL), refused);
  CHECK_RESULT(kinect2_client_poll_fd(rig.client, KINECT2_POLL_EVENTS, NULL), refused);
  CHECK_RESULT(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 0, NULL), refused);
  const uint16_t pixels[4] = {1, 2, 3, 4};
  unsigned char packed[64];
  CHECK_RESULT(kinect2_compress_depth(KINECT2_CODEC_RAW, pixels, 2, 2, packed, sizeof packed, NULL), refused);
  CHECK_RESULT(kinect2_decompress_depth(KINECT2_CODEC_RAW, pixels, sizeof pixels, 2, 2, NULL, 4), refused);
  close_rig(&rig);
}

int main(void) {
  RUN(text_and_structures_are_copied);
  RUN(pushed_pixels_are_copied);
  RUN(handle_outputs_are_null_unless_ok);
  RUN(other_outputs_are_written_on_ok_only);
  RUN(output_pointers_must_not_be_null);
  return finish_tests();
}
