#include "fitting/patches.h"

#include <math.h>

#include "base/base.h"

static const double shift = 0.05, growth = 0.1;

void gr_patches_free(gr_patches *patches)
{
    gr_free(patches->pixels);
    *patches = (gr_patches){0};
}

/* The two pixels around `at` and the share of the second. */
static double between(double at, int length, int *first, int *second)
{
    double low = floor(at);
    *first = low < 0 ? 0 : low > length - 1 ? length - 1 : (int)low;
    *second = low + 1 < 0 ? 0 : low + 1 > length - 1 ? length - 1 : (int)low + 1;
    return at - low;
}

void gr_patch_draw(const gr_grey *g, const gr_box *box, int width, int height, bool mirrored, uint8_t *to)
{
    for (int y = 0; y < height; y++) {
        int rows[2], columns[2];
        double v = between(box->y + (y + 0.5) * box->height / height - 0.5, g->height, &rows[0], &rows[1]);
        const uint8_t *upper = g->pixels + (size_t)rows[0] * (size_t)g->width,
                      *lower = g->pixels + (size_t)rows[1] * (size_t)g->width;
        for (int x = 0; x < width; x++) {
            double u = between(box->x + (x + 0.5) * box->width / width - 0.5, g->width, &columns[0], &columns[1]);
            double above = upper[columns[0]] * (1 - u) + upper[columns[1]] * u,
                   below = lower[columns[0]] * (1 - u) + lower[columns[1]] * u;
            to[y * width + (mirrored ? width - 1 - x : x)] = (uint8_t)lrint(above * (1 - v) + below * v);
        }
    }
}

typedef struct cutting {
    const gr_fit_pictures *pictures;
    const gr_patch_options *options;
    gr_patches *patches;
} cutting;

static gr_status cut(void *ctx, int64_t index, const gr_grey *grey, int thread, gr_error *err)
{
    const cutting *c = ctx;
    const gr_patch_options *o = c->options;
    int64_t size = (int64_t)o->width * o->height;
    int sides = o->mirror ? 2 : 1;
    (void)thread;
    (void)err;
    for (int64_t b = c->pictures->first[index]; b < c->pictures->first[index + 1]; b++)
        for (int copy = 0; copy < o->copies; copy++) {
            gr_box box = gr_fit_widened(&c->pictures->boxes[b], o->width, o->height);
            gr_rng rng = gr_rng_make(o->seed, GR_FOR_PATCHES, (uint32_t)copy, (uint64_t)b);
            if (copy > 0) {
                double scale = 1 + growth * (2 * gr_rng_double(&rng) - 1);
                box.x += box.width * (shift * (2 * gr_rng_double(&rng) - 1) + (1 - scale) / 2);
                box.y += box.height * (shift * (2 * gr_rng_double(&rng) - 1) + (1 - scale) / 2);
                box.width *= scale;
                box.height *= scale;
            }
            for (int side = 0; side < sides; side++)
                gr_patch_draw(grey, &box, o->width, o->height, side == 1,
                              c->patches->pixels + ((b * o->copies + copy) * sides + side) * size);
        }
    return GR_OK;
}

gr_status gr_patches_of_boxes(const gr_fit_pictures *pictures, const gr_patch_options *o, gr_patches *out, gr_error *err)
{
    int64_t each = (int64_t)o->copies * (o->mirror ? 2 : 1);
    *out = (gr_patches){.width = o->width, .height = o->height, .count = pictures->first[pictures->count] * each};
    out->pixels = gr_alloc((size_t)out->count, (size_t)o->width * (size_t)o->height);
    if (out->pixels == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld windows of %d x %d", (long long)out->count, o->width, o->height);
    cutting c = {pictures, o, out};
    gr_status status = gr_fit_each(pictures, cut, &c, err);
    if (status != GR_OK)
        gr_patches_free(out);
    return status;
}
