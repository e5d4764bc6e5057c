/* 10: the log callback and a frame's release are callbacks too, and arise on the library's own threads: everything is allowed in them,
 * and a slow one delays no frame. Also: what a callback starts anew is started, and no ping is forgotten. */
#include "rig.h"

static struct rig rig;
static atomic_int released, hold_release;
static kinect2_result_t (*in_release)(void);

static void on_release(void *pixels) {
  if (in_release && atomic_load(&released) == 0) {
    const kinect2_result_t result = in_release();
    CHECK(result == KINECT2_OK || result == KINECT2_ERROR_BAD_HANDLE);
  }
  if (atomic_load(&hold_release)) sleep_ms(300);
  free(pixels);
  atomic_fetch_add(&released, 1);
}

/* A frame whose last reference is the encoder's: the host lets go of it at once. */
static void push_foreign(void) {
  kinect2_frame_options_t options;
  kinect2_frame_options_init(&options, sizeof options);
  options.stream = KINECT2_STREAM_DEPTH;
  options.format = KINECT2_FORMAT_DEPTH16_MM;
  options.width = SMALL_WIDTH;
  options.height = SMALL_HEIGHT;
  options.size = SMALL_PIXELS * sizeof(uint16_t);
  options.data = calloc(SMALL_PIXELS, sizeof(uint16_t));
  options.user_data = (void *)options.data;
  options.release = on_release;
  kinect2_frame_t *frame = NULL;
  REQUIRE_OK(kinect2_frame_create(&options, &frame));
  const kinect2_result_t result = kinect2_device_push_frame(rig.device, frame);
  CHECK(result == KINECT2_OK || result == KINECT2_ERROR_BAD_HANDLE || result == KINECT2_ERROR_BAD_STATE);
  CHECK_OK(kinect2_frame_release(frame));
}

static kinect2_result_t stop_the_server(void) { return kinect2_server_stop(rig.server); }
static kinect2_result_t destroy_the_server(void) { return kinect2_server_destroy(rig.server); }
static kinect2_result_t destroy_the_device(void) { return kinect2_device_destroy(rig.device); }
static kinect2_result_t remove_the_kinect(void) {
  const kinect2_result_t result = kinect2_server_remove_kinect(rig.server, rig.device);
  return result == KINECT2_ERROR_NOT_FOUND ? KINECT2_OK : result;
}

static void a_release_may_end_what_the_frame_went_through(void) {
  kinect2_result_t (*const ends[])(void) = {stop_the_server, destroy_the_server, destroy_the_device, remove_the_kinect};
  for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
    rig = open_rig(new_push("ended"));
    CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
    wait_for_subscribers(rig.server, "ended", 1);
    atomic_store(&released, 0);
    in_release = ends[i];
    int pushed = 0;
    for (; pushed < 20; pushed++) push_foreign(), sleep_ms(2);
    kinect2_server_stop(rig.server); /* at the same time, perhaps */
    CHECK_WITHIN(5000, atomic_load(&released) == pushed);
    in_release = NULL;
    kinect2_server_destroy(rig.server);
    kinect2_device_destroy(rig.device);
    rig.server = NULL;
    rig.device = NULL;
    close_rig(&rig);
  }
}

static void a_slow_release_delays_no_frame(void) {
  rig = open_rig(new_push("slow"));
  CHECK_OK(kinect2_client_enable_depth_frames(rig.client, NULL));
  wait_for_subscribers(rig.server, "slow", 1);
  atomic_store(&released, 0);
  atomic_store(&hold_release, 1);
  kinect2_server_stats_t stats = {.struct_size = sizeof stats};
  for (int i = 0; i < 20; i++) push_foreign(), sleep_ms(20);
  CHECK_OK(kinect2_server_stats(rig.server, "slow", KINECT2_STREAM_DEPTH, &stats));
  CHECK(stats.encoded + stats.dropped >= 18 && stats.encoded >= 10);
  atomic_store(&hold_release, 0);
  CHECK_WITHIN(5000, atomic_load(&released) == 20);
  close_rig(&rig);
}

