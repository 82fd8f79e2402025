/* Winograd F(2x2,3x3) at inference, for maps of so few 4x4 tiles that F(4x4,3x3) would read more transformed weights than it saves
 * products: 16 products for 4 results instead of 36, with weights 16/9 as large (Lavin and Gray 2016).
 *
 *     y = A^T [ (G g G^T) * (B^T d B) ] A        d: 4x4 patch in, g: 3x3 filter, y: 2x2 tile out
 *
 *     B^T = | 1  0 -1  0 |     G = | 1    0    0  |     A^T = | 1  1  1  0 |
 *           | 0  1  1  0 |         | 1/2  1/2 1/2 |           | 0  1 -1 -1 |
 *           | 0 -1  1  0 |         | 1/2 -1/2 1/2 |
 *           | 0  1  0 -1 |         | 0    0    1  |
 *
 *     V [16][tile][IC]    U [16][panel][IC][GR_NR]    M [16][tile][OC]
 *
 * The last row of positions goes into a tile's second row of results alone, and so with columns: where a map of 7 is cut into
 * 2 + 2 + 2 + 1, tiles of one row or column leave out what they do not need, 225 products instead of 256. Tiles are numbered so
 * that those which a position needs stand together: of one column, whole, of one row, of one row and column. */
#include <stdio.h>

#include "one_pass.h"
#include "parts.h"

enum {
    POSITIONS = 16,
    MOST_TILES = 64,
    STRIPS_MIN = GR_VL == 16 ? 2 : 1 /* of a position: each step asks for one line of the next panel, which has two of them there */
};

static int64_t tile_rows(const gr_conv_problem *p) { return gr_blocks(p->oh, 2); }
static int64_t tile_columns(const gr_conv_problem *p) { return gr_blocks(p->ow, 2); }
static int64_t tiles_of(const gr_conv_problem *p) { return p->n * tile_rows(p) * tile_columns(p); }

static const char *refuses(const gr_conv_problem *p, gr_direction d, const gr_conv_fusion *f)
{
    if (d != GR_FORWARD)
        return "it runs forward alone";
    if (p->kh != 3 || p->kw != 3 || p->stride_h != 1 || p->stride_w != 1 || p->dil_h != 1 || p->dil_w != 1 || p->groups != 1)
        return "the kernel is not 3x3 at stride 1";
    if (p->exact || p->bf16 || p->explained)
        return "the plan is exact, explains, or is in bfloat16";
    if (tiles_of(p) > MOST_TILES || tiles_of(p) < 8)
        return "there are too many 2x2 tiles, or too few";
    if (p->c < 128 || p->oc < 128)
        return "fewer than 128 channels are quicker without transforms";
    if (f != NULL && (f->stats != NULL || f->in_scale != NULL || f->in_act != GR_ACT_NONE || f->act > GR_ACT_RELU6))
        return "it reads what is written, leaves no sums, and knows ReLU and ReLU6";
    return NULL;
}

static int64_t panels_of(const gr_conv_problem *p) { return gr_blocks(p->oc, GR_NR); }

static size_t packed_size(const gr_conv_problem *p, gr_direction d)
{
    (void)d;
    return sizeof(float) * (size_t)(POSITIONS * panels_of(p) * p->c * GR_NR);
}

static size_t scratch_size(const gr_conv_problem *p, gr_direction d, int threads)
{
    (void)d, (void)threads;
    return sizeof(float) * (size_t)(POSITIONS * tiles_of(p) * (gr_row_stride(p->c) + p->oc));
}

static int64_t stat_blocks(const gr_conv_problem *p, gr_direction d)
{
    (void)p, (void)d;
    return 0;
}

/* ---- the filter ------------------------------------------------------------------------------------------------------- */

/* Three numbers `step` apart, as four. */
static void spread(const float *g, int64_t step, float out[4])
{
    out[0] = g[0];
    out[1] = 0.5f * (g[0] + g[step] + g[2 * step]);
    out[2] = 0.5f * (g[0] - g[step] + g[2 * step]);
    out[3] = g[2 * step];
}

typedef struct pack_job {
    const gr_conv_problem *p;
    const float *weights;
    float *packed;
} pack_job;

