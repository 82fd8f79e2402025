/* Correlations, the straight line, limits of agreement: the formulas stand in the header. */
#include "grimace/correlation.h"

#include <math.h>

#include "base/base.h"
#include "base/distributions.h"
#include "eval/ranks.h"

static const gr_interval nowhere = {NAN, NAN};

static gr_interval around(double middle, double half)
{
    return (gr_interval){middle - half, middle + half};
}

/* Means and centred sums of squares and products. */
typedef struct moments {
    double mean_x, mean_y, xx, yy, xy;
} moments;

static moments gather(const double *x, const double *y, int64_t n)
{
    moments m = {0};
    for (int64_t i = 0; i < n; i++) {
        m.mean_x += x[i];
        m.mean_y += y[i];
    }
    m.mean_x /= (double)n;
    m.mean_y /= (double)n;
    for (int64_t i = 0; i < n; i++) {
        double dx = x[i] - m.mean_x, dy = y[i] - m.mean_y;
        m.xx += dx * dx;
        m.yy += dy * dy;
        m.xy += dx * dy;
    }
    return m;
}

/* From r and the variance of atanh(r) times n - 3. */
static gr_correlation judged(double r, int64_t n, double spread, double level)
{
    gr_correlation c = {.n = n, .r = r, .p = NAN, .interval = nowhere};
    if (isnan(r))
        return c;
    if (n > 2) {
        double left = (1.0 - r) * (1.0 + r);
        c.p = left > 0.0 ? gr_t_both_tails(r * sqrt((double)(n - 2) / left), (double)(n - 2)) : 0.0;
    }
    if (n > 3) {
        double half = gr_normal_quantile(0.5 + 0.5 * level) * sqrt(spread / (double)(n - 3)), z = atanh(r);
        c.interval = (gr_interval){tanh(z - half), tanh(z + half)};
    }
    return c;
}

static double product_moment(const double *x, const double *y, int64_t n)
{
    if (n < 2 || gr_all_equal(x, n) || gr_all_equal(y, n))
        return NAN;
    moments m = gather(x, y, n);
    double r = m.xx > 0.0 && m.yy > 0.0 ? m.xy / (sqrt(m.xx) * sqrt(m.yy)) : NAN;
    return r > 1.0 ? 1.0 : r < -1.0 ? -1.0 : r;
}

gr_correlation gr_pearson(const double *x, const double *y, int64_t n, double level)
{
    return judged(product_moment(x, y, n), n, 1.0, level);
}

