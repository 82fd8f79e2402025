/* Manifests: what is read, and each thing that a table can have wrong, with its line and column. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/manifest.h"
#include "support/temp_file.h"

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("m.csv");
    return path == NULL;
}

static gr_status load(const char *text, size_t size, const gr_manifest_options *options, gr_manifest *m, gr_error *err)
{
    gr_error mine = {0};
    assert_int_equal(gr_file_write(path, text, size, &mine), GR_OK);
    return gr_manifest_load(path, options, m, err);
}

static const gr_manifest_options by_animal = {.label = "pain", .group = "animal", .skip_files = true};

static void columns_become_labels_groups_and_boxes(void **state)
{
    (void)state;
    const char *text = "\xEF\xBB\xBFimage,animal,pain,session,box_x,box_y,box_w,box_h,au_ear\r\n"
                       "b.png,rat10,yes,day 1,1,2.5,3,4,0\r\n"
                       "/abs/a.png,rat2,no,day 2,,,,,2\r\n"
                       "\"c,\"\"1\"\".png\",rat10,no,,0,0,1,1,\r\n";
    gr_manifest m;
    gr_error err = {0};
    if (load(text, strlen(text), &by_animal, &m, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(m.rows, 3);
    assert_string_equal(m.images[2], "c,\"1\".png");
    assert_string_equal(m.paths[1], "/abs/a.png");
    char expected[120];
    snprintf(expected, sizeof expected, "%s/b.png", test_file_folder());
    assert_string_equal(m.paths[0], expected);
    assert_int_equal(m.class_count, 2); /* in byte order */
    assert_string_equal(m.classes[0], "no");
    assert_string_equal(m.classes[1], "yes");
    const int32_t labels[3] = {1, 0, 0}, groups[3] = {0, 1, 0};
    assert_memory_equal(m.labels, labels, sizeof labels);
    assert_int_equal(m.group_count, 2);
    assert_string_equal(m.group_names[0], "rat10"); /* before rat2: bytes, not numbers */
    assert_memory_equal(m.groups, groups, sizeof groups);
    assert_string_equal(m.session[0], "day 1");
    assert_null(m.treatment);
    assert_true(m.boxes[0].y == 2.5 && m.boxes[0].height == 4.0);
    assert_true(m.boxes[1].width == 0.0);
    assert_int_equal(m.lines[2], 4);
    int column = gr_manifest_column(&m, "au_ear");
    assert_string_equal(gr_manifest_cell(&m, 1, column), "2");
    assert_string_equal(gr_manifest_cell(&m, 2, column), "");
    assert_int_equal(gr_manifest_column(&m, "au_nose"), -1);
    gr_manifest_free(&m);
}

static void classes_keep_the_order_given(void **state)
{
    (void)state;
    const char *text = "image,animal,pain\na,r1,yes\nb,r1,no\n";
    const char *const classes[3] = {"yes", "no", "maybe"};
    gr_manifest_options options = by_animal;
    options.classes = classes;
    options.class_count = 3;
    gr_manifest m;
    gr_error err = {0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_OK);
    assert_int_equal(m.labels[0], 0);
    assert_int_equal(m.labels[1], 1);
    assert_string_equal(m.classes[2], "maybe");
    gr_manifest_free(&m);

    options.class_count = 1;
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "m.csv:3: pain: 'no' is not one of the classes: yes"));
    options.classes = (const char *const[]){"yes", "no\xc2\xa0"};
    options.class_count = 2;
    err = (gr_error){0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "has a blank at an end"));
    const char *const twice[2] = {"yes", "yes"};
    options.classes = twice;
    options.class_count = 2;
    err = (gr_error){0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "data.classes: 'yes' stands there twice"));
}

