/* Panels: the right matrix of a product as the register tile reads it, [k][GR_NR] with zeros behind the last column. Private
 * to kernels/K_*.c. */
#ifndef GR_PANEL_H
#define GR_PANEL_H

#include "micro.h"
#include "rows.h"

typedef float gr_quad __attribute__((vector_size(16)));
typedef float gr_quad_unaligned __attribute__((vector_size(16), aligned(4), may_alias));

/* panel[i][l] = from[i * step + l] */
static inline void gr_panel_copy(int64_t k, int64_t columns, const float *from, int64_t step, float *panel)
{
    for (; columns == GR_NR && k > 0; k--, from += step, panel += GR_NR) {
        gr_vstore(panel, gr_vload(from));
        gr_vstore(panel + GR_VL, gr_vload(from + GR_VL));
    }
    for (; k > 0; k--, from += step, panel += GR_NR) {
        memcpy(panel, from, sizeof(float) * (size_t)columns);
        memset(panel + columns, 0, sizeof(float) * (size_t)(GR_NR - columns));
    }
}

/* Four by four: out[i * GR_NR + l] = from[l * step + i]. */
static inline void gr_transpose_quad(const float *from, int64_t step, float *out)
{
    gr_quad a = *(const gr_quad_unaligned *)from, b = *(const gr_quad_unaligned *)(from + step);
    gr_quad c = *(const gr_quad_unaligned *)(from + 2 * step), d = *(const gr_quad_unaligned *)(from + 3 * step);
    gr_quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    gr_quad ef = __builtin_shufflevector(a, b, 2, 6, 3, 7), gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    *(gr_quad_unaligned *)out = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
    *(gr_quad_unaligned *)(out + GR_NR) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
    *(gr_quad_unaligned *)(out + 2 * GR_NR) = __builtin_shufflevector(ef, gh, 0, 1, 4, 5);
    *(gr_quad_unaligned *)(out + 3 * GR_NR) = __builtin_shufflevector(ef, gh, 2, 3, 6, 7);
}

/* panel[i][l] = from[l * step + i]. Sixteen i at a time, so that each line of `from` is read in one go: lines `step` apart
 * may share few places in L1. */
static inline void gr_panel_transpose(int64_t k, int64_t columns, const float *from, int64_t step, float *panel)
{
    int64_t whole_k = k / 4 * 4, whole_columns = columns / 4 * 4;
    for (int64_t first = 0; first < whole_k; first += 16)
        for (int64_t l = 0; l < whole_columns; l += 4)
            for (int64_t i = first; i < whole_k && i < first + 16; i += 4)
                gr_transpose_quad(from + l * step + i, step, panel + i * GR_NR + l);
    for (int64_t i = 0; i < k; i++) {
        for (int64_t l = i < whole_k ? whole_columns : 0; l < columns; l++)
            panel[i * GR_NR + l] = from[l * step + i];
        for (int64_t l = columns; l < GR_NR; l++)
            panel[i * GR_NR + l] = 0.0f;
    }
}

/* Pairs of bfloat16 numbers in place, of each two of `rows` rows, lda apart, of `count` numbers, which leaves half as many rows (an
 * odd one is paired with 0). */
void GR_KERNEL(gr_pair_rows)(int64_t rows, int64_t count, float *a, int64_t lda);

/* Whether weight gradients put their left matrix into panels of GR_MR columns first: where a tile has few rows. So many columns
 * are taken through the pixels at once, three lines of cache of each. */
enum { GR_LEFT_PANELS = GR_REGISTERS < 32, GR_LEFT_COLUMNS = 48 };

/* out[column / GR_MR * panel + i * GR_MR + column % GR_MR] = from[i * step + column], for i < pixels. Between the panels, and
 * behind the last, is room for GR_VL - GR_MR numbers. */
void GR_KERNEL(gr_left_panels)(int64_t pixels, int64_t columns, const float *from, int64_t step, float *out, int64_t panel);

/* The register tile for any number of rows up to GR_MR (K_tile.c). */
void GR_KERNEL(gr_tile_rows)(const gr_tile *t, int64_t rows);
void GR_KERNEL(gr_tile_columns)(const gr_tile *t, int64_t rows);

#if GR_PAIR_STEP > 1
/* Compilers do not know that a matrix register's load reads memory and its store writes it. */
#define GR_MATRIX_FENCE() __asm__ volatile("" ::: "memory")

/* Pairs through matrix registers: up to GR_PAIR_ROWS rows of a, all of which may be read; k is a multiple of GR_PAIR_STEP. It
 * runs between begin and end, which a thread calls before and after a block of work. */
void GR_KERNEL(gr_tile_matrix)(const gr_tile *t, int64_t rows);
void GR_KERNEL(gr_matrix_begin)(void);
void GR_KERNEL(gr_matrix_end)(void);
/* bfloat16 numbers in[row][column] as pairs out[column][row / 2] of neighbouring rows, which lie lda and ldo floats apart. Both
 * counts are taken up to whole 32s. */
void GR_KERNEL(gr_turn_pairs)(int64_t rows, int64_t columns, const float *in, int64_t lda, float *out, int64_t ldo);
#endif

static inline int64_t gr_round_up(int64_t x, int64_t unit)
{
    return gr_blocks(x, unit) * unit;
}

#endif
