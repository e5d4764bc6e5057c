/* The whole path over a given endpoint: what a push device is given arrives bit-exact at a client, depth and infrared,
 * in every codec, of any size, copied or not. */
#include "rig.h"

enum { WIDTH = 512, HEIGHT = 424, PIXELS = WIDTH * HEIGHT };

static uint16_t image[PIXELS];

/* Noise, the hardest there is: all values up to `largest`, with holes. */
static void fill_image(uint32_t seed, uint16_t largest) {
  uint32_t state = seed * 2654435761u + 1;
  for (size_t i = 0; i < PIXELS; i++) {
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    image[i] = state % 5 == 0 ? 0 : (uint16_t)((state >> 8) % (largest + 1u));
  }
}

static uint32_t format_of(uint32_t stream) {
  return stream == KINECT2_STREAM_DEPTH ? KINECT2_FORMAT_DEPTH16_MM : KINECT2_FORMAT_INFRARED16;
}

static bool is_subscribed(struct rig *rig, uint32_t stream) {
  kinect2_server_stats_t stats = {.struct_size = sizeof stats};
  return kinect2_server_stats(rig->server, rig->id, stream, &stats) == KINECT2_OK && stats.subscribers == 1;
}

static struct rig open_stream(uint32_t stream, uint32_t codec) {
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_push("whole", &device));
  const kinect2_stream_info_t info = {sizeof info, stream, format_of(stream), KINECT2_CODEC_RAW, WIDTH, HEIGHT, 30};
  REQUIRE_OK(kinect2_device_declare_stream(device, &info));
  struct rig rig = open_rig(device);
  kinect2_encode_options_t options;
  kinect2_encode_options_init(&options, sizeof options);
  options.codec = codec;
  REQUIRE_OK(kinect2_server_set_encoding(rig.server, device, stream, &options));
  REQUIRE_OK(kinect2_client_enable_stream(rig.client, rig.id, stream, NULL));
  REQUIRE_WITHIN(5000, is_subscribed(&rig, stream));
  return rig;
}

static kinect2_frame_t *take(struct rig *rig, uint32_t stream) {
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_client_take_frame(rig->client, rig->id, stream, wait_ms(5000), &frame));
  return frame;
}

static void travels_bit_exact(uint32_t stream, uint32_t codec, uint16_t largest) {
  struct rig rig = open_stream(stream, codec);
  for (uint32_t i = 0; i < 10; i++) {
    fill_image(i + 1, largest);
    const uint64_t captured = kinect2_clock_ns();
    CHECK_OK(kinect2_device_push(rig.device, stream, format_of(stream), WIDTH, HEIGHT, 0, image, sizeof image, captured));
    kinect2_frame_t *frame = take(&rig, stream);
    const kinect2_frame_info_t info = frame_info(frame);
    CHECK_EQUAL(info.stream, stream);
    CHECK_EQUAL(info.format, format_of(stream));
    CHECK_EQUAL(info.width, WIDTH);
    CHECK_EQUAL(info.height, HEIGHT);
    CHECK_EQUAL(info.stride_bytes, WIDTH * 2);
    CHECK_EQUAL(info.size, sizeof image);
    CHECK_EQUAL(info.codec, codec);
    CHECK_EQUAL(info.flags, 0);
    CHECK_EQUAL(info.sequence, i);
    CHECK_EQUAL(info.capture_time_ns, captured);
    CHECK_EQUAL(info.capture_time_local_ns, captured); /* one host, one clock */
    CHECK_EQUAL(info.clock_error_ns, 0);
    CHECK(info.receive_time_ns > captured && info.receive_time_ns <= kinect2_clock_ns());
    CHECK((uintptr_t)kinect2_frame_data(frame) % 64 == 0);
    CHECK(memcmp(kinect2_frame_data(frame), image, sizeof image) == 0);
    CHECK_OK(kinect2_frame_release(frame));
  }
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(rig.client, rig.id, stream, &stats));
  CHECK_EQUAL(stats.received, 10);
  CHECK_EQUAL(stats.taken, 10);
  CHECK_EQUAL(stats.lost + stats.dropped + stats.corrupt, 0);
  CHECK(stats.bytes > 0 && stats.latency_p50_ns > 0 && stats.latency_p99_ns >= stats.latency_p50_ns);
  close_rig(&rig);
}

