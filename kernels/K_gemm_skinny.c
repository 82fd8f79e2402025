/* Products with one or two rows of b, each number a dot product of two rows that lie in memory in one piece: the last layer of two
 * classes, the gate of attention. A tile of 2 x VL columns would be empty but for these. Every number is summed in one order: two
 * vectors of sums in turn, then their lanes. */
#include "parts.h"
#include "rows.h"

enum { ROWS = 4, TASK = 32 }; /* rows of a at once, and of a task */
/* Eight chains of sums keep two multipliers busy; with two columns sixteen registers hold no more. */
#define ROWS_OF_TWO (GR_REGISTERS == 32 ? 4 : 2)

typedef struct job {
    int64_t m, n, k, lda, ldb, ldc;
    const float *a, *b;
    float *c;
    bool accumulate;
} job;

static float add_lanes(gr_vf even, gr_vf odd)
{
    float lanes[GR_VL];
    gr_vstore(lanes, even + odd);
    for (int half = GR_VL / 2; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] += lanes[i + half];
    return lanes[0];
}

/* Adds a vector of products to each sum. */
GR_INLINE void add(const job *j, int64_t row, int64_t k, int64_t left, gr_vf sums[2][ROWS], const int rows, const int columns)
{
#pragma GCC unroll 2
    for (int c = 0; c < columns; c++) {
        const gr_vf b = gr_vload_upto(j->b + c * j->ldb + k, left);
#pragma GCC unroll 4
        for (int r = 0; r < rows; r++)
            sums[c][r] = gr_vfma(gr_vload_upto(j->a + (row + r) * j->lda + k, left), b, sums[c][r]);
    }
}

/* Asks for what the next rows of a have in these places: each row is a stream of its own, which no processor foresees where the row
 * in front has been read by another of its streams. Addresses only, which need not be there. */
GR_INLINE void fetch_rows(const job *j, int64_t row, int64_t k, const int rows)
{
#if GR_REGISTERS == 16
#pragma GCC unroll 4
    for (int r = 0; r < rows; r++)
        __builtin_prefetch((const char *)(j->a + (row + r) * j->lda + k) + rows * j->lda * (int64_t)sizeof(float), 0, 3);
#else
    (void)j, (void)row, (void)k, (void)rows;
#endif
}

/* `rows` and `columns` are constants at each call. Sums are named by no variable, or they would stand in memory. */
GR_INLINE void dots(const job *j, int64_t row, const int rows, const int columns)
{
    gr_vf even[2][ROWS], odd[2][ROWS];
    int64_t k = 0;
#pragma GCC unroll 8
    for (int i = 0; i < columns * rows; i++)
        even[i / rows][i % rows] = odd[i / rows][i % rows] = gr_vzero();
    for (; k + 2 * GR_VL <= j->k; k += 2 * GR_VL) {
        fetch_rows(j, row, k, rows);
        add(j, row, k, GR_VL, even, rows, columns);
        add(j, row, k + GR_VL, GR_VL, odd, rows, columns);
    }
    if (k < j->k)
        add(j, row, k, j->k - k, even, rows, columns);
    if (k + GR_VL < j->k)
        add(j, row, k + GR_VL, j->k - k - GR_VL, odd, rows, columns);
    for (int c = 0; c < columns; c++)
        for (int r = 0; r < rows; r++) {
            float *to = j->c + (row + r) * j->ldc + c, sum = add_lanes(even[c][r], odd[c][r]);
            *to = j->accumulate ? *to + sum : sum;
        }
}

static void run_rows(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    (void)thread;
    int64_t row = index * TASK, end = gr_least(row + TASK, j->m);
    if (j->n == 1) {
        for (; row + ROWS <= end; row += ROWS)
            dots(j, row, ROWS, 1);
        for (; row < end; row++)
            dots(j, row, 1, 1);
        return;
    }
    for (; row + ROWS_OF_TWO <= end; row += ROWS_OF_TWO)
        dots(j, row, ROWS_OF_TWO, 2);
    for (; row < end; row++)
        dots(j, row, 1, 2);
}

void GR_KERNEL(gr_gemm_skinny)(int64_t m, int64_t n, int64_t k, const float *a, int64_t lda, const float *b, int64_t ldb, float *c,
                               int64_t ldc, bool accumulate)
{
    job j = {.m = m, .n = n, .k = k, .a = a, .lda = lda, .b = b, .ldb = ldb, .c = c, .ldc = ldc, .accumulate = accumulate};
    int64_t tasks = gr_blocks(m, TASK);
    if (m * n * k < 32768) /* less work than waking the threads */
        for (int64_t i = 0; i < tasks; i++)
            run_rows(&j, i, 0);
    else
        gr_parallel_for(tasks, run_rows, &j);
}
