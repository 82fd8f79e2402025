/* Fusion: operators absorb their only reader, and batch norms stay lazy where the operators around them allow it. */
#include "graph/fuse.h"

#include <string.h>

static int position_of(const gr_op *op, const gr_value *value)
{
    for (int i = 0; i < op->in_count; i++)
        if (op->in[i] == value)
            return i;
    return -1;
}

/* Merges reader `b` into `a`; the result stands at b's place, since b's other inputs may be made after a. */
static void merge(gr_plan *plan, int a, int b, int position)
{
    gr_op *first = &plan->ops[a].op, *second = &plan->ops[b].op;
    for (int i = 0; i < second->in_count; i++)
        if (i != position)
            first->in[first->in_count++] = second->in[i];
    for (int i = 0; i < second->param_count; i++)
        first->param[first->param_count++] = second->param[i];
    first->out_count = second->out_count;
    for (int i = 0; i < second->out_count; i++)
        first->out[i] = second->out[i];
    gr_free(second->attr);
    plan->ops[b].op = *first;
    memmove(&plan->ops[a], &plan->ops[a + 1], (size_t)(plan->op_count - a - 1) * sizeof plan->ops[0]);
    plan->op_count--;
}

/* True when operator `a` absorbed its reader. */
static bool absorb_reader(gr_plan *plan, int a)
{
    gr_op *op = &plan->ops[a].op;
    const gr_plan_value *out = &plan->values[op->out[0]->index];
    if (op->type->absorb == NULL || op->out_count != 1 || out->kept || out->readers != 1)
        return false;
    int b = out->only_reader;
    const gr_op *next = &plan->ops[b].op;
    int position = position_of(next, op->out[0]);
    if (op->in_count + next->in_count - 1 > GR_MAX_INPUTS ||
        op->param_count + next->param_count > GR_MAX_PARAMS ||
        !op->type->absorb(op, next, position, plan->options.training, plan->gradients))
        return false;
    merge(plan, a, b, position);
    gr_plan_index(plan);
    return true;
}

/* True when operator `b` took over who makes its first input. */
static bool take_over_maker(gr_plan *plan, int b)
{
    gr_op *op = &plan->ops[b].op;
    const gr_plan_value *in = op->in_count > 0 ? &plan->values[op->in[0]->index] : NULL;
    if (op->type->takes_over == NULL || in == NULL || in->maker < 0 || in->kept || in->readers != 1)
        return false;
    int a = in->maker;
    gr_op *maker = &plan->ops[a].op;
    if (maker->in_count != 1 || maker->out_count != 1 || maker->param_count != 0 || !op->type->takes_over(op, maker))
        return false;
    op->in[0] = maker->in[0];
    gr_free(maker->attr);
    memmove(&plan->ops[a], &plan->ops[a + 1], (size_t)(plan->op_count - a - 1) * sizeof plan->ops[0]);
    plan->op_count--;
    gr_plan_index(plan);
    return true;
}

static bool are_twins(const gr_op *a, const gr_op *b)
{
    return a->type == b->type && a->type->shares_result && a->in[0] == b->in[0];
}

/* Operator b goes; who read it reads what its twin a, which stands before it, makes. */
static void leave_one(gr_plan *plan, int a, int b)
{
    const gr_value *gone = plan->ops[b].op.out[0];
    for (int r = b + 1; r < plan->op_count; r++)
        for (int i = 0; i < plan->ops[r].op.in_count; i++)
            if (plan->ops[r].op.in[i] == gone)
                plan->ops[r].op.in[i] = plan->ops[a].op.out[0];
    gr_free(plan->ops[b].op.attr);
    memmove(&plan->ops[b], &plan->ops[b + 1], (size_t)(plan->op_count - b - 1) * sizeof plan->ops[0]);
    plan->op_count--;
    gr_plan_index(plan);
}

void gr_plan_merge_twins(gr_plan *plan)
{
    for (int a = 0; a < plan->op_count; a++)
        for (int b = a + 1; b < plan->op_count;)
            if (are_twins(&plan->ops[a].op, &plan->ops[b].op) && !plan->values[plan->ops[b].op.out[0]->index].kept)
                leave_one(plan, a, b);
            else
                b++;
}

void gr_plan_fuse(gr_plan *plan)
{
    for (int b = 0; b < plan->op_count;)
        if (!take_over_maker(plan, b))
            b++; /* after it took one over the next operator stands at b, or it stands one before */
    for (int a = 0; a < plan->op_count;)
        if (!absorb_reader(plan, a))
            a++; /* after a merge the next operator stands at a: look at it first, the merged one comes later */
}

/* Operator a runs behind its reader b: the value between them is now b's. */
static void exchange(gr_plan *plan, int a, int b)
{
    gr_op first = plan->ops[a].op, second = plan->ops[b].op;
    gr_value *in = first.in[0], *between = first.out[0], *out = second.out[0];
    second.in[0] = in;
    second.out[0] = first.in[0] = between;
    first.out[0] = out;
    plan->ops[a].op = second;
    plan->ops[b].op = first;
}

