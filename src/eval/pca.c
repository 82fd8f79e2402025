/* Principal components by the eigenvectors of the covariance (cyclic Jacobi rotations): tables are narrow here. */
#include "grimace/pca.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

enum { SWEEPS = 100 };

/* What is known of each column, and the table centred and scaled. */
static void centre(const double *x, bool standardise, gr_pca *p, double *centred)
{
    for (int c = 0; c < p->width; c++) {
        double sum = 0.0, squares = 0.0;
        int64_t known = 0;
        for (int64_t r = 0; r < p->rows; r++)
            if (!isnan(x[r * p->width + c])) {
                sum += x[r * p->width + c];
                known++;
            }
        p->mean[c] = known > 0 ? sum / (double)known : 0.0;
        for (int64_t r = 0; r < p->rows; r++) {
            double value = x[r * p->width + c];
            double off = isnan(value) ? 0.0 : value - p->mean[c];
            centred[r * p->width + c] = off;
            squares += off * off;
        }
        double deviation = sqrt(squares / (double)p->rows);
        p->scale[c] = standardise && deviation > 0.0 ? deviation : 1.0;
        for (int64_t r = 0; r < p->rows; r++)
            centred[r * p->width + c] /= p->scale[c];
    }
}

static void rotate(double *a, double *v, int n, int p, int q)
{
    double theta = (a[q * n + q] - a[p * n + p]) / (2.0 * a[p * n + q]);
    double t = (theta >= 0.0 ? 1.0 : -1.0) / (fabs(theta) + sqrt(theta * theta + 1.0)), c = 1.0 / sqrt(t * t + 1.0),
           s = t * c;
    for (int k = 0; k < n; k++) {
        double x = a[k * n + p], y = a[k * n + q];
        a[k * n + p] = c * x - s * y;
        a[k * n + q] = s * x + c * y;
    }
    for (int k = 0; k < n; k++) {
        double x = a[p * n + k], y = a[q * n + k];
        a[p * n + k] = c * x - s * y;
        a[q * n + k] = s * x + c * y;
        x = v[p * n + k];
        y = v[q * n + k];
        v[p * n + k] = c * x - s * y;
        v[q * n + k] = s * x + c * y;
    }
}

/* Makes the symmetric a[n, n] diagonal; the rows of v are its eigenvectors. */
static void diagonalise(double *a, double *v, int n)
{
    for (int i = 0; i < n; i++)
        v[i * n + i] = 1.0;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        double off = 0.0, all = 0.0;
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++) {
                all += a[i * n + j] * a[i * n + j];
                off += i == j ? 0.0 : a[i * n + j] * a[i * n + j];
            }
        if (off <= 1e-30 * all)
            return;
        for (int p = 0; p < n; p++)
            for (int q = p + 1; q < n; q++)
                if (a[p * n + q] != 0.0)
                    rotate(a, v, n, p, q);
    }
}

static void covariance(const gr_pca *p, const double *centred, double *a)
{
    for (int i = 0; i < p->width; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0.0;
            for (int64_t r = 0; r < p->rows; r++)
                sum += centred[r * p->width + i] * centred[r * p->width + j];
            a[i * p->width + j] = a[j * p->width + i] = sum / (double)(p->rows - 1);
        }
}

/* The eigenvector of the next largest eigenvalue, which is then marked. */
static void take(gr_pca *p, int k, double *a, const double *v, double total)
{
    int best = 0, largest = 0;
    for (int i = 1; i < p->width; i++)
        if (a[i * p->width + i] > a[best * p->width + best])
            best = i;
    const double *from = v + best * p->width;
    for (int c = 1; c < p->width; c++)
        if (fabs(from[c]) > fabs(from[largest]))
            largest = c;
    for (int c = 0; c < p->width; c++)
        p->loadings[k * p->width + c] = from[largest] < 0.0 ? -from[c] : from[c];
    p->variance[k] = fmax(a[best * p->width + best], 0.0);
    p->share[k] = total > 0.0 ? p->variance[k] / total : 0.0;
    a[best * p->width + best] = -INFINITY;
}

static void score(gr_pca *p, const double *centred)
{
    for (int64_t r = 0; r < p->rows; r++)
        for (int k = 0; k < p->count; k++) {
            double sum = 0.0;
            for (int c = 0; c < p->width; c++)
                sum += centred[r * p->width + c] * p->loadings[k * p->width + c];
            p->scores[r * p->count + k] = sum;
        }
}

gr_status gr_pca_make(const double *x, int64_t rows, int width, int count, bool standardise, gr_pca *out, gr_error *err)
{
    *out = (gr_pca){.rows = rows, .width = width, .count = count};
    if (rows < 2 || width < 1 || count < 1 || count > width || count > rows)
        return gr_fail(err, GR_INVALID, "%lld rows of %d columns have no %d principal components", (long long)rows, width,
                       count);
    size_t n = (size_t)width, k = (size_t)count;
    double *centred = gr_alloc((size_t)rows * n, sizeof *centred), *a = gr_alloc(n * n, sizeof *a),
           *v = gr_alloc(n * n, sizeof *v);
    out->mean = gr_alloc(n, sizeof(double));
    out->scale = gr_alloc(n, sizeof(double));
    out->loadings = gr_alloc(k * n, sizeof(double));
    out->variance = gr_alloc(k, sizeof(double));
    out->share = gr_alloc(k, sizeof(double));
    out->scores = gr_alloc((size_t)rows * k, sizeof(double));
    gr_status status = GR_OK;
    if (centred == NULL || a == NULL || v == NULL || out->mean == NULL || out->scale == NULL || out->loadings == NULL ||
        out->variance == NULL || out->share == NULL || out->scores == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for principal components");
    if (status == GR_OK) {
        double total = 0.0;
        centre(x, standardise, out, centred);
        covariance(out, centred, a);
        for (int i = 0; i < width; i++)
            total += a[i * width + i];
        diagonalise(a, v, width);
        for (int i = 0; i < count; i++)
            take(out, i, a, v, total);
        score(out, centred);
    } else
        gr_pca_free(out);
    gr_free(centred);
    gr_free(a);
    gr_free(v);
    return status;
}

void gr_pca_free(gr_pca *p)
{
    gr_free(p->mean);
    gr_free(p->scale);
    gr_free(p->loadings);
    gr_free(p->variance);
    gr_free(p->share);
    gr_free(p->scores);
    *p = (gr_pca){0};
}
