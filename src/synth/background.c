/* The cage behind the animal: walls, bars, bedding, plexiglass and things out of focus; from the session alone, so that it
 * tells nothing of the label. */
#include "synth/scene.h"

/* What a point of the background shows; x and y in shares of the picture, 0 upper left. */
static gr_vec3 bedding(const gr_synth_session *s, float x, float y)
{
    gr_vec3 p = gr_v3(x * 26, y * 40, 0.5f);
    float turn = gr_synth_noise(s->layout + 3, gr_v3(x * 5, y * 7, 3)) * 3.0f;
    gr_vec3 chip = gr_v3(p.x * cosf(turn) + p.y * sinf(turn), (p.y * cosf(turn) - p.x * sinf(turn)) * 0.35f, 1.5f);
    float value = 0.55f * gr_synth_noise(s->layout + 5, chip) + 0.45f * gr_synth_fractal(s->layout + 6, p, 3);
    return gr_v3_scale(gr_v3_of(s->floor), 0.45f + 1.05f * value);
}

/* What a session's layout key lays out, drawn once a picture. */
typedef struct layout {
    const gr_synth_session *session;
    struct {
        float x, y, reach_x, reach_y, boxy;
        gr_vec3 colour;
    } thing[6];
    int things;
    float spacing, thick, slant, metal, phase, wire; /* bars */
} layout;

static layout lay_out(const gr_synth_session *session)
{
    layout l = {.session = session};
    gr_rng rng = gr_rng_make(session->layout, GR_FOR_SYNTH, 0, 3);
    l.things = 3 + (int)gr_rng_below(&rng, 4);
    for (int i = 0; i < l.things; i++) {
        l.thing[i].x = gr_rng_float(&rng) * 1.2f - 0.1f;
        l.thing[i].y = gr_rng_float(&rng);
        l.thing[i].reach_x = 0.06f + 0.22f * gr_rng_float(&rng);
        l.thing[i].reach_y = 0.06f + 0.22f * gr_rng_float(&rng);
        float hue[3];
        for (int c = 0; c < 3; c++) {
            float strength = gr_rng_float(&rng);
            hue[c] = 0.03f + 0.5f * strength * gr_rng_float(&rng);
        }
        l.thing[i].colour = gr_v3_of(hue);
        l.thing[i].boxy = gr_rng_float(&rng) < 0.5f ? 2 : 6;
    }
    l.spacing = 0.10f + 0.10f * gr_rng_float(&rng);
    l.thick = 0.16f + 0.16f * gr_rng_float(&rng);
    l.slant = 0.15f * (gr_rng_float(&rng) - 0.5f);
    l.metal = 0.20f + 0.45f * gr_rng_float(&rng);
    l.phase = gr_rng_float(&rng);
    l.wire = gr_rng_float(&rng) * 0.8f + 0.1f;
    return l;
}

static gr_vec3 clutter(const layout *l, float x, float y, gr_vec3 colour)
{
    for (int i = 0; i < l->things; i++) {
        float dx = fabsf(x - l->thing[i].x) / l->thing[i].reach_x, dy = (y - l->thing[i].y) / l->thing[i].reach_y;
        if (dx > 1.2f || fabsf(dy) > 1.2f)
            continue;
        float inside = gr_smooth(1.15f, 0.85f, powf(dx, l->thing[i].boxy) + powf(fabsf(dy), l->thing[i].boxy));
        colour = gr_v3_mix(colour, gr_v3_scale(l->thing[i].colour, 0.925f - 0.225f * dy), inside);
    }
    return colour;
}

static gr_vec3 bars(const layout *l, float x, float y, gr_vec3 colour)
{
    const gr_vec3 steel = {1, 0.98f, 0.95f};
    float phase = (x + l->slant * y) / l->spacing + l->phase, d = (phase - (float)gr_floor(phase) - 0.5f) / l->thick;
    if (fabsf(d) < 1)
        colour = gr_v3_scale(steel, l->metal * (0.35f + 0.65f * sqrtf(1 - d * d) * (0.7f - 0.5f * d)));
    /* A cross wire. */
    float e = (y - l->wire) / (l->thick * l->spacing * 0.8f);
    if (fabsf(e) < 1)
        colour = gr_v3_scale(steel, l->metal * (0.4f + 0.5f * sqrtf(1 - e * e)));
    return colour;
}

