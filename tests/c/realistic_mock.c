/* The realistic mock: depth and infrared of one scene, over a server to a client, in every size, the same for the same
 * seed and sequence number. What is to be seen in its frames is tested beside the code that makes them. */
#include "rig.h"

enum { BOTH = KINECT2_STREAM_DEPTH | KINECT2_STREAM_INFRARED };

/* Frames a second. Large ones come slowly: memcheck runs one thread at a time, and drawing is to leave something to the others. */
enum { USUAL = 0, UNHURRIED = 3 };

static kinect2_device_t *new_realistic(uint32_t streams, uint32_t width, uint32_t height, double frame_rate, uint32_t seed) {
  kinect2_mock_options_t options;
  kinect2_mock_options_init(&options, sizeof options);
  options.mode = KINECT2_MOCK_REALISTIC;
  options.streams = streams;
  options.width = width;
  options.height = height;
  options.seed = seed;
  options.id = "realistic";
  if (frame_rate != USUAL) options.frame_rate = frame_rate;
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_mock(&options, &device));
  return device;
}

static kinect2_frame_t *take(struct rig *rig, uint32_t stream) {
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_client_take_frame(rig->client, rig->id, stream, wait_ms(5000), &frame));
  return frame;
}

static void check_frame(const kinect2_frame_t *frame, uint32_t stream, uint32_t width, uint32_t height) {
  const kinect2_frame_info_t info = frame_info(frame);
  CHECK_EQUAL(info.stream, stream);
  CHECK_EQUAL(info.format, stream == KINECT2_STREAM_DEPTH ? KINECT2_FORMAT_DEPTH16_MM : KINECT2_FORMAT_INFRARED16);
  CHECK_EQUAL(info.width, width);
  CHECK_EQUAL(info.height, height);
  CHECK_EQUAL(info.stride_bytes, width * 2);
  CHECK_EQUAL(info.size, (size_t)width * height * 2);
  CHECK(info.capture_time_ns > 0);
}

/* Depth of a room, and the infrared that was there to measure it with. */
static void check_pixels(const kinect2_frame_t *depth_frame, const kinect2_frame_t *infrared_frame, size_t pixels) {
  const uint16_t *depth = kinect2_frame_data(depth_frame), *infrared = kinect2_frame_data(infrared_frame);
  size_t invalid = 0, absurd = 0, in_the_dark = 0;
  for (size_t i = 0; i < pixels; i++) {
    invalid += depth[i] == 0;
    absurd += depth[i] != 0 && (depth[i] < 700 || depth[i] > 6000);
    in_the_dark += depth[i] != 0 && infrared[i] == 0;
  }
  CHECK(invalid > pixels / 50 && invalid < pixels / 4);
  CHECK_EQUAL(absurd, 0);
  CHECK_EQUAL(in_the_dark, 0);
}

/* The next pair of frames with one sequence number. */
static void take_pair(struct rig *rig, kinect2_frame_t **depth, kinect2_frame_t **infrared) {
  *depth = take(rig, KINECT2_STREAM_DEPTH);
  *infrared = take(rig, KINECT2_STREAM_INFRARED);
  const uint64_t deadline = deadline_in(20000);
  while (frame_info(*depth).sequence != frame_info(*infrared).sequence && now_ns() < deadline) {
    const bool depth_is_older = frame_info(*depth).sequence < frame_info(*infrared).sequence;
    kinect2_frame_t **older = depth_is_older ? depth : infrared;
    CHECK_OK(kinect2_frame_release(*older));
    *older = take(rig, depth_is_older ? KINECT2_STREAM_DEPTH : KINECT2_STREAM_INFRARED);
  }
  REQUIRE(frame_info(*depth).sequence == frame_info(*infrared).sequence);
}

