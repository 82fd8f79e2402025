/* Rows in turns and apart again, for every tail, against plain loops. */
#include "support/kernel_check.h"

enum { ROWS = 5, MOST = 70, APART = 3 /* floats between rows */ };

static void check_count(const gr_kernels *k, int64_t n)
{
    const int64_t step = n + APART, y_step = 2 * n + APART;
    float *a = fresh_uniform(ROWS * step, 1), *b = fresh_uniform(ROWS * step, 2), *y = fresh(ROWS * y_step);
    float *expected = copy_of(y, ROWS * y_step);
    gr_turns t = {.rows = ROWS, .count = n, .step = step, .y_step = y_step, .a = a, .b = b, .y = y};
    for (int64_t r = 0; r < ROWS; r++)
        for (int64_t i = 0; i < n; i++)
            expected[r * y_step + 2 * i] = a[r * step + i], expected[r * y_step + 2 * i + 1] = b[r * step + i];
    k->in_turns(&t);
    check_equal("in turns", y, expected, ROWS * y_step);
    for (int added = 0; added < 2; added++) {
        float *left = fresh_uniform(ROWS * step, 3), *right = fresh_uniform(ROWS * step, 4);
        float *wanted = copy_of(left, ROWS * step);
        for (int64_t r = 0; r < ROWS; r++)
            for (int64_t i = 0; i < n; i++)
                wanted[r * step + i] = a[r * step + i] + (added ? left[r * step + i] : 0.0f);
        t.a = left, t.accumulate_a = added, t.b = added ? NULL : right;
        k->apart(&t);
        check_equal("apart", left, wanted, ROWS * step);
        if (!added)
            check_equal("apart, the other", right, b, n);
        release(left, ROWS * step), release(right, ROWS * step), release(wanted, ROWS * step);
    }
    release(a, ROWS * step), release(b, ROWS * step), release(y, ROWS * y_step), release(expected, ROWS * y_step);
}

static void check_table(const gr_kernels *k)
{
    for (int64_t n = 1; n <= MOST; n++)
        check_count(k, n);
}

static void every_tail(void **state)
{
    (void)state;
    on_each_table(check_table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_tail)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
