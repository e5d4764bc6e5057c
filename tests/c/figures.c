/* Figures add up, exactly: on the server every captured frame is encoded, dropped or wanted by nobody; on the client every received one is
 * delivered, dropped or waiting; and what the server encoded or dropped is what the client received or lost. Under bursts, stalls,
 * disabling and restarts. */
#include "rig.h"

struct books {
  struct rig rig;
  uint64_t pushed, unwanted; /* in all; of these, while nobody was subscribed */
  kinect2_server_stats_t server;
  kinect2_client_stats_t client;
};

static void push_some(struct books *books, unsigned count, uint32_t pause_ms) {
  for (unsigned i = 0; i < count; i++) {
    push_depth(books->rig.device, (uint16_t)books->pushed++);
    if (pause_ms != 0) sleep_ms(pause_ms);
  }
}

static kinect2_server_stats_t server_stats(const struct books *books) {
  kinect2_server_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_server_stats(books->rig.server, books->rig.id, KINECT2_STREAM_DEPTH, &stats));
  return stats;
}

static kinect2_client_stats_t client_stats(const struct books *books) {
  kinect2_client_stats_t stats = {.struct_size = sizeof stats};
  CHECK_OK(kinect2_client_stats(books->rig.client, books->rig.id, KINECT2_STREAM_DEPTH, &stats));
  return stats;
}

/* A frame by itself, which nothing can keep from arriving: a gap shows only when something comes after it. */
static void push_one_that_arrives(struct books *books) {
  sleep_ms(300);
  const uint64_t received = client_stats(books).received;
  push_some(books, 1, 0);
  CHECK_WITHIN(2000, client_stats(books).received == received + 1);
}

/* Takes what waits, and checks the sums on each side; `server`, `client`: what they were at the last balance. */
static void balance(struct books *books, const char *when) {
  kinect2_frame_t *frame = NULL;
  while (kinect2_client_take_frame(books->rig.client, NULL, KINECT2_STREAM_ALL, 0, &frame) == KINECT2_OK) {
    CHECK_OK(kinect2_frame_release(frame));
  }
  const kinect2_server_stats_t server = server_stats(books);
  const kinect2_client_stats_t client = client_stats(books);
  printf("  %s: in %llu = encoded %llu + dropped %llu + unwanted %llu; received %llu, lost %llu, dropped %llu\n", when,
         (unsigned long long)server.frames_in, (unsigned long long)server.encoded, (unsigned long long)server.dropped,
         (unsigned long long)books->unwanted, (unsigned long long)client.received, (unsigned long long)client.lost,
         (unsigned long long)client.dropped);
  CHECK_EQUAL(server.frames_in, books->pushed);
  CHECK_EQUAL(server.encoded + server.dropped + books->unwanted, server.frames_in);
  CHECK_EQUAL(server.sent, server.encoded);
  CHECK_EQUAL(client.delivered + client.dropped, client.received);
  CHECK_EQUAL(client.corrupt, 0);
  const uint64_t offered = server.encoded + server.dropped - books->server.encoded - books->server.dropped;
  CHECK_EQUAL(client.received + client.lost - books->client.received - books->client.lost, offered);
  books->server = server;
  books->client = client;
}

/* Subscribes; the figures of the client begin at 0. */
static void enable(struct books *books) {
  CHECK_OK(kinect2_client_enable_depth_frames(books->rig.client, books->rig.id));
  wait_for_subscribers(books->rig.server, books->rig.id, 1);
  books->client = (kinect2_client_stats_t){0};
  books->server = server_stats(books);
}

static struct books open_books(void) {
  struct books books = {.rig = open_rig(new_push("counted"))};
  push_some(&books, 20, 0);
  books.unwanted = 20;
  enable(&books);
  push_one_that_arrives(&books);
  return books;
}

static void bursts_and_pauses(void) {
  struct books books = open_books();
  balance(&books, "one");
  push_some(&books, 100, 5);
  push_one_that_arrives(&books);
  balance(&books, "paced");
  for (int i = 0; i < 5; i++) {
    push_some(&books, 2000, 0);
    push_one_that_arrives(&books);
    balance(&books, "burst");
  }
  CHECK(books.client.lost > 0); /* else this was no burst */
  close_rig(&books.rig);
}

static void hold(kinect2_client_t *client, const char *id, kinect2_frame_t *frame, void *gate) {
  (void)client, (void)id, (void)frame;
  pass_gate(gate);
}

static void a_stalled_callback(void) {
  struct books books = open_books();
  struct gate gate = {0};
  CHECK_OK(kinect2_client_on_depth_frame(books.rig.client, hold, &gate));
  push_some(&books, 100, 5);
  push_one_that_arrives(&books);
  gate.open = 1;
  CHECK_OK(kinect2_client_on_depth_frame(books.rig.client, NULL, NULL));
  balance(&books, "stalled");
  CHECK(books.client.dropped > 50);
  close_rig(&books.rig);
}

static void disabling_in_between(void) {
  struct books books = open_books();
  balance(&books, "before");
  for (int i = 0; i < 3; i++) {
    CHECK_OK(kinect2_client_disable_depth_frames(books.rig.client, books.rig.id));
    wait_for_subscribers(books.rig.server, books.rig.id, 0);
    push_some(&books, 50, 0);
    books.unwanted += 50;
    enable(&books);
    push_one_that_arrives(&books); /* what is missing before the first frame is not known to be */
    push_some(&books, 500, 0);
    push_one_that_arrives(&books);
    balance(&books, "enabled again");
  }
  close_rig(&books.rig);
}

static void restarts_of_the_server(void) {
  struct books books = open_books();
  for (int i = 0; i < 3; i++) {
    push_some(&books, 500, 0);
    push_one_that_arrives(&books);
    balance(&books, "before a restart");
    CHECK_OK(kinect2_server_stop(books.rig.server));
    push_some(&books, 50, 0);
    books.unwanted += 50;
    kinect2_server_stats_t stopped = server_stats(&books);
    CHECK_EQUAL(stopped.subscribers, 0);
    CHECK_OK(kinect2_server_start(books.rig.server));
    char endpoint[KINECT2_TEXT_CAPACITY];
    control_endpoint(books.rig.server, endpoint); /* another port: a new client */
    CHECK_OK(kinect2_client_destroy(books.rig.client));
    books.rig.client = new_client(endpoint);
    connect_client(books.rig.client, 1);
    enable(&books);
    push_one_that_arrives(&books);
  }
  balance(&books, "after the last one");
  close_rig(&books.rig);
}

int main(void) {
  RUN(bursts_and_pauses);
  RUN(a_stalled_callback);
  RUN(disabling_in_between);
  RUN(restarts_of_the_server);
  return finish_tests();
}
