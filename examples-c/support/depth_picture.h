/* depth_picture.h - a depth map as a picture for people: colours, a scale in metres, a title. */
#ifndef EXAMPLES_SUPPORT_DEPTH_PICTURE_H
#define EXAMPLES_SUPPORT_DEPTH_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "canvas.h"

/* Draws `depth` (millimetres, 0: invalid, tight rows) on a new canvas, which the caller frees.
 * Invalid pixels are black. The colours span what most pixels have; nearer and farther ones get
 * the colours of the ends. False: out of memory. */
bool depth_picture_draw(struct canvas *canvas, const uint16_t *depth, uint32_t width,
                        uint32_t height, const char *title);

#endif
