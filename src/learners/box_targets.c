#include "learners/box_targets.h"

#include <math.h>
#include <string.h>

/* The heat's standard deviation in the box's sides, and at least so many cells. */
static const double spread = 0.54 / 6.0, least_spread = 0.4;
/* Sides are known where the heat is as high as this. */
static const double near_middle = 0.3;
/* A box shows in the image if this share of its area does. */
static const double shown = 0.25;

/* ---- a cohort's ------------------------------------------------------------------------------------------------------- */

/* Do the two names differ in "left" against "right" alone? */
static bool are_sides(const char *left, const char *right)
{
    const char *at = strstr(left, "left");
    size_t before = at != NULL ? (size_t)(at - left) : 0;
    return at != NULL && strncmp(left, right, before) == 0 && strncmp(right + before, "right", 5) == 0 &&
           strcmp(at + 4, right + before + 5) == 0;
}

gr_status gr_box_targets_open(const gr_manifest *manifest, gr_arena *arena, gr_box_targets *out, gr_error *err)
{
    int count = manifest->kind_count, *partner = gr_arena_alloc(arena, (size_t)count, sizeof *partner);
    *out = (gr_box_targets){.manifest = manifest, .count = count, .partner = partner};
    if (partner == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %d kinds of boxes", count);
    for (int k = 0; k < count; k++) {
        partner[k] = k;
        for (int other = 0; other < count; other++)
            if (are_sides(manifest->kinds[k], manifest->kinds[other]) ||
                are_sides(manifest->kinds[other], manifest->kinds[k]))
                partner[k] = other;
    }
    bool *there = gr_alloc((size_t)count, sizeof *there);
    int missing = 0;
    for (int64_t i = 0; there != NULL && i < manifest->marked[manifest->rows]; i++)
        there[manifest->marks[i].kind] = true;
    while (there != NULL && missing < count && there[missing])
        missing++;
    bool room = there != NULL;
    gr_free(there);
    if (!room)
        return gr_fail(err, GR_NOMEM, "no memory for %d kinds of boxes", count);
    return missing == count ? GR_OK
                            : gr_fail(err, GR_INVALID,
                                      "%s: no row has a box of the kind %.80s; boxes in pixels, or data.boxes without it, "
                                      "would be right",
                                      manifest->path, manifest->kinds[missing]);
}

/* ---- into maps -------------------------------------------------------------------------------------------------------- */

/* The upright rectangle around a box that `map` has moved. */
static gr_plain_box moved(const gr_map *map, const gr_plain_box *b)
{
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int corner = 0; corner < 4; corner++) {
        double at[2];
        gr_map_point(map, b->x + (corner & 1 ? b->width : 0), b->y + (corner & 2 ? b->height : 0), at);
        for (int i = 0; i < 2; i++) {
            low[i] = fmin(low[i], at[i]);
            high[i] = fmax(high[i], at[i]);
        }
    }
    return (gr_plain_box){low[0], low[1], high[0] - low[0], high[1] - low[1]};
}

static gr_plain_box clipped(const gr_plain_box *b, double width, double height)
{
    double x = fmax(b->x, 0), y = fmax(b->y, 0);
    return (gr_plain_box){x, y, fmin(b->x + b->width, width) - x, fmin(b->y + b->height, height) - y};
}

/* A box in cells, drawn into the maps of its kind. */
static void draw(const gr_plain_box *b, int kind, int64_t kinds, const gr_shape *shape, float *to)
{
    int64_t h = shape->dim[1], w = shape->dim[2], channels = shape->dim[3];
    double x = b->x + 0.5 * b->width, y = b->y + 0.5 * b->height;
    double sx = fmax(spread * b->width, least_spread), sy = fmax(spread * b->height, least_spread);
    int64_t cx = (int64_t)fmin(floor(x), (double)(w - 1)), cy = (int64_t)fmin(floor(y), (double)(h - 1));
    int64_t rx = (int64_t)ceil(3 * sx), ry = (int64_t)ceil(3 * sy);
    for (int64_t j = cy > ry ? cy - ry : 0; j <= cy + ry && j < h; j++)
        for (int64_t i = cx > rx ? cx - rx : 0; i <= cx + rx && i < w; i++) {
            double dx = (double)(i - cx), dy = (double)(j - cy);
            double heat = exp(-0.5 * (dx * dx / (sx * sx) + dy * dy / (sy * sy)));
            float *cell = to + (j * w + i) * channels, *four = cell + kinds + 4 * kind;
            if (!(heat > (double)cell[kind]))
                continue;
            cell[kind] = (float)heat;
            if (heat < near_middle)
                continue;
            four[0] = (float)(x - ((double)i + 0.5));
            four[1] = (float)(y - ((double)j + 0.5));
            four[2] = (float)log(b->width);
            four[3] = (float)log(b->height);
        }
}

