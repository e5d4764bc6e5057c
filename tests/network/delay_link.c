/* delay_link.c - a cable that takes time: passes Ethernet frames from one interface to another and back, each after the same delay.
 *
 * It works on packets, beneath TCP, so acknowledgements are as late as data and each end sees the round trip that it would see on a
 * long line. (A proxy that accepts and connects answers each end itself: to that the other end looks near.) Packets keep their order,
 * none is lost, and nothing limits the rate but this program's speed.
 *
 * What the kernel leaves to network cards, checksums and cutting large packets, it says in a header before each packet
 * (PACKET_VNET_HDR); passed on with the packet, it is done by whoever receives that. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_BYTES = 66 * 1024, PATIENCE_MS = 10000 };

struct packet {
  struct packet *next;
  uint64_t due_ns;
  size_t size;
  unsigned char bytes[];
};

/* Packets that wait to leave by one interface. */
struct end {
  int socket;
  struct packet *first, **last;
};

static void give_up(const char *what, const char *which) {
  fprintf(stderr, "delay_link: %s %s: %s\n", what, which, strerror(errno));
  exit(EXIT_FAILURE);
}

static uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int open_interface(const char *name) {
  const int on = 1, buffer = 16 << 20;
  const struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = (int)if_nametoindex(name)};
  const int raw = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
  if (address.sll_ifindex == 0 || raw < 0) give_up("cannot open", name);
  /* A large buffer, as far as the system allows: a packet that finds none would be lost. */
  if (setsockopt(raw, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) != 0)
    setsockopt(raw, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  setsockopt(raw, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  if (setsockopt(raw, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0 ||
      setsockopt(raw, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0 ||
      bind(raw, (const struct sockaddr *)&address, sizeof address) != 0)
    give_up("cannot use", name);
  return raw;
}

/* Takes what has come by one end and queues it for the other. */
static void take(const struct end *from, struct end *to, uint64_t delay_ns) {
  static unsigned char bytes[MOST_BYTES];
  for (;;) {
    const ssize_t size = recv(from->socket, bytes, sizeof bytes, MSG_TRUNC);
    if (size <= 0 || (size_t)size > sizeof bytes) return;
    struct packet *packet = malloc(sizeof *packet + (size_t)size);
    if (!packet) give_up("cannot keep", "a packet");
    packet->next = NULL;
    packet->due_ns = now_ns() + delay_ns;
    packet->size = (size_t)size;
    memcpy(packet->bytes, bytes, packet->size);
    *to->last = packet;
    to->last = &packet->next;
  }
}

/* Sends what is due. A packet that an interface does not take, as one that is down, is lost like on a cable that was pulled. */
static void pass(struct end *end, uint64_t now) {
  while (end->first && end->first->due_ns <= now) {
    struct packet *packet = end->first;
    if (send(end->socket, packet->bytes, packet->size, 0) < 0 && errno == EAGAIN) {
      packet->due_ns = now + 100000;
      return;
    }
    end->first = packet->next;
    if (!end->first) end->last = &end->first;
    free(packet);
  }
}

static void wait_for(const struct end ends[2]) {
  uint64_t due = now_ns() + PATIENCE_MS * UINT64_C(1000000);
  for (int i = 0; i < 2; i++)
    if (ends[i].first && ends[i].first->due_ns < due) due = ends[i].first->due_ns;
  const uint64_t now = now_ns(), left = due > now ? due - now : 0;
  const struct timespec timeout = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
  struct pollfd items[2] = {{.fd = ends[0].socket, .events = POLLIN}, {.fd = ends[1].socket, .events = POLLIN}};
  ppoll(items, 2, &timeout, NULL);
}

int main(int argc, char **argv) {
  char *end_of_number = NULL;
  const double milliseconds = argc == 4 ? strtod(argv[3], &end_of_number) : -1;
  if (!(milliseconds >= 0 && milliseconds <= 10000) || *end_of_number != '\0') {
    fprintf(stderr, "usage: delay_link INTERFACE INTERFACE MILLISECONDS\n\n"
                    "Passes packets between two interfaces, each way after so long.\n");
    return 2;
  }
  struct end ends[2];
  for (int i = 0; i < 2; i++) {
    ends[i] = (struct end){.socket = open_interface(argv[1 + i])};
    ends[i].last = &ends[i].first;
  }
  prctl(PR_SET_TIMERSLACK, 1000ul);
  printf("passing\n");
  fflush(stdout);
  for (;;) {
    wait_for(ends);
    for (int i = 0; i < 2; i++) take(&ends[i], &ends[1 - i], (uint64_t)(milliseconds * 1e6));
    for (int i = 0; i < 2; i++) pass(&ends[i], now_ns());
  }
}
