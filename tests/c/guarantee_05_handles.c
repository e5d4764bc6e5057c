/* Guarantee 5, handles: tokens and not addresses. NULL, stale, foreign and invented ones are KINECT2_ERROR_BAD_HANDLE in
 * every function, never undefined behaviour, and a number comes back as late as possible. */
#include "rig.h"

#define BAD(call) CHECK_RESULT(call, KINECT2_ERROR_BAD_HANDLE)

static void use_as_frame(void *bad) {
  kinect2_frame_info_t info = {.struct_size = sizeof info};
  char text[64];
  CHECK(kinect2_frame_retain(bad) == NULL);
  CHECK(kinect2_frame_data(bad) == NULL);
  BAD(kinect2_frame_info(bad, &info));
  BAD(kinect2_frame_kinect_id(bad, text, sizeof text, NULL));
  if (bad != NULL) BAD(kinect2_frame_release(bad));
}

static void use_as_device(void *bad) {
  const kinect2_stream_info_t info = {sizeof info, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM,
                                      KINECT2_CODEC_RAW, 2, 2, 30};
  const uint16_t pixels[4] = {0};
  char text[64];
  kinect2_compressor_t *compressor = NULL;
  BAD(kinect2_device_declare_stream(bad, &info));
  BAD(kinect2_device_push(bad, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, 2, 2, 0, pixels, sizeof pixels, 0));
  BAD(kinect2_device_push_frame(bad, bad));
  BAD(kinect2_device_start(bad));
  BAD(kinect2_device_stop(bad));
  BAD(kinect2_device_id(bad, text, sizeof text, NULL));
  BAD(kinect2_device_on_frame(bad, NULL, NULL));
  BAD(kinect2_compressor_create(bad, KINECT2_STREAM_DEPTH, NULL, &compressor));
  if (bad != NULL) BAD(kinect2_device_destroy(bad));
}

static void use_as_server(void *bad) {
  kinect2_server_stats_t stats = {.struct_size = sizeof stats};
  kinect2_event_t event = {.struct_size = sizeof event};
  intptr_t descriptor;
  char text[64];
  BAD(kinect2_server_start(bad));
  BAD(kinect2_server_stop(bad));
  CHECK_EQUAL(kinect2_server_is_running(bad), 0);
  BAD(kinect2_server_name(bad, text, sizeof text, NULL));
  BAD(kinect2_server_address(bad, text, sizeof text, NULL));
  BAD(kinect2_server_endpoint(bad, NULL, KINECT2_ENDPOINT_CONTROL, text, sizeof text, NULL));
  BAD(kinect2_server_add_kinect(bad, NULL));
  BAD(kinect2_server_remove_kinect(bad, NULL));
  BAD(kinect2_server_set_encoding(bad, NULL, KINECT2_STREAM_DEPTH, NULL));
  CHECK_EQUAL(kinect2_server_kinect_count(bad), 0);
  BAD(kinect2_server_kinect_id(bad, 0, text, sizeof text, NULL));
  BAD(kinect2_server_stats(bad, "id", KINECT2_STREAM_DEPTH, &stats));
  BAD(kinect2_server_on_event(bad, NULL, NULL));
  BAD(kinect2_server_next_event(bad, 0, &event));
  BAD(kinect2_server_poll_fd(bad, KINECT2_POLL_EVENTS, &descriptor));
  if (bad != NULL) BAD(kinect2_server_destroy(bad));
}

static void use_as_browser(void *bad) {
  kinect2_event_t event = {.struct_size = sizeof event};
  intptr_t descriptor;
  char text[64];
  BAD(kinect2_browser_on_add_server(bad, NULL, NULL));
  BAD(kinect2_browser_on_remove_server(bad, NULL, NULL));
  BAD(kinect2_browser_start(bad));
  BAD(kinect2_browser_stop(bad));
  BAD(kinect2_browser_next_event(bad, 0, &event));
  BAD(kinect2_browser_poll_fd(bad, KINECT2_POLL_EVENTS, &descriptor));
  CHECK_EQUAL(kinect2_browser_server_count(bad), 0);
  BAD(kinect2_browser_server_name(bad, 0, text, sizeof text, NULL));
  BAD(kinect2_browser_server_endpoint(bad, "name", text, sizeof text, NULL));
  if (bad != NULL) BAD(kinect2_browser_destroy(bad));
}

