/* remote.c - see remote.h */
#include "remote.h"

#include "rig.h"

static kinect2_device_t *new_device(bool full_size) {
  if (!full_size) return new_mock(REMOTE_KINECT, 30);
  kinect2_mock_options_t options;
  kinect2_mock_options_init(&options, sizeof options);
  options.id = REMOTE_KINECT;
  kinect2_device_t *device = NULL;
  REQUIRE_OK(kinect2_device_create_mock(&options, &device));
  return device;
}

/* Name (may be empty), port, data port, and whether frames are of full size. */
int play_server(char *const arguments[]) {
  kinect2_server_options_t options = quiet_options();
  options.announce = arguments[0][0] != '\0';
  options.name = options.announce ? arguments[0] : NULL;
  options.port = (uint32_t)strtoul(arguments[1], NULL, 10);
  options.data_port = (uint32_t)strtoul(arguments[2], NULL, 10);
  kinect2_device_t *device = new_device(arguments[3][0] == '1');
  kinect2_server_t *server = NULL;
  REQUIRE_OK(kinect2_server_create(&options, &server));
  REQUIRE_OK(kinect2_server_add_kinect(server, device));
  REQUIRE_OK(kinect2_device_start(device));
  REQUIRE_OK(kinect2_server_start(server));
  char endpoint[KINECT2_TEXT_CAPACITY];
  control_endpoint(server, endpoint);
  say("%s", endpoint);
  wait_for_the_end();
  CHECK_OK(kinect2_server_destroy(server));
  CHECK_OK(kinect2_device_destroy(device));
  return finish_tests();
}

struct remote start_remote(struct remote_options options) {
  char port[16], data_port[16];
  snprintf(port, sizeof port, "%u", options.port);
  snprintf(data_port, sizeof data_port, "%u", options.data_port);
  const char *const arguments[] = {options.name != NULL ? options.name : "", port, data_port,
                                   options.full_size ? "1" : "0", NULL};
  struct remote remote = {.process = start_child("server", arguments)};
  REQUIRE(hear(&remote.process, 10000, remote.endpoint));
  remote.ready_ns = now_ns();
  return remote;
}

static void on_connect(kinect2_client_t *client, void *argument) {
  struct witness *witness = argument;
  (void)client;
  atomic_store(&witness->fresh, true);
  atomic_fetch_add(&witness->connects, 1);
}

static void on_disconnect(kinect2_client_t *client, kinect2_result_t reason, void *argument) {
  struct witness *witness = argument;
  (void)client;
  atomic_store(&witness->reason, reason);
  atomic_store(&witness->kinects_went_first, witness->removes == witness->adds);
  atomic_store(&witness->told_ns, now_ns());
  atomic_fetch_add(&witness->disconnects, 1);
}

static void on_add(kinect2_client_t *client, const char *id, void *argument) {
  (void)client;
  CHECK_TEXT(id, REMOTE_KINECT);
  atomic_fetch_add(&((struct witness *)argument)->adds, 1);
}

static void on_remove(kinect2_client_t *client, const char *id, void *argument) {
  (void)client;
  CHECK_TEXT(id, REMOTE_KINECT);
  atomic_fetch_add(&((struct witness *)argument)->removes, 1);
}

static void on_frame(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *argument) {
  (void)client, (void)id;
  struct witness *witness = argument;
  const kinect2_frame_info_t info = frame_info(frame);
  atomic_store(&witness->frame_ns, now_ns());
  if (witness->fresh) {
    atomic_store(&witness->fresh_ns, witness->frame_ns);
    atomic_store(&witness->fresh_flags, info.flags);
    atomic_store(&witness->fresh_number, info.sequence);
    atomic_store(&witness->fresh, false);
  }
  atomic_fetch_add(&witness->frames, 1);
}

void watch_client(kinect2_client_t *client, struct witness *witness) {
  REQUIRE_OK(kinect2_client_on_connect(client, on_connect, witness));
  REQUIRE_OK(kinect2_client_on_disconnect(client, on_disconnect, witness));
  REQUIRE_OK(kinect2_client_on_add_kinect(client, on_add, witness));
  REQUIRE_OK(kinect2_client_on_remove_kinect(client, on_remove, witness));
  REQUIRE_OK(kinect2_client_on_depth_frame(client, on_frame, witness));
  REQUIRE_OK(kinect2_client_enable_depth_frames(client, NULL));
}

void wait_for_frames(const struct witness *witness) {
  REQUIRE_WITHIN(20000, witness->connects == witness->disconnects + 1 && !witness->fresh);
  const int frames = witness->frames;
  REQUIRE_WITHIN(5000, witness->frames > frames + 5);
}

void check_flowing_again(const struct witness *witness, const char *who, int connects, uint64_t since,
                         uint32_t milliseconds) {
  CHECK_WITHIN(15000, witness->connects == connects && !witness->fresh);
  CHECK_EQUAL(witness->disconnects, connects - 1);
  const double seconds = ((double)witness->fresh_ns - (double)since) / 1e9;
  printf("  %s: frames flow again after %.2f s\n", who, seconds);
  CHECK(seconds * 1000 < wait_ms(milliseconds));
}

kinect2_client_stats_t remote_stats(const kinect2_client_t *client) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(client, REMOTE_KINECT, KINECT2_STREAM_DEPTH, &stats));
  return stats;
}
