/* Where gradients flow: from the loss back to what trains, and no further. */
#include "graph/gradients.h"

static bool trains(const gr_plan *plan, const gr_op *op, int i)
{
    const gr_parameter *param = plan->graph->params[op->param[i]];
    return !param->buffer && !param->frozen;
}

void gr_plan_flow_gradients(gr_plan *plan)
{
    const gr_graph *g = plan->graph;
    for (int i = 0; i < g->value_count; i++) {
        bool asked = g->values[i]->maker == NULL && plan->values[i].kept && g->values[i]->type == GR_F32;
        plan->values[i].wants_grad = asked;
        plan->values[i].has_grad = false;
    }
    for (int o = 0; o < plan->op_count; o++) {
        const gr_op *op = &plan->ops[o].op;
        bool wants = false;
        for (int i = 0; i < op->in_count; i++)
            wants = wants || plan->values[op->in[i]->index].wants_grad;
        for (int i = 0; i < op->param_count; i++)
            wants = wants || trains(plan, op, i);
        for (int i = 0; i < op->out_count; i++)
            plan->values[op->out[i]->index].wants_grad = wants && op->type->backward != NULL;
    }
    plan->values[plan->loss].has_grad = plan->values[plan->loss].wants_grad;
    for (int o = plan->op_count - 1; o >= 0; o--) {
        gr_plan_op *po = &plan->ops[o];
        for (int i = 0; i < po->op.out_count; i++)
            po->runs_backward = po->runs_backward || plan->values[po->op.out[i]->index].has_grad;
        for (int i = 0; po->runs_backward && i < po->op.in_count; i++) {
            gr_plan_value *in = &plan->values[po->op.in[i]->index];
            in->has_grad = in->has_grad || in->wants_grad;
        }
    }
}
