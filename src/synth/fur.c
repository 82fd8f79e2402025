/* Fur: some ten thousand short strands that grow from the head, the lids and the ears along the lie of the coat, drawn
 * from far to near against the depth buffer. They give the coat its texture and the animal its soft outline. */
#include "synth/scene.h"

#include <stdlib.h>

static const float half_pi = 1.5707963f;

/* One short step of a hair: a disc-free box of alpha, split over the two pixels that it straddles. */
static void dab(gr_synth_scene *scene, int x, int y, float depth, gr_vec3 colour, float alpha)
{
    if (x < 0 || y < 0 || x >= scene->width || y >= scene->height || alpha <= 0)
        return;
    size_t i = (size_t)y * (size_t)scene->width + (size_t)x;
    /* The root lies on the surface and the strand leans along it: allow for the surface's own depth in between. */
    if (depth < scene->depth[i] - 0.035f)
        return;
    scene->picture[i] = gr_v3_mix(scene->picture[i], colour, gr_least(alpha, 1));
    if (scene->cover != NULL)
        scene->cover[i] = gr_mix(scene->cover[i], 1, gr_least(alpha, 1));
}

void gr_synth_draw_hair(gr_synth_scene *scene, const gr_synth_hair *hair)
{
    gr_vec3 a = gr_synth_project(scene, hair->from), b = gr_synth_project(scene, hair->middle);
    gr_vec3 c = gr_synth_project(scene, hair->to);
    float length = hypotf(b.x - a.x, b.y - a.y) + hypotf(c.x - b.x, c.y - b.y);
    float limit = 4.0f * (float)(scene->width + scene->height);
    if (!(length < limit))
        return;
    int steps = (int)(length * 1.1f) + 2;
    gr_vec3 before = a;
    for (int i = 0; i < steps; i++) {
        float s = ((float)i + 0.5f) / (float)steps, r = 1 - s;
        gr_vec3 p = gr_v3_scale(a, r * r);
        p = gr_v3_along(gr_v3_along(p, b, 2 * r * s), c, s * s);
        float dx = fabsf(p.x - before.x), dy = fabsf(p.y - before.y);
        before = p;
        float width = hair->width * scene->unit * (1 - 0.75f * s);
        float alpha = hair->alpha * (1 - 0.55f * s * s) * gr_least(width, 1);
        gr_vec3 colour = gr_v3_mix(hair->root, hair->tip, s);
        /* Across the direction of travel the hair covers `width` pixels, its ends in part. */
        bool steep = dy > dx;
        float middle = steep ? p.x : p.y, low = middle - gr_most(width, 1) * 0.5f, high = middle + gr_most(width, 1) * 0.5f;
        for (int k = gr_floor(low); (float)k < high; k++) {
            float part = gr_least(high, (float)k + 1) - gr_most(low, (float)k);
            dab(scene, steep ? k : gr_floor(p.x), steep ? gr_floor(p.y) : k, p.z, colour, alpha * part);
        }
    }
}

/* ---- where hairs grow ---- */

/* Far to near; equal depths in the order in which they grew. */
typedef struct rank {
    float depth;
    int index;
} rank;

static int far_first(const void *a, const void *b)
{
    const rank *x = a, *y = b;
    return x->depth != y->depth ? (x->depth > y->depth) - (x->depth < y->depth) : x->index - y->index;
}

/* Length and lie of the coat at a place of the head: backwards, outwards on the cheeks, down on the flanks. */
static float lie_of_coat(const gr_synth_scene *scene, float phi, float t, gr_vec3 place, gr_vec3 *lie)
{
    const gr_synth_params *params = scene->params;
    float back = gr_smooth(8.5f, 11.0f, t), cheek = gr_smooth(5.5f, 7.5f, t);
    gr_vec3 d = gr_v3((0.18f + 0.20f * cheek) * place.x / (fabsf(place.x) + 0.12f), -0.05f - 0.45f * back, -1);
    /* The coat parts before the eye and flows round it. */
    for (int which = 0; which < 2; which++) {
        gr_vec3 away = gr_v3_sub(place, scene->eye[which].centre);
        float near = 1 - gr_smooth(1.0f, 2.2f, gr_v3_length(away) / scene->eye[which].radius);
        d = gr_v3_along(gr_v3_scale(d, 1 - 0.75f * near), gr_v3_unit(away), 1.2f * near);
    }
    *lie = d;
    float length = gr_mix(0.035f, 0.085f, gr_smooth(1.5f, 5.0f, t));
    length = gr_mix(length, 0.130f, cheek * gr_smooth(0.9f, -0.4f, phi > half_pi ? 3.14159265f - phi : phi));
    return gr_mix(length, 0.22f, back) * params->identity.fur_length;
}

