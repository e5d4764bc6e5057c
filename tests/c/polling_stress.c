/* The descriptors of poll_fd under stress: one poll() for ten clients, a server and a browser; frames at full speed and in
 * bursts, events among them; several threads that take; connections and streams that come and go. No wake-up is lost, none
 * is for nothing where one thread takes, and waiting costs nothing.
 *
 *     polling_stress [DIVISOR]     with DIVISOR, that many times fewer rounds */
#include "loop.h"

#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

static unsigned divisor = 1;

static unsigned rounds(unsigned count) { return count / divisor > 2 ? count / divisor : 2; }

static bool one_has_gone(const struct loop *loop) { return loop->subscribers + 1 == (uint64_t)loop->count; }

static void stress(int clients, unsigned count) {
  static struct loop loop;
  struct pusher pusher;
  open_loop(&loop, clients, false);
  start_pusher(&pusher, loop.device);
  for (unsigned round = 0; round < count; round++) {
    play_round(&loop, &pusher);
    if (round % 16 != 15) continue;
    const int number = (int)(round / 16) % clients; /* one goes, and another takes its place */
    remove_client(&loop, number);
    turn_until(&loop, one_has_gone);
    add_client(&loop, number);
    turn_until(&loop, all_are_there);
  }
  end_pusher(&pusher);
  turn_until_quiet(&loop); /* markers that were pushed again */
  check_figures(&loop);
  CHECK_EQUAL(loop.for_nothing, 0);
  printf("  woken up %llu times, for nothing %llu times\n", (unsigned long long)loop.turns,
         (unsigned long long)loop.for_nothing);
  close_loop(&loop);
}

static void one_client_in_bursts(void) { stress(1, rounds(400)); }

static void ten_clients_in_one_loop(void) { stress(MOST, rounds(160)); }

enum { SEEN = 1 << 18 };

struct shared {
  kinect2_client_t *client;
  int descriptor, end[2]; /* of frames; a pipe that becomes readable at the end */
  atomic_uint value, frames;
  atomic_uchar seen[SEEN];
};

static void note_frame(struct shared *shared, kinect2_frame_t *frame) {
  const kinect2_frame_info_t info = frame_info(frame);
  REQUIRE(info.sequence < SEEN);
  CHECK_EQUAL(atomic_fetch_add(&shared->seen[info.sequence], 1), 0); /* each goes to one of them */
  /* Less than from one heartbeat to the next, which would wake up those who were forgotten. */
  CHECK(now_ns() - info.receive_time_ns < (uint64_t)wait_ms(250) * 1000000u);
  atomic_fetch_add(&shared->frames, 1);
  const uint16_t value = first_value(frame);
  if (value >= MARKER) atomic_store(&shared->value, value);
  CHECK_OK(kinect2_frame_release(frame));
}

static void *poll_and_take(void *argument) {
  struct shared *shared = argument;
  struct pollfd waited[] = {{.fd = shared->descriptor, .events = POLLIN}, {.fd = shared->end[0], .events = POLLIN}};
  while (poll(waited, 2, -1) > 0 && waited[1].revents == 0) {
    kinect2_frame_t *frame = NULL;
    const kinect2_result_t result = kinect2_client_take_frame(shared->client, NULL, KINECT2_STREAM_DEPTH, 0, &frame);
    if (result == KINECT2_OK) note_frame(shared, frame);
    CHECK(result == KINECT2_OK || result == KINECT2_TIMEOUT); /* the other one was faster */
  }
  return NULL;
}

static void *wait_and_take(void *argument) {
  struct shared *shared = argument;
  kinect2_frame_t *frame = NULL;
  while (kinect2_client_take_frame(shared->client, NULL, KINECT2_STREAM_DEPTH, KINECT2_WAIT_FOREVER, &frame) == KINECT2_OK)
    note_frame(shared, frame);
  return NULL; /* disconnected */
}

