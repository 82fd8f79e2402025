/* Words of data sets: which are classes, animals, times, counters, parts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "import/survey_words.h"

#define KINDS(...) (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)

static void classes_are_known(void **state)
{
    (void)state;
    assert_int_equal(gr_survey_like_label(KINDS("pain", "no_pain")), 100);
    assert_int_equal(gr_survey_like_label(KINDS("Pain", "No-Pain")), 100);
    assert_int_equal(gr_survey_like_label(KINDS("baseline", "mild", "severe")), 100);
    assert_int_equal(gr_survey_like_label(KINDS("score0", "score1", "score2")), 100);
    assert_int_equal(gr_survey_like_label(KINDS("pain", "no_pain", "unsure")), 70);
    assert_int_equal(gr_survey_like_label(KINDS("0", "1", "2")), 50);
    assert_int_equal(gr_survey_like_label(KINDS("1", "2", "3")), 0);
    assert_int_equal(gr_survey_like_label(KINDS("happy", "sad")), 0);
    assert_int_equal(gr_survey_like_label(KINDS("pain")), 0);
}

static void animals_are_known(void **state)
{
    (void)state;
    assert_int_equal(gr_survey_like_group(KINDS("rat01", "rat12")), 100);
    assert_int_equal(gr_survey_like_group(KINDS("Subject-1", "subject_2")), 100);
    assert_int_equal(gr_survey_like_group(KINDS("bw12", "bw7")), 60);
    assert_int_equal(gr_survey_like_group(KINDS("t1", "t2")), 0);
    assert_int_equal(gr_survey_like_group(KINDS("img1", "img2")), 0);
    assert_int_equal(gr_survey_like_group(KINDS("score0", "score1")), 0);
    assert_int_equal(gr_survey_like_group(KINDS("bella", "max")), 0);
    assert_int_equal(gr_survey_like_group(KINDS("rat1", "7")), 0);
    assert_string_equal(gr_survey_group_name(KINDS("rat1", "rat2")), "animal");
    assert_string_equal(gr_survey_group_name(KINDS("patient1", "patient2")), "subject");
}

static void times_and_counters_are_known(void **state)
{
    (void)state;
    assert_true(gr_survey_like_session(KINDS("t0", "t30")));
    assert_true(gr_survey_like_session(KINDS("30min", "2h")));
    assert_false(gr_survey_like_session(KINDS("rat1", "rat2")));
    assert_false(gr_survey_like_session(KINDS("30", "60")));
    assert_true(gr_survey_like_counter(KINDS("frame1", "frame22")));
    assert_true(gr_survey_like_counter(KINDS("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")));
    assert_false(gr_survey_like_counter(KINDS("0", "1", "2")));
}

static void parts_are_known(void **state)
{
    (void)state;
    assert_string_equal(gr_survey_part("Training"), "train");
    assert_string_equal(gr_survey_part("valid"), "val");
    assert_string_equal(gr_survey_part("TEST"), "test");
    assert_null(gr_survey_part("pain"));
}

static void titles_are_known(void **state)
{
    (void)state;
    assert_true(gr_survey_label_title("label") > gr_survey_label_title("Pain score"));
    assert_true(gr_survey_label_title("FGS") > gr_survey_label_title("mean_pain_of_raters"));
    assert_true(gr_survey_label_title("mean_pain_of_raters") > 0);
    assert_int_equal(gr_survey_label_title("animal"), 0);
    assert_int_equal(gr_survey_group_title("Animal ID"), 100);
    assert_int_equal(gr_survey_group_title("mouse_nr"), 100);
    assert_int_equal(gr_survey_group_title("id"), 60);
    assert_int_equal(gr_survey_group_title("category"), 0);
    assert_int_equal(gr_survey_group_title("rating"), 0);
    assert_true(gr_survey_session_title("Time point"));
    assert_false(gr_survey_session_title("timer"));
}

static void classes_stand_in_an_order(void **state)
{
    (void)state;
    const char *pain[] = {"pain", "no_pain"}, *steps[] = {"severe", "mild", "baseline", "moderate"},
               *numbers[] = {"10", "9", "2"};
    const char *graded[] = {"score10", "score2"}, *words[] = {"sad", "happy"};
    int64_t counts[] = {7, 5};
    gr_survey_order_classes(pain, counts, 2);
    assert_string_equal(pain[1], "pain");
    assert_true(counts[0] == 5 && counts[1] == 7);
    gr_survey_order_classes(steps, NULL, 4);
    assert_string_equal(steps[0], "baseline");
    assert_string_equal(steps[1], "mild");
    assert_string_equal(steps[3], "severe");
    gr_survey_order_classes(numbers, NULL, 3);
    assert_string_equal(numbers[0], "2");
    assert_string_equal(numbers[2], "10");
    gr_survey_order_classes(graded, NULL, 2);
    assert_string_equal(graded[0], "score2");
    gr_survey_order_classes(words, NULL, 2);
    assert_string_equal(words[0], "happy");
    assert_true(gr_survey_last_is_positive(pain, 2));
    assert_true(gr_survey_last_is_positive(KINDS("0", "1")));
    assert_false(gr_survey_last_is_positive(words, 2));
}

static void long_words_are_cut(void **state)
{
    (void)state;
    char key[GR_WORD_ROOM], word[300];
    memset(word, 'a', sizeof word);
    word[299] = '\0';
    gr_survey_key(word, key);
    assert_int_equal(strlen(key), GR_WORD_ROOM - 1);
    gr_survey_key("No_Pain (2)", key);
    assert_string_equal(key, "nopain2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_are_known),
        cmocka_unit_test(animals_are_known),
        cmocka_unit_test(times_and_counters_are_known),
        cmocka_unit_test(parts_are_known),
        cmocka_unit_test(titles_are_known),
        cmocka_unit_test(classes_stand_in_an_order),
        cmocka_unit_test(long_words_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
