/* Which algorithm computes a convolution of a plan, and what it is told: the first of the table's ordered list that does not
 * refuse. The choice follows from shapes, direction and fusion alone, and is the same when a plan is made and when it runs.
 */
#ifndef GR_OPS_CONV2D_CHOICE_H
#define GR_OPS_CONV2D_CHOICE_H

#include "kernels/kernels.h"
#include "ops/conv2d_attr.h"

/* The shape [N, OH, OW, OC] of what the convolution itself makes of x [N, H, W, C], before any pool. Never fails. */
gr_shape gr_conv_map_shape(const gr_conv_attr *attr, const gr_shape *x);
/* The problem of a call: shapes, window and how tensors are stored. Never fails. */
gr_conv_problem gr_conv_problem_of(const gr_call *call);

/* The fusion of a direction, without the pool; with `probe`, every pointer that may be set in a step is set, so that the
 * choice of algorithm is the same when planning and when running. Never fails. */
gr_conv_fusion gr_conv_fusion_of(const gr_call *call, gr_direction d, bool probe);
/* The same, with the pool where the chosen algorithm pools. Never fails. */
gr_conv_fusion gr_conv_fusion_for(const gr_call *call, gr_direction d, const gr_conv_problem *p, bool probe);
/* What both directions of backward do together. Never fails. */
gr_conv_fusion gr_conv_back_fusion_of(const gr_call *call, bool probe);

/* The algorithm of a direction. Never fails. */
const gr_conv_algorithm *gr_conv_choose(const gr_call *call, gr_direction d, const gr_conv_problem *p);
/* The one that pools as well, or NULL: the pool is then a pass of its own. Never fails. */
const gr_conv_algorithm *gr_conv_pooling(const gr_call *call, gr_direction d, const gr_conv_problem *p);
/* The way that computes both directions of backward at once, or NULL: each on its own. Never fails. */
const gr_conv_algorithm *gr_conv_choose_back(const gr_call *call, const gr_conv_problem *p);

/* As gr_op_type.describe: the algorithms of a pass, and why those before them refused. */
void gr_conv_describe(const gr_call *call, gr_pass pass, char *text, size_t size);

/* Without training: may the output be the memory of what is added? The sum then goes to lines that are in cache, and there is a
 * map less. Never fails. */
bool gr_conv_over_residual(const gr_call *call);

#endif
