/* A server whose process is stopped: for longer than the response timeout it is reported once and found again; for less
 * than that nothing is reported. */
#include "remote.h"
#include "rig.h"

enum { TIMEOUT_MS = 2000, BACK_MS = 3000 };

struct rigged {
  struct remote remote;
  struct witness witness;
  kinect2_client_t *client;
};

static void open_rigged(struct rigged *rigged, uint32_t timeout_ms) {
  rigged->remote = start_remote((struct remote_options){.full_size = true});
  kinect2_client_options_t options;
  kinect2_client_options_init(&options, sizeof options);
  options.response_timeout_ms = wait_ms(timeout_ms);
  REQUIRE_OK(kinect2_client_create(rigged->remote.endpoint, &options, &rigged->client));
  watch_client(rigged->client, &rigged->witness);
  REQUIRE_OK(kinect2_client_connect(rigged->client));
  wait_for_frames(&rigged->witness);
}

static void close_rigged(struct rigged *rigged) {
  CHECK_OK(kinect2_client_destroy(rigged->client));
  end_child(&rigged->remote.process);
}

static void longer_than_the_response_timeout(void) {
  struct rigged rigged = {.client = NULL};
  open_rigged(&rigged, TIMEOUT_MS);
  const struct witness *witness = &rigged.witness;
  for (int times = 1; times <= 2; times++) {
    const uint64_t frozen_ns = now_ns();
    freeze(&rigged.remote.process);
    CHECK_WITHIN(TIMEOUT_MS + 1000, witness->disconnects == times);
    printf("  told after %.2f s\n", (double)(now_ns() - frozen_ns) / 1e9);
    CHECK_EQUAL(witness->reason, KINECT2_TIMEOUT);
    CHECK(witness->kinects_went_first);
    sleep_ms(times == 1 ? 500 : 10000); /* the second time until many requests wait for it */
    CHECK_EQUAL(witness->disconnects, times);
    thaw(&rigged.remote.process);
    check_flowing_again(witness, "thawed", times + 1, now_ns(), BACK_MS);
    CHECK_EQUAL(witness->fresh_flags & KINECT2_FRAME_RESTARTED, 0); /* it is the same session and goes on counting */
    wait_for_frames(witness);
  }
  close_rigged(&rigged);
}

static void shorter_than_the_response_timeout(void) {
  struct rigged rigged = {.client = NULL};
  open_rigged(&rigged, 5000);
  const struct witness *witness = &rigged.witness;
  for (uint32_t frozen_ms = 300; frozen_ms < 4000; frozen_ms += 1200) {
    const kinect2_client_stats_t before = remote_stats(rigged.client);
    freeze(&rigged.remote.process);
    sleep_ms(frozen_ms);
    const int frames = witness->frames;
    thaw(&rigged.remote.process);
    CHECK_WITHIN(1000, witness->frames > frames + 3);
    sleep_ms(1000);
    CHECK_EQUAL(witness->disconnects, 0);
    CHECK_EQUAL(witness->removes, 0);
    const kinect2_client_stats_t after = remote_stats(rigged.client);
    printf("  frozen for %.1f s: lost %llu, p99 %.1f ms\n", frozen_ms / 1e3,
           (unsigned long long)(after.lost - before.lost), (double)after.latency_p99_ns / 1e6);
    CHECK_EQUAL(after.corrupt, 0);
  }
  CHECK_EQUAL(witness->connects, 1);
  close_rigged(&rigged);
}

int main(int count, char **arguments) {
  static const struct role roles[] = {SERVER_ROLE, {NULL, NULL}};
  play_role(count, arguments, roles);
  RUN(longer_than_the_response_timeout);
  RUN(shorter_than_the_response_timeout);
  return finish_tests();
}
