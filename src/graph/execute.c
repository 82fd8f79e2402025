/* Running a plan: pointers are set when the workspace has moved, then each operator is called in turn. */
#include "graph/again.h"
#include "graph/execute.h"

#include <string.h>

/* The memory behind a value: its own, or the raw one's when it is lazy. */
static float *value_data(const gr_plan *plan, int v, bool backward)
{
    const gr_plan_value *value = &plan->values[v];
    if (value->lazy)
        return value_data(plan, plan->ops[value->maker].op.in[0]->index, backward);
    return gr_plan_at(plan, backward && value->again ? value->data_again : value->data);
}

static void bind_call(gr_plan *plan, gr_plan_op *po, gr_call *call, bool backward)
{
    const gr_op *op = &po->op;
    for (int i = 0; i < op->in_count; i++) {
        const gr_plan_value *v = &plan->values[op->in[i]->index];
        call->in[i].data = value_data(plan, op->in[i]->index, backward);
        call->in[i].grad = backward && v->has_grad ? gr_plan_at(plan, v->grad) : NULL;
        call->in[i].accumulate = po->grad_accumulate[i];
        if (i == 0 && po->leaves)
            call->in[i].grad = NULL;
        call->in[i].stats = gr_plan_at(plan, v->stats);
        call->in[i].stat_blocks = v->stat_blocks;
    }
    for (int i = 0; i < op->out_count; i++) {
        const gr_plan_value *v = &plan->values[op->out[i]->index];
        call->out[i].data = v->lazy ? NULL : value_data(plan, op->out[i]->index, backward);
        call->out[i].grad = backward && v->has_grad ? gr_plan_at(plan, v->grad) : NULL;
        call->out[i].stats = gr_plan_at(plan, v->stats);
        call->out[i].stat_blocks = v->stat_blocks;
    }
    for (int i = 0; i < op->param_count; i++) {
        size_t offset = plan->graph->params[op->param[i]]->offset;
        call->param[i].data = plan->params->values + offset;
        call->param[i].grad = backward && gr_plan_trains(plan, op, i) ? plan->params->gradients + offset : NULL;
    }
    call->saved = gr_plan_at(plan, po->saved);
    call->scratch = gr_plan_at(plan, backward ? po->scratch_backward : po->scratch_forward);
    call->prepared = po->prepared_bytes > 0 ? plan->prepared + po->prepared_offset : NULL;
}

/* Tells the maker of a lazy value where its reader's part of the gradient is. */
static void bind_left(const gr_plan_op *reader, gr_lazy *lazy)
{
    if (reader->op.type->leaves == GR_LEAVES_FACTORS)
        lazy->factors = reader->backward.in[1].data;
    else
        lazy->shares = reader->backward.out[0].grad;
}

void gr_plan_bind(gr_plan *plan)
{
    gr_workspace *w = plan->workspace;
    if (plan->prepared_in_base && w->ran != plan->number)
        plan->prepared_valid = false;
    w->ran = plan->number;
    if (plan->bound_base == w->base && plan->bound_base != NULL)
        return;
    if (plan->prepared_in_base)
        plan->prepared = w->base + plan->arena_bytes;
    for (int o = 0; o < plan->op_count; o++) {
        gr_plan_op *po = &plan->ops[o];
        bind_call(plan, po, &po->forward, false);
        bind_call(plan, po, &po->backward, true);
        if (po->op.type->lazy != NULL)
            po->op.type->lazy(&po->forward, &po->lazy, &po->lazy_grad);
    }
    for (int o = 0; o < plan->op_count; o++) {
        const gr_plan_op *reader = &plan->ops[o];
        if (reader->leaves)
            bind_left(reader, &plan->ops[reader->lazy_maker].lazy);
        if (!reader->lazy_input)
            continue;
        plan->ops[reader->lazy_maker].lazy.mask_stats = gr_plan_at(plan, reader->mask_stats);
        plan->ops[reader->lazy_maker].lazy.blocks = reader->mask_blocks;
    }
    plan->bound_base = w->base;
}

void gr_plan_refresh(gr_plan *plan)
{
    plan->prepared_valid = false;
}

static void prepare(gr_plan *plan)
{
    if (plan->prepared_valid || plan->options.training)
        return;
    for (int o = 0; o < plan->op_count; o++) {
        gr_call call = plan->ops[o].forward;
        call.scratch = plan->prepared != NULL ? plan->prepared + plan->prepared_bytes : NULL;
        if (plan->ops[o].op.type->prepare != NULL)
            plan->ops[o].op.type->prepare(&call);
    }
    plan->prepared_valid = true;
}

