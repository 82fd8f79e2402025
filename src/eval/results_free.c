/* Everything that can hang at the results of a run, freed in one place below the files that make it, so that none of these
 * needs another. */
#include "base/base.h"
#include "grimace/box_results.h"
#include "grimace/calibration.h"
#include "grimace/curves.h"
#include "grimace/multilabel.h"
#include "grimace/landmarks.h"
#include "grimace/ordinal.h"
#include "grimace/scores.h"

static void free_names(char **names, int count)
{
    for (int i = 0; names != NULL && i < count; i++)
        gr_free(names[i]);
    gr_free(names);
}

void gr_landmark_results_free(gr_landmark_results *results)
{
    if (results == NULL)
        return;
    gr_free(results->normalised_by);
    gr_free(results->folds);
    gr_free(results->each);
    for (int u = 0; results->unit_names != NULL && u < results->units; u++)
        gr_free(results->unit_names[u]);
    gr_free(results->unit_names);
    gr_free(results->unit_sizes);
    gr_free(results->of_unit);
    gr_free(results);
}

static void free_boxes(gr_box_results *b)
{
    if (b == NULL)
        return;
    free_names(b->kinds, b->kind_count);
    gr_free(b->each);
    gr_free(b);
}

static void free_scores(gr_score_results *s)
{
    if (s == NULL)
        return;
    for (int i = 0; s->each != NULL && i < (s->outputs > 1 ? s->outputs + 1 : s->outputs); i++) {
        gr_free(s->each[i].folds);
        gr_free(s->each[i].bootstrap);
    }
    free_names(s->names, s->outputs);
    gr_free(s->each);
    gr_free(s);
}

static void free_ordinal(gr_ordinal_results *o)
{
    if (o != NULL)
        gr_free(o->folds);
    gr_free(o);
}

static void free_labels(gr_label_results *l)
{
    if (l == NULL)
        return;
    for (int i = 0; l->each != NULL && i < l->count; i++)
        gr_results_free(&l->each[i]);
    free_names(l->names, l->count);
    gr_free(l->each);
    gr_free(l->answers);
    gr_free(l->total.folds);
    gr_free(l->total.bootstrap);
    gr_free(l);
}

void gr_results_free(gr_results *r)
{
    for (int f = 0; r->folds != NULL && f < r->fold_count; f++)
        gr_metrics_free(&r->folds[f]);
    gr_metrics_free(&r->pooled);
    if (r->bootstrap != NULL)
        gr_bootstrap_free(r->bootstrap);
    gr_free(r->bootstrap);
    gr_free(r->kept);
    gr_landmark_results_free(r->landmarks);
    free_boxes(r->boxes);
    free_scores(r->scores);
    free_ordinal(r->ordinal);
    free_labels(r->labels);
    if (r->calibration != NULL)
        gr_free(r->calibration->folds);
    gr_free(r->calibration);
    if (r->averaged != NULL)
        gr_results_free(r->averaged);
    gr_free(r->averaged);
    gr_free(r->averaged_over);
    gr_free(r->class_mean);
    gr_free(r->class_std);
    gr_free(r->name);
    free_names(r->classes, r->class_count);
    free_names(r->fold_names, r->fold_count);
    gr_free(r->folds);
    *r = (gr_results){0};
}
