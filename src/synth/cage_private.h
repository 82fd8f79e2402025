/* The inside of the cage scenes: a canvas on which room, rats and screens are laid one over the other, far to near. */
#ifndef GR_SYNTH_CAGE_PRIVATE_H
#define GR_SYNTH_CAGE_PRIVATE_H

#include "grimace/cage.h"
#include "synth/scene.h"

/* Pixels of an animal, clipped to the canvas. */
typedef struct gr_cage_layer {
    int left, top, width, height;
    gr_vec3 *picture; /* [height][width], times its cover */
    float *cover;     /* [height][width] */
    uint8_t *part;    /* [height][width]: 0 nothing of it, 1 body, 2 + gr_cage_part */
} gr_cage_layer;

typedef struct gr_cage_canvas {
    gr_arena *arena;
    const gr_cage_view *view;
    int width, height;                 /* of the supersampled picture */
    gr_vec3 *picture;                  /* [height][width], linear light */
    uint8_t *owner;                    /* [height][width]: 1 + the rat that is seen, 0 for all else */
    gr_cage_layer layer[GR_CAGE_RATS]; /* of each rat of the view */
} gr_cage_canvas;

/* Lays a colour over a pixel; at a half or more it is what is seen there. */
static inline void gr_cage_lay(gr_cage_canvas *canvas, int x, int y, gr_vec3 colour, float alpha, int owner)
{
    size_t i = (size_t)y * (size_t)canvas->width + (size_t)x;
    canvas->picture[i] = gr_v3_mix(canvas->picture[i], colour, alpha);
    if (alpha >= 0.5f)
        canvas->owner[i] = (uint8_t)owner;
}

/* ---- cage_room.c ---- */

/* What the floor shows at a place of it; one unit is about a chip's length. */
gr_vec3 gr_cage_chips(uint32_t key, const float floor[3], float x, float z);
/* Light on a matt surface that looks up, from the place's lamp and sky. */
gr_vec3 gr_cage_light(const gr_synth_session *place);
/* Walls, floor, bottle, hopper and what lies about. false: out of memory. */
bool gr_cage_room(gr_cage_canvas *canvas);

/* ---- cage_rat.c ---- */

/* Renders a rat into its layer. false: out of memory. */
bool gr_cage_rat_render(gr_cage_canvas *canvas, int rat);
void gr_cage_rat_lay(gr_cage_canvas *canvas, int rat);

/* ---- cage_screens.c ---- */

/* What stands before a rat; and the bars before everything. */
void gr_cage_screen_lay(gr_cage_canvas *canvas, const gr_cage_rat *rat);
void gr_cage_bars_lay(gr_cage_canvas *canvas);

#endif
