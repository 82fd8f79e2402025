#include "graph/blocks.h"

#include <string.h>

#include "graph/execute.h"
#include "graph/gradient_exchange.h"

enum { SIZES = 4, LEVELS = 7 /* log2(GR_MOST_BLOCKS) + 1 */, MOST_KEPT = 8 };

/* A block keeps its memory to itself: all of them are at work at the same time. */
typedef struct block {
    gr_workspace *workspace;
    gr_plan *plans[SIZES]; /* by their number of images */
    gr_plan *plan;         /* for the batch under way; NULL: it has no image */
} block;

struct gr_blocks {
    const gr_graph *graph;
    gr_params *params;
    gr_plan_options options;
    const gr_value *kept[MOST_KEPT];
    gr_peers *peers;
    int count, first, own; /* blocks in all; this rank's */
    block *blocks;         /* [own] */
    gr_plan *lead;         /* whose operators tell what is to be done, on a rank without images too */
    int64_t n;             /* images of the batch under way */
    size_t most_sums;
    double *sums;          /* [own + 1][most_sums]: each block's, and room */
    float *levels[LEVELS]; /* gradients of an operator's parameters that wait for those of other blocks; 0 is params->gradients */
    gr_gradient_exchange *exchange; /* NULL: there is nobody else */
};

int64_t gr_block_begin(int64_t n, int blocks, int block)
{
    int64_t more = n % blocks;
    return n / blocks * block + (block < more ? block : more);
}

bool gr_blocks_shared(int blocks, int peers)
{
    return peers > 0 && (peers & (peers - 1)) == 0 && blocks % peers == 0;
}

/* ---- setting up ------------------------------------------------------------------------------------------------------- */

static gr_status plan_of(gr_blocks *b, block *one, int64_t images, gr_plan **out, gr_error *err)
{
    int at = 0;
    for (; at < SIZES && one->plans[at] != NULL; at++)
        if (gr_plan_batch(one->plans[at]) == images) {
            *out = one->plans[at];
            return GR_OK;
        }
    if (at == SIZES) { /* batches of more sizes than an epoch has: the last one's place is taken */
        gr_plan_destroy(one->plans[--at]);
        one->plans[at] = NULL;
    }
    gr_plan_options options = b->options;
    options.batch = images;
    options.keep = b->kept;
    gr_status status = gr_plan_compile(b->graph, b->params, one->workspace, &options, &one->plans[at], err);
    *out = status == GR_OK ? one->plans[at] : NULL;
    return status;
}

static size_t most_sums(const gr_plan *plan)
{
    size_t most = 0;
    for (int o = 0; o < plan->op_count; o++)
        for (int backward = 0; backward < 2; backward++) {
            const gr_plan_op *po = &plan->ops[o];
            size_t count = po->op.type->sum_count == NULL ? 0
                           : backward                     ? po->op.type->sum_count(&po->backward, GR_PASS_BACKWARD)
                                                          : po->op.type->sum_count(&po->forward, GR_PASS_FORWARD);
            most = count > most ? count : most;
        }
    return most;
}

/* Floats of the gradients that operator `o` makes. */
static size_t gradients_of(const gr_plan *plan, int o)
{
    const gr_op *op = &plan->ops[o].op;
    size_t count = 0;
    for (int i = 0; plan->ops[o].runs_backward && i < op->param_count; i++)
        count += gr_plan_trains(plan, op, i) ? plan->graph->params[op->param[i]]->count : 0;
    return count;
}

static gr_status make_room(gr_blocks *b, gr_error *err)
{
    size_t floats = 0;
    for (int o = 0; o < b->lead->op_count; o++)
        floats = gradients_of(b->lead, o) > floats ? gradients_of(b->lead, o) : floats;
    b->most_sums = most_sums(b->lead);
    b->sums = gr_alloc((size_t)(b->own + 1) * b->most_sums, sizeof *b->sums);
    bool made = b->sums != NULL;
    for (int level = 1; 1 << (level - 1) < b->own; level++) {
        b->levels[level] = gr_alloc_aligned(floats, sizeof(float));
        made = made && b->levels[level] != NULL;
    }
    if (!made)
        return gr_fail(err, GR_NOMEM, "no memory for the blocks of a batch");
    return b->peers != NULL && b->peers->count > 1 ? gr_gradient_exchange_create(b->lead, b->peers, &b->exchange, err) : GR_OK;
}

