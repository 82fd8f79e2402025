/* The gradient of what is explained by each pixel (Simonyan et al. 2014), summed over the colours, with its sign. */
#include <string.h>

#include "explain/gradient.h"
#include "explain/maps.h"
#include "explain/method.h"

typedef struct saliency {
    gr_gradient gradient;
    float *seeds; /* [batch, values] */
} saliency;

static void close_saliency(void *state)
{
    saliency *a = state;
    if (a == NULL)
        return;
    gr_gradient_close(&a->gradient);
    gr_free(a->seeds);
    gr_free(a);
}

static gr_status open_saliency(gr_subject *s, const gr_explain_options *options, int64_t batch, gr_method_at *at,
                               void **state, gr_error *err)
{
    saliency *a = gr_alloc(1, sizeof *a);
    (void)options;
    (void)at;
    *state = a;
    if (a == NULL || (a->seeds = gr_alloc((size_t)(batch * s->values), sizeof *a->seeds)) == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    return gr_gradient_open(s, batch < GR_GRADIENT_BATCH ? batch : GR_GRADIENT_BATCH, &a->gradient, err);
}

static gr_status run(void *state, gr_method_batch *batch, gr_error *err)
{
    saliency *a = state;
    gr_gradient *g = &a->gradient;
    gr_subject *s = g->subject;
    int64_t size = s->size * s->size, n = batch->images.n;
    gr_status status = gr_gradient_choose(s, GR_AS_PREDICTED, &batch->images, a->seeds, err);
    for (int64_t done = 0; status == GR_OK && done < n; done += g->batch) {
        int64_t now = n - done < g->batch ? n - done : g->batch;
        memcpy(gr_gradient_pixels(g), batch->images.pixels + done * s->pixels, (size_t)(now * s->pixels) * sizeof(float));
        const float *gradients = gr_gradient_of(g, now, a->seeds + done * s->values, s->values);
        for (int64_t i = 0; i < now; i++)
            batch->sums[done + i] =
                gr_map_of_channels(gradients + i * s->pixels, size, s->channels, batch->maps + (done + i) * size);
    }
    return status;
}

const gr_method gr_saliency_method = {
    .name = "saliency",
    .summary = "how much the answer would change with each pixel (the gradient)",
    .needs = GR_NEEDS_NETWORK,
    .is_signed = true,
    .open = open_saliency,
    .close = close_saliency,
    .run = run,
};
