/* Strangers at every port of a server that streams: a thousand who come and go at once, talk nonsense, or never speak.
 * The stream flows on, the server answers, and nothing of it stays. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "remote.h"
#include "rig.h"

enum { PORTS = 3, VISITS = 1000, MUTE = 200, HANDSHAKE_MS = 5000 };

static const uint64_t MEMORY = 10 * 1000 * 1000;

struct scene {
  struct remote remote;
  kinect2_client_t *client;
  struct witness witness;
  uint16_t ports[PORTS];
  unsigned descriptors;
  uint64_t memory;
  kinect2_client_stats_t before;
};

static uint16_t port_in(const char *endpoint) {
  const char *colon = strrchr(endpoint, ':');
  REQUIRE(colon != NULL);
  return (uint16_t)strtoul(colon + 1, NULL, 10);
}

static void open_scene(struct scene *scene) {
  scene->remote = start_remote((struct remote_options){.full_size = true});
  scene->client = new_client(scene->remote.endpoint);
  watch_client(scene->client, &scene->witness);
  REQUIRE_OK(kinect2_client_connect(scene->client));
  wait_for_frames(&scene->witness);
  const uint32_t endpoints[] = {KINECT2_ENDPOINT_DEPTH, KINECT2_ENDPOINT_FRAMES_DEPTH};
  scene->ports[0] = port_in(scene->remote.endpoint);
  for (int i = 1; i < PORTS; i++) {
    char endpoint[KINECT2_TEXT_CAPACITY];
    REQUIRE_OK(kinect2_client_endpoint(scene->client, REMOTE_KINECT, endpoints[i - 1], endpoint, sizeof endpoint, NULL));
    scene->ports[i] = port_in(endpoint);
  }
  scene->descriptors = child_descriptors(&scene->remote.process);
  scene->memory = child_resident_bytes(&scene->remote.process);
  scene->before = remote_stats(scene->client);
}

static atomic_int pongs;

static void on_pong(kinect2_client_t *client, kinect2_result_t result, uint64_t round_trip_ns, void *unused) {
  (void)client, (void)round_trip_ns, (void)unused;
  CHECK_EQUAL(result, KINECT2_OK);
  atomic_fetch_add(&pongs, 1);
}

/* The server answers those it knows, and new ones get frames. */
static void check_service(struct scene *scene) {
  const int before = pongs;
  CHECK_OK(kinect2_client_ping(scene->client, on_pong, NULL));
  CHECK_WITHIN(2000, pongs == before + 1);
  struct witness witness = {.frames = 0};
  kinect2_client_t *newcomer = new_client(scene->remote.endpoint);
  watch_client(newcomer, &witness);
  connect_client(newcomer, 1);
  wait_for_frames(&witness);
  CHECK_OK(kinect2_client_destroy(newcomer));
}

static void close_scene(struct scene *scene) {
  check_service(scene);
  CHECK_WITHIN(HANDSHAKE_MS + 5000, child_descriptors(&scene->remote.process) <= scene->descriptors);
  const kinect2_client_stats_t after = remote_stats(scene->client);
  const uint64_t received = after.received - scene->before.received, lost = after.lost - scene->before.lost;
  const uint64_t memory = child_resident_bytes(&scene->remote.process);
  printf("  %" PRIu64 " frames received, %" PRIu64 " lost; descriptors of the server %u -> %u, memory %.1f -> %.1f MB\n",
         received, lost, scene->descriptors, child_descriptors(&scene->remote.process), (double)scene->memory / 1e6,
         (double)memory / 1e6);
  CHECK(lost <= received / 50);
  CHECK(memory < scene->memory + MEMORY);
  CHECK_EQUAL(after.corrupt, 0);
  CHECK_EQUAL(scene->witness.disconnects, 0);
  CHECK_EQUAL(scene->witness.removes, 0);
  CHECK_OK(kinect2_client_destroy(scene->client));
  end_child(&scene->remote.process);
}

static int visit(uint16_t port) {
  const struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  const int visitor = socket(AF_INET, SOCK_STREAM, 0);
  REQUIRE(visitor >= 0);
  REQUIRE(connect(visitor, (const struct sockaddr *)&address, sizeof address) == 0);
  return visitor;
}

