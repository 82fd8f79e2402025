#include "explain/relevance_layers.h"

#include <string.h>

#include "explain/relevance_weights.h"
#include "ops/ops.h"

/* Which weights each part uses, and which parts are computed at all: none for what an input without numbers below 0 lacks.
 */
typedef struct layer {
    gr_relevance_weights *weights;
    int id[2][2];
    bool idle[2][2];
    bool pair[2]; /* a set's two parts in one product, whose weights are id[set][0] */
    bool pairs;   /* any set's */
} layer;

static bool is_idle(const gr_relevance_step *step, const gr_relevance_part *part)
{
    return part->view == GR_VIEW_NEGATIVE && step->above[0];
}

/* max(x, 0) is x where no number is below 0: nothing is copied then. */
static gr_view view_of(const gr_relevance_step *step, const gr_relevance_part *part)
{
    return part->view == GR_VIEW_POSITIVE && step->above[0] ? GR_VIEW_X : part->view;
}

static gr_status prepare_set(const gr_relevance_step *step, int s, gr_error *err)
{
    const gr_relevance_set *set = &gr_relevance_rule_of(step)->sets[s];
    layer *l = step->state;
    gr_status status = GR_OK;
    for (int i = 0; i < set->count; i++)
        l->idle[s][i] = is_idle(step, &set->parts[i]);
    l->pair[s] = set->count == 2 && !l->idle[s][0] && !l->idle[s][1] && gr_relevance_weights_pairs(l->weights);
    l->pairs = l->pairs || l->pair[s];
    if (l->pair[s])
        return gr_relevance_weights_add_pair(l->weights, set->parts, &l->id[s][0], err);
    for (int i = 0; status == GR_OK && i < set->count; i++)
        if (!l->idle[s][i])
            status = gr_relevance_weights_add(l->weights, &set->parts[i], &l->id[s][i], err);
    return status;
}