static void pack_panel(void *ctx, int64_t panel, int thread)
{
    const pack_job *j = ctx;
    const gr_conv_problem *p = j->p;
    (void)thread;
    for (int64_t c = 0; c < p->c; c++)
        for (int64_t l = 0; l < GR_NR; l++) {
            float g[9] = {0}, half[3][4], u[4];
            int64_t oc = panel * GR_NR + l;
            for (int tap = 0; tap < 9 && oc < p->oc; tap++)
                g[tap] = j->weights[(tap * p->c + c) * p->oc + oc];
            for (int row = 0; row < 3; row++)
                spread(g + 3 * row, 1, half[row]);
            for (int column = 0; column < 4; column++) {
                spread(&half[0][column], 4, u);
                for (int row = 0; row < 4; row++)
                    j->packed[(((row * 4 + column) * panels_of(p) + panel) * p->c + c) * GR_NR + l] = u[row];
            }
        }
}

static void pack(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed)
{
    pack_job j = {p, weights, packed};
    (void)d;
    gr_parallel_for(panels_of(p), pack_panel, &j);
}

/* ---- the image -------------------------------------------------------------------------------------------------------- */

typedef struct job {
    const gr_conv_problem *p;
    const gr_conv_args *args;
    const gr_conv_fusion *f;
    int64_t tiles, lda;
    float *v, *m;
} job;

/* Tiles from `first` to `end`. */
typedef struct range {
    int64_t first, end;
} range;

/* Which tiles a position needs. */
static range needed(const gr_conv_problem *p, int position)
{
    const int64_t tall = p->n * (p->oh / 2) * tile_columns(p), narrow = p->n * (p->oh / 2) * (p->ow % 2);
    const int64_t wide = p->n * tile_rows(p) * (p->ow / 2);
    range r = {0, tiles_of(p)};
    if (position / 4 == 3)
        r.end = tall;
    if (position % 4 == 3)
        r.first = narrow, r.end = gr_least(r.end, narrow + wide);
    return r;
}

/* Where a tile's results begin. */
static void corner(const gr_conv_problem *p, int64_t tile, int64_t *n, int64_t *row, int64_t *column)
{
    const int64_t rows = p->oh / 2, columns = p->ow / 2, odd_rows = p->oh % 2, odd_columns = p->ow % 2;
    const int64_t narrow = p->n * rows * odd_columns, whole = p->n * rows * columns, low = p->n * odd_rows * columns;
    if (tile < narrow) {
        *n = tile / rows, *row = 2 * (tile % rows), *column = 2 * columns;
    } else if (tile < narrow + whole) {
        tile -= narrow;
        *n = tile / (rows * columns), *row = 2 * (tile / columns % rows), *column = 2 * (tile % columns);
    } else if (tile < narrow + whole + low) {
        tile -= narrow + whole;
        *n = tile / columns, *row = 2 * rows, *column = 2 * (tile % columns);
    } else {
        *n = tile - narrow - whole - low, *row = 2 * rows, *column = 2 * columns;
    }
}

static void transform_in(void *ctx, int64_t tile, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    int64_t n, row, column;
    (void)thread;
    corner(p, tile, &n, &row, &column);
    row -= p->pad_top, column -= p->pad_left;
    for (int64_t c = 0; c < p->c; c += GR_VL) {
        gr_vf d[4][4], t[4][4];
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 4; k++) {
                bool inside = row + i >= 0 && row + i < p->h && column + k >= 0 && column + k < p->w;
                const float *at = j->args->x + ((n * p->h + row + i) * p->w + column + k) * p->c + c;
                d[i][k] = inside ? gr_vload_upto(at, p->c - c) : gr_vzero();
            }
        for (int k = 0; k < 4; k++) {
            t[0][k] = d[0][k] - d[2][k];
            t[1][k] = d[1][k] + d[2][k];
            t[2][k] = d[2][k] - d[1][k];
            t[3][k] = d[1][k] - d[3][k];
        }
        for (int i = 0; i < 4; i++) {
            const gr_vf v[4] = {t[i][0] - t[i][2], t[i][1] + t[i][2], t[i][2] - t[i][1], t[i][1] - t[i][3]};
            for (int k = 0; k < 4; k++)
                gr_vstore_upto(j->v + ((i * 4 + k) * j->tiles + tile) * j->lda + c, v[k], p->c - c);
        }
    }
}

