/* The settings of grower.h's trees, as XGBoost reads them: from text, to float32. */
#ifndef GR_LEARNERS_GROWER_RULES_H
#define GR_LEARNERS_GROWER_RULES_H

#include "learners/booster.h"

typedef struct gr_grower_rules {
    float rate, alpha, lambda, gamma, least, positive, base;
    float rows, columns; /* shares that are drawn for each tree; 1: all */
    uint32_t seed;
    int depth;
    bool scores;
} gr_grower_rules;

/* Never fails. */
gr_grower_rules gr_grower_rules_of(const gr_boost_options *options);
/* true where all versions read the number alike. What is tuned is proved by few of its values: all of them must be. Never
 * fails. */
bool gr_grower_plain(double value);

#endif
