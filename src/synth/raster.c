/* Projection and the depth buffer: what part of the animal is seen in each pixel, and what the lamp sees. */
#include "synth/scene.h"

enum { NOTHING = -1000000000 };
static const float camera_distance = 7.0f;

gr_vec3 gr_synth_project(const gr_synth_scene *scene, gr_vec3 place)
{
    gr_vec3 v = gr_turned(&scene->turn, place);
    float k = scene->unit * camera_distance / (camera_distance - v.z);
    return gr_v3(scene->centre_x + k * v.x, scene->centre_y - k * v.y, v.z);
}

/* Where the lamp sees a place: pixel of the shadow map and distance along the light. */
static gr_vec3 project_light(const gr_synth_scene *scene, gr_vec3 place)
{
    gr_vec3 v = gr_turned(&scene->light, gr_turned(&scene->turn, place));
    const float reach = 2.1f, half = GR_SYNTH_SHADOW * 0.5f;
    return gr_v3(half + v.x / reach * half, half - v.y / reach * half, v.z);
}

/* A triangle's edge functions over a box of pixels; area is twice the signed area. */
typedef struct box {
    int left, top, right, bottom;
    float area;
} box;

static bool cover(const gr_vec3 p[3], int width, int height, box *out)
{
    float left = gr_least(p[0].x, gr_least(p[1].x, p[2].x)), right = gr_most(p[0].x, gr_most(p[1].x, p[2].x));
    float top = gr_least(p[0].y, gr_least(p[1].y, p[2].y)), bottom = gr_most(p[0].y, gr_most(p[1].y, p[2].y));
    out->area = (p[1].x - p[0].x) * (p[2].y - p[0].y) - (p[1].y - p[0].y) * (p[2].x - p[0].x);
    /* Written so that a NaN fails too. */
    if (!(right >= 0 && bottom >= 0 && left < (float)width && top < (float)height && fabsf(out->area) > 1e-7f))
        return false;
    out->left = left < 0 ? 0 : (int)left;
    out->top = top < 0 ? 0 : (int)top;
    out->right = right >= (float)width ? width - 1 : (int)right;
    out->bottom = bottom >= (float)height ? height - 1 : (int)bottom;
    return true;
}

static bool weigh(const gr_vec3 p[3], const box *b, int x, int y, float w[3])
{
    float px = (float)x + 0.5f, py = (float)y + 0.5f;
    w[1] = ((px - p[0].x) * (p[2].y - p[0].y) - (py - p[0].y) * (p[2].x - p[0].x)) / b->area;
    w[2] = ((p[1].x - p[0].x) * (py - p[0].y) - (p[1].y - p[0].y) * (px - p[0].x)) / b->area;
    w[0] = 1 - w[1] - w[2];
    /* A hair's breadth beyond the edge, so that neighbours leave no gap. */
    return w[0] >= -1e-4f && w[1] >= -1e-4f && w[2] >= -1e-4f;
}

static gr_vec3 blend3(const gr_vec3 *v, const int t[3], const float w[3])
{
    gr_vec3 sum = gr_v3_scale(v[t[0]], w[0]);
    return gr_v3_along(gr_v3_along(sum, v[t[1]], w[1]), v[t[2]], w[2]);
}

static void raster_triangle(gr_synth_scene *scene, int part, const int t[3], const gr_vec3 *screen)
{
    const gr_synth_mesh *mesh = &scene->mesh[part];
    gr_vec3 p[3] = {screen[t[0]], screen[t[1]], screen[t[2]]};
    box b;
    /* The screen's y points down, so a triangle that faces the camera has a negative area. */
    if (!cover(p, scene->width, scene->height, &b) || (!mesh->two_sided && b.area > 0))
        return;
    for (int y = b.top; y <= b.bottom; y++)
        for (int x = b.left; x <= b.right; x++) {
            float w[3];
            if (!weigh(p, &b, x, y, w))
                continue;
            float depth = w[0] * p[0].z + w[1] * p[1].z + w[2] * p[2].z;
            size_t i = (size_t)y * (size_t)scene->width + (size_t)x;
            if (depth <= scene->depth[i])
                continue;
            float u = w[0] * mesh->uv[t[0]][0] + w[1] * mesh->uv[t[1]][0] + w[2] * mesh->uv[t[2]][0];
            float v = w[0] * mesh->uv[t[0]][1] + w[1] * mesh->uv[t[1]][1] + w[2] * mesh->uv[t[2]][1];
            if (mesh->two_sided &&
                gr_synth_ear_bitten(&scene->params->identity, part == GR_SYNTH_PART_EAR_LEFT ? 1 : -1, u, v))
                continue;
            scene->depth[i] = depth;
            scene->sample[i] = (gr_synth_sample){u, v, blend3(mesh->place, t, w), blend3(mesh->normal, t, w), part};
        }
}

