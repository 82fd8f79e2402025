#include "learners/trainer_likeness.h"

#include <math.h>

#include "learners/fold.h"
#include "learners/likeness.h"

/* What computes the features of an image, and how its map is laid out. */
typedef struct work {
    gr_trainer *t;
    gr_loader *loader;
    gr_extractor *extractor;
    int64_t places, width;
    float *maps; /* [GR_EXTRACTOR_BATCH, places, width] */
} work;

static gr_status open_work(work *w, gr_error *err)
{
    gr_trainer *t = w->t;
    gr_shape map = gr_value_shape(t->network.model->head_input);
    w->width = map.dim[map.rank - 1];
    w->places = gr_shape_elements(&map) / w->width;
    w->maps = gr_alloc(GR_EXTRACTOR_BATCH, (size_t)(w->places * w->width) * sizeof *w->maps);
    gr_status status = w->maps != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the features of images");
    if (status == GR_OK)
        status = gr_cohort_loader(t->learning->cohort, false, &w->loader, err);
    if (status == GR_OK)
        status = gr_extractor_create(t->network.model, t->network.params, t->workspace, &w->extractor, err);
    return status;
}

static void close_work(work *w)
{
    gr_loader_destroy(w->loader);
    gr_extractor_destroy(w->extractor);
    gr_free(w->maps);
}

/* GIVES features[*count, width] of at most GR_LIKENESS_MOST of the rows, evenly chosen. */
static gr_status take_features(work *w, const gr_rows *rows, int64_t *count, float **out, gr_error *err)
{
    int64_t order[GR_LIKENESS_MOST], n = 0, done = 0;
    *count = rows->count < GR_LIKENESS_MOST ? rows->count : GR_LIKENESS_MOST;
    for (int64_t i = 0; i < *count; i++)
        order[i] = rows->rows[i * rows->count / *count];
    *out = gr_alloc((size_t)*count, (size_t)w->width * sizeof **out);
    gr_status status = *out != NULL ? gr_loader_start(w->loader, 0, order, *count, GR_EXTRACTOR_BATCH, false, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for the features of images");
    for (; status == GR_OK && done < *count; done += n) {
        const float *pixels = NULL;
        status = gr_hooks_stopped(w->t->learning->hooks) ? GR_INTERRUPTED
                                                          : gr_loader_next(w->loader, &pixels, NULL, &n, err);
        if (status != GR_OK)
            break;
        gr_extractor_run(w->extractor, pixels, n, w->maps);
        for (int64_t i = 0; i < n; i++)
            gr_likeness_pool(w->maps + i * w->places * w->width, w->places, w->width, *out + (done + i) * w->width);
    }
    return status;
}

static gr_status write_likeness(const gr_trainer *t, const gr_likeness *likeness, gr_error *err)
{
    char *path = gr_fold_path(t->learning, t->fold, GR_LIKENESS_FILE);
    gr_status status = path != NULL ? gr_likeness_write(path, likeness, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for the path of a fold");
    gr_free(path);
    return status;
}

static bool all_finite(const float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

gr_status gr_trainer_likeness(gr_trainer *t, gr_error *err)
{
    bool featured = t->network.model->head_input != NULL; /* a head that joins several maps reads no one of them */
    if (!featured || t->train.count < GR_LIKENESS_LEAST || t->test.count == 0)
        return GR_OK;
    work w = {.t = t};
    int64_t n = 0, m = 0;
    float *trained = NULL, *held = NULL;
    gr_likeness likeness = {0};
    gr_error alike = {0};
    gr_status status = open_work(&w, err);
    if (status == GR_OK)
        status = take_features(&w, &t->train, &n, &trained, err);
    if (status == GR_OK)
        status = take_features(&w, &t->test, &m, &held, err);
    bool usable = status == GR_OK && all_finite(trained, n * w.width) && all_finite(held, m * w.width);
    if (usable)
        status = gr_likeness_make(trained, n, w.width, held, m, &likeness, &alike);
    if (usable && status == GR_OK)
        status = write_likeness(t, &likeness, err);
    else if (usable && status != GR_INVALID)
        status = gr_fail(err, status, "%s", alike.text);
    else if (usable) /* a network that is blind to its images has no distances */
        status = GR_OK;
    gr_likeness_free(&likeness);
    gr_free(trained);
    gr_free(held);
    close_work(&w);
    return status;
}
