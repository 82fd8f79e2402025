/* Explaining: which model explains which image, one after another. A picture that one model explains goes straight through;
 * one that several do waits, with a few dozen others, until each of them has had its turn. */
#include "explain/explainer.h"

#include <math.h>
#include <string.h>

#include "explain/maps.h"

enum { CHUNK = 64, FOLD_MAX = 256 };

struct gr_explainer {
    gr_model_files files;
    const gr_task *task;
    gr_aim aim;
    gr_explain_options options;
    const gr_method **methods;
    gr_tested *tested; /* of a run */
    const char **folds; /* [files.count], their names; of a run */
};

/* A pass of samples through a loader; what models found is added up over them where several explain one image. */
typedef struct work {
    gr_explainer *e;
    const gr_sample *samples;
    gr_loader *loader;
    gr_explained each;
    void *ctx;
    const volatile sig_atomic_t *stop;
    float *map; /* [S, S] */
    gr_image picture;
    /* of several models: */
    int models, model;     /* how many, and which */
    float *decided, *mean; /* [CHUNK, answers] */
    float **sums;          /* [methods][CHUNK * numbers] */
    gr_found *found;       /* [methods, CHUNK] */
    double *sum, *gap;     /* likewise */
    bool settled;          /* `decided` is no guess */
    int64_t *again, again_count;
} work;

/* ---- opening ------------------------------------------------------------------------------------------------------------------ */

static gr_status unknown_method(const char *name, gr_error *err)
{
    const char *names[64];
    size_t count = 0;
    for (const char *known; count < 64 && (known = gr_explain_method_name((int)count)) != NULL; count++)
        names[count] = known;
    gr_text list = {0};
    gr_text_list(&list, names, count, "or");
    gr_status status = gr_fail(err, GR_INVALID, "--method: there is no method \"%.80s\"; %s would be right", name,
                               list.data != NULL ? list.data : "");
    gr_text_free(&list);
    return status;
}

