/* Fewer training groups: how many stay, that smaller shares lie within larger ones, that two classes stay. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/split.h"

enum { ROWS = 24, GROUPS = 8, EACH = ROWS / GROUPS };

static const char *images[ROWS], *groups[GROUPS] = {"a", "b", "c", "d", "e", "f", "g", "h"};
static char names[ROWS][8];
static int32_t group_of[ROWS], labels[ROWS];

/* Group h tests, g validates; `pure`: all groups but f are of class 0. */
static gr_manifest table(bool pure)
{
    for (int r = 0; r < ROWS; r++) {
        snprintf(names[r], sizeof names[r], "i%d", r);
        images[r] = names[r];
        group_of[r] = r / EACH;
        labels[r] = pure ? r / EACH == 5 : r % 2;
    }
    return (gr_manifest){.path = "t.csv", .rows = ROWS, .images = images, .groups = group_of, .group_names = groups,
                         .group_count = GROUPS, .labels = labels, .class_count = 2};
}

static void make(const gr_manifest *m, gr_split *out)
{
    static uint8_t parts[ROWS];
    static gr_fold fold = {"1", parts, NULL};
    for (int r = 0; r < ROWS; r++)
        parts[r] = m->groups == NULL || group_of[r] < 6 ? GR_PART_TRAIN : group_of[r] == 6 ? GR_PART_VAL : GR_PART_TEST;
    *out = (gr_split){.rows = ROWS, .repeats = 1, .fold_count = 1, .folds = &fold, .memory = gr_arena_create()};
    assert_non_null(out->memory);
}

/* Which groups train, as bits; none may be torn, and other parts must be as they were. */
static unsigned kept(const gr_split *split)
{
    unsigned trains = 0, rests = 0;
    for (int r = 0; r < ROWS; r++) {
        unsigned bit = 1u << group_of[r];
        uint8_t part = gr_fold_part(&split->folds[0], r);
        trains |= part == GR_PART_TRAIN ? bit : 0;
        rests |= part == GR_PART_NONE ? bit : 0;
        assert_int_equal(part == GR_PART_VAL, group_of[r] == 6);
        assert_int_equal(part == GR_PART_TEST, group_of[r] == 7);
    }
    assert_int_equal(trains & rests, 0);
    assert_int_equal(trains | rests, 0x3f);
    return trains;
}

static void groups_stay_whole(void **state)
{
    (void)state;
    const double shares[] = {0.1, 0.34, 0.5, 0.84, 1.0};
    const int wanted[] = {1, 3, 3, 6, 6};
    gr_manifest m = table(false);
    for (uint64_t seed = 0; seed < 5; seed++) {
        unsigned before = 0;
        for (int s = 0; s < 5; s++) {
            gr_split split;
            gr_error err = {0};
            make(&m, &split);
            assert_int_equal(gr_split_thin(&split, &m, shares[s], seed, &err), GR_OK);
            unsigned trains = kept(&split);
            assert_int_equal(__builtin_popcount(trains), wanted[s]);
            assert_int_equal(before & ~trains, 0);
            before = trains;
            gr_split_free(&split);
        }
    }
}

static void two_classes_stay(void **state)
{
    (void)state;
    gr_manifest m = table(true);
    for (uint64_t seed = 0; seed < 10; seed++) {
        gr_split split;
        gr_error err = {0};
        make(&m, &split);
        assert_int_equal(gr_split_thin(&split, &m, 0.2, seed, &err), GR_OK);
        assert_true(kept(&split) & 1u << 5 && __builtin_popcount(kept(&split)) >= 2);
        gr_split_free(&split);
    }
}

static void rows_without_groups(void **state)
{
    (void)state;
    gr_manifest m = table(false);
    m.groups = NULL;
    m.group_count = 0;
    gr_split split;
    gr_error err = {0};
    make(&m, &split);
    assert_int_equal(gr_split_thin(&split, &m, 0.25, 3, &err), GR_OK);
    assert_int_equal(gr_split_rows(&split, 0, GR_PART_TRAIN, NULL), 6);
    assert_int_equal(gr_split_rows(&split, 0, GR_PART_NONE, NULL), 18);
    assert_int_equal(gr_split_thin(&split, &m, 0.0, 3, &err), GR_INVALID);
    gr_split_free(&split);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups_stay_whole), cmocka_unit_test(two_classes_stay),
                                       cmocka_unit_test(rows_without_groups)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
