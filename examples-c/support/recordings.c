/* recordings.c - reads recorded frames into memory. */
#include "recordings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "streamkinect2.h"
#include "system.h"

enum { KINECT2_WIDTH = 512, KINECT2_HEIGHT = 424, LARGEST_SIDE = 8192 };

static const char *file_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

/* The last `_WxH` of the name; false: there is none. */
static bool size_in_name(const char *name, uint32_t *width, uint32_t *height) {
  bool found = false;
  for (const char *at = strchr(name, '_'); at; at = strchr(at + 1, '_')) {
    unsigned w = 0, h = 0;
    if (sscanf(at, "_%5ux%5u", &w, &h) == 2) {
      *width = w;
      *height = h;
      found = true;
    }
  }
  return found;
}

/* Width and height of a file of `bytes` bytes; false: they are not known, stderr says why. */
static bool frame_size(const char *path, size_t bytes, uint32_t *width, uint32_t *height) {
  bool named = size_in_name(file_name(path), width, height);
  if (!named) {
    *width = KINECT2_WIDTH;
    *height = KINECT2_HEIGHT;
  }
  if (*width < 1 || *height < 1 || *width > LARGEST_SIDE || *height > LARGEST_SIDE) {
    fprintf(stderr, "%s: %ux%u is not a size of a frame (1 to %d)\n", path, *width, *height,
            LARGEST_SIDE);
    return false;
  }
  size_t wanted = (size_t)*width * *height * sizeof(uint16_t);
  if (bytes == wanted) return true;
  fprintf(stderr, "%s: %zu bytes, but a %ux%u frame of 16-bit values has %zu%s\n", path, bytes,
          *width, *height, wanted, named ? "" : "; name another size in the file's name: _WxH");
  return false;
}

/* A whole file; NULL: stderr says why. */
static unsigned char *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  long end = -1;
  if (file && fseek(file, 0, SEEK_END) == 0) end = ftell(file);
  unsigned char *bytes = NULL;
  if (end >= 0 && fseek(file, 0, SEEK_SET) == 0) bytes = malloc((size_t)end + 1);
  if (bytes && fread(bytes, 1, (size_t)end, file) != (size_t)end) {
    free(bytes);
    bytes = NULL;
  }
  if (!bytes) fprintf(stderr, "%s: cannot be read: %s\n", path, strerror(errno));
  if (file) fclose(file);
  *size = bytes ? (size_t)end : 0;
  return bytes;
}

/* Little-endian bytes to the host's values. */
static uint16_t *to_values(const unsigned char *bytes, size_t count) {
  uint16_t *values = malloc(count * sizeof *values);
  for (size_t i = 0; values && i < count; i++)
    values[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
  return values;
}

static bool add_file(struct recordings *recordings, const char *path) {
  size_t size = 0;
  unsigned char *bytes = read_file(path, &size);
  if (!bytes) return false;
  struct recording item = {0};
  bool fine = frame_size(path, size, &item.width, &item.height);
  if (fine) {
    bool infrared = strstr(file_name(path), "infrared") != NULL;
    item.stream = infrared ? KINECT2_STREAM_INFRARED : KINECT2_STREAM_DEPTH;
    item.pixels = to_values(bytes, size / 2);
    item.path = malloc(strlen(path) + 1);
    struct recording *items =
        realloc(recordings->items, (recordings->count + 1) * sizeof *recordings->items);
    if (items) recordings->items = items;
    fine = item.pixels && item.path && items;
    if (fine) {
      strcpy(item.path, path);
      recordings->items[recordings->count++] = item;
    } else {
      fprintf(stderr, "%s: out of memory\n", path);
      free(item.pixels);
      free(item.path);
    }
  }
  free(bytes);
  return fine;
}

bool recordings_add(struct recordings *recordings, const char *path) {
  if (!system_is_folder(path)) return add_file(recordings, path);
  char **paths = NULL;
  size_t count = 0;
  if (!system_list_folder(path, ".u16", &paths, &count)) {
    fprintf(stderr, "%s: the folder cannot be read: %s\n", path, strerror(errno));
    return false;
  }
  bool fine = count > 0;
  if (!fine) fprintf(stderr, "%s: no .u16 files in this folder\n", path);
  for (size_t i = 0; i < count; i++) {
    if (fine) fine = add_file(recordings, paths[i]);
    free(paths[i]);
  }
  free(paths);
  return fine;
}

void recordings_free(struct recordings *recordings) {
  for (size_t i = 0; i < recordings->count; i++) {
    free(recordings->items[i].path);
    free(recordings->items[i].pixels);
  }
  free(recordings->items);
  *recordings = (struct recordings){0};
}

size_t recordings_count(const struct recordings *recordings, uint32_t stream) {
  size_t count = 0;
  for (size_t i = 0; i < recordings->count; i++) count += recordings->items[i].stream == stream;
  return count;
}

const struct recording *recordings_get(const struct recordings *recordings, uint32_t stream,
                                       size_t number) {
  for (size_t i = 0; i < recordings->count; i++)
    if (recordings->items[i].stream == stream && number-- == 0) return &recordings->items[i];
  return NULL;
}
