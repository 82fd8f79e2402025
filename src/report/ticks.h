/* Round numbers on an axis. */
#ifndef GR_REPORT_TICKS_H
#define GR_REPORT_TICKS_H

#include "base/base.h"

enum { GR_MOST_TICKS = 16, GR_TICK_ROOM = 24 };

typedef struct gr_ticks {
    int count;
    double at[GR_MOST_TICKS];
    char text[GR_MOST_TICKS][GR_TICK_ROOM];
} gr_ticks;

/* About `wanted` multiples of 1, 2, 2.5 or 5 times a power of ten in [low, high]; with `whole` of whole numbers only. Never
 * fails. */
gr_ticks gr_ticks_even(double low, double high, int wanted, bool whole);
/* Powers of ten in [low, high], 0 < low, every so many that they are about `wanted`; where they are fewer than two, twice
 * and five times them too. Never fails. */
gr_ticks gr_ticks_log(double low, double high, int wanted);
/* Widens *low, *high to the multiples next to them of what gr_ticks_even takes; makes room where they are the same. Never
 * fails. */
void gr_ticks_widen(double *low, double *high, int wanted);

#endif
