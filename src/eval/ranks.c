#include "eval/ranks.h"

#include <stdlib.h>

#include "base/base.h"

typedef struct placed {
    double value;
    int64_t at;
} placed;

static int lowest_first(const void *a, const void *b)
{
    double x = ((const placed *)a)->value, y = ((const placed *)b)->value;
    return x < y ? -1 : x > y;
}

gr_status gr_midranks(const double *x, int64_t n, double *ranks, gr_error *err)
{
    placed *list = gr_alloc((size_t)n, sizeof *list);
    if (list == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to rank %lld numbers", (long long)n);
    for (int64_t i = 0; i < n; i++)
        list[i] = (placed){x[i], i};
    qsort(list, (size_t)n, sizeof *list, lowest_first);
    for (int64_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && list[end].value == list[i].value;)
            end++;
        for (int64_t j = i; j < end; j++) /* the mean of i + 1 ... end */
            ranks[list[j].at] = 0.5 * (double)(i + 1 + end);
    }
    gr_free(list);
    return GR_OK;
}

bool gr_all_equal(const double *x, int64_t n)
{
    for (int64_t i = 1; i < n; i++)
        if (x[i] != x[0])
            return false;
    return true;
}
