/* The register tile of a product in one pass: sums begin at the bias, run over the whole depth, and leave the registers once,
 * with the residual added and the activation applied. With few channels, that saves as much as the sums cost. */
#include "one_pass.h"

/* Half a vector where half of one takes half the time: the last 8 channels of 24 or 40 then cost what they are worth. */
#if defined(__AVX512F__)
#define HALVES 1
typedef float half __attribute__((vector_size(GR_VL * 2)));

GR_INLINE half half_load(const float *p)
{
    return (half)_mm256_loadu_ps(p);
}

GR_INLINE half half_fma(gr_vf a, half b, half sum)
{
    return (half)_mm256_fmadd_ps(_mm512_castps512_ps256((__m512)a), (__m256)b, (__m256)sum);
}

GR_INLINE gr_vf half_whole(half x)
{
    return (gr_vf)_mm512_castps256_ps512((__m256)x);
}

GR_INLINE half half_of(gr_vf x)
{
    return (half)_mm512_castps512_ps256((__m512)x);
}
#else
#define HALVES 0
typedef gr_vf half;
GR_INLINE half half_load(const float *p) { return gr_vload(p); }
GR_INLINE half half_fma(gr_vf a, half b, half sum) { return gr_vfma(a, b, sum); }
GR_INLINE gr_vf half_whole(half x) { return x; }
GR_INLINE half half_of(gr_vf x) { return x; }
#endif

/* What is in *t stands in variables of its own, else it would be read anew after every store. */
GR_INLINE void activate_as(const gr_one_tile *t, int64_t rows, const gr_act act)
{
    const int64_t step = t->step, columns = t->columns;
    float *out = t->out;
    for (int64_t r = 0; r < rows; r++, out += step)
        for (int64_t c = 0; c < columns; c += GR_VL) {
            gr_vf y = gr_vload_upto(out + c, columns - c);
            gr_vstore_upto(out + c, act == GR_ACT_SILU ? gr_vsilu(y) : gr_vact(act, y), columns - c);
        }
}

/* Activations that cost more than a few instructions are applied to what has been written, which is in L1. */
static __attribute__((noinline)) void activate(const gr_one_tile *t, int64_t rows)
{
    if (t->act == GR_ACT_SILU)
        activate_as(t, rows, GR_ACT_SILU);
    else
        activate_as(t, rows, t->act);
}

/* One vector of results; `whole` when all of its lanes are real. HARD_SWISH, or what `limits` say. */
GR_INLINE void leave(float *out, const float *residual, gr_vf y, const bool whole, int64_t left, const gr_limits *limits)
{
    if (residual != NULL)
        y += whole ? gr_vload(residual) : gr_vload_part(residual, left);
    y = limits == NULL ? gr_vact(GR_ACT_HARD_SWISH, y) : gr_vlimit(y, limits);
    if (whole)
        gr_vstore(out, y);
    else
        gr_vstore_part(out, y, left);
}

/* What has been summed: `full` vectors of columns and, with `tail`, one half more. */
typedef struct sums {
    gr_vf low[GR_MR], high[GR_MR];
    half tail[GR_MR];
} sums;

/* `residual` is t's, or NULL, known at each call: what stands in *t would be read anew after every store. */
GR_INLINE void leave_rows(const gr_one_tile *t, const float *residual, const sums *s, const int rows, const int full,
                          const bool tail, const gr_limits *limits)
{
    float *out = t->out;
    const int64_t step = t->step;
    const int last = full - (tail ? 0 : 1); /* the vector that may have lanes behind the last column */
    const int64_t left = t->columns - last * GR_VL;
    const bool whole = !tail && left == GR_VL;
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++) {
        if (last == 1)
            leave(out, residual, s->low[r], true, 0, limits);
        gr_vf y = tail ? half_whole(s->tail[r]) : last == 1 ? s->high[r] : s->low[r];
        if (whole)
            leave(out + last * GR_VL, residual != NULL ? residual + last * GR_VL : NULL, y, true, 0, limits);
        else
            leave(out + last * GR_VL, residual != NULL ? residual + last * GR_VL : NULL, y, false, left, limits);
        out += step;
        if (residual != NULL)
            residual += step;
    }
}

GR_INLINE void leave_all(const gr_one_tile *t, const sums *s, const int rows, const int full, const bool tail,
                         const gr_limits *limits)
{
    if (t->residual != NULL)
        leave_rows(t, t->residual, s, rows, full, tail, limits);
    else
        leave_rows(t, NULL, s, rows, full, tail, limits);
}

