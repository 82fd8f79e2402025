/* The task of classes in several label columns at once, such as the action units of a face: one network, the same classes
 * for all columns, and their total where the classes are numbers. */
#include <math.h>
#include <string.h>

#include "grimace/open.h"
#include "grimace/multilabel.h"
#include "grimace/results.h"
#include "run/one/report_scores.h"
#include "run/tasks/columns.h"
#include "run/tasks/spread.h"
#include "run/tasks/task.h"

enum { NUMBERS = 2 };

/* ---- as training sees it ------------------------------------------------------------------------------------------------
 */

static const char *number(int i)
{
    static const gr_metric metrics[NUMBERS] = {GR_METRIC_ACCURACY, GR_METRIC_F1_MACRO};
    return i >= 0 && i < NUMBERS ? gr_metric_name(metrics[i]) : NULL;
}

static bool never(int i)
{
    (void)i;
    return false;
}

static gr_outputs outputs(const gr_manifest *manifest)
{
    return (gr_outputs){.classes = manifest->class_count, .labels = manifest->value_count};
}

static size_t row(const gr_cohort *cohort)
{
    return (size_t)cohort->manifest.value_count * (size_t)cohort->manifest.class_count;
}

static size_t width_of_card(const gr_card *card)
{
    return (size_t)(card->label_count * card->model.classes);
}

static int32_t label_of(const gr_cohort *cohort, int64_t sample, int column)
{
    double value = gr_columns_value(cohort, sample, column);
    return isnan(value) ? -1 : (int32_t)value;
}

static void fill(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch)
{
    int columns = cohort->manifest.value_count;
    int32_t *labels = (int32_t *)(void *)gr_plan_data(plan, model->labels);
    for (int64_t i = 0; i < batch->n; i++)
        for (int k = 0; k < columns; k++)
            labels[i * columns + k] = label_of(cohort, batch->samples[i], k);
}

static void take(const gr_cohort *cohort, int fold, const gr_model *model, gr_plan *plan, const gr_batch *batch, float *to)
{
    (void)fold;
    memcpy(to, gr_plan_data(plan, model->probabilities), (size_t)batch->n * row(cohort) * sizeof *to);
}

static void read_answer(const gr_card *card, const gr_shape *shape, const gr_origin *origin, const float *answer, float *to)
{
    (void)shape;
    (void)origin;
    memcpy(to, answer, width_of_card(card) * sizeof *to);
}

/* Labels and predicted classes [count, columns] of rows; `block` has room for both. */
static gr_label_predictions pair_up(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions,
                                    int32_t *block)
{
    const gr_manifest *m = &cohort->manifest;
    int64_t cells = count * m->value_count;
    for (int64_t i = 0; i < cells; i++) {
        block[i] = label_of(cohort, rows[i / m->value_count], (int)(i % m->value_count));
        block[cells + i] = gr_predict_class(predictions + i * m->class_count, m->class_count);
    }
    return (gr_label_predictions){.count = count,
                                  .label_count = m->value_count,
                                  .names = m->value_columns,
                                  .class_count = m->class_count,
                                  .classes = m->classes,
                                  .labels = block,
                                  .predicted = block + cells,
                                  .probabilities = predictions};
}

static int32_t *make_block(const gr_cohort *cohort, int64_t count)
{
    size_t cells;
    return gr_mul_size((size_t)count, 2 * (size_t)cohort->manifest.value_count, &cells) ? gr_alloc(cells, sizeof(int32_t))
                                                                                        : NULL;
}

static gr_status judge(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions, double *values,
                       gr_error *err)
{
    static const char *const one_fold[] = {"0"};
    int32_t *block = make_block(cohort, count), *fold = gr_alloc((size_t)count, sizeof *fold);
    gr_results results;
    gr_status status = block != NULL && fold != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the validation");
    if (status == GR_OK) {
        gr_label_predictions p = pair_up(cohort, rows, count, predictions, block);
        p.fold_count = 1;
        p.folds = one_fold;
        p.fold = fold;
        status = gr_label_results_make("", &p, cohort->positive, &results, err);
    }
    if (status == GR_OK) {
        values[0] = results.pooled.value[GR_METRIC_ACCURACY];
        values[1] = results.pooled.value[GR_METRIC_F1_MACRO];
        gr_results_free(&results);
    }
    gr_free(block);
    gr_free(fold);
    return status;
}

