/* loop.c - see loop.h */
#include "loop.h"

#include <time.h>
#include <unistd.h>

uint32_t next_random(uint32_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;
  return *state;
}

void sleep_us(uint32_t microseconds) {
  const struct timespec rest = {(time_t)(microseconds / 1000000), (long)(microseconds % 1000000) * 1000};
  nanosleep(&rest, NULL);
}

/* ---- pushing ------------------------------------------------------------------------------------------------------- */

static void push_burst(struct pusher *pusher) {
  const uint32_t kind = next_random(&pusher->random) % 8;
  const uint32_t frames = kind == 0 ? 300 : 1 + next_random(&pusher->random) % 40;
  for (uint32_t i = 0; i < frames; i++) {
    push_depth(pusher->device, (uint16_t)i);
    if (kind > 3) sleep_us(next_random(&pusher->random) % 400);
  }
  sleep_us(next_random(&pusher->random) % 4000);
}

static void *push_when_told(void *argument) {
  struct pusher *pusher = argument;
  for (;;) {
    while (sem_wait(&pusher->go) != 0) {
    }
    if (pusher->ended) return NULL;
    if (atomic_exchange(&pusher->burst, false)) push_burst(pusher);
    push_depth(pusher->device, (uint16_t)pusher->marker);
  }
}

void start_pusher(struct pusher *pusher, kinect2_device_t *device) {
  *pusher = (struct pusher){.device = device, .marker = MARKER, .random = 2463534242u};
  REQUIRE(sem_init(&pusher->go, 0, 0) == 0);
  pusher->thread = start_thread(push_when_told, pusher);
}

void end_pusher(struct pusher *pusher) {
  atomic_store(&pusher->ended, true);
  sem_post(&pusher->go);
  pthread_join(pusher->thread, NULL);
  sem_destroy(&pusher->go);
}

uint16_t begin_round(struct pusher *pusher) {
  const uint16_t marker = (uint16_t)(atomic_fetch_add(&pusher->marker, 1) + 1);
  atomic_store(&pusher->burst, true);
  sem_post(&pusher->go);
  return marker;
}

void push_again(struct pusher *pusher) { sem_post(&pusher->go); }

/* ---- taking -------------------------------------------------------------------------------------------------------- */

bool frame_waits(const struct taker *taker) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  return kinect2_client_stats(taker->client, LOOP_KINECT, KINECT2_STREAM_DEPTH, &stats) == KINECT2_OK &&
         stats.received > stats.delivered + stats.dropped;
}

bool take_frame(struct taker *taker) {
  kinect2_frame_t *frame = NULL;
  if (kinect2_client_take_frame(taker->client, NULL, KINECT2_STREAM_ALL, 0, &frame) != KINECT2_OK) return false;
  const kinect2_frame_info_t info = frame_info(frame);
  CHECK(info.sequence >= taker->next_sequence);
  taker->next_sequence = info.sequence + 1;
  taker->value = first_value(frame);
  taker->frames++;
  CHECK_OK(kinect2_frame_release(frame));
  return true;
}

/* Events that came before `since` should have been reported long ago. */

static bool take_event(struct taker *taker, uint64_t since) {
  kinect2_event_t event = {.struct_size = sizeof event};
  if (kinect2_client_next_event(taker->client, 0, &event) != KINECT2_OK) return false;
  const bool unreported_event = event.time_ns < since;
  CHECK(!unreported_event);
  switch (event.type) {
    case KINECT2_EVENT_CONNECT:
      CHECK(!taker->connected);
      taker->connected = true;
      break;
    case KINECT2_EVENT_ADD_KINECT:
      CHECK(taker->connected && !taker->kinect);
      taker->kinect = true;
      break;
    case KINECT2_EVENT_REMOVE_KINECT:
      CHECK(taker->kinect);
      taker->kinect = false;
      break;
    case KINECT2_EVENT_DISCONNECT: /* or it was not connected yet */
      CHECK(!taker->kinect);
      taker->connected = false;
      break;
    case KINECT2_EVENT_PONG:
      CHECK_RESULT(event.result, KINECT2_OK);
      taker->pongs++;
      break;
    default:
      CHECK_EQUAL(event.type, 0); /* none else may come */
  }
  return true;
}

