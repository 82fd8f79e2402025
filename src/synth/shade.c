/* Colours: what the fur, the skin, the ears and the eyes reflect, and the light of the lamp and of the surroundings. */
#include "synth/scene.h"

static const float half_pi = 1.5707963f;

static float bell(float x, float width)
{
    float d = x / width;
    return d * d < 9 ? expf(-d * d) : 0;
}

/* ---- light ---- */

gr_vec3 gr_synth_shade(const gr_synth_scene *scene, gr_vec3 colour, gr_vec3 place, gr_vec3 normal)
{
    const gr_synth_session *session = &scene->params->session;
    gr_vec3 n = gr_turned(&scene->turn, normal);
    float facing = gr_v3_dot(n, gr_v3_of(session->light));
    /* Fur scatters light round its edge: the terminator lies a little behind the right angle. */
    float direct = gr_most((facing + 0.28f) / 1.28f, 0);
    if (direct > 0)
        direct *= gr_synth_lit(scene, place, normal);
    float sky = 0.60f + 0.40f * n.y;
    gr_vec3 light = gr_v3_scale(gr_v3_of(session->ambient), sky);
    light = gr_v3_along(light, gr_v3_of(session->light_rgb), direct);
    return gr_v3_mul(colour, light);
}

static gr_vec3 to_camera(const gr_synth_scene *scene, gr_vec3 place)
{
    return gr_v3_unit(gr_v3_sub(gr_v3(0, 0, 7), gr_turned(&scene->turn, place)));
}

/* ---- head and body ---- */

/* 1 on the bare skin of the nose, and how dark nostrils, cleft and mouth make it. */
static float bare_nose(float t)
{
    return 1 - gr_smooth(1.15f, 1.75f, t);
}

static float openings(float phi, float t)
{
    float side = fabsf(fabsf(phi - half_pi) - half_pi);    /* 0 at either flank */
    float below = phi > half_pi ? 3.14159265f - phi : phi; /* the left side's angle */
    float nostril = bell(t - 1.42f - 0.35f * (below + 0.2f), 0.26f) * bell(below + 0.18f, 0.36f);
    float cleft = bell(below + half_pi, 0.16f) * gr_smooth(0.5f, 1.0f, t) * (1 - gr_smooth(2.1f, 2.4f, t));
    float line = -1.42f + 0.30f * (t - 2.2f);
    float mouth = bell(below - line, 0.055f + 0.02f * side) * gr_smooth(2.0f, 2.3f, t) * (1 - gr_smooth(4.0f, 4.6f, t));
    return gr_least(0.92f * nostril + 0.6f * cleft + 0.62f * mouth, 0.95f);
}

gr_vec3 gr_synth_fur_colour(const gr_synth_scene *scene, gr_vec3 place, float phi, float t, float *skin)
{
    const gr_synth_identity *id = &scene->params->identity;
    float wobble = gr_synth_fractal(id->pattern, gr_v3_scale(place, 3.0f), 3) - 0.5f;
    float below = phi > half_pi ? 3.14159265f - phi : phi;
    float belly = gr_smooth(-0.35f, -1.0f, below + 0.5f * wobble);
    gr_vec3 colour = gr_v3_mix(gr_v3_of(id->coat), gr_v3_of(id->under), belly);
    /* The muzzle's sides are a little paler than the back. */
    colour = gr_v3_mix(colour, gr_v3_of(id->under), 0.30f * (1 - gr_smooth(2.0f, 5.0f, t)) * gr_smooth(0.9f, 0.0f, below));
    float pale = id->hood * gr_smooth(9.0f, 9.35f, t + 1.6f * wobble + 0.5f * (below + half_pi) / 3.1f);
    float stripe = fabsf(half_pi - phi) * (0.35f + 0.08f * t);
    pale = gr_most(pale, id->blaze * gr_smooth(0.26f, 0.20f, stripe + 0.3f * wobble) * (1 - gr_smooth(7.2f, 7.8f, t)));
    colour = gr_v3_mix(colour, gr_v3_of(id->marking), gr_clamp(pale, 0, 1));
    colour = gr_v3_scale(colour, 1 + 0.35f * wobble);
    *skin = bare_nose(t);
    return gr_v3_mix(colour, gr_v3_of(id->skin), *skin);
}

