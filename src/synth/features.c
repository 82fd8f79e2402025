/* Ears, eyes and landmarks: what stands on the head, and how the action units move it. */
#include "synth/scene.h"

static const float degree = 0.0174532925f;

/* ---- eyes ---- */

static void place_eye(gr_synth_scene *scene, int which)
{
    const gr_synth_params *params = scene->params;
    int side = which == 0 ? 1 : -1;
    float shut = params->au[GR_SYNTH_AU_ORBITAL] * 0.5f;
    gr_synth_eye *eye = &scene->eye[which];
    gr_vec3 normal, surface = gr_synth_surface(params, 5.75f, gr_synth_phi(0.46f, side), &normal);
    eye->radius = 0.160f * params->identity.eye_size;
    /* Round at 0, a squint at 1, a slit at 2; a tightened eye also sinks in. */
    eye->open = 1 - 0.60f * params->au[GR_SYNTH_AU_ORBITAL] +
                0.11f * params->au[GR_SYNTH_AU_ORBITAL] * gr_most(params->au[GR_SYNTH_AU_ORBITAL] - 1, 0);
    eye->open = gr_clamp(eye->open, 0.02f, 1);
    eye->out = gr_v3_unit(gr_v3((float)side * (fabsf(normal.x) + 0.08f), normal.y + 0.10f, normal.z + 0.34f));
    eye->centre = gr_v3_along(surface, eye->out, -(0.45f + 0.18f * shut) * eye->radius);
    gr_vec3 back = gr_v3((float)side * 0.18f, 0.30f, -1);
    back = gr_v3_along(back, eye->out, -gr_v3_dot(back, eye->out));
    eye->back = gr_v3_unit(back);
    eye->up = gr_v3_scale(gr_v3_cross(eye->out, eye->back), (float)side);
}

float gr_synth_lid(const gr_synth_eye *eye, float u, float v)
{
    const float half = 0.88f;
    float inside = 1 - (u / half) * (u / half);
    /* The upper lid comes down further than the lower one rises. */
    float middle = -0.16f * (1 - eye->open), height = 0.84f * eye->open * sqrtf(gr_most(inside, 0));
    return gr_most(fabsf(v - middle) - height, fabsf(u) - half);
}

static bool build_eye(gr_synth_scene *scene, int which)
{
    enum { ROWS = 26, COLUMNS = 41 };
    gr_synth_mesh *mesh = &scene->mesh[GR_SYNTH_PART_EYE_LEFT + which];
    const gr_synth_eye *eye = &scene->eye[which];
    float mirror = which == 0 ? 1.0f : -1.0f; /* keeps the triangles' turn outwards on both sides */
    if (!gr_synth_mesh_grid(scene->arena, mesh, ROWS, COLUMNS))
        return false;
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++) {
            float theta = 1.75f * (float)r / (ROWS - 1), phi = mirror * 6.2831853f * (float)c / (COLUMNS - 1);
            float reach = theta < 1.5707963f ? sinf(theta) : 1 + 0.4f * (theta - 1.5707963f);
            float u = reach * cosf(phi), v = reach * sinf(phi);
            gr_vec3 direction = gr_v3_scale(eye->out, cosf(theta));
            direction = gr_v3_along(direction, eye->back, sinf(theta) * cosf(phi));
            direction = gr_v3_along(direction, eye->up, sinf(theta) * sinf(phi));
            float lid = gr_smooth(-0.04f, 0.14f, gr_synth_lid(eye, u, v));
            int k = r * COLUMNS + c;
            mesh->place[k] = gr_v3_along(eye->centre, direction, eye->radius * (1 + 0.10f * lid));
            mesh->normal[k] = direction; /* the rim's own step is drawn by shading, so the sphere's normal serves */
            mesh->uv[k][0] = u;
            mesh->uv[k][1] = v;
        }
    return true;
}

/* ---- ears ---- */

