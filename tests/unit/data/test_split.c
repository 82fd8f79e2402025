/* Splits: scikit-learn's folds to the last row, groups kept whole in every scheme, and every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/split.h"

static char folder[] = "/tmp/grimace-split-XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[100];
    snprintf(path, sizeof path, "%s/m.csv", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/splits.csv", folder);
    unlink(path);
    return rmdir(folder);
}

/* Loads a manifest from the text of its table. */
static void load(const char *text, const char *group, gr_manifest *m)
{
    char path[100];
    gr_error err = {0};
    snprintf(path, sizeof path, "%s/m.csv", folder);
    assert_int_equal(gr_file_write(path, text, strlen(text), &err), GR_OK);
    gr_manifest_options options = {.label = "label", .group = group, .skip_files = true};
    if (gr_manifest_load(path, &options, m, &err) != GR_OK)
        fail_msg("%s", err.text);
}

/* A table of `animals` animals with `each` images; label by (row % classes). */
static void load_animals(int animals, int each, int classes, bool grouped, gr_manifest *m)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,label\n");
    for (int i = 0; i < animals * each; i++)
        gr_text_printf(&text, "i%d.png,rat%02d,%d\n", i, i / each, i % classes);
    assert_false(text.failed);
    load(text.data, grouped ? "animal" : NULL, m);
    gr_text_free(&text);
}

static gr_split_scheme scheme_of(const char *name)
{
    for (int s = 0; s < GR_SPLIT_SCHEME_COUNT; s++)
        if (strcmp(gr_split_scheme_name((gr_split_scheme)s), name) == 0)
            return (gr_split_scheme)s;
    fail_msg("no scheme %s", name);
    return GR_SPLIT_COLUMN;
}

/* ---- scikit-learn ---------------------------------------------------------------------------------------------------- */

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
    load(text.data, grouped ? "group" : NULL, &m);
    gr_text_free(&text);

    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = scheme_of(scheme), .folds = folds};
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
            if (split.folds[f].parts[r] != (test ? GR_PART_TEST : GR_PART_TRAIN))
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
    load(text.data, grouped ? "group" : NULL, &m);
    gr_text_free(&text);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = scheme_of(scheme), .folds = folds, .validation = inner > 0 ? 1.0 / inner : 0.0};
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
            if (split.folds[f].parts[r] != part)
                fail_msg("layout %d, %s: fold %d, row %d is %s, not %s", at, scheme, f, r,
                         gr_part_name((gr_part)split.folds[f].parts[r]), gr_part_name(part));
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

/* ---- promises -------------------------------------------------------------------------------------------------------- */

static int64_t count(const gr_split *s, int fold, gr_part part)
{
    return gr_split_rows(s, fold, part, NULL);
}

static void groups_stay_whole_with_validation(void **state)
{
    (void)state;
    gr_manifest m;
    load_animals(10, 6, 2, true, &m);
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
    load_animals(6, 4, 2, true, &m);
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
    load_animals(20, 5, 2, false, &m);
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
    load_animals(30, 4, 2, true, &m);
    gr_split a, b, c;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_GROUP_KFOLD, .folds = 5, .shuffle = true, .seed = 5};
    assert_int_equal(gr_split_make(&m, &spec, &a, &err), GR_OK);
    assert_int_equal(gr_split_make(&m, &spec, &b, &err), GR_OK);
    spec.seed = 6;
    assert_int_equal(gr_split_make(&m, &spec, &c, &err), GR_OK);
    assert_memory_equal(a.folds[0].parts, b.folds[0].parts, (size_t)m.rows);
    assert_memory_not_equal(a.folds[0].parts, c.folds[0].parts, (size_t)m.rows);
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
        load_animals(20, 4, 2, s != GR_SPLIT_STRATIFIED_KFOLD, &m);
        assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
        assert_int_equal(gr_split_verify(&split, &m, &err), GR_OK);
        assert_int_equal(split.fold_count, 12);
        assert_int_equal(split.repeats, 3);
        assert_string_equal(split.folds[0].name, "1.1");
        assert_string_equal(split.folds[3].name, "1.4");
        assert_string_equal(split.folds[11].name, "3.4");
        spec.repeats = 1;
        assert_int_equal(gr_split_make(&m, &spec, &once, &err), GR_OK);
        for (int f = 0; f < 4; f++) { /* the first repeat is the split without repeats */
            assert_memory_equal(split.folds[f].parts, once.folds[f].parts, (size_t)m.rows);
            assert_memory_not_equal(split.folds[f].parts, split.folds[f + 4].parts, (size_t)m.rows);
            assert_memory_not_equal(split.folds[f + 4].parts, split.folds[f + 8].parts, (size_t)m.rows);
        }
        ((uint8_t *)split.folds[5].parts)[0] = GR_PART_TEST; /* a row tested twice in the second repeat, or a torn group */
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
        found += split->folds[fold].parts[r] == part && strcmp(gr_manifest_cell(m, r, column), value) == 0;
    return found;
}