gr_status gr_blocks_create(const gr_graph *graph, gr_params *params, const gr_plan_options *options, int blocks, gr_peers *peers,
                           gr_blocks **out, gr_error *err)
{
    *out = NULL;
    int ranks = peers != NULL ? peers->count : 1;
    if (blocks < 1 || blocks > GR_MOST_BLOCKS || !gr_blocks_shared(blocks, ranks) || options->batch < blocks ||
        options->keep_count > MOST_KEPT)
        return gr_fail(err, GR_INTERNAL, "a batch of %lld cannot be cut into %d blocks of %d ranks", (long long)options->batch,
                       blocks, ranks);
    gr_blocks *b = gr_alloc(1, sizeof *b);
    if (b == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the blocks of a batch");
    b->graph = graph;
    b->params = params;
    b->options = *options;
    for (int i = 0; i < options->keep_count; i++)
        b->kept[i] = options->keep[i];
    b->peers = peers;
    b->count = blocks;
    b->own = blocks / ranks;
    b->first = peers != NULL ? peers->rank * b->own : 0;
    b->blocks = gr_alloc((size_t)b->own, sizeof *b->blocks);
    bool made = b->blocks != NULL;
    for (int i = 0; made && i < b->own; i++)
        made = (b->blocks[i].workspace = gr_workspace_create()) != NULL;
    gr_status status = made ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the blocks of a batch");
    if (status == GR_OK)
        status = gr_blocks_open(b, options->batch, err);
    if (status == GR_OK)
        status = make_room(b, err);
    if (status == GR_OK)
        *out = b;
    else
        gr_blocks_destroy(b);
    return status;
}

void gr_blocks_destroy(gr_blocks *b)
{
    if (b == NULL)
        return;
    for (int i = 0; b->blocks != NULL && i < b->own; i++) {
        for (int p = 0; p < SIZES; p++)
            gr_plan_destroy(b->blocks[i].plans[p]);
        gr_workspace_destroy(b->blocks[i].workspace);
    }
    gr_gradient_exchange_destroy(b->exchange);
    for (int level = 1; level < LEVELS; level++)
        gr_free(b->levels[level]);
    gr_free(b->sums);
    gr_free(b->blocks);
    gr_free(b);
}

int gr_blocks_own(const gr_blocks *b, int *first)
{
    *first = b->first;
    return b->own;
}

gr_status gr_blocks_open(gr_blocks *b, int64_t n, gr_error *err)
{
    gr_status status = GR_OK;
    gr_plan *lead = NULL;
    for (int i = 0; status == GR_OK && i < b->own; i++) {
        block *one = &b->blocks[i];
        int64_t images = gr_block_begin(n, b->count, b->first + i + 1) - gr_block_begin(n, b->count, b->first + i);
        one->plan = NULL;
        if (images > 0)
            status = plan_of(b, one, images, &one->plan, err);
        lead = lead == NULL ? one->plan : lead;
    }
    if (status == GR_OK)
        b->lead = lead != NULL ? lead : b->blocks[0].plans[0];
    b->n = n;
    return status;
}

gr_plan *gr_blocks_plan(const gr_blocks *b, int i)
{
    return b->blocks[i].plan;
}

/* ---- sums over all blocks ----------------------------------------------------------------------------------------------- */

static gr_call *call_of(gr_plan *plan, int o, gr_pass pass)
{
    return pass == GR_PASS_FORWARD ? &plan->ops[o].forward : &plan->ops[o].backward;
}

/* Where operator `o` must know of the whole batch: all blocks say what they know, and it is in their calls. Returns whether it
 * must. */
static bool know_whole(gr_blocks *b, int o, gr_pass pass)
{
    const gr_op_type *type = b->lead->ops[o].op.type;
    size_t count = type->sum_count != NULL ? type->sum_count(call_of(b->lead, o, pass), pass) : 0;
    if (count == 0)
        return false;
    memset(b->sums, 0, (size_t)b->own * b->most_sums * sizeof *b->sums);
    for (int i = 0; i < b->own; i++)
        if (b->blocks[i].plan != NULL)
            type->sums(call_of(b->blocks[i].plan, o, pass), pass, b->sums + (size_t)i * b->most_sums);
    for (int step = 1; step < b->own; step *= 2)
        for (int i = 0; i < b->own; i += 2 * step)
            for (size_t k = 0; k < count; k++)
                b->sums[(size_t)i * b->most_sums + k] += b->sums[(size_t)(i + step) * b->most_sums + k];
    gr_peers_sum(b->peers, b->sums, b->sums + (size_t)b->own * b->most_sums, count);
    call_of(b->lead, o, pass)->whole = b->sums;
    for (int i = 0; i < b->own; i++)
        if (b->blocks[i].plan != NULL)
            call_of(b->blocks[i].plan, o, pass)->whole = b->sums;
    return true;
}

/* What the first block with as many images has packed, it has packed for this one too. */
static void share_packed(gr_blocks *b, int o, int i, gr_pass pass)
{
    gr_call *call = call_of(b->blocks[i].plan, o, pass);
    call->packed = NULL;
    for (int k = 0; k < i && call->packed == NULL; k++)
        if (b->blocks[k].plan != NULL && gr_plan_batch(b->blocks[k].plan) == gr_plan_batch(b->blocks[i].plan))
            call->packed = call_of(b->blocks[k].plan, o, pass)->scratch;
}

/* ---- forward ------------------------------------------------------------------------------------------------------------ */

static void begin_step(gr_blocks *b, uint64_t seed, uint64_t step)
{
    gr_plan_bind(b->lead);
    for (int i = 0; i < b->own; i++) {
        gr_plan *plan = b->blocks[i].plan;
        if (plan == NULL)
            continue;
        gr_plan_bind(plan);
        plan->step = (gr_step){.seed = seed, .index = step, .first = gr_block_begin(b->n, b->count, b->first + i)};
    }
}

/* One plan of each rank takes the whole batch's statistics into the parameters. On a rank without images that is the lead's: its
 * outputs mean nothing, and nobody reads them. */
static void forward_op(gr_blocks *b, int o)
{
    bool shared = know_whole(b, o, GR_PASS_FORWARD);
    b->lead->ops[o].forward.settles = true;
    bool seen = false;
    for (int i = 0; i < b->own; i++) {
        gr_plan *plan = b->blocks[i].plan;
        if (plan == NULL)
            continue;
        plan->ops[o].forward.settles = plan == b->lead;
        share_packed(b, o, i, GR_PASS_FORWARD);
        gr_plan_forward_op(plan, o);
        seen = true;
    }
    if (shared && !seen)
        gr_plan_forward_op(b->lead, o);
}

void gr_blocks_forward(gr_blocks *b, uint64_t seed, uint64_t step)
{
    begin_step(b, seed, step);
    for (int o = 0; o < b->lead->op_count; o++)
        forward_op(b, o);
}

/* ---- backward ----------------------------------------------------------------------------------------------------------- */

/* Where the gradient of parameter `i` of operator `o` lies at a level. */
static float *gradient_at(const gr_blocks *b, int o, int i, int level)
{
    const gr_op *op = &b->lead->ops[o].op;
    if (level == 0)
        return b->params->gradients + b->graph->params[op->param[i]]->offset;
    float *at = b->levels[level];
    for (int k = 0; k < i; k++)
        at += gr_plan_trains(b->lead, op, k) ? b->graph->params[op->param[k]]->count : 0;
    return at;
}

/* Runs block i of operator `o` and leaves the gradients of its parameters at `level`: zeros of a block without images. */
static void backward_block(gr_blocks *b, int o, int i, int level)
{
    gr_plan *plan = b->blocks[i].plan;
    const gr_op *op = &b->lead->ops[o].op;
    for (int k = 0; k < op->param_count; k++) {
        if (!gr_plan_trains(b->lead, op, k))
            continue;
        float *gradient = gradient_at(b, o, k, level);
        if (plan != NULL)
            plan->ops[o].backward.param[k].grad = gradient;
        else
            memset(gradient, 0, b->graph->params[op->param[k]]->count * sizeof *gradient);
    }
    if (plan == NULL)
        return;
    share_packed(b, o, i, GR_PASS_BACKWARD);
    gr_plan_backward_op(plan, o);
}

static void add_level(const gr_blocks *b, int o, int level)
{
    const gr_op *op = &b->lead->ops[o].op;
    for (int k = 0; k < op->param_count; k++)
        if (gr_plan_trains(b->lead, op, k))
            gr_kernels_get()->accumulate((int64_t)b->graph->params[op->param[k]]->count, gradient_at(b, o, k, level),
                                         gradient_at(b, o, k, level - 1));
}

/* Pairwise sums as a binary counter makes them: behind block i as many sums wait as i + 1 has ones. */
static void backward_op(gr_blocks *b, int o)
{
    for (int i = 0; i < b->own; i++)
        if (b->blocks[i].plan != NULL)
            gr_plan_before_backward(b->blocks[i].plan, o);
    (void)know_whole(b, o, GR_PASS_BACKWARD);
    for (int i = 0; i < b->own; i++) {
        int level = __builtin_popcount((unsigned)i);
        backward_block(b, o, i, level);
        for (int full = i; (full & 1) != 0; full >>= 1)
            add_level(b, o, level--);
    }
}

void gr_blocks_backward(gr_blocks *b)
{
    gr_gradient_exchange_begin(b->exchange);
    for (int i = 0; i < b->own; i++)
        if (b->blocks[i].plan != NULL)
            (void)gr_plan_seed_ones(b->blocks[i].plan);
    for (int o = b->lead->op_count - 1; o >= 0; o--) {
        if (!b->lead->ops[o].runs_backward)
            continue;
        backward_op(b, o);
        gr_gradient_exchange_ready(b->exchange, b->lead->ops[o].op.param, b->lead->ops[o].op.param_count);
    }
    gr_gradient_exchange_end(b->exchange);
}