static gr_vec3 look(const layout *l, float x, float y)
{
    const gr_synth_session *s = l->session;
    float shade = 1.15f - 0.5f * y + 0.25f * (gr_synth_fractal(s->layout, gr_v3(x * 2, y * 2, 0), 3) - 0.5f);
    gr_vec3 colour = gr_v3_scale(gr_v3_of(s->wall), shade);
    if (s->backdrop == 4)
        colour = clutter(l, x, y, colour);
    if (s->backdrop == 1 || s->backdrop == 2)
        colour = bars(l, x, y, colour);
    float edge = s->horizon + 0.05f * (gr_synth_noise(s->layout + 1, gr_v3(x * 6, 0, 0)) - 0.5f);
    if (s->backdrop >= 2 && y > edge - 0.01f)
        colour = gr_v3_mix(colour, bedding(s, x, y), gr_smooth(edge - 0.01f, edge + 0.02f, y));
    if (s->backdrop == 0) {
        /* Reflections on plexiglass: broad slanting streaks. */
        float across = x * 0.9f + y * 0.5f;
        float streak = gr_smooth(0.58f, 0.80f, gr_synth_fractal(s->layout + 9, gr_v3(across * 5, 0, 0), 2));
        colour = gr_v3_along(colour, gr_v3(0.8f, 0.85f, 0.9f), 0.30f * streak * (1 - 0.6f * y));
    }
    return colour;
}

/* One pass of a running mean along rows or columns; three passes come near to a Gaussian. */
static void box_blur(gr_vec3 *image, gr_vec3 *line, int count, int length, int line_step, int step, int radius)
{
    for (int l = 0; l < count; l++) {
        gr_vec3 *row = image + (size_t)l * (size_t)line_step, sum = gr_v3(0, 0, 0);
        for (int i = 0; i < length; i++)
            line[i] = row[(size_t)i * (size_t)step];
        for (int i = -radius; i <= radius; i++)
            sum = gr_v3_add(sum, line[i < 0 ? 0 : i >= length ? length - 1 : i]);
        for (int i = 0; i < length; i++) {
            row[(size_t)i * (size_t)step] = gr_v3_scale(sum, 1.0f / (float)(2 * radius + 1));
            int in = i + radius + 1, out = i - radius;
            sum = gr_v3_sub(gr_v3_add(sum, line[in >= length ? length - 1 : in]), line[out < 0 ? 0 : out]);
        }
    }
}

void gr_synth_soften(gr_vec3 *image, gr_vec3 *line, int width, int height, int radius)
{
    for (int pass = 0; pass < 3 && radius > 0; pass++) {
        box_blur(image, line, height, width, width, 1, radius);
        box_blur(image, line, width, height, 1, width, radius);
    }
}

bool gr_synth_background(gr_synth_scene *scene)
{
    const gr_synth_session *session = &scene->params->session;
    int w = scene->width / 2 + 1, h = scene->height / 2 + 1, longest = w > h ? w : h;
    gr_vec3 *small = gr_arena_alloc(scene->arena, (size_t)w * (size_t)h, sizeof(*small));
    gr_vec3 *line = gr_arena_alloc(scene->arena, (size_t)longest, sizeof(*line));
    if (small == NULL || line == NULL)
        return false;
    /* The crop slides a little over the cage from picture to picture. */
    gr_rng rng = gr_rng_make(scene->params->seed, GR_FOR_SYNTH, 0, 5);
    float dx = 0.5f * (gr_rng_float(&rng) - 0.5f), dy = 0.16f * (gr_rng_float(&rng) - 0.5f);
    layout plan = lay_out(session);
    gr_vec3 light = gr_v3_along(gr_v3_of(session->ambient), gr_v3_of(session->light_rgb), 0.45f);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float px = ((float)x + 0.5f) / (float)w + dx, py = ((float)y + 0.5f) / (float)h + dy;
            small[y * w + x] = gr_v3_mul(look(&plan, px, py), light);
        }
    gr_synth_soften(small, line, w, h, (int)(session->focus * 0.035f * (float)w + 0.5f));
    for (int y = 0; y < scene->height; y++)
        for (int x = 0; x < scene->width; x++) {
            float fx = (float)x * 0.5f, fy = (float)y * 0.5f;
            int ix = (int)fx, iy = (int)fy, jx = ix + 1 < w ? ix + 1 : ix, jy = iy + 1 < h ? iy + 1 : iy;
            gr_vec3 top = gr_v3_mix(small[iy * w + ix], small[iy * w + jx], fx - (float)ix);
            gr_vec3 bottom = gr_v3_mix(small[jy * w + ix], small[jy * w + jx], fx - (float)ix);
            scene->picture[(size_t)y * (size_t)scene->width + (size_t)x] = gr_v3_mix(top, bottom, fy - (float)iy);
        }
    return true;
}
