/* scene.h - the scene of the mock device, drawn from its documentation alone. */
#ifndef STREAMKINECT2_SCENE_H
#define STREAMKINECT2_SCENE_H

#include <stdbool.h>
#include <stdint.h>

enum { SCENE_WIDTH = 512, SCENE_HEIGHT = 424, SCENE_PIXELS = SCENE_WIDTH * SCENE_HEIGHT };

/* Distances in mm, row-major: a wall that leans away, before it a cone, `dx` columns right of the middle. */
void draw_scene(int dx, uint16_t pixels[SCENE_PIXELS]);
/* Whether it is the scene, wherever the cone is on its way: dx from -100 to 100. */
bool shows_the_scene(const uint16_t pixels[SCENE_PIXELS]);

#endif