static void place_ear(gr_synth_scene *scene, int which)
{
    const gr_synth_params *params = scene->params;
    const gr_synth_identity *id = &params->identity;
    int side = which == 0 ? 1 : -1;
    float pull = params->au[GR_SYNTH_AU_EAR] * 0.5f;
    gr_synth_ear *ear = &scene->ear[which];
    /* At rest up and a little out, the hollow to the front; pulled, out, down and back, the hollow to the side. */
    float lean = (28 + id->ear_angle + 36 * pull) * degree, sweep = (4 + 30 * pull) * degree;
    float look = (26 + 40 * pull) * degree;
    ear->up = gr_v3_unit(gr_v3((float)side * sinf(lean), cosf(lean), -sinf(sweep)));
    gr_vec3 face = gr_v3((float)side * sinf(look), -0.35f * pull, cosf(look));
    ear->face = gr_v3_unit(gr_v3_along(face, ear->up, -gr_v3_dot(face, ear->up)));
    ear->across = gr_v3_scale(gr_v3_cross(ear->up, ear->face), (float)side); /* away from the midline */
    gr_vec3 surface = gr_synth_surface(params, 7.95f + 0.35f * pull, gr_synth_phi(0.98f - 0.16f * pull, side), NULL);
    ear->height = 0.50f * id->ear_size;
    ear->width = 0.285f * id->ear_size * id->ear_width * (1 - 0.30f * pull);
    ear->curl = 0.75f + 0.95f * pull;
    ear->point = params->cat ? 1 : pull;
    ear->base = gr_v3_along(surface, ear->up, -0.05f);
}

/* Half width of the pinna at v, as a share of its greatest: an oval at rest, a leaf when folded. */
static float ear_outline(const gr_synth_ear *ear, float v)
{
    float s = (v - 0.54f) / 0.46f;
    float oval = v < 0.54f ? 0.52f + 0.48f * gr_smooth(-0.15f, 0.54f, v) : sqrtf(gr_most(1 - s * s, 0));
    float leaf = v < 0.32f ? 0.66f + 0.34f * gr_smooth(0, 0.32f, v) : powf(gr_most((1 - v) / 0.68f, 0), 0.85f);
    return gr_mix(oval, leaf, 0.85f * ear->point);
}

gr_vec3 gr_synth_ear_place(const gr_synth_ear *ear, float u, float v)
{
    float half = ear->width * ear_outline(ear, v), turn = u * ear->curl;
    float sideways = half * sinf(turn) / ear->curl, forward = half * (1 - cosf(turn)) / ear->curl;
    /* The rim bends towards the hollow; the tip leans back a little. */
    forward += ear->height * (0.10f * v - 0.22f * v * v);
    gr_vec3 p = gr_v3_along(ear->base, ear->up, ear->height * v);
    p = gr_v3_along(p, ear->across, sideways);
    return gr_v3_along(p, ear->face, forward);
}

bool gr_synth_ear_bitten(const gr_synth_identity *identity, int side, float u, float v)
{
    for (int i = 0; i < identity->notches && i < 3; i++) {
        if (identity->notch[i].side != side)
            continue;
        /* The rim runs up the inner edge, over the tip and down the outer edge. */
        float w = identity->notch[i].where, angle = w * 1.9f;
        float du = u - 1.05f * sinf(angle), dv = (v - 0.54f) * 2.1f - 1.0f * cosf(angle);
        if (du * du + dv * dv < identity->notch[i].depth * identity->notch[i].depth)
            return true;
    }
    return false;
}

static bool build_ear(gr_synth_scene *scene, int which)
{
    enum { ROWS = 41, COLUMNS = 33 };
    gr_synth_mesh *mesh = &scene->mesh[GR_SYNTH_PART_EAR_LEFT + which];
    if (!gr_synth_mesh_grid(scene->arena, mesh, ROWS, COLUMNS))
        return false;
    mesh->two_sided = true;
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++) {
            float s = (float)r / (ROWS - 1), u = -1 + 2 * (float)c / (COLUMNS - 1);
            float v = s * (1.7f - 0.7f * s); /* rows stand closer at the tip, where the outline turns */
            mesh->place[r * COLUMNS + c] = gr_synth_ear_place(&scene->ear[which], u, v);
            mesh->uv[r * COLUMNS + c][0] = u;
            mesh->uv[r * COLUMNS + c][1] = v;
        }
    gr_synth_mesh_normals(mesh, ROWS, COLUMNS);
    /* Normals look out of the hollow on both sides of the head. */
    if (gr_v3_dot(mesh->normal[(ROWS / 2) * COLUMNS + COLUMNS / 2], scene->ear[which].face) < 0)
        for (int k = 0; k < mesh->vertices; k++)
            mesh->normal[k] = gr_v3_scale(mesh->normal[k], -1);
    return true;
}

