/* Who the animal is, where it sits and how it is seen: drawn from streams of their own, so that none of it can tell an
 * image's label. */
#include "synth/scene.h"

#include <string.h>

/* Coats of laboratory and fancy rats, linear RGB. */
static const struct coat {
    float coat[3], under[3], marking[3], skin[3], eye[3], agouti, hood, blaze;
} coats[] = {
    /* albino */
    {{0.76f, 0.73f, 0.68f},
     {0.80f, 0.77f, 0.73f},
     {0.80f, 0.77f, 0.73f},
     {0.66f, 0.36f, 0.30f},
     {0.36f, 0.025f, 0.035f},
     0.06f,
     0,
     0},
    /* agouti */
    {{0.24f, 0.150f, 0.078f},
     {0.46f, 0.37f, 0.27f},
     {0.7f, 0.66f, 0.6f},
     {0.40f, 0.24f, 0.20f},
     {0.012f, 0.009f, 0.008f},
     0.75f,
     0,
     0},
    /* fawn, ruby eyes */
    {{0.54f, 0.31f, 0.135f},
     {0.72f, 0.56f, 0.38f},
     {0.75f, 0.7f, 0.6f},
     {0.58f, 0.34f, 0.28f},
     {0.085f, 0.010f, 0.010f},
     0.15f,
     0,
     0},
    /* grey */
    {{0.175f, 0.180f, 0.195f},
     {0.34f, 0.34f, 0.34f},
     {0.7f, 0.7f, 0.7f},
     {0.36f, 0.26f, 0.25f},
     {0.010f, 0.009f, 0.010f},
     0.20f,
     0,
     0},
    /* black hooded: white body */
    {{0.045f, 0.040f, 0.038f},
     {0.06f, 0.055f, 0.05f},
     {0.74f, 0.71f, 0.66f},
     {0.20f, 0.13f, 0.115f},
     {0.008f, 0.007f, 0.007f},
     0.10f,
     1,
     0},
    /* cream */
    {{0.66f, 0.54f, 0.38f},
     {0.76f, 0.69f, 0.57f},
     {0.78f, 0.74f, 0.68f},
     {0.56f, 0.36f, 0.30f},
     {0.030f, 0.010f, 0.010f},
     0.10f,
     0,
     0},
    /* champagne */
    {{0.46f, 0.37f, 0.29f},
     {0.60f, 0.53f, 0.45f},
     {0.74f, 0.70f, 0.64f},
     {0.52f, 0.33f, 0.28f},
     {0.020f, 0.009f, 0.009f},
     0.12f,
     0,
     0},
    /* brown with a white blaze and body */
    {{0.150f, 0.082f, 0.045f},
     {0.26f, 0.18f, 0.12f},
     {0.74f, 0.70f, 0.64f},
     {0.38f, 0.23f, 0.20f},
     {0.010f, 0.008f, 0.007f},
     0.45f,
     1,
     1},
    /* black */
    {{0.040f, 0.036f, 0.036f},
     {0.07f, 0.062f, 0.058f},
     {0.7f, 0.7f, 0.65f},
     {0.17f, 0.115f, 0.105f},
     {0.008f, 0.007f, 0.007f},
     0.15f,
     0,
     0},
};
enum { COATS = (int)(sizeof(coats) / sizeof(coats[0])) };

static const gr_synth_preset presets[] = {
    {.name = "ratspain",
     .style = {.yaw = 75,
               .pitch = 22,
               .roll = 22,
               .clutter = 1,
               .variety = 1,
               .expression = 0.14f,
               .zoom = 1,
               .sessions = 3,
               .palest = 1},
     .size = 224,
     .animals = 6,
     .no = {0.6f, 0.4f},
     .moderate = {0.2f, 0.3f, 0.3f, 0.2f},
     .severe = {0.6f, 0.25f, 0.15f}},
    {.name = "mini",
     .style = {.yaw = 22,
               .pitch = 6,
               .roll = 6,
               .clutter = 0.15f,
               .variety = 0.5f,
               .expression = 0.05f,
               .zoom = 1.08f,
               .darkest = 0.12f, /* an animal unlike its fellows cannot be learnt from a few of them: none black or white */
               .palest = 0.6f,
               .sessions = 2},
     .size = 64,
     .animals = 6,
     .images = 40,
     .no = {0.95f, 0.05f},
     .moderate = {0, 0, 0.1f, 0.9f},
     .severe = {0.2f, 0.4f, 0.4f}},
};
enum { PRESETS = (int)(sizeof(presets) / sizeof(presets[0])) };

const gr_synth_preset *gr_synth_preset_find(const char *name, gr_error *err)
{
    const char *names[PRESETS];
    for (int i = 0; i < PRESETS; i++) {
        if (strcmp(presets[i].name, name) == 0)
            return &presets[i];
        names[i] = presets[i].name;
    }
    const char *near = gr_nearest(name, names, PRESETS);
    gr_fail(err, GR_INVALID, "--preset: '%s' is none of %s and %s%s%s", name, names[0], names[1],
            near != NULL ? "; the nearest is " : "", near != NULL ? near : "");
    return NULL;
}