/* Of one kind, so that none does the work of another who was not woken. */
static void share(void *(*take)(void *)) {
  enum { THREADS = 3 };
  static struct loop loop;
  static struct shared shared;
  struct pusher pusher;
  pthread_t threads[THREADS];
  open_loop(&loop, 1, false);
  start_pusher(&pusher, loop.device);
  memset(&shared, 0, sizeof shared);
  shared.client = loop.takers[0].client;
  shared.descriptor = loop.waited[0].fd;
  REQUIRE(pipe(shared.end) == 0);
  for (int i = 0; i < THREADS; i++) threads[i] = start_thread(take, &shared);
  for (unsigned round = 0; round < rounds(300); round++) {
    const uint16_t marker = begin_round(&pusher);
    const uint64_t deadline = deadline_in(15000);
    while (shared.value != marker) {
      for (const uint64_t end = deadline_in(QUIET_MS); shared.value != marker && now_ns() < end;) sleep_us(50);
      if (shared.value == marker) break;
      REQUIRE(now_ns() < deadline);
      CHECK_WITHIN(2000, !frame_waits(&loop.takers[0])); /* else it was not reported: its takers sleep */
      push_again(&pusher);
    }
  }
  end_pusher(&pusher);
  sleep_ms(wait_ms(QUIET_MS)); /* markers that were pushed again */
  loop.takers[0].frames = shared.frames;
  check_figures(&loop);
  REQUIRE(write(shared.end[1], "", 1) == 1);
  CHECK_OK(kinect2_client_disconnect(shared.client));
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  close_loop(&loop);
  close(shared.end[0]);
  close(shared.end[1]);
}

static void threads_that_poll_share_a_handle(void) { share(poll_and_take); }

static void threads_that_wait_share_a_handle(void) { share(wait_and_take); }

struct disturber {
  struct loop *loop;
  unsigned times;
  atomic_bool over;
};

/* What is dropped makes no descriptor readable: nothing comes here between the two calls. */
static void *disturb(void *argument) {
  struct disturber *disturber = argument;
  uint32_t random = 88675123u;
  for (unsigned i = 0; i < disturber->times; i++) {
    const uint32_t number = next_random(&random) % MOST;
    kinect2_client_t *client = disturber->loop->takers[number].client;
    const int frames = disturber->loop->waited[2 * number].fd;
    if (next_random(&random) % 2 == 0) {
      CHECK_OK(kinect2_client_disconnect(client));
      CHECK(!readable(frames, 0));
      CHECK_OK(kinect2_client_connect(client));
    } else {
      CHECK_OK(kinect2_client_disable_depth_frames(client, NULL));
      CHECK(!readable(frames, 0));
      CHECK_OK(kinect2_client_enable_depth_frames(client, NULL));
    }
    sleep_us(next_random(&random) % 8000);
  }
  atomic_store(&disturber->over, true);
  return NULL;
}

static void *push_steadily(void *argument) {
  struct disturber *disturber = argument;
  while (!disturber->over) {
    push_depth(disturber->loop->device, 1);
    sleep_us(500);
  }
  return NULL;
}

static void connections_and_streams_come_and_go(void) {
  static struct loop loop;
  struct pusher pusher;
  open_loop(&loop, MOST, false);
  struct disturber disturber = {.loop = &loop, .times = rounds(400)};
  const pthread_t threads[] = {start_thread(disturb, &disturber), start_thread(push_steadily, &disturber)};
  while (!disturber.over) turn(&loop);
  for (size_t i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  turn_until(&loop, all_are_there);
  printf("  woken up %llu times, for nothing %llu times\n", (unsigned long long)loop.turns,
         (unsigned long long)loop.for_nothing); /* frames that the disturber dropped when they had been reported */
  loop.for_nothing = 0;
  start_pusher(&pusher, loop.device);
  for (unsigned round = 0; round < 10; round++) play_round(&loop, &pusher);
  end_pusher(&pusher);
  CHECK_EQUAL(loop.for_nothing, 0);
  close_loop(&loop);
}

#ifdef __linux__
/* Reported is what comes to nothing, so all must be taken each time. */
static void edge_triggered_loops_take_until_there_is_no_more(void) {
  static struct loop loop;
  struct pusher pusher;
  open_loop(&loop, 1, false);
  start_pusher(&pusher, loop.device);
  struct taker *taker = &loop.takers[0];
  struct epoll_event event = {.events = EPOLLIN | EPOLLET};
  const int epoll = epoll_create1(0);
  REQUIRE(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, loop.waited[0].fd, &event) == 0);
  for (unsigned round = 0; round < rounds(200); round++) {
    const uint16_t marker = begin_round(&pusher);
    for (const uint64_t deadline = deadline_in(15000); taker->value != marker;) {
      REQUIRE(now_ns() < deadline);
      if (epoll_wait(epoll, &event, 1, (int)wait_ms(QUIET_MS)) == 1) {
        const uint64_t before = taker->frames;
        while (take_frame(taker)) {
        }
        CHECK(taker->frames > before); /* not woken up for nothing */
        continue;
      }
      const bool unreported_frame = frame_waits(taker) && epoll_wait(epoll, &event, 1, 0) == 0 && frame_waits(taker);
      CHECK(!unreported_frame);
      push_again(&pusher);
    }
  }
  end_pusher(&pusher);
  close(epoll);
  close_loop(&loop);
}
#endif

