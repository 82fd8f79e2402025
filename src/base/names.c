/* Lists of strings: sorted, searched, numbered. */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef struct named {
    const char *name;
    int64_t index;
} named;

static int by_name(const void *a, const void *b)
{
    const named *x = a, *y = b;
    int order = strcmp(x->name, y->name);
    return order != 0 ? order : x->index < y->index ? -1 : x->index > y->index;
}

int64_t *gr_names_sort(const char *const *names, int64_t count)
{
    named *list = gr_alloc((size_t)count, sizeof *list);
    int64_t *order = gr_alloc((size_t)count, sizeof *order);
    if (list == NULL || order == NULL) {
        gr_free(list);
        gr_free(order);
        return NULL;
    }
    for (int64_t i = 0; i < count; i++)
        list[i] = (named){names[i], i};
    qsort(list, (size_t)count, sizeof *list, by_name);
    for (int64_t i = 0; i < count; i++)
        order[i] = list[i].index;
    gr_free(list);
    return order;
}

int64_t gr_names_find(const char *const *names, const int64_t *order, int64_t count, const char *name)
{
    int64_t low = 0, high = count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int side = strcmp(names[order[middle]], name);
        if (side == 0)
            return order[middle];
        if (side < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

int64_t *gr_names_number(const char *const *names, int64_t count, int64_t *different)
{
    int64_t *order = gr_names_sort(names, count), *number = gr_alloc((size_t)count, sizeof *number);
    if (order == NULL || number == NULL) {
        gr_free(order);
        gr_free(number);
        return NULL;
    }
    for (int64_t i = 0; i < count; i++) { /* the row of a name's first appearance; equal names stand in their order */
        bool same = i > 0 && strcmp(names[order[i]], names[order[i - 1]]) == 0;
        number[order[i]] = same ? number[order[i - 1]] : order[i];
    }
    *different = 0;
    for (int64_t i = 0; i < count; i++)
        number[i] = number[i] == i ? (*different)++ : number[number[i]];
    gr_free(order);
    return number;
}
