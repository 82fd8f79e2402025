/* Pooling against plain loops: windows that overlap, leave the image or skip pixels, and every tail of channels. */
#include "support/kernel_check.h"

/* n h w c kh kw oh ow stride_h stride_w pad_top pad_left count_include_pad; oh, ow: what gives no bottom padding beyond
 * pad, unless the line says otherwise. */
static const gr_pool_problem shapes[] = {
    {2, 7, 7, 0, 3, 3, 4, 4, 2, 2, 1, 1, false},                                              /* ResNet's */
    {1, 8, 7, 0, 3, 3, 4, 4, 2, 2, 1, 1, true},  {1, 6, 6, 0, 2, 2, 3, 3, 2, 2, 0, 0, false}, /* VGG's */
    {1, 7, 5, 0, 2, 2, 3, 2, 2, 2, 0, 0, true},  /* the last row and column belong to no window */
    {1, 5, 5, 0, 3, 3, 5, 5, 1, 1, 1, 1, false}, /* Inception's */
    {1, 9, 4, 0, 5, 3, 4, 4, 2, 1, 2, 1, true},  {2, 6, 7, 0, 1, 1, 3, 3, 2, 3, 0, 0, false}, /* strides beyond the window */
    {1, 3, 3, 0, 3, 3, 1, 1, 1, 1, 0, 0, false}, {1, 1, 1, 0, 3, 3, 1, 1, 2, 2, 1, 1, false},
    {1, 5, 6, 0, 3, 3, 3, 3, 2, 2, 0, 0, false}, /* ceil mode: the last windows leave the image at the bottom */
    {1, 4, 4, 0, 4, 4, 5, 5, 1, 1, 2, 2, true},
    {1, 4, 9, 0, 3, 3, 4, 9, 1, 1, 1, 1, false}, /* several columns of windows that lie in the image */
    {1, 6, 6, 0, 3, 3, 2, 2, 2, 2, 0, 0, false},  /* the last row and column belong to no window of 3x3 at stride 2 */
    {1, 6, 10, 0, 3, 3, 4, 5, 2, 2, 1, 1, false}, /* a last row of windows in the padding alone, but for its upper taps */
};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

static bool inside(const gr_pool_problem *p, int64_t h, int64_t w)
{
    return h >= 0 && h < p->h && w >= 0 && w < p->w;
}

/* Tap `tap` of window number `window` (of all N OH OW): where its channels begin in x, or -1 outside the image. */
static int64_t tap_at(const gr_pool_problem *p, int64_t window, int64_t tap)
{
    int64_t ow = window % p->ow, oh = window / p->ow % p->oh, n = window / p->ow / p->oh;
    int64_t h = oh * p->stride_h - p->pad_top + tap / p->kw, w = ow * p->stride_w - p->pad_left + tap % p->kw;
    return inside(p, h, w) ? ((n * p->h + h) * p->w + w) * p->c : -1;
}

/* PyTorch's loop (MaxPoolKernel.cpp): a tap wins when it is greater or NaN. */
static void plain_max(const gr_pool_problem *p, const float *x, float *y, uint8_t *index)
{
    for (int64_t window = 0; window < p->n * p->oh * p->ow; window++) {
        bool first = true;
        for (int64_t tap = 0; tap < p->kh * p->kw; tap++) {
            int64_t at = tap_at(p, window, tap);
            for (int64_t c = 0, out = window * p->c; c < p->c && at >= 0; c++, out++)
                if (first || x[at + c] > y[out] || isnan(x[at + c])) {
                    y[out] = x[at + c];
                    index[out] = (uint8_t)tap;
                }
            first = first && at < 0;
        }
    }
}

static double share_of(const gr_pool_problem *p, int64_t window)
{
    int64_t count = 0;
    for (int64_t tap = 0; tap < p->kh * p->kw; tap++)
        count += p->count_include_pad || tap_at(p, window, tap) >= 0;
    return 1.0 / (double)count;
}

/* Adds to dx what each window gives: all of dy to the tap chosen, or, without index, an equal share to each tap. */
static void plain_spread(const gr_pool_problem *p, const uint8_t *index, const float *dy, double *dx)
{
    for (int64_t window = 0; window < p->n * p->oh * p->ow; window++) {
        double share = share_of(p, window);
        for (int64_t tap = 0; tap < p->kh * p->kw; tap++) {
            int64_t at = tap_at(p, window, tap);
            for (int64_t c = 0, out = window * p->c; c < p->c && at >= 0; c++, out++)
                dx[at + c] += (double)dy[out] * (index == NULL ? share : index[out] == tap ? 1 : 0);
        }
    }
}

