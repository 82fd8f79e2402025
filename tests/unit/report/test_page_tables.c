/* Folds, classes and all numbers. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static int count(const char *text, const char *word)
{
    int n = 0;
    while ((text = strstr(text, word)) != NULL) {
        n++;
        text += strlen(word);
    }
    return n;
}

static void folds_have_rows_and_a_foot(void **state)
{
    (void)state;
    gr_text part = test_page_part("classes", gr_put_tables);
    const char *begin = strstr(part.data, "Folds, each named after the animal"), *foot = strstr(begin, "<tfoot>");
    assert_true(begin != NULL && foot != NULL);
    for (int fold = 1; fold <= 3; fold++) {
        char row[64];
        snprintf(row, sizeof row, "<th scope=\"row\"><bdi>%d</bdi></th><td class=\"n\">30</td>", fold);
        const char *at = strstr(begin, row);
        assert_true(at != NULL && at < foot);
    }
    test_text_says(&part, "<bdi>standard deviation</bdi>");
    test_text_says(&part, "Classes, each against the rest");
    test_text_says(&part, "jackknife of groups");
    assert_int_equal(count(part.data, "<table"), count(part.data, "</table>"));
    gr_text_free(&part);
}

static void landmarks_have_rows(void **state)
{
    (void)state;
    gr_text part = test_page_part("points", gr_put_tables);
    test_text_says(&part, "Landmarks, all images together");
    gr_text_free(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(folds_have_rows_and_a_foot), cmocka_unit_test(landmarks_have_rows)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
