/* A server that is killed, without a goodbye, and started anew at another port: clients that follow its name, or any
 * server, find it there without a call. */
#include "remote.h"
#include "rig.h"

enum { BACK_MS = 3000 };

struct follower {
  const char *name;
  kinect2_client_t *client;
  struct witness witness;
};

static void follow(struct follower *follower, const char *endpoint) {
  kinect2_client_options_t options;
  kinect2_client_options_init(&options, sizeof options); /* a heartbeat of 10 s */
  options.server_name = follower->name;
  REQUIRE_OK(kinect2_client_create(endpoint, &options, &follower->client));
  watch_client(follower->client, &follower->witness);
  REQUIRE_OK(kinect2_client_connect(follower->client));
}

static void check_following(struct follower *follower, const struct remote *remote, int moves) {
  const struct witness *witness = &follower->witness;
  check_flowing_again(witness, follower->name, moves + 1, remote->ready_ns, BACK_MS);
  char endpoint[KINECT2_TEXT_CAPACITY] = "";
  CHECK_OK(kinect2_client_endpoint(follower->client, NULL, KINECT2_ENDPOINT_CONTROL, endpoint, sizeof endpoint, NULL));
  CHECK_TEXT(endpoint, remote->endpoint);
  CHECK(witness->kinects_went_first);
  CHECK(witness->fresh_flags & KINECT2_FRAME_RESTARTED);
  CHECK_EQUAL(remote_stats(follower->client).lost, 0);
}

/* Two clients by discovery alone, and one that was told where the server is at first. */
static void follow_to_other_ports(const uint32_t away_ms[], size_t moves) {
  const struct remote_options nomad = {.name = "Nomad"};
  struct remote remote = start_remote(nomad);
  struct follower followers[] = {{.name = "Nomad"}, {.name = "*"}, {.name = "Nomad"}};
  const size_t count = sizeof followers / sizeof followers[0];
  for (size_t i = 0; i < count; i++) follow(&followers[i], i == 2 ? remote.endpoint : NULL);
  for (size_t i = 0; i < count; i++) wait_for_frames(&followers[i].witness);
  for (size_t move = 0; move < moves; move++) {
    kill_child(&remote.process);
    sleep_ms(away_ms[move]);
    const struct remote before = remote;
    remote = start_remote(nomad);
    REQUIRE(strcmp(before.endpoint, remote.endpoint) != 0);
    for (size_t i = 0; i < count; i++) check_following(&followers[i], &remote, (int)move + 1);
    for (size_t i = 0; i < count; i++) wait_for_frames(&followers[i].witness);
  }
  for (size_t i = 0; i < count; i++) {
    CHECK_EQUAL(followers[i].witness.disconnects, moves);
    CHECK_OK(kinect2_client_destroy(followers[i].client));
  }
  end_child(&remote.process);
}

static void at_once(void) { follow_to_other_ports((const uint32_t[]){0, 0}, 2); }
static void before_the_response_timeout(void) { follow_to_other_ports((const uint32_t[]){2500}, 1); }
static void after_it_was_given_up(void) { follow_to_other_ports((const uint32_t[]){8000}, 1); }

int main(int count, char **arguments) {
  static const struct role roles[] = {SERVER_ROLE, {NULL, NULL}};
  play_role(count, arguments, roles);
  RUN(at_once);
  RUN(before_the_response_timeout);
  RUN(after_it_was_given_up);
  return finish_tests();
}
