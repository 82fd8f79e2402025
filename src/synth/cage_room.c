/* The cage itself: walls, bars, a floor of bedding that recedes, bottle, hopper and pellets. From the session alone, so that
 * it tells nothing of the rats. */
#include "synth/cage_private.h"

gr_vec3 gr_cage_chips(uint32_t key, const float floor[3], float x, float z)
{
    float turn = gr_synth_noise(key + 3, gr_v3(x * 0.19f, z * 0.19f, 3)) * 3.0f;
    gr_vec3 chip = gr_v3(x * cosf(turn) + z * sinf(turn), (z * cosf(turn) - x * sinf(turn)) * 0.35f, 1.5f);
    float value = 0.55f * gr_synth_noise(key + 5, chip) + 0.45f * gr_synth_fractal(key + 6, gr_v3(x, z, 0.5f), 2);
    return gr_v3_scale(gr_v3_of(floor), 0.45f + 1.05f * value);
}

gr_vec3 gr_cage_light(const gr_synth_session *place)
{
    return gr_v3_along(gr_v3_of(place->ambient), gr_v3_of(place->light_rgb), 0.45f);
}

/* ---- what stands about ---- */

enum { PELLETS = 7 };
typedef struct room {
    const gr_synth_session *place;
    float spacing, thick, metal;           /* bars of the back wall; 0: none */
    float bottle, bottle_low, water;       /* middle, lower end, colour's tint */
    float hopper, hopper_low, hopper_wide; /* middle, lower end, half width */
    float tube, tube_y, tube_wide;         /* a tube to sleep in; half width 0: none */
    float pellet[PELLETS][3];              /* x, y, half length */
    gr_vec3 tube_colour;
} room;

static float between(gr_rng *rng, float low, float high)
{
    return low + (high - low) * gr_rng_float(rng);
}

static room furnish(const gr_synth_session *place)
{
    room r = {.place = place};
    gr_rng rng = gr_rng_make(place->layout, GR_FOR_SYNTH, 0, 11);
    r.spacing = place->backdrop == 1 || place->backdrop == 2 ? between(&rng, 0.030f, 0.055f) : 0;
    r.thick = between(&rng, 0.14f, 0.26f);
    r.metal = between(&rng, 0.20f, 0.60f);
    bool left = gr_rng_float(&rng) < 0.5f;
    r.bottle = left ? between(&rng, 0.08f, 0.3f) : between(&rng, 0.7f, 0.92f);
    r.bottle_low = place->horizon * between(&rng, 0.55f, 0.85f);
    r.water = gr_rng_float(&rng);
    r.hopper = left ? between(&rng, 0.5f, 0.9f) : between(&rng, 0.1f, 0.5f);
    r.hopper_low = place->horizon * between(&rng, 0.35f, 0.65f);
    r.hopper_wide = between(&rng, 0.10f, 0.18f);
    r.tube = between(&rng, 0.1f, 0.9f);
    r.tube_y = place->horizon + between(&rng, 0.02f, 0.12f);
    r.tube_wide = gr_rng_float(&rng) < 0.5f ? between(&rng, 0.07f, 0.12f) : 0;
    /* one after another: in a call's arguments compilers would draw in different orders */
    float blue = between(&rng, 0.02f, 0.15f), green = between(&rng, 0.03f, 0.2f), red = between(&rng, 0.1f, 0.45f);
    r.tube_colour = gr_v3(red, green, blue);
    for (int i = 0; i < PELLETS; i++) {
        r.pellet[i][0] = gr_rng_float(&rng);
        r.pellet[i][1] = between(&rng, place->horizon + 0.03f, 1);
        r.pellet[i][2] = 0.012f + 0.02f * r.pellet[i][1];
    }
    return r;
}

static gr_vec3 steel(float metal, float d)
{
    return gr_v3_scale(gr_v3(1, 0.98f, 0.95f), metal * (0.35f + 0.65f * sqrtf(1 - d * d) * (0.7f - 0.5f * d)));
}

static gr_vec3 wall(const room *r, float x, float y)
{
    const gr_synth_session *s = r->place;
    float shade = 1.15f - 0.5f * y + 0.25f * (gr_synth_fractal(s->layout, gr_v3(x * 2, y * 2, 0), 3) - 0.5f);
    gr_vec3 colour = gr_v3_scale(gr_v3_of(s->wall), shade);
    if (r->spacing > 0) {
        float phase = x / r->spacing, d = (phase - (float)gr_floor(phase) - 0.5f) / r->thick;
        if (fabsf(d) < 1)
            colour = steel(r->metal, d);
    }
    return colour;
}

static gr_vec3 hopper(const room *r, float x, float y, gr_vec3 colour)
{
    float dx = (x - r->hopper) / r->hopper_wide;
    if (fabsf(dx) > 1 || y > r->hopper_low)
        return colour;
    gr_vec3 food = gr_cage_chips(r->place->layout + 20, (const float[]){0.20f, 0.13f, 0.07f}, x * 40, y * 30);
    float phase = dx * 6, d = (phase - (float)gr_floor(phase) - 0.5f) / 0.22f;
    return fabsf(d) < 1 ? steel(0.5f, d) : y > r->hopper_low - 0.015f ? steel(0.4f, 0) : food;
}