/* 24 animals of three treatments in no order, 2 images each; pain in every fourth image of each. */
static void load_treated(bool grouped, gr_manifest *m)
{
    gr_text text = {0};
    gr_text_printf(&text, "image,animal,label,treatment\n");
    for (int i = 0; i < 48; i++)
        gr_text_printf(&text, "i%d.png,rat%02d,%d,%c\n", i, i / 2, i % 4 == 0, "AABABCCB"[i / 2 % 8]);
    load(text.data, grouped ? "animal" : NULL, m);
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
        load(text.data, "animal", &m);
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

static void a_leak_is_found(void **state)
{
    (void)state;
    gr_manifest m;
    load_animals(4, 3, 2, true, &m);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_LEAVE_ONE_GROUP_OUT};
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    ((uint8_t *)split.folds[1].parts)[0] = GR_PART_VAL; /* one image of rat00, the others train */
    assert_int_equal(gr_split_verify(&split, &m, &err), GR_INTERNAL);
    assert_non_null(strstr(err.text, "rat00"));
    gr_split_free(&split);
    gr_manifest_free(&m);
}

static void the_column_is_taken_as_it_is(void **state)
{
    (void)state;
    gr_manifest m;
    load("image,animal,label,split\na,r1,0,train\nb,r1,1,train\nc,r2,0,val\nd,r3,1,test\n", "animal", &m);
    gr_split split;
    gr_error err = {0};
    gr_split_spec spec = {.scheme = GR_SPLIT_COLUMN, .validation = 0.5}; /* the table has its own validation rows */
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    const uint8_t expected[4] = {GR_PART_TRAIN, GR_PART_TRAIN, GR_PART_VAL, GR_PART_TEST};
    assert_memory_equal(split.folds[0].parts, expected, 4);
    gr_split_free(&split);
    gr_manifest_free(&m);
}

static void splits_csv_has_a_row_per_image_and_fold(void **state)
{
    (void)state;
    gr_manifest m;
    load("image,animal,label\n\"a,1.png\",\"r, 2\",0\nb.png,\"r, 2\",1\nc.png,r3,0\nd.png,r3,1\n", "animal", &m);
    gr_split split;
    gr_error err = {0};
    char path[100], *text;
    size_t size;
    gr_split_spec spec = {.scheme = GR_SPLIT_LEAVE_ONE_GROUP_OUT};
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_OK);
    snprintf(path, sizeof path, "%s/splits.csv", folder);
    assert_int_equal(gr_split_write_csv(&split, &m, path, &err), GR_OK);
    assert_int_equal(gr_file_read(path, 10000, &text, &size, &err), GR_OK);
    assert_string_equal(text, "image,animal,label,fold,part\n"
                              "\"a,1.png\",\"r, 2\",0,\"r, 2\",test\n"
                              "b.png,\"r, 2\",1,\"r, 2\",test\n"
                              "c.png,r3,0,\"r, 2\",train\n"
                              "d.png,r3,1,\"r, 2\",train\n"
                              "\"a,1.png\",\"r, 2\",0,r3,train\n"
                              "b.png,\"r, 2\",1,r3,train\n"
                              "c.png,r3,0,r3,test\n"
                              "d.png,r3,1,r3,test\n");
    gr_free(text);
    gr_split_free(&split);
    gr_manifest_free(&m);
}

