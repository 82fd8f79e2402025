/* Principal components by the eigenvectors of the covariance: of narrow tables by cyclic Jacobi rotations; of wide ones, whose
 * covariance takes too long to turn, by Lanczos's method with full reorthogonalisation (Golub and Van Loan, Matrix Computations,
 * 10.1 and 10.3), which only multiplies by the table. */
#include "grimace/pca.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

/* Of Jacobi; columns; vectors of Lanczos, and between two looks at them. */
enum { SWEEPS = 100, NARROW = 120, STEPS = 600, EVERY = 20 };

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

static void put(gr_pca *p, int k, const double *from, double variance, double total)
{
    int largest = 0;
    for (int c = 1; c < p->width; c++)
        if (fabs(from[c]) > fabs(from[largest]))
            largest = c;
    for (int c = 0; c < p->width; c++)
        p->loadings[k * p->width + c] = from[largest] < 0.0 ? -from[c] : from[c];
    p->variance[k] = fmax(variance, 0.0);
    p->share[k] = total > 0.0 ? p->variance[k] / total : 0.0;
}

/* Which of the diagonal a[n, n] is largest. */
static int largest_of(const double *a, int n)
{
    int best = 0;
    for (int i = 1; i < n; i++)
        if (a[i * n + i] > a[best * n + best])
            best = i;
    return best;
}

static gr_status make_narrow(gr_pca *p, const double *centred, gr_error *err)
{
    size_t n = (size_t)p->width;
    double *a = gr_alloc(n * n, sizeof *a), *v = gr_alloc(n * n, sizeof *v), total = 0.0;
    gr_status status = a != NULL && v != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for principal components");
    if (status == GR_OK) {
        covariance(p, centred, a);
        for (int i = 0; i < p->width; i++)
            total += a[i * p->width + i];
        diagonalise(a, v, p->width);
    }
    for (int k = 0; status == GR_OK && k < p->count; k++) {
        int best = largest_of(a, p->width);
        put(p, k, v + best * p->width, a[best * p->width + best], total);
        a[best * p->width + best] = -INFINITY; /* taken */
    }
    gr_free(a);
    gr_free(v);
    return status;
}

/* ---- wide tables ----------------------------------------------------------------------------------------------------- */

typedef struct lanczos {
    const double *centred;
    int64_t rows;
    int width, most, count; /* vectors that there can be, and are */
    double *v;              /* [most + 1, width], orthonormal; the one behind the last is the next */
    double *alpha, *beta;   /* [most]: the tridiagonal matrix that they make of the covariance */
    double *t, *s;          /* [most, most]: it, diagonalised, and its eigenvectors */
    double total;
} lanczos;

static double dot(const double *a, const double *b, int n)
{
    double sum = 0.0;
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void along(double *to, double share, const double *from, int n)
{
    for (int i = 0; i < n; i++)
        to[i] += share * from[i];
}

/* Makes w perpendicular to the vectors that there are, twice for what rounding leaves, and of length 1. Returns the length. */
static double straighten(const lanczos *l, double *w)
{
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < l->count; i++)
            along(w, -dot(w, l->v + (size_t)i * (size_t)l->width, l->width), l->v + (size_t)i * (size_t)l->width, l->width);
    double length = sqrt(dot(w, w, l->width));
    for (int i = 0; length > 0.0 && i < l->width; i++)
        w[i] /= length;
    return length;
}

/* A vector that follows from its number alone. */
static void begin(const lanczos *l, double *w)
{
    for (int i = 0; i < l->width; i++) {
        uint32_t mixed = ((uint32_t)i + 1u) * 2654435761u + (uint32_t)l->count * 40503u;
        w[i] = (double)((mixed >> 8) & 0xffffu) / 65536.0 - 0.5;
    }
}

/* Adds the vector that stands behind the last, and makes the next one of the covariance times it. false: there is none. */
static bool step(lanczos *l)
{
    const double *v = l->v + (size_t)l->count * (size_t)l->width;
    double *w = l->v + (size_t)(l->count + 1) * (size_t)l->width;
    memset(w, 0, (size_t)l->width * sizeof *w);
    for (int64_t r = 0; r < l->rows; r++) {
        const double *row = l->centred + r * l->width;
        along(w, dot(row, v, l->width) / (double)(l->rows - 1), row, l->width);
    }
    l->alpha[l->count] = dot(w, v, l->width);
    int at = l->count++;
    l->beta[at] = straighten(l, w);
    if (l->beta[at] > 1e-13 * l->total)
        return true;
    l->beta[at] = 0.0; /* the vectors so far go into themselves: another beginning, if there is room for one */
    begin(l, w);
    return straighten(l, w) > 1e-8;
}

