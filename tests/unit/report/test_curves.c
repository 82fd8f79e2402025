/* ROC and precision-recall curves of two classes and of many. */
#include <math.h>
#include <string.h>

#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

/* The share of true or false positives where the given share of negatives or positives is reached, counted. */
static void two_classes(void **state)
{
    (void)state;
    gr_run_files run = test_shown_run("classes");
    const gr_predictions *p = &run.table.predictions;
    gr_metrics m;
    gr_error err = {0};
    char wanted[64];
    assert_int_equal(gr_metrics_compute(p->labels, p->predicted, p->probabilities, p->count, 2, 1, &m, &err), GR_OK);
    gr_figure_made roc = test_shown("classes", "roc"), pr = test_shown("classes", "pr");
    assert_int_equal(gr_numbers_rows(&roc.numbers), 11);
    snprintf(wanted, sizeof wanted, "pain: AUROC %.3f (", m.value[GR_METRIC_AUROC]);
    assert_non_null(strstr(roc.alternative.data, wanted));
    assert_non_null(strstr(roc.file.data, wanted));
    snprintf(wanted, sizeof wanted, "pain: AP %.3f (", m.value[GR_METRIC_AUPRC]);
    assert_non_null(strstr(pr.alternative.data, wanted));
    assert_non_null(strstr(pr.alternative.data, "95 % of 1000 bootstrap samples of whole values of animal"));
    assert_true(test_shown_number(&roc, 10, "sensitivity") == 1.0 && test_shown_number(&roc, 10, "low") == 1.0);
    for (int i = 0; i < 11; i++) {
        assert_true(test_shown_number(&roc, i, "low") <= test_shown_number(&roc, i, "high"));
        assert_true(test_shown_number(&pr, i, "low") <= test_shown_number(&pr, i, "high"));
        assert_true(i == 0 || test_shown_number(&roc, i, "sensitivity") >= test_shown_number(&roc, i - 1, "sensitivity"));
    }
    assert_true(test_shown_number(&pr, 10, "precision") >= 0.4); /* the share of pain */
    gr_figure_made_free(&roc);
    gr_figure_made_free(&pr);
    gr_metrics_free(&m);
    gr_run_files_close(&run);
}

static void many_classes_have_a_curve_each(void **state)
{
    (void)state;
    gr_figure_made roc = test_shown("many", "roc");
    assert_int_equal(gr_numbers_rows(&roc.numbers), 44);
    for (const char *name = "abcd"; *name != '\0'; name++) {
        char wanted[] = {*name, ':', ' ', 'A', 'U', 'R', 'O', 'C', '\0'};
        assert_non_null(strstr(roc.file.data, wanted));
    }
    gr_figure_made_free(&roc);
}

static void one_label_has_no_curve(void **state)
{
    (void)state;
    test_not_shown("scores", "roc", "the predictions are of scores");
    test_not_shown("young", "pr", "no predictions.csv");
    test_folder_text("one.csv", "image,fold,label,predicted,p_no,p_yes\na,1,yes,yes,0.1,0.9\nb,1,yes,no,0.6,0.4\n");
    test_not_shown("one.csv", "roc", "the same label");
    /* a class that nothing is labelled with */
    test_folder_text(
        "three.csv",
        "image,fold,label,predicted,p_a,p_b,p_c\nx,1,a,a,0.7,0.2,0.1\ny,1,b,a,0.6,0.2,0.2\nz,1,b,b,0.1,0.9,0\n");
    gr_figure_made made = test_shown("three.csv", "pr");
    assert_non_null(strstr(made.alternative.data, "c: no curve"));
    assert_non_null(strstr(made.alternative.data, "samples of images"));
    gr_figure_made_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_classes), cmocka_unit_test(many_classes_have_a_curve_each),
                                       cmocka_unit_test(one_label_has_no_curve)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
