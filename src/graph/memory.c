/* The memory plan: lifetimes of activations, gradients, saved state and scratch, and their places in one arena. */
#include "graph/memory.h"

#include <stdlib.h>

enum { LINE = 64 };

static int new_buffer(gr_plan *plan, size_t bytes, int first, int last)
{
    if (plan->buffer_count == plan->buffer_capacity) {
        int more = plan->buffer_capacity > 0 ? 2 * plan->buffer_capacity : 256;
        gr_plan_buffer *grown = gr_realloc(plan->buffers, (size_t)more, sizeof *grown);
        if (grown == NULL)
            return GR_NO_BUFFER;
        plan->buffers = grown;
        plan->buffer_capacity = more;
    }
    size_t whole = (bytes + LINE - 1) / LINE * LINE;
    plan->buffers[plan->buffer_count] = (gr_plan_buffer){whole > 0 ? whole : LINE, 0, first, last};
    return plan->buffer_count++;
}

static void extend(gr_plan *plan, int buffer, int step)
{
    if (buffer == GR_NO_BUFFER)
        return;
    if (plan->buffers[buffer].first > step)
        plan->buffers[buffer].first = step;
    if (plan->buffers[buffer].last < step)
        plan->buffers[buffer].last = step;
}

/* The last step at which each value's data is read in its (first) place. */
static void last_reads(const gr_plan *plan, int *last)
{
    for (int v = 0; v < plan->graph->value_count; v++) {
        const gr_plan_value *value = &plan->values[v];
        last[v] = value->kept ? 2 * plan->op_count : value->maker;
        if (!value->again && last[v] < value->backward_last)
            last[v] = value->backward_last;
    }
    for (int o = 0; o < plan->op_count; o++)
        for (int i = 0; i < plan->ops[o].op.in_count; i++) {
            int v = gr_plan_read_value(plan, o, i), end = o + plan->ops[o].joined; /* the next one writes meanwhile */
            last[v] = last[v] > end ? last[v] : end;
        }
    for (int v = 0; v < plan->graph->value_count; v++) /* until the last piece has been through */
        if (plan->values[v].images == 0 && plan->values[v].maker < plan->split && last[v] < plan->split - 1)
            last[v] = plan->split - 1;
}

/* The value that operator o may write its first output over, or -1: one that it reads last, and where no other input is. Who
 * changes what it reads needs it as it was; and such a convolution may leave sums of a part of the depth in its output. */
static int written_over(const gr_plan *plan, int o, const int *last)
{
    const gr_plan_op *po = &plan->ops[o];
    const gr_op_type *type = po->op.type;
    const gr_plan_value *out = &plan->values[po->op.out[0]->index];
    int in = -1;
    if (po->lazy_input || po->lazy_shared)
        return -1;
    if (type->in_place)
        in = gr_plan_read_value(plan, o, 0);
    else if (!plan->gradients && po->op.in_count == 2 && type->over_second != NULL && type->over_second(&po->forward) &&
             plan->values[gr_plan_read_value(plan, o, 1)].data != plan->values[gr_plan_read_value(plan, o, 0)].data)
        in = gr_plan_read_value(plan, o, 1);
    const bool may = in >= 0 && last[in] == o && plan->values[in].maker >= 0 &&
                     gr_plan_value_bytes(out) == gr_plan_value_bytes(&plan->values[in]);
    return may ? in : -1;
}

/* Data of inputs and of operators' outputs, sharing memory where an operator may work in place. */
static bool place_data(gr_plan *plan, const int *last)
{
    for (int v = 0; v < plan->graph->value_count; v++) {
        gr_plan_value *value = &plan->values[v];
        if (value->maker < 0 && (value->readers > 0 || (value->kept && plan->graph->values[v]->maker == NULL)) &&
            (value->data = new_buffer(plan, gr_plan_value_bytes(value), 0, last[v] > 0 ? last[v] : 0)) == GR_NO_BUFFER)
            return false;
    }
    for (int o = 0; o < plan->op_count; o++) {
        const gr_plan_op *po = &plan->ops[o];
        const int in = po->op.out_count > 0 ? written_over(plan, o, last) : -1;
        for (int i = 0; i < po->op.out_count; i++) {
            int v = po->op.out[i]->index;
            gr_plan_value *out = &plan->values[v];
            if (out->lazy)
                continue;
            bool over = i == 0 && in >= 0;
            const int first = o < plan->split && out->images == 0 ? 0 : o; /* of the first piece */
            out->data = over ? plan->values[in].data : new_buffer(plan, gr_plan_value_bytes(out), first, last[v] > o ? last[v] : o);
            if (out->data == GR_NO_BUFFER)
                return false;
            extend(plan, out->data, last[v]);
            if (out->again)
                out->data_again = new_buffer(plan, gr_plan_value_bytes(out), out->backward_first, out->backward_last);
            if (out->again && out->data_again == GR_NO_BUFFER)
                return false;
        }
    }
    return true;
}

