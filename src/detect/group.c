/* Boxes that are alike become one, as OpenCV's groupRectangles does it with eps 0.2. Which ones are joined does not depend
 * on their order: alike is symmetric, and classes are what it connects. */
#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "detect/found.h"

static const double eps = 0.2;

typedef struct class
{
    uint32_t x, y, width, height; /* sums, modulo 2^32 as OpenCV's */
    int64_t count;
} class;

typedef struct sorted {
    int x;
    int64_t index;
} sorted;

static int by_x(const void *pa, const void *pb)
{
    const sorted *a = pa, *b = pb;
    return a->x != b->x ? (a->x > b->x) - (a->x < b->x) : (a->index > b->index) - (a->index < b->index);
}

static bool alike(const gr_found *a, const gr_found *b)
{
    int width = a->width < b->width ? a->width : b->width, height = a->height < b->height ? a->height : b->height;
    double delta = eps * (width + height) * 0.5;
    return abs(a->x - b->x) <= delta && abs(a->y - b->y) <= delta && abs(a->x + a->width - b->x - b->width) <= delta &&
           abs(a->y + a->height - b->y - b->height) <= delta;
}

static int64_t root_of(int64_t *parents, int64_t i)
{
    while (parents[i] != i)
        i = parents[i] = parents[parents[i]];
    return i;
}

/* The smaller index is the root, so that a class is named by its first box. Only boxes whose left edges are near are
 * compared. */
static void join(const gr_found_list *list, const sorted *order, int64_t *parents)
{
    for (int64_t i = 0; i < list->count; i++)
        parents[i] = i;
    for (int64_t i = 0; i < list->count; i++) {
        const gr_found *a = &list->boxes[order[i].index];
        double reach = eps * (a->width + a->height) * 0.5;
        for (int64_t j = i + 1; j < list->count && order[j].x - a->x <= reach; j++) {
            if (!alike(a, &list->boxes[order[j].index]))
                continue;
            int64_t one = root_of(parents, order[i].index), other = root_of(parents, order[j].index);
            parents[one > other ? one : other] = one < other ? one : other;
        }
    }
}

static int rounded(uint32_t sum, float share)
{
    return (int)lrintf((float)(int32_t)sum * share);
}

static gr_found mean_of(const class *c)
{
    float share = 1.0f / (float)c->count;
    return (gr_found){.x = rounded(c->x, share),
                      .y = rounded(c->y, share),
                      .width = rounded(c->width, share),
                      .height = rounded(c->height, share),
                      .score = (double)c->count};
}

/* Does `a` lie in `b`, which is of more windows? */
static bool lies_in(const gr_found *a, const gr_found *b)
{
    int dx = (int)lrint(b->width * eps), dy = (int)lrint(b->height * eps);
    double most = a->score > 3 ? a->score : 3;
    return a->x >= b->x - dx && a->y >= b->y - dy && a->x + a->width <= b->x + b->width + dx &&
           a->y + a->height <= b->y + b->height + dy && (b->score > most || a->score < 3);
}

/* The classes' means to list; those that lie in others go. `means` has room for all. */
static void keep(gr_found_list *list, const class *classes, int64_t count, int neighbours, gr_found *means)
{
    int64_t enough = 0, kept = 0;
    for (int64_t i = 0; i < count; i++)
        if (classes[i].count > neighbours)
            means[enough++] = mean_of(&classes[i]);
    for (int64_t i = 0; i < enough; i++) {
        int64_t j = 0;
        while (j < enough && (j == i || !lies_in(&means[i], &means[j])))
            j++;
        if (j == enough) {
            means[i].detector = list->boxes[kept].detector;
            list->boxes[kept++] = means[i];
        }
    }
    list->count = kept;
}

gr_status gr_found_group(gr_found_list *list, int neighbours, gr_error *err)
{
    int64_t count = list->count, classes = 0;
    if (neighbours <= 0 || count == 0) {
        for (int64_t i = 0; i < count; i++)
            list->boxes[i].score = 1;
        return GR_OK;
    }
    sorted *order = gr_alloc((size_t)count, sizeof *order);
    int64_t *parents = gr_alloc((size_t)count, sizeof *parents);
    class *all = gr_alloc((size_t)count, sizeof *all);
    gr_found *means = gr_alloc((size_t)count, sizeof *means);
    bool room = order != NULL && parents != NULL && all != NULL && means != NULL;
    if (room) {
        for (int64_t i = 0; i < count; i++)
            order[i] = (sorted){list->boxes[i].x, i};
        qsort(order, (size_t)count, sizeof *order, by_x);
        join(list, order, parents);
        for (int64_t i = 0; i < count; i++) { /* order[].index becomes the number of a root's class */
            int64_t root = root_of(parents, i);
            if (root == i)
                order[i].index = classes++;
            class *c = &all[order[root].index];
            c->x += (uint32_t)list->boxes[i].x;
            c->y += (uint32_t)list->boxes[i].y;
            c->width += (uint32_t)list->boxes[i].width;
            c->height += (uint32_t)list->boxes[i].height;
            c->count++;
        }
        keep(list, all, classes, neighbours, means);
    }
    gr_free(order);
    gr_free(parents);
    gr_free(all);
    gr_free(means);
    return room ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for groups of %lld windows", (long long)count);
}