static void depth_and_infrared_of_one_scene_arrive(void) {
  struct rig rig = open_rig(new_realistic(BOTH, 512, 424, UNHURRIED, 0));
  CHECK_EQUAL(kinect2_client_streams(rig.client, rig.id), BOTH);
  for (uint32_t stream = KINECT2_STREAM_DEPTH; stream <= KINECT2_STREAM_INFRARED; stream++) {
    kinect2_stream_info_t info = {.struct_size = sizeof info};
    CHECK_OK(kinect2_client_stream_info(rig.client, rig.id, stream, &info));
    CHECK(info.stream == stream && info.width == 512 && info.height == 424 && info.frame_rate == UNHURRIED);
  }
  CHECK_OK(kinect2_client_enable_stream(rig.client, rig.id, BOTH, NULL));
  kinect2_frame_t *depth = NULL, *infrared = NULL;
  take_pair(&rig, &depth, &infrared);
  check_frame(depth, KINECT2_STREAM_DEPTH, 512, 424);
  check_frame(infrared, KINECT2_STREAM_INFRARED, 512, 424);
  CHECK_EQUAL(frame_info(depth).capture_time_ns, frame_info(infrared).capture_time_ns);
  check_pixels(depth, infrared, 512 * 424);
  CHECK_OK(kinect2_frame_release(depth));
  CHECK_OK(kinect2_frame_release(infrared));
  close_rig(&rig);
}

static void other_sizes_and_one_stream_alone(void) {
  static const uint32_t sizes[][2] = {{1, 1}, {7, 5}, {320, 100}};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    for (uint32_t stream = KINECT2_STREAM_DEPTH; stream <= KINECT2_STREAM_INFRARED; stream++) {
      struct rig rig = open_rig(new_realistic(stream, sizes[i][0], sizes[i][1], USUAL, 3));
      CHECK_EQUAL(kinect2_client_streams(rig.client, rig.id), stream);
      kinect2_stream_info_t info = {.struct_size = sizeof info};
      CHECK_OK(kinect2_client_stream_info(rig.client, rig.id, stream, &info));
      CHECK(info.width == sizes[i][0] && info.height == sizes[i][1] && info.frame_rate == 30);
      CHECK_OK(kinect2_client_enable_stream(rig.client, rig.id, stream, NULL));
      kinect2_frame_t *frame = take(&rig, stream);
      check_frame(frame, stream, sizes[i][0], sizes[i][1]);
      CHECK_OK(kinect2_frame_release(frame));
      close_rig(&rig);
    }
  }
}

/* The first frames of a device, as its callback gets them. */
enum { KEPT = 3, ALL_KEPT = (1 << KEPT) - 1 };
struct film {
  uint16_t depth[KEPT][SMALL_PIXELS];
  atomic_uint kept; /* a bit for each */
};

static void keep_frame(kinect2_device_t *device, kinect2_frame_t *frame, void *user_data) {
  (void)device;
  struct film *film = user_data;
  const kinect2_frame_info_t info = frame_info(frame);
  if (info.sequence >= KEPT) return;
  memcpy(film->depth[info.sequence], kinect2_frame_data(frame), sizeof film->depth[0]);
  atomic_fetch_or(&film->kept, 1u << info.sequence);
}

static void keep_first_frames(struct film *film, uint32_t seed) {
  kinect2_device_t *device = new_realistic(KINECT2_STREAM_DEPTH, SMALL_WIDTH, SMALL_HEIGHT, USUAL, seed);
  CHECK_OK(kinect2_device_on_frame(device, keep_frame, film));
  for (int starts = 0; starts < 20 && atomic_load(&film->kept) != ALL_KEPT; starts++) { /* a callback may miss one */
    CHECK_OK(kinect2_device_start(device));
    const uint64_t deadline = deadline_in(300);
    while (atomic_load(&film->kept) != ALL_KEPT && now_ns() < deadline) sleep_ms(1);
    CHECK_OK(kinect2_device_stop(device));
  }
  CHECK_OK(kinect2_device_destroy(device));
  REQUIRE(atomic_load(&film->kept) == ALL_KEPT);
}

static void the_seed_decides(void) {
  static struct film first, again, other;
  keep_first_frames(&first, 11);
  keep_first_frames(&again, 11);
  keep_first_frames(&other, 12);
  CHECK(memcmp(first.depth, again.depth, sizeof first.depth) == 0);
  for (size_t i = 0; i < KEPT; i++) CHECK(memcmp(first.depth[i], other.depth[i], sizeof first.depth[i]) != 0);
  CHECK(memcmp(first.depth[0], first.depth[1], sizeof first.depth[0]) != 0);
}

int main(void) {
  RUN(depth_and_infrared_of_one_scene_arrive);
  RUN(other_sizes_and_one_stream_alone);
  RUN(the_seed_decides);
  return finish_tests();
}
