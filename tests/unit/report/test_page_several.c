/* Settings of a sweep, labels and the matrix of a study. */
#include <string.h>

#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static void studies_have_tables(void **state)
{
    (void)state;
    test_folder_text(
        "classes/results.json",
        "{\"labels\": [{\"label\": \"ear\", \"folds\": 3, \"n\": 90, \"pooled\": {\"accuracy\": 0.5}}],"
        "\"total\": {\"n\": 90, \"least\": 0, \"most\": 4, \"mae\": 1.5, \"exact\": 0.25, \"pearson\": {\"r\": 0.5},"
        "\"bland_altman\": {\"lower\": -2, \"upper\": 1}},"
        "\"matrix\": {\"column\": \"drug\", \"values\": [\"a\", \"b\"], \"cells\": [{\"train\": \"a\", \"test\": "
        "\"b\", \"n\": 7, \"left_out\": 2, \"pooled\": {\"accuracy\": 0.75}}]}}");
    gr_text part = test_page_part("classes", gr_put_study);
    test_text_says(&part, "A model for each label");
    test_text_says(&part,
                   "runs from 0 to 4. Over 90 images it lies 1.5 from the true total on average and equals it in 25.0 %");
    test_text_says(
        &part,
        "<bdi>a</bdi></th><td><bdi>b</bdi></td><td class=\"n\">7</td><td class=\"n\">2</td><td class=\"n\">0.750</td>");
    gr_text_free(&part);
}

static void a_run_is_none(void **state)
{
    (void)state;
    gr_text study = test_page_part("many", gr_put_study), sweep = test_page_part("many", gr_put_sweep);
    assert_int_equal(study.size, 0);
    assert_int_equal(sweep.size, 0);
    gr_text_free(&study);
    gr_text_free(&sweep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(studies_have_tables), cmocka_unit_test(a_run_is_none)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
