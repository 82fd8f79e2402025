/* Maps, sums and biases against plain loops, for every tail. */
#include "support/kernel_check.h"

/* Every tail of every vector, one whole block and its neighbours, and several blocks. */
static int64_t next_count(int64_t count)
{
    static const int64_t large[] = {16383, 16384, 16385, 50001};
    if (count < 70)
        return count + 1;
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
        if (count < large[i])
            return large[i];
    return 0;
}

static float plain_relu(float x)
{
    return x <= 0 ? 0 : x;
}

typedef float plain_fn(float a, float b, float old);

static float plain_relu_of_a(float a, float b, float old)
{
    return (void)b, (void)old, plain_relu(a);
}
static float plain_add(float a, float b, float old)
{
    return (void)old, a + b;
}
static float plain_mask(float a, float b, float old)
{
    return (void)old, a > 0 ? b : 0;
}
static float plain_mask_more(float a, float b, float old)
{
    return old + (a > 0 ? b : 0);
}
static float plain_slope(float a, float b, float old)
{
    return (void)old, b * (1 - a) * a;
}
static float plain_slope_more(float a, float b, float old)
{
    return old + b * (1 - a) * a;
}
static float plain_accumulate(float a, float b, float old)
{
    return (void)b, old + a;
}
static void run_map(const gr_kernels *k, int which, int64_t n, const float *a, const float *b, float *y)
{
    switch (which) {
    case 0: k->relu(n, a, y); break;
    case 1: k->add(n, a, b, y); break;
    case 2: k->relu_backward(n, a, b, y, false); break;
    case 3: k->relu_backward(n, a, b, y, true); break;
    case 4: k->sigmoid_backward(n, a, b, y, false); break;
    case 5: k->sigmoid_backward(n, a, b, y, true); break;
    default: k->accumulate(n, a, y); break;
    }
}

static void maps_on(const gr_kernels *k)
{
    static const struct {
        const char *name;
        plain_fn *plain;
        bool reads_y;
    } maps[] = {{"relu", plain_relu_of_a, false},         {"add", plain_add, false},
                {"relu_backward", plain_mask, false},     {"relu_backward, accumulate", plain_mask_more, true},
                {"sigmoid_backward", plain_slope, false}, {"sigmoid_backward, accumulate", plain_slope_more, true},
                {"accumulate", plain_accumulate, true}};
    for (int64_t n = 1; n != 0; n = next_count(n))
        for (int m = 0; m < (int)(sizeof maps / sizeof maps[0]); m++) {
            float *a = fresh_uniform(n, 1), *b = fresh_uniform(n, 2), *old = fresh_uniform(n, 3);
            float *y = maps[m].reads_y ? copy_of(old, n) : fresh(n);
            run_map(k, m, n, a, b, y);
            for (int64_t i = 0; i < n; i++)
                check_near(maps[m].name, i, (double)y[i], (double)maps[m].plain(a[i], b[i], old[i]), 0);
            release(a, n), release(b, n), release(old, n), release(y, n);
        }
}

static void test_maps(void **state)
{
    (void)state;
    on_each_table(maps_on);
}

static void in_place_on(const gr_kernels *k)
{
    enum { N = 53 };
    float *x = fresh_uniform(N, 1), *relu = copy_of(x, N), *twice = copy_of(x, N), *sigmoid = copy_of(x, N), *y = fresh(N);
    k->relu(N, relu, relu);
    k->add(N, twice, twice, twice);
    k->sigmoid(N, sigmoid, sigmoid);
    k->sigmoid(N, x, y);
    for (int i = 0; i < N; i++) {
        check_near("relu in place", i, (double)relu[i], (double)plain_relu(x[i]), 0);
        check_near("add in place", i, (double)twice[i], (double)(2 * x[i]), 0);
    }
    check_equal("sigmoid in place", sigmoid, y, N);
    release(x, N), release(relu, N), release(twice, N), release(sigmoid, N), release(y, N);
}

static void test_in_place(void **state)
{
    (void)state;
    on_each_table(in_place_on);
}

static void nan_on(const gr_kernels *k)
{
    for (int64_t n = 1; n <= 40; n++) {
        float *x = fresh(n), *y = copy_of(x, n);
        for (int64_t i = 0; i < n; i++)
            y[i] = 0;
        k->relu(n, x, y);
        check_equal("relu of NaN", y, x, n);
        for (int64_t i = 0; i < n; i++)
            y[i] = 0;
        k->sigmoid(n, x, y);
        check_equal("sigmoid of NaN", y, x, n);
        release(x, n), release(y, n);
    }
}

static void test_nan(void **state)
{
    (void)state;
    on_each_table(nan_on);
}

