#include "data/pass_order.h"

gr_status gr_pass_order(const int64_t *order, int64_t count, int64_t samples, int64_t **copy, uint32_t **repeat, gr_error *err)
{
    *copy = gr_alloc((size_t)count, sizeof **copy);
    *repeat = gr_alloc((size_t)count, sizeof **repeat);
    uint32_t *seen = gr_alloc((size_t)samples, sizeof *seen);
    gr_status status = GR_OK;
    if (*copy == NULL || *repeat == NULL || seen == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for an order of %lld samples", (long long)count);
    for (int64_t i = 0; i < count && status == GR_OK; i++) {
        if (order[i] < 0 || order[i] >= samples) {
            status = gr_fail(err, GR_INVALID, "the order holds sample %lld, one of 0 to %lld would be right", (long long)order[i],
                             (long long)samples - 1);
            break;
        }
        (*copy)[i] = order[i];
        (*repeat)[i] = seen[order[i]]++;
    }
    gr_free(seen);
    return status;
}
