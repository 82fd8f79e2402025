#include "report/waterfall.h"

#include <math.h>
#include <string.h>

#include "report/axes.h"
#include "report/ticks.h"

enum { STEPS = 8 }; /* features of a panel, the rest together */
static const double panel_height = 50.0;

/* Panels stand one below the other, two beside each other where there is room. */
static int beside(double width)
{
    return width >= 120.0 ? 2 : 1;
}

double gr_waterfall_height(int panels, double width)
{
    return panel_height * ((panels + beside(width) - 1) / beside(width));
}

/* The largest shares, then all others together, and their names. Returns how many steps. */
static int take_steps(const gr_waterfall *w, const char **names, double *steps)
{
    int order[STEPS], count = 0, shown = w->width <= STEPS ? w->width : STEPS - 1;
    for (int c = 0; c < w->width; c++) {
        int at = count < shown ? count : shown;
        for (; at > 0 && fabs(w->shares[order[at - 1]]) < fabs(w->shares[c]); at--)
            if (at < shown)
                order[at] = order[at - 1];
        if (at < shown)
            order[at] = c;
        count += count < shown;
    }
    double rest = 0.0;
    for (int c = 0; c < w->width; c++)
        rest += w->shares[c];
    for (int i = 0; i < count; i++) {
        names[i] = w->features[order[i]];
        steps[i] = w->shares[order[i]];
        rest -= steps[i];
    }
    if (count < w->width) {
        names[count] = "all others";
        steps[count++] = rest;
    }
    return count;
}

void gr_waterfall_draw(gr_page *page, int index, int panels, const gr_waterfall *w)
{
    int across = panels > 1 ? beside(page->width) : 1, down = (panels + across - 1) / across;
    double cell = page->width / across, row = page->height / down;
    gr_box box = {index % across * cell + 1.0, index / across * row + 1.0, cell - 2.0, row - 2.0};
    const char *names[STEPS + 1];
    double steps[STEPS + 1], at = w->bias, low = at, high = at;
    char title[96];
    int count = take_steps(w, names, steps);
    for (int i = 0; i < count; i++) {
        at += steps[i];
        low = fmin(low, at);
        high = fmax(high, at);
    }
    gr_ticks_widen(&low, &high, 5);
    snprintf(title, sizeof title, "%.60s: %.3g to %.3g", w->name, w->bias, at);
    gr_text_fitted(page->canvas, box.x + 2.0, box.y + 1.0, box.width - 4.0, title,
                   (gr_letters){.level = GR_BELOW, .bold = true});
    box.y += 5.0;
    box.height -= 5.0;
    gr_axis y = {.low = count - 0.5, .high = -0.5, .no_grid = true, .names = names, .categories = count};
    gr_axes axes = gr_axes_draw(page->canvas, box, (gr_axis){.low = low, .high = high, .title = "margin"}, y);
    gr_axes_upright(&axes, w->bias, gr_dashed(GR_GREY, gr_medium, 1.0));
    at = w->bias;
    for (int i = 0; i < count; i++) {
        double from = gr_axes_x(&axes, at), to = gr_axes_x(&axes, at + steps[i]), top = gr_axes_y(&axes, i - 0.32);
        gr_canvas_rectangle(page->canvas, fmin(from, to), top, fmax(fabs(to - from), 0.15), gr_axes_y(&axes, i + 0.32) - top,
                            gr_fill(gr_colour(steps[i] >= 0.0 ? 1 : 0), 1.0));
        at += steps[i];
        gr_numbers_text(&page->numbers, w->name);
        gr_numbers_text(&page->numbers, names[i]);
        gr_numbers_real(&page->numbers, steps[i]);
        gr_numbers_real(&page->numbers, at);
    }
    gr_text_printf(&page->alternative, " %s%s: bias %.3g, margin %.3g, moved most by %s (%.3g).", w->name, w->more, w->bias, at,
                   names[0], steps[0]);
}
