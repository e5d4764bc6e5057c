/* verify.c - a received frame must be one of the recorded ones, entirely. */
#include "verify.h"

#include <stdio.h>

struct difference {
  const struct recording *recording;
  size_t pixels; /* how many differ; of a recording of another size: all */
  size_t first;
};

static struct difference compare(const struct recording *recording,
                                 const kinect2_frame_info_t *info, const uint16_t *depth) {
  size_t count = (size_t)info->width * info->height;
  struct difference difference = {.recording = recording};
  if (recording->width != info->width || recording->height != info->height) {
    difference.pixels = count;
    return difference;
  }
  for (size_t i = count; i-- > 0;)
    if (depth[i] != recording->pixels[i]) {
      difference.pixels++;
      difference.first = i;
    }
  return difference;
}

static void report(const struct difference *nearest, const kinect2_frame_info_t *info,
                   const uint16_t *depth) {
  const struct recording *recording = nearest->recording;
  fprintf(stderr, "frame %llu (%ux%u) is none of the recorded ones",
          (unsigned long long)info->sequence, info->width, info->height);
  if (recording->width != info->width || recording->height != info->height) {
    fprintf(stderr, ": they have other sizes, as %s has %ux%u\n", recording->path,
            recording->width, recording->height);
    return;
  }
  fprintf(stderr,
          ": nearest is %s, from which %zu pixels differ, first column %zu, row %zu: "
          "received %u, recorded %u%s\n",
          recording->path, nearest->pixels, nearest->first % info->width,
          nearest->first / info->width, depth[nearest->first], recording->pixels[nearest->first],
          info->flags & KINECT2_FRAME_LOSSY ? " (its server says that it is lossy)" : "");
}

bool verify_depth(const struct recordings *recordings, const kinect2_frame_info_t *info,
                  const uint16_t *depth) {
  struct difference nearest = {.pixels = SIZE_MAX};
  const struct recording *recording = NULL;
  for (size_t i = 0; (recording = recordings_get(recordings, KINECT2_STREAM_DEPTH, i)); i++) {
    struct difference difference = compare(recording, info, depth);
    if (difference.pixels == 0) return true;
    if (difference.pixels < nearest.pixels) nearest = difference;
  }
  report(&nearest, info, depth);
  return false;
}
