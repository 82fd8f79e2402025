/* One picture from its parameters: frames the head, builds it, sees it, colours it, photographs it. */
#include "synth/scene.h"

static gr_turn head_turn(const gr_synth_params *params)
{
    const float degree = 0.0174532925f;
    float cy = cosf(params->yaw * degree), sy = sinf(params->yaw * degree);
    float cp = cosf(params->pitch * degree), sp = sinf(params->pitch * degree);
    float cr = cosf(params->roll * degree), sr = sinf(params->roll * degree);
    /* First nod about the animal's own left-right axis, then turn, then tilt in the picture. */
    gr_vec3 x = gr_v3(cy, -sy * sp, sy * cp), y = gr_v3(0, cp, sp), z = gr_v3(-sy, -cy * sp, cy * cp);
    gr_turn turn;
    turn.x = gr_v3_sub(gr_v3_scale(x, cr), gr_v3_scale(y, sr));
    turn.y = gr_v3_add(gr_v3_scale(x, sr), gr_v3_scale(y, cr));
    turn.z = z;
    return turn;
}

/* Fits the head of an animal at rest into the picture, so that the crop tells nothing of the action units. */
static void frame(gr_synth_scene *scene)
{
    static const gr_vec3 extent[] = {{0, -0.1f, 1.32f},      {0.62f, -0.15f, 0}, {-0.62f, -0.15f, 0}, {0.70f, 0.84f, -0.3f},
                                     {-0.70f, 0.84f, -0.3f}, {0, -0.60f, -0.2f}, {0, 0.42f, -0.25f}};
    float left = 1e9f, right = -1e9f, bottom = 1e9f, top = -1e9f;
    for (size_t i = 0; i < sizeof(extent) / sizeof(extent[0]); i++) {
        gr_vec3 v = gr_turned(&scene->turn, extent[i]);
        float k = 7 / (7 - v.z);
        left = gr_least(left, v.x * k);
        right = gr_most(right, v.x * k);
        bottom = gr_least(bottom, v.y * k);
        top = gr_most(top, v.y * k);
    }
    const gr_synth_params *params = scene->params;
    float side = (float)(scene->width < scene->height ? scene->width : scene->height);
    scene->unit = 0.77f * side / gr_most(right - left, top - bottom) * params->zoom;
    scene->centre_x = (0.5f + params->shift_x) * (float)scene->width - scene->unit * 0.5f * (left + right);
    scene->centre_y = (0.5f + params->shift_y) * (float)scene->height + scene->unit * 0.5f * (bottom + top);
}

static gr_turn light_turn(const gr_synth_params *params)
{
    gr_turn turn;
    turn.z = gr_v3_unit(gr_v3_of(params->session.light));
    gr_vec3 other = fabsf(turn.z.y) < 0.9f ? gr_v3(0, 1, 0) : gr_v3(1, 0, 0);
    turn.x = gr_v3_unit(gr_v3_cross(other, turn.z));
    turn.y = gr_v3_cross(turn.z, turn.x);
    return turn;
}

void gr_synth_pose(gr_synth_scene *scene)
{
    scene->turn = head_turn(scene->params);
    scene->light = light_turn(scene->params);
}

int gr_synth_points(const gr_synth_params *params)
{
    return params->cat ? GR_SYNTH_CAT_POINTS : GR_SYNTH_POINTS;
}

static void find_landmarks(const gr_synth_scene *scene, int factor, gr_synth_landmark *landmarks)
{
    for (int i = 0; i < gr_synth_points(scene->params); i++) {
        gr_vec3 p = gr_synth_project(scene, scene->params->cat ? gr_synth_cat_place(scene, i)
                                                               : gr_synth_landmark_place(scene, (gr_synth_point)i));
        landmarks[i].x = p.x / (float)factor;
        landmarks[i].y = p.y / (float)factor;
        bool inside = p.x >= 0 && p.y >= 0 && p.x < (float)scene->width && p.y < (float)scene->height;
        /* The point lies on the surface itself: allow for its slope within a pixel. */
        landmarks[i].visible = inside && p.z > scene->depth[(size_t)p.y * (size_t)scene->width + (size_t)p.x] - 0.07f;
    }
}

static bool in_range(const gr_synth_params *params)
{
    for (int i = 0; i < GR_SYNTH_AUS; i++)
        if (!(params->au[i] >= 0 && params->au[i] <= 2))
            return false;
    const gr_synth_identity *id = &params->identity;
    const float near_one[] = {id->head_width,     id->snout_length, id->snout_width, id->cheek_size,
                              id->eye_size,       id->ear_size,     id->ear_width,   id->fur_length,
                              id->whisker_length, params->zoom,     params->exposure};
    for (size_t i = 0; i < sizeof(near_one) / sizeof(near_one[0]); i++)
        if (!(near_one[i] >= 0.25f && near_one[i] <= 4))
            return false;
    return fabsf(params->yaw) <= 180 && fabsf(params->pitch) <= 180 && fabsf(params->roll) <= 180 &&
           fabsf(params->body_yaw) <= 180 && fabsf(params->shift_x) <= 1 && fabsf(params->shift_y) <= 1 &&
           params->blur >= 0 && params->blur <= 0.1f && params->motion >= 0 && params->motion <= 0.2f &&
           params->noise >= 0 && params->noise <= 1 && id->whiskers >= 0 && id->whiskers <= 40;
}

gr_status gr_synth_render(const gr_synth_params *params, int width, int height, uint8_t *rgb, gr_synth_landmark *landmarks,
                          gr_error *err)
{
    if (width < 16 || height < 16 || width > 512 || height > 512)
        return gr_fail(err, GR_INVALID, "synthetic face: %d x %d pixels asked for, a side has 16 to 512", width, height);
    if (!in_range(params))
        return gr_fail(err, GR_INVALID,
                       "synthetic face: a parameter lies outside its range; action units are within 0 to 2");
    /* Small pictures need more samples a pixel to hold whiskers and lids. */
    int factor = width <= 96 ? 3 : 2;
    gr_synth_scene scene = {.params = params, .width = width * factor, .height = height * factor};
    scene.arena = gr_arena_create();
    if (scene.arena == NULL)
        return gr_fail(err, GR_NOMEM, "synthetic face: no memory");
    gr_synth_pose(&scene);
    frame(&scene);
    scene.picture = gr_arena_alloc(scene.arena, (size_t)scene.width * (size_t)scene.height, sizeof(*scene.picture));
    bool done = scene.picture != NULL && gr_synth_background(&scene) && gr_synth_build(&scene) && gr_synth_raster(&scene);
    if (done) {
        gr_synth_resolve(&scene);
        done = gr_synth_fur(&scene);
    }
    if (done) {
        gr_synth_whiskers(&scene);
        done = gr_synth_expose(&scene, factor, rgb);
    }
    if (done && landmarks != NULL)
        find_landmarks(&scene, factor, landmarks);
    gr_arena_destroy(scene.arena);
    return done ? GR_OK : gr_fail(err, GR_NOMEM, "synthetic face: no memory for %d x %d pixels", width, height);
}