/* The distance between got and the truth, in units of the truth's last place. */
static double ulps(float got, double want)
{
    float nearest = fabsf((float)want);
    double unit = (double)(nextafterf(nearest, INFINITY) - nearest);
    return fabs((double)got - want) / unit;
}

static void sigmoid_on(const gr_kernels *k)
{
    enum { N = 60000 };
    const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, 1e30f, -1e30f, -200.0f, 1e-40f, -1e-40f};
    const float want[] = {0.5f, 0.5f, 1.0f, 0.0f, 1.0f, 0.0f, 0.0f, 0.5f, 0.5f};
    float got[9];
    k->sigmoid(9, special, got);
    check_equal("sigmoid", got, want, 9);

    float *x = fresh(N), *y = fresh(N);
    for (int64_t i = 0; i < N; i++)
        x[i] = -110.0f + 220.0f * (float)i / N;
    k->sigmoid(N, x, y);
    double worst = 0;
    for (int64_t i = 0; i < N; i++) {
        double off = ulps(y[i], 1 / (1 + exp(-(double)x[i])));
        worst = off > worst ? off : worst;
        if (!(off <= 2.5))
            fail_msg("sigmoid(%.9g) is %.9g, off by %.2f ulp", (double)x[i], (double)y[i], off);
    }
    print_message("sigmoid, %s: at most %.2f ulp\n", k->isa, worst);
    release(x, N), release(y, N);
}

static void test_sigmoid(void **state)
{
    (void)state;
    on_each_table(sigmoid_on);
}

static void rows_case(const gr_kernels *k, int64_t rows, int64_t c)
{
    float *dy = fresh_whole(rows * c, 5), *bias = fresh_whole(c, 6), *y = copy_of(dy, rows * c);
    float *db = fresh(c), *more = copy_of(bias, c);
    k->add_bias(rows, c, bias, y);
    k->sum_rows(rows, c, dy, db, false);
    k->sum_rows(rows, c, dy, more, true);
    for (int64_t i = 0; i < c; i++) {
        double sum = 0;
        for (int64_t r = 0; r < rows; r++) {
            sum += (double)dy[r * c + i];
            check_near("add_bias", r * c + i, (double)y[r * c + i], (double)(dy[r * c + i] + bias[i]), 0);
        }
        check_near("sum_rows", i, (double)db[i], sum, 0);
        check_near("sum_rows, accumulate", i, (double)more[i], sum + (double)bias[i], 0);
    }
    release(dy, rows * c), release(bias, c), release(y, rows * c), release(db, c), release(more, c);
}

static void rows_on(const gr_kernels *k)
{
    static const int64_t rows[] = {1, 2, 3, 4, 7, 37, 301};
    for (int64_t c = 1; c <= 70; c++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            rows_case(k, rows[i], c);
    rows_case(k, 9001, 24);
    rows_case(k, 130, 601);
}

static void test_rows(void **state)
{
    (void)state;
    on_each_table(rows_on);
}

/* Float sums over very many rows stay right. */
static void long_sum_on(const gr_kernels *k)
{
    enum { ROWS = 300000, C = 3 };
    float *dy = fresh(ROWS * C), db[C];
    for (int64_t i = 0; i < ROWS * C; i++)
        dy[i] = 0.1f;
    k->sum_rows(ROWS, C, dy, db, false);
    for (int i = 0; i < C; i++)
        check_near("sum_rows", i, (double)db[i], ROWS * (double)0.1f, 1e-6 * ROWS * 0.1);
    release(dy, ROWS * C);
}

static void test_long_sum(void **state)
{
    (void)state;
    on_each_table(long_sum_on);
}

static void threads_on(const gr_kernels *k)
{
    enum { ROWS = 2111, C = 75, N = ROWS * C };
    float *x = fresh_uniform(N, 7), *y = fresh(N), *again = fresh(N), *db = fresh(C), *db_again = fresh(C);
    gr_threads_set(1);
    k->sigmoid(N, x, y);
    k->sum_rows(ROWS, C, x, db, false);
    for (int t = 0; t < THREAD_COUNTS; t++) {
        gr_threads_set(thread_counts[t]);
        k->sigmoid(N, x, again);
        k->sum_rows(ROWS, C, x, db_again, false);
        check_same_bits("sigmoid", y, again, N * sizeof *y, thread_counts[t]);
        check_same_bits("sum_rows", db, db_again, C * sizeof *db, thread_counts[t]);
    }
    release(x, N), release(y, N), release(again, N), release(db, C), release(db_again, C);
}

static void test_threads(void **state)
{
    (void)state;
    on_each_table(threads_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps),    cmocka_unit_test(test_in_place), cmocka_unit_test(test_nan),
        cmocka_unit_test(test_sigmoid), cmocka_unit_test(test_rows),     cmocka_unit_test(test_long_sum),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
