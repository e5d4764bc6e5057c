/* canvas.h - an RGB picture in memory, with rectangles and small text. */
#ifndef EXAMPLES_SUPPORT_CANVAS_H
#define EXAMPLES_SUPPORT_CANVAS_H

#include <stdbool.h>
#include <stdint.h>

#include "colormap.h"

struct canvas {
  uint32_t width, height;
  struct rgb *pixels; /* rows without a gap, row 0 is the top one */
};

/* A black canvas; false: out of memory. */
bool canvas_create(struct canvas *canvas, uint32_t width, uint32_t height);
void canvas_free(struct canvas *canvas);

/* What lies outside of the canvas is not drawn. */
void canvas_set(struct canvas *canvas, uint32_t x, uint32_t y, struct rgb color);
void canvas_fill(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                 struct rgb color);

/* Text with its top left corner at (x, y), each dot of the font `scale` pixels wide. ASCII; other
 * bytes appear as boxes. */
void canvas_text(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t scale, const char *text,
                 struct rgb color);
/* Its size in pixels. */
uint32_t canvas_text_width(uint32_t scale, const char *text);
uint32_t canvas_text_height(uint32_t scale);

#endif
