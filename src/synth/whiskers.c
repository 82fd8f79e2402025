/* Whiskers: long tapering hairs in rows on the pads. At rest they fan out and sweep back and down in a curve; with the
 * action unit they come forward, straighten, thicken to the eye and bunch. */
#include "synth/scene.h"

void gr_synth_whisker(const gr_synth_params *params, int side, int row, int column, const float jitter[4],
                      gr_synth_hair *hair, gr_vec3 *normal)
{
    float pull = params->au[GR_SYNTH_AU_WHISKER] * 0.5f;
    float t = 2.75f + 0.36f * (float)column + 0.15f * jitter[0], phi = 0.10f - 0.23f * (float)row + 0.08f * jitter[1];
    gr_vec3 root = gr_synth_surface(params, t, gr_synth_phi(phi, side), normal);
    float s = (float)side, rank = ((float)row - 1.5f) / 1.5f; /* -1 upper row, +1 lower */
    float order = (float)column / 4;
    /* Hindmost whiskers are the longest. */
    float length = (0.45f + 0.62f * order) * params->identity.whisker_length * (1 + 0.25f * jitter[2]);
    gr_vec3 rest = gr_v3(s * 0.92f, 0.08f - 0.42f * rank, -0.42f * order - 0.05f + 0.35f * jitter[3]);
    gr_vec3 tense = gr_v3(s * 0.74f, 0.36f - 0.13f * rank, 0.58f - 0.16f * order + 0.08f * jitter[3]);
    gr_vec3 aim = gr_v3_unit(gr_v3_mix(rest, tense, pull));
    gr_vec3 droop = gr_v3_scale(gr_v3(0, -0.50f, -0.34f), (1 - 0.92f * pull) * length);
    *hair = (gr_synth_hair){.from = root,
                            .middle = gr_v3_along(root, aim, 0.55f * length),
                            .to = gr_v3_add(gr_v3_along(root, aim, length), droop),
                            .width = 0.0125f * (1 + 0.35f * pull),
                            .alpha = 0.80f};
    hair->tip = gr_v3_along(root, aim, 0.4f); /* for now where its colour is looked up */
}

static void whisker(gr_synth_scene *scene, gr_rng *rng, int side, int row, int column, float bright)
{
    float jitter[4];
    for (int i = 0; i < 4; i++)
        jitter[i] = gr_rng_float(rng) - 0.5f;
    gr_synth_hair hair;
    gr_vec3 normal;
    gr_synth_whisker(scene->params, side, row, column, jitter, &hair, &normal);
    gr_vec3 root = hair.from, lit = hair.tip;
    gr_vec3 colour = gr_v3(bright, bright, bright * 0.97f);
    hair.root = gr_synth_shade(scene, gr_v3_scale(colour, 0.8f), root, normal);
    hair.tip = gr_synth_shade(scene, colour, lit, gr_v3(0, 0.5f, 0.86f));
    /* The follicle shows as a dark dot in the pad. */
    gr_synth_hair dot = {.from = root, .middle = gr_v3_along(root, normal, 0.01f), .width = 0.022f, .alpha = 0.45f};
    dot.to = gr_v3_along(root, normal, 0.02f);
    dot.root = dot.tip = gr_v3_scale(hair.root, 0.25f);
    gr_synth_draw_hair(scene, &dot);
    gr_synth_draw_hair(scene, &hair);
}

void gr_synth_whiskers(gr_synth_scene *scene)
{
    const gr_synth_identity *id = &scene->params->identity;
    gr_rng rng = gr_rng_make(scene->params->seed, GR_FOR_SYNTH, 0, 2);
    /* On a dark animal most whiskers are dark, on a pale one white. */
    float dark = id->coat[1] < 0.12f ? 0.45f : id->coat[1] < 0.4f ? 0.10f : 0;
    for (int side = -1; side <= 1; side += 2)
        for (int i = 0; i < id->whiskers; i++) {
            float bright = gr_rng_float(&rng) < dark ? 0.10f : 0.95f;
            whisker(scene, &rng, side, i % 4, (i / 4) % 5, bright);
        }
}