/* Comes and goes; every second one so rudely that the connection is reset. */
static void come_and_go(uint16_t port, int number) {
  const struct linger rude = {.l_onoff = 1, .l_linger = 0};
  const int visitor = visit(port);
  if (number % 2 == 1) setsockopt(visitor, SOL_SOCKET, SO_LINGER, &rude, sizeof rude);
  close(visitor);
}

/* A greeting of ZMTP 3.0 with the NULL mechanism, and the beginning of the READY command that follows. */
#define ZEROS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define GREETING "\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL" ZEROS ZEROS ZEROS
#define READY(type) GREETING "\4\x19\5READY\xbSocket-Type\0\0\0\3" type
_Static_assert(sizeof(GREETING) - 1 == 64, "the length of a greeting");

static void talk_nonsense(uint16_t port, int number) {
  static const struct {
    const char *bytes;
    size_t size;
  } nonsense[] = {
#define SAYING(text) {text, sizeof(text) - 1}
      SAYING("GET / HTTP/1.1\r\nHost: kinect\r\n\r\n"),
      SAYING("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
      SAYING("\x01"),
      SAYING("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), /* TLS */
      SAYING(GREETING "nothing of this is a command"),
      SAYING(GREETING "\6\xff\xff\xff\xff\xff\xff\xff\xff"),     /* a command without an end */
      SAYING(READY("ODD")),                                         /* a type that there is not */
      SAYING(READY("SUB") "\0\1\1"),                                /* subscribes and leaves */
      SAYING(READY("SUB") "\0\1\0"),                                /* unsubscribes without having subscribed */
      SAYING(READY("REQ") "\1\0\0\3who"),                          /* no request that there is */
      SAYING(READY("REQ") "\2\xff\xff\xff\xff\xff\xff\xff\xff"), /* a request without an end */
#undef SAYING
  };
  const size_t which = (size_t)number % (sizeof nonsense / sizeof nonsense[0]);
  const int visitor = visit(port);
  const ssize_t sent = send(visitor, nonsense[which].bytes, nonsense[which].size, MSG_NOSIGNAL);
  CHECK_EQUAL(sent, nonsense[which].size);
  if (number % 3 == 0) { /* listens to the answer, for a while */
    struct pollfd answer = {.fd = visitor, .events = POLLIN};
    char bytes[256];
    if (poll(&answer, 1, 20) == 1) CHECK(recv(visitor, bytes, sizeof bytes, 0) > -2);
  }
  close(visitor);
}

static void flood(void (*call)(uint16_t port, int number)) {
  struct scene scene = {.client = NULL};
  open_scene(&scene);
  for (int i = 0; i < VISITS; i++) {
    for (int port = 0; port < PORTS; port++) call(scene.ports[port], i);
    if (i % 500 == 250) check_service(&scene);
  }
  close_scene(&scene);
}

static void thousands_come_and_go(void) { flood(come_and_go); }
static void thousands_talk_nonsense(void) { flood(talk_nonsense); }

/* Whether the other side has closed it. */
static bool is_closed(int visitor) {
  char bytes[128];
  ssize_t got;
  do got = recv(visitor, bytes, sizeof bytes, MSG_DONTWAIT);
  while (got > 0);
  return got == 0;
}

static void those_who_never_speak_are_shown_out(void) {
  struct scene scene = {.client = NULL};
  open_scene(&scene);
  static int visitors[PORTS * MUTE];
  for (int i = 0; i < PORTS * MUTE; i++) visitors[i] = visit(scene.ports[i % PORTS]);
  check_service(&scene);
  sleep_ms(1000);
  const kinect2_client_stats_t among_them = remote_stats(scene.client);
  CHECK(among_them.received - scene.before.received > 25 / slowness());
  const uint64_t limit = deadline_in(HANDSHAKE_MS + 5000);
  int closed = 0;
  for (int i = 0; i < PORTS * MUTE; i++) {
    while (!is_closed(visitors[i]) && now_ns() < limit) sleep_ms(5);
    closed += is_closed(visitors[i]);
    close(visitors[i]);
  }
  CHECK_EQUAL(closed, PORTS * MUTE);
  close_scene(&scene);
}

int main(int count, char **arguments) {
  static const struct role roles[] = {SERVER_ROLE, {NULL, NULL}};
  play_role(count, arguments, roles);
  RUN(thousands_come_and_go);
  RUN(thousands_talk_nonsense);
  RUN(those_who_never_speak_are_shown_out);
  return finish_tests();
}
