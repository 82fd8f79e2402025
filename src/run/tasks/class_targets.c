#include "run/tasks/class_targets.h"

#include <string.h>

#include "grimace/eval.h"

const char *gr_class_number(int i)
{
    return gr_metric_name((gr_metric)i);
}

bool gr_class_number_falls(int i)
{
    (void)i;
    return false;
}

gr_outputs gr_class_outputs(const gr_manifest *manifest)
{
    return (gr_outputs){.classes = manifest->class_count, .labels = 1};
}

size_t gr_class_row(const gr_cohort *cohort)
{
    return (size_t)cohort->manifest.class_count;
}

size_t gr_class_width(const gr_card *card)
{
    return (size_t)card->model.classes;
}

const gr_value *gr_class_logits(const gr_model *model)
{
    return model->logits;
}

static int32_t label_of(const gr_cohort *cohort, int64_t sample)
{
    return (int32_t)cohort->samples[sample].label;
}

void gr_class_fill(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch)
{
    int32_t *labels = (int32_t *)(void *)gr_plan_data(plan, model->labels);
    for (int64_t i = 0; i < batch->n; i++)
        labels[i] = label_of(cohort, batch->samples[i]);
}

int64_t gr_class_correct(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch)
{
    const float *logits = gr_plan_data(plan, model->logits);
    int classes = cohort->manifest.class_count;
    int64_t correct = 0;
    for (int64_t i = 0; i < batch->n; i++)
        correct += gr_predict_class(logits + i * classes, classes) == label_of(cohort, batch->samples[i]);
    return correct;
}

void gr_class_take(const gr_cohort *cohort, int fold, const gr_model *model, gr_plan *plan, const gr_batch *batch, float *to)
{
    (void)fold;
    memcpy(to, gr_plan_data(plan, model->probabilities), (size_t)batch->n * gr_class_row(cohort) * sizeof *to);
}

void gr_class_read(const gr_card *card, const gr_shape *shape, const gr_origin *origin, const float *answer, float *to)
{
    (void)shape;
    (void)origin;
    memcpy(to, answer, gr_class_width(card) * sizeof *to);
}

gr_status gr_class_judge(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions,
                         double *values, gr_error *err)
{
    int classes = cohort->manifest.class_count;
    int32_t *labels = gr_alloc((size_t)count, sizeof *labels), *predicted = gr_alloc((size_t)count, sizeof *predicted);
    gr_status status = labels != NULL && predicted != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the validation");
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        labels[i] = label_of(cohort, rows[i]);
        predicted[i] = gr_predict_class(predictions + i * classes, classes);
    }
    gr_metrics metrics;
    if (status == GR_OK)
        status = gr_metrics_compute(labels, predicted, predictions, count, classes, cohort->positive, &metrics, err);
    if (status == GR_OK) {
        memcpy(values, metrics.value, sizeof metrics.value);
        gr_metrics_free(&metrics);
    }
    gr_free(labels);
    gr_free(predicted);
    return status;
}

/* Are there rows of the positive class and of others in the validation part; or, for all_classes, of every class? */
static bool has_both(const gr_cohort *e, int fold, bool all_classes)
{
    const gr_manifest *m = &e->manifest;
    int kinds = 0;
    for (int c = 0; c < m->class_count; c++) {
        bool found = false;
        for (int64_t r = 0; r < m->rows && !found; r++)
            found = gr_fold_part(&e->split.folds[fold], r) == GR_PART_VAL && m->labels[r] == c;
        kinds += found;
        if (!found && (all_classes || c == e->positive))
            return false;
    }
    return kinds > 1;
}

/* Areas under curves need both sides. */
bool gr_class_defined(const gr_cohort *cohort, int fold, const char *metric)
{
    return !gr_starts_with(metric, "val_au") || has_both(cohort, fold, strcmp(metric, "val_auroc_macro") == 0);
}

uint64_t gr_class_hash(const gr_cohort *cohort, int64_t row, uint64_t hash)
{
    return gr_hash(hash, &cohort->manifest.labels[row], sizeof cohort->manifest.labels[row]);
}
