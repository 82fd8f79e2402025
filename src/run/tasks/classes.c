/* The task of classes: one of several for each image, by probabilities. */
#include <string.h>

#include "run/tasks/class_targets.h"
#include "run/tasks/task.h"
#include "run/write/classes.h"

static gr_status open_classes(gr_cohort *cohort, gr_error *err)
{
    return gr_manifest_positive(&cohort->manifest, cohort->config, &cohort->positive, err);
}

static void no_more(const gr_config *config, gr_manifest_options *options)
{
    (void)config;
    (void)options;
}

/* Are there rows of the positive class and of others in the validation part; or, for all_classes, of every class? */
static bool has_both(const gr_cohort *e, int fold, bool all_classes)
{
    const gr_manifest *m = &e->manifest;
    int kinds = 0;
    for (int c = 0; c < m->class_count; c++) {
        bool found = false;
        for (int64_t r = 0; r < m->rows && !found; r++)
            found = e->split.folds[fold].parts[r] == GR_PART_VAL && m->labels[r] == c;
        kinds += found;
        if (!found && (all_classes || c == e->positive))
            return false;
    }
    return kinds > 1;
}

/* Areas under curves need both sides. */
static bool defined(const gr_cohort *cohort, int fold, const char *metric)
{
    return !gr_starts_with(metric, "val_au") || has_both(cohort, fold, strcmp(metric, "val_auroc_macro") == 0);
}

static gr_outputs width(const gr_config *config)
{
    int classes = config->data.classes.count;
    return (gr_outputs){.classes = classes, .labels = classes > 0};
}

static const char *number(int i)
{
    return i < GR_METRIC_COUNT ? gr_metric_name((gr_metric)i) : NULL;
}

static void answer(const gr_answers *a, gr_text *out)
{
    int classes = (int)a->card->model.classes;
    int32_t *predicted = gr_alloc((size_t)a->count, sizeof *predicted);
    out->failed = out->failed || predicted == NULL;
    for (int64_t i = 0; predicted != NULL && i < a->count; i++)
        predicted[i] = gr_predict_class(a->predictions + i * classes, classes);
    gr_predictions predictions = {.count = a->count,
                                  .class_count = classes,
                                  .classes = a->card->classes,
                                  .images = a->images,
                                  .predicted = predicted,
                                  .probabilities = a->predictions};
    if (predicted != NULL)
        gr_predictions_csv(&predictions, out);
    gr_free(predicted);
}

static gr_status report(const gr_cohort *cohort, gr_gathered *g, const char *folder, gr_results *results, gr_error *err)
{
    const gr_manifest *m = &cohort->manifest;
    int32_t *labels = gr_alloc((size_t)g->count, sizeof *labels), *predicted = gr_alloc((size_t)g->count, sizeof *predicted);
    gr_status status = labels != NULL && predicted != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < g->count; i++) {
        labels[i] = m->labels[g->row[i]];
        predicted[i] = gr_predict_class(g->predictions + i * m->class_count, m->class_count);
    }
    const gr_predictions predictions = {.count = g->count,
                                        .class_count = m->class_count,
                                        .classes = m->classes,
                                        .fold_count = cohort->split.fold_count,
                                        .folds = g->folds,
                                        .group_column = m->group_column,
                                        .images = g->images,
                                        .groups = g->groups,
                                        .fold = g->fold,
                                        .labels = labels,
                                        .predicted = predicted,
                                        .probabilities = g->predictions};
    if (status == GR_OK) {
        status = gr_report_classes(cohort->config, &predictions, cohort->positive, g->kept, folder, results, err);
        g->kept = NULL;
    }
    gr_free(labels);
    gr_free(predicted);
    return status;
}

const gr_task gr_classes_task = {
    .target = {.task = "classes",
               .numbers = GR_METRIC_COUNT,
               .number = gr_class_number,
               .falls = gr_class_number_falls,
               .outputs = gr_class_outputs,
               .row = gr_class_row,
               .width = gr_class_width,
               .counted = gr_class_logits,
               .fill = gr_class_fill,
               .correct = gr_class_correct,
               .take = gr_class_take,
               .read = gr_class_read,
               .judge = gr_class_judge,
               .hash = gr_class_hash},
    .by_head = true,
    .labels = true,
    .cross = true,
    .read = no_more,
    .open = open_classes,
    .defined = defined,
    .width = width,
    .report = report,
    .answer = answer,
    .number = number,
    .falls = gr_class_number_falls,
    .rank_by = "f1",
    .shown = {{GR_METRIC_F1, "F1", 1, 4}, {GR_METRIC_ACCURACY, "accuracy", 100, 2}},
    .of_classes = true,
};
