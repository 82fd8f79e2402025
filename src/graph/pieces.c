/* At inference every image goes its own way. A batch's large maps would go through memory between any two operators, which
 * takes longer than the products of a 1x1 convolution; those of a few images stay in the last cache. So the operators that
 * have large maps run for a few images, one operator after the other, then for the next few. The late ones, with small maps
 * and many weights, take the whole batch. */
#include "graph/pieces.h"

enum {
    NEAR = 64 << 20,  /* bytes of an operator's maps that stay in the last cache until they are read */
    SMALL = 40 << 20, /* maps of a whole batch that do so beside the weights that would be read for each piece again */
    LEAST = 8         /* images: fewer would read weights too often */
};

/* Bytes of what operator `o` reads and writes of the batch; 0 where something of it does not belong to images one by one. */
static int64_t map_bytes(const gr_plan *plan, int o)
{
    const gr_op *op = &plan->ops[o].op;
    int64_t bytes = 0;
    for (int i = 0; i < op->in_count + op->out_count; i++) {
        const gr_value *value = i < op->in_count ? op->in[i] : op->out[i - op->in_count];
        const gr_plan_value *v = &plan->values[value->index];
        if (v->shape.rank == 0 || v->shape.dim[0] != plan->options.batch)
            return 0;
        bytes += (int64_t)gr_plan_value_bytes(v);
    }
    return bytes;
}

void gr_plan_choose_pieces(gr_plan *plan)
{
    int64_t most = 0, batch = plan->options.batch;
    int split = 0;
    if (plan->gradients || plan->options.no_fusion)
        return;
    for (int o = 0; o < plan->op_count; o++) {
        const int64_t bytes = map_bytes(plan, o);
        if (bytes == 0)
            break;
        most = bytes > most ? bytes : most;
        if (bytes >= SMALL)
            split = o + 1;
    }
    const int64_t wanted = (most + NEAR - 1) / NEAR, allowed = batch / LEAST;
    const int64_t pieces = wanted < allowed ? wanted : allowed;
    if (pieces < 2 || most / pieces > 2 * (int64_t)NEAR) /* as far as before, and weights are read more often */
        return;
    plan->split = split;
    plan->piece = (batch + pieces - 1) / pieces;
    for (int v = 0; v < plan->graph->value_count; v++) {
        gr_plan_value *value = &plan->values[v];
        if (value->maker >= 0 && value->maker < split && !value->kept)
            value->images = plan->piece;
    }
    for (int o = split; o < plan->op_count; o++)
        for (int i = 0; i < plan->ops[o].op.in_count; i++)
            plan->values[plan->ops[o].op.in[i]->index].images = 0;
}
