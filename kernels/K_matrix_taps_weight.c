/* Several taps through matrix registers, weight direction: dw [tap][C][OC] is a sum over all results of what each reads through
 * the tap, times dy. A block holds all taps of some input and some output channels, the latter as the rows of its tiles. A piece of
 * its pixels is brought into L2: dy with zeros behind each row's last column, turned so that 32 pixels of a channel lie side by
 * side; and x's planes as pairs of neighbouring pixels, twice: pairs that begin at even pixels for taps that lie an even number of
 * pixels on, and at odd ones for the others. All pixels of a piece are added up in matrix registers.
 *
 * The pixels are cut into slices, so that there are blocks for all threads; each slice sums on its own, tile after tile, and the
 * slices are added in their order. */
#include <stdio.h>

#include "matrix_taps.h"
#include "matrix_tile.h"

#if GR_PAIR_STEP > 1

enum {
    CHANNELS = 128,           /* of a block at most, of either side */
    PIECE_BYTES = 512 << 10,  /* of both sides' pixels, once as they are read, once as they are multiplied */
    BLOCKS_WANTED = 24
};

typedef struct cut {
    gr_taps taps;
    int64_t in, ins, out, outs;     /* input channels of a block, blocks of them; output channels */
    int64_t units, slices, of_slice; /* bands of all images; slices of them; bands of a slice */
    int64_t piece;                   /* bands that are brought in at once */
} cut;

/* Equal parts of at most `most` channels, each a multiple of a tile's. */
static int64_t part_of(int64_t channels, int64_t most)
{
    return gr_round_up(gr_blocks(channels, gr_blocks(channels, most)), GR_PAIR_ROWS);
}

static int64_t band_bytes(const cut *c)
{
    return (c->taps.plane * c->taps.planes * c->in + c->taps.results * c->out) * (int64_t)sizeof(uint16_t);
}

static cut make_cut(const gr_view *v)
{
    cut c = {.taps = GR_KERNEL(gr_taps_make)(v, v->h.results)};
    c.in = part_of(v->in_c, CHANNELS), c.out = part_of(v->out_c, CHANNELS);
    c.ins = gr_blocks(v->in_c, c.in), c.outs = gr_blocks(v->out_c, c.out);
    if (band_bytes(&c) > PIECE_BYTES)
        c.taps = GR_KERNEL(gr_taps_make)(v, gr_most(1, v->h.results * PIECE_BYTES / band_bytes(&c)));
    c.units = v->n * c.taps.bands;
    c.of_slice = gr_blocks(c.units, gr_least(c.units, gr_blocks(BLOCKS_WANTED, c.ins * c.outs)));
    c.slices = gr_blocks(c.units, c.of_slice);
    c.piece = gr_most(1, gr_least(c.of_slice, PIECE_BYTES / band_bytes(&c)));
    return c;
}

/* Pixels of a piece's planes, and what pairs that begin at the last of them reach. */
static int64_t piece_pixels(const cut *c)
{
    return gr_round_up(c->piece * c->taps.plane * c->taps.planes + 2, 2);
}

/* From 32 channels of x to the next ones', as pairs. */
static int64_t pairs_floats(const cut *c)
{
    return piece_pixels(c) / 2 * GR_NR;
}

/* The same of dy's. */
static int64_t turned_floats(const cut *c)
{
    return c->piece * c->taps.results / 2 * GR_NR;
}

/* A piece as it is read, 32 channels behind 32 others: x's planes, then, when those are pairs, dy. */
static size_t words_floats(const cut *c)
{
    return (size_t)gr_most(pairs_floats(c) * (c->in / GR_NR), turned_floats(c) * (c->out / GR_NR));
}

static size_t thread_floats(const cut *c)
{
    return words_floats(c) + (size_t)(2 * pairs_floats(c) * (c->in / GR_NR) + turned_floats(c) * (c->out / GR_NR));
}

/* Sums of a slice: [block][32s of OC][32s of C][tap][32 of OC][32 of C]. */
static int64_t block_tiles(const gr_view *v, const cut *c)
{
    return c->in / GR_PAIR_ROWS * (c->out / GR_NR) * v->h.taps * v->w.taps;
}

static size_t slice_floats(const gr_view *v, const cut *c)
{
    return (size_t)(c->ins * c->outs * block_tiles(v, c) * GR_TILE_FLOATS);
}

