/* Guarantee 6, threads: any function, on any handle, from any thread, also at once; fork() leaves the parent's handles
 * as they were. */
#include "rig.h"

#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4 };

static struct rig rig;
static atomic_int go_on;

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *count) {
  (void)client, (void)id, (void)frame;
  atomic_fetch_add((atomic_int *)count, 1);
}

/* Asks everything that takes a handle to const. */
static void ask_all(void) {
  kinect2_server_stats_t server_stats = {.struct_size = sizeof server_stats};
  kinect2_client_stats_t client_stats = {.struct_size = sizeof client_stats};
  kinect2_stream_info_t info = {.struct_size = sizeof info};
  intptr_t descriptor;
  char text[KINECT2_TEXT_CAPACITY];
  CHECK_OK(kinect2_device_id(rig.device, text, sizeof text, NULL));
  CHECK_EQUAL(kinect2_server_is_running(rig.server), 1);
  CHECK_OK(kinect2_server_name(rig.server, text, sizeof text, NULL));
  CHECK_OK(kinect2_server_address(rig.server, text, sizeof text, NULL));
  CHECK_OK(kinect2_server_endpoint(rig.server, rig.id, KINECT2_ENDPOINT_FRAMES_DEPTH, text, sizeof text, NULL));
  CHECK_EQUAL(kinect2_server_kinect_count(rig.server), 1);
  CHECK_OK(kinect2_server_kinect_id(rig.server, 0, text, sizeof text, NULL));
  CHECK_OK(kinect2_server_stats(rig.server, rig.id, KINECT2_STREAM_DEPTH, &server_stats));
  CHECK_OK(kinect2_server_poll_fd(rig.server, KINECT2_POLL_EVENTS, &descriptor));
  CHECK_EQUAL(kinect2_client_is_connected(rig.client), 1);
  CHECK_OK(kinect2_client_server_name(rig.client, text, sizeof text, NULL));
  CHECK_OK(kinect2_client_endpoint(rig.client, rig.id, KINECT2_ENDPOINT_FRAMES_DEPTH, text, sizeof text, NULL));
  CHECK_EQUAL(kinect2_client_kinect_count(rig.client), 1);
  CHECK_OK(kinect2_client_kinect_id(rig.client, 0, text, sizeof text, NULL));
  CHECK_EQUAL(kinect2_client_streams(rig.client, rig.id), KINECT2_STREAM_DEPTH);
  CHECK_OK(kinect2_client_stream_info(rig.client, rig.id, KINECT2_STREAM_DEPTH, &info));
  CHECK_OK(kinect2_client_poll_fd(rig.client, KINECT2_POLL_FRAMES, &descriptor));
  CHECK(kinect2_client_stats(rig.client, rig.id, KINECT2_STREAM_DEPTH, &client_stats) != KINECT2_ERROR_BAD_HANDLE);
}

/* Changes everything that can be changed and changed back. */
static void change_all(atomic_int *count) {
  kinect2_event_t event = {.struct_size = sizeof event};
  kinect2_frame_t *frame = NULL;
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, rig.id));
  CHECK_OK(kinect2_client_on_frame(rig.client, on_frame, count));
  CHECK_OK(kinect2_device_start(rig.device));
  if (kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_ALL, 1, &frame) == KINECT2_OK) {
    CHECK(kinect2_frame_retain(frame) == frame);
    CHECK_OK(kinect2_frame_release(frame));
    CHECK_OK(kinect2_frame_release(frame));
  }
  CHECK(kinect2_client_next_event(rig.client, 1, &event) >= 0);
  CHECK(kinect2_server_next_event(rig.server, 1, &event) >= 0);
  const kinect2_result_t pinged = kinect2_client_ping(rig.client, NULL, NULL);
  CHECK(pinged == KINECT2_OK || pinged == KINECT2_ERROR_LIMIT);
  CHECK_OK(kinect2_client_on_frame(rig.client, NULL, NULL));
  CHECK_OK(kinect2_device_stop(rig.device));
  CHECK_OK(kinect2_client_disable_depth_frames(rig.client, rig.id));
}

static void *hammer(void *count) {
  while (atomic_load(&go_on)) {
    ask_all();
    change_all(count);
  }
  return NULL;
}

static void many_threads_use_the_same_handles(void) {
  rig = open_rig(new_mock("hammered", 200));
  atomic_int count = 0;
  pthread_t threads[THREADS];
  atomic_store(&go_on, 1);
  for (size_t i = 0; i < THREADS; i++) threads[i] = start_thread(hammer, &count);
  sleep_ms(2000);
  atomic_store(&go_on, 0);
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);

  kinect2_frame_t *frame = NULL; /* and all of it still works */
  CHECK_OK(kinect2_device_start(rig.device));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, rig.id));
  CHECK_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
  CHECK_OK(kinect2_frame_release(frame));
  close_rig(&rig);
}

