/* One operator on the way back: what relevance propagation knows of it, and what its kind does. Calls look as an operator's
 * backward does: `grad` of outputs is the relevance that arrived, `grad` of inputs is where theirs goes (NULL: nowhere;
 * added when `accumulate`), `data` is what forward left of those that the kind reads, else NULL. */
#ifndef GR_EXPLAIN_RELEVANCE_STEP_H
#define GR_EXPLAIN_RELEVANCE_STEP_H

#include "explain/relevance_rules.h"
#include "graph/op.h"
#include "grimace/plan.h"

typedef struct gr_relevance_kind gr_relevance_kind;

typedef struct gr_relevance_step {
    const gr_relevance_kind *kind;
    const gr_op *op;
    const gr_op *norm;                   /* the batch norm that is part of the layer, or NULL */
    const gr_value *out[GR_MAX_OUTPUTS]; /* op's outputs; with `norm`, its output */
    const gr_graph *graph;
    const gr_params *params;
    const gr_relevance_rules *rules;
    bool first;                /* the layer sees the image */
    bool above[GR_MAX_INPUTS]; /* no number of the input is below 0 */
    const float *low, *high;   /* [input 0 of one image]: for a bounded first layer */
    gr_call call;
    int in_slot[GR_MAX_INPUTS], out_slot[GR_MAX_OUTPUTS]; /* relevance.c's memory of the two */
    bool idle;   /* nothing to do: its input's relevance lies where its output's does */
    void *state; /* the kind's own */
} gr_relevance_step;

struct gr_relevance_kind {
    const gr_op_type *type;
    const char *refusal; /* why no relevance goes through it; NULL: it does */
    /* Has it weights that a rule of such layers is for? */
    bool weighs;
    /* Is the input's relevance the output's, number for number? NULL: no. */
    bool (*passes)(const gr_relevance_step *step);
    /* Does input i get any? NULL: all do. */
    bool (*gives)(const gr_relevance_step *step, int i);
    /* What it reads, as gr_op_type's backward_reads. NULL: nothing. */
    unsigned (*reads)(const gr_relevance_step *step);
    /* Bytes of call.saved and of call.scratch, once `prepare` has been. NULL: none. */
    size_t (*saved_size)(const gr_relevance_step *step);
    size_t (*scratch_size)(const gr_relevance_step *step);
    /* Makes `state`; low and high come later. Fails: GR_NOMEM. NULL: nothing to do. */
    gr_status (*prepare)(gr_relevance_step *step, gr_error *err);
    void (*run)(gr_relevance_step *step);
    void (*destroy)(gr_relevance_step *step);
};

/* The rule of a layer with weights. */
const gr_relevance_rule *gr_relevance_rule_of(const gr_relevance_step *step);
/* Elements of an operand. */
int64_t gr_relevance_elements(const gr_operand *operand);

#endif