void gr_plan_forward_op(gr_plan *plan, int o)
{
    gr_plan_op *po = &plan->ops[o];
    double start = gr_seconds();
    if (po->joined)
        po->op.type->forward_joined(&po->forward, &plan->ops[o + 1].forward);
    else
        po->op.type->forward(&po->forward);
    po->seconds_forward = gr_seconds() - start;
}

/* Operator `o`, with the one that joins it: how many have run. Of several pieces the seconds add up. */
static int forward_joined(gr_plan *plan, int o, bool first)
{
    gr_plan_op *po = &plan->ops[o];
    const double before = first ? 0.0 : po->seconds_forward;
    gr_plan_forward_op(plan, o);
    po->seconds_forward += before;
    if (po->joined)
        plan->ops[o + 1].seconds_forward = 0.0;
    return po->joined ? 2 : 1;
}

/* Points the calls of those that run in pieces at the images from `first` on, of values that hold the whole batch. */
static void bind_piece(gr_plan *plan, int64_t first)
{
    for (int o = 0; o < plan->split; o++) {
        gr_plan_op *po = &plan->ops[o];
        for (int i = 0; i < po->op.in_count + po->op.out_count; i++) {
            const bool in = i < po->op.in_count;
            const int v = (in ? po->op.in[i] : po->op.out[i - po->op.in_count])->index;
            gr_operand *operand = in ? &po->forward.in[i] : &po->forward.out[i - po->op.in_count];
            if (plan->values[v].images == 0)
                operand->data = value_data(plan, v, false) + gr_shape_elements(&operand->shape) / plan->piece * first;
        }
    }
}

static void run_pieces(gr_plan *plan)
{
    const int64_t last = plan->options.batch - plan->piece;
    for (int64_t image = 0; image < plan->options.batch; image += plan->piece) {
        bind_piece(plan, image < last ? image : last);
        for (int o = 0; o < plan->split;)
            o += forward_joined(plan, o, image == 0);
    }
}

void gr_plan_forward(gr_plan *plan, uint64_t seed, uint64_t step)
{
    gr_plan_bind(plan);
    prepare(plan);
    plan->step = (gr_step){.seed = seed, .index = step};
    if (plan->split > 0)
        run_pieces(plan);
    for (int o = plan->split; o < plan->op_count;)
        o += forward_joined(plan, o, true);
}

/* Puts asked gradients of operator o's outputs aside: they are complete, and backward may write over them. */
static void keep_gradients(gr_plan *plan, int o)
{
    for (int i = 0; i < plan->ops[o].op.out_count; i++) {
        const gr_plan_value *out = &plan->values[plan->ops[o].op.out[i]->index];
        if (out->grad_kept != GR_NO_BUFFER)
            memcpy(gr_plan_at(plan, out->grad_kept), gr_plan_at(plan, out->grad), gr_plan_grad_bytes(out));
    }
}

void gr_plan_before_backward(gr_plan *plan, int o)
{
    keep_gradients(plan, o);
    gr_plan_make_again(plan, gr_plan_backward_step(plan, o));
}

void gr_plan_backward_op(gr_plan *plan, int o)
{
    double start = gr_seconds();
    plan->ops[o].op.type->backward(&plan->ops[o].backward);
    plan->ops[o].seconds_backward = gr_seconds() - start;
}

/* From the start's gradient, which is written. */
static void run_backward(gr_plan *plan)
{
    for (int o = plan->op_count - 1; o >= 0; o--) {
        if (!plan->ops[o].runs_backward)
            continue;
        gr_plan_before_backward(plan, o);
        gr_plan_backward_op(plan, o);
    }
}

/* The start's gradient, or NULL when nothing runs backward. */
static float *start_gradient(const gr_plan *plan)
{
    return plan->gradients && plan->values[plan->start].has_grad ? gr_plan_at(plan, plan->values[plan->start].grad) : NULL;
}

bool gr_plan_seed_ones(gr_plan *plan)
{
    float *gradient = start_gradient(plan);
    if (gradient == NULL)
        return false;
    for (int64_t i = 0; i < gr_shape_elements(&plan->values[plan->start].shape); i++)
        gradient[i] = 1.0f;
    return true;
}

void gr_plan_backward(gr_plan *plan)
{
    if (gr_plan_seed_ones(plan))
        run_backward(plan);
}

void gr_plan_backward_from(gr_plan *plan, const float *seed)
{
    float *gradient = start_gradient(plan);
    if (gradient == NULL)
        return;
    memcpy(gradient, seed, gr_plan_grad_bytes(&plan->values[plan->start]));
    run_backward(plan);
}
