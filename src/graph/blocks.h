/* A batch cut into a fixed number of blocks, each with a plan of its own, that run in step: operator by operator over all
 * blocks. What an operator must know of the whole batch (batch norm's statistics, the number of images in a loss) it says of each
 * block, and the sums come back to all (gr_op_type.sums); gradients of parameters are added up over the blocks. All sums are
 * pairwise over the blocks in their order, ((b0 + b1) + (b2 + b3)) + ..., so that results follow from the number of blocks alone,
 * whether one process has them all or several peers share them.
 *
 * There is a power of 2 of blocks. Of n images the first n mod K of K blocks hold one more than the others. Peers are a power of 2,
 * too, and rank r has the blocks from r K / peers on. */
#ifndef GR_GRAPH_BLOCKS_H
#define GR_GRAPH_BLOCKS_H

#include "grimace/peers.h"
#include "grimace/plan.h"

typedef struct gr_blocks gr_blocks;

enum { GR_MOST_BLOCKS = 64 };

/* Image of a batch of n at which block `block` of `blocks` begins (n for block = blocks). Never fails. */
int64_t gr_block_begin(int64_t n, int blocks, int block);
/* Can `peers` of them share `blocks` blocks? Never fails. */
bool gr_blocks_shared(int blocks, int peers);

/* GIVES this rank's blocks of a training plan by `options`, whose batch is that of all blocks together, at least one image for
 * each; the plans are compiled for it. BORROWS graph, params and peers (NULL: this process has all blocks). Fails: as
 * gr_plan_compile. */
gr_status gr_blocks_create(const gr_graph *graph, gr_params *params, const gr_plan_options *options, int blocks, gr_peers *peers,
                           gr_blocks **out, gr_error *err) GR_MUST_CHECK;
void gr_blocks_destroy(gr_blocks *blocks);
/* How many blocks are this rank's, and the first of them. Never fails. */
int gr_blocks_own(const gr_blocks *blocks, int *first);
/* Makes ready for a batch of n images in all, at most those of gr_blocks_create; plans that are not there yet are compiled.
 * Fails: as gr_plan_compile. */
gr_status gr_blocks_open(gr_blocks *blocks, int64_t n, gr_error *err) GR_MUST_CHECK;
/* The plan of this rank's block `i`, from 0, whose inputs are to be written; NULL: the block has no image of this batch. Never
 * fails. */
gr_plan *gr_blocks_plan(const gr_blocks *blocks, int i);
/* As gr_plan_forward and gr_plan_backward, of all ranks together. Losses are the whole batch's, in every block; gradients are the
 * whole batch's, on every rank. Never fail. */
void gr_blocks_forward(gr_blocks *blocks, uint64_t seed, uint64_t step);
void gr_blocks_backward(gr_blocks *blocks);

#endif