static gr_status prepare(gr_relevance_step *step, gr_error *err)
{
    const gr_relevance_rule *rule = gr_relevance_rule_of(step);
    layer *l = gr_alloc(1, sizeof *l);
    step->state = l;
    if (l == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the layer %s", step->op->name);
    gr_status status = gr_relevance_weights_create(step, &l->weights, err);
    for (int s = 0; status == GR_OK && s < rule->count; s++)
        status = prepare_set(step, s, err);
    return status;
}

static void destroy(gr_relevance_step *step)
{
    layer *l = step->state;
    if (l != NULL)
        gr_relevance_weights_destroy(l->weights);
    gr_free(l);
}

static unsigned reads(const gr_relevance_step *step)
{
    const gr_relevance_rule *rule = gr_relevance_rule_of(step);
    unsigned all = 0;
    for (int s = 0; s < rule->count; s++) {
        const gr_relevance_set *set = &rule->sets[s];
        all |= set->from_output || set->side != GR_SIDE_ALL ? GR_READS_OUTPUT0 : 0;
        for (int i = 0; i < set->count; i++)
            all |= set->parts[i].view != GR_VIEW_ONE ? GR_READS_INPUT0 : 0;
    }
    return all;
}

/* Places in the scratch: z, s and a part's z as large as the output; a view and a product as large as the input,
 * twice as large for pairs; the kernels'. */
typedef struct places {
    float *z, *s, *more, *view, *product;
    void *rest;
} places;

enum { LINE = 64 };

static size_t lines(int64_t floats)
{
    return ((size_t)floats * sizeof(float) + LINE - 1) / LINE * LINE;
}

static size_t view_bytes(const gr_relevance_step *step)
{
    const layer *l = step->state;
    return lines((l->pairs ? 2 : 1) * gr_relevance_elements(&step->call.in[0]));
}

static places places_of(const gr_relevance_step *step)
{
    size_t out = lines(gr_relevance_elements(&step->call.out[0])), in = view_bytes(step);
    char *at = step->call.scratch;
    return (places){(float *)at,
                    (float *)(at + out),
                    (float *)(at + 2 * out),
                    (float *)(at + 3 * out),
                    (float *)(at + 3 * out + in),
                    at + 3 * out + 2 * in};
}

static size_t scratch_size(const gr_relevance_step *step)
{
    const layer *l = step->state;
    return 3 * lines(gr_relevance_elements(&step->call.out[0])) + 2 * view_bytes(step) +
           gr_relevance_weights_scratch(l->weights);
}

static const float *bound_of(const gr_relevance_step *step, const gr_relevance_part *part)
{
    return part->view == GR_VIEW_ABOVE_LOW ? step->low : step->high;
}

static const float *see(const gr_relevance_step *step, const gr_relevance_part *part, const places *at)
{
    const gr_operand *in = &step->call.in[0];
    gr_view view = view_of(step, part);
    if (view == GR_VIEW_X)
        return in->data;
    int64_t images = in->shape.dim[0], count = gr_relevance_elements(in) / images;
    gr_relevance_view(view, images, count, in->data, bound_of(step, part), at->view);
    return at->view;
}

/* Both views of a set whose parts are computed together, in at->view. */
static void see_pair(const gr_relevance_step *step, const gr_relevance_set *set, const places *at)
{
    const gr_operand *in = &step->call.in[0];
    int64_t images = in->shape.dim[0], count = gr_relevance_elements(in) / images;
    gr_view views[2] = {set->parts[0].view, set->parts[1].view};
    const float *bounds[2] = {bound_of(step, &set->parts[0]), bound_of(step, &set->parts[1])};
    gr_relevance_view_pair(views, images, count, gr_shape_last(&in->shape), in->data, bounds, at->view);
}

/* z of a set, in at->z. */
static void add_up(const gr_relevance_step *step, const gr_relevance_set *set, int s, const places *at)
{
    const layer *l = step->state;
    int64_t count = gr_relevance_elements(&step->call.out[0]);
    bool any = false;
    if (set->from_output) {
        gr_relevance_copy(count, step->call.out[0].data, at->z, false);
        return;
    }
    if (l->pair[s]) {
        see_pair(step, set, at);
        gr_relevance_weights_forward(l->weights, l->id[s][0], at->view, at->z, at->rest);
        return;
    }
    for (int i = 0; i < set->count; i++) {
        if (l->idle[s][i])
            continue;
        const float *x = see(step, &set->parts[i], at);
        gr_relevance_weights_forward(l->weights, l->id[s][i], x, any ? at->more : at->z, at->rest);
        if (any)
            gr_kernels_get()->accumulate(count, at->more, at->z);
        any = true;
    }
}

/* R_i of a set, from at->s. A pair's views are still there. */
static void give(gr_relevance_step *step, const gr_relevance_set *set, int s, const places *at, bool *written)
{
    const layer *l = step->state;
    gr_operand *in = &step->call.in[0];
    if (l->pair[s]) {
        gr_relevance_weights_backward(l->weights, l->id[s][0], at->s, at->product, at->rest);
        gr_relevance_multiply_pair(gr_shape_rows(&in->shape), gr_shape_last(&in->shape), set->factor, at->view, at->product,
                                   in->grad, *written);
        *written = true;
        return;
    }
    for (int i = 0; i < set->count; i++) {
        if (l->idle[s][i])
            continue;
        gr_relevance_weights_backward(l->weights, l->id[s][i], at->s, at->product, at->rest);
        const float *x = set->parts[i].view != GR_VIEW_ONE ? see(step, &set->parts[i], at) : NULL;
        gr_relevance_multiply(gr_relevance_elements(in), set->factor, x, at->product, in->grad, *written);
        *written = true;
    }
}

static void run_set(gr_relevance_step *step, int s, bool *written)
{
    const gr_relevance_rule *rule = gr_relevance_rule_of(step);
    const gr_relevance_set *set = &rule->sets[s];
    const gr_operand *out = &step->call.out[0];
    const layer *l = step->state;
    places at = places_of(step);
    int64_t count = gr_relevance_elements(out);
    if (set->side == GR_SIDE_BELOW && !gr_relevance_below(count, out->data, out->grad))
        return;
    add_up(step, set, s, &at);
    bool left = gr_relevance_divide(count, rule->division, rule->eps, set->side, out->data, out->grad, at.z, at.s);
    give(step, set, s, &at, written);
    if (left)
        gr_relevance_weights_spread(l->weights, at.z, step->call.in[0].grad);
}

static void run(gr_relevance_step *step)
{
    const gr_relevance_rule *rule = gr_relevance_rule_of(step);
    gr_operand *in = &step->call.in[0];
    bool written = in->accumulate;
    for (int s = 0; s < rule->count; s++)
        run_set(step, s, &written);
    if (!written)
        memset(in->grad, 0, (size_t)gr_relevance_elements(in) * sizeof(float));
}

#define WEIGHING(operator)                                                                                                  \
    {                                                                                                                       \
        .type = &gr_op_##operator, .weighs = true, .reads = reads, .scratch_size = scratch_size, .prepare = prepare,        \
        .run = run, .destroy = destroy                                                                                      \
    }
const gr_relevance_kind gr_relevance_conv2d = WEIGHING(conv2d), gr_relevance_dense = WEIGHING(dense);
