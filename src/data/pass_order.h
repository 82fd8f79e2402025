/* The order of a loader's pass. */
#ifndef GR_DATA_PASS_ORDER_H
#define GR_DATA_PASS_ORDER_H

#include "base/base.h"

/* GIVES (gr_free both, whatever comes back) a copy of order[count], indices of `samples` samples, and how many times each of
 * them stood earlier in it. Fails: GR_INVALID (an index beyond the samples), GR_NOMEM. */
gr_status gr_pass_order(const int64_t *order, int64_t count, int64_t samples, int64_t **copy, uint32_t **repeat,
                        gr_error *err) GR_MUST_CHECK;

#endif
