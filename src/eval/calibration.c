/* Numbers of calibration of one set of predictions. */
#include "grimace/calibration.h"

#include <float.h>
#include <math.h>

#include "base/base.h"
#include "eval/reliability.h"
#include "eval/scoring.h"

const char *gr_calibration_name(gr_calibration_number number)
{
    static const char *const names[GR_CALIBRATION_NUMBERS] = {"brier", "log_loss", "ece"};
    return (int)number >= 0 && number < GR_CALIBRATION_NUMBERS ? names[number] : NULL;
}

double gr_coverage_share(int i)
{
    return (100 - 5 * i) / 100.0;
}

/* The sum over rows of what the Brier score is the mean of. */
static double squares(const int32_t *labels, const float *p, int64_t n, int classes, int positive)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        for (int c = 0; c < classes; c++) {
            double d = (double)p[i * classes + c] - (labels[i] == c);
            sum += classes > 2 || c == positive ? d * d : 0.0;
        }
    return sum;
}

static double losses(const int32_t *labels, const float *p, int64_t n, int classes)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum -= log(fmin(fmax((double)p[i * classes + labels[i]], DBL_EPSILON), 1.0 - DBL_EPSILON));
    return sum;
}

gr_status gr_calibration_compute(const int32_t *labels, const int32_t *predicted, const float *probabilities, int64_t n,
                                 int class_count, int positive, gr_calibration *out, gr_error *err)
{
    const gr_predictions all = {
        .count = n, .class_count = class_count, .labels = labels, .predicted = predicted, .probabilities = probabilities};
    gr_reliability reliability;
    gr_coverage coverage;
    gr_status status = gr_coverage_make(&all, &coverage, err);
    if (status != GR_OK)
        return status;
    gr_reliability_make(&all, &reliability);
    out->value[GR_BRIER] = n > 0 ? squares(labels, probabilities, n, class_count, positive) / (double)n : NAN;
    out->value[GR_LOG_LOSS] = n > 0 ? losses(labels, probabilities, n, class_count) / (double)n : NAN;
    out->value[GR_ECE] = n > 0 ? reliability.ece : NAN;
    for (int b = 0; b < GR_CALIBRATION_BINS; b++)
        out->bins[b] = (gr_calibration_bin){reliability.count[b], reliability.confidence[b], reliability.accuracy[b]};
    for (int i = 0; i < GR_COVERAGE_SHARES; i++)
        out->accuracy[i] = gr_coverage_at(&coverage, gr_coverage_share(i));
    out->area = coverage.area;
    gr_coverage_free(&coverage);
    return GR_OK;
}

/* ---- decisions ----------------------------------------------------------------------------------------------------------
 */

gr_status gr_youden_threshold(const int32_t *labels, const float *probabilities, int64_t n, int class_count, int positive,
                              double *threshold, gr_error *err)
{
    gr_ranking r;
    int64_t positives = 0, right = 0, wrong = 0;
    double best = -INFINITY;
    *threshold = NAN;
    gr_status status = gr_ranking_make(probabilities + positive, n, class_count, &r, err);
    for (int64_t i = 0; i < n; i++)
        positives += labels[i] == positive;
    if (status != GR_OK || positives == 0 || positives == n)
        r.n = 0;
    for (int64_t i = 0; i < r.n;) {
        double score = r.scores[i];
        for (; i < r.n && r.scores[i] == score; i++)
            *(labels[r.rows[i]] == positive ? &right : &wrong) += 1;
        double index =
            (double)right * (double)(n - positives) - (double)wrong * (double)positives; /* whole: equals are equal */
        if (index >= best) {
            best = index;
            *threshold = score;
        }
    }
    if (status == GR_OK)
        gr_ranking_free(&r);
    return status;
}

gr_status gr_unsure_below(const int32_t *predicted, const float *probabilities, int64_t n, int class_count, double share,
                          double *below, gr_error *err)
{
    double *sure = gr_alloc((size_t)n, sizeof *sure);
    gr_ranking r = {0};
    gr_status status = sure != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for %lld rows", (long long)n);
    for (int64_t i = 0; status == GR_OK && i < n; i++)
        sure[i] = (double)probabilities[i * class_count + predicted[i]];
    if (status == GR_OK)
        status = gr_ranking_make_double(sure, n, &r, err);
    int64_t out = (int64_t)floor(share * (double)n + 1e-9); /* so many may be left out; the next least sure one stays */
    *below = status != GR_OK || r.n == 0 ? NAN : out >= n ? INFINITY : r.scores[r.n - 1 - out];
    gr_ranking_free(&r);
    gr_free(sure);
    return status;
}
