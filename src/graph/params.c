/* The flat arrays of parameters and their initial numbers. */
#include "graph/initial.h"
#include "graph/op.h"
#include "grimace/plan.h"

#include <math.h>
#include <string.h>

/* Equal shares of K = count + 1 ordered classes at score 0: thresholds log(k / (K - k)), as the first one and the logarithms of
 * the steps behind it. */
static void fill_thresholds(int64_t count, float *out)
{
    double before = 0.0;
    for (int64_t k = 1; k <= count; k++) {
        double threshold = log((double)k / (double)(count + 1 - k));
        out[k - 1] = (float)(k == 1 ? threshold : log(threshold - before));
        before = threshold;
    }
}

static void fill(const gr_parameter *param, uint64_t seed, float *out)
{
    if (param->init == GR_INIT_THRESHOLDS) {
        fill_thresholds((int64_t)param->count, out);
        return;
    }
    gr_rng rng = gr_rng_make(seed, GR_FOR_INIT, 0, gr_name_key(param->name));
    double bound = param->fan_in > 0 ? 1.0 / sqrt((double)param->fan_in) : 0.0;
    double deviation = param->fan_out > 0 ? sqrt(2.0 / (double)param->fan_out) : 0.0;
    double reach = param->fan_out > 0 ? 1.0 / sqrt((double)param->fan_out) : 0.0;
    for (size_t i = 0; i < param->count; i++) {
        switch (param->init) {
        case GR_INIT_THRESHOLDS: break;
        case GR_INIT_ZERO: out[i] = 0.0f; break;
        case GR_INIT_ONE: out[i] = 1.0f; break;
        case GR_INIT_QUARTER: out[i] = 0.25f; break;
        case GR_INIT_UNIFORM_FAN_IN: out[i] = (float)(bound * (2.0 * gr_rng_double(&rng) - 1.0)); break;
        case GR_INIT_KAIMING_NORMAL_FAN_OUT: out[i] = (float)(deviation * gr_rng_normal(&rng)); break;
        case GR_INIT_UNIFORM_FAN_OUT: out[i] = (float)(reach * (2.0 * gr_rng_double(&rng) - 1.0)); break;
        case GR_INIT_KAIMING_NORMAL_FAN_IN: out[i] = (float)(sqrt(2.0) * bound * gr_rng_normal(&rng)); break;
        case GR_INIT_NORMAL_01: out[i] = (float)(0.1 * gr_rng_normal(&rng)); break;
        case GR_INIT_NORMAL_0001: out[i] = (float)(0.001 * gr_rng_normal(&rng)); break;
        case GR_INIT_RARE: out[i] = param->shape.rank == 1 ? -2.1972246f : (float)(0.01 * gr_rng_normal(&rng)); break;
        case GR_INIT_GLOROT_UNIFORM:
        case GR_INIT_GLOROT_NORMAL:
        case GR_INIT_HE_UNIFORM:
        case GR_INIT_HE_NORMAL:
        case GR_INIT_LECUN_UNIFORM:
        case GR_INIT_LECUN_NORMAL: out[i] = (float)gr_init_draw(param, &rng); break;
        case GR_INIT_NORMAL_001: out[i] = (float)(0.01 * gr_rng_normal(&rng)); break;
        }
    }
}

gr_status gr_params_alloc(const gr_graph *graph, bool training, gr_params **out, gr_error *err)
{
    *out = NULL;
    gr_params *params = gr_alloc(1, sizeof *params);
    if (params != NULL) {
        params->count = graph->param_floats;
        params->values = gr_alloc_aligned(params->count, sizeof(float));
        params->gradients = training ? gr_alloc_aligned(params->count, sizeof(float)) : NULL;
    }
    if (params == NULL || params->values == NULL || (training && params->gradients == NULL)) {
        gr_params_destroy(params);
        return gr_fail(err, GR_NOMEM, "no memory for %zu parameters", graph->param_floats);
    }
    if (training)
        memset(params->gradients, 0, params->count * sizeof(float));
    *out = params;
    return GR_OK;
}

typedef struct filling {
    gr_parameter *const *params;
    uint64_t seed;
    float *values;
} filling;

static void fill_one(void *ctx, int64_t index, int thread)
{
    const filling *f = ctx;
    (void)thread;
    fill(f->params[index], f->seed, f->values + f->params[index]->offset);
}

gr_status gr_params_create(const gr_graph *graph, uint64_t seed, bool training, gr_params **out, gr_error *err)
{
    gr_status status = gr_params_alloc(graph, training, out, err);
    if (status == GR_OK)
        gr_parallel_for(graph->param_count, fill_one, &(filling){graph->params, seed, (*out)->values});
    return status;
}

void gr_params_destroy(gr_params *params)
{
    if (params == NULL)
        return;
    gr_free(params->values);
    gr_free(params->gradients);
    gr_free(params);
}
