#include "learners/trainer_likeness.h"

#include <math.h>

#include "base/threads.h"
#include "learners/fold.h"
#include "learners/framing.h"
#include "learners/likeness.h"

/* Framing of the images of a part that are looked at. */
typedef struct work {
    gr_trainer *t;
    gr_loader *loader;
    int64_t size, channels;
    const float *pixels; /* of a batch, whose framing goes there: */
    float *to;
    float *grey; /* [threads, size, size] */
} work;

static gr_status open_work(work *w, gr_error *err)
{
    gr_shape image = gr_value_shape(w->t->network.model->image);
    size_t room;
    w->size = image.dim[1];
    w->channels = image.dim[3];
    if (gr_mul_size((size_t)gr_threads_get(), (size_t)(w->size * w->size), &room))
        w->grey = gr_alloc(room, sizeof *w->grey);
    if (w->grey == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the framing of images");
    return gr_cohort_loader(w->t->learning->cohort, false, &w->loader, err);
}

static void frame_image(void *ctx, int64_t i, int thread)
{
    const work *w = ctx;
    int64_t grey = w->size * w->size;
    gr_framing_make(w->pixels + i * grey * w->channels, w->size, w->channels, w->grey + thread * grey,
                    w->to + i * GR_FRAMING_WIDTH);
}

/* Writes to[look->count, GR_FRAMING_WIDTH] of those of `rows`. */
static gr_status frame(work *w, const gr_rows *rows, const gr_look *look, float *to, gr_error *err)
{
    int64_t order[GR_LIKENESS_MOST], n = 0;
    for (int64_t i = 0; i < look->count; i++)
        order[i] = rows->rows[gr_look_image(look, i)];
    gr_status status = gr_loader_start(w->loader, 0, order, look->count, GR_EXTRACTOR_BATCH, false, err);
    for (int64_t done = 0; status == GR_OK && done < look->count; done += n) {
        status = gr_hooks_stopped(w->t->learning->hooks) ? GR_INTERRUPTED
                                                          : gr_loader_next(w->loader, &w->pixels, NULL, &n, err);
        if (status != GR_OK)
            break;
        w->to = to + done * GR_FRAMING_WIDTH;
        gr_parallel_for(n, frame_image, w);
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

static gr_status leave_framing(gr_trainer *t, const gr_looks *looks, gr_error *err)
{
    work w = {.t = t};
    const gr_look *trained = &looks->trained, *held = &looks->held;
    float *framing = gr_alloc((size_t)(trained->count + held->count), GR_FRAMING_WIDTH * sizeof *framing);
    float *of_held = framing != NULL ? framing + trained->count * GR_FRAMING_WIDTH : NULL;
    gr_status status = framing != NULL ? open_work(&w, err) : gr_fail(err, GR_NOMEM, "no memory for the framing of images");
    if (status == GR_OK)
        status = frame(&w, &looks->rows, trained, framing, err);
    if (status == GR_OK)
        status = frame(&w, &t->test, held, of_held, err);
    if (status == GR_OK)
        status = leave(t, GR_FRAMING_FILE, framing, trained->count, of_held, held->count, GR_FRAMING_WIDTH, err);
    gr_loader_destroy(w.loader);
    gr_free(w.grey);
    gr_free(framing);
    return status;
}

gr_status gr_trainer_likeness(gr_trainer *t, const gr_looks *looks, gr_error *err)
{
    const gr_look *trained = &looks->trained, *held = &looks->held;
    if (trained->features == NULL)
        return GR_OK;
    gr_status status =
        leave(t, GR_LIKENESS_FILE, trained->features, trained->count, held->features, held->count, trained->width, err);
    return status == GR_OK ? leave_framing(t, looks, err) : status;
}
