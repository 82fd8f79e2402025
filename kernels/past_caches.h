/* When results are stored past the caches. Private to kernels/K_*.c. */
#ifndef GR_PAST_CACHES_H
#define GR_PAST_CACHES_H

#include <stdbool.h>

#include "simd.h"

/* Whether `bytes` at `p`, written a vector at a time, are stored past the caches: so much that nothing would be left there for
 * their reader. Only where a vector is a cache line: half lines would be written twice. */
static inline bool gr_past_caches(int64_t bytes, const void *p)
{
    return bytes >= 16 << 20 && sizeof(gr_vf) == 64 && (uintptr_t)p % 64 == 0;
}

#endif
