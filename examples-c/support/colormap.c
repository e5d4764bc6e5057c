/* colormap.c - a perceptual colour map, defined in OKLCh and computed from that definition.
 *
 * OKLab (Björn Ottosson, "A perceptual color space for image processing", 2020) has equal steps
 * where the eye sees equal steps. Lightness falls steadily from near to far, so the order of
 * distances is clear also without colour (in print, to the colour-blind), while the hue goes round
 * most of the circle, so that small differences of distance show. */
#include "colormap.h"

#include <math.h>
#include <stdbool.h>

static const double PI = 3.14159265358979323846;

/* OKLCh at the two ends. The far end stays clear of black, which means "no distance". */
static const double LIGHTNESS[2] = {0.86, 0.36};
static const double HUE_DEGREES[2] = {30, 312}; /* salmon, orange, green, blue, violet */
static const double MOST_CHROMA = 0.19;

struct linear_rgb {
  double red, green, blue;
};

static struct linear_rgb from_oklch(double lightness, double chroma, double hue) {
  double a = chroma * cos(hue), b = chroma * sin(hue);
  double l = lightness + 0.3963377774 * a + 0.2158037573 * b;
  double m = lightness - 0.1055613458 * a - 0.0638541728 * b;
  double s = lightness - 0.0894841775 * a - 1.2914855480 * b;
  l = l * l * l;
  m = m * m * m;
  s = s * s * s;
  return (struct linear_rgb){.red = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
                             .green = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
                             .blue = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

static bool displayable(struct linear_rgb c) {
  return c.red >= 0 && c.red <= 1 && c.green >= 0 && c.green <= 1 && c.blue >= 0 && c.blue <= 1;
}

/* Linear light to the value of an sRGB byte (IEC 61966-2-1). */
static uint8_t srgb_byte(double linear) {
  double value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055;
  return (uint8_t)(255 * fmin(fmax(value, 0), 1) + 0.5);
}

struct rgb colormap_distance(double position) {
  double t = fmin(fmax(position, 0), 1);
  double lightness = LIGHTNESS[0] + t * (LIGHTNESS[1] - LIGHTNESS[0]);
  double hue = (HUE_DEGREES[0] + t * (HUE_DEGREES[1] - HUE_DEGREES[0])) * PI / 180;
  /* The strongest chroma that a display has at this lightness and hue, by bisection. */
  double low = 0, high = MOST_CHROMA;
  for (int step = 0; step < 20; step++) {
    double middle = (low + high) / 2;
    if (displayable(from_oklch(lightness, middle, hue)))
      low = middle;
    else
      high = middle;
  }
  struct linear_rgb color = from_oklch(lightness, low, hue);
  return (struct rgb){srgb_byte(color.red), srgb_byte(color.green), srgb_byte(color.blue)};
}
