#include "run/one/landmark_results.h"

#include <string.h>

#include "run/one/gather.h"
#include "grimace/results.h"

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
    size_t n = (size_t)g->count, numbers = 2 * (size_t)e->points.count, row = gr_cohort_row(e), floats;
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

gr_status gr_points_write_results(const gr_fold_job *job, gr_results *results, gr_error *err)
{
    const gr_cohort *e = job->experiment;
    gr_gathered g;
    measured x = {0};
    char *path = NULL;
    gr_status status = gr_gather(job, &g, err);
    if (status == GR_OK)
        status = measure(e, &g, &x, err);
    if (status == GR_OK && (path = gr_path_join(job->folder, "predictions.csv")) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_landmark_predictions predictions = {.count = g.count,
                                           .landmarks = e->points.count,
                                           .fold_count = e->split.fold_count,
                                           .folds = g.folds,
                                           .group_column = e->manifest.group_column,
                                           .images = g.images,
                                           .groups = g.groups,
                                           .fold = g.fold,
                                           .coordinates = x.coordinates,
                                           .truth = x.truth,
                                           .lengths = x.lengths};
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
    free_measured(&x);
    gr_gathered_free(&g);
    gr_free(path);
    return status;
}
