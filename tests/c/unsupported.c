/* What the header declares and this version does not have yet answers KINECT2_ERROR_UNSUPPORTED, everywhere. */
#include "rig.h"

static const uint32_t later[] = {KINECT2_CODEC_JPEG, 99};
enum { LATER = sizeof later / sizeof *later };

#define UNSUPPORTED(call) CHECK_RESULT(call, KINECT2_ERROR_UNSUPPORTED)

static kinect2_encode_options_t options_of(uint32_t codec) {
  kinect2_encode_options_t options;
  kinect2_encode_options_init(&options, sizeof options);
  options.codec = codec;
  return options;
}

static void codecs_to_come(void) {
  static const uint16_t pixels[64];
  uint16_t decoded[64];
  unsigned char data[1024] = {0};
  size_t size = 0;
  kinect2_device_t *device = new_push("device");
  kinect2_server_t *server = new_server(NULL);
  kinect2_compressor_t *compressor = NULL;
  CHECK_OK(kinect2_server_add_kinect(server, device));
  for (size_t i = 0; i < LATER; i++) {
    const kinect2_encode_options_t options = options_of(later[i]);
    CHECK_EQUAL(kinect2_compress_bound(later[i], 8, 8), 0);
    UNSUPPORTED(kinect2_compress_depth(later[i], pixels, 8, 8, data, sizeof data, &size));
    UNSUPPORTED(kinect2_compress_depth_with(&options, pixels, 8, 8, data, sizeof data, &size));
    UNSUPPORTED(kinect2_decompress_depth(later[i], data, sizeof data, 8, 8, decoded, 64));
    UNSUPPORTED(kinect2_server_set_encoding(server, NULL, KINECT2_STREAM_DEPTH, &options));
    UNSUPPORTED(kinect2_server_set_encoding(server, device, KINECT2_STREAM_DEPTH, &options));
    UNSUPPORTED(kinect2_compressor_create(device, KINECT2_STREAM_DEPTH, &options, &compressor));
  }
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_OK(kinect2_device_destroy(device));
}

static void profiles_and_error_bounds(void) { /* which K2D alone has */
  static const uint16_t pixels[64];
  unsigned char data[1024];
  size_t size = 0;
  kinect2_device_t *device = new_push("device");
  kinect2_server_t *server = new_server(NULL);
  kinect2_compressor_t *compressor = NULL;
  CHECK_OK(kinect2_server_add_kinect(server, device));
  for (int member = 0; member < 3; member++) {
    kinect2_encode_options_t options = options_of(KINECT2_CODEC_RVL);
    if (member == 0) options.max_error_mm = 1;
    if (member == 1) options.max_error_ppm = 1000;
    if (member == 2) options.profile = KINECT2_PROFILE_SPEED;
    UNSUPPORTED(kinect2_compress_depth_with(&options, pixels, 8, 8, data, sizeof data, &size));
    UNSUPPORTED(kinect2_server_set_encoding(server, device, KINECT2_STREAM_DEPTH, &options));
    UNSUPPORTED(kinect2_compressor_create(device, KINECT2_STREAM_DEPTH, &options, &compressor));
  }
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_OK(kinect2_device_destroy(device));
}

