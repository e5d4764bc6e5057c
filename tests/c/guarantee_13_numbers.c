/* Guarantee 13: constants are the numbers on the wire, so a peer that has never seen this library's header understands
 * them; and who asks for more than there is (all streams, codecs to come) gets an answer and no harm. */
#include "rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- a subscriber of its own: ZMTP 2.0, as much of it as a SUB socket needs ---- */

static void read_exactly(int connection, void *bytes, size_t size) {
  for (size_t have = 0; have < size;) {
    struct pollfd readable = {.fd = connection, .events = POLLIN};
    REQUIRE(poll(&readable, 1, (int)wait_ms(5000)) == 1);
    const ssize_t got = recv(connection, (char *)bytes + have, size - have, 0);
    REQUIRE(got > 0);
    have += (size_t)got;
  }
}

static int subscribe(const char *endpoint) {
  unsigned port = 0;
  REQUIRE(sscanf(endpoint, "tcp://127.0.0.1:%u", &port) == 1);
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(connection >= 0);
  REQUIRE(connect(connection, (struct sockaddr *)&address, sizeof address) == 0);
  static const unsigned char greeting[] = {0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, /* signature */
                                           1, 2,                               /* ZMTP 2.0, SUB */
                                           0, 0,                               /* no identity */
                                           0, 1, 1};                           /* subscribe to everything */
  REQUIRE(send(connection, greeting, sizeof greeting, 0) == (ssize_t)sizeof greeting);
  unsigned char reply[14]; /* signature, revision, socket type, empty identity */
  read_exactly(connection, reply, sizeof reply);
  REQUIRE(reply[0] == 0xFF && reply[9] == 0x7F);
  return connection;
}

/* Reads a ZeroMQ frame of at most `capacity` bytes and says whether more of its message follow. */
static bool read_frame(int connection, unsigned char *bytes, size_t capacity, size_t *size) {
  unsigned char flags, lengths[8];
  read_exactly(connection, &flags, 1);
  const size_t digits = flags & 2 ? 8 : 1;
  read_exactly(connection, lengths, digits);
  *size = 0;
  for (size_t i = 0; i < digits; i++) *size = *size << 8 | lengths[i];
  REQUIRE(*size <= capacity);
  read_exactly(connection, bytes, *size);
  return flags & 1;
}

static uint64_t little_endian(const unsigned char *bytes, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

/* ---- the tests ---- */

enum { MAX_PAYLOAD = 4 * SMALL_PIXELS };

static void frame_headers_carry_these_numbers(uint32_t stream, uint32_t format, uint32_t codec, uint32_t kind) {
  static uint16_t pixels[SMALL_PIXELS], decoded[SMALL_PIXELS];
  static unsigned char header[128], payload[MAX_PAYLOAD];
  for (size_t i = 0; i < SMALL_PIXELS; i++) pixels[i] = (uint16_t)(500 + i % 700);
  kinect2_device_t *device = new_push("numbers");
  const kinect2_stream_info_t info = {sizeof info, stream, format, KINECT2_CODEC_RAW, SMALL_WIDTH, SMALL_HEIGHT, 30};
  CHECK_OK(kinect2_device_declare_stream(device, &info));
  struct rig rig = open_rig(device);
  kinect2_encode_options_t options;
  kinect2_encode_options_init(&options, sizeof options);
  options.codec = codec;
  CHECK_OK(kinect2_server_set_encoding(rig.server, rig.device, stream, &options));
  char endpoint[KINECT2_TEXT_CAPACITY];
  REQUIRE_OK(kinect2_server_endpoint(rig.server, rig.id, kind, endpoint, sizeof endpoint, NULL));
  const int connection = subscribe(endpoint);
  kinect2_server_stats_t stats = {.struct_size = sizeof stats};
  REQUIRE_WITHIN(5000, kinect2_server_stats(rig.server, rig.id, stream, &stats) == KINECT2_OK && stats.subscribers == 1);
  CHECK_OK(kinect2_device_push(rig.device, stream, format, SMALL_WIDTH, SMALL_HEIGHT, 0, pixels, sizeof pixels, 0));

  size_t header_size = 0, payload_size = 0;
  REQUIRE(read_frame(connection, header, sizeof header, &header_size));
  CHECK(!read_frame(connection, payload, sizeof payload, &payload_size));
  CHECK_EQUAL(header_size, 96);
  CHECK(memcmp(header, "SK2F", 4) == 0);
  CHECK_EQUAL(little_endian(header + 4, 2), 1);
  CHECK_EQUAL(little_endian(header + 6, 2), 96);
  CHECK_EQUAL(little_endian(header + 8, 4), stream);
  CHECK_EQUAL(little_endian(header + 12, 4), format);
  CHECK_EQUAL(little_endian(header + 16, 4), codec);
  CHECK_EQUAL(little_endian(header + 20, 4), SMALL_WIDTH);
  CHECK_EQUAL(little_endian(header + 24, 4), SMALL_HEIGHT);
  CHECK_EQUAL(little_endian(header + 28, 4), sizeof pixels);
  CHECK_EQUAL(little_endian(header + 32, 8), 0);
  CHECK_EQUAL(little_endian(header + 64, 4), payload_size);
  CHECK_EQUAL(little_endian(header + 80, 4), 0);
  CHECK_EQUAL(little_endian(header + 84, 8), 0);
  CHECK_OK(kinect2_decompress_depth(codec, payload, payload_size, SMALL_WIDTH, SMALL_HEIGHT, decoded, SMALL_PIXELS));
  CHECK(memcmp(decoded, pixels, sizeof pixels) == 0);
  close(connection);
  close_rig(&rig);
}

static void depth_on_the_wire(void) {
  static const uint32_t codecs[] = {KINECT2_CODEC_RAW, KINECT2_CODEC_LZ4_PACKED, KINECT2_CODEC_RVL,
                                    KINECT2_CODEC_K2D};
  for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
    frame_headers_carry_these_numbers(1, 1, codecs[i], KINECT2_ENDPOINT_FRAMES_DEPTH);
  }
}

