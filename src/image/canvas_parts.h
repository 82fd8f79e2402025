/* What a drawing is made of: kinds of files, paint, letters, pictures. */
#ifndef GR_IMAGE_CANVAS_PARTS_H
#define GR_IMAGE_CANVAS_PARTS_H

#include "base/base.h"

typedef enum gr_canvas_kind { GR_CANVAS_SVG, GR_CANVAS_PDF, GR_CANVAS_PNG, GR_CANVAS_KINDS } gr_canvas_kind;

enum { GR_CANVAS_LEAST_MM = 10, GR_CANVAS_MOST_MM = 2000, GR_CANVAS_LEAST_DPI = 20, GR_CANVAS_MOST_DPI = 2400 };

typedef struct gr_canvas_options {
    gr_canvas_kind kind;
    double width, height; /* mm */
    double dpi;           /* of a PNG; 0: 300 */
    /* Of an SVG that is put into a page with others: what all of its ids begin with, letters and digits (NULL: "g"). */
    const char *prefix;
    /* Of an SVG in a page: what has GR_COLOUR_TEXT is drawn in the page's own colour of text, and there is no paper. */
    bool inherit;
} gr_canvas_options;

/* Colours are 0xRRGGBB. */
enum { GR_COLOUR_TEXT = 0x1000000, GR_COLOUR_PAPER = 0xffffff };

/* How something is drawn; a zero opacity: not at all. */
typedef struct gr_paint {
    uint32_t fill, line;
    double fill_opacity, line_opacity;
    double width; /* of lines, mm */
    double dash;  /* mm; 0: none */
} gr_paint;

/* Where the given place is in the text: left, middle or right of it; on its base line, at half the height of its capitals,
 * or at their top. */
typedef enum gr_anchor { GR_LEFT, GR_MIDDLE, GR_RIGHT } gr_anchor;
typedef enum gr_level { GR_ON_BASE, GR_HALF_WAY, GR_BELOW } gr_level;

typedef struct gr_letters {
    double size;  /* pt; 0: 8 */
    double angle; /* degrees, counterclockwise about the place */
    gr_anchor anchor;
    gr_level level;
    bool bold;
    uint32_t colour; /* 0 is black */
} gr_letters;

typedef struct gr_picture {
    const uint8_t *pixels; /* [height, width, channels] */
    int width, height;
    int channels; /* 3: R G B; 4: R G B A */
} gr_picture;

#endif