static atomic_int logged;

static void on_log(uint32_t level, const char *message, void *unused) {
  (void)level, (void)message, (void)unused;
  if (atomic_fetch_add(&logged, 1) > 200) return;
  kinect2_client_enable_depth_frames(rig.client, NULL);
  kinect2_client_disconnect(rig.client);
  kinect2_client_connect(rig.client);
  kinect2_server_stop(rig.server);
  kinect2_server_start(rig.server);
}

static void everything_is_allowed_in_the_log(void) {
  rig = open_rig(new_mock("logging", 100));
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_DEBUG, on_log, NULL));
  for (int i = 0; i < 20; i++) {
    kinect2_client_disconnect(rig.client);
    kinect2_client_connect(rig.client);
    sleep_ms(10);
  }
  CHECK_WITHIN(5000, atomic_load(&logged) > 0); /* the server starts anew elsewhere: not much more is logged */
  CHECK_OK(kinect2_set_log_callback(KINECT2_LOG_OFF, NULL, NULL));
  close_rig(&rig);
}

static atomic_int pongs;

static void on_pong(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns, void *unused) {
  (void)client, (void)result, (void)round_trip_ns, (void)unused;
  atomic_fetch_add(&pongs, 1);
}

static atomic_int pinging, accepted;

static void *ping_on(void *unused) {
  while (atomic_load(&pinging))
    if (kinect2_client_ping(rig.client, on_pong, NULL) == KINECT2_OK) atomic_fetch_add(&accepted, 1);
  return unused;
}

static void every_ping_comes_to_an_end(void) {
  rig = open_rig(new_mock("pinged", 30));
  atomic_store(&pinging, 1);
  const pthread_t threads[] = {start_thread(ping_on, NULL), start_thread(ping_on, NULL)};
  for (int i = 0; i < 100; i++) {
    CHECK_OK(kinect2_client_disconnect(rig.client));
    CHECK_OK(kinect2_client_connect(rig.client));
    sleep_ms(5);
  }
  atomic_store(&pinging, 0);
  for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  CHECK_WITHIN(5000, atomic_load(&pongs) == atomic_load(&accepted));
  CHECK(accepted > 64);
  CHECK_OK(kinect2_client_ping(rig.client, on_pong, NULL));
  close_rig(&rig);
}

static atomic_int told;

static void connect_again(kinect2_client_t *client, kinect2_result_t reason, void *unused) {
  (void)unused;
  CHECK_EQUAL(reason, KINECT2_TIMEOUT);
  if (atomic_fetch_add(&told, 1) < 5) CHECK_OK(kinect2_client_connect(client));
}

static void who_gave_up_may_be_connected_again_at_once(void) {
  char endpoint[64];
  snprintf(endpoint, sizeof endpoint, "tcp://127.0.0.1:%u", (unsigned)free_port());
  kinect2_client_options_t options;
  kinect2_client_options_init(&options, sizeof options);
  options.reconnect = 0;
  options.response_timeout_ms = 50;
  kinect2_client_t *client = NULL;
  REQUIRE_OK(kinect2_client_create(endpoint, &options, &client));
  CHECK_OK(kinect2_client_on_disconnect(client, connect_again, NULL));
  CHECK_OK(kinect2_client_connect(client));
  CHECK_WITHIN(10000, atomic_load(&told) == 6);
  CHECK_OK(kinect2_client_destroy(client));
}

int main(void) {
  RUN(a_release_may_end_what_the_frame_went_through);
  RUN(a_slow_release_delays_no_frame);
  RUN(everything_is_allowed_in_the_log);
  RUN(every_ping_comes_to_an_end);
  RUN(who_gave_up_may_be_connected_again_at_once);
  return finish_tests();
}
