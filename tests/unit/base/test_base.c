/* The ground floor: errors, memory, random numbers, threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

/* ---- errors ----------------------------------------------------------------------------------------------------------- */

static void test_first_failure_stays(void **state)
{
    (void)state;
    gr_error err = {0};
    assert_int_equal(gr_fail(&err, GR_INVALID, "%s:%d: wrong", "a.yaml", 3), GR_INVALID);
    assert_int_equal(gr_fail(&err, GR_IO, "later"), GR_IO);
    assert_int_equal(err.status, GR_INVALID);
    assert_string_equal(err.text, "a.yaml:3: wrong");
    gr_error_prefix(&err, "fold %d", 2);
    assert_string_equal(err.text, "fold 2: a.yaml:3: wrong");
    assert_int_equal(gr_fail(NULL, GR_NOMEM, "no one listens"), GR_NOMEM);
    gr_error_prefix(NULL, "nothing");
    gr_error none = {0};
    gr_error_prefix(&none, "nothing");
    assert_string_equal(none.text, "");
}

static void test_error_is_one_printable_line(void **state)
{
    (void)state;
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"a\nb\tc\033[31md\177", "a?b?c?[31md?"},
        {"caf\xC3\xA9", "caf\xC3\xA9"},   /* valid UTF-8 stays */
        {"caf\xC3", "caf?"},              /* cut UTF-8 does not */
        {"\xE9t\xE9 \xC3\xA9", "?t? ??"}, /* nor anything above ASCII beside what is invalid */
        {"a\xC2\x9B"
         "31m",
         "a??31m"}, /* U+009B, which a terminal takes for an escape */
        {"\xC2\xA0", "\xC2\xA0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_error err = {0};
        (void)gr_fail(&err, GR_INVALID, "%s", cases[i].in);
        assert_string_equal(err.text, cases[i].out);
        gr_error prefixed = {0};
        (void)gr_fail(&prefixed, GR_INVALID, "x");
        gr_error_prefix(&prefixed, "%s", cases[i].in);
        assert_memory_equal(prefixed.text, cases[i].out, strlen(cases[i].out));
    }
}

/* Fills the text to the brim with a character of several bytes, at each alignment: what stays is whole characters. */
static void test_long_error_is_cut_between_characters(void **state)
{
    (void)state;
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x90\x80"};
    for (size_t kind = 0; kind < 4; kind++)
        for (int shift = 0; shift < 4; shift++) {
            char long_text[3000] = "";
            size_t length = 0, unit = strlen(characters[kind]);
            for (; (int)length < shift; length++)
                long_text[length] = 'a';
            for (; length + unit < sizeof long_text; length += unit)
                memcpy(long_text + length, characters[kind], unit + 1);
            gr_error err = {0};
            (void)gr_fail(&err, GR_INVALID, "%s", long_text);
            size_t got = strlen(err.text);
            assert_true(got < sizeof err.text && got + unit >= sizeof err.text);
            assert_true(gr_utf8_valid(err.text, got));
            assert_memory_equal(err.text, long_text, got);
            gr_error_prefix(&err, "%s", long_text);
            assert_true(gr_utf8_valid(err.text, strlen(err.text)));
        }
    char stray[2000];
    memset(stray, 0x80, sizeof stray - 1);
    stray[sizeof stray - 1] = '\0';
    gr_error err = {0};
    (void)gr_fail(&err, GR_INVALID, "name: %s", stray);
    assert_memory_equal(err.text, "name: ????", 10);
}

static void test_status_names(void **state)
{
    (void)state;
    assert_string_equal(gr_status_name(GR_OK), "ok");
    assert_string_not_equal(gr_status_name(GR_INVALID), gr_status_name(GR_IO));
    assert_non_null(gr_status_name((gr_status)99));
}

/* ---- memory ----------------------------------------------------------------------------------------------------------- */

static void test_alloc(void **state)
{
    (void)state;
    size_t out;
    assert_true(gr_mul_size(SIZE_MAX / 4, 4, &out) && !gr_mul_size(SIZE_MAX / 2, 3, &out));
    assert_true(gr_add_size(SIZE_MAX - 1, 1, &out) && !gr_add_size(SIZE_MAX, 1, &out));
    assert_null(gr_alloc(SIZE_MAX / 2, 3));
    assert_null(gr_alloc_aligned(SIZE_MAX / 2, 3));
    assert_null(gr_alloc_aligned(SIZE_MAX, 1));
    void *nothing = gr_alloc(0, 8), *nothing_aligned = gr_alloc_aligned(0, 8);
    assert_true(nothing != NULL && nothing_aligned != NULL);
    gr_free(nothing);
    gr_free(nothing_aligned);
    gr_free(NULL);

    unsigned char *zeros = gr_alloc(100, 7);
    assert_non_null(zeros);
    for (int i = 0; i < 700; i++)
        assert_int_equal(zeros[i], 0);
    assert_null(gr_realloc(zeros, SIZE_MAX / 2, 3));
    zeros[699] = 5; /* a refused growth leaves the block */
    zeros = gr_realloc(zeros, 2000, 1);
    assert_non_null(zeros);
    assert_int_equal(zeros[699], 5);
    gr_free(zeros);
    for (size_t size = 1; size < 300; size += 7) {
        unsigned char *block = gr_alloc_aligned(size, 1);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % 64, 0);
        memset(block, 1, size);
        gr_free(block);
    }
}

