#include "fitting/cascade_fit.h"

#include <string.h>

#include "base/base.h"

typedef struct fitting {
    const gr_fit_pictures *pictures;
    const gr_cascade_plan *plan;
    gr_stage_done *done;
    void *ctx;
    gr_patches positives; /* all */
    gr_cascade_feature *features;
    int64_t feature_count;
} fitting;

static bool tilted(const fitting *f)
{
    return f->plan->kind == GR_CASCADE_HAAR && f->plan->haar == GR_HAAR_ALL;
}

/* GIVES the positives that all stages so far let through. */
static gr_status passing(const fitting *f, const gr_cascade *c, gr_patches *out, gr_error *err)
{
    const gr_patches *all = &f->positives;
    size_t size = (size_t)all->width * (size_t)all->height;
    gr_patches none = {.width = all->width, .height = all->height};
    gr_samples samples = {0};
    bool *pass = gr_alloc((size_t)all->count, sizeof *pass);
    *out = none;
    out->pixels = gr_alloc((size_t)all->count, size);
    gr_status status = GR_OK;
    if (pass == NULL || out->pixels == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for %lld boxes", (long long)all->count);
    if (status == GR_OK)
        status = gr_samples_make(c->kind, tilted(f), all, &none, &samples, err);
    for (int64_t i = 0; status == GR_OK && i < all->count; i++)
        pass[i] = true;
    if (status == GR_OK)
        status = gr_samples_pass(&samples, c, 0, pass, NULL, err);
    for (int64_t i = 0; status == GR_OK && i < all->count; i++)
        if (pass[i])
            memcpy(out->pixels + size * (size_t)out->count++, all->pixels + size * (size_t)i, size);
    gr_samples_free(&samples);
    gr_free(pass);
    if (status != GR_OK)
        gr_patches_free(out);
    return status;
}

static gr_status harvest(const fitting *f, const gr_cascade *c, gr_patches *out, gr_harvest_count *count, gr_error *err)
{
    gr_harvest_options options = f->plan->negatives;
    options.seed = f->plan->window.seed;
    options.round = (int)c->stage_count;
    return gr_harvest(f->pictures, c, &options, out, count, err);
}

static gr_status boost(const fitting *f, const gr_patches *positives, const gr_patches *negatives, gr_cascade *c,
                       gr_boosted *out, gr_error *err)
{
    gr_samples samples = {0};
    gr_status status = gr_samples_make(c->kind, tilted(f), positives, negatives, &samples, err);
    if (status == GR_OK)
        status = gr_boost_stage(&samples, f->features, f->feature_count, &f->plan->boost, c, out, err);
    gr_samples_free(&samples);
    return status;
}

/* *more: was there something left to learn? */
static gr_status add_stage(const fitting *f, gr_cascade *c, bool *more, gr_error *err)
{
    gr_patches positives = {0}, negatives = {0};
    gr_stage_report report = {.stage = c->stage_count};
    double began = gr_seconds();
    gr_status status = passing(f, c, &positives, err);
    if (status == GR_OK && positives.count == 0)
        status = gr_fail(err, GR_INVALID, "there is no box with any contrast to learn from");
    if (status == GR_OK)
        status = harvest(f, c, &negatives, &report.windows, err);
    *more = negatives.count >= GR_FEW_NEGATIVES;
    if (status == GR_OK && !*more && c->stage_count == 0)
        status = gr_fail(err, GR_INVALID,
                         "the pictures have %lld windows of %d x %d beside the boxes, at least %d would be right: larger "
                         "pictures, or some without a face",
                         (long long)negatives.count, c->width, c->height, GR_FEW_NEGATIVES);
    double searched = gr_seconds();
    if (status == GR_OK && *more)
        status = boost(f, &positives, &negatives, c, &report.boosted, err);
    report.positives = positives.count;
    report.negatives = negatives.count;
    report.searching = searched - began;
    report.boosting = gr_seconds() - searched;
    gr_patches_free(&positives);
    gr_patches_free(&negatives);
    return status == GR_OK && *more ? f->done(f->ctx, c, &report, err) : status;
}

gr_status gr_cascade_fit(const gr_fit_pictures *pictures, const gr_cascade_plan *plan, gr_stage_done *done, void *ctx,
                         gr_cascade *c, gr_error *err)
{
    fitting f = {.pictures = pictures, .plan = plan, .done = done, .ctx = ctx};
    c->kind = plan->kind;
    c->width = plan->window.width;
    c->height = plan->window.height;
    if (pictures->first[pictures->count] == 0)
        return gr_fail(err, GR_INVALID, "there is no box to learn from");
    gr_status status = gr_patches_of_boxes(pictures, &plan->window, &f.positives, err);
    if (status == GR_OK)
        status = gr_features_list(plan->kind, plan->haar, c->width, c->height, &f.features, &f.feature_count, err);
    for (bool more = true; status == GR_OK && more && c->stage_count < plan->stages;)
        status = add_stage(&f, c, &more, err);
    gr_patches_free(&f.positives);
    gr_free(f.features);
    return status;
}
