/* recordings.h - recorded frames: files of raw little-endian 16-bit values, row after row.
 *
 * A file whose name contains `infrared` is infrared, every other one depth in millimetres (0:
 * invalid). Its size is in its name (`depth_640x576.u16`), or else it is a Kinect v2's 512x424. */
#ifndef EXAMPLES_SUPPORT_RECORDINGS_H
#define EXAMPLES_SUPPORT_RECORDINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct recording {
  char *path;
  uint32_t stream; /* KINECT2_STREAM_DEPTH or KINECT2_STREAM_INFRARED */
  uint32_t width, height;
  uint16_t *pixels; /* width * height values in the host's byte order, row 0 is the top one */
};

struct recordings {
  struct recording *items;
  size_t count;
};

/* Adds a file, or the .u16 files of a folder in name order. False: one of them cannot be used,
 * and stderr says why; what was added before stays. */
bool recordings_add(struct recordings *recordings, const char *path);

void recordings_free(struct recordings *recordings);

/* How many there are of a stream, and the one with this number in the order of adding. */
size_t recordings_count(const struct recordings *recordings, uint32_t stream);
const struct recording *recordings_get(const struct recordings *recordings, uint32_t stream,
                                       size_t number);

#endif
