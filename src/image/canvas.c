#include "image/canvas.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "image/canvas_device.h"
#include "image/letters.h"

/* Of the size of the letters: how high capitals are. */
static const double capitals = 0.729;

struct gr_canvas {
    const gr_canvas_device *device;
    void *drawing;
    double *x, *y; /* [room], points of a path on their way */
    int64_t room;
    bool failed; /* memory was short */
};

/* ---- kinds --------------------------------------------------------------------------------------------------------------
 */

static const char *const kinds[GR_CANVAS_KINDS] = {"svg", "pdf", "png"};

const char *gr_canvas_kind_name(gr_canvas_kind kind)
{
    return (unsigned)kind < GR_CANVAS_KINDS ? kinds[kind] : NULL;
}

gr_canvas_kind gr_canvas_kind_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *point = strrchr(path, '.');
    int kind = 0;
    while (kind < GR_CANVAS_KINDS &&
           (point == NULL || (slash != NULL && point < slash) || strcasecmp(point + 1, kinds[kind]) != 0))
        kind++;
    return (gr_canvas_kind)kind;
}

/* ---- paint --------------------------------------------------------------------------------------------------------------
 */

gr_paint gr_fill(uint32_t colour, double opacity)
{
    return (gr_paint){.fill = colour, .fill_opacity = opacity};
}

gr_paint gr_pen(uint32_t colour, double width)
{
    return (gr_paint){.line = colour, .line_opacity = 1.0, .width = width};
}

gr_paint gr_dashed(uint32_t colour, double width, double dash)
{
    return (gr_paint){.line = colour, .line_opacity = 1.0, .width = width, .dash = dash};
}

static gr_paint in_points(gr_paint paint)
{
    paint.width *= GR_POINTS_PER_MM;
    paint.dash *= GR_POINTS_PER_MM;
    return paint;
}

/* ---- from the first call to the last ------------------------------------------------------------------------------------
 */

static gr_status check(const gr_canvas_options *o, gr_error *err)
{
    const double sides[] = {o->width, o->height};
    for (int i = 0; i < 2; i++)
        if (!(sides[i] >= GR_CANVAS_LEAST_MM && sides[i] <= GR_CANVAS_MOST_MM))
            return gr_fail(err, GR_INVALID, "a drawing of %g x %g mm; %d to %d mm would be right", o->width, o->height,
                           GR_CANVAS_LEAST_MM, GR_CANVAS_MOST_MM);
    if (o->dpi != 0.0 && !(o->dpi >= GR_CANVAS_LEAST_DPI && o->dpi <= GR_CANVAS_MOST_DPI))
        return gr_fail(err, GR_INVALID, "%g dpi; %d to %d would be right", o->dpi, GR_CANVAS_LEAST_DPI, GR_CANVAS_MOST_DPI);
    return GR_OK;
}

