/* Winograd convolution F(4x4,3x3) and its weight gradient F(3x3,4x4): what the K_winograd*.c files share.
 *
 * Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", with the interpolation points 0, +-A, +-B and
 * infinity, A^2 = 1/2, B^2 = 2, whose transforms lose about three times less precision than the usual 0, +-1, +-2:
 *
 *     y = A^T [ (G g G^T) * (B^T d B) ] A        d: 6x6 patch in, g: 3x3 filter, y: 4x4 tile out, * elementwise
 *     dg = G^T [ sum over tiles (B^T d B) * (A dy A^T) ] G
 *
 * The 36 elementwise products, taken over all channels and many tiles, are 36 matrix products: V (tiles x IC) times U
 * (IC x OC) gives M (tiles x OC). Data direction: dy takes the place of x and the filter is turned by 180 degrees.
 *
 * Letters here: IC, OC are the channels that a direction reads and writes (data direction: IC counts dy's). Tiles are
 * numbered kind by kind (see gr_wino_tiles), image by image, row by row. A strip is up to GR_STRIP tiles of one kind that one
 * register block multiplies; a panel is GR_PANEL output channels. Channels are padded with zeros to whole vectors (V) and
 * panels (U, M).
 *
 *     V  [strip][IC / GR_VL][36][GR_STRIP][GR_VL]    so that the register block walks it with constant offsets
 *     U  [36][panel][IC][GR_PANEL]                   read front to back; positions u_stride apart
 *     M  [strip][panel][36][GR_STRIP][GR_PANEL] */
#ifndef GR_WINOGRAD_H
#define GR_WINOGRAD_H

#include "conv_source.h"
#include "parts.h"
#include "winograd_fours.h"

/* For loops whose count is known once their function is inlined: without it the sums would not stay in registers. */
#if defined(__clang__)
#define GR_UNROLL _Pragma("clang loop unroll(full)")
#else
#define GR_UNROLL _Pragma("GCC unroll 36")
#endif

#define GR_POINT_A 0.70710678118654752440f
#define GR_POINT_B 1.41421356237309504880f

enum {
    GR_POSITIONS = 36,
    GR_STRIP = GR_REGISTERS == 32 ? 14 : 6, /* times two vectors of sums, two of B and a broadcast fill the registers */
    GR_PANEL = 2 * GR_VL,
    GR_V_BLOCK = GR_POSITIONS * GR_STRIP * GR_VL, /* floats of V for a strip and GR_VL channels */
    GR_M_BLOCK = GR_POSITIONS * GR_STRIP * GR_PANEL,
    GR_LINE = 64 / sizeof(float) /* floats of a cache line */
};

/* 14 rows are no multiple of 4. Instead of 4 + 4 + 4 + 2 they are cut into 4 + 4 + 3 + 3: a tile of three rows is one of four
 * whose last row nobody wants, and that row alone needs the sixth row of positions (infinity). So such a tile takes 30 of
 * the 36 products, and one that is short in both directions 25. Kinds are in an order in which the tiles that a position
 * needs stand together. */
enum { GR_TALL_NARROW, GR_TALL_WIDE, GR_SHORT_WIDE, GR_SHORT_NARROW, GR_KINDS };

typedef struct gr_wino_tiles {
    int64_t first, rows, cols;  /* number of the first tile of this kind; those of an image */
    int64_t row0, row1, height; /* its tiles' first output rows: row0, row0 + height .. below row1, in every image */
    int64_t col0, col1, width;
} gr_wino_tiles;

/* How outputs are cut into tiles. The 6x6 patch behind a tile starts pad_top, pad_left before its first output. */
typedef struct gr_wino_grid {
    int64_t images, tiles; /* tiles: of all images */
    gr_wino_tiles kinds[GR_KINDS];
    int64_t pad_top, pad_left;
} gr_wino_grid;

/* The tiles that need a position: *first .. *end - 1. */
static inline void gr_wino_needs(const gr_wino_grid *grid, int64_t position, int64_t *first, int64_t *end)
{
    const bool last_row = position / 6 == 5, last_col = position % 6 == 5;
    *first = last_col ? grid->kinds[GR_TALL_WIDE].first : 0;
    *end = last_row   ? grid->kinds[GR_SHORT_WIDE].first
           : last_col ? grid->kinds[GR_SHORT_NARROW].first
                      : grid->tiles;
}

/* A tensor that is cut into tiles. Outside of it everything is 0. */
typedef struct gr_wino_image {
    gr_source source;
    int64_t h, w, channels;
    const gr_pool_problem *pool; /* NULL, or source.data is the gradient behind this pool of the tensor */
    const uint8_t *taps;         /* and these were chosen */
} gr_wino_image;