size_t GR_KERNEL(gr_taps_weight_scratch)(const gr_conv_problem *p, int threads)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0);
    cut c = make_cut(&v);
    return sizeof(float) * (slice_floats(&v, &c) * (size_t)c.slices + thread_floats(&c) * (size_t)threads);
}

void GR_KERNEL(gr_taps_weight_describe)(const gr_conv_problem *p, char *text, size_t size)
{
    gr_view v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0);
    cut c = make_cut(&v);
    snprintf(text, size, "bf16, %d weights x %d channels, %lld blocks of %lld x %lld channels, %lld slices of pixels", GR_PAIR_ROWS,
             GR_NR, (long long)(c.ins * c.outs), (long long)c.in, (long long)c.out, (long long)c.slices);
}

typedef struct job {
    const gr_conv_args *args;
    float *slices, *scratch; /* sums of the slices; of all threads */
    gr_view v;
    cut c;
    gr_source x, dy;
} job;

typedef struct block {
    const job *j;
    int64_t in, ins, out, outs; /* first channel and number of them, of both sides */
    float *words, *pairs[2], *turned;
    float *sums; /* of its tiles */
} block;

/* dy of one band: rows of `width` columns, zeros where there is no result. */
static void fill_dy(const block *b, int64_t image, int64_t band, uint16_t *out, int64_t apart)
{
    const gr_view *v = &b->j->v;
    const gr_taps *t = &b->j->c.taps;
    const int64_t first = band * t->rows, rows = gr_least(t->rows, v->h.results - first), empty = t->width - v->w.results;
    for (int64_t r = 0; r < rows; r++) {
        int64_t at = (image * v->h.results + first + r) * v->w.results * v->out_c + b->out;
        uint16_t *row = out + r * t->width * GR_TAPS_RUN;
        GR_KERNEL(gr_round_pixels)(&b->j->dy, at, v->out_c, b->out, v->w.results, b->outs, row, apart);
        for (int64_t i = 0; i < b->outs && empty > 0; i += GR_TAPS_RUN)
            memset(row + v->w.results * GR_TAPS_RUN + i / GR_TAPS_RUN * apart, 0, sizeof *row * (size_t)(empty * GR_TAPS_RUN));
    }
    int64_t done = rows * t->width;
    for (int64_t i = 0; i < b->outs && done < t->results; i += GR_TAPS_RUN)
        memset(out + done * GR_TAPS_RUN + i / GR_TAPS_RUN * apart, 0, sizeof *out * (size_t)((t->results - done) * GR_TAPS_RUN));
}

/* x of bands [unit, unit + count) as pairs of pixels. */
static void bring_in_x(const block *b, int64_t unit, int64_t count)
{
    const cut *c = &b->j->c;
    const int64_t apart = piece_pixels(c) * GR_TAPS_RUN, words = gr_taps_words(&c->taps), pixels = count * words / GR_TAPS_RUN;
    uint16_t *all = (uint16_t *)b->words;
    for (int64_t i = 0; i < count; i++)
        GR_KERNEL(gr_taps_fill)(&b->j->v, &c->taps, &b->j->x, (unit + i) / c->taps.bands, (unit + i) % c->taps.bands, b->in, b->ins,
                                all + i * words, apart);
    for (int64_t i = 0; i < b->ins / GR_TAPS_RUN; i++) {
        const float *from = b->words + i * pairs_floats(c);
        memset(all + i * apart + pixels * GR_TAPS_RUN, 0, sizeof *all * 2 * GR_TAPS_RUN);
        for (int64_t odd = 0; odd < 2; odd++)
            GR_KERNEL(gr_pair_words)(gr_round_up(pixels, 2), GR_TAPS_RUN, from + odd * GR_PAIR_STEP, GR_PAIR_STEP,
                                     b->pairs[odd] + i * pairs_floats(c), GR_NR);
    }
}

/* dy of the same, turned. */
static void bring_in_dy(const block *b, int64_t unit, int64_t count)
{
    const cut *c = &b->j->c;
    const int64_t results = c->taps.results;
    for (int64_t i = 0; i < count; i++)
        fill_dy(b, (unit + i) / c->taps.bands, (unit + i) % c->taps.bands, (uint16_t *)b->words + i * results * GR_TAPS_RUN,
                2 * turned_floats(c));
    for (int64_t i = 0; i < b->outs / GR_NR; i++)
        gr_matrix_turn(count * results * GR_PAIR_STEP, b->words + i * turned_floats(c), b->turned + i * turned_floats(c));
}

