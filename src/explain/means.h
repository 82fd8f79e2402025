/* Mean maps of the images that have the same value in a column. */
#ifndef GR_EXPLAIN_MEANS_H
#define GR_EXPLAIN_MEANS_H

#include "explain/overlay.h"
#include "grimace/explain.h"

enum { GR_MEANS_VALUES = 100 }; /* most values of the column: each has a map in memory */

typedef struct gr_means gr_means;

/* GIVES sums for `column`, whose values[count] (BORROWED) are those of the images; "" has none. Fails: GR_INVALID (no value,
 * or more than GR_MEANS_VALUES), GR_NOMEM. */
gr_status gr_means_open(const char *column, const char *const *values, int64_t count, int methods, gr_means **out,
                        gr_error *err) GR_MUST_CHECK;
void gr_means_close(gr_means *means);
/* Adds an explanation by method `method` of those that there are. Fails: GR_NOMEM. */
gr_status gr_means_add(gr_means *means, int method, const gr_explanation *explanation, gr_error *err) GR_MUST_CHECK;
/* Writes MEAN.COLUMN-VALUE.METHOD.png and .npy into the folder `dir`, with the look of `as`, and means.csv:
 * column,value,method,n,sum. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_means_write(const gr_means *means, const char *dir, const gr_overlay *as, gr_error *err) GR_MUST_CHECK;

#endif
