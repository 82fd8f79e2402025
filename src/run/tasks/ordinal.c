/* The task of ordinal classes, such as the scores 0 < 1 < 2 of an action unit: proportional odds, and the median class. */
#include <string.h>

#include "grimace/open.h"
#include "grimace/ordinal.h"
#include "grimace/results.h"
#include "run/one/report_classes.h"
#include "run/tasks/class_targets.h"
#include "run/tasks/spread.h"
#include "run/tasks/task.h"

enum { NUMBERS = GR_METRIC_COUNT + GR_ORDINAL_METRIC_COUNT };
_Static_assert((int)NUMBERS <= (int)GR_MOST_NUMBERS, "the numbers of an epoch must have room");

/* ---- as training sees it ------------------------------------------------------------------------------------------------ */

static const char *number(int i)
{
    if (i < GR_METRIC_COUNT)
        return gr_metric_name((gr_metric)i);
    return i < NUMBERS ? gr_ordinal_metric_name((gr_ordinal_metric)(i - GR_METRIC_COUNT)) : NULL;
}

static bool falls(int i)
{
    return i >= GR_METRIC_COUNT && gr_ordinal_metric_falls((gr_ordinal_metric)(i - GR_METRIC_COUNT));
}

static const gr_value *probabilities(const gr_model *model)
{
    return model->probabilities;
}

static int64_t correct(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch)
{
    const float *p = gr_plan_data(plan, model->probabilities);
    int classes = cohort->manifest.class_count;
    int64_t right = 0;
    for (int64_t i = 0; i < batch->n; i++)
        right += gr_predict_median(p + i * classes, classes) == (int32_t)cohort->samples[batch->samples[i]].label;
    return right;
}

static gr_status judge(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions, double *values,
                       gr_error *err)
{
    const gr_manifest *m = &cohort->manifest;
    int32_t *block = gr_alloc(3 * (size_t)count, sizeof *block), *labels = block, *predicted = block + count;
    if (block == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the validation");
    for (int64_t i = 0; i < count; i++) {
        labels[i] = m->labels[rows[i]];
        predicted[i] = gr_predict_median(predictions + i * m->class_count, m->class_count);
    }
    static const char *const one_fold[] = {"0"};
    const gr_predictions p = {.count = count,
                              .class_count = m->class_count,
                              .classes = m->classes,
                              .fold_count = 1,
                              .folds = one_fold,
                              .fold = block + 2 * count,
                              .labels = labels,
                              .predicted = predicted,
                              .probabilities = predictions};
    gr_results results;
    gr_status status = gr_results_make("", &p, cohort->positive, &results, err);
    if (status == GR_OK) {
        status = gr_results_add_ordinal(&results, &p, err);
        memcpy(values, results.pooled.value, sizeof results.pooled.value);
        for (int i = 0; status == GR_OK && i < GR_ORDINAL_METRIC_COUNT; i++)
            values[GR_METRIC_COUNT + i] = results.ordinal->pooled[i];
        gr_results_free(&results);
    }
    gr_free(block);
    return status;
}

/* ---- a run's ------------------------------------------------------------------------------------------------------------ */

/* Are the names numbers, each above the one before? *numbers: they are numbers at all. */
static bool in_order(const char *const *names, int count, bool *numbers, int *at)
{
    double before = 0.0, value;
    *numbers = true;
    for (int i = 0; i < count; i++)
        *numbers = *numbers && gr_parse_double(names[i], &value);
    for (int i = 0; *numbers && i < count; i++, before = value) {
        *at = i;
        if (gr_parse_double(names[i], &value) && i > 0 && value <= before)
            return false;
    }
    return true;
}

static gr_status check(const gr_config *config, gr_error *err)
{
    bool study = config->experiment.labels.count > 0; /* data.classes are the two that the total is to tell */
    const gr_strings *classes = study ? &config->experiment.classes : &config->data.classes;
    bool numbers;
    int at = 0;
    if (in_order(classes->items, classes->count, &numbers, &at))
        return GR_OK;
    return gr_config_fail(config, study ? "experiment.classes" : "data.classes", err,
                          "is not in order: \"%.40s\" stands behind \"%.40s\", and the task is ordinal; "
                          "the lowest class first would be right",
                          classes->items[at], classes->items[at - 1]);
}

static void read_columns(const gr_config *config, gr_manifest_options *options)
{
    (void)config;
    options->by_number = true;
}

static gr_status open_classes(gr_cohort *cohort, gr_error *err)
{
    const gr_manifest *m = &cohort->manifest;
    bool numbers;
    int at = 0;
    if (!in_order(m->classes, m->class_count, &numbers, &at))
        return gr_fail(err, GR_INVALID,
                       "%s:1: %s: the classes \"%.40s\" and \"%.40s\" are the same number; one way of writing it "
                       "would be right",
                       m->path, m->label_column, m->classes[at - 1], m->classes[at]);
    if (!numbers && cohort->recipe.data.classes.count == 0)
        return gr_recipe_fail(&cohort->recipe, "data.classes", err,
                              "is not set, and the classes of %.80s are no numbers, so their order "
                              "is not known; a list, the lowest first, such as [none, moderate, severe], would be right",
                              m->label_column);
    return gr_manifest_positive(m, cohort->config, &cohort->positive, err);
}

static gr_outputs width(const gr_config *config)
{
    int classes = config->data.classes.count;
    return (gr_outputs){.classes = classes, .labels = classes > 0};
}

static void answer(const gr_answers *a, gr_text *out)
{
    gr_answer_classes(a->card, a->images, a->count, a->predictions, gr_predict_median, out);
}

static gr_status report(const gr_cohort *cohort, gr_gathered *g, const char *folder, gr_results *results, gr_error *err)
{
    return gr_report_gathered(cohort, g, gr_predict_median, true, folder, results, err);
}

const gr_task gr_ordinal_task = {
    .target = {.task = "ordinal",
               .numbers = NUMBERS,
               .number = number,
               .falls = falls,
               .outputs = gr_class_outputs,
               .row = gr_class_row,
               .width = gr_class_width,
               .counted = probabilities,
               .fill = gr_class_fill,
               .correct = correct,
               .take = gr_class_take,
               .read = gr_class_read,
               .judge = judge,
               .hash = gr_class_hash},
    .one = true,
    .labels = true,
    .cross = true,
    .check = check,
    .read = read_columns,
    .open = open_classes,
    .defined = gr_class_defined,
    .width = width,
    .report = report,
    .answer = answer,
    .spread = gr_spread_classes,
    .number = number,
    .falls = falls,
    .rank_by = "kappa_quadratic",
    .shown = {{GR_METRIC_COUNT + GR_ORDINAL_KAPPA_QUADRATIC, "kappa", 1, 4},
              {GR_METRIC_COUNT + GR_ORDINAL_MAE, "MAE", 1, 4}},
    .choose = gr_predict_median,
    .ordered = true,
    .drawn = true,
    .averaged = true,
};
