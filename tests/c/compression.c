/* Compression on its own: lossless in every codec of this version, within its bound, and strict about what it is given. */
#include "check.h"

enum { MAX_PIXELS = 512 * 424, MAX_BYTES = 8 * MAX_PIXELS };

static const uint32_t codecs[] = {KINECT2_CODEC_RAW, KINECT2_CODEC_LZ4_PACKED, KINECT2_CODEC_RVL,
                                  KINECT2_CODEC_K2D};
enum { CODECS = sizeof codecs / sizeof *codecs };

static uint16_t image[MAX_PIXELS], decoded[MAX_PIXELS];
static unsigned char data[MAX_BYTES];

/* Images as different as cameras and their adversaries make them, all within `largest`. */
enum { ZEROS, CONSTANT, RAMP, NOISE, HOLES, EXTREMES, IMAGES };

static void draw(int kind, size_t pixels, uint16_t largest) {
  uint32_t state = 12345;
  for (size_t i = 0; i < pixels; i++) {
    state = state * 1664525u + 1013904223u;
    const uint16_t noise = (uint16_t)((state >> 16) % (largest + 1u));
    switch (kind) {
      case ZEROS: image[i] = 0; break;
      case CONSTANT: image[i] = largest; break;
      case RAMP: image[i] = (uint16_t)(i % (largest + 1u)); break;
      case NOISE: image[i] = noise; break;
      case HOLES: image[i] = state >> 30 == 0 ? 0 : (uint16_t)(2000 + noise % 50); break;
      default: image[i] = i % 2 == 0 ? 0 : largest; break;
    }
  }
}

static uint16_t largest_of(uint32_t codec) { return codec == KINECT2_CODEC_LZ4_PACKED ? 4095 : 65535; }

static void every_image_comes_back(void) {
  static const uint32_t sizes[][2] = {{512, 424}, {2, 1}, {1, 2}, {16, 3}, {640, 300}, {1, 1}, {7, 5}};
  for (size_t c = 0; c < CODECS; c++) {
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      const uint32_t width = sizes[s][0], height = sizes[s][1];
      const size_t pixels = (size_t)width * height;
      if (codecs[c] == KINECT2_CODEC_LZ4_PACKED && pixels % 2 != 0) continue;
      const size_t bound = kinect2_compress_bound(codecs[c], width, height);
      REQUIRE(bound > 0 && bound <= sizeof data);
      for (int kind = 0; kind < IMAGES; kind++) {
        size_t size = 0;
        draw(kind, pixels, largest_of(codecs[c]));
        memset(decoded, 0xAA, sizeof decoded);
        CHECK_OK(kinect2_compress_depth(codecs[c], image, width, height, data, bound, &size));
        CHECK(size > 0 && size <= bound);
        CHECK_OK(kinect2_decompress_depth(codecs[c], data, size, width, height, decoded, pixels));
        CHECK(memcmp(decoded, image, pixels * sizeof *image) == 0);
      }
    }
  }
}

static void raw_is_little_endian(void) {
  const uint16_t pixels[] = {0x0102, 0xFFFE};
  size_t size = 0;
  CHECK_EQUAL(kinect2_compress_bound(KINECT2_CODEC_RAW, 2, 1), 4);
  CHECK_OK(kinect2_compress_depth(KINECT2_CODEC_RAW, pixels, 2, 1, data, 4, &size));
  CHECK_EQUAL(size, 4);
  CHECK(memcmp(data, "\x02\x01\xFE\xFF", 4) == 0);
}

static void rvl_is_the_bare_words(void) {
  static const uint16_t zeros[8];
  size_t size = 0;
  CHECK_OK(kinect2_compress_depth(KINECT2_CODEC_RVL, zeros, 8, 1, data, sizeof data, &size));
  CHECK_EQUAL(size, 4); /* 8 zeros (8, 1), no values (0), filled up: the word 0x81000000 */
  CHECK(memcmp(data, "\x00\x00\x00\x81", 4) == 0);
}

static void lz4_packed_is_a_message_of_version_1(void) {
  const uint16_t pixels[] = {0x123, 0xABC, 4096, 65535};
  size_t size = 0;
  CHECK_OK(kinect2_compress_depth(KINECT2_CODEC_LZ4_PACKED, pixels, 4, 1, data, sizeof data, &size));
  CHECK(memcmp(data, "\x06\x00\x00\x00", 4) == 0); /* 4 high bytes and 2 of low nibbles */
  CHECK_OK(kinect2_decompress_depth(KINECT2_CODEC_LZ4_PACKED, data, size, 4, 1, decoded, 4));
  CHECK_EQUAL(decoded[0], 0x123);
  CHECK_EQUAL(decoded[1], 0xABC);
  CHECK_EQUAL(decoded[2], 0); /* 12 bits: what does not fit is invalid, never a wrong distance */
  CHECK_EQUAL(decoded[3], 0);
  const unsigned char by_hand[] = {6, 0, 0, 0, 0x60, 0x12, 0xAB, 0x00, 0xFF, 0x3C, 0x0F}; /* all literals */
  CHECK_OK(kinect2_decompress_depth(KINECT2_CODEC_LZ4_PACKED, by_hand, sizeof by_hand, 4, 1, decoded, 4));
  const uint16_t expected[] = {0x123, 0xABC, 0x000, 0xFFF};
  CHECK(memcmp(decoded, expected, sizeof expected) == 0);
}

