/* Sorted lists of strings: finding twins and numbering values. */
#ifndef GR_DATA_NAMES_H
#define GR_DATA_NAMES_H

#include "base/base.h"

/* GIVES (gr_free) the order that sorts names[count] by their bytes, equal names in their order; NULL when memory is short.
 */
int64_t *gr_names_sort(const char *const *names, int64_t count) GR_MUST_CHECK;
/* The index of `name` in names[count], sorted by `order`; -1 when it is not there. Never fails. */
int64_t gr_names_find(const char *const *names, const int64_t *order, int64_t count, const char *name);

#endif