static void use_as_client(void *bad) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  kinect2_stream_info_t info = {.struct_size = sizeof info};
  kinect2_event_t event = {.struct_size = sizeof event};
  kinect2_frame_t *frame = NULL;
  intptr_t descriptor;
  char text[64];
  BAD(kinect2_client_on_connect(bad, NULL, NULL));
  BAD(kinect2_client_on_disconnect(bad, NULL, NULL));
  BAD(kinect2_client_on_add_kinect(bad, NULL, NULL));
  BAD(kinect2_client_on_remove_kinect(bad, NULL, NULL));
  BAD(kinect2_client_on_depth_frame(bad, NULL, NULL));
  BAD(kinect2_client_on_frame(bad, NULL, NULL));
  BAD(kinect2_client_on_event(bad, NULL, NULL));
  BAD(kinect2_client_connect(bad));
  BAD(kinect2_client_disconnect(bad));
  CHECK_EQUAL(kinect2_client_is_connected(bad), 0);
  BAD(kinect2_client_server_name(bad, text, sizeof text, NULL));
  BAD(kinect2_client_endpoint(bad, NULL, KINECT2_ENDPOINT_CONTROL, text, sizeof text, NULL));
  CHECK_EQUAL(kinect2_client_kinect_count(bad), 0);
  BAD(kinect2_client_kinect_id(bad, 0, text, sizeof text, NULL));
  CHECK_EQUAL(kinect2_client_streams(bad, "id"), 0);
  BAD(kinect2_client_stream_info(bad, "id", KINECT2_STREAM_DEPTH, &info));
  BAD(kinect2_client_enable_depth_frames(bad, NULL));
  BAD(kinect2_client_disable_depth_frames(bad, NULL));
  BAD(kinect2_client_enable_stream(bad, NULL, KINECT2_STREAM_DEPTH, NULL));
  BAD(kinect2_client_disable_stream(bad, NULL, KINECT2_STREAM_DEPTH));
  BAD(kinect2_client_ping(bad, NULL, NULL));
  BAD(kinect2_client_stats(bad, "id", KINECT2_STREAM_DEPTH, &stats));
  BAD(kinect2_client_take_frame(bad, NULL, KINECT2_STREAM_DEPTH, KINECT2_WAIT_FOREVER, &frame));
  BAD(kinect2_client_next_event(bad, KINECT2_WAIT_FOREVER, &event));
  BAD(kinect2_client_poll_fd(bad, KINECT2_POLL_EVENTS, &descriptor));
  if (bad != NULL) BAD(kinect2_client_destroy(bad));
}

static void use_as_compressor(void *bad) {
  BAD(kinect2_compressor_on_compressed_frame(bad, NULL, NULL));
  CHECK_EQUAL(kinect2_compressor_dropped(bad), 0);
  if (bad != NULL) BAD(kinect2_compressor_destroy(bad));
}

/* One live handle of each type, in the order of `uses`. */
enum { TYPES = 6 };
static void (*const uses[TYPES])(void *) = {use_as_frame,   use_as_device, use_as_server,
                                            use_as_browser, use_as_client, use_as_compressor};

static void make_one_of_each(void *handles[TYPES]) {
  static const uint16_t pixels[4] = {1, 2, 3, 4};
  kinect2_frame_options_t frame;
  kinect2_frame_options_init(&frame, sizeof frame);
  frame.stream = KINECT2_STREAM_DEPTH;
  frame.format = KINECT2_FORMAT_DEPTH16_MM;
  frame.width = frame.height = 2;
  frame.data = pixels;
  frame.size = sizeof pixels;
  REQUIRE_OK(kinect2_frame_create(&frame, (kinect2_frame_t **)&handles[0]));
  handles[1] = new_push("each");
  handles[2] = new_server("Each");
  REQUIRE_OK(kinect2_browser_create(NULL, (kinect2_browser_t **)&handles[3]));
  handles[4] = new_client("tcp://127.0.0.1:9");
  REQUIRE_OK(kinect2_compressor_create(handles[1], KINECT2_STREAM_DEPTH, NULL, (kinect2_compressor_t **)&handles[5]));
}

