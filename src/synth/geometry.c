/* The head and body as a loft: cross sections along the spine from nose to rump, joined by Catmull-Rom curves, with bumps
 * for cheeks, whisker pads, brows and the bridge of the nose, which the action units raise or flatten. */
#include "synth/scene.h"

/* Cross sections: place along the spine, height of its middle, half width, half heights above and below. */
static const struct section {
    float z, y, width, above, below;
} sections[] = {
    {1.300f, -0.105f, 0.000f, 0.000f, 0.000f},  {1.285f, -0.105f, 0.070f, 0.055f, 0.060f},
    {1.220f, -0.105f, 0.120f, 0.095f, 0.115f},  {1.080f, -0.090f, 0.180f, 0.145f, 0.170f},
    {0.880f, -0.060f, 0.240f, 0.200f, 0.215f},  {0.620f, -0.010f, 0.305f, 0.265f, 0.265f},
    {0.340f, 0.040f, 0.395f, 0.330f, 0.325f},   {0.050f, 0.060f, 0.490f, 0.385f, 0.400f},
    {-0.250f, 0.050f, 0.530f, 0.390f, 0.440f},  {-0.550f, 0.000f, 0.515f, 0.375f, 0.470f},
    {-0.900f, -0.070f, 0.560f, 0.410f, 0.560f}, {-1.400f, -0.160f, 0.720f, 0.530f, 0.740f},
    {-2.100f, -0.230f, 0.970f, 0.720f, 0.930f}, {-2.900f, -0.260f, 1.000f, 0.760f, 0.960f},
    {-3.600f, -0.310f, 0.740f, 0.600f, 0.740f}, {-3.950f, -0.360f, 0.000f, 0.000f, 0.000f},
};
enum { LAST = (int)(sizeof(sections) / sizeof(sections[0])) - 1 };

static float spline(float a, float b, float c, float d, float s)
{
    return b + 0.5f * s * (c - a + s * (2 * a - 5 * b + 4 * c - d + s * (3 * (b - c) + d - a)));
}

static struct section section_at(float t)
{
    t = gr_clamp(t, 0, (float)LAST);
    int i = t >= (float)LAST ? LAST - 1 : (int)t;
    float s = t - (float)i;
    const struct section *a = &sections[i > 0 ? i - 1 : 0], *b = &sections[i], *c = &sections[i + 1];
    const struct section *d = &sections[i + 2 <= LAST ? i + 2 : LAST];
    struct section out = {spline(a->z, b->z, c->z, d->z, s), spline(a->y, b->y, c->y, d->y, s),
                          gr_most(spline(a->width, b->width, c->width, d->width, s), 0),
                          gr_most(spline(a->above, b->above, c->above, d->above, s), 0),
                          gr_most(spline(a->below, b->below, c->below, d->below, s), 0)};
    return out;
}

/* The plain loft with the identity's proportions, before bumps. */
static gr_vec3 loft(const gr_synth_params *params, float t, float phi)
{
    const gr_synth_identity *id = &params->identity;
    struct section s = section_at(t);
    float flat = params->au[GR_SYNTH_AU_NOSE_CHEEK] * 0.5f;
    float snout = 1 - gr_smooth(4.5f, 7.0f, t);
    float width = gr_mix(id->head_width, id->snout_width * (1 - 0.10f * flat), snout);
    /* A flattened bridge lowers and lengthens the snout. */
    float above = s.above * (1 - 0.16f * flat * gr_smooth(1.0f, 3.5f, t) * (1 - gr_smooth(5.0f, 6.5f, t)));
    float ahead = s.z - 0.30f;
    float z = ahead > 0 ? 0.30f + ahead * id->snout_length * (1 + 0.09f * flat) : s.z;
    float c = cosf(phi), n = sinf(phi);
    float boxy = 0.90f;
    float x = s.width * width * copysignf(powf(fabsf(c), boxy), c);
    float y = s.y + (n > 0 ? above : s.below) * copysignf(powf(fabsf(n), boxy), n);
    return gr_v3(x, y, z);
}

