/* The pointing game (Zhang et al. 2016) and the share of a map inside the face's parts: discs about the landmarks that are
 * known, as wide as that paper's tolerance, 15 pixels of 224. Beside them stands the share of the picture that the discs
 * take, which a map that knows nothing would have. */
#include <math.h>

#include "explain/trial.h"

static const char *const columns[] = {"pointing", "inside", "parts"};
enum { COLUMNS = 3 };

static const double radius = 15.0 / 224.0;

/* Marks inside[S, S] by points of image `i`; are any known? */
static bool mark(const gr_trial_images *images, int64_t i, bool *inside)
{
    int64_t size = images->subject->size;
    double r = radius * (double)size;
    bool known = false;
    for (int64_t k = 0; k < size * size; k++)
        inside[k] = false;
    for (int p = 0; p < images->point_count; p++) {
        const double *at = images->points + 2 * (i * images->point_count + p);
        double to[2];
        if (!isfinite(at[0]) || !isfinite(at[1]))
            continue;
        known = true;
        gr_map_point(&images->origins[i].map, at[0], at[1], to);
        for (int64_t y = 0; y < size; y++)
            for (int64_t x = 0; x < size; x++)
                if (hypot((double)x + 0.5 - to[0], (double)y + 0.5 - to[1]) <= r)
                    inside[y * size + x] = true;
    }
    return known;
}

static void judge(const float *map, const bool *inside, int64_t pixels, double *numbers)
{
    double within = 0.0, all = 0.0;
    int64_t marked = 0, best = 0;
    for (int64_t i = 0; i < pixels; i++) {
        double v = map[i] > 0 ? (double)map[i] : 0.0;
        all += v;
        within += inside[i] ? v : 0.0;
        marked += inside[i];
        best = map[i] > map[best] ? i : best;
    }
    numbers[2] = (double)marked / (double)pixels;
    if (all > 0.0) { /* a map without anything for the class points nowhere */
        numbers[0] = inside[best] ? 1.0 : 0.0;
        numbers[1] = within / all;
    }
}

static gr_status run(const gr_trial_images *images, const gr_trial_maps *maps, double *numbers, gr_error *err)
{
    int64_t pixels = images->subject->size * images->subject->size;
    bool *inside = gr_alloc((size_t)pixels, sizeof *inside);
    if (inside == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the parts of a face");
    for (int64_t i = 0; i < images->n; i++)
        if (mark(images, i, inside))
            judge(maps->maps + i * pixels, inside, pixels, numbers + i * COLUMNS);
    gr_free(inside);
    return GR_OK;
}

const gr_trial gr_pointing_trial = {
    .name = "pointing",
    .summary = "does the map's largest number lie on a part of the face, and how much of the map does",
    .columns = columns,
    .column_count = COLUMNS,
    .run = run,
};
