/* Which outputs of convolutions are worth their work twice: the plan is laid out with one more of them each time, those first that
 * give most bytes for an operation, and one stays where the most memory alive at one time does not grow. Those that turn out to
 * bring nothing are then left out again, the dearest first. The choice follows from the shapes alone. */
#include "graph/low.h"

#include <stdlib.h>

#include "graph/again.h"
#include "graph/memory.h"

enum { SMALL = 256 }; /* an output of less than this part of the peak is not worth looking at */

typedef struct candidate {
    int value;
    double cost; /* operations for a byte */
} candidate;

static int cheap_first(const void *a, const void *b)
{
    const candidate *x = a, *y = b;
    if (x->cost != y->cost)
        return x->cost < y->cost ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* The most bytes alive at one step with the choice as it is. */
static gr_status measure_peak(gr_plan *plan, int64_t *changes, size_t *peak, gr_error *err)
{
    gr_plan_choose_again(plan);
    gr_status status = gr_plan_place(plan, err);
    if (status != GR_OK)
        return status;
    int steps = 2 * plan->op_count + 2;
    for (int s = 0; s <= steps; s++)
        changes[s] = 0;
    for (int b = 0; b < plan->buffer_count; b++) {
        const gr_plan_buffer *buffer = &plan->buffers[b];
        changes[buffer->first] += (int64_t)buffer->bytes;
        changes[buffer->last + 1] -= (int64_t)buffer->bytes;
    }
    int64_t alive = 0, most = 0;
    for (int s = 0; s <= steps; s++) {
        alive += changes[s];
        most = alive > most ? alive : most;
    }
    *peak = (size_t)most;
    return GR_OK;
}

static int find_candidates(const gr_plan *plan, size_t peak, candidate *list)
{
    int count = 0;
    for (int o = 0; o < plan->op_count; o++) {
        const gr_plan_op *po = &plan->ops[o];
        int v = po->op.out[0]->index;
        const gr_plan_value *out = &plan->values[v];
        size_t bytes = gr_plan_value_bytes(out);
        if (po->op.type->redo != NULL && out->backward_first >= 0 && !out->kept && bytes >= peak / SMALL)
            list[count++] = (candidate){v, po->op.type->flops(&po->forward) / (double)bytes};
    }
    qsort(list, (size_t)count, sizeof *list, cheap_first);
    return count;
}

/* Turns candidate i on or off where the peak does not grow by it. */
static gr_status try(gr_plan *plan, int value, bool redo, int64_t *changes, size_t *peak, gr_error *err)
{
    plan->values[value].redo = redo;
    size_t now;
    gr_status status = measure_peak(plan, changes, &now, err);
    if (status != GR_OK)
        return status;
    if (now <= *peak)
        *peak = now;
    else
        plan->values[value].redo = !redo;
    return GR_OK;
}

gr_status gr_plan_choose_redone(gr_plan *plan, gr_error *err)
{
    size_t peak;
    int count = 0;
    candidate *list = gr_alloc((size_t)plan->op_count + 1, sizeof *list);
    int64_t *changes = gr_alloc(2 * (size_t)plan->op_count + 4, sizeof *changes);
    gr_status status = list != NULL && changes != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the plan");
    if (status == GR_OK)
        status = measure_peak(plan, changes, &peak, err);
    if (status == GR_OK)
        count = find_candidates(plan, peak, list);
    for (int i = 0; status == GR_OK && i < count; i++)
        status = try(plan, list[i].value, true, changes, &peak, err);
    for (int i = count - 1; status == GR_OK && i >= 0; i--)
        if (plan->values[list[i].value].redo)
            status = try(plan, list[i].value, false, changes, &peak, err);
    gr_free(changes);
    gr_free(list);
    if (status == GR_OK)
        gr_plan_choose_again(plan);
    return status;
}
