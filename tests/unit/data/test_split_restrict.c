/* The folds of a table for some of its rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/split.h"

static const char *const all_images[] = {"a", "b", "c", "d", "e", "f"}, *const some_images[] = {"f", "c", "a"};
static const int64_t lines[] = {2, 3, 4, 5, 6, 7};
enum { T = GR_PART_TRAIN, V = GR_PART_VAL, E = GR_PART_TEST };
static const uint8_t first[] = {E, E, T, T, V, T}, second[] = {T, T, E, E, T, T}, third[] = {T, V, T, T, E, E};
static const gr_fold folds[] = {{"1", first, NULL}, {"2", second, NULL}, {"3", third, NULL}};
static const gr_split split = {.rows = 6, .repeats = 1, .fold_count = 3, .folds = folds};

static gr_manifest table(int64_t rows, const char *const *images)
{
    return (gr_manifest){.path = "t.csv", .rows = rows, .lines = lines, .images = images};
}

static void rows_keep_their_parts(void **state)
{
    (void)state;
    gr_manifest whole = table(6, all_images), some = table(3, some_images);
    gr_split out;
    gr_error err = {0};
    assert_int_equal(gr_split_restrict(&split, &whole, &some, &out, &err), GR_OK);
    assert_true(out.rows == 3 && out.fold_count == 3 && out.repeats == 1);
    assert_memory_equal(out.folds[0].parts, ((uint8_t[]){T, T, E}), 3);
    assert_memory_equal(out.folds[1].parts, ((uint8_t[]){T, E, T}), 3);
    assert_memory_equal(out.folds[2].parts, ((uint8_t[]){E, T, T}), 3);
    assert_string_equal(out.folds[2].name, "3");
    gr_split_free(&out);
}

static void folds_without_a_part_are_left_out(void **state)
{
    (void)state;
    gr_manifest whole = table(6, all_images), some = table(2, some_images); /* f, c: the first fold tests neither */
    gr_split out;
    gr_error err = {0};
    assert_int_equal(gr_split_restrict(&split, &whole, &some, &out, &err), GR_OK);
    assert_int_equal(out.fold_count, 2);
    assert_string_equal(out.folds[0].name, "2");
    gr_split_free(&out);
    some = table(1, some_images);
    assert_int_equal(gr_split_restrict(&split, &whole, &some, &out, &err), GR_INVALID);
    assert_string_equal(err.text, "t.csv: no fold has rows of it that train and rows that test");
    const char *const other[] = {"f", "z"};
    some = table(2, other);
    err = (gr_error){0};
    assert_int_equal(gr_split_restrict(&split, &whole, &some, &out, &err), GR_INVALID);
    assert_string_equal(err.text, "t.csv:3: image: z is in no row of t.csv, whose folds are wanted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_keep_their_parts),
        cmocka_unit_test(folds_without_a_part_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
