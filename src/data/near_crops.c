#include "data/near_crops.h"

#include <math.h>
#include <string.h>

enum { SIDE = GR_PRINT_SIDE, STRIDE = 2 * SIDE, COARSE = 2 };

/* A coarse look at every other side and place comes first; below this it ends there. A cell or less beside its place a crop of a
 * rendered face still correlates by more. */
#define PROMISING 0.8

/* The larger picture: rows with zeros behind them, so that sums run over whole rows; and tables of sums above and left of each
 * cell. */
typedef struct ground {
    int16_t grey[SIDE][STRIDE];
    int64_t sum[SIDE + 1][SIDE + 1], square[SIDE + 1][SIDE + 1];
} ground;

/* The smaller one: rows with zeros behind them. */
typedef struct patch {
    int side;
    int16_t grey[SIDE][SIDE];
    int64_t sum, square;
} patch;

static void lay_ground(const uint8_t *grey, ground *out)
{
    memset(out, 0, sizeof *out);
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            int64_t value = grey[y * SIDE + x];
            out->grey[y][x] = (int16_t)value;
            out->sum[y + 1][x + 1] = value + out->sum[y][x + 1] + out->sum[y + 1][x] - out->sum[y][x];
            out->square[y + 1][x + 1] = value * value + out->square[y][x + 1] + out->square[y + 1][x] - out->square[y][x];
        }
}

/* Which of SIDE cells number `at` of `side` wider ones covers, from the first to the last, and how much of these two, in side-ths
 * of a cell: SIDE with those between. */
static void cover(int side, int at, int *first, int *last, int *of_first, int *of_last)
{
    int begin = at * SIDE, end = begin + SIDE; /* in side-ths of a cell */
    *first = begin / side;
    *last = (end - 1) / side;
    *of_first = *first == *last ? SIDE : (*first + 1) * side - begin;
    *of_last = *first == *last ? 0 : end - *last * side;
}

/* The mean of the cells that a wider one covers. */
static int shrink_cell(const uint8_t *grey, int side, int row, int column)
{
    int top, bottom, of_top, of_bottom, left, right, of_left, of_right;
    int64_t sum = 0;
    cover(side, row, &top, &bottom, &of_top, &of_bottom);
    cover(side, column, &left, &right, &of_left, &of_right);
    for (int y = top; y <= bottom; y++) {
        int64_t line = 0;
        for (int x = left; x <= right; x++)
            line += (x == left ? of_left : x == right ? of_right : side) * grey[y * SIDE + x];
        sum += line * (y == top ? of_top : y == bottom ? of_bottom : side);
    }
    return (int)((sum + SIDE * SIDE / 2) / (SIDE * SIDE));
}

static void make_patch(const uint8_t *grey, int side, patch *out)
{
    memset(out, 0, sizeof *out);
    out->side = side;
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            int value = shrink_cell(grey, side, y, x);
            out->grey[y][x] = (int16_t)value;
            out->sum += value;
            out->square += value * value;
        }
}

static void mirror(patch *p)
{
    for (int y = 0; y < p->side; y++)
        for (int x = 0; x < p->side / 2; x++) {
            int16_t left = p->grey[y][x];
            p->grey[y][x] = p->grey[y][p->side - 1 - x];
            p->grey[y][p->side - 1 - x] = left;
        }
}

static int64_t part_of(const int64_t sum[SIDE + 1][SIDE + 1], int x, int y, int side)
{
    return sum[y + side][x + side] - sum[y][x + side] - sum[y + side][x] + sum[y][x];
}

/* A row's products; zeros stand behind the patch's own cells, so that the length is always the same. */
static int32_t multiply(const int16_t *restrict a, const int16_t *restrict b)
{
    int32_t sum = 0;
    for (int i = 0; i < SIDE; i++)
        sum += a[i] * b[i];
    return sum;
}

static double correlation_at(const ground *g, const patch *p, int x, int y)
{
    int64_t n = (int64_t)p->side * p->side, products = 0, sum = part_of(g->sum, x, y, p->side);
    for (int i = 0; i < p->side; i++)
        products += multiply(g->grey[y + i] + x, p->grey[i]);
    int64_t own = n * part_of(g->square, x, y, p->side) - sum * sum, other = n * p->square - p->sum * p->sum;
    return own > 0 && other > 0 ? (double)(n * products - sum * p->sum) / sqrt((double)own * (double)other) : -1.0;
}

/* The best place of `part`, made smaller to sides `least`, least + step ... and laid every `step` cells. */
static double best_place(const ground *g, const uint8_t *part, int least, int step)
{
    patch p;
    double best = -1.0;
    for (int side = least; side <= SIDE; side += step) {
        make_patch(part, side, &p);
        for (int way = 0; way < 2; way++) {
            for (int y = 0; y <= SIDE - side; y += step)
                for (int x = 0; x <= SIDE - side; x += step)
                    best = fmax(best, correlation_at(g, &p, x, y));
            mirror(&p);
        }
    }
    return best;
}

double gr_print_within(const gr_print *whole, const gr_print *part)
{
    ground g;
    if (!whole->known || !part->known)
        return -1.0;
    lay_ground(whole->grey, &g);
    double coarse = best_place(&g, part->grey, GR_NEAR_LEAST, COARSE);
    return coarse >= PROMISING ? best_place(&g, part->grey, GR_NEAR_LEAST, 1) : coarse;
}
