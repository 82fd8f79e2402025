/* Making splits: groups kept whole in every scheme, shares, repeats, strata, and what the seed decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/split.h"
#include "support/folder.h"
#include "support/manifests.h"

static int64_t count(const gr_split *s, int fold, gr_part part)
{
    return gr_split_rows(s, fold, part, NULL);
}

static void groups_stay_whole_with_validation(void **state)
{
    (void)state;
    gr_manifest m;
    test_animals(10, 6, 2, true, &m);
    for (int s = 0; s < GR_SPLIT_COLUMN; s++)
        for (int shuffle = 0; shuffle < 2; shuffle++) {
            if (s == GR_SPLIT_STRATIFIED_KFOLD)
                continue;
            gr_split split;
            gr_error err = {0};
            gr_split_spec spec = {
                .scheme = (gr_split_scheme)s, .folds = 5, .validation = 0.25, .test = 0.2, .shuffle = shuffle, .seed = 3};
            assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
            assert_int_equal(gr_split_verify(&split, &m, &err), GR_OK);
            for (int f = 0; f < split.fold_count; f++) {
                assert_int_equal(count(&split, f, GR_PART_VAL), 12); /* 2 of the 8 or 9 training animals */
                assert_int_equal(count(&split, f, GR_PART_TEST), s == GR_SPLIT_LEAVE_ONE_GROUP_OUT ? 6 : 12);
                assert_int_equal(count(&split, f, GR_PART_NONE), 0);
            }
            gr_split_free(&split);
        }
    gr_manifest_free(&m);
}

static void validation_changes_from_fold_to_fold(void **state)
{
    (void)state;
    gr_manifest m;
    test_animals(6, 4, 2, true, &m);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_LEAVE_ONE_GROUP_OUT, .validation = 0.2};
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    int validated[6] = {0};
    for (int f = 0; f < 6; f++) {
        int64_t rows[24];
        assert_int_equal(gr_split_rows(&split, f, GR_PART_VAL, rows), 4);
        validated[rows[0] / 4]++;
    }
    for (int a = 0; a < 6; a++)
        assert_true(validated[a] <= 2);
    gr_split_free(&split);
    gr_manifest_free(&m);
}

static void shares_without_groups_keep_the_classes(void **state)
{
    (void)state;
    gr_manifest m;
    test_animals(20, 5, 2, false, &m);
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        gr_split split;
        gr_error err = {0};
        gr_split_spec spec = {.scheme = GR_SPLIT_HOLDOUT, .validation = 0.0625, .test = 0.2, .shuffle = shuffle, .seed = 1};
        assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
        assert_int_equal(split.fold_count, 1);
        assert_string_equal(split.folds[0].name, "0");
        assert_int_equal(count(&split, 0, GR_PART_TRAIN), 75);
        assert_int_equal(count(&split, 0, GR_PART_VAL), 5);
        assert_int_equal(count(&split, 0, GR_PART_TEST), 20);
        int64_t rows[100], ones = 0;
        gr_split_rows(&split, 0, GR_PART_TEST, rows);
        for (int i = 0; i < 20; i++)
            ones += m.labels[rows[i]];
        assert_int_equal(ones, 10);
        gr_split_free(&split);
    }
    gr_manifest_free(&m);
}

static void shuffling_follows_the_seed(void **state)
{
    (void)state;
    gr_manifest m;
    test_animals(30, 4, 2, true, &m);
    gr_split a, b, c;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_GROUP_KFOLD, .folds = 5, .shuffle = true, .seed = 5};
    assert_int_equal(gr_split_make(&m, &spec, &a, &err), GR_OK);
    assert_int_equal(gr_split_make(&m, &spec, &b, &err), GR_OK);
    spec.seed = 6;
    assert_int_equal(gr_split_make(&m, &spec, &c, &err), GR_OK);
    assert_memory_equal(a.folds[0].parts, b.folds[0].parts, (size_t)m.group_count);
    assert_memory_not_equal(a.folds[0].parts, c.folds[0].parts, (size_t)m.group_count);
    gr_split_free(&a);
    gr_split_free(&b);
    gr_split_free(&c);
    gr_manifest_free(&m);
}

/* RepeatedStratifiedKFold and its kin: each repeat tests each row once, and no two are the same. */
static void repeats_are_drawn_anew(void **state)
{
    (void)state;
    for (int s = 0; s < GR_SPLIT_HOLDOUT; s++) {
        gr_split_spec spec = {
            .scheme = (gr_split_scheme)s, .folds = 4, .repeats = 3, .validation = 0.25, .shuffle = true, .seed = 5};
        gr_manifest m;
        gr_split split, once;
        gr_error err = {0};
        if (s == GR_SPLIT_LEAVE_ONE_GROUP_OUT)
            continue;
        test_animals(20, 4, 2, s != GR_SPLIT_STRATIFIED_KFOLD, &m);
        assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
        assert_int_equal(gr_split_verify(&split, &m, &err), GR_OK);
        assert_int_equal(split.fold_count, 12);
        assert_int_equal(split.repeats, 3);
        assert_string_equal(split.folds[0].name, "1.1");
        assert_string_equal(split.folds[3].name, "1.4");
        assert_string_equal(split.folds[11].name, "3.4");
        spec.repeats = 1;
        assert_int_equal(gr_split_make(&m, &spec, &once, &err), GR_OK);
        size_t units = (size_t)(m.groups != NULL ? m.group_count : m.rows);
        for (int f = 0; f < 4; f++) { /* the first repeat is the split without repeats */
            assert_memory_equal(split.folds[f].parts, once.folds[f].parts, units);
            assert_memory_not_equal(split.folds[f].parts, split.folds[f + 4].parts, units);
            assert_memory_not_equal(split.folds[f + 4].parts, split.folds[f + 8].parts, units);
        }
        ((uint8_t *)split.folds[5].parts)[0] = GR_PART_TEST; /* a row or a group tested twice in the second repeat */
        ((uint8_t *)split.folds[6].parts)[0] = GR_PART_TEST;
        assert_int_equal(gr_split_verify(&split, &m, &err), GR_INTERNAL);
        gr_split_free(&split);
        gr_split_free(&once);
        gr_manifest_free(&m);
    }
}

