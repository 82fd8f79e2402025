/* The task of landmarks: places in the image, as shares of the side of the network's image; head `landmarks`. */
#include "grimace/landmarks.h"

#include <math.h>
#include <string.h>

#include "learners/landmark_targets.h"
#include "run/tasks/landmark_units.h"
#include "run/tasks/spread.h"
#include "run/tasks/task.h"
#include "grimace/results.h"

/* ---- as training sees it ---------------------------------------------------------------------------------------------- */

static const char *number(int i)
{
    static const char *const names[] = {GR_LANDMARK_METRIC, "pixels", NULL};
    return i < 2 ? names[i] : NULL;
}

static bool falls(int i)
{
    (void)i;
    return true;
}

static gr_outputs outputs(const gr_manifest *manifest)
{
    return (gr_outputs){.landmarks = manifest->landmark_count};
}

static size_t row(const gr_cohort *cohort)
{
    return (size_t)gr_landmark_targets_outputs(&cohort->points);
}

static size_t width_of_card(const gr_card *card)
{
    return 2 * (size_t)card->model.landmarks;
}

static void fill(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch)
{
    const gr_landmark_targets *points = &cohort->points;
    float *targets = gr_plan_data(plan, model->targets);
    for (int64_t i = 0; i < batch->n; i++)
        gr_landmark_targets_target(points, batch->samples[i], &batch->origins[i], cohort->recipe.data.image.size,
                         targets + i * 2 * points->count);
}

static void take(const gr_cohort *cohort, int fold, const gr_model *model, gr_plan *plan, const gr_batch *batch, float *to)
{
    const gr_landmark_targets *points = &cohort->points;
    const float *shares = gr_plan_data(plan, model->coordinates);
    (void)fold;
    for (int64_t i = 0; i < batch->n; i++)
        gr_landmark_targets_predict(points, batch->samples[i], &batch->origins[i], cohort->recipe.data.image.size,
                          shares + i * 2 * points->count, to + (size_t)i * row(cohort));
}

static void read_answer(const gr_card *card, const gr_shape *shape, const gr_origin *origin, const float *answer, float *to)
{
    (void)shape;
    gr_landmark_targets_back(origin, (int)card->model.size, answer, (int)card->model.landmarks, to);
}

static gr_status judge(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions, double *values,
                       gr_error *err)
{
    (void)err;
    values[0] = gr_landmark_targets_nrmse(&cohort->points, rows, count, predictions);
    return GR_OK;
}

static uint64_t hash_row(const gr_cohort *cohort, int64_t r, uint64_t hash)
{
    const gr_manifest *m = &cohort->manifest;
    size_t numbers = 2 * (size_t)m->landmark_count;
    return gr_hash(hash, m->landmarks + (size_t)r * numbers, numbers * sizeof *m->landmarks);
}

/* ---- a run's ---------------------------------------------------------------------------------------------------------- */

static bool mirrors(const gr_transforms *list)
{
    for (int i = 0; i < list->count; i++)
        if (gr_transform_mirrors(&list->items[i]))
            return true;
    return false;
}

static gr_status check(const gr_config *config, gr_error *err)
{
    if (mirrors(&config->data.train_transforms) && config->data.landmark_flip.count == 0)
        return gr_config_fail(config, "data.landmark_flip", err,
                              "names no pairs, but data.train_transforms mirrors images: left landmarks become right "
                              "ones; pairs such as [[1, 2], [5, 6]], or no hflip, would be right");
    if (mirrors(&config->data.eval_transforms))
        return gr_config_fail(config, "data.eval_transforms", err,
                              "mirrors images, so that left landmarks are predicted as right ones; no hflip would be right");
    return gr_landmark_units_check(config, err);
}

static void read_columns(const gr_config *config, gr_manifest_options *options)
{
    (void)config;
    options->label = NULL;
    options->landmarks = GR_LANDMARKS_NEEDED;
}

static gr_status open_points(gr_cohort *cohort, gr_error *err)
{
    gr_status status = gr_landmark_targets_open(&cohort->recipe, &cohort->manifest, cohort->texts, &cohort->points, err);
    if (status == GR_OK)
        status = gr_landmark_units(cohort->config, cohort->points.count, cohort->texts, &cohort->points.units, err);
    return status;
}

static gr_outputs width(const gr_config *config)
{
    (void)config;
    return (gr_outputs){0};
}

static void answer(const gr_answers *a, gr_text *out)
{
    gr_landmark_predictions predictions = {
        .count = a->count, .landmarks = (int)a->card->model.landmarks, .images = a->images, .coordinates = a->predictions};
    gr_landmark_predictions_csv(&predictions, out);
}

