/* The task of classes: one of several for each image, by probabilities. */
#include <string.h>

#include "grimace/open.h"
#include "run/tasks/class_targets.h"
#include "run/tasks/spread.h"
#include "run/tasks/task.h"
#include "run/one/report_classes.h"

static gr_status open_classes(gr_cohort *cohort, gr_error *err)
{
    return gr_manifest_positive(&cohort->manifest, cohort->config, &cohort->positive, err);
}

static void no_more(const gr_config *config, gr_manifest_options *options)
{
    (void)config;
    (void)options;
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
    gr_answer_classes(a->card, a->images, a->count, a->predictions, gr_predict_class, out);
}

static gr_status report(const gr_cohort *cohort, gr_gathered *g, const char *folder, gr_results *results, gr_error *err)
{
    return gr_report_gathered(cohort, g, gr_predict_class, false, folder, results, err);
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
    .one = true,
    .by_head = true,
    .labels = true,
    .cross = true,
    .read = no_more,
    .open = open_classes,
    .defined = gr_class_defined,
    .width = width,
    .report = report,
    .answer = answer,
    .spread = gr_spread_classes,
    .number = number,
    .falls = gr_class_number_falls,
    .rank_by = "f1",
    .shown = {{GR_METRIC_F1, "F1", 1, 4}, {GR_METRIC_ACCURACY, "accuracy", 100, 2}},
    .choose = gr_predict_class,
    .drawn = true,
    .averaged = true,
};
