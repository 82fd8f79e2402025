/* Principal components: a known case, signs, missing numbers, and what is refused. */
#include <math.h>

#include "grimace/pca.h"
#include "support/support.h"

static void a_line_is_one_component(void **state)
{
    (void)state;
    const double x[] = {0, 0, 1, -2, 2, -4, 3, -6};
    gr_pca p;
    gr_error err = {0};
    assert_int_equal(gr_pca_make(x, 4, 2, 2, false, &p, &err), GR_OK);
    assert_true(fabs(p.share[0] - 1.0) < 1e-12 && fabs(p.share[1]) < 1e-12);
    assert_true(fabs(p.loadings[0] + 1.0 / sqrt(5.0)) < 1e-12 && fabs(p.loadings[1] - 2.0 / sqrt(5.0)) < 1e-12);
    assert_true(fabs(p.variance[0] - 25.0 / 3.0) < 1e-12);
    assert_true(fabs(p.scores[0] - 1.5 * sqrt(5.0)) < 1e-12 && fabs(p.scores[0] + p.scores[6]) < 1e-12);
    gr_pca_free(&p);
}

static void a_missing_number_is_the_mean(void **state)
{
    (void)state;
    const double with[] = {0, 5, 2, NAN, 4, 7}, filled[] = {0, 5, 2, 6, 4, 7};
    gr_pca a, b;
    gr_error err = {0};
    assert_int_equal(gr_pca_make(with, 3, 2, 1, true, &a, &err), GR_OK);
    assert_int_equal(gr_pca_make(filled, 3, 2, 1, true, &b, &err), GR_OK);
    for (int i = 0; i < 3; i++)
        assert_true(fabs(a.scores[i] - b.scores[i]) < 1e-12);
    gr_pca_free(&a);
    gr_pca_free(&b);
}

/* Columns that say nothing make a table wide, and change no component of the others. */
static void a_wide_table_has_the_narrow_ones_components(void **state)
{
    (void)state;
    enum { ROWS = 30, NARROW = 40, WIDE = 700, COUNT = 3 };
    static double narrow[ROWS * NARROW], wide[ROWS * WIDE];
    gr_pca a, b;
    gr_error err = {0};
    for (int i = 0; i < ROWS * NARROW; i++)
        narrow[i] = (double)test_number(3, (uint32_t)i) * (1 + i % NARROW % 7);
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < WIDE; c++)
            wide[r * WIDE + c] = c % 17 == 0 && c / 17 < NARROW ? narrow[r * NARROW + c / 17] : 4.0;
    for (int standardise = 0; standardise < 2; standardise++) {
        assert_int_equal(gr_pca_make(narrow, ROWS, NARROW, COUNT, standardise, &a, &err), GR_OK);
        assert_int_equal(gr_pca_make(wide, ROWS, WIDE, COUNT, standardise, &b, &err), GR_OK);
        for (int k = 0; k < COUNT; k++) {
            assert_true(fabs(a.share[k] - b.share[k]) < 1e-10);
            for (int c = 0; c < WIDE; c++) {
                double wanted = c % 17 == 0 && c / 17 < NARROW ? a.loadings[k * NARROW + c / 17] : 0.0;
                assert_true(fabs(b.loadings[k * WIDE + c] - wanted) < 1e-8);
            }
        }
        for (int i = 0; i < ROWS * COUNT; i++)
            assert_true(fabs(a.scores[i] - b.scores[i]) < 1e-7);
        gr_pca_free(&a);
        gr_pca_free(&b);
    }
    for (int i = 0; i < ROWS * WIDE; i++)
        wide[i] = 2.0; /* nothing varies */
    assert_int_equal(gr_pca_make(wide, ROWS, WIDE, COUNT, true, &b, &err), GR_OK);
    assert_true(b.variance[0] == 0.0 && b.share[0] == 0.0 && b.scores[0] == 0.0);
    gr_pca_free(&b);
}

static void what_cannot_be_is_refused(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4};
    gr_pca p;
    gr_error err = {0};
    assert_int_equal(gr_pca_make(x, 1, 4, 1, false, &p, &err), GR_INVALID);
    assert_int_equal(gr_pca_make(x, 2, 2, 3, false, &p, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_line_is_one_component),
                                       cmocka_unit_test(a_missing_number_is_the_mean),
                                       cmocka_unit_test(a_wide_table_has_the_narrow_ones_components),
                                       cmocka_unit_test(what_cannot_be_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
