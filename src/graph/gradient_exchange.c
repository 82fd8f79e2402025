/* The array of gradients is cut into pieces of about a megabyte, from its end, where backward begins. A piece whose gradients
 * are complete is reduced and scattered by recursive halving: in round d a rank sends half of what it still holds to the one whose
 * number differs in bit d, and adds what comes to the other half, so that each ends with the sum of a share, added up pairwise in
 * the order of ranks. The way back, by recursive doubling, gathers the shares. (Thakur, Rabenseifner & Gropp 2005, "Optimization of
 * collective communication operations in MPICH".) Rounds of all pieces go on whenever backward has done an operator. Pieces start
 * in one order, so that all ranks meet in the same one. */
#include "graph/gradient_exchange.h"

#include "kernels/kernels.h"

enum {
    PIECE = 1 << 18, /* floats */
    GAP = 1 << 12,   /* of untrained parameters that may lie within a piece */
    MOST_ROUNDS = 16,
    FIRST_TAG = 16,
    TAGGED = 1000 /* pieces with tags of their own: far more than are ever under way */
};

typedef struct piece {
    size_t begin, end; /* in the array of gradients */
    int parameters;    /* of the plan's, in it */
    int missing;       /* not complete yet */
    float *room;       /* [half of it]: what comes */
    int round;         /* 0 .. rounds - 1: halving; rounds .. 2 rounds - 1: doubling; 2 rounds: done */
    size_t low[MOST_ROUNDS + 1], high[MOST_ROUNDS + 1]; /* what the rank holds before each halving */
    gr_transfer transfer;
} piece;

struct gr_gradient_exchange {
    gr_peers *peers;
    float *gradients;
    int rounds;
    piece *pieces;
    int count, started, done; /* pieces [done, started) are under way, or done out of their turn */
    int *piece_of;            /* [parameters of the graph]; -1: none */
};

/* Parameters that the plan has gradients of, as marks[param_count]. */
static void mark_computed(const gr_plan *plan, bool *marks)
{
    for (int o = 0; o < plan->op_count; o++) {
        const gr_op *op = &plan->ops[o].op;
        for (int i = 0; plan->ops[o].runs_backward && i < op->param_count; i++)
            marks[op->param[i]] = marks[op->param[i]] || gr_plan_trains(plan, op, i);
    }
}

/* Fills piece_of and, where `pieces` is not NULL, them: parameters lie in the array in the order of their indices. Returns how many
 * there are. */
static int cut(const gr_graph *graph, const bool *marks, int *piece_of, piece *pieces)
{
    int count = 0;
    size_t begin = 0, end = 0; /* of the piece under way */
    for (int i = graph->param_count - 1; i >= 0; i--) {
        const gr_parameter *p = graph->params[i];
        piece_of[i] = -1;
        if (!marks[i])
            continue;
        if (count == 0 || end - begin >= PIECE || begin - (p->offset + p->count) > GAP) {
            end = p->offset + p->count;
            count++;
        }
        begin = p->offset;
        piece_of[i] = count - 1;
        if (pieces == NULL)
            continue;
        pieces[count - 1].begin = begin;
        pieces[count - 1].end = end;
        pieces[count - 1].parameters++;
    }
    return count;
}

static gr_status make_pieces(gr_gradient_exchange *e, const gr_plan *plan, gr_error *err)
{
    const gr_graph *graph = plan->graph;
    bool *marks = gr_alloc((size_t)graph->param_count, sizeof *marks);
    e->piece_of = gr_alloc((size_t)graph->param_count, sizeof *e->piece_of);
    if (marks != NULL && e->piece_of != NULL) {
        mark_computed(plan, marks);
        e->pieces = gr_alloc((size_t)cut(graph, marks, e->piece_of, NULL), sizeof *e->pieces);
        if (e->pieces != NULL)
            e->count = cut(graph, marks, e->piece_of, e->pieces);
    }
    gr_free(marks);
    bool made = e->pieces != NULL;
    for (int i = 0; i < e->count; i++) {
        piece *p = &e->pieces[i];
        p->room = gr_alloc_aligned((p->end - p->begin + 1) / 2, sizeof *p->room);
        made = made && p->room != NULL;
    }
    return made ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the exchange of gradients");
}