static void colour(void) {
  static const unsigned char pixels[8 * 8 * 4];
  static const uint32_t formats[] = {KINECT2_FORMAT_JPEG, KINECT2_FORMAT_RGBA8, KINECT2_FORMAT_BGRA8,
                                     KINECT2_FORMAT_YUY2};
  struct rig rig = open_rig(new_push("device"));
  for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
    UNSUPPORTED(kinect2_device_push(rig.device, KINECT2_STREAM_COLOR, formats[i], 8, 8, 0, pixels, sizeof pixels, 0));
    const kinect2_stream_info_t info = {sizeof info, KINECT2_STREAM_COLOR, formats[i], KINECT2_CODEC_RAW, 8, 8, 30};
    UNSUPPORTED(kinect2_device_declare_stream(rig.device, &info));
    kinect2_frame_options_t frame_options;
    kinect2_frame_options_init(&frame_options, sizeof frame_options);
    frame_options.stream = KINECT2_STREAM_COLOR;
    frame_options.format = formats[i];
    frame_options.width = frame_options.height = 8;
    frame_options.data = pixels;
    frame_options.size = sizeof pixels;
    kinect2_frame_t *frame = NULL;
    UNSUPPORTED(kinect2_frame_create(&frame_options, &frame));
    kinect2_stream_options_t stream_options;
    kinect2_stream_options_init(&stream_options, sizeof stream_options);
    stream_options.format = formats[i];
    UNSUPPORTED(kinect2_client_enable_stream(rig.client, rig.id, KINECT2_STREAM_COLOR, &stream_options));
    UNSUPPORTED(kinect2_client_enable_stream(rig.client, rig.id, KINECT2_STREAM_DEPTH, &stream_options));
  }
  UNSUPPORTED(kinect2_client_enable_stream(rig.client, rig.id, KINECT2_STREAM_COLOR, NULL));
  const kinect2_encode_options_t options = options_of(KINECT2_CODEC_JPEG);
  UNSUPPORTED(kinect2_server_set_encoding(rig.server, rig.device, KINECT2_STREAM_COLOR, &options));
  kinect2_compressor_t *compressor = NULL;
  UNSUPPORTED(kinect2_compressor_create(rig.device, KINECT2_STREAM_COLOR, NULL, &compressor));
  CHECK_EQUAL(kinect2_client_streams(rig.client, rig.id), KINECT2_STREAM_DEPTH); /* and nothing of it stayed */
  close_rig(&rig);
}

#ifndef KINECT2_TEST_SYSTEM_DISCOVERY /* a build that has it */
static void the_systems_discovery(void) {
  kinect2_server_options_t server_options = quiet_options();
  server_options.announce = 1;
  server_options.discovery = KINECT2_DISCOVERY_SYSTEM;
  kinect2_server_t *server = NULL;
  UNSUPPORTED(kinect2_server_create(&server_options, &server));
  kinect2_browser_options_t browser_options;
  kinect2_browser_options_init(&browser_options, sizeof browser_options);
  browser_options.discovery = KINECT2_DISCOVERY_SYSTEM;
  kinect2_browser_t *browser = NULL;
  UNSUPPORTED(kinect2_browser_create(&browser_options, &browser));
  kinect2_client_options_t client_options;
  kinect2_client_options_init(&client_options, sizeof client_options);
  client_options.discovery = KINECT2_DISCOVERY_SYSTEM;
  client_options.server_name = "*";
  kinect2_client_t *client = NULL;
  UNSUPPORTED(kinect2_client_create(NULL, &client_options, &client));
}
#endif

static void streams_that_a_mock_does_not_have(void) {
  kinect2_mock_options_t options;
  kinect2_mock_options_init(&options, sizeof options);
  kinect2_device_t *device = NULL;
  options.streams = KINECT2_STREAM_DEPTH | KINECT2_STREAM_INFRARED; /* the realistic mode's */
  UNSUPPORTED(kinect2_device_create_mock(&options, &device));
  options.mode = KINECT2_MOCK_REALISTIC;
  options.streams = KINECT2_STREAM_DEPTH | KINECT2_STREAM_COLOR;
  UNSUPPORTED(kinect2_device_create_mock(&options, &device));
  options.streams = 0x80000000u;
  UNSUPPORTED(kinect2_device_create_mock(&options, &device));
  kinect2_mock_options_init(&options, sizeof options);
  options.mode = KINECT2_MOCK_REALISTIC + 1;
  UNSUPPORTED(kinect2_device_create_mock(&options, &device));
}

int main(void) {
  RUN(codecs_to_come);
  RUN(profiles_and_error_bounds);
  RUN(colour);
#ifndef KINECT2_TEST_SYSTEM_DISCOVERY
  RUN(the_systems_discovery);
#endif
  RUN(streams_that_a_mock_does_not_have);
  return finish_tests();
}
