/* What trials follow: the number that is explained. */
#include "explain/trial_score.h"

#include <math.h>

double gr_trial_score(const gr_trial_images *images, int64_t i, const double *values, const float *answers)
{
    const gr_found *f = &images->found[i];
    double sum = 0.0;
    if (!isnan(f->probability))
        return (double)answers[f->name];
    for (int64_t v = 0; v < images->subject->values; v++)
        sum += (double)images->seeds[i * images->subject->values + v] * values[v];
    return sum;
}
