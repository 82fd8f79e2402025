/* Tiles of an image, transformed (winograd_image.h): a vector holds one number of neighbouring tiles of a row. */
#include "winograd_image.h"

enum {
    APART = 2 * GR_IMAGE_TILE,             /* pixels from tile to tile */
    AHEAD = GR_IMAGE_TILES + GR_VL,        /* room of one pixel of all tiles, and of the tile behind the last */
    COLUMNS = 2 * GR_IMAGE_POINTS - 1      /* points of both phases of columns; the odd one has none at infinity */
};

/* A line's pixels [channel][place in a tile][tile], and the columns' transform [line][channel][point][tile]. */
static size_t line_floats(const gr_conv_problem *p)
{
    return (size_t)(p->c * APART * AHEAD);
}

size_t GR_KERNEL(gr_image_room)(const gr_conv_problem *p)
{
    return line_floats(p) + (size_t)(GR_IMAGE_LINES * p->c * COLUMNS * GR_IMAGE_TILES);
}

/* `channels` is a constant where it is 3. */
GR_INLINE void deal_tile(const float *from, const int64_t channels, float *to)
{
    for (int64_t w = 0; w < APART; w++)
        for (int64_t ch = 0; ch < channels; ch++)
            to[(ch * APART + w) * AHEAD] = from[w * channels + ch];
}

static void deal_edge(const gr_conv_problem *p, const float *line, int64_t w, float *to)
{
    for (int64_t i = 0; i < APART; i++)
        for (int64_t ch = 0; ch < p->c; ch++)
            to[(ch * APART + i) * AHEAD] = w + i >= 0 && w + i < p->w ? line[(w + i) * p->c + ch] : 0.0f;
}

/* Deals the pixels of a line out to `count` tiles and the one behind them. */
static void deal(const gr_conv_problem *p, const float *line, int64_t first, int64_t count, float *to)
{
    for (int64_t t = 0; t <= count; t++) {
        const int64_t w = (first + t) * APART - p->pad_left;
        if (w < 0 || w + APART > p->w)
            deal_edge(p, line, w, to + t);
        else if (p->c == 3)
            deal_tile(line + w * 3, 3, to + t);
        else
            deal_tile(line + w * p->c, p->c, to + t);
    }
}

GR_INLINE void columns_of(const float *dealt, const int phase, int64_t tile, float *out)
{
    gr_vf x[GR_IMAGE_POINTS], y[GR_IMAGE_POINTS];
#pragma GCC unroll 7
    for (int i = 0; i < GR_IMAGE_POINTS; i++) {
        const int place = 2 * i + phase;
        x[i] = gr_vload(dealt + place % APART * AHEAD + place / APART + tile);
    }
    gr_image_input(x, phase == 0, y);
#pragma GCC unroll 7
    for (int i = 0; i < GR_IMAGE_POINTS - phase; i++)
        gr_vstore(out + (phase * GR_IMAGE_POINTS + i) * GR_IMAGE_TILES + tile, y[i]);
}

static void transform_line(const gr_conv_problem *p, int64_t count, const float *dealt, float *out)
{
    for (int64_t ch = 0; ch < p->c; ch++, dealt += APART * AHEAD, out += COLUMNS * GR_IMAGE_TILES)
        for (int64_t tile = 0; tile < gr_least(count + GR_VL, GR_IMAGE_TILES); tile += GR_VL) { /* a group's vector may go beyond */
            columns_of(dealt, 0, tile, out);
            columns_of(dealt, 1, tile, out);
        }
}

/* One point of the columns, one phase of the rows: V's rows at the first point of rows begin at `out`, `step` floats before those
 * of the next one, and at the point at infinity at `last`. */
GR_INLINE void rows_of(const float *columns, int64_t line, const int phase, const gr_image_stretch *s, float *out, int64_t step,
                       float *last)
{
    for (int64_t tile = 0; tile < s->count; tile += s->group, out += s->group_step, last += s->group_step) {
        gr_vf x[GR_IMAGE_POINTS], y[GR_IMAGE_POINTS];
#pragma GCC unroll 7
        for (int i = 0; i < GR_IMAGE_POINTS; i++)
            x[i] = gr_vload(columns + (2 * i + phase) * line + tile);
        gr_image_input(x, phase == 0, y);
#pragma GCC unroll 6
        for (int i = 0; i < GR_IMAGE_POINTS - 1; i++)
            gr_vstore(out + i * step, y[i]);
        if (phase == 0)
            gr_vstore(last, y[GR_IMAGE_POINTS - 1]);
    }
}

static void transform_rows(const gr_conv_problem *p, const gr_image_stretch *s, const float *columns, float *v)
{
    const int64_t c = p->c, line = c * COLUMNS * GR_IMAGE_TILES, step = gr_image_row(c, 1, 0) * s->row_step;
    for (int64_t ch = 0; ch < c; ch++)
        for (int64_t k = 0; k < COLUMNS; k++) {
            const int64_t at = k / GR_IMAGE_POINTS * c + ch;
            const int j = (int)(k % GR_IMAGE_POINTS);
            const float *from = columns + (ch * COLUMNS + k) * GR_IMAGE_TILES;
            float *to = v + (gr_image_row(c, 0, j) + at) * s->row_step;
            float *last = v + (gr_image_row(c, GR_IMAGE_POINTS - 1, j) + at) * s->row_step;
            rows_of(from, line, 0, s, to, step, last);
            rows_of(from, line, 1, s, to + gr_image_phases(j) * c * s->row_step, step, last);
        }
}

void GR_KERNEL(gr_image_tiles)(const gr_conv_problem *p, const gr_image_cut *c, const float *x, const gr_image_stretch *s,
                               float *room, float *v)
{
    float *columns = room + line_floats(p);
    const int64_t image = s->row / c->high, top = s->row % c->high * APART - p->pad_top, each = p->c * COLUMNS * GR_IMAGE_TILES;
    memset(room, 0, sizeof *room * line_floats(p)); /* what stands behind the last tile is read by its vector */
    for (int64_t l = 0; l < GR_IMAGE_LINES; l++) {
        const int64_t h = top + l;
        if (h < 0 || h >= p->h) {
            memset(columns + l * each, 0, sizeof *columns * (size_t)each);
            continue;
        }
        deal(p, x + (image * p->h + h) * p->w * p->c, s->first, s->count, room);
        transform_line(p, s->count, room, columns + l * each);
    }
    transform_rows(p, s, columns, v);
}
