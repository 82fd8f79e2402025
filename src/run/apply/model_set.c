#include "run/apply/model_set.h"

#include "base/base.h"

gr_status gr_model_set_open(const char *path, gr_model_set *out, gr_error *err)
{
    *out = (gr_model_set){0};
    gr_status status = gr_model_files_open(path, &out->files, err);
    if (status == GR_OK)
        status = gr_learner_of(&out->files, &out->learner, err);
    if (status == GR_OK) {
        out->task = gr_task_find(out->files.card.task, out->files.card.label_count > 1);
        if (out->task == NULL)
            status = gr_fail(err, GR_INVALID, "%s: is a model for %.40s, a task of another version", path,
                             out->files.card.task);
    }
    if (status == GR_OK)
        status = gr_image_cache_create(0, &out->cache, err);
    if (status != GR_OK)
        gr_model_set_close(out);
    return status;
}

gr_status gr_model_set_forget(gr_model_set *set, gr_error *err)
{
    gr_image_cache_destroy(set->cache);
    set->cache = NULL;
    return gr_image_cache_create(1, &set->cache, err);
}

void gr_model_set_close(gr_model_set *set)
{
    gr_image_cache_destroy(set->cache);
    gr_model_files_close(&set->files);
    *set = (gr_model_set){0};
}

gr_status gr_model_set_loader(const gr_model_set *set, const gr_cutter *cutter, const gr_sample *samples, int64_t count,
                              bool tolerant, gr_loader **out, gr_error *err)
{
    const gr_card *card = &set->files.card;
    gr_loader_options options = {.samples = samples,
                                 .count = count,
                                 .size = (int)card->model.size,
                                 .channels = (int)card->model.channels,
                                 .transforms = card->transforms,
                                 .transform_count = card->transform_count,
                                 .transforms_key = "the model's transforms",
                                 .cutter = cutter,
                                 .cache = set->cache,
                                 .fast_dct = card->fast_dct,
                                 .tolerant = tolerant};
    for (int c = 0; c < 3; c++) {
        options.mean[c] = (float)card->mean[c];
        options.std[c] = (float)card->std[c];
    }
    return gr_loader_create(&options, out, err);
}
