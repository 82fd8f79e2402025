#include "detect/shrink.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "kernels/kernels.h"

/* OpenCV's INTER_LINEAR_EXACT: where pixel `to` of `small` lies among `large`, with a weight of 256ths for the next. */
static void lies_at(int to, int large, int small, int32_t *at, uint16_t *weight)
{
    double scale = 1.0 / ((double)small / large), from = scale * (to + 0.5) - 0.5;
    int whole = (int)floor(from);
    bool inside = whole >= 0 && whole < large - 1;
    *at = whole < 0 || large == 1 ? 0 : inside ? whole : large - 1;
    *weight = inside ? (uint16_t)lrint((from - whole) * 256) : 0;
}

static const uint16_t *across(gr_shrinking *s, int row, int spare)
{
    const gr_shrink_memory *m = &s->memory;
    for (int i = 0; i < 2; i++)
        if (s->held[i] == row)
            return m->across[i];
    int to = s->held[0] == spare ? 1 : 0;
    s->held[to] = row;
    gr_kernels_get()->shrink_across(s->level->width, s->grey->pixels + (size_t)row * (size_t)s->grey->width, m->at,
                                    m->weight, m->across[to]);
    return m->across[to];
}

const uint8_t *gr_shrink_row(gr_shrinking *s, int y, uint8_t *out)
{
    const gr_grey *grey = s->grey;
    if (s->level->width == grey->width && s->level->height == grey->height)
        return grey->pixels + (size_t)y * (size_t)grey->width;
    int32_t row;
    uint16_t weight;
    lies_at(y, grey->height, s->level->height, &row, &weight);
    int next = row + 1 < grey->height ? row + 1 : row;
    const uint16_t *upper = across(s, row, next), *lower = weight > 0 ? across(s, next, row) : upper;
    gr_kernels_get()->shrink_down(s->level->width, upper, lower, weight, out);
    return out;
}

void gr_shrink_begin(gr_shrinking *s, const gr_grey *grey, const gr_level *level, const gr_shrink_memory *memory)
{
    *s = (gr_shrinking){grey, level, *memory, {-1, -1}};
    for (int x = 0; x < level->width; x++)
        lies_at(x, grey->width, level->width, &memory->at[x], &memory->weight[x]);
}

gr_status gr_shrink_all(const gr_grey *grey, const gr_level *level, gr_grey *out, gr_error *err)
{
    size_t width = (size_t)level->width, room = width + 64, height = (size_t)level->height;
    gr_shrink_memory m = {{gr_alloc(room, sizeof(uint16_t)), gr_alloc(room, sizeof(uint16_t))},
                          gr_alloc(room, sizeof(int32_t)),
                          gr_alloc(room, sizeof(uint16_t))};
    *out = (gr_grey){level->width, level->height, gr_alloc(width * height + 64, 1)};
    bool good = m.across[0] != NULL && m.across[1] != NULL && m.at != NULL && m.weight != NULL && out->pixels != NULL;
    uint8_t *row = gr_alloc(room, 1);
    if (good && row != NULL) {
        gr_shrinking s;
        gr_shrink_begin(&s, grey, level, &m);
        for (int y = 0; y < level->height; y++) /* a kernel may write a vector more than a row */
            memcpy(out->pixels + (size_t)y * width, gr_shrink_row(&s, y, row), width);
    }
    good = good && row != NULL;
    gr_free(m.across[0]);
    gr_free(m.across[1]);
    gr_free(m.at);
    gr_free(m.weight);
    gr_free(row);
    if (!good)
        gr_grey_free(out);
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a smaller picture");
}
