/* What learners do with a cohort whatever they learn: loaders, and a look at every image. */
#include "learners/cohort.h"

#include <string.h>

void gr_cohort_close(gr_cohort *e)
{
    if (!e->shared_cache)
        gr_image_cache_destroy(e->cache);
    if (e->close_cut != NULL)
        e->close_cut(e->cut);
    gr_arena_destroy(e->texts);
    gr_free(e->samples);
    gr_free(e->weights);
    gr_free(e->found);
    gr_split_free(&e->made);
    gr_manifest_free(&e->manifest);
    *e = (gr_cohort){0};
}

gr_card_crop gr_cohort_crop(const gr_cohort *e)
{
    const gr_recipe_data *d = &e->recipe.data;
    return e->cutter != NULL ? (gr_card_crop){d->crop, d->crop_margin, d->crop_square, e->cutter->key} : (gr_card_crop){0};
}

gr_card_guide gr_cohort_guide(const gr_cohort *e)
{
    const char *run = e->found != NULL ? e->recipe.data.landmarks_from : NULL;
    return (gr_card_guide){.upright = e->upright, .run = run, .key = run != NULL ? e->found_key : 0};
}

gr_status gr_cohort_loader(const gr_cohort *e, bool training, gr_loader **out, gr_error *err)
{
    const gr_recipe *recipe = &e->recipe;
    const gr_transforms *transforms = training ? &recipe->data.train_transforms : &recipe->data.eval_transforms;
    const char *key = training ? "data.train_transforms" : "data.eval_transforms";
    gr_loader_options options = {.samples = e->samples,
                                 .count = e->manifest.rows * e->copies,
                                 .size = recipe->data.image.size,
                                 .channels = recipe->data.image.channels,
                                 .transforms = transforms->items,
                                 .transform_count = transforms->count,
                                 .transforms_key = key,
                                 .cutter = e->cutter,
                                 .fast_dct = strcmp(recipe->data.jpeg_dct, "fast") == 0,
                                 .seed = recipe->seed,
                                 .cache = e->cache,
                                 .threads = recipe->data.workers};
    for (int c = 0; c < 3; c++) {
        options.mean[c] = (float)recipe->data.image.mean[c];
        options.std[c] = (float)recipe->data.image.std[c];
    }
    gr_status status = gr_loader_create(&options, out, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s", recipe->where(recipe->source, key));
    return status;
}

/* One pass over rows[count]; of the pixels, only where landmarks lie in them is looked at. */
static gr_status check_pass(const gr_cohort *e, bool training, const int64_t *rows, int64_t count, const gr_hooks *hooks,
                            gr_error *err)
{
    gr_loader *loader = NULL;
    gr_status status = gr_cohort_loader(e, training, &loader, err);
    if (status == GR_OK)
        status = gr_loader_start(loader, 0, rows, count, 16, false, err);
    int64_t done = 0, n = 0;
    while (status == GR_OK && done < count) {
        if (gr_hooks_stopped(hooks))
            status = gr_fail(err, GR_INTERRUPTED, "stopped before training began");
        else
            status = gr_loader_next(loader, NULL, NULL, &n, err);
        const gr_origin *origins = gr_loader_origins(loader);
        for (int64_t i = 0; status == GR_OK && e->points.count > 0 && i < n; i++)
            status = gr_landmark_targets_check(&e->points, rows[done + i], &origins[i], err);
        done += n;
        if (status == GR_OK)
            gr_hooks_tell(hooks, &(gr_event){.kind = GR_EVENT_CHECKING, .step = done, .steps = count});
    }
    gr_loader_destroy(loader);
    return status;
}

gr_status gr_cohort_check_images(const gr_cohort *e, const bool *evaluation, const bool *training, const gr_hooks *hooks,
                                 gr_error *err)
{
    const gr_transforms *list = &e->recipe.data.train_transforms;
    /* What decodes can be resized to any size: then the training part's road holds nothing new. */
    bool resized = list->count > 0 && list->items[0].kind == GR_TRANSFORM_RESIZE;
    int64_t *rows = gr_alloc((size_t)e->manifest.rows, sizeof *rows);
    if (rows == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)e->manifest.rows);
    gr_status status = GR_OK;
    for (int pass = 0; status == GR_OK && pass < (resized ? 1 : 2); pass++) {
        const bool *known = pass == 1 ? training : evaluation;
        int64_t count = 0;
        for (int64_t r = 0; r < e->manifest.rows; r++) {
            bool used = false;
            for (int f = 0; !used && f < e->split.fold_count; f++) {
                gr_part part = gr_fold_part(&e->split.folds[f], r);
                used = pass == 1 ? part == GR_PART_TRAIN : part != GR_PART_NONE;
            }
            if (used && (known == NULL || !known[r]))
                rows[count++] = r;
        }
        status = check_pass(e, pass == 1, rows, count, hooks, err);
    }
    gr_free(rows);
    return status;
}
