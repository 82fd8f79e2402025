/* What hides a face in part: a heap of bedding, the bowl that the rat eats from, the edge of a shelter, and bars before the
 * camera. */
#include "synth/cage_private.h"

/* A rat's own measure: pixel (x, y) in half heads from the middle of its head. */
typedef struct measure {
    float unit, x, y;
    uint32_t key;
    gr_vec3 light;
    const float *floor;
} measure;

static float heap(const measure *m, float x, float y, float edge, gr_vec3 *colour)
{
    float top = edge + 0.16f * x * x + 0.16f * (gr_synth_noise(m->key, gr_v3(x * 3, 0, 0)) - 0.5f);
    float side = gr_smooth(1.7f, 1.4f, fabsf(x)), low = gr_smooth(1.9f, 1.2f, y);
    gr_vec3 chips = gr_cage_chips(m->key, m->floor, x * 7, y * 11);
    *colour = gr_v3_mul(gr_v3_scale(chips, 0.75f + 0.4f * gr_smooth(0.25f, 0, y - top)), m->light);
    return gr_smooth(top - 0.02f, top + 0.02f, y) * side * low;
}

static float bowl(const measure *m, float x, float y, float edge, gr_vec3 *colour)
{
    float dip = 0.10f * x * x, top = edge - dip, bottom = edge + 0.75f - 0.2f * x * x;
    float tone = (float)(m->key % 7) / 7, round = sqrtf(gr_most(1 - x * x / 1.21f, 0));
    gr_vec3 glaze = gr_v3(0.18f + 0.45f * tone, 0.2f + 0.4f * tone, 0.26f + 0.3f * tone);
    bool rim = y < top + 0.10f;
    *colour = gr_v3_mul(gr_v3_scale(glaze, rim ? 1.25f : 0.35f + 0.65f * round), m->light);
    return fabsf(x) < 1.1f ? gr_smooth(top - 0.02f, top + 0.02f, y) * gr_smooth(bottom + 0.02f, bottom - 0.02f, y) : 0;
}

static float shelter(const measure *m, float x, float y, float edge, gr_vec3 *colour)
{
    float side = edge < 0 ? -1.0f : 1.0f, in = side * x - fabsf(edge);
    float grain = gr_synth_fractal(m->key, gr_v3(x * 2, y * 14, 0), 2);
    gr_vec3 board = m->key % 2 == 0 ? gr_v3(0.34f, 0.24f, 0.14f) : gr_v3(0.30f, 0.06f, 0.05f);
    *colour = gr_v3_mul(gr_v3_scale(board, (0.75f + 0.4f * grain) * (in < 0.07f ? 1.25f : 0.9f)), m->light);
    return gr_smooth(-0.01f, 0.01f, in) * (in < 2.0f && y > -1.25f && y < 1.35f ? 1.0f : 0.0f);
}

/* How much of a pixel the screen covers, and its colour there. */
typedef float screen(const measure *m, float x, float y, float edge, gr_vec3 *colour);
static screen *const screens[] = {[GR_CAGE_BEDDING] = heap, [GR_CAGE_BOWL] = bowl, [GR_CAGE_SHELTER] = shelter};

void gr_cage_screen_lay(gr_cage_canvas *canvas, const gr_cage_rat *rat)
{
    if (rat->screen == GR_CAGE_OPEN)
        return;
    const gr_synth_session *place = &canvas->view->place;
    measure m = {.unit = rat->size * (float)canvas->width,
                 .x = rat->x * (float)canvas->width,
                 .y = rat->y * (float)canvas->width,
                 .key = place->layout + 40 + (uint32_t)rat->animal,
                 .light = gr_cage_light(place),
                 .floor = place->floor};
    const float reach = 2.3f;
    int left = (int)gr_clamp(m.x - reach * m.unit, 0, (float)canvas->width);
    int right = (int)gr_clamp(m.x + reach * m.unit, 0, (float)canvas->width);
    int top = (int)gr_clamp(m.y - reach * m.unit, 0, (float)canvas->height);
    int bottom = (int)gr_clamp(m.y + reach * m.unit, 0, (float)canvas->height);
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) {
            gr_vec3 colour;
            float alpha = screens[rat->screen](&m, ((float)x - m.x) / m.unit, ((float)y - m.y) / m.unit, rat->edge, &colour);
            if (alpha > 0)
                gr_cage_lay(canvas, x, y, colour, alpha, 0);
        }
}

void gr_cage_bars_lay(gr_cage_canvas *canvas)
{
    const gr_synth_session *place = &canvas->view->place;
    gr_rng rng = gr_rng_make(place->layout, GR_FOR_SYNTH, 0, 12);
    float spacing = (0.07f + 0.05f * gr_rng_float(&rng)) * (float)canvas->width, phase = gr_rng_float(&rng);
    float half = (0.0035f + 0.003f * gr_rng_float(&rng)) * (float)canvas->width, metal = 0.25f + 0.4f * gr_rng_float(&rng);
    gr_vec3 light = gr_v3_scale(gr_cage_light(place), metal);
    for (int x = 0; x < canvas->width; x++) {
        float at = (float)x / spacing + phase, d = (at - (float)gr_floor(at) - 0.5f) * spacing / half;
        float alpha = gr_smooth(1.25f, 0.85f, fabsf(d)), round = gr_clamp(d, -1, 1);
        gr_vec3 colour = gr_v3_scale(light, 0.45f + 0.9f * sqrtf(1 - round * round) * (0.7f - 0.5f * round));
        for (int y = 0; alpha > 0 && y < canvas->height; y++)
            gr_cage_lay(canvas, x, y, colour, alpha, 0);
    }
}