/* gr_split_prove TAKES its text. */
static gr_split_proof prove(const char *text)
{
    gr_split_proof proof;
    gr_error err = {0};
    char *copy = gr_alloc(strlen(text) + 1, 1);
    assert_non_null(copy);
    memcpy(copy, text, strlen(text) + 1);
    if (gr_split_prove("x.csv", copy, strlen(text), "animal", &proof, &err) != GR_OK)
        fail_msg("%s", err.text);
    return proof;
}

static void the_proof_looks_at_rows_alone(void **state)
{
    (void)state;
    gr_split_proof p = prove("image,animal,label,fold,part\na,r1,0,1,train\nb,r1,1,1,train\nc,r2,0,1,test\n"
                             "a,r1,0,2,test\nb,r1,1,2,test\nc,r2,0,2,train\n");
    assert_int_equal(p.rows, 6);
    assert_int_equal(p.torn_groups, 0);
    assert_int_equal(p.torn_images, 0);
    assert_string_equal(p.first, "");
    p = prove("image,animal,label,fold,part\na,r1,0,1,train\nb,r1,1,1,train\nc,r2,0,1,test\n"
              "a,r1,0,2,test\nb,r1,1,2,val\nc,r2,0,2,train\n");
    assert_int_equal(p.torn_groups, 1);
    assert_int_equal(p.torn_images, 0);
    assert_string_equal(p.first, "animal r1 is in test and in val of fold 2");
    p = prove("image,animal,label,fold,part\na,r1,0,1,train\na,r1,0,1,test\nb,r2,0,1,train\nb,r2,0,1,test\n");
    assert_int_equal(p.torn_groups, 2);
    assert_int_equal(p.torn_images, 2);
    gr_error err = {0};
    char *copy = gr_alloc(16, 1);
    memcpy(copy, "image,part\na,b\n", 15);
    assert_int_equal(gr_split_prove("x.csv", copy, 15, NULL, &p, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "x.csv:1: is no table of splits"));
}

/* ---- refusals -------------------------------------------------------------------------------------------------------- */