static void depth_raw(void) { travels_bit_exact(KINECT2_STREAM_DEPTH, KINECT2_CODEC_RAW, 65535); }
static void depth_rvl(void) { travels_bit_exact(KINECT2_STREAM_DEPTH, KINECT2_CODEC_RVL, 65535); }
static void depth_lz4_packed(void) { travels_bit_exact(KINECT2_STREAM_DEPTH, KINECT2_CODEC_LZ4_PACKED, 4095); }
static void infrared_raw(void) { travels_bit_exact(KINECT2_STREAM_INFRARED, KINECT2_CODEC_RAW, 65535); }
static void infrared_rvl(void) { travels_bit_exact(KINECT2_STREAM_INFRARED, KINECT2_CODEC_RVL, 65535); }

static void depth_k2d(void) { travels_bit_exact(KINECT2_STREAM_DEPTH, KINECT2_CODEC_K2D, 65535); }
static void infrared_k2d(void) { travels_bit_exact(KINECT2_STREAM_INFRARED, KINECT2_CODEC_K2D, 65535); }

static void k2d_is_what_the_library_chooses(void) {
  struct rig rig = open_stream(KINECT2_STREAM_DEPTH, KINECT2_CODEC_AUTO);
  fill_image(1, 65535);
  CHECK_OK(kinect2_device_push(rig.device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, WIDTH, HEIGHT, 0, image,
                               sizeof image, 0));
  kinect2_frame_t *frame = take(&rig, KINECT2_STREAM_DEPTH);
  CHECK_EQUAL(frame_info(frame).codec, KINECT2_CODEC_K2D);
  CHECK_EQUAL(frame_info(frame).flags, 0);
  CHECK_OK(kinect2_frame_release(frame));
  close_rig(&rig);
}

static void k2d_within_an_error_bound_says_so(void) {
  enum { ERROR = 2 };
  struct rig rig = open_stream(KINECT2_STREAM_DEPTH, KINECT2_CODEC_AUTO);
  kinect2_encode_options_t options; /* of this device's depth alone */
  kinect2_encode_options_init(&options, sizeof options);
  options.max_error_mm = ERROR;
  CHECK_OK(kinect2_server_set_encoding(rig.server, rig.device, KINECT2_STREAM_DEPTH, &options));
  fill_image(3, 4095);
  CHECK_OK(kinect2_device_push(rig.device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, WIDTH, HEIGHT, 0, image,
                               sizeof image, 0));
  kinect2_frame_t *frame = take(&rig, KINECT2_STREAM_DEPTH);
  const uint16_t *pixels = kinect2_frame_data(frame);
  CHECK_EQUAL(frame_info(frame).flags, KINECT2_FRAME_LOSSY);
  size_t outside = 0, different = 0;
  for (size_t i = 0; i < PIXELS; i++) {
    outside += abs((int)pixels[i] - (int)image[i]) > ERROR || (pixels[i] == 0) != (image[i] == 0);
    different += pixels[i] != image[i];
  }
  CHECK_EQUAL(outside, 0);
  CHECK(different > 0);
  CHECK_OK(kinect2_frame_release(frame));
  close_rig(&rig);
}

static void lz4_packed_sends_0_for_what_12_bits_cannot_hold(void) {
  struct rig rig = open_stream(KINECT2_STREAM_DEPTH, KINECT2_CODEC_LZ4_PACKED);
  fill_image(7, 65535);
  CHECK_OK(kinect2_device_push(rig.device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, WIDTH, HEIGHT, 0, image,
                               sizeof image, 0));
  kinect2_frame_t *frame = take(&rig, KINECT2_STREAM_DEPTH);
  const uint16_t *pixels = kinect2_frame_data(frame);
  CHECK_EQUAL(frame_info(frame).flags, KINECT2_FRAME_LOSSY);
  size_t wrong = 0;
  for (size_t i = 0; i < PIXELS; i++) wrong += pixels[i] != (image[i] > 4095 ? 0 : image[i]);
  CHECK_EQUAL(wrong, 0);
  CHECK_OK(kinect2_frame_release(frame));

  kinect2_encode_options_t options; /* depth's own format: no infrared in it */
  kinect2_encode_options_init(&options, sizeof options);
  options.codec = KINECT2_CODEC_LZ4_PACKED;
  CHECK_RESULT(kinect2_server_set_encoding(rig.server, NULL, KINECT2_STREAM_INFRARED, &options),
               KINECT2_ERROR_UNSUPPORTED);
  close_rig(&rig);
}