/* Gaussian swellings: key and angle of the middle on the left side (mirrored), reach in units, height at rest, and what
 * full flattening (nose/cheek 2) and a shut eye (orbital 2) add to it. */
static const struct bump {
    float t, phi, reach_x, reach_y, reach_z, height, flattening, squint;
} bumps[] = {
    {3.55f, -0.35f, 0.14f, 0.13f, 0.16f, 0.100f, -0.090f, 0.0f}, /* whisker pad */
    {7.15f, -0.30f, 0.24f, 0.23f, 0.24f, 0.135f, -0.150f, 0.0f}, /* cheek */
    {5.15f, -0.30f, 0.16f, 0.22f, 0.09f, -0.080f, 0.085f, 0.0f}, /* crease between the two */
    {5.95f, 1.00f, 0.13f, 0.10f, 0.16f, 0.035f, 0.0f, 0.035f},   /* brow */
    {5.80f, 0.05f, 0.12f, 0.08f, 0.15f, 0.020f, 0.0f, 0.050f},   /* below the eye */
    {4.70f, 1.5708f, 0.15f, 0.12f, 0.24f, 0.075f, -0.095f, 0.0f} /* bridge of the nose */
};
enum { BUMPS = (int)(sizeof(bumps) / sizeof(bumps[0])) };

static float swelling(const gr_synth_params *params, gr_vec3 p)
{
    float flat = params->au[GR_SYNTH_AU_NOSE_CHEEK] * 0.5f, squint = params->au[GR_SYNTH_AU_ORBITAL] * 0.5f, sum = 0;
    for (int i = 0; i < BUMPS; i++) {
        const struct bump *b = &bumps[i];
        float height = b->height + b->flattening * flat + b->squint * squint;
        if (i == 1)
            height *= params->identity.cheek_size;
        gr_vec3 middle = loft(params, b->t, b->phi);
        /* A bump on the midline stands there once, not on both sides. */
        float dx = (i == BUMPS - 1 ? p.x : fabsf(p.x) - middle.x) / b->reach_x;
        float dy = (p.y - middle.y) / b->reach_y, dz = (p.z - middle.z) / b->reach_z;
        float d2 = dx * dx + dy * dy + dz * dz;
        if (d2 < 9)
            sum += height * expf(-d2);
    }
    return sum;
}

/* Bends the body behind the neck away from the head's direction: the animal looks round, its body does not. */
static gr_vec3 bend(const gr_synth_params *params, gr_vec3 p)
{
    const float neck = -0.45f, reach = 0.9f, degree = 0.0174532925f;
    if (p.z >= neck)
        return p;
    float share = gr_smooth(0, reach, neck - p.z);
    float yaw = params->body_yaw * degree * share, pitch = -params->pitch * 0.8f * degree * share;
    gr_vec3 q = gr_v3_sub(p, gr_v3(0, -0.1f, neck));
    q = gr_v3(q.x * cosf(yaw) + q.z * sinf(yaw), q.y, q.z * cosf(yaw) - q.x * sinf(yaw));
    q = gr_v3(q.x, q.y * cosf(pitch) + q.z * sinf(pitch), q.z * cosf(pitch) - q.y * sinf(pitch));
    return gr_v3_add(q, gr_v3(0, -0.1f, neck));
}

static gr_vec3 loft_normal(const gr_synth_params *params, float t, float phi)
{
    const float dt = 0.02f, dphi = 0.02f;
    gr_vec3 along = gr_v3_sub(loft(params, t + dt, phi), loft(params, t - dt, phi));
    gr_vec3 around = gr_v3_sub(loft(params, t, phi + dphi), loft(params, t, phi - dphi));
    return gr_v3_unit(gr_v3_cross(along, around));
}

static gr_vec3 swollen(const gr_synth_params *params, float t, float phi)
{
    gr_vec3 p = loft(params, t, phi);
    float height = t > 0.3f && t < 10 ? swelling(params, p) : 0;
    return bend(params, height != 0 ? gr_v3_along(p, loft_normal(params, t, phi), height) : p);
}

