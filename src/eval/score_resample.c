#include "eval/score_resample.h"

#include <math.h>
#include <string.h>

#include "eval/by_cluster.h"
#include "eval/draw.h"
#include "eval/resample.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to draw the scores again");
}

/* ---- what is known ------------------------------------------------------------------------------------------------------ */

void gr_known_scores_free(gr_known_scores *s)
{
    gr_free(s->truth);
    gr_free(s->predicted);
    gr_free(s->images);
    gr_free(s->groups);
    *s = (gr_known_scores){0};
}

static gr_status find_repeats(gr_known_scores *s, gr_error *err)
{
    int64_t images = 0, *number = s->has_images ? gr_names_number(s->images, s->count, &images) : NULL;
    if (!s->has_images)
        return GR_OK;
    s->repeated = number != NULL && images < s->count;
    gr_free(number);
    return number != NULL ? GR_OK : no_memory(err);
}

gr_status gr_known_scores_make(const gr_score_predictions *p, const gr_score_column *c, gr_known_scores *out, gr_error *err)
{
    size_t n = (size_t)c->count;
    *out = (gr_known_scores){.truth = gr_alloc(n, sizeof *out->truth),
                             .predicted = gr_alloc(n, sizeof *out->predicted),
                             .images = gr_alloc(n, sizeof *out->images),
                             .groups = gr_alloc(n, sizeof *out->groups),
                             .has_images = p->images != NULL,
                             .has_groups = p->groups != NULL};
    if (out->truth == NULL || out->predicted == NULL || out->images == NULL || out->groups == NULL)
        return no_memory(err);
    for (int64_t i = 0; i < c->count; i++) {
        if (isnan(c->truth[i]))
            continue;
        out->truth[out->count] = c->truth[i];
        out->predicted[out->count] = c->predicted[i];
        out->images[out->count] = p->images != NULL ? p->images[i] : NULL;
        out->groups[out->count++] = p->groups != NULL ? p->groups[i] : NULL;
    }
    return find_repeats(out, err);
}

static bool same_truth(const void *ctx, int64_t a, int64_t b)
{
    const gr_known_scores *s = ctx;
    return s->truth[a] == s->truth[b];
}

static gr_status open_draw(const gr_known_scores *s, bool by_group, gr_draw *out, gr_error *err)
{
    return gr_draw_open(s->count, s->has_images ? s->images : NULL, s->has_groups ? s->groups : NULL, by_group, same_truth, s, out,
                        err);
}

/* ---- bootstrap ---------------------------------------------------------------------------------------------------------- */

/* A sample: each row as often as it was drawn. */
typedef struct sample {
    int32_t *weights, *draws; /* [count] */
    double *truth, *predicted;
    int64_t room;
} sample;

static void free_sample(sample *s)
{
    gr_free(s->weights);
    gr_free(s->draws);
    gr_free(s->truth);
    gr_free(s->predicted);
}

/* Whole groups can be more rows than there are. */
static gr_status evaluate(const gr_known_scores *s, sample *d, gr_score_numbers *out, gr_error *err)
{
    int64_t all = 0, n = 0;
    for (int64_t i = 0; i < s->count; i++)
        all += d->weights[i];
    if (all > d->room) {
        gr_free(d->truth);
        gr_free(d->predicted);
        d->truth = gr_alloc((size_t)all, sizeof *d->truth);
        d->predicted = gr_alloc((size_t)all, sizeof *d->predicted);
        d->room = all;
    }
    if (d->truth == NULL || d->predicted == NULL)
        return no_memory(err);
    for (int64_t i = 0; i < s->count; i++)
        for (int32_t k = 0; k < d->weights[i]; k++) {
            d->truth[n] = s->truth[i];
            d->predicted[n++] = s->predicted[i];
        }
    return gr_score_compute(d->truth, d->predicted, n, out, err);
}

gr_status gr_score_bootstrap(const gr_known_scores *s, const gr_bootstrap_options *options, gr_interval out[GR_SCORE_METRIC_COUNT],
                             gr_error *err)
{
    gr_draw draw = {0};
    size_t n = (size_t)s->count, samples = (size_t)options->count, cells = 0;
    gr_status status = gr_bootstrap_check(options, err);
    if (status != GR_OK)
        return status;
    sample d = {gr_alloc(n, sizeof *d.weights), gr_alloc(n, sizeof *d.draws), gr_alloc(n, sizeof *d.truth),
                gr_alloc(n, sizeof *d.predicted), s->count};
    double *values = gr_mul_size(samples, GR_SCORE_METRIC_COUNT, &cells) ? gr_alloc(cells, sizeof *values) : NULL;
    if (d.weights == NULL || d.draws == NULL || values == NULL)
        status = no_memory(err);
    if (status == GR_OK)
        status = open_draw(s, options->by_group, &draw, err);
    for (size_t b = 0; status == GR_OK && b < samples; b++) {
        gr_score_numbers numbers;
        gr_draw_weights(&draw, options->seed, b, d.draws, d.weights);
        status = evaluate(s, &d, &numbers, err);
        for (size_t i = 0; status == GR_OK && i < GR_SCORE_METRIC_COUNT; i++)
            values[i * samples + b] = numbers.value[i];
    }
    for (size_t i = 0; status == GR_OK && i < GR_SCORE_METRIC_COUNT; i++)
        out[i] = gr_percentiles(values + i * samples, options->count, options->level);
    gr_draw_free(&draw);
    gr_free(values);
    free_sample(&d);
    return status;
}

/* ---- by groups ---------------------------------------------------------------------------------------------------------- */

