/* The register tile of a convolution in front of a batch norm, forward: bias and sums are taken from the results while those stand
 * in registers. Through memory (K_conv_finish.c), a tile of few steps waited as long for that as its products take. */
#include "implicit_gemm.h"

#if GR_REGISTERS == 16

/* Sums and sums of squares of one vector of channels, added to what is there. */
GR_INLINE void add_stats(const gr_finish *finish, int64_t channel, gr_vf sum, gr_vf squares)
{
    float *sums = finish->stats + channel, *products = sums + finish->channels;
    gr_vstore(sums, gr_vload(sums) + sum);
    gr_vstore(products, gr_vload(products) + squares);
}

/* `rows` and `stream` are constants at each call. The tile writes to an array that nobody else sees: it stays in registers. */
GR_INLINE void run(const gr_finish *finish, const gr_tile *t, int64_t channel, const int rows, const bool stream)
{
    float results[GR_MR * GR_NR], *aside[GR_MR];
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++)
        aside[r] = results + r * GR_NR;
    const gr_tile own = {.runs = t->runs, .k = t->k, .a = t->a, .lda = t->lda, .run_step = t->run_step, .b = t->b, .out = aside,
                         .columns = GR_NR, .fetch = t->fetch, .fetch_step = t->fetch_step};
    gr_tile_by_rows(&own, rows, 2, false);
    const float *bias = finish->f->bias;
    gr_vf more[2], sum[2], squares[2];
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++) {
        more[v] = bias != NULL ? gr_vload(bias + channel + v * GR_VL) : gr_vzero();
        sum[v] = squares[v] = gr_vzero();
    }
#pragma GCC unroll 14
    for (int r = 0; r < rows; r++) {
        float *out = t->out[r] + t->column;
#pragma GCC unroll 2
        for (int v = 0; v < 2; v++, out += GR_VL) {
            const gr_vf y = gr_vload(results + r * GR_NR + v * GR_VL) + more[v];
            sum[v] += y;
            squares[v] = gr_vfma(y, y, squares[v]);
            if (stream)
                gr_vstream(out, y);
            else
                gr_vstore(out, y);
        }
    }
#pragma GCC unroll 2
    for (int v = 0; v < 2; v++)
        add_stats(finish, channel + v * GR_VL, sum[v], squares[v]);
}

#define ROWS(r)                                                                                                             \
    case r:                                                                                                                 \
        if (r <= GR_MR && stream)                                                                                           \
            run(finish, t, channel, r <= GR_MR ? r : 1, true);                                                              \
        else if (r <= GR_MR)                                                                                                \
            run(finish, t, channel, r <= GR_MR ? r : 1, false);                                                             \
        break;

bool GR_KERNEL(gr_tile_finish)(const gr_finish *finish, const gr_tile *t, int64_t rows, int64_t channel, bool stream)
{
    const gr_conv_fusion *f = finish->f;
    if (finish->d != GR_FORWARD || finish->stats == NULL || f->residual != NULL || f->act != GR_ACT_NONE || t->columns != GR_NR)
        return false;
    switch (rows) {
        ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6)
    }
    return true;
}

#else

bool GR_KERNEL(gr_tile_finish)(const gr_finish *finish, const gr_tile *t, int64_t rows, int64_t channel, bool stream)
{
    (void)finish, (void)t, (void)rows, (void)channel, (void)stream;
    return false;
}

#endif
