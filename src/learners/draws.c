#include "learners/draws.h"

#include <string.h>

enum { WORDS = 624, APART = 397 };

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

void gr_twister_seed(gr_twister *t, uint32_t seed)
{
    t->state[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++)
        t->state[i] = 1812433253U * (t->state[i - 1] ^ t->state[i - 1] >> 30) + i;
    t->next = WORDS;
}

static void twist(gr_twister *t)
{
    for (int i = 0; i < WORDS; i++) {
        uint32_t mixed = (t->state[i] & 0x80000000U) | (t->state[(i + 1) % WORDS] & 0x7fffffffU);
        t->state[i] = t->state[(i + APART) % WORDS] ^ mixed >> 1 ^ (mixed & 1 ? 0x9908b0dfU : 0);
    }
    t->next = 0;
}

uint32_t gr_twister_draw(gr_twister *t)
{
    if (t->next == WORDS)
        twist(t);
    uint32_t x = t->state[t->next++];
    x ^= x >> 11;
    x ^= x << 7 & 0x9d2c5680U;
    x ^= x << 15 & 0xefc60000U;
    return x ^ x >> 18;
}

/* One of 0 .. count - 1, all alike (Lemire 2019). */
static uint32_t one_of(gr_twister *t, uint32_t count)
{
    uint64_t product = (uint64_t)gr_twister_draw(t) * count;
    if ((uint32_t)product < count)
        for (uint32_t least = -count % count; (uint32_t)product < least;)
            product = (uint64_t)gr_twister_draw(t) * count;
    return (uint32_t)(product >> 32);
}

/* ---- rows and columns ---------------------------------------------------------------------------------------------- */

static void swap(int *order, uint32_t a, uint32_t b)
{
    int kept = order[a];
    order[a] = order[b];
    order[b] = kept;
}

/* Each in turn changes places with one up to itself; one number serves two of them. */
static void shuffle(gr_twister *t, int *order, uint32_t count)
{
    uint32_t i = 1;
    if (count % 2 == 0)
        swap(order, i++, one_of(t, 2));
    for (; i < count; i += 2) {
        uint32_t both = one_of(t, (i + 1) * (i + 2));
        swap(order, i, both / (i + 2));
        swap(order, i + 1, both % (i + 2));
    }
}

static void draw_columns(gr_draws *d, float share, int columns, bool *taken)
{
    int order[GR_DRAWS_COLUMNS], count = (int)(share * (float)columns);
    for (int c = 0; c < columns; c++)
        order[c] = c;
    shuffle(&d->columns, order, (uint32_t)columns);
    memset(taken, 0, (size_t)columns * sizeof *taken);
    for (int i = 0; i < (count < 1 ? 1 : count); i++)
        taken[order[i]] = true;
}

/* A congruential generator modulo 2^63, of which no number is 0 (none of its seeds is, but by one chance in 2^32). */
static void draw_rows(uint32_t seed, float share, int64_t rows, bool *taken)
{
    const uint64_t below = (UINT64_C(1) << 63) - 1;
    uint64_t x = seed != 0 ? seed : 1;
    for (int64_t i = 0; i < rows; i++) {
        x = x * 16807 & below;
        taken[i] = (double)(x - 1) / (double)(UINT64_C(1) << 63) < (double)share;
    }
}

void gr_draws_start(gr_draws *d, uint32_t seed)
{
    gr_twister first;
    *d = (gr_draws){.seed = seed};
    gr_twister_seed(&first, seed * 127);
    gr_twister_seed(&d->columns, gr_twister_draw(&first));
}

void gr_draws_next(gr_draws *d, float row_share, int64_t rows, bool *rows_taken, float column_share, int columns,
                   bool *columns_taken)
{
    gr_twister of_round;
    if (row_share < 1) {
        gr_twister_seed(&of_round, d->seed * 127 + d->round);
        if (d->round == 0)
            (void)gr_twister_draw(&of_round); /* it was the columns' */
        draw_rows(gr_twister_draw(&of_round), row_share, rows, rows_taken);
    } else {
        memset(rows_taken, true, (size_t)rows * sizeof *rows_taken);
    }
    if (column_share < 1)
        draw_columns(d, column_share, columns, columns_taken);
    else
        memset(columns_taken, true, (size_t)columns * sizeof *columns_taken);
    d->round++;
}
