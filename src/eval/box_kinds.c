/* Numbers of boxes in the folds of a run, kind by kind. */
#include "grimace/box_results.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "eval/folds.h"

static const char *const metric_names[GR_BOX_METRIC_COUNT] = {"ap50",   "ap",        "ap75",    "voc",
                                                              "recall", "precision", "mean_iou"};

const char *gr_box_metric_name(gr_box_metric metric)
{
    return metric_names[metric];
}

double gr_box_metric_of(const gr_box_numbers *n, gr_box_metric metric)
{
    const double values[GR_BOX_METRIC_COUNT] = {n->ap50, n->ap, n->ap75, n->voc, n->recall, n->precision, n->mean_iou};
    return values[metric];
}

/* ---- one kind --------------------------------------------------------------------------------------------------------- */

typedef struct chosen {
    gr_box_image *images;
    gr_plain_box *truths;
    gr_scored_box *found;
} chosen;

/* The boxes of one kind, as far as their score reaches; returns how many images. */
static int64_t choose(const gr_box_case *cases, const bool *take, int64_t count, int kind, double score, const chosen *to)
{
    int64_t images = 0;
    gr_plain_box *truth = to->truths;
    gr_scored_box *found = to->found;
    for (int64_t i = 0; i < count; i++) {
        if (take != NULL && !take[i])
            continue;
        gr_box_image *image = &to->images[images++];
        *image = (gr_box_image){.truths = truth, .found = found};
        for (int64_t t = 0; t < cases[i].truth_count; t++)
            if (cases[i].truths[t].kind == kind)
                *truth++ = cases[i].truths[t].box;
        for (int64_t f = 0; f < cases[i].found_count; f++)
            if (cases[i].found[f].kind == kind && cases[i].found[f].score >= score)
                *found++ = (gr_scored_box){cases[i].found[f].box, cases[i].found[f].score};
        image->truth_count = truth - image->truths;
        image->found_count = found - image->found;
    }
    return images;
}

gr_status gr_box_numbers_of_kind(const gr_box_case *cases, const bool *take, int64_t count, int kind, double score,
                                 gr_box_numbers *out, gr_error *err)
{
    int64_t truths = 0, found = 0;
    for (int64_t i = 0; i < count; i++) {
        truths += cases[i].truth_count;
        found += cases[i].found_count;
    }
    chosen c = {gr_alloc((size_t)count, sizeof *c.images), gr_alloc((size_t)truths, sizeof *c.truths),
                gr_alloc((size_t)found, sizeof *c.found)};
    bool room = c.images != NULL && c.truths != NULL && c.found != NULL;
    gr_status status = room ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the numbers of boxes");
    gr_box_numbers all;
    if (status == GR_OK)
        status = gr_box_numbers_of(c.images, choose(cases, take, count, kind, -INFINITY, &c), &all, err);
    if (status == GR_OK)
        status = gr_box_numbers_of(c.images, choose(cases, take, count, kind, score, &c), out, err);
    if (status == GR_OK) {
        out->ap = all.ap;
        out->ap50 = all.ap50;
        out->ap75 = all.ap75;
        out->voc = all.voc;
    }
    gr_free(c.images);
    gr_free(c.truths);
    gr_free(c.found);
    return status;
}

/* ---- a run ------------------------------------------------------------------------------------------------------------ */

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the results");
}

typedef struct number_of_fold {
    const gr_box_results *results;
    gr_box_metric metric;
} number_of_fold;

static double in_fold(const void *ctx, int fold)
{
    const number_of_fold *n = ctx;
    return gr_box_metric_of(&n->results->each[(size_t)fold * (size_t)n->results->kind_count], n->metric);
}

static gr_status fill(gr_results *r, const gr_box_predictions *p, gr_error *err)
{
    gr_box_results *b = r->boxes;
    bool *take = gr_alloc((size_t)p->count, sizeof *take);
    gr_status status = take != NULL ? GR_OK : no_memory(err);
    for (int f = 0; status == GR_OK && f <= r->fold_count; f++) {
        for (int64_t i = 0; i < p->count; i++)
            take[i] = f == r->fold_count || p->fold[i] == f;
        for (int k = 0; status == GR_OK && k < b->kind_count; k++)
            status = gr_box_numbers_of_kind(p->cases, take, p->count, k, p->score, &b->each[f * b->kind_count + k], err);
    }
    gr_free(take);
    for (int m = 0; status == GR_OK && m < GR_BOX_METRIC_COUNT; m++)
        gr_mean_over_folds(r->fold_count, in_fold, &(number_of_fold){b, (gr_box_metric)m}, &b->mean[m], &b->std[m]);
    return status;
}

gr_status gr_box_results_make(const char *name, const gr_box_predictions *p, gr_results *out, gr_error *err)
{
    size_t cells;
    *out = (gr_results){.fold_count = p->fold_count};
    gr_status status = gr_results_begin(name, p->folds, out, err);
    gr_box_results *b = out->boxes = gr_alloc(1, sizeof *b);
    bool good = b != NULL && gr_mul_size((size_t)p->fold_count + 1, (size_t)p->kind_count, &cells);
    if (good) {
        b->kind_count = p->kind_count;
        b->score = p->score;
        b->each = gr_alloc(cells, sizeof *b->each);
        good = b->each != NULL;
    }
    if (status == GR_OK)
        status = good ? gr_names_copy(p->kinds, p->kind_count, &b->kinds, err) : no_memory(err);
    if (status == GR_OK)
        status = fill(out, p, err);
    if (status != GR_OK)
        gr_results_free(out);
    return status;
}