/* How many rows of part `part` of fold `fold` have `value` in column `name`. */
static int64_t count_value(const gr_split *split, const gr_manifest *m, int fold, gr_part part, const char *name,
                           const char *value)
{
    int64_t found = 0;
    int column = gr_manifest_column(m, name);
    for (int64_t r = 0; r < m->rows; r++)
        found += gr_fold_part(&split->folds[fold], r) == part && strcmp(gr_manifest_cell(m, r, column), value) == 0;
    return found;
}

/* 24 animals of three treatments in no order, 2 images each; pain in every fourth image of each. */
static void load_treated(bool grouped, gr_manifest *m)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,label,treatment\n");
    for (int i = 0; i < 48; i++)
        gr_text_printf(&text, "i%d.png,rat%02d,%d,%c\n", i, i / 2, i % 4 == 0, "AABABCCB"[i / 2 % 8]);
    test_manifest(text.data, grouped ? "animal" : NULL, m);
    gr_text_free(&text);
}

static void another_column_is_evened_out(void **state)
{
    (void)state;
    const int64_t each[3] = {18, 18, 12}; /* images of A, B, C: 9, 9 and 6 animals */
    for (int s = 0; s < GR_SPLIT_COLUMN; s++)
        for (int shuffle = 0; shuffle < 2; shuffle++) {
            gr_manifest m;
            gr_split split;
            gr_error err = {0};
            gr_split_spec spec = {.scheme = (gr_split_scheme)s,
                                  .folds = 3,
                                  .stratify = "treatment",
                                  .validation = 1.0 / 3,
                                  .test = 1.0 / 3,
                                  .shuffle = shuffle,
                                  .seed = 2};
            load_treated(s != GR_SPLIT_STRATIFIED_KFOLD, &m);
            if (gr_split_make(&m, &spec, &split, &err) != GR_OK)
                fail_msg("%s: %s", gr_split_scheme_name(spec.scheme), err.text);
            for (int f = 0; f < split.fold_count; f++)
                for (int v = 0; v < 3; v++) {
                    const char value[2] = {"ABC"[v], '\0'};
                    int64_t tested = count_value(&split, &m, f, GR_PART_TEST, "treatment", value);
                    int64_t validated = count_value(&split, &m, f, GR_PART_VAL, "treatment", value);
                    bool even = s != GR_SPLIT_LEAVE_ONE_GROUP_OUT && s != GR_SPLIT_GROUP_KFOLD;
                    if (even)
                        assert_int_equal(tested, each[v] / 3);
                    int64_t left = each[v] - tested; /* a third of the animals that are left, or nearly */
                    assert_true(validated >= left / 3 - 2 && validated <= left / 3 + 2);
                }
            gr_split_free(&split);
            gr_manifest_free(&m);
        }
}

/* Six animals with pain only, six without, in the table's order: a split that did not look would take one kind alone. */
static void holdout_keeps_groups_and_classes(void **state)
{
    (void)state;
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,label\n");
    for (int i = 0; i < 48; i++)
        gr_text_printf(&text, "i%d.png,rat%02d,%d\n", i, i / 4, i >= 24);
    for (int shuffle = 0; shuffle < 2; shuffle++) {
        gr_manifest m;
        gr_split split;
        gr_error err = {0};
        gr_split_spec spec = {
            .scheme = GR_SPLIT_HOLDOUT, .validation = 0.25, .test = 1.0 / 3, .shuffle = shuffle, .seed = 4};
        test_manifest(text.data, "animal", &m);
        assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
        for (int c = 0; c < 2; c++) {
            const char value[2] = {(char)('0' + c), '\0'};
            assert_int_equal(count_value(&split, &m, 0, GR_PART_TEST, "label", value), 8);
            assert_int_equal(count_value(&split, &m, 0, GR_PART_VAL, "label", value), 4);
        }
        gr_split_free(&split);
        gr_manifest_free(&m);
    }
    gr_text_free(&text);
}

static void the_column_is_taken_as_it_is(void **state)
{
    (void)state;
    gr_manifest m;
    test_manifest("image,animal,label,split\na,r1,0,train\nb,r1,1,train\nc,r2,0,val\nd,r3,1,test\n", "animal", &m);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_COLUMN, .validation = 0.5}; /* the table has its own validation rows */
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    const uint8_t expected[4] = {GR_PART_TRAIN, GR_PART_TRAIN, GR_PART_VAL, GR_PART_TEST};
    assert_memory_equal(split.folds[0].parts, expected, 4);
    gr_split_free(&split);
    gr_manifest_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_stay_whole_with_validation),
        cmocka_unit_test(validation_changes_from_fold_to_fold),
        cmocka_unit_test(shares_without_groups_keep_the_classes),
        cmocka_unit_test(shuffling_follows_the_seed),
        cmocka_unit_test(repeats_are_drawn_anew),
        cmocka_unit_test(another_column_is_evened_out),
        cmocka_unit_test(holdout_keeps_groups_and_classes),
        cmocka_unit_test(the_column_is_taken_as_it_is),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
