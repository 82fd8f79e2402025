/* Units: the images of one fold and one group with the same value of a column, which are taken together. */
#ifndef GR_EVAL_UNITS_H
#define GR_EVAL_UNITS_H

#include "base/base.h"

/* GIVES the number of each row's unit, in the order of first appearance; groups NULL: none. NULL when memory is short. */
int64_t *gr_units_number(int64_t rows, const int32_t *fold, const char *const *groups, const char *const *values,
                         gr_arena *arena, int64_t *units) GR_MUST_CHECK;
/* "GROUP VALUE", or the value alone where there is no group (NULL) or the column is the group's own. In the arena; NULL when
 * memory is short. */
const char *gr_units_name(gr_arena *arena, const char *group_column, const char *group, const char *column,
                          const char *value) GR_MUST_CHECK;

#endif
