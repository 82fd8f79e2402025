#include "eval/paired_folds.h"

#include "base/base.h"

/* Of fold[n] of `count` and other[n] of `others`: the rows that are not in the largest part that a fold shares with one of
 * the others; common[count, others] is scratch. */
static int64_t apart(const int32_t *fold, int count, const int32_t *other, int others, int64_t n, int64_t *common)
{
    int64_t together = 0;
    for (int64_t i = 0; i < (int64_t)count * others; i++)
        common[i] = 0;
    for (int64_t i = 0; i < n; i++)
        common[(int64_t)fold[i] * others + other[i]]++;
    for (int f = 0; f < count; f++) {
        int64_t most = 0;
        for (int o = 0; o < others; o++)
            most = common[(int64_t)f * others + o] > most ? common[(int64_t)f * others + o] : most;
        together += most;
    }
    return n - together;
}

gr_status gr_folds_moved(const gr_paired_folds *f, int64_t *out, gr_error *err)
{
    int64_t *common = gr_alloc((size_t)f->count[0], (size_t)f->count[1] * sizeof *common);
    if (common == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to compare folds");
    int64_t a = apart(f->fold[0], f->count[0], f->fold[1], f->count[1], f->n, common);
    int64_t b = apart(f->fold[1], f->count[1], f->fold[0], f->count[0], f->n, common);
    *out = a > b ? a : b;
    gr_free(common);
    return GR_OK;
}

gr_status gr_folds_tested(const gr_paired_folds *f, double *out, gr_error *err)
{
    int64_t images = 0, used = 0;
    int64_t *number = gr_names_number(f->images, f->n, &images), *tested = gr_alloc((size_t)f->count[0], sizeof *tested);
    gr_status status = number != NULL && tested != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to compare folds");
    *out = 0.0;
    for (int64_t i = 0; status == GR_OK && i < f->n; i++)
        tested[f->fold[0][i]]++;
    for (int k = 0; status == GR_OK && k < f->count[0]; k++)
        used += tested[k] > 0 && tested[k] < images;
    for (int k = 0; status == GR_OK && k < f->count[0]; k++)
        if (tested[k] > 0 && tested[k] < images)
            *out += (double)tested[k] / (double)(images - tested[k]) / (double)used;
    gr_free(number);
    gr_free(tested);
    return status;
}