/* `rows`, `full` and `tail` are constants at each call. Rows of a are reached from every third one, since 14 pointers would not
 * fit the registers. */
GR_INLINE void run(const gr_one_tile *t, const int rows, const int full, const bool tail)
{
    sums s;
    const char *a[(GR_MR + 2) / 3];
    const int64_t step = t->lda * (int64_t)sizeof(float), jump = (t->run_step - t->k) * (int64_t)sizeof(float);
    const float *b = t->b;
    const char *fetch = t->fetch;
    const int64_t fetch_step = t->fetch_step;
    gr_vf low = gr_vzero(), high = gr_vzero();
    half end = half_of(gr_vzero());
    if (t->bias != NULL) {
        low = gr_vload_upto(t->bias, t->columns);
        if (full + tail == 2)
            high = gr_vload_part(t->bias + GR_VL, gr_least(GR_VL, t->columns - GR_VL));
        end = half_of(full == 0 ? low : high);
    }
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
        s.low[r] = low, s.high[r] = high, s.tail[r] = end;
#pragma GCC unroll 14
    for (int r = 0; r < rows; r += 3)
        a[r / 3] = (const char *)(t->a + r * t->lda);
    for (int64_t runs = t->runs; runs > 0; runs--) {
        for (int64_t k = t->k; k > 0; k--) {
            gr_vf b0 = gr_vzero(), b1 = gr_vzero();
            half b2 = half_of(b0);
            if (full > 0)
                b0 = gr_vload(b);
            if (full == 2)
                b1 = gr_vload(b + GR_VL);
            if (tail)
                b2 = half_load(b + full * GR_VL);
            __builtin_prefetch(fetch, 0, 2);
            fetch += fetch_step;
#pragma GCC unroll 14
            for (int r = 0; r < rows; r++) {
                gr_vf x = gr_vset(*(const float *)(a[r / 3] + r % 3 * step));
                if (full > 0)
                    s.low[r] = gr_vfma(x, b0, s.low[r]);
                if (full == 2)
                    s.high[r] = gr_vfma(x, b1, s.high[r]);
                if (tail)
                    s.tail[r] = half_fma(x, b2, s.tail[r]);
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
    if (t->act == GR_ACT_HARD_SWISH) {
        leave_all(t, &s, rows, full, tail, NULL);
        return;
    }
    const bool costly = t->act > GR_ACT_RELU6;
    const gr_limits limits = gr_limits_of(costly ? GR_ACT_NONE : t->act);
    leave_all(t, &s, rows, full, tail, &limits);
    if (costly)
        activate(t, rows);
}

/* The number of rows must be a constant where the tile is inlined. */
#define ROWS(r, full, tail)                                                                                                 \
    case r:                                                                                                                 \
        if (r <= GR_MR)                                                                                                     \
            run(t, r <= GR_MR ? r : 1, full, tail);                                                                         \
        break;
#define ALL_ROWS(full, tail)                                                                                                \
    ROWS(1, full, tail)                                                                                                     \
    ROWS(2, full, tail) ROWS(3, full, tail) ROWS(4, full, tail) ROWS(5, full, tail) ROWS(6, full, tail)                     \
        ROWS(7, full, tail) ROWS(8, full, tail) ROWS(9, full, tail) ROWS(10, full, tail) ROWS(11, full, tail)               \
            ROWS(12, full, tail) ROWS(13, full, tail) ROWS(14, full, tail)

static void two_vectors(const gr_one_tile *t, int64_t rows)
{
    switch (rows) {
        ALL_ROWS(2, false)
    }
}

static void one_vector(const gr_one_tile *t, int64_t rows)
{
    switch (rows) {
        ALL_ROWS(1, false)
    }
}

#if HALVES
static void one_and_a_half(const gr_one_tile *t, int64_t rows)
{
    switch (rows) {
        ALL_ROWS(1, true)
    }
}

static void half_a_vector(const gr_one_tile *t, int64_t rows)
{
    switch (rows) {
        ALL_ROWS(0, true)
    }
}
#endif

void GR_KERNEL(gr_one_tile)(const gr_one_tile *t, int64_t rows)
{
#if HALVES
    const int64_t halves = gr_blocks(t->columns, GR_VL / 2);
    if (halves == 1 || halves == 3) {
        (halves == 1 ? half_a_vector : one_and_a_half)(t, rows);
        return;
    }
#endif
    (t->columns > GR_VL ? two_vectors : one_vector)(t, rows);
}
