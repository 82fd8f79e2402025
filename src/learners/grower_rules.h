/* The settings of grower.h's trees, as XGBoost reads them: from text, to float32. */
#ifndef GR_LEARNERS_GROWER_RULES_H
#define GR_LEARNERS_GROWER_RULES_H

#include "learners/booster.h"

enum { GR_GROWER_DEPTH = 8 };

typedef struct gr_grower_rules {
    float rate, alpha, lambda, gamma, least, positive, base;
    float rows, columns; /* shares that are drawn for each tree; 1: all */
    uint32_t seed;
    int depth;
    bool scores;
    bool falling; /* in the last column, which is the question's number */
    int copies;   /* of each row: the questions */
} gr_grower_rules;

/* Between which the values of a node's sides stay. */
typedef struct gr_grower_bounds {
    float lower, upper;
} gr_grower_bounds;

/* Never fails. */
gr_grower_rules gr_grower_rules_of(const gr_boost_options *options);
/* Column c of a part's row i, of which there are as many copies as questions; the question's number is behind the other columns. */
static inline float gr_grower_cell(const gr_boost_part *p, int copies, int64_t i, int c)
{
    return c == p->column_count ? (float)(i % copies)
                                : p->values[(size_t)p->rows[i / copies] * p->width + (size_t)p->columns[c]];
}

/* What a node of these sums says, and what it gains by it. Never fail. */
float gr_grower_value(const gr_grower_rules *r, gr_grower_bounds bounds, double gradient, double hessian);
float gr_grower_gain(const gr_grower_rules *r, gr_grower_bounds bounds, double gradient, double hessian);
/* true where all versions read the number alike. What is tuned is proved by few of its values: all of them must be. Never
 * fails. */
bool gr_grower_plain(double value);
/* true where trees of `options` can be grown here: two classes, ordinal ones or scores, depth 1 to 8; and on parts of
 * `part`, which learn from `learnt` rows at most: 2048 questions without weights, no number infinite. Never fail. */
bool gr_grower_takes(const gr_boost_options *options);
bool gr_grower_reads(const gr_boost_options *options, const gr_boost_part *part, int64_t learnt);

#endif
