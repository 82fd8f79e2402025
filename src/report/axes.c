#include "report/axes.h"

#include <math.h>

#include "base/base.h"
#include "report/ticks.h"

static const double tick = 0.9, gap = 0.8, line_height = 3.4; /* mm */

/* Okabe and Ito 2008, Color Universal Design; those that stand out from white first. */
uint32_t gr_colour(int index)
{
    static const uint32_t colours[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0x7a5c00, 0xe69f00, 0x56b4e9};
    int count = sizeof colours / sizeof colours[0];
    return colours[(index % count + count) % count];
}

void gr_text_fitted(gr_canvas *canvas, double x, double y, double width, const char *text, gr_letters letters)
{
    gr_text fitted = {0};
    gr_canvas_fit(text, letters.size, letters.bold, width, &fitted);
    gr_canvas_text(canvas, x, y, fitted.data != NULL ? fitted.data : "", letters);
    gr_text_free(&fitted);
}

/* ---- places --------------------------------------------------------------------------------------------------------------
 */

static double share(const gr_axis *a, double value)
{
    if (a->log)
        return value > 0.0 ? (log(value) - log(a->low)) / (log(a->high) - log(a->low)) : NAN;
    return (value - a->low) / (a->high - a->low);
}

double gr_axes_x(const gr_axes *axes, double value)
{
    return axes->left + share(&axes->x, value) * axes->width;
}

double gr_axes_y(const gr_axes *axes, double value)
{
    return axes->top + (1.0 - share(&axes->y, value)) * axes->height;
}

/* ---- axes
 * ----------------------------------------------------------------------------------------------------------------- */

static gr_ticks ticks_of(const gr_axis *a, double length, double each)
{
    int wanted = (int)fmax(2.0, fmin(8.0, length / each));
    double low = fmin(a->low, a->high), high = fmax(a->low, a->high);
    if (a->names != NULL)
        return (gr_ticks){0};
    return a->log ? gr_ticks_log(low, high, wanted) : gr_ticks_even(low, high, wanted, a->whole);
}

static const gr_letters small = {.size = 7.0, .colour = GR_COLOUR_TEXT};

static double widest(const gr_axis *a, const gr_ticks *t)
{
    double most = 0.0;
    for (int i = 0; i < t->count; i++)
        most = fmax(most, gr_canvas_text_width(t->text[i], gr_small_size, false));
    for (int i = 0; a->names != NULL && i < a->categories; i++)
        most = fmax(most, gr_canvas_text_width(a->names[i], gr_small_size, false));
    return most;
}

/* Names below an axis are turned where they do not stand beside each other. */
static bool turned(const gr_axes *axes, double names)
{
    return axes->x.names != NULL && names > axes->width / fmax(1.0, axes->x.categories) - gap;
}

/* How much room numbers and titles need; the longest names get a third of the box. */
static void settle(gr_axes *axes, gr_box box, double *names_x, double *names_y)
{
    gr_ticks y = ticks_of(&axes->y, box.height, 7.0), x = ticks_of(&axes->x, box.width, 12.0);
    *names_y = fmax(axes->y.room, fmin(widest(&axes->y, &y), box.width / 3.0));
    *names_x = fmin(widest(&axes->x, &x), box.height / 3.0);
    double left = *names_y + tick + gap + (axes->y.title != NULL ? line_height + gap : 0.0);
    double right =
        axes->x.names != NULL
            ? 0.5
            : fmax(0.5, 0.5 * (x.count > 0 ? gr_canvas_text_width(x.text[x.count - 1], gr_small_size, false) : 0.0));
    axes->left = box.x + left;
    axes->width = fmax(1.0, box.width - left - right);
    double below =
        tick + gap + (turned(axes, *names_x) ? *names_x : line_height) + (axes->x.title != NULL ? line_height + gap : 0.0);
    axes->top = box.y + 1.2;
    axes->height = fmax(1.0, box.height - below - 1.2);
}