/* Diagonalises the tridiagonal matrix. Are the largest `wanted` of its eigenvalues those of the covariance? */
static bool settled(const lanczos *l, int wanted)
{
    int n = l->count;
    memset(l->t, 0, (size_t)n * (size_t)n * sizeof *l->t);
    memset(l->s, 0, (size_t)n * (size_t)n * sizeof *l->s);
    for (int i = 0; i < n; i++) {
        l->t[i * n + i] = l->alpha[i];
        if (i + 1 < n)
            l->t[i * n + i + 1] = l->t[(i + 1) * n + i] = l->beta[i];
    }
    diagonalise(l->t, l->s, n);
    bool good = n >= wanted;
    double *diagonal = l->alpha + l->most; /* room for marks */
    for (int i = 0; i < n; i++)
        diagonal[i] = l->t[i * n + i];
    for (int k = 0; good && k < wanted; k++) {
        int best = largest_of(l->t, n);
        good = l->beta[n - 1] * fabs(l->s[best * n + n - 1]) <= 1e-12 * l->total;
        l->t[best * n + best] = -INFINITY;
    }
    for (int i = 0; i < n; i++)
        l->t[i * n + i] = diagonal[i];
    return good;
}

static void take_wide(gr_pca *p, lanczos *l)
{
    double *vector = l->v + (size_t)l->count * (size_t)l->width; /* the next one is not needed any more */
    for (int k = 0; k < p->count; k++) {
        int n = l->count, best = largest_of(l->t, n);
        memset(vector, 0, (size_t)l->width * sizeof *vector);
        for (int i = 0; i < n; i++)
            along(vector, l->s[best * n + i], l->v + (size_t)i * (size_t)l->width, l->width);
        put(p, k, vector, l->t[best * n + best], l->total);
        l->t[best * n + best] = -INFINITY;
    }
}

static gr_status make_wide(gr_pca *p, const double *centred, gr_error *err)
{
    lanczos l = {.centred = centred, .rows = p->rows, .width = p->width, .most = p->width < STEPS ? p->width : STEPS};
    size_t most = (size_t)l.most;
    l.v = gr_alloc((most + 1) * (size_t)l.width, sizeof *l.v);
    l.alpha = gr_alloc(2 * most, sizeof *l.alpha);
    l.beta = gr_alloc(most, sizeof *l.beta);
    l.t = gr_alloc(most * most, sizeof *l.t);
    l.s = gr_alloc(most * most, sizeof *l.s);
    gr_status status = GR_OK;
    if (l.v == NULL || l.alpha == NULL || l.beta == NULL || l.t == NULL || l.s == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for principal components");
    if (status == GR_OK) {
        for (int64_t i = 0; i < l.rows * l.width; i++)
            l.total += centred[i] * centred[i] / (double)(l.rows - 1);
        begin(&l, l.v);
        (void)straighten(&l, l.v);
        for (bool more = true, done = false; more && !done;) {
            more = step(&l) && l.count < l.most;
            done = (!more || l.count % EVERY == 0) && settled(&l, p->count);
        }
        take_wide(p, &l);
    }
    gr_free(l.v);
    gr_free(l.alpha);
    gr_free(l.beta);
    gr_free(l.t);
    gr_free(l.s);
    return status;
}

/* ---- both ------------------------------------------------------------------------------------------------------------ */

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
    double *centred = gr_alloc((size_t)rows * n, sizeof *centred);
    out->mean = gr_alloc(n, sizeof(double));
    out->scale = gr_alloc(n, sizeof(double));
    out->loadings = gr_alloc(k * n, sizeof(double));
    out->variance = gr_alloc(k, sizeof(double));
    out->share = gr_alloc(k, sizeof(double));
    out->scores = gr_alloc((size_t)rows * k, sizeof(double));
    gr_status status = GR_OK;
    if (centred == NULL || out->mean == NULL || out->scale == NULL || out->loadings == NULL ||
        out->variance == NULL || out->share == NULL || out->scores == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for principal components");
    if (status == GR_OK) {
        centre(x, standardise, out, centred);
        status = width <= NARROW ? make_narrow(out, centred, err) : make_wide(out, centred, err);
    }
    if (status == GR_OK)
        score(out, centred);
    else
        gr_pca_free(out);
    gr_free(centred);
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
