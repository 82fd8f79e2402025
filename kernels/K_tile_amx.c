/* Pairs of bfloat16 numbers through AMX's matrix registers: 16 rows of 64 bytes each. A row of `a` gives 16 pairs along k, a
 * row of a panel the pairs of 16 columns, so both are loaded as they lie in cache.
 *
 * One step adds, for each sum, the products of the first numbers of 16 pairs to one chain, those of the second numbers to
 * another, and both chains to the sum, each rounded to nearest; numbers too small to be normal count as 0. */
#include "panel.h"

#if GR_PAIR_STEP > 1

enum { TILE = 16, BUFFER_ROW = GR_NR };

typedef struct palette {
    uint8_t number, start_row, unused[14];
    uint16_t bytes[16]; /* of a row, of each register */
    uint8_t rows[16];
} palette;

void GR_KERNEL(gr_matrix_begin)(void)
{
    static const palette whole = {.number = 1,
                                  .bytes = {64, 64, 64, 64, 64, 64, 64, 64},
                                  .rows = {TILE, TILE, TILE, TILE, TILE, TILE, TILE, TILE}};
    _tile_loadconfig(&whole);
}

void GR_KERNEL(gr_matrix_end)(void)
{
    _tile_release();
}

static void fetch_early(const gr_tile *t, int64_t k)
{
    if (t->fetch_step != 0)
        for (int64_t i = k; i < k + GR_PAIR_STEP; i++)
            __builtin_prefetch(t->fetch + i * t->fetch_step, 0, 2);
}

/* Sums of 32 x 32, 32 x 16, 16 x 32 or 16 x 16 into sums[32][GR_NR]: registers 0 to 3 add them up. */
GR_INLINE void multiply(const gr_tile *t, const bool low, const bool right, float *sums)
{
    const int64_t step = t->lda * (int64_t)sizeof(float), panel = GR_NR * (int64_t)sizeof(float);
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    for (int64_t k = 0; k < t->k; k += GR_PAIR_STEP) {
        const float *a = t->a + k, *b = t->b + k * GR_NR;
        fetch_early(t, k);
        _tile_loadd(4, a, step);
        _tile_loadd(6, b, panel);
        _tile_dpbf16ps(0, 4, 6);
        if (right) {
            _tile_loadd(7, b + TILE, panel);
            _tile_dpbf16ps(1, 4, 7);
        }
        if (low) {
            _tile_loadd(5, a + TILE * t->lda, step);
            _tile_dpbf16ps(2, 5, 6);
        }
        if (low && right)
            _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, sums, panel);
    if (right)
        _tile_stored(1, sums + TILE, panel);
    if (low)
        _tile_stored(2, sums + TILE * BUFFER_ROW, panel);
    if (low && right)
        _tile_stored(3, sums + TILE * BUFFER_ROW + TILE, panel);
}

static void write_row(const gr_tile *t, const float *sums, float *out)
{
    for (int64_t i = 0; i < t->columns; i += GR_VL) {
        int64_t left = t->columns - i;
        gr_vf sum = gr_vload(sums + i);
        gr_vstore_upto(out + i, t->add ? gr_vload_upto(out + i, left) + sum : sum, left);
    }
}

void GR_KERNEL(gr_tile_matrix)(const gr_tile *t, int64_t rows)
{
    float sums[GR_PAIR_ROWS * BUFFER_ROW] __attribute__((aligned(64)));
    bool low = rows > TILE, right = t->columns > TILE;
    GR_MATRIX_FENCE();
    if (low && right)
        multiply(t, true, true, sums);
    else if (low)
        multiply(t, true, false, sums);
    else if (right)
        multiply(t, false, true, sums);
    else
        multiply(t, false, false, sums);
    GR_MATRIX_FENCE();
    for (int64_t r = 0; r < rows; r++)
        write_row(t, sums + r * BUFFER_ROW, t->out[r] + t->column);
}

/* Sixteen rows of sixteen, turned: exchanges of neighbours, of every second one, of quarters of a vector and of halves. */
GR_INLINE void turn(__m512i *r, float *out, int64_t ldo)
{
    __m512i s[TILE];
#pragma GCC unroll 8
    for (int i = 0; i < TILE; i += 2) {
        s[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
        s[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < TILE; i += 4) {
        r[i] = _mm512_unpacklo_epi64(s[i], s[i + 2]);
        r[i + 1] = _mm512_unpackhi_epi64(s[i], s[i + 2]);
        r[i + 2] = _mm512_unpacklo_epi64(s[i + 1], s[i + 3]);
        r[i + 3] = _mm512_unpackhi_epi64(s[i + 1], s[i + 3]);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        s[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88);
        s[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
        s[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88);
        s[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        _mm512_storeu_si512(out + i * ldo, _mm512_shuffle_i32x4(s[i], s[i + 8], 0x88));
        _mm512_storeu_si512(out + (i + 8) * ldo, _mm512_shuffle_i32x4(s[i], s[i + 8], 0xdd));
        _mm512_storeu_si512(out + (i + 4) * ldo, _mm512_shuffle_i32x4(s[i + 4], s[i + 12], 0x88));
        _mm512_storeu_si512(out + (i + 12) * ldo, _mm512_shuffle_i32x4(s[i + 4], s[i + 12], 0xdd));
    }
}

/* Half of 32 columns of 32 rows: pairs of rows first, then turned. */
GR_INLINE void turn_half(const float *in, int64_t lda, const __m512i half, float *out, int64_t ldo)
{
    __m512i pairs[TILE];
#pragma GCC unroll 16
    for (int i = 0; i < TILE; i++)
        pairs[i] = _mm512_permutex2var_epi16(_mm512_loadu_si512(in + 2 * i * lda), half,
                                             _mm512_loadu_si512(in + (2 * i + 1) * lda));
    turn(pairs, out, ldo);
}

void GR_KERNEL(gr_turn_pairs)(int64_t rows, int64_t columns, const float *in, int64_t lda, float *out, int64_t ldo)
{
    const __m512i first = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40, 8, 39, 7, 38, 6, 37, 5, 36, 4,
                                           35, 3, 34, 2, 33, 1, 32, 0);
    const __m512i second = _mm512_add_epi16(first, _mm512_set1_epi16(TILE));
    for (int64_t c = 0; c < columns; c += 2 * TILE)
        for (int64_t r = 0; r < rows; r += 2 * TILE) {
            const float *from = in + r * lda + c / 2;
            turn_half(from, lda, first, out + c * ldo + r / 2, ldo);
            turn_half(from, lda, second, out + (c + TILE) * ldo + r / 2, ldo);
        }
}

#endif