/* Share of the surroundings' light that folds and neighbours leave. */
static float open_sky(const gr_synth_scene *scene, float phi, float t)
{
    float below = phi > half_pi ? 3.14159265f - phi : phi;
    float flat = scene->params->au[GR_SYNTH_AU_NOSE_CHEEK] * 0.5f;
    float crease = bell(t - 5.25f - 0.6f * (below + 0.25f), 0.42f) * bell(below + 0.42f, 0.55f);
    float chin = gr_smooth(-0.75f, -1.5f, below) * gr_smooth(2.5f, 4.0f, t);
    float ear_foot = bell(t - 8.15f, 0.55f) * bell(below - 0.95f, 0.42f);
    float nape = bell(t - 10.2f, 1.0f) * 0.18f;
    return (1 - 0.55f * crease * (1 - flat)) * (1 - 0.30f * chin) * (1 - 0.30f * ear_foot) * (1 - nape);
}

static gr_vec3 shade_head(const gr_synth_scene *scene, const gr_synth_sample *s, gr_vec3 normal)
{
    float skin;
    gr_vec3 colour = gr_synth_fur_colour(scene, s->place, s->u, s->v, &skin);
    colour = gr_v3_scale(colour, 1 - openings(s->u, s->v));
    /* Under the hairs it is darker; bare skin is not. */
    colour = gr_v3_scale(colour, gr_mix(0.80f, 1.0f, skin) * open_sky(scene, s->u, s->v));
    gr_vec3 light = gr_synth_shade(scene, colour, s->place, normal);
    if (skin > 0) {
        gr_vec3 n = gr_turned(&scene->turn, normal);
        gr_vec3 half = gr_v3_unit(gr_v3_add(gr_v3_of(scene->params->session.light), to_camera(scene, s->place)));
        float gloss = powf(gr_most(gr_v3_dot(n, half), 0), 28) * 0.22f * skin * (1 - openings(s->u, s->v));
        light = gr_v3_along(light, gr_v3_of(scene->params->session.light_rgb), gloss);
    }
    return light;
}

/* ---- eyes ---- */

static gr_vec3 eyeball(const gr_synth_scene *scene, const gr_synth_sample *s, gr_vec3 normal, float lid)
{
    const gr_synth_session *session = &scene->params->session;
    gr_vec3 n = gr_turned(&scene->turn, normal), view = to_camera(scene, s->place);
    float facing = gr_most(gr_v3_dot(n, view), 0), edge = powf(1 - facing, 3);
    gr_vec3 iris = gr_v3_of(scene->params->identity.eye);
    float pupil = 1 - gr_smooth(0.30f, 0.42f, sqrtf(s->u * s->u + s->v * s->v));
    gr_vec3 colour = gr_synth_shade(scene, gr_v3_scale(iris, 1 - 0.55f * pupil), s->place, normal);
    /* The cornea mirrors the surroundings above, and the lamp as a small bright spot. */
    float sky = gr_smooth(-0.1f, 0.9f, n.y) * (0.05f + 0.5f * edge);
    colour = gr_v3_along(colour, gr_v3_of(session->ambient), sky * 0.8f);
    gr_vec3 half = gr_v3_unit(gr_v3_add(gr_v3_of(session->light), view));
    float spot = gr_smooth(0.982f, 0.994f, gr_v3_dot(n, half));
    colour = gr_v3_along(colour, gr_v3_of(session->light_rgb), 1.1f * spot * gr_smooth(0.02f, -0.06f, lid));
    /* The lids shade the ball's rim. */
    return gr_v3_scale(colour, gr_mix(1.0f, 0.35f, gr_smooth(-0.30f, 0.0f, lid) * gr_smooth(-0.5f, 0.6f, s->v)));
}