gr_vec3 gr_synth_surface(const gr_synth_params *params, float t, float phi, gr_vec3 *normal)
{
    if (normal != NULL) {
        const float dt = 0.03f, dphi = 0.03f;
        gr_vec3 along = gr_v3_sub(swollen(params, t + dt, phi), swollen(params, t - dt, phi));
        gr_vec3 around = gr_v3_sub(swollen(params, t, phi + dphi), swollen(params, t, phi - dphi));
        *normal = gr_v3_unit(gr_v3_cross(along, around));
    }
    return swollen(params, t, phi);
}

bool gr_synth_mesh_grid(gr_arena *arena, gr_synth_mesh *mesh, int rows, int columns)
{
    mesh->vertices = rows * columns;
    mesh->triangles = 2 * (rows - 1) * (columns - 1);
    mesh->place = gr_arena_alloc(arena, (size_t)mesh->vertices, sizeof(*mesh->place));
    mesh->normal = gr_arena_alloc(arena, (size_t)mesh->vertices, sizeof(*mesh->normal));
    mesh->uv = gr_arena_alloc(arena, (size_t)mesh->vertices, sizeof(*mesh->uv));
    mesh->triangle = gr_arena_alloc(arena, (size_t)mesh->triangles, sizeof(*mesh->triangle));
    if (mesh->place == NULL || mesh->normal == NULL || mesh->uv == NULL || mesh->triangle == NULL)
        return false;
    int k = 0;
    for (int r = 0; r + 1 < rows; r++)
        for (int c = 0; c + 1 < columns; c++) {
            int a = r * columns + c, b = a + 1, d = a + columns, e = d + 1;
            int two[2][3] = {{a, d, b}, {b, d, e}};
            for (int i = 0; i < 2; i++, k++)
                for (int j = 0; j < 3; j++)
                    mesh->triangle[k][j] = two[i][j];
        }
    return true;
}

void gr_synth_mesh_normals(gr_synth_mesh *mesh, int rows, int columns)
{
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < columns; c++) {
            int up = r > 0 ? r - 1 : r, down = r + 1 < rows ? r + 1 : r;
            int left = c > 0 ? c - 1 : c, right = c + 1 < columns ? c + 1 : c;
            gr_vec3 along = gr_v3_sub(mesh->place[down * columns + c], mesh->place[up * columns + c]);
            gr_vec3 around = gr_v3_sub(mesh->place[r * columns + right], mesh->place[r * columns + left]);
            mesh->normal[r * columns + c] = gr_v3_unit(gr_v3_cross(along, around));
        }
}

/* Rows stand closer on the face than on the body. */
static float row_key(int row, int rows)
{
    float s = (float)row / (float)(rows - 1);
    return s < 0.75f ? s / 0.75f * 10 : 10 + (s - 0.75f) / 0.25f * (float)(LAST - 10);
}

bool gr_synth_build_head(gr_synth_scene *scene)
{
    enum { ROWS = 112, COLUMNS = 89 };
    gr_synth_mesh *mesh = &scene->mesh[GR_SYNTH_PART_HEAD];
    if (!gr_synth_mesh_grid(scene->arena, mesh, ROWS, COLUMNS))
        return false;
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLUMNS; c++) {
            float t = row_key(r, ROWS), phi = -1.5707963f + 6.2831853f * (float)c / (COLUMNS - 1);
            int k = r * COLUMNS + c;
            mesh->place[k] = swollen(scene->params, t, phi);
            mesh->uv[k][0] = phi;
            mesh->uv[k][1] = t;
        }
    gr_synth_mesh_normals(mesh, ROWS, COLUMNS);
    /* The grid's first and last columns meet under the chin: one normal for both, or a seam shows. */
    for (int r = 0; r < ROWS; r++) {
        gr_vec3 *first = &mesh->normal[r * COLUMNS], *last = &mesh->normal[r * COLUMNS + COLUMNS - 1];
        *first = *last = gr_v3_unit(gr_v3_add(*first, *last));
    }
    for (int c = 0; c < COLUMNS; c++) {
        mesh->normal[c] = gr_v3(0, 0, 1);
        mesh->normal[(ROWS - 1) * COLUMNS + c] = gr_v3(0, 0, -1);
    }
    return true;
}
