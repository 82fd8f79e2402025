/* The plan as text: a row for each operator and pass. */
#include "graph/plan_private.h"

/* Bytes that a pass reads and writes at least: its operands once each; a backward also their gradients. */
static double touched(const gr_call *call, const gr_op *op, bool backward)
{
    double bytes = 0.0;
    for (int i = 0; i < op->in_count; i++) {
        double count = (double)gr_shape_elements(&call->in[i].shape);
        bytes += count * (call->in[i].narrow ? 2 : 4);
        if (backward && call->in[i].grad != NULL)
            bytes += count * (call->in[i].narrow_grad ? 2 : 4);
    }
    for (int i = 0; i < op->out_count; i++)
        if (call->out[i].lazy == NULL)
            bytes += (double)gr_shape_elements(&call->out[i].shape) * (call->out[i].narrow ? 2 : 4);
    for (int i = 0; i < op->param_count; i++)
        bytes += (double)gr_shape_elements(&call->param[i].shape) * sizeof(float);
    return bytes;
}

static double total_seconds(const gr_plan *plan)
{
    double total = 0.0;
    for (int o = 0; o < plan->op_count; o++)
        total += plan->ops[o].seconds_forward + plan->ops[o].seconds_again + plan->ops[o].seconds_backward;
    return total;
}

/* How many times the images of its call an operator takes in a step. */
static double turns(const gr_plan *plan, const gr_plan_op *po)
{
    return po - plan->ops < plan->split ? (double)plan->options.batch / (double)plan->piece : 1.0;
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
    double flops = pass_flops(po, pass) * turns(plan, po), whole = total_seconds(plan);
    double seconds = pass == GR_PASS_FORWARD ? po->seconds_forward + po->seconds_again : po->seconds_backward;
    if (po->op.type->describe != NULL)
        po->op.type->describe(call, pass, how, sizeof how);
    const char *note = call->out[0].lazy != NULL ? "left to its reader " : "";
    if (pass == GR_PASS_FORWARD && plan->values[po->op.out[0]->index].again)
        note = "made again for backward ";
    gr_text_printf(out, "%-8s %-32s %-15s %-20s %9.1f %8.1f %8.2f %6.1f %8.1f  %s%s\n",
                     pass == GR_PASS_FORWARD ? "forward" : "backward", po->op.name, po->op.type->name,
                     gr_shape_text(&call->out[0].shape, shape), flops * 1e-6,
                     touched(call, &po->op, pass == GR_PASS_BACKWARD) * turns(plan, po) * 1e-6, seconds * 1e3,
                     whole > 0.0 ? 100.0 * seconds / whole : 0.0, seconds > 0.0 ? flops / seconds * 1e-9 : 0.0,
                     note, how);
}

static double total(const gr_plan *plan, double (*of)(const gr_plan_op *, gr_pass))
{
    double sum = 0.0;
    for (int o = 0; o < plan->op_count; o++)
        sum += of(&plan->ops[o], GR_PASS_FORWARD) * turns(plan, &plan->ops[o]) +
               (plan->ops[o].runs_backward ? of(&plan->ops[o], GR_PASS_BACKWARD) : 0.0);
    return sum;
}

static double pass_least(const gr_plan_op *po, gr_pass pass)
{
    return pass_flops(po, pass) * (po->op.type->least_share != NULL ? po->op.type->least_share(&po->forward) : 1.0);
}

double gr_plan_least_work(const gr_plan *plan)
{
    return total(plan, pass_least);
}

static double pass_bytes(const gr_plan_op *po, gr_pass pass)
{
    return pass == GR_PASS_FORWARD ? touched(&po->forward, &po->op, false) : touched(&po->backward, &po->op, true);
}

/* A guess from what is known: every thread as fast as those that ran, all work shared out. Memory tells when that ends. */
static void estimate(const gr_plan *plan, gr_text *out)
{
    static const int counts[] = {4, 8, 16, 32};
    double flops = total(plan, pass_flops), bytes = total(plan, pass_bytes), seconds = total_seconds(plan);
    int here = plan->ops[0].forward.threads;
    if (seconds <= 0.0)
        return;
    gr_text_printf(out, "estimate for more threads, not measured: each as fast as the %d that ran, and memory that feeds them all\n"
                   "%8s %16s %14s %10s %20s\n", here, "threads", "GFLOP a thread", "MB a thread", "ms a step", "GB/s from memory");
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        double then = seconds * here / counts[i];
        gr_text_printf(out, "%8d %16.2f %14.1f %10.1f %20.1f\n", counts[i], flops * 1e-9 / counts[i], bytes * 1e-6 / counts[i],
                       then * 1e3, bytes * 1e-9 / then);
    }
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
    if (plan->split > 0)
        gr_text_printf(&out, "the first %d operators take the batch %lld images at a time\n", plan->split,
                       (long long)plan->piece);
    estimate(plan, &out);
    if (out.failed) {
        gr_text_free(&out);
        return NULL;
    }
    return out.data;
}