static bool take_server_event(struct loop *loop, uint64_t since) {
  kinect2_event_t event = {.struct_size = sizeof event};
  if (kinect2_server_next_event(loop->server, 0, &event) != KINECT2_OK) return false;
  const bool unreported_server_event = event.time_ns < since;
  CHECK(!unreported_server_event);
  if (event.type == KINECT2_EVENT_SUBSCRIBERS) loop->subscribers = event.value;
  return true;
}

static bool take_browser_event(struct loop *loop, uint64_t since) {
  kinect2_event_t event = {.struct_size = sizeof event};
  if (kinect2_browser_next_event(loop->browser, 0, &event) != KINECT2_OK) return false;
  const bool unreported_browser_event = event.time_ns < since;
  CHECK(!unreported_browser_event);
  if (strcmp(event.id, loop->name) != 0) {
    loop->strangers++;
  } else {
    CHECK_EQUAL(event.type, loop->listed ? KINECT2_EVENT_REMOVE_SERVER : KINECT2_EVENT_ADD_SERVER);
    loop->listed = !loop->listed;
  }
  return true;
}

static bool take_at(struct loop *loop, int place, uint64_t since) {
  if (place == SERVER) return take_server_event(loop, since);
  if (place == BROWSER) return take_browser_event(loop, since);
  struct taker *taker = &loop->takers[place / 2];
  return place % 2 == 0 ? take_frame(taker) : take_event(taker, since);
}

/* Nothing was reported for QUIET_MS. */
static void check_that_nothing_waits(struct loop *loop) {
  const uint64_t long_ago = now_ns() - (uint64_t)wait_ms(QUIET_MS) * 500000u;
  for (int place = 0; place < PLACES; place++) {
    const int descriptor = loop->waited[place].fd;
    if (descriptor < 0) continue;
    if (place < SERVER && place % 2 == 0) {
      const struct taker *taker = &loop->takers[place / 2];
      const bool unreported_frame = frame_waits(taker) && !readable(descriptor, 0) && frame_waits(taker);
      CHECK(!unreported_frame);
    } else if (!readable(descriptor, 0)) {
      take_at(loop, place, long_ago);
    }
  }
}

bool turn(struct loop *loop) {
  const int ready = poll(loop->waited, PLACES, (int)wait_ms(QUIET_MS));
  REQUIRE(ready >= 0);
  if (ready == 0) check_that_nothing_waits(loop);
  for (int place = 0; place < PLACES && ready > 0; place++) {
    const struct pollfd *waited = &loop->waited[place];
    if (waited->fd < 0 || waited->revents == 0) continue;
    CHECK_EQUAL(waited->revents, POLLIN);
    if (!take_at(loop, place, 0)) loop->for_nothing++;
  }
  loop->turns += ready > 0;
  return ready > 0;
}

void turn_until(struct loop *loop, bool (*holds)(const struct loop *)) {
  for (const uint64_t deadline = deadline_in(15000); !holds(loop); turn(loop)) REQUIRE(now_ns() < deadline);
}

void turn_until_quiet(struct loop *loop) {
  for (const uint64_t deadline = deadline_in(15000); turn(loop);) REQUIRE(now_ns() < deadline);
}

bool is_listed(const struct loop *loop) { return loop->listed; }

bool is_not_listed(const struct loop *loop) { return !loop->listed; }

bool all_are_there(const struct loop *loop) {
  bool all = loop->subscribers == (uint64_t)loop->count;
  for (int i = 0; i < loop->count; i++) all &= loop->takers[i].kinect;
  return all;
}

/* ---- loops --------------------------------------------------------------------------------------------------------- */

void add_client(struct loop *loop, int number) {
  struct taker *taker = &loop->takers[number];
  *taker = (struct taker){.client = new_client(loop->endpoint)};
  for (int i = 0; i < 2; i++) {
    intptr_t descriptor = -1;
    REQUIRE_OK(kinect2_client_poll_fd(taker->client, i == 0 ? KINECT2_POLL_FRAMES : KINECT2_POLL_EVENTS, &descriptor));
    loop->waited[2 * number + i].fd = (int)descriptor;
  }
  CHECK_OK(kinect2_client_enable_depth_frames(taker->client, NULL));
  CHECK_OK(kinect2_client_connect(taker->client));
}

void remove_client(struct loop *loop, int number) {
  loop->waited[2 * number].fd = loop->waited[2 * number + 1].fd = -1;
  CHECK_OK(kinect2_client_destroy(loop->takers[number].client));
}

