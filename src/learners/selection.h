/* The choice of features inside a fold. */
#ifndef GR_LEARNERS_SELECTION_H
#define GR_LEARNERS_SELECTION_H

#include "learners/boosting.h"

/* Chooses b->columns as select.method says, if it says so. Fails: GR_NOMEM, GR_FAILED, GR_INTERRUPTED. */
gr_status gr_boost_select(gr_boosting *b, const gr_recipe_select *select, gr_error *err) GR_MUST_CHECK;

#endif
