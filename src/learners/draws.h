/* Which rows and columns XGBoost's hist method draws for a tree, from seed and number of the tree alone: version 1.7 on one
 * thread with seed_per_iteration, built with GCC's library from version 11 on. */
#ifndef GR_LEARNERS_DRAWS_H
#define GR_LEARNERS_DRAWS_H

#include <stdbool.h>
#include <stdint.h>

enum { GR_DRAWS_COLUMNS = 4096 }; /* at most */

/* Numbers of 32 bits (Matsumoto and Nishimura 1998, MT19937). */
typedef struct gr_twister {
    uint32_t state[624];
    int next;
} gr_twister;

void gr_twister_seed(gr_twister *t, uint32_t seed);
uint32_t gr_twister_draw(gr_twister *t);

/* A booster's draws, tree after tree. */
typedef struct gr_draws {
    uint32_t seed, round;
    gr_twister columns; /* goes on from tree to tree */
} gr_draws;

/* None of these fails. */
void gr_draws_start(gr_draws *d, uint32_t seed);
/* Of the next tree: taken[count] of its rows, each with the probability `share` below 1 (1: all, nothing is drawn), and of its
 * columns, as many as share * count without the fraction, at least one. */
void gr_draws_next(gr_draws *d, float row_share, int64_t rows, bool *rows_taken, float column_share, int columns,
                   bool *columns_taken);

#endif