static void refuses(const char *text, const char *sentence)
{
    gr_manifest m;
    gr_error err = {0};
    assert_int_equal(load(text, strlen(text), &by_animal, &m, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("got: %s\nnot: %s", err.text, sentence);
    assert_null(m.memory);
}

static void a_bad_table_is_refused_with_its_line(void **state)
{
    (void)state;
    refuses("", "m.csv");
    refuses("image,animal,pain\n", "m.csv:1: the table has a header and no rows");
    refuses("img,animal,pain\na,r,0\n", "m.csv:1: image: there is no such column, did you mean img?");
    refuses("image,animal,pian\na,r,0\n",
            "m.csv:1: pain: there is no such column, did you mean pian?; the columns are image,");
    refuses("image,rat,pain\na,r,0\n", "m.csv:1: animal: there is no such column");
    refuses("image,animal,pain\na,r,0\n,r,1\n", "m.csv:3: image: the cell is empty");
    refuses("image,animal,pain\na,r,0\nb,r,\n", "m.csv:3: pain: the cell is empty");
    refuses("image,animal,pain\na,r,0\nb,,1\n", "m.csv:3: animal: the cell is empty");
    refuses("image,animal,pain\na,r,0\nb,r,1\na,r,1\n",
            "m.csv:4: image: a: the image has a row with another label already, on "
            "line 2");
    refuses("image,animal,pain\na,r,0\nb,r,1\na,s,0\n", "with another group already");
    refuses("image,animal,pain\na,r,0\nb,r,1\na,r,0\n", "m.csv:4: image: a: the image has a row already, on line 2");
    refuses("image,animal,pain,box_x\na,r,0,1\n", "box_y: there is no such column");
    const char *cells[] = {"1,2,3,x", "-1,2,3,4", "1,2,0,4", "1,2,nan,4", "1,2,3,1e999", "1,2,3,"};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        gr_text table = {0};
        gr_text_printf(&table, "image,animal,pain,box_x,box_y,box_w,box_h\na,r,0,%s\n", cells[i]);
        refuses(table.data, "m.csv:2: box_");
        gr_text_free(&table);
    }
}

static void missing_files_are_found_at_the_start(void **state)
{
    (void)state;
    const char *text = "image,animal,pain\nm.csv,r1,0\nnot_there.png,r1,1\n";
    gr_manifest_options options = by_animal;
    options.skip_files = false;
    gr_manifest m;
    gr_error err = {0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "m.csv:3: image: the file "));
    const char *folders = "image,animal,pain\nm.csv,r1,0\n.,r1,1\n";
    err = (gr_error){0};
    assert_int_equal(load(folders, strlen(folders), &options, &m, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "is a folder"));
}

static void the_callers_line_begins_a_missing_column(void **state)
{
    (void)state;
    const char *text = "image,animal,pain\na,r1,0\n";
    gr_manifest_options options = {.label = "pein", .label_where = "x.yaml:7: data.label", .skip_files = true};
    gr_manifest m;
    gr_error err = {0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_INVALID);
    assert_true(gr_starts_with(err.text, "x.yaml:7: data.label: there is no column pein in "));
    assert_non_null(strstr(err.text, "did you mean pain?"));
}

typedef struct told {
    int count;
    int64_t line[10];
} told;

static void tell(void *ctx, int64_t line, const char *column, const char *text)
{
    told *t = ctx;
    assert_non_null(column);
    assert_true(strlen(text) > 10);
    assert_true(t->count < 10);
    t->line[t->count++] = line;
}

static void a_report_hears_every_problem(void **state)
{
    (void)state;
    const char *text = "image,animal,pain\na,r,0\nb,r,\n,r,1\na,r,1\nc,,1\nd,s,1\n";
    told t = {0};
    gr_manifest_options options = by_animal;
    options.report = tell;
    options.report_ctx = &t;
    gr_manifest m;
    gr_error err = {0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_OK);
    assert_int_equal(t.count, 4);
    const int64_t lines[4] = {3, 4, 6, 5}; /* twins last */
    assert_memory_equal(t.line, lines, sizeof lines);
    assert_int_equal(m.rows, 2);
    assert_string_equal(m.images[1], "d");
    assert_int_equal(m.lines[1], 7);
    assert_int_equal(m.groups[1], 1);
    gr_manifest_free(&m);

    const char *hopeless = "image,animal,pain\na,r,\n";
    assert_int_equal(load(hopeless, strlen(hopeless), &options, &m, &err), GR_INVALID);
}

