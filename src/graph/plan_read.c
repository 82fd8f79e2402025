/* What a plan's records say: the order of steps, who reads what, where it lies. */
#include "graph/plan_private.h"

const char *gr_precision_name(int i)
{
    static const char *const names[] = {[GR_F32] = "f32", [GR_BF16] = "bf16"};
    return i >= 0 && i < (int)(sizeof names / sizeof names[0]) ? names[i] : NULL;
}

void gr_plan_index(gr_plan *plan)
{
    for (int i = 0; i < plan->graph->value_count; i++) {
        plan->values[i].maker = -1;
        plan->values[i].readers = 0;
        plan->values[i].only_reader = -1;
    }
    for (int o = 0; o < plan->op_count; o++) {
        const gr_op *op = &plan->ops[o].op;
        for (int i = 0; i < op->in_count; i++) {
            plan->values[op->in[i]->index].readers++;
            plan->values[op->in[i]->index].only_reader = o;
        }
        for (int i = 0; i < op->out_count; i++)
            plan->values[op->out[i]->index].maker = o;
    }
}

int gr_plan_backward_step(const gr_plan *plan, int op)
{
    return 2 * plan->op_count - 1 - op;
}

int gr_plan_read_value(const gr_plan *plan, int o, int i)
{
    const gr_plan_op *po = &plan->ops[o];
    if (i == 0 && (po->lazy_input || po->lazy_shared))
        return plan->ops[po->lazy_maker].op.in[0]->index;
    if (i == 1 && po->lazy_residual)
        return plan->ops[po->lazy_maker].op.in[0]->index;
    return po->op.in[i]->index;
}

bool gr_plan_trains(const gr_plan *plan, const gr_op *op, int i)
{
    const gr_parameter *param = plan->graph->params[op->param[i]];
    return plan->options.training && !param->buffer && !param->frozen;
}

size_t gr_plan_value_bytes(const gr_plan_value *value)
{
    const size_t bytes = (size_t)gr_shape_elements(&value->shape) * (value->narrow ? sizeof(uint16_t) : sizeof(float));
    return value->images > 0 ? bytes / (size_t)value->shape.dim[0] * (size_t)value->images : bytes;
}

size_t gr_plan_grad_bytes(const gr_plan_value *value)
{
    return (size_t)gr_shape_elements(&value->shape) * (value->narrow_grad ? sizeof(uint16_t) : sizeof(float));
}

void *gr_plan_at(const gr_plan *plan, int buffer)
{
    return buffer == GR_NO_BUFFER ? NULL : plan->workspace->base + plan->buffers[buffer].offset;
}

float *gr_plan_data(const gr_plan *plan, const gr_value *value)
{
    const gr_plan_value *v = &plan->values[value->index];
    bool readable = v->kept || value->maker == NULL || value == plan->options.given;
    return readable ? gr_plan_at(plan, v->data) : NULL;
}

const float *gr_plan_gradient(const gr_plan *plan, const gr_value *value)
{
    const gr_plan_value *v = &plan->values[value->index];
    bool readable = v->asked || (v->kept && value->maker == NULL);
    return readable && v->has_grad ? gr_plan_at(plan, v->grad_kept != GR_NO_BUFFER ? v->grad_kept : v->grad) : NULL;
}

int64_t gr_plan_batch(const gr_plan *plan)
{
    return plan->options.batch;
}

size_t gr_plan_bytes(const gr_plan *plan, size_t *unshared)
{
    if (unshared != NULL)
        *unshared = plan->unshared_bytes;
    return plan->arena_bytes;
}
