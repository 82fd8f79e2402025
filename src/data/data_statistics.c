/* Sizes and colours of a data set. */
#include "grimace/data_statistics.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"
#include "grimace/scan.h"

static int rising(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;
    return x < y ? -1 : x > y;
}

/* Sorts sizes[count] and reads off its ends and its middle (the lower of two). */
static void spread(int *sizes, int64_t count, int *least, int *median, int *most)
{
    qsort(sizes, (size_t)count, sizeof *sizes, rising);
    *least = sizes[0];
    *median = sizes[(count - 1) / 2];
    *most = sizes[count - 1];
}

static void colours(const gr_image_facts *facts, int64_t count, gr_data_statistics *out)
{
    for (int c = 0; c < 3; c++) {
        double mean = 0.0, square = 0.0;
        for (int64_t r = 0; r < count; r++) {
            mean += facts[r].mean[c];
            square += facts[r].square[c];
        }
        out->mean[c] = mean / (double)count;
        double variance = square / (double)count - out->mean[c] * out->mean[c];
        out->std[c] = variance > 0.0 ? sqrt(variance) : 0.0;
    }
}

gr_status gr_data_statistics_compute(const gr_manifest *m, gr_data_statistics *out, gr_error *err)
{
    gr_image_facts *facts = gr_alloc((size_t)m->rows, sizeof *facts);
    int *sizes = gr_alloc((size_t)m->rows, sizeof *sizes);
    gr_status status = GR_OK;
    if (facts == NULL || sizes == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its images' sizes", m->path);
    if (status == GR_OK)
        status = gr_scan_images(m, true, facts, err);
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        if (facts[r].problem != NULL)
            status = gr_fail(err, GR_INVALID, "%s:%lld: image: %s", gr_manifest_file(m, r), (long long)m->lines[r],
                             facts[r].problem);
    if (status == GR_OK) {
        for (int64_t r = 0; r < m->rows; r++)
            sizes[r] = facts[r].width;
        spread(sizes, m->rows, &out->width_least, &out->width_median, &out->width_most);
        for (int64_t r = 0; r < m->rows; r++)
            sizes[r] = facts[r].height;
        spread(sizes, m->rows, &out->height_least, &out->height_median, &out->height_most);
        colours(facts, m->rows, out);
    }
    gr_image_facts_free(facts, m->rows);
    gr_free(facts);
    gr_free(sizes);
    return status;
}