static inline gr_wino_image gr_wino_image_of_dy(const gr_conv_problem *p, const gr_conv_args *args)
{
    gr_wino_image image = {.source = gr_stored_dy(p, args), .h = p->oh, .w = p->ow, .channels = p->oc};
    if (args->fusion != NULL && args->fusion->pool.kh != 0)
        image.pool = &args->fusion->pool, image.taps = args->fusion->pool_index;
    return image;
}

/* What happens to a pixel on reading: as gr_stored_read, but decided once for a whole patch. */
typedef enum gr_wino_reading {
    GR_READ_PLAIN,
    GR_READ_CLIPPED,
    GR_READ_SCALED,
    GR_READ_SCALED_CLIPPED,
    GR_READ_BATCH_NORM_BACK
} gr_wino_reading;

static inline gr_wino_reading gr_wino_reading_of(const gr_source *s)
{
    if (s->a != NULL)
        return GR_READ_BATCH_NORM_BACK;
    if (s->scale != NULL)
        return s->act == GR_ACT_RELU ? GR_READ_SCALED_CLIPPED : GR_READ_SCALED;
    return s->act == GR_ACT_RELU ? GR_READ_CLIPPED : GR_READ_PLAIN;
}

/* Its numbers of one vector of channels. */
typedef struct gr_wino_change {
    gr_vf scale, shift, other;
} gr_wino_change;

/* Of channels c .. c + lanes - 1. `how` is a constant at each call, here and below. */
GR_INLINE gr_wino_change gr_wino_change_of(const gr_source *s, const gr_wino_reading how, int64_t c, int64_t lanes)
{
    gr_wino_change change = {.scale = gr_vzero()};
    if (how == GR_READ_SCALED || how == GR_READ_SCALED_CLIPPED) {
        change.scale = gr_vload_upto(s->scale + c, lanes);
        change.shift = gr_vload_upto(s->shift + c, lanes);
    } else if (how == GR_READ_BATCH_NORM_BACK) {
        change.scale = gr_vload_upto(s->a + c, lanes);
        change.other = gr_vload_upto(s->b + c, lanes);
        change.shift = gr_vload_upto(s->c + c, lanes);
    }
    return change;
}

/* The numbers at data[at]; not narrow: no tensor is. */
GR_INLINE gr_vf gr_wino_read(const gr_source *s, const gr_wino_reading how, const gr_wino_change *change, int64_t at,
                             int64_t lanes, const bool narrow)
{
    gr_vf x = gr_vload_as(s->data, at, lanes, narrow && s->narrow);
    if (how == GR_READ_BATCH_NORM_BACK)
        x = gr_vfma(x, change->scale,
                    gr_vfma(gr_vload_as(s->other, at, lanes, narrow && s->other_narrow), change->other, change->shift));
    else if (how == GR_READ_SCALED || how == GR_READ_SCALED_CLIPPED)
        x = gr_vfma(x, change->scale, change->shift);
    return how == GR_READ_CLIPPED || how == GR_READ_SCALED_CLIPPED ? gr_vrelu(x) : x;
}

/* What happens to outputs before they are stored, in this order. */
enum {
    GR_ADD_OLD = 1,       /* out += */
    GR_ADD_BIAS = 2,      /* bias[oc] */
    GR_MASK = 4,          /* 0 unless mask_x * mask_scale + mask_shift > 0 */
    GR_SUM_SQUARES = 8,   /* stats: sums of y and y * y */
    GR_SUM_PRODUCTS = 16, /* stats: sums of dx and dx * mask_x */
    GR_ADD_RESIDUAL = 32,
    GR_CLIP = 64,        /* max(y, 0) */
    GR_NARROW_OUT = 128, /* out is stored as bfloat16 */
    GR_NARROW_X = 256,   /* mask_x is */
    GR_POOL = 512        /* the fusion's max pool, which takes bias and activation to itself */
};

typedef struct gr_wino_target {
    float *out;
    int64_t h, w, channels;
    unsigned features; /* of the list above */
    bool stream;       /* past the caches */
    const gr_conv_fusion *fusion;
    float *stats; /* [task][2][channels] or NULL */
} gr_wino_target;

/* Tiles of one kind in strips: of each or each + 1 tiles, the longer ones first, so that none is nearly empty. */
typedef struct gr_wino_strips {
    int64_t first, count; /* strips */
    int64_t each, longer; /* tiles; how many strips have one more */
} gr_wino_strips;

