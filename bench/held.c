#include "held.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const kinds[BENCH_KINDS] = {"as if independent", "bootstrap of images", "bootstrap of animals", "BCa of animals",
                                               "jackknife of animals"};

void *bench_room(int64_t n, size_t size)
{
    void *room = gr_alloc((size_t)n, size);
    if (room == NULL)
        exit(1);
    return room;
}

void bench_animals_open(bench_animals *a, int64_t animals, int64_t each)
{
    *a = (bench_animals){.animals = animals, .each = each, .rows = animals * each};
    a->names = bench_room(animals, sizeof *a->names);
    a->groups = bench_room(a->rows, sizeof *a->groups);
    for (int64_t i = 0; i < animals; i++)
        snprintf(a->names[i], sizeof a->names[i], "%lld", (long long)i);
    for (int64_t i = 0; i < a->rows; i++)
        a->groups[i] = a->names[i / each];
}

void bench_animals_close(bench_animals *a)
{
    gr_free(a->names);
    gr_free(a->groups);
}

void bench_count(bench_tally *t, int kind, int number, gr_interval interval, double truth)
{
    if (isnan(interval.low))
        return;
    t->drawn[kind][number]++;
    t->held[kind][number] += interval.low <= truth && truth <= interval.high;
}

void bench_print(const bench_tally *t, const bench_animals *a, const char *heading, int numbers)
{
    printf("\n%lld animals of %lld images\n%-22s%s\n", (long long)a->animals, (long long)a->each, "", heading);
    for (int k = 0; k < BENCH_KINDS; k++) {
        printf("%-22s", kinds[k]);
        for (int i = 0; i < numbers; i++)
            if (t->drawn[k][i] > 0)
                printf(" %8.1f", 100.0 * (double)t->held[k][i] / (double)t->drawn[k][i]);
            else
                printf(" %8s", "-");
        printf("\n");
    }
    fflush(stdout);
}
