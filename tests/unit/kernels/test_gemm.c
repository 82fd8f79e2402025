/* The matrix product of every instruction set against plain loops in double: small whole numbers, so that sums are exact. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "kernels/kernels.h"

enum { GAP = 3 }; /* floats behind each row of c, which must stay as they are */

typedef struct product {
    bool trans_a, trans_b, accumulate;
    int64_t m, n, k;
} product;

static void *must(void *block)
{
    if (block == NULL)
        fail_msg("no memory");
    return block;
}

static float *whole_numbers(int64_t count, uint64_t seed)
{
    float *v = must(gr_alloc((size_t)count, sizeof *v));
    gr_rng rng = gr_rng_make(seed, GR_FOR_TEST, 0, 0);
    for (int64_t i = 0; i < count; i++)
        v[i] = (float)((int)gr_rng_below(&rng, 9) - 4);
    return v;
}

static double expected(const product *p, const float *a, int64_t lda, const float *b, int64_t ldb, int64_t row,
                       int64_t column)
{
    double sum = p->accumulate ? 5.0 : 0.0;
    for (int64_t k = 0; k < p->k; k++)
        sum += (double)(p->trans_a ? a[k * lda + row] : a[row * lda + k]) *
               (double)(p->trans_b ? b[column * ldb + k] : b[k * ldb + column]);
    return sum;
}

static float *multiply(const gr_kernels *table, const product *p, const float *a, int64_t lda, const float *b, int64_t ldb)
{
    int64_t ldc = p->n + GAP;
    float *c = must(gr_alloc((size_t)(p->m * ldc), sizeof *c));
    for (int64_t i = 0; i < p->m * ldc; i++)
        c[i] = p->accumulate ? 5.0f : NAN; /* what is not added to must not be read */
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t gap = p->n; gap < ldc; gap++)
            c[i * ldc + gap] = 7.0f;
    table->gemm(p->trans_a, p->trans_b, p->m, p->n, p->k, a, lda, b, ldb, c, ldc, p->accumulate);
    return c;
}

static void check_table(const gr_kernels *table, const product *p, const float *a, int64_t lda, const float *b, int64_t ldb,
                        const double *wanted)
{
    float *c = multiply(table, p, a, lda, b, ldb);
    for (int64_t i = 0; i < p->m; i++)
        for (int64_t l = 0; l < p->n + GAP; l++) {
            double got = (double)c[i * (p->n + GAP) + l], right = l < p->n ? wanted[i * p->n + l] : 7.0;
            if (!(fabs(got - right) <= 0.0))
                fail_msg("%s: %d x %d x %d, transposed %d %d, accumulate %d: c[%d][%d] is %.9g instead of %.9g", table->isa,
                         (int)p->m, (int)p->n, (int)p->k, p->trans_a, p->trans_b, p->accumulate, (int)i, (int)l, got, right);
        }
    gr_free(c);
}

static void check(const product *p)
{
    int64_t lda = (p->trans_a ? p->m : p->k) + 2, ldb = (p->trans_b ? p->k : p->n) + 1;
    float *a = whole_numbers(lda * (p->trans_a ? p->k : p->m), 1), *b = whole_numbers(ldb * (p->trans_b ? p->n : p->k), 2);
    double *wanted = must(gr_alloc((size_t)(p->m * p->n), sizeof *wanted));
    for (int64_t i = 0; i < p->m * p->n; i++)
        wanted[i] = expected(p, a, lda, b, ldb, i / p->n, i % p->n);
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    for (int t = 0; t < count; t++)
        check_table(tables[t], p, a, lda, b, ldb, wanted);
    gr_free(a), gr_free(b), gr_free(wanted);
}

static void check_all_forms(int64_t m, int64_t n, int64_t k)
{
    for (int form = 0; form < 8; form++)
        check(&(product){(form & 1) != 0, (form & 2) != 0, (form & 4) != 0, m, n, k});
}

static void every_tail(void **state)
{
    (void)state;
    for (int64_t m = 1; m <= 17; m++)
        for (int64_t n = 1; n <= 37; n += n < 6 ? 1 : 5)
            check_all_forms(m, n, 5);
    for (int64_t k = 0; k <= 9; k++)
        check_all_forms(3, 9, k);
}

static void several_blocks(void **state)
{
    (void)state;
    check_all_forms(64, 2, 512);
    check_all_forms(64, 512, 2);
    check_all_forms(30, 131, 300);
    check_all_forms(461, 33, 20);
    check_all_forms(1, 70, 530);
    check_all_forms(70, 1, 530);
    check_all_forms(20, 40, 1100);
}

static void nothing_to_do(void **state)
{
    (void)state;
    float c[1] = {3.0f};
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    for (int t = 0; t < count; t++) {
        tables[t]->gemm(false, false, 0, 4, 2, NULL, 2, NULL, 4, c, 4, false);
        tables[t]->gemm(false, false, 4, 0, 2, NULL, 2, NULL, 1, c, 1, false);
        assert_true(c[0] == 3.0f);
    }
}

static void threads_do_not_change_bits(void **state)
{
    (void)state;
    const int64_t sizes[][3] = {{100, 130, 700}, {30, 300, 64}, {300, 30, 64}, {64, 2, 512}, {65, 65, 65}};
    const gr_kernels *tables[8];
    int count = gr_kernels_available(tables);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (int form = 0; form < 4; form++)
            for (int t = 0; t < count; t++) {
                product p = {(form & 1) != 0, (form & 2) != 0, true, sizes[s][0], sizes[s][1], sizes[s][2]};
                int64_t lda = p.trans_a ? p.m : p.k, ldb = p.trans_b ? p.k : p.n;
                float *a = whole_numbers(p.m * p.k, 3), *b = whole_numbers(p.n * p.k, 4), *c[4];
                for (int64_t i = 0; i < p.m * p.k; i++)
                    a[i] = 1.0f / (a[i] + 4.5f); /* sums that round */
                for (int threads = 1; threads <= 4; threads++) {
                    gr_threads_set(threads);
                    c[threads - 1] = multiply(tables[t], &p, a, lda, b, ldb);
                }
                for (int other = 1; other < 4; other++)
                    assert_memory_equal(c[0], c[other], (size_t)(p.m * (p.n + GAP)) * sizeof(float));
                for (int i = 0; i < 4; i++)
                    gr_free(c[i]);
                gr_free(a), gr_free(b);
                gr_threads_set(1);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tail),
        cmocka_unit_test(several_blocks),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(threads_do_not_change_bits),
    };
    gr_threads_set(1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
