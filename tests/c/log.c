/* The log: silent until a callback is set, by level, replaceable at any time, and deaf to itself. */
#include "rig.h"

struct record {
  struct gate gate;
  atomic_int messages, warnings, debug, hold;
};

static void on_log(uint32_t level, const char *message, void *argument) {
  struct record *record = argument;
  CHECK(level >= KINECT2_LOG_ERROR && level <= KINECT2_LOG_DEBUG);
  CHECK(message != NULL && message[0] != '\0');
  atomic_fetch_add(&record->messages, 1);
  if (level == KINECT2_LOG_WARN) atomic_fetch_add(&record->warnings, 1);
  if (level > KINECT2_LOG_WARN) atomic_fetch_add(&record->debug, 1);
  if (record->hold) pass_gate(&record->gate);
}

static void doing_what_is_done_already_is_a_warning(void) {
  struct record record = {.messages = 0};
  struct rig rig = open_rig(new_push("logged")); /* silent, nobody listens */
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_WARN, on_log, &record));
  CHECK_OK(kinect2_device_start(rig.device));
  CHECK_WITHIN(2000, record.warnings == 1);
  CHECK_OK(kinect2_server_start(rig.server));
  CHECK_WITHIN(2000, record.warnings == 2);
  CHECK_OK(kinect2_client_connect(rig.client));
  CHECK_WITHIN(2000, record.warnings == 3);
  CHECK_OK(kinect2_client_disconnect(rig.client));
  CHECK_OK(kinect2_client_disconnect(rig.client));
  CHECK_WITHIN(2000, record.warnings == 4);
  CHECK_OK(kinect2_server_stop(rig.server));
  CHECK_OK(kinect2_server_stop(rig.server));
  CHECK_WITHIN(2000, record.warnings == 5);
  CHECK_EQUAL(record.debug, 0); /* nothing below the level asked for */

  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_ERROR, on_log, &record));
  CHECK_OK(kinect2_device_start(rig.device));
  CHECK_EQUAL(record.warnings, 5);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_WARN, NULL, NULL));
  CHECK_OK(kinect2_device_start(rig.device));
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_OFF, on_log, &record));
  CHECK_OK(kinect2_device_start(rig.device));
  CHECK_EQUAL(record.messages, 5);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_OFF, NULL, NULL));
  close_rig(&rig);
}

static void more_is_said_at_higher_levels(void) {
  struct record record = {.messages = 0};
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_DEBUG, on_log, &record));
  struct rig rig = open_rig(new_mock("logged", 30));
  close_rig(&rig);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_OFF, NULL, NULL));
  CHECK(record.debug > 0);
  const int messages = record.messages;
  rig = open_rig(new_mock("logged", 30));
  close_rig(&rig);
  CHECK_EQUAL(record.messages, messages);
}

static void *warn(void *device) {
  CHECK_OK(kinect2_device_start(device));
  return NULL;
}

static void *open_after_a_while(void *gate) {
  sleep_ms(300);
  atomic_store(&((struct gate *)gate)->open, 1);
  return NULL;
}

static void replacing_waits_for_the_running_call(void) {
  struct record first = {.hold = 1}, second = {.hold = 0};
  kinect2_device_t *device = new_push("logged");
  CHECK_OK(kinect2_device_start(device));
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_WARN, on_log, &first));
  const pthread_t warning = start_thread(warn, device);
  CHECK_WITHIN(2000, first.gate.entered == 1);
  const pthread_t opener = start_thread(open_after_a_while, &first.gate);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_WARN, on_log, &second));
  CHECK_EQUAL(first.gate.left, 1);
  pthread_join(warning, NULL);
  pthread_join(opener, NULL);
  CHECK_OK(kinect2_device_start(device));
  CHECK_WITHIN(2000, second.warnings == 1);
  CHECK_EQUAL(first.messages, 1);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_OFF, NULL, NULL));
  CHECK_OK(kinect2_device_destroy(device));
}

static kinect2_device_t *started;

static void calls_the_library(uint32_t level, const char *message, void *calls) {
  (void)level, (void)message;
  if (atomic_fetch_add((atomic_int *)calls, 1) > 10) return; /* else it would never end */
  CHECK_OK(kinect2_device_start(started)); /* worth a warning, were it not made in here */
  CHECK(kinect2_device_start(NULL) < 0);
}

static void its_own_calls_are_not_logged(void) {
  atomic_int calls = 0;
  started = new_push("logged");
  CHECK_OK(kinect2_device_start(started));
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_WARN, calls_the_library, &calls));
  CHECK_OK(kinect2_device_start(started));
  CHECK_WITHIN(2000, calls >= 1);
  sleep_ms(50);
  CHECK_EQUAL(calls, 1);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_OFF, NULL, NULL));
  CHECK_OK(kinect2_device_destroy(started));
}

static void sleeps(kinect2_device_t *device, kinect2_frame_t *frame, void *calls) {
  (void)device, (void)frame;
  if (atomic_fetch_add((atomic_int *)calls, 1) == 0) sleep_ms(2000);
}

static void a_long_wait_for_a_callback_is_a_warning(void) {
  struct record record = {.messages = 0};
  atomic_int calls = 0;
  kinect2_device_t *device = new_mock("logged", 30);
  CHECK_OK(kinect2_device_on_frame(device, sleeps, &calls));
  CHECK_OK(kinect2_device_start(device));
  CHECK_WITHIN(2000, calls == 1);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_WARN, on_log, &record));
  CHECK_OK(kinect2_device_stop(device));
  CHECK_WITHIN(1000, record.warnings == 1);
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_OFF, NULL, NULL));
  CHECK_OK(kinect2_device_destroy(device));
}

int main(void) {
  RUN(doing_what_is_done_already_is_a_warning);
  RUN(more_is_said_at_higher_levels);
  RUN(replacing_waits_for_the_running_call);
  RUN(its_own_calls_are_not_logged);
  RUN(a_long_wait_for_a_callback_is_a_warning);
  return finish_tests();
}
