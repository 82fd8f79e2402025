/* Predictions from model files, probabilities of classes or places of landmarks: each model in turn sees all images, so that
 * any number of folds fits into memory. */
#include <string.h>

#include "grimace/train.h"
#include "learners/lbp_svm_models.h"
#include "learners/model_files.h"
#include "learners/landmark_targets.h"

enum { BATCH = 32 };

struct gr_predictor {
    gr_model_files files;
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

int gr_predictor_landmarks(const gr_predictor *p)
{
    return (int)p->files.card.model.landmarks;
}

/* ---- one model -------------------------------------------------------------------------------------------------------- */

typedef struct loaded {
    gr_network network;
    gr_workspace *workspace;
    gr_plan *full, *rest; /* BATCH images, and what remains */
} loaded;

static void unload(loaded *l)
{
    gr_plan_destroy(l->full);
    gr_plan_destroy(l->rest);
    gr_workspace_destroy(l->workspace);
    gr_network_destroy(&l->network);
}

/* What a model is for: [N, classes] or [N, 2 L]. */
static gr_value *predicted(const gr_model *model)
{
    return model->coordinates != NULL ? model->coordinates : model->probabilities;
}

static gr_status compile(loaded *l, int64_t batch, gr_plan **out, gr_error *err)
{
    const gr_value *keep[] = {predicted(l->network.model)};
    gr_plan_options options = {.batch = batch, .keep = keep, .keep_count = 1};
    return gr_plan_compile(l->network.model->graph, l->network.params, l->workspace, &options, out, err);
}

static gr_status load(const gr_predictor *p, int model, int64_t count, loaded *l, gr_error *err)
{
    *l = (loaded){0};
    gr_status status = gr_model_files_load(&p->files, model, &l->network, err);
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

/* Adds the numbers[n, row] of a batch to sums: probabilities as they are, coordinates as pixels of the images that they came
 * from. `back` [row] is scratch. */
static void add_batch(const gr_model *m, const float *numbers, const gr_origin *origins, int64_t n, size_t row, float *back,
                      double *sums)
{
    int side = (int)gr_value_shape(m->image).dim[1];
    for (int64_t i = 0; i < n; i++) {
        const float *from = numbers + (size_t)i * row;
        if (m->coordinates != NULL) {
            gr_points_back(&origins[i], side, from, (int)row / 2, back);
            from = back;
        }
        for (size_t k = 0; k < row; k++)
            sums[(size_t)i * row + k] += (double)from[k];
    }
}

/* Adds what the model predicts to sums[count, row]. */
static gr_status add_model(const loaded *l, gr_loader *loader, const int64_t *order, int64_t count, float *back, double *sums,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    const gr_model *m = l->network.model;
    gr_shape image = gr_value_shape(m->image), numbers = gr_value_shape(predicted(m));
    size_t pixels = (size_t)gr_shape_elements(&image), row = (size_t)gr_shape_elements(&numbers);
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
        memcpy(gr_plan_data(plan, m->image), batch, (size_t)n * pixels * sizeof(float));
        gr_plan_forward(plan, 0, 0);
        add_batch(m, gr_plan_data(plan, predicted(m)), gr_loader_origins(loader), n, row, back, sums + (size_t)done * row);
        done += n;
    }
    return status;
}

/* How many numbers a prediction is: there are classes or landmarks. */
static size_t row_of(const gr_predictor *p)
{
    return (size_t)(p->files.card.model.classes + 2 * p->files.card.model.landmarks);
}

static gr_status run_networks(const gr_predictor *p, gr_loader *loader, const int64_t *order, int64_t count,
                              float *predictions, const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t numbers = (size_t)count * row_of(p);
    float *back = gr_alloc(row_of(p), sizeof *back);
    double *sums = gr_alloc(numbers, sizeof *sums);
    gr_status status = sums != NULL && back != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int m = 0; status == GR_OK && m < p->files.count; m++) {
        loaded model;
        status = load(p, m, count, &model, err);
        if (status != GR_OK)
            break;
        status = add_model(&model, loader, order, count, back, sums, stop, err);
        unload(&model);
    }
    for (size_t i = 0; status == GR_OK && i < numbers; i++)
        predictions[i] = (float)(sums[i] / p->files.count);
    gr_free(back);
    gr_free(sums);
    return status;
}

/* ---- all models ------------------------------------------------------------------------------------------------------- */

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
    if (!gr_mul_size((size_t)count, row_of(p), &numbers))
        return gr_fail(err, GR_NOMEM, "no memory for so many predictions");
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    gr_loader *loader = NULL;
    gr_status status = order != NULL ? make_loader(p, samples, count, &loader, err)
                                     : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        order[i] = i;
    if (status == GR_OK)
        status = p->files.card.lbp != NULL ? gr_classic_predict(&p->files, loader, order, count, predictions, stop, err)
                                           : run_networks(p, loader, order, count, predictions, stop, err);
    gr_loader_destroy(loader);
    gr_free(order);
    return status;
}