/* Bounds of a number; infinite where it has none, since its interval is then that of the number itself. */
static double lowest(int slot)
{
    if (slot == GR_SCORE_MAE || slot == GR_SCORE_RMSE)
        return 0.0;
    return slot == GR_SCORE_PEARSON || slot == GR_SCORE_SPEARMAN || slot == GR_SCORE_ICC ? -1.0 : -INFINITY;
}

static double highest(int slot)
{
    bool to_one = slot == GR_SCORE_R2 || slot == GR_SCORE_PEARSON || slot == GR_SCORE_SPEARMAN || slot == GR_SCORE_ICC;
    return to_one ? 1.0 : INFINITY;
}

typedef struct grouping {
    const gr_known_scores *scores;
    sample room;
    gr_status status; /* the first failure */
    gr_error *err;
} grouping;

static void evaluate_groups(void *ctx, const int32_t *weights, double *values)
{
    grouping *g = ctx;
    gr_score_numbers numbers = {0};
    memcpy(g->room.weights, weights, (size_t)g->scores->count * sizeof *weights);
    if (g->status == GR_OK)
        g->status = evaluate(g->scores, &g->room, &numbers, g->err);
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++)
        values[i] = g->status == GR_OK ? numbers.value[i] : NAN;
}

static gr_status judge_groups(grouping *g, const gr_draw *draw, int count, uint64_t seed, gr_score_group_statistics *out,
                              gr_error *err)
{
    const gr_known_scores *s = g->scores;
    const gr_cluster_numbers numbers = {GR_SCORE_METRIC_COUNT, evaluate_groups, g, lowest, highest, count, seed, out->level};
    double *apart = gr_alloc((size_t)s->count, sizeof *apart);
    if (apart == NULL)
        return no_memory(err);
    for (int64_t i = 0; i < s->count; i++)
        apart[i] = fabs(s->predicted[i] - s->truth[i]);
    out->groups = draw->group_count;
    gr_status status = gr_clustering_of(apart, draw->group, s->count, draw->group_count, &out->apart, err);
    if (status == GR_OK)
        status = gr_by_clusters(draw, &numbers, out->metric, err);
    gr_free(apart);
    return status == GR_OK ? g->status : status;
}

gr_status gr_score_by_groups(const gr_known_scores *s, double level, int count, uint64_t seed, gr_score_group_statistics *out,
                             gr_error *err)
{
    gr_draw draw = {0};
    size_t n = (size_t)s->count;
    *out = (gr_score_group_statistics){.level = level, .count = count};
    if (!s->has_groups || s->count == 0)
        return GR_OK;
    grouping g = {.scores = s, .err = err};
    g.room = (sample){gr_alloc(n, sizeof(int32_t)), NULL, gr_alloc(n, sizeof(double)), gr_alloc(n, sizeof(double)), s->count};
    gr_status status = g.room.weights != NULL ? open_draw(s, true, &draw, err) : no_memory(err);
    if (status == GR_OK && draw.group_count > 1)
        status = judge_groups(&g, &draw, count, seed, out, err);
    gr_draw_free(&draw);
    free_sample(&g.room);
    return status;
}

/* ---- permutation -------------------------------------------------------------------------------------------------------- */

/* Adds one to as_good[metric] where the shuffle does at least as well; an undefined shuffle is no evidence against chance. */
static void count_as_good(const double *observed, const double *shuffled, int64_t *as_good)
{
    for (int i = 0; i < GR_SCORE_METRIC_COUNT; i++) {
        bool falls = gr_score_metric_falls((gr_score_metric)i);
        double better = falls ? shuffled[i] - observed[i] : observed[i] - shuffled[i]; /* how much better the run is */
        as_good[i] += !(better > 1e-12);
    }
}

gr_status gr_score_permutation(const gr_known_scores *s, const gr_bootstrap_options *options, double p[GR_SCORE_METRIC_COUNT],
                               gr_error *err)
{
    gr_draw draw = {0};
    gr_deck deck = {0};
    gr_score_numbers observed, shuffled;
    int64_t as_good[GR_SCORE_METRIC_COUNT] = {0};
    double *truth = gr_alloc((size_t)s->count, sizeof *truth);
    gr_status status = gr_bootstrap_check(&(gr_bootstrap_options){.count = options->count, .level = 0.5}, err);
    if (status == GR_OK && truth == NULL)
        status = no_memory(err);
    if (status == GR_OK)
        status = open_draw(s, options->by_group, &draw, err);
    if (status == GR_OK)
        status = gr_deck_open(&draw, &deck, err);
    if (status == GR_OK)
        status = gr_score_compute(s->truth, s->predicted, s->count, &observed, err);
    for (int b = 0; status == GR_OK && b < options->count; b++) {
        gr_deck_shuffle(&deck, &draw, options->seed, (uint64_t)b);
        for (int64_t i = 0; i < s->count; i++)
            truth[i] = s->truth[deck.source[i]];
        status = gr_score_compute(truth, s->predicted, s->count, &shuffled, err);
        if (status == GR_OK)
            count_as_good(observed.value, shuffled.value, as_good);
    }
    for (int i = 0; status == GR_OK && i < GR_SCORE_METRIC_COUNT; i++) {
        bool told = gr_score_metric_ranks((gr_score_metric)i) && !isnan(observed.value[i]);
        p[i] = told ? (1.0 + (double)as_good[i]) / (1.0 + options->count) : NAN;
    }
    gr_draw_free(&draw);
    gr_deck_free(&deck);
    gr_free(truth);
    return status;
}
