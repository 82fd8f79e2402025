/* One scene: the room, the rats far to near with what stands before each, the camera; and the boxes of what is seen. */
#include "synth/cage_private.h"

static const char *const names[GR_CAGE_PARTS] = {"box", "eye_left", "eye_right", "ear_left", "ear_right", "nose"};

const char *gr_cage_part_name(gr_cage_part part)
{
    return names[part];
}

/* Pixels of a part in a rat's layer: all, those that are seen, and their bounds. */
typedef struct extent {
    int left, top, right, bottom, all, open;
} extent;

static void add_pixel(extent *e, int x, int y, bool open)
{
    e->left = e->all == 0 || x < e->left ? x : e->left;
    e->right = e->all == 0 || x > e->right ? x : e->right;
    e->top = e->all == 0 || y < e->top ? y : e->top;
    e->bottom = e->all == 0 || y > e->bottom ? y : e->bottom;
    e->all++;
    e->open += open;
}

/* What a part shows at least, in squared half heads, when it is worth a box: about a third of its face-on size. */
static const float least_area[GR_CAGE_PARTS] = {0.2f, 0.022f, 0.022f, 0.06f, 0.06f, 0.015f};
/* A face that looks away from the camera has no box. */
static const float most_yaw = 100;

static void measure(const gr_cage_canvas *canvas, int rat, int factor, gr_cage_truth *truth)
{
    const gr_cage_layer *layer = &canvas->layer[rat];
    const gr_cage_rat *r = &canvas->view->rat[rat];
    extent found[GR_CAGE_PARTS] = {{0}};
    for (int y = 0; y < layer->height; y++)
        for (int x = 0; x < layer->width; x++) {
            int part = layer->part[(size_t)y * (size_t)layer->width + (size_t)x] - 2;
            if (part < 0)
                continue;
            int cx = layer->left + x, cy = layer->top + y;
            bool open = canvas->owner[(size_t)cy * (size_t)canvas->width + (size_t)cx] == rat + 1;
            add_pixel(&found[GR_CAGE_FACE], cx, cy, open);
            if (part != GR_CAGE_FACE)
                add_pixel(&found[part], cx, cy, open);
        }
    *truth = (gr_cage_truth){0};
    float unit = r->size * (float)canvas->width, scale = 1 / (float)factor;
    const extent *face = &found[GR_CAGE_FACE];
    truth->open = face->all > 0 ? (float)face->open / (float)face->all : 0;
    bool away = fabsf(r->params.yaw) > most_yaw || truth->open < 0.35f;
    for (int part = 0; part < GR_CAGE_PARTS; part++) {
        const extent *e = &found[part];
        bool large = (float)e->all >= least_area[part] * unit * unit;
        if (e->all == 0)
            continue;
        truth->box[part] = (gr_cage_box){(float)e->left * scale, (float)e->top * scale,
                                         (float)(e->right + 1 - e->left) * scale, (float)(e->bottom + 1 - e->top) * scale,
                                         !away && large && (part == GR_CAGE_FACE || 5 * e->open >= 3 * e->all)};
    }
}

static bool draw(gr_cage_canvas *canvas)
{
    const gr_cage_view *view = canvas->view;
    if (!gr_cage_room(canvas))
        return false;
    for (int i = 0; i < view->rats; i++) {
        if (!gr_cage_rat_render(canvas, i))
            return false;
        gr_cage_rat_lay(canvas, i);
        gr_cage_screen_lay(canvas, &view->rat[i]);
    }
    if (view->front_bars)
        gr_cage_bars_lay(canvas);
    return true;
}

gr_status gr_cage_render(const gr_cage_view *view, int width, int height, uint8_t *rgb, gr_cage_truth *truth, gr_error *err)
{
    if (width < 64 || height < 64 || width > 2048 || height > 2048)
        return gr_fail(err, GR_INVALID, "synthetic scene: %d x %d pixels asked for, a side has 64 to 2048", width, height);
    if (view->rats < 0 || view->rats > GR_CAGE_RATS)
        return gr_fail(err, GR_INVALID, "synthetic scene: %d rats, a cage has 0 to %d", view->rats, GR_CAGE_RATS);
    for (int i = 0; i < view->rats; i++)
        if (!(view->rat[i].size > 0.005f && view->rat[i].size < 1 && fabsf(view->rat[i].x) <= 2 &&
              fabsf(view->rat[i].y) <= 2))
            return gr_fail(err, GR_INVALID, "synthetic scene: a rat's place or size lies outside its range");
    enum { FACTOR = 2 };
    gr_cage_canvas canvas = {.arena = gr_arena_create(), .view = view, .width = width * FACTOR, .height = height * FACTOR};
    size_t pixels = (size_t)canvas.width * (size_t)canvas.height;
    if (canvas.arena == NULL)
        return gr_fail(err, GR_NOMEM, "synthetic scene: no memory");
    canvas.picture = gr_arena_alloc(canvas.arena, pixels, sizeof(*canvas.picture));
    canvas.owner = gr_arena_alloc(canvas.arena, pixels, sizeof(*canvas.owner));
    bool done = canvas.picture != NULL && canvas.owner != NULL && draw(&canvas);
    for (int i = 0; done && i < view->rats; i++)
        measure(&canvas, i, FACTOR, &truth[i]);
    if (done) {
        gr_synth_scene film = {
            .params = &view->camera, .arena = canvas.arena, .width = canvas.width, .height = canvas.height};
        film.picture = canvas.picture;
        done = gr_synth_expose(&film, FACTOR, rgb);
    }
    gr_arena_destroy(canvas.arena);
    return done ? GR_OK : gr_fail(err, GR_NOMEM, "synthetic scene: no memory for %d x %d pixels", width, height);
}