static void draw_x(const gr_axes *axes, double names)
{
    gr_canvas *c = axes->canvas;
    gr_ticks t = ticks_of(&axes->x, axes->width, 12.0);
    double bottom = axes->top + axes->height, at;
    gr_letters l = small;
    l.anchor = GR_MIDDLE;
    l.level = GR_BELOW;
    for (int i = 0; i < t.count; i++) {
        at = gr_axes_x(axes, t.at[i]);
        if (!axes->x.no_grid)
            gr_canvas_line(c, at, axes->top, at, bottom, gr_pen(GR_PALE, gr_thin));
        gr_canvas_line(c, at, bottom, at, bottom + tick, gr_pen(GR_COLOUR_TEXT, gr_thin));
        gr_canvas_text(c, at, bottom + tick + gap, t.text[i], l);
    }
    if (turned(axes, names)) {
        l.angle = 90.0;
        l.anchor = GR_RIGHT;
        l.level = GR_HALF_WAY;
    }
    for (int i = 0; axes->x.names != NULL && i < axes->x.categories; i++) {
        at = gr_axes_x(axes, i);
        gr_text_fitted(c, at, bottom + tick + gap, l.angle != 0.0 ? names + 0.1 : axes->width / axes->x.categories,
                       axes->x.names[i], l);
    }
}

static void draw_y(const gr_axes *axes, double names)
{
    gr_canvas *c = axes->canvas;
    gr_ticks t = ticks_of(&axes->y, axes->height, 7.0);
    gr_letters l = small;
    l.anchor = GR_RIGHT;
    l.level = GR_HALF_WAY;
    for (int i = 0; i < t.count; i++) {
        double at = gr_axes_y(axes, t.at[i]);
        if (!axes->y.no_grid)
            gr_canvas_line(c, axes->left, at, axes->left + axes->width, at, gr_pen(GR_PALE, gr_thin));
        gr_canvas_line(c, axes->left - tick, at, axes->left, at, gr_pen(GR_COLOUR_TEXT, gr_thin));
        gr_canvas_text(c, axes->left - tick - gap, at, t.text[i], l);
    }
    for (int i = 0; axes->y.names != NULL && i < axes->y.categories; i++)
        gr_text_fitted(c, axes->left - tick - gap, gr_axes_y(axes, i), names + 0.1, axes->y.names[i], l);
}

gr_axes gr_axes_draw(gr_canvas *canvas, gr_box box, gr_axis x, gr_axis y)
{
    gr_axes axes = {.canvas = canvas, .x = x, .y = y};
    double names_x, names_y;
    settle(&axes, box, &names_x, &names_y);
    draw_x(&axes, names_x);
    draw_y(&axes, names_y);
    gr_canvas_polyline(canvas, (double[]){axes.left, axes.left, axes.left + axes.width},
                       (double[]){axes.top, axes.top + axes.height, axes.top + axes.height}, 3,
                       gr_pen(GR_COLOUR_TEXT, gr_medium));
    gr_letters l = {.size = gr_letters_size, .anchor = GR_MIDDLE, .colour = GR_COLOUR_TEXT};
    if (x.title != NULL)
        gr_text_fitted(canvas, axes.left + 0.5 * axes.width, box.y + box.height - 0.8, axes.width, x.title, l);
    l.angle = 90.0;
    l.level = GR_BELOW;
    if (y.title != NULL)
        gr_text_fitted(canvas, box.x + 0.2, axes.top + 0.5 * axes.height, axes.height, y.title, l);
    return axes;
}

/* ---- what is drawn between them
 * --------------------------------------------------------------------------------------------- */

/* GIVES x[n] and y[n] in mm behind each other; NULL when memory is short: then the canvas is told by a place that it cannot
 * draw. */
static double *places(const gr_axes *axes, const double *x, const double *y, int64_t n)
{
    double *at = gr_alloc((size_t)n, 2 * sizeof *at);
    for (int64_t i = 0; at != NULL && i < n; i++) {
        at[i] = gr_axes_x(axes, x[i]);
        at[n + i] = gr_axes_y(axes, y[i]);
    }
    if (at == NULL)
        gr_canvas_fail(axes->canvas);
    return at;
}

static void begin(const gr_axes *axes)
{
    gr_canvas_clip(axes->canvas, axes->left, axes->top, axes->width, axes->height);
}

void gr_axes_line(const gr_axes *axes, const double *x, const double *y, int64_t n, gr_paint paint)
{
    double *at = places(axes, x, y, n);
    if (at == NULL)
        return;
    begin(axes);
    gr_canvas_polyline(axes->canvas, at, at + n, n, paint);
    gr_canvas_unclip(axes->canvas);
    gr_free(at);
}