static void run_piece(const block *b, int64_t count, bool add)
{
    const cut *c = &b->j->c;
    const int64_t band = c->taps.plane * c->taps.planes / 2 * GR_NR;
    float *sums = b->sums;
    GR_MATRIX_FENCE();
    for (int64_t out = 0; out < b->outs / GR_NR; out++)
        for (int64_t in = 0; in < b->ins / GR_NR; in++)
            for (int64_t i = 0; i < c->taps.count; i++, sums += GR_TILE_FLOATS) {
                int64_t shift = c->taps.shift[i];
                const float *x = b->pairs[shift % 2] + in * pairs_floats(c) + shift / 2 * GR_NR;
                const float *dy = b->turned + out * turned_floats(c);
                if (add)
                    gr_matrix_sum_pixels(dy, x, band, count, c->taps.results, true, sums);
                else
                    gr_matrix_sum_pixels(dy, x, band, count, c->taps.results, false, sums);
            }
    GR_MATRIX_FENCE();
}

static void run_index(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    int64_t out = index % c->outs, in = index / c->outs % c->ins, slice = index / (c->outs * c->ins);
    block b = {.j = j, .in = in * c->in, .out = out * c->out};
    b.ins = gr_least(c->in, j->v.in_c - b.in), b.outs = gr_least(c->out, j->v.out_c - b.out);
    b.words = j->scratch + thread_floats(c) * (size_t)thread;
    b.pairs[0] = b.words + words_floats(c);
    b.pairs[1] = b.pairs[0] + pairs_floats(c) * (c->in / GR_NR);
    b.turned = b.pairs[1] + pairs_floats(c) * (c->in / GR_NR);
    b.sums = j->slices + slice_floats(&j->v, c) * (size_t)slice + (in * c->outs + out) * block_tiles(&j->v, c) * GR_TILE_FLOATS;
    int64_t begin = slice * c->of_slice, end = gr_least(begin + c->of_slice, c->units);
    GR_KERNEL(gr_matrix_begin)();
    for (int64_t unit = begin; unit < end; unit += c->piece) {
        int64_t count = gr_least(c->piece, end - unit);
        bring_in_x(&b, unit, count);
        bring_in_dy(&b, unit, count);
        run_piece(&b, count, unit > begin);
    }
    GR_KERNEL(gr_matrix_end)();
}

/* One tile of dw: the slices' sums in their order. */
static void add_slices(void *ctx, int64_t index, int thread)
{
    const job *j = ctx;
    const cut *c = &j->c;
    const int64_t taps = c->taps.count, tap = index % taps, in = index / taps * GR_NR % j->v.in_c,
                  out = index / taps * GR_NR / j->v.in_c * GR_NR;
    const int64_t ins = gr_least(c->in, j->v.in_c - in / c->in * c->in) / GR_NR;
    const float *from = j->slices + (in / c->in * c->outs + out / c->out) * block_tiles(&j->v, c) * GR_TILE_FLOATS;
    from += ((out % c->out / GR_NR * ins + in % c->in / GR_NR) * taps + tap) * GR_TILE_FLOATS;
    (void)thread;
    gr_matrix_add_slices(from, c->slices, (int64_t)slice_floats(&j->v, c), GR_NR,
                         j->args->out + (tap * j->v.in_c + in) * j->v.out_c + out, j->v.out_c, j->args->accumulate);
}

void GR_KERNEL(gr_taps_weight_run)(const gr_conv_problem *p, const gr_conv_args *args)
{
    job j = {.args = args, .v = GR_KERNEL(gr_view_make)(p, GR_BACKWEIGHT, 0), .slices = args->scratch};
    j.c = make_cut(&j.v);
    j.x = gr_stored_x(p, args), j.dy = gr_stored_dy(p, args);
    j.scratch = j.slices + slice_floats(&j.v, &j.c) * (size_t)j.c.slices;
    gr_parallel_for(j.c.slices * j.c.ins * j.c.outs, run_index, &j);
    gr_parallel_for(j.v.h.taps * j.v.w.taps * (j.v.in_c / GR_PAIR_ROWS) * (j.v.out_c / GR_NR), add_slices, &j);
}

#endif