bool gr_synth_build(gr_synth_scene *scene)
{
    if (!gr_synth_build_head(scene))
        return false;
    for (int which = 0; which < 2; which++) {
        place_eye(scene, which);
        place_ear(scene, which);
        if (!build_eye(scene, which) || !build_ear(scene, which))
            return false;
    }
    return true;
}

/* ---- landmarks ---- */

static gr_vec3 eye_place(const gr_synth_eye *eye, float u, float v)
{
    float w = sqrtf(gr_most(1 - u * u - v * v, 0));
    gr_vec3 p = gr_v3_along(eye->centre, eye->out, eye->radius * w);
    p = gr_v3_along(p, eye->back, eye->radius * u);
    return gr_v3_along(p, eye->up, eye->radius * v);
}

gr_vec3 gr_synth_landmark_place(const gr_synth_scene *scene, gr_synth_point point)
{
    const gr_synth_params *params = scene->params;
    const gr_synth_eye *eye = scene->eye;
    const gr_synth_ear *ear = scene->ear;
    switch (point) {
    case GR_SYNTH_LEFT_EYE_FRONT: return eye_place(&eye[0], -0.88f, 0);
    case GR_SYNTH_LEFT_EYE: return eye_place(&eye[0], 0, 0);
    case GR_SYNTH_LEFT_EYE_REAR: return eye_place(&eye[0], 0.88f, 0);
    case GR_SYNTH_RIGHT_EYE_FRONT: return eye_place(&eye[1], -0.88f, 0);
    case GR_SYNTH_RIGHT_EYE: return eye_place(&eye[1], 0, 0);
    case GR_SYNTH_RIGHT_EYE_REAR: return eye_place(&eye[1], 0.88f, 0);
    case GR_SYNTH_LEFT_EAR_INNER: return gr_synth_ear_place(&ear[0], -1, 0.12f);
    case GR_SYNTH_LEFT_EAR_TIP: return gr_synth_ear_place(&ear[0], 0, 1);
    case GR_SYNTH_LEFT_EAR_OUTER: return gr_synth_ear_place(&ear[0], 1, 0.12f);
    case GR_SYNTH_RIGHT_EAR_INNER: return gr_synth_ear_place(&ear[1], -1, 0.12f);
    case GR_SYNTH_RIGHT_EAR_TIP: return gr_synth_ear_place(&ear[1], 0, 1);
    case GR_SYNTH_RIGHT_EAR_OUTER: return gr_synth_ear_place(&ear[1], 1, 0.12f);
    case GR_SYNTH_NOSE_TIP: return gr_synth_surface(params, 0, 0, NULL);
    case GR_SYNTH_MOUTH: return gr_synth_surface(params, 2.2f, -1.5707963f, NULL);
    case GR_SYNTH_LEFT_CHEEK: return gr_synth_surface(params, 7.15f, -0.30f, NULL);
    case GR_SYNTH_RIGHT_CHEEK: return gr_synth_surface(params, 7.15f, gr_synth_phi(-0.30f, -1), NULL);
    case GR_SYNTH_LEFT_PAD: return gr_synth_surface(params, 3.55f, -0.35f, NULL);
    case GR_SYNTH_RIGHT_PAD: return gr_synth_surface(params, 3.55f, gr_synth_phi(-0.35f, -1), NULL);
    case GR_SYNTH_POINTS: break;
    }
    return gr_v3(0, 0, 0);
}
