/* Guarantee 1, results: 0 is success, negative an error, positive "no value (now)"; what returns something else returns
 * 0 or NULL when it fails; the reason of the last failure is kept per thread. */
#include "rig.h"

static void *const BAD = (void *)(uintptr_t)0x1234567; /* a handle that was never given out */

static void the_sign_tells_success_error_and_no_value(void) {
  kinect2_device_t *device = new_mock("sign", 30);
  CHECK_EQUAL(kinect2_device_start(device), 0);
  CHECK(kinect2_device_start(BAD) < 0);
  struct rig rig = open_rig(device);
  kinect2_event_t event = {.struct_size = sizeof event};
  kinect2_frame_t *frame = NULL;
  CHECK(kinect2_server_next_event(rig.server, 0, &event) > 0); /* nobody subscribed: there is no event */
  CHECK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 0, &frame) > 0);
  CHECK_OK(kinect2_client_disconnect(rig.client));
  CHECK_RESULT(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 0, &frame), KINECT2_CLOSED);
  close_rig(&rig);
}

static void every_number_has_a_name(void) {
  for (int32_t result = -100; result <= 100; result++) {
    const char *name = kinect2_result_name(result);
    CHECK(name != NULL && name[0] != '\0');
    CHECK(name == kinect2_result_name(result)); /* static text */
  }
  CHECK(kinect2_result_name(INT32_MIN) != NULL);
  CHECK(kinect2_result_name(INT32_MAX) != NULL);
}

static size_t error_length(void) {
  size_t length = 0;
  CHECK_OK(kinect2_last_error(NULL, 0, &length));
  return length;
}

/* Each function that does not return a result, failing. */
static bool server_is_running(void) { return kinect2_server_is_running(BAD) != 0; }
static bool server_kinect_count(void) { return kinect2_server_kinect_count(BAD) != 0; }
static bool browser_server_count(void) { return kinect2_browser_server_count(BAD) != 0; }
static bool client_is_connected(void) { return kinect2_client_is_connected(BAD) != 0; }
static bool client_kinect_count(void) { return kinect2_client_kinect_count(BAD) != 0; }
static bool client_streams(void) { return kinect2_client_streams(BAD, "id") != 0; }
static bool compressor_dropped(void) { return kinect2_compressor_dropped(BAD) != 0; }
static bool compress_bound(void) { return kinect2_compress_bound(999, 512, 424) != 0; }
static bool frame_retain(void) { return kinect2_frame_retain(BAD) != NULL; }
static bool frame_data(void) { return kinect2_frame_data(BAD) != NULL; }

static void *fail_on_a_new_thread(void *function) {
  CHECK_EQUAL(error_length(), 0); /* no call of this thread has failed */
  CHECK(!(*(bool (**)(void))function)());
  CHECK(error_length() > 0);
  return NULL;
}

static void other_types_are_zero_or_null_and_have_a_reason(void) {
  static bool (*const functions[])(void) = {
      server_is_running,  server_kinect_count, browser_server_count, client_is_connected, client_kinect_count,
      client_streams,     compressor_dropped,  compress_bound,       frame_retain,        frame_data,
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    bool (*function)(void) = functions[i];
    const pthread_t thread = start_thread(fail_on_a_new_thread, &function);
    pthread_join(thread, NULL);
  }
}

static void success_and_no_value_leave_the_reason_alone(void) {
  char before[KINECT2_TEXT_CAPACITY], after[KINECT2_TEXT_CAPACITY];
  struct rig rig = open_rig(new_mock("quiet", 30));
  kinect2_frame_t *frame = NULL;
  CHECK_RESULT(kinect2_device_stop(BAD), KINECT2_ERROR_BAD_HANDLE);
  CHECK_OK(kinect2_last_error(before, sizeof before, NULL));
  CHECK(before[0] != '\0');
  CHECK_OK(kinect2_device_stop(rig.device));
  CHECK_EQUAL(kinect2_server_is_running(rig.server), 1);
  CHECK_RESULT(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, 0, &frame), KINECT2_TIMEOUT);
  CHECK_OK(kinect2_last_error(after, sizeof after, NULL));
  CHECK_TEXT(after, before);
  close_rig(&rig);
}

static void *fail_differently(void *unused) {
  (void)unused;
  CHECK_RESULT(kinect2_client_create("not an endpoint", NULL, &(kinect2_client_t *){NULL}),
               KINECT2_ERROR_INVALID_ARGUMENT);
  CHECK(error_length() > 0);
  return NULL;
}

static void the_reason_is_of_this_thread(void) {
  char before[KINECT2_TEXT_CAPACITY], after[KINECT2_TEXT_CAPACITY];
  CHECK_RESULT(kinect2_device_start(BAD), KINECT2_ERROR_BAD_HANDLE);
  CHECK_OK(kinect2_last_error(before, sizeof before, NULL));
  pthread_join(start_thread(fail_differently, NULL), NULL);
  CHECK_OK(kinect2_last_error(after, sizeof after, NULL));
  CHECK_TEXT(after, before);
}

/* Whether the text ends between two characters of UTF-8. */
static bool ends_at_a_border(const char *whole, size_t length) { return ((unsigned char)whole[length] & 0xC0) != 0x80; }

static void the_reason_is_cut_to_the_buffer(void) {
  char whole[4096], part[4096];
  size_t length = 0;
  CHECK(kinect2_client_create("tcp://\xc3\xbc\xe2\x82\xac\xf0\x9f\x98\x80 \xc3\xa4:0", NULL, &(kinect2_client_t *){NULL}) < 0);
  CHECK_OK(kinect2_last_error(whole, sizeof whole, &length));
  CHECK_EQUAL(strlen(whole), length);
  for (size_t capacity = 1; capacity <= length + 1; capacity++) {
    memset(part, '#', sizeof part);
    CHECK_OK(kinect2_last_error(part, capacity, NULL));
    const size_t kept = strlen(part);
    CHECK(kept < capacity && kept + 4 >= capacity); /* as much as fits */
    CHECK(memcmp(part, whole, kept) == 0);
    CHECK(ends_at_a_border(whole, kept));
    CHECK_EQUAL(part[capacity], '#');
  }
}

int main(void) {
  RUN(the_sign_tells_success_error_and_no_value);
  RUN(every_number_has_a_name);
  RUN(other_types_are_zero_or_null_and_have_a_reason);
  RUN(success_and_no_value_leave_the_reason_alone);
  RUN(the_reason_is_of_this_thread);
  RUN(the_reason_is_cut_to_the_buffer);
  return finish_tests();
}
