/* A drawing in millimetres that becomes an SVG, a PDF or a PNG. The origin is the upper left corner, y grows downwards.
 *
 * SVG is written here, with its words as text; cairo, which is loaded by the first PDF or PNG (base/library.h), makes the
 * other two. The same calls give the same bytes, whatever the day: what is as wide as its words is laid out by
 * gr_canvas_text_width, which asks no font. Drawing never fails: what goes wrong on the way sticks, and gr_canvas_finish
 * says it. */
#ifndef GR_IMAGE_CANVAS_H
#define GR_IMAGE_CANVAS_H

#include "image/canvas_parts.h"

/* "svg", "pdf", "png"; NULL for no kind. Never fails. */
const char *gr_canvas_kind_name(gr_canvas_kind kind);
/* The kind that the ending of a file's name tells (".svg", ".PDF"); GR_CANVAS_KINDS where it tells none. Never fails. */
gr_canvas_kind gr_canvas_kind_of(const char *path);

typedef struct gr_canvas gr_canvas;

/* Only filled; only lines. */
gr_paint gr_fill(uint32_t colour, double opacity);
gr_paint gr_pen(uint32_t colour, double width);
gr_paint gr_dashed(uint32_t colour, double width, double dash);

/* Fails: GR_INVALID (a size outside the limits), GR_IO (cairo cannot be loaded, or no font is installed; not of an SVG),
 * GR_NOMEM. */
gr_status gr_canvas_open(const gr_canvas_options *options, gr_canvas **out, gr_error *err) GR_MUST_CHECK;

/* None of these fails. Places that are not finite are left out. */
void gr_canvas_line(gr_canvas *canvas, double x0, double y0, double x1, double y1, gr_paint paint);
/* Through x[n], y[n]; a NaN interrupts it. */
void gr_canvas_polyline(gr_canvas *canvas, const double *x, const double *y, int64_t n, gr_paint paint);
/* The inside of x[n], y[n], joined up. */
void gr_canvas_area(gr_canvas *canvas, const double *x, const double *y, int64_t n, gr_paint paint);
void gr_canvas_rectangle(gr_canvas *canvas, double x, double y, double width, double height, gr_paint paint);
void gr_canvas_circle(gr_canvas *canvas, double x, double y, double radius, gr_paint paint);
/* Many filled discs at x[n], y[n] at once; where they overlap, they are not darker. */
void gr_canvas_dots(gr_canvas *canvas, const double *x, const double *y, int64_t n, double radius, gr_paint paint);
/* One line of UTF-8. What is none, and control characters, become a replacement character and blanks. */
void gr_canvas_text(gr_canvas *canvas, double x, double y, const char *text, gr_letters letters);
/* Nothing outside is drawn, until gr_canvas_unclip. Not to be nested. */
void gr_canvas_clip(gr_canvas *canvas, double x, double y, double width, double height);
void gr_canvas_unclip(gr_canvas *canvas);
/* A picture, its pixels as they are or, with `smooth`, interpolated. */
void gr_canvas_image(gr_canvas *canvas, const gr_picture *picture, double x, double y, double width, double height,
                     bool smooth);

/* How wide a text is, in mm: what DejaVu Sans, which is wider than most, takes. Never fails. */
double gr_canvas_text_width(const char *text, double size, bool bold);
/* Appends `text`, made short by "..." in one character where it is wider than `width` mm. Shortage sticks in `out`. */
void gr_canvas_fit(const char *text, double size, bool bold, double width, gr_text *out);

/* Says that memory was short for something that should have been drawn: gr_canvas_finish will fail. Never fails. */
void gr_canvas_fail(gr_canvas *canvas);

/* Appends the finished file to `out`, with its title and its text alternative (NULL: none), and frees the canvas, also when
 * it fails. Fails: GR_NOMEM, GR_IO (cairo could not draw). */
gr_status gr_canvas_finish(gr_canvas *canvas, const char *title, const char *description, gr_text *out,
                           gr_error *err) GR_MUST_CHECK;
/* Frees an unfinished one; NULL is fine. */
void gr_canvas_destroy(gr_canvas *canvas);

#endif
