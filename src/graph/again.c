/* Values that are made twice: what forward has read for the last time, backward needs much later, and one pass over memory
 * makes from tensors that are kept anyway (a block's sum behind its batch norm), gives its memory back in between.
 *
 * A plan that shall take little memory (low.c) does so with convolutions' outputs as well, which their maker computes again.
 *
 * A value's second life begins at the first backward step that reads it, or that makes another value again from it; so
 * values are looked at from the last to the first. */
#include "graph/again.h"

/* What backward reads of operator o, as bits of gr_op_type.backward_reads. */
static unsigned reads_of(const gr_plan *plan, int o)
{
    const gr_plan_op *po = &plan->ops[o];
    unsigned reads = po->runs_backward && po->op.type->backward_reads != NULL ? po->op.type->backward_reads(&po->op) : 0;
    if (po->lazy_input && po->runs_backward)
        reads |= GR_READS_INPUT0; /* its backward masks by the raw value */
    if (po->lazy_grad_maker >= 0 && po->runs_backward)
        reads |= GR_READS_OUTPUT0;
    return reads;
}

static void note_backward_read(gr_plan *plan, int v, int step)
{
    gr_plan_value *value = &plan->values[v];
    if (value->backward_first < 0 || value->backward_first > step)
        value->backward_first = step;
    if (value->backward_last < step)
        value->backward_last = step;
}

/* Can operator o's output be made again from what is alive in backward, or can be made again itself? */
static bool can_make_again(const gr_plan *plan, int o)
{
    const gr_plan_op *po = &plan->ops[o];
    const gr_plan_value *out = &plan->values[po->op.out[0]->index];
    bool cheap = po->op.type->again != NULL && !po->lazy_input, dear = po->op.type->redo != NULL && out->redo;
    if ((!cheap && !dear) || po->op.out_count != 1 || po->lazy_shared || out->lazy || out->kept)
        return false;
    for (int i = 0; i < po->op.in_count; i++) {
        const gr_plan_value *in = &plan->values[gr_plan_read_value(plan, o, i)];
        if (!in->again && !in->kept && in->backward_first < 0)
            return false;
    }
    return true;
}

static void note_reads(gr_plan *plan)
{
    for (int o = 0; o < plan->op_count; o++) {
        unsigned reads = reads_of(plan, o);
        for (int i = 0; i < plan->ops[o].op.in_count; i++)
            if (reads & (1u << i))
                note_backward_read(plan, gr_plan_read_value(plan, o, i), gr_plan_backward_step(plan, o));
        if (plan->ops[o].leaves && plan->ops[o].op.type->leaves == GR_LEAVES_FACTORS)
            note_backward_read(plan, plan->ops[o].op.in[1]->index, gr_plan_backward_step(plan, plan->ops[o].lazy_maker));
        for (int i = 0; i < plan->ops[o].op.out_count; i++)
            if (reads & (0x100u << i))
                note_backward_read(plan, plan->ops[o].op.out[i]->index, gr_plan_backward_step(plan, o));
    }
}

void gr_plan_choose_again(gr_plan *plan)
{
    for (int v = 0; v < plan->graph->value_count; v++) {
        plan->values[v].backward_first = plan->values[v].backward_last = -1;
        plan->values[v].again = false;
    }
    note_reads(plan);
    if (!plan->options.training || plan->options.no_fusion)
        return;
    for (int o = 0; o < plan->op_count; o++)
        plan->values[plan->ops[o].op.out[0]->index].again = can_make_again(plan, o);
    for (int o = plan->op_count - 1; o >= 0; o--) {
        const gr_op *op = &plan->ops[o].op;
        gr_plan_value *out = &plan->values[op->out[0]->index];
        out->again = out->again && out->backward_first >= 0; /* somebody needs it */
        for (int i = 0; out->again && i < op->in_count; i++)
            note_backward_read(plan, gr_plan_read_value(plan, o, i), out->backward_first);
    }
}

void gr_plan_make_again(gr_plan *plan, int step)
{
    for (int o = 0; o < plan->op_count; o++) { /* in forward order: one may be made from another */
        const gr_plan_value *out = &plan->values[plan->ops[o].op.out[0]->index];
        if (!out->again || out->backward_first != step)
            continue;
        double start = gr_seconds();
        const gr_op_type *type = plan->ops[o].op.type;
        if (out->redo) {
            gr_call call = plan->ops[o].backward;
            call.scratch = gr_plan_at(plan, plan->ops[o].scratch_again);
            type->redo(&call);
        } else {
            type->again(&plan->ops[o].backward);
        }
        plan->ops[o].seconds_again = gr_seconds() - start;
    }
}
