/* Guarantee 4, structures: _init writes exactly struct_size bytes; a struct_size that is too small is refused; one from
 * a newer header is accepted as long as what this library does not know is 0, and comes back as 0. */
#include "rig.h"

enum { TAIL = 16, ROOM = 2048 };

/* Room for any structure, aligned for it, and for members of the future behind it. */
union room {
  max_align_t alignment;
  uint32_t struct_size;
  unsigned char bytes[ROOM];
};

static struct rig rig;
static uint16_t pixels[SMALL_PIXELS];

static void init_frame(void *room, size_t size) { kinect2_frame_options_init(room, size); }
static void init_mock(void *room, size_t size) { kinect2_mock_options_init(room, size); }
static void init_encode(void *room, size_t size) { kinect2_encode_options_init(room, size); }
static void init_server(void *room, size_t size) { kinect2_server_options_init(room, size); }
static void init_browser(void *room, size_t size) { kinect2_browser_options_init(room, size); }
static void init_client(void *room, size_t size) { kinect2_client_options_init(room, size); }
static void init_stream(void *room, size_t size) { kinect2_stream_options_init(room, size); }
static void init_declaration(void *room, size_t size) { /* has no _init: it also comes out of the library */
  kinect2_stream_info_t *info = room;
  memset(room, 0, size);
  info->struct_size = (uint32_t)size;
  info->stream = KINECT2_STREAM_DEPTH;
  info->format = KINECT2_FORMAT_DEPTH16_MM;
  info->codec = KINECT2_CODEC_RAW;
  info->width = SMALL_WIDTH;
  info->height = SMALL_HEIGHT;
}

/* Each function that reads a structure, with one that is valid but for what the test changed. */
static kinect2_result_t use_frame(void *room) {
  kinect2_frame_options_t *options = room;
  options->stream = KINECT2_STREAM_DEPTH;
  options->format = KINECT2_FORMAT_DEPTH16_MM;
  options->width = SMALL_WIDTH;
  options->height = SMALL_HEIGHT;
  options->data = pixels;
  options->size = sizeof pixels;
  kinect2_frame_t *frame = NULL;
  const kinect2_result_t result = kinect2_frame_create(room, &frame);
  kinect2_frame_release(frame);
  return result;
}
static kinect2_result_t use_mock(void *room) {
  kinect2_device_t *device = NULL;
  const kinect2_result_t result = kinect2_device_create_mock(room, &device);
  kinect2_device_destroy(device);
  return result;
}
static kinect2_result_t use_server(void *room) {
  kinect2_server_t *server = NULL;
  const kinect2_result_t result = kinect2_server_create(room, &server);
  kinect2_server_destroy(server);
  return result;
}
static kinect2_result_t use_browser(void *room) {
  kinect2_browser_t *browser = NULL;
  const kinect2_result_t result = kinect2_browser_create(room, &browser);
  kinect2_browser_destroy(browser);
  return result;
}
static kinect2_result_t use_client(void *room) {
  kinect2_client_t *client = NULL;
  const kinect2_result_t result = kinect2_client_create("tcp://127.0.0.1:9", room, &client);
  kinect2_client_destroy(client);
  return result;
}
static kinect2_result_t use_stream(void *room) {
  return kinect2_client_enable_stream(rig.client, NULL, KINECT2_STREAM_DEPTH, room);
}
static kinect2_result_t use_declaration(void *room) { return kinect2_device_declare_stream(rig.device, room); }
static kinect2_result_t use_encoding(void *room) {
  ((kinect2_encode_options_t *)room)->codec = KINECT2_CODEC_RVL;
  return kinect2_server_set_encoding(rig.server, NULL, KINECT2_STREAM_DEPTH, room);
}
static kinect2_result_t use_compress(void *room) {
  static unsigned char packed[8 * sizeof pixels];
  size_t size = 0;
  ((kinect2_encode_options_t *)room)->codec = KINECT2_CODEC_RVL;
  return kinect2_compress_depth_with(room, pixels, SMALL_WIDTH, SMALL_HEIGHT, packed, sizeof packed, &size);
}
static kinect2_result_t use_compressor(void *room) {
  kinect2_compressor_t *compressor = NULL;
  ((kinect2_encode_options_t *)room)->codec = KINECT2_CODEC_RVL;
  const kinect2_result_t result = kinect2_compressor_create(rig.device, KINECT2_STREAM_DEPTH, room, &compressor);
  kinect2_compressor_destroy(compressor);
  return result;
}

