/* Pictures of noise and patches with a mark in some of them: eyes and a mouth, drawn anew in size, place and contrast. */
#ifndef TEST_FITTING_SCENES_H
#define TEST_FITTING_SCENES_H

#include "base/base.h"
#include "fitting/pictures.h"

enum { SCENES = 24, SCENE_WIDTH = 96, SCENE_HEIGHT = 72 };

typedef struct scenes {
    int64_t first[SCENES + 1];
    gr_box boxes[SCENES];
    gr_fit_pictures pictures;
} scenes;

static inline void shade(const gr_grey *g, double x, double y, double w, double h, int by)
{
    for (int v = (int)y; v < (int)(y + h); v++)
        for (int u = (int)x; u < (int)(x + w); u++) {
            int p = g->pixels[v * g->width + u] + by;
            g->pixels[v * g->width + u] = (uint8_t)(p < 0 ? 0 : p > 255 ? 255 : p);
        }
}

static inline void draw_mark(const gr_grey *g, const gr_box *b, int by)
{
    shade(g, b->x, b->y, b->width, b->height, by);
    shade(g, b->x + b->width * 0.15, b->y + b->height * 0.2, b->width * 0.25, b->height * 0.25, -2 * by);
    shade(g, b->x + b->width * 0.6, b->y + b->height * 0.2, b->width * 0.25, b->height * 0.25, -2 * by);
    shade(g, b->x + b->width * 0.3, b->y + b->height * 0.7, b->width * 0.4, b->height * 0.15, -by);
}

static inline gr_status read_scene(void *ctx, int64_t index, gr_grey *out, gr_error *err)
{
    const scenes *s = ctx;
    gr_rng rng = gr_rng_make(7, GR_FOR_TEST, 1, (uint64_t)index);
    (void)err;
    *out = (gr_grey){SCENE_WIDTH, SCENE_HEIGHT, gr_alloc(SCENE_WIDTH * SCENE_HEIGHT + 64, 1)};
    for (int i = 0; i < SCENE_WIDTH * SCENE_HEIGHT; i++)
        out->pixels[i] = (uint8_t)(110 + gr_rng_below(&rng, 24));
    for (int i = 0; i < 30; i++) { /* clutter: first, so that marks lie over it */
        double x = (double)gr_rng_below(&rng, SCENE_WIDTH - 30), y = (double)gr_rng_below(&rng, SCENE_HEIGHT - 30);
        int by = (int)gr_rng_below(&rng, 100) - 50; /* in statements: compilers evaluate arguments in different orders */
        double h = 3 + (double)gr_rng_below(&rng, 24), w = 3 + (double)gr_rng_below(&rng, 24);
        shade(out, x, y, w, h, by);
    }
    for (int64_t b = s->first[index]; b < s->first[index + 1]; b++)
        draw_mark(out, &s->boxes[b], 40 + (int)gr_rng_below(&rng, 25));
    return GR_OK;
}

/* Every fourth picture has no mark. */
static inline void make_scenes(scenes *s)
{
    *s = (scenes){0};
    for (int i = 0; i < SCENES; i++) {
        gr_rng rng = gr_rng_make(7, GR_FOR_TEST, 2, (uint64_t)i);
        double side = 16 + (double)gr_rng_below(&rng, 20);
        double x = 1 + (double)gr_rng_below(&rng, SCENE_WIDTH - 38), y = 1 + (double)gr_rng_below(&rng, SCENE_HEIGHT - 38);
        gr_box box = {x, y, side, side};
        s->first[i + 1] = s->first[i];
        if (i % 4 != 3)
            s->boxes[s->first[i + 1]++] = box;
    }
    s->pictures = (gr_fit_pictures){SCENES, s->first, s->boxes, read_scene, s};
}

#endif
