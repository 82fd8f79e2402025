/* Whole surveys of folders: layouts, roles, splits, the manifest and the words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/survey.h"
#include "support/folder.h"

/* A picture at `name`, with the folders that it needs. */
static void picture(const char *name)
{
    char *folder = gr_path_folder(test_in_folder(name));
    gr_error err = {0};
    assert_int_equal(gr_make_folders(folder, &err), GR_OK);
    gr_free(folder);
    test_folder_image(name, 20, 16, 1, 2, 3);
}

/* Each case in a folder of its own: pictures by a format of animal 1..animals, class 0..1 and number 1..3, in this order or,
 * with
 * "%2$s", by place. */
static void pictures(const char *format, int animals, const char *none, const char *pain)
{
    for (int a = 1; a <= animals; a++)
        for (int i = 0; i < 6; i++) {
            char name[200];
            snprintf(name, sizeof name, format, a, i % 2 == 0 ? none : pain, i / 2 + 1);
            picture(name);
        }
}

/* "label=NAME:kinds group=NAME:kinds SCHEME" */
static void expect(const char *folder, const char *expected)
{
    gr_survey s;
    gr_error err = {0};
    gr_text out = {0};
    if (gr_survey_folder(test_in_folder(folder), NULL, &s, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_text_printf(&out, "%s:", s.columns[s.label].name);
    for (int k = 0; k < s.columns[s.label].kinds && k < 4; k++)
        gr_text_printf(&out, "%s%s", k > 0 ? "," : "", s.columns[s.label].kind[k]);
    gr_text_printf(&out, " %s:%d", s.group >= 0 ? s.columns[s.group].name : "-",
                   s.group >= 0 ? s.columns[s.group].kinds : 0);
    gr_text_printf(&out, " %s%s", s.scores ? "scores " : "", s.split.scheme);
    if (strcmp(out.data, expected) != 0)
        fail_msg("%s: %s, expected %s", folder, out.data, expected);
    gr_text_free(&out);
    gr_survey_free(&s);
}

static void folders_of_classes(void **state)
{
    (void)state;
    for (int i = 1; i <= 12; i++) {
        char name[100];
        snprintf(name, sizeof name, "flat/%s/x%d.png", i % 2 == 0 ? "happy" : "sad", i);
        picture(name);
    }
    expect("flat", "label:happy,sad -:0 stratified_kfold");
    pictures("under/rat%d/%s/x%d.png", 3, "no_pain", "pain");
    expect("under", "pain:no_pain,pain animal:3 leave_one_group_out");
    for (int a = 1; a <= 13; a++)
        for (int i = 0; i < 4; i++) {
            char name[100];
            snprintf(name, sizeof name, "above/%s/%d/x%d.png", i % 2 == 0 ? "baseline" : "severe", a, i);
            picture(name);
        }
    expect("above", "label:baseline,severe animal:13 group_kfold");
    pictures("nobody/k%d/%s/x%d.png", 4, "low road", "high road");
    expect("nobody", "label:high road,low road animal:4 leave_one_group_out");
    pictures("two/cat%d/%s/x%d.png", 2, "0", "1");
    expect("two", "label:0,1 animal:2 leave_one_group_out");
}

static void parts_of_names(void **state)
{
    (void)state;
    pictures("named/rat%02d_t2_%s_%04d.png", 3, "nopain", "pain");
    expect("named", "pain:nopain,pain animal:3 leave_one_group_out");
    pictures("digits/mouse-%d-%s-%04d.png", 3, "0", "2");
    expect("digits", "label:0,2 -:0 stratified_kfold"); /* mouse is a word of its own, and the digit alone is first */
    pictures("mixed/m%1$d/%2$s_%3$d.png", 4, "np", "p");
    expect("mixed", "label:np,p animal:4 leave_one_group_out");
}

static void columns_of_a_table(void **state)
{
    (void)state;
    pictures("table/images/%d%s%d.png", 3, "a", "b");
    gr_text csv = {0};
    gr_text_printf(&csv, "nr;file;mouse_id;MGS;weight\n");
    for (int a = 1, n = 0; a <= 3; a++)
        for (int i = 0; i < 6; i++, n++)
            gr_text_printf(&csv, "%d;images\\%d%s%d.png;m%d;%d,5;%d\n", n, a, i % 2 == 0 ? "a" : "b", i / 2 + 1, a, i,
                           300 + n);
    test_folder_text("table/faces.csv", csv.data);
    gr_text_free(&csv);
    expect("table", "MGS:0.5,1.5,2.5,3.5 mouse_id:3 scores leave_one_group_out");
    gr_survey s;
    gr_error err = {0};
    assert_int_equal(gr_survey_folder(test_in_folder("table"), NULL, &s, &err), GR_OK);
    assert_string_equal(s.columns[s.column_count - 1].name, "weight");
    assert_true(gr_ends_with(s.table, "table/faces.csv"));
    gr_survey_free(&s);
    char *except = gr_strdup(test_in_folder("table/faces.csv"));
    assert_int_equal(gr_survey_folder(test_in_folder("table"), except, &s, &err),
                     GR_INVALID); /* nothing else tells a label */
    gr_free(except);
}

static void folders_of_parts(void **state)
{
    (void)state;
    for (int i = 0; i < 24; i++) {
        char name[100];
        snprintf(name, sizeof name, "parts/%s/%s/rat%d_%d.png", i < 12 ? "Training" : "valid",
                 i % 2 == 0 ? "pain" : "no_pain", i / 6 + 1, i);
        picture(name);
    }
    gr_survey s;
    gr_error err = {0};
    assert_int_equal(gr_survey_folder(test_in_folder("parts"), NULL, &s, &err), GR_OK);
    const gr_survey_column *split = &s.columns[s.split_column];
    assert_string_equal(s.split.scheme, "column");
    assert_string_equal(split->name, "split");
    assert_true(split->kinds == 2 && strcmp(split->kind[0], "test") == 0); /* nothing tests, so what validates does */
    assert_true(s.group >= 0);
    assert_string_equal(s.warnings, "");
    gr_survey_free(&s);
    picture("parts/valid/pain/rat1_99.png");
    assert_int_equal(gr_survey_folder(test_in_folder("parts"), NULL, &s, &err), GR_OK);
    assert_int_equal(s.group, -1);
    assert_non_null(strstr(s.warnings, "training and test at once"));
    gr_survey_free(&s);
}

static void what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) {
        char name[100];
        snprintf(name, sizeof name, "odd/%s/rat%d_%d.png", i % 2 == 0 ? "pain" : "no_pain", i / 10, i);
        picture(name);
    }
    picture("odd/cover.png");
    picture("odd/pain/x.png");
    test_folder_text("odd/pain/rat1_50.png", "no picture");
    test_folder_text("odd/notes.txt", "nothing");
    gr_survey s;
    gr_error err = {0};
    assert_int_equal(gr_survey_folder(test_in_folder("odd"), NULL, &s, &err), GR_OK);
    assert_int_equal(s.images, 40);
    assert_non_null(strstr(s.notices, "1 picture of which nothing says the label is left out, the first is cover.png"));
    assert_non_null(strstr(s.notices, "1 picture of which nothing says the animal is left out, the first is pain/x.png"));
    assert_non_null(strstr(s.notices, "1 picture cannot be read and is left out"));
    assert_non_null(strstr(s.notices, "1 .txt"));
    assert_true(s.width_least == 20 && s.height_most == 16 && s.side == 16);
    gr_survey_free(&s);
}

