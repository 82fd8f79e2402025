#include "detect/visit.h"

#include <math.h>

#include "base/base.h"

typedef struct visiting {
    gr_band_search search;
    gr_band_memory memory;
    gr_visit *visit;
    void *ctx;
} visiting;

static gr_status visit_level(visiting *v, const gr_level *l, gr_error *err)
{
    const gr_band_search *s = &v->search;
    int width = (int)lrintf((float)s->window_width * l->scale), height = (int)lrintf((float)s->window_height * l->scale);
    gr_status status = GR_OK;
    for (int first = 0; l->columns > 0 && first < l->rows; first += s->rows) {
        int count = l->rows - first < s->rows ? l->rows - first : s->rows;
        int64_t found = gr_band_find(s, l, first, count, &v->memory);
        for (int64_t i = 0; status == GR_OK && i < found; i++) {
            int x, y;
            gr_band_window(s, l, first, v->memory.places[i], &x, &y);
            gr_visited window = {
                s,
                l,
                v->memory.images + v->memory.places[i],
                {(int)lrintf((float)x * l->scale), (int)lrintf((float)y * l->scale), width, height, 1, NULL}};
            status = v->visit(v->ctx, &window, err);
        }
    }
    return status;
}

gr_status gr_cascade_visit(const gr_cascade *cascade, const gr_grey *grey, const gr_detect_options *options, gr_visit *visit,
                           void *ctx, int64_t *seen, gr_error *err)
{
    visiting v = {.visit = visit, .ctx = ctx};
    gr_level *levels = NULL;
    int64_t count = 0;
    gr_status status = gr_levels(cascade->width, cascade->height, grey->width, grey->height, options, &levels, &count, err);
    if (status == GR_OK)
        status = gr_band_search_make(cascade, grey, levels, count, &v.search, err);
    if (status == GR_OK)
        status = gr_band_memory_make(&v.search, &v.memory, err);
    for (int64_t i = 0; status == GR_OK && i < count; i++) {
        status = visit_level(&v, &levels[i], err);
        if (seen != NULL)
            *seen += (int64_t)((levels[i].columns + levels[i].step - 1) / levels[i].step) *
                     ((levels[i].rows + levels[i].step - 1) / levels[i].step);
    }
    gr_free(v.memory.block);
    gr_band_search_free(&v.search);
    gr_free(levels);
    return status;
}

void gr_visited_pixels(const gr_visited *w, uint8_t *to)
{
    const gr_integral_layout *l = &w->search->layout[w->level->step - 1];
    int width = w->search->window_width, height = w->search->window_height;
    for (int y = 0; y < height; y++) {
        const int32_t *upper = w->corner + y * l->stride, *lower = upper + l->stride;
        for (int x = 0; x < width; x++) {
            int64_t left = l->half > 0 ? x % 2 * l->half + x / 2 : x,
                    right = l->half > 0 ? (x + 1) % 2 * l->half + (x + 1) / 2 : x + 1;
            *to++ =
                (uint8_t)((uint32_t)lower[right] - (uint32_t)lower[left] - (uint32_t)upper[right] + (uint32_t)upper[left]);
        }
    }
}
