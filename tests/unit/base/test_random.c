/* Random numbers: known answers, streams that repeat and differ, distributions, shuffles. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base.h"

/* kat_vectors of the Random123 distribution, philox4x32 with 10 rounds. */
static void test_philox_known_answers(void **state)
{
    (void)state;
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint32_t out[4];
        gr_philox(known[i].key, known[i].counter, out);
        assert_memory_equal(out, known[i].out, sizeof out);
    }
}

static void test_streams_repeat_and_differ(void **state)
{
    (void)state;
    gr_rng streams[] = {gr_rng_make(1, GR_FOR_INIT, 0, 0),          gr_rng_make(2, GR_FOR_INIT, 0, 0),
                        gr_rng_make(1ull << 32, GR_FOR_INIT, 0, 0), gr_rng_make(1, GR_FOR_SHUFFLE, 0, 0),
                        gr_rng_make(1, GR_FOR_INIT, 1, 0),          gr_rng_make(1, GR_FOR_INIT, 0, 1),
                        gr_rng_make(1, GR_FOR_INIT, 0, 1ull << 32)};
    enum { STREAMS = sizeof streams / sizeof streams[0], DRAWS = 64 };
    uint32_t draws[STREAMS * DRAWS];
    for (int i = 0; i < STREAMS * DRAWS; i++)
        draws[i] = gr_rng_u32(&streams[i / DRAWS]);
    int equal = 0;
    for (int i = 0; i < STREAMS * DRAWS; i++)
        for (int k = 0; k < i; k++)
            equal += draws[i] == draws[k];
    assert_true(equal <= 1); /* 448 of 2^32: one pair by chance is already unlikely */
    gr_rng again = gr_rng_make(1, GR_FOR_SHUFFLE, 0, 0);
    for (int i = 0; i < DRAWS; i++)
        assert_int_equal(gr_rng_u32(&again), draws[3 * DRAWS + i]);
}

static void test_distributions(void **state)
{
    (void)state;
    enum { DRAWS = 40000 };
    gr_rng rng = gr_rng_make(7, GR_FOR_TEST, 0, 0);
    double mean = 0, square = 0, uniform = 0, small = 0;
    int counts[7] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double z = gr_rng_normal(&rng), u = gr_rng_double(&rng);
        float f = gr_rng_float(&rng);
        assert_true(isfinite(z) && u >= 0 && u < 1 && f >= 0 && f < 1);
        mean += z / DRAWS;
        square += z * z / DRAWS;
        uniform += u / DRAWS;
        small += (double)f / DRAWS;
        counts[gr_rng_below(&rng, 7)]++;
    }
    assert_true(fabs(mean) < 0.025 && fabs(square - 1) < 0.04);
    assert_true(fabs(uniform - 0.5) < 0.008 && fabs(small - 0.5) < 0.008);
    for (int i = 0; i < 7; i++)
        assert_true(abs(counts[i] - DRAWS / 7) < 400);
    assert_int_equal(gr_rng_below(&rng, 1), 0);
    assert_true(gr_rng_below(&rng, UINT64_MAX) < UINT64_MAX);
}

static void test_shuffle(void **state)
{
    (void)state;
    enum { N = 100 };
    int64_t items[N], again[N];
    bool seen[N] = {false};
    int moved = 0;
    for (int i = 0; i < N; i++)
        items[i] = again[i] = i;
    gr_rng rng = gr_rng_make(3, GR_FOR_SHUFFLE, 1, 0), same = gr_rng_make(3, GR_FOR_SHUFFLE, 1, 0);
    gr_rng_shuffle(&rng, items, N);
    gr_rng_shuffle(&same, again, N);
    assert_memory_equal(items, again, sizeof items);
    for (int i = 0; i < N; i++) {
        assert_true(items[i] >= 0 && items[i] < N && !seen[items[i]]);
        seen[items[i]] = true;
        moved += items[i] != i;
    }
    assert_true(moved > N / 2);
    gr_rng_shuffle(&rng, items, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_philox_known_answers),
        cmocka_unit_test(test_streams_repeat_and_differ),
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_shuffle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