static const struct {
  const char *name;
  size_t size;
  void (*init)(void *room, size_t size);
  kinect2_result_t (*use)(void *room);
} inputs[] = {
    {"frame options", sizeof(kinect2_frame_options_t), init_frame, use_frame},
    {"mock options", sizeof(kinect2_mock_options_t), init_mock, use_mock},
    {"server options", sizeof(kinect2_server_options_t), init_server, use_server},
    {"browser options", sizeof(kinect2_browser_options_t), init_browser, use_browser},
    {"client options", sizeof(kinect2_client_options_t), init_client, use_client},
    {"stream options", sizeof(kinect2_stream_options_t), init_stream, use_stream},
    {"stream declaration", sizeof(kinect2_stream_info_t), init_declaration, use_declaration},
    {"encode options of a server", sizeof(kinect2_encode_options_t), init_encode, use_encoding},
    {"encode options of a call", sizeof(kinect2_encode_options_t), init_encode, use_compress},
    {"encode options of a compressor", sizeof(kinect2_encode_options_t), init_encode, use_compressor},
};
enum { INPUTS = sizeof inputs / sizeof *inputs };

static void init_writes_exactly_struct_size_bytes(void) {
  for (size_t i = 0; i < INPUTS; i++) {
    if (inputs[i].init == init_declaration) continue;
    for (size_t size = 0; size <= inputs[i].size + TAIL; size++) {
      union room first, second;
      memset(&first, 0xAA, sizeof first);
      memset(&second, 0x55, sizeof second);
      inputs[i].init(&first, size);
      inputs[i].init(&second, size);
      CHECK(memcmp(&first, &second, size) == 0); /* every byte was written */
      for (size_t k = size; k < ROOM; k++) {
        if (!CHECK(first.bytes[k] == 0xAA && second.bytes[k] == 0x55)) break;
      }
      if (size >= sizeof(uint32_t)) CHECK_EQUAL(first.struct_size, size);
      for (size_t k = inputs[i].size; k < size; k++) CHECK_EQUAL(first.bytes[k], 0);
    }
  }
}

static void inputs_are_checked_by_struct_size(void) {
  rig = open_rig(new_push("inputs"));
  for (size_t i = 0; i < INPUTS; i++) {
    printf("  %s\n", inputs[i].name);
    union room room;
    inputs[i].init(&room, inputs[i].size);
    CHECK_OK(inputs[i].use(&room));
    room.struct_size = (uint32_t)inputs[i].size - 1;
    CHECK_RESULT(inputs[i].use(&room), KINECT2_ERROR_INVALID_ARGUMENT);
    room.struct_size = 0;
    CHECK_RESULT(inputs[i].use(&room), KINECT2_ERROR_INVALID_ARGUMENT);

    inputs[i].init(&room, inputs[i].size + TAIL);
    CHECK_OK(inputs[i].use(&room));
    room.bytes[inputs[i].size + TAIL - 1] = 1;
    CHECK_RESULT(inputs[i].use(&room), KINECT2_ERROR_UNSUPPORTED);
  }
  close_rig(&rig);
}

static void reserved_members_are_zero(void) {
  kinect2_server_options_t server_options = quiet_options();
  server_options.reserved = 1;
  CHECK_RESULT(use_server(&server_options), KINECT2_ERROR_UNSUPPORTED);
  kinect2_client_options_t client_options;
  kinect2_client_options_init(&client_options, sizeof client_options);
  client_options.reserved = 1;
  CHECK_RESULT(use_client(&client_options), KINECT2_ERROR_UNSUPPORTED);
}

static kinect2_frame_t *frame;

static kinect2_result_t fill_frame_info(void *room) { return kinect2_frame_info(frame, room); }
static kinect2_result_t fill_stream_info(void *room) {
  return kinect2_client_stream_info(rig.client, rig.id, KINECT2_STREAM_DEPTH, room);
}
static kinect2_result_t fill_server_stats(void *room) {
  return kinect2_server_stats(rig.server, rig.id, KINECT2_STREAM_DEPTH, room);
}
static kinect2_result_t fill_client_stats(void *room) {
  return kinect2_client_stats(rig.client, rig.id, KINECT2_STREAM_DEPTH, room);
}
static kinect2_result_t fill_event(void *room) { return kinect2_client_next_event(rig.client, 0, room); }

