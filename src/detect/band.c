#include "detect/band.h"

#include <string.h>

#include "base/base.h"
#include "detect/shrink.h"

enum { LANES_BEHIND = 64 }; /* kernels read whole vectors */

/* Takes `bytes` of a block that is measured first (data NULL), then cut. */
static void *take(char *data, size_t *used, size_t bytes)
{
    void *at = data != NULL ? data + *used : NULL;
    *used += (bytes + 63) / 64 * 64;
    return at;
}

static size_t cut(const gr_band_search *s, char *data, gr_band_memory *m)
{
    size_t used = 0, width = (size_t)s->widest + LANES_BEHIND, windows = width * (size_t)s->rows;
    m->images = take(data, &used, ((size_t)s->image_numbers + LANES_BEHIND) * sizeof *m->images);
    m->running = take(data, &used, 7 * width * sizeof *m->running);
    for (int i = 0; i < 2; i++) {
        m->across[i] = take(data, &used, width * sizeof *m->across[i]);
        m->pixels[i] = take(data, &used, width);
    }
    m->at = take(data, &used, width * sizeof *m->at);
    m->weight = take(data, &used, width * sizeof *m->weight);
    m->passed = take(data, &used, (width / 64 + 1) * sizeof *m->passed);
    m->failed = take(data, &used, (width / 64 + 1) * sizeof *m->failed);
    m->norms = take(data, &used, width * sizeof *m->norms);
    m->places = take(data, &used, windows * sizeof *m->places);
    return used;
}

gr_status gr_band_memory_make(const gr_band_search *s, gr_band_memory *out, gr_error *err)
{
    *out = (gr_band_memory){0};
    size_t bytes = cut(s, NULL, out);
    out->block = gr_alloc(bytes + 64, 1);
    if (out->block == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld bytes of integral images", (long long)bytes);
    cut(s, (char *)out->block + (64 - (uintptr_t)out->block % 64) % 64, out);
    return GR_OK;
}

/* ---- integral images -------------------------------------------------------------------------------------------------- */

/* Row `y` of an integral image from `numbers`. */
static void put_row(const gr_integral_layout *l, int32_t *image, int64_t y, const uint32_t *numbers, int64_t count)
{
    int32_t *row = image + y * l->stride;
    if (l->half > 0)
        gr_kernels_get()->split_columns(count, numbers, l->half, row);
    else
        memcpy(row, numbers, (size_t)count * sizeof *numbers);
}

/* The images of `count` rows from the level's row `first` on. */
static void fill_images(const gr_band_search *s, const gr_level *level, int first, int count, const gr_band_memory *m)
{
    const gr_integral_layout *l = &s->layout[level->step - 1];
    const gr_kernels *k = gr_kernels_get();
    gr_shrinking shrink;
    int64_t width = level->width, row = s->widest + LANES_BEHIND;
    uint32_t *sums = m->running, *squares = sums + row, *tilted[3] = {squares + row, squares + 2 * row, squares + 3 * row};
    memset(m->running, 0, 7 * (size_t)row * sizeof *m->running);
    memset(m->pixels[1], 0, (size_t)row);
    const uint8_t *above = m->pixels[1];
    gr_shrink_begin(&shrink, s->grey, level, &(gr_shrink_memory){{m->across[0], m->across[1]}, m->at, m->weight});
    for (int y = 0; y <= count; y++) {
        if (y > 0) {
            const uint8_t *pixels = gr_shrink_row(&shrink, first + y - 1, m->pixels[(y + 1) % 2]);
            k->integral_row(width, pixels, sums, s->squares ? squares : NULL, squares + 4 * row);
            if (s->tilted)
                k->tilted_row(width, pixels, above, tilted[(y + 2) % 3], tilted[(y + 1) % 3], tilted[y % 3]);
            above = pixels;
        }
        put_row(l, m->images, y, sums, width + 1);
        if (s->squares)
            put_row(l, m->images + l->squares, y, squares, width + 1);
        if (s->tilted)
            put_row(l, m->images + l->tilted, y, tilted[y % 3], width + 1);
    }
}

/* ---- windows ---------------------------------------------------------------------------------------------------------- */

/* OpenCV goes on two windows behind one that the first stage refuses: a bit for each window that is left out by that.
 * *carry: the word's first one is. As with the odd runs of a JSON string's backslashes (Langdale and Lemire 2019). */
static uint64_t left_out(uint64_t failed, uint64_t *carry)
{
    const uint64_t even = 0x5555555555555555u;
    failed &= ~*carry;
    uint64_t follows = failed << 1 | *carry, odd_starts = failed & ~even & ~follows, sum;
    *carry = __builtin_add_overflow(odd_starts, failed, &sum);
    return (even ^ sum << 1) & follows;
}

int64_t gr_band_find(const gr_band_search *s, const gr_level *level, int first, int count, const gr_band_memory *m)
{
    const gr_windows *w = &s->windows[level->step - 1];
    const gr_kernels *k = gr_kernels_get();
    int64_t stride = s->layout[level->step - 1].stride, columns = (level->columns + level->step - 1) / level->step,
            found = 0;
    fill_images(s, level, first, count - 1 + s->window_height, m);
    for (int y = 0; y < count; y += level->step) {
        uint64_t carry = 0;
        k->windows_row(w, m->images + y * stride, columns, m->passed, m->failed, m->norms);
        for (int64_t i = 0; i < (columns + 63) / 64; i++)
            m->passed[i] &= ~left_out(m->failed[i], &carry);
        k->windows_rest(w, m->images + y * stride, columns, m->norms, m->passed);
        for (int64_t i = 0; i < (columns + 63) / 64; i++)
            for (uint64_t live = m->passed[i]; live != 0; live &= live - 1)
                m->places[found++] = (int32_t)(y * stride + 64 * i + __builtin_ctzll(live));
    }
    return found;
}

void gr_band_window(const gr_band_search *s, const gr_level *level, int first, int32_t place, int *x, int *y)
{
    int32_t stride = (int32_t)s->layout[level->step - 1].stride;
    *x = place % stride * level->step;
    *y = first + place / stride;
}
