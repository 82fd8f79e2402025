/* Intraclass correlation and what it leaves of the number of rows. */
#include "grimace/clusters.h"

#include <math.h>

#include "base/base.h"

gr_status gr_clustering_of(const double *x, const int64_t *cluster, int64_t n, int64_t clusters, gr_clustering *out,
                           gr_error *err)
{
    *out = (gr_clustering){n, clusters, NAN, NAN, NAN};
    double *mean = gr_alloc((size_t)clusters, 2 * sizeof *mean);
    if (mean == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for %lld groups", (long long)clusters);
    double *size = mean + clusters, all = 0.0, within = 0.0, between = 0.0, squares = 0.0;
    for (int64_t i = 0; i < n; i++) {
        mean[cluster[i]] += x[i];
        size[cluster[i]] += 1.0;
        all += x[i] / (double)n;
    }
    for (int64_t c = 0; c < clusters; c++) {
        mean[c] /= size[c];
        between += size[c] * (mean[c] - all) * (mean[c] - all);
        squares += size[c] * size[c];
    }
    for (int64_t i = 0; i < n; i++)
        within += (x[i] - mean[cluster[i]]) * (x[i] - mean[cluster[i]]);
    gr_free(mean);
    if (clusters < 2 || n <= clusters || !(between + within > 0.0))
        return GR_OK;
    double count = (double)n, k = (double)clusters;
    between /= k - 1.0;
    within /= count - k;
    double usual = (count - squares / count) / (k - 1.0); /* the size that stands for unequal ones */
    out->icc = (between - within) / (between + (usual - 1.0) * within);
    out->design_effect = 1.0 + (squares / count - 1.0) * fmax(0.0, out->icc);
    out->effective = count / out->design_effect;
    return GR_OK;
}
