/* A pair of axes on a page: what is drawn between them is given in their units. */
#ifndef GR_REPORT_AXES_H
#define GR_REPORT_AXES_H

#include "image/canvas.h"

/* Journals' sizes: letters in points, lines in mm. */
static const double gr_letters_size = 8.0, gr_small_size = 7.0, gr_thin = 0.18, gr_medium = 0.3, gr_thick = 0.5;
enum { GR_GREY = 0x767676, GR_PALE = 0xe3e3e3 };

/* Colour `index` of Okabe and Ito's palette, which the colour-blind tell apart, dark ones first; the eighth is the first
 * again. Never fails. */
uint32_t gr_colour(int index);

typedef struct gr_axis {
    double low, high;         /* the ends, which may stand the other way round */
    const char *title;        /* NULL: none */
    const char *const *names; /* [categories]: at 0, 1, 2 ... instead of numbers; NULL: numbers */
    int categories;
    bool log, whole; /* whole: ticks at whole numbers only */
    bool no_grid;
    double room; /* least room for the numbers of a y axis, mm, so that two plots stand below each other */
} gr_axis;

typedef struct gr_axes {
    gr_canvas *canvas;
    double left, top, width, height; /* of what lies between the axes, mm */
    gr_axis x, y;
} gr_axes;

/* A part of a page, mm. */
typedef struct gr_box {
    double x, y, width, height;
} gr_box;

/* Fits axes with their numbers, names and titles into `box` and draws them with a grid. Never fails. */
gr_axes gr_axes_draw(gr_canvas *canvas, gr_box box, gr_axis x, gr_axis y);
/* Where a value stands, mm. Never fails. */
double gr_axes_x(const gr_axes *axes, double value);
double gr_axes_y(const gr_axes *axes, double value);

/* None of these fails; nothing is drawn outside of the axes. `line`, `dots`: x[n], y[n]. A band lies between low[n] and
 * high[n]; where one is NaN it is interrupted. */
void gr_axes_line(const gr_axes *axes, const double *x, const double *y, int64_t n, gr_paint paint);
void gr_axes_dots(const gr_axes *axes, const double *x, const double *y, int64_t n, double radius, gr_paint paint);
void gr_axes_band(const gr_axes *axes, const double *x, const double *low, const double *high, int64_t n, gr_paint paint);
/* Straight through both ends of the x axis; at one height; at one place. */
void gr_axes_straight(const gr_axes *axes, double intercept, double slope, gr_paint paint);
void gr_axes_level(const gr_axes *axes, double y, gr_paint paint);
void gr_axes_upright(const gr_axes *axes, double x, gr_paint paint);

/* A line of a legend. */
typedef struct gr_entry {
    const char *name;
    gr_paint paint; /* a line where it has one, else a filled square */
    bool dot;       /* a disc */
} gr_entry;

/* How high a legend of entries[count] is that is `width` wide: rows from left to right, names shortened where one alone is
 * wider. Never fails. */
double gr_legend_height(const gr_entry *entries, int count, double width);
/* Draws it from (x, y) down. Never fails. */
void gr_legend_draw(gr_canvas *canvas, double x, double y, double width, const gr_entry *entries, int count);
/* Draws it at the top of `box` and gives the rest of the box. Never fails. */
gr_box gr_legend_above(gr_canvas *canvas, gr_box box, const gr_entry *entries, int count);

/* A text in small or, where size is 0, 8 pt letters that is shortened to `width` mm. Never fails. */
void gr_text_fitted(gr_canvas *canvas, double x, double y, double width, const char *text, gr_letters letters);

#endif
