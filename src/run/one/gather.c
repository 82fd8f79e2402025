#include "run/one/gather.h"

#include "learners/fold.h"

void gr_gathered_free(gr_gathered *g)
{
    gr_free(g->images);
    gr_free(g->groups);
    gr_free(g->folds);
    gr_free(g->fold);
    gr_free(g->row);
    gr_free(g->predictions);
    gr_free(g->kept);
    *g = (gr_gathered){0};
}

static bool make_room(const gr_cohort *e, gr_part part, gr_gathered *g)
{
    size_t n = 0, folds = (size_t)e->split.fold_count, floats;
    for (int f = 0; f < e->split.fold_count; f++)
        n += (size_t)gr_split_rows(&e->split, f, part, NULL);
    return gr_mul_size(n, e->target->row(e), &floats) && (g->images = gr_alloc(n, sizeof *g->images)) != NULL &&
           (e->manifest.groups == NULL || (g->groups = gr_alloc(n, sizeof *g->groups)) != NULL) &&
           (g->folds = gr_alloc(folds, sizeof *g->folds)) != NULL && (g->kept = gr_alloc(folds, sizeof *g->kept)) != NULL &&
           (g->fold = gr_alloc(n, sizeof *g->fold)) != NULL && (g->row = gr_alloc(n, sizeof *g->row)) != NULL &&
           (g->predictions = gr_alloc(floats, sizeof *g->predictions)) != NULL;
}

/* What a fold says of its part; *there: false where it says nothing. */
static gr_status read_fold(const gr_learning *learning, int fold, gr_part part, float *predictions, gr_kept *kept, bool *there,
                           gr_error *err)
{
    if (part == GR_PART_VAL)
        return gr_fold_validation(learning, fold, there, predictions, err);
    gr_status status = gr_fold_result(learning, fold, there, predictions, kept, err);
    if (status == GR_OK && !*there)
        status = gr_fail(err, GR_INTERNAL, "fold %s ended without a result", learning->cohort->split.folds[fold].name);
    return status;
}

static gr_status gather_fold(const gr_learning *learning, int fold, gr_part part, gr_gathered *g, gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    const gr_manifest *m = &e->manifest;
    bool there = false;
    float *predictions = g->predictions + (size_t)g->count * e->target->row(e);
    gr_status status = read_fold(learning, fold, part, predictions, &g->kept[fold], &there, err);
    g->folds[fold] = e->split.folds[fold].name;
    for (int64_t r = 0; status == GR_OK && there && r < m->rows; r++) {
        if (gr_fold_part(&e->split.folds[fold], r) != part)
            continue;
        g->images[g->count] = m->images[r];
        if (m->groups != NULL)
            g->groups[g->count] = m->group_names[m->groups[r]];
        g->fold[g->count] = fold;
        g->row[g->count++] = r;
    }
    return status;
}

gr_status gr_gather(const gr_learning *learning, gr_part part, gr_gathered *out, gr_error *err)
{
    *out = (gr_gathered){0};
    gr_status status = make_room(learning->cohort, part, out) ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int f = 0; status == GR_OK && f < learning->cohort->split.fold_count; f++)
        status = gather_fold(learning, f, part, out, err);
    if (status != GR_OK)
        gr_gathered_free(out);
    return status;
}

gr_status gr_gathered_classes(const gr_cohort *cohort, const gr_gathered *g, int32_t (*choose)(const float *, int), bool ordered,
                              gr_predictions *out, gr_error *err)
{
    const gr_manifest *m = &cohort->manifest;
    int32_t *labels = gr_alloc((size_t)g->count, sizeof *labels), *predicted = gr_alloc((size_t)g->count, sizeof *predicted);
    gr_status status = labels != NULL && predicted != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < g->count; i++) {
        labels[i] = m->labels[g->row[i]];
        predicted[i] = choose(g->predictions + i * m->class_count, m->class_count);
    }
    *out = (gr_predictions){.count = g->count,
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
                            .probabilities = g->predictions,
                            .ordered = ordered};
    return status;
}
