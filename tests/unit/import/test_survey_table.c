/* Tables that list the pictures of their folder. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "import/survey_table.h"
#include "support/folder.h"

static const char *const paths[] = {"a/1.png", "a/2.png", "b/1.png", "b/odd.jpg"};
enum { IMAGES = 4 };

/* The rows of the pictures in the table that is found: "COLUMN 0 1 - 2, 1 row without a picture". */
static void expect(const char *except, const char *expected)
{
    gr_survey_table table;
    gr_arena *arena = gr_arena_create();
    gr_text notices = {0}, out = {0};
    gr_error err = {0};
    if (gr_survey_table_find(test_folder(), except, paths, IMAGES, arena, &table, &notices, &err) != GR_OK)
        gr_text_printf(&out, "%s", strstr(err.text, ".csv"));
    else if (table.csv == NULL)
        gr_text_printf(&out, "none");
    else {
        gr_text_printf(&out, "%s", table.csv->header[table.column]);
        for (int i = 0; i < IMAGES; i++)
            table.row[i] < 0 ? gr_text_printf(&out, " -") : gr_text_printf(&out, " %d", (int)table.row[i]);
        gr_text_printf(&out, " of %d, %d without", (int)table.listed, (int)table.unlisted);
        gr_survey_table_free(&table);
    }
    assert_string_equal(out.data, expected);
    gr_text_free(&out);
    gr_text_free(&notices);
    gr_arena_destroy(arena);
}

static void without_a_table(void **state)
{
    (void)state;
    expect(NULL, "none");
    test_folder_text("a.csv", "x,y\n1,2\n3,4\n");
    test_folder_text("b.txt", "Read this first.\n");
    expect(NULL, "none");
}

static void names_are_found_however_they_are_written(void **state)
{
    (void)state;
    test_folder_text("c.csv", "id,picture,score\n1,a/1.png,3\n2,a\\2.png,1\n3,D:\\all\\b\\1.png,2\n4,odd,2\n5,none.png,1\n");
    expect(NULL, "picture 0 1 2 3 of 4, 1 without");
    test_folder_text("c.csv", "picture\tscore\n1.png\t3\n./a/2.png\t1\nodd.jpg\t7\n");
    expect(NULL, "picture - 1 - 2 of 2, 1 without"); /* 1.png is in two folders */
    char *except = gr_strdup(test_in_folder("c.csv"));
    expect(except, "none");
    gr_free(except);
}

static void the_table_with_the_most_is_taken(void **state)
{
    (void)state;
    test_folder_text("c.csv", "f,s\na/1.png,3\nodd,1\n");
    test_folder_text("d.tsv", "f\ts\na/1.png\t3\na/2.png\t3\nodd\t1\n");
    expect(NULL, "f 0 1 - 2 of 3, 0 without");
    test_folder_text("d.tsv",
                     "f\ts\na/1.png\t3\na/2.png\t3\nodd\t1\nx\t1\ny\t1\nz\t1\nv\t1\n"); /* most of it is not about these */
    expect(NULL, "f 0 - - 1 of 2, 0 without");
}

static void two_rows_are_refused(void **state)
{
    (void)state;
    test_folder_text("d.tsv", "");
    test_folder_text("c.csv", "f,s\na/1.png,3\nodd,1\na/1.png,2\n");
    expect(NULL, ".csv:4: f: \"a/1.png\" has a row already, on line 2; a row for each picture would be right (of several "
                 "raters' rows "
                 "`grimace data label` makes one)");
}

static void columns_become_fields(void **state)
{
    (void)state;
    gr_survey_table table;
    gr_survey_fields fields = {.arena = gr_arena_create()};
    gr_text notices = {0};
    gr_error err = {0};
    test_folder_text("c.csv", "f,s,t\na/1.png,NA,x\nodd,1,x\n");
    assert_int_equal(gr_survey_table_find(test_folder(), NULL, paths, IMAGES, fields.arena, &table, &notices, &err), GR_OK);
    assert_true(gr_survey_table_fields(&table, &fields, IMAGES));
    gr_survey_table_free(&table);
    assert_int_equal(fields.count, 2);
    assert_string_equal(fields.items[0].title, "s");
    assert_string_equal(fields.items[0].values[0], "");
    assert_string_equal(fields.items[0].values[3], "1");
    assert_true(fields.items[0].known == 1 && fields.items[1].different == 1 && fields.items[1].counts[0] == 2);
    gr_text_free(&notices);
    gr_arena_destroy(fields.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_table),
        cmocka_unit_test(names_are_found_however_they_are_written),
        cmocka_unit_test(the_table_with_the_most_is_taken),
        cmocka_unit_test(two_rows_are_refused),
        cmocka_unit_test(columns_become_fields),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
