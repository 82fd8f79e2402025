/* The attention of the head painseeker (Liu et al. 2025, equation 2): the share beta_j that each region of the last feature
 * map has in what the classifier reads, which add up to 1. It is the same whatever class is explained. */
#include <string.h>

#include "explain/method.h"

typedef struct attention {
    gr_subject *subject;
    gr_plan *plan;
    int64_t cells;
} attention;

static void close_attention(void *state)
{
    attention *a = state;
    if (a != NULL)
        gr_plan_destroy(a->plan);
    gr_free(a);
}

static gr_status open_attention(gr_subject *s, const gr_explain_options *options, int64_t batch, gr_method_at *at,
                                void **state, gr_error *err)
{
    const gr_model *m = s->network.model;
    attention *a = gr_alloc(1, sizeof *a);
    (void)options;
    *state = a;
    if (a == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    gr_shape map = gr_value_shape(m->features);
    a->subject = s;
    a->cells = map.dim[1] * map.dim[2];
    *at = (gr_method_at){.layer = "attention", .rows = (int)map.dim[1], .columns = (int)map.dim[2]};
    const gr_value *keep[] = {s->value, m->answer, m->beta};
    gr_plan_options plan = {.batch = batch, .keep = keep, .keep_count = 3};
    return gr_plan_compile(m->graph, s->network.params, s->workspace, &plan, &a->plan, err);
}

static gr_status run(void *state, gr_method_batch *batch, gr_error *err)
{
    attention *a = state;
    gr_subject *s = a->subject;
    const gr_model *m = s->network.model;
    gr_subject_batch *images = &batch->images;
    (void)err;
    memcpy(gr_plan_data(a->plan, m->image), images->pixels, (size_t)(images->n * s->pixels) * sizeof(float));
    gr_plan_forward(a->plan, 0, 0);
    gr_subject_choose(s, images, gr_plan_data(a->plan, s->value), gr_plan_data(a->plan, m->answer), NULL);
    memcpy(batch->cells, gr_plan_data(a->plan, m->beta), (size_t)(images->n * a->cells) * sizeof(float));
    return GR_OK;
}

const gr_method gr_attention_method = {
    .name = "attention",
    .summary = "PainSeeker's attention: how much each region counts, whatever the class",
    .needs = GR_NEEDS_ATTENTION,
    .cells = true,
    .open = open_attention,
    .close = close_attention,
    .run = run,
};