void gr_box_targets_fill(const gr_box_targets *boxes, int64_t row, const gr_origin *origin, int side, const gr_shape *shape,
                         float *to)
{
    const gr_manifest *m = boxes->manifest;
    int64_t cells = shape->dim[1] * shape->dim[2], channels = shape->dim[3];
    bool mirrored = gr_map_mirrors(&origin->map);
    for (int64_t c = 0; c < cells; c++)
        for (int64_t k = 0; k < channels; k++)
            to[c * channels + k] = k < boxes->count ? 0.0f : NAN;
    for (int64_t i = m->marked[row]; i < m->marked[row + 1]; i++) {
        const gr_box *b = &m->marks[i].box;
        gr_plain_box whole = moved(&origin->map, &(gr_plain_box){b->x, b->y, b->width, b->height});
        gr_plain_box seen = clipped(&whole, side, side);
        if (!(seen.width > 0 && seen.height > 0 && seen.width * seen.height >= shown * whole.width * whole.height))
            continue;
        double sx = (double)shape->dim[2] / side, sy = (double)shape->dim[1] / side;
        gr_plain_box in_cells = {seen.x * sx, seen.y * sy, seen.width * sx, seen.height * sy};
        draw(&in_cells, mirrored ? boxes->partner[m->marks[i].kind] : m->marks[i].kind, boxes->count, shape, to);
    }
}

/* ---- back ------------------------------------------------------------------------------------------------------------- */

/* Peaks that are looked at, the highest first; what is lower than `lowest` is no box to anyone. */
enum { PEAKS = 4 * GR_BOXES_MOST };
static const double lowest = 0.01;
static const double same_box = 0.5;

static void keep(gr_kind_box *peaks, int64_t *count, const gr_kind_box *peak)
{
    if (*count == PEAKS && !(peak->score > peaks[PEAKS - 1].score))
        return;
    int64_t at = *count < PEAKS ? (*count)++ : PEAKS - 1;
    for (; at > 0 && peaks[at - 1].score < peak->score; at--)
        peaks[at] = peaks[at - 1];
    peaks[at] = *peak;
}

/* Is the heat of the cell the highest of the nine around it? Of equal ones the first is. */
static bool is_peak(const float *map, const gr_shape *shape, int64_t j, int64_t i, int64_t kind)
{
    int64_t h = shape->dim[1], w = shape->dim[2], channels = shape->dim[3];
    float heat = map[(j * w + i) * channels + kind];
    for (int64_t y = j - 1; y <= j + 1; y++)
        for (int64_t x = i - 1; x <= i + 1; x++) {
            if (y < 0 || x < 0 || y >= h || x >= w || (y == j && x == i))
                continue;
            float other = map[(y * w + x) * channels + kind];
            bool earlier = y < j || (y == j && x < i);
            if (other > heat || (earlier && other == heat))
                return false;
        }
    return true;
}

void gr_box_maps_read(const float *map, const gr_shape *shape, const gr_origin *origin, int side, float to[GR_BOX_ANSWER])
{
    int64_t h = shape->dim[1], w = shape->dim[2], channels = shape->dim[3], kinds = channels / 5, count = 0, kept = 0;
    gr_kind_box peaks[PEAKS];
    gr_map inverse = gr_map_inverse(&origin->map);
    double sx = (double)side / (double)w, sy = (double)side / (double)h, most = log((double)(w + h));
    for (int64_t k = 0; k < kinds; k++)
        for (int64_t j = 0; j < h; j++)
            for (int64_t i = 0; i < w; i++) {
                const float *cell = map + (j * w + i) * channels, *four = cell + kinds + 4 * k;
                double score = 1.0 / (1.0 + exp(-(double)cell[k]));
                if (!(score >= lowest) || !is_peak(map, shape, j, i, k))
                    continue;
                double width = exp(fmin((double)four[2], most)) * sx, height = exp(fmin((double)four[3], most)) * sy;
                double x = ((double)i + 0.5 + (double)four[0]) * sx, y = ((double)j + 0.5 + (double)four[1]) * sy;
                keep(peaks, &count, &(gr_kind_box){{x - 0.5 * width, y - 0.5 * height, width, height}, score, (int)k});
            }
    for (int64_t i = 0; i < count; i++) {
        gr_plain_box whole = moved(&inverse, &peaks[i].box), seen = clipped(&whole, origin->width, origin->height);
        if (seen.width > 0 && seen.height > 0)
            peaks[kept++] = (gr_kind_box){seen, peaks[i].score, peaks[i].kind};
    }
    gr_box_answer_put(peaks, gr_box_suppress(peaks, kept, same_box), to);
}
