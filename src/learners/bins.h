/* Columns of numbers in bins, as XGBoost's hist method makes them. */
#ifndef GR_LEARNERS_BINS_H
#define GR_LEARNERS_BINS_H

#include <stdint.h>

enum { GR_BINS = 256, GR_BINS_ROWS = 2048 }; /* up to so many rows its sketch of a column is exact */

/* The cuts of a column of `count` finite numbers, 1..GR_BINS_ROWS, which are sorted on the way: number x lies in the bin of the
 * first cut above it. Writes cuts[<= GR_BINS], rising, the last above all; returns how many. Never fails. */
int gr_bins_cut(float *column, int64_t count, float *cuts);
/* The bin of x; what no cut is above is in the last. Never fails. */
int gr_bins_find(const float *cuts, int count, float x);

#endif
