/* Kappas and intraclass correlations: the sources stand in the header. */
#include "grimace/agreement.h"

#include <math.h>

#include "base/base.h"
#include "base/distributions.h"

static const gr_interval nowhere = {NAN, NAN};

/* ---- two raters ------------------------------------------------------------------------------------------------------- */

/* The worth of a pair of categories: 1 where they agree, 0 where they are as far apart as can be. */
static double worth(gr_kappa_weights weights, int categories, int i, int j)
{
    double apart = categories > 1 ? fabs((double)(i - j)) / (categories - 1) : 0.0;
    return weights == GR_KAPPA_PLAIN ? (double)(i == j) : weights == GR_KAPPA_LINEAR ? 1.0 - apart : 1.0 - apart * apart;
}

/* shares[K, K] of all pairs; row[K], column[K] and the mean worths row_worth[K], column_worth[K] are filled. */
static void judge(const double *shares, int k, gr_kappa_weights weights, double *scratch, double level, gr_kappa *out)
{
    double *row = scratch, *column = row + k, *row_worth = column + k, *column_worth = row_worth + k;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) {
            row[i] += shares[i * k + j];
            column[j] += shares[i * k + j];
        }
    double observed = 0.0, expected = 0.0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) {
            double w = worth(weights, k, i, j);
            row_worth[i] += column[j] * w;
            column_worth[j] += row[i] * w;
            observed += w * shares[i * k + j];
            expected += w * row[i] * column[j];
        }
    if (!(expected < 1.0))
        return;
    double kappa = (observed - expected) / (1.0 - expected), spread = 0.0;
    for (int i = 0; i < k; i++)
        for (int j = 0; j < k; j++) {
            double d = worth(weights, k, i, j) - (row_worth[i] + column_worth[j]) * (1.0 - kappa);
            spread += shares[i * k + j] * d * d;
        }
    double shift = kappa - expected * (1.0 - kappa);
    out->kappa = kappa;
    out->error = sqrt(fmax(0.0, spread - shift * shift) / (double)out->n) / (1.0 - expected);
    double half = gr_normal_quantile(0.5 + 0.5 * level) * out->error;
    out->interval = (gr_interval){kappa - half, kappa + half};
}

