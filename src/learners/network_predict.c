/* Predictions of networks: each model in turn sees all images, so that any number of folds fits into memory. */
#include "learners/network_predict.h"

#include <string.h>

#include "base/files.h"
#include "base/parallel_copy.h"
#include "base/threads.h"
#include "learners/framing.h"
#include "learners/likeness.h"
#include "learners/views.h"

enum { BATCH = 32 };

typedef struct loaded {
    gr_network network;
    gr_card card;
    gr_workspace *workspace;
    gr_plan *full, *rest; /* BATCH images, and what remains */
    gr_likeness likeness, framing; /* n is 0 where it is not asked for, or not known */
    /* For each thread, of an image: */
    int64_t most;    /* the wider one's width, */
    float *features; /* so many of them, */
    float *grey;     /* its pixels, */
    size_t room;     /* and what a distance needs: */
    double *scratch; /* so many numbers */
} loaded;

static void unload(loaded *l)
{
    gr_plan_destroy(l->full);
    gr_plan_destroy(l->rest);
    gr_workspace_destroy(l->workspace);
    gr_likeness_free(&l->likeness);
    gr_likeness_free(&l->framing);
    gr_free(l->features);
    gr_free(l->grey);
    gr_free(l->scratch);
    gr_network_destroy(&l->network);
    gr_card_free(&l->card);
}

static gr_status compile(loaded *l, int64_t batch, gr_plan **out, gr_error *err)
{
    const gr_value *keep[] = {l->network.model->answer, l->network.model->head_input};
    gr_plan_options options = {.batch = batch, .keep = keep, .keep_count = l->likeness.n > 0 ? 2 : 1};
    return gr_plan_compile(l->network.model->graph, l->network.params, l->workspace, &options, out, err);
}

/* Runs of older versions, and models that lie alone, have none: then it stays empty. */
static gr_status load_one(const char *model, const char *name, int64_t width, gr_likeness *out, gr_error *err)
{
    const char *slash = strrchr(model, '/');
    gr_text beside = {0};
    gr_text_printf(&beside, "%.*s%s", slash != NULL ? (int)(slash + 1 - model) : 0, model, name);
    gr_status status = beside.failed ? gr_fail(err, GR_NOMEM, "no memory for a path") : GR_OK;
    if (status == GR_OK && gr_path_exists(beside.data)) {
        status = gr_likeness_read(beside.data, out, err);
        if (status == GR_OK && out->width != width)
            status = gr_fail(err, GR_INVALID, "%s: is of another model: it has %lld features, and %s has %lld", beside.data,
                             (long long)out->width, model, (long long)width);
    }
    gr_text_free(&beside);
    return status;
}

static gr_status load_likeness(const char *path, loaded *l, gr_error *err)
{
    gr_shape map = gr_value_shape(l->network.model->head_input), image = gr_value_shape(l->network.model->image);
    int64_t width = map.dim[map.rank - 1];
    size_t threads = (size_t)gr_threads_get(), features, grey, scratch;
    gr_status status = load_one(path, GR_LIKENESS_FILE, width, &l->likeness, err);
    if (status == GR_OK)
        status = load_one(path, GR_FRAMING_FILE, GR_FRAMING_WIDTH, &l->framing, err);
    if (status != GR_OK)
        return status;
    l->most = width > GR_FRAMING_WIDTH ? width : GR_FRAMING_WIDTH;
    l->room = gr_likeness_scratch(&l->likeness);
    l->room = gr_likeness_scratch(&l->framing) > l->room ? gr_likeness_scratch(&l->framing) : l->room;
    if (gr_mul_size(threads, (size_t)l->most, &features) && gr_mul_size(threads, (size_t)(image.dim[1] * image.dim[2]), &grey) &&
        gr_mul_size(threads, l->room, &scratch)) {
        l->features = gr_alloc(features, sizeof *l->features);
        l->grey = gr_alloc(grey, sizeof *l->grey);
        l->scratch = gr_alloc(scratch, sizeof *l->scratch);
    }
    return l->features != NULL && l->grey != NULL && l->scratch != NULL
               ? GR_OK
               : gr_fail(err, GR_NOMEM, "no memory for the features of an image");
}

