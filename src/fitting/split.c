#include "fitting/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

/* ---- kinds of boosting ------------------------------------------------------------------------------------------------ */

static double gentle_gain(const gr_sides *s)
{
    double gain = 0;
    for (int i = 0; i < 2; i++) {
        double all = s->positive[i] + s->negative[i], difference = s->positive[i] - s->negative[i];
        gain += all > 1e-12 ? difference * difference / all : 0;
    }
    return gain;
}

static void gentle_leaves(const gr_sides *s, float leaves[2])
{
    for (int i = 0; i < 2; i++) {
        double all = s->positive[i] + s->negative[i];
        leaves[i] = all > 1e-12 ? (float)((s->positive[i] - s->negative[i]) / all) : 0;
    }
}

/* Right and left may say either; what is gained is how far off one half the error is. */
static double discrete_gain(const gr_sides *s)
{
    return fabs(s->positive[1] + s->negative[0] - s->positive[0] - s->negative[1]);
}

static void discrete_leaves(const gr_sides *s, float leaves[2])
{
    double wrong = s->positive[0] + s->negative[1], error = wrong < 0.5 ? wrong : 1 - wrong;
    error = error > 1e-6 ? error : 1e-6;
    double vote = 0.5 * log((1 - error) / error);
    leaves[1] = (float)(wrong < 0.5 ? vote : -vote);
    leaves[0] = -leaves[1];
}

static const gr_boosting boostings[] = {{"gentle", gentle_gain, gentle_leaves},
                                        {"discrete", discrete_gain, discrete_leaves}};

const gr_boosting *gr_boosting_find(const char *name)
{
    for (size_t i = 0; i < sizeof boostings / sizeof *boostings; i++)
        if (strcmp(boostings[i].name, name) == 0)
            return &boostings[i];
    return NULL;
}

/* ---- histograms ------------------------------------------------------------------------------------------------------- */

/* Two histograms in turn: neighbours that fall into one bin need not wait for each other. */
static void count_part(const uint8_t *bins, const float *weights, int64_t count, float *to)
{
    float other[GR_BINS] = {0};
    int64_t i = 0;
    memset(to, 0, GR_BINS * sizeof *to);
    for (; i + 1 < count; i += 2) {
        to[bins[i]] += weights[i];
        other[bins[i + 1]] += weights[i + 1];
    }
    if (i < count)
        to[bins[i]] += weights[i];
    for (int b = 0; b < GR_BINS; b++)
        to[b] += other[b];
}

void gr_histogram_make(const gr_samples *s, const uint8_t *bins, const float *weights, gr_histogram *h)
{
    count_part(bins, weights, s->positives, h->weights[0]);
    count_part(bins + s->positives, weights + s->positives, s->count - s->positives, h->weights[1]);
}

/* Moves one bin's weights to the left. */
static void move(gr_sides *s, double positive, double negative)
{
    s->positive[0] += positive;
    s->negative[0] += negative;
    s->positive[1] -= positive;
    s->negative[1] -= negative;
}

static gr_sides all_right(const gr_histogram *h)
{
    gr_sides s = {{0, 0}, {0, 0}};
    for (int b = 0; b < GR_BINS; b++) {
        s.positive[1] += (double)h->weights[0][b];
        s.negative[1] += (double)h->weights[1][b];
    }
    return s;
}

typedef struct pattern {
    double mean;
    int bin;
} pattern;

static int by_mean(const void *pa, const void *pb)
{
    const pattern *a = pa, *b = pb;
    return a->mean != b->mean ? (a->mean > b->mean) - (a->mean < b->mean) : a->bin - b->bin;
}

/* The patterns that some window has, the least face-like first: the best set to go left is a beginning of this list. */
static int in_order(const gr_histogram *h, pattern order[GR_BINS])
{
    int count = 0;
    for (int b = 0; b < GR_BINS; b++) {
        double p = (double)h->weights[0][b], n = (double)h->weights[1][b];
        if (p + n > 0)
            order[count++] = (pattern){(p - n) / (p + n), b};
    }
    qsort(order, (size_t)count, sizeof *order, by_mean);
    return count;
}

/* Of the first `*cut` patterns, where *cut is found. */
static double patterns_gain(const gr_boosting *boosting, const gr_histogram *h, const pattern *order, int count, int *cut)
{
    double best = -1;
    gr_sides s = all_right(h);
    for (int i = 0; i + 1 < count; i++) {
        move(&s, (double)h->weights[0][order[i].bin], (double)h->weights[1][order[i].bin]);
        double gain = boosting->gain(&s);
        if (gain > best) {
            best = gain;
            *cut = i + 1;
        }
    }
    return best;
}

