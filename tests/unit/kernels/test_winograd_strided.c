/* Polyphase Winograd: which problems it takes, and how far its results are from sums in double. That fusions, tails and pads come
 * out right, with the same bits for any number of threads, is seen by test_conv.c on the shapes called strided_. */
#include "support/conv_expected.h"
#include "support/kernel_check.h"

/* Largest difference over largest result; Winograd at stride 1 is allowed 1e-5. */
static const double LIMIT = 3e-6;

static gr_conv_problem problem(int64_t n, int64_t h, int64_t w, int64_t c, int64_t oc, int64_t pad)
{
    return (gr_conv_problem){.n = n, .h = h, .w = w, .c = c, .oc = oc, .kh = 3, .kw = 3, .oh = (h + 2 * pad - 3) / 2 + 1,
                             .ow = (w + 2 * pad - 3) / 2 + 1, .stride_h = 2, .stride_w = 2, .pad_top = pad, .pad_left = pad,
                             .dil_h = 1, .dil_w = 1, .groups = 1};
}

static const gr_conv_algorithm *find(const gr_kernels *k)
{
    for (const gr_conv_algorithm *const *a = k->conv; *a != NULL; a++)
        if (strcmp((*a)->name, "winograd_strided") == 0)
            return *a;
    fail_msg("the table of %s has no winograd_strided", k->isa);
    return NULL;
}

static void check_results(const gr_kernels *k, const gr_conv_problem *p, gr_direction d)
{
    const gr_conv_algorithm *a = find(k);
    const int64_t x_count = p->n * p->h * p->w * p->c, y_count = p->n * p->oh * p->ow * p->oc, w_count = 9 * p->c * p->oc;
    const int64_t count = d == GR_FORWARD ? y_count : x_count;
    float *x = fresh_uniform(x_count, 1), *dy = fresh_uniform(y_count, 2), *w = fresh_uniform(w_count, 3), *out = fresh(count);
    void *packed = gr_alloc_aligned(a->packed_size(p, d), 1), *scratch = gr_alloc_aligned(a->scratch_size(p, d, 2), 1);
    assert_non_null(packed);
    assert_non_null(scratch);
    const gr_conv_args args = {.x = x, .packed = packed, .dy = dy, .out = out, .scratch = scratch};
    const gr_conv_fusion none = {0};
    conv_expected e;
    conv_expect(&e, p, d, &none, x, w, dy, NULL);
    if (a->refuses(p, d, NULL) != NULL)
        fail_msg("%s: %s", k->isa, a->refuses(p, d, NULL));
    gr_threads_set(2);
    a->pack(p, d, w, packed);
    a->run(p, d, &args);
    double top = 0.0;
    for (int64_t i = 0; i < count; i++)
        top = fmax(top, fabs(e.out[i]));
    for (int64_t i = 0; i < count; i++)
        if (!(fabs(e.out[i] - (double)out[i]) <= LIMIT * top))
            fail_msg("%s, direction %d, number %d: %g instead of %g, where the largest is %g", k->isa, (int)d, (int)i,
                     (double)out[i], e.out[i], top);
    conv_expected_free(&e);
    gr_free(packed), gr_free(scratch);
    release(x, x_count), release(dy, y_count), release(w, w_count), release(out, count);
}

/* With few weights and with so many that the work is staged, in tiles of each size. */
static void near_on(const gr_kernels *k)
{
    const gr_conv_problem problems[] = {problem(2, 28, 28, 48, 64, 1), problem(1, 37, 44, 64, 40, 0),
                                        problem(6, 14, 14, 200, 240, 1)};
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
        for (gr_direction d = GR_FORWARD; d <= GR_BACKDATA; d++)
            check_results(k, &problems[i], d);
}

static void results_are_near(void **state)
{
    (void)state;
    on_each_table(near_on);
}

static void refusals_on(const gr_kernels *k)
{
    enum { BAD = 15 };
    const gr_conv_algorithm *a = find(k);
    gr_conv_problem good = problem(8, 14, 14, 64, 64, 1), bad[BAD];
    for (int i = 0; i < BAD; i++)
        bad[i] = good;
    bad[0].kh = 1, bad[1].kw = 5, bad[2].stride_h = 1, bad[3].stride_w = 3, bad[4].dil_w = 2, bad[5].groups = 2, bad[6].c = 31;
    bad[7].oc = 31, bad[8].exact = true, bad[9].bf16 = true, bad[10].pad_top = 3, bad[11].pad_left = -1;
    bad[12] = problem(8, 4, 14, 64, 64, 1);  /* rows of 2 results, which fill half a tile */
    bad[13] = problem(2, 14, 14, 64, 64, 1); /* 8 tiles */
    bad[14] = problem(64, 9, 9, 64, 64, 1);  /* 5 = 3 + 2 */
    for (gr_direction d = GR_FORWARD; d <= GR_BACKDATA; d++) {
        assert_null(a->refuses(&good, d, NULL));
        for (int i = 0; i < BAD; i++)
            if (a->refuses(&bad[i], d, NULL) == NULL)
                fail_msg("%s takes bad problem %d in direction %d", k->isa, i, (int)d);
    }
    assert_non_null(a->refuses(&good, GR_BACKWEIGHT, NULL));
}

static void refusals(void **state)
{
    (void)state;
    on_each_table(refusals_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(results_are_near), cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
