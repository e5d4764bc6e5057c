/* The compressor: one stream of a device, compressed while a callback is set, dropping frames when overloaded. */
#include "rig.h"

struct record {
  struct gate gate;
  atomic_int calls, slow;
  atomic_int first; /* value of the first pixel */
  uint32_t codec; /* that the data must be of */
  kinect2_frame_info_t info;
  uint64_t last_sequence;
};

static void on_compressed(kinect2_compressor_t *compressor, const void *data, size_t size,
                          const kinect2_frame_info_t *info, void *argument) {
  struct record *record = argument;
  static uint16_t pixels[SMALL_PIXELS];
  CHECK(kinect2_compressor_dropped(compressor) < UINT64_MAX);
  CHECK_OK(kinect2_decompress_depth(record->codec, data, size, SMALL_WIDTH, SMALL_HEIGHT, pixels, SMALL_PIXELS));
  for (size_t i = 1; i < SMALL_PIXELS; i++) {
    if (!CHECK(pixels[i] == (uint16_t)(pixels[0] + i))) break;
  }
  CHECK(record->calls == 0 || info->sequence > record->last_sequence);
  record->last_sequence = info->sequence;
  record->info = *info;
  atomic_store(&record->first, pixels[0]);
  atomic_fetch_add(&record->calls, 1);
  if (record->slow) pass_gate(&record->gate);
}

static kinect2_compressor_t *new_compressor(kinect2_device_t *device, uint32_t codec) {
  kinect2_encode_options_t options;
  kinect2_encode_options_init(&options, sizeof options);
  options.codec = codec;
  kinect2_compressor_t *compressor = NULL;
  REQUIRE_OK(kinect2_compressor_create(device, KINECT2_STREAM_DEPTH, &options, &compressor));
  return compressor;
}

static void frames_come_compressed(void) {
  static const uint32_t codecs[] = {KINECT2_CODEC_RAW, KINECT2_CODEC_LZ4_PACKED, KINECT2_CODEC_RVL,
                                    KINECT2_CODEC_K2D};
  kinect2_device_t *device = new_push("compressed");
  CHECK_OK(kinect2_device_start(device));
  for (size_t c = 0; c < 3; c++) {
    struct record record = {.codec = codecs[c]};
    kinect2_compressor_t *compressor = new_compressor(device, codecs[c]);
    CHECK_OK(kinect2_compressor_on_compressed_frame(compressor, on_compressed, &record));
    for (int i = 0; i < 10; i++) {
      push_depth(device, (uint16_t)(500 + i));
      CHECK_WITHIN(2000, record.calls == i + 1);
      CHECK_EQUAL(record.first, 500 + i);
    }
    CHECK_EQUAL(record.info.stream, KINECT2_STREAM_DEPTH);
    CHECK_EQUAL(record.info.format, KINECT2_FORMAT_DEPTH16_MM); /* it describes the frame before */
    CHECK_EQUAL(record.info.width, SMALL_WIDTH);
    CHECK_EQUAL(record.info.height, SMALL_HEIGHT);
    CHECK_EQUAL(record.info.stride_bytes, SMALL_WIDTH * 2);
    CHECK_EQUAL(record.info.size, SMALL_PIXELS * 2);
    CHECK_EQUAL(record.info.codec, codecs[c]); /* but for this */
    CHECK_EQUAL(record.info.flags, 0);
    CHECK_EQUAL(kinect2_compressor_dropped(compressor), 0);
    CHECK_OK(kinect2_compressor_destroy(compressor));
  }
  CHECK_OK(kinect2_device_destroy(device));
}

static void values_that_do_not_fit_are_flagged(void) {
  struct record record = {.codec = KINECT2_CODEC_LZ4_PACKED};
  kinect2_device_t *device = new_push("lossy");
  CHECK_OK(kinect2_device_start(device));
  kinect2_compressor_t *compressor = new_compressor(device, KINECT2_CODEC_LZ4_PACKED);
  CHECK_OK(kinect2_compressor_on_compressed_frame(compressor, on_compressed, &record));
  static uint16_t pixels[SMALL_PIXELS];
  for (size_t i = 0; i < SMALL_PIXELS; i++) pixels[i] = (uint16_t)i;
  pixels[0] = 5000; /* arrives as 0, which the rest of this image follows */
  CHECK_OK(kinect2_device_push(device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, SMALL_WIDTH, SMALL_HEIGHT, 0,
                               pixels, sizeof pixels, 0));
  CHECK_WITHIN(2000, record.calls == 1);
  CHECK_EQUAL(record.first, 0);
  CHECK_EQUAL(record.info.flags, KINECT2_FRAME_LOSSY);
  CHECK_OK(kinect2_compressor_destroy(compressor));
  CHECK_OK(kinect2_device_destroy(device));
}

