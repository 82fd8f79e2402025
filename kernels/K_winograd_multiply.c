/* The two register blocks of Winograd convolution. Each is written once for any number of rows; the switch makes one
 * fully unrolled copy per row count, so that all sums live in registers. */
#include "winograd.h"

/* One step of both products: the rank-1 update sums += a[0..rows) * b[0..GR_PANEL), a's elements `apart` floats apart. */
GR_INLINE void update(const int rows, const float *a, const int apart, const float *b, gr_vf sums[GR_STRIP][2])
{
    gr_vf b0 = gr_vload(b), b1 = gr_vload(b + GR_VL);
    GR_UNROLL
    for (int r = 0; r < rows; r++) {
        gr_vf ar = gr_vset(a[r * apart]);
        sums[r][0] = gr_vfma(ar, b0, sums[r][0]);
        sums[r][1] = gr_vfma(ar, b1, sums[r][1]);
    }
}

GR_INLINE void multiply(const int rows, int64_t blocks, const float *a, int64_t a_block, const float *b, float *m, bool add,
                        const float *a_ahead, const float *b_ahead, int64_t b_lines)
{
    gr_vf sums[GR_STRIP][2];
    GR_UNROLL
    for (int r = 0; r < rows; r++) {
        sums[r][0] = add ? gr_vload(m + r * GR_PANEL) : gr_vzero();
        sums[r][1] = add ? gr_vload(m + r * GR_PANEL + GR_VL) : gr_vzero();
    }
    for (int64_t block = 0; block < blocks; block++, a += a_block, a_ahead += a_block) {
        GR_UNROLL
        for (int i = 0; i < GR_STRIP * GR_VL; i += GR_LINE)
            __builtin_prefetch(a_ahead + i, 0, 2);
        for (int64_t i = 0; i < b_lines; i++, b_ahead += GR_LINE)
            __builtin_prefetch(b_ahead, 0, 2);
        for (int k = 0; k < GR_VL; k += 4, b += 4 * GR_PANEL) {
            update(rows, a + k, GR_VL, b, sums);
            update(rows, a + k + 1, GR_VL, b + GR_PANEL, sums);
            update(rows, a + k + 2, GR_VL, b + 2 * GR_PANEL, sums);
            update(rows, a + k + 3, GR_VL, b + 3 * GR_PANEL, sums);
        }
    }
    GR_UNROLL
    for (int r = 0; r < rows; r++) {
        gr_vstore(m + r * GR_PANEL, sums[r][0]);
        gr_vstore(m + r * GR_PANEL + GR_VL, sums[r][1]);
    }
}

GR_INLINE void multiply_transposed(const int rows, int64_t depth, const float *a, int64_t a_row, const float *b, float *m,
                                   bool add, const float *ahead)
{
    gr_vf sums[GR_STRIP][2];
    GR_UNROLL
    for (int r = 0; r < rows; r++)
        sums[r][0] = sums[r][1] = gr_vzero();
    for (int i = 0; i < rows * GR_PANEL; i += GR_LINE)
        __builtin_prefetch(m + i, 1);
    for (int64_t t = 0; t < depth; t++, a += a_row, b += GR_PANEL, ahead += GR_LINE) {
        __builtin_prefetch(ahead, 0, 2);
        update(rows, a, 1, b, sums);
    }
    GR_UNROLL
    for (int r = 0; r < rows; r++) {
        float *to = m + r * GR_PANEL;
        gr_vstore(to, add ? gr_vload(to) + sums[r][0] : sums[r][0]);
        gr_vstore(to + GR_VL, add ? gr_vload(to + GR_VL) + sums[r][1] : sums[r][1]);
    }
}

void GR_KERNEL(gr_wino_multiply)(int64_t rows, int64_t blocks, const float *a, int64_t a_block, const float *b, float *m,
                                 bool add, const float *a_ahead, const float *b_ahead, int64_t b_lines)
{
    switch (rows) {
    case 1: multiply(1, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 2: multiply(2, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 3: multiply(3, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 4: multiply(4, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 5: multiply(5, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 6: multiply(6, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
#if GR_REGISTERS == 32
    case 7: multiply(7, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 8: multiply(8, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 9: multiply(9, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 10: multiply(10, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 11: multiply(11, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 12: multiply(12, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 13: multiply(13, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
    case 14: multiply(14, blocks, a, a_block, b, m, add, a_ahead, b_ahead, b_lines); break;
#endif
    }
}

void GR_KERNEL(gr_wino_multiply_transposed)(int64_t rows, int64_t depth, const float *a, int64_t a_row, const float *b,
                                            float *m, bool add, const float *ahead)
{
    switch (rows) {
    case 1: multiply_transposed(1, depth, a, a_row, b, m, add, ahead); break;
    case 2: multiply_transposed(2, depth, a, a_row, b, m, add, ahead); break;
    case 3: multiply_transposed(3, depth, a, a_row, b, m, add, ahead); break;
    case 4: multiply_transposed(4, depth, a, a_row, b, m, add, ahead); break;
    case 5: multiply_transposed(5, depth, a, a_row, b, m, add, ahead); break;
    case 6: multiply_transposed(6, depth, a, a_row, b, m, add, ahead); break;
#if GR_REGISTERS == 32
    case 7: multiply_transposed(7, depth, a, a_row, b, m, add, ahead); break;
    case 8: multiply_transposed(8, depth, a, a_row, b, m, add, ahead); break;
    case 9: multiply_transposed(9, depth, a, a_row, b, m, add, ahead); break;
    case 10: multiply_transposed(10, depth, a, a_row, b, m, add, ahead); break;
    case 11: multiply_transposed(11, depth, a, a_row, b, m, add, ahead); break;
    case 12: multiply_transposed(12, depth, a, a_row, b, m, add, ahead); break;
    case 13: multiply_transposed(13, depth, a, a_row, b, m, add, ahead); break;
    case 14: multiply_transposed(14, depth, a, a_row, b, m, add, ahead); break;
#endif
    }
}
