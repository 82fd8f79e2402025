/* Lists of strings: sorted, found, numbered. */
#ifndef GR_BASE_NAMES_H
#define GR_BASE_NAMES_H

#include <stdint.h>

#include "grimace/base.h"

/* GIVES (gr_free) the order that sorts names[count] by their bytes, equal names in their order; NULL when memory is short.
 */
int64_t *gr_names_sort(const char *const *names, int64_t count) GR_MUST_CHECK;
/* The index of `name` in names[count], sorted by `order`; -1 when it is not there. Never fails. */
int64_t gr_names_find(const char *const *names, const int64_t *order, int64_t count, const char *name);
/* Puts names that are all numbers ("7", "-3", "012", "2.5") in the order of their values, equal ones in that of their bytes;
 * leaves others as they are. Never fails. */
void gr_names_by_value(const char **names, int64_t count);
/* GIVES (gr_free) a number for each of names[count], equal for equal names, from 0 in the order in which they appear first;
 * *different: how many. NULL when memory is short. */
int64_t *gr_names_number(const char *const *names, int64_t count, int64_t *different) GR_MUST_CHECK;

#endif