static void colour_strand(const gr_synth_scene *scene, gr_rng *rng, gr_synth_hair *hair, gr_vec3 colour, gr_vec3 normal)
{
    const gr_synth_identity *id = &scene->params->identity;
    const gr_synth_session *session = &scene->params->session;
    float dark = id->agouti * gr_rng_float(rng), shade = 0.86f + 0.30f * gr_rng_float(rng);
    gr_vec3 light = gr_synth_shade(scene, gr_v3_scale(colour, shade), hair->from, normal);
    /* A hair shines where the bisector of lamp and camera stands square to it. */
    gr_vec3 along = gr_turned(&scene->turn, gr_v3_unit(gr_v3_sub(hair->to, hair->from)));
    gr_vec3 half = gr_v3_unit(gr_v3_add(gr_v3_of(session->light), gr_v3(0, 0, 1)));
    float slant = gr_v3_dot(along, half), shine = powf(gr_most(1 - slant * slant, 0), 12);
    float lit = gr_most(gr_v3_dot(gr_turned(&scene->turn, normal), gr_v3_of(session->light)) + 0.1f, 0);
    hair->root = gr_v3_scale(light, 0.66f);
    /* Agouti hairs are dark with a pale band below the tip; seen together, ticked. */
    hair->tip = gr_v3_scale(light, (1.10f - 0.75f * dark));
    hair->tip = gr_v3_along(hair->tip, gr_v3_of(session->light_rgb), 0.05f * shine * gr_least(lit, 1));
}

/* Whether a root lies so far outside the picture or behind what is seen that nothing of its hair can show. */
static bool hidden(const gr_synth_scene *scene, gr_vec3 place)
{
    gr_vec3 p = gr_synth_project(scene, place);
    float margin = 0.3f * scene->unit;
    if (!(p.x > -margin && p.y > -margin && p.x < (float)scene->width + margin && p.y < (float)scene->height + margin))
        return true;
    int x = (int)gr_clamp(p.x, 0, (float)(scene->width - 1)), y = (int)gr_clamp(p.y, 0, (float)(scene->height - 1));
    return p.z < scene->depth[(size_t)y * (size_t)scene->width + (size_t)x] - 0.25f;
}

/* Grows one strand from a random place of a triangle. false: none grows here. */
static bool grow(const gr_synth_scene *scene, gr_rng *rng, int part, const int t[3], gr_synth_hair *hair)
{
    const gr_synth_mesh *mesh = &scene->mesh[part];
    float a = gr_rng_float(rng), b = gr_rng_float(rng), spread[3];
    for (int i = 0; i < 3; i++)
        spread[i] = gr_rng_float(rng) - 0.5f;
    float tall = gr_rng_float(rng);
    if (a + b > 1) {
        a = 1 - a;
        b = 1 - b;
    }
    const float w[3] = {1 - a - b, a, b};
    gr_vec3 place = gr_v3(0, 0, 0), normal = place;
    float u = 0, v = 0;
    for (int i = 0; i < 3; i++) {
        place = gr_v3_along(place, mesh->place[t[i]], w[i]);
        normal = gr_v3_along(normal, mesh->normal[t[i]], w[i]);
        u += w[i] * mesh->uv[t[i]][0];
        v += w[i] * mesh->uv[t[i]][1];
    }
    if (hidden(scene, place))
        return false;
    normal = gr_v3_unit(normal);
    gr_vec3 seen = gr_turned(&scene->turn, normal), lie, colour;
    float skin = 0, length;
    int which = part == GR_SYNTH_PART_EYE_RIGHT || part == GR_SYNTH_PART_EAR_RIGHT;
    if (part == GR_SYNTH_PART_HEAD) {
        if (seen.z < -0.45f)
            return false;
        length = lie_of_coat(scene, u, v, place, &lie);
        colour = gr_synth_fur_colour(scene, place, u, v, &skin);
        if (skin > 0.15f || v < 1.5f)
            return false;
    } else if (part == GR_SYNTH_PART_EYE_LEFT || part == GR_SYNTH_PART_EYE_RIGHT) {
        const gr_synth_eye *eye = &scene->eye[which];
        if (seen.z < -0.2f || gr_synth_lid(eye, u, v) < 0.14f)
            return false;
        length = 0.045f * scene->params->identity.fur_length;
        lie = gr_v3_add(gr_v3_scale(eye->back, u), gr_v3_scale(eye->up, v));
        lie = gr_v3_add(lie, gr_v3_scale(eye->back, 0.5f));
        colour = gr_synth_fur_colour(scene, place, gr_synth_phi(0.46f, which == 0 ? 1 : -1), 5.75f, &skin);
    } else {
        bool rim = fabsf(u) > 0.86f || v > 0.93f, back = seen.z < 0;
        if ((!rim && !back && v > 0.16f) || gr_synth_ear_bitten(&scene->params->identity, which == 0 ? 1 : -1, u, v))
            return false;
        const gr_synth_ear *ear = &scene->ear[which];
        length = (rim ? 0.03f : back ? 0.035f : 0.055f) * scene->params->identity.fur_length;
        lie = gr_v3_along(ear->up, ear->across, 0.6f * u);
        colour = gr_v3_mix(gr_v3_of(scene->params->identity.coat), gr_v3_of(scene->params->identity.skin), 0.25f);
        if (back)
            normal = gr_v3_scale(normal, -1);
    }
    lie = gr_v3_along(lie, normal, -gr_v3_dot(lie, normal));
    lie = gr_v3_unit(gr_v3_along(gr_v3_unit(lie), gr_v3(spread[0], spread[1], spread[2]), 0.75f));
    length *= 0.65f + 0.7f * tall;
    float lift = 0.42f;
    hair->from = gr_v3_along(place, normal, 0.004f);
    hair->middle = gr_v3_along(gr_v3_along(place, lie, 0.5f * length), normal, lift * 0.55f * length);
    hair->to = gr_v3_along(gr_v3_along(place, lie, length), normal, lift * 0.75f * length);
    colour_strand(scene, rng, hair, colour, normal);
    return true;
}

