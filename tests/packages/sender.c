/* sender.c - serves the realistic mock's depth from memory of its own, and says first what it sends.
 *
 *     sender SERVER_NAME
 *
 * Serves on the loopback interface. Prints `ready` when it can be found, and for each frame, before the library gets it, `depth SEQUENCE
 * CRC32`: its number and the CRC-32 of its pixels as little-endian bytes. The frames of a mock device are copied out, numbered here, and
 * given to a push device, so the sums are of what goes in at one end and not of anything that the server made. Ends on SIGTERM, or after
 * ten minutes. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <streamkinect2.h>

#include "crc32.h"

enum { WIDTH = 512, HEIGHT = 424, TEN_MINUTES = 600 };

static void must(kinect2_result_t result, const char *what) {
  if (result == KINECT2_OK) return;
  char reason[KINECT2_TEXT_CAPACITY] = "";
  kinect2_last_error(reason, sizeof reason, NULL);
  fprintf(stderr, "sender: cannot %s: %s\n", what, reason);
  exit(1);
}

struct sender {
  kinect2_device_t *kinect; /* what the network sees */
  uint64_t sequence;        /* of its next frame */
};

/* Runs on the mock's callback thread, for one frame after the other. */
static void on_mock_frame(kinect2_device_t *mock, kinect2_frame_t *frame, void *user_data) {
  (void)mock;
  struct sender *sender = user_data;
  static uint16_t pixels[HEIGHT][WIDTH];
  static uint8_t bytes[sizeof pixels];
  memcpy(pixels, kinect2_frame_data(frame), sizeof pixels);
  for (size_t i = 0; i < sizeof bytes / 2; i++) {
    bytes[2 * i] = (uint8_t)(pixels[i / WIDTH][i % WIDTH] & 0xFF);
    bytes[2 * i + 1] = (uint8_t)(pixels[i / WIDTH][i % WIDTH] >> 8);
  }
  printf("depth %" PRIu64 " %08" PRIx32 "\n", sender->sequence++, crc32_of(bytes, sizeof bytes));
  must(kinect2_device_push(sender->kinect, KINECT2_STREAM_DEPTH, KINECT2_FORMAT_DEPTH16_MM, WIDTH, HEIGHT, 0, pixels, sizeof pixels, 0),
       "push a frame");
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: sender SERVER_NAME\n");
    return 2;
  }
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  sigset_t end; /* blocked in all threads, and waited for */
  sigemptyset(&end);
  sigaddset(&end, SIGTERM);
  sigprocmask(SIG_BLOCK, &end, NULL);

  struct sender sender = {0};
  must(kinect2_device_create_push("checked-kinect", &sender.kinect), "make the kinect");
  kinect2_server_options_t server_options;
  kinect2_server_options_init(&server_options, sizeof server_options);
  server_options.name = argv[1];
  server_options.address = "127.0.0.1";
  kinect2_server_t *server = NULL;
  must(kinect2_server_create(&server_options, &server), "make the server");
  must(kinect2_server_add_kinect(server, sender.kinect), "add the kinect");
  must(kinect2_device_start(sender.kinect), "start the kinect");
  must(kinect2_server_start(server), "start the server");

  kinect2_mock_options_t mock_options;
  kinect2_mock_options_init(&mock_options, sizeof mock_options);
  mock_options.mode = KINECT2_MOCK_REALISTIC;
  kinect2_device_t *mock = NULL;
  must(kinect2_device_create_mock(&mock_options, &mock), "make the mock");
  must(kinect2_device_on_frame(mock, on_mock_frame, &sender), "watch the mock");
  must(kinect2_device_start(mock), "start the mock");
  puts("ready");

  sigtimedwait(&end, NULL, &(struct timespec){.tv_sec = TEN_MINUTES});
  kinect2_device_destroy(mock); /* its last callback has returned then */
  kinect2_server_destroy(server);
  kinect2_device_destroy(sender.kinect);
  return kinect2_live_objects() == 0 ? 0 : 1;
}
