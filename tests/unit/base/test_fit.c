/* Texts fitted to a terminal: what fits stays, tables lose columns and say so, sentences break at blanks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/fit.h"

static void fits(const char *text, int width, const char *where, const char *expected)
{
    gr_text out = {0};
    gr_text_fit(text, width, where, &out);
    assert_false(out.failed);
    assert_string_equal(out.data != NULL ? out.data : "", expected);
    gr_text_free(&out);
}

#define WIDE                                                                                                                \
    "rats: the score pain\n"                                                                                                \
    "fold                    n      MAE     RMSE\n"                                                                         \
    "rat 1                  12   0.1000   0.2000\n"                                                                         \
    "Pooled                144   1.1000        -\n"                                                                         \
    "\n"                                                                                                                    \
    "Done.\n"

static void what_fits_stays(void **state)
{
    (void)state;
    fits("", 40, NULL, "");
    fits(WIDE, 44, NULL, WIDE);
    fits(WIDE, 200, "nowhere", WIDE);
    fits("no end", 40, NULL, "no end\n");
    fits("a  b\n", 40, NULL, "a  b\n");
}

static void tables_are_drawn_together(void **state)
{
    (void)state;
    fits(WIDE, 43, "all are in results.csv", WIDE);
    fits(WIDE, 42, "all are in results.csv",
         "rats: the score pain\n"
         "fold      n     MAE    RMSE\n"
         "rat 1    12  0.1000  0.2000\n"
         "Pooled  144  1.1000       -\n"
         "\n"
         "Done.\n");
}

static void columns_that_are_left_out_are_named(void **state)
{
    (void)state;
    fits(WIDE, 26, "all are in results.csv",
         "rats: the score pain\n"
         "fold      n     MAE\n"
         "rat 1    12  0.1000\n"
         "Pooled  144  1.1000\n"
         "(1 column more, for which\n"
         "  this terminal has no\n"
         "  room: RMSE; all are in\n"
         "  results.csv)\n"
         "\n"
         "Done.\n");
    fits("one                two                three\na                  b                  c\n", 1, NULL,
         "one  two  three\na    b    c\n"); /* 20 at least */
}

static void characters_are_counted_not_bytes(void **state)
{
    (void)state;
    fits("Tier                          Zahl\nMäuschen                      1\nRatte                         22\n", 30, NULL,
         "Tier      Zahl\nMäuschen  1\nRatte     22\n");
}

static void sentences_break_at_blanks(void **state)
{
    (void)state;
    fits("  F1 0.1 to 0.2, accuracy 0.3 to 0.4\n", 20, NULL, "  F1 0.1 to 0.2,\n    accuracy 0.3 to\n    0.4\n");
    fits("/a/path/that/is/longer/than/a/line is long\n", 20, NULL, "/a/path/that/is/longer/than/a/line\n  is long\n");
    fits("one two three four five six\n", 27, NULL, "one two three four five six\n");
}

static void a_sentence_below_is_none_of_the_table(void **state)
{
    (void)state;
    fits("rank  name           F1      mean\n   1  a          0.5000    0.5000\nF1 over all: from  0.5000 to  0.5000\n", 28,
         NULL, "rank  name      F1    mean\n   1  a     0.5000  0.5000\nF1 over all: from  0.5000 to\n  0.5000\n");
}

/* Every width: no line is wider unless a first column or a word is, and the first words are all there. */
static void no_line_is_wider(void **state)
{
    (void)state;
    for (int width = 20; width < 60; width++) {
        gr_text out = {0};
        gr_text_fit(WIDE, width, "in results.csv", &out);
        for (const char *at = out.data; *at != '\0'; at += strcspn(at, "\n") + 1)
            assert_true((int)strcspn(at, "\n") <= width);
        assert_non_null(strstr(out.data, "Pooled"));
        assert_true(strstr(out.data, "RMSE") != NULL && strstr(out.data, "MAE") != NULL);
        gr_text_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_stays),
        cmocka_unit_test(tables_are_drawn_together),
        cmocka_unit_test(columns_that_are_left_out_are_named),
        cmocka_unit_test(characters_are_counted_not_bytes),
        cmocka_unit_test(sentences_break_at_blanks),
        cmocka_unit_test(a_sentence_below_is_none_of_the_table),
        cmocka_unit_test(no_line_is_wider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
