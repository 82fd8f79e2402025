/* Where gradients flow: from the loss, or another start, back to what trains or is asked for, and no further. */
#include "graph/gradients.h"

/* Which values and operators want a gradient: what trains or is asked for lies before them. */
static void find_wishes(gr_plan *plan)
{
    const gr_graph *g = plan->graph;
    for (int i = 0; i < g->value_count; i++) {
        gr_plan_value *value = &plan->values[i];
        bool input = g->values[i]->maker == NULL && g->values[i]->type == GR_F32;
        value->wants_grad = value->asked || (plan->options.training && input && value->kept);
        value->has_grad = false;
    }
    for (int o = 0; o < plan->op_count; o++) {
        gr_plan_op *po = &plan->ops[o];
        bool wants = false;
        for (int i = 0; i < po->op.in_count; i++)
            wants = wants || plan->values[po->op.in[i]->index].wants_grad;
        for (int i = 0; i < po->op.param_count; i++)
            wants = wants || gr_plan_trains(plan, &po->op, i);
        po->wants_backward = wants && po->op.type->backward != NULL;
        for (int i = 0; i < po->op.out_count; i++) {
            gr_plan_value *out = &plan->values[po->op.out[i]->index];
            out->wants_grad = po->wants_backward || out->asked;
        }
    }
}

static gr_status check_asked(const gr_plan *plan, gr_error *err)
{
    const gr_graph *g = plan->graph;
    for (int i = 0; i < g->value_count; i++)
        if (plan->values[i].asked && !plan->values[i].has_grad)
            return gr_fail(err, GR_INVALID, "%s: its gradient is asked for, but %s does not depend on it through operators that "
                           "pass gradients; a value before %s would be right", g->values[i]->name,
                           g->values[plan->start]->name, g->values[plan->start]->name);
    return GR_OK;
}

gr_status gr_plan_flow_gradients(gr_plan *plan, gr_error *err)
{
    find_wishes(plan);
    plan->values[plan->start].has_grad = plan->values[plan->start].wants_grad;
    for (int o = plan->op_count - 1; o >= 0; o--) {
        gr_plan_op *po = &plan->ops[o];
        for (int i = 0; i < po->op.out_count; i++)
            po->runs_backward = po->runs_backward || (po->wants_backward && plan->values[po->op.out[i]->index].has_grad);
        for (int i = 0; po->runs_backward && i < po->op.in_count; i++) {
            gr_plan_value *in = &plan->values[po->op.in[i]->index];
            in->has_grad = in->has_grad || in->wants_grad;
        }
    }
    return check_asked(plan, err);
}