static void shadow_triangle(gr_synth_scene *scene, const int t[3], const gr_vec3 *screen)
{
    gr_vec3 p[3] = {screen[t[0]], screen[t[1]], screen[t[2]]};
    box b;
    if (!cover(p, GR_SYNTH_SHADOW, GR_SYNTH_SHADOW, &b))
        return;
    for (int y = b.top; y <= b.bottom; y++)
        for (int x = b.left; x <= b.right; x++) {
            float w[3], *depth = &scene->shadow[y * GR_SYNTH_SHADOW + x];
            if (weigh(p, &b, x, y, w))
                *depth = gr_most(*depth, w[0] * p[0].z + w[1] * p[1].z + w[2] * p[2].z);
        }
}

bool gr_synth_raster(gr_synth_scene *scene)
{
    size_t pixels = (size_t)scene->width * (size_t)scene->height;
    scene->depth = gr_arena_alloc(scene->arena, pixels, sizeof(*scene->depth));
    scene->sample = gr_arena_alloc(scene->arena, pixels, sizeof(*scene->sample));
    scene->shadow = gr_arena_alloc(scene->arena, GR_SYNTH_SHADOW * GR_SYNTH_SHADOW, sizeof(*scene->shadow));
    if (scene->depth == NULL || scene->sample == NULL || scene->shadow == NULL)
        return false;
    for (size_t i = 0; i < pixels; i++)
        scene->depth[i] = NOTHING;
    for (int i = 0; i < GR_SYNTH_SHADOW * GR_SYNTH_SHADOW; i++)
        scene->shadow[i] = NOTHING;
    for (int part = GR_SYNTH_PART_HEAD; part < GR_SYNTH_PARTS; part++) {
        const gr_synth_mesh *mesh = &scene->mesh[part];
        gr_vec3 *screen = gr_arena_alloc(scene->arena, (size_t)mesh->vertices, sizeof(*screen));
        gr_vec3 *lamp = gr_arena_alloc(scene->arena, (size_t)mesh->vertices, sizeof(*lamp));
        if (screen == NULL || lamp == NULL)
            return false;
        for (int k = 0; k < mesh->vertices; k++) {
            screen[k] = gr_synth_project(scene, mesh->place[k]);
            lamp[k] = project_light(scene, mesh->place[k]);
        }
        for (int k = 0; k < mesh->triangles; k++) {
            raster_triangle(scene, part, mesh->triangle[k], screen);
            shadow_triangle(scene, mesh->triangle[k], lamp);
        }
    }
    return true;
}

float gr_synth_lit(const gr_synth_scene *scene, gr_vec3 place, gr_vec3 normal)
{
    gr_vec3 p = project_light(scene, gr_v3_along(place, normal, 0.05f));
    int x0 = gr_floor(p.x), y0 = gr_floor(p.y), lit = 0;
    enum { REACH = 4, STEP = 2, TAPS = (REACH + 1) * (REACH + 1) };
    if (x0 < REACH || y0 < REACH || x0 >= GR_SYNTH_SHADOW - REACH || y0 >= GR_SYNTH_SHADOW - REACH)
        return 1;
    for (int y = y0 - REACH; y <= y0 + REACH; y += STEP)
        for (int x = x0 - REACH; x <= x0 + REACH; x += STEP)
            lit += scene->shadow[y * GR_SYNTH_SHADOW + x] <= p.z + 0.04f;
    return (float)lit / TAPS;
}
