/* colormap.h - colours for distances: light and warm is near, dark and cold is far. */
#ifndef EXAMPLES_SUPPORT_COLORMAP_H
#define EXAMPLES_SUPPORT_COLORMAP_H

#include <stdint.h>

struct rgb {
  uint8_t red, green, blue;
};

/* The colour (sRGB) of a position from 0, near, to 1, far; others are clamped. */
struct rgb colormap_distance(double position);

#endif
