#include "learners/likeness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grimace/weights.h"

static const double share = 0.99; /* of held-out images, that lie within the limit */

enum { LANES = 8 }; /* images whose sums run beside each other: one alone would wait for each of its additions */
typedef double pair __attribute__((vector_size(16), aligned(8), may_alias));

static int64_t lanes_of(int64_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

void gr_likeness_pool(const float *values, int64_t places, int64_t width, float *to)
{
    for (int64_t k = 0; k < width; k++) {
        double sum = 0.0;
        for (int64_t p = 0; p < places; p++)
            sum += (double)values[p * width + k];
        to[k] = (float)(sum / (double)places);
    }
}

static void centre(gr_likeness *l)
{
    for (int64_t k = 0; k < l->width; k++) {
        double sum = 0.0;
        for (int64_t i = 0; i < l->n; i++)
            sum += (double)l->features[i * l->width + k];
        l->mean[k] = sum / (double)l->n;
    }
}

/* Centred images, LANES of them beside each other; those behind the last are zeros. */
static void centre_all(gr_likeness *l)
{
    for (int64_t i = 0; i < l->n; i++)
        for (int64_t k = 0; k < l->width; k++)
            l->centred[(i / LANES * l->width + k) * LANES + i % LANES] = (double)l->features[i * l->width + k] - l->mean[k];
}

/* The products of the centred image `row` with the first `count` of the centred ones, each summed in the order of features; to[]
 * has room for whole lanes. */
static void products(const gr_likeness *l, const double *row, int64_t count, double *to)
{
    for (int64_t i = 0; i < count; i += LANES) {
        const pair *x = (const pair *)(l->centred + i * l->width);
        pair a = {0}, b = {0}, c = {0}, d = {0};
        for (int64_t k = 0; k < l->width; k++, x += LANES / 2) {
            const pair z = {row[k], row[k]};
            a += z * x[0];
            b += z * x[1];
            c += z * x[2];
            d += z * x[3];
        }
        memcpy(to + i, (const pair[]){a, b, c, d}, LANES * sizeof *to);
    }
}

static void fill_products(gr_likeness *l, double *scratch)
{
    double *row = scratch + lanes_of(l->n);
    for (int64_t i = 0; i < l->n; i++) {
        for (int64_t k = 0; k < l->width; k++)
            row[k] = (double)l->features[i * l->width + k] - l->mean[k];
        products(l, row, i + 1, scratch);
        memcpy(l->factor + i * l->n, scratch, (size_t)(i + 1) * sizeof *scratch);
    }
    for (int64_t i = 0; i < l->n; i++)
        for (int64_t j = i + 1; j < l->n; j++)
            l->factor[i * l->n + j] = l->factor[j * l->n + i];
}

/* Ledoit and Wolf's shrinkage and the mean of the covariance's diagonal, from the products G = XX': with S = X'X / n,
 * |S|^2 = |G|^2 / n^2, the mean over images of |xx' - S|^2 is that of G_ii^2, less |S|^2. */
static void shrink(gr_likeness *l, double *mu)
{
    double n = (double)l->n, width = (double)l->width, trace = 0.0, squares = 0.0, fourth = 0.0;
    for (int64_t i = 0; i < l->n; i++) {
        trace += l->factor[i * l->n + i];
        fourth += l->factor[i * l->n + i] * l->factor[i * l->n + i];
        for (int64_t j = 0; j < l->n; j++)
            squares += l->factor[i * l->n + j] * l->factor[i * l->n + j];
    }
    *mu = trace / n / width;
    double spread = squares / n / n - *mu * *mu * width, noise = (fourth / n - squares / n / n) / n;
    l->shrinkage = spread > 0.0 ? fmin(fmax(noise / spread, 0.0), 1.0) : 1.0;
}

/* to[] less `times` what `row` holds, in order: each sum is its own, so that two run beside each other. */
static inline void take_off(double *restrict to, const double *restrict row, double times, int64_t count)
{
    const pair both = {times, times};
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
        *(pair *)(to + i) -= both * *(const pair *)(row + i);
        *(pair *)(to + i + 2) -= both * *(const pair *)(row + i + 2);
    }
    for (; i < count; i++)
        to[i] -= row[i] * times;
}