static float between(gr_rng *rng, float low, float high)
{
    return low + (high - low) * gr_rng_float(rng);
}

/* About normal within +-limit. */
static float around(gr_rng *rng, float spread, float limit)
{
    return gr_clamp((float)gr_rng_normal(rng) * spread, -limit, limit);
}

/* Streams of the set's seed that are no image's: above every image's number. */
enum { IDENTITY = 1, SESSION = 2, PALETTE = 3 };
static gr_rng stream(uint64_t seed, int animal, int what, int number)
{
    return gr_rng_make(seed, GR_FOR_SYNTH, (uint32_t)animal, ((uint64_t)what << 40) + (uint64_t)number);
}

/* Each animal has the next coat of a shuffled palette, so that neighbours differ. */
static const struct coat *coat_of(uint64_t seed, int animal, const gr_synth_style *style)
{
    int64_t order[COATS];
    size_t count = 0;
    for (int i = 0; i < COATS; i++)
        if (coats[i].coat[1] >= style->darkest && coats[i].coat[1] <= style->palest)
            order[count++] = i;
    gr_rng rng = stream(seed, 0, PALETTE, 0);
    size_t lead = order[0] == 0 ? 1 : 0; /* an albino, as the paper's strain, leads where it is allowed */
    gr_rng_shuffle(&rng, order + lead, count - lead);
    return &coats[order[(size_t)(animal - 1) % count]];
}

static void tint(gr_rng *rng, float tone, float spread, const float from[3], float to[3])
{
    for (int c = 0; c < 3; c++)
        to[c] = gr_clamp(from[c] * tone * (1 + spread * (2 * gr_rng_float(rng) - 1)), 0.004f, 0.92f);
}

gr_synth_identity gr_synth_identity_draw(uint64_t seed, int animal, const gr_synth_style *style)
{
    const struct coat *coat = coat_of(seed, animal, style);
    gr_rng rng = stream(seed, animal, IDENTITY, 0);
    gr_synth_identity id = {.pattern = gr_rng_u32(&rng), .agouti = coat->agouti, .hood = coat->hood, .blaze = coat->blaze};
    float tone = between(&rng, 0.88f, 1.10f);
    tint(&rng, tone, 0.05f, coat->coat, id.coat);
    tint(&rng, tone, 0.05f, coat->under, id.under);
    tint(&rng, 1, 0.03f, coat->marking, id.marking);
    tint(&rng, 1, 0.06f, coat->skin, id.skin);
    tint(&rng, 1, 0.10f, coat->eye, id.eye);
    float v = style->variety;
    id.head_width = 1 + v * between(&rng, -0.08f, 0.08f);
    id.snout_length = 1 + v * between(&rng, -0.10f, 0.08f);
    id.snout_width = 1 + v * between(&rng, -0.08f, 0.08f);
    id.cheek_size = 1 + v * between(&rng, -0.15f, 0.15f);
    id.eye_size = 1 + v * between(&rng, -0.07f, 0.08f);
    id.ear_size = 1 + v * between(&rng, -0.12f, 0.12f);
    id.ear_width = 1 + v * between(&rng, -0.08f, 0.08f);
    id.ear_angle = v * between(&rng, -6, 6);
    id.fur_length = 1 + v * between(&rng, -0.20f, 0.25f);
    id.whisker_length = 1 + v * between(&rng, -0.15f, 0.20f);
    id.whiskers = 14 + (int)gr_rng_below(&rng, 7);
    id.notches = gr_rng_float(&rng) < 0.45f ? 1 + (int)gr_rng_below(&rng, 2) : 0;
    for (int i = 0; i < 3; i++) {
        id.notch[i].side = gr_rng_float(&rng) < 0.5f ? -1 : 1;
        id.notch[i].where = between(&rng, -0.8f, 0.8f);
        id.notch[i].depth = between(&rng, 0.16f, 0.28f);
    }
    return id;
}