static void the_bound_knows_its_limits(void) {
  CHECK_EQUAL(kinect2_compress_bound(0, 512, 424), 0);
  CHECK_EQUAL(kinect2_compress_bound(99, 512, 424), 0);
  for (size_t c = 0; c < CODECS; c++) CHECK_EQUAL(kinect2_compress_bound(codecs[c], UINT32_MAX, UINT32_MAX), 0);
}

static void compressing_refuses(void) {
  const kinect2_result_t invalid = KINECT2_ERROR_INVALID_ARGUMENT;
  size_t size = 0;
  draw(NOISE, 64, 4095);
  for (size_t c = 0; c < CODECS; c++) {
    const uint32_t codec = codecs[c];
    CHECK_RESULT(kinect2_compress_depth(codec, NULL, 8, 8, data, sizeof data, &size), invalid);
    CHECK_RESULT(kinect2_compress_depth(codec, image, 8, 8, NULL, sizeof data, &size), invalid);
    CHECK_RESULT(kinect2_compress_depth(codec, image, 8, 8, data, sizeof data, NULL), invalid);
    CHECK_RESULT(kinect2_compress_depth(codec, image, 0, 8, data, sizeof data, &size), invalid);
    CHECK_RESULT(kinect2_compress_depth(codec, image, 8, 0, data, sizeof data, &size), invalid);
    CHECK(kinect2_compress_depth(codec, image, UINT32_MAX, UINT32_MAX, data, sizeof data, &size) < 0);
    CHECK_OK(kinect2_compress_depth(codec, image, 8, 8, data, sizeof data, &size));
    const size_t needed = size;
    CHECK_RESULT(kinect2_compress_depth(codec, image, 8, 8, data, needed - 1, &size), KINECT2_ERROR_BUFFER_TOO_SMALL);
    CHECK_RESULT(kinect2_compress_depth(codec, image, 8, 8, data, 0, &size), KINECT2_ERROR_BUFFER_TOO_SMALL);
  }
  CHECK_RESULT(kinect2_compress_depth(KINECT2_CODEC_LZ4_PACKED, image, 7, 5, data, sizeof data, &size), invalid); /* odd */
  CHECK_RESULT(kinect2_compress_depth(99, image, 8, 8, data, sizeof data, &size), KINECT2_ERROR_UNSUPPORTED);
}

static void decompressing_refuses(void) {
  const kinect2_result_t invalid = KINECT2_ERROR_INVALID_ARGUMENT, corrupt = KINECT2_ERROR_CORRUPT;
  size_t size = 0;
  draw(NOISE, 64, 4095);
  for (size_t c = 0; c < CODECS; c++) {
    const uint32_t codec = codecs[c];
    REQUIRE_OK(kinect2_compress_depth(codec, image, 8, 8, data, sizeof data, &size));
    CHECK_RESULT(kinect2_decompress_depth(codec, NULL, size, 8, 8, decoded, 64), invalid);
    CHECK_RESULT(kinect2_decompress_depth(codec, data, size, 8, 8, NULL, 64), invalid);
    CHECK_RESULT(kinect2_decompress_depth(codec, data, size, 0, 8, decoded, 64), invalid);
    CHECK_RESULT(kinect2_decompress_depth(codec, data, size, 8, 8, decoded, 63), KINECT2_ERROR_BUFFER_TOO_SMALL);
    CHECK_RESULT(kinect2_decompress_depth(codec, data, size, 8, 9, decoded, 72), corrupt); /* too little for this */
    CHECK_RESULT(kinect2_decompress_depth(codec, data, size, 8, 7, decoded, 64), corrupt); /* too much */
    for (size_t cut = 0; cut < size; cut++) {
      CHECK_RESULT(kinect2_decompress_depth(codec, data, cut, 8, 8, decoded, 64), corrupt);
    }
    memset(data + size, 0, 8);
    CHECK_RESULT(kinect2_decompress_depth(codec, data, size + 8, 8, 8, decoded, 64), corrupt); /* trailing bytes */
  }
  CHECK_RESULT(kinect2_decompress_depth(99, data, 8, 8, 8, decoded, 64), KINECT2_ERROR_UNSUPPORTED);
}

static void damaged_data_does_no_harm(void) {
  uint32_t state = 99;
  size_t size = 0;
  draw(HOLES, 64 * 48, 4095);
  for (size_t c = 0; c < CODECS; c++) {
    REQUIRE_OK(kinect2_compress_depth(codecs[c], image, 64, 48, data, sizeof data, &size));
    for (int round = 0; round < 2000; round++) {
      state = state * 1664525u + 1013904223u;
      data[(state >> 8) % size] ^= (unsigned char)(1 + state % 255);
      const kinect2_result_t result = kinect2_decompress_depth(codecs[c], data, size, 64, 48, decoded, 64 * 48);
      CHECK(result == KINECT2_OK || result == KINECT2_ERROR_CORRUPT);
    }
  }
}

