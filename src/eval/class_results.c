/* The results of a run: every fold, all together, mean and standard deviation. */
#include <string.h>

#include "base/base.h"
#include "eval/folds.h"
#include "grimace/calibration.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the results");
}

/* The rows of one fold, closed up. */
typedef struct gathered {
    int32_t *labels, *predicted;
    float *probabilities;
} gathered;

static gr_status gather_fold(const gr_predictions *p, int fold, gathered *g, int positive, gr_results *out, gr_error *err)
{
    int64_t n = 0;
    size_t classes = (size_t)p->class_count;
    for (int64_t i = 0; i < p->count; i++) {
        if (p->fold[i] != fold)
            continue;
        g->labels[n] = p->labels[i];
        g->predicted[n] = p->predicted[i];
        memcpy(g->probabilities + (size_t)n * classes, p->probabilities + (size_t)i * classes, classes * sizeof(float));
        n++;
    }
    gr_status status = gr_metrics_compute(g->labels, g->predicted, g->probabilities, n, p->class_count, positive,
                                          &out->folds[fold], err);
    if (status == GR_OK)
        status = gr_calibration_compute(g->labels, g->predicted, g->probabilities, n, p->class_count, positive,
                                        &out->calibration->folds[fold], err);
    return status;
}

static gr_status evaluate(const gr_predictions *p, int positive, gr_results *out, gr_error *err)
{
    size_t cells = 0;
    bool fits = gr_mul_size((size_t)p->count, (size_t)p->class_count, &cells);
    gathered g = {gr_alloc((size_t)p->count, sizeof *g.labels), gr_alloc((size_t)p->count, sizeof *g.predicted),
                  fits ? gr_alloc(cells, sizeof *g.probabilities) : NULL};
    gr_status status = GR_OK;
    if (g.labels == NULL || g.predicted == NULL || g.probabilities == NULL)
        status = no_memory(err);
    for (int f = 0; status == GR_OK && f < p->fold_count; f++)
        status = gather_fold(p, f, &g, positive, out, err);
    gr_free(g.labels);
    gr_free(g.predicted);
    gr_free(g.probabilities);
    if (status == GR_OK)
        status = gr_metrics_compute(p->labels, p->predicted, p->probabilities, p->count, p->class_count, positive,
                                    &out->pooled, err);
    if (status == GR_OK)
        status = gr_calibration_compute(p->labels, p->predicted, p->probabilities, p->count, p->class_count, positive,
                                        &out->calibration->pooled, err);
    return status;
}

/* Notes where an image counts more than once: in all predictions together, and in single folds. */
static gr_status find_repeats(const gr_predictions *p, gr_results *out, gr_error *err)
{
    int64_t images = 0, *number = p->images != NULL ? gr_names_number(p->images, p->count, &images) : NULL;
    if (p->images == NULL)
        return GR_OK;
    int32_t *fold_of = number != NULL ? gr_alloc((size_t)images, sizeof *fold_of) : NULL; /* the last seen, plus one */
    gr_status status = fold_of != NULL ? GR_OK : no_memory(err);
    out->pooled.repeated = status == GR_OK && images < p->count;
    for (int32_t f = 0; status == GR_OK && out->pooled.repeated && f < p->fold_count; f++)
        for (int64_t i = 0; i < p->count; i++) {
            if (p->fold[i] != f)
                continue;
            out->folds[f].repeated = out->folds[f].repeated || fold_of[number[i]] == f + 1;
            fold_of[number[i]] = f + 1;
        }
    gr_free(number);
    gr_free(fold_of);
    return status;
}

/* One number of all folds: of class `cls` against the rest, or of all classes together for cls < 0. */
typedef struct number {
    const gr_results *results;
    int cls, metric;
} number;

static double in_fold(const void *ctx, int fold)
{
    const number *n = ctx;
    const gr_metrics *m = &n->results->folds[fold];
    return n->cls < 0 ? m->value[n->metric] : m->classes[n->cls].value[n->metric];
}

static double calibration_in_fold(const void *ctx, int fold)
{
    const number *n = ctx;
    return n->results->calibration->folds[fold].value[n->metric];
}

static gr_status summarise(gr_results *r, gr_error *err)
{
    r->class_mean = gr_alloc((size_t)r->class_count, sizeof *r->class_mean);
    r->class_std = gr_alloc((size_t)r->class_count, sizeof *r->class_std);
    if (r->class_mean == NULL || r->class_std == NULL)
        return no_memory(err);
    for (int i = 0; i < GR_METRIC_COUNT; i++) {
        number n = {r, -1, i};
        gr_mean_over_folds(r->fold_count, in_fold, &n, &r->mean[i], &r->std[i]);
        for (n.cls = 0; n.cls < r->class_count; n.cls++)
            gr_mean_over_folds(r->fold_count, in_fold, &n, &r->class_mean[n.cls][i], &r->class_std[n.cls][i]);
    }
    for (int i = 0; i < GR_CALIBRATION_NUMBERS; i++)
        gr_mean_over_folds(r->fold_count, calibration_in_fold, &(number){r, -1, i}, &r->calibration->mean[i],
                           &r->calibration->std[i]);
    return GR_OK;
}

static gr_status make_room(int folds, gr_results *out, gr_error *err)
{
    out->folds = gr_alloc((size_t)folds, sizeof *out->folds);
    out->calibration = gr_alloc(1, sizeof *out->calibration);
    if (out->calibration != NULL)
        out->calibration->folds = gr_alloc((size_t)folds, sizeof *out->calibration->folds);
    return out->folds != NULL && out->calibration != NULL && out->calibration->folds != NULL ? GR_OK : no_memory(err);
}

gr_status gr_results_make(const char *name, const gr_predictions *p, int positive, gr_results *out, gr_error *err)
{
    *out =
        (gr_results){.class_count = p->class_count, .positive = positive, .fold_count = p->fold_count, .confidence = 0.95};
    gr_status status = GR_OK;
    if (p->labels == NULL || p->fold == NULL || p->probabilities == NULL)
        status = gr_fail(err, GR_INTERNAL, "evaluation: predictions without labels, folds or probabilities");
    if (status == GR_OK)
        status = gr_results_begin(name, p->folds, out, err);
    if (status == GR_OK)
        status = make_room(p->fold_count, out, err);
    if (status == GR_OK)
        status = gr_names_copy(p->classes, p->class_count, &out->classes, err);
    if (status == GR_OK)
        status = evaluate(p, positive, out, err);
    if (status == GR_OK)
        status = find_repeats(p, out, err);
    if (status == GR_OK)
        status = summarise(out, err);
    if (status != GR_OK)
        gr_results_free(out);
    return status;
}
