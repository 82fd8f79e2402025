/* A convolution over an image in one pass, a row of results at a time: its tiles read their taps where the image has them, with
 * neither a division nor a copy, but for those that hang over an edge: of these the few pixels are copied, with zeros around. */
#include <stdio.h>

#include "image_lines.h"
#include "one_pass.h"
#include "parts.h"

enum { NEAR_PANELS = 24 << 10 /* bytes of weights that stay in L1 beside the lines that a row of results reads */ };

/* Everything follows from the shape. */
typedef struct cut {
    int64_t rows, tiles;           /* of results; of a row */
    int64_t fewest, longer;        /* results of a tile; how many of the first tiles of a row have one more */
    int64_t taps, step;            /* of a row of the kernel; floats from result to result */
    int64_t line;                  /* floats of a line of what is copied */
    int64_t strips;                /* of panels: a row goes through one after the other */
} cut;

static cut make_cut(const gr_conv_problem *p, int64_t turns)
{
    cut c = {.rows = p->n * p->oh, .tiles = gr_blocks(p->ow, GR_MR), .taps = p->kw * p->c, .step = p->stride_w * p->c};
    c.fewest = p->ow / c.tiles, c.longer = p->ow % c.tiles;
    c.line = gr_round_up((GR_MR - 1) * c.step + c.taps, 16);
    c.strips = p->kh * c.taps * gr_blocks(p->oc, GR_NR) * GR_NR * (int64_t)sizeof(float) > NEAR_PANELS ? turns : 1;
    return c;
}

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *f)
{
    if (p->c > GR_IMAGE_CHANNELS || p->kw == 1)
        return "it is for several taps of up to 4 input channels";
    if (p->dil_h != 1 || p->dil_w != 1)
        return "the kernel is dilated";
    if ((gr_blocks(p->ow, GR_MR) * GR_MR - p->ow) * 8 > p->ow)
        return "rows of results fill their tiles badly";
    return GR_KERNEL(gr_one_pass).refuses(p, d, f);
}

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    return GR_KERNEL(gr_one_pass).packed_size(p, d);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d;
    return sizeof(float) * (size_t)(p->kh * make_cut(p, 1).line * threads);
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    GR_KERNEL(gr_view_pack)(p, d, weights, packed);
}

typedef struct job {
    gr_one_pass_job one;
    const gr_conv_problem *p;
    cut c;
    int64_t share; /* of GR_AHEAD: of a tile and panel */
} job;

/* `count` floats from `from`, or zeros. */
static inline void copy(int64_t count, const float *from, float *to)
{
    for (int64_t i = 0; i < count; i += GR_VL)
        gr_vstore_upto(to + i, from != NULL ? gr_vload_upto(from + i, count - i) : gr_vzero(), count - i);
}

/* The lines under `rows` results from `column` on, of which the first reads pixel (top, left) of image x first. */
static void copy_lines(const job *j, const float *x, int64_t top, int64_t left, int64_t rows, float *lines)
{
    const gr_conv_problem *p = j->p;
    const int64_t pixels = (rows - 1) * p->stride_w + p->kw;
    const int64_t low = gr_least(pixels, gr_most(0, -left)), high = gr_most(low, gr_least(pixels, p->w - left));
    for (int64_t h = top; h < top + p->kh; h++, lines += j->c.line) {
        if (h < 0 || h >= p->h) {
            copy(pixels * p->c, NULL, lines);
            continue;
        }
        copy(low * p->c, NULL, lines);
        copy((high - low) * p->c, x + (h * p->w + left + low) * p->c, lines + low * p->c);
        copy((pixels - high) * p->c, NULL, lines + high * p->c);
    }
}

/* The left matrix of `rows` results from `column` on of a row: where they lie in the image, or copied. Returns how many tiles of as
 * many, up to `tiles`, may be read one behind the other. */
static int64_t find_left(const job *j, int64_t row, int64_t column, int64_t rows, int64_t tiles, float *lines, gr_one_tile *t)
{
    const gr_conv_problem *p = j->p;
    const int64_t top = row % p->oh * p->stride_h - p->pad_top, left = column * p->stride_w - p->pad_left;
    const int64_t most = p->w - p->kw - left; /* floor(most / stride) + 1 results are left of the image's end */
    const float *x = j->one.args->x + row / p->oh * p->h * p->w * p->c;
    if (top >= 0 && top + p->kh <= p->h && left >= 0 && most >= (rows - 1) * p->stride_w) {
        t->a = x + (top * p->w + left) * p->c, t->run_step = p->w * p->c;
        return gr_least(tiles, (most / p->stride_w + 1) / rows);
    }
    copy_lines(j, x, top, left, rows, lines);
    t->a = lines, t->run_step = j->c.line;
    return 1;
}

/* Panels `first` to `end` of a row of results. */
static void run_strip(const job *j, int64_t row, int64_t first, int64_t end, float *lines)
{
    const cut *c = &j->c;
    const gr_conv_problem *p = j->p;
    const bool groups = gr_goes_whole(j->one.f, p->kh);
    gr_one_tile t = {.runs = p->kh, .k = c->taps, .lda = c->step, .step = p->oc, .act = j->one.f->act};
    t.fetch_step = gr_blocks(j->share, p->kh * c->taps);
    for (int64_t tile = 0, column = 0, rows, count; tile < c->tiles; tile += count, column += count * rows) {
        rows = c->fewest + (tile < c->longer);
        const int64_t pixel = row * p->ow + column, alike = tile < c->longer ? c->longer : c->tiles;
        float *out = j->one.args->out + pixel * p->oc;
        count = find_left(j, row, column, rows, groups ? alike - tile : 1, lines, &t);
        t.fetch = (const char *)j->one.args->packed + packed_size(p, GR_FORWARD) +
                  (row * c->tiles + tile) * j->one.c.v.panels * j->share;
        if (groups)
            GR_KERNEL(gr_one_pass_group)(&j->one, &t, pixel, rows, count, first, end, j->share, out);
        else
            GR_KERNEL(gr_one_pass_turns)(&j->one, &t, pixel, rows, first, end, j->share, out);
    }
}

static void run_row(void *ctx, int64_t row, int thread)
{
    const job *j = ctx;
    const int64_t turns = j->one.c.turns, strips = j->c.strips;
    float *lines = (float *)j->one.args->scratch + j->p->kh * j->c.line * thread;
    for (int64_t strip = 0; strip < strips; strip++)
        run_strip(j, row, turns * strip / strips, turns * (strip + 1) / strips, lines);
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    (void)d;
    job j = {.one = GR_KERNEL(gr_one_pass_begin)(p, args), .p = p};
    j.c = make_cut(p, j.one.c.turns);
    j.share = gr_blocks(GR_AHEAD, j.c.rows * j.c.tiles * j.one.c.v.panels);
    gr_parallel_for(j.c.rows, run_row, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    const cut c = make_cut(p, gr_blocks(p->oc, GR_NR));
    snprintf(text, size, "%d pixels x %d channels from lines of the image, %lld rows of %lld tiles%s", GR_MR, GR_NR,
             (long long)c.rows, (long long)c.tiles, c.strips > 1 ? ", panel by panel" : "");
}

const gr_conv_algorithm GR_KERNEL(gr_one_pass_image) = {
    .name = "one_pass_image",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