static void the_options_choose_the_codec(void) {
  kinect2_encode_options_t options;
  kinect2_encode_options_init(&options, sizeof options);
  size_t size = 0, other = 0;
  draw(RAMP, 64, 4095);
  for (size_t c = 0; c < CODECS; c++) {
    options.codec = codecs[c];
    options.profile = codecs[c] == KINECT2_CODEC_K2D ? KINECT2_PROFILE_RATIO : KINECT2_PROFILE_AUTO;
    CHECK_OK(kinect2_compress_depth_with(&options, image, 8, 8, data, sizeof data, &size));
    CHECK_OK(kinect2_compress_depth(codecs[c], image, 8, 8, data, sizeof data, &other));
    CHECK_EQUAL(size, other);
    CHECK_OK(kinect2_decompress_depth(codecs[c], data, size, 8, 8, decoded, 64));
    CHECK(memcmp(decoded, image, 64 * sizeof *image) == 0);
  }
}

/* A wall with noise, and holes. */
static void draw_wall(size_t pixels) {
  uint32_t state = 7;
  for (size_t i = 0; i < pixels; i++) {
    state = state * 1664525u + 1013904223u;
    image[i] = state >> 28 == 0 ? 0 : (uint16_t)(2000 + i % 512 + (state >> 16) % 9);
  }
}

static void k2d_has_profiles(void) {
  kinect2_encode_options_t options;
  kinect2_encode_options_init(&options, sizeof options);
  size_t sizes[3] = {0}, automatic = 0;
  draw_wall(MAX_PIXELS);
  for (uint32_t profile = KINECT2_PROFILE_AUTO; profile <= KINECT2_PROFILE_RATIO; profile++) {
    options.codec = KINECT2_CODEC_K2D;
    options.profile = profile;
    REQUIRE_OK(kinect2_compress_depth_with(&options, image, 512, 424, data, sizeof data, &sizes[profile]));
    CHECK_OK(kinect2_decompress_depth(KINECT2_CODEC_K2D, data, sizes[profile], 512, 424, decoded, MAX_PIXELS));
    CHECK(memcmp(decoded, image, sizeof image) == 0);
  }
  CHECK(sizes[KINECT2_PROFILE_RATIO] < sizes[KINECT2_PROFILE_SPEED]);
  options.codec = KINECT2_CODEC_AUTO; /* is K2D */
  options.profile = KINECT2_PROFILE_SPEED;
  CHECK_OK(kinect2_compress_depth_with(&options, image, 512, 424, data, sizeof data, &automatic));
  CHECK_EQUAL(automatic, sizes[KINECT2_PROFILE_SPEED]);
  options.profile = KINECT2_PROFILE_RATIO + 1;
  CHECK(kinect2_compress_depth_with(&options, image, 512, 424, data, sizeof data, &automatic) < 0);
}

static void k2d_keeps_error_bounds(void) {
  static const struct {
    uint32_t mm, ppm;
  } bounds[] = {{1, 0}, {2, 0}, {4, 0}, {0, 2500}, {3, 1000}, {UINT32_MAX, UINT32_MAX}};
  size_t lossless = 0;
  draw_wall(MAX_PIXELS);
  REQUIRE_OK(kinect2_compress_depth(KINECT2_CODEC_K2D, image, 512, 424, data, sizeof data, &lossless));
  for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++) {
    kinect2_encode_options_t options;
    kinect2_encode_options_init(&options, sizeof options);
    options.codec = KINECT2_CODEC_K2D;
    options.profile = KINECT2_PROFILE_RATIO;
    options.max_error_mm = bounds[b].mm;
    options.max_error_ppm = bounds[b].ppm;
    size_t size = 0, outside = 0;
    REQUIRE_OK(kinect2_compress_depth_with(&options, image, 512, 424, data, sizeof data, &size));
    CHECK(size < lossless);
    CHECK_OK(kinect2_decompress_depth(KINECT2_CODEC_K2D, data, size, 512, 424, decoded, MAX_PIXELS));
    for (size_t i = 0; i < MAX_PIXELS; i++) {
      const uint64_t error = (uint64_t)(image[i] > decoded[i] ? image[i] - decoded[i] : decoded[i] - image[i]);
      const uint64_t relative = (uint64_t)image[i] * bounds[b].ppm / 1000000;
      outside += error > (relative > bounds[b].mm ? relative : bounds[b].mm) || (image[i] == 0) != (decoded[i] == 0);
    }
    CHECK_EQUAL(outside, 0);
  }
}

int main(void) {
  RUN(every_image_comes_back);
  RUN(raw_is_little_endian);
  RUN(rvl_is_the_bare_words);
  RUN(lz4_packed_is_a_message_of_version_1);
  RUN(the_bound_knows_its_limits);
  RUN(compressing_refuses);
  RUN(decompressing_refuses);
  RUN(damaged_data_does_no_harm);
  RUN(the_options_choose_the_codec);
  RUN(k2d_has_profiles);
  RUN(k2d_keeps_error_bounds);
  return finish_tests();
}
