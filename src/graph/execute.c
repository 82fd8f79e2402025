/* Running a plan: pointers are set when the workspace has moved, then each operator is called in turn. */
#include "graph/plan_private.h"

#include <string.h>

static void *at(const gr_plan *plan, int buffer)
{
    return buffer == GR_NO_BUFFER ? NULL : plan->workspace->base + plan->buffers[buffer].offset;
}

/* The memory behind a value: its own, or the raw one's when it is lazy. */
static float *value_data(const gr_plan *plan, int v)
{
    const gr_plan_value *value = &plan->values[v];
    if (value->lazy)
        return value_data(plan, plan->ops[value->maker].op.in[0]->index);
    return at(plan, value->data);
}

static void bind_call(gr_plan *plan, gr_plan_op *po, gr_call *call, bool backward)
{
    const gr_op *op = &po->op;
    for (int i = 0; i < op->in_count; i++) {
        const gr_plan_value *v = &plan->values[op->in[i]->index];
        call->in[i].data = value_data(plan, op->in[i]->index);
        call->in[i].grad = backward && v->has_grad ? at(plan, v->grad) : NULL;
        call->in[i].accumulate = po->grad_accumulate[i];
        call->in[i].stats = at(plan, v->stats);
        call->in[i].stat_blocks = v->stat_blocks;
    }
    for (int i = 0; i < op->out_count; i++) {
        const gr_plan_value *v = &plan->values[op->out[i]->index];
        call->out[i].data = v->lazy ? NULL : at(plan, v->data);
        call->out[i].grad = backward && v->has_grad ? at(plan, v->grad) : NULL;
        call->out[i].stats = at(plan, v->stats);
        call->out[i].stat_blocks = v->stat_blocks;
    }
    for (int i = 0; i < op->param_count; i++) {
        const gr_parameter *param = plan->graph->params[op->param[i]];
        bool trains = !param->buffer && !param->frozen;
        call->param[i].data = plan->params->values + param->offset;
        call->param[i].grad = backward && trains ? plan->params->gradients + param->offset : NULL;
    }
    call->saved = at(plan, po->saved);
    call->scratch = at(plan, backward ? po->scratch_backward : po->scratch_forward);
    call->prepared = po->prepared_bytes > 0 ? plan->prepared + po->prepared_offset : NULL;
}

static void bind(gr_plan *plan)
{
    if (plan->bound_base == plan->workspace->base && plan->bound_base != NULL)
        return;
    for (int o = 0; o < plan->op_count; o++) {
        gr_plan_op *po = &plan->ops[o];
        bind_call(plan, po, &po->forward, false);
        bind_call(plan, po, &po->backward, true);
        if (po->op.type->lazy != NULL)
            po->op.type->lazy(&po->forward, &po->lazy, &po->lazy_grad);
    }
    for (int o = 0; o < plan->op_count; o++) {
        const gr_plan_op *reader = &plan->ops[o];
        if (!reader->lazy_input)
            continue;
        plan->ops[reader->lazy_maker].lazy.mask_stats = at(plan, reader->mask_stats);
        plan->ops[reader->lazy_maker].lazy.blocks = reader->mask_blocks;
    }
    plan->bound_base = plan->workspace->base;
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
        call.scratch = plan->prepared + plan->prepared_bytes;
        if (plan->ops[o].op.type->prepare != NULL)
            plan->ops[o].op.type->prepare(&call);
    }
    plan->prepared_valid = true;
}

void gr_plan_forward(gr_plan *plan, uint64_t seed, uint64_t step)
{
    bind(plan);
    prepare(plan);
    plan->step = (gr_step){seed, step};
    for (int o = 0; o < plan->op_count; o++) {
        double start = gr_seconds();
        plan->ops[o].op.type->forward(&plan->ops[o].forward);
        plan->ops[o].seconds_forward = gr_seconds() - start;
    }
}

void gr_plan_backward(gr_plan *plan)
{
    if (!plan->options.training || !plan->values[plan->loss].has_grad)
        return;
    *(float *)at(plan, plan->values[plan->loss].grad) = 1.0f;
    for (int o = plan->op_count - 1; o >= 0; o--) {
        if (!plan->ops[o].runs_backward)
            continue;
        double start = gr_seconds();
        plan->ops[o].op.type->backward(&plan->ops[o].backward);
        plan->ops[o].seconds_backward = gr_seconds() - start;
    }
}

float *gr_plan_data(const gr_plan *plan, const gr_value *value)
{
    const gr_plan_value *v = &plan->values[value->index];
    bool readable = v->kept || value->maker == NULL;
    return readable ? at(plan, v->data) : NULL;
}

const float *gr_plan_gradient(const gr_plan *plan, const gr_value *value)
{
    const gr_plan_value *v = &plan->values[value->index];
    return v->kept && v->has_grad ? at(plan, v->grad) : NULL;
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

static void report_pass(const gr_plan *plan, const gr_plan_op *po, gr_pass pass, gr_buffer *out)
{
    const gr_call *call = pass == GR_PASS_FORWARD ? &po->forward : &po->backward;
    char in[GR_SHAPE_TEXT], made[GR_SHAPE_TEXT], how[256] = "";
    double flops = po->op.type->flops != NULL ? po->op.type->flops(call) : 0.0;
    double seconds = pass == GR_PASS_FORWARD ? po->seconds_forward : po->seconds_backward;
    if (po->op.type->describe != NULL)
        po->op.type->describe(call, pass, how, sizeof how);
    (void)plan;
    gr_buffer_printf(out, "%-8s %-36s %-14s %-22s %-22s %10.1f %9.2f  %s\n", pass == GR_PASS_FORWARD ? "forward" : "backward",
                     po->op.name, po->op.type->name, gr_shape_text(&call->in[0].shape, in),
                     gr_shape_text(&call->out[0].shape, made), flops * (pass == GR_PASS_FORWARD ? 1e-6 : 2e-6), seconds * 1e3, how);
}

char *gr_plan_report(const gr_plan *plan)
{
    gr_buffer out = {0};
    gr_buffer_printf(&out, "%-8s %-36s %-14s %-22s %-22s %10s %9s  %s\n", "pass", "layer", "operator", "input", "output",
                     "MFLOP", "ms", "algorithm");
    for (int o = 0; o < plan->op_count; o++)
        report_pass(plan, &plan->ops[o], GR_PASS_FORWARD, &out);
    for (int o = plan->op_count - 1; o >= 0; o--)
        if (plan->ops[o].runs_backward)
            report_pass(plan, &plan->ops[o], GR_PASS_BACKWARD, &out);
    gr_buffer_printf(&out, "arena: %.1f MB (%.1f MB without sharing by lifetime), packed weights %.1f MB, parameters %.1f MB\n",
                     (double)plan->arena_bytes / 1e6, (double)plan->unshared_bytes / 1e6, (double)plan->prepared_bytes / 1e6,
                     (double)plan->params->count * 4e-6);
    if (out.failed) {
        gr_buffer_free(&out);
        return NULL;
    }
    return out.data;
}
