/* Mean and standard deviation over folds. */
#include "eval/folds.h"

#include <math.h>

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
