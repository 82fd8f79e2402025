#include "fitting/features.h"

#include "base/base.h"

/* A shape whose unit is dx x dy: how many units it takes, and the rectangles in units behind the first, which is all of it
 * with weight -1. Tilted ones go down to the right by dx and down to the left by dy. */
typedef struct shape {
    gr_haar_set set;
    bool tilted;
    int across, down;
    int count;
    struct {
        int x, y, width, height, weight;
    } parts[2];
} shape;

static const shape shapes[] = {
    {GR_HAAR_BASIC, false, 2, 1, 1, {{1, 0, 1, 1, 2}}},
    {GR_HAAR_BASIC, false, 1, 2, 1, {{0, 1, 1, 1, 2}}},
    {GR_HAAR_BASIC, false, 3, 1, 1, {{1, 0, 1, 1, 3}}},
    {GR_HAAR_BASIC, false, 1, 3, 1, {{0, 1, 1, 1, 3}}},
    {GR_HAAR_CORE, false, 4, 1, 1, {{1, 0, 2, 1, 2}}},
    {GR_HAAR_CORE, false, 1, 4, 1, {{0, 1, 1, 2, 2}}},
    {GR_HAAR_BASIC, false, 2, 2, 2, {{0, 0, 1, 1, 2}, {1, 1, 1, 1, 2}}},
    {GR_HAAR_CORE, false, 3, 3, 1, {{1, 1, 1, 1, 9}}},
    {GR_HAAR_ALL, true, 2, 1, 1, {{0, 0, 1, 1, 2}}},
    {GR_HAAR_ALL, true, 1, 2, 1, {{0, 0, 1, 1, 2}}},
    {GR_HAAR_ALL, true, 3, 1, 1, {{1, 0, 1, 1, 3}}},
    {GR_HAAR_ALL, true, 1, 3, 1, {{0, 1, 1, 1, 3}}},
    {GR_HAAR_ALL, true, 4, 1, 1, {{1, 0, 2, 1, 2}}},
    {GR_HAAR_ALL, true, 1, 4, 1, {{0, 1, 1, 2, 2}}},
};
enum { SHAPES = sizeof shapes / sizeof *shapes };

typedef struct listing {
    gr_haar_set set;
    int width, height;
    gr_cascade_feature *to; /* NULL: only counted */
    int64_t count;
} listing;

static bool fits(const listing *l, const shape *s, int x, int y, int dx, int dy)
{
    int width = s->across * dx, height = s->down * dy;
    if (s->tilted)
        return x + width <= l->width && y + width + height <= l->height && x - height >= 0;
    return x + width <= l->width && y + height <= l->height;
}

/* A part `across` and `down` units into a tilted shape. */
static gr_cascade_rect part(const shape *s, int i, int x, int y, int dx, int dy)
{
    int u = s->parts[i].x * dx, v = s->parts[i].y * dy;
    return (gr_cascade_rect){s->tilted ? x + u - v : x + u, s->tilted ? y + u + v : y + v, s->parts[i].width * dx,
                             s->parts[i].height * dy, (float)s->parts[i].weight};
}

static void add_haar(listing *l, int x, int y, int dx, int dy)
{
    for (int i = 0; i < SHAPES; i++) {
        const shape *s = &shapes[i];
        if (s->set > l->set || !fits(l, s, x, y, dx, dy))
            continue;
        if (l->to != NULL) {
            gr_cascade_feature *f = &l->to[l->count];
            *f = (gr_cascade_feature){.tilted = s->tilted, .count = s->count + 1};
            f->rects[0] = (gr_cascade_rect){x, y, s->across * dx, s->down * dy, -1};
            for (int p = 0; p < s->count; p++)
                f->rects[p + 1] = part(s, p, x, y, dx, dy);
        }
        l->count++;
    }
}

static void add_lbp(listing *l, int x, int y, int dx, int dy)
{
    if (x + 3 * dx > l->width || y + 3 * dy > l->height)
        return;
    if (l->to != NULL)
        l->to[l->count] = (gr_cascade_feature){.count = 1, .rects = {{x, y, dx, dy, 0}}};
    l->count++;
}

static void list_all(listing *l, gr_cascade_kind kind)
{
    l->count = 0;
    for (int x = 0; x < l->width; x++)
        for (int y = 0; y < l->height; y++)
            for (int dx = 1; dx <= l->width; dx++)
                for (int dy = 1; dy <= l->height; dy++)
                    (kind == GR_CASCADE_HAAR ? add_haar : add_lbp)(l, x, y, dx, dy);
}

gr_status gr_features_list(gr_cascade_kind kind, gr_haar_set set, int width, int height, gr_cascade_feature **features,
                           int64_t *count, gr_error *err)
{
    listing l = {.set = set, .width = width, .height = height};
    list_all(&l, kind);
    *count = l.count;
    *features = l.to = gr_alloc((size_t)l.count, sizeof *l.to);
    if (l.to == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld features of a window", (long long)l.count);
    list_all(&l, kind);
    return GR_OK;
}