static bool all_finite(const double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

gr_status gr_spearman(const double *x, const double *y, int64_t n, double level, gr_correlation *out, gr_error *err)
{
    *out = (gr_correlation){.n = n, .r = NAN, .p = NAN, .interval = nowhere};
    if (!all_finite(x, n) || !all_finite(y, n))
        return GR_OK;
    double *ranks = gr_alloc((size_t)n, 2 * sizeof *ranks);
    gr_status status = ranks != NULL ? gr_midranks(x, n, ranks, err) : gr_fail(err, GR_NOMEM, "no memory for ranks");
    if (status == GR_OK)
        status = gr_midranks(y, n, ranks + n, err);
    if (status == GR_OK) {
        double r = product_moment(ranks, ranks + n, n);
        *out = judged(r, n, 1.0 + 0.5 * r * r, level);
    }
    gr_free(ranks);
    return status;
}

gr_regression gr_linear_regression(const double *x, const double *y, int64_t n, double level)
{
    gr_regression g = {.n = n,
                       .slope = NAN,
                       .intercept = NAN,
                       .r2 = NAN,
                       .residual_sd = NAN,
                       .slope_error = NAN,
                       .intercept_error = NAN,
                       .slope_p = NAN,
                       .intercept_p = NAN,
                       .slope_interval = nowhere,
                       .intercept_interval = nowhere};
    moments m = n > 1 ? gather(x, y, n) : (moments){0};
    if (!(m.xx > 0.0))
        return g;
    g.slope = m.xy / m.xx;
    g.intercept = m.mean_y - g.slope * m.mean_x;
    double rest = 0.0, df = (double)(n - 2);
    for (int64_t i = 0; i < n; i++) {
        double residual = y[i] - g.intercept - g.slope * x[i];
        rest += residual * residual;
    }
    g.r2 = m.yy > 0.0 ? 1.0 - rest / m.yy : NAN;
    if (n < 3)
        return g;
    g.residual_sd = sqrt(rest / df);
    g.slope_error = g.residual_sd / sqrt(m.xx);
    g.intercept_error = g.residual_sd * sqrt(1.0 / (double)n + m.mean_x * m.mean_x / m.xx);
    g.slope_p = gr_t_both_tails(g.slope / g.slope_error, df);
    g.intercept_p = gr_t_both_tails(g.intercept / g.intercept_error, df);
    double t = gr_t_quantile(0.5 + 0.5 * level, df);
    g.slope_interval = around(g.slope, t * g.slope_error);
    g.intercept_interval = around(g.intercept, t * g.intercept_error);
    return g;
}

gr_status gr_bland_altman_limits(const double *first, const double *second, int64_t n, double level, gr_bland_altman *out,
                                 gr_error *err)
{
    *out = (gr_bland_altman){.n = n,
                             .bias = NAN,
                             .sd = NAN,
                             .lower = NAN,
                             .upper = NAN,
                             .bias_interval = nowhere,
                             .lower_interval = nowhere,
                             .upper_interval = nowhere,
                             .trend = {.n = n, .r = NAN, .p = NAN, .interval = nowhere}};
    if (n < 2 || !all_finite(first, n) || !all_finite(second, n))
        return GR_OK;
    double *means = gr_alloc((size_t)n, 2 * sizeof *means), *differences = means != NULL ? means + n : NULL;
    if (means == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld differences", (long long)n);
    for (int64_t i = 0; i < n; i++) {
        means[i] = 0.5 * (first[i] + second[i]);
        differences[i] = first[i] - second[i];
    }
    moments m = gather(differences, differences, n);
    double z = gr_normal_quantile(0.5 + 0.5 * level), t = gr_t_quantile(0.5 + 0.5 * level, (double)(n - 1));
    out->bias = m.mean_x;
    out->sd = sqrt(m.xx / (double)(n - 1));
    out->lower = out->bias - z * out->sd;
    out->upper = out->bias + z * out->sd;
    double half = t * out->sd * sqrt(1.0 / (double)n + z * z / (2.0 * (double)(n - 1)));
    out->bias_interval = around(out->bias, t * out->sd / sqrt((double)n));
    out->lower_interval = around(out->lower, half);
    out->upper_interval = around(out->upper, half);
    for (int64_t i = 0; i < n; i++) {
        out->below += differences[i] < out->lower;
        out->above += differences[i] > out->upper;
    }
    out->within = n - out->below - out->above;
    out->trend = gr_pearson(means, differences, n, level);
    gr_free(means);
    return GR_OK;
}

gr_williams gr_williams_test(double r01, double r02, double r12, int64_t n)
{
    gr_williams w = {.t = NAN, .df = (double)(n - 3), .p = NAN, .p_greater = NAN};
    if (n < 4)
        return w;
    double determinant = 1.0 - r01 * r01 - r02 * r02 - r12 * r12 + 2.0 * r01 * r02 * r12;
    double mean = 0.5 * (r01 + r02), apart = 1.0 - r12;
    double spread = 2.0 * ((double)(n - 1) / (double)(n - 3)) * determinant + mean * mean * apart * apart * apart;
    if (!(spread > 0.0))
        return w;
    w.t = (r01 - r02) * sqrt((double)(n - 1) * (1.0 + r12) / spread);
    w.p = gr_t_both_tails(w.t, w.df);
    w.p_greater = gr_t_tail(w.t, w.df);
    return w;
}
