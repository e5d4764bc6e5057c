/* A mock device calls back: the documented scene, whole frames, numbered from 0, at the rate asked for. */
#include "rig.h"
#include "scene.h"

enum { FRAMES = 60 };

struct record {
  atomic_int count;
  kinect2_frame_info_t infos[FRAMES];
  kinect2_frame_t *kept; /* one from the middle */
};

static void on_frame(kinect2_device_t *device, kinect2_frame_t *frame, void *argument) {
  struct record *record = argument;
  char from_device[KINECT2_ID_CAPACITY], from_frame[KINECT2_ID_CAPACITY];
  const int index = record->count;
  if (index >= FRAMES) return;
  record->infos[index] = frame_info(frame);
  CHECK_OK(kinect2_device_id(device, from_device, sizeof from_device, NULL));
  CHECK_OK(kinect2_frame_kinect_id(frame, from_frame, sizeof from_frame, NULL));
  CHECK_TEXT(from_frame, from_device);
  if (index == FRAMES / 2) record->kept = kinect2_frame_retain(frame);
  atomic_fetch_add(&record->count, 1);
}

static void the_default_mock_shows_the_documented_scene(void) {
  static struct record record;
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_mock(NULL, &device));
  CHECK_OK(kinect2_device_on_frame(device, on_frame, &record));
  const uint64_t started = kinect2_clock_ns();
  CHECK_OK(kinect2_device_start(device));
  REQUIRE_WITHIN(10000, record.count == FRAMES);
  CHECK_OK(kinect2_device_stop(device));

  for (int i = 0; i < FRAMES; i++) {
    const kinect2_frame_info_t *info = &record.infos[i];
    CHECK_EQUAL(info->stream, KINECT2_STREAM_DEPTH);
    CHECK_EQUAL(info->format, KINECT2_FORMAT_DEPTH16_MM);
    CHECK_EQUAL(info->width, SCENE_WIDTH);
    CHECK_EQUAL(info->height, SCENE_HEIGHT);
    CHECK_EQUAL(info->stride_bytes, SCENE_WIDTH * 2);
    CHECK_EQUAL(info->size, SCENE_PIXELS * 2);
    CHECK_EQUAL(info->codec, KINECT2_CODEC_RAW);
    CHECK_EQUAL(info->flags, 0);
    CHECK_EQUAL(info->receive_time_ns, 0);
    CHECK(info->capture_time_ns >= started && info->capture_time_ns <= kinect2_clock_ns());
    CHECK_EQUAL(info->capture_time_local_ns, info->capture_time_ns);
    CHECK(info->capture_unix_ns > 1500000000ull * 1000000000ull);
    if (i > 0) CHECK(info->sequence > record.infos[i - 1].sequence);
  }
  CHECK_EQUAL(record.infos[0].sequence, 0);
  const kinect2_frame_info_t *last = &record.infos[FRAMES - 1];
  CHECK(last->sequence < FRAMES + 6 * slowness()); /* a callback this short misses next to nothing */
  const double seconds = (double)(last->capture_time_ns - record.infos[0].capture_time_ns) / 1e9;
  const double rate = (double)last->sequence / seconds;
  printf("  %.2f frames per second\n", rate);
  CHECK(rate > 27 / slowness() && rate < 33);

  CHECK((uintptr_t)kinect2_frame_data(record.kept) % 64 == 0);
  CHECK(shows_the_scene(kinect2_frame_data(record.kept)));
  CHECK_OK(kinect2_frame_release(record.kept));
  CHECK_OK(kinect2_device_destroy(device));
}

static void a_restarted_device_counts_from_0_and_says_so(void) {
  static struct record first, second;
  kinect2_device_t *device = new_mock("again", 200);
  CHECK_OK(kinect2_device_on_frame(device, on_frame, &first));
  CHECK_OK(kinect2_device_start(device));
  CHECK_OK(kinect2_device_start(device)); /* has started already: fine */
  CHECK_WITHIN(5000, first.count == FRAMES);
  CHECK_OK(kinect2_device_stop(device));
  CHECK_OK(kinect2_device_stop(device));
  CHECK_OK(kinect2_device_on_frame(device, on_frame, &second));
  sleep_ms(50);
  CHECK_EQUAL(second.count, 0); /* stopped: no frames */
  CHECK_OK(kinect2_device_start(device));
  CHECK_WITHIN(5000, second.count == FRAMES);
  CHECK_EQUAL(second.infos[0].sequence, 0);
  CHECK_EQUAL(second.infos[0].flags, KINECT2_FRAME_RESTARTED);
  CHECK_EQUAL(second.infos[1].flags, 0);
  CHECK_OK(kinect2_device_destroy(device));
  CHECK_OK(kinect2_frame_release(first.kept));
  CHECK_OK(kinect2_frame_release(second.kept));
}

static void the_size_is_the_one_asked_for(void) {
  static struct record record;
  kinect2_device_t *device = new_mock("small", 100);
  CHECK_OK(kinect2_device_on_frame(device, on_frame, &record));
  CHECK_OK(kinect2_device_start(device));
  CHECK_WITHIN(5000, record.count == FRAMES);
  CHECK_EQUAL(record.infos[0].width, SMALL_WIDTH);
  CHECK_EQUAL(record.infos[0].height, SMALL_HEIGHT);
  CHECK_EQUAL(record.infos[0].size, SMALL_PIXELS * 2);
  CHECK_OK(kinect2_device_destroy(device));
  CHECK_OK(kinect2_frame_release(record.kept));
}

static void on_pushed(kinect2_device_t *device, kinect2_frame_t *frame, void *pushed) {
  (void)device;
  *(kinect2_frame_info_t *)pushed = frame_info(frame);
}

static void what_is_pushed_is_called_back(void) {
  kinect2_frame_info_t info = {.struct_size = 0};
  kinect2_device_t *device = new_push("pushed");
  const uint16_t pixels[] = {1, 2, 3, 4};
  CHECK_OK(kinect2_device_on_frame(device, on_pushed, &info));
  CHECK_RESULT(kinect2_device_push(device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, 2, 2, 0, pixels,
                                   sizeof pixels, 0),
               KINECT2_ERROR_BAD_STATE); /* not started */
  CHECK_OK(kinect2_device_start(device));
  CHECK_OK(kinect2_device_push(device, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, 2, 2, 0, pixels, sizeof pixels,
                               12345));
  sleep_ms(wait_ms(200));
  CHECK_OK(kinect2_device_on_frame(device, NULL, NULL));
  CHECK_EQUAL(info.width, 2);
  CHECK_EQUAL(info.height, 2);
  CHECK_EQUAL(info.capture_time_ns, 12345);
  CHECK_OK(kinect2_device_destroy(device));

  kinect2_device_t *mock = new_mock("mock", 30);
  CHECK_OK(kinect2_device_start(mock));
  CHECK_RESULT(kinect2_device_push(mock, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, 2, 2, 0, pixels,
                                   sizeof pixels, 0),
               KINECT2_ERROR_BAD_STATE); /* not a push device */
  CHECK_OK(kinect2_device_destroy(mock));
}

int main(void) {
  RUN(the_default_mock_shows_the_documented_scene);
  RUN(a_restarted_device_counts_from_0_and_says_so);
  RUN(the_size_is_the_one_asked_for);
  RUN(what_is_pushed_is_called_back);
  return finish_tests();
}
