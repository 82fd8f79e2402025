#include "run/tasks/spread.h"

#include <math.h>

double gr_spread_variance(const float *const *answers, int models, int64_t at)
{
    double mean = 0.0, sum = 0.0;
    for (int m = 0; m < models; m++)
        mean += (double)answers[m][at] / models;
    for (int m = 0; m < models; m++)
        sum += ((double)answers[m][at] - mean) * ((double)answers[m][at] - mean);
    return models > 1 ? sum / (models - 1) : NAN;
}

double gr_spread_classes(const gr_card *card, int positive, const float *const *answers, int models)
{
    (void)card;
    return sqrt(gr_spread_variance(answers, models, positive));
}
