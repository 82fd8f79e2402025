/* Tests of paired differences: the sources stand in the header. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/distributions.h"
#include "eval/ranks.h"
#include "grimace/comparison.h"

static const gr_interval nowhere = {NAN, NAN};

/* ---- Student's t ------------------------------------------------------------------------------------------------------- */

/* `tested`: 0 where the differences are independent. */
static gr_paired_t judge_mean(const double *first, const double *second, int64_t n, double tested, double level)
{
    gr_paired_t r = {.n = n, .mean = NAN, .sd = NAN, .t = NAN, .df = (double)(n - 1), .p = NAN, .interval = nowhere};
    double sum = 0.0, square = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += first[i] - second[i];
    if (n < 1 || !isfinite(sum))
        return r;
    r.mean = sum / (double)n;
    if (n < 2)
        return r;
    for (int64_t i = 0; i < n; i++) {
        double d = first[i] - second[i] - r.mean;
        square += d * d;
    }
    r.sd = sqrt(square / r.df);
    double error = tested > 0.0 ? r.sd * sqrt(1.0 / (double)n + tested) : r.sd / sqrt((double)n);
    double half = gr_t_quantile(0.5 + 0.5 * level, r.df) * error;
    r.interval = (gr_interval){r.mean - half, r.mean + half};
    if (r.sd > 0.0) {
        r.t = r.mean / error;
        r.p = gr_t_both_tails(r.t, r.df);
    }
    return r;
}

gr_paired_t gr_paired_t_test(const double *first, const double *second, int64_t n, double level)
{
    return judge_mean(first, second, n, 0.0, level);
}

gr_paired_t gr_corrected_t_test(const double *first, const double *second, int64_t n, double tested, double level)
{
    return judge_mean(first, second, n, tested, level);
}

/* ---- Wilcoxon's signed ranks ------------------------------------------------------------------------------------------- */

enum { EXACT_WITHOUT_TIES = 50, EXACT_ANYHOW = 13 };

/* The share of all signs of ranks[n] whose positive sum is at most, and at least, `plus`: shares[s] are those with the sum s of
 * doubled ranks, which are whole; n <= 50. */
static gr_status count_signs(const double *ranks, int64_t n, double plus, double *p, gr_error *err)
{
    int64_t most = n * (n + 1), reach = 0, observed = (int64_t)lround(2.0 * plus);
    double *shares = gr_alloc((size_t)most + 1, sizeof *shares), below = 0.0, above = 0.0;
    if (shares == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the signs of %lld ranks", (long long)n);
    shares[0] = 1.0;
    for (int64_t i = 0; i < n; i++) {
        int64_t rank = (int64_t)lround(2.0 * ranks[i]);
        reach += rank;
        for (int64_t s = reach; s >= 0; s--)
            shares[s] = 0.5 * (shares[s] + (s >= rank ? shares[s - rank] : 0.0));
    }
    for (int64_t s = 0; s <= most; s++) {
        below += s <= observed ? shares[s] : 0.0;
        above += s >= observed ? shares[s] : 0.0;
    }
    *p = fmin(1.0, 2.0 * fmin(below, above));
    gr_free(shares);
    return GR_OK;
}

static int lowest_first(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The sum of t^3 - t over the groups of t equal ones of x[n], which are sorted. */
static double count_ties(double *x, int64_t n)
{
    double sum = 0.0;
    qsort(x, (size_t)n, sizeof *x, lowest_first);
    for (int64_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && x[end] == x[i];)
            end++;
        double t = (double)(end - i);
        sum += t * (t * t - 1.0);
    }
    return sum;
}

/* d[n]: the differences that are not zero, of `all`; size[n] and ranks[n] are scratch. */
static gr_status judge(const double *d, int64_t n, int64_t all, double *size, double *ranks, gr_signed_rank *out, gr_error *err)
{
    for (int64_t i = 0; i < n; i++)
        size[i] = fabs(d[i]);
    gr_status status = gr_midranks(size, n, ranks, err);
    if (status != GR_OK)
        return status;
    out->n = n;
    out->plus = out->minus = 0.0;
    for (int64_t i = 0; i < n; i++)
        *(d[i] > 0.0 ? &out->plus : &out->minus) += ranks[i];
    double ties = count_ties(size, n), count = (double)n;
    out->exact = all <= EXACT_ANYHOW || (all <= EXACT_WITHOUT_TIES && n == all && ties == 0.0);
    if (out->exact)
        return count_signs(ranks, n, out->plus, &out->p, err);
    double variance = count * (count + 1.0) * (2.0 * count + 1.0) / 24.0 - ties / 48.0;
    out->z = variance > 0.0 ? (out->plus - 0.25 * count * (count + 1.0)) / sqrt(variance) : NAN;
    out->p = 2.0 * gr_normal_tail(fabs(out->z));
    return GR_OK;
}

gr_status gr_signed_rank_test(const double *first, const double *second, int64_t n, gr_signed_rank *out, gr_error *err)
{
    *out = (gr_signed_rank){.plus = NAN, .minus = NAN, .z = NAN, .p = NAN};
    double *room = gr_alloc((size_t)n, 3 * sizeof *room);
    if (room == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld differences", (long long)n);
    int64_t kept = 0;
    bool finite = n > 0;
    for (int64_t i = 0; i < n; i++) {
        double d = first[i] - second[i];
        finite = finite && isfinite(d);
        if (d != 0.0)
            room[kept++] = d;
    }
    gr_status status = finite ? judge(room, kept, n, room + n, room + 2 * n, out, err) : GR_OK;
    gr_free(room);
    return status;
}
