/* Which scheme of split a survey chooses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "import/survey_split.h"

enum { MOST = 600 };

/* Columns of `images` pictures: picture i has class i % classes and is of group (i / each). */
typedef struct made {
    gr_arena *arena;
    gr_survey survey;
    gr_survey_column columns[3];
    const char *labels[MOST], *groups[MOST], *parts[MOST], *label_kinds[MOST], *group_kinds[MOST];
    int64_t label_counts[MOST], group_counts[MOST];
} made;

static int add(const char **kinds, int64_t *counts, int count, const char *value)
{
    int k = 0;
    while (k < count && strcmp(kinds[k], value) != 0)
        k++;
    kinds[k] = value;
    counts[k]++;
    return k == count ? count + 1 : count;
}

/* groups 0: none. `class_of_group`: each group has one class. */
static made *make(int images, int classes, int groups, bool class_of_group, const char *prefix)
{
    made *m = gr_alloc(1, sizeof *m);
    assert_non_null(m);
    m->arena = gr_arena_create();
    int kinds[2] = {0, 0};
    for (int i = 0; i < images; i++) {
        int g = groups > 0 ? i * groups / images : 0;
        m->labels[i] = gr_arena_printf(m->arena, "c%d", (class_of_group ? g : i) % classes);
        m->groups[i] = gr_arena_printf(m->arena, "%s%d", prefix, g);
        m->parts[i] = i < images / 2 ? "train" : "test";
        kinds[0] = add(m->label_kinds, m->label_counts, kinds[0], m->labels[i]);
        kinds[1] = add(m->group_kinds, m->group_counts, kinds[1], m->groups[i]);
    }
    m->columns[0] = (gr_survey_column){"pain", "", GR_SURVEY_LABEL, m->labels, kinds[0], m->label_kinds, m->label_counts};
    m->columns[1] = (gr_survey_column){"animal", "", GR_SURVEY_GROUP, m->groups, kinds[1], m->group_kinds, m->group_counts};
    static const char *const both[] = {"test", "train"};
    m->columns[2] = (gr_survey_column){"split", "", GR_SURVEY_SPLIT, m->parts, 2, both, m->label_counts};
    m->survey = (gr_survey){
        .images = images, .columns = m->columns, .column_count = 3, .group = groups > 0 ? 1 : -1, .split_column = -1};
    return m;
}

static void expect(made *m, const char *scheme, int folds, bool with_group, const char *warning)
{
    gr_text warnings = {0};
    assert_true(gr_survey_split_choose(&m->survey, m->arena, &warnings));
    assert_string_equal(m->survey.split.scheme, scheme);
    assert_int_equal(m->survey.split.folds, folds);
    assert_int_equal(m->survey.group >= 0, with_group);
    assert_true(m->survey.split.why[0] != '\0');
    if (warning == NULL)
        assert_int_equal(warnings.size, 0);
    else
        assert_non_null(strstr(warnings.data, warning));
    gr_text_free(&warnings);
    gr_arena_destroy(m->arena);
    gr_free(m);
}

static void by_animals(void **state)
{
    (void)state;
    expect(make(60, 2, 3, false, "r"), "leave_one_group_out", 0, true, NULL);
    expect(make(120, 3, 12, false, "r"), "leave_one_group_out", 0, true, NULL);
    expect(make(130, 2, 13, false, "r"), "group_kfold", 5, true, NULL);
    expect(make(60, 2, 2, false, "r"), "leave_one_group_out", 0, true, "only two values of animal");
    expect(make(60, 2, 4, false, "a/b"), "group_kfold", 4, true, NULL); /* cannot name the folder of a fold */
}

static void without_animals(void **state)
{
    (void)state;
    expect(make(60, 2, 0, false, "r"), "stratified_kfold", 5, false, "no column tells the animals apart");
    expect(make(6, 2, 0, false, "r"), "stratified_kfold", 3, false, "no column tells the animals apart");
    expect(make(4, 4, 0, false, "r"), "stratified_kfold", 2, false, "no column tells the animals apart");
    made *named = make(60, 2, 6, false, "Ratte "); /* a column that nothing calls the animals' */
    named->survey.group = -1;
    named->columns[1].role = GR_SURVEY_OTHER;
    named->columns[1].name = "Tier";
    expect(named, "stratified_kfold", 5, false, "if Tier (Ratte 0 ...) does, data.group: Tier and split.scheme: leave_one");
    made *scores = make(60, 2, 0, false, "r");
    scores->survey.scores = true;
    expect(scores, "stratified_kfold", 5, false, "no column tells the animals apart");
}

static void animals_of_one_class(void **state)
{
    (void)state;
    expect(make(60, 2, 4, true, "r"), "leave_one_group_out", 0, true, NULL);
    expect(make(60, 2, 2, true, "r"), "stratified_kfold", 5, false, "animal is not kept whole");
    made *scores = make(60, 2, 2, true, "r");
    scores->survey.scores = true;
    expect(scores, "leave_one_group_out", 0, true, "only two values");
}

static void by_a_column(void **state)
{
    (void)state;
    made *clean = make(60, 2, 4, false, "r"), *leak = make(60, 2, 3, false, "r"), *none = make(60, 2, 0, false, "r");
    clean->survey.split_column = leak->survey.split_column = none->survey.split_column = 2;
    expect(clean, "column", 0, true, NULL);
    expect(leak, "column", 0, false, "values of animal stand in training and test at once");
    expect(none, "column", 0, false, "no column tells the animals apart");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_animals),
        cmocka_unit_test(without_animals),
        cmocka_unit_test(animals_of_one_class),
        cmocka_unit_test(by_a_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
