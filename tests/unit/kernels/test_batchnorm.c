/* Batch norm's passes against plain loops in double, for every tail. */
#include "tests/support/conv_expected.h"
#include "support/kernel_check.h"

static void plain_stats(int64_t rows, int64_t c, int64_t i, const float *x, double *mean, double *var)
{
    double m = 0, v = 0;
    for (int64_t r = 0; r < rows; r++)
        m += (double)x[r * c + i];
    m /= (double)rows;
    for (int64_t r = 0; r < rows; r++)
        v += ((double)x[r * c + i] - m) * ((double)x[r * c + i] - m);
    *mean = m;
    *var = v / (double)rows;
}

static void check_stats(const gr_kernels *k, int64_t rows, int64_t c, const float *x, double limit)
{
    float *mean = fresh(c), *var = fresh(c);
    k->bn_stats(rows, c, x, mean, var);
    for (int64_t i = 0; i < c; i++) {
        double m, v;
        plain_stats(rows, c, i, x, &m, &v);
        check_near("mean", i, (double)mean[i], m, limit * (fabs(m) + sqrt(v)));
        check_near("var", i, (double)var[i], v, limit * v);
    }
    release(mean, c), release(var, c);
}

/* Uniform noise of the given size around an offset that differs from channel to channel. */
static void stats_case(const gr_kernels *k, int64_t rows, int64_t c, float offset, float size, double limit)
{
    float *x = fresh_uniform(rows * c, 1);
    for (int64_t i = 0; i < rows * c; i++)
        x[i] = x[i] * size + offset * (1.0f + (float)(i % c) / 100.0f);
    check_stats(k, rows, c, x, limit);
    release(x, rows * c);
}

