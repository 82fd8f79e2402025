/* What draws: a record of functions, one for SVG and one for what cairo makes. All lengths are in points from here on. */
#ifndef GR_IMAGE_CANVAS_DEVICE_H
#define GR_IMAGE_CANVAS_DEVICE_H

#include "image/canvas_parts.h"

#define GR_POINTS_PER_MM (72.0 / 25.4)

/* A text as it is drawn: its base line begins, has its middle or ends at (x, y). */
typedef struct gr_words {
    const char *text; /* UTF-8 without control characters */
    double x, y;
    double size, angle;
    gr_anchor anchor;
    bool bold;
    uint32_t colour;
} gr_words;

typedef struct gr_canvas_device {
    /* GIVES *drawing. */
    gr_status (*open)(const gr_canvas_options *options, void **drawing, gr_error *err);
    /* Lines through x[n], y[n], interrupted by a NaN; joined up where `closed`. */
    void (*path)(void *drawing, const double *x, const double *y, int64_t n, bool closed, const gr_paint *paint);
    void (*circle)(void *drawing, double x, double y, double radius, const gr_paint *paint);
    void (*dots)(void *drawing, const double *x, const double *y, int64_t n, double radius, const gr_paint *paint);
    void (*text)(void *drawing, const gr_words *words);
    void (*clip)(void *drawing, double x, double y, double width, double height);
    void (*unclip)(void *drawing);
    void (*image)(void *drawing, const gr_picture *picture, double x, double y, double width, double height, bool smooth);
    gr_status (*finish)(void *drawing, const char *title, const char *description, gr_text *out, gr_error *err);
    void (*destroy)(void *drawing);
} gr_canvas_device;

extern const gr_canvas_device gr_canvas_svg, gr_canvas_cairo;

#endif