/* Cholesky's factor of a symmetric matrix, in place; its transpose above the diagonal, whose rows are what solving runs along and
 * what it is made of here. */
static bool factorise(double *a, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        double *row = a + i * n;
        for (int64_t k = 0; k < i; k++)
            take_off(row + i, a + k * n + i, a[k * n + i], n - i);
        if (!(row[i] > 0.0))
            return false;
        row[i] = sqrt(row[i]);
        for (int64_t j = i + 1; j < n; j++)
            row[j] /= row[i];
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i + 1; j < n; j++)
            a[j * n + i] = a[i * n + j];
    return true;
}

/* A covariance without any shrinkage would have no inverse where images are fewer than features. */
static bool prepare(gr_likeness *l, double *scratch)
{
    static const double least = 1e-6;
    double mu, n = (double)l->n;
    centre(l);
    centre_all(l);
    fill_products(l, scratch);
    shrink(l, &mu);
    if (!(mu > 0.0) || !isfinite(mu))
        return false;
    double a = (1.0 - l->shrinkage) / n;
    l->b = fmax(l->shrinkage, least) * mu;
    for (int64_t i = 0; i < l->n; i++) {
        for (int64_t j = 0; j < l->n; j++)
            l->factor[i * l->n + j] *= a;
        l->factor[i * l->n + i] += l->b;
    }
    return factorise(l->factor, l->n);
}

size_t gr_likeness_scratch(const gr_likeness *l)
{
    return (size_t)(lanes_of(l->n) + l->width);
}

double gr_likeness_distance(const gr_likeness *l, const float *z, double *scratch)
{
    double *restrict u = scratch, *row = scratch + lanes_of(l->n), own = 0.0, explained = 0.0,
                     a = (1.0 - l->shrinkage) / (double)l->n;
    for (int64_t k = 0; k < l->width; k++) {
        row[k] = (double)z[k] - l->mean[k];
        own += row[k] * row[k];
    }
    products(l, row, l->n, u);
    for (int64_t i = 0; i < l->n; i++) {
        const double *restrict below = l->factor + i * l->n;
        double x = u[i] / below[i];
        explained += x * x;
        take_off(u + i + 1, below + i + 1, x, l->n - i - 1);
    }
    return (own - a * explained) / l->b;
}