static void an_overloaded_one_drops_and_stays_current(void) {
  struct record record = {.codec = KINECT2_CODEC_RVL, .slow = 1};
  kinect2_device_t *device = new_push("overloaded");
  CHECK_OK(kinect2_device_start(device));
  kinect2_compressor_t *compressor = new_compressor(device, KINECT2_CODEC_RVL);
  CHECK_OK(kinect2_compressor_on_compressed_frame(compressor, on_compressed, &record));
  push_depth(device, 0);
  CHECK_WITHIN(2000, record.gate.entered == 1);
  for (int i = 1; i <= 50; i++) push_depth(device, (uint16_t)i);
  sleep_ms(wait_ms(100));
  CHECK_EQUAL(record.calls, 1);
  CHECK(kinect2_compressor_dropped(compressor) > 0);
  atomic_store(&record.gate.open, 1);
  CHECK_WITHIN(2000, record.first == 50); /* the newest came through */
  CHECK_WITHIN(2000, (uint64_t)record.calls + kinect2_compressor_dropped(compressor) == 51);
  CHECK_OK(kinect2_compressor_destroy(compressor));
  CHECK_OK(kinect2_device_destroy(device));
}

static void without_a_callback_nothing_is_dropped_or_compressed(void) {
  struct record record = {.codec = KINECT2_CODEC_RVL};
  kinect2_device_t *device = new_push("idle");
  CHECK_OK(kinect2_device_start(device));
  kinect2_compressor_t *compressor = new_compressor(device, KINECT2_CODEC_RVL);
  for (int i = 0; i < 10; i++) push_depth(device, 1);
  CHECK_EQUAL(kinect2_compressor_dropped(compressor), 0);
  CHECK_OK(kinect2_compressor_on_compressed_frame(compressor, on_compressed, &record));
  push_depth(device, 2);
  CHECK_WITHIN(2000, record.calls == 1);
  CHECK_EQUAL(record.first, 2);
  CHECK_OK(kinect2_compressor_on_compressed_frame(compressor, NULL, NULL));
  push_depth(device, 3);
  sleep_ms(50);
  CHECK_EQUAL(record.calls, 1);
  CHECK_OK(kinect2_compressor_destroy(compressor));
  CHECK_OK(kinect2_device_destroy(device));
}

static void it_stays_when_its_device_goes(void) {
  struct record first = {.codec = KINECT2_CODEC_RVL}, second = {.codec = KINECT2_CODEC_RAW};
  kinect2_device_t *device = new_push("going");
  CHECK_OK(kinect2_device_start(device));
  kinect2_compressor_t *one = new_compressor(device, KINECT2_CODEC_RVL), *two = new_compressor(device, KINECT2_CODEC_RAW);
  CHECK_OK(kinect2_compressor_on_compressed_frame(one, on_compressed, &first));
  push_depth(device, 5);
  CHECK_WITHIN(2000, first.calls == 1);
  CHECK_OK(kinect2_compressor_on_compressed_frame(one, NULL, NULL));
  CHECK_OK(kinect2_compressor_on_compressed_frame(two, on_compressed, &second)); /* several of one device */
  push_depth(device, 6);
  CHECK_WITHIN(2000, second.calls == 1);
  CHECK_OK(kinect2_device_destroy(device));
  CHECK_EQUAL(kinect2_compressor_dropped(one), 0);
  CHECK_OK(kinect2_compressor_on_compressed_frame(one, on_compressed, &first));
  CHECK_OK(kinect2_compressor_destroy(one));
  CHECK_OK(kinect2_compressor_destroy(two));
}

static void what_it_cannot_do_is_refused(void) {
  kinect2_device_t *device = new_push("refusing");
  kinect2_compressor_t *compressor = NULL;
  CHECK_RESULT(kinect2_compressor_create(device, 0, NULL, &compressor), KINECT2_ERROR_INVALID_ARGUMENT);
  CHECK_RESULT(kinect2_compressor_create(device, KINECT2_STREAM_DEPTH | KINECT2_STREAM_INFRARED, NULL, &compressor),
               KINECT2_ERROR_INVALID_ARGUMENT); /* one stream */
  kinect2_encode_options_t options;
  kinect2_encode_options_init(&options, sizeof options);
  options.codec = 99;
  CHECK_RESULT(kinect2_compressor_create(device, KINECT2_STREAM_DEPTH, &options, &compressor),
               KINECT2_ERROR_UNSUPPORTED);
  CHECK_OK(kinect2_device_destroy(device));
}

int main(void) {
  RUN(frames_come_compressed);
  RUN(values_that_do_not_fit_are_flagged);
  RUN(an_overloaded_one_drops_and_stays_current);
  RUN(without_a_callback_nothing_is_dropped_or_compressed);
  RUN(it_stays_when_its_device_goes);
  RUN(what_it_cannot_do_is_refused);
  return finish_tests();
}