/* The step of the writer of `value`'s gradient that comes after operator `o` in backward order, or a step beyond the end. */
static int next_writer(const gr_plan *plan, int value, int o)
{
    for (int p = o - 1; p >= 0; p--)
        for (int i = 0; plan->ops[p].runs_backward && i < plan->ops[p].op.in_count; i++)
            if (plan->ops[p].op.in[i]->index == value)
                return gr_plan_backward_step(plan, p);
    return 2 * plan->op_count + 1;
}

/* Does operator `o` only read its output's gradient, and pass the memory on to no input but the one that reads it lazily? */
static bool leaves_as_is(const gr_plan *plan, int o)
{
    const gr_plan_op *po = &plan->ops[o];
    gr_act act;
    return po->lazy_grad_input && po->op.type->can_be_lazy(&po->op, &act) && act == GR_ACT_NONE;
}

/* May the gradient of input i of operator o, being its first writer, stay in the memory of the output's gradient? Not when
 * a lazy gradient still reads that memory later than somebody else changes it. */
static bool may_alias(const gr_plan *plan, int o, int i)
{
    const gr_plan_op *po = &plan->ops[o];
    int v = po->op.in[i]->index;
    if (!(po->op.type->grad_alias & (1u << i)) || plan->values[v].kept ||
        plan->values[v].narrow_grad != plan->values[po->op.out[0]->index].narrow_grad)
        return false;
    for (int j = 0; j < po->op.in_count; j++)
        if (j != i && po->op.in[j] == po->op.in[i])
            return false;
    if (!po->lazy_grad_input)
        return true;
    int lazy_reader = gr_plan_backward_step(plan, plan->values[po->op.in[0]->index].maker);
    int maker = plan->values[v].maker;
    bool kept = maker < 0 || leaves_as_is(plan, maker) || gr_plan_backward_step(plan, maker) > lazy_reader;
    return next_writer(plan, v, o) > lazy_reader && kept;
}

static bool place_input_grad(gr_plan *plan, int o, int i, bool *aliased)
{
    gr_plan_op *po = &plan->ops[o];
    gr_plan_value *in = &plan->values[po->op.in[i]->index];
    int out_grad = plan->values[po->op.out[0]->index].grad;
    int step = gr_plan_backward_step(plan, o);
    int end = in->kept ? 2 * plan->op_count : in->maker >= 0 ? gr_plan_backward_step(plan, in->maker) : step;
    po->grad_accumulate[i] = in->grad != GR_NO_BUFFER;
    if (i == 0 && (po->lazy_grad_input || (po->leaves && po->op.type->leaves == GR_LEAVES_FACTORS))) {
        in->grad = out_grad;
    } else if (in->grad == GR_NO_BUFFER && !*aliased && may_alias(plan, o, i)) {
        in->grad = out_grad;
        *aliased = true;
    } else if (in->grad == GR_NO_BUFFER) {
        in->grad = new_buffer(plan, gr_plan_grad_bytes(in), step, end);
    }
    extend(plan, in->grad, end);
    extend(plan, in->grad, step);
    if (i == 0 && po->leaves)
        extend(plan, out_grad, end);
    return in->grad != GR_NO_BUFFER;
}

static bool place_gradients(gr_plan *plan)
{
    if (!plan->gradients || !plan->values[plan->start].has_grad)
        return true;
    gr_plan_value *start = &plan->values[plan->start];
    int first = gr_plan_backward_step(plan, start->maker);
    start->grad = new_buffer(plan, gr_plan_grad_bytes(start), first, first);
    if (start->grad == GR_NO_BUFFER)
        return false;
    for (int o = plan->op_count - 1; o >= 0; o--) {
        bool aliased = false;
        for (int i = 0; plan->ops[o].runs_backward && i < plan->ops[o].op.in_count; i++)
            if (plan->values[plan->ops[o].op.in[i]->index].has_grad && !place_input_grad(plan, o, i, &aliased))
                return false;
    }
    return true;
}

