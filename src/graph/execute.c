/* Running a plan: pointers are set when the workspace has moved, then each operator is called in turn. */
#include "graph/plan_private.h"

#include <string.h>

static void *at(const gr_plan *plan, int buffer)
{
    return buffer == GR_NO_BUFFER ? NULL : plan->workspace->base + plan->buffers[buffer].offset;
}

/* The memory behind a value: its own, or the raw one's when it is lazy. */
static float *value_data(const gr_plan *plan, int v, bool backward)
{
    const gr_plan_value *value = &plan->values[v];
    if (value->lazy)
        return value_data(plan, plan->ops[value->maker].op.in[0]->index, backward);
    return at(plan, backward && value->again ? value->data_again : value->data);
}

static void bind_call(gr_plan *plan, gr_plan_op *po, gr_call *call, bool backward)
{
    const gr_op *op = &po->op;
    for (int i = 0; i < op->in_count; i++) {
        const gr_plan_value *v = &plan->values[op->in[i]->index];
        call->in[i].data = value_data(plan, op->in[i]->index, backward);
        call->in[i].grad = backward && v->has_grad ? at(plan, v->grad) : NULL;
        call->in[i].accumulate = po->grad_accumulate[i];
        call->in[i].stats = at(plan, v->stats);
        call->in[i].stat_blocks = v->stat_blocks;
    }
    for (int i = 0; i < op->out_count; i++) {
        const gr_plan_value *v = &plan->values[op->out[i]->index];
        call->out[i].data = v->lazy ? NULL : value_data(plan, op->out[i]->index, backward);
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
        gr_plan_make_again(plan, gr_plan_backward_step(plan, o));
        double start = gr_seconds();
        plan->ops[o].op.type->backward(&plan->ops[o].backward);
        plan->ops[o].seconds_backward = gr_seconds() - start;
    }
}

float *gr_plan_data(const gr_plan *plan, const gr_value *value)
{
    const gr_plan_value *v = &plan->values[value->index];
    bool readable = v->kept || value->maker == NULL || value == plan->options.given;
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

/* Bytes that a pass reads and writes at least: its operands once each; a backward also their gradients. */
static double touched(const gr_call *call, const gr_op *op, bool backward)
{
    double floats = 0.0;
    for (int i = 0; i < op->in_count; i++)
        floats += (double)gr_shape_elements(&call->in[i].shape) * (backward && call->in[i].grad != NULL ? 2 : 1);
    for (int i = 0; i < op->out_count; i++)
        floats += call->out[i].lazy != NULL ? 0.0 : (double)gr_shape_elements(&call->out[i].shape);
    for (int i = 0; i < op->param_count; i++)
        floats += (double)gr_shape_elements(&call->param[i].shape);
    return floats * sizeof(float);
}

static double total_seconds(const gr_plan *plan)
{
    double total = 0.0;
    for (int o = 0; o < plan->op_count; o++)
        total += plan->ops[o].seconds_forward + plan->ops[o].seconds_again + plan->ops[o].seconds_backward;
    return total;
}

/* A backward computes as much for each gradient that it gives as the forward did for its output. */
static double pass_flops(const gr_plan_op *po, gr_pass pass)
{
    if (po->op.type->flops == NULL)
        return 0.0;
    const gr_call *back = &po->backward;
    int gradients = (back->in[0].grad != NULL) + (back->op->param_count > 0 && back->param[0].grad != NULL);
    return po->op.type->flops(&po->forward) * (pass == GR_PASS_FORWARD ? 1.0 : (double)gradients);
}

static void report_pass(const gr_plan *plan, const gr_plan_op *po, gr_pass pass, gr_text *out)
{
    const gr_call *call = pass == GR_PASS_FORWARD ? &po->forward : &po->backward;
    char shape[GR_SHAPE_TEXT], how[512] = "";
    double flops = pass_flops(po, pass), whole = total_seconds(plan);
    double seconds = pass == GR_PASS_FORWARD ? po->seconds_forward + po->seconds_again : po->seconds_backward;
    if (po->op.type->describe != NULL)
        po->op.type->describe(call, pass, how, sizeof how);
    const char *note = call->out[0].lazy != NULL ? "left to its reader " : "";
    if (pass == GR_PASS_FORWARD && plan->values[po->op.out[0]->index].again)
        note = "made again for backward ";
    gr_text_printf(out, "%-8s %-32s %-15s %-20s %9.1f %8.1f %8.2f %6.1f %8.1f  %s%s\n",
                     pass == GR_PASS_FORWARD ? "forward" : "backward", po->op.name, po->op.type->name,
                     gr_shape_text(&call->out[0].shape, shape), flops * 1e-6,
                     touched(call, &po->op, pass == GR_PASS_BACKWARD) * 1e-6, seconds * 1e3,
                     whole > 0.0 ? 100.0 * seconds / whole : 0.0, seconds > 0.0 ? flops / seconds * 1e-9 : 0.0,
                     note, how);
}

char *gr_plan_report(const gr_plan *plan)
{
    gr_text out = {0};
    gr_text_printf(&out, "%-8s %-32s %-15s %-20s %9s %8s %8s %6s %8s  %s\n", "pass", "layer", "operator", "output", "MFLOP", "MB",
                     "ms", "%", "GFLOP/s", "algorithm");
    for (int o = 0; o < plan->op_count; o++)
        report_pass(plan, &plan->ops[o], GR_PASS_FORWARD, &out);
    for (int o = plan->op_count - 1; o >= 0; o--)
        if (plan->ops[o].runs_backward)
            report_pass(plan, &plan->ops[o], GR_PASS_BACKWARD, &out);
    gr_text_printf(&out,
                     "one step: %.1f ms; arena: %.1f MB (%.1f MB without sharing by lifetime); packed weights: %.1f MB; "
                     "parameters: %.1f MB\n",
                     total_seconds(plan) * 1e3, (double)plan->arena_bytes / 1e6, (double)plan->unshared_bytes / 1e6,
                     (double)plan->prepared_bytes / 1e6, (double)plan->params->count * 4e-6);
    if (out.failed) {
        gr_text_free(&out);
        return NULL;
    }
    return out.data;
}