static void test_arena(void **state)
{
    (void)state;
    gr_arena *arena = gr_arena_create();
    assert_non_null(arena);
    unsigned char *blocks[400];
    for (size_t i = 0; i < 400; i++) {
        size_t size = i % 50 == 49 ? 100000 : i + 1; /* some larger than the arena's own blocks */
        blocks[i] = gr_arena_alloc(arena, size, 1);
        assert_non_null(blocks[i]);
        assert_int_equal((uintptr_t)blocks[i] % 16, 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(blocks[i][k], 0);
        memset(blocks[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 400; i++)
        assert_int_equal(blocks[i][i], i % 251);
    assert_null(gr_arena_alloc(arena, SIZE_MAX / 2, 3));
    assert_null(gr_arena_alloc(arena, SIZE_MAX - 3, 1));
    assert_null(gr_arena_strndup(arena, "", SIZE_MAX));
    assert_string_equal(gr_arena_strdup(arena, "word"), "word");
    assert_string_equal(gr_arena_strndup(arena, "word", 2), "wo");
    assert_string_equal(gr_arena_printf(arena, "%s %d", "n", 7), "n 7");
    gr_arena_destroy(arena);
    gr_arena_destroy(NULL);
}

/* ---- random numbers --------------------------------------------------------------------------------------------------- */

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

/* ---- threads ---------------------------------------------------------------------------------------------------------- */

enum { INDICES = 1000 };
typedef struct visits {
    unsigned char count[INDICES], inner[INDICES];
    int threads;
    bool bad;
} visits;

static void count_visit(void *ctx, int64_t index, int thread)
{
    visits *v = ctx;
    v->count[index]++;
    if (thread < 0 || thread >= v->threads)
        v->bad = true;
}

static void test_parallel_for_covers_each_index_once(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 5; threads++) {
        gr_threads_set(threads);
        assert_int_equal(gr_threads_get(), threads);
        for (int64_t count = 0; count <= INDICES; count += count < 12 ? 1 : 247) {
            visits v = {.threads = threads};
            gr_parallel_for(count, count_visit, &v);
            assert_false(v.bad);
            for (int64_t i = 0; i < INDICES; i++)
                assert_int_equal(v.count[i], i < count);
        }
    }
    gr_threads_set(0);
    assert_true(gr_threads_get() >= 1);
}

static void inner_visit(void *ctx, int64_t index, int thread)
{
    visits *v = ctx;
    v->inner[index]++;
    if (thread != 0)
        v->bad = true;
}

static void outer_visit(void *ctx, int64_t index, int thread)
{
    (void)thread;
    gr_parallel_for(5, inner_visit, (visits *)ctx + index);
}

static void test_nested_call_is_serial(void **state)
{
    (void)state;
    static visits each[8];
    gr_threads_set(3);
    gr_parallel_for(8, outer_visit, each);
    for (int i = 0; i < 8; i++) {
        assert_false(each[i].bad);
        for (int k = 0; k < INDICES; k++)
            assert_int_equal(each[i].inner[k], k < 5);
    }
    gr_threads_set(0);
}

/* Numbers of any length by value, whatever their signs, zeros and fractions; one word among them leaves all as they are. */
static void names_that_are_numbers_sort_by_value(void **state)
{
    (void)state;
    const char *names[] = {"10", "9", "-2", "007", "7", "2.50", "2.5", "-10", "0", "-0", "123456789012345678901", "99999999999999999999",
                           "2.45", "1.0", "-2.5"};
    static const char *const sorted[] = {"-10", "-2.5", "-2", "-0", "0", "1.0", "2.45", "2.5", "2.50", "007", "7", "9", "10",
                                         "99999999999999999999", "123456789012345678901"};
    enum { COUNT = sizeof names / sizeof *names };
    gr_names_by_value(names, COUNT);
    for (int i = 0; i < COUNT; i++)
        assert_string_equal(names[i], sorted[i]);
    const char *words[][2] = {{"10", "9a"}, {"10", ""}, {"10", "1e1"}, {"10", "."}, {"10", "5."}, {"10", "-"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        gr_names_by_value(words[i], 2);
        assert_string_equal(words[i][0], "10");
    }
}

static void blanks_of_every_kind_are_blanks(void **state)
{
    (void)state;
    static const char *const blanks[] = {" ", "\t", "\r", "\n", "\v", "\xc2\xa0", "\xc2\x85", "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x8b",
                                         "\xe2\x80\xa8", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe2\x81\xa0", "\xe3\x80\x80", "\xef\xbb\xbf"};
    static const char *const others[] = {"", "a", "\xc2\xa1", "\xc3\xa0", "\xe2\x80\x93", "\xe3\x80\x81", "\xf0\x9f\x98\x80"};
    for (size_t i = 0; i < sizeof blanks / sizeof *blanks; i++) {
        assert_int_equal(gr_blank(blanks[i]), strlen(blanks[i]));
        assert_int_equal(gr_blank_before(blanks[i], blanks[i] + strlen(blanks[i])), strlen(blanks[i]));
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(gr_blank(others[i]), 0);
        assert_int_equal(gr_blank_before(others[i], others[i] + strlen(others[i])), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_that_are_numbers_sort_by_value), cmocka_unit_test(blanks_of_every_kind_are_blanks),
        cmocka_unit_test(test_first_failure_stays),
        cmocka_unit_test(test_error_is_one_printable_line),
        cmocka_unit_test(test_long_error_is_cut_between_characters),
        cmocka_unit_test(test_status_names),
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_philox_known_answers),
        cmocka_unit_test(test_streams_repeat_and_differ),
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_shuffle),
        cmocka_unit_test(test_parallel_for_covers_each_index_once),
        cmocka_unit_test(test_nested_call_is_serial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