/* Copies of asked gradients whose makers run backward. */
static bool place_copies(gr_plan *plan)
{
    for (int o = 0; o < plan->op_count; o++)
        for (int i = 0; plan->ops[o].runs_backward && i < plan->ops[o].op.out_count; i++) {
            gr_plan_value *out = &plan->values[plan->ops[o].op.out[i]->index];
            if (!out->asked || !out->has_grad)
                continue;
            out->grad_kept = new_buffer(plan, gr_plan_grad_bytes(out), gr_plan_backward_step(plan, o), 2 * plan->op_count);
            if (out->grad_kept == GR_NO_BUFFER)
                return false;
        }
    return true;
}

/* Partial sums that convolutions leave for batch norms, in both directions. */
static bool place_sums(gr_plan *plan, int o)
{
    gr_plan_op *po = &plan->ops[o];
    gr_plan_value *out = &plan->values[po->op.out[0]->index];
    if (out->wants_stats) {
        out->stat_blocks = po->op.type->stat_blocks(&po->forward, GR_PASS_FORWARD);
        size_t bytes = (size_t)(out->stat_blocks * 2 * gr_shape_last(&out->shape)) * sizeof(float);
        out->stats = new_buffer(plan, bytes, o, out->only_reader);
        if (out->stats == GR_NO_BUFFER)
            return false;
    }
    if (po->lazy_input && po->runs_backward) {
        po->mask_blocks = po->op.type->stat_blocks(&po->backward, GR_PASS_BACKWARD);
        size_t bytes = (size_t)(po->mask_blocks * 2 * gr_shape_last(&po->backward.in[0].shape)) * sizeof(float);
        po->mask_stats = new_buffer(plan, bytes, gr_plan_backward_step(plan, o), gr_plan_backward_step(plan, po->lazy_maker));
        if (po->mask_stats == GR_NO_BUFFER)
            return false;
    }
    return true;
}

static bool place_state(gr_plan *plan, int o)
{
    gr_plan_op *po = &plan->ops[o];
    const gr_op_type *type = po->op.type;
    int back = gr_plan_backward_step(plan, o);
    size_t saved = type->saved_size != NULL ? type->saved_size(&po->forward) : 0;
    size_t forward = type->scratch_size != NULL ? type->scratch_size(&po->forward, GR_PASS_FORWARD) : 0;
    size_t backward = type->scratch_size != NULL && po->runs_backward ? type->scratch_size(&po->backward, GR_PASS_BACKWARD) : 0;
    po->saved = po->scratch_forward = po->scratch_backward = po->scratch_again = po->mask_stats = GR_NO_BUFFER;
    int last = !po->forward.gradients ? o : back;
    if (po->lazy_grad_input)
        last = gr_plan_backward_step(plan, plan->values[po->op.in[0]->index].maker);
    if (saved > 0 && (po->saved = new_buffer(plan, saved, o, last)) == GR_NO_BUFFER)
        return false;
    if (forward > 0 && (po->scratch_forward = new_buffer(plan, forward, o, o + po->joined)) == GR_NO_BUFFER)
        return false;
    const gr_plan_value *out = &plan->values[po->op.out[0]->index];
    int again = out->backward_first;
    if (forward > 0 && out->again && out->redo && (po->scratch_again = new_buffer(plan, forward, again, again)) == GR_NO_BUFFER)
        return false;
    if (backward > 0 && (po->scratch_backward = new_buffer(plan, backward, back, back)) == GR_NO_BUFFER)
        return false;
    if (!plan->options.training && type->prepared_size != NULL) {
        po->prepared_bytes = (type->prepared_size(&po->forward) + LINE - 1) / LINE * LINE;
        po->prepared_offset = plan->prepared_bytes;
        plan->prepared_bytes += po->prepared_bytes;
        size_t room = type->scratch_size != NULL ? type->scratch_size(&po->forward, GR_PASS_PREPARE) : 0;
        plan->prepare_scratch = plan->prepare_scratch > room ? plan->prepare_scratch : room;
    }
    return place_sums(plan, o);
}

