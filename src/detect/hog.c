#include "detect/hog.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

enum { CELL = GR_HOG_CELL, BINS = GR_HOG_BINS, SIDE = 2 * CELL };
static const float clip = 0.2f; /* of L2-Hys */

int64_t gr_hog_numbers(int width, int height)
{
    return (int64_t)(width / CELL - 1) * (height / CELL - 1) * GR_HOG_BLOCK;
}

void gr_hog_free(gr_hog_blocks *blocks)
{
    gr_free(blocks->numbers);
    *blocks = (gr_hog_blocks){0};
}

/* A pixel's gradient, shared out between two directions. */
typedef struct gradient {
    float share[2];
    uint8_t bin[2];
} gradient;

/* The angle of (x, y) in radians, 0 to 2 pi, by the polynomial that OpenCV has for it: within 0.0002 of the true one. */
static float angle_of(float x, float y)
{
    const float degree = (float)(3.14159265358979323846 / 180), ax = fabsf(x), ay = fabsf(y);
    bool flat = ax >= ay;
    float c = flat ? ay / (ax + 2.2204460492503131e-16f) : ax / (ay + 2.2204460492503131e-16f), c2 = c * c;
    float a = (((-2.53974151f * c2 + 8.91400051f) * c2 - 18.6674461f) * c2 + 57.2836266f) * c;
    a = flat ? a : 90 - a;
    a = x < 0 ? 180 - a : a;
    return (y < 0 ? 360 - a : a) * degree;
}

static gradient gradient_of(float dx, float dy)
{
    const float per_radian = (float)(BINS / 3.14159265358979323846);
    float size = sqrtf(dx * dx + dy * dy), angle = angle_of(dx, dy) * per_radian - 0.5f;
    int bin = (int)floorf(angle);
    float rest = angle - (float)bin;
    bin = bin < 0 ? bin + BINS : bin >= BINS ? bin - BINS : bin; /* the angle goes round twice: without sign */
    bin = bin >= BINS ? bin - BINS : bin;
    return (gradient){{size * (1 - rest), size * rest}, {(uint8_t)bin, (uint8_t)(bin + 1 < BINS ? bin + 1 : 0)}};
}

static void gradients(const gr_grey *g, gradient *out)
{
    float root[256];
    for (int i = 0; i < 256; i++)
        root[i] = sqrtf((float)i);
    for (int y = 0; y < g->height; y++) {
        const uint8_t *row = g->pixels + (size_t)y * (size_t)g->width;
        const uint8_t *upper = y > 0 ? row - g->width : g->height > 1 ? row + g->width : row; /* edges are mirrored */
        const uint8_t *lower = y + 1 < g->height ? row + g->width : g->height > 1 ? row - g->width : row;
        for (int x = 0; x < g->width; x++) {
            int left = x > 0 ? x - 1 : g->width > 1 ? 1 : 0, right = x + 1 < g->width ? x + 1 : x > 0 ? x - 1 : 0;
            *out++ = gradient_of(root[row[right]] - root[row[left]], root[lower[x]] - root[upper[x]]);
        }
    }
}

/* What a pixel of a block gives to its four cells: by distance, and less far from the block's middle. [y, x, cell], cells
 * column by column. */
static void make_weights(float weights[SIDE][SIDE][4])
{
    const float sigma = (SIDE + SIDE) / 8.0f;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            float dx = (float)x - SIDE * 0.5f, dy = (float)y - SIDE * 0.5f;
            float middle = expf(-(dx * dx + dy * dy) / (2 * sigma * sigma));
            for (int c = 0; c < 4; c++) {
                float u = ((float)x + 0.5f) / CELL - 0.5f, v = ((float)y + 0.5f) / CELL - 0.5f;
                float across = 1 - fabsf(u - (float)(c / 2)), down = 1 - fabsf(v - (float)(c % 2));
                weights[y][x][c] = across > 0 && down > 0 ? middle * across * down : 0;
            }
        }
}

static void normalise(float *block)
{
    float sum = 0;
    for (int i = 0; i < GR_HOG_BLOCK; i++)
        sum += block[i] * block[i];
    float scale = 1 / (sqrtf(sum) + GR_HOG_BLOCK * 0.1f);
    sum = 0;
    for (int i = 0; i < GR_HOG_BLOCK; i++) {
        block[i] = block[i] * scale < clip ? block[i] * scale : clip;
        sum += block[i] * block[i];
    }
    scale = 1 / (sqrtf(sum) + 1e-3f);
    for (int i = 0; i < GR_HOG_BLOCK; i++)
        block[i] *= scale;
}

typedef struct making {
    const gr_grey *grey;
    const gradient *gradients;
    float weights[SIDE][SIDE][4];
    gr_hog_blocks *blocks;
} making;

static void make_column(void *ctx, int64_t column, int thread)
{
    const making *m = ctx;
    (void)thread;
    for (int row = 0; row < m->blocks->rows; row++) {
        float *block = m->blocks->numbers + ((size_t)column * (size_t)m->blocks->rows + (size_t)row) * GR_HOG_BLOCK;
        for (int y = 0; y < SIDE; y++) {
            const gradient *g = m->gradients + (size_t)(row * CELL + y) * (size_t)m->grey->width + column * CELL;
            for (int x = 0; x < SIDE; x++, g++)
                for (int c = 0; c < 4; c++) {
                    float w = m->weights[y][x][c];
                    block[c * BINS + g->bin[0]] += g->share[0] * w;
                    block[c * BINS + g->bin[1]] += g->share[1] * w;
                }
        }
        normalise(block);
    }
}

gr_status gr_hog_make(const gr_grey *grey, gr_hog_blocks *out, gr_error *err)
{
    *out = (gr_hog_blocks){.columns = grey->width / CELL - 1, .rows = grey->height / CELL - 1};
    if (out->columns < 1 || out->rows < 1)
        out->columns = out->rows = 0;
    size_t pixels = (size_t)grey->width * (size_t)grey->height;
    gradient *all = gr_alloc(pixels, sizeof *all);
    making *m = gr_alloc(1, sizeof *m);
    out->numbers = gr_alloc((size_t)out->columns * (size_t)out->rows, GR_HOG_BLOCK * sizeof *out->numbers);
    bool room = all != NULL && m != NULL && out->numbers != NULL;
    if (room) {
        gradients(grey, all);
        m->grey = grey;
        m->gradients = all;
        m->blocks = out;
        make_weights(m->weights);
        gr_parallel_for(out->columns, make_column, m);
    }
    gr_free(all);
    gr_free(m);
    if (!room)
        gr_hog_free(out);
    return room ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the gradients of a picture");
}

void gr_hog_window(const gr_hog_blocks *b, int column, int row, int width, int height, float *to)
{
    int columns = width / CELL - 1, rows = height / CELL - 1;
    size_t run = (size_t)rows * GR_HOG_BLOCK;
    for (int c = 0; c < columns; c++, to += run)
        memcpy(to, b->numbers + ((size_t)(column + c) * (size_t)b->rows + (size_t)row) * GR_HOG_BLOCK, run * sizeof *to);
}
