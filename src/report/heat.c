#include "report/heat.h"

#include <math.h>
#include <stdio.h>

uint32_t gr_heat_shade(double share)
{
    static const int from[] = {0xf4, 0xf8, 0xfb}, to[] = {0x00, 0x5a, 0x96};
    uint32_t colour = 0;
    for (int i = 0; i < 3; i++)
        colour = colour << 8 | (uint32_t)lround(from[i] + share * (to[i] - from[i]));
    return colour;
}

static void draw_cell(const gr_axes *axes, const gr_heat *h, int row, int column)
{
    double width = axes->width / h->columns, high = axes->height / h->rows;
    double x = axes->left + column * width, y = axes->top + row * high, value = h->values[row * h->columns + column];
    if (isnan(value)) { /* crossed out: no cell of the scale looks so */
        gr_canvas_line(axes->canvas, x, y + high, x + width, y, gr_pen(GR_GREY, gr_thin));
        return;
    }
    double share = fmax(0.0, fmin(1.0, (value - h->low) / (h->high - h->low)));
    gr_canvas_rectangle(axes->canvas, x, y, width, high, gr_fill(gr_heat_shade(share), 1.0));
    char text[32];
    snprintf(text, sizeof text, "%.3f", value);
    double size = fmin(8.0, fmin(8.0 * (width - 1.0) / gr_canvas_text_width(text, 8.0, false), high / 0.5));
    if (size < 3.5)
        return;
    double spread = h->spread != NULL ? h->spread[row * h->columns + column] : NAN;
    bool two = isfinite(spread) && high > 0.85 * size;
    gr_letters l = {.size = size, .anchor = GR_MIDDLE, .level = GR_HALF_WAY, .colour = share > 0.5 ? 0xffffff : 0x1a1a1a};
    gr_canvas_text(axes->canvas, x + 0.5 * width, y + 0.5 * high - (two ? 0.18 * size : 0.0), text, l);
    snprintf(text, sizeof text, "\xc2\xb1%.3f", spread);
    l.size = 0.8 * size;
    if (two)
        gr_canvas_text(axes->canvas, x + 0.5 * width, y + 0.5 * high + 0.22 * size, text, l);
}

void gr_heat_draw(gr_canvas *canvas, gr_box box, const gr_heat *h)
{
    gr_axis x = {-0.5, h->columns - 0.5, h->x_title, h->x_names, h->columns, .no_grid = true};
    gr_axis y = {h->rows - 0.5, -0.5, h->y_title, h->y_names, h->rows, .no_grid = true};
    gr_axes axes = gr_axes_draw(canvas, box, x, y);
    for (int r = 0; r < h->rows; r++)
        for (int c = 0; c < h->columns; c++)
            draw_cell(&axes, h, r, c);
    gr_canvas_rectangle(canvas, axes.left, axes.top, axes.width, axes.height, gr_pen(GR_COLOUR_TEXT, gr_medium));
}

void gr_heat_range(const double *values, int64_t count, double *low, double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t i = 0; i < count; i++)
        if (isfinite(values[i])) {
            *low = fmin(*low, values[i]);
            *high = fmax(*high, values[i]);
        }
    if (!(*low <= *high)) {
        *low = 0.0;
        *high = 1.0;
    }
    if (*low == *high)
        *high = *low + 1.0;
}