static void outputs_are_filled_up_to_struct_size(void) {
  static const struct {
    const char *name;
    size_t size;
    kinect2_result_t (*fill)(void *room);
    size_t first; /* what programs know that were compiled before members were added; 0: none were */
  } outputs[] = {
      {"frame info", sizeof(kinect2_frame_info_t), fill_frame_info, 0},
      {"stream info", sizeof(kinect2_stream_info_t), fill_stream_info, 0},
      {"server stats", sizeof(kinect2_server_stats_t), fill_server_stats, 0},
      {"client stats", sizeof(kinect2_client_stats_t), fill_client_stats, offsetof(kinect2_client_stats_t, decode_time_ns)},
      {"event", sizeof(kinect2_event_t), fill_event, 0}, /* of the connection: two wait */
  };
  rig = open_rig(new_mock("outputs", 30));
  REQUIRE_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  REQUIRE_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
    printf("  %s\n", outputs[i].name);
    union room room;
    memset(&room, 0xAA, sizeof room);
    const size_t first = outputs[i].first != 0 ? outputs[i].first : outputs[i].size;
    room.struct_size = (uint32_t)first - 1;
    CHECK_RESULT(outputs[i].fill(&room), KINECT2_ERROR_INVALID_ARGUMENT);
    CHECK_EQUAL(room.bytes[sizeof(uint32_t)], 0xAA);
    if (first < outputs[i].size) {
      room.struct_size = (uint32_t)first;
      CHECK_OK(outputs[i].fill(&room));
      CHECK_EQUAL(room.struct_size, first);
      CHECK_EQUAL(room.bytes[first], 0xAA);
    }
    for (size_t size = outputs[i].size; size <= outputs[i].size + TAIL; size += TAIL) {
      memset(&room, 0xAA, sizeof room);
      room.struct_size = (uint32_t)size;
      CHECK_OK(outputs[i].fill(&room));
      CHECK_EQUAL(room.struct_size, size);
      for (size_t k = outputs[i].size; k < size; k++) CHECK_EQUAL(room.bytes[k], 0);
      CHECK_EQUAL(room.bytes[size], 0xAA);
    }
  }
  CHECK_OK(kinect2_frame_release(frame));
  close_rig(&rig);
}

static void see_event(kinect2_client_t *client, const kinect2_event_t *event, void *seen) {
  (void)client;
  if (event->struct_size >= sizeof *event) atomic_store((atomic_int *)seen, 1);
}

static void see_compressed(kinect2_compressor_t *compressor, const void *data, size_t size,
                           const kinect2_frame_info_t *info, void *seen) {
  (void)compressor, (void)data, (void)size;
  if (info->struct_size >= sizeof *info) atomic_store((atomic_int *)seen, 1);
}

static void callbacks_get_the_members_of_this_header(void) {
  atomic_int event_seen = 0, frame_seen = 0;
  rig = open_rig(new_mock("given", 30));
  CHECK_OK(kinect2_client_on_event(rig.client, see_event, &event_seen));
  CHECK_OK(kinect2_client_ping(rig.client, NULL, NULL));
  kinect2_compressor_t *compressor = NULL;
  REQUIRE_OK(kinect2_compressor_create(rig.device, KINECT2_STREAM_DEPTH, NULL, &compressor));
  CHECK_OK(kinect2_compressor_on_compressed_frame(compressor, see_compressed, &frame_seen));
  CHECK_WITHIN(5000, event_seen && frame_seen);
  CHECK_OK(kinect2_compressor_destroy(compressor));
  close_rig(&rig);
}

int main(void) {
  RUN(init_writes_exactly_struct_size_bytes);
  RUN(inputs_are_checked_by_struct_size);
  RUN(reserved_members_are_zero);
  RUN(outputs_are_filled_up_to_struct_size);
  RUN(callbacks_get_the_members_of_this_header);
  return finish_tests();
}
