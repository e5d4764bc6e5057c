/* depth_picture.c - lays out title, depth map and scale. */
#include "depth_picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
  MARGIN = 16,
  SCALE_GAP = 14, /* between the depth map and its scale */
  SCALE_WIDTH = 22,
  TICK_LENGTH = 6,
  TEXT_SCALE = 2,
  SMALLEST_RANGE_MM = 50 /* a flat wall's noise is not spread over all colours */
};

static const struct rgb TEXT_COLOR = {232, 232, 232};
static const struct rgb PAGE_COLOR = {38, 38, 42}; /* not black, which is "invalid" */

struct range {
  double nearest_mm, farthest_mm;
};

/* The distance below which this part of all valid pixels lies; 0: no valid pixels. */
static uint32_t percentile(const uint32_t *histogram, uint64_t valid, double part) {
  uint64_t wanted = (uint64_t)(part * (double)valid), below = 0;
  for (uint32_t mm = 1; mm <= UINT16_MAX; mm++) {
    below += histogram[mm];
    if (histogram[mm] && below > wanted) return mm;
  }
  return 0;
}

/* The range of most pixels: a few stray ones must not take all the colours. */
static bool find_range(const uint16_t *depth, size_t count, struct range *range) {
  uint32_t *histogram = calloc(UINT16_MAX + 1, sizeof *histogram);
  if (!histogram) return false;
  uint64_t valid = 0;
  for (size_t i = 0; i < count; i++) {
    histogram[depth[i]]++;
    valid += depth[i] != 0;
  }
  range->nearest_mm = percentile(histogram, valid, 0.005);
  range->farthest_mm = percentile(histogram, valid, 0.995);
  free(histogram);
  double missing = SMALLEST_RANGE_MM - (range->farthest_mm - range->nearest_mm);
  if (missing > 0) {
    range->nearest_mm = fmax(0, range->nearest_mm - missing / 2);
    range->farthest_mm = range->nearest_mm + SMALLEST_RANGE_MM;
  }
  return true;
}

/* The step 1, 2 or 5 times a power of ten that gives at most `most` ticks. */
static double tick_step(double span, double most) {
  double step = pow(10, floor(log10(span / most)));
  static const double factors[] = {1, 2, 5, 10};
  for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++)
    if (span / (step * factors[i]) <= most) return step * factors[i];
  return 10 * step;
}

static void draw_depth(struct canvas *canvas, uint32_t left, uint32_t top, const uint16_t *depth,
                       uint32_t width, uint32_t height, struct range range) {
  static const struct rgb invalid = {0, 0, 0};
  double span = range.farthest_mm - range.nearest_mm;
  for (uint32_t y = 0; y < height; y++)
    for (uint32_t x = 0; x < width; x++) {
      uint16_t mm = depth[(size_t)y * width + x];
      canvas_set(canvas, left + x, top + y,
                 mm ? colormap_distance((mm - range.nearest_mm) / span) : invalid);
    }
}

/* The far end is at the top, as in the scene it usually is. */
static void draw_scale(struct canvas *canvas, uint32_t left, uint32_t top, uint32_t height,
                       struct range range) {
  double span = range.farthest_mm - range.nearest_mm;
  for (uint32_t y = 0; y < height; y++)
    canvas_fill(canvas, left, top + y, SCALE_WIDTH, 1,
                colormap_distance(1 - (y + 0.5) / (double)height));
  double room = 2.5 * canvas_text_height(TEXT_SCALE); /* of one label */
  double step = tick_step(span, fmax(2, height / room));
  int decimals = step < 10 ? 3 : step < 100 ? 2 : step < 1000 ? 1 : 0;
  for (double mm = ceil(range.nearest_mm / step) * step; mm <= range.farthest_mm; mm += step) {
    double above = (range.farthest_mm - mm) / span;
    uint32_t y = top + (uint32_t)(above * (height - 1) + 0.5);
    canvas_fill(canvas, left + SCALE_WIDTH, y, TICK_LENGTH, TEXT_SCALE, TEXT_COLOR);
    char label[32];
    snprintf(label, sizeof label, "%.*f m", decimals, mm / 1000);
    canvas_text(canvas, left + SCALE_WIDTH + 2 * TICK_LENGTH,
                y + 1 - canvas_text_height(TEXT_SCALE) / 2, TEXT_SCALE, label, TEXT_COLOR);
  }
}

bool depth_picture_draw(struct canvas *canvas, const uint16_t *depth, uint32_t width,
                        uint32_t height, const char *title) {
  struct range range;
  if (!find_range(depth, (size_t)width * height, &range)) return false;
  uint32_t top = MARGIN + canvas_text_height(TEXT_SCALE) + MARGIN;
  uint32_t scale_left = MARGIN + width + SCALE_GAP;
  uint32_t page_width = scale_left + SCALE_WIDTH + 2 * TICK_LENGTH +
                        canvas_text_width(TEXT_SCALE, "00.00 m") + MARGIN;
  uint32_t page_height = top + height + MARGIN;
  if (!canvas_create(canvas, page_width, page_height)) return false;
  canvas_fill(canvas, 0, 0, page_width, page_height, PAGE_COLOR);
  canvas_text(canvas, MARGIN, MARGIN, TEXT_SCALE, title, TEXT_COLOR);
  draw_depth(canvas, MARGIN, top, depth, width, height, range);
  draw_scale(canvas, scale_left, top, height, range);
  return true;
}