/* A handle that several threads destroy at the same time. */
struct race {
  pthread_barrier_t start;
  void *handle;
  kinect2_result_t (*destroy)(void *handle);
  atomic_int destroyed, refused;
};

static kinect2_result_t destroy_device(void *handle) { return kinect2_device_destroy(handle); }
static kinect2_result_t destroy_server(void *handle) { return kinect2_server_destroy(handle); }
static kinect2_result_t destroy_client(void *handle) { return kinect2_client_destroy(handle); }

static void *race_to_destroy(void *argument) {
  struct race *race = argument;
  pthread_barrier_wait(&race->start);
  const kinect2_result_t result = race->destroy(race->handle);
  atomic_fetch_add(result == KINECT2_OK ? &race->destroyed : &race->refused, 1);
  if (result != KINECT2_OK) CHECK_RESULT(result, KINECT2_ERROR_BAD_HANDLE);
  return NULL;
}

static void destroyed_by_exactly_one(void *handle, kinect2_result_t (*destroy)(void *)) {
  struct race race = {.handle = handle, .destroy = destroy};
  pthread_t threads[THREADS];
  pthread_barrier_init(&race.start, NULL, THREADS);
  for (size_t i = 0; i < THREADS; i++) threads[i] = start_thread(race_to_destroy, &race);
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&race.start);
  CHECK_EQUAL(race.destroyed, 1);
  CHECK_EQUAL(race.refused, THREADS - 1);
}

static void one_of_many_destroys_succeeds(void) {
  for (int round = 0; round < 20; round++) {
    rig = open_rig(new_mock("raced", 100));
    CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
    destroyed_by_exactly_one(rig.client, destroy_client);
    destroyed_by_exactly_one(rig.device, destroy_device);
    destroyed_by_exactly_one(rig.server, destroy_server);
  }
}

static void *create_and_destroy(void *unused) {
  (void)unused;
  for (int i = 0; i < 50; i++) {
    kinect2_device_t *device = new_push(NULL);
    kinect2_server_t *server = new_server("Short");
    CHECK_OK(kinect2_server_add_kinect(server, device));
    CHECK_OK(kinect2_server_start(server));
    CHECK_OK(kinect2_device_destroy(device));
    CHECK_OK(kinect2_server_destroy(server));
  }
  return NULL;
}

static void threads_create_and_destroy_side_by_side(void) {
  pthread_t threads[THREADS];
  for (size_t i = 0; i < THREADS; i++) threads[i] = start_thread(create_and_destroy, NULL);
  for (size_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
}

static void *wait_for_a_frame(void *result) {
  kinect2_frame_t *frame = NULL;
  *(kinect2_result_t *)result =
      kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, KINECT2_WAIT_FOREVER, &frame);
  return NULL;
}

static void *wait_for_an_event(void *result) {
  kinect2_event_t event = {.struct_size = sizeof event};
  do {
    *(kinect2_result_t *)result = kinect2_client_next_event(rig.client, KINECT2_WAIT_FOREVER, &event);
  } while (*(kinect2_result_t *)result == KINECT2_OK);
  return NULL;
}

static void who_waits_on_a_destroyed_handle_is_told(void) {
  rig = open_rig(new_push("awaited"));
  kinect2_result_t frame_result = KINECT2_OK, event_result = KINECT2_OK;
  const pthread_t frame_thread = start_thread(wait_for_a_frame, &frame_result);
  const pthread_t event_thread = start_thread(wait_for_an_event, &event_result);
  sleep_ms(wait_ms(200));
  CHECK_OK(kinect2_client_destroy(rig.client));
  pthread_join(frame_thread, NULL);
  pthread_join(event_thread, NULL);
  CHECK_RESULT(frame_result, KINECT2_CLOSED);
  CHECK_RESULT(event_result, KINECT2_CLOSED);
  rig.client = NULL;
  close_rig(&rig);
}

static void fork_leaves_the_parent_alone(void) {
  rig = open_rig(new_mock("parent", 100));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) _exit(0); /* as before an exec: the handles are the parent's */
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK_EQUAL(status, 0);
  for (int i = 0; i < 10; i++) {
    kinect2_frame_t *frame = NULL;
    CHECK_OK(kinect2_client_take_frame(rig.client, NULL, KINECT2_STREAM_DEPTH, wait_ms(5000), &frame));
    CHECK_OK(kinect2_frame_release(frame));
  }
  close_rig(&rig);
}

int main(void) {
  RUN(many_threads_use_the_same_handles);
  RUN(one_of_many_destroys_succeeds);
  RUN(threads_create_and_destroy_side_by_side);
  RUN(who_waits_on_a_destroyed_handle_is_told);
  RUN(fork_leaves_the_parent_alone);
  return finish_tests();
}
