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
typedef gr_vf half; /* the third vector of those that go together (GR_TRIPLES) */
GR_INLINE half half_load(const float *p) { return gr_vload(p); }
GR_INLINE half half_fma(gr_vf a, half b, half sum) { return gr_vfma(a, b, sum); }
GR_INLINE gr_vf half_whole(half x) { return x; }
GR_INLINE half half_of(gr_vf x) { return x; }
#endif

/* What is in *t stands in variables of its own, else it would be read anew after every store. */
GR_INLINE void activate_as(const gr_one_tile *t, float *out, int64_t rows, const gr_act act)
{
    const int64_t step = t->step, columns = t->columns;
    for (int64_t r = 0; r < rows; r++, out += step)
        for (int64_t c = 0; c < columns; c += GR_VL) {
            gr_vf y = gr_vload_upto(out + c, columns - c);
            gr_vstore_upto(out + c, act == GR_ACT_SILU ? gr_vsilu(y) : gr_vact(act, y), columns - c);
        }
}

/* Activations that cost more than a few instructions are applied to what has been written, which is in L1. */
static __attribute__((noinline)) void activate(const gr_one_tile *t, float *out, int64_t rows)
{
    if (t->act == GR_ACT_SILU)
        activate_as(t, out, rows, GR_ACT_SILU);
    else
        activate_as(t, out, rows, t->act);
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

/* What has been summed: `full` vectors of columns and, with `tail`, one half more, or a third whole one. */
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
    const bool whole = !(HALVES && tail) && left == GR_VL;
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++) {
        if (last >= 1)
            leave(out, residual, s->low[r], true, 0, limits);
        if (last == 2)
            leave(out + GR_VL, residual != NULL ? residual + GR_VL : NULL, s->high[r], true, 0, limits);
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

/* Adds the products along the whole depth, with the left matrix from `left` on; b and what is asked for stand behind it then.
 * `rows`, `full`, `tail` and `once` (there is one run) are constants at each call. Rows of a are reached from every third one,
 * since 14 pointers would not fit the registers. */
GR_INLINE void add_products(const gr_one_tile *t, const float *left, const float **weights, const char **ahead, sums *s,
                            const int rows, const int full, const bool tail, const bool once)
{
    const char *a[(GR_MR + 2) / 3], *fetch = *ahead;
    const float *b = *weights;
    const int64_t step = t->lda * (int64_t)sizeof(float), jump = (t->run_step - t->k) * (int64_t)sizeof(float);
    const int64_t fetch_step = t->fetch_step;
    const float *third = full + tail == 3 ? b + t->runs * t->k * GR_NR : b + full * GR_VL; /* where the panel behind begins */
#pragma GCC unroll 14
    for (int r = 0; r < rows; r += 3)
        a[r / 3] = (const char *)(left + r * t->lda);
    for (int64_t runs = once ? 1 : t->runs; runs > 0; runs--) {
        for (int64_t k = t->k; k > 0; k--) {
            gr_vf b0 = gr_vzero(), b1 = gr_vzero();
            half b2 = half_of(b0);
            if (full > 0)
                b0 = gr_vload(b);
            if (full == 2)
                b1 = gr_vload(b + GR_VL);
            if (tail)
                b2 = half_load(third);
            __builtin_prefetch(fetch, 0, 2);
            fetch += fetch_step;
#pragma GCC unroll 14
            for (int r = 0; r < rows; r++) {
                gr_vf x = gr_vset(*(const float *)(a[r / 3] + r % 3 * step));
                if (full > 0)
                    s->low[r] = gr_vfma(x, b0, s->low[r]);
                if (full == 2)
                    s->high[r] = gr_vfma(x, b1, s->high[r]);
                if (tail)
                    s->tail[r] = half_fma(x, b2, s->tail[r]);
            }
#pragma GCC unroll 14
            for (int r = 0; r < rows; r += 3)
                a[r / 3] += sizeof(float);
            b += GR_NR, third += GR_NR;
        }
#pragma GCC unroll 14
        for (int r = 0; r < rows; r += 3)
            a[r / 3] += jump;
    }
    *weights = b, *ahead = fetch;
}

/* The products take as long as it is on its way. */
GR_INLINE void fetch_residual(const float *residual, int64_t step, const int rows)
{
    const int line = 16; /* floats */
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
        for (int c = 0; c < GR_NR; c += line)
            __builtin_prefetch(residual + r * step + c);
}

/* The sums of an earlier part of the depth. */
GR_INLINE void take_up(const gr_one_tile *t, sums *s, const int rows, const int full, const bool tail)
{
    const int64_t step = t->step, columns = t->columns;
    const float *out = t->out;
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++, out += step) {
        if (full > 0)
            s->low[r] = gr_vload_upto(out, columns);
        if (full == 2)
            s->high[r] = gr_vload_upto(out + GR_VL, columns - GR_VL);
        if (tail)
            s->tail[r] = half_of(gr_vload_part(out + full * GR_VL, columns - full * GR_VL));
    }
}

