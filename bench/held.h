/* What coverage.c and coverage_scores.c share: animals with their images, how often each kind of interval held the truth, and the
 * loop over sizes of cohorts. */
#ifndef GR_BENCH_HELD_H
#define GR_BENCH_HELD_H

#include "base/base.h"
#include "grimace/statistics.h"

enum { BENCH_KINDS = 5, BENCH_MOST_NUMBERS = 8 };

/* A cohort's images, animal by animal. */
typedef struct bench_animals {
    int64_t animals, each, rows;
    const char **groups; /* [rows]: the animal's name */
    char (*names)[24];   /* [animals] */
} bench_animals;

/* `animals` of `each` images. Ends the program where there is no memory. */
void bench_animals_open(bench_animals *a, int64_t animals, int64_t each);
void bench_animals_close(bench_animals *a);
/* Room for `n` items; ends the program where there is none. gr_free. */
void *bench_room(int64_t n, size_t size);

typedef struct bench_tally {
    int64_t held[BENCH_KINDS][BENCH_MOST_NUMBERS], drawn[BENCH_KINDS][BENCH_MOST_NUMBERS];
} bench_tally;

/* Counts an interval of a kind and number; one that is nowhere counts not. */
void bench_count(bench_tally *t, int kind, int number, gr_interval interval, double truth);
/* Of a hundred intervals of each kind, how many held the truth, under `heading` (8 characters a number, a blank between). */
void bench_print(const bench_tally *t, const bench_animals *a, const char *heading, int numbers);

#endif
