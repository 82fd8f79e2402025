#include "detect/face_cut.h"

#include <math.h>

#include "base/base.h"
#include "grimace/detect.h"

struct gr_face_cut {
    gr_finder *finder;
    double margin;
    bool square;
    gr_cutter cutter;
};

/* One side: from `start` on, `length` long, inside [0, most). */
static void place(double start, double length, int most, double *at, double *side)
{
    *side = fmin(fmax(rint(length), 1), most);
    *at = fmin(fmax(rint(start + (length - *side) / 2), 0), most - *side);
}

void gr_face_cut_place(const double box[4], double margin, bool square, int width, int height, double out[4])
{
    double wide = box[2] * (1 + 2 * margin), high = box[3] * (1 + 2 * margin), longer = fmax(wide, high);
    if (square)
        wide = high = longer;
    place(box[0] + box[2] / 2 - wide / 2, wide, width, &out[0], &out[2]);
    place(box[1] + box[3] / 2 - high / 2, high, height, &out[1], &out[3]);
}

static gr_status cut(const void *ctx, const gr_image *image, double box[4], gr_error *err)
{
    const gr_face_cut *c = ctx;
    gr_found_list found = {0};
    gr_status status = gr_finder_find(c->finder, image, &found, err);
    if (status == GR_OK && found.count == 0)
        status = gr_fail(err, GR_INVALID, "%s finds no face in it", gr_finder_name(c->finder));
    if (status == GR_OK) {
        const gr_found *best = &found.boxes[0];
        const double plain[4] = {best->x, best->y, best->width, best->height};
        gr_face_cut_place(plain, c->margin, c->square, image->width, image->height, box);
    }
    gr_found_free(&found);
    return status;
}

/* Of all that a box follows from. */
static gr_status make_key(const gr_face_cut *c, uint64_t *key, gr_error *err)
{
    gr_status status = gr_finder_content(c->finder, key, err);
    *key = gr_hash(*key, &c->margin, sizeof c->margin);
    *key = gr_hash(*key, &c->square, sizeof c->square);
    *key = *key != 0 ? *key : 1;
    return status;
}

gr_status gr_face_cut_open(const gr_face_cut_options *o, gr_face_cut **out, gr_error *err)
{
    gr_detect_options options = gr_detect_defaults();
    options.models = o->models;
    gr_face_cut *c = gr_alloc(1, sizeof *c);
    if (c == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a detector");
    gr_status status = gr_finder_open(o->detector, &options, &c->finder, err);
    if (status == GR_OK) {
        c->margin = o->margin;
        c->square = o->square;
        c->cutter = (gr_cutter){.cut = cut, .ctx = c};
        status = make_key(c, &c->cutter.key, err);
    }
    if (status == GR_OK && o->key != 0 && o->key != c->cutter.key)
        status = gr_fail(err, GR_INVALID, "%s: has changed since; the detector of then would be right", o->detector);
    if (status == GR_OK)
        *out = c;
    else
        gr_face_cut_close(c);
    return status;
}

const gr_cutter *gr_face_cut_cutter(const gr_face_cut *c)
{
    return &c->cutter;
}

void gr_face_cut_close(gr_face_cut *c)
{
    if (c == NULL)
        return;
    gr_finder_close(c->finder);
    gr_free(c);
}
