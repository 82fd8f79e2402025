/* Occlusion (Zeiler and Fergus 2014): how much what is explained falls when a square of the picture is covered. Squares an
 * eighth of the side wide stand half of that apart, the last ones cut off at the border; a pixel's number is the mean over
 * the squares that cover it. They are filled with the mean that pictures are normalised by; where a model knows none, with
 * the picture's own. It asks the model for answers alone, so that any learner has it. */
#include <string.h>

#include "explain/gradient.h"
#include "explain/maps.h"
#include "explain/method.h"

enum { COPIES = 32 };

typedef struct occlusion {
    gr_subject *subject;
    float *seeds;                /* [batch, values] */
    float *copies;               /* [COPIES, S, S, C] */
    double *values;              /* [COPIES, values] */
    double *drops;               /* [S, S] */
    int64_t width, stride, rows; /* of squares, and how many below each other */
} occlusion;

static void close_occlusion(void *state)
{
    occlusion *o = state;
    if (o == NULL)
        return;
    gr_free(o->seeds);
    gr_free(o->copies);
    gr_free(o->values);
    gr_free(o->drops);
    gr_free(o);
}

static gr_status open_occlusion(gr_subject *s, const gr_explain_options *options, int64_t batch, gr_method_at *at,
                                void **state, gr_error *err)
{
    occlusion *o = gr_alloc(1, sizeof *o);
    (void)options;
    (void)at;
    *state = o;
    if (o == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    o->subject = s;
    o->width = s->size >= 16 ? s->size / 8 : s->size >= 2 ? 2 : 1;
    o->stride = o->width > 1 ? o->width / 2 : 1;
    o->rows = (s->size - o->width + o->stride - 1) / o->stride + 1;
    o->seeds = gr_alloc((size_t)(batch * s->values), sizeof *o->seeds);
    o->copies = gr_alloc((size_t)(COPIES * s->pixels), sizeof *o->copies);
    o->values = gr_alloc((size_t)(COPIES * s->values), sizeof *o->values);
    o->drops = gr_alloc((size_t)(s->size * s->size), sizeof *o->drops);
    if (o->seeds == NULL || o->copies == NULL || o->values == NULL || o->drops == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    return GR_OK;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What covers channel c. Pixels of a network are 0 where they are the mean. */
static float filling(const gr_subject *s, const float *x, int64_t c)
{
    double sum = 0.0;
    if (s->network.model != NULL)
        return 0;
    for (int64_t i = c; i < s->pixels; i += s->channels)
        sum += (double)x[i];
    return (float)(sum * (double)s->channels / (double)s->pixels);
}

static void cover(const occlusion *o, const float *x, int64_t square, float *copy)
{
    const gr_subject *s = o->subject;
    int64_t top = square / o->rows * o->stride, left = square % o->rows * o->stride;
    memcpy(copy, x, (size_t)s->pixels * sizeof *copy);
    for (int64_t c = 0; c < s->channels; c++) {
        float v = filling(s, x, c);
        for (int64_t i = top; i < least(top + o->width, s->size); i++)
            for (int64_t j = left; j < least(left + o->width, s->size); j++)
                copy[(i * s->size + j) * s->channels + c] = v;
    }
}

static void spread(const occlusion *o, int64_t square, double drop)
{
    int64_t size = o->subject->size, top = square / o->rows * o->stride, left = square % o->rows * o->stride;
    for (int64_t i = top; i < least(top + o->width, size); i++)
        for (int64_t j = left; j < least(left + o->width, size); j++)
            o->drops[i * size + j] += drop;
}

/* How many squares cover row (or column) i. */
static int64_t covers(const occlusion *o, int64_t i)
{
    int64_t count = 0;
    for (int64_t k = 0; k < o->rows; k++)
        count += k * o->stride <= i && i < k * o->stride + o->width;
    return count;
}

static gr_status occlude(occlusion *o, const float *x, const float *seed, double value, float *map, gr_error *err)
{
    gr_subject *s = o->subject;
    int64_t squares = o->rows * o->rows;
    gr_status status = GR_OK;
    memset(o->drops, 0, (size_t)(s->size * s->size) * sizeof *o->drops);
    for (int64_t done = 0; status == GR_OK && done < squares; done += COPIES) {
        int64_t now = least(squares - done, COPIES);
        for (int64_t k = 0; k < now; k++)
            cover(o, x, done + k, o->copies + k * s->pixels);
        status = gr_subject_values(s, GR_EXACTLY, o->copies, now, o->values, NULL, err);
        for (int64_t k = 0; status == GR_OK && k < now; k++)
            spread(o, done + k, value - gr_gradient_value(s, seed, o->values + k * s->values));
    }
    for (int64_t i = 0; i < s->size; i++)
        for (int64_t j = 0; j < s->size; j++)
            map[i * s->size + j] = (float)(o->drops[i * s->size + j] / (double)(covers(o, i) * covers(o, j)));
    return status;
}

static gr_status run(void *state, gr_method_batch *batch, gr_error *err)
{
    occlusion *o = state;
    gr_subject *s = o->subject;
    int64_t size = s->size * s->size;
    gr_status status = gr_gradient_choose(s, GR_EXACTLY, &batch->images, o->seeds, err);
    for (int64_t n = 0; status == GR_OK && n < batch->images.n; n++) {
        float *map = batch->maps + n * size;
        status = occlude(o, batch->images.pixels + n * s->pixels, o->seeds + n * s->values, batch->images.found[n].value,
                         map, err);
        batch->sums[n] = gr_map_sum(map, size);
    }
    return status;
}

const gr_method gr_occlusion_method = {
    .name = "occlusion",
    .summary = "how much the answer falls when a square of the picture is covered",
    .needs = GR_NEEDS_ANSWERS,
    .is_signed = true,
    .open = open_occlusion,
    .close = close_occlusion,
    .run = run,
};