/* A forward or data convolution, in the letters above; follows from the problem and the instruction set alone. */
typedef struct gr_wino_plan {
    gr_wino_grid grid;
    int64_t ic, oc, ic_blocks, panels, strips;
    gr_wino_strips kinds[GR_KINDS];
    int64_t u_stride;      /* floats from one position of U to the next */
    bool staged;           /* the three steps one after the other for `block` strips, each in parallel; else each task does
                              all three for its blocks of `block` strips, which stay in its core's cache */
    int64_t block, blocks; /* strips in a block; how many blocks */
    int64_t tasks;         /* fused: over which the blocks are spread; rows of statistics */
} gr_wino_plan;

/* Tiles of a strip: from *first, their number is returned. Without a division, which many short products would wait for. */
static inline int64_t gr_wino_strip(const gr_wino_plan *plan, int64_t strip, int64_t *first)
{
    int kind = 0;
    while (kind + 1 < GR_KINDS && strip >= plan->kinds[kind + 1].first)
        kind++;
    const gr_wino_strips *k = &plan->kinds[kind];
    int64_t s = strip - k->first;
    *first = plan->grid.kinds[kind].first + s * k->each + gr_least(s, k->longer);
    return k->each + (s < k->longer);
}

/* The first of `count` things that belongs to part `part` of `parts`: parts differ by one at most. */
static inline int64_t gr_wino_cut(int64_t count, int64_t parts, int64_t part)
{
    return count * part / parts;
}

/* The first output pixel of a tile. */
typedef struct gr_wino_corner {
    int64_t image, row, col, kind;
} gr_wino_corner;

static inline gr_wino_corner gr_wino_corner_of(const gr_wino_grid *grid, int64_t tile)
{
    int64_t kind = 0;
    while (kind + 1 < GR_KINDS && tile >= grid->kinds[kind + 1].first)
        kind++;
    const gr_wino_tiles *k = &grid->kinds[kind];
    int64_t row = (tile - k->first) / k->cols, col = (tile - k->first) % k->cols;
    return (gr_wino_corner){row / k->rows, k->row0 + row % k->rows * k->height, k->col0 + col * k->width, kind};
}

static inline gr_wino_corner gr_wino_next_corner(const gr_wino_grid *grid, gr_wino_corner at)
{
    const gr_wino_tiles *k = &grid->kinds[at.kind];
    at.col += k->width;
    if (at.col == k->col1) {
        at.col = k->col0;
        at.row += k->height;
    }
    if (at.row == k->row1) {
        at.row = k->row0;
        at.image++;
    }
    while (at.image == grid->images && at.kind + 1 < GR_KINDS) {
        k = &grid->kinds[++at.kind];
        if (k->rows * k->cols > 0)
            at = (gr_wino_corner){0, k->row0, k->col0, at.kind};
    }
    return at;
}

/* ---- K_winograd_plan.c ------------------------------------------------------------------------------------------- */
/* Cuts h x w outputs of `images` images; whole: into tiles of 4x4 alone, which a pool's windows do not straddle. */
void GR_KERNEL(gr_wino_cut_outputs)(int64_t images, int64_t h, int64_t w, bool whole, gr_wino_grid *grid);
gr_wino_plan GR_KERNEL(gr_wino_plan)(const gr_conv_problem *p, gr_direction d, bool whole);

static inline bool gr_wino_pools(const gr_conv_args *args)
{
    return args->fusion != NULL && args->fusion->pool.kh != 0;
}

/* ---- K_winograd_tiles.c ------------------------------------------------------------------------------------------ */

/* Floats from one tile, one of the 36 positions to the next; from a block of GR_VL channels to the second of its pair, from
 * one pair of blocks to the next. */
typedef struct gr_wino_steps {
    int64_t tile, position, block, pair;
    int64_t ahead; /* from what is written to what will be written soon, which is asked for; 0 (gr_wino_input alone): none is */
} gr_wino_steps;

/* V as the register block walks it. */
static const gr_wino_steps gr_wino_v_steps = {
    .tile = GR_VL, .position = GR_STRIP * GR_VL, .block = GR_V_BLOCK, .pair = 2 * GR_V_BLOCK};

/* V = B^T d B for tiles first .. first + count - 1 and channel blocks cb0 .. cb1 - 1, laid out by `steps` from the first. */
void GR_KERNEL(gr_wino_input)(const gr_wino_image *image, const gr_wino_grid *grid, int64_t first, int64_t count,
                              int64_t cb0, int64_t cb1, const gr_wino_steps *steps, float *v);
/* W = A dy A^T, as gr_wino_input: of 4x4 tiles of dy, which have no padding. */
void GR_KERNEL(gr_wino_gradient)(const gr_wino_image *image, const gr_wino_grid *grid, int64_t first, int64_t count,
                                 int64_t cb0, int64_t cb1, const gr_wino_steps *steps, float *w);
/* Asks in `parts` parts for the pixels that gr_wino_input (size 6) or gr_wino_gradient (size 4) will read for `count` tiles
 * from `first` on, so that they arrive while the core does something else: gr_wino_feed_part for one part after the other. */
