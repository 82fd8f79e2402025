/* Batches: read from image files by a loader, and with a frozen backbone turned into features, or copied from a table of
 * those. */
#include <string.h>

#include "learners/trainer_private.h"

static gr_status open_input(gr_trainer *t, bool training, gr_error *err)
{
    const gr_features *features = t->job->features;
    gr_batches *in = &t->inputs[training];
    in->table = features != NULL ? gr_features_table(features, training) : NULL;
    if (in->table != NULL)
        return GR_OK;
    gr_status status = gr_cohort_loader(t->job->experiment, training, &in->loader, err);
    if (status == GR_OK && features != NULL && t->extractor == NULL)
        status = gr_extractor_create(t->network.model, t->network.params, &t->extractor, err);
    return status;
}

gr_status gr_trainer_open_inputs(gr_trainer *t, gr_error *err)
{
    gr_status status = open_input(t, true, err);
    return status == GR_OK ? open_input(t, false, err) : status;
}

void gr_trainer_close_inputs(gr_trainer *t)
{
    gr_loader_destroy(t->inputs[false].loader);
    gr_loader_destroy(t->inputs[true].loader);
    gr_extractor_destroy(t->extractor);
}

gr_status gr_trainer_start(gr_trainer *t, bool training, const int64_t *order, int64_t count, gr_error *err)
{
    gr_batches *in = &t->inputs[training];
    in->order = order;
    in->count = count;
    if (in->table != NULL)
        return GR_OK;
    return gr_loader_start(in->loader, training ? (uint32_t)t->at.epoch : 0, order, count, t->config->train.batch_size,
                           training && t->config->train.drop_last, err);
}

int32_t gr_trainer_label(const gr_trainer *t, int64_t sample)
{
    return (int32_t)t->job->experiment->samples[sample].label;
}

/* The next samples of a pass over a table. */
static void next_of_table(gr_batches *in, int64_t batch, const int64_t **indices, int64_t *n)
{
    *indices = in->order;
    *n = in->count < batch ? in->count : batch;
    in->order += *n;
    in->count -= *n;
}

static void fill_images(gr_trainer *t, gr_plan *plan, const float *pixels, int64_t n)
{
    const gr_model *m = t->network.model;
    gr_shape image = gr_value_shape(m->image);
    if (t->job->features != NULL)
        gr_extractor_run(t->extractor, pixels, n, gr_plan_data(plan, m->head_input));
    else
        memcpy(gr_plan_data(plan, m->image), pixels, (size_t)(n * gr_shape_elements(&image)) * sizeof *pixels);
}

/* Samples beyond the manifest's rows are further visits of the same images. */
static void fill_features(gr_trainer *t, gr_plan *plan, const gr_feature_table *table, const int64_t *indices, int64_t n)
{
    float *to = gr_plan_data(plan, t->network.model->head_input);
    for (int64_t i = 0; i < n; i++)
        memcpy(to + (size_t)i * table->width, table->values + (size_t)(indices[i] % table->rows) * table->width,
               table->width * sizeof *to);
}

static void fill_labels(gr_trainer *t, gr_plan *plan, const int64_t *indices, int64_t n)
{
    int32_t *labels = (int32_t *)(void *)gr_plan_data(plan, t->network.model->labels);
    for (int64_t i = 0; i < n; i++)
        labels[i] = gr_trainer_label(t, indices[i]);
}

static void fill_targets(gr_trainer *t, gr_plan *plan, const gr_origin *origins, const int64_t *indices, int64_t n)
{
    const gr_points *points = &t->job->experiment->points;
    float *targets = gr_plan_data(plan, t->network.model->targets);
    for (int64_t i = 0; i < n; i++)
        gr_points_target(points, indices[i], &origins[i], t->config->data.image.size, targets + i * 2 * points->count);
}

const gr_origin *gr_trainer_origins(const gr_trainer *t, bool training)
{
    return t->inputs[training].loader != NULL ? gr_loader_origins(t->inputs[training].loader) : NULL;
}

gr_status gr_trainer_next(gr_trainer *t, bool training, gr_plan **plan, const int64_t **indices, int64_t *n, gr_error *err)
{
    gr_batches *in = &t->inputs[training];
    const float *pixels = NULL;
    gr_status status = GR_OK;
    if (in->table != NULL)
        next_of_table(in, t->config->train.batch_size, indices, n);
    else
        status = gr_loader_next(in->loader, &pixels, indices, n, err);
    if (status == GR_OK)
        status = gr_trainer_plan(t, *n, training, plan, err);
    if (status != GR_OK)
        return status;
    if (in->table != NULL)
        fill_features(t, *plan, in->table, *indices, *n);
    else
        fill_images(t, *plan, pixels, *n);
    if (t->network.model->targets != NULL)
        fill_targets(t, *plan, gr_trainer_origins(t, training), *indices, *n);
    else
        fill_labels(t, *plan, *indices, *n);
    return GR_OK;
}
