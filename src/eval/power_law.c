#include "eval/power_law.h"

#include <math.h>

double gr_power_law_at(const gr_power_law *law, double n)
{
    return law->a + law->b * pow(n, -law->c);
}

/* The line a + b x through the points with a value; gives the sum of squares that is left. */
static double fit_line(const double *x, const double *y, int count, double *a, double *b)
{
    double sx = 0.0, sy = 0.0, xx = 0.0, xy = 0.0, left = 0.0;
    int n = 0;
    for (int i = 0; i < count; i++)
        if (!isnan(y[i])) {
            sx += x[i];
            sy += y[i];
            n++;
        }
    for (int i = 0; i < count; i++)
        if (!isnan(y[i])) {
            xx += (x[i] - sx / n) * (x[i] - sx / n);
            xy += (x[i] - sx / n) * (y[i] - sy / n);
        }
    *b = xx > 0.0 ? xy / xx : 0.0;
    *a = sy / n - *b * sx / n;
    for (int i = 0; i < count; i++)
        if (!isnan(y[i]))
            left += (y[i] - *a - *b * x[i]) * (y[i] - *a - *b * x[i]);
    return left;
}

static int different(const double *n, const double *y, int count)
{
    int found = 0;
    for (int i = 0; i < count; i++) {
        bool first = !isnan(y[i]);
        for (int k = 0; k < i; k++)
            first = first && (isnan(y[k]) || n[k] != n[i]);
        found += first;
    }
    return found;
}

bool gr_power_law_fit(const double *n, const double *y, int count, gr_power_law *out)
{
    enum { STEPS = 40, MOST = 64 };
    double least = INFINITY, x[MOST];
    if (count > MOST || different(n, y, count) < 3)
        return false;
    for (int s = 1; s <= STEPS; s++) {
        gr_power_law law = {.c = 0.05 * s};
        for (int i = 0; i < count; i++)
            x[i] = pow(n[i], -law.c);
        double left = fit_line(x, y, count, &law.a, &law.b);
        if (left < least) {
            least = left;
            *out = law;
        }
    }
    return isfinite(least);
}