static gr_status load(const gr_model_files *files, int index, int64_t count, loaded *l, gr_error *err)
{
    *l = (loaded){0};
    gr_status status = gr_model_files_load(files, index, &l->network, &l->card, err);
    if (status == GR_OK && (l->workspace = gr_workspace_create()) == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for a model");
    bool featured = status == GR_OK && l->network.model->head_input != NULL; /* else there is no one map to be judged by */
    if (featured && status == GR_OK && files->strange != NULL)
        status = load_likeness(files->paths[index], l, err);
    if (status == GR_OK && count >= BATCH)
        status = compile(l, BATCH, &l->full, err);
    if (status == GR_OK && count % BATCH != 0)
        status = compile(l, count % BATCH, &l->rest, err);
    if (status != GR_OK)
        unload(l);
    return status;
}

/* Adds the plan's answers of n images to sums[n, width]; one[width] is scratch. */
static void add_answers(const loaded *l, const gr_target *target, gr_plan *plan, const gr_origin *origins, int64_t n, float *one,
                        double *sums)
{
    const gr_value *answer = l->network.model->answer;
    gr_shape numbers = gr_value_shape(answer);
    size_t row = (size_t)gr_shape_elements(&numbers), width = target->width(&l->card);
    gr_plan_forward(plan, 0, 0);
    for (int64_t i = 0; i < n; i++) {
        target->read(&l->card, &numbers, &origins[i], gr_plan_data(plan, answer) + (size_t)i * row, one);
        for (size_t k = 0; k < width; k++)
            sums[(size_t)i * width + k] += (double)one[k];
    }
}

/* A batch that is judged. */
typedef struct judging {
    const loaded *l;
    const float *maps, *pixels; /* [n], of the plan's last pass */
    const int64_t *indices;
    gr_strange *strange;
} judging;

static void judge_image(void *ctx, int64_t i, int thread)
{
    const judging *j = ctx;
    const loaded *l = j->l;
    gr_shape image = gr_value_shape(l->network.model->image);
    int64_t pixels = gr_shape_elements(&image);
    float *features = l->features + thread * l->most, *grey = l->grey + thread * image.dim[1] * image.dim[2];
    double *scratch = l->scratch + (size_t)thread * l->room;
    gr_strange *strange = &j->strange[j->indices[i]];
    if (l->likeness.n > 0) {
        gr_shape map = gr_value_shape(l->network.model->head_input);
        int64_t numbers = gr_shape_elements(&map), width = l->likeness.width;
        gr_likeness_pool(j->maps + i * numbers, numbers / width, width, features);
        strange->judged++;
        strange->unlike += gr_likeness_distance(&l->likeness, features, scratch) > l->likeness.limit;
    }
    if (l->framing.n > 0) {
        gr_framing_make(j->pixels + i * pixels, image.dim[1], image.dim[3], grey, features);
        strange->framed++;
        strange->uncut += gr_likeness_distance(&l->framing, features, scratch) > l->framing.limit;
    }
}

/* Adds whether the n images of `plan`'s last pass are unlike those that the model trained on, and cut otherwise. */
static void judge(const loaded *l, const gr_plan *plan, const float *batch, const int64_t *indices, int64_t n, gr_strange *strange)
{
    judging j = {l, l->likeness.n > 0 ? gr_plan_data(plan, l->network.model->head_input) : NULL, batch, indices, strange};
    gr_parallel_for(n, judge_image, &j);
}

/* Adds what the model predicts of the images of the loader's pass, over all views of each, to sums[count, width]; one[width] is
 * scratch. */
static gr_status add_model(loaded *l, const gr_target *target, gr_loader *loader, int64_t count, gr_strange *strange, float *one,
                           double *sums, const volatile sig_atomic_t *stop, gr_error *err)
{
    const gr_card *card = &l->card;
    gr_shape image = gr_value_shape(l->network.model->image);
    size_t pixels = (size_t)gr_shape_elements(&image), width = target->width(card);
    gr_status status = GR_OK;
    for (int64_t done = 0; status == GR_OK && done < count;) {
        const float *batch;
        const int64_t *indices;
        int64_t n = 0;
        if (stop != NULL && *stop)
            return gr_fail(err, GR_INTERRUPTED, "stopped before the predictions were done");
        status = gr_loader_next(loader, &batch, &indices, &n, err);
        if (status != GR_OK)
            break;
        gr_plan *plan = n == BATCH ? l->full : l->rest;
        const gr_origin *origins = gr_loader_origins(loader);
        double *to = sums + (size_t)done * width;
        gr_parallel_copy(gr_plan_data(plan, l->network.model->image), batch, n, pixels * sizeof *batch);
        add_answers(l, target, plan, origins, n, one, to);
        if (l->likeness.n > 0 || l->framing.n > 0)
            judge(l, plan, batch, indices, n, strange);
        for (int v = 0; v < card->tta.count; v++) {
            gr_view_make(gr_view_find(card->tta.items[v]), batch, n, card->model.size, card->model.channels,
                         gr_plan_data(plan, l->network.model->image));
            add_answers(l, target, plan, origins, n, one, to);
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
        status = gr_loader_start(loader, 0, order, count, BATCH, false, err); /* images are read while the model is */
        if (status == GR_OK)
            status = load(files, m, count, &model, err);
        if (status != GR_OK)
            break;
        status = add_model(&model, target, loader, count, files->strange, one, sums, stop, err);
        unload(&model);
    }
    for (size_t i = 0; status == GR_OK && i < numbers; i++)
        predictions[i] = (float)(sums[i] / (files->count * (1.0 + files->card.tta.count)));
    gr_free(one);
    gr_free(sums);
    return status;
}
