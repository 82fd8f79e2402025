/* The backbone alone as a plan for inference: batch norms folded into the convolutions, activations fused. */
#include "learners/extractor.h"

#include <string.h>

#include "base/parallel_copy.h"
struct gr_extractor {
    const gr_model *model;
    gr_workspace *workspace;
    gr_plan *plan;
    size_t pixels, width; /* floats of one image, before and behind */
};

static size_t floats_of(const gr_value *value)
{
    gr_shape shape = gr_value_shape(value);
    return (size_t)gr_shape_elements(&shape);
}

gr_status gr_extractor_create(const gr_model *model, gr_params *params, gr_extractor **out, gr_error *err)
{
    *out = NULL;
    gr_extractor *x = gr_alloc(1, sizeof *x);
    if (x == NULL || (x->workspace = gr_workspace_create()) == NULL) {
        gr_free(x);
        return gr_fail(err, GR_NOMEM, "no memory for the features of images");
    }
    const gr_value *keep[] = {model->head_input};
    gr_plan_options options = {.batch = GR_EXTRACTOR_BATCH, .keep = keep, .keep_count = 1};
    x->model = model;
    x->pixels = floats_of(model->image);
    x->width = floats_of(model->head_input);
    gr_status status = gr_plan_compile(model->graph, params, x->workspace, &options, &x->plan, err);
    if (status == GR_OK)
        *out = x;
    else
        gr_extractor_destroy(x);
    return status;
}

void gr_extractor_run(gr_extractor *x, const float *pixels, int64_t n, float *features)
{
    float *in = gr_plan_data(x->plan, x->model->image);
    for (int64_t done = 0; done < n; done += GR_EXTRACTOR_BATCH) {
        size_t now = (size_t)(n - done < GR_EXTRACTOR_BATCH ? n - done : GR_EXTRACTOR_BATCH);
        gr_parallel_copy(in, pixels + (size_t)done * x->pixels, (int64_t)now, x->pixels * sizeof(float));
        memset(in + now * x->pixels, 0, (GR_EXTRACTOR_BATCH - now) * x->pixels * sizeof(float));
        gr_plan_forward(x->plan, 0, 0);
        memcpy(features + (size_t)done * x->width, gr_plan_data(x->plan, x->model->head_input),
               now * x->width * sizeof(float));
    }
}

void gr_extractor_destroy(gr_extractor *x)
{
    if (x == NULL)
        return;
    gr_plan_destroy(x->plan);
    gr_workspace_destroy(x->workspace);
    gr_free(x);
}
