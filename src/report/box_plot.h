/* Box plots with their points. */
#ifndef GR_REPORT_BOX_PLOT_H
#define GR_REPORT_BOX_PLOT_H

#include "report/axes.h"

/* Quartiles by linear interpolation (R's type 7); whiskers end at the last value within 1.5 interquartile ranges of the box.
 * NaN where n is 0. */
typedef struct gr_quartiles {
    int64_t n;
    double low, first, median, third, high;
} gr_quartiles;

/* Of values[n], which are sorted for it. Never fails. */
gr_quartiles gr_quartiles_of(double *values, int64_t n);
/* Draws the box at `x`, `width` units of the x axis wide, and values[n] beside its middle. Never fails. */
void gr_box_plot(const gr_axes *axes, double x, double width, const gr_quartiles *q, const double *values, uint32_t colour);

#endif
