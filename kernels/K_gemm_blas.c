/* Matrix product on OpenBLAS, for where it wins: a column or two, and instruction sets of narrow vectors. OpenBLAS itself runs
 * on one thread; the blocks of the output that our threads share out have sizes that follow from the shape alone, so the bits
 * do not depend on the number of threads. */
#include <cblas.h>

#include "parts.h"

enum { BLOCKS_WANTED = 16, BLOCK_MIN = 32, BLOCK_UNIT = 16 };

typedef struct job {
    bool trans_a, trans_b;
    int64_t m, n, k, lda, ldb, ldc, block_m, block_n;
    const float *a, *b;
    float *c;
    float beta;
} job;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static void block(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    (void)thread;
    int64_t cols = (j->n + j->block_n - 1) / j->block_n;
    int64_t i = index / cols * j->block_m, l = index % cols * j->block_n;
    cblas_sgemm(CblasRowMajor, j->trans_a ? CblasTrans : CblasNoTrans, j->trans_b ? CblasTrans : CblasNoTrans,
                (int)smaller(j->block_m, j->m - i), (int)smaller(j->block_n, j->n - l), (int)j->k, 1.0f,
                j->a + (j->trans_a ? i : i * j->lda), (int)j->lda, j->b + (j->trans_b ? l * j->ldb : l), (int)j->ldb, j->beta,
                j->c + i * j->ldc + l, (int)j->ldc);
}

/* Halves the larger side until there are enough blocks. */
static void choose_blocks(job *j)
{
    j->block_m = j->m, j->block_n = j->n;
    for (;;) {
        int64_t blocks = ((j->m + j->block_m - 1) / j->block_m) * ((j->n + j->block_n - 1) / j->block_n);
        int64_t *side = j->block_m > j->block_n ? &j->block_m : &j->block_n;
        if (blocks >= BLOCKS_WANTED || *side < 2 * BLOCK_MIN)
            return;
        *side = (*side / 2 + BLOCK_UNIT - 1) / BLOCK_UNIT * BLOCK_UNIT;
    }
}

void GR_KERNEL(gr_gemm_blas)(bool trans_a, bool trans_b, int64_t m, int64_t n, int64_t k, const float *a, int64_t lda,
                             const float *b, int64_t ldb, float *c, int64_t ldc, bool accumulate)
{
    job j = {.trans_a = trans_a, .trans_b = trans_b, .m = m, .n = n, .k = k, .a = a, .lda = lda, .b = b, .ldb = ldb, .c = c,
             .ldc = ldc, .beta = accumulate ? 1.0f : 0.0f};
    if (m == 0 || n == 0)
        return;
    if (k == 0) {
        for (int64_t i = 0; i < m && !accumulate; i++)
            memset(c + i * ldc, 0, sizeof(float) * (size_t)n);
        return;
    }
    openblas_set_num_threads(1);
    choose_blocks(&j);
    gr_parallel_for(((m + j.block_m - 1) / j.block_m) * ((n + j.block_n - 1) / j.block_n), block, &j);
}
