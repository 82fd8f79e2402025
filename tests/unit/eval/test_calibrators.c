/* Maps of probabilities against scikit-learn and scipy (tests/parity/make_calibration.py). */
#include <math.h>

#include "base/base.h"
#include "grimace/calibration.h"
#include "support/reference.h"

enum { MOST = 300, CLASSES = 5, NEW = 20 };

static const char *const names[CLASSES] = {"0", "1", "2", "3", "4"};

static void compare(const test_reference *ref, gr_calibrator_kind kind, const char *line)
{
    static int32_t labels[MOST];
    static float p[MOST * CLASSES], mapped[NEW * CLASSES];
    static double got[NEW * CLASSES];
    int64_t rows, cells;
    const double *k = test_reference_get(ref, "classes", 2, NULL), *label = test_reference_get(ref, "labels", 1, &rows);
    const double *probability = test_reference_get(ref, "probabilities", 1, &cells);
    int count = (int)k[0];
    assert_true(rows <= MOST && count <= CLASSES && cells == rows * count);
    const double *new = test_reference_get(ref, "new", (int64_t)NEW * count, NULL);
    for (int64_t i = 0; i < cells; i++)
        p[i] = (float)probability[i];
    for (int64_t i = 0; i < rows; i++)
        labels[i] = (int32_t)label[i];
    for (int i = 0; i < NEW * count; i++)
        mapped[i] = (float)new[i];
    gr_calibrator c;
    gr_error err = {0};
    assert_int_equal(gr_calibrator_fit(kind, labels, p, rows, names, count, (int)k[1], &c, &err), GR_OK);
    if (kind == GR_CALIBRATE_TEMPERATURE)
        test_reference_expect(ref, "temperature", &c.temperature, 1, 1e-6);
    gr_calibrator_apply(&c, mapped, NEW);
    for (int i = 0; i < NEW * count; i++)
        got[i] = (double)mapped[i];
    test_reference_expect(ref, line, got, NEW * count, 1e-6);
    gr_calibrator_free(&c);
}

static void maps_are_those_of_other_libraries(void **state)
{
    (void)state;
    test_reference ref = test_reference_open("tests/parity/eval/calibration.txt");
    int cases = 0;
    for (; test_reference_next(&ref); cases++) {
        compare(&ref, GR_CALIBRATE_TEMPERATURE, "by_temperature");
        compare(&ref, GR_CALIBRATE_PLATT, "by_platt");
        compare(&ref, GR_CALIBRATE_ISOTONIC, "by_isotonic");
    }
    test_reference_close(&ref);
    assert_int_equal(cases, 7);
}

/* Labels that scores part wholly: the loss of a temperature has no least one, Platt's targets have. */
static void parted_classes_end_within_bounds(void **state)
{
    (void)state;
    int32_t labels[12];
    float p[24], one[2] = {0.3f, 0.7f};
    for (int i = 0; i < 12; i++) {
        labels[i] = i % 2;
        p[2 * i + 1] = i % 2 ? 0.7f : 0.2f;
        p[2 * i] = 1.0f - p[2 * i + 1];
    }
    gr_calibrator c;
    gr_error err = {0};
    assert_int_equal(gr_calibrator_fit(GR_CALIBRATE_TEMPERATURE, labels, p, 12, names, 2, 1, &c, &err), GR_OK);
    assert_true(fabs(c.temperature - 0.01) < 1e-12);
    assert_int_equal(gr_calibrator_fit(GR_CALIBRATE_PLATT, labels, p, 12, names, 2, 1, &c, &err), GR_OK);
    gr_calibrator_apply(&c, one, 1);
    assert_true(fabs((double)one[1] - 7.0 / 8.0) < 1e-6); /* (6 + 1) / (6 + 2) */
    gr_calibrator_free(&c);
}

static void scores_that_are_all_alike_become_the_share(void **state)
{
    (void)state;
    const int32_t labels[12] = {1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    float p[24], one[2] = {0.5f, 0.5f};
    for (int i = 0; i < 24; i++)
        p[i] = 0.5f;
    gr_calibrator c;
    gr_error err = {0};
    assert_int_equal(gr_calibrator_fit(GR_CALIBRATE_ISOTONIC, labels, p, 12, names, 2, 1, &c, &err), GR_OK);
    gr_calibrator_apply(&c, one, 1);
    assert_true(one[1] == 0.25f && one[0] == 0.75f);
    gr_calibrator_free(&c);
}

static void too_few_are_refused(void **state)
{
    (void)state;
    const int32_t labels[12] = {0};
    const float p[24] = {0};
    gr_calibrator c;
    for (int kind = GR_CALIBRATE_TEMPERATURE; kind < GR_CALIBRATE_KINDS; kind++) {
        gr_error few = {0}, one = {0};
        assert_int_equal(gr_calibrator_fit((gr_calibrator_kind)kind, labels, p, 9, names, 2, 1, &c, &few), GR_INVALID);
        assert_string_equal(few.text, "would be fitted on 9 predictions, and 10 or more are needed");
        assert_int_equal(gr_calibrator_fit((gr_calibrator_kind)kind, labels, p, 12, names, 2, 1, &c, &one), GR_INVALID);
        assert_string_equal(one.text, "would be fitted on 12 predictions, none of them of class \"1\"");
        assert_int_equal(gr_calibrator_find(gr_calibrator_name(kind)), kind);
    }
    assert_int_equal(gr_calibrator_find("platts"), GR_CALIBRATE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_are_those_of_other_libraries),
        cmocka_unit_test(parted_classes_end_within_bounds),
        cmocka_unit_test(scores_that_are_all_alike_become_the_share),
        cmocka_unit_test(too_few_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
