/* The inside of the synthetic faces: vectors, meshes, the scene of one picture, and what each file of this folder gives
 * to the others.
 *
 * Object space: x to the animal's left, y up, z towards the nose; about 1 unit is half the length of the head. View space:
 * the same after the head's rotation; the camera stands on +z and looks along -z, so a larger z is nearer. */
#ifndef GR_SYNTH_SCENE_H
#define GR_SYNTH_SCENE_H

#include <math.h>

#include "base/base.h"
#include "grimace/synth.h"

typedef struct gr_vec3 {
    float x, y, z;
} gr_vec3;

static inline gr_vec3 gr_v3(float x, float y, float z)
{
    return (gr_vec3){x, y, z};
}
static inline gr_vec3 gr_v3_of(const float v[3])
{
    return (gr_vec3){v[0], v[1], v[2]};
}
static inline gr_vec3 gr_v3_add(gr_vec3 a, gr_vec3 b)
{
    return gr_v3(a.x + b.x, a.y + b.y, a.z + b.z);
}
static inline gr_vec3 gr_v3_sub(gr_vec3 a, gr_vec3 b)
{
    return gr_v3(a.x - b.x, a.y - b.y, a.z - b.z);
}
static inline gr_vec3 gr_v3_mul(gr_vec3 a, gr_vec3 b)
{
    return gr_v3(a.x * b.x, a.y * b.y, a.z * b.z);
}
static inline gr_vec3 gr_v3_scale(gr_vec3 a, float k)
{
    return gr_v3(a.x * k, a.y * k, a.z * k);
}
/* a + k b */
static inline gr_vec3 gr_v3_along(gr_vec3 a, gr_vec3 b, float k)
{
    return gr_v3_add(a, gr_v3_scale(b, k));
}
static inline gr_vec3 gr_v3_mix(gr_vec3 a, gr_vec3 b, float t)
{
    return gr_v3_along(a, gr_v3_sub(b, a), t);
}
static inline float gr_v3_dot(gr_vec3 a, gr_vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline gr_vec3 gr_v3_cross(gr_vec3 a, gr_vec3 b)
{
    return gr_v3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}
static inline float gr_v3_length(gr_vec3 a)
{
    return sqrtf(gr_v3_dot(a, a));
}
static inline gr_vec3 gr_v3_unit(gr_vec3 a)
{
    float length = gr_v3_length(a);
    return length > 1e-12f ? gr_v3_scale(a, 1.0f / length) : gr_v3(0, 0, 1);
}
/* As fminf and fmaxf for numbers, but the compiler puts them in line; and floor for values that fit an int. */
static inline float gr_least(float a, float b)
{
    return a < b ? a : b;
}
static inline float gr_most(float a, float b)
{
    return a > b ? a : b;
}
static inline int gr_floor(float x)
{
    int whole = (int)x;
    return whole - (x < (float)whole);
}
static inline float gr_clamp(float x, float low, float high)
{
    return x < low ? low : x > high ? high : x;
}
static inline float gr_mix(float a, float b, float t)
{
    return a + (b - a) * t;
}
static inline float gr_smooth(float low, float high, float x)
{
    float t = gr_clamp((x - low) / (high - low), 0, 1);
    return t * t * (3 - 2 * t);
}

/* Rows of a rotation matrix. */
typedef struct gr_turn {
    gr_vec3 x, y, z;
} gr_turn;
static inline gr_vec3 gr_turned(const gr_turn *t, gr_vec3 v)
{
    return gr_v3(gr_v3_dot(t->x, v), gr_v3_dot(t->y, v), gr_v3_dot(t->z, v));
}

/* Smooth noise in 0..1 on a lattice of spacing 1, a pure function of key and place; and five octaves of it (noise.c). */
float gr_synth_noise(uint32_t key, gr_vec3 p);
float gr_synth_fractal(uint32_t key, gr_vec3 p, int octaves);

typedef enum gr_synth_part {
    GR_SYNTH_PART_NONE, /* background */
    GR_SYNTH_PART_HEAD,
    GR_SYNTH_PART_EAR_LEFT,
    GR_SYNTH_PART_EAR_RIGHT,
    GR_SYNTH_PART_EYE_LEFT,
    GR_SYNTH_PART_EYE_RIGHT,
    GR_SYNTH_PARTS
} gr_synth_part;

/* Triangles with, per vertex: place, normal, and two surface coordinates. Head: u = angle around, v = key along the loft.
 * Ear: u across in -1..1, v from base 0 to tip 1. Eye: u towards the ear, v up, in units of the eyeball's radius. */
typedef struct gr_synth_mesh {
    gr_vec3 *place, *normal;
    float (*uv)[2];
    int (*triangle)[3];
    int vertices, triangles;
    bool two_sided;
} gr_synth_mesh;

typedef struct gr_synth_eye {
    gr_vec3 centre, out, back, up; /* frame: outwards, towards the ear, up */
    float radius, open;            /* opening of the lids: 1 round, 0 shut */
} gr_synth_eye;

typedef struct gr_synth_ear {
    gr_vec3 base, up, face, across; /* frame: base to tip, where the hollow looks, towards the midline's far side */
    float height, width, curl, point;
} gr_synth_ear;

/* What is seen in a pixel. */
typedef struct gr_synth_sample {
    float u, v;
    gr_vec3 place, normal;
    int part;
} gr_synth_sample;

typedef struct gr_synth_scene {
    const gr_synth_params *params;
    gr_arena *arena;
    int width, height; /* of the supersampled picture */
    gr_turn turn;
    float unit;               /* pixels per unit at z = 0 */
    float centre_x, centre_y; /* pixel of the object's origin */
    gr_synth_mesh mesh[GR_SYNTH_PARTS];
    gr_synth_eye eye[2]; /* 0 left, 1 right, as for the parts */
    gr_synth_ear ear[2];
    float *depth;            /* [height][width], view-space z of what is seen, -1e9 for nothing */
    gr_synth_sample *sample; /* [height][width] */
    gr_vec3 *picture;        /* [height][width], linear light */
    float *cover;            /* [height][width], how much of a pixel the animal fills, where that is asked for; else NULL */
    float *shadow;           /* [GR_SYNTH_SHADOW][GR_SYNTH_SHADOW], largest distance along the light */
    gr_turn light;           /* z: to the lamp */
} gr_synth_scene;

#define GR_SYNTH_SHADOW 224

/* ---- geometry.c, features.c ---- */

/* The head's and body's surface at key `t` (0 nose tip, 5.7 eyes, 8 ears, 10 neck, 15 rump) and angle `phi` around (0 the
 * animal's left, pi/2 up), with its outward normal when `normal` is not NULL. */
gr_vec3 gr_synth_surface(const gr_synth_params *params, float t, float phi, gr_vec3 *normal);
/* Angle of the same place on the other side: side +1 left, -1 right. */
static inline float gr_synth_phi(float phi, int side)
{
    return side > 0 ? phi : 3.14159265f - phi;
}
/* Builds every mesh and the eyes' and ears' frames. false: out of memory. */
bool gr_synth_build(gr_synth_scene *scene);
bool gr_synth_build_head(gr_synth_scene *scene);
/* A grid of rows x columns places and its triangles; normals point to cross(down the rows, along the columns). */
bool gr_synth_mesh_grid(gr_arena *arena, gr_synth_mesh *mesh, int rows, int columns);
void gr_synth_mesh_normals(gr_synth_mesh *mesh, int rows, int columns);
/* An ear's surface; whether a bite of the identity's notches took it away. */
gr_vec3 gr_synth_ear_place(const gr_synth_ear *ear, float u, float v);
bool gr_synth_ear_bitten(const gr_synth_identity *identity, int side, float u, float v);
/* Distance above the lids' edge in radii: negative on the eyeball, positive on the lids. */
float gr_synth_lid(const gr_synth_eye *eye, float u, float v);
gr_vec3 gr_synth_landmark_place(const gr_synth_scene *scene, gr_synth_point point);

/* ---- render.c ---- */

/* Fills the head's and the lamp's turn from the parameters. */
void gr_synth_pose(gr_synth_scene *scene);

/* ---- raster.c ---- */

/* Pixel and depth of a place in object space. */
gr_vec3 gr_synth_project(const gr_synth_scene *scene, gr_vec3 place);
/* Fills scene->depth, scene->sample and scene->shadow from the meshes. false: out of memory. */
bool gr_synth_raster(gr_synth_scene *scene);

/* ---- shade.c ---- */

/* Share of the lamp's light that reaches a place, 0..1. */
float gr_synth_lit(const gr_synth_scene *scene, gr_vec3 place, gr_vec3 normal);
/* Reflectance of the fur of head and body, the colour the markings give it; `skin` receives how bare it is, 0..1. */
gr_vec3 gr_synth_fur_colour(const gr_synth_scene *scene, gr_vec3 place, float phi, float t, float *skin);
/* Light that a matt surface of this reflectance sends; `normal` in object space. */
gr_vec3 gr_synth_shade(const gr_synth_scene *scene, gr_vec3 colour, gr_vec3 place, gr_vec3 normal);
/* Turns samples into colours over what the picture holds. */
void gr_synth_resolve(gr_synth_scene *scene);

/* ---- fur.c, whiskers.c ---- */

/* A tapering hair from `from` over `middle` to `to` (object space), `width` units at its root. */
typedef struct gr_synth_hair {
    gr_vec3 from, middle, to;
    gr_vec3 root, tip; /* colours */
    float width, alpha;
} gr_synth_hair;
void gr_synth_draw_hair(gr_synth_scene *scene, const gr_synth_hair *hair);
bool gr_synth_fur(gr_synth_scene *scene);
void gr_synth_whiskers(gr_synth_scene *scene);
/* A whisker of a side (+1 left), row (0 upper to 3) and column (to 4, the longest), moved by jitter[4] within -0.5..0.5; `tip`
 * has a place near the root in place of a colour, `root` none. */
void gr_synth_whisker(const gr_synth_params *params, int side, int row, int column, const float jitter[4],
                      gr_synth_hair *hair, gr_vec3 *normal);

/* ---- cat.c ---- */

/* Makes a drawn rat a cat. */
void gr_synth_make_cat(gr_synth_params *params);
/* FelineGrimace's landmark `point`, 0 to 36. */
gr_vec3 gr_synth_cat_place(const gr_synth_scene *scene, int point);

/* ---- background.c, camera.c ---- */

/* Fills scene->picture. false: out of memory. */
bool gr_synth_background(gr_synth_scene *scene);
/* Blurs image[height][width], about as a Gaussian does; `line` is room for the longer side. */
void gr_synth_soften(gr_vec3 *image, gr_vec3 *line, int width, int height, int radius);
/* Averages `factor` x `factor` pixels of scene->picture, blurs, exposes, adds noise and writes sRGB bytes. false: memory. */
bool gr_synth_expose(gr_synth_scene *scene, int factor, uint8_t *rgb);

/* ---- identity.c ---- */

/* How widely a preset's pictures vary. */
typedef struct gr_synth_style {
    float yaw, pitch, roll; /* largest angles, degrees */
    float clutter;          /* 0..1: how much light and camera vary */
    float variety;          /* 0..1: how much the animals' shapes differ */
    float expression;       /* spread of the action units around their level */
    float zoom;
    float darkest, palest; /* coats whose green is beyond these are left out */
    int sessions;          /* of each animal */
} gr_synth_style;

typedef struct gr_synth_preset {
    const char *name;
    gr_synth_style style;
    int size, animals, images;           /* images 0: Table 2's counts */
    float no[2], moderate[4], severe[3]; /* odds of the action units' sums 0..1, 2..5, 6..8 within each label */
} gr_synth_preset;

/* The preset of that name, or NULL with an error that names the nearest. */
const gr_synth_preset *gr_synth_preset_find(const char *name, gr_error *err);
/* Action units that make up a label: first their sum, then which of them carry it (plan.c). */
void gr_synth_levels_draw(gr_rng *rng, const gr_synth_preset *preset, int score, int level[GR_SYNTH_AUS]);
/* Draw an animal, a session of it, and one image's view (its own stream): none knows the label. */
gr_synth_identity gr_synth_identity_draw(uint64_t seed, int animal, const gr_synth_style *style);
gr_synth_session gr_synth_session_draw(uint64_t seed, int animal, int session, const gr_synth_style *style);
void gr_synth_view_draw(gr_rng *rng, const gr_synth_style *style, gr_synth_params *params);

#endif
