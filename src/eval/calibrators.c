/* Maps that make probabilities better: temperature, Platt's sigmoid, isotonic steps. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "eval/isotonic.h"
#include "grimace/calibration.h"

static const double tiny = 1e-12; /* logarithms are of no less */

const char *gr_calibrator_name(int kind)
{
    static const char *const names[GR_CALIBRATE_KINDS] = {"none", "temperature", "platt", "isotonic"};
    return kind >= 0 && kind < GR_CALIBRATE_KINDS ? names[kind] : NULL;
}

gr_calibrator_kind gr_calibrator_find(const char *name)
{
    int kind = GR_CALIBRATE_KINDS - 1;
    while (kind > 0 && strcmp(gr_calibrator_name(kind), name) != 0)
        kind--;
    return (gr_calibrator_kind)kind;
}

const char *gr_calibrator_too_few(int64_t n, const int64_t *count, const char *const *classes, int class_count,
                                  char room[160])
{
    if (n < GR_CALIBRATOR_LEAST) {
        snprintf(room, 160, "%lld predictions, and %d or more are needed", (long long)n, GR_CALIBRATOR_LEAST);
        return room;
    }
    for (int c = 0; c < class_count; c++)
        if (count[c] == 0) {
            snprintf(room, 160, "%lld predictions, none of them of class \"%.60s\"", (long long)n, classes[c]);
            return room;
        }
    return NULL;
}

static double log_of(float p)
{
    return log(fmax((double)p, tiny));
}

/* The log-odds of class `cls`; of two classes by both probabilities, which keeps the digits of the smaller one. */
static double log_odds(const float *p, int classes, int cls)
{
    double rest = classes == 2 ? (double)p[1 - cls] : 1.0 - (double)p[cls];
    return log_of(p[cls]) - log(fmax(rest, tiny));
}

/* ---- temperature --------------------------------------------------------------------------------------------------------
 */

/* The slope of the mean loss in b = 1 / T: mean of (expected log p under p^b) - (log p of the label). It rises with b. */
static double loss_slope(const int32_t *labels, const float *p, int64_t n, int classes, double b)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++) {
        const float *row = p + i * classes;
        double most = -INFINITY, all = 0.0, expected = 0.0;
        for (int c = 0; c < classes; c++)
            most = fmax(most, log_of(row[c]));
        for (int c = 0; c < classes; c++) {
            double weight = exp(b * (log_of(row[c]) - most));
            all += weight;
            expected += weight * log_of(row[c]);
        }
        sum += expected / all - log_of(row[labels[i]]);
    }
    return sum / (double)n;
}

/* The loss is convex in 1 / T: its slope is halved down to nothing. */
static double fit_temperature(const int32_t *labels, const float *p, int64_t n, int classes)
{
    double low = log(0.01), high = log(100.0); /* of 1 / T */
    if (loss_slope(labels, p, n, classes, exp(low)) >= 0.0)
        return 100.0;
    if (loss_slope(labels, p, n, classes, exp(high)) <= 0.0)
        return 0.01;
    for (int step = 0; step < 60; step++) {
        double middle = 0.5 * (low + high);
        *(loss_slope(labels, p, n, classes, exp(middle)) < 0.0 ? &low : &high) = middle;
    }
    return exp(-0.5 * (low + high));
}

static void apply_temperature(double temperature, float *row, int classes)
{
    double most = -INFINITY, all = 0.0;
    for (int c = 0; c < classes; c++)
        most = fmax(most, log_of(row[c]));
    for (int c = 0; c < classes; c++)
        all += exp((log_of(row[c]) - most) / temperature);
    for (int c = 0; c < classes; c++)
        row[c] = (float)(exp((log_of(row[c]) - most) / temperature) / all);
}

/* ---- Platt --------------------------------------------------------------------------------------------------------------
 */

static double sigmoid(double z)
{
    return z >= 0.0 ? 1.0 / (1.0 + exp(-z)) : exp(z) / (1.0 + exp(z));
}

/* log(1 + exp(z)) - t z */
static double cross_entropy(double z, double t)
{
    return (z > 0.0 ? z + log1p(exp(-z)) : log1p(exp(z))) - t * z;
}

static double platt_loss(const double *f, const double *t, int64_t n, double slope, double intercept)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += cross_entropy(slope * f[i] + intercept, t[i]);
    return sum;
}

/* Newton's steps, shortened until the loss falls (Lin, Lin and Weng 2007, Machine Learning 68, 267-276). */
static void fit_platt(const double *f, const double *t, int64_t n, double *slope, double *intercept)
{
    double a = 1.0, b = 0.0, loss = platt_loss(f, t, n, a, b);
    for (int step = 0; step < 200; step++) {
        double ga = 0.0, gb = 0.0, aa = 1e-12, ab = 0.0, bb = 1e-12;
        for (int64_t i = 0; i < n; i++) {
            double p = sigmoid(a * f[i] + b), d = p - t[i], w = p * (1.0 - p);
            ga += d * f[i];
            gb += d;
            aa += w * f[i] * f[i];
            ab += w * f[i];
            bb += w;
        }
        double det = aa * bb - ab * ab, da = 0.0, db = -gb / bb, length = 1.0; /* all f alike: the intercept alone */
        if (det > 1e-12 * aa * bb) {
            da = -(bb * ga - ab * gb) / det;
            db = -(aa * gb - ab * ga) / det;
        }
        double better = platt_loss(f, t, n, a + da, b + db);
        for (; better > loss && length > 1e-10; better = platt_loss(f, t, n, a + length * da, b + length * db))
            length *= 0.5;
        if (!(better <= loss))
            break;
        a += length * da;
        b += length * db;
        loss = better;
        if (fabs(length * da) + fabs(length * db) < 1e-13 * (1.0 + fabs(a) + fabs(b)))
            break;
    }
    *slope = a;
    *intercept = b;
}

