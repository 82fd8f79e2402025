#include "explain/relevance_kinds.h"

#include "explain/relevance_layers.h"
#include "explain/relevance_moves.h"
#include "explain/relevance_pools.h"
#include "ops/ops.h"

/* How an operator's outputs are bounded from below. */
typedef enum floor_of { ANY, FROM_INPUTS, ALWAYS } floor_of;

/* clang-format off */
#define KINDS(KIND) \
    KIND(conv2d, ANY) KIND(dense, ANY) KIND(batch_norm, ANY) KIND(relu, ALWAYS) KIND(relu6, ALWAYS) KIND(sigmoid, ALWAYS) \
    KIND(hard_sigmoid, ALWAYS) KIND(hard_swish, ANY) KIND(silu, ANY) KIND(tanh, ANY) KIND(elu, ANY) KIND(selu, ANY) \
    KIND(gelu, ANY) KIND(softplus, ALWAYS) KIND(softsign, ANY) KIND(mish, ANY) KIND(leaky_relu, ANY) \
    KIND(steep_sigmoid, ALWAYS) KIND(prelu, ANY) KIND(dropout, FROM_INPUTS) \
    KIND(stochastic_depth, FROM_INPUTS) KIND(add, FROM_INPUTS) KIND(concat, FROM_INPUTS) KIND(flatten, FROM_INPUTS) \
    KIND(channel_split, FROM_INPUTS) KIND(channel_shuffle, FROM_INPUTS) KIND(pad, FROM_INPUTS) KIND(max_pool, FROM_INPUTS) \
    KIND(avg_pool, FROM_INPUTS) KIND(global_avg_pool, FROM_INPUTS) KIND(global_max_pool, FROM_INPUTS) \
    KIND(adaptive_avg_pool, FROM_INPUTS) KIND(attention_pool, FROM_INPUTS) KIND(scale_channels, FROM_INPUTS) \
    KIND(proportional_odds, ANY) KIND(softmax, ALWAYS) KIND(upsample, FROM_INPUTS)
/* clang-format on */

typedef struct entry {
    const gr_relevance_kind *kind;
    floor_of floor;
} entry;

#define ENTRY(operator, floor) {&gr_relevance_##operator, floor },
static const entry entries[] = {KINDS(ENTRY)};
enum { ENTRIES = sizeof entries / sizeof entries[0] };

static const entry *find(const gr_op_type *type)
{
    for (int i = 0; i < ENTRIES; i++)
        if (entries[i].kind->type == type)
            return &entries[i];
    return NULL;
}

const gr_relevance_kind *gr_relevance_kind_of(const gr_op_type *type)
{
    const entry *e = find(type);
    return e != NULL ? e->kind : NULL;
}

bool gr_relevance_stays_above(const gr_op *op, const bool *above)
{
    const entry *e = find(op->type);
    if (e == NULL || e->floor != FROM_INPUTS)
        return e != NULL && e->floor == ALWAYS;
    for (int i = 0; i < op->in_count; i++)
        if (!above[i])
            return false;
    return true;
}
