/* A rat of a scene: rendered alone, with how much of each pixel it covers, and laid on the canvas; which of its pixels are
 * face, eye, ear and nose. */
#include "synth/cage_private.h"

/* Where on the loft (gr_synth_surface) the nose and the face end. */
static const float nose_end = 1.7f, face_end = 8.7f;

/* The part of the canvas that the animal can reach with its whiskers. */
static bool window(const gr_synth_scene *scene, gr_cage_layer *layer, int width, int height)
{
    float left = 1e9f, right = -1e9f, top = 1e9f, bottom = -1e9f;
    for (int part = GR_SYNTH_PART_HEAD; part < GR_SYNTH_PARTS; part++)
        for (int k = 0; k < scene->mesh[part].vertices; k++) {
            gr_vec3 p = gr_synth_project(scene, scene->mesh[part].place[k]);
            left = gr_least(left, p.x);
            right = gr_most(right, p.x);
            top = gr_least(top, p.y);
            bottom = gr_most(bottom, p.y);
        }
    float reach = 0.8f * scene->unit;
    layer->left = (int)gr_clamp(left - reach, 0, (float)width);
    layer->top = (int)gr_clamp(top - reach, 0, (float)height);
    layer->width = (int)gr_clamp(right + reach, 0, (float)width) - layer->left;
    layer->height = (int)gr_clamp(bottom + reach, 0, (float)height) - layer->top;
    return layer->width > 0 && layer->height > 0;
}

static uint8_t part_of(const gr_synth_sample *sample)
{
    switch (sample->part) {
    case GR_SYNTH_PART_NONE: return 0;
    case GR_SYNTH_PART_EAR_LEFT: return 2 + GR_CAGE_EAR_LEFT;
    case GR_SYNTH_PART_EAR_RIGHT: return 2 + GR_CAGE_EAR_RIGHT;
    case GR_SYNTH_PART_EYE_LEFT: return 2 + GR_CAGE_EYE_LEFT;
    case GR_SYNTH_PART_EYE_RIGHT: return 2 + GR_CAGE_EYE_RIGHT;
    default: return sample->v < nose_end ? 2 + GR_CAGE_NOSE : sample->v < face_end ? 2 + GR_CAGE_FACE : 1;
    }
}

static bool fill(gr_synth_scene *scene, gr_cage_layer *layer)
{
    size_t pixels = (size_t)layer->width * (size_t)layer->height;
    scene->picture = layer->picture = gr_arena_alloc(scene->arena, pixels, sizeof(*layer->picture));
    scene->cover = layer->cover = gr_arena_alloc(scene->arena, pixels, sizeof(*layer->cover));
    layer->part = gr_arena_alloc(scene->arena, pixels, sizeof(*layer->part));
    if (scene->picture == NULL || scene->cover == NULL || layer->part == NULL || !gr_synth_raster(scene))
        return false;
    gr_synth_resolve(scene);
    if (!gr_synth_fur(scene))
        return false;
    gr_synth_whiskers(scene);
    for (size_t i = 0; i < pixels; i++)
        layer->part[i] = part_of(&scene->sample[i]);
    return true;
}

bool gr_cage_rat_render(gr_cage_canvas *canvas, int rat)
{
    const gr_cage_rat *r = &canvas->view->rat[rat];
    gr_cage_layer *layer = &canvas->layer[rat];
    float wide = (float)canvas->width;
    gr_synth_scene scene = {.params = &r->params, .arena = canvas->arena, .unit = r->size * wide};
    gr_synth_pose(&scene);
    scene.centre_x = r->x * wide;
    scene.centre_y = r->y * wide;
    if (!gr_synth_build(&scene))
        return false;
    if (!window(&scene, layer, canvas->width, canvas->height)) {
        *layer = (gr_cage_layer){0};
        return true;
    }
    scene.width = layer->width;
    scene.height = layer->height;
    scene.centre_x -= (float)layer->left;
    scene.centre_y -= (float)layer->top;
    return fill(&scene, layer);
}

/* The bedding under the animal lies in its shade. */
static void shade(gr_cage_canvas *canvas, const gr_cage_rat *rat)
{
    float unit = rat->size * (float)canvas->width, mx = rat->x * (float)canvas->width;
    float my = rat->y * (float)canvas->width + 0.85f * unit, rx = 1.5f * unit, ry = 0.5f * unit;
    for (int y = (int)gr_most(my - ry, 0); y < canvas->height && (float)y < my + ry; y++)
        for (int x = (int)gr_most(mx - rx, 0); x < canvas->width && (float)x < mx + rx; x++) {
            float dx = ((float)x - mx) / rx, dy = ((float)y - my) / ry, d = dx * dx + dy * dy;
            gr_vec3 *p = &canvas->picture[(size_t)y * (size_t)canvas->width + (size_t)x];
            *p = gr_v3_scale(*p, 1 - 0.55f * gr_smooth(1, 0.2f, d));
        }
}

void gr_cage_rat_lay(gr_cage_canvas *canvas, int rat)
{
    const gr_cage_layer *layer = &canvas->layer[rat];
    shade(canvas, &canvas->view->rat[rat]);
    for (int y = 0; y < layer->height; y++)
        for (int x = 0; x < layer->width; x++) {
            size_t from = (size_t)y * (size_t)layer->width + (size_t)x;
            size_t to = (size_t)(layer->top + y) * (size_t)canvas->width + (size_t)(layer->left + x);
            float cover = layer->cover[from];
            canvas->picture[to] = gr_v3_along(layer->picture[from], canvas->picture[to], 1 - cover);
            if (cover >= 0.5f)
                canvas->owner[to] = (uint8_t)(rat + 1);
        }
}
