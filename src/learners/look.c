/* What the head of the network reads of some images of a part, taken while the part is evaluated. */
#include "base/threads.h"
#include "learners/likeness.h"
#include "learners/trainer_private.h"

enum { SHARE = 8, LEAST = 64 };

/* GIVES the training images that are looked at, evenly chosen. Where the network has to run for that, and was trained for a short
 * time only, one in SHARE of those its steps saw, LEAST at least; in whole batches where there are more: these have a plan. */
static gr_status choose(const gr_trainer *t, gr_rows *out, gr_error *err)
{
    int64_t most = GR_LIKENESS_MOST, batch = gr_trainer_batch(t, false), seen = t->at.epoch * t->epoch_images / SHARE;
    bool known = t->features != NULL && gr_features_table(t->features, false) != NULL;
    if (!known && seen < most)
        most = seen > LEAST ? seen : LEAST;
    int64_t whole = most < batch ? batch : (most + batch / 2) / batch * batch;
    out->count = t->train.count > most && whole < t->train.count ? whole : t->train.count;
    out->rows = gr_alloc((size_t)out->count, sizeof *out->rows);
    if (out->rows == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)out->count);
    for (int64_t i = 0; i < out->count; i++)
        out->rows[i] = t->train.rows[i * t->train.count / out->count];
    return GR_OK;
}

static gr_status open_look(const gr_value *read, int64_t images, gr_look *out, gr_error *err)
{
    gr_shape map = gr_value_shape(read);
    out->width = map.dim[map.rank - 1];
    out->places = gr_shape_elements(&map) / out->width;
    out->of = images;
    out->count = images < GR_LIKENESS_MOST ? images : GR_LIKENESS_MOST;
    out->features = gr_alloc((size_t)out->count, (size_t)out->width * sizeof *out->features);
    return out->features != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the features of images");
}

gr_status gr_looks_open(const gr_trainer *t, gr_looks *out, gr_error *err)
{
    const gr_value *read = t->network.model->head_input; /* NULL: a head that joins several maps reads no one of them */
    *out = (gr_looks){0};
    gr_status status = choose(t, &out->rows, err);
    if (status == GR_OK && read != NULL && t->train.count >= GR_LIKENESS_LEAST && t->test.count > 0) {
        status = open_look(read, out->rows.count, &out->trained, err);
        if (status == GR_OK)
            status = open_look(read, t->test.count, &out->held, err);
    }
    return status;
}

void gr_looks_close(gr_looks *looks)
{
    gr_free(looks->rows.rows);
    gr_free(looks->trained.features);
    gr_free(looks->held.features);
}

int64_t gr_look_image(const gr_look *look, int64_t i)
{
    return i * look->of / look->count;
}

int64_t gr_look_before(const gr_look *look, int64_t image)
{
    return (image * look->count + look->of - 1) / look->of;
}

/* A batch that is looked at. */
typedef struct batch_look {
    gr_look *look;
    const float *maps;    /* of the batch */
    int64_t done, first; /* its first image, and the first that is looked at of it */
} batch_look;

static void pool_image(void *ctx, int64_t i, int thread)
{
    const batch_look *b = ctx;
    gr_look *look = b->look;
    (void)thread;
    const float *map = b->maps + (gr_look_image(look, b->first + i) - b->done) * look->places * look->width;
    gr_likeness_pool(map, look->places, look->width, look->features + (b->first + i) * look->width);
}

void gr_look_take(gr_look *look, const gr_trainer *t, const gr_plan *plan, int64_t done, int64_t n)
{
    if (look == NULL || look->features == NULL)
        return;
    batch_look b = {look, gr_plan_data(plan, t->network.model->head_input), done, gr_look_before(look, done)};
    gr_parallel_for(gr_look_before(look, done + n) - b.first, pool_image, &b);
}