double gr_split_gain(const gr_boosting *boosting, gr_cascade_kind kind, const gr_histogram *h)
{
    double best = -1;
    if (kind == GR_CASCADE_LBP) {
        pattern order[GR_BINS];
        int cut = 0, count = in_order(h, order);
        return patterns_gain(boosting, h, order, count, &cut);
    }
    gr_sides s = all_right(h);
    for (int b = 0; b + 1 < GR_BINS; b++) {
        move(&s, (double)h->weights[0][b], (double)h->weights[1][b]);
        double gain = boosting->gain(&s);
        best = gain > best ? gain : best;
    }
    return best;
}

/* ---- exact splits ----------------------------------------------------------------------------------------------------- */

typedef struct valued {
    float value;
    int64_t sample;
} valued;

static int by_value(const void *pa, const void *pb)
{
    const valued *a = pa, *b = pb;
    return a->value != b->value ? (a->value > b->value) - (a->value < b->value)
                                : (a->sample > b->sample) - (a->sample < b->sample);
}

/* The threshold between two neighbouring values: what is below it is a, what is not is b. */
static float between(float a, float b)
{
    float middle = a + (b - a) / 2;
    return middle > a ? middle : b;
}

static void best_threshold(const gr_boosting *boosting, const gr_samples *s, const valued *list, const float *weights,
                           float *threshold, gr_sides *sides)
{
    double best = -1;
    gr_sides at = {{0, 0}, {0, 0}};
    for (int64_t i = 0; i < s->count; i++)
        *(i < s->positives ? &at.positive[1] : &at.negative[1]) += (double)weights[i];
    *threshold = list[0].value;
    *sides = at;
    for (int64_t i = 0; i + 1 < s->count; i++) {
        bool positive = list[i].sample < s->positives;
        double w = (double)weights[list[i].sample];
        move(&at, positive ? w : 0, positive ? 0 : w);
        if (list[i].value == list[i + 1].value)
            continue;
        double gain = boosting->gain(&at);
        if (gain > best) {
            best = gain;
            *threshold = between(list[i].value, list[i + 1].value);
            *sides = at;
        }
    }
}

static gr_status find_threshold(const gr_boosting *boosting, const gr_samples *s, const gr_cascade_feature *feature,
                                const float *weights, gr_cascade_node *node, gr_sides *sides, gr_error *err)
{
    float *values = gr_alloc((size_t)s->stride, sizeof *values);
    valued *list = gr_alloc((size_t)s->count, sizeof *list);
    if (values == NULL || list == NULL) {
        gr_free(values);
        gr_free(list);
        return gr_fail(err, GR_NOMEM, "no memory for %lld windows", (long long)s->count);
    }
    gr_samples_haar(s, feature, values);
    for (int64_t i = 0; i < s->count; i++)
        list[i] = (valued){values[i], i};
    qsort(list, (size_t)s->count, sizeof *list, by_value);
    best_threshold(boosting, s, list, weights, &node->threshold, sides);
    gr_free(values);
    gr_free(list);
    return GR_OK;
}

/* Patterns that no window has go left, where there are no faces. */
static gr_status find_subset(const gr_boosting *boosting, const gr_samples *s, const gr_cascade_feature *feature,
                             const float *weights, gr_cascade_node *node, gr_sides *sides, gr_error *err)
{
    uint8_t *bins = gr_alloc((size_t)s->stride, 1);
    if (bins == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld windows", (long long)s->count);
    gr_histogram h;
    pattern order[GR_BINS];
    int cut = 0;
    gr_samples_lbp(s, feature, bins);
    gr_histogram_make(s, bins, weights, &h);
    int count = in_order(&h, order);
    (void)patterns_gain(boosting, &h, order, count, &cut);
    *sides = all_right(&h);
    memset(node->subset, 0xff, sizeof node->subset);
    for (int i = 0; i < count; i++) {
        if (i < cut)
            move(sides, (double)h.weights[0][order[i].bin], (double)h.weights[1][order[i].bin]);
        else
            node->subset[order[i].bin / 32] &= ~(1u << order[i].bin % 32);
    }
    gr_free(bins);
    return GR_OK;
}

gr_status gr_split_find(const gr_boosting *boosting, const gr_samples *samples, const gr_cascade_feature *feature,
                        const float *weights, gr_cascade_node *node, float leaves[2], gr_error *err)
{
    gr_sides sides;
    *node = (gr_cascade_node){.left = 0, .right = -1};
    gr_status status = (samples->kind == GR_CASCADE_HAAR ? find_threshold : find_subset)(boosting, samples, feature, weights,
                                                                                         node, &sides, err);
    if (status == GR_OK)
        boosting->leaves(&sides, leaves);
    return status;
}