static int larger_first(const void *a, const void *b)
{
    const gr_plan_buffer *x = *(gr_plan_buffer *const *)a, *y = *(gr_plan_buffer *const *)b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x < y ? -1 : x > y; /* a total order: the same plan on every machine */
}

/* The lowest place for `buffer` that no placed buffer alive at the same time occupies. */
static size_t lowest_place(gr_plan_buffer *const *placed, int count, const gr_plan_buffer *buffer)
{
    size_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (int i = 0; i < count; i++) {
            const gr_plan_buffer *p = placed[i];
            bool together = p->first <= buffer->last && buffer->first <= p->last;
            if (together && p->offset < offset + buffer->bytes && offset < p->offset + p->bytes) {
                offset = p->offset + p->bytes;
                moved = true;
            }
        }
    }
    return offset;
}

static gr_status assign_offsets(gr_plan *plan, gr_error *err)
{
    gr_plan_buffer **order = gr_alloc((size_t)plan->buffer_count + 1, sizeof *order);
    if (order == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the plan");
    for (int i = 0; i < plan->buffer_count; i++)
        order[i] = &plan->buffers[i];
    qsort(order, (size_t)plan->buffer_count, sizeof *order, larger_first);
    for (int i = 0; i < plan->buffer_count; i++) {
        order[i]->offset = lowest_place(order, i, order[i]);
        size_t end = order[i]->offset + order[i]->bytes;
        plan->arena_bytes = plan->arena_bytes > end ? plan->arena_bytes : end;
        plan->unshared_bytes += order[i]->bytes;
    }
    gr_free(order);
    return GR_OK;
}

static gr_status place_prepared(gr_plan *plan, gr_error *err)
{
    gr_workspace *w = plan->workspace;
    const size_t bytes = plan->prepared_bytes + plan->prepare_scratch;
    if (plan->prepared_bytes == 0)
        return GR_OK;
    plan->prepared_in_base = plan->options.transient && plan->arena_bytes + bytes <= w->bytes;
    plan->prepared = plan->prepared_in_base ? w->base + plan->arena_bytes : gr_workspace_take(w, bytes);
    if (plan->prepared == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %.0f MB of packed weights", (double)plan->prepared_bytes / 1e6);
    return GR_OK;
}

static gr_status grow_workspace(gr_plan *plan, gr_error *err)
{
    gr_workspace *w = plan->workspace;
    plan->number = ++w->plans;
    if (w->bytes < plan->arena_bytes) {
        gr_free(w->base);
        gr_workspace_drop(w); /* gr_workspace_bytes has counted it as room for this plan */
        w->base = gr_alloc_aligned(plan->arena_bytes, 1);
        w->bytes = w->base != NULL ? plan->arena_bytes : 0;
        w->ran = 0;
        if (w->base == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for the plan's %.0f MB of activations and gradients; a smaller "
                           "train.batch_size or image.size needs less", (double)plan->arena_bytes / 1e6);
    }
    return place_prepared(plan, err);
}

static void forget_buffers(gr_plan *plan)
{
    plan->buffer_count = 0;
    plan->prepared_bytes = plan->prepare_scratch = 0;
    for (int i = 0; i < plan->graph->value_count; i++) {
        gr_plan_value *value = &plan->values[i];
        value->stats = value->data = value->data_again = value->grad = value->grad_kept = GR_NO_BUFFER;
    }
}

gr_status gr_plan_place(gr_plan *plan, gr_error *err)
{
    int *last = gr_alloc((size_t)plan->graph->value_count + 1, sizeof *last);
    if (last == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the plan");
    forget_buffers(plan);
    last_reads(plan, last);
    bool good = place_data(plan, last) && place_gradients(plan) && place_copies(plan);
    gr_free(last);
    for (int o = 0; good && o < plan->op_count; o++)
        good = place_state(plan, o);
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the plan");
}

gr_status gr_plan_lay_out(gr_plan *plan, gr_error *err)
{
    gr_status status = gr_plan_place(plan, err);
    if (status == GR_OK)
        status = assign_offsets(plan, err);
    return status == GR_OK && plan->workspace != NULL ? grow_workspace(plan, err) : status;
}
