/* One thing written in two ways: names that differ in case, blanks, leading zeros or decimals only. */
#ifndef GR_DATA_NAME_FOLD_H
#define GR_DATA_NAME_FOLD_H

#include "base/base.h"

/* The name without what two ways of writing it may differ in: two are alike where these are the same. In `arena`; NULL: no
 * memory. */
const char *gr_name_folded(gr_arena *arena, const char *name);
/* What two names that are alike differ in, as it follows "differ in". Never fails. */
const char *gr_name_difference(gr_arena *arena, const char *a, const char *b);

#endif