static void plain_average(const gr_pool_problem *p, const float *x, double *y)
{
    for (int64_t window = 0; window < p->n * p->oh * p->ow; window++) {
        double share = share_of(p, window);
        for (int64_t c = 0; c < p->c; c++) {
            double sum = 0;
            for (int64_t tap = 0; tap < p->kh * p->kw; tap++) {
                int64_t at = tap_at(p, window, tap);
                sum += at >= 0 ? (double)x[at + c] : 0;
            }
            y[window * p->c + c] = sum * share;
        }
    }
}

static void max_case(const gr_kernels *k, const gr_pool_problem *p, float *x)
{
    int64_t in = p->n * p->h * p->w * p->c, out = p->n * p->oh * p->ow * p->c;
    float *y = fresh(out), *alone = fresh(out), *want = fresh(out);
    uint8_t *index = gr_alloc((size_t)out + 1, 1), *want_index = gr_alloc((size_t)out + 1, 1);
    double *want_dx = gr_alloc((size_t)in, sizeof *want_dx);
    assert_true(index != NULL && want_index != NULL && want_dx != NULL);
    index[out] = 0xAB;
    k->max_pool(p, x, y, index, NULL);
    k->max_pool(p, x, alone, NULL, NULL);
    plain_max(p, x, want, want_index);
    check_equal("max_pool", y, want, out);
    check_equal("max_pool without index", alone, want, out);
    for (int64_t i = 0; i < out; i++)
        check_near("max_pool's index", i, index[i], want_index[i], 0);
    assert_int_equal(index[out], 0xAB);

    float *dy = fresh_whole(out, 2), *dx = fresh(in), *old = fresh_whole(in, 3), *more = copy_of(old, in);
    plain_spread(p, want_index, dy, want_dx);
    k->max_pool_backward(p, index, dy, dx, false, NULL);
    k->max_pool_backward(p, index, dy, more, true, NULL);
    for (int64_t i = 0; i < in; i++) {
        check_near("max_pool_backward", i, (double)dx[i], want_dx[i], 0);
        check_near("max_pool_backward, accumulate", i, (double)more[i], (double)old[i] + want_dx[i], 0);
    }
    release(y, out), release(alone, out), release(want, out), release(dy, out);
    release(dx, in), release(old, in), release(more, in);
    gr_free(index);
    gr_free(want_index);
    gr_free(want_dx);
}

static void max_on(const gr_kernels *k)
{
    for (int s = 0; s < SHAPES; s++)
        for (int64_t c = 1; c <= 70; c++) {
            gr_pool_problem p = shapes[s];
            p.c = c;
            int64_t in = p.n * p.h * p.w * c;
            float *x = fresh_whole(in, 1);
            max_case(k, &p, x);
            release(x, in);
        }
}

static void test_max(void **state)
{
    (void)state;
    on_each_table(max_on);
}

static void odd_values_on(const gr_kernels *k)
{
    for (int s = 0; s < SHAPES; s++)
        for (int kind = 0; kind < 3; kind++) {
            gr_pool_problem p = shapes[s];
            p.c = 21;
            int64_t in = p.n * p.h * p.w * p.c;
            float *x = fresh_whole(in, 4);
            for (int64_t i = 0; i < in; i++)
                if (kind == 0 || x[i] > 2)
                    x[i] = kind == 2 ? NAN : -INFINITY;
            max_case(k, &p, x);
            release(x, in);
        }
}

static void test_max_of_infinities_and_nan(void **state)
{
    (void)state;
    on_each_table(odd_values_on);
}

