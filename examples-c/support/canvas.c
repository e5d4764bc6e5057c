/* canvas.c - rectangles and text, dot by dot. */
#include "canvas.h"

#include <stdlib.h>
#include <string.h>

#include "font.h"

enum { DOTS_PER_LETTER = FONT_WIDTH + 1 };

bool canvas_create(struct canvas *canvas, uint32_t width, uint32_t height) {
  *canvas = (struct canvas){width, height, calloc((size_t)width * height, sizeof(struct rgb))};
  return canvas->pixels != NULL;
}

void canvas_free(struct canvas *canvas) {
  free(canvas->pixels);
  *canvas = (struct canvas){0};
}

void canvas_set(struct canvas *canvas, uint32_t x, uint32_t y, struct rgb color) {
  if (x < canvas->width && y < canvas->height)
    canvas->pixels[(size_t)y * canvas->width + x] = color;
}

void canvas_fill(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                 struct rgb color) {
  for (uint32_t row = 0; row < height; row++)
    for (uint32_t column = 0; column < width; column++)
      canvas_set(canvas, x + column, y + row, color);
}

static void draw_letter(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t scale,
                        unsigned char letter, struct rgb color) {
  static const uint8_t box[FONT_HEIGHT] = {0x1f, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1f};
  bool known = letter >= FONT_FIRST && letter <= FONT_LAST;
  const uint8_t *rows = known ? font_glyphs[letter - FONT_FIRST] : box;
  for (uint32_t row = 0; row < FONT_HEIGHT; row++)
    for (uint32_t column = 0; column < FONT_WIDTH; column++)
      if (rows[row] >> (FONT_WIDTH - 1 - column) & 1)
        canvas_fill(canvas, x + column * scale, y + row * scale, scale, scale, color);
}

void canvas_text(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t scale, const char *text,
                 struct rgb color) {
  for (; *text; text++, x += DOTS_PER_LETTER * scale)
    draw_letter(canvas, x, y, scale, (unsigned char)*text, color);
}

uint32_t canvas_text_width(uint32_t scale, const char *text) {
  return (uint32_t)strlen(text) * DOTS_PER_LETTER * scale;
}

uint32_t canvas_text_height(uint32_t scale) { return FONT_HEIGHT * scale; }
