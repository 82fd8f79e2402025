/* Which training rows an epoch visits, in which order, and what each class weighs in the loss. */
#ifndef GRIMACE_BALANCE_H
#define GRIMACE_BALANCE_H

#include <stdbool.h>

#include "grimace/base.h"

typedef enum gr_balance {
    GR_BALANCE_NONE = 0,
    GR_BALANCE_UNDERSAMPLE,      /* each epoch draws as many rows of each class as the smallest class has */
    GR_BALANCE_UNDERSAMPLE_ONCE, /* the same, drawn once: all epochs see the same rows */
    GR_BALANCE_OVERSAMPLE,       /* each class is repeated up to the largest: whole copies, then a draw for the rest */
    GR_BALANCE_CLASS_WEIGHT      /* every row once; the loss is weighted by gr_class_weights */
} gr_balance;

/* Its name in a config ("none", "undersample", ...), NULL for none; and the other way round, false for no such name. Static
 * storage. Never fails. */
const char *gr_balance_name(gr_balance balance);
bool gr_balance_of(const char *name, gr_balance *out);

/* How many rows an epoch visits: the same in every epoch. `rows[count]` are the training rows, labels[rows[i]] in
 * [0, class_count) their classes; classes without a row are passed over. Never fails. */
int64_t gr_epoch_length(const int64_t *rows, int64_t count, const int32_t *labels, int class_count, gr_balance balance);

/* Writes the rows that epoch `epoch` visits, in order, to order[gr_epoch_length(...)]. The draw is by (seed, epoch) alone;
 * `shuffle` false keeps the order of `rows`, repeats of a row next to each other. Fails: GR_NOMEM. */
gr_status gr_epoch_order(const int64_t *rows, int64_t count, const int32_t *labels, int class_count, gr_balance balance,
                         bool shuffle, uint64_t seed, uint32_t epoch, int64_t *order, gr_error *err) GR_MUST_CHECK;

/* weights[c] = count / (k * count_c) with k the number of classes that have rows: scikit-learn's "balanced". A class
 * without a row gets 0. Never fails. */
void gr_class_weights(const int64_t *rows, int64_t count, const int32_t *labels, int class_count, float *weights);

#endif
