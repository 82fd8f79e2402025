/* The predictions of one run by their groups. */
#include <math.h>

#include "base/base.h"
#include "eval/by_cluster.h"
#include "eval/ordinal.h"
#include "eval/resample.h"
#include "grimace/clusters.h"

/* The slots: numbers of classes, then of classes in order. */
enum { MAE = GR_METRIC_COUNT + GR_ORDINAL_MAE, KAPPA = GR_METRIC_COUNT + GR_ORDINAL_KAPPA_QUADRATIC };

static double lowest(int slot)
{
    return slot == GR_METRIC_MCC || slot == GR_METRIC_KAPPA || slot == KAPPA ? -1.0 : 0.0;
}

static double highest(int slot)
{
    return slot == MAE ? INFINITY : 1.0;
}

typedef struct grouping {
    gr_resample r;
    double *table; /* [classes, classes], scratch; NULL: the classes stand in no order */
} grouping;

static void evaluate(void *ctx, const int32_t *weights, double *values)
{
    grouping *g = ctx;
    gr_resample *r = &g->r;
    gr_resample_evaluate(r, r->p->labels, weights);
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        values[i] = r->metrics.value[i];
    if (g->table != NULL)
        gr_ordinal_weigh(r->p, weights, g->table, values + GR_METRIC_COUNT);
}

/* Are the predictions of one group alike in being right, and what is the area's variance by groups? */
static gr_status judge(const gr_predictions *p, int positive, const gr_draw *d, gr_group_statistics *out, gr_error *err)
{
    double *x = gr_alloc((size_t)p->count, sizeof *x);
    uint8_t *is_positive = gr_alloc((size_t)p->count, 1);
    gr_status status = x != NULL && is_positive != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the statistics");
    for (int64_t i = 0; status == GR_OK && i < p->count; i++)
        x[i] = p->labels[i] == p->predicted[i];
    if (status == GR_OK)
        status = gr_clustering_of(x, d->group, p->count, d->group_count, &out->right, err);
    for (int64_t i = 0; status == GR_OK && i < p->count; i++) {
        x[i] = (double)p->probabilities[i * p->class_count + positive];
        is_positive[i] = p->labels[i] == positive;
    }
    if (status == GR_OK)
        status =
            gr_delong_clustered_test(x, x, is_positive, d->group, d->group_count, p->count, out->level, &out->delong, err);
    gr_free(x);
    gr_free(is_positive);
    return status;
}

static gr_status by_groups(grouping *g, int count, uint64_t seed, gr_group_statistics *out, gr_error *err)
{
    gr_by_cluster all[GR_METRIC_COUNT + GR_ORDINAL_METRIC_COUNT];
    int slots = GR_METRIC_COUNT + (out->ordered ? GR_ORDINAL_METRIC_COUNT : 0);
    const gr_cluster_numbers numbers = {slots, evaluate, g, lowest, highest, count, seed, out->level};
    gr_status status = gr_by_clusters(&g->r.draw, &numbers, all, err);
    for (int i = 0; status == GR_OK && i < slots; i++)
        *(i < GR_METRIC_COUNT ? &out->metric[i] : &out->ordinal[i - GR_METRIC_COUNT]) = all[i];
    return status;
}

gr_status gr_group_statistics_make(const gr_predictions *p, int positive, double level, int count, uint64_t seed,
                                   gr_group_statistics *out, gr_error *err)
{
    *out = (gr_group_statistics){.level = level, .count = count};
    grouping g = {0};
    if (p->groups == NULL)
        return GR_OK;
    gr_status status = gr_resample_make(p, positive, true, &g.r, err);
    if (status == GR_OK && g.r.draw.group_count > 1) {
        out->groups = g.r.draw.group_count;
        out->ordered = p->ordered;
        if (p->ordered && (g.table = gr_alloc((size_t)p->class_count, (size_t)p->class_count * sizeof *g.table)) == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for the statistics");
        if (status == GR_OK)
            status = by_groups(&g, count, seed, out, err);
        if (status == GR_OK)
            status = judge(p, positive, &g.r.draw, out, err);
    }
    gr_free(g.table);
    gr_resample_free(&g.r);
    return status;
}
