/* The register tile that every matrix-like kernel ends in: GR_MR rows by two vectors of columns, all of it in registers
 * while the loop runs over k. Compiled per instruction set; private to kernels/K_*.c.
 *
 * Thirty-two registers hold 14 x 2 accumulators, two vectors of b and one broadcast of a; sixteen hold 6 x 2. A broadcast
 * serves two multiply-adds, so that 16 loads feed 28 of them. */
#ifndef GR_MICRO_H
#define GR_MICRO_H

#include "rows.h"

#if GR_REGISTERS == 32
#define GR_MR 14
#elif defined(__FMA__)
#define GR_MR 6
#else
#define GR_MR 4 /* a product and its sum take one more register */
#endif
#define GR_NR (2 * GR_VL)

/* Of pairs of bfloat16 numbers: rows of a tile at most, and pairs of one step along k, behind whose last both factors hold
 * zeros. Matrix registers take 16 rows of 16 pairs each; two of a and two of b give 32 x 32 sums (K_tile_amx.c). */
#if defined(__AMX_BF16__) || defined(__AMXBF16__) /* as old versions of clang call it */
#define GR_PAIR_ROWS 32
#define GR_PAIR_STEP 16
#else
#define GR_PAIR_ROWS GR_MR
#define GR_PAIR_STEP 1
#endif
#define GR_ROWS_MOST (GR_PAIR_ROWS > GR_MR ? GR_PAIR_ROWS : GR_MR)

/* With `pairs`, each float of a and b stands for two bfloat16 numbers that follow each other along k, and k counts pairs. */
typedef struct gr_tile {
    bool pairs;
    int64_t runs, k; /* the sums run over `runs` runs of k products */
    const float *a;  /* by rows: a[run * run_step + row * lda + k]; by columns: a[run * run_step + k * lda + row] */
    int64_t lda, run_step;
    const float *b;    /* [runs * k][GR_NR], zero behind the last column */
    float *const *out; /* one pointer for each row */
    int64_t column;    /* where in each row the tile stands */
    int64_t columns;   /* 1 to GR_NR of them are real */
    bool add;          /* out += instead of out = */
    const char *fetch; /* memory that will be read soon: each step along k asks for its next `fetch_step` bytes */
    int64_t fetch_step;
} gr_tile;

GR_INLINE gr_vf gr_tile_broadcast(const void *a, const bool pairs)
{
    return pairs ? gr_vset_bits(a) : gr_vset(*(const float *)a);
}

GR_INLINE gr_vf gr_tile_multiply(gr_vf a, gr_vf b, gr_vf sum, const bool pairs)
{
    return pairs ? gr_vdot_pairs(a, b, sum) : gr_vfma(a, b, sum);
}

/* Leaves out the columns that are not real: rare enough to go through memory. */
static void gr_tile_merge(const gr_tile *t, int rows, const gr_vf *sums)
{
    for (int r = 0; r < rows; r++) {
        float *out = t->out[r] + t->column;
        for (int64_t at = 0; at < t->columns; at += GR_VL) {
            int64_t count = t->columns - at;
            gr_vf sum = sums[2 * r + at / GR_VL];
            if (count >= GR_VL)
                gr_vstore(out + at, t->add ? gr_vload(out + at) + sum : sum);
            else
                gr_vstore_part(out + at, t->add ? gr_vload_part(out + at, count) + sum : sum, count);
        }
    }
}

