/* What runs of landmarks were asked before: the same question has the same answer, copied; anything else is a new one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "run/cohort/recall.h"

enum { IMAGES = 3 };

/* Questions about three images, and what is wrong with them. */
typedef struct trial {
    gr_sample samples[IMAGES];
    const char *names[IMAGES], *groups[IMAGES], *problems[IMAGES];
    gr_guide_images images;
} trial;

static void make(trial *t, gr_arena *arena)
{
    *t = (trial){.names = {"a", "b", "c"}, .groups = {"x", "x", "y"}};
    t->images = (gr_guide_images){.count = IMAGES, .samples = t->samples, .names = t->names, .paths = t->names,
                                  .groups = t->groups, .problems = t->problems, .arena = arena};
}

static void an_answer_is_kept(void **state)
{
    (void)state;
    trial t;
    float at[IMAGES * 2] = {1, 2, 3, 4, 5, 6};
    bool known = true, answered = true;
    gr_arena *arena = gr_arena_create();
    gr_recall recall = {0};
    gr_guide_points points = {.count = 1, .at = at, .known = &known, .key = 9}, again;
    gr_error err = {0};
    make(&t, arena);
    uint64_t question = gr_recall_question("run", 1, &t.images);
    assert_int_equal(gr_recall_take(&recall, question, &t.images, &answered, &again, &err), GR_OK);
    assert_false(answered);
    t.problems[1] = "no face";
    gr_recall_keep(&recall, question, &t.images, &points);
    at[0] = 100; /* it is a copy */
    t.problems[1] = NULL;
    t.problems[2] = "of before";
    assert_int_equal(gr_recall_take(&recall, question, &t.images, &answered, &again, &err), GR_OK);
    assert_true(answered);
    assert_true(again.count == 1 && again.key == 9 && again.known[0] && again.at[0] == 1 && again.at[5] == 6);
    assert_null(t.problems[0]);
    assert_string_equal(t.problems[1], "no face");
    assert_null(t.problems[2]);
    gr_guide_points_free(&again);
    gr_recall_free(&recall);
    assert_int_equal(recall.count, 0);
    gr_arena_destroy(arena);
}

static void another_question_is_another(void **state)
{
    (void)state;
    trial t;
    make(&t, NULL);
    uint64_t first = gr_recall_question("run", 1, &t.images);
    assert_true(gr_recall_question("run", 1, &t.images) == first);
    assert_true(gr_recall_question("other", 1, &t.images) != first);
    assert_true(gr_recall_question("run", 2, &t.images) != first);
    t.groups[2] = "x"; /* other models may tell of it */
    assert_true(gr_recall_question("run", 1, &t.images) != first);
    make(&t, NULL);
    t.samples[0].has_box = true; /* it is cut otherwise */
    assert_true(gr_recall_question("run", 1, &t.images) != first);
    make(&t, NULL);
    t.images.count = 2;
    assert_true(gr_recall_question("run", 1, &t.images) != first);
}

static void few_are_kept(void **state)
{
    (void)state;
    trial t;
    float at[IMAGES * 2] = {0};
    bool known = true, answered;
    gr_recall recall = {0};
    gr_guide_points points = {.count = 1, .at = at, .known = &known}, again;
    gr_error err = {0};
    make(&t, NULL);
    for (uint64_t q = 1; q <= GR_RECALL_MOST + 1; q++)
        gr_recall_keep(&recall, q, &t.images, &points);
    assert_int_equal(recall.count, GR_RECALL_MOST);
    assert_int_equal(gr_recall_take(&recall, GR_RECALL_MOST + 1, &t.images, &answered, &again, &err), GR_OK);
    assert_false(answered);
    gr_recall_free(&recall);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_answer_is_kept), cmocka_unit_test(another_question_is_another),
                                       cmocka_unit_test(few_are_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