static void destroy_each(void *handles[TYPES]) {
  CHECK_OK(kinect2_compressor_destroy(handles[5]));
  CHECK_OK(kinect2_client_destroy(handles[4]));
  CHECK_OK(kinect2_browser_destroy(handles[3]));
  CHECK_OK(kinect2_server_destroy(handles[2]));
  CHECK_OK(kinect2_device_destroy(handles[1]));
  CHECK_OK(kinect2_frame_release(handles[0]));
}

static void invented_handles_are_refused(void) {
  char on_the_stack[64] = {0};
  char *on_the_heap = calloc(1, 64);
  void *const invented[] = {NULL, on_the_stack, on_the_heap, (void *)(uintptr_t)1, (void *)(uintptr_t)UINTPTR_MAX,
                            (void *)(uintptr_t)(UINTPTR_MAX - 1), (void *)(uintptr_t)0xDEADBEEF};
  for (size_t i = 0; i < sizeof invented / sizeof *invented; i++) {
    for (size_t type = 0; type < TYPES; type++) uses[type](invented[i]);
  }
  free(on_the_heap);
}

static void handles_of_another_type_are_refused(void) {
  void *handles[TYPES];
  make_one_of_each(handles);
  for (size_t of = 0; of < TYPES; of++) {
    for (size_t as = 0; as < TYPES; as++) {
      if (as != of) uses[as](handles[of]);
    }
  }
  BAD(kinect2_server_add_kinect(handles[2], handles[4]));
  BAD(kinect2_server_remove_kinect(handles[2], NULL));
  BAD(kinect2_server_set_encoding(handles[2], handles[4], KINECT2_STREAM_DEPTH, NULL));
  BAD(kinect2_device_push_frame(handles[1], handles[2]));
  destroy_each(handles);
}

static void stale_handles_are_refused(void) {
  void *handles[TYPES];
  make_one_of_each(handles);
  destroy_each(handles);
  for (size_t type = 0; type < TYPES; type++) uses[type](handles[type]); /* a second destroy among them */
  void *others[TYPES];
  make_one_of_each(others);
  for (size_t type = 0; type < TYPES; type++) uses[type](handles[type]);
  destroy_each(others);
}

static void null_may_be_destroyed(void) {
  CHECK_OK(kinect2_frame_release(NULL));
  CHECK_OK(kinect2_device_destroy(NULL));
  CHECK_OK(kinect2_server_destroy(NULL));
  CHECK_OK(kinect2_browser_destroy(NULL));
  CHECK_OK(kinect2_client_destroy(NULL));
  CHECK_OK(kinect2_compressor_destroy(NULL));
}

static int by_number(const void *left, const void *right) {
  const uintptr_t a = *(const uintptr_t *)left, b = *(const uintptr_t *)right;
  return (a > b) - (a < b);
}

static void a_number_is_not_used_again_soon(void) {
  enum { HANDLES = 5000 };
  static uintptr_t numbers[HANDLES];
  for (size_t i = 0; i < HANDLES; i++) {
    kinect2_device_t *device = NULL;
    REQUIRE_OK(kinect2_device_create_push("again", &device));
    numbers[i] = (uintptr_t)device;
    CHECK(numbers[i] != 0 && numbers[i] != UINTPTR_MAX);
    REQUIRE_OK(kinect2_device_destroy(device));
  }
  qsort(numbers, HANDLES, sizeof *numbers, by_number);
  for (size_t i = 1; i < HANDLES; i++) CHECK(numbers[i] != numbers[i - 1]);
}

static void a_frame_is_released_once_per_reference(void) {
  void *handles[TYPES];
  make_one_of_each(handles);
  CHECK(kinect2_frame_retain(handles[0]) == handles[0]);
  CHECK_EQUAL(kinect2_live_objects(), TYPES + 1); /* each reference counts */
  CHECK_OK(kinect2_frame_release(handles[0]));
  destroy_each(handles);
  BAD(kinect2_frame_release(handles[0]));
}

int main(void) {
  RUN(invented_handles_are_refused);
  RUN(handles_of_another_type_are_refused);
  RUN(stale_handles_are_refused);
  RUN(null_may_be_destroyed);
  RUN(a_number_is_not_used_again_soon);
  RUN(a_frame_is_released_once_per_reference);
  return finish_tests();
}