static gr_status fit_platts(const int32_t *labels, const float *p, int64_t n, gr_calibrator *out, gr_error *err)
{
    int classes = out->class_count;
    double *f = gr_alloc((size_t)n, sizeof *f), *t = gr_alloc((size_t)n, sizeof *t);
    out->slope = gr_alloc((size_t)classes, sizeof *out->slope);
    out->intercept = gr_alloc((size_t)classes, sizeof *out->intercept);
    bool good = f != NULL && t != NULL && out->slope != NULL && out->intercept != NULL;
    for (int c = 0; good && c < classes; c++) {
        double in = 0.0;
        for (int64_t i = 0; i < n; i++)
            in += labels[i] == c;
        for (int64_t i = 0; i < n; i++) {
            f[i] = log_odds(p + i * classes, classes, c);
            t[i] = labels[i] == c ? (in + 1.0) / (in + 2.0) : 1.0 / ((double)n - in + 2.0);
        }
        fit_platt(f, t, n, &out->slope[c], &out->intercept[c]);
    }
    gr_free(f);
    gr_free(t);
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to calibrate %lld predictions", (long long)n);
}

/* ---- all ----------------------------------------------------------------------------------------------------------------
 */

static gr_status fit_steps(const int32_t *labels, const float *p, int64_t n, gr_calibrator *out, gr_error *err)
{
    gr_status status = GR_OK;
    out->steps = gr_alloc((size_t)out->class_count, sizeof *out->steps);
    if (out->steps == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to calibrate %lld predictions", (long long)n);
    for (int c = 0; status == GR_OK && c < out->class_count; c++)
        status = gr_isotonic_fit(labels, c, p + c, out->class_count, n, &out->steps[c], err);
    return status;
}

gr_status gr_calibrator_fit(gr_calibrator_kind kind, const int32_t *labels, const float *probabilities, int64_t n,
                            const char *const *classes, int class_count, int positive, gr_calibrator *out, gr_error *err)
{
    *out = (gr_calibrator){.kind = kind, .class_count = class_count, .positive = positive, .n = n};
    int64_t *count = gr_alloc((size_t)class_count, sizeof *count);
    if (count == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to calibrate %lld predictions", (long long)n);
    for (int64_t i = 0; i < n; i++)
        count[labels[i]]++;
    char room[160];
    const char *wrong = kind != GR_CALIBRATE_NONE ? gr_calibrator_too_few(n, count, classes, class_count, room) : NULL;
    gr_free(count);
    if (wrong != NULL)
        return gr_fail(err, GR_INVALID, "would be fitted on %s", wrong);
    gr_status status = GR_OK;
    if (kind == GR_CALIBRATE_TEMPERATURE)
        out->temperature = fit_temperature(labels, probabilities, n, class_count);
    else if (kind == GR_CALIBRATE_PLATT)
        status = fit_platts(labels, probabilities, n, out, err);
    else if (kind == GR_CALIBRATE_ISOTONIC)
        status = fit_steps(labels, probabilities, n, out, err);
    if (status != GR_OK)
        gr_calibrator_free(out);
    return status;
}

static double mapped(const gr_calibrator *m, const float *row, int cls)
{
    return m->kind == GR_CALIBRATE_PLATT ? sigmoid(m->slope[cls] * log_odds(row, m->class_count, cls) + m->intercept[cls])
                                         : gr_isotonic_at(&m->steps[cls], (double)row[cls]);
}

/* Of each class against the rest: what is mapped depends, in `row`, on the class's own probability alone. Where all are 0
 * nothing is known. */
static void apply_each(const gr_calibrator *m, float *row)
{
    int classes = m->class_count;
    double sum = 0.0;
    for (int c = 0; c < classes; c++)
        sum += mapped(m, row, c);
    for (int c = 0; c < classes; c++)
        row[c] = (float)(sum > 0.0 ? mapped(m, row, c) / sum : 1.0 / classes);
}

void gr_calibrator_apply(const gr_calibrator *m, float *probabilities, int64_t n)
{
    int classes = m->class_count;
    for (int64_t i = 0; i < n; i++) {
        float *row = probabilities + i * classes;
        if (m->kind == GR_CALIBRATE_TEMPERATURE)
            apply_temperature(m->temperature, row, classes);
        else if (m->kind != GR_CALIBRATE_NONE && classes == 2) {
            double p = mapped(m, row, m->positive);
            row[m->positive] = (float)p;
            row[1 - m->positive] = (float)(1.0 - p);
        } else if (m->kind != GR_CALIBRATE_NONE)
            apply_each(m, row);
    }
}

void gr_calibrator_free(gr_calibrator *m)
{
    for (int c = 0; m->steps != NULL && c < m->class_count; c++) {
        gr_free(m->steps[c].x);
        gr_free(m->steps[c].y);
    }
    gr_free(m->steps);
    gr_free(m->slope);
    gr_free(m->intercept);
    *m = (gr_calibrator){0};
}
