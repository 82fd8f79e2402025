/* Class activation maps by gradients: one plan, forward as at inference and backward from the value explained down to the
 * layer. */
#include "explain/cam.h"

#include <string.h>

#include "explain/layers.h"

typedef struct cam {
    gr_subject *subject;
    const gr_value *layer;
    int64_t cells, channels;
    gr_cam_weight weight;
    gr_plan *plan;
    float *seeds;
} cam;

void gr_cam_close(void *state)
{
    cam *c = state;
    if (c == NULL)
        return;
    gr_plan_destroy(c->plan);
    gr_free(c->seeds);
    gr_free(c);
}

gr_status gr_cam_open(gr_subject *s, const gr_explain_options *options, int64_t batch, gr_cam_weight weight,
                      gr_method_at *at, void **state, gr_error *err)
{
    const gr_model *m = s->network.model;
    cam *c = gr_alloc(1, sizeof *c);
    *state = c;
    if (c == NULL || (c->seeds = gr_alloc((size_t)(batch * s->values), sizeof *c->seeds)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    c->subject = s;
    c->weight = weight;
    gr_status status = gr_layer_find(m, s->value, options->layer, &c->layer, err);
    if (status != GR_OK)
        return status;
    gr_shape shape = gr_value_shape(c->layer);
    c->cells = shape.dim[1] * shape.dim[2];
    c->channels = shape.dim[3];
    *at = (gr_method_at){.layer = gr_value_name(c->layer), .rows = (int)shape.dim[1], .columns = (int)shape.dim[2]};
    const gr_value *keep[] = {s->value, m->answer};
    gr_plan_options plan = {.batch = batch,
                            .keep = keep,
                            .keep_count = 2,
                            .gradients_of = &c->layer,
                            .gradient_count = 1,
                            .gradients_from = s->value};
    return gr_plan_compile(m->graph, s->network.params, s->workspace, &plan, &c->plan, err);
}

/* cells[cells] of one image. */
static void weigh(const cam *c, const float *map, const float *gradient, float *cells)
{
    memset(cells, 0, (size_t)c->cells * sizeof *cells);
    for (int64_t k = 0; k < c->channels; k++) {
        float w = (float)c->weight(map + k, gradient + k, c->cells, c->channels);
        for (int64_t j = 0; j < c->cells; j++)
            cells[j] += w * map[j * c->channels + k];
    }
    for (int64_t j = 0; j < c->cells; j++)
        cells[j] = cells[j] > 0 ? cells[j] : 0;
}

gr_status gr_cam_run(void *state, gr_method_batch *batch, gr_error *err)
{
    cam *c = state;
    gr_subject *s = c->subject;
    gr_subject_batch *images = &batch->images;
    (void)err;
    memcpy(gr_plan_data(c->plan, s->network.model->image), images->pixels, (size_t)(images->n * s->pixels) * sizeof(float));
    gr_plan_forward(c->plan, 0, 0);
    memset(c->seeds, 0, (size_t)(gr_plan_batch(c->plan) * s->values) * sizeof *c->seeds); /* beyond n, too */
    gr_subject_choose(s, images, gr_plan_data(c->plan, s->value), gr_plan_data(c->plan, s->network.model->answer), c->seeds);
    gr_plan_backward_from(c->plan, c->seeds);
    const float *maps = gr_plan_data(c->plan, c->layer), *gradients = gr_plan_gradient(c->plan, c->layer);
    int64_t numbers = c->cells * c->channels;
    for (int64_t i = 0; i < images->n; i++)
        weigh(c, maps + i * numbers, gradients + i * numbers, batch->cells + i * c->cells);
    return GR_OK;
}
