#include "points_results.h"

#include <string.h>

/* The test predictions of all folds, in the order of folds and, within one, of the manifest. */
typedef struct gathered {
    const char **images, **groups, **folds;
    int32_t *fold;
    float *coordinates, *truth; /* [count, L, 2] */
    double *lengths;
    gr_kept *kept; /* [folds] */
    int64_t count;
} gathered;

static void free_gathered(gathered *g)
{
    gr_free(g->images);
    gr_free(g->groups);
    gr_free(g->folds);
    gr_free(g->fold);
    gr_free(g->coordinates);
    gr_free(g->truth);
    gr_free(g->lengths);
    gr_free(g->kept);
}

static bool make_gathered(const gr_experiment *e, gathered *g)
{
    int64_t count = 0;
    for (int f = 0; f < e->split.fold_count; f++)
        count += gr_split_rows(&e->split, f, GR_PART_TEST, NULL);
    size_t n = (size_t)count, floats;
    *g = (gathered){0};
    return gr_mul_size(n, 2 * (size_t)e->points.count, &floats) && (g->images = gr_alloc(n, sizeof *g->images)) != NULL &&
           (g->groups = gr_alloc(n, sizeof *g->groups)) != NULL &&
           (g->folds = gr_alloc((size_t)e->split.fold_count, sizeof *g->folds)) != NULL &&
           (g->kept = gr_alloc((size_t)e->split.fold_count, sizeof *g->kept)) != NULL &&
           (g->fold = gr_alloc(n, sizeof *g->fold)) != NULL &&
           (g->coordinates = gr_alloc(floats, sizeof *g->coordinates)) != NULL &&
           (g->truth = gr_alloc(floats, sizeof *g->truth)) != NULL && (g->lengths = gr_alloc(n, sizeof *g->lengths)) != NULL;
}

/* Adds a row of the manifest with its prediction. */
static void add_row(const gr_experiment *e, int fold, int64_t r, const float *prediction, gathered *g)
{
    const gr_manifest *m = &e->manifest;
    size_t numbers = 2 * (size_t)e->points.count, at = (size_t)g->count++;
    g->images[at] = m->images[r];
    g->groups[at] = m->groups != NULL ? m->group_names[m->groups[r]] : NULL;
    g->fold[at] = fold;
    memcpy(g->coordinates + at * numbers, prediction, numbers * sizeof *g->coordinates);
    memcpy(g->truth + at * numbers, m->landmarks + (size_t)r * numbers, numbers * sizeof *g->truth);
    g->lengths[at] = (double)prediction[numbers];
}

static gr_status gather_fold(const gr_fold_job *job, int fold, gathered *g, gr_error *err)
{
    const gr_experiment *e = job->experiment;
    size_t rows = (size_t)gr_split_rows(&e->split, fold, GR_PART_TEST, NULL), row = gr_experiment_row(e);
    float *predictions = gr_alloc(rows, row * sizeof *predictions), *at = predictions;
    bool finished = false;
    gr_status status = predictions != NULL ? gr_fold_result(job, fold, &finished, predictions, &g->kept[fold], err)
                                           : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    if (status == GR_OK && !finished)
        status = gr_fail(err, GR_INTERNAL, "fold %s ended without a result", e->split.folds[fold].name);
    g->folds[fold] = e->split.folds[fold].name;
    for (int64_t r = 0; status == GR_OK && r < e->manifest.rows; r++)
        if (e->split.folds[fold].parts[r] == GR_PART_TEST) {
            add_row(e, fold, r, at, g);
            at += row;
        }
    gr_free(predictions);
    return status;
}

gr_status gr_points_write_results(const gr_fold_job *job, gr_results *results, gr_error *err)
{
    const gr_experiment *e = job->experiment;
    gathered g;
    char *path = gr_path_join(job->folder, "predictions.csv");
    gr_status status =
        make_gathered(e, &g) && path != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int f = 0; status == GR_OK && f < e->split.fold_count; f++)
        status = gather_fold(job, f, &g, err);
    gr_landmark_predictions predictions = {.count = g.count,
                                           .landmarks = e->points.count,
                                           .fold_count = e->split.fold_count,
                                           .folds = g.folds,
                                           .group_column = e->manifest.group_column,
                                           .images = g.images,
                                           .groups = e->manifest.groups != NULL ? g.groups : NULL,
                                           .fold = g.fold,
                                           .coordinates = g.coordinates,
                                           .truth = g.truth,
                                           .lengths = g.lengths};
    if (status == GR_OK)
        status = gr_landmark_predictions_write_csv(&predictions, path, err);
    if (status == GR_OK)
        status = gr_landmark_results_make(e->config->name, &predictions, e->points.normalised_by, results, err);
    if (status == GR_OK) {
        results->reported = e->config->reported;
        results->kept = g.kept;
        g.kept = NULL;
        status = gr_results_write(results, job->folder, err);
        if (status != GR_OK)
            gr_results_free(results);
    }
    free_gathered(&g);
    gr_free(path);
    return status;
}