static gr_vec3 shade_eye(const gr_synth_scene *scene, const gr_synth_sample *s, gr_vec3 normal)
{
    int which = s->part == GR_SYNTH_PART_EYE_LEFT ? 0 : 1;
    const gr_synth_identity *id = &scene->params->identity;
    const gr_synth_eye *eye = &scene->eye[which];
    float lid = gr_synth_lid(eye, s->u, s->v), skin;
    if (lid < 0)
        return eyeball(scene, s, normal, lid);
    gr_vec3 fur = gr_synth_fur_colour(scene, s->place, gr_synth_phi(0.46f, which == 0 ? 1 : -1), 5.75f, &skin);
    gr_vec3 rim = gr_v3_scale(gr_v3_mul(gr_v3_of(id->skin), gr_v3_mix(fur, gr_v3(1, 1, 1), 0.35f)), 0.55f);
    gr_vec3 colour = gr_v3_mix(gr_v3_scale(rim, gr_mix(0.55f, 0.2f, 1 - eye->open)), rim, gr_smooth(0, 0.08f, lid));
    colour = gr_v3_mix(colour, gr_v3_scale(fur, 0.85f), gr_smooth(0.07f, 0.20f, lid));
    /* Tightened lids wrinkle along the edge. */
    float shut = 1 - eye->open;
    float wrinkle = (bell(lid - 0.30f, 0.06f) + bell(lid - 0.52f, 0.06f)) * shut;
    colour = gr_v3_scale(colour, 1 - 0.45f * wrinkle);
    return gr_synth_shade(scene, colour, s->place, normal);
}

/* ---- ears ---- */

static gr_vec3 shade_ear(const gr_synth_scene *scene, const gr_synth_sample *s, gr_vec3 normal)
{
    const gr_synth_identity *id = &scene->params->identity;
    gr_vec3 view = to_camera(scene, s->place), n = gr_turned(&scene->turn, normal);
    bool hollow = gr_v3_dot(n, view) > 0;
    gr_vec3 facing = hollow ? normal : gr_v3_scale(normal, -1), skin = gr_v3_of(id->skin), colour;
    float rim = gr_smooth(0.80f, 0.98f, fabsf(s->u)) + gr_smooth(0.90f, 1.0f, s->v);
    if (hollow) {
        float depth = bell(s->v - 0.16f, 0.26f) * bell(s->u - 0.05f, 0.62f);
        float vein = gr_synth_noise(id->pattern + 7, gr_v3(s->u * 4 + 9, s->v * 3, s->part * 5.0f));
        colour = gr_v3_scale(skin, (1 - 0.62f * depth) * (0.94f + 0.12f * vein));
        colour = gr_v3_mix(colour, gr_v3_mul(colour, gr_v3(1, 0.80f, 0.78f)), gr_smooth(0.55f, 0.75f, vein) * 0.5f);
    } else {
        colour = gr_v3_mix(gr_v3_of(id->coat), skin, 0.45f);
    }
    colour = gr_v3_mix(colour, gr_v3_mix(gr_v3_of(id->coat), gr_v3(0.9f, 0.85f, 0.8f), 0.25f), 0.35f * gr_least(rim, 1));
    gr_vec3 light = gr_synth_shade(scene, colour, s->place, facing);
    /* A thin ear glows when the lamp stands behind it. */
    gr_vec3 glow = gr_v3_mul(skin, gr_v3(0.55f, 0.20f, 0.15f));
    float behind = gr_most(-gr_v3_dot(gr_turned(&scene->turn, facing), gr_v3_of(scene->params->session.light)), 0);
    return gr_v3_add(light, gr_v3_scale(gr_v3_mul(glow, gr_v3_of(scene->params->session.light_rgb)), behind));
}

void gr_synth_resolve(gr_synth_scene *scene)
{
    size_t pixels = (size_t)scene->width * (size_t)scene->height;
    for (size_t i = 0; i < pixels; i++) {
        const gr_synth_sample *s = &scene->sample[i];
        if (s->part == GR_SYNTH_PART_NONE)
            continue;
        gr_vec3 normal = gr_v3_unit(s->normal);
        if (scene->cover != NULL)
            scene->cover[i] = 1;
        if (s->part == GR_SYNTH_PART_HEAD)
            scene->picture[i] = shade_head(scene, s, normal);
        else if (s->part == GR_SYNTH_PART_EAR_LEFT || s->part == GR_SYNTH_PART_EAR_RIGHT)
            scene->picture[i] = shade_ear(scene, s, normal);
        else
            scene->picture[i] = shade_eye(scene, s, normal);
    }
}
