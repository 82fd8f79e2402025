/* Gradients by pixels: a plan with a backward down to the image, and what is explained of a batch. */
#include "explain/gradient.h"

#include <string.h>

gr_status gr_gradient_open(gr_subject *s, int64_t batch, gr_gradient *out, gr_error *err)
{
    const gr_value *image = s->network.model->image;
    gr_plan_options options = {.batch = batch,
                               .no_fusion = true, /* folded weights are rounded once more: a few ReLU bend elsewhere */
                               .keep = (const gr_value *[]){s->value},
                               .keep_count = 1,
                               .gradients_of = &image,
                               .gradient_count = 1,
                               .gradients_from = s->value};
    *out = (gr_gradient){.subject = s, .batch = batch, .seeds = gr_alloc((size_t)(batch * s->values), sizeof *out->seeds)};
    if (out->seeds == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    return gr_plan_compile(s->network.model->graph, s->network.params, s->workspace, &options, &out->plan, err);
}

void gr_gradient_close(gr_gradient *g)
{
    gr_plan_destroy(g->plan);
    gr_free(g->seeds);
    *g = (gr_gradient){0};
}

float *gr_gradient_pixels(const gr_gradient *g)
{
    return gr_plan_data(g->plan, g->subject->network.model->image);
}

const float *gr_gradient_of(gr_gradient *g, int64_t n, const float *seeds, int64_t step)
{
    int64_t values = g->subject->values;
    memset(g->seeds, 0, (size_t)(g->batch * values) * sizeof *g->seeds); /* beyond n, too */
    for (int64_t i = 0; i < n; i++)
        memcpy(g->seeds + i * values, seeds + i * step, (size_t)values * sizeof *seeds);
    gr_plan_forward(g->plan, 0, 0);
    gr_plan_backward_from(g->plan, g->seeds);
    return gr_plan_gradient(g->plan, g->subject->network.model->image);
}

double gr_gradient_value(const gr_subject *s, const float *seed, const double *values)
{
    double sum = 0.0;
    for (int64_t v = 0; v < s->values; v++)
        sum += (double)seed[v] * values[v];
    return sum;
}

gr_status gr_gradient_choose(gr_subject *s, gr_subject_way way, gr_subject_batch *images, float *seeds, gr_error *err)
{
    int64_t count = images->n * s->values;
    double *values = gr_alloc((size_t)count, sizeof *values);
    float *single = gr_alloc((size_t)count, sizeof *single);
    gr_status status = values != NULL && single != NULL
                           ? gr_subject_values(s, way, images->pixels, images->n, values, images->answers, err)
                           : gr_fail(err, GR_NOMEM, "no memory for a batch");
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        single[i] = (float)values[i];
    if (status == GR_OK)
        gr_subject_choose(s, images, single, images->answers, seeds);
    for (int64_t i = 0; status == GR_OK && seeds != NULL && i < images->n; i++)
        images->found[i].value = gr_gradient_value(s, seeds + i * s->values, values + i * s->values);
    gr_free(values);
    gr_free(single);
    return status;
}
