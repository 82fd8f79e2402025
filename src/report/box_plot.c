#include "report/box_plot.h"

#include <math.h>
#include <stdlib.h>

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double quantile(const double *sorted, int64_t n, double share)
{
    double at = share * (double)(n - 1);
    int64_t below = (int64_t)at;
    double above = below + 1 < n ? sorted[below + 1] : sorted[below];
    return sorted[below] + (at - (double)below) * (above - sorted[below]);
}

gr_quartiles gr_quartiles_of(double *values, int64_t n)
{
    gr_quartiles q = {n, NAN, NAN, NAN, NAN, NAN};
    if (n == 0)
        return q;
    qsort(values, (size_t)n, sizeof *values, by_size);
    q.first = quantile(values, n, 0.25);
    q.median = quantile(values, n, 0.5);
    q.third = quantile(values, n, 0.75);
    double reach = 1.5 * (q.third - q.first);
    int64_t low = 0, high = n - 1;
    while (values[low] < q.first - reach)
        low++;
    while (values[high] > q.third + reach)
        high--;
    q.low = values[low];
    q.high = values[high];
    return q;
}

/* In [-0.5, 0.5], well spread for neighbours and the same every time. */
static double aside(int64_t i)
{
    return fmod(0.5 + 0.6180339887498949 * (double)i, 1.0) - 0.5;
}

void gr_box_plot(const gr_axes *axes, double x, double width, const gr_quartiles *q, const double *values, uint32_t colour)
{
    if (q->n == 0)
        return;
    double left = gr_axes_x(axes, x - 0.5 * width), right = gr_axes_x(axes, x + 0.5 * width);
    double top = gr_axes_y(axes, q->third), bottom = gr_axes_y(axes, q->first);
    gr_paint pen = gr_pen(colour, gr_medium), pale = gr_fill(colour, 0.18);
    gr_canvas_rectangle(axes->canvas, left, top, right - left, bottom - top, pale);
    gr_canvas_rectangle(axes->canvas, left, top, right - left, bottom - top, pen);
    gr_axes_line(axes, (double[]){x - 0.5 * width, x + 0.5 * width}, (double[]){q->median, q->median}, 2,
                 gr_pen(colour, gr_thick));
    gr_axes_line(axes, (double[]){x, x}, (double[]){q->third, q->high}, 2, pen);
    gr_axes_line(axes, (double[]){x, x}, (double[]){q->first, q->low}, 2, pen);
    for (int64_t i = 0; i < q->n; i++) {
        double at = x + 0.7 * width * aside(i);
        gr_axes_dots(axes, &at, &values[i], 1, q->n > 200 ? 0.25 : 0.4, gr_fill(colour, 0.55));
    }
}
