/* Inside a plan: its records, and what plan.c reads from them. compile.c makes a plan by gradients.c, fuse.c, again.c,
 * narrow.c and memory.c in turn, execute.c runs it, report.c tells of it; each of them stands on this page. */
#ifndef GR_GRAPH_PLAN_PRIVATE_H
#define GR_GRAPH_PLAN_PRIVATE_H

#include "graph/op.h"
#include "grimace/plan.h"

enum { GR_NO_BUFFER = -1 };

/* A piece of the arena, alive from step `first` to `last` of the timeline: forward of operator i is step i, its backward
 * step 2 n - 1 - i, n the number of operators. */
typedef struct gr_plan_buffer {
    size_t bytes, offset;
    int first, last;
} gr_plan_buffer;

/* What the plan knows of one value of the graph. */
typedef struct gr_plan_value {
    gr_shape shape; /* for the plan's batch */
    int64_t images; /* made and read in pieces of the batch: so many have memory; 0: all */
    int maker;      /* operator, -1 for an input */
    int readers, only_reader; /* how many; the last one met */
    bool used, kept;
    bool asked;     /* its gradient is kept */
    bool wants_grad, has_grad;
    bool lazy;      /* not written out: its reader sees the maker's input and a gr_lazy */
    bool narrow, narrow_grad; /* stored as bfloat16 */
    int data, grad; /* buffers */
    int grad_kept;  /* a copy of an asked gradient, whose own memory its maker's backward may write over */
    int backward_first, backward_last; /* steps of backward that read its data; -1: none */
    bool again;     /* its memory is given back after forward, and made again in another buffer for backward */
    int data_again;
    bool redo;      /* its maker may run a second time to make it again */
    bool wants_stats; /* its maker leaves partial sums for the batch norm that reads it */
    int stats;        /* their buffer */
    int64_t stat_blocks;
} gr_plan_value;

typedef struct gr_plan_op {
    gr_op op; /* a copy: fusion changes it */
    gr_call forward, backward;
    bool wants_backward; /* some input wants a gradient, or a parameter trains */
    bool runs_backward;
    bool joined;          /* forward runs together with the next operator's */
    bool lazy_input;      /* in[0] is lazy: lazy records of operator `lazy_maker` apply */
    bool lazy_shared;     /* the same, and others read it too: the batch norm's backward masks */
    bool lazy_residual;   /* in[1] is lazy, likewise */
    bool leaves;          /* of the gradient of in[0], which is lazy_shared, its maker makes this operator's part */
    bool lazy_grad_input; /* batch norm: the gradient of in[0] is left to its maker */
    int lazy_maker;       /* operator whose gr_lazy in[0], or in[1], obeys */
    int lazy_grad_maker;  /* operator whose gr_lazy_grad out[0] obeys, or -1 */
    bool grad_accumulate[GR_MAX_INPUTS];
    gr_lazy lazy;
    gr_lazy_grad lazy_grad;
    int saved, scratch_forward, scratch_backward, scratch_again, mask_stats;
    int64_t mask_blocks;
    size_t prepared_offset, prepared_bytes;
    double seconds_forward, seconds_backward, seconds_again;
} gr_plan_op;

/* Memory that a plan has for itself as long as it lives, and a later one after it. */
typedef struct gr_workspace_block {
    struct gr_workspace_block *next;
    char *base;
    size_t bytes;
    bool taken;
} gr_workspace_block;

struct gr_workspace {
    char *base;
    size_t bytes;
    gr_workspace_block *blocks;
    uint64_t plans, ran; /* how many have been compiled on it; the number of the one that ran last, 0: none since base is new */
};

/* Memory of `bytes` or more, the workspace's own until it is given back. Fails: NULL. */
char *gr_workspace_take(gr_workspace *workspace, size_t bytes);
/* Frees what nobody has taken, before more is asked of the system. Never fails. */
void gr_workspace_drop(gr_workspace *workspace);
/* NULL is fine. Never fails. */
void gr_workspace_give_back(gr_workspace *workspace, const char *block);

struct gr_plan {
    const gr_graph *graph;
    gr_params *params;
    gr_workspace *workspace;
    gr_plan_options options;
    bool gradients; /* backward follows: in training, or down to asked values */
    int start;      /* the value where gradients start, or -1 */
    gr_plan_op *ops;
    int op_count;
    int split;      /* so many operators take the batch in pieces of `piece` images (pieces.c); the last piece ends with the
                       batch, and may begin with images that the one before it had */
    int64_t piece;
    gr_plan_value *values; /* [graph->value_count] */
    gr_plan_buffer *buffers;
    int buffer_count, buffer_capacity;
    size_t arena_bytes, unshared_bytes;
    uint64_t number; /* among those of its workspace, from 1 on */
    char *prepared;
    size_t prepared_bytes, prepare_scratch; /* the scratch lies behind: the arena may hold inputs already */
    bool prepared_in_base;                  /* behind the arena, where other plans write too */
    bool prepared_valid;
    const char *bound_base; /* the workspace's memory when pointers were last set */
    gr_step step;
};

/* Counts readers and makers anew. */
void gr_plan_index(gr_plan *plan);
/* The step of the timeline at which operator `op` runs backward. */
int gr_plan_backward_step(const gr_plan *plan, int op);
/* The value whose memory input `i` of operator `o` reads: the raw one behind a lazy value. */
int gr_plan_read_value(const gr_plan *plan, int o, int i);
/* Does parameter `i` of `op` get a gradient? */
bool gr_plan_trains(const gr_plan *plan, const gr_op *op, int i);
/* Bytes of a value's data, and of its gradient. */
size_t gr_plan_value_bytes(const gr_plan_value *value);
size_t gr_plan_grad_bytes(const gr_plan_value *value);
/* Where a buffer is now; NULL for GR_NO_BUFFER. */
void *gr_plan_at(const gr_plan *plan, int buffer);

#endif
