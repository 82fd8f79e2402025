/* Everything that can hang at the results of a run, freed in one place below the files that make it, so that none of these
 * needs another. */
#include "base/base.h"
#include "grimace/curves.h"
#include "grimace/landmarks.h"

void gr_landmark_results_free(gr_landmark_results *results)
{
    if (results == NULL)
        return;
    gr_free(results->normalised_by);
    gr_free(results->folds);
    gr_free(results->each);
    gr_free(results);
}

void gr_results_free(gr_results *r)
{
    for (int c = 0; r->classes != NULL && c < r->class_count; c++)
        gr_free(r->classes[c]);
    for (int f = 0; f < r->fold_count; f++) {
        if (r->fold_names != NULL)
            gr_free(r->fold_names[f]);
        if (r->folds != NULL)
            gr_metrics_free(&r->folds[f]);
    }
    gr_metrics_free(&r->pooled);
    if (r->bootstrap != NULL)
        gr_bootstrap_free(r->bootstrap);
    gr_free(r->bootstrap);
    gr_free(r->kept);
    gr_landmark_results_free(r->landmarks);
    if (r->averaged != NULL)
        gr_results_free(r->averaged);
    gr_free(r->averaged);
    gr_free(r->averaged_over);
    gr_free(r->class_mean);
    gr_free(r->class_std);
    gr_free(r->name);
    gr_free(r->classes);
    gr_free(r->fold_names);
    gr_free(r->folds);
    *r = (gr_results){0};
}