static uint64_t processor_time_ns(void) {
  struct rusage used;
  REQUIRE(getrusage(RUSAGE_SELF, &used) == 0);
  return ((uint64_t)used.ru_utime.tv_sec + (uint64_t)used.ru_stime.tv_sec) * 1000000000u +
         ((uint64_t)used.ru_utime.tv_usec + (uint64_t)used.ru_stime.tv_usec) * 1000u;
}

/* Ten clients with their streams enabled, their server and a browser, all in this process; and nothing is pushed. */
static void waiting_costs_nothing(void) {
  static struct loop loop;
  struct pusher pusher;
  open_loop(&loop, MOST, true);
  add_browser(&loop);
  start_pusher(&pusher, loop.device);
  for (unsigned round = 0; round < 3; round++) play_round(&loop, &pusher);
  end_pusher(&pusher);
  turn_until_quiet(&loop);
  loop.turns = loop.strangers = 0;
  const uint64_t processor = processor_time_ns(), start = now_ns(), end = start + 2000000000u;
  for (uint64_t now = start; now < end; now = now_ns()) {
    const int ready = poll(loop.waited, PLACES, (int)((end - now) / 1000000u) + 1);
    REQUIRE(ready >= 0);
    if (ready > 0) turn(&loop);
  }
  const double share = (double)(processor_time_ns() - processor) / (double)(now_ns() - start);
  printf("  idle: %.2f %% of a core\n", share * 100);
  CHECK(share < 0.05 * slowness());
  CHECK_EQUAL(loop.turns, loop.strangers);
  CHECK_EQUAL(loop.for_nothing, 0);
  close_loop(&loop);
}

static void a_browser_and_a_server_report_what_happens_to_them(void) {
  static struct loop loop;
  open_loop(&loop, 1, true);
  add_browser(&loop);
  const int browser = loop.waited[BROWSER].fd, server = loop.waited[SERVER].fd;
  kinect2_event_t event = {.struct_size = sizeof event};
  for (int i = 0; i < 2; i++) {
    CHECK_OK(kinect2_server_stop(loop.server));
    CHECK(readable(server, 0)); /* its subscriber has gone */
    turn_until(&loop, is_not_listed);
    CHECK_EQUAL(loop.subscribers, 0);
    CHECK_OK(kinect2_server_start(loop.server));
    turn_until(&loop, is_listed);
    turn_until(&loop, all_are_there);
  }
  CHECK_EQUAL(loop.for_nothing, 0);

  /* What is not taken is reported again and again, also after the end; then there is nothing, for ever. */
  CHECK_OK(kinect2_server_stop(loop.server));
  for (int i = 0; i < 100; i++) CHECK(readable(browser, i == 0 ? wait_ms(5000) : 0));
  CHECK_OK(kinect2_browser_stop(loop.browser));
  CHECK(readable(browser, 0));
  while (kinect2_browser_next_event(loop.browser, 0, &event) == KINECT2_OK) {
  }
  CHECK(!readable(browser, 0));
  CHECK_RESULT(kinect2_browser_next_event(loop.browser, KINECT2_WAIT_FOREVER, &event), KINECT2_CLOSED);
  intptr_t descriptor = -1;
  CHECK_OK(kinect2_browser_poll_fd(loop.browser, KINECT2_POLL_EVENTS, &descriptor));
  CHECK_EQUAL(descriptor, browser);
  close_loop(&loop);
}

int main(int count, char *arguments[]) {
  if (count > 1) divisor = (unsigned)strtoul(arguments[1], NULL, 10);
  RUN(one_client_in_bursts);
  RUN(ten_clients_in_one_loop);
  RUN(threads_that_poll_share_a_handle);
  RUN(threads_that_wait_share_a_handle);
  RUN(connections_and_streams_come_and_go);
#ifdef __linux__
  RUN(edge_triggered_loops_take_until_there_is_no_more);
#endif
  RUN(waiting_costs_nothing);
  RUN(a_browser_and_a_server_report_what_happens_to_them);
  return finish_tests();
}
