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

/* Two classifiers' placements, positives first. */
typedef struct placements {
    const double *of[2];
    int64_t positives, negatives;
    const int64_t *cluster; /* of each place; NULL: all are independent */
    double *sums;           /* [4 clusters]: scratch */
    int64_t clusters, with[2]; /* how many have a positive, a negative */
} placements;

static double independent(const placements *p, int a, int b, const double *auroc)
{
    const double *x = p->of[a], *y = p->of[b];
    return covariance(x, auroc[a], y, auroc[b], p->positives) / (double)p->positives +
           covariance(x + p->positives, auroc[a], y + p->positives, auroc[b], p->negatives) / (double)p->negatives;
}

/* Obuchowski's: a cluster's placements less what is expected of them are one number for its positives and one for its negatives. */
static double clustered(const placements *p, int a, int b, const double *auroc)
{
    int64_t n = p->positives + p->negatives, k = p->clusters;
    double m[2] = {(double)p->positives, (double)p->negatives}, own[2] = {0.0, 0.0}, cross = 0.0;
    double *x = p->sums, *y = x + 2 * k;
    for (int64_t i = 0; i < 4 * k; i++)
        x[i] = 0.0;
    for (int64_t i = 0; i < n; i++) {
        int64_t at = p->cluster[i] + (i < p->positives ? 0 : k);
        x[at] += p->of[a][i] - auroc[a];
        y[at] += p->of[b][i] - auroc[b];
    }
    for (int64_t c = 0; c < k; c++) {
        own[0] += x[c] * y[c];
        own[1] += x[k + c] * y[k + c];
        cross += x[c] * y[k + c] + x[k + c] * y[c];
    }
    double sum = (double)k / (double)(k - 1) * cross / (m[0] * m[1]);
    for (int s = 0; s < 2; s++)
        sum += (double)p->with[s] / (double)(p->with[s] - 1) * own[s] / (m[s] * m[s]);
    return sum;
}

static void conclude(const placements *p, double level, gr_delong *out)
{
    double cov[3];
    static const int pairs[3][2] = {{0, 0}, {1, 1}, {0, 1}};
    for (int i = 0; i < 3; i++)
        cov[i] = (p->cluster != NULL ? clustered : independent)(p, pairs[i][0], pairs[i][1], out->auroc);
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

static void undefined(gr_delong *out)
{
    const gr_interval nowhere = {NAN, NAN};
    *out = (gr_delong){{NAN, NAN}, {NAN, NAN}, NAN, {nowhere, nowhere}, NAN, nowhere, NAN, NAN};
}

/* How many positives there are; -1 where areas or their variances are undefined. */
static int64_t count_positives(const double *first, const double *second, const uint8_t *is_positive, int64_t n)
{
    int64_t positives = 0;
    for (int64_t i = 0; i < n; i++) {
        positives += is_positive[i] != 0;
        if (!isfinite(first[i]) || !isfinite(second[i]))
            return -1;
    }
    return positives < 2 || n - positives < 2 ? -1 : positives;
}

/* With p->cluster and p->sums already there, or neither. */
static gr_status compare(const double *first, const double *second, const uint8_t *is_positive, int64_t n, double level,
                         placements *p, gr_delong *out, gr_error *err)
{
    double *block = gr_alloc((size_t)n, 5 * sizeof *block);
    if (block == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to compare %lld scores", (long long)n);
    double *x = block, *y = x + n, *scratch = y + n;
    gr_status status = place(first, is_positive, n, p->positives, x, scratch, &out->auroc[0], err);
    if (status == GR_OK)
        status = place(second, is_positive, n, p->positives, y, scratch, &out->auroc[1], err);
    p->of[0] = x;
    p->of[1] = y;
    if (status == GR_OK)
        conclude(p, level, out);
    gr_free(block);
    return status;
}

gr_status gr_delong_test(const double *first, const double *second, const uint8_t *is_positive, int64_t n, double level,
                         gr_delong *out, gr_error *err)
{
    undefined(out);
    int64_t positives = count_positives(first, second, is_positive, n);
    placements p = {.positives = positives, .negatives = n - positives};
    return positives < 0 ? GR_OK : compare(first, second, is_positive, n, level, &p, out, err);
}

/* The clusters of the places, and how many have either kind; `seen` is scratch. */
static void place_clusters(const uint8_t *is_positive, const int64_t *cluster, int64_t n, double *seen, int64_t *placed,
                           placements *p)
{
    int64_t next[2] = {0, p->positives};
    for (int64_t i = 0; i < n; i++) {
        int side = is_positive[i] ? 0 : 1;
        placed[next[side]++] = cluster[i];
        p->with[side] += seen[cluster[i] + side * p->clusters] == 0.0;
        seen[cluster[i] + side * p->clusters] = 1.0;
    }
}

gr_status gr_delong_clustered_test(const double *first, const double *second, const uint8_t *is_positive, const int64_t *cluster,
                                   int64_t clusters, int64_t n, double level, gr_delong *out, gr_error *err)
{
    undefined(out);
    int64_t positives = count_positives(first, second, is_positive, n);
    if (positives < 0)
        return GR_OK;
    placements p = {.positives = positives, .negatives = n - positives, .clusters = clusters};
    int64_t *placed = gr_alloc((size_t)n, sizeof *placed);
    p.sums = gr_alloc((size_t)clusters, 4 * sizeof *p.sums);
    gr_status status = GR_OK;
    if (placed == NULL || p.sums == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to compare %lld scores", (long long)n);
    else
        place_clusters(is_positive, cluster, n, p.sums, placed, &p);
    p.cluster = placed;
    if (status == GR_OK && p.with[0] > 1 && p.with[1] > 1)
        status = compare(first, second, is_positive, n, level, &p, out, err);
    gr_free(placed);
    gr_free(p.sums);
    return status;
}
