/* Folds: scikit-learn's to the last row, through the schemes that deal them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/split.h"
#include "support/folder.h"
#include "support/manifests.h"

static char *words(char *line, int count, char **out)
{
    char *save = NULL, *word = strtok_r(line, " \n", &save); /* the line's keyword */
    for (int i = 0; i < count; i++) {
        out[i] = strtok_r(NULL, " \n", &save);
        if (out[i] == NULL)
            break;
    }
    return word;
}

static void check_case(const char *name, const char *scheme, int folds, int rows, FILE *file)
{
    static char line[100000], groups_line[100000], fold_line[100000];
    char *labels[1000] = {0}, *groups[1000] = {0}, *members[1000];
    assert_true(rows < 1000);
    assert_non_null(fgets(line, sizeof line, file));
    words(line, rows, labels);
    assert_non_null(fgets(groups_line, sizeof groups_line, file));
    words(groups_line, rows, groups);
    bool grouped = strcmp(groups[0], "-") != 0;
    gr_text text = {0};
    gr_text_printf(&text, "image,label%s\n", grouped ? ",group" : "");
    for (int r = 0; r < rows; r++)
        gr_text_printf(&text, "%d.png,%s%s%s\n", r, labels[r], grouped ? "," : "", grouped ? groups[r] : "");
    gr_manifest m;
    test_manifest(text.data, grouped ? "group" : NULL, &m);
    gr_text_free(&text);

    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = test_scheme(scheme), .folds = folds};
    if (gr_split_make(&m, &spec, &split, &err) != GR_OK)
        fail_msg("%s %s: %s", name, scheme, err.text);
    assert_int_equal(split.fold_count, folds);
    for (int f = 0; f < folds; f++) {
        memset(members, 0, sizeof members);
        assert_non_null(fgets(fold_line, sizeof fold_line, file));
        words(fold_line, rows + 1, members);
        assert_string_equal(split.folds[f].name, members[0]);
        int expected = 1;
        for (int r = 0; r < rows; r++) {
            bool test = members[expected] != NULL && atoi(members[expected]) == r;
            expected += test;
            if (gr_fold_part(&split.folds[f], r) != (test ? GR_PART_TEST : GR_PART_TRAIN))
                fail_msg("%s %s: fold %s, row %d", name, scheme, split.folds[f].name, r);
        }
        assert_null(members[expected]);
    }
    gr_split_free(&split);
    gr_manifest_free(&m);
}

static void folds_are_those_of_scikit_learn(void **state)
{
    (void)state;
    FILE *file = fopen("tests/parity/split/folds.txt", "r");
    assert_non_null(file);
    char head[200], name[50], scheme[50];
    int folds, rows, cases = 0;
    while (fgets(head, sizeof head, file) != NULL) {
        assert_int_equal(sscanf(head, "case %49s %49s %d %d", name, scheme, &folds, &rows), 4);
        check_case(name, scheme, folds, rows, file);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 40);
}

/* The number that a layout's character stands for. */
static int digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

/* A line of `rows` characters, without its end. */
static char *layout_line(FILE *file, int rows, char *line, size_t size)
{
    assert_non_null(fgets(line, (int)size, file));
    line[strcspn(line, "\n")] = '\0';
    assert_true((int)strlen(line) == rows || strcmp(line, "-") == 0);
    return line;
}

static void check_layout(const char *scheme, int folds, int rows, int inner, int at, FILE *file)
{
    char labels[200], groups[200], tested[200], validated[200];
    bool grouped = strcmp((layout_line(file, rows, labels, 200), layout_line(file, rows, groups, 200)), "-") != 0;
    layout_line(file, rows, tested, 200);
    gr_text text = {0};
    gr_text_printf(&text, "image,label%s\n", grouped ? ",group" : "");
    for (int r = 0; r < rows; r++)
        gr_text_printf(&text, grouped ? "%d.png,%c,%c\n" : "%d.png,%c\n", r, labels[r], groups[r]);
    gr_manifest m;
    test_manifest(text.data, grouped ? "group" : NULL, &m);
    gr_text_free(&text);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = test_scheme(scheme), .folds = folds, .validation = inner > 0 ? 1.0 / inner : 0.0};
    if (gr_split_make(&m, &spec, &split, &err) != GR_OK)
        fail_msg("layout %d, %s: %s", at, scheme, err.text);
    assert_int_equal(split.fold_count, folds);
    for (int f = 0; f < folds; f++) {
        if (inner > 0)
            layout_line(file, rows, validated, 200);
        for (int r = 0; r < rows; r++) {
            gr_part part = digit(tested[r]) == f              ? GR_PART_TEST
                           : inner > 0 && validated[r] == 'v' ? GR_PART_VAL
                                                              : GR_PART_TRAIN;
            if (gr_fold_part(&split.folds[f], r) != part)
                fail_msg("layout %d, %s: fold %d, row %d is %s, not %s", at, scheme, f, r,
                         gr_part_name(gr_fold_part(&split.folds[f], r)), gr_part_name(part));
        }
    }
    gr_split_free(&split);
    gr_manifest_free(&m);
}

static void random_layouts_are_those_of_scikit_learn(void **state)
{
    (void)state;
    FILE *file = fopen("tests/parity/split/layouts.txt", "r");
    assert_non_null(file);
    char head[200], scheme[50];
    int folds, rows, inner, cases = 0, nested = 0;
    while (fgets(head, sizeof head, file) != NULL) {
        assert_int_equal(sscanf(head, "%49s %d %d %d", scheme, &folds, &rows, &inner), 4);
        assert_true(rows < 190);
        check_layout(scheme, folds, rows, inner, ++cases, file);
        nested += inner > 0;
    }
    fclose(file);
    assert_true(cases >= 170);
    assert_true(nested >= 10);
}

/* As for landmarks: all rows are of one kind, and the folds are those of scikit-learn's KFold. */
static void without_labels_rows_are_dealt_in_runs(void **state)
{
    (void)state;
    gr_manifest m;
    gr_split split;
    gr_error err = {0};
    test_animals(11, 1, 2, false, &m);
    m.labels = NULL;
    m.classes = NULL;
    m.class_count = 0;
    m.label_column = NULL;
    const gr_split_spec spec = {.scheme = GR_SPLIT_STRATIFIED_KFOLD, .folds = 3, .validation = 0.25};
    if (gr_split_make(&m, &spec, &split, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t r = 0; r < 11; r++)
        for (int f = 0; f < 3; f++)
            assert_int_equal(gr_fold_part(&split.folds[f], r) == GR_PART_TEST, f == (r < 4 ? 0 : r < 8 ? 1 : 2));
    assert_int_equal(gr_split_rows(&split, 0, GR_PART_VAL, NULL), 2);
    gr_text csv = {0};
    gr_split_csv(&split, &m, false, &csv);
    assert_true(gr_starts_with(csv.data, "image,fold,part\n"));
    gr_text_free(&csv);
    gr_split_free(&split);
    gr_split_spec many = spec;
    many.folds = 12;
    assert_int_equal(gr_split_make(&m, &many, &split, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "split.folds: 12 is more than the 11 images in "));
    gr_manifest_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folds_are_those_of_scikit_learn),
        cmocka_unit_test(random_layouts_are_those_of_scikit_learn),
        cmocka_unit_test(without_labels_rows_are_dealt_in_runs),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