gr_synth_session gr_synth_session_draw(uint64_t seed, int animal, int session, const gr_synth_style *style)
{
    gr_rng rng = stream(seed, animal, SESSION, session);
    gr_synth_session s = {.layout = gr_rng_u32(&rng)};
    s.backdrop = (int)gr_rng_below(&rng, 5);
    float grey = between(&rng, 0.10f, 0.45f), warm = between(&rng, -0.2f, 0.2f), wood = between(&rng, 0.25f, 0.5f);
    float rest = 0.6f + 0.4f * style->clutter;
    s.wall[0] = grey * (1 + warm);
    s.wall[1] = grey * (1 + 0.3f * between(&rng, -0.2f, 0.2f) * rest);
    s.wall[2] = grey * (1 - warm);
    s.floor[0] = wood;
    s.floor[1] = wood * between(&rng, 0.70f, 0.88f);
    s.floor[2] = wood * between(&rng, 0.42f, 0.68f);
    s.horizon = between(&rng, 0.45f, 0.85f);
    s.focus = between(&rng, 0.35f, 1.0f);
    float aside = between(&rng, -0.85f, 0.85f) * rest, above = between(&rng, 0.35f, 0.95f);
    gr_vec3 light = gr_v3_unit(gr_v3(aside, above, between(&rng, 0.45f, 0.9f)));
    float warmth = between(&rng, -0.12f, 0.12f) * rest, power = between(&rng, 0.62f, 0.95f),
          fill = between(&rng, 0.26f, 0.44f);
    s.light[0] = light.x;
    s.light[1] = light.y;
    s.light[2] = light.z;
    s.light_rgb[0] = power * (1 + warmth);
    s.light_rgb[1] = power;
    s.light_rgb[2] = power * (1 - warmth);
    s.ambient[0] = fill * (1 - 0.5f * warmth);
    s.ambient[1] = fill;
    s.ambient[2] = fill * (1 + 0.5f * warmth);
    return s;
}

void gr_synth_view_draw(gr_rng *rng, const gr_synth_style *style, gr_synth_params *params)
{
    /* Frontal views are no more than a quarter of the set: non-frontal ones are the paper's point. */
    bool frontal = gr_rng_float(rng) < 0.25f;
    float wide = between(rng, -1, 1) * style->yaw, narrow = around(rng, 0.18f * style->yaw, style->yaw);
    params->yaw = frontal ? narrow : wide;
    params->pitch =
        gr_clamp(around(rng, 0.45f * style->pitch, style->pitch) - 0.2f * style->pitch, -style->pitch, style->pitch);
    params->roll = around(rng, 0.42f * style->roll, style->roll);
    params->body_yaw = -0.55f * params->yaw + around(rng, 10, 25);
    params->zoom = style->zoom * (1 + 0.09f * between(rng, -1, 1));
    float shift = 0.02f + 0.035f * style->clutter;
    params->shift_x = shift * between(rng, -1, 1);
    params->shift_y = shift * between(rng, -1, 1);
    /* One draw a statement: C leaves open which of two in one expression comes first. */
    float focus = gr_rng_float(rng);
    params->blur = 0.0012f + 0.0075f * style->clutter * (focus * gr_rng_float(rng));
    bool moving = gr_rng_float(rng) < 0.15f;
    params->motion = moving ? 0.03f * style->clutter * gr_rng_float(rng) : 0;
    params->motion_angle = between(rng, 0, 3.14159265f);
    params->noise = 0.006f + 0.024f * style->clutter * gr_rng_float(rng);
    params->exposure = 1 + (0.06f + 0.22f * style->clutter) * between(rng, -1, 1);
    /* Within a session the lamp shifts a little, as the animal does. */
    gr_vec3 light = gr_v3_of(params->session.light);
    float aside = between(rng, -0.25f, 0.25f), above = between(rng, -0.15f, 0.15f);
    light = gr_v3_unit(gr_v3_add(light, gr_v3(aside, above, 0)));
    params->session.light[0] = light.x;
    params->session.light[1] = light.y;
    params->session.light[2] = light.z;
    params->seed = (uint64_t)gr_rng_u32(rng) << 32;
    params->seed |= gr_rng_u32(rng);
}

gr_synth_params gr_synth_neutral(void)
{
    gr_synth_params p = {.identity = {.pattern = 1,
                                      .head_width = 1,
                                      .snout_length = 1,
                                      .snout_width = 1,
                                      .cheek_size = 1,
                                      .eye_size = 1,
                                      .ear_size = 1,
                                      .ear_width = 1,
                                      .fur_length = 1,
                                      .whisker_length = 1,
                                      .whiskers = 18,
                                      .agouti = coats[0].agouti},
                         .session = {.layout = 1,
                                     .wall = {0.16f, 0.18f, 0.21f},
                                     .floor = {0.4f, 0.32f, 0.22f},
                                     .horizon = 0.7f,
                                     .focus = 0.7f,
                                     .light = {0.36f, 0.64f, 0.68f},
                                     .light_rgb = {0.85f, 0.85f, 0.83f},
                                     .ambient = {0.34f, 0.35f, 0.37f}},
                         .zoom = 1,
                         .exposure = 1,
                         .seed = 1};
    memcpy(p.identity.coat, coats[0].coat, sizeof(p.identity.coat));
    memcpy(p.identity.under, coats[0].under, sizeof(p.identity.under));
    memcpy(p.identity.marking, coats[0].marking, sizeof(p.identity.marking));
    memcpy(p.identity.skin, coats[0].skin, sizeof(p.identity.skin));
    memcpy(p.identity.eye, coats[0].eye, sizeof(p.identity.eye));
    return p;
}
