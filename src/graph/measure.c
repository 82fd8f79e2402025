/* What plans would take, without taking it. */
#include "graph/plan_private.h"

gr_status gr_plan_measure(const gr_graph *graph, gr_params *params, const gr_plan_options *options, size_t *bytes, gr_error *err)
{
    gr_plan *plan;
    gr_status status = gr_plan_compile(graph, params, NULL, options, &plan, err);
    if (status != GR_OK)
        return status;
    *bytes = plan->arena_bytes + plan->prepared_bytes + plan->prepare_scratch;
    gr_plan_destroy(plan);
    return GR_OK;
}

static gr_status fits(const gr_graph *graph, gr_params *params, gr_plan_options options, int64_t batch, size_t room, bool *fit,
                      gr_error *err)
{
    size_t bytes = 0;
    options.batch = batch;
    gr_status status = gr_plan_measure(graph, params, &options, &bytes, err);
    *fit = status == GR_OK && bytes <= room;
    return status;
}

gr_status gr_plan_largest_batch(const gr_graph *graph, gr_params *params, const gr_plan_options *options, size_t bytes,
                                int64_t *batch, gr_error *err)
{
    int64_t good = 0, bad = 1; /* a batch that fits, and one that does not */
    gr_status status = GR_OK;
    for (bool fit = true; status == GR_OK && fit && good < GR_MOST_BATCH;) {
        status = fits(graph, params, *options, bad, bytes, &fit, err);
        if (fit) {
            good = bad;
            bad *= 2;
        }
    }
    while (status == GR_OK && good < GR_MOST_BATCH && bad - good > 1) {
        bool fit;
        int64_t middle = good + (bad - good) / 2;
        status = fits(graph, params, *options, middle, bytes, &fit, err);
        *(fit ? &good : &bad) = middle;
    }
    *batch = good;
    return status;
}
