/* Curves of deletion and insertion. */
#include "explain/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "explain/trial_score.h"

typedef struct pixel {
    float value;
    int64_t at;
} pixel;

static int by_value(const void *a, const void *b)
{
    const pixel *p = a, *q = b;
    if (p->value > q->value)
        return -1;
    if (p->value < q->value)
        return 1;
    return p->at < q->at ? -1 : 1;
}

gr_status gr_curve_order(const float *map, int64_t count, int64_t *order, gr_error *err)
{
    pixel *pixels = gr_alloc((size_t)count, sizeof *pixels);
    if (pixels == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to order pixels");
    for (int64_t i = 0; i < count; i++)
        pixels[i] = (pixel){isnan(map[i]) ? -INFINITY : map[i], i};
    qsort(pixels, (size_t)count, sizeof *pixels, by_value);
    for (int64_t i = 0; i < count; i++)
        order[i] = pixels[i].at;
    gr_free(pixels);
    return GR_OK;
}

/* ---- curves ----------------------------------------------------------------------------------------------------------- */

/* What one image needs on its way. */
typedef struct way {
    int64_t *order;
    float *copies; /* [points, S, S, C] */
    double *values;
    float *answers;
} way;

static gr_status make_way(const gr_subject *s, way *w, gr_error *err)
{
    w->order = gr_alloc((size_t)(s->size * s->size), sizeof *w->order);
    w->copies = gr_alloc((size_t)(GR_CURVE_POINTS * s->pixels), sizeof *w->copies);
    w->values = gr_alloc((size_t)(GR_CURVE_POINTS * s->values), sizeof *w->values);
    w->answers = gr_alloc((size_t)(GR_CURVE_POINTS * s->answers), sizeof *w->answers);
    return w->order != NULL && w->copies != NULL && w->values != NULL && w->answers != NULL
               ? GR_OK
               : gr_fail(err, GR_NOMEM, "no memory for altered pictures");
}

static void free_way(way *w)
{
    gr_free(w->order);
    gr_free(w->copies);
    gr_free(w->values);
    gr_free(w->answers);
}

/* Copy k has the first k / STEPS of the pixels of `to` (NULL: zeros). */
static void alter(const gr_subject *s, const way *w, const float *from, const float *to)
{
    int64_t pixels = s->size * s->size, channels = s->channels, done = 0;
    size_t bytes = (size_t)s->pixels * sizeof *w->copies;
    if (from != NULL)
        memcpy(w->copies, from, bytes);
    else
        memset(w->copies, 0, bytes);
    for (int k = 1; k < GR_CURVE_POINTS; k++) {
        float *copy = w->copies + k * s->pixels;
        memcpy(copy, copy - s->pixels, bytes);
        for (; done < pixels * k / GR_CURVE_STEPS; done++)
            for (int64_t c = w->order[done] * channels; c < (w->order[done] + 1) * channels; c++)
                copy[c] = to != NULL ? to[c] : 0;
    }
}

/* Point `known` is the picture itself, whose score is known, so that the others make whole batches. */
static gr_status follow(const gr_trial_images *images, int64_t i, const way *w, int known, double *numbers, gr_error *err)
{
    gr_subject *s = images->subject;
    const gr_found *f = &images->found[i];
    int first = known == 0 ? 1 : 0;
    gr_status status = gr_subject_values(s, GR_AS_PREDICTED, w->copies + first * s->pixels, GR_CURVE_STEPS,
                                         w->values + first * s->values, w->answers + first * s->answers, err);
    double area = 0.0, *curve = numbers + 1;
    for (int k = 0; status == GR_OK && k < GR_CURVE_POINTS; k++) {
        if (k == known)
            curve[k] = isnan(f->probability) ? f->value : f->probability;
        else
            curve[k] = gr_trial_score(images, i, w->values + k * s->values, w->answers + k * s->answers);
        area += k > 0 ? (curve[k] + curve[k - 1]) / 2 : 0.0;
    }
    numbers[0] = area / GR_CURVE_STEPS;
    return status;
}

gr_status gr_curve_draw(const gr_trial_images *images, const gr_trial_maps *maps, const float *from, const float *to,
                        double *numbers, gr_error *err)
{
    gr_subject *s = images->subject;
    way w = {0};
    gr_status status = make_way(s, &w, err);
    for (int64_t i = 0; status == GR_OK && i < images->n; i++) {
        status = gr_curve_order(maps->maps + i * s->size * s->size, s->size * s->size, w.order, err);
        if (status != GR_OK)
            break;
        alter(s, &w, from != NULL ? from + i * s->pixels : NULL, to != NULL ? to + i * s->pixels : NULL);
        status =
            follow(images, i, &w, from == images->pixels ? 0 : GR_CURVE_STEPS, numbers + i * (1 + GR_CURVE_POINTS), err);
    }
    free_way(&w);
    return status;
}

/* ---- blurring --------------------------------------------------------------------------------------------------------- */

static int64_t mirrored(int64_t i, int64_t size)
{
    while (i < 0 || i >= size)
        i = i < 0 ? -1 - i : 2 * size - 1 - i;
    return i;
}

/* One line of `size` numbers, `step` apart. */
static void blur_line(const float *in, float *out, int64_t size, int64_t step, const double *weights, int64_t radius)
{
    for (int64_t i = 0; i < size; i++) {
        double sum = 0.0;
        for (int64_t k = -radius; k <= radius; k++)
            sum += weights[k + radius] * (double)in[mirrored(i + k, size) * step];
        out[i * step] = (float)sum;
    }
}

gr_status gr_curve_blur(const float *in, int64_t size, int64_t channels, double sigma, float *out, gr_error *err)
{
    int64_t radius = (int64_t)ceil(3.0 * sigma), row = size * channels;
    double *weights = gr_alloc((size_t)(2 * radius + 1), sizeof *weights), sum = 0.0;
    float *half = gr_alloc((size_t)(size * row), sizeof *half);
    gr_status status = weights != NULL && half != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to blur a picture");
    for (int64_t k = -radius; status == GR_OK && k <= radius; k++)
        sum += weights[k + radius] = exp(-(double)(k * k) / (2.0 * sigma * sigma));
    for (int64_t k = 0; status == GR_OK && k <= 2 * radius; k++)
        weights[k] /= sum;
    for (int64_t i = 0; status == GR_OK && i < size; i++)
        for (int64_t c = 0; c < channels; c++)
            blur_line(in + i * row + c, half + i * row + c, size, channels, weights, radius);
    for (int64_t i = 0; status == GR_OK && i < row; i++)
        blur_line(half + i, out + i, size, row, weights, radius);
    gr_free(weights);
    gr_free(half);
    return status;
}