static void stats_on(const gr_kernels *k)
{
    static const int64_t rows[] = {1, 2, 3, 5, 19, 150};
    for (int64_t c = 1; c <= 70; c++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            stats_case(k, rows[i], c, 0, 1, 1e-6);
    stats_case(k, 20011, 24, 3, 1, 1e-6);
    stats_case(k, 301, 610, 0, 1, 1e-6);
}

static void test_stats(void **state)
{
    (void)state;
    on_each_table(stats_on);
}

static void far_mean_on(const gr_kernels *k)
{
    stats_case(k, 10007, 17, 1000, 1e-2f, 1e-6);
    stats_case(k, 5003, 40, -1e6f, 1, 1e-6);
    stats_case(k, 64, 40, 1e6f, 1, 1e-6);

    /* A first row far outside what follows must not cost the others' digits. */
    enum { ROWS = 4099, C = 5 };
    float *x = fresh_uniform(ROWS * C, 2);
    for (int i = 0; i < C; i++)
        x[i] = 1e4f;
    check_stats(k, ROWS, C, x, 1e-6);
    /* Nor may one in the middle, or a step after which all is elsewhere. */
    for (int i = 0; i < C; i++)
        x[ROWS / 2 * C + i] = -3e5f;
    check_stats(k, ROWS, C, x, 1e-6);
    for (int i = ROWS / 3 * C; i < ROWS * C; i++)
        x[i] += 5e4f;
    check_stats(k, ROWS, C, x, 1e-6);
    /* Constant channels have no variance at all. */
    for (int i = 0; i < ROWS * C; i++)
        x[i] = 0.1f;
    float mean[C], var[C];
    k->bn_stats(ROWS, C, x, mean, var);
    for (int i = 0; i < C; i++) {
        check_near("mean", i, (double)mean[i], (double)0.1f, 1e-8);
        check_near("var", i, (double)var[i], 0, 1e-15);
    }
    x[7] = NAN;
    k->bn_stats(ROWS, C, x, mean, var);
    assert_true(isnan(mean[2]) && isnan(var[2]) && !isnan(mean[1]) && !isnan(var[3]));
    release(x, ROWS * C);
}

static void test_far_mean(void **state)
{
    (void)state;
    on_each_table(far_mean_on);
}

static void blocks_on(const gr_kernels *k)
{
    enum { BLOCKS = 7, ROWS = 90 };
    for (int64_t c = 1; c <= 300; c += c < 70 ? 1 : 115) {
        int64_t count = BLOCKS * 2 * c;
        float *x = fresh_uniform(ROWS * c, 3), *stats = fresh(count), *mean = fresh(c), *var = fresh(c);
        for (int64_t i = 0; i < count; i++)
            stats[i] = 0;
        for (int64_t r = 0; r < ROWS; r++)
            for (int64_t i = 0; i < c; i++) {
                stats[(r % BLOCKS * 2) * c + i] += x[r * c + i];
                stats[(r % BLOCKS * 2 + 1) * c + i] += x[r * c + i] * x[r * c + i];
            }
        k->bn_stats_from_blocks(ROWS, c, BLOCKS, stats, mean, var);
        for (int64_t i = 0; i < c; i++) {
            double m, v;
            plain_stats(ROWS, c, i, x, &m, &v);
            check_near("mean", i, (double)mean[i], m, 1e-6);
            check_near("var", i, (double)var[i], v, 1e-5 * v);
        }
        release(x, ROWS * c), release(stats, count), release(mean, c), release(var, c);
    }
}

static void test_blocks(void **state)
{
    (void)state;
    on_each_table(blocks_on);
}

enum { NO_RESIDUAL, RESIDUAL, SCALED_RESIDUAL, RESIDUALS };

/* where: 0 a fresh y, 1 y is x, 2 y is the residual */
static void affine_case(const gr_kernels *k, int64_t rows, int64_t c, int residual_kind, gr_act act, int where)
{
    int64_t n = rows * c;
    bool with_residual = residual_kind != NO_RESIDUAL, scaled = residual_kind == SCALED_RESIDUAL;
    float *x = fresh_uniform(n, 4), *scale = fresh_uniform(c, 5), *shift = fresh_uniform(c, 6),
          *residual = fresh_uniform(n, 7), *more_scale = fresh_uniform(c, 8), *more_shift = fresh_uniform(c, 9);
    float *x_in = copy_of(x, n), *residual_in = copy_of(residual, n), *y = fresh(n);
    float *out = where == 0 ? y : where == 1 ? x_in : residual_in;
    const gr_residual added = {residual_in, scaled ? more_scale : NULL, scaled ? more_shift : NULL};
    k->affine(rows, c, x_in, scale, shift, with_residual ? &added : NULL, act, out);
    for (int64_t i = 0; i < n; i++) {
        double more = scaled ? (double)residual[i] * (double)more_scale[i % c] + (double)more_shift[i % c] : (double)residual[i];
        double want = (double)x[i] * (double)scale[i % c] + (double)shift[i % c] + (with_residual ? more : 0);
        check_near("affine", i, (double)out[i], conv_act(act, want), 1e-6);
    }
    release(more_scale, c), release(more_shift, c);
    release(x, n), release(scale, c), release(shift, c), release(residual, n);
    release(x_in, n), release(residual_in, n), release(y, n);
}

static void affine_on(const gr_kernels *k)
{
    for (int64_t c = 1; c <= 70; c++)
        for (int variant = 0; variant < 6 * RESIDUALS; variant++) {
            int kind = variant % RESIDUALS, act = variant / RESIDUALS % 2, where = variant / RESIDUALS / 2;
            if (kind != NO_RESIDUAL || where != 2)
                affine_case(k, 5, c, kind, act ? GR_ACT_RELU : GR_ACT_NONE, where);
        }
    for (int kind = RESIDUAL; kind < RESIDUALS; kind++) {
        affine_case(k, 700, 61, kind, GR_ACT_RELU, 0);
        affine_case(k, 2, 17001, kind, GR_ACT_RELU, 0);
    }
    for (gr_act act = GR_ACT_RELU6; act <= GR_ACT_SILU; act++)
        affine_case(k, 9, 37, act % RESIDUALS, act, 0);
    float x[3] = {NAN, 1, -1}, scale[3] = {1, NAN, 1}, shift[3] = {0}, y[3];
    k->affine(1, 3, x, scale, shift, NULL, GR_ACT_RELU, y);
    assert_true(isnan(y[0]) && isnan(y[1]) && y[2] == 0);
}

static void test_affine(void **state)
{
    (void)state;
    on_each_table(affine_on);
}

/* write: 0 no g_out, 1 a fresh one, 2 in place of dy */
static void sums_case(const gr_kernels *k, int64_t rows, int64_t c, bool with_mask, int write)
{
    int64_t n = rows * c;
    float *x = fresh_whole(n, 8), *dy = fresh_whole(n, 9), *mask = fresh_whole(n, 10), *dy_in = copy_of(dy, n),
          *g = fresh(n);
    double *sum_g = gr_alloc((size_t)c, sizeof *sum_g), *sum_gx = gr_alloc((size_t)c, sizeof *sum_gx);
    assert_true(sum_g != NULL && sum_gx != NULL);
    float *g_out = write == 0 ? NULL : write == 1 ? g : dy_in;
    gr_bn_gradient from = {.dy = dy_in, .relu_out = with_mask ? mask : NULL, .out = g_out};
    k->bn_backward_sums(rows, c, x, &from, sum_g, sum_gx);
    for (int64_t i = 0; i < c; i++) {
        double want_g = 0, want_gx = 0;
        for (int64_t at = i; at < n; at += c) {
            float d = !with_mask || mask[at] > 0 ? dy[at] : 0;
            want_g += (double)d;
            want_gx += (double)d * (double)x[at];
            if (g_out != NULL)
                check_near("g", at, (double)g_out[at], (double)d, 0);
        }
        check_near("sum_g", i, sum_g[i], want_g, 0);
        check_near("sum_gx", i, sum_gx[i], want_gx, 0);
    }
    release(x, n), release(dy, n), release(mask, n), release(dy_in, n), release(g, n);
    gr_free(sum_g);
    gr_free(sum_gx);
}

/* g = dy act'(x scale + shift), written in place of dy; pixels above 0: dy times factors and plus shares of its image. */
static void sloped_sums_case(const gr_kernels *k, int64_t rows, int64_t c, gr_act act, int64_t pixels)
{
    int64_t n = rows * c, by_image = pixels > 0 ? (rows + pixels - 1) / pixels * c : c;
    float *factors = fresh_uniform(by_image, 12), *shares = fresh_uniform(by_image, 13);
    float *x = fresh_uniform(n, 8), *dy = fresh_uniform(n, 9), *scale = fresh_uniform(c, 10), *shift = fresh_uniform(c, 11),
          *g = copy_of(dy, n);
    double *sum_g = gr_alloc((size_t)c, sizeof *sum_g), *sum_gx = gr_alloc((size_t)c, sizeof *sum_gx);
    assert_true(sum_g != NULL && sum_gx != NULL);
    for (int64_t i = 0; i < c; i++)
        scale[i] *= 8.0f;
    gr_bn_gradient from = {.dy = g, .scale = scale, .shift = shift, .act = act, .out = g, .pixels = pixels};
    if (pixels > 0)
        from.factors = factors, from.shares = shares;
    k->bn_backward_sums(rows, c, x, &from, sum_g, sum_gx);
    for (int64_t i = 0; i < c; i++) {
        double want_g = 0, want_gx = 0;
        for (int64_t at = i; at < n; at += c) {
            int64_t image = pixels > 0 ? at / c / pixels * c + i : 0;
            double whole = pixels > 0 ? (double)dy[at] * (double)factors[image] + (double)shares[image] : (double)dy[at];
            double d = whole * conv_act_slope(act, (double)x[at] * (double)scale[i] + (double)shift[i]);
            want_g += d;
            want_gx += d * (double)x[at];
            check_near("g", at, (double)g[at], d, pixels > 0 ? 2e-6 * (1.0 + fabs(d)) : 2e-6);
        }
        check_near("sum_g", i, sum_g[i], want_g, pixels > 0 ? 1e-3 : 1e-4);
        check_near("sum_gx", i, sum_gx[i], want_gx, pixels > 0 ? 1e-3 : 1e-4);
    }
    release(x, n), release(dy, n), release(scale, c), release(shift, c), release(g, n);
    release(factors, by_image), release(shares, by_image);
    gr_free(sum_g);
    gr_free(sum_gx);
}

static void sums_on(const gr_kernels *k)
{
    for (gr_act act = GR_ACT_RELU6; act <= GR_ACT_SILU; act++)
        sloped_sums_case(k, 301, 37, act, 0);
    for (gr_act act = GR_ACT_RELU; act <= GR_ACT_SILU; act++)
        for (int64_t pixels = 1; pixels < 70; pixels += 17) { /* a panel holds many images, or a part of one */
            sloped_sums_case(k, 8 * pixels, 270, act, pixels); /* two groups of channels */
            sloped_sums_case(k, 5 * pixels, 19, act, pixels);
        }
    sloped_sums_case(k, 3 * 3136, 8, GR_ACT_SILU, 3136);
    static const int64_t rows[] = {1, 3, 4, 6, 75};
    for (int64_t c = 1; c <= 70; c++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            for (int variant = 0; variant < 6; variant++)
                sums_case(k, rows[i], c, variant % 2, variant / 2);
    sums_case(k, 9001, 24, true, 1);
    sums_case(k, 130, 601, true, 0);
}

static void test_backward_sums(void **state)
{
    (void)state;
    on_each_table(sums_on);
}

/* What batch norm makes of the sums, sum_gx - mean * sum_g, keeps its digits when the mean is far from zero. */
static void far_sums_on(const gr_kernels *k)
{
    enum { ROWS = 5003, C = 19, N = ROWS * C };
    float *x = fresh_uniform(N, 11), *dy = fresh_uniform(N, 12);
    double sum_g[C], sum_gx[C];
    for (int i = 0; i < N; i++)
        x[i] += 4096;
    k->bn_backward_sums(ROWS, C, x, &(gr_bn_gradient){.dy = dy}, sum_g, sum_gx);
    for (int i = 0; i < C; i++) {
        double mean, var, want = 0;
        plain_stats(ROWS, C, i, x, &mean, &var);
        for (int at = i; at < N; at += C)
            want += (double)dy[at] * ((double)x[at] - mean);
        check_near("sum g (x - mean)", i, sum_gx[i] - mean * sum_g[i], want, 1e-3);
    }
    release(x, N), release(dy, N);
}

static void test_far_sums(void **state)
{
    (void)state;
    on_each_table(far_sums_on);
}

static void data_case(const gr_kernels *k, int64_t rows, int64_t c, bool with_mask, bool accumulate, bool in_place)
{
    int64_t n = rows * c;
    float *x = fresh_uniform(n, 13), *dy = fresh_uniform(n, 14), *mask = fresh_uniform(n, 15), *old = fresh_uniform(n, 16);
    float *a = fresh_uniform(c, 17), *b = fresh_uniform(c, 18), *s = fresh_uniform(c, 19);
    float *dx = in_place ? copy_of(dy, n) : accumulate ? copy_of(old, n) : fresh(n);
    k->bn_backward_data(rows, c, x, in_place ? dx : dy, with_mask ? mask : NULL, a, b, s, dx, accumulate);
    for (int64_t i = 0; i < n; i++) {
        double g = !with_mask || mask[i] > 0 ? (double)dy[i] : 0;
        double want = g * (double)a[i % c] + (double)x[i] * (double)b[i % c] + (double)s[i % c];
        if (accumulate)
            want += (double)(in_place ? dy[i] : old[i]);
        check_near("bn_backward_data", i, (double)dx[i], want, 2e-6);
    }
    release(x, n), release(dy, n), release(mask, n), release(old, n);
    release(a, c), release(b, c), release(s, c), release(dx, n);
}

static void data_on(const gr_kernels *k)
{
    for (int64_t c = 1; c <= 70; c++)
        for (int variant = 0; variant < 8; variant++)
            data_case(k, 5, c, variant & 1, variant & 2, variant & 4);
    data_case(k, 700, 61, true, false, false);
}

static void test_backward_data(void **state)
{
    (void)state;
    on_each_table(data_on);
}

static void threads_on(const gr_kernels *k)
{
    enum { ROWS = 3001, C = 270, N = ROWS * C };
    float *x = fresh_uniform(N, 20), *dy = fresh_uniform(N, 21);
    float first[2][C], again[2][C];
    double sums[2][C], sums_again[2][C];
    gr_threads_set(1);
    k->bn_stats(ROWS, C, x, first[0], first[1]);
    const gr_bn_gradient from = {.dy = dy, .relu_out = dy};
    k->bn_backward_sums(ROWS, C, x, &from, sums[0], sums[1]);
    for (int t = 0; t < THREAD_COUNTS; t++) {
        gr_threads_set(thread_counts[t]);
        k->bn_stats(ROWS, C, x, again[0], again[1]);
        k->bn_backward_sums(ROWS, C, x, &from, sums_again[0], sums_again[1]);
        check_same_bits("bn_stats", first, again, sizeof first, thread_counts[t]);
        check_same_bits("bn_backward_sums", sums, sums_again, sizeof sums, thread_counts[t]);
    }
    release(x, N), release(dy, N);
}

static void test_threads(void **state)
{
    (void)state;
    on_each_table(threads_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stats),         cmocka_unit_test(test_far_mean),      cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_affine),        cmocka_unit_test(test_backward_sums), cmocka_unit_test(test_far_sums),
        cmocka_unit_test(test_backward_data), cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