void gr_plan_exchange(gr_plan *plan)
{
    for (int a = plan->op_count - 1; a >= 0; a--) {
        const gr_op *op = &plan->ops[a].op;
        const gr_plan_value *out = &plan->values[op->out[0]->index];
        if (op->type->may_follow == NULL || out->kept || out->readers != 1)
            continue;
        const gr_op *next = &plan->ops[out->only_reader].op;
        if (next->in_count != 1 || next->out_count != 1 || next->param_count != 0 || !op->type->may_follow(op, next))
            continue;
        exchange(plan, a, out->only_reader);
        gr_plan_index(plan);
    }
}

/* A batch norm whose input comes straight from an operator that leaves sums, for itself alone. */
static int sums_maker(const gr_plan *plan, const gr_op *op)
{
    const gr_plan_value *x = &plan->values[op->in[0]->index];
    if (op->type->can_be_lazy == NULL || x->maker < 0 || x->readers != 1 || x->kept)
        return -1;
    const gr_op *maker = &plan->ops[x->maker].op;
    bool leaves = maker->type->leaves_sums != NULL && maker->type->leaves_sums(maker);
    return leaves && maker->in_count == 1 ? x->maker : -1;
}

/* Every reader of `z` reads it first and can do so with the activation left to it. */
static bool all_share(const gr_plan *plan, int z, gr_act act)
{
    for (int o = 0; o < plan->op_count; o++)
        for (int i = 0; i < plan->ops[o].op.in_count; i++) {
            const gr_op *op = &plan->ops[o].op;
            if (op->in[i]->index == z && (i > 0 || op->type->shares_lazy == NULL || !op->type->shares_lazy(op, act)))
                return false;
        }
    return true;
}

/* Two readers, one after the other in backward, of which the first passes its output's gradient times factors and the second
 * shares: both leave it to the maker, which reads all of it anyway. */
static void leave_gradients(gr_plan *plan, int z)
{
    gr_plan_op *reader[GR_LEAVES_SHARES + 1] = {NULL};
    for (int o = 0; o < plan->op_count; o++)
        if (plan->ops[o].op.in_count > 0 && plan->ops[o].op.in[0]->index == z && plan->ops[o].runs_backward)
            reader[plan->ops[o].op.type->leaves] = &plan->ops[o];
    gr_plan_op *factors = reader[GR_LEAVES_FACTORS], *shares = reader[GR_LEAVES_SHARES];
    const gr_plan_value *value = &plan->values[z];
    if (value->readers == 2 && value->has_grad && factors != NULL && shares != NULL && factors > shares)
        factors->leaves = shares->leaves = true;
}

static void share_lazy(gr_plan *plan, int maker, int z)
{
    plan->values[z].lazy = true;
    for (int o = 0; o < plan->op_count; o++)
        if (plan->ops[o].op.in_count > 0 && plan->ops[o].op.in[0]->index == z) {
            plan->ops[o].lazy_shared = true;
            plan->ops[o].lazy_maker = maker;
        }
    leave_gradients(plan, z);
}

void gr_plan_choose_lazy(gr_plan *plan)
{
    if (plan->options.no_fusion || !plan->options.training)
        return;
    for (int b = 0; b < plan->op_count; b++) {
        gr_op *op = &plan->ops[b].op;
        int maker = sums_maker(plan, op);
        if (maker < 0)
            continue;
        plan->ops[b].lazy_grad_input = true;
        plan->ops[maker].lazy_grad_maker = b;
        plan->values[op->in[0]->index].wants_stats = true;
        gr_plan_value *z = &plan->values[op->out[0]->index];
        gr_act act;
        if (!op->type->can_be_lazy(op, &act) || z->kept || z->readers < 1)
            continue;
        if (z->readers > 1) {
            plan->ops[b].lazy.act = act;
            if (all_share(plan, op->out[0]->index, act))
                share_lazy(plan, b, op->out[0]->index);
            continue;
        }
        gr_plan_op *reader = &plan->ops[z->only_reader];
        const gr_op_type *type = reader->op.type;
        const bool first = reader->op.in[0] == op->out[0], second = !first && reader->op.in[1] == op->out[0];
        const bool takes = first && type->takes_lazy != NULL && type->takes_lazy(&reader->op, act);
        const bool adds = second && act == GR_ACT_NONE && type->takes_lazy_residual != NULL &&
                          type->takes_lazy_residual(&reader->op);
        if (!takes && !adds)
            continue;
        reader->lazy_input = reader->lazy_input || takes;
        reader->lazy_residual = reader->lazy_residual || adds;
        z->lazy = true;
        plan->ops[b].lazy.act = act; /* the choice of algorithms depends on it */
        reader->lazy_maker = b;
    }
}

void gr_plan_choose_joined(gr_plan *plan)
{
    for (int o = 0; o + 1 < plan->op_count && !plan->options.no_fusion && !plan->gradients; o++) {
        gr_plan_op *po = &plan->ops[o], *next = &plan->ops[o + 1];
        const gr_plan_value *out = &plan->values[po->op.out[0]->index];
        po->joined = o + 1 != plan->split && po->op.type->joins != NULL && po->op.out_count == 1 && !out->kept &&
                     out->readers == 1 && next->op.in[0] == po->op.out[0] && po->op.type->joins(&po->forward, &next->forward);
        if (po->joined)
            o++;
    }
}
