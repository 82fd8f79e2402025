#include "learners/trainer_likeness.h"

#include <math.h>
#include <string.h>

#include "learners/fold.h"
#include "learners/framing.h"
#include "learners/likeness.h"

enum { LOOKED_SHARE = 8, LOOKED_LEAST = 64 };

/* What computes the features of an image, and how its map is laid out. */
typedef struct work {
    gr_trainer *t;
    gr_loader *loader;
    const gr_feature_table *table; /* those of a frozen backbone; NULL: the extractor computes them */
    gr_extractor *extractor;
    int64_t places, width, size, channels;
    float *maps; /* [GR_EXTRACTOR_BATCH, places, width] */
    float *grey; /* [size, size] */
} work;

/* What is kept of some images. */
typedef struct kept {
    int64_t count;
    float *features; /* [count, width] */
    float *framing;  /* [count, GR_FRAMING_WIDTH] */
} kept;

static gr_status open_work(work *w, gr_error *err)
{
    gr_trainer *t = w->t;
    gr_shape map = gr_value_shape(t->network.model->head_input);
    w->width = map.dim[map.rank - 1];
    w->places = gr_shape_elements(&map) / w->width;
    gr_shape image = gr_value_shape(t->network.model->image);
    w->size = image.dim[1];
    w->channels = image.dim[3];
    w->maps = gr_alloc(GR_EXTRACTOR_BATCH, (size_t)(w->places * w->width) * sizeof *w->maps);
    w->grey = gr_alloc((size_t)(w->size * w->size), sizeof *w->grey);
    gr_status status = w->maps != NULL && w->grey != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the features of images");
    if (status == GR_OK)
        status = gr_cohort_loader(t->learning->cohort, false, &w->loader, err);
    w->table = t->features != NULL ? gr_features_table(t->features, false) : NULL;
    if (status == GR_OK && w->table == NULL)
        status = gr_extractor_create(t->network.model, t->network.params, t->workspace, &w->extractor, err);
    return status;
}

static void close_work(work *w)
{
    gr_loader_destroy(w->loader);
    gr_extractor_destroy(w->extractor);
    gr_free(w->maps);
    gr_free(w->grey);
}

static void free_kept(kept *k)
{
    gr_free(k->features);
    gr_free(k->framing);
}

/* The maps of n images, which are the rows order[n]. */
static const float *maps_of(work *w, const float *pixels, const int64_t *order, int64_t n)
{
    if (w->table == NULL)
        gr_extractor_run(w->extractor, pixels, n, w->maps);
    for (int64_t i = 0; w->table != NULL && i < n; i++)
        memcpy(w->maps + (size_t)i * w->table->width, w->table->values + (size_t)order[i] * w->table->width,
               w->table->width * sizeof *w->maps);
    return w->maps;
}

/* How many images are looked at. Where the network has to run for that, and was trained for a short time only, one in LOOKED_SHARE
 * of those that its steps saw, LOOKED_LEAST at least. */
static int64_t looked(const work *w, const gr_rows *rows)
{
    int64_t most = GR_LIKENESS_MOST, seen = w->t->at.epoch * w->t->epoch_images / LOOKED_SHARE;
    if (w->table == NULL && seen < most)
        most = seen > LOOKED_LEAST ? seen : LOOKED_LEAST;
    return rows->count < most ? rows->count : most;
}

/* GIVES what is kept of some of the rows, evenly chosen. */
static gr_status take(work *w, const gr_rows *rows, kept *out, gr_error *err)
{
    int64_t order[GR_LIKENESS_MOST], n = 0, done = 0, count = looked(w, rows);
    for (int64_t i = 0; i < count; i++)
        order[i] = rows->rows[i * rows->count / count];
    *out = (kept){.count = count,
                  .features = gr_alloc((size_t)count, (size_t)w->width * sizeof *out->features),
                  .framing = gr_alloc((size_t)count, GR_FRAMING_WIDTH * sizeof *out->framing)};
    gr_status status = out->features != NULL && out->framing != NULL
                           ? gr_loader_start(w->loader, 0, order, count, GR_EXTRACTOR_BATCH, false, err)
                           : gr_fail(err, GR_NOMEM, "no memory for the features of images");
    for (; status == GR_OK && done < count; done += n) {
        const float *pixels = NULL;
        status = gr_hooks_stopped(w->t->learning->hooks) ? GR_INTERRUPTED
                                                          : gr_loader_next(w->loader, &pixels, NULL, &n, err);
        if (status != GR_OK)
            break;
        const float *maps = maps_of(w, pixels, order + done, n);
        for (int64_t i = 0; i < n; i++) {
            gr_likeness_pool(maps + i * w->places * w->width, w->places, w->width, out->features + (done + i) * w->width);
            gr_framing_make(pixels + i * w->size * w->size * w->channels, w->size, w->channels, w->grey,
                            out->framing + (done + i) * GR_FRAMING_WIDTH);
        }
    }
    return status;
}

static bool all_finite(const float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return false;
    return true;
}

static gr_status write_likeness(const gr_trainer *t, const char *name, const gr_likeness *likeness, gr_error *err)
{
    char *path = gr_fold_path(t->learning, t->fold, name);
    gr_status status = path != NULL ? gr_likeness_write(path, likeness, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for the path of a fold");
    gr_free(path);
    return status;
}

/* Writes the file `name` from trained[n, width] and held[m, width]. A network that is blind to its images has no distances: then
 * there is none. */
static gr_status leave(const gr_trainer *t, const char *name, const float *trained, int64_t n, const float *held, int64_t m,
                       int64_t width, gr_error *err)
{
    gr_likeness likeness = {0};
    gr_error alike = {0};
    if (!all_finite(trained, n * width) || !all_finite(held, m * width))
        return GR_OK;
    gr_status status = gr_likeness_make(trained, n, width, held, m, &likeness, &alike);
    if (status == GR_OK)
        status = write_likeness(t, name, &likeness, err);
    else
        status = status == GR_INVALID ? GR_OK : gr_fail(err, status, "%s", alike.text);
    gr_likeness_free(&likeness);
    return status;
}

gr_status gr_trainer_likeness(gr_trainer *t, gr_error *err)
{
    bool featured = t->network.model->head_input != NULL; /* a head that joins several maps reads no one of them */
    if (!featured || t->train.count < GR_LIKENESS_LEAST || t->test.count == 0)
        return GR_OK;
    work w = {.t = t};
    kept trained = {0}, held = {0};
    gr_status status = open_work(&w, err);
    if (status == GR_OK)
        status = take(&w, &t->train, &trained, err);
    if (status == GR_OK)
        status = take(&w, &t->test, &held, err);
    if (status == GR_OK)
        status = leave(t, GR_LIKENESS_FILE, trained.features, trained.count, held.features, held.count, w.width, err);
    if (status == GR_OK)
        status = leave(t, GR_FRAMING_FILE, trained.framing, trained.count, held.framing, held.count, GR_FRAMING_WIDTH, err);
    free_kept(&trained);
    free_kept(&held);
    close_work(&w);
    return status;
}
