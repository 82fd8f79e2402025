/* An image through matrix registers: forward direction, and what a plan sees. */
#include <stdio.h>

#include "matrix_image.h"
#include "matrix_tile.h"
#include "pairs_finish.h"
#include "parts.h"

#if GR_PAIR_STEP > 1

enum { ROWS = 16, CHANNELS_MOST = 4 };

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *fusion)
{
    if (!p->bf16)
        return "its factors are not bfloat16";
    if (d == GR_BACKDATA)
        return "an image's gradient is nobody's";
    if (p->groups != 1 || p->dil_h != 1 || p->dil_w != 1)
        return "the convolution is grouped or dilated";
    if (p->c > CHANNELS_MOST || p->kw * p->c > GR_IMAGE_RUN || p->kh == 1)
        return "its taps' rows are not those of an image";
    if (p->oc % GR_NR != 0)
        return "its channels do not fill matrix registers";
    if (p->narrow.x || (fusion != NULL && (fusion->in_scale != NULL || fusion->in_act != GR_ACT_NONE)))
        return "what is read changes on the way";
    if (p->pad_left < 0 || p->pad_top < 0)
        return "the padding is negative";
    if (d == GR_BACKWEIGHT && p->stride_w * p->c % 2 != 0)
        return "neighbouring results are an odd number of numbers apart";
    return NULL;
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    return d == GR_BACKWEIGHT ? 0 : sizeof(float) * (size_t)(p->kh * GR_PAIR_STEP * p->oc);
}

/* [panel of OC][row of taps][pair][GR_NR] */
static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    float *out = packed, step[GR_IMAGE_RUN * GR_NR];
    for (int64_t column = 0; column < p->oc && d == GR_FORWARD; column += GR_NR)
        for (int64_t th = 0; th < p->kh; th++, out += GR_PAIR_STEP * GR_NR) {
            memset(step, 0, sizeof step);
            gr_panel_copy(p->kw * p->c, GR_NR, weights + th * p->kw * p->c * p->oc + column, p->oc, step);
            GR_KERNEL(gr_pair_rows)(GR_IMAGE_RUN, GR_NR, step, GR_NR);
            memcpy(out, step, sizeof *out * GR_PAIR_STEP * GR_NR);
        }
}

static size_t lines_floats(const gr_image_band *b)
{
    return (size_t)gr_round_up(b->lines * b->line_words / 2, 16);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    gr_image_band b = GR_KERNEL(gr_image_band_make)(p, ROWS);
    return d == GR_BACKWEIGHT ? GR_KERNEL(gr_image_taps_scratch)(p, threads) : sizeof(float) * lines_floats(&b) * (size_t)threads;
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    gr_image_band b = GR_KERNEL(gr_image_band_make)(p, ROWS);
    return d == GR_FORWARD ? p->n * b.bands : 0;
}

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    gr_pairs_finish finish;
    gr_image_band b;
} job;

/* Sums of 32 (or 16, not `low`) neighbours of a row of results x 32 channels. `line`: the first row of the first one's taps. */
GR_INLINE void multiply(const job *j, const uint16_t *line, const float *b, const bool low, float *sums)
{
    const gr_conv_problem *p = j->p;
    const int64_t step = p->stride_w * p->c * (int64_t)sizeof *line;
    gr_matrix_zero();
    for (int64_t th = 0; th < p->kh; th++, line += j->b.line_words, b += GR_TILE_STEP)
        gr_matrix_step(line, step, b, low);
    gr_matrix_store(sums);
}

/* One row of results, number `at` of all images' rows. */
static void run_row(const job *j, int64_t at, const uint16_t *line, float *stats)
{
    const gr_conv_problem *p = j->p;
    float sums[GR_TILE_FLOATS] __attribute__((aligned(64)));
    int64_t place[GR_PAIR_ROWS];
    for (int64_t w = 0; w < p->ow; w += GR_PAIR_ROWS) {
        const int64_t count = gr_least(GR_PAIR_ROWS, p->ow - w);
        for (int64_t i = 0; i < count; i++)
            place[i] = (at * p->ow + w + i) * p->oc;
        for (int64_t column = 0; column < p->oc; column += GR_NR) {
            const float *packed = (const float *)j->args->packed + column / GR_NR * p->kh * GR_PAIR_STEP * GR_NR;
            const uint16_t *from = line + w * p->stride_w * p->c;
            GR_MATRIX_FENCE();
            if (count > GR_TILE_HALF)
                multiply(j, from, packed, true, sums);
            else
                multiply(j, from, packed, false, sums);
            GR_MATRIX_FENCE();
            GR_KERNEL(gr_pairs_finish_tile)(&j->finish, sums, place, count, column, GR_NR, stats);
        }
    }
}

static void run_band(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    const int64_t image = index / j->b.bands, band = index % j->b.bands, first = band * j->b.rows;
    uint16_t *lines = (uint16_t *)((float *)j->args->scratch + lines_floats(&j->b) * (size_t)thread);
    float *stats = j->finish.stats != NULL ? j->finish.stats + index * 2 * p->oc : NULL;
    if (stats != NULL)
        memset(stats, 0, sizeof *stats * (size_t)(2 * p->oc));
    GR_KERNEL(gr_image_fill)(p, &j->b, j->args->x, image, band, lines);
    GR_KERNEL(gr_matrix_begin)();
    for (int64_t r = 0; r < j->b.rows && first + r < p->oh; r++)
        run_row(j, image * p->oh + first + r, lines + r * p->stride_h * j->b.line_words, stats);
    GR_KERNEL(gr_matrix_end)();
    if (j->finish.stream)
        gr_vstream_end();
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    if (d == GR_BACKWEIGHT) {
        GR_KERNEL(gr_image_taps_weight)(p, args);
        return;
    }
    job j = {.p = p, .args = args, .finish = GR_KERNEL(gr_pairs_finish_make)(p, d, args),
             .b = GR_KERNEL(gr_image_band_make)(p, ROWS)};
    gr_parallel_for(p->n * j.b.bands, run_band, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    gr_image_band b = GR_KERNEL(gr_image_band_make)(p, ROWS);
    if (d == GR_BACKWEIGHT)
        GR_KERNEL(gr_image_taps_describe)(p, text, size);
    else
        snprintf(text, size, "bf16, %d pixels x %d channels, %lld blocks of %lld rows", GR_PAIR_ROWS, GR_NR,
                 (long long)(p->n * b.bands), (long long)b.rows);
}

const gr_conv_algorithm GR_KERNEL(gr_matrix_image) = {
    .name = "matrix_image",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};

#endif