/* Coordinates, true coordinates [count, L, 2] and lengths [count] of what was gathered. */
typedef struct measured {
    float *coordinates, *truth;
    double *lengths;
} measured;

static void free_measured(measured *x)
{
    gr_free(x->coordinates);
    gr_free(x->truth);
    gr_free(x->lengths);
}

static gr_status measure(const gr_cohort *e, const gr_gathered *g, measured *x, gr_error *err)
{
    size_t n = (size_t)g->count, numbers = 2 * (size_t)e->points.count,
           row = (size_t)gr_landmark_targets_outputs(&e->points), floats;
    if (!gr_mul_size(n, numbers, &floats) || (x->coordinates = gr_alloc(floats, sizeof *x->coordinates)) == NULL ||
        (x->truth = gr_alloc(floats, sizeof *x->truth)) == NULL || (x->lengths = gr_alloc(n, sizeof *x->lengths)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (size_t i = 0; i < n; i++) {
        const float *prediction = g->predictions + i * row;
        memcpy(x->coordinates + i * numbers, prediction, numbers * sizeof *x->coordinates);
        memcpy(x->truth + i * numbers, e->manifest.landmarks + (size_t)g->row[i] * numbers, numbers * sizeof *x->truth);
        x->lengths[i] = (double)prediction[numbers];
    }
    return GR_OK;
}

/* In pixels: the root of the mean over the landmarks of the variances of x and y together. */
static double spread(const gr_card *card, int positive, const float *const *answers, int models)
{
    double sum = 0.0;
    int64_t numbers = 2 * card->model.landmarks;
    (void)positive;
    for (int64_t k = 0; k < numbers; k++)
        sum += gr_spread_variance(answers, models, k);
    return sqrt(2.0 * sum / (double)numbers);
}

/* The length that normalises the error; where it is the image's side that is read from its header. */
static gr_status complete(const gr_cohort *cohort, int64_t r, const char *path, float *prediction, gr_error *err)
{
    gr_origin origin = {0};
    gr_status status = GR_OK;
    if (cohort->points.from < 0)
        status = gr_image_size(path, &origin.width, &origin.height, err);
    if (status == GR_OK)
        prediction[2 * cohort->points.count] = (float)gr_landmark_targets_length(&cohort->points, r, &origin);
    return status;
}

static gr_status report(const gr_cohort *e, gr_gathered *g, const char *folder, gr_results *results, gr_error *err)
{
    measured x = {0};
    char *path = NULL;
    gr_status status = measure(e, g, &x, err);
    if (status == GR_OK && (path = gr_path_join(folder, "predictions.csv")) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_landmark_predictions predictions = {.count = g->count,
                                           .landmarks = e->points.count,
                                           .fold_count = e->split.fold_count,
                                           .folds = g->folds,
                                           .group_column = e->manifest.group_column,
                                           .images = g->images,
                                           .groups = g->groups,
                                           .fold = g->fold,
                                           .coordinates = x.coordinates,
                                           .truth = x.truth,
                                           .lengths = x.lengths,
                                           .units = e->points.units};
    if (status == GR_OK)
        status = gr_landmark_predictions_write_csv(&predictions, path, err);
    if (status == GR_OK)
        status = gr_landmark_results_make(e->config->name, &predictions, e->points.normalised_by, results, err);
    if (status == GR_OK) {
        results->reported = e->config->reported;
        results->kept = g->kept;
        g->kept = NULL;
        status = gr_results_write(results, folder, err);
        if (status == GR_OK)
            status = gr_summary_write(results, g->count, g->groups, g->fold, folder, err);
        if (status != GR_OK)
            gr_results_free(results);
    }
    free_measured(&x);
    gr_free(path);
    return status;
}

const gr_task gr_landmarks_task = {
    .target = {.task = "landmarks",
               .numbers = 1,
               .number = number,
               .falls = falls,
               .placed = true,
               .outputs = outputs,
               .row = row,
               .width = width_of_card,
               .fill = fill,
               .take = take,
               .read = read_answer,
               .judge = judge,
               .hash = hash_row},
    .one = true,
    .by_head = true,
    .check = check,
    .unlabelled = true,
    .read = read_columns,
    .open = open_points,
    .width = width,
    .report = report,
    .spread = spread,
    .complete = complete,
    .answer = answer,
    .number = number,
    .falls = falls,
    .rank_by = GR_LANDMARK_METRIC,
    .shown = {{0, "NRMSE %", 100, 2}, {1, "pixels", 1, 2}},
};