static gr_status find_methods(gr_explainer *e, gr_error *err)
{
    const gr_explain_options *o = &e->options;
    if (o->method_count < 1)
        return gr_fail(err, GR_INVALID, "--method: no method is named");
    if ((e->methods = gr_alloc((size_t)o->method_count, sizeof *e->methods)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the methods");
    for (int m = 0; m < o->method_count; m++) {
        if ((e->methods[m] = gr_method_find(o->methods[m])) == NULL)
            return unknown_method(o->methods[m], err);
        for (int k = 0; k < m; k++)
            if (e->methods[k] == e->methods[m])
                return gr_fail(err, GR_INVALID, "--method: %s is named twice, once would be right", o->methods[m]);
    }
    return gr_method_check_options(e->methods, o->method_count, o, err);
}

/* "RUN/fold-NAME/model.safetensors" -> NAME. */
static gr_status name_folds(gr_explainer *e, gr_error *err)
{
    e->folds = gr_alloc((size_t)e->files.count, sizeof *e->folds);
    for (int i = 0; e->folds != NULL && i < e->files.count; i++) {
        const char *end = strrchr(e->files.paths[i], '/'), *start = end;
        while (start > e->files.paths[i] && start[-1] != '/')
            start--;
        start += strlen("fold-");
        e->folds[i] = gr_arena_strndup(e->files.arena, start, (size_t)(end - start));
        if (e->folds[i] == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for the names of folds");
    }
    return e->folds != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the names of folds");
}

/* Opens the first model for one image, to find what is wrong before any image is read. */
static gr_status try_methods(gr_explainer *e, gr_error *err)
{
    gr_crew crew;
    gr_status status = gr_crew_open(&e->files, 0, &e->aim, e->methods, e->options.method_count, &e->options, 1, &crew, err);
    if (status == GR_OK)
        gr_crew_close(&crew);
    return status;
}

gr_status gr_explainer_open(const char *path, const gr_explain_options *options, gr_explainer **out, gr_error *err)
{
    gr_explainer *e = gr_alloc(1, sizeof *e);
    *out = NULL;
    if (e == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a model");
    e->options = *options;
    gr_status status = find_methods(e, err);
    if (status == GR_OK)
        status = gr_model_files_open(path, &e->files, err);
    if (status == GR_OK) {
        const gr_card *card = &e->files.card;
        e->task = gr_task_find(card->task, card->label_count > 1);
        status = e->task != NULL ? gr_aim_open(card, e->task, options->class_name, &e->aim, err)
                                 : gr_fail(err, GR_INVALID, "%s: is a model for %.40s, a task of another version", path, card->task);
    }
    if (status == GR_OK && gr_is_folder(path)) {
        status = gr_tested_open(path, &e->tested, err);
        if (status == GR_OK)
            status = name_folds(e, err);
    }
    if (status == GR_OK)
        status = try_methods(e, err);
    if (status == GR_OK)
        *out = e;
    else
        gr_explainer_close(e);
    return status;
}

void gr_explainer_close(gr_explainer *e)
{
    if (e == NULL)
        return;
    gr_tested_close(e->tested);
    gr_free(e->folds);
    gr_free(e->methods);
    gr_aim_free(&e->aim);
    gr_model_files_close(&e->files);
    gr_free(e);
}

const char *gr_explainer_class(const gr_explainer *e, int i)
{
    return i >= 0 && i < e->aim.count ? e->aim.names[i] : NULL;
}

/* ---- telling ------------------------------------------------------------------------------------------------------------------ */

static gr_status tell_problem(const work *w, int64_t sample, const char *problem, gr_error *err)
{
    const char *path = w->samples[sample].path;
    size_t length = strlen(path);
    if (strncmp(problem, path, length) == 0 && gr_starts_with(problem + length, ": "))
        problem += length + 2;
    return w->each(w->ctx, &(gr_explanation){.sample = sample, .problem = problem}, err);
}

/* The picture as the network reads it, in 8 bits. */
static void show(work *w, const float *pixels)
{
    const gr_card *card = &w->e->files.card;
    int64_t channels = card->model.channels, count = card->model.size * card->model.size;
    bool swapped = false;
    for (int t = 0; t < card->transform_count; t++)
        swapped ^= card->transforms[t].kind == GR_TRANSFORM_BGR;
    for (int64_t p = 0; p < count; p++)
        for (int c = 0; c < 3; c++) {
            int from = channels == 1 ? 0 : swapped ? 2 - c : c;
            float v = (pixels[p * channels + from] * (float)card->std[from] + (float)card->mean[from]) * 255 + 0.5f;
            w->picture.pixels[3 * p + c] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
        }
}

/* One method's result: `numbers` are cells or the map. */
typedef struct told {
    const gr_crew_method *method;
    const gr_found *found;
    const float *numbers;
    double sum, gap;
    const char *fold;
    gr_origin origin;
} told;

static gr_status tell(work *w, int64_t sample, const told *t, gr_error *err)
{
    const gr_aim *aim = &w->e->aim;
    const gr_crew_method *m = t->method;
    int size = (int)w->e->files.card.model.size;
    bool cells = m->method->cells;
    if (cells)
        gr_map_draw(t->numbers, m->at.rows, m->at.columns, size, w->map);
    const gr_explanation explanation = {.sample = sample,
                                        .method = m->method->name,
                                        .layer = m->at.layer,
                                        .fold = t->fold,
                                        .class_name = aim->names[t->found->name],
                                        .probability = t->found->probability,
                                        .logit = t->found->value,
                                        .sum = cells ? gr_map_sum(t->numbers, m->numbers) : t->sum,
                                        .gap = t->gap,
                                        .predicted = t->found->predicted >= 0 ? aim->names[t->found->predicted] : NULL,
                                        .confidence = t->found->confidence,
                                        .is_signed = m->method->is_signed,
                                        .size = size,
                                        .map = cells ? w->map : t->numbers,
                                        .cell_rows = cells ? m->at.rows : 0,
                                        .cell_columns = cells ? m->at.columns : 0,
                                        .cells = cells ? t->numbers : NULL,
                                        .picture = &w->picture,
                                        .origin = t->origin};
    return w->each(w->ctx, &explanation, err);
}

/* ---- several models of one image ---------------------------------------------------------------------------------------------- */

static void add_answers(work *w, const gr_crew *crew, int64_t at, int64_t n)
{
    const gr_subject_batch *images = &crew->methods[0].batch.images;
    int64_t width = crew->subject.answers;
    if (w->model == 0 && !w->settled)
        memcpy(w->decided + at * width, images->answers, (size_t)(n * width) * sizeof(float));
    for (int64_t k = 0; k < n * width; k++)
        w->mean[at * width + k] += images->answers[k] / (float)w->models;
}

static void add_method(work *w, const gr_crew *crew, int m, int64_t at, int64_t n)
{
    const gr_crew_method *c = &crew->methods[m];
    const float *numbers = gr_crew_numbers(crew, m, 0);
    float *sums = w->sums[m] + at * c->numbers;
    for (int64_t k = 0; k < n * c->numbers; k++)
        sums[k] += numbers[k] / (float)w->models;
    for (int64_t i = 0; i < n; i++) {
        const gr_found *f = &c->batch.images.found[i];
        gr_found *all = &w->found[m * CHUNK + at + i];
        double share = 1.0 / w->models;
        *all = (gr_found){.name = f->name,
                          .predicted = f->predicted,
                          .value = (w->model == 0 ? 0.0 : all->value) + f->value * share,
                          .probability = (w->model == 0 ? 0.0 : all->probability) + f->probability * share,
                          .confidence = (w->model == 0 ? 0.0 : all->confidence) + f->confidence * share};
        w->sum[m * CHUNK + at + i] += c->batch.sums[i] * share;
        w->gap[m * CHUNK + at + i] += c->batch.gaps[i] * share;
    }
}

/* Would the models' mean choose another class than the one that was explained? */
static bool was_wrong(const work *w, const gr_crew *crew, int64_t at)
{
    const gr_aim *aim = &w->e->aim;
    int64_t width = crew->subject.answers;
    bool chosen = aim->classes > 0 && !w->settled;
    for (int c = 0; chosen && c < aim->columns; c++)
        if (gr_aim_predicted(aim, w->decided + at * width, c) != gr_aim_predicted(aim, w->mean + at * width, c))
            return true;
    return false;
}

/* ---- a pass ------------------------------------------------------------------------------------------------------------------- */

/* Tells the images of a batch, which begins at `at` of the chunk; of several models the last one's. */
static gr_status tell_batch(work *w, const gr_crew *crew, const float *pixels, const int64_t *indices, int64_t at, int64_t n,
                            const char *fold, gr_error *err)
{
    const gr_origin *origins = gr_loader_origins(w->loader);
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < n; i++) {
        const char *problem = gr_loader_problem(w->loader, indices[i]);
        if (problem != NULL) {
            status = tell_problem(w, indices[i], problem, err);
            continue;
        }
        if (w->models > 1 && was_wrong(w, crew, at + i)) {
            memmove(w->decided + w->again_count * crew->subject.answers, w->mean + (at + i) * crew->subject.answers,
                    (size_t)crew->subject.answers * sizeof(float));
            w->again[w->again_count++] = indices[i];
            continue;
        }
        show(w, pixels + i * crew->subject.pixels);
        for (int m = 0; status == GR_OK && m < crew->count; m++) {
            const gr_crew_method *c = &crew->methods[m];
            int64_t k = m * CHUNK + at + i;
            const told one = {c, &c->batch.images.found[i], gr_crew_numbers(crew, m, i), c->batch.sums[i],
                              c->batch.gaps[i], fold, origins[i]};
            const told all = {c, &w->found[k], w->models > 1 ? w->sums[m] + (at + i) * c->numbers : NULL,
                              w->models > 1 ? w->sum[k] : 0, w->models > 1 ? w->gap[k] : 0, fold, origins[i]};
            status = tell(w, indices[i], w->models > 1 ? &all : &one, err);
        }
    }
    return status;
}

/* One model over samples order[count]. */
static gr_status pass(work *w, gr_crew *crew, const int64_t *order, int64_t count, const char *fold, gr_error *err)
{
    gr_status status = gr_loader_start(w->loader, 0, order, count, crew->batch, false, err);
    bool several = w->models > 1;
    for (int64_t done = 0; status == GR_OK && done < count;) {
        const float *pixels, *decided = several && (w->settled || w->model > 0) ? w->decided + done * crew->subject.answers : NULL;
        const int64_t *indices;
        int64_t n = 0;
        if (w->stop != NULL && *w->stop)
            return gr_fail(err, GR_INTERRUPTED, "stopped before all images were explained");
        status = gr_loader_next(w->loader, &pixels, &indices, &n, err);
        if (status == GR_OK)
            status = gr_crew_run(crew, pixels, n, decided, err);
        if (status == GR_OK && several) {
            add_answers(w, crew, done, n);
            for (int m = 0; m < crew->count; m++)
                add_method(w, crew, m, done, n);
        }
        if (status == GR_OK && w->model == w->models - 1)
            status = tell_batch(w, crew, pixels, indices, done, n, fold, err);
        done += n;
    }
    return status;
}

/* So many at once that the last batch lacks few. */
static int64_t batch_for(int64_t count)
{
    int64_t batches = (count + GR_EXPLAIN_BATCH - 1) / GR_EXPLAIN_BATCH;
    return (count + batches - 1) / batches;
}

static gr_status one_model(work *w, int model, const int64_t *order, int64_t count, const char *fold, gr_error *err)
{
    gr_crew crew;
    gr_explainer *e = w->e;
    gr_status status = gr_crew_open(&e->files, model, &e->aim, e->methods, e->options.method_count, &e->options,
                                    batch_for(count), &crew, err);
    if (status != GR_OK)
        return status;
    w->models = 1;
    w->model = 0;
    status = pass(w, &crew, order, count, fold, err);
    gr_crew_close(&crew);
    return status;
}

/* ---- chunks ------------------------------------------------------------------------------------------------------------------- */

static void free_sums(work *w)
{
    for (int m = 0; w->sums != NULL && m < w->e->options.method_count; m++)
        gr_free(w->sums[m]);
    gr_free(w->sums);
    gr_free(w->decided);
    gr_free(w->mean);
    gr_free(w->found);
    gr_free(w->sum);
    gr_free(w->gap);
    gr_free(w->again);
}

static gr_status make_sums(work *w, const gr_crew *crew, gr_error *err)
{
    size_t methods = (size_t)crew->count, answers = (size_t)crew->subject.answers;
    w->sums = gr_alloc(methods, sizeof *w->sums);
    w->decided = gr_alloc(CHUNK * answers, sizeof *w->decided);
    w->mean = gr_alloc(CHUNK * answers, sizeof *w->mean);
    w->found = gr_alloc(CHUNK * methods, sizeof *w->found);
    w->sum = gr_alloc(CHUNK * methods, sizeof *w->sum);
    w->gap = gr_alloc(CHUNK * methods, sizeof *w->gap);
    w->again = gr_alloc(CHUNK, sizeof *w->again);
    bool whole = w->sums != NULL && w->decided != NULL && w->mean != NULL && w->found != NULL && w->sum != NULL &&
                 w->gap != NULL && w->again != NULL;
    for (size_t m = 0; whole && m < methods; m++)
        whole = (w->sums[m] = gr_alloc((size_t)(CHUNK * crew->methods[m].numbers), sizeof **w->sums)) != NULL;
    return whole ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the maps of %d images", CHUNK);
}

static void empty_sums(work *w, const gr_crew *crew)
{
    size_t methods = (size_t)crew->count;
    for (size_t m = 0; m < methods; m++)
        memset(w->sums[m], 0, (size_t)(CHUNK * crew->methods[m].numbers) * sizeof **w->sums);
    memset(w->mean, 0, CHUNK * (size_t)crew->subject.answers * sizeof *w->mean);
    memset(w->sum, 0, CHUNK * methods * sizeof *w->sum);
    memset(w->gap, 0, CHUNK * methods * sizeof *w->gap);
}

/* All models over samples order[count], at most CHUNK. */
static gr_status all_models(work *w, const int64_t *order, int64_t count, gr_error *err)
{
    gr_explainer *e = w->e;
    gr_status status = GR_OK;
    w->models = e->files.count;
    w->again_count = 0;
    for (w->model = 0; status == GR_OK && w->model < w->models; w->model++) {
        gr_crew crew;
        status = gr_crew_open(&e->files, w->model, &e->aim, e->methods, e->options.method_count, &e->options, batch_for(count),
                              &crew, err);
        if (status != GR_OK)
            break;
        if (w->sums == NULL)
            status = make_sums(w, &crew, err);
        if (status == GR_OK && w->model == 0)
            empty_sums(w, &crew);
        if (status == GR_OK)
            status = pass(w, &crew, order, count, "all", err);
        gr_crew_close(&crew);
    }
    return status;
}

/* The first model's class is a guess at that of all; where it was wrong, once more. */
static gr_status chunk(work *w, const int64_t *order, int64_t count, gr_error *err)
{
    w->settled = false;
    gr_status status = all_models(w, order, count, err);
    if (status == GR_OK && w->again_count > 0) {
        int64_t again[CHUNK], again_count = w->again_count;
        memcpy(again, w->again, (size_t)again_count * sizeof *again);
        w->settled = true;
        status = all_models(w, again, again_count, err);
    }
    return status;
}

/* ---- all ---------------------------------------------------------------------------------------------------------------------- */

static gr_status make_loader(const gr_explainer *e, const gr_sample *samples, int64_t count, gr_loader **out, gr_error *err)
{
    const gr_card *card = &e->files.card;
    gr_loader_options options = {.samples = samples,
                                 .count = count,
                                 .size = (int)card->model.size,
                                 .channels = (int)card->model.channels,
                                 .transforms = card->transforms,
                                 .transform_count = card->transform_count,
                                 .transforms_key = "the model's transforms",
                                 .cache_bytes = e->files.count > 1 ? (size_t)256 << 20 : 1,
                                 .tolerant = true};
    for (int c = 0; c < 3; c++) {
        options.mean[c] = (float)card->mean[c];
        options.std[c] = (float)card->std[c];
    }
    return gr_loader_create(&options, out, err);
}

/* The model that alone explains an image, -1: all do. */
static int model_of(const gr_explainer *e, const char *path)
{
    const char *fold = e->tested != NULL ? gr_tested_fold(e->tested, path) : NULL;
    for (int i = 0; fold != NULL && i < e->files.count; i++)
        if (strcmp(e->folds[i], fold) == 0)
            return i;
    return -1;
}

/* Writes the samples of `model` to order; returns how many. */
static int64_t take(const int *models, int64_t count, int model, int64_t *order)
{
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++)
        if (models[i] == model)
            order[n++] = i;
    return n;
}

static gr_status explain_all(work *w, const int *models, int64_t count, int64_t *order, gr_error *err)
{
    gr_explainer *e = w->e;
    gr_status status = GR_OK;
    for (int m = 0; status == GR_OK && m < e->files.count; m++) {
        int64_t n = take(models, count, m, order);
        if (n > 0)
            status = one_model(w, m, order, n, e->folds[m], err);
    }
    int64_t n = take(models, count, -1, order);
    if (status == GR_OK && n > 0 && e->files.count == 1)
        return one_model(w, 0, order, n, "all", err);
    for (int64_t done = 0; status == GR_OK && done < n; done += CHUNK)
        status = chunk(w, order + done, n - done < CHUNK ? n - done : CHUNK, err);
    return status;
}

gr_status gr_explainer_run(gr_explainer *e, const gr_sample *samples, int64_t count, gr_explained each, void *ctx,
                           const volatile sig_atomic_t *stop, gr_error *err)
{
    work w = {.e = e, .samples = samples, .each = each, .ctx = ctx, .stop = stop};
    size_t size = (size_t)e->files.card.model.size;
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    int *models = gr_alloc((size_t)count, sizeof *models);
    w.map = gr_alloc(size * size, sizeof *w.map);
    gr_status status = order != NULL && models != NULL && w.map != NULL ? gr_image_make((int)size, (int)size, &w.picture, err)
                                                                       : gr_fail(err, GR_NOMEM, "no memory for the images");
    if (status == GR_OK)
        status = make_loader(e, samples, count, &w.loader, err);
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        models[i] = model_of(e, samples[i].path);
    if (status == GR_OK)
        status = explain_all(&w, models, count, order, err);
    gr_loader_destroy(w.loader);
    gr_image_free(&w.picture);
    free_sums(&w);
    gr_free(w.map);
    gr_free(order);
    gr_free(models);
    return status;
}
