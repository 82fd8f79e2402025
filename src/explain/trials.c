/* The trials in their order. */
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
