/* McNemar's and DeLong's tests: the sources stand in the header. */
#include "grimace/comparison.h"

#include <math.h>

#include "base/base.h"
#include "base/distributions.h"
#include "eval/ranks.h"

gr_mcnemar gr_mcnemar_test(int64_t only_first, int64_t only_second)
{
    gr_mcnemar m = {only_first, only_second, 1.0, NAN, NAN};
    int64_t all = only_first + only_second, fewer = only_first < only_second ? only_first : only_second;
    if (all == 0)
        return m;
    double apart = fmax(0.0, fabs((double)(only_first - only_second)) - 1.0);
    m.exact_p = fmin(1.0, 2.0 * gr_binomial_below(fewer, all, 0.5));
    m.chi_square = apart * apart / (double)all;
    m.chi_square_p = gr_chi_square_tail(m.chi_square, 1.0);
    return m;
}

/* The placements of one classifier: for each positive the share of negatives below it, for each negative that of positives
 * above it, ties counted half; part[n] holds each side's scores closed up, ranks[n] is scratch. */
static gr_status place(const double *scores, const uint8_t *is_positive, int64_t n, int64_t positives, double *out,
                       double *scratch, double *auroc, gr_error *err)
{
    double *part = scratch, *within = part + n, *all = within + n;
    int64_t p = 0, q = positives;
    for (int64_t i = 0; i < n; i++)
        part[is_positive[i] ? p++ : q++] = scores[i];
    gr_status status = gr_midranks(part, n, all, err);
    if (status == GR_OK)
        status = gr_midranks(part, positives, within, err);
    if (status == GR_OK)
        status = gr_midranks(part + positives, n - positives, within + positives, err);
    *auroc = 0.0;
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        double others = all[i] - within[i];
        out[i] = i < positives ? others / (double)(n - positives) : 1.0 - others / (double)positives;
        *auroc += i < positives ? out[i] / (double)positives : 0.0;
    }
    return status;
}

static double covariance(const double *x, double mean_x, const double *y, double mean_y, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += (x[i] - mean_x) * (y[i] - mean_y);
    return sum / (double)(n - 1);
}

static void conclude(const double *x, const double *y, int64_t positives, int64_t negatives, double level, gr_delong *out)
{
    const double *place_of[2] = {x, y};
    double cov[3];
    static const int pairs[3][2] = {{0, 0}, {1, 1}, {0, 1}};
    for (int i = 0; i < 3; i++) {
        int a = pairs[i][0], b = pairs[i][1];
        cov[i] = covariance(place_of[a], out->auroc[a], place_of[b], out->auroc[b], positives) / (double)positives +
                 covariance(place_of[a] + positives, out->auroc[a], place_of[b] + positives, out->auroc[b], negatives) /
                     (double)negatives;
    }
    double z = gr_normal_quantile(0.5 + 0.5 * level);
    for (int i = 0; i < 2; i++) {
        double half = z * sqrt(cov[i]);
        out->variance[i] = cov[i];
        out->interval[i] = (gr_interval){fmax(0.0, out->auroc[i] - half), fmin(1.0, out->auroc[i] + half)};
    }
    out->covariance = cov[2];
    out->difference = out->auroc[0] - out->auroc[1];
    double sd = sqrt(fmax(0.0, cov[0] + cov[1] - 2.0 * cov[2]));
    out->difference_interval = (gr_interval){out->difference - z * sd, out->difference + z * sd};
    out->z = out->difference == 0.0 ? 0.0 : out->difference / sd;
    out->p = 2.0 * gr_normal_tail(fabs(out->z));
}

gr_status gr_delong_test(const double *first, const double *second, const uint8_t *is_positive, int64_t n, double level,
                         gr_delong *out, gr_error *err)
{
    const gr_interval nowhere = {NAN, NAN};
    *out = (gr_delong){{NAN, NAN}, {NAN, NAN}, NAN, {nowhere, nowhere}, NAN, nowhere, NAN, NAN};
    int64_t positives = 0;
    for (int64_t i = 0; i < n; i++) {
        positives += is_positive[i] != 0;
        if (!isfinite(first[i]) || !isfinite(second[i]))
            return GR_OK;
    }
    if (positives < 2 || n - positives < 2)
        return GR_OK;
    double *block = gr_alloc((size_t)n, 5 * sizeof *block);
    if (block == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to compare %lld scores", (long long)n);
    double *x = block, *y = x + n, *scratch = y + n;
    gr_status status = place(first, is_positive, n, positives, x, scratch, &out->auroc[0], err);
    if (status == GR_OK)
        status = place(second, is_positive, n, positives, y, scratch, &out->auroc[1], err);
    if (status == GR_OK)
        conclude(x, y, positives, n - positives, level, out);
    gr_free(block);
    return status;
}