gr_status gr_cohen_kappa(const int32_t *first, const int32_t *second, int64_t n, int categories, gr_kappa_weights weights,
                         double level, gr_kappa *out, gr_error *err)
{
    *out = (gr_kappa){.n = n, .kappa = NAN, .error = NAN, .interval = nowhere};
    for (int64_t i = 0; i < n; i++)
        if (first[i] < 0 || first[i] >= categories || second[i] < 0 || second[i] >= categories)
            return gr_fail(err, GR_INTERNAL, "kappa: pair %lld has the categories %d and %d of %d", (long long)i, first[i],
                           second[i], categories);
    if (n == 0)
        return GR_OK;
    size_t k = (size_t)categories;
    double *shares = gr_alloc(k * k + 4 * k, sizeof *shares);
    if (shares == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a kappa of %d categories", categories);
    for (int64_t i = 0; i < n; i++)
        shares[first[i] * categories + second[i]] += 1.0;
    for (size_t i = 0; i < k * k; i++)
        shares[i] /= (double)n;
    judge(shares, categories, weights, shares + k * k, level, out);
    gr_free(shares);
    return GR_OK;
}

/* ---- many raters ------------------------------------------------------------------------------------------------------ */

static void fleiss(const int32_t *counts, int categories, double *share, gr_fleiss *out)
{
    double subjects = (double)out->subjects, m = out->raters, agreed = 0.0;
    for (int64_t s = 0; s < out->subjects; s++)
        for (int c = 0; c < categories; c++) {
            double count = counts[s * categories + c];
            share[c] += count / (subjects * m);
            agreed += count * (count - 1.0);
        }
    agreed /= subjects * m * (m - 1.0);
    double chance = 0.0, sum = 0.0, cubes = 0.0;
    for (int c = 0; c < categories; c++) {
        double p = share[c], q = 1.0 - p;
        chance += p * p;
        sum += p * q;
        cubes += p * q * (q - p);
    }
    if (!(sum > 0.0))
        return;
    out->kappa = (agreed - chance) / (1.0 - chance);
    out->error = sqrt(2.0 * fmax(0.0, sum * sum - cubes) / (subjects * m * (m - 1.0))) / sum;
    out->z = out->kappa / out->error;
    out->p = 2.0 * gr_normal_tail(fabs(out->z));
}

gr_status gr_fleiss_kappa(const int32_t *counts, int64_t subjects, int categories, gr_fleiss *out, gr_error *err)
{
    *out = (gr_fleiss){.subjects = subjects, .kappa = NAN, .error = NAN, .z = NAN, .p = NAN};
    for (int64_t s = 0; s < subjects; s++) {
        int raters = 0;
        for (int c = 0; c < categories; c++)
            raters += counts[s * categories + c];
        if (s == 0)
            out->raters = raters;
        if (raters != out->raters || raters < 2)
            return gr_fail(
                err, GR_INVALID,
                "Fleiss' kappa: subject %lld has %d ratings, the first has %d; the same number for all, at least two, "
                "would be right",
                (long long)s + 1, raters, out->raters);
    }
    if (subjects == 0)
        return GR_OK;
    double *share = gr_alloc((size_t)categories, sizeof *share);
    if (share == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a kappa of %d categories", categories);
    fleiss(counts, categories, share, out);
    gr_free(share);
    return GR_OK;
}

/* ---- intraclass correlation ------------------------------------------------------------------------------------------- */

const char *gr_icc_name(gr_icc_form form)
{
    static const char *const names[GR_ICC_FORMS] = {"ICC(1,1)", "ICC(2,1)", "ICC(3,1)", "ICC(1,k)", "ICC(2,k)", "ICC(3,k)"};
    return (int)form >= 0 && (int)form < GR_ICC_FORMS ? names[form] : NULL;
}

/* Mean squares between subjects, within subjects, between raters, and of what is left. */
typedef struct squares {
    double n, k, between, within, raters, rest;
} squares;

static squares analyse(const double *ratings, int64_t subjects, int raters)
{
    squares s = {.n = (double)subjects, .k = raters};
    double grand = 0.0, total = 0.0, between = 0.0, columns = 0.0;
    for (int64_t i = 0; i < subjects * raters; i++)
        grand += ratings[i];
    grand /= s.n * s.k;
    for (int64_t i = 0; i < subjects; i++) {
        double mean = 0.0;
        for (int j = 0; j < raters; j++) {
            double d = ratings[i * raters + j] - grand;
            mean += d;
            total += d * d;
        }
        mean /= s.k;
        between += s.k * mean * mean;
    }
    for (int j = 0; j < raters; j++) {
        double mean = 0.0;
        for (int64_t i = 0; i < subjects; i++)
            mean += ratings[i * raters + j] - grand;
        mean /= s.n;
        columns += s.n * mean * mean;
    }
    s.between = between / (s.n - 1.0);
    s.within = (total - between) / (s.n * (s.k - 1.0));
    s.raters = columns / (s.k - 1.0);
    s.rest = fmax(0.0, total - between - columns) / ((s.n - 1.0) * (s.k - 1.0));
    return s;
}

/* Forms 1 and 3: of one rating from F, and of the mean of k. */
static void simple_forms(const squares *s, double f, double df2, double tail, gr_icc *one, gr_icc *mean)
{
    double df1 = s->n - 1.0, k = s->k;
    double low = f / gr_f_quantile(1.0 - tail, df1, df2), high = f * gr_f_quantile(1.0 - tail, df2, df1);
    double p = gr_f_tail(f, df1, df2);
    *one = (gr_icc){
        (f - 1.0) / (f + k - 1.0), f, df1, df2, p, {(low - 1.0) / (low + k - 1.0), (high - 1.0) / (high + k - 1.0)}};
    *mean = (gr_icc){1.0 - 1.0 / f, f, df1, df2, p, {1.0 - 1.0 / low, 1.0 - 1.0 / high}};
}

/* Form 2 of one rating. */
static double absolute(const squares *s)
{
    return (s->between - s->rest) / (s->between + (s->k - 1.0) * s->rest + s->k * (s->raters - s->rest) / s->n);
}

double gr_icc_absolute(const double *ratings, int64_t subjects, int raters)
{
    bool differ = false;
    for (int64_t i = 1; i < subjects * raters; i++)
        differ = differ || ratings[i] != ratings[0];
    if (subjects < 2 || raters < 2 || !differ)
        return NAN;
    squares s = analyse(ratings, subjects, raters);
    return absolute(&s);
}

/* Form 2: its interval is Satterthwaite's approximation. */
static void agreement_forms(const squares *s, double tail, gr_icc *one, gr_icc *mean)
{
    double n = s->n, k = s->k, f = s->between / s->rest, df1 = n - 1.0, df2 = (n - 1.0) * (k - 1.0);
    double p = gr_f_tail(f, df1, df2), ratio = s->raters / s->rest;
    double single = absolute(s);
    double a = k * single * ratio, b = n * (1.0 + (k - 1.0) * single) - k * single;
    double v = (k - 1.0) * (n - 1.0) * (a + b) * (a + b) / ((n - 1.0) * a * a + b * b);
    double upper = gr_f_quantile(1.0 - tail, df1, v), lower = gr_f_quantile(1.0 - tail, v, df1);
    double common = k * s->raters + (k * n - k - n) * s->rest;
    double low = n * (s->between - upper * s->rest) / (upper * common + n * s->between);
    double high = n * (lower * s->between - s->rest) / (common + n * lower * s->between);
    *one = (gr_icc){single, f, df1, df2, p, {low, high}};
    *mean = (gr_icc){(s->between - s->rest) / (s->between + (s->raters - s->rest) / n),       f, df1, df2, p,
                     {low * k / (1.0 + low * (k - 1.0)), high * k / (1.0 + high * (k - 1.0))}};
}

void gr_intraclass(const double *ratings, int64_t subjects, int raters, double level, gr_icc out[GR_ICC_FORMS])
{
    for (int i = 0; i < GR_ICC_FORMS; i++)
        out[i] = (gr_icc){NAN, NAN, NAN, NAN, NAN, nowhere};
    if (subjects < 2 || raters < 2)
        return;
    squares s = analyse(ratings, subjects, raters);
    double tail = 0.5 * (1.0 - level);
    if (s.within > 0.0)
        simple_forms(&s, s.between / s.within, s.n * (s.k - 1.0), tail, &out[GR_ICC_1_1], &out[GR_ICC_1_K]);
    if (s.rest > 0.0) {
        simple_forms(&s, s.between / s.rest, (s.n - 1.0) * (s.k - 1.0), tail, &out[GR_ICC_3_1], &out[GR_ICC_3_K]);
        agreement_forms(&s, tail, &out[GR_ICC_2_1], &out[GR_ICC_2_K]);
    }
}