gr_status gr_canvas_open(const gr_canvas_options *options, gr_canvas **out, gr_error *err)
{
    *out = NULL;
    gr_status status = check(options, err);
    if (status != GR_OK)
        return status;
    gr_canvas *c = gr_alloc(1, sizeof *c);
    if (c == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a drawing");
    c->device = options->kind == GR_CANVAS_SVG ? &gr_canvas_svg : &gr_canvas_cairo;
    gr_canvas_options o = *options;
    o.width *= GR_POINTS_PER_MM;
    o.height *= GR_POINTS_PER_MM;
    o.dpi = options->dpi > 0.0 ? options->dpi : 300.0;
    status = c->device->open(&o, &c->drawing, err);
    if (status != GR_OK) {
        gr_free(c);
        return status;
    }
    *out = c;
    return GR_OK;
}

void gr_canvas_destroy(gr_canvas *c)
{
    if (c == NULL)
        return;
    c->device->destroy(c->drawing);
    gr_free(c->x);
    gr_free(c->y);
    gr_free(c);
}

void gr_canvas_fail(gr_canvas *c)
{
    c->failed = true;
}

gr_status gr_canvas_finish(gr_canvas *c, const char *title, const char *description, gr_text *out, gr_error *err)
{
    gr_text clean[2] = {{0}, {0}};
    gr_letters_clean(title != NULL ? title : "", &clean[0]);
    gr_letters_clean(description != NULL ? description : "", &clean[1]);
    gr_status status = GR_OK;
    if (!c->failed && !clean[0].failed && !clean[1].failed)
        status = c->device->finish(c->drawing, clean[0].size > 0 ? clean[0].data : "",
                                   clean[1].size > 0 ? clean[1].data : "", out, err);
    else
        status = gr_fail(err, GR_NOMEM, "no memory for a drawing");
    gr_text_free(&clean[0]);
    gr_text_free(&clean[1]);
    gr_canvas_destroy(c);
    return status;
}

/* ---- lines and areas ----------------------------------------------------------------------------------------------------
 */

/* Brings points to c->x, c->y in points of the page; false when memory is short. */
static bool take(gr_canvas *c, const double *x, const double *y, int64_t n)
{
    if (n > c->room) {
        double *more_x = gr_realloc(c->x, (size_t)n, sizeof *more_x);
        c->x = more_x != NULL ? more_x : c->x;
        double *more_y = more_x != NULL ? gr_realloc(c->y, (size_t)n, sizeof *more_y) : NULL;
        c->y = more_y != NULL ? more_y : c->y;
        if (more_y == NULL) {
            c->failed = true;
            return false;
        }
        c->room = n;
    }
    for (int64_t i = 0; i < n; i++) {
        bool good = isfinite(x[i]) && isfinite(y[i]);
        c->x[i] = good ? x[i] * GR_POINTS_PER_MM : NAN;
        c->y[i] = good ? y[i] * GR_POINTS_PER_MM : NAN;
    }
    return true;
}

/* Of a line of many points those that are a step that nobody sees from the last one can go; what follows a gap stays. */
static int64_t thinned(double *x, double *y, int64_t n)
{
    static const double step = 0.05; /* points */
    int64_t kept = 1;
    for (int64_t i = 1; i < n; i++) {
        bool near = fabs(x[i] - x[kept - 1]) < step && fabs(y[i] - y[kept - 1]) < step;
        if (near && i + 1 < n)
            continue;
        x[kept] = x[i];
        y[kept++] = y[i];
    }
    return kept;
}

static void draw(gr_canvas *c, const double *x, const double *y, int64_t n, bool closed, gr_paint paint)
{
    enum { MANY = 500 };
    gr_paint p = in_points(paint);
    if (n > 0 && take(c, x, y, n))
        c->device->path(c->drawing, c->x, c->y, n > MANY ? thinned(c->x, c->y, n) : n, closed, &p);
}

void gr_canvas_line(gr_canvas *c, double x0, double y0, double x1, double y1, gr_paint paint)
{
    draw(c, (double[]){x0, x1}, (double[]){y0, y1}, 2, false, paint);
}

void gr_canvas_polyline(gr_canvas *c, const double *x, const double *y, int64_t n, gr_paint paint)
{
    draw(c, x, y, n, false, paint);
}

void gr_canvas_area(gr_canvas *c, const double *x, const double *y, int64_t n, gr_paint paint)
{
    draw(c, x, y, n, true, paint);
}

void gr_canvas_rectangle(gr_canvas *c, double x, double y, double width, double height, gr_paint paint)
{
    if (isfinite(x) && isfinite(y) && isfinite(width) && isfinite(height))
        draw(c, (double[]){x, x + width, x + width, x}, (double[]){y, y, y + height, y + height}, 4, true, paint);
}

void gr_canvas_circle(gr_canvas *c, double x, double y, double radius, gr_paint paint)
{
    gr_paint p = in_points(paint);
    if (isfinite(x) && isfinite(y) && isfinite(radius))
        c->device->circle(c->drawing, x * GR_POINTS_PER_MM, y * GR_POINTS_PER_MM, radius * GR_POINTS_PER_MM, &p);
}

/* Dots on the same hundredth of a point are one, and so are seldom drawn in vain. */
static int64_t different(double *x, double *y, int64_t n)
{
    enum { SLOTS = 4096 };
    double seen_x[SLOTS], seen_y[SLOTS];
    for (int i = 0; i < SLOTS; i++)
        seen_x[i] = seen_y[i] = NAN;
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        double at[2] = {round(x[i] * 100.0) / 100.0, round(y[i] * 100.0) / 100.0};
        size_t slot = (size_t)(gr_hash(0, at, sizeof at) % SLOTS);
        if (isnan(at[0]) || isnan(at[1]) || (seen_x[slot] == at[0] && seen_y[slot] == at[1]))
            continue;
        seen_x[slot] = x[kept] = at[0];
        seen_y[slot] = y[kept++] = at[1];
    }
    return kept;
}

