/* The depth messages recorded from the 2014 implementation decode, and ours say the same in as many bits.
 * Argument: the folder of NAME.msg, 512x424 unless the name ends in _WxH. */
#include <dirent.h>

#include "check.h"
#include "scene.h"

enum { MAX_BYTES = 4 * SCENE_PIXELS };

static uint16_t decoded[SCENE_PIXELS], again[SCENE_PIXELS];
static unsigned char message[MAX_BYTES], ours[MAX_BYTES];
static const char *folder;

static size_t read_message(const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!CHECK(file != NULL)) return 0;
  const size_t size = fread(message, 1, sizeof message, file);
  fclose(file);
  return size;
}

/* What some recordings show is known without looking. */
static void check_content(const char *name, size_t pixels) {
  int dx = 0;
  if (sscanf(name, "mock_dx%d.msg", &dx) == 1) {
    draw_scene(dx, again);
  } else if (strcmp(name, "zeros.msg") == 0) {
    memset(again, 0, sizeof again);
  } else {
    return;
  }
  CHECK(memcmp(decoded, again, pixels * sizeof *decoded) == 0);
}

static void check_recording(const char *name) {
  unsigned width = SCENE_WIDTH, height = SCENE_HEIGHT;
  const char *ending = strrchr(name, '_');
  if (ending != NULL && sscanf(ending, "_%ux%u.msg", &width, &height) != 2) width = SCENE_WIDTH, height = SCENE_HEIGHT;
  const size_t pixels = (size_t)width * height, size = read_message(name);
  CHECK_OK(kinect2_decompress_depth(KINECT2_CODEC_LZ4_PACKED, message, size, width, height, decoded, pixels));
  check_content(name, pixels);

  size_t our_size = 0, wrong = 0;
  CHECK_OK(kinect2_compress_depth(KINECT2_CODEC_LZ4_PACKED, decoded, width, height, ours, sizeof ours, &our_size));
  CHECK(memcmp(ours, message, 4) == 0); /* the length word; LZ4's own output is not canonical */
  CHECK_OK(kinect2_decompress_depth(KINECT2_CODEC_LZ4_PACKED, ours, our_size, width, height, again, pixels));
  for (size_t i = 0; i < pixels; i++) wrong += again[i] != decoded[i] || decoded[i] > 4095;
  CHECK_EQUAL(wrong, 0);
  printf("  %s: %zu bytes, ours %zu\n", name, size, our_size);
}

static void every_recorded_message_decodes(void) {
  unsigned recordings = 0;
  DIR *listing = opendir(folder);
  REQUIRE(listing != NULL);
  for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
    const char *ending = strrchr(entry->d_name, '.');
    if (ending == NULL || strcmp(ending, ".msg") != 0) continue;
    check_recording(entry->d_name);
    recordings++;
  }
  closedir(listing);
  CHECK(recordings > 0);
}

int main(int count, char **arguments) {
  if (count != 2) {
    fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
    return 2;
  }
  folder = arguments[1];
  RUN(every_recorded_message_decodes);
  return finish_tests();
}
