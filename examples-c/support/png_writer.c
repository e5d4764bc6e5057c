/* png_writer.c - both kinds of picture through one function, row by row. */
#include "png_writer.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One row as PNG has it: 16-bit values with the high byte first, or R, G, B. */
typedef void (*row_fn)(const void *pixels, uint32_t width, uint32_t y, png_byte *row);

static void grey16_row(const void *pixels, uint32_t width, uint32_t y, png_byte *row) {
  const uint16_t *values = (const uint16_t *)pixels + (size_t)y * width;
  for (uint32_t x = 0; x < width; x++) png_save_uint_16(row + 2 * x, values[x]);
}

static void rgb8_row(const void *pixels, uint32_t width, uint32_t y, png_byte *row) {
  const struct rgb *colors = (const struct rgb *)pixels + (size_t)y * width;
  for (uint32_t x = 0; x < width; x++) {
    row[3 * x] = colors[x].red;
    row[3 * x + 1] = colors[x].green;
    row[3 * x + 2] = colors[x].blue;
  }
}

/* libpng leaves a failed call by longjmp, to here: nothing is acquired between setjmp and the end
 * that the caller does not free. */
static bool encode(png_structp png, png_infop info, FILE *file, uint32_t width, uint32_t height,
                   int bits, int color_type, const void *pixels, row_fn row_of, png_byte *row) {
  if (setjmp(png_jmpbuf(png))) return false;
  png_init_io(png, file);
  png_set_IHDR(png, info, width, height, bits, color_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  for (uint32_t y = 0; y < height; y++) {
    row_of(pixels, width, y, row);
    png_write_row(png, row);
  }
  png_write_end(png, info);
  return true;
}

static bool write_png(const char *path, uint32_t width, uint32_t height, int bits, int color_type,
                      const void *pixels, row_fn row_of) {
  FILE *file = fopen(path, "wb");
  if (!file) {
    fprintf(stderr, "%s: cannot be written: %s\n", path, strerror(errno));
    return false;
  }
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  png_byte *row = malloc((size_t)width * 3); /* enough for either kind */
  bool fine = info && row &&
              encode(png, info, file, width, height, bits, color_type, pixels, row_of, row);
  png_destroy_write_struct(png ? &png : NULL, info ? &info : NULL);
  free(row);
  fine = fclose(file) == 0 && fine;
  if (!fine) fprintf(stderr, "%s: could not be written completely\n", path);
  return fine;
}

bool png_write_grey16(const char *path, const uint16_t *pixels, uint32_t width, uint32_t height) {
  return write_png(path, width, height, 16, PNG_COLOR_TYPE_GRAY, pixels, grey16_row);
}

bool png_write_canvas(const char *path, const struct canvas *canvas) {
  return write_png(path, canvas->width, canvas->height, 8, PNG_COLOR_TYPE_RGB, canvas->pixels,
                   rgb8_row);
}