void open_loop(struct loop *loop, int clients, bool announced) {
  *loop = (struct loop){.count = clients, .random = 521288629u, .device = new_push(LOOP_KINECT)};
  for (int i = 0; i < PLACES; i++) loop->waited[i] = (struct pollfd){.fd = -1, .events = POLLIN};
  /* Slow in its own words: so no pause on a busy machine is taken for a sleep of the process, which drops what waits. */
  const kinect2_stream_info_t depth = {.struct_size = sizeof depth,
                                       .stream = KINECT2_STREAM_DEPTH,
                                       .format = KINECT2_FORMAT_DEPTH16_MM,
                                       .codec = KINECT2_CODEC_RAW,
                                       .width = SMALL_WIDTH,
                                       .height = SMALL_HEIGHT,
                                       .frame_rate = 0.1};
  REQUIRE_OK(kinect2_device_declare_stream(loop->device, &depth));
  kinect2_server_options_t options = quiet_options();
  snprintf(loop->name, sizeof loop->name, "Polled %ld", (long)getpid());
  options.name = loop->name;
  options.announce = announced;
  options.port = announced ? free_port() : 0; /* it is started again, with clients */
  REQUIRE_OK(kinect2_server_create(&options, &loop->server));
  REQUIRE_OK(kinect2_server_add_kinect(loop->server, loop->device));
  intptr_t descriptor = -1;
  REQUIRE_OK(kinect2_server_poll_fd(loop->server, KINECT2_POLL_EVENTS, &descriptor));
  loop->waited[SERVER].fd = (int)descriptor;
  REQUIRE_OK(kinect2_server_start(loop->server));
  REQUIRE_OK(kinect2_device_start(loop->device));
  control_endpoint(loop->server, loop->endpoint);
  for (int i = 0; i < clients; i++) add_client(loop, i);
  turn_until(loop, all_are_there);
}

void add_browser(struct loop *loop) {
  kinect2_browser_options_t options;
  kinect2_browser_options_init(&options, sizeof options);
  options.address = "127.0.0.1";
  intptr_t descriptor = -1;
  REQUIRE_OK(kinect2_browser_create(&options, &loop->browser));
  REQUIRE_OK(kinect2_browser_poll_fd(loop->browser, KINECT2_POLL_EVENTS, &descriptor));
  CHECK(!readable(descriptor, 0));
  loop->waited[BROWSER].fd = (int)descriptor;
  REQUIRE_OK(kinect2_browser_start(loop->browser));
  turn_until(loop, is_listed);
}

void close_loop(struct loop *loop) {
  for (int i = 0; i < loop->count; i++) remove_client(loop, i);
  CHECK_OK(kinect2_browser_destroy(loop->browser));
  CHECK_OK(kinect2_server_destroy(loop->server));
  CHECK_OK(kinect2_device_destroy(loop->device));
}

static bool round_is_over(const struct loop *loop, uint16_t marker) {
  bool over = true;
  for (int i = 0; i < loop->count; i++) {
    const struct taker *taker = &loop->takers[i];
    over &= taker->value == marker && taker->pongs == taker->pings;
  }
  return over;
}

void play_round(struct loop *loop, struct pusher *pusher) {
  const uint16_t marker = begin_round(pusher);
  for (int i = 0; i < loop->count; i++) {
    const uint32_t pings = next_random(&loop->random) % 4;
    for (uint32_t k = 0; k < pings; k++) CHECK_OK(kinect2_client_ping(loop->takers[i].client, NULL, NULL));
    loop->takers[i].pings += pings;
  }
  const uint64_t deadline = deadline_in(15000);
  bool pushed_again = false;
  while (!round_is_over(loop, marker)) {
    REQUIRE(now_ns() < deadline);
    if (turn(loop)) continue;
    push_again(pusher);
    pushed_again = true;
  }
  if (!pushed_again) CHECK_EQUAL(poll(loop->waited, SERVER, 0), 0); /* all was taken, and nothing is under way */
}

void check_figures(const struct loop *loop) {
  for (int i = 0; i < loop->count; i++) {
    kinect2_client_stats_t stats = {.struct_size = sizeof stats};
    CHECK_OK(kinect2_client_stats(loop->takers[i].client, LOOP_KINECT, KINECT2_STREAM_DEPTH, &stats));
    CHECK_EQUAL(stats.taken, loop->takers[i].frames);
    CHECK_EQUAL(stats.received, stats.delivered + stats.dropped);
  }
}