GR_INLINE void run(const gr_one_tile *t, const int rows, const int full, const bool tail)
{
    sums s;
    gr_vf low = gr_vzero(), high = gr_vzero();
    half end = half_of(gr_vzero());
    if (t->bias != NULL) {
        low = gr_vload_upto(t->bias, t->columns);
        if (full + tail >= 2)
            high = gr_vload_part(t->bias + GR_VL, gr_least(GR_VL, t->columns - GR_VL));
        end = half_of(full == 0 ? low : high);
        if (full + tail == 3)
            end = half_of(gr_vload_part(t->bias + 2 * GR_VL, t->columns - 2 * GR_VL));
    }
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
        s.low[r] = low, s.high[r] = high, s.tail[r] = end;
    if (GR_VL == 16 && t->goes_on)
        take_up(t, &s, rows, full, tail);
    if (t->residual != NULL)
        fetch_residual(t->residual, t->step, rows);
    const float *b = t->b;
    const char *fetch = t->fetch;
    add_products(t, t->a, &b, &fetch, &s, rows, full, tail, false);
    if (t->act == GR_ACT_HARD_SWISH) {
        leave_all(t, &s, rows, full, tail, NULL);
        return;
    }
    const bool costly = t->act > GR_ACT_RELU6;
    const gr_limits limits = gr_limits_of(costly ? GR_ACT_NONE : t->act);
    leave_all(t, &s, rows, full, tail, &limits);
    if (costly)
        activate(t, t->out, rows);
}

#if GR_TRIPLES
/* Whole panels of tile `tile`, one behind the other: what is the same for all of them is found once. `adds` (the residual) is a
 * constant as well. */
GR_INLINE void run_whole_as(const gr_one_tile *t, int64_t tile, const int rows, const gr_limits *limits, const bool once,
                            const bool adds)
{
    const int64_t step = t->step;
    const float *left = t->a + tile * rows * t->lda, *b = t->b, *bias = t->bias;
    const char *fetch = t->fetch + tile * t->fetch_tile;
    float *out = t->out + tile * rows * step;
    const float *residual = adds ? t->residual + tile * rows * step : NULL;
    for (int64_t panel = t->panels; panel > 0; panel--) {
        sums s;
        const gr_vf low = bias != NULL ? gr_vload(bias) : gr_vzero(), high = bias != NULL ? gr_vload(bias + GR_VL) : gr_vzero();
#pragma GCC unroll 14
        for (int r = 0; r < rows; r++)
            s.low[r] = low, s.high[r] = high;
        if (adds)
            fetch_residual(residual, step, rows);
        add_products(t, left, &b, &fetch, &s, rows, 2, false, once);
        float *to = out;
        const float *from = residual;
#pragma GCC unroll 14
        for (int r = 0; r < rows; r++, to += step) {
            leave(to, adds ? from : NULL, s.low[r], true, 0, limits);
            leave(to + GR_VL, adds ? from + GR_VL : NULL, s.high[r], true, 0, limits);
            if (adds)
                from += step;
        }
        out += GR_NR;
        if (adds)
            residual += GR_NR;
        bias += bias != NULL ? GR_NR : 0;
    }
}

