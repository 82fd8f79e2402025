#include "fitting/boost.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { CHUNK = 64 };              /* features that one call of a thread looks at */
static const float slack = 1e-5f; /* OpenCV's, of a stage's threshold */

typedef struct boosting {
    const gr_samples *samples;
    const gr_boost_options *options;
    gr_bins bins;
    double *weights, *sums; /* [count] */
    float *shares;          /* [count]: the weights as floats */
    double *sorted;         /* [positives] */
    float *scratch;         /* [threads, gr_bins_room] */
    struct {
        double gain;
        int64_t feature;
    } * best; /* [chunks] */
} boosting;

static void close_boosting(boosting *b)
{
    gr_bins_free(&b->bins);
    gr_free(b->weights);
    gr_free(b->sums);
    gr_free(b->shares);
    gr_free(b->sorted);
    gr_free(b->scratch);
    gr_free(b->best);
}

static gr_status open_boosting(boosting *b, const gr_samples *s, const gr_cascade_feature *features, int64_t count,
                               const gr_boost_options *options, gr_error *err)
{
    *b = (boosting){.samples = s, .options = options};
    b->weights = gr_alloc((size_t)s->count, sizeof *b->weights);
    b->sums = gr_alloc((size_t)s->count, sizeof *b->sums);
    b->shares = gr_alloc((size_t)s->count, sizeof *b->shares);
    b->sorted = gr_alloc((size_t)s->positives, sizeof *b->sorted);
    b->scratch = gr_alloc((size_t)gr_threads_get() * gr_bins_room(s), sizeof *b->scratch);
    b->best = gr_alloc((size_t)(count / CHUNK + 1), sizeof *b->best);
    if (b->weights == NULL || b->sums == NULL || b->shares == NULL || b->sorted == NULL || b->scratch == NULL ||
        b->best == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to boost %lld windows", (long long)s->count);
    int64_t negatives = s->count - s->positives;
    for (int64_t i = 0; i < s->count; i++)
        b->weights[i] = 0.5 / (double)(i < s->positives ? s->positives : negatives);
    return gr_bins_make(s, features, count, options->memory, &b->bins, err);
}

/* ---- a tree ----------------------------------------------------------------------------------------------------------- */

static void look_at_chunk(void *ctx, int64_t chunk, int thread)
{
    const boosting *b = ctx;
    float *scratch = b->scratch + (size_t)thread * gr_bins_room(b->samples);
    gr_histogram h;
    b->best[chunk].gain = -1;
    for (int64_t f = chunk * CHUNK; f < (chunk + 1) * CHUNK && f < b->bins.count; f++) {
        gr_histogram_make(b->samples, gr_bins_row(&b->bins, f, scratch), b->shares, &h);
        double gain = gr_split_gain(b->options->boosting, b->samples->kind, &h);
        if (gain > b->best[chunk].gain) {
            b->best[chunk].gain = gain;
            b->best[chunk].feature = f;
        }
    }
}

static int64_t best_feature(boosting *b)
{
    int64_t chunks = (b->bins.count + CHUNK - 1) / CHUNK, best = 0;
    for (int64_t i = 0; i < b->samples->count; i++)
        b->shares[i] = (float)b->weights[i];
    gr_parallel_for(chunks, look_at_chunk, b);
    for (int64_t c = 1; c < chunks; c++)
        if (b->best[c].gain > b->best[best].gain)
            best = c;
    return b->best[best].feature;
}

/* What is wrong weighs more from here on. */
static void weigh(boosting *b, const double *before)
{
    double all = 0;
    for (int64_t i = 0; i < b->samples->count; i++) {
        double said = b->sums[i] - before[i];
        b->weights[i] *= exp(i < b->samples->positives ? -said : said);
        all += b->weights[i];
    }
    for (int64_t i = 0; i < b->samples->count; i++)
        b->weights[i] /= all;
}

/* ---- the cascade ------------------------------------------------------------------------------------------------------ */

/* Makes the array that *pointer points to longer. */
static bool grow(void *pointer, int64_t count, size_t size)
{
    void *block;
    memcpy(&block, pointer, sizeof block);
    void *grown = gr_realloc(block, (size_t)count, size);
    if (grown != NULL)
        memcpy(pointer, &grown, sizeof grown);
    return grown != NULL;
}

static int64_t feature_in(const gr_cascade *c, const gr_cascade_feature *f)
{
    int64_t i = 0;
    while (i < c->feature_count && (c->features[i].tilted != f->tilted || c->features[i].count != f->count ||
                                    memcmp(c->features[i].rects, f->rects, (size_t)f->count * sizeof *f->rects) != 0))
        i++;
    return i;
}

static gr_status add_tree(gr_cascade *c, const gr_cascade_feature *feature, gr_cascade_node node, const float leaves[2],
                          gr_error *err)
{
    int64_t f = feature_in(c, feature), n = c->node_count;
    if (!grow(&c->trees, c->tree_count + 1, sizeof *c->trees) || !grow(&c->nodes, n + 1, sizeof *c->nodes) ||
        !grow(&c->leaves, 2 * n + 2, sizeof *c->leaves) || !grow(&c->features, c->feature_count + 1, sizeof *c->features))
        return gr_fail(err, GR_NOMEM, "no memory for %lld trees", (long long)c->tree_count);
    if (f == c->feature_count)
        c->features[c->feature_count++] = *feature;
    node.feature = (int)f;
    c->nodes[c->node_count++] = node;
    c->trees[c->tree_count++] = (gr_cascade_tree){n, 1};
    c->leaves[2 * n] = leaves[0];
    c->leaves[2 * n + 1] = leaves[1];
    c->stages[c->stage_count - 1].tree_count++;
    return GR_OK;
}

/* Behind a failure: the trees of the last stage go; features that no tree has are no harm. */
static void drop_stage(gr_cascade *c)
{
    int64_t trees = c->stages[--c->stage_count].tree_count;
    c->tree_count -= trees;
    c->node_count -= trees;
}

/* ---- a stage ---------------------------------------------------------------------------------------------------------- */

static int by_size(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return (a > b) - (a < b);
}

/* The threshold that just lets enough positives through, and what that lets through. */
static float threshold_of(boosting *b, gr_boosted *out)
{
    const gr_samples *s = b->samples;
    int64_t lost = (int64_t)((1 - b->options->hit_rate) * (double)s->positives), through[2] = {0, 0};
    memcpy(b->sorted, b->sums, (size_t)s->positives * sizeof *b->sorted);
    qsort(b->sorted, (size_t)s->positives, sizeof *b->sorted, by_size);
    float threshold = (float)b->sorted[lost];
    for (int64_t i = 0; i < s->count; i++)
        through[i >= s->positives] += b->sums[i] >= (double)(threshold - slack);
    out->hit_rate = (double)through[0] / (double)s->positives;
    out->false_alarm = (double)through[1] / (double)(s->count - s->positives);
    return threshold;
}

static gr_status add_trees(boosting *b, gr_cascade *c, double *before, bool *pass, gr_boosted *out, gr_error *err)
{
    const gr_samples *s = b->samples;
    gr_status status = GR_OK;
    for (bool enough = false; status == GR_OK && !enough;) {
        gr_cascade_stage *stage = &c->stages[c->stage_count - 1];
        const gr_cascade_feature *feature = &b->bins.features[best_feature(b)];
        gr_cascade_node node;
        float leaves[2];
        status = gr_split_find(b->options->boosting, s, feature, b->shares, &node, leaves, err);
        bool silent = status == GR_OK && fabsf(leaves[0] - leaves[1]) < 1e-6f;
        if (status == GR_OK)
            status = add_tree(c, feature, node, leaves, err);
        memcpy(before, b->sums, (size_t)s->count * sizeof *before);
        if (status == GR_OK)
            status = gr_samples_pass(s, c, c->stage_count - 1, pass, b->sums, err);
        if (status != GR_OK)
            break;
        weigh(b, before);
        out->trees = stage->tree_count;
        stage->threshold = threshold_of(b, out);
        enough = out->false_alarm <= b->options->false_alarm || out->trees >= b->options->trees || silent;
    }
    return status;
}

gr_status gr_boost_stage(const gr_samples *samples, const gr_cascade_feature *features, int64_t count,
                         const gr_boost_options *options, gr_cascade *cascade, gr_boosted *out, gr_error *err)
{
    boosting b;
    double *before = gr_alloc((size_t)samples->count, sizeof *before);
    bool *pass = gr_alloc((size_t)samples->count, sizeof *pass);
    *out = (gr_boosted){0};
    gr_status status = open_boosting(&b, samples, features, count, options, err);
    if (status == GR_OK &&
        (before == NULL || pass == NULL || !grow(&cascade->stages, cascade->stage_count + 1, sizeof *cascade->stages)))
        status = gr_fail(err, GR_NOMEM, "no memory for a stage");
    if (status == GR_OK) {
        cascade->stages[cascade->stage_count++] = (gr_cascade_stage){.first_tree = cascade->tree_count};
        status = add_trees(&b, cascade, before, pass, out, err);
        if (status != GR_OK)
            drop_stage(cascade);
    }
    close_boosting(&b);
    gr_free(before);
    gr_free(pass);
    return status;
}
