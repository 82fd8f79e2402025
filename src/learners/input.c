/* Batches: read from image files by a loader, and with a frozen backbone turned into features, or copied from a table of
 * those. */
#include <string.h>

#include "base/parallel_copy.h"
#include "learners/trainer_private.h"

/* Reads images even where there is a table. */
static gr_status open_images(gr_trainer *t, bool training, gr_error *err)
{
    const gr_features *features = t->features;
    gr_batches *in = &t->inputs[training];
    in->table = NULL;
    gr_status status = gr_cohort_loader(t->learning->cohort, training, &in->loader, err);
    if (status == GR_OK && features != NULL && t->extractor == NULL)
        status = gr_extractor_create(t->network.model, t->network.params, &t->extractor, err);
    return status;
}

static gr_status open_input(gr_trainer *t, bool training, gr_error *err)
{
    gr_batches *in = &t->inputs[training];
    in->table = t->features != NULL ? gr_features_table(t->features, training) : NULL;
    return in->table != NULL ? GR_OK : open_images(t, training, err);
}

gr_status gr_trainer_open_inputs(gr_trainer *t, gr_error *err)
{
    gr_status status = open_input(t, true, err);
    return status == GR_OK ? open_input(t, false, err) : status;
}

gr_status gr_trainer_open_views(gr_trainer *t, gr_error *err)
{
    gr_shape image = gr_value_shape(t->network.model->image);
    size_t pixels = (size_t)gr_shape_elements(&image), batch = (size_t)t->recipe->train.batch_size;
    t->view = gr_alloc(batch * pixels, sizeof *t->view);
    t->viewed = gr_alloc(batch * t->row, sizeof *t->viewed);
    t->view_sums = gr_alloc(batch * t->row, sizeof *t->view_sums);
    if (t->view == NULL || t->viewed == NULL || t->view_sums == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the views of a batch");
    return t->inputs[false].table != NULL ? open_images(t, false, err) : GR_OK;
}

void gr_trainer_close_inputs(gr_trainer *t)
{
    gr_loader_destroy(t->inputs[false].loader);
    gr_loader_destroy(t->inputs[true].loader);
    gr_extractor_destroy(t->extractor);
    gr_free(t->view);
    gr_free(t->viewed);
    gr_free(t->view_sums);
}

gr_status gr_trainer_start(gr_trainer *t, bool training, int64_t epoch, const int64_t *order, int64_t count, gr_error *err)
{
    gr_batches *in = &t->inputs[training];
    in->order = order;
    in->count = count;
    if (in->table != NULL)
        return GR_OK;
    return gr_loader_start(in->loader, training ? (uint32_t)epoch : 0, order, count, gr_trainer_batch(t, training),
                           training && t->recipe->train.drop_last, err);
}

/* The next samples of a pass over a table. */
static void next_of_table(gr_batches *in, int64_t batch, const int64_t **indices, int64_t *n)
{
    *indices = in->order;
    *n = in->count < batch ? in->count : batch;
    in->order += *n;
    in->count -= *n;
}

void gr_trainer_fill(gr_trainer *t, gr_plan *plan, const float *pixels, int64_t n)
{
    const gr_model *m = t->network.model;
    gr_shape image = gr_value_shape(m->image);
    if (t->features != NULL)
        gr_extractor_run(t->extractor, pixels, n, gr_plan_data(plan, m->head_input));
    else
        gr_parallel_copy(gr_plan_data(plan, m->image), pixels, n, (size_t)gr_shape_elements(&image) * sizeof *pixels);
}

/* Samples beyond the manifest's rows are further visits of the same images. */
static void fill_features(gr_trainer *t, gr_plan *plan, const gr_feature_table *table, const int64_t *indices, int64_t n)
{
    float *to = gr_plan_data(plan, t->network.model->head_input);
    for (int64_t i = 0; i < n; i++)
        memcpy(to + (size_t)i * table->width, table->values + (size_t)(indices[i] % table->rows) * table->width,
               table->width * sizeof *to);
}

/* Those of the images in the loss, where this plan's loss has them. */
static void fill_weights(const gr_trainer *t, gr_plan *plan, const gr_batch *batch)
{
    const gr_value *weights = t->network.model->weights;
    float *to = weights != NULL ? gr_plan_data(plan, weights) : NULL;
    for (int64_t i = 0; to != NULL && i < batch->n; i++)
        to[i] = t->learning->cohort->weights[batch->samples[i] % t->manifest->rows];
}

gr_status gr_trainer_read(gr_trainer *t, bool training, int64_t most, gr_batch *batch, gr_error *err)
{
    gr_batches *in = &t->inputs[training];
    gr_status status = GR_OK;
    batch->pixels = NULL;
    if (in->table != NULL)
        next_of_table(in, most, &batch->samples, &batch->n);
    else
        status = gr_loader_next(in->loader, &batch->pixels, &batch->samples, &batch->n, err);
    batch->origins = in->loader != NULL ? gr_loader_origins(in->loader) : NULL;
    return status;
}

void gr_trainer_write(gr_trainer *t, bool training, gr_plan *plan, const gr_batch *batch)
{
    const gr_batches *in = &t->inputs[training];
    if (in->table != NULL)
        fill_features(t, plan, in->table, batch->samples, batch->n);
    else
        gr_trainer_fill(t, plan, batch->pixels, batch->n);
    t->target->fill(t->learning->cohort, t->network.model, plan, batch);
    fill_weights(t, plan, batch);
}

gr_status gr_trainer_next(gr_trainer *t, bool training, gr_plan **plan, gr_batch *batch, gr_error *err)
{
    gr_status status = gr_trainer_read(t, training, gr_trainer_batch(t, training), batch, err);
    if (status == GR_OK)
        status = gr_trainer_plan(t, batch->n, training, plan, err);
    if (status == GR_OK)
        gr_trainer_write(t, training, *plan, batch);
    return status;
}
