#include "eval/group_swaps.h"

#include <math.h>

#include "base/base.h"
#include "eval/scoring.h"

typedef struct swapper {
    const gr_group_swaps *s;
    uint8_t *swapped; /* [groups] */
    gr_metrics m[2];
    double sum, difference[GR_METRIC_COUNT]; /* of the last swap */
} swapper;

static void evaluate(swapper *w)
{
    const gr_group_swaps *s = w->s;
    int64_t cells = (int64_t)s->class_count * s->class_count;
    w->sum = 0.0;
    for (int64_t g = 0; g < s->groups; g++)
        w->sum += w->swapped[g] ? -s->sums[g] : s->sums[g];
    if (s->confusion[0] == NULL)
        return;
    for (int k = 0; k < 2; k++) {
        for (int64_t c = 0; c < cells; c++)
            w->m[k].confusion[c] = 0;
        for (int64_t g = 0; g < s->groups; g++) {
            const int64_t *from = s->confusion[k ^ w->swapped[g]] + g * cells;
            for (int64_t c = 0; c < cells; c++)
                w->m[k].confusion[c] += from[c];
        }
        gr_metrics_from_counts(&w->m[k], s->positive);
    }
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        w->difference[i] = w->m[0].value[i] - w->m[1].value[i];
}

/* One swap out of `all`, or one that is drawn. */
static void swap(swapper *w, bool exact, int64_t number)
{
    gr_rng rng = gr_rng_make(w->s->seed, GR_FOR_BOOTSTRAP, 2, (uint64_t)number);
    for (int64_t g = 0; g < w->s->groups; g++)
        w->swapped[g] = exact ? g > 0 && ((number >> (g - 1)) & 1) : gr_rng_below(&rng, 2) != 0;
}

static bool as_large(double now, double observed)
{
    return !(fabs(now) < fabs(observed) - 1e-12); /* an undefined swap is no evidence */
}

static gr_status make(const gr_group_swaps *s, swapper *w, gr_error *err)
{
    *w = (swapper){.s = s, .swapped = gr_alloc((size_t)s->groups, 1)};
    gr_status status = w->swapped != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to swap groups");
    for (int k = 0; status == GR_OK && s->confusion[0] != NULL && k < 2; k++)
        status = gr_metrics_make(0, s->class_count, &w->m[k], err);
    return status;
}

gr_status gr_group_swaps_test(const gr_group_swaps *s, double *mean_p, double *p, bool *exact, gr_error *err)
{
    swapper w;
    int64_t large[GR_METRIC_COUNT] = {0}, large_sum = 0, count = s->count;
    double observed[GR_METRIC_COUNT], sum;
    *exact = s->groups <= 30 && (INT64_C(1) << (s->groups - 1)) <= s->count;
    if (*exact)
        count = INT64_C(1) << (s->groups - 1);
    gr_status status = make(s, &w, err);
    if (status == GR_OK)
        evaluate(&w);
    sum = w.sum;
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        observed[i] = w.difference[i];
    for (int64_t b = 0; status == GR_OK && b < count; b++) {
        swap(&w, *exact, b);
        evaluate(&w);
        large_sum += as_large(w.sum, sum);
        for (int i = 0; i < GR_METRIC_COUNT; i++)
            large[i] += as_large(w.difference[i], observed[i]);
    }
    double also = *exact ? 0.0 : 1.0; /* the observed one, which is among all */
    *mean_p = (also + (double)large_sum) / (also + (double)count);
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        p[i] = s->confusion[0] == NULL || isnan(observed[i]) ? NAN : (also + (double)large[i]) / (also + (double)count);
    gr_free(w.swapped);
    gr_metrics_free(&w.m[0]);
    gr_metrics_free(&w.m[1]);
    return status;
}