static void describe(const gr_cohort *cohort, int fold, gr_card *card)
{
    (void)fold;
    card->labels = cohort->manifest.value_columns;
    card->label_count = cohort->manifest.value_count;
}

/* ---- a run's ------------------------------------------------------------------------------------------------------------
 */

static void read_columns(const gr_config *config, gr_manifest_options *options)
{
    gr_columns_read(config, GR_VALUES_CLASSES, options);
}

static gr_status open_classes(gr_cohort *cohort, gr_error *err)
{
    return gr_manifest_positive(&cohort->manifest, cohort->config, &cohort->positive, err);
}

static gr_status check_known(gr_cohort *cohort, gr_error *err)
{
    return gr_columns_known(cohort, err);
}

static gr_outputs width(const gr_config *config)
{
    int classes = config->data.classes.count;
    return classes > 0 ? (gr_outputs){.classes = classes, .labels = config->data.labels.count} : (gr_outputs){0};
}

static void answer(const gr_answers *a, gr_text *out)
{
    int classes = (int)a->card->model.classes, columns = (int)a->card->label_count;
    size_t cells = (size_t)a->count * (size_t)columns;
    int32_t *predicted = gr_alloc(cells, sizeof *predicted);
    out->failed = out->failed || predicted == NULL;
    for (size_t i = 0; predicted != NULL && i < cells; i++)
        predicted[i] = gr_predict_class(a->predictions + i * (size_t)classes, classes);
    gr_label_predictions p = {.count = a->count,
                              .label_count = columns,
                              .names = a->card->labels,
                              .class_count = classes,
                              .classes = a->card->classes,
                              .images = a->images,
                              .predicted = predicted,
                              .probabilities = a->predictions};
    if (predicted != NULL)
        gr_label_predictions_csv(&p, out);
    gr_free(predicted);
}

/* The mean over the columns of that of the positive class's probability. */
static double spread(const gr_card *card, int positive, const float *const *answers, int models)
{
    double sum = 0.0;
    for (int64_t k = 0; k < card->label_count; k++)
        sum += sqrt(gr_spread_variance(answers, models, k * card->model.classes + positive));
    return sum / (double)card->label_count;
}

static gr_status report(const gr_cohort *cohort, gr_gathered *g, const char *folder, gr_results *results, gr_error *err)
{
    int32_t *block = make_block(cohort, g->count);
    if (block == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the predictions");
    gr_label_predictions p = pair_up(cohort, g->row, g->count, g->predictions, block);
    p.fold_count = cohort->split.fold_count;
    p.folds = g->folds;
    p.group_column = cohort->manifest.group_column;
    p.images = g->images;
    p.groups = g->groups;
    p.fold = g->fold;
    gr_kept *kept = g->kept;
    g->kept = NULL;
    gr_status status = gr_report_labels(cohort->config, &p, cohort->positive, kept, folder, results, err);
    gr_free(block);
    return status;
}

const gr_task gr_label_classes_task = {
    .target = {.task = "classes",
               .numbers = NUMBERS,
               .number = number,
               .falls = never,
               .outputs = outputs,
               .row = row,
               .width = width_of_card,
               .fill = fill,
               .take = take,
               .read = read_answer,
               .judge = judge,
               .hash = gr_columns_hash,
               .describe = describe},
    .several = true,
    .by_head = true,
    .read = read_columns,
    .open = open_classes,
    .settle = check_known,
    .width = width,
    .report = report,
    .answer = answer,
    .spread = spread,
    .number = number,
    .falls = never,
    .rank_by = "accuracy",
    .shown = {{0, "accuracy", 100, 2}, {1, "F1 macro", 1, 4}},
    .drawn = true,
};
