/* What XGBoost takes on trust when it reads a model: numbers of nodes, where each goes on, which column it asks. A damaged file
 * would lead it beyond its arrays, so these are looked at before. */
#ifndef GR_LEARNERS_BOOSTED_TREES_H
#define GR_LEARNERS_BOOSTED_TREES_H

#include "formats/json.h"
#include "learners/booster.h"

/* Are the trees of `root`, the JSON of a model of `columns` columns, whole? Fails: GR_INVALID ("PATH: ..."), GR_NOMEM. */
gr_status gr_boosted_trees_check(const gr_boost_options *options, const json_t *root, int columns, const char *path,
                                 gr_error *err) GR_MUST_CHECK;

#endif
