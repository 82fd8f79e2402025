/* Predictions from model files: the learner that wrote them says what it makes of images, their task how that reads. */
#include "grimace/train.h"
#include "learners/learner.h"
#include "run/tasks/task.h"

struct gr_predictor {
    gr_model_files files;
    const gr_learner *learner;
    const gr_task *task;
    gr_image_cache *cache;
};

gr_status gr_predictor_open(const char *path, gr_predictor **out, gr_error *err)
{
    *out = NULL;
    gr_predictor *p = gr_alloc(1, sizeof *p);
    if (p == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    gr_status status = gr_model_files_open(path, &p->files, err);
    if (status == GR_OK)
        status = gr_learner_of(&p->files, &p->learner, err);
    if (status == GR_OK) {
        p->task = gr_task_find(p->files.card.task, p->files.card.label_count > 1);
        if (p->task == NULL)
            status = gr_fail(err, GR_INVALID, "%s: is a model for %.40s, a task of another version", path, p->files.card.task);
    }
    if (status == GR_OK)
        status = gr_image_cache_create(0, &p->cache, err);
    if (status != GR_OK) {
        gr_predictor_close(p);
        return status;
    }
    *out = p;
    return GR_OK;
}

void gr_predictor_close(gr_predictor *p)
{
    if (p == NULL)
        return;
    gr_image_cache_destroy(p->cache);
    gr_model_files_close(&p->files);
    gr_free(p);
}

const char *const *gr_predictor_classes(const gr_predictor *p, int *count)
{
    *count = (int)p->files.card.model.classes;
    return p->files.card.classes;
}

size_t gr_predictor_width(const gr_predictor *p)
{
    return p->task->target.width(&p->files.card);
}

void gr_predictor_csv(const gr_predictor *p, const char *const *images, int64_t count, const float *predictions, gr_text *out)
{
    const gr_answers answers = {.card = &p->files.card, .count = count, .images = images, .predictions = predictions};
    p->task->answer(&answers, out);
}

static gr_status make_loader(const gr_predictor *p, const gr_sample *samples, int64_t count, gr_loader **out, gr_error *err)
{
    gr_loader_options options = {.samples = samples,
                                 .count = count,
                                 .size = (int)p->files.card.model.size,
                                 .channels = (int)p->files.card.model.channels,
                                 .transforms = p->files.card.transforms,
                                 .transform_count = p->files.card.transform_count,
                                 .transforms_key = "the model's transforms",
                                 .cache = p->cache};
    for (int c = 0; c < 3; c++) {
        options.mean[c] = (float)p->files.card.mean[c];
        options.std[c] = (float)p->files.card.std[c];
    }
    return gr_loader_create(&options, out, err);
}

gr_status gr_predictor_run(gr_predictor *p, const gr_sample *samples, int64_t count, float *predictions,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t numbers;
    if (!gr_mul_size((size_t)count, gr_predictor_width(p), &numbers))
        return gr_fail(err, GR_NOMEM, "no memory for so many predictions");
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    gr_loader *loader = NULL;
    gr_status status = order != NULL ? make_loader(p, samples, count, &loader, err)
                                     : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        order[i] = i;
    if (status == GR_OK)
        status = p->learner->predict(&p->files, &p->task->target, loader, order, count, predictions, stop, err);
    gr_loader_destroy(loader);
    gr_free(order);
    return status;
}
