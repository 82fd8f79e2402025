/* What a table says is true: classes, numbers, several columns, groups; a wrong cell is told and takes no other row along. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "run/apply/truth.h"
#include "support/folder.h"

static const char *classes[] = {"calm", "pain"};

static gr_card card_of(int count)
{
    return (gr_card){.classes = classes, .model = {.classes = count}};
}

static gr_ask ask_of(const char *table)
{
    gr_ask ask;
    gr_error err = {0};
    const gr_manifest_options any = {0};
    test_folder_image("a.png", 8, 8, 1, 2, 3);
    test_folder_text("t.csv", table);
    if (gr_ask_table(test_in_folder("t.csv"), &any, &ask, &err) != GR_OK)
        fail_msg("%s", err.text);
    return ask;
}

static void classes_and_groups(void **state)
{
    (void)state;
    gr_ask ask = ask_of("image,rat,state\na.png,r2,pain\nb.png,r1,Pain\nc.png,,calm\nd.png,r2,\na.png,r1,calm\n"
                        "e.png,r1,calm\n");
    const gr_card card = card_of(2);
    const gr_manifest_options options = {.label = "state", .label_where = "data.label", .group = "rat",
                                         .group_where = "data.group"};
    gr_truth t;
    gr_error err = {0};
    assert_int_equal(gr_truth_read(&ask, &options, &card, &t, &err), GR_OK);
    const bool known[6] = {true, false, true, false, false, true}, whose[6] = {true, true, false, true, true, true};
    for (int i = 0; i < 6; i++)
        assert_true(t.whose[i] == whose[i] && (i == 2 || t.known[i] == known[i]));
    assert_null(t.problems[0]);
    assert_string_equal(t.problems[1], "state: \"Pain\" is none of the model's classes calm, pain");
    assert_string_equal(t.problems[2], "rat: \"\" names no group, so who trained on it cannot be known");
    assert_null(t.problems[3]); /* no label is no fault */
    assert_int_equal(ask.row[4], -1); /* the second row of one image: the table's own problem */
    assert_true(t.manifest.labels[ask.row[0]] == 1 && t.manifest.labels[ask.row[5]] == 0);
    assert_string_equal(t.manifest.group_names[t.manifest.groups[ask.row[0]]], "r2");
    assert_true(t.manifest.groups[ask.row[0]] == t.manifest.groups[ask.row[3]] &&
                t.manifest.groups[ask.row[1]] == t.manifest.groups[ask.row[5]]);
    assert_int_equal(t.own_count, 2);
    gr_truth_close(&t);
    gr_ask_close(&ask);
}

static void numbers_of_several_columns(void **state)
{
    (void)state;
    gr_ask ask = ask_of("image,ear,eye\na.png,1,0.5\nb.png,,2\nc.png,7,1\nd.png,,\ne.png,much,1\nf.png,nan,1\n");
    const gr_card card = card_of(0);
    const char *const columns[] = {"ear", "eye"};
    const gr_manifest_options options = {.values = GR_VALUES_NUMBERS, .value_columns = columns, .value_count = 2,
                                         .values_where = "data.labels", .ranged = true, .range = {0, 2}};
    gr_truth t;
    gr_error err = {0};
    assert_int_equal(gr_truth_read(&ask, &options, &card, &t, &err), GR_OK);
    const double *v = t.manifest.values;
    assert_true(v[0] == 1.0 && v[1] == 0.5 && isnan(v[2]) && v[3] == 2.0 && t.known[0] && t.known[1]);
    assert_true(!t.known[2] && strstr(t.problems[2], "ear: \"7\"") == t.problems[2]); /* beyond the scale */
    assert_true(!t.known[3] && t.problems[3] == NULL);
    assert_true(!t.known[4] && strstr(t.problems[4], "ear: \"much\"") == t.problems[4]);
    assert_true(isnan(v[10]));
    assert_true(t.whose[0] && t.manifest.groups == NULL);
    gr_truth_close(&t);
    gr_ask_close(&ask);
}

static void a_column_that_is_absent_is_named_with_the_nearest(void **state)
{
    (void)state;
    gr_ask ask = ask_of("image,rats,state\na.png,r2,pain\n");
    const gr_card card = card_of(2);
    gr_manifest_options options = {.label = "stat", .label_where = "data.label"};
    gr_truth t;
    gr_error err = {0}, group = {0};
    assert_int_equal(gr_truth_read(&ask, &options, &card, &t, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "t.csv:1: there is no column stat, which data.label names, did you mean state?"));
    options = (gr_manifest_options){.label = "state", .label_where = "data.label", .group = "rat", .group_where = "data.group"};
    assert_int_equal(gr_truth_read(&ask, &options, &card, &t, &group), GR_INVALID);
    assert_non_null(strstr(group.text, "there is no column rat, which data.group names, did you mean rats?"));
    assert_null(t.arena);
    gr_ask_close(&ask);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_and_groups),
        cmocka_unit_test(numbers_of_several_columns),
        cmocka_unit_test(a_column_that_is_absent_is_named_with_the_nearest),
    };
    return cmocka_run_group_tests(tests, test_folder_make, test_folder_remove);
}
