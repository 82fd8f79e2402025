/* What models say together: their mean over those that may answer, how far they differ, what cannot be read, units of images. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/kernels.h"
#include "run/apply/answers.h"
#include "support/folder.h"
#include "support/model_run.h"

enum { IMAGES = 4, MODELS = 2, WIDTH = 2, POSITIVE = 1 };

static char paths[IMAGES][300];

/* Asks both folds of the run about three pictures and one that is not there. `knows` NULL: both about all. */
static gr_predictor *ask(const bool *knows, gr_answered *out)
{
    static const char *const names[IMAGES] = {"images/a.png", "images/b.png", "images/gone.png", "images/new.png"};
    static gr_sample samples[IMAGES];
    gr_predictor *p;
    gr_error err = {0};
    assert_int_equal(gr_predictor_open(test_in_folder("run"), &p, &err), GR_OK);
    for (int i = 0; i < IMAGES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s", test_in_folder(names[i]));
        samples[i] = (gr_sample){.path = paths[i]};
    }
    const gr_questions questions = {.samples = samples, .count = IMAGES, .knows = knows};
    if (gr_answers_make(p, &questions, POSITIVE, NULL, out, &err) != GR_OK)
        fail_msg("%s", err.text);
    return p;
}

static float each(const gr_answered *a, int m, int i, int k)
{
    return a->each[((size_t)m * (size_t)a->count + (size_t)i) * a->width + (size_t)k];
}

static void models_answer_together(void **state)
{
    (void)state;
    gr_answered a;
    gr_predictor *p = ask(NULL, &a);
    assert_true(a.count == IMAGES && a.models == MODELS && a.width == WIDTH);
    for (int i = 0; i < IMAGES; i++) {
        if (i == 2)
            continue;
        double one = (double)each(&a, 0, i, POSITIVE), two = (double)each(&a, 1, i, POSITIVE);
        assert_true(a.voices[i] == MODELS && a.problems[i] == NULL && one != two);
        assert_true(a.mean[i * WIDTH + POSITIVE] == (float)((one + two) / 2.0));
        assert_true(fabs(a.spread[i] - fabs(one - two) / sqrt(2.0)) < 1e-7); /* n - 1 of two */
        assert_true(fabs((double)a.mean[i * WIDTH] + (double)a.mean[i * WIDTH + 1] - 1.0) < 1e-6);
    }
    assert_true(a.voices[2] == 0 && isnan(a.spread[2]));
    assert_non_null(strstr(a.problems[2], "cannot be opened"));
    assert_null(strstr(a.problems[2], "gone.png")); /* who asked knows the path */
    gr_answered_free(&a);
    gr_predictor_close(p);
}

static void who_knows_is_not_asked(void **state)
{
    (void)state;
    const bool knows[IMAGES * MODELS] = {false, true, true, false, false, false, true, true};
    gr_answered all, some;
    gr_predictor *p = ask(NULL, &all), *q = ask(knows, &some);
    assert_true(some.voices[0] == 1 && some.voices[1] == 1 && some.voices[2] == 0 && some.voices[3] == 0);
    assert_true(some.mean[POSITIVE] == each(&all, 0, 0, POSITIVE));
    assert_true(some.mean[WIDTH + POSITIVE] == each(&all, 1, 1, POSITIVE));
    assert_true(isnan(some.spread[0]) && isnan(some.spread[3]) && some.problems[3] == NULL);
    gr_answered_free(&all);
    gr_answered_free(&some);
    gr_predictor_close(p);
    gr_predictor_close(q);
}

/* a and new are one unit, b another, the picture that is gone a third. */
static void units_are_means_of_their_images(void **state)
{
    (void)state;
    const int64_t unit[IMAGES] = {0, 1, 2, 0};
    gr_answered a, u;
    gr_error err = {0};
    gr_predictor *p = ask(NULL, &a);
    assert_int_equal(gr_answers_average(p, &a, unit, 3, POSITIVE, &u, &err), GR_OK);
    double sums[MODELS];
    for (int m = 0; m < MODELS; m++) {
        sums[m] = ((double)each(&a, m, 0, POSITIVE) + (double)each(&a, m, 3, POSITIVE)) / 2.0;
        assert_true(each(&u, m, 0, POSITIVE) == (float)sums[m]);
        assert_true(each(&u, m, 1, POSITIVE) == each(&a, m, 1, POSITIVE));
    }
    assert_true(fabs((double)u.mean[POSITIVE] - (sums[0] + sums[1]) / 2.0) < 1e-7);
    assert_true(u.spread[1] == a.spread[1] && u.voices[0] == MODELS && u.voices[2] == 0);
    assert_string_equal(u.problems[2], "none of its images could be read");
    gr_answered_free(&a);
    gr_answered_free(&u);
    gr_predictor_close(p);
}

static int make(void **state)
{
    gr_error err = {0};
    int made = test_folder_make(state);
    if (made != 0 || gr_kernels_select(&err) != GR_OK)
        return -1;
    test_make_model_run();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_answer_together),
        cmocka_unit_test(who_knows_is_not_asked),
        cmocka_unit_test(units_are_means_of_their_images),
    };
    return cmocka_run_group_tests(tests, make, test_folder_remove);
}