/* Each animal has one class: without one of the two only one class is left to train on. */
static void animals_that_cannot_be_kept_whole_are_not(void **state)
{
    (void)state;
    for (int i = 0; i < 12; i++) {
        char name[100];
        snprintf(name, sizeof name, "one/rat%d_%s_%02d.png", i % 2 + 1, i % 2 == 0 ? "pain" : "nopain", i);
        picture(name);
    }
    gr_survey s;
    gr_error err = {0};
    assert_int_equal(gr_survey_folder(test_in_folder("one"), NULL, &s, &err), GR_OK);
    assert_int_equal(s.group, -1);
    assert_string_equal(s.split.scheme, "stratified_kfold");
    assert_non_null(strstr(s.warnings, "animal is not kept whole"));
    gr_survey_free(&s);
}

static void nothing_is_said_in_one_line(void **state)
{
    (void)state;
    gr_survey s;
    gr_error err = {0};
    for (int i = 0; i < 8; i++) {
        char name[100];
        snprintf(name, sizeof name, "plain/DSC%04d.png", i);
        picture(name);
    }
    assert_int_equal(gr_survey_folder(test_in_folder("plain"), NULL, &s, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "plain: nothing tells a label of its 8 pictures"));
    err = (gr_error){0};
    assert_int_equal(gr_survey_folder(test_in_folder("nowhere"), NULL, &s, &err), GR_INVALID);
    gr_survey_free(&s);
}

static void a_manifest_is_written(void **state)
{
    (void)state;
    gr_survey s;
    gr_error err = {0};
    gr_text said = {0};
    char *data;
    size_t size;
    picture("small/pain/a,b_1.png");
    picture("small/pain/a_2.png");
    picture("small/no_pain/c_1.png");
    picture("small/no_pain/c_2.png");
    assert_int_equal(gr_survey_folder(test_in_folder("small"), NULL, &s, &err), GR_OK);
    assert_int_equal(gr_survey_write(&s, test_in_folder("small.csv"), &err), GR_OK);
    assert_int_equal(gr_file_read(test_in_folder("small.csv"), 10000, &data, &size, &err), GR_OK);
    assert_string_equal(data, "image,pain,part_1\nsmall/no_pain/c_1.png,no_pain,c\nsmall/no_pain/c_2.png,no_pain,c\n"
                              "\"small/pain/a,b_1.png\",pain,\"a,b\"\nsmall/pain/a_2.png,pain,a\n");
    gr_survey_say(&s, &said);
    assert_non_null(strstr(said.data,
                           ": 4 pictures of 20 x 16 pixels\nlabel: pain, from the folders' names; 2 classes: no_pain (2), "
                           "pain (2)\nkept, but not used: part_1\ntask: classes\nsplit: stratified_kfold, "));
    assert_non_null(strstr(said.data, "\nwarning: no column tells the animals apart"));
    gr_text_free(&said);
    gr_free(data);
    gr_survey_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folders_of_classes),
        cmocka_unit_test(parts_of_names),
        cmocka_unit_test(columns_of_a_table),
        cmocka_unit_test(folders_of_parts),
        cmocka_unit_test(what_does_not_fit_is_left_out),
        cmocka_unit_test(animals_that_cannot_be_kept_whole_are_not),
        cmocka_unit_test(nothing_is_said_in_one_line),
        cmocka_unit_test(a_manifest_is_written),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
