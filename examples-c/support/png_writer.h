/* png_writer.h - writes PNG files with libpng. */
#ifndef EXAMPLES_SUPPORT_PNG_WRITER_H
#define EXAMPLES_SUPPORT_PNG_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "canvas.h"

/* False: the file could not be written, and stderr says why. */
bool png_write_grey16(const char *path, const uint16_t *pixels, uint32_t width, uint32_t height);
bool png_write_canvas(const char *path, const struct canvas *canvas);

#endif
