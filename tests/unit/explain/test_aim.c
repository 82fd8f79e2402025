/* What can be explained of each task's answer, and what a name means. */
#include "support/support.h"
#include "explain/aim.h"

#include <string.h>

static const char *const classes[] = {"no", "some", "much"}, *const labels[] = {"ear", "eye"};

static gr_card card_of(const char *task, int columns)
{
    bool named = strcmp(task, "classes") == 0 || strcmp(task, "ordinal") == 0;
    return (gr_card){.task = task,
                     .classes = named ? classes : NULL,
                     .labels = columns > 0 ? labels : NULL,
                     .label_count = columns,
                     .model = {.classes = named ? 3 : 0, .landmarks = strcmp(task, "landmarks") == 0 ? 2 : 0}};
}

/* The kind and index that `name` has; the names in one line. */
static void means(const char *task, int columns, const char *name, gr_aim_kind kind, int index, const char *names)
{
    gr_card card = card_of(task, columns);
    gr_aim aim;
    gr_error err = {0};
    gr_text list = {0};
    assert_int_equal(gr_aim_open(&card, gr_task_find(task, columns > 1), name, &aim, &err), GR_OK);
    assert_int_equal(aim.kind, kind);
    assert_int_equal(aim.index, index);
    gr_text_list(&list, aim.names, (size_t)aim.count, "and");
    assert_string_equal(list.data, names);
    gr_text_free(&list);
    gr_aim_free(&aim);
}

static void names_mean_what_the_page_says(void **state)
{
    (void)state;
    const char *three = "no, some and much", *ordered = "no, some, much and score",
               *points = "lm1_x, lm1_y, lm2_x, lm2_y and total";
    const char *columns = "ear=no, ear=some, ear=much, eye=no, eye=some, eye=much, ear, eye and total";
    means("classes", 0, NULL, GR_AIM_PREDICTED, 0, three);
    means("classes", 0, "much", GR_AIM_ONE, 2, three);
    means("ordinal", 0, NULL, GR_AIM_ONE, 0, ordered);
    means("ordinal", 0, "some", GR_AIM_ONE, 1, ordered);
    means("scores", 1, NULL, GR_AIM_ONE, 0, "ear");
    means("scores", 2, NULL, GR_AIM_TOTAL, 0, "ear, eye and total");
    means("scores", 2, "eye", GR_AIM_ONE, 1, "ear, eye and total");
    means("classes", 2, NULL, GR_AIM_TOTAL, 0, columns);
    means("classes", 2, "eye", GR_AIM_PREDICTED, 1, columns);
    means("classes", 2, "eye=some", GR_AIM_ONE, 4, columns);
    means("landmarks", 0, NULL, GR_AIM_TOTAL, 0, points);
    means("landmarks", 0, "lm2_x", GR_AIM_ONE, 2, points);
}

static void an_unknown_name_lists_them(void **state)
{
    (void)state;
    gr_card card = card_of("classes", 0);
    gr_aim aim;
    gr_error err = {0};
    assert_int_equal(gr_aim_open(&card, gr_task_find("classes", false), "all", &aim, &err), GR_INVALID);
    assert_string_equal(err.text, "--class: the model has no \"all\"; no, some or much would be right");
}

static void the_predicted_class_is_that_of_its_column(void **state)
{
    (void)state;
    gr_card card = card_of("classes", 2);
    gr_aim aim;
    gr_error err = {0};
    const float answer[] = {0.2f, 0.5f, 0.3f, 0.1f, 0.1f, 0.8f};
    assert_int_equal(gr_aim_open(&card, gr_task_find("classes", true), NULL, &aim, &err), GR_OK);
    assert_int_equal(gr_aim_predicted(&aim, answer, 0), 1);
    assert_int_equal(gr_aim_predicted(&aim, answer, 1), 5);
    gr_aim_free(&aim);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_mean_what_the_page_says),
        cmocka_unit_test(an_unknown_name_lists_them),
        cmocka_unit_test(the_predicted_class_is_that_of_its_column),
    };
    return cmocka_run_group_tests_name("what is explained", tests, NULL, NULL);
}
