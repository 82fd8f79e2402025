/* Round numbers on axes of any span. */
#include <math.h>
#include <string.h>

#include "report/ticks.h"
#include "support/support.h"

static void expect(gr_ticks t, const char *wanted)
{
    char got[512] = "";
    for (int i = 0; i < t.count; i++)
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i > 0 ? " " : "", t.text[i]);
    assert_string_equal(got, wanted);
}

static void numbers_are_round(void **state)
{
    (void)state;
    expect(gr_ticks_even(0.0, 1.0, 5, false), "0.0 0.2 0.4 0.6 0.8 1.0");
    expect(gr_ticks_even(-0.3, 0.3, 6, false), "-0.3 -0.2 -0.1 0.0 0.1 0.2 0.3");
    expect(gr_ticks_even(1.0, 4.0, 8, true), "1 2 3 4");
    expect(gr_ticks_even(1.0, 50.0, 5, true), "10 20 30 40 50");
    expect(gr_ticks_even(0.0, 0.05, 2, false), "0.000 0.025 0.050");
    expect(gr_ticks_even(0.0, 3e9, 3, false), "0 1e+09 2e+09 3e+09");
    expect(gr_ticks_even(1.0, 1.0, 5, false), "");
    expect(gr_ticks_even(NAN, 1.0, 5, false), "");
    expect(gr_ticks_log(1e-4, 1e-1, 5), "0.0001 0.001 0.01 0.1");
    expect(gr_ticks_log(1e-6, 1e6, 4), "1e-06 0.01 100 1e+06");
    expect(gr_ticks_log(1.5, 8.0, 5), "2 5");
    expect(gr_ticks_log(0.0, 8.0, 5), "");
}

/* Any span: inside, rising by one step, no more than there is room for. */
static void spans_of_every_size(void **state)
{
    (void)state;
    for (int e = -12; e <= 12; e++)
        for (int i = 0; i < 40; i++)
            for (int wanted = 2; wanted <= 8; wanted++) {
                double low = 5.0 * test_number(1, (uint32_t)i) * pow(10.0, e),
                       high = low + (2.0 + test_number(2, (uint32_t)i)) * pow(10.0, e);
                gr_ticks t = gr_ticks_even(low, high, wanted, false);
                assert_true(t.count >= 1 && t.count <= 2 * wanted + 1);
                for (int k = 0; k < t.count; k++) {
                    assert_true(t.at[k] >= low - 1e-6 * (high - low) && t.at[k] <= high + 1e-6 * (high - low));
                    assert_true(k < 2 || fabs(t.at[k] - 2.0 * t.at[k - 1] + t.at[k - 2]) < 1e-6 * (high - low));
                }
                double a = low, b = high;
                gr_ticks_widen(&a, &b, wanted);
                assert_true(a <= low + 1e-6 * (high - low) && b >= high - 1e-6 * (high - low) && b - a < 4.0 * (high - low));
            }
    double a = 3.0, b = 3.0;
    gr_ticks_widen(&a, &b, 5);
    assert_true(a < 3.0 && b > 3.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_are_round), cmocka_unit_test(spans_of_every_size)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