static void refuses(const char *table, const char *group, gr_split_spec spec, const char *sentence)
{
    gr_manifest m;
    gr_split split;
    gr_error err = {0};
    load(table, group, &m);
    assert_int_equal(gr_split_make(&m, &spec, &split, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("got: %s\nnot: %s", err.text, sentence);
    assert_null(split.memory);
    gr_manifest_free(&m);
}

static void what_cannot_work_is_refused(void **state)
{
    (void)state;
    const char *two = "image,animal,label,split\na,r1,0,train\nb,r1,1,train\nc,r2,0,test\nd,r2,1,test\n";
    gr_split_spec logo = {.scheme = GR_SPLIT_LEAVE_ONE_GROUP_OUT}, column = {.scheme = GR_SPLIT_COLUMN};
    gr_split_spec grouped = {.scheme = GR_SPLIT_GROUP_KFOLD, .folds = 3}, rows = {.scheme = GR_SPLIT_STRATIFIED_KFOLD};
    gr_split_spec held = {.scheme = GR_SPLIT_HOLDOUT, .test = 0.25};
    refuses(two, NULL, logo, "data.group: ");
    refuses(two, "animal", grouped, "split.folds: 3 is more than the 2 groups");
    rows.folds = 3;
    refuses(two, NULL, rows, "split.folds: 3 is more than the 2 images of class 0");
    rows.folds = 1;
    refuses(two, NULL, rows, "split.folds: 1 is too few");
    rows.folds = 2;
    refuses(two, "animal", rows, "split.scheme: stratified_kfold would split");
    rows.repeats = 2;
    refuses(two, NULL, rows, "split.repeats: 2 repeats of the same folds; split.shuffle true");
    rows.shuffle = true;
    rows.stratify = "animals";
    refuses(two, NULL, rows, "split.stratify: there is no column animals in");
    rows.stratify = "split";
    refuses("image,label,split\na,0,x\nb,1,\n", NULL, rows, ":3: split: an empty cell, but split.stratify");
    held.repeats = 2;
    refuses(two, NULL, held, "split.repeats: 2, but repeats are of the k-fold schemes");
    held.repeats = 0;
    logo.validation = 0.2;
    refuses(two, "animal", logo, "split.validation: fold r1: there is 1 group");
    logo.validation = 1.0;
    refuses(two, "animal", logo, "split.validation: 1 ");
    logo.validation = 0.0;
    refuses("image,animal,label\na,r1,0\nb,r1,1\n", "animal", logo, "at least 2 groups");
    refuses("image,animal,label\na,r1,0\nb,r1,1\nc,r/2,0\n", "animal", logo, "r/2");
    refuses("image,animal,label\na,r1,0\nb,r1,1\nc,..,0\nd,..,1", "animal", logo, "value ..");
    refuses("image,animal,label\na,r1,0\nb,r1,1\nc,r2,1\n", "animal", logo, "fold r1 are of class 1");
    refuses("image,animal,label\na,r1,0\nb,r1,0\nc,r2,0\n", "animal", held, "are of class 0");
    held.test = 0.0;
    refuses(two, NULL, held, "split.test: 0 ");
    refuses("image,label\na,0\nb,1\n", NULL, column, ":1: split: there is no such column");
    refuses("image,label,split\na,0,train\nb,1,Test\n", NULL, column, ":3: split: 'Test' is not a part");
    refuses("image,label,split\na,0,train\nb,1,\n", NULL, column, ":3: split: an empty cell is not a part");
    refuses("image,label,split\na,0,train\nb,1,train\n", NULL, column, "fold 0 has no test image");
    refuses("image,label,split\na,0,val\nb,1,test\n", NULL, column, "fold 0 has no training image");
    refuses("image,animal,label,split\na,r1,0,train\nb,r1,1,test\n", "animal", column,
            ":3: split: puts animal r1 into test");
}

/* As for landmarks: all rows are of one kind, and the folds are those of scikit-learn's KFold. */
static void without_labels_rows_are_dealt_in_runs(void **state)
{
    (void)state;
    gr_manifest m;
    gr_split split;
    gr_error err = {0};
    load_animals(11, 1, 2, false, &m);
    m.labels = NULL;
    m.classes = NULL;
    m.class_count = 0;
    m.label_column = NULL;
    const gr_split_spec spec = {.scheme = GR_SPLIT_STRATIFIED_KFOLD, .folds = 3, .validation = 0.25};
    if (gr_split_make(&m, &spec, &split, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int64_t r = 0; r < 11; r++)
        for (int f = 0; f < 3; f++)
            assert_int_equal(split.folds[f].parts[r] == GR_PART_TEST, f == (r < 4 ? 0 : r < 8 ? 1 : 2));
    assert_int_equal(gr_split_rows(&split, 0, GR_PART_VAL, NULL), 2);
    gr_text csv = {0};
    gr_split_csv(&split, &m, &csv);
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
        cmocka_unit_test(groups_stay_whole_with_validation),
        cmocka_unit_test(random_layouts_are_those_of_scikit_learn),
        cmocka_unit_test(repeats_are_drawn_anew),
        cmocka_unit_test(another_column_is_evened_out),
        cmocka_unit_test(holdout_keeps_groups_and_classes),
        cmocka_unit_test(the_proof_looks_at_rows_alone),
        cmocka_unit_test(validation_changes_from_fold_to_fold),
        cmocka_unit_test(shares_without_groups_keep_the_classes),
        cmocka_unit_test(shuffling_follows_the_seed),
        cmocka_unit_test(a_leak_is_found),
        cmocka_unit_test(the_column_is_taken_as_it_is),
        cmocka_unit_test(splits_csv_has_a_row_per_image_and_fold),
        cmocka_unit_test(what_cannot_work_is_refused),
        cmocka_unit_test(without_labels_rows_are_dealt_in_runs),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
