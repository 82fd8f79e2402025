/* The predictions of one run by their groups. */
#include <math.h>

#include "base/base.h"
#include "eval/by_cluster.h"
#include "eval/resample.h"
#include "grimace/clusters.h"

static double lowest(int slot)
{
    return slot == GR_METRIC_MCC || slot == GR_METRIC_KAPPA ? -1.0 : 0.0;
}

static double highest(int slot)
{
    (void)slot;
    return 1.0;
}

static void evaluate(void *ctx, const int32_t *weights, double *values)
{
    gr_resample *r = ctx;
    gr_resample_evaluate(r, r->p->labels, weights);
    for (int i = 0; i < GR_METRIC_COUNT; i++)
        values[i] = r->metrics.value[i];
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

gr_status gr_group_statistics_make(const gr_predictions *p, int positive, double level, int count, uint64_t seed,
                                   gr_group_statistics *out, gr_error *err)
{
    *out = (gr_group_statistics){.level = level, .count = count};
    gr_resample r = {0};
    if (p->groups == NULL)
        return GR_OK;
    gr_status status = gr_resample_make(p, positive, true, &r, err);
    const gr_cluster_numbers numbers = {GR_METRIC_COUNT, evaluate, &r, lowest, highest, count, seed, level};
    if (status == GR_OK && r.draw.group_count > 1) {
        out->groups = r.draw.group_count;
        status = gr_by_clusters(&r.draw, &numbers, out->metric, err);
        if (status == GR_OK)
            status = judge(p, positive, &r.draw, out, err);
    }
    gr_resample_free(&r);
    return status;
}
