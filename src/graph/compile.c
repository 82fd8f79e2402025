/* Compiling a plan: which operators run, fused how, with which shapes and gradients. */
#include "graph/again.h"
#include "graph/fuse.h"
#include "graph/gradients.h"
#include "graph/low.h"
#include "graph/memory.h"
#include "graph/narrow.h"
#include "graph/pieces.h"

#include <string.h>

static bool is_in(const gr_value *const *list, int count, const gr_value *value)
{
    for (int i = 0; i < count; i++)
        if (list[i] == value)
            return true;
    return false;
}

static bool is_computed(const gr_plan *plan, const gr_value *value)
{
    return plan->values[value->index].used && value != plan->options.given;
}

/* Marks what the kept values need and copies those operators, with their attributes, in order. */
static gr_status select_ops(gr_plan *plan, gr_error *err)
{
    const gr_graph *g = plan->graph;
    const gr_plan_options *options = &plan->options;
    for (int i = 0; i < g->value_count; i++) {
        gr_plan_value *value = &plan->values[i];
        value->asked = is_in(options->gradients_of, options->gradient_count, g->values[i]);
        value->kept = value->asked || is_in(options->keep, options->keep_count, g->values[i]) ||
                      g->values[i] == options->loss || i == plan->start;
        value->used = value->kept;
    }
    for (int o = g->op_count - 1; o >= 0; o--) {
        const gr_op *op = g->ops[o];
        bool used = false;
        for (int i = 0; i < op->out_count; i++)
            used = used || is_computed(plan, op->out[i]);
        for (int i = 0; used && i < op->in_count; i++)
            plan->values[op->in[i]->index].used = true;
    }
    for (int o = 0; o < g->op_count; o++) {
        bool used = false;
        for (int i = 0; i < g->ops[o]->out_count; i++)
            used = used || is_computed(plan, g->ops[o]->out[i]);
        if (!used)
            continue;
        gr_op *copy = &plan->ops[plan->op_count].op;
        *copy = *g->ops[o];
        copy->attr = gr_alloc(1, copy->attr_size);
        if (copy->attr == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for the plan");
        memcpy(copy->attr, g->ops[o]->attr, copy->attr_size);
        plan->op_count++;
    }
    return GR_OK;
}

/* Every value starts with the batch's size; operators then infer from their inputs. A fused operator's output is its last
 * part's, whose shape equals what its first part infers (only shape-keeping operators are absorbed, or a pool by an operator
 * whose infer knows of it). */
static gr_status infer_shapes(gr_plan *plan, gr_error *err)
{
    const gr_graph *g = plan->graph;
    for (int i = 0; i < g->value_count; i++) {
        plan->values[i].shape = g->values[i]->shape;
        bool input = g->values[i]->maker == NULL || g->values[i] == plan->options.given;
        if (input && g->values[i]->shape.rank > 0)
            plan->values[i].shape.dim[0] = plan->options.batch;
    }
    for (int o = 0; o < plan->op_count; o++) {
        const gr_op *op = &plan->ops[o].op;
        gr_shape in[GR_MAX_INPUTS], out[GR_MAX_OUTPUTS];
        for (int i = 0; i < op->in_count; i++)
            in[i] = plan->values[op->in[i]->index].shape;
        gr_status status = op->type->infer(op, in, out, err);
        if (status != GR_OK) {
            gr_error_prefix(err, "%s", op->name);
            return status;
        }
        for (int i = 0; i < op->out_count; i++)
            plan->values[op->out[i]->index].shape = out[i];
    }
    return GR_OK;
}

/* The shape of a value as the operator sees it. */
static gr_shape shape_for(const gr_plan *plan, const gr_plan_op *po, const gr_value *value)
{
    gr_shape shape = plan->values[value->index].shape;
    if (po - plan->ops < plan->split)
        shape.dim[0] = plan->piece;
    return shape;
}

static void set_call(const gr_plan *plan, const gr_plan_op *po, gr_call *call)
{
    const gr_op *op = &po->op;
    call->op = op;
    call->training = plan->options.training;
    call->gradients = plan->options.training || po->runs_backward;
    call->bf16 = plan->options.precision == GR_BF16;
    call->exact = plan->options.exact;
    call->explained = plan->options.explained || (call->gradients && !call->training);
    call->threads = gr_threads_get();
    call->step = &plan->step;
    call->settles = true;
    for (int i = 0; i < op->in_count; i++)
        call->in[i].shape = shape_for(plan, po, op->in[i]),
        call->in[i].wants_grad = plan->values[op->in[i]->index].has_grad;
    for (int i = 0; i < op->out_count; i++)
        call->out[i].shape = shape_for(plan, po, op->out[i]);
    for (int i = 0; i < op->param_count; i++) {
        call->param[i].shape = plan->graph->params[op->param[i]]->shape;
        call->param[i].frozen = plan->graph->params[op->param[i]]->frozen;
    }
}

/* Shapes and laziness go into the calls first, since sizes of scratch and saved memory follow from them. Pointers that only
 * say "there is one" are set to the records themselves. */
static void shape_calls(gr_plan *plan)
{
    for (int o = 0; o < plan->op_count; o++) {
        gr_plan_op *po = &plan->ops[o];
        set_call(plan, po, &po->forward);
        if (po->lazy_input || po->lazy_shared)
            po->forward.in[0].lazy = &plan->ops[po->lazy_maker].lazy;
        if (po->lazy_residual)
            po->forward.in[1].lazy = &plan->ops[po->lazy_maker].lazy;
        if (plan->values[po->op.out[0]->index].lazy)
            po->forward.out[0].lazy = &po->lazy;
        po->backward = po->forward;
        po->backward.in[0].left = po->leaves;
        if (po->lazy_grad_input)
            po->backward.in[0].lazy_grad = &po->lazy_grad;
        if (po->lazy_grad_maker >= 0)
            po->backward.out[0].lazy_grad = &plan->ops[po->lazy_grad_maker].lazy_grad;
    }
}

static gr_status compile(gr_plan *plan, gr_error *err)
{
    gr_status status = select_ops(plan, err);
    if (status != GR_OK)
        return status;
    for (int o = 0; o < plan->op_count; o++)
        plan->ops[o].lazy_grad_maker = -1;
    gr_plan_index(plan);
    if (!plan->options.no_fusion) {
        gr_plan_merge_twins(plan);
        gr_plan_fuse(plan);
        gr_plan_exchange(plan);
        gr_plan_fuse(plan); /* a convolution takes the pool that is now its reader */
    }
    status = infer_shapes(plan, err);
    if (status == GR_OK && plan->gradients)
        status = gr_plan_flow_gradients(plan, err);
    if (status != GR_OK)
        return status;
    gr_plan_choose_lazy(plan);
    gr_plan_choose_pieces(plan);
    shape_calls(plan);
    gr_plan_choose_joined(plan);
    gr_plan_choose_again(plan);
    gr_plan_choose_narrow(plan);
    if (plan->options.low_memory && plan->options.training && !plan->options.no_fusion)
        status = gr_plan_choose_redone(plan, err);
    return status == GR_OK ? gr_plan_lay_out(plan, err) : status;
}

static gr_status check_options(const gr_params *params, const gr_plan_options *options, gr_error *err)
{
    if (options->batch < 1 || (options->training && (options->loss == NULL || params->gradients == NULL)))
        return gr_fail(err, GR_INVALID, "a plan needs a batch of at least 1 and, for training, a loss and gradients");
    if (options->training && options->gradients_from != NULL)
        return gr_fail(err, GR_INVALID, "%s: a plan for training starts from its loss, not from another value",
                       options->gradients_from->name);
    const gr_value *start = options->gradients_from != NULL ? options->gradients_from : options->loss;
    if (options->gradient_count > 0 && start == NULL)
        return gr_fail(err, GR_INVALID, "a plan with gradients needs a loss or another value that they start from");
    for (int i = 0; i < options->gradient_count; i++)
        if (options->gradients_of[i]->type != GR_F32)
            return gr_fail(err, GR_INVALID, "%s: its gradient is asked for, but it holds whole numbers, which have none",
                           options->gradients_of[i]->name);
    if (start != NULL && options->gradient_count > 0 && (start->maker == NULL || start == options->given))
        return gr_fail(err, GR_INVALID, "%s: gradients cannot start from an input; what an operator makes would be right",
                       start->name);
    return GR_OK;
}

gr_status gr_plan_compile(const gr_graph *graph, gr_params *params, gr_workspace *workspace, const gr_plan_options *options,
                          gr_plan **out, gr_error *err)
{
    *out = NULL;
    gr_status status = gr_graph_status(graph, err);
    if (status != GR_OK)
        return status;
    status = check_options(params, options, err);
    if (status != GR_OK)
        return status;
    gr_plan *plan = gr_alloc(1, sizeof *plan);
    if (plan == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the plan");
    plan->graph = graph;
    plan->params = params;
    plan->workspace = workspace;
    plan->options = *options;
    plan->gradients = options->training || options->gradient_count > 0;
    const gr_value *start = options->gradients_from != NULL ? options->gradients_from : options->loss;
    plan->start = start != NULL ? start->index : -1;
    plan->ops = gr_alloc((size_t)graph->op_count, sizeof *plan->ops);
    plan->values = gr_alloc((size_t)graph->value_count, sizeof *plan->values);
    if (plan->ops == NULL || plan->values == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the plan");
    if (status == GR_OK)
        status = compile(plan, err);
    /* the lists belong to the caller and are not looked at again */
    plan->options.keep = plan->options.gradients_of = NULL;
    if (status != GR_OK) {
        gr_plan_destroy(plan);
        return status;
    }
    *out = plan;
    return GR_OK;
}

void gr_plan_destroy(gr_plan *plan)
{
    if (plan == NULL)
        return;
    for (int o = 0; plan->ops != NULL && o < plan->op_count; o++)
        gr_free(plan->ops[o].op.attr);
    gr_free(plan->ops);
    gr_free(plan->values);
    gr_free(plan->buffers);
    gr_workspace_give_back(plan->workspace, plan->prepared_in_base ? NULL : plan->prepared);
    gr_free(plan);
}
