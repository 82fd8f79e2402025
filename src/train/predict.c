/* Predictions from model files: each model in turn sees all images, so that any number of folds fits into memory. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "grimace/train.h"
#include "network.h"

enum { BATCH = 32 };

struct gr_predictor {
    gr_arena *arena;
    char **paths; /* of model files, in the byte order of their folds */
    int path_count;
    gr_card card; /* of the first; the others are the same */
    gr_image_cache *cache;
};

/* ---- opening ----------------------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static gr_status add_path(gr_predictor *p, const char *path, gr_error *err)
{
    char **paths = gr_realloc(p->paths, (size_t)p->path_count + 1, sizeof *paths);
    if (paths == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the list of models");
    p->paths = paths;
    paths[p->path_count] = gr_arena_strdup(p->arena, path);
    return paths[p->path_count++] != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the list of models");
}

/* RUN/fold-NAME/model.safetensors, for every fold that has one. */
static gr_status list_models(gr_predictor *p, const char *run, gr_error *err)
{
    DIR *folder = opendir(run);
    if (folder == NULL)
        return gr_fail(err, GR_INVALID, "%s: the folder cannot be read: %s", run, strerror(errno));
    gr_status status = GR_OK;
    for (struct dirent *entry; status == GR_OK && (entry = readdir(folder)) != NULL;) {
        if (!gr_starts_with(entry->d_name, "fold-"))
            continue;
        char *path = gr_arena_printf(p->arena, "%s/%s/model.safetensors", run, entry->d_name);
        if (path == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for the list of models");
        else if (gr_path_exists(path))
            status = add_path(p, path, err);
    }
    closedir(folder);
    if (status == GR_OK && p->path_count == 0)
        status = gr_fail(err, GR_INVALID, "%s: holds no fold-NAME/model.safetensors: no fold of this run is finished", run);
    if (status == GR_OK)
        qsort(p->paths, (size_t)p->path_count, sizeof *p->paths, by_name);
    return status;
}

gr_status gr_predictor_open(const char *path, gr_predictor **out, gr_error *err)
{
    *out = NULL;
    gr_predictor *p = gr_alloc(1, sizeof *p);
    if (p == NULL || (p->arena = gr_arena_create()) == NULL) {
        gr_free(p);
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    }
    gr_status status = gr_is_folder(path) ? list_models(p, path, err) : add_path(p, path, err);
    gr_weights *weights = NULL;
    if (status == GR_OK)
        status = gr_weights_read(p->paths[0], &weights, err);
    if (status == GR_OK)
        status = gr_card_read(weights, p->paths[0], &p->card, err);
    gr_weights_destroy(weights);
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
    gr_card_free(&p->card);
    gr_free(p->paths);
    gr_arena_destroy(p->arena);
    gr_free(p);
}

const char *const *gr_predictor_classes(const gr_predictor *p, int *count)
{
    *count = (int)p->card.model.classes;
    return p->card.classes;
}

int gr_predictor_models(const gr_predictor *p)
{
    return p->path_count;
}

/* ---- one model --------------------------------------------------------------------------------------------------------------- */

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

/* A model file must fill the whole network; gr_model_import alone would be content with a part. */
static gr_status check_complete(const gr_network *network, const gr_weights *weights, const char *path, gr_error *err)
{
    gr_weights *whole = NULL;
    gr_status status = gr_model_export(network->model, network->params, &whole, err);
    for (int i = 0; status == GR_OK && i < gr_weights_count(whole); i++) {
        const char *name = gr_weights_name(whole, i);
        const gr_tensor *have = gr_weights_find(weights, name), *want = gr_weights_at(whole, i);
        char text[GR_SHAPE_TEXT];
        if (have == NULL || !gr_shape_equal(&have->shape, &want->shape))
            status = gr_fail(err, GR_INVALID, "%s: has no tensor %s of shape %s, which its architecture needs", path, name,
                             gr_shape_text(&want->shape, text));
    }
    gr_weights_destroy(whole);
    return status;
}

static gr_status same_card(const gr_predictor *p, const gr_weights *weights, const char *path, gr_error *err)
{
    gr_card card;
    gr_status status = gr_card_read(weights, path, &card, err);
    if (status != GR_OK)
        return status;
    const gr_card *first = &p->card;
    bool same = strcmp(card.model.backbone, first->model.backbone) == 0 && strcmp(card.model.head, first->model.head) == 0 &&
                card.model.size == first->model.size && card.model.channels == first->model.channels &&
                card.model.classes == first->model.classes && card.transform_count == first->transform_count &&
                memcmp(card.mean, first->mean, sizeof card.mean) == 0 && memcmp(card.std, first->std, sizeof card.std) == 0;
    const gr_mlp_options *mlp = &card.model.mlp, *other = &first->model.mlp;
    same = same && card.model.landmarks == first->model.landmarks && mlp->hidden_count == other->hidden_count;
    for (int i = 0; same && i < mlp->hidden_count; i++)
        same = mlp->hidden[i] == other->hidden[i];
    for (int64_t c = 0; same && c < card.model.classes; c++)
        same = strcmp(card.classes[c], first->classes[c]) == 0;
    for (int t = 0; same && t < card.transform_count; t++)
        same = card.transforms[t].kind == first->transforms[t].kind && card.transforms[t].a == first->transforms[t].a &&
               card.transforms[t].b == first->transforms[t].b;
    gr_card_free(&card);
    return same ? GR_OK : gr_fail(err, GR_INVALID, "%s: is another kind of model than %s, so their predictions cannot be "
                                  "averaged", path, p->paths[0]);
}

static gr_status compile(loaded *l, int64_t batch, gr_plan **out, gr_error *err)
{
    const gr_value *keep[] = {l->network.model->probabilities};
    gr_plan_options options = {.batch = batch, .keep = keep, .keep_count = 1};
    return gr_plan_compile(l->network.model->graph, l->network.params, l->workspace, &options, out, err);
}

static gr_status load(const gr_predictor *p, const char *path, int64_t count, loaded *l, gr_error *err)
{
    gr_weights *weights = NULL;
    *l = (loaded){0};
    gr_status status = gr_weights_read(path, &weights, err);
    if (status == GR_OK)
        status = same_card(p, weights, path, err);
    if (status == GR_OK) {
        status = gr_model_create(&p->card.model, &l->network.model, err);
        if (status == GR_OK)
            status = gr_params_create(l->network.model->graph, 0, false, &l->network.params, err);
        if (status == GR_OK)
            status = check_complete(&l->network, weights, path, err);
        if (status == GR_OK)
            status = gr_model_import(l->network.model, l->network.params, weights, NULL, NULL, err);
        if (status == GR_INVALID)
            gr_error_prefix(err, "%s", path);
    }
    gr_weights_destroy(weights);
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

/* Adds the model's probabilities to sums[count, classes]. */
static gr_status add_model(const loaded *l, gr_loader *loader, const int64_t *order, int64_t count, double *sums,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    const gr_model *m = l->network.model;
    gr_shape image = gr_value_shape(m->image), row = gr_value_shape(m->probabilities);
    size_t pixels = (size_t)gr_shape_elements(&image), classes = (size_t)gr_shape_elements(&row);
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
        const float *p = gr_plan_data(plan, m->probabilities);
        for (size_t i = 0; i < (size_t)n * classes; i++)
            sums[(size_t)done * classes + i] += (double)p[i];
        done += n;
    }
    return status;
}

/* ---- all models -------------------------------------------------------------------------------------------------------------- */

static gr_status make_loader(const gr_predictor *p, const gr_sample *samples, int64_t count, gr_loader **out, gr_error *err)
{
    gr_loader_options options = {.samples = samples,
                                 .count = count,
                                 .size = (int)p->card.model.size,
                                 .channels = (int)p->card.model.channels,
                                 .transforms = p->card.transforms,
                                 .transform_count = p->card.transform_count,
                                 .transforms_key = "the model's transforms",
                                 .cache = p->cache};
    for (int c = 0; c < 3; c++) {
        options.mean[c] = (float)p->card.mean[c];
        options.std[c] = (float)p->card.std[c];
    }
    return gr_loader_create(&options, out, err);
}

gr_status gr_predictor_run(gr_predictor *p, const gr_sample *samples, int64_t count, float *probabilities,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    size_t numbers;
    if (!gr_mul_size((size_t)count, (size_t)p->card.model.classes, &numbers))
        return gr_fail(err, GR_NOMEM, "no memory for so many predictions");
    double *sums = gr_alloc(numbers, sizeof *sums);
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    gr_loader *loader = NULL;
    gr_status status = sums != NULL && order != NULL ? make_loader(p, samples, count, &loader, err)
                                                     : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        order[i] = i;
    for (int m = 0; status == GR_OK && m < p->path_count; m++) {
        loaded model;
        status = load(p, p->paths[m], count, &model, err);
        if (status != GR_OK)
            break;
        status = add_model(&model, loader, order, count, sums, stop, err);
        unload(&model);
    }
    for (size_t i = 0; status == GR_OK && i < numbers; i++)
        probabilities[i] = (float)(sums[i] / p->path_count);
    gr_loader_destroy(loader);
    gr_free(order);
    gr_free(sums);
    return status;
}
