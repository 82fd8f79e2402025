#include "detect/found.h"

#include <stdlib.h>

#include "base/base.h"

void gr_found_free(gr_found_list *list)
{
    gr_free(list->boxes);
    *list = (gr_found_list){0};
}

gr_status gr_found_add(gr_found_list *list, const gr_found *box, gr_error *err)
{
    if (list->count == list->capacity) {
        int64_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
        gr_found *boxes = gr_realloc(list->boxes, (size_t)capacity, sizeof *boxes);
        if (boxes == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for %lld boxes", (long long)capacity);
        list->boxes = boxes;
        list->capacity = capacity;
    }
    list->boxes[list->count++] = *box;
    return GR_OK;
}

static int compare(const void *pa, const void *pb)
{
    const gr_found *a = pa, *b = pb;
    int64_t area_a = (int64_t)a->width * a->height, area_b = (int64_t)b->width * b->height;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (area_a != area_b)
        return area_a > area_b ? -1 : 1;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return (a->width > b->width) - (a->width < b->width);
}

void gr_found_sort(gr_found_list *list)
{
    if (list->count > 1)
        qsort(list->boxes, (size_t)list->count, sizeof *list->boxes, compare);
}

void gr_found_clip(gr_found_list *list, int width, int height)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < list->count; i++) {
        gr_found b = list->boxes[i];
        int right = b.x + b.width < width ? b.x + b.width : width,
            bottom = b.y + b.height < height ? b.y + b.height : height;
        b.x = b.x > 0 ? b.x : 0;
        b.y = b.y > 0 ? b.y : 0;
        b.width = right - b.x;
        b.height = bottom - b.y;
        if (b.width > 0 && b.height > 0)
            list->boxes[kept++] = b;
    }
    list->count = kept;
}