static void average_case(const gr_kernels *k, const gr_pool_problem *p)
{
    int64_t in = p->n * p->h * p->w * p->c, out = p->n * p->oh * p->ow * p->c;
    float *x = fresh_uniform(in, 5), *y = fresh(out), *dy = fresh_uniform(out, 6), *dx = fresh(in);
    float *old = fresh_uniform(in, 7), *more = copy_of(old, in);
    double *want = gr_alloc((size_t)out, sizeof *want), *want_dx = gr_alloc((size_t)in, sizeof *want_dx);
    assert_true(want != NULL && want_dx != NULL);
    plain_average(p, x, want);
    plain_spread(p, NULL, dy, want_dx);
    k->avg_pool(p, x, y);
    k->avg_pool_backward(p, dy, dx, false);
    k->avg_pool_backward(p, dy, more, true);
    for (int64_t i = 0; i < out; i++)
        check_near("avg_pool", i, (double)y[i], want[i], 1e-6);
    for (int64_t i = 0; i < in; i++) {
        check_near("avg_pool_backward", i, (double)dx[i], want_dx[i], 1e-6);
        check_near("avg_pool_backward, accumulate", i, (double)more[i], (double)old[i] + want_dx[i], 2e-6);
    }
    release(x, in), release(y, out), release(dy, out), release(dx, in), release(old, in), release(more, in);
    gr_free(want);
    gr_free(want_dx);
}

static void average_on(const gr_kernels *k)
{
    for (int s = 0; s < SHAPES; s++)
        for (int64_t c = 1; c <= 70; c++) {
            gr_pool_problem p = shapes[s];
            p.c = c;
            average_case(k, &p);
        }
}

static void test_average(void **state)
{
    (void)state;
    on_each_table(average_on);
}

static void global_case(const gr_kernels *k, int64_t n, int64_t pixels, int64_t c)
{
    int64_t in = n * pixels * c, out = n * c;
    float *x = fresh_uniform(in, 8), *y = fresh(out), *dx = fresh(in), *more = copy_of(x, in);
    k->global_avg_pool(n, pixels, c, x, y);
    k->global_avg_pool_backward(n, pixels, c, y, dx, false);
    k->global_avg_pool_backward(n, pixels, c, y, more, true);
    for (int64_t i = 0; i < out; i++) {
        double sum = 0;
        for (int64_t p = 0; p < pixels; p++) {
            int64_t at = (i / c * pixels + p) * c + i % c;
            double share = (double)y[i] / (double)pixels;
            sum += (double)x[at];
            check_near("global_avg_pool_backward", at, (double)dx[at], share, 1e-6);
            check_near("global_avg_pool_backward, accumulate", at, (double)more[at], (double)x[at] + share, 1e-6);
        }
        check_near("global_avg_pool", i, (double)y[i], sum / (double)pixels, 1e-6);
    }
    release(x, in), release(y, out), release(dx, in), release(more, in);
}

static void global_on(const gr_kernels *k)
{
    for (int64_t c = 1; c <= 70; c++) {
        global_case(k, 3, 49, c);
        global_case(k, 1, 1, c);
    }
    global_case(k, 2, 900, 24);
    global_case(k, 2, 9, 2100);
}

static void test_global(void **state)
{
    (void)state;
    on_each_table(global_on);
}

static void threads_on(const gr_kernels *k)
{
    gr_pool_problem p = {3, 17, 17, 70, 3, 3, 9, 9, 2, 2, 1, 1, false};
    enum { IN = 3 * 17 * 17 * 70, OUT = 3 * 9 * 9 * 70 };
    float *x = fresh_uniform(IN, 9), *dy = fresh_uniform(OUT, 10), *dx[2] = {fresh(IN), fresh(IN)},
          *y[2] = {fresh(OUT), fresh(OUT)};
    static uint8_t index[2][OUT];
    for (int t = -1; t < THREAD_COUNTS; t++) {
        int which = t >= 0;
        gr_threads_set(t < 0 ? 1 : thread_counts[t]);
        k->max_pool(&p, x, y[which], index[which], NULL);
        k->max_pool_backward(&p, index[which], dy, dx[which], false, NULL);
        k->avg_pool_backward(&p, dy, dx[which], true);
        if (t < 0)
            continue;
        check_same_bits("max_pool", y[0], y[1], OUT * sizeof(float), thread_counts[t]);
        check_same_bits("max_pool's index", index[0], index[1], OUT, thread_counts[t]);
        check_same_bits("pool backward", dx[0], dx[1], IN * sizeof(float), thread_counts[t]);
    }
    release(x, IN), release(dy, OUT), release(dx[0], IN), release(dx[1], IN), release(y[0], OUT), release(y[1], OUT);
}

static void test_threads(void **state)
{
    (void)state;
    on_each_table(threads_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_max),     cmocka_unit_test(test_max_of_infinities_and_nan),
        cmocka_unit_test(test_average), cmocka_unit_test(test_global),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