/* Dots on an end of an axis are whole: those beyond are left out instead of cut. */
void gr_axes_dots(const gr_axes *axes, const double *x, const double *y, int64_t n, double radius, gr_paint paint)
{
    double *at = places(axes, x, y, n);
    if (at == NULL)
        return;
    for (int64_t i = 0; i < n; i++)
        if (at[i] < axes->left - 1e-6 || at[i] > axes->left + axes->width + 1e-6 || at[n + i] < axes->top - 1e-6 ||
            at[n + i] > axes->top + axes->height + 1e-6)
            at[i] = NAN;
    gr_canvas_dots(axes->canvas, at, at + n, n, radius, paint);
    gr_free(at);
}

void gr_axes_band(const gr_axes *axes, const double *x, const double *low, const double *high, int64_t n, gr_paint paint)
{
    double *at = gr_alloc((size_t)n, 4 * sizeof *at);
    if (at == NULL) {
        gr_canvas_fail(axes->canvas);
        return;
    }
    begin(axes);
    for (int64_t from = 0; from < n;) {
        int64_t to = from;
        while (to < n && !isnan(low[to]) && !isnan(high[to]))
            to++;
        int64_t k = 0, count = 2 * (to - from);
        for (int64_t i = from; i < to; i++, k++) {
            at[k] = at[count - 1 - k] = gr_axes_x(axes, x[i]);
            at[2 * n + k] = gr_axes_y(axes, high[i]);
            at[2 * n + count - 1 - k] = gr_axes_y(axes, low[i]);
        }
        if (to - from > 1)
            gr_canvas_area(axes->canvas, at, at + 2 * n, count, paint);
        from = to + 1;
    }
    gr_canvas_unclip(axes->canvas);
    gr_free(at);
}

void gr_axes_straight(const gr_axes *axes, double intercept, double slope, gr_paint paint)
{
    const double x[] = {axes->x.low, axes->x.high};
    gr_axes_line(axes, x, (double[]){intercept + slope * x[0], intercept + slope * x[1]}, 2, paint);
}

void gr_axes_level(const gr_axes *axes, double y, gr_paint paint)
{
    gr_axes_straight(axes, y, 0.0, paint);
}

void gr_axes_upright(const gr_axes *axes, double x, gr_paint paint)
{
    gr_axes_line(axes, (double[]){x, x}, (double[]){axes->y.low, axes->y.high}, 2, paint);
}

/* ---- legends
 * ------------------------------------------------------------------------------------------------------------------ */

static const double mark = 5.0, apart = 3.0;

static double entry_width(const gr_entry *e, double most)
{
    return fmin(most, mark + 1.0 + gr_canvas_text_width(e->name, gr_small_size, false));
}

static void draw_entry(gr_canvas *c, double x, double y, double width, const gr_entry *e)
{
    if (e->dot)
        gr_canvas_circle(c, x + 0.5 * mark, y, 0.8, e->paint);
    else if (e->paint.line_opacity > 0.0)
        gr_canvas_line(c, x, y, x + mark, y, e->paint);
    else
        gr_canvas_rectangle(c, x, y - 1.0, mark, 2.0, e->paint);
    gr_letters l = small;
    l.level = GR_HALF_WAY;
    gr_text_fitted(c, x + mark + 1.0, y, width - mark - 1.0 + 0.1, e->name, l);
}

/* Walks over the rows; draws where there is a canvas. */
static double lay(gr_canvas *c, double x, double y, double width, const gr_entry *entries, int count)
{
    double at = 0.0, down = 0.0;
    for (int i = 0; i < count; i++) {
        double needs = entry_width(&entries[i], width);
        if (at > 0.0 && at + needs > width) {
            at = 0.0;
            down += line_height;
        }
        if (c != NULL)
            draw_entry(c, x + at, y + down + 0.5 * line_height, needs, &entries[i]);
        at += needs + apart;
    }
    return count > 0 ? down + line_height : 0.0;
}

double gr_legend_height(const gr_entry *entries, int count, double width)
{
    return lay(NULL, 0.0, 0.0, width, entries, count);
}

void gr_legend_draw(gr_canvas *canvas, double x, double y, double width, const gr_entry *entries, int count)
{
    (void)lay(canvas, x, y, width, entries, count);
}

gr_box gr_legend_above(gr_canvas *canvas, gr_box box, const gr_entry *entries, int count)
{
    double height = gr_legend_height(entries, count, box.width);
    gr_legend_draw(canvas, box.x, box.y, box.width, entries, count);
    return (gr_box){box.x, box.y + height, box.width, box.height - height};
}
