#include "detect/scales.h"

#include <math.h>

#include "base/base.h"

enum { LEVELS_MAX = 16384 }; /* 1.001 from 3 pixels to 16384 needs 8613 */

typedef struct search {
    int window_width, window_height, width, height;
    float scales[LEVELS_MAX];
    int64_t count;
} search;

static int side(int length, float scale)
{
    return (int)lrintf((float)length * scale);
}

/* All sizes of the window that fit into the picture. */
static void list_all(search *s, double factor)
{
    s->count = 0;
    for (double scale = 1; s->count < LEVELS_MAX; scale *= factor) {
        if (lrint(s->window_width * scale) > s->width || lrint(s->window_height * scale) > s->height)
            break;
        s->scales[s->count++] = (float)scale;
    }
}

static double distance(const search *s, int64_t i, int min_size)
{
    double dx = min_size - side(s->window_width, s->scales[i]), dy = min_size - side(s->window_height, s->scales[i]);
    return dx * dx + dy * dy;
}

/* Those between the limits, or the nearest one. */
static void choose(search *s, int min_size, int max_size)
{
    int most_width = max_size > 0 ? max_size : s->width, most_height = max_size > 0 ? max_size : s->height;
    int64_t kept = 0, nearest = 0;
    for (int64_t i = 1; i < s->count; i++)
        if (distance(s, i, min_size) < distance(s, nearest, min_size))
            nearest = i;
    float spare = s->count > 0 ? s->scales[nearest] : 0;
    for (int64_t i = 0; i < s->count; i++) {
        int w = side(s->window_width, s->scales[i]), h = side(s->window_height, s->scales[i]);
        if (w > most_width || h > most_height)
            break;
        if (w >= min_size && h >= min_size)
            s->scales[kept++] = s->scales[i];
    }
    if (kept == 0 && s->count > 0)
        s->scales[kept++] = spare;
    s->count = kept;
}

static gr_level make_level(const search *s, float scale)
{
    gr_level l = {.scale = scale, .step = scale >= 2 ? 1 : 2};
    l.width = (int)lrintf((float)s->width / scale);
    l.height = (int)lrintf((float)s->height / scale);
    l.columns = l.width + 1 - s->window_width;
    l.rows = l.height + 1 - s->window_height;
    l.columns = l.columns > 0 ? l.columns : 0;
    l.rows = l.rows > 0 ? l.rows : 0;
    return l;
}

gr_status gr_levels(int window_width, int window_height, int width, int height, const gr_detect_options *options,
                    gr_level **levels, int64_t *count, gr_error *err)
{
    search *s = gr_alloc(1, sizeof *s);
    *levels = NULL;
    *count = 0;
    if (s == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the sizes of a window");
    *s = (search){.window_width = window_width, .window_height = window_height, .width = width, .height = height};
    list_all(s, options->scale);
    choose(s, options->min_size, options->max_size);
    gr_level *all = gr_alloc((size_t)s->count, sizeof *all);
    int stripes = 0;
    for (int64_t i = 0; all != NULL && i < s->count; i++) {
        gr_level *l = &all[i];
        *l = make_level(s, s->scales[i]);
        if (i == 0)
            stripes = (l->columns + 31) / 32;
        if (stripes == 0)
            l->rows = 0;
        if (stripes == 0)
            continue;
        int stripe = (l->rows / l->step + stripes - 1) / stripes;
        int64_t reached = (int64_t)(stripe > 1 ? stripe : 1) * l->step * stripes;
        l->rows = l->rows < reached ? l->rows : (int)reached;
    }
    *levels = all;
    *count = s->count;
    gr_free(s);
    return all != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the sizes of a window");
}