GR_INLINE void gr_tile_write(const gr_tile *t, const int rows, const int vectors, const gr_vf *low, const gr_vf *high)
{
    float *const *out = t->out;
    const int64_t column = t->column;
    if (t->columns == vectors * GR_VL && t->add) {
#pragma GCC unroll 14
        for (int r = 0; r < rows; r++) {
            gr_vstore(out[r] + column, gr_vload(out[r] + column) + low[r]);
            if (vectors == 2)
                gr_vstore(out[r] + column + GR_VL, gr_vload(out[r] + column + GR_VL) + high[r]);
        }
        return;
    }
    if (t->columns == vectors * GR_VL) {
#pragma GCC unroll 14
        for (int r = 0; r < rows; r++) {
            gr_vstore(out[r] + column, low[r]);
            if (vectors == 2)
                gr_vstore(out[r] + column + GR_VL, high[r]);
        }
        return;
    }
    gr_vf sums[2 * GR_MR];
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
        sums[2 * r] = low[r], sums[2 * r + 1] = high[r];
    gr_tile_merge(t, rows, sums);
}

/* `rows`, `vectors` and `pairs` are constants at each call, so that every loop over them unrolls and `sum` lives in registers.
 * Rows of a stand lda apart: they are reached from every third one, since 14 pointers would not fit the registers. */
GR_INLINE void gr_tile_by_rows(const gr_tile *t, const int rows, const int vectors, const bool pairs)
{
    gr_vf low[GR_MR], high[GR_MR];
    const char *a[(GR_MR + 2) / 3];
    const int64_t step = t->lda * (int64_t)sizeof(float), jump = (t->run_step - t->k) * (int64_t)sizeof(float);
    const float *b = t->b;
    const char *fetch = t->fetch;
    const int64_t fetch_step = t->fetch_step;
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
        low[r] = high[r] = gr_vzero();
#pragma GCC unroll 14
    for (int r = 0; r < rows; r += 3)
        a[r / 3] = (const char *)(t->a + r * t->lda);
    for (int64_t run = t->runs; run > 0; run--) {
        for (int64_t k = t->k; k > 0; k--) {
            gr_vf b0 = gr_vload(b), b1 = gr_vzero();
            if (vectors == 2)
                b1 = gr_vload(b + GR_VL);
            __builtin_prefetch(fetch, 0, 2);
            fetch += fetch_step;
#pragma GCC unroll 14
            for (int r = 0; r < rows; r++) {
                gr_vf x = gr_tile_broadcast(a[r / 3] + r % 3 * step, pairs);
                low[r] = gr_tile_multiply(x, b0, low[r], pairs);
                if (vectors == 2)
                    high[r] = gr_tile_multiply(x, b1, high[r], pairs);
            }
#pragma GCC unroll 14
            for (int r = 0; r < rows; r += 3)
                a[r / 3] += sizeof(float);
            b += GR_NR;
        }
#pragma GCC unroll 14
        for (int r = 0; r < rows; r += 3)
            a[r / 3] += jump;
    }
    gr_tile_write(t, rows, vectors, low, high);
}

/* The same with a[k * lda + row]: the sums run over rows of a, as in a product with the first matrix transposed. */
GR_INLINE void gr_tile_by_columns(const gr_tile *t, const int rows, const int vectors, const bool pairs)
{
    gr_vf low[GR_MR], high[GR_MR];
    const float *a = t->a, *b = t->b;
    const char *fetch = t->fetch;
    const int64_t fetch_step = t->fetch_step;
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
        low[r] = high[r] = gr_vzero();
    for (int64_t run = t->runs; run > 0; run--) {
        for (int64_t k = t->k; k > 0; k--) {
            gr_vf b0 = gr_vload(b), b1 = gr_vzero();
            if (vectors == 2)
                b1 = gr_vload(b + GR_VL);
            __builtin_prefetch(fetch, 0, 2);
            fetch += fetch_step;
#pragma GCC unroll 14
            for (int r = 0; r < rows; r++) {
                gr_vf x = gr_tile_broadcast(a + r, pairs);
                low[r] = gr_tile_multiply(x, b0, low[r], pairs);
                if (vectors == 2)
                    high[r] = gr_tile_multiply(x, b1, high[r], pairs);
            }
            a += t->lda;
            b += GR_NR;
        }
        a += t->run_step - t->k * t->lda;
    }
    gr_tile_write(t, rows, vectors, low, high);
}

#endif
