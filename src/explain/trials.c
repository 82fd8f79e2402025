/* The trials in their order, and what they share. */
#include <math.h>

#include "explain/trial.h"

#define ADDRESS(trial) &trial,
static const gr_trial *const trials[] = {GR_TRIALS(ADDRESS)};
enum { TRIALS = sizeof trials / sizeof trials[0] };

const gr_trial *gr_trial_at(int i)
{
    return i >= 0 && i < TRIALS ? trials[i] : NULL;
}

int gr_trial_columns(void)
{
    int count = 0;
    for (int i = 0; i < TRIALS; i++)
        count += trials[i]->column_count;
    return count;
}

int gr_trial_numbers(void)
{
    int count = 0;
    for (int i = 0; i < TRIALS; i++)
        count += trials[i]->column_count + trials[i]->points;
    return count;
}

double gr_trial_score(const gr_trial_images *images, int64_t i, const float *values, const float *answers)
{
    const gr_found *f = &images->found[i];
    double sum = 0.0;
    if (!isnan(f->probability))
        return (double)answers[f->name];
    for (int64_t v = 0; v < images->subject->values; v++)
        sum += (double)images->seeds[i * images->subject->values + v] * (double)values[v];
    return sum;
}
