/* Values that are stored as bfloat16 between operators, with their gradients: half the memory, and half of what a step that waits
 * for memory moves. A value is narrow where its maker and all who read it say so; what is kept, feature vectors and inputs never
 * are.
 *
 * A lazy value has no data: its reader sees the raw value behind it, and leaves its gradient, which is the raw value's as well, to
 * be completed by who made that. */
#include "graph/narrow.h"

/* May operator o's input `i` be narrow? Where that is lazy it is the raw value behind it. */
static bool takes(const gr_plan *plan, int o, int i)
{
    const gr_plan_op *po = &plan->ops[o];
    return po->op.type->takes_narrow != NULL && po->op.type->takes_narrow(&po->backward, i);
}

static bool gives(const gr_plan *plan, int o)
{
    const gr_plan_op *po = &plan->ops[o];
    bool good = po->op.out_count == 1 && po->op.type->gives_narrow != NULL && po->op.type->gives_narrow(&po->backward);
    if (good && po->lazy_grad_input) { /* who completes the gradient reads it */
        const gr_plan_op *maker = &plan->ops[plan->values[po->op.in[0]->index].maker];
        good = maker->op.type->gives_narrow != NULL && maker->op.type->gives_narrow(&maker->backward);
    }
    return good;
}

/* Does nobody who reads `v`, or the lazy value that stands for it, refuse? */
static bool all_take(const gr_plan *plan, int v)
{
    for (int o = 0; o < plan->op_count; o++)
        for (int i = 0; i < plan->ops[o].op.in_count; i++)
            if ((plan->ops[o].op.in[i]->index == v || gr_plan_read_value(plan, o, i) == v) && !takes(plan, o, i))
                return false;
    return true;
}

static void tell(const gr_plan *plan, int o, gr_call *call)
{
    const gr_op *op = &plan->ops[o].op;
    for (int i = 0; i < op->in_count; i++) {
        call->in[i].narrow = plan->values[gr_plan_read_value(plan, o, i)].narrow;
        call->in[i].narrow_grad = plan->values[op->in[i]->index].narrow_grad;
    }
    for (int i = 0; i < op->out_count; i++) {
        call->out[i].narrow = plan->values[op->out[i]->index].narrow;
        call->out[i].narrow_grad = plan->values[op->out[i]->index].narrow_grad;
    }
}

void gr_plan_choose_narrow(gr_plan *plan)
{
    if (!plan->options.training || plan->options.precision != GR_BF16 || plan->options.no_fusion)
        return;
    for (int v = 0; v < plan->graph->value_count; v++) {
        gr_plan_value *value = &plan->values[v];
        bool map = plan->graph->values[v]->type == GR_F32 && value->shape.rank == 4;
        value->narrow = map && value->maker >= 0 && !value->kept && gives(plan, value->maker) && all_take(plan, v);
        value->narrow_grad = value->narrow;
    }
    for (int o = plan->op_count - 1; o >= 0; o--)
        if (plan->ops[o].lazy_grad_input)
            plan->values[plan->ops[o].op.in[0]->index].narrow_grad = plan->values[plan->ops[o].op.out[0]->index].narrow_grad;
    for (int o = 0; o < plan->op_count; o++) {
        tell(plan, o, &plan->ops[o].forward);
        tell(plan, o, &plan->ops[o].backward);
    }
}
