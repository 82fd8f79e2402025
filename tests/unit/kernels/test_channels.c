/* A slope below 0 for each channel (PReLU) against plain loops, for every tail; x and slopes are whole numbers, many of them 0. */
#include "support/kernel_check.h"

typedef struct map {
    int64_t rows, c, count; /* count: of the map's numbers */
    float *x, *a, *dy, *before;
} map;

static map make(int64_t rows, int64_t c)
{
    int64_t count = rows * c;
    return (map){rows, c, count, fresh_whole(count, 1), fresh_whole(c, 2), fresh_whole(count, 3), fresh_whole(count, 4)};
}

static void unmake(map *m)
{
    release(m->x, m->count), release(m->a, m->c), release(m->dy, m->count), release(m->before, m->count);
}

static void check_forward(const gr_kernels *k, const map *m)
{
    float *y = fresh(m->count), *over = copy_of(m->x, m->count);
    k->prelu(m->rows, m->c, m->x, m->a, y);
    k->prelu(m->rows, m->c, over, m->a, over);
    for (int64_t i = 0; i < m->count; i++)
        check_near("prelu", i, (double)y[i], (double)(m->x[i] > 0 ? m->x[i] : m->a[i % m->c] * m->x[i]), 0);
    check_equal("in place", over, y, m->count);
    release(y, m->count), release(over, m->count);
}

static float plain_dx(const map *m, int64_t i, bool kink)
{
    return m->x[i] > 0 ? m->dy[i] : kink && m->x[i] == 0 ? 0 : m->a[i % m->c] * m->dy[i];
}

static void check_backward(const gr_kernels *k, const map *m, bool kink)
{
    float *dx = fresh(m->count), *more = copy_of(m->before, m->count), *over = copy_of(m->dy, m->count);
    float *da = fresh(m->c), *alone = fresh(m->c);
    k->prelu_backward(m->rows, m->c, m->x, m->a, m->dy, kink, dx, false, da);
    k->prelu_backward(m->rows, m->c, m->x, m->a, m->dy, kink, more, true, NULL);
    k->prelu_backward(m->rows, m->c, m->x, m->a, over, kink, over, false, alone);
    check_equal("over dy", over, dx, m->count);
    check_equal("and its sums", alone, da, m->c);
    k->prelu_backward(m->rows, m->c, m->x, m->a, m->dy, kink, NULL, false, alone);
    check_equal("sums alone", alone, da, m->c);
    for (int64_t i = 0; i < m->count; i++) {
        check_near("dx", i, (double)dx[i], (double)plain_dx(m, i, kink), 0);
        check_near("dx, accumulate", i, (double)more[i], (double)(m->before[i] + plain_dx(m, i, kink)), 0);
    }
    for (int64_t i = 0; i < m->c; i++) {
        double sum = 0;
        for (int64_t r = 0; r < m->rows; r++)
            sum += m->x[r * m->c + i] > 0 ? 0 : (double)(m->dy[r * m->c + i] * m->x[r * m->c + i]);
        check_near("da", i, (double)da[i], sum, 0);
    }
    release(dx, m->count), release(more, m->count), release(over, m->count), release(da, m->c), release(alone, m->c);
}

static void check_table(const gr_kernels *k)
{
    static const int64_t rows[] = {1, 5, 64, 301}, channels[] = {1, 3, 4, 7, 8, 15, 16, 17, 33, 64, 65, 100, 257, 600};
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (size_t i = 0; i < sizeof channels / sizeof channels[0]; i++) {
            map m = make(rows[r], channels[i]);
            check_forward(k, &m);
            check_backward(k, &m, false);
            check_backward(k, &m, true);
            unmake(&m);
        }
}

static void every_tail(void **state)
{
    (void)state;
    on_each_table(check_table);
}

static void threads_on(const gr_kernels *k)
{
    enum { ROWS = 5001, C = 75, N = ROWS * C };
    float *x = fresh_uniform(N, 5), *dy = fresh_uniform(N, 6), *a = fresh_uniform(C, 7);
    float *dx = fresh(N), *dx_again = fresh(N), da[C], da_again[C];
    gr_threads_set(1);
    k->prelu_backward(ROWS, C, x, a, dy, false, dx, false, da);
    for (int threads = 2; threads <= 5; threads++) {
        gr_threads_set(threads);
        k->prelu_backward(ROWS, C, x, a, dy, false, dx_again, false, da_again);
        check_equal("dx", dx_again, dx, N);
        check_equal("da", da_again, da, C);
    }
    gr_threads_set(1);
    release(x, N), release(dy, N), release(a, C), release(dx, N), release(dx_again, N);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    on_each_table(threads_on);
}

static void nan_stays(void **state)
{
    (void)state;
    const gr_kernels *k = gr_kernels_get();
    float x[2] = {NAN, -1.0f}, a[1] = {0.0f}, y[2];
    k->prelu(2, 1, x, a, y);
    assert_true(isnan(y[0]) && y[1] == 0.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_tail), cmocka_unit_test(any_number_of_threads),
                                       cmocka_unit_test(nan_stays)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