typedef struct gr_wino_feed {
    const gr_wino_image *image;
    const gr_wino_grid *grid;
    gr_wino_corner at;
    int size, row; /* the row of the tile at hand that is next */
    int64_t rows, parts, due; /* rows in all; parts in all; rows that are due, times parts */
} gr_wino_feed;

gr_wino_feed GR_KERNEL(gr_wino_feed)(const gr_wino_image *image, const gr_wino_grid *grid, int size, int64_t first,
                                     int64_t count, int64_t parts);
void GR_KERNEL(gr_wino_feed_part)(gr_wino_feed *feed);
/* y = A^T m A for tiles first .. first + count - 1 and the channels of `panel`, m[36][GR_STRIP][GR_PANEL]. stats
 * [2][channels] gains this panel's sums when the target's features ask for them. */
void GR_KERNEL(gr_wino_output)(const gr_wino_target *target, const gr_wino_grid *grid, int64_t first, int64_t count,
                               int64_t panel, const float *m, float *stats);

/* ---- K_winograd_pool.c ------------------------------------------------------------------------------------------- */

/* patch[size][size][GR_VL]: the gradient, in front of the pool, of size x size pixels from `at` on, channels from c on. */
void GR_KERNEL(gr_wino_unpool)(const gr_wino_image *image, int size, const gr_wino_corner *at, int64_t c, float *patch);
/* What is pooled of tile[4][4][GR_VL], whose first pixel is `at`, to the target's channels from c on. */
void GR_KERNEL(gr_wino_pool_tile)(const gr_wino_target *target, const gr_wino_corner *at, int64_t c, const float *tile);

/* ---- K_winograd_multiply.c --------------------------------------------------------------------------------------- */

/* m[rows][GR_PANEL] (add: +)= a * b with a[block][GR_STRIP][GR_VL], blocks a_block floats apart, and b[blocks * GR_VL][GR_PANEL].
 * 0 < rows <= GR_STRIP. Meanwhile it asks for what the next call needs: a_ahead laid out as a, and b_lines cache lines from
 * b_ahead on for each block; these are addresses only, never read. */
void GR_KERNEL(gr_wino_multiply)(int64_t rows, int64_t blocks, const float *a, int64_t a_block, const float *b, float *m,
                                 bool add, const float *a_ahead, const float *b_ahead, int64_t b_lines);
/* m[rows][GR_PANEL] = a^T * b with a[depth][rows] and b[depth][GR_PANEL], whose rows are a_row and GR_PANEL floats apart; add:
 * m gains the product's sums. 0 < rows <= GR_STRIP. ahead: `depth` cache lines that will be needed next. */
void GR_KERNEL(gr_wino_multiply_transposed)(int64_t rows, int64_t depth, const float *a, int64_t a_row, const float *b,
                                            float *m, bool add, const float *ahead);

/* ---- K_winograd_filter.c ----------------------------------------------------------------------------------------- */

/* U = G g G^T of all filters, into `packed` as the plan of (p, d) lays it out. */
void GR_KERNEL(gr_wino_pack)(const gr_conv_problem *p, gr_direction d, const float *weights, void *packed);
/* U of `rows` input channels, taps[rows][9][GR_PANEL], to u[36][rows][GR_PANEL], positions u_position floats apart. */
void GR_KERNEL(gr_wino_filter)(const float *taps, int64_t rows, float *u, int64_t u_position);
/* dw (+)= G^T du G for input channels c0 .. c0 + rows - 1 and output channels oc0 .. oc0 + cols - 1, cols <= GR_PANEL;
 * du[36][rows][GR_PANEL], positions and rows du_position and du_row floats apart. */
void GR_KERNEL(gr_wino_filter_gradient)(const gr_conv_problem *p, int64_t c0, int64_t rows, int64_t oc0, int64_t cols,
                                        const float *du, int64_t du_position, int64_t du_row, bool accumulate, float *dw);

/* ---- K_winograd_convolve.c --------------------------------------------------------------------------------------- */
/* What a direction's results go through on their way out. */
gr_wino_target GR_KERNEL(gr_wino_target)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);
size_t GR_KERNEL(gr_wino_convolve_scratch)(const gr_wino_plan *plan, int threads);
void GR_KERNEL(gr_wino_convolve)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);

/* ---- K_winograd_weight.c ----------------------------------------------------------------------------------------- */
size_t GR_KERNEL(gr_wino_weight_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_wino_weight)(const gr_conv_problem *p, const gr_conv_args *args);
void GR_KERNEL(gr_wino_weight_describe)(const gr_conv_problem *p, char *text, size_t size);

#endif