/* A position and a panel: all tiles that need it, while the next panel is on its way. */
static void multiply(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    int64_t panels = panels_of(p), position = index / panels, column = index % panels * GR_NR;
    const range tiles = needed(p, (int)position);
    int64_t count = tiles.end - tiles.first, panel = p->c * GR_NR;
    int64_t strips = gr_most(gr_blocks(count, GR_MR), gr_least(STRIPS_MIN, count));
    int64_t bytes = panel * (int64_t)sizeof(float);
    const float *b = (const float *)j->args->packed + index * panel;
    (void)thread;
    for (int64_t strip = 0; strip < strips; strip++) {
        int64_t first = tiles.first + count * strip / strips, rows = tiles.first + count * (strip + 1) / strips - first;
        gr_one_tile t = {.a = j->v + (position * j->tiles + first) * j->lda,
                         .lda = j->lda,
                         .runs = 1,
                         .k = p->c,
                         .b = b,
                         .out = j->m + (position * j->tiles + first) * p->oc + column,
                         .step = p->oc,
                         .columns = gr_least(GR_NR, p->oc - column),
                         .fetch = (const char *)(b + panel) + bytes * strip / strips,
                         .fetch_step = gr_blocks(gr_blocks(bytes, strips), p->c)};
        GR_KERNEL(gr_one_tile)(&t, rows);
    }
}

static void transform_out(void *ctx, int64_t tile, int thread)
{
    const job *j = ctx;
    const gr_conv_problem *p = j->p;
    const gr_limits limits = gr_limits_of(j->f->act);
    int64_t n, row, column;
    (void)thread;
    corner(p, tile, &n, &row, &column);
    for (int64_t c = 0; c < p->oc; c += GR_VL) {
        gr_vf m[4][4], t[2][4], bias = j->f->bias != NULL ? gr_vload_upto(j->f->bias + c, p->oc - c) : gr_vzero();
        for (int i = 0; i < POSITIONS; i++) {
            const bool is_there = (i / 4 < 3 || row + 1 < p->oh) && (i % 4 < 3 || column + 1 < p->ow);
            m[i / 4][i % 4] = is_there ? gr_vload_upto(j->m + (i * j->tiles + tile) * p->oc + c, p->oc - c) : gr_vzero();
        }
        for (int k = 0; k < 4; k++) {
            t[0][k] = m[0][k] + m[1][k] + m[2][k];
            t[1][k] = m[1][k] - m[2][k] - m[3][k];
        }
        for (int i = 0; i < 2; i++) {
            const gr_vf y[2] = {t[i][0] + t[i][1] + t[i][2] + bias, t[i][1] - t[i][2] - t[i][3] + bias};
            for (int k = 0; k < 2 && row + i < p->oh; k++) {
                int64_t at = ((n * p->oh + row + i) * p->ow + column + k) * p->oc + c;
                if (column + k >= p->ow)
                    continue;
                gr_vf sum = j->f->residual != NULL ? y[k] + gr_vload_upto(j->f->residual + at, p->oc - c) : y[k];
                gr_vstore_upto(j->args->out + at, gr_vlimit(sum, &limits), p->oc - c);
            }
        }
    }
}

static void run(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args)
{
    job j = {.p = p, .args = args, .f = args->fusion != NULL ? args->fusion : &gr_no_fusion, .tiles = tiles_of(p)};
    (void)d;
    j.lda = gr_row_stride(p->c);
    j.v = args->scratch;
    j.m = j.v + POSITIONS * j.tiles * j.lda;
    gr_parallel_for(j.tiles, transform_in, &j);
    gr_parallel_for(POSITIONS * panels_of(p), multiply, &j);
    gr_parallel_for(j.tiles, transform_out, &j);
}

static void describe(const gr_conv_problem *p, gr_direction d, char *text, size_t size)
{
    (void)d;
    snprintf(text, size, "F(2x2,3x3), %lld tiles, panel by panel", (long long)tiles_of(p));
}

const gr_conv_algorithm GR_KERNEL(gr_winograd_small) = {
    .name = "winograd_small",
    .refuses = refuses,
    .packed_size = packed_size,
    .scratch_size = scratch_size,
    .stat_blocks = stat_blocks,
    .pack = pack,
    .run = run,
    .describe = describe,
};
