/* The task of scores: numbers on a scale, one or several columns of them at once. */
#include <math.h>
#include <string.h>

#include "grimace/scores.h"
#include "run/one/report_scores.h"
#include "run/tasks/columns.h"
#include "run/tasks/spread.h"
#include "run/tasks/task.h"

/* ---- as training sees it ------------------------------------------------------------------------------------------------
 */

static const char *number(int i)
{
    return gr_score_metric_name((gr_score_metric)i);
}

static bool falls(int i)
{
    return gr_score_metric_falls((gr_score_metric)i);
}

static gr_outputs outputs(const gr_manifest *manifest)
{
    return (gr_outputs){.labels = manifest->value_count};
}

static size_t row(const gr_cohort *cohort)
{
    return (size_t)cohort->manifest.value_count;
}

static size_t width_of_card(const gr_card *card)
{
    return (size_t)card->label_count;
}

static void fill(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch)
{
    int labels = cohort->manifest.value_count;
    float *targets = gr_plan_data(plan, model->targets);
    for (int64_t i = 0; i < batch->n; i++)
        for (int k = 0; k < labels; k++)
            targets[i * labels + k] = (float)gr_columns_value(cohort, batch->samples[i], k);
}

/* Clips answers[labels] to ranges[labels, 2]; NULL: to nothing. */
static void clip(const double *ranges, const float *answer, int64_t labels, float *to)
{
    for (int64_t k = 0; k < labels; k++)
        to[k] = ranges == NULL ? answer[k] : (float)fmin(fmax((double)answer[k], ranges[2 * k]), ranges[2 * k + 1]);
}

static void take(const gr_cohort *cohort, int fold, const gr_model *model, gr_plan *plan, const gr_batch *batch, float *to)
{
    int labels = cohort->manifest.value_count;
    const float *answers = gr_plan_data(plan, model->scores);
    for (int64_t i = 0; i < batch->n; i++)
        clip(cohort->ranges + 2 * (int64_t)fold * labels, answers + i * labels, labels, to + i * labels);
}

static void read_answer(const gr_card *card, const gr_shape *shape, const gr_origin *origin, const float *answer, float *to)
{
    (void)shape;
    (void)origin;
    clip(card->ranges, answer, card->label_count, to);
}

/* True and predicted numbers [count, labels] of rows, one fold; `block` holds them. */
static gr_score_predictions pair_up(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions,
                                    double *block)
{
    const gr_manifest *m = &cohort->manifest;
    int64_t cells = count * m->value_count;
    for (int64_t i = 0; i < cells; i++) {
        block[i] = gr_columns_value(cohort, rows[i / m->value_count], (int)(i % m->value_count));
        block[cells + i] = (double)predictions[i];
    }
    return (gr_score_predictions){
        .count = count, .outputs = m->value_count, .names = m->value_columns, .truth = block, .predicted = block + cells};
}

/* GIVES room for pair_up; NULL when memory is short. */
static double *make_block(const gr_cohort *cohort, int64_t count)
{
    size_t cells;
    return gr_mul_size((size_t)count, 2 * (size_t)cohort->manifest.value_count, &cells) ? gr_alloc(cells, sizeof(double))
                                                                                        : NULL;
}

static gr_status judge(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions, double *values,
                       gr_error *err)
{
    static const char *const one_fold[] = {"0"};
    double *block = make_block(cohort, count);
    int32_t *fold = gr_alloc((size_t)count, sizeof *fold);
    gr_results results;
    gr_status status = block != NULL && fold != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the validation");
    if (status == GR_OK) {
        gr_score_predictions p = pair_up(cohort, rows, count, predictions, block);
        p.fold_count = 1;
        p.folds = one_fold;
        p.fold = fold;
        status = gr_score_results_make("", &p, &results, err);
    }
    if (status == GR_OK) {
        memcpy(values, gr_score_whole(results.scores)->pooled.value, GR_SCORE_METRIC_COUNT * sizeof *values);
        gr_results_free(&results);
    }
    gr_free(block);
    gr_free(fold);
    return status;
}

static void describe(const gr_cohort *cohort, int fold, gr_card *card)
{
    card->labels = cohort->manifest.value_columns;
    card->label_count = cohort->manifest.value_count;
    card->ranges = cohort->ranges + 2 * (int64_t)fold * cohort->manifest.value_count;
}

/* ---- a run's ------------------------------------------------------------------------------------------------------------
 */

static void read_columns(const gr_config *config, gr_manifest_options *options)
{
    gr_columns_read(config, GR_VALUES_NUMBERS, options);
    options->ranged = !isnan(config->data.range[0]);
    memcpy(options->range, config->data.range, sizeof options->range);
}

