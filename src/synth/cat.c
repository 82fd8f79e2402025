/* Cats: the rat's head with other proportions, and FelineGrimace's 37 landmarks on it, in the order and with the meaning that
 * the set of descriptors fgs35 has (grimace data describe --show fgs35). */
#include "synth/scene.h"

/* A short muzzle, a wide head, large eyes that look ahead, ears that end in a point, no bites in them; further away, so that the
 * whiskers fit into the picture. */
void gr_synth_make_cat(gr_synth_params *params)
{
    gr_synth_identity *id = &params->identity;
    params->cat = true;
    params->zoom *= 0.80f;
    id->snout_length *= 0.46f;
    id->snout_width *= 1.15f;
    id->head_width *= 1.14f;
    id->cheek_size *= 0.8f;
    id->eye_size *= 1.22f;
    id->ear_width *= 1.10f;
    id->ear_angle -= 8;
    id->whisker_length *= 0.75f;
    id->notches = 0;
}

static gr_vec3 eye_place(const gr_synth_eye *eye, float u, float v)
{
    float w = sqrtf(gr_most(1 - u * u - v * v, 0));
    gr_vec3 p = gr_v3_along(eye->centre, eye->out, eye->radius * w);
    p = gr_v3_along(p, eye->back, eye->radius * u);
    return gr_v3_along(p, eye->up, eye->radius * v);
}

/* The middle of a lid's edge: where gr_synth_lid is 0 above (+1) or below. */
static gr_vec3 lid_place(const gr_synth_eye *eye, int above)
{
    return eye_place(eye, 0, -0.16f * (1 - eye->open) + 0.84f * eye->open * (float)above);
}

/* Where a whisker ends that nothing disturbs. */
static gr_vec3 whisker_end(const gr_synth_scene *scene, int side, int row)
{
    static const float still[4];
    gr_synth_hair hair;
    gr_vec3 normal;
    gr_synth_whisker(scene->params, side, row, 4, still, &hair, &normal);
    return hair.to;
}

/* Side 1 is the animal's left. */
static gr_vec3 surface(const gr_synth_scene *scene, float t, float phi, int side)
{
    return gr_synth_surface(scene->params, t, gr_synth_phi(phi, side), NULL);
}

/* Of an ear from its outer base over the tip to the inner base, then its middle. */
static gr_vec3 ear_place(const gr_synth_ear *ear, int i)
{
    static const float at[6][2] = {{1, 0.12f}, {1, 0.55f}, {0, 1}, {-1, 0.55f}, {-1, 0.12f}, {0, 0.30f}};
    return gr_synth_ear_place(ear, at[i][0], at[i][1]);
}

gr_vec3 gr_synth_cat_place(const gr_synth_scene *scene, int point)
{
    enum { LEFT, RIGHT }; /* as in scene->eye; the numbers begin on the picture's left side, which is the animal's right */
    const gr_synth_eye *eye = scene->eye;
    int number = point + 1;
    if (number <= 6)
        return ear_place(&scene->ear[RIGHT], point);
    if (number <= 12)
        return ear_place(&scene->ear[LEFT], 12 - number);
    switch (number) {
    case 13: return eye_place(&eye[RIGHT], 0.88f, 0);
    case 14: return eye_place(&eye[RIGHT], -0.88f, 0);
    case 15: return lid_place(&eye[RIGHT], 1);
    case 16: return lid_place(&eye[RIGHT], -1);
    case 17: return eye_place(&eye[LEFT], -0.88f, 0);
    case 18: return eye_place(&eye[LEFT], 0.88f, 0);
    case 19: return lid_place(&eye[LEFT], 1);
    case 20: return lid_place(&eye[LEFT], -1);
    case 21: return surface(scene, 1.3f, 0.35f, -1); /* nostrils */
    case 22: return surface(scene, 1.3f, 0.35f, 1);
    case 23: return surface(scene, 0, 0, 1);
    case 24: return surface(scene, 2.2f, -1.5707963f, 1); /* mouth */
    case 25: return surface(scene, 3.55f, -0.25f, -1);
    case 26: return surface(scene, 3.55f, -0.25f, 1);
    case 27: return surface(scene, 3.4f, -0.95f, -1);
    case 28: return surface(scene, 3.4f, -0.95f, 1);
    case 29: return whisker_end(scene, -1, 0);
    case 30: return whisker_end(scene, -1, 3);
    case 31: return whisker_end(scene, 1, 0);
    case 32: return whisker_end(scene, 1, 3);
    case 33: return surface(scene, 7.6f, 0, -1);
    case 34: return surface(scene, 7.6f, 0, 1);
    case 35: return surface(scene, 5.2f, -1.5707963f, 1); /* chin */
    case 36: return surface(scene, 11.0f, -0.15f, -1);    /* shoulders */
    default: return surface(scene, 11.0f, -0.15f, 1);
    }
}