/* No hair lies over the open eye: it would hide what the lids show. */
static bool over_eye(const gr_synth_scene *scene, const gr_synth_hair *hair)
{
    for (int which = 0; which < 2; which++) {
        const gr_synth_eye *eye = &scene->eye[which];
        gr_vec3 d = gr_v3_scale(gr_v3_sub(hair->to, eye->centre), 1 / eye->radius);
        if (gr_v3_dot(d, d) < 3 && gr_v3_dot(d, eye->out) > 0 &&
            gr_synth_lid(eye, gr_v3_dot(d, eye->back), gr_v3_dot(d, eye->up)) < 0.08f)
            return true;
    }
    return false;
}

static float triangle_area(const gr_synth_mesh *mesh, const int t[3])
{
    gr_vec3 a = gr_v3_sub(mesh->place[t[1]], mesh->place[t[0]]), b = gr_v3_sub(mesh->place[t[2]], mesh->place[t[0]]);
    return 0.5f * gr_v3_length(gr_v3_cross(a, b));
}

bool gr_synth_fur(gr_synth_scene *scene)
{
    /* Strands a unit of area: enough to cover it at this resolution; the body, mostly out of focus, needs fewer. */
    enum { MOST = 60000 };
    float fineness = gr_clamp(scene->unit / 200, 0.18f, 1.6f), density = 7000 * fineness;
    int count = 0;
    gr_synth_hair *hairs = gr_arena_alloc(scene->arena, MOST, sizeof(*hairs));
    rank *order = gr_arena_alloc(scene->arena, MOST, sizeof(*order));
    if (hairs == NULL || order == NULL)
        return false;
    for (int part = GR_SYNTH_PART_HEAD; part < GR_SYNTH_PARTS; part++) {
        const gr_synth_mesh *mesh = &scene->mesh[part];
        for (int k = 0; k < mesh->triangles; k++) {
            /* A stream for each triangle: where one place of the face moves, the hairs elsewhere stay as they are. */
            gr_rng rng = gr_rng_make(scene->params->seed, GR_FOR_SYNTH, (uint32_t)part, (uint64_t)k);
            float t = mesh->uv[mesh->triangle[k][0]][1];
            float thin = part == GR_SYNTH_PART_HEAD ? 1 - 0.75f * gr_smooth(9.0f, 11.0f, t) : 1.3f;
            float expected = triangle_area(mesh, mesh->triangle[k]) * density * thin;
            int number = (int)(expected + gr_rng_float(&rng));
            for (int i = 0; i < number && count < MOST; i++) {
                gr_synth_hair *hair = &hairs[count];
                hair->width = 0.0138f / sqrtf(fineness * thin);
                hair->alpha = 0.65f;
                if (!grow(scene, &rng, part, mesh->triangle[k], hair) || over_eye(scene, hair))
                    continue;
                order[count] = (rank){gr_turned(&scene->turn, hair->from).z, count};
                count++;
            }
        }
    }
    qsort(order, (size_t)count, sizeof(*order), far_first);
    for (int i = 0; i < count; i++)
        gr_synth_draw_hair(scene, &hairs[order[i].index]);
    return true;
}
