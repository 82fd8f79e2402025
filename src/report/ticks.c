#include "report/ticks.h"

#include <math.h>
#include <string.h>

/* The smallest round step of which `wanted` cover the span. */
static double step_of(double span, int wanted, bool whole)
{
    static const double round_ones[] = {1.0, 2.0, 2.5, 5.0, 10.0};
    double least = span / (wanted > 1 ? wanted : 1), ten = pow(10.0, floor(log10(least)));
    int i = 0;
    while (i < 4 && round_ones[i] * ten < least * (1.0 - 1e-9))
        i++;
    double step = round_ones[i] * ten;
    if (whole && step < 1.0)
        return 1.0;
    return whole ? ceil(step - 1e-9) : step;
}

/* As many digits behind the point as the step needs. */
static int digits_of(double step)
{
    int digits = 0;
    for (double at = step; digits < 12 && fabs(at - round(at)) > 1e-6 * fmax(1.0, fabs(at)); at *= 10.0)
        digits++;
    return digits;
}

static void put(gr_ticks *t, double value, int digits)
{
    if (t->count == GR_MOST_TICKS)
        return;
    t->at[t->count] = value;
    bool plain = fabs(value) < 1e7 && digits <= 6;
    char *text = t->text[t->count++];
    if (plain)
        snprintf(text, GR_TICK_ROOM, "%.*f", digits, value == 0.0 ? 0.0 : value);
    else
        snprintf(text, GR_TICK_ROOM, "%.3g", value);
}

gr_ticks gr_ticks_even(double low, double high, int wanted, bool whole)
{
    gr_ticks t = {0};
    if (!isfinite(low) || !isfinite(high) || !(high > low))
        return t;
    double step = step_of(high - low, wanted, whole);
    int digits = digits_of(step);
    double first = ceil(low / step - 1e-9);
    for (double k = first; k * step <= high + 1e-9 * (high - low) && t.count < GR_MOST_TICKS; k += 1.0)
        put(&t, k * step, digits);
    return t;
}

gr_ticks gr_ticks_log(double low, double high, int wanted)
{
    gr_ticks t = {0};
    if (!(low > 0.0) || !isfinite(high) || !(high > low))
        return t;
    int first = (int)ceil(log10(low) - 1e-9), last = (int)floor(log10(high) + 1e-9);
    int every = wanted > 0 && last - first + 1 > wanted ? (last - first + wanted) / wanted : 1;
    static const double between[] = {1.0, 2.0, 5.0};
    int parts = last - first < 1 ? 3 : 1;
    for (int e = first - 1; e <= last; e += e < first ? 1 : every)
        for (int i = 0; i < parts; i++) {
            double value = between[i] * pow(10.0, e);
            if (t.count == GR_MOST_TICKS || value < low * (1.0 - 1e-9) || value > high * (1.0 + 1e-9))
                continue;
            t.at[t.count] = value;
            snprintf(t.text[t.count++], GR_TICK_ROOM, "%.6g", value);
        }
    return t;
}

void gr_ticks_widen(double *low, double *high, int wanted)
{
    if (!(*high > *low)) {
        double room = fabs(*low) > 0.0 ? 0.1 * fabs(*low) : 1.0;
        *low -= room;
        *high += room;
    }
    double step = step_of(*high - *low, wanted, false);
    *low = floor(*low / step + 1e-9) * step;
    *high = ceil(*high / step - 1e-9) * step;
}
