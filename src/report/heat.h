/* A table of numbers as coloured cells. */
#ifndef GR_REPORT_HEAT_H
#define GR_REPORT_HEAT_H

#include "report/axes.h"

typedef struct gr_heat {
    const char *x_title, *y_title;
    const char *const *x_names, *const *y_names; /* [columns], [rows] */
    int columns, rows;
    const double *values; /* [rows, columns]; NaN: nothing is known */
    const double *spread; /* [rows, columns], written below a value behind a plus-minus sign; NULL: none */
    double low, high;     /* the values of the palest and the darkest colour */
} gr_heat;

/* The colour of a share of the way from the palest to the darkest. Never fails. */
uint32_t gr_heat_shade(double share);
/* Draws it into `box` of the canvas, the first row at the top. Never fails. */
void gr_heat_draw(gr_canvas *canvas, gr_box box, const gr_heat *heat);
/* The least and the greatest of values[count] that are known; 0 and 1 where none is, and never the same. Never fails. */
void gr_heat_range(const double *values, int64_t count, double *low, double *high);

#endif