static void size_and_stride_may_change_from_frame_to_frame(void) {
  static const uint32_t sizes[][3] = {{640, 300, 0}, {7, 5, 0}, {1, 1, 0}, {100, 50, 256}, {512, 424, 0}}; /* stride */
  struct rig rig = open_stream(KINECT2_STREAM_DEPTH, KINECT2_CODEC_RVL);
  fill_image(3, 8000);
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    const uint32_t width = sizes[i][0], height = sizes[i][1], stride = sizes[i][2];
    const size_t row = stride != 0 ? stride / 2 : width;
    CHECK_OK(kinect2_device_push(rig.device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, width, height, stride,
                                 image, sizeof image, 0));
    kinect2_frame_t *frame = take(&rig, KINECT2_STREAM_DEPTH);
    const kinect2_frame_info_t info = frame_info(frame);
    CHECK_EQUAL(info.width, width);
    CHECK_EQUAL(info.height, height);
    CHECK_EQUAL(info.stride_bytes, width * 2); /* tight again */
    const uint16_t *pixels = kinect2_frame_data(frame);
    for (size_t y = 0; y < height; y++) CHECK(memcmp(pixels + y * width, image + y * row, width * 2) == 0);
    CHECK_OK(kinect2_frame_release(frame));
  }
  const uint16_t *none = NULL;
  CHECK_RESULT(kinect2_device_push(rig.device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, 512, 424, 0, image,
                                   sizeof image - 1, 0),
               KINECT2_ERROR_INVALID_ARGUMENT); /* less than the size needs */
  CHECK_RESULT(kinect2_device_push(rig.device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, 512, 424, 1000, image,
                                   sizeof image, 0),
               KINECT2_ERROR_INVALID_ARGUMENT); /* rows that overlap */
  CHECK_RESULT(kinect2_device_push(rig.device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, 512, 424, 0, none,
                                   sizeof image, 0),
               KINECT2_ERROR_INVALID_ARGUMENT);
  close_rig(&rig);
}

static atomic_int released;

static void release(void *user_data) {
  CHECK(user_data == image);
  atomic_fetch_add(&released, 1);
}

static void a_frame_is_pushed_without_a_copy_and_released_once(void) {
  struct rig rig = open_stream(KINECT2_STREAM_DEPTH, KINECT2_CODEC_RVL);
  fill_image(11, 65535);
  kinect2_frame_options_t options;
  kinect2_frame_options_init(&options, sizeof options);
  options.stream = KINECT2_STREAM_DEPTH;
  options.format = KINECT2_FORMAT_DEPTH16_MM;
  options.width = WIDTH;
  options.height = HEIGHT;
  options.device_time_ns = 424242;
  options.data = image;
  options.size = 1; /* too small: create fails, and never calls release */
  options.release = release;
  options.user_data = image;
  kinect2_frame_t *frame = NULL;
  CHECK_RESULT(kinect2_frame_create(&options, &frame), KINECT2_ERROR_INVALID_ARGUMENT);
  options.size = sizeof image;
  REQUIRE_OK(kinect2_frame_create(&options, &frame));
  CHECK(kinect2_frame_data(frame) == image); /* used where it lies */
  char id[KINECT2_ID_CAPACITY];
  CHECK_RESULT(kinect2_frame_kinect_id(frame, id, sizeof id, NULL), KINECT2_ERROR_NOT_FOUND);

  CHECK_OK(kinect2_device_push_frame(rig.device, frame));
  kinect2_frame_t *arrived = take(&rig, KINECT2_STREAM_DEPTH);
  CHECK(memcmp(kinect2_frame_data(arrived), image, sizeof image) == 0);
  CHECK_EQUAL(frame_info(arrived).device_time_ns, 424242);
  CHECK_OK(kinect2_frame_release(arrived));
  CHECK_RESULT(kinect2_frame_kinect_id(frame, id, sizeof id, NULL), KINECT2_ERROR_NOT_FOUND); /* it stays as it is */
  CHECK_EQUAL(released, 0);
  CHECK_OK(kinect2_frame_release(frame));
  close_rig(&rig);
  CHECK_WITHIN(2000, released == 1);
}

int main(void) {
  RUN(depth_raw);
  RUN(depth_rvl);
  RUN(depth_k2d);
  RUN(depth_lz4_packed);
  RUN(infrared_raw);
  RUN(infrared_rvl);
  RUN(infrared_k2d);
  RUN(k2d_is_what_the_library_chooses);
  RUN(k2d_within_an_error_bound_says_so);
  RUN(lz4_packed_sends_0_for_what_12_bits_cannot_hold);
  RUN(size_and_stride_may_change_from_frame_to_frame);
  RUN(a_frame_is_pushed_without_a_copy_and_released_once);
  return finish_tests();
}
