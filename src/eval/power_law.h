/* The inverse power law of learning curves. */
#ifndef GR_EVAL_POWER_LAW_H
#define GR_EVAL_POWER_LAW_H

#include <stdbool.h>

/* a + b n^-c through y[count] at n[count] by least squares, c from 0.05 to 2 by steps of 0.05; false where fewer than three
 * points have a value, or n has fewer than three values. Never fails otherwise. */
typedef struct gr_power_law {
    double a, b, c;
} gr_power_law;
bool gr_power_law_fit(const double *n, const double *y, int count, gr_power_law *out);
double gr_power_law_at(const gr_power_law *law, double n);

#endif
