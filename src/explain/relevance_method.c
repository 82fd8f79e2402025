/* Of what is explained each number starts with its own value: a logit, a score, a coordinate, or all that are summed. */
#include "explain/relevance_method.h"

#include <string.h>

#include "explain/gradient.h"
#include "explain/maps.h"
#include "explain/relevance.h"

typedef struct propagation {
    gr_subject *subject;
    gr_relevance *relevance;
    int64_t batch;
    bool above_0; /* starts at max(value, 0) */
    float *seeds; /* [batch, values] */
} propagation;

gr_status gr_relevance_open(gr_subject *s, const gr_relevance_rules *rules, int64_t batch, void **state, gr_error *err)
{
    propagation *p = gr_alloc(1, sizeof *p);
    float low[3], high[3];
    *state = p;
    if (p == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    for (int64_t c = 0; c < s->channels && c < 3; c++) { /* pixels lie in 0 to 1 before they are normalised */
        low[c] = (float)((0.0 - s->card->mean[c]) / s->card->std[c]);
        high[c] = (float)((1.0 - s->card->mean[c]) / s->card->std[c]);
    }
    p->subject = s;
    p->batch = batch < GR_GRADIENT_BATCH ? batch : GR_GRADIENT_BATCH;
    p->above_0 = rules->start_above_0;
    p->seeds = gr_alloc((size_t)(p->batch * s->values), sizeof *p->seeds);

    if (p->seeds == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for heat maps");
    const gr_model *model = s->network.model;
    gr_relevance_options options = {.from = s->value,
                                    .also = model->answer,
                                    .to = model->image,
                                    .batch = p->batch,
                                    .rules = *rules,
                                    .low = low,
                                    .high = high};
    return gr_relevance_create(model->graph, s->network.params, &options, &p->relevance, err);
}

void gr_relevance_close(void *state)
{
    propagation *p = state;
    if (p == NULL)
        return;
    gr_relevance_destroy(p->relevance);
    gr_free(p->seeds);
    gr_free(p);
}

/* Images from `first` on, `n` of them, as a batch of their own. */
static gr_subject_batch part_of(const gr_subject *s, const gr_subject_batch *whole, int64_t first, int64_t n)
{
    return (gr_subject_batch){.n = n,
                              .pixels = whole->pixels + first * s->pixels,
                              .decided = whole->decided != NULL ? whole->decided + first * s->answers : NULL,
                              .answers = whole->answers + first * s->answers,
                              .found = whole->found + first};
}

static void explain_part(propagation *p, gr_subject_batch *images, float *maps, double *sums)
{
    gr_subject *s = p->subject;
    int64_t size = s->size * s->size;
    float *pixels = gr_relevance_images(p->relevance);
    memset(pixels, 0, (size_t)(p->batch * s->pixels) * sizeof *pixels);
    memcpy(pixels, images->pixels, (size_t)(images->n * s->pixels) * sizeof *pixels);
    const float *values = gr_relevance_forward(p->relevance);
    memcpy(images->answers, gr_relevance_also(p->relevance), (size_t)(images->n * s->answers) * sizeof *images->answers);
    memset(p->seeds, 0, (size_t)(p->batch * s->values) * sizeof *p->seeds);
    gr_subject_choose(s, images, values, images->answers, p->seeds);
    for (int64_t i = 0; i < images->n * s->values; i++)
        p->seeds[i] *= p->above_0 && values[i] < 0.0f ? 0.0f : values[i];
    const float *map = gr_relevance_propagate(p->relevance, p->seeds);
    for (int64_t i = 0; i < images->n; i++)
        sums[i] = gr_map_of_channels(map + i * s->pixels, size, s->channels, maps + i * size);
}

gr_status gr_relevance_run(void *state, gr_method_batch *batch, gr_error *err)
{
    propagation *p = state;
    gr_subject *s = p->subject;
    (void)err;
    for (int64_t done = 0; done < batch->images.n; done += p->batch) {
        int64_t now = batch->images.n - done < p->batch ? batch->images.n - done : p->batch;
        gr_subject_batch images = part_of(s, &batch->images, done, now);
        explain_part(p, &images, batch->maps + done * s->size * s->size, batch->sums + done);
    }
    return GR_OK;
}