gr_status gr_gradient_exchange_create(const gr_plan *plan, gr_peers *peers, gr_gradient_exchange **out, gr_error *err)
{
    *out = NULL;
    gr_gradient_exchange *e = gr_alloc(1, sizeof *e);
    if (e == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the exchange of gradients");
    e->peers = peers;
    e->gradients = plan->params->gradients;
    while (1 << e->rounds < peers->count)
        e->rounds++;
    gr_status status = make_pieces(e, plan, err);
    if (status == GR_OK)
        *out = e;
    else
        gr_gradient_exchange_destroy(e);
    return status;
}

void gr_gradient_exchange_destroy(gr_gradient_exchange *e)
{
    if (e == NULL)
        return;
    for (int i = 0; i < e->count; i++)
        gr_free(e->pieces[i].room);
    gr_free(e->pieces);
    gr_free(e->piece_of);
    gr_free(e);
}

/* ---- rounds ------------------------------------------------------------------------------------------------------------ */

/* Starts the exchange of the piece's round, or notes that it is done. */
static void start_round(gr_gradient_exchange *e, piece *p)
{
    if (p->round == 2 * e->rounds)
        return;
    bool halving = p->round < e->rounds;
    int d = halving ? p->round : 2 * e->rounds - 1 - p->round, bit = 1 << d, with = e->peers->rank ^ bit;
    size_t low = p->low[d], high = p->high[d], middle = low + (high - low) / 2;
    bool lower = (e->peers->rank & bit) == 0;
    float *mine = e->gradients + (lower ? low : middle), *other = e->gradients + (lower ? middle : low);
    size_t mine_bytes = (lower ? middle - low : high - middle) * sizeof *mine;
    size_t other_bytes = (lower ? high - middle : middle - low) * sizeof *mine;
    int tag = FIRST_TAG + (int)(p - e->pieces) % TAGGED * 2 * MOST_ROUNDS + p->round;
    if (halving) {
        p->low[d + 1] = lower ? low : middle;
        p->high[d + 1] = lower ? middle : high;
        e->peers->start(e->peers->ctx, with, tag, other, other_bytes, p->room, mine_bytes, &p->transfer);
    } else
        e->peers->start(e->peers->ctx, with, tag, mine, mine_bytes, other, other_bytes, &p->transfer);
}

/* Takes what the round has brought, and goes on. */
static void end_round(gr_gradient_exchange *e, piece *p)
{
    if (p->round < e->rounds) {
        size_t low = p->low[p->round + 1], high = p->high[p->round + 1];
        if (high > low)
            gr_kernels_get()->accumulate((int64_t)(high - low), p->room, e->gradients + low);
    }
    p->round++;
    start_round(e, p);
}

static void go_on(gr_gradient_exchange *e)
{
    while (e->started < e->count && e->pieces[e->started].missing == 0)
        start_round(e, &e->pieces[e->started++]);
    for (int i = e->done; i < e->started; i++) {
        piece *p = &e->pieces[i];
        while (p->round < 2 * e->rounds && e->peers->done(e->peers->ctx, &p->transfer))
            end_round(e, p);
    }
    while (e->done < e->started && e->pieces[e->done].round == 2 * e->rounds)
        e->done++;
}

void gr_gradient_exchange_begin(gr_gradient_exchange *e)
{
    if (e == NULL)
        return;
    e->started = e->done = 0;
    for (int i = 0; i < e->count; i++) {
        piece *p = &e->pieces[i];
        p->missing = p->parameters;
        p->round = 0;
        p->low[0] = p->begin;
        p->high[0] = p->end;
    }
}

void gr_gradient_exchange_ready(gr_gradient_exchange *e, const int *parameters, int count)
{
    if (e == NULL)
        return;
    for (int i = 0; i < count; i++)
        if (e->piece_of[parameters[i]] >= 0)
            e->pieces[e->piece_of[parameters[i]]].missing--;
    go_on(e);
}

void gr_gradient_exchange_end(gr_gradient_exchange *e)
{
    if (e == NULL)
        return;
    for (go_on(e); e->done < e->count; go_on(e))
        gr_peers_wait(e->peers, &e->pieces[e->done].transfer);
}