static gr_status nothing_more(gr_cohort *cohort, gr_error *err)
{
    (void)cohort;
    (void)err;
    return GR_OK;
}

/* data.range, or the ends of what each fold trains on. */
static gr_status find_ranges(gr_cohort *cohort, gr_error *err)
{
    const gr_manifest *m = &cohort->manifest;
    const double *given = cohort->recipe.data.range;
    int labels = m->value_count, folds = cohort->split.fold_count;
    gr_status status = gr_columns_known(cohort, err);
    if (status != GR_OK)
        return status;
    cohort->ranges = gr_arena_alloc(cohort->texts, 2 * (size_t)folds * (size_t)labels, sizeof *cohort->ranges);
    if (cohort->ranges == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the ranges of scores");
    for (int f = 0; f < folds; f++)
        for (int k = 0; k < labels; k++) {
            double *range = cohort->ranges + 2 * (f * labels + k);
            range[0] = isnan(given[0]) ? INFINITY : given[0];
            range[1] = isnan(given[0]) ? -INFINITY : given[1];
            for (int64_t r = 0; isnan(given[0]) && r < m->rows; r++) {
                if (gr_fold_part(&cohort->split.folds[f], r) != GR_PART_TRAIN)
                    continue;
                range[0] = fmin(range[0], gr_columns_value(cohort, r, k)); /* which take the number of a number and a NaN */
                range[1] = fmax(range[1], gr_columns_value(cohort, r, k));
            }
        }
    return GR_OK;
}

static gr_outputs width(const gr_config *config)
{
    return (gr_outputs){.labels = config->data.labels.count > 0 ? config->data.labels.count : 1};
}

static void answer(const gr_answers *a, gr_text *out)
{
    size_t cells = (size_t)a->count * (size_t)a->card->label_count;
    double *predicted = gr_alloc(cells, sizeof *predicted);
    out->failed = out->failed || predicted == NULL;
    for (size_t i = 0; predicted != NULL && i < cells; i++)
        predicted[i] = (double)a->predictions[i];
    gr_score_predictions p = {.count = a->count,
                              .outputs = (int)a->card->label_count,
                              .names = a->card->labels,
                              .images = a->images,
                              .predicted = predicted};
    if (predicted != NULL)
        gr_score_predictions_csv(&p, out);
    gr_free(predicted);
}

/* Of the score, or of the total of several. */
static double spread(const gr_card *card, int positive, const float *const *answers, int models)
{
    double mean = 0.0, sum = 0.0;
    (void)positive;
    for (int pass = 0; pass < 2; pass++)
        for (int m = 0; m < models; m++) {
            double total = 0.0;
            for (int64_t k = 0; k < card->label_count; k++)
                total += (double)answers[m][k];
            if (pass == 0)
                mean += total / models;
            else
                sum += (total - mean) * (total - mean);
        }
    return models > 1 ? sqrt(sum / (models - 1)) : NAN;
}

static gr_status report(const gr_cohort *cohort, gr_gathered *g, const char *folder, gr_results *results, gr_error *err)
{
    double *block = make_block(cohort, g->count);
    if (block == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the predictions");
    gr_score_predictions p = pair_up(cohort, g->row, g->count, g->predictions, block);
    p.fold_count = cohort->split.fold_count;
    p.folds = g->folds;
    p.group_column = cohort->manifest.group_column;
    p.images = g->images;
    p.groups = g->groups;
    p.fold = g->fold;
    gr_kept *kept = g->kept;
    g->kept = NULL;
    gr_status status = gr_report_scores(cohort->config, &p, kept, folder, results, err);
    gr_free(block);
    return status;
}

const gr_task gr_scores_task = {
    .target = {.task = "scores",
               .numbers = GR_SCORE_METRIC_COUNT,
               .number = number,
               .falls = falls,
               .outputs = outputs,
               .row = row,
               .width = width_of_card,
               .fill = fill,
               .take = take,
               .read = read_answer,
               .judge = judge,
               .hash = gr_columns_hash,
               .describe = describe},
    .one = true,
    .several = true,
    .ranged = true,
    .labels = true,
    .read = read_columns,
    .open = nothing_more,
    .settle = find_ranges,
    .width = width,
    .report = report,
    .answer = answer,
    .spread = spread,
    .number = number,
    .falls = falls,
    .rank_by = "mae",
    .shown = {{GR_SCORE_MAE, "MAE", 1, 4}, {GR_SCORE_ICC, "ICC", 1, 4}},
    .drawn = true,
    .averaged = true,
};
