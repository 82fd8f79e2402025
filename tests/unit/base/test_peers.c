/* What peers make of their exchanges: sums in one order, pieces of all, and failures that all hear of. */
#include "support/support.h"
#include "support/ranks.h"

#include <string.h>

#include "base/base.h"

enum { PARTS = 8, WIDTH = 37 };

/* Part i of PARTS, with numbers whose sum depends on the order. */
static double part(int i, int k)
{
    return (k % 2 == 0 ? 1e16 : 1.0) * (double)test_number(7, (uint32_t)(i * WIDTH + k)) + (i % 3 == 0 ? -1e15 : 0.1);
}

static void add_pairwise(double parts[][WIDTH], int count)
{
    for (int step = 1; step < count; step *= 2)
        for (int i = 0; i < count; i += 2 * step)
            for (int k = 0; k < WIDTH; k++)
                parts[i][k] += parts[i + step][k];
}

typedef struct summed {
    double of[TEST_MOST_RANKS][WIDTH];
} summed;

static void sum_work(void *ctx, gr_peers *peers)
{
    summed *s = ctx;
    int own = PARTS / peers->count;
    double parts[PARTS][WIDTH], room[WIDTH];
    for (int i = 0; i < own; i++)
        for (int k = 0; k < WIDTH; k++)
            parts[i][k] = part(peers->rank * own + i, k);
    add_pairwise(parts, own);
    gr_peers_sum(peers, parts[0], room, WIDTH);
    memcpy(s->of[peers->rank], parts[0], sizeof parts[0]);
}

static void sums_are_the_same_bits_for_any_number_of_ranks(void **state)
{
    (void)state;
    static summed s;
    double parts[PARTS][WIDTH];
    for (int i = 0; i < PARTS; i++)
        for (int k = 0; k < WIDTH; k++)
            parts[i][k] = part(i, k);
    add_pairwise(parts, PARTS);
    for (int ranks = 1; ranks <= PARTS; ranks *= 2) {
        test_ranks_run(ranks, sum_work, &s);
        for (int r = 0; r < ranks; r++)
            assert_memory_equal(s.of[r], parts[0], sizeof parts[0]);
    }
    gr_peers_sum(NULL, parts[0], parts[1], WIDTH); /* nobody else: nothing happens */
}

typedef struct gathered {
    size_t bounds[TEST_MOST_RANKS + 1];
    char of[TEST_MOST_RANKS][200];
} gathered;

static void gather_work(void *ctx, gr_peers *peers)
{
    gathered *g = ctx;
    char *data = g->of[peers->rank];
    for (size_t i = g->bounds[peers->rank]; i < g->bounds[peers->rank + 1]; i++)
        data[i] = (char)(i * 7 + 1);
    gr_peers_gather(peers, data, g->bounds);
}

static void pieces_come_to_all(void **state)
{
    (void)state;
    for (int ranks = 1; ranks <= 8; ranks *= 2) {
        gathered g = {0};
        for (int r = 0; r < ranks; r++) /* some pieces are empty */
            g.bounds[r + 1] = g.bounds[r] + (size_t)(r % 3 == 1 ? 0 : 5 * r + 1);
        test_ranks_run(ranks, gather_work, &g);
        for (int r = 0; r < ranks; r++)
            for (size_t i = 0; i < sizeof g.of[r]; i++)
                assert_int_equal(g.of[r][i], i < g.bounds[ranks] ? (char)(i * 7 + 1) : 0);
    }
}

typedef struct standing {
    int failing, stopping; /* ranks; -1: none */
    gr_status status[TEST_MOST_RANKS];
    bool agreed[TEST_MOST_RANKS], speaks[TEST_MOST_RANKS], stop[TEST_MOST_RANKS];
} standing;

static void agree_work(void *ctx, gr_peers *peers)
{
    standing *s = ctx;
    gr_error err = {0};
    bool stop = peers->rank == s->stopping;
    gr_status own = peers->rank >= s->failing && s->failing >= 0 && (peers->rank - s->failing) % 2 == 0
                        ? gr_fail(&err, GR_FAILED, "of its own") : GR_OK;
    s->status[peers->rank] = gr_peers_agree(peers, own, &stop, &err);
    s->agreed[peers->rank] = peers->agreed;
    s->speaks[peers->rank] = peers->speaks;
    s->stop[peers->rank] = stop;
}

static void failures_and_wishes_are_heard_by_all(void **state)
{
    (void)state;
    for (int failing = -1; failing < 3; failing++) {
        standing s = {.failing = failing, .stopping = failing + 1};
        test_ranks_run(3, agree_work, &s); /* not a power of 2 */
        for (int r = 0; r < 3; r++) {
            assert_int_equal(s.status[r], failing < 0 ? GR_OK : GR_FAILED);
            assert_int_equal(s.agreed[r], failing >= 0);
            assert_int_equal(s.speaks[r], r == failing); /* the lowest of those that failed */
            assert_int_equal(s.stop[r], failing + 1 < 3);
        }
    }
    gr_error err = {0};
    assert_int_equal(gr_peers_agree(NULL, GR_OK, NULL, &err), GR_OK);
    assert_int_equal(gr_peers_agree(NULL, GR_IO, NULL, &err), GR_IO);
    assert_true(gr_peers_lead(NULL));
}

static void threads_are_shared(void **state)
{
    (void)state;
    gr_peers one = {.count = 1, .here = 1}, many = {.count = 1 << 20, .here = 1 << 20};
    assert_true(gr_peers_threads(&one) >= 1);
    assert_int_equal(gr_peers_threads(&many), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_the_same_bits_for_any_number_of_ranks), cmocka_unit_test(pieces_come_to_all),
        cmocka_unit_test(failures_and_wishes_are_heard_by_all), cmocka_unit_test(threads_are_shared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
