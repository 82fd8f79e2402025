/* Predictions of networks: each model in turn sees all images, so that any number of folds fits into memory. */
#include "learners/network_predict.h"

#include <string.h>

enum { BATCH = 32 };

typedef struct loaded {
    gr_network network;
    gr_card card;
    gr_workspace *workspace;
    gr_plan *full, *rest; /* BATCH images, and what remains */
} loaded;

static void unload(loaded *l)
{
    gr_plan_destroy(l->full);
    gr_plan_destroy(l->rest);
    gr_workspace_destroy(l->workspace);
    gr_network_destroy(&l->network);
    gr_card_free(&l->card);
}

static gr_status compile(loaded *l, int64_t batch, gr_plan **out, gr_error *err)
{
    const gr_value *keep[] = {l->network.model->answer};
    gr_plan_options options = {.batch = batch, .keep = keep, .keep_count = 1};
    return gr_plan_compile(l->network.model->graph, l->network.params, l->workspace, &options, out, err);
}

static gr_status load(const gr_model_files *files, int index, int64_t count, loaded *l, gr_error *err)
{
    *l = (loaded){0};
    gr_status status = gr_model_files_load(files, index, &l->network, &l->card, err);
    if (status == GR_OK && (l->workspace = gr_workspace_create()) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a model");
    if (status == GR_OK && count >= BATCH)
        status = compile(l, BATCH, &l->full, err);
    if (status == GR_OK && count % BATCH != 0)
        status = compile(l, count % BATCH, &l->rest, err);
    if (status != GR_OK)
        unload(l);
    return status;
}

/* Adds what the model predicts to sums[count, width]; one[width] is scratch. */
static gr_status add_model(const loaded *l, const gr_target *target, gr_loader *loader, const int64_t *order, int64_t count,
                           float *one, double *sums, const volatile sig_atomic_t *stop, gr_error *err)
{
    const gr_model *m = l->network.model;
    const gr_value *answer = m->answer;
    gr_shape image = gr_value_shape(m->image), numbers = gr_value_shape(answer);
    size_t pixels = (size_t)gr_shape_elements(&image), row = (size_t)gr_shape_elements(&numbers),
           width = target->width(&l->card);
    gr_status status = gr_loader_start(loader, 0, order, count, BATCH, false, err);
    for (int64_t done = 0; status == GR_OK && done < count;) {
        const float *batch;
        int64_t n = 0;
        if (stop != NULL && *stop)
            return gr_fail(err, GR_INTERRUPTED, "stopped before the predictions were done");
        status = gr_loader_next(loader, &batch, NULL, &n, err);
        if (status != GR_OK)
            break;
        gr_plan *plan = n == BATCH ? l->full : l->rest;
        const gr_origin *origins = gr_loader_origins(loader);
        memcpy(gr_plan_data(plan, m->image), batch, (size_t)n * pixels * sizeof(float));
        gr_plan_forward(plan, 0, 0);
        for (int64_t i = 0; i < n; i++) {
            target->read(&l->card, &numbers, &origins[i], gr_plan_data(plan, answer) + (size_t)i * row, one);
            for (size_t k = 0; k < width; k++)
                sums[(size_t)(done + i) * width + k] += (double)one[k];
        }
        done += n;
    }
    return status;
}

gr_status gr_network_predict(const gr_model_files *files, const gr_target *target, gr_loader *loader, const int64_t *order,
                             int64_t count, float *predictions, const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t width = target->width(&files->card), numbers = (size_t)count * width;
    float *one = gr_alloc(width, sizeof *one);
    double *sums = gr_alloc(numbers, sizeof *sums);
    gr_status status = sums != NULL && one != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int m = 0; status == GR_OK && m < files->count; m++) {
        loaded model;
        status = load(files, m, count, &model, err);
        if (status != GR_OK)
            break;
        status = add_model(&model, target, loader, order, count, one, sums, stop, err);
        unload(&model);
    }
    for (size_t i = 0; status == GR_OK && i < numbers; i++)
        predictions[i] = (float)(sums[i] / files->count);
    gr_free(one);
    gr_free(sums);
    return status;
}