static int by_size(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* NumPy's quantile. */
static gr_status find_limit(gr_likeness *l, gr_error *err)
{
    float *sorted = gr_alloc((size_t)l->held_count, sizeof *sorted);
    if (sorted == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the distances of images");
    memcpy(sorted, l->held, (size_t)l->held_count * sizeof *sorted);
    qsort(sorted, (size_t)l->held_count, sizeof *sorted, by_size);
    double at = share * (double)(l->held_count - 1);
    int64_t below = (int64_t)at, above = below + 1 < l->held_count ? below + 1 : below;
    l->limit = l->held_count > 0 ? (double)sorted[below] + (at - (double)below) * ((double)sorted[above] - (double)sorted[below])
                                 : INFINITY;
    gr_free(sorted);
    return GR_OK;
}

static gr_status open_likeness(const float *features, int64_t n, int64_t width, int64_t held_count, gr_likeness *l, gr_error *err)
{
    *l = (gr_likeness){.n = n, .width = width, .held_count = held_count};
    l->features = gr_alloc((size_t)n, (size_t)width * sizeof *l->features);
    l->held = gr_alloc((size_t)held_count, sizeof *l->held);
    l->mean = gr_alloc((size_t)width, sizeof *l->mean);
    l->factor = gr_alloc((size_t)n, (size_t)n * sizeof *l->factor);
    l->centred = gr_alloc((size_t)lanes_of(n), (size_t)width * sizeof *l->centred);
    double *scratch = gr_alloc(gr_likeness_scratch(l), sizeof *scratch);
    gr_status status = GR_OK;
    if (l->features == NULL || l->held == NULL || l->mean == NULL || l->factor == NULL || l->centred == NULL || scratch == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the features of %lld images", (long long)n);
    if (status == GR_OK)
        memcpy(l->features, features, (size_t)(n * width) * sizeof *features);
    if (status == GR_OK && !prepare(l, scratch))
        status = gr_fail(err, GR_INVALID, "all images have the same features");
    gr_free(scratch);
    return status;
}

gr_status gr_likeness_make(const float *features, int64_t n, int64_t width, const float *held, int64_t held_count,
                           gr_likeness *out, gr_error *err)
{
    gr_status status = open_likeness(features, n, width, held_count, out, err);
    double *scratch = status == GR_OK ? gr_alloc(gr_likeness_scratch(out), sizeof *scratch) : NULL;
    if (status == GR_OK && scratch == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the features of %lld images", (long long)n);
    for (int64_t i = 0; status == GR_OK && i < held_count; i++)
        out->held[i] = (float)gr_likeness_distance(out, held + i * width, scratch);
    gr_free(scratch);
    if (status == GR_OK)
        status = find_limit(out, err);
    if (status != GR_OK)
        gr_likeness_free(out);
    return status;
}

void gr_likeness_free(gr_likeness *l)
{
    gr_free(l->features);
    gr_free(l->held);
    gr_free(l->mean);
    gr_free(l->factor);
    gr_free(l->centred);
    *l = (gr_likeness){0};
}

/* ---- the file ------------------------------------------------------------------------------------------------------------ */

gr_status gr_likeness_write(const char *path, const gr_likeness *l, gr_error *err)
{
    gr_weights *weights = gr_weights_create();
    gr_shape features = gr_shape_make(2, (const int64_t[]){l->n, l->width}), held = gr_shape_make(1, &l->held_count);
    gr_status status = weights != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the features of images");
    if (status == GR_OK)
        status = gr_weights_add(weights, "features", GR_F32, &features, l->features, err);
    if (status == GR_OK)
        status = gr_weights_add(weights, "held_out", GR_F32, &held, l->held, err);
    if (status == GR_OK)
        status = gr_weights_write(path, weights, err);
    gr_weights_destroy(weights);
    return status;
}

static bool all_finite(const gr_tensor *t)
{
    const float *values = t->data;
    int64_t count = gr_shape_elements(&t->shape);
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

gr_status gr_likeness_read(const char *path, gr_likeness *out, gr_error *err)
{
    *out = (gr_likeness){0};
    gr_weights *weights = NULL;
    gr_status status = gr_weights_read(path, &weights, err);
    if (status != GR_OK)
        return status;
    const gr_tensor *f = gr_weights_find(weights, "features"), *h = gr_weights_find(weights, "held_out");
    bool good = f != NULL && h != NULL && f->type == GR_F32 && h->type == GR_F32 && f->shape.rank == 2 && h->shape.rank == 1 &&
                f->shape.dim[0] >= 2 && f->shape.dim[0] <= GR_LIKENESS_MOST && f->shape.dim[1] >= 1 && h->shape.dim[0] >= 1 &&
                h->shape.dim[0] <= GR_LIKENESS_MOST && all_finite(f) && all_finite(h);
    if (!good)
        status = gr_fail(err, GR_INVALID, "%s: does not hold features of training images; without the file nothing is said of it",
                         path);
    if (status == GR_OK)
        status = open_likeness(f->data, f->shape.dim[0], f->shape.dim[1], h->shape.dim[0], out, err);
    if (status == GR_OK) {
        memcpy(out->held, h->data, (size_t)out->held_count * sizeof *out->held);
        status = find_limit(out, err);
    }
    gr_weights_destroy(weights);
    if (status != GR_OK)
        gr_likeness_free(out);
    return status;
}