static void infrared_on_the_wire(void) {
  frame_headers_carry_these_numbers(2, 2, KINECT2_CODEC_RVL, KINECT2_ENDPOINT_FRAMES_INFRARED);
  frame_headers_carry_these_numbers(2, 2, KINECT2_CODEC_K2D, KINECT2_ENDPOINT_FRAMES_INFRARED);
}

static void the_numbers_are_the_documented_ones(void) {
  CHECK_EQUAL(KINECT2_STREAM_DEPTH, 1);
  CHECK_EQUAL(KINECT2_STREAM_INFRARED, 2);
  CHECK_EQUAL(KINECT2_STREAM_COLOR, 4);
  CHECK_EQUAL(KINECT2_FORMAT_DEPTH16_MM, 1);
  CHECK_EQUAL(KINECT2_FORMAT_INFRARED16, 2);
  CHECK_EQUAL(KINECT2_FORMAT_JPEG, 3);
  CHECK_EQUAL(KINECT2_CODEC_RAW, 1);
  CHECK_EQUAL(KINECT2_CODEC_LZ4_PACKED, 2);
  CHECK_EQUAL(KINECT2_CODEC_RVL, 3);
  CHECK_EQUAL(KINECT2_CODEC_K2D, 4);
  CHECK_EQUAL(KINECT2_CODEC_JPEG, 5);
}

static void streams_that_are_not_there_do_no_harm(void) {
  struct rig rig = open_rig(new_mock("some", 100));
  CHECK_OK(kinect2_client_enable_stream(rig.client, NULL, KINECT2_STREAM_ALL, NULL));
  kinect2_frame_t *frame = NULL;
  CHECK_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_ALL, wait_ms(5000), &frame));
  CHECK_EQUAL(frame_info(frame).stream, KINECT2_STREAM_DEPTH);
  CHECK_OK(kinect2_frame_release(frame));
  CHECK_OK(kinect2_client_disable_stream(rig.client, NULL, KINECT2_STREAM_ALL));
  const uint32_t to_come = 77;
  CHECK_EQUAL(kinect2_compress_bound(to_come, 512, 424), 0);
  uint16_t pixels[4];
  CHECK_RESULT(kinect2_decompress_depth(to_come, "12345678", 8, 2, 2, pixels, 4), KINECT2_ERROR_UNSUPPORTED);
  close_rig(&rig);
}

int main(void) {
  RUN(the_numbers_are_the_documented_ones);
  RUN(depth_on_the_wire);
  RUN(infrared_on_the_wire);
  RUN(streams_that_are_not_there_do_no_harm);
  return finish_tests();
}