void gr_canvas_dots(gr_canvas *c, const double *x, const double *y, int64_t n, double radius, gr_paint paint)
{
    gr_paint p = in_points(paint);
    if (n > 0 && take(c, x, y, n))
        c->device->dots(c->drawing, c->x, c->y, different(c->x, c->y, n), radius * GR_POINTS_PER_MM, &p);
}

void gr_canvas_clip(gr_canvas *c, double x, double y, double width, double height)
{
    c->device->clip(c->drawing, x * GR_POINTS_PER_MM, y * GR_POINTS_PER_MM, width * GR_POINTS_PER_MM,
                    height * GR_POINTS_PER_MM);
}

void gr_canvas_unclip(gr_canvas *c)
{
    c->device->unclip(c->drawing);
}

void gr_canvas_image(gr_canvas *c, const gr_picture *picture, double x, double y, double width, double height, bool smooth)
{
    c->device->image(c->drawing, picture, x * GR_POINTS_PER_MM, y * GR_POINTS_PER_MM, width * GR_POINTS_PER_MM,
                     height * GR_POINTS_PER_MM, smooth);
}

/* ---- words ---------------------------------------------------------------------------------------------------------------
 */

void gr_canvas_text(gr_canvas *c, double x, double y, const char *text, gr_letters l)
{
    gr_text clean = {0};
    gr_letters_clean(text, &clean);
    double size = l.size > 0.0 ? l.size : 8.0, turn = l.angle * acos(-1.0) / 180.0;
    double down = l.level == GR_ON_BASE ? 0.0 : size * capitals * (l.level == GR_BELOW ? 1.0 : 0.5);
    gr_words words = {.text = clean.data,
                      .x = x * GR_POINTS_PER_MM + sin(turn) * down,
                      .y = y * GR_POINTS_PER_MM + cos(turn) * down,
                      .size = size,
                      .angle = l.angle,
                      .anchor = l.anchor,
                      .bold = l.bold,
                      .colour = l.colour};
    if (clean.failed)
        c->failed = true;
    else if (clean.size > 0 && isfinite(words.x) && isfinite(words.y))
        c->device->text(c->drawing, &words);
    gr_text_free(&clean);
}

double gr_canvas_text_width(const char *text, double size, bool bold)
{
    double width = 0.0;
    for (const char *end = text + strlen(text); text < end;)
        width += gr_letter_width(gr_letter_next(&text, end), bold);
    return width * (size > 0.0 ? size : 8.0) / GR_POINTS_PER_MM;
}

void gr_canvas_fit(const char *text, double size, bool bold, double width, gr_text *out)
{
    static const uint32_t dots = 0x2026;
    if (gr_canvas_text_width(text, size, bold) <= width) {
        gr_letters_clean(text, out);
        return;
    }
    double left = width * GR_POINTS_PER_MM / (size > 0.0 ? size : 8.0) - gr_letter_width(dots, bold);
    for (const char *end = text + strlen(text); text < end;) {
        uint32_t letter = gr_letter_next(&text, end);
        if ((left -= gr_letter_width(letter, bold)) < 0.0)
            break;
        gr_letter_put(out, letter);
    }
    gr_letter_put(out, dots);
}
