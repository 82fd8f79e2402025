/* Names of folds, mean and standard deviation over them. */
#include "eval/folds.h"

#include <math.h>

#include "base/base.h"

void gr_mean_over_folds(int fold_count, gr_fold_number number, const void *ctx, double *mean_out, double *std_out)
{
    double sum = 0.0, squares = 0.0;
    int defined = 0;
    for (int f = 0; f < fold_count; f++) {
        double value = number(ctx, f);
        if (!isnan(value)) {
            sum += value;
            defined++;
        }
    }
    double mean = defined > 0 ? sum / defined : NAN;
    for (int f = 0; f < fold_count; f++) {
        double value = number(ctx, f);
        if (!isnan(value))
            squares += (value - mean) * (value - mean);
    }
    *mean_out = mean;
    *std_out = defined > 1 ? sqrt(squares / (defined - 1)) : NAN;
}

gr_status gr_names_copy(const char *const *names, int count, char ***out, gr_error *err)
{
    *out = gr_alloc((size_t)count, sizeof **out);
    bool good = *out != NULL;
    for (int i = 0; good && i < count; i++)
        good = ((*out)[i] = gr_strdup(names[i])) != NULL;
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the results");
}

gr_status gr_results_begin(const char *name, const char *const *folds, gr_results *out, gr_error *err)
{
    out->name = gr_strdup(name);
    gr_status status = out->name != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the results");
    return status == GR_OK ? gr_names_copy(folds, out->fold_count, &out->fold_names, err) : status;
}