static gr_vec3 bottle(const room *r, float x, float y, gr_vec3 colour)
{
    float dx = (x - r->bottle) / 0.042f, spout = (x - r->bottle) / 0.007f;
    if (fabsf(dx) < 1 && y < r->bottle_low) {
        gr_vec3 glass =
            gr_v3_scale(gr_v3(0.45f, 0.5f + 0.1f * r->water, 0.55f + 0.2f * r->water), 0.55f + 0.45f * sqrtf(1 - dx * dx));
        colour = gr_v3_mix(colour, glass, 0.7f);
        return gr_v3_along(colour, gr_v3(1, 1, 1), 0.45f * gr_smooth(0.14f, 0, fabsf(dx + 0.45f)));
    }
    if (fabsf(spout) < 1 && y >= r->bottle_low && y < r->bottle_low + 0.09f)
        return steel(0.6f, spout);
    return colour;
}

/* Where a point is within an ellipse: 0 in the middle, 1 at the edge. */
static float within(float x, float y, float mx, float my, float rx, float ry)
{
    float dx = (x - mx) / rx, dy = (y - my) / ry;
    return dx * dx + dy * dy;
}

static gr_vec3 on_floor(const room *r, float x, float y, gr_vec3 colour)
{
    if (r->tube_wide > 0) {
        float out = within(x, y, r->tube, r->tube_y, r->tube_wide, r->tube_wide * 0.95f);
        float in = within(x, y, r->tube, r->tube_y, r->tube_wide * 0.82f, r->tube_wide * 0.78f);
        colour = gr_v3_mix(colour, gr_v3_scale(r->tube_colour, in < 1 ? 0.25f : 1.2f - 1.5f * (y - r->tube_y)),
                           gr_smooth(1.04f, 0.96f, out));
    }
    for (int i = 0; i < PELLETS; i++) {
        const float *p = r->pellet[i];
        float lean = 0.5f * (float)(i % 3 - 1) * (x - p[0]);
        float d = within(x, y + lean, p[0], p[1], p[2], p[2] * 0.45f);
        if (d < 1.2f)
            colour = gr_v3_mix(colour, gr_v3_scale(gr_v3(0.21f, 0.13f, 0.07f), 1.1f - 14 * (y + lean - p[1])),
                               gr_smooth(1.2f, 0.8f, d));
    }
    return colour;
}

/* x and y in shares of the width and the height. */
static gr_vec3 look(const room *r, float x, float y)
{
    const gr_synth_session *s = r->place;
    gr_vec3 colour = wall(r, x, y);
    colour = bottle(r, x, y, hopper(r, x, y, colour));
    float edge = s->horizon + 0.03f * (gr_synth_noise(s->layout + 1, gr_v3(x * 6, 0, 0)) - 0.5f);
    if (y > edge - 0.01f) {
        /* The floor recedes: far chips are small and close. */
        float near = gr_clamp((y - edge) / (1 - s->horizon), 0, 1), depth = 1 / (0.28f + 0.72f * near);
        gr_vec3 chips = gr_cage_chips(s->layout, s->floor, (x - 0.5f) * 34 * depth, 30 * depth);
        colour = gr_v3_mix(colour, gr_v3_scale(chips, 0.8f + 0.25f * near), gr_smooth(edge - 0.01f, edge + 0.02f, y));
    }
    return on_floor(r, x, y, colour);
}

bool gr_cage_room(gr_cage_canvas *canvas)
{
    const gr_synth_session *place = &canvas->view->place;
    /* Out of focus behind the rats: a quarter of the pixels will do. */
    int w = canvas->width / 2 + 1, h = canvas->height / 2 + 1, longest = w > h ? w : h;
    gr_vec3 *small = gr_arena_alloc(canvas->arena, (size_t)w * (size_t)h, sizeof(*small));
    gr_vec3 *line = gr_arena_alloc(canvas->arena, (size_t)longest, sizeof(*line));
    if (small == NULL || line == NULL)
        return false;
    room r = furnish(place);
    gr_vec3 light = gr_cage_light(place);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float px = ((float)x + 0.5f) / (float)w, py = ((float)y + 0.5f) / (float)h;
            small[y * w + x] = gr_v3_mul(look(&r, px, py), light);
        }
    gr_synth_soften(small, line, w, h, (int)(place->focus * 0.004f * (float)w + 0.5f));
    for (int y = 0; y < canvas->height; y++)
        for (int x = 0; x < canvas->width; x++) {
            float fx = (float)x * 0.5f, fy = (float)y * 0.5f;
            int ix = (int)fx, iy = (int)fy, jx = ix + 1 < w ? ix + 1 : ix, jy = iy + 1 < h ? iy + 1 : iy;
            gr_vec3 top = gr_v3_mix(small[iy * w + ix], small[iy * w + jx], fx - (float)ix);
            gr_vec3 bottom = gr_v3_mix(small[jy * w + ix], small[jy * w + jx], fx - (float)ix);
            canvas->picture[(size_t)y * (size_t)canvas->width + (size_t)x] = gr_v3_mix(top, bottom, fy - (float)iy);
        }
    return true;
}