/* A tile after the other: what stands around the steps of a tile would take as long as a dozen of them. */
GR_INLINE void run_whole_once(const gr_one_tile *t, const int rows, const bool once, const bool adds)
{
    const int64_t tiles = gr_most(1, t->tiles);
    if (t->act == GR_ACT_HARD_SWISH && !adds) {
        for (int64_t tile = 0; tile < tiles; tile++)
            run_whole_as(t, tile, rows, NULL, once, false);
        return;
    }
    const gr_limits limits = gr_limits_of(t->act > GR_ACT_RELU6 ? GR_ACT_NONE : t->act);
    for (int64_t tile = 0; tile < tiles; tile++) {
        run_whole_as(t, tile, rows, &limits, once, adds);
        if (t->act > GR_ACT_RELU6)
            activate(t, t->out + tile * rows * t->step, rows);
    }
}

GR_INLINE void run_whole(const gr_one_tile *t, const int rows)
{
    if (t->residual != NULL)
        run_whole_once(t, rows, true, true);
    else if (t->runs == 1)
        run_whole_once(t, rows, true, false);
    else
        run_whole_once(t, rows, false, false);
}
#endif

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

#if GR_TRIPLES
static void three_rows(const gr_one_tile *t, int64_t rows)
{
    switch (rows) {
        ROWS(1, 2, true) ROWS(2, 2, true) ROWS(3, 2, true)
    }
}

/* Any number of rows, by three: nine sums, three vectors of b and one broadcast of a. A vector alone would wait for its own six
 * sums. */
static void three_vectors(const gr_one_tile *t, int64_t rows)
{
    gr_one_tile part = *t;
    for (int64_t left = rows, count; left > 0; left -= count) {
        count = left > 6 ? 3 : left > 3 ? gr_blocks(left, 2) : left;
        three_rows(&part, count);
        part.a += count * t->lda;
        part.out += count * t->step;
        part.residual += t->residual != NULL ? count * t->step : 0;
        part.fetch += t->runs * t->k * t->fetch_step;
    }
}

enum { ROW_PANELS = 4 };

/* One row of several panels at once, for the two sums of one would wait for each other. `panels` is a constant at each call. */
GR_INLINE void run_row(const gr_one_tile *t, int64_t first, const int panels)
{
    const int64_t panel = t->k * GR_NR;
    const float *a = t->a, *b = t->b + first * panel, *bias = t->bias != NULL ? t->bias + first * GR_NR : NULL;
    gr_vf sum[2 * ROW_PANELS];
#pragma GCC unroll 8
    for (int v = 0; v < 2 * panels; v++)
        sum[v] = bias != NULL ? gr_vload(bias + v * GR_VL) : gr_vzero();
    for (int64_t k = 0; k < t->k; k++, b += GR_NR) {
        const gr_vf x = gr_vset(a[k]);
#pragma GCC unroll 8
        for (int v = 0; v < 2 * panels; v++)
            sum[v] = gr_vfma(x, gr_vload(b + v / 2 * panel + v % 2 * GR_VL), sum[v]);
    }
    const gr_limits limits = gr_limits_of(t->act > GR_ACT_RELU6 ? GR_ACT_NONE : t->act);
#pragma GCC unroll 8
    for (int v = 0; v < 2 * panels; v++)
        leave(t->out + first * GR_NR + v * GR_VL, NULL, sum[v], true, 0, &limits);
}

static void one_row(const gr_one_tile *t)
{
    for (int64_t first = 0; first < t->panels; first += ROW_PANELS)
        switch (t->panels - first) {
        case 1: run_row(t, first, 1); break;
        case 2: run_row(t, first, 2); break;
        case 3: run_row(t, first, 3); break;
        default: run_row(t, first, ROW_PANELS);
        }
    if (t->act > GR_ACT_RELU6)
        activate(t, t->out, 1);
}

static void whole_panels(const gr_one_tile *t, int64_t rows)
{
    if (rows == 1 && t->runs == 1 && t->tiles <= 1 && t->residual == NULL) {
        one_row(t);
        return;
    }
    switch (rows) {
    case 1: run_whole(t, 1); break;
    case 2: run_whole(t, 2); break;
    case 3: run_whole(t, 3); break;
    case 4: run_whole(t, 4); break;
    case 5: run_whole(t, 5); break;
    case 6: run_whole(t, 6); break;
    }
}
#endif

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
#if GR_TRIPLES
    if (t->panels > 0) {
        whole_panels(t, rows);
        return;
    }
    if (t->columns > GR_NR) {
        three_vectors(t, rows);
        return;
    }
#endif
    (t->columns > GR_VL ? two_vectors : one_vector)(t, rows);
}
