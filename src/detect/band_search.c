#include "detect/band_search.h"

#include "base/base.h"

enum { BAND_ROWS = 64, LANES = 16 };

/* Rows of integral images with room for vectors behind them, an odd number of cache lines long so that columns do not share
 * a set. */
static int64_t row_length(int64_t numbers)
{
    int64_t lines = (numbers + LANES + 15) / 16;
    return 16 * (lines | 1);
}

static gr_status make_layouts(const gr_cascade *cascade, const int64_t widest[2], gr_band_search *s, gr_error *err)
{
    int64_t rows = s->rows + s->window_height, images = 1 + s->squares + s->tilted;
    for (int i = 0; i < 2; i++) {
        gr_integral_layout *l = &s->layout[i];
        l->half = i == 1 ? row_length(widest[1] / 2 + 1) : 0;
        l->stride = i == 1 ? 2 * l->half : row_length(widest[0] + 1);
        l->tilted = rows * l->stride;
        l->squares = l->tilted * (s->tilted ? 2 : 1);
        if (images * rows * l->stride > INT32_MAX / 2)
            return gr_fail(err, GR_NOMEM, "no room for integral images of %lld numbers",
                           (long long)(images * rows * l->stride));
        s->image_numbers = images * rows * l->stride > s->image_numbers ? images * rows * l->stride : s->image_numbers;
        gr_status status = gr_windows_make(cascade, &s->windows[i], err);
        if (status != GR_OK)
            return status;
        if (widest[i] > 0)
            gr_windows_place(cascade, l, &s->windows[i]);
    }
    return GR_OK;
}

gr_status gr_band_search_make(const gr_cascade *cascade, const gr_grey *grey, const gr_level *levels, int64_t count,
                              gr_band_search *s, gr_error *err)
{
    int64_t widest[2] = {0, 0};
    *s = (gr_band_search){.grey = grey,
                          .window_width = cascade->width,
                          .window_height = cascade->height,
                          .squares = cascade->kind == GR_CASCADE_HAAR,
                          .rows = cascade->height > BAND_ROWS / 2 ? 2 * cascade->height : BAND_ROWS};
    for (int64_t f = 0; f < cascade->feature_count; f++)
        s->tilted |= cascade->features[f].tilted;
    for (int64_t i = 0; i < count; i++) {
        int64_t *most = &widest[levels[i].step - 1];
        *most = levels[i].width > *most ? levels[i].width : *most;
        s->widest = levels[i].width > s->widest ? levels[i].width : s->widest;
    }
    gr_status status = make_layouts(cascade, widest, s, err);
    if (status != GR_OK)
        gr_band_search_free(s);
    return status;
}

void gr_band_search_free(gr_band_search *s)
{
    for (int i = 0; i < 2; i++)
        gr_windows_free(&s->windows[i]);
}