static void a_label_that_is_not_known_is_counted(void **state)
{
    (void)state;
    const char *text = "sep=;\nimage;animal;pain;score\na;r1;yes;1\nb;r1;NA;2,5\nc;r2;no;.\nd;r2;;4\ne;r2; null ;5\n";
    gr_manifest_options options = by_animal;
    gr_manifest m;
    gr_error err = {0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "m.csv:4: pain: 'NA' says that it is not known, a label is needed"));
    options.skip_unlabelled = true;
    err = (gr_error){0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_OK);
    assert_true(m.rows == 2 && m.unlabelled == 3 && m.class_count == 2 && m.lines[1] == 5);
    assert_non_null(strstr(m.notices, "m.csv: its columns are separated by semicolons\n"));
    assert_non_null(strstr(m.notices, "decimal commas, read as points: score\n"));
    assert_non_null(strstr(m.notices, "1 value has blanks at an end"));
    gr_manifest_free(&m);
    const char *const classes[] = {"no", "yes", "NA"};
    options.classes = classes;
    options.class_count = 3;
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_OK);
    assert_true(m.rows == 3 && m.unlabelled == 2 && m.labels[1] == 2);
    gr_manifest_free(&m);
    const char *const columns[] = {"score"};
    options =
        (gr_manifest_options){.values = GR_VALUES_NUMBERS, .value_columns = columns, .value_count = 1, .skip_files = true};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_OK);
    assert_true(m.rows == 4 && m.unlabelled == 1 && m.values[1] == 2.5);
    gr_manifest_free(&m);
    options.values = GR_VALUES_CLASSES;
    options.classes = (const char *const[]){"1", "2.5", "4", "5", "."};
    options.class_count = 5;
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_OK);
    assert_true(m.rows == 5 && m.unlabelled == 0 && m.values[2] == 4.0);
    gr_manifest_free(&m);
    refuses("image,animal,pain\na,r,0\nb,NaN,1\n",
            "m.csv:3: animal: 'NaN' says that it is not known, the name of a group is needed");
    const char *plain = "image,animal,pain\na,r,0\n";
    assert_int_equal(load(plain, strlen(plain), &by_animal, &m, &err), GR_OK);
    assert_null(m.notices);
    gr_manifest_free(&m);
}

static void numbered_groups_stand_by_value(void **state)
{
    (void)state;
    const char *text = "image,animal,pain\na,10,10\nb,9,9\nc,-1,1\n";
    gr_manifest m;
    gr_error err = {0};
    assert_int_equal(load(text, strlen(text), &by_animal, &m, &err), GR_OK);
    assert_string_equal(m.group_names[0], "-1");
    assert_string_equal(m.group_names[2], "10");
    assert_int_equal(m.groups[0], 2);
    assert_string_equal(m.classes[1], "10"); /* classes stay in the order of their bytes */
    gr_manifest_free(&m);
}

static void back_slashes_are_slashes_where_the_file_is(void **state)
{
    (void)state;
    char text[300];
    const char *folder = test_file_folder(), *last = strrchr(folder, '/') + 1;
    snprintf(text, sizeof text, "image,animal,pain\n..\\%s\\m.csv,r,0\n", last);
    gr_manifest_options options = by_animal;
    options.skip_files = false;
    gr_manifest m;
    gr_error err = {0};
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_OK);
    assert_non_null(strchr(m.images[0], '\\')); /* as the manifest spells it */
    assert_null(strchr(m.paths[0], '\\'));
    assert_non_null(strstr(m.notices, "1 path has back slashes, read as slashes"));
    gr_manifest_free(&m);
    snprintf(text, sizeof text, "image,animal,pain\n..\\%s\\m.csv,r,0\n../%s/m.csv,r,0\n", last, last);
    assert_int_equal(load(text, strlen(text), &options, &m, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "m.csv:3: image: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_that_is_not_known_is_counted),
        cmocka_unit_test(numbered_groups_stand_by_value),
        cmocka_unit_test(back_slashes_are_slashes_where_the_file_is),
        cmocka_unit_test(columns_become_labels_groups_and_boxes),
        cmocka_unit_test(classes_keep_the_order_given),
        cmocka_unit_test(a_bad_table_is_refused_with_its_line),
        cmocka_unit_test(missing_files_are_found_at_the_start),
        cmocka_unit_test(the_callers_line_begins_a_missing_column),
        cmocka_unit_test(a_report_hears_every_problem),
    };
    return cmocka_run_group_tests(tests, make_file, test_file_remove);
}
