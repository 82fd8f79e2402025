/* Trees for tuning, grown here: those of XGBoost's hist method, bit for bit, several times as fast on small tables. Only what is
 * tried and thrown away is grown so, after its answers were compared with XGBoost's; every model that stays is XGBoost's
 * own. Vectors search eight columns at a time, nodes that cannot be split are not looked at, and few rows are few sums. */
#ifndef GR_LEARNERS_GROWER_H
#define GR_LEARNERS_GROWER_H

#include "learners/grower_rules.h"

typedef struct gr_grower gr_grower;

/* The rows of `train` are learnt from, those of `test` answered; both are read here only. GIVES *out (gr_grower_free; NULL is
 * fine). Fails: GR_NOMEM. */
gr_status gr_grower_make(const gr_boost_options *options, const gr_boost_part *train, const gr_boost_part *test,
                         gr_grower **out, gr_error *err) GR_MUST_CHECK;
void gr_grower_free(gr_grower *g);
/* Forgets all trees; the next are grown by `options`. Never fails. */
void gr_grower_start(gr_grower *g, const gr_boost_options *options);
/* Grows one tree more. Never fails. */
void gr_grower_round(gr_grower *g);
/* answers[rows of test, gr_boost_width], as gr_boost_answer writes them for so many trees. Never fails. */
void gr_grower_answer(const gr_grower *g, float *answers);

#endif
