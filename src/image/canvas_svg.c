/* SVG 1.1, written directly: words stay words, which can be read aloud, found and edited, and nothing depends on the fonts
 * of the machine that wrote it. A unit is a point. */
#include "image/canvas_device.h"

#include <math.h>
#include <string.h>

#include "image/letters.h"
#include "image/png_picture.h"

typedef struct svg {
    gr_text body;
    double width, height;
    char prefix[32];
    bool inherit;
    int clips;
} svg;

static void put(svg *s, const char *text)
{
    gr_text_add(&s->body, text, strlen(text));
}

/* A number with two decimals, without noughts at its end. */
static void put_number(gr_text *out, double value)
{
    char text[32];
    int at = sizeof text;
    long long all = llround(fmax(-1e9, fmin(1e9, value)) * 100.0);
    unsigned long long rest = (unsigned long long)(all < 0 ? -all : all), digits = rest % 100;
    if (digits % 10 != 0)
        text[--at] = (char)('0' + digits % 10);
    if (digits != 0) {
        text[--at] = (char)('0' + digits / 10);
        text[--at] = '.';
    }
    rest /= 100;
    do
        text[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (all < 0)
        text[--at] = '-';
    gr_text_add(out, text + at, sizeof text - (size_t)at);
}

static void put_attribute(svg *s, const char *name, double value)
{
    gr_text_printf(&s->body, " %s=\"", name);
    put_number(&s->body, value);
    put(s, "\"");
}

static void put_escaped(gr_text *out, const char *text)
{
    for (const char *from = text;; text++) {
        const char *instead = *text == '<'    ? "&lt;"
                              : *text == '>'  ? "&gt;"
                              : *text == '&'  ? "&amp;"
                              : *text == '"'  ? "&quot;"
                              : *text == '\'' ? "&#39;"
                                              : NULL;
        if (instead == NULL && *text != '\0')
            continue;
        gr_text_add(out, from, (size_t)(text - from));
        if (*text == '\0')
            return;
        gr_text_add(out, instead, strlen(instead));
        from = text + 1;
    }
}

static void put_colour(svg *s, const char *name, uint32_t colour, double opacity)
{
    if (opacity <= 0.0)
        gr_text_printf(&s->body, " %s=\"none\"", name);
    else if (colour == GR_COLOUR_TEXT && s->inherit)
        gr_text_printf(&s->body, " %s=\"currentColor\"", name);
    else
        gr_text_printf(&s->body, " %s=\"#%06x\"", name, (unsigned)(colour == GR_COLOUR_TEXT ? 0 : colour & 0xffffff));
    if (opacity > 0.0 && opacity < 1.0)
        gr_text_printf(&s->body, " %s-opacity=\"%.3g\"", name, opacity);
}

static void put_paint(svg *s, const gr_paint *paint)
{
    put_colour(s, "fill", paint->fill, paint->fill_opacity);
    if (paint->line_opacity <= 0.0)
        return;
    put_colour(s, "stroke", paint->line, paint->line_opacity);
    put_attribute(s, "stroke-width", paint->width);
    if (paint->dash > 0.0)
        put_attribute(s, "stroke-dasharray", paint->dash);
}

static gr_status svg_open(const gr_canvas_options *o, void **out, gr_error *err)
{
    svg *s = gr_alloc(1, sizeof *s);
    *out = s;
    if (s == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a drawing");
    *s = (svg){.width = o->width, .height = o->height, .inherit = o->inherit};
    const char *prefix = o->prefix != NULL ? o->prefix : "g";
    for (size_t n = 0; *prefix != '\0' && n + 1 < sizeof s->prefix; prefix++)
        if ((*prefix >= 'a' && *prefix <= 'z') || (*prefix >= 'A' && *prefix <= 'Z') || *prefix == '_' ||
            (n > 0 && ((*prefix >= '0' && *prefix <= '9') || *prefix == '-')))
            s->prefix[n++] = *prefix;
    return GR_OK;
}

static void svg_path(void *drawing, const double *x, const double *y, int64_t n, bool closed, const gr_paint *paint)
{
    svg *s = drawing;
    bool begun = false;
    put(s, "<path d=\"");
    for (int64_t i = 0; i < n; i++) {
        if (isnan(x[i]) || isnan(y[i])) {
            begun = false;
            continue;
        }
        put(s, begun ? "L" : "M");
        put_number(&s->body, x[i]);
        put(s, " ");
        put_number(&s->body, y[i]);
        begun = true;
    }
    put(s, closed && n > 0 ? "Z\"" : "\"");
    put_paint(s, paint);
    put(s, "/>\n");
}

static void svg_circle(void *drawing, double x, double y, double radius, const gr_paint *paint)
{
    svg *s = drawing;
    put(s, "<circle");
    put_attribute(s, "cx", x);
    put_attribute(s, "cy", y);
    put_attribute(s, "r", radius);
    put_paint(s, paint);
    put(s, "/>\n");
}

/* Lines of no length with round ends: a dozen bytes each. */
static void svg_dots(void *drawing, const double *x, const double *y, int64_t n, double radius, const gr_paint *paint)
{
    svg *s = drawing;
    put(s, "<path d=\"");
    for (int64_t i = 0; i < n; i++) {
        put(s, "M");
        put_number(&s->body, x[i]);
        put(s, " ");
        put_number(&s->body, y[i]);
        put(s, "h0");
    }
    put(s, "\"");
    put_paint(s, &(gr_paint){.line = paint->fill, .line_opacity = paint->fill_opacity, .width = 2.0 * radius});
    put(s, " stroke-linecap=\"round\"/>\n");
}

static void svg_text(void *drawing, const gr_words *w)
{
    svg *s = drawing;
    static const char *const anchors[] = {NULL, "middle", "end"};
    put(s, "<text");
    put_attribute(s, "x", w->x);
    put_attribute(s, "y", w->y);
    put_attribute(s, "font-size", w->size);
    if (anchors[w->anchor] != NULL)
        gr_text_printf(&s->body, " text-anchor=\"%s\"", anchors[w->anchor]);
    if (w->bold)
        put(s, " font-weight=\"bold\"");
    if (w->angle != 0.0) {
        put(s, " transform=\"rotate(");
        put_number(&s->body, -w->angle);
        put(s, " ");
        put_number(&s->body, w->x);
        put(s, " ");
        put_number(&s->body, w->y);
        put(s, ")\"");
    }
    put_colour(s, "fill", w->colour, 1.0);
    put(s, ">");
    put_escaped(&s->body, w->text);
    put(s, "</text>\n");
}

static void put_box(svg *s, double x, double y, double width, double height)
{
    put_attribute(s, "x", x);
    put_attribute(s, "y", y);
    put_attribute(s, "width", width);
    put_attribute(s, "height", height);
}

static void svg_clip(void *drawing, double x, double y, double width, double height)
{
    svg *s = drawing;
    gr_text_printf(&s->body, "<clipPath id=\"%s-clip%d\"><rect", s->prefix, ++s->clips);
    put_box(s, x, y, width, height);
    gr_text_printf(&s->body, "/></clipPath>\n<g clip-path=\"url(#%s-clip%d)\">\n", s->prefix, s->clips);
}

static void svg_unclip(void *drawing)
{
    put(drawing, "</g>\n");
}

static void put_base64(gr_text *out, const unsigned char *bytes, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char piece[4];
    for (size_t i = 0; i < size; i += 3) {
        unsigned long bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (i + k < size ? bytes[i + k] : 0u);
        for (size_t k = 0; k < 4; k++)
            piece[k] = i + k <= size ? digits[bits >> (18 - 6 * k) & 63] : '=';
        gr_text_add(out, piece, 4);
    }
}

static void svg_image(void *drawing, const gr_picture *picture, double x, double y, double width, double height, bool smooth)
{
    svg *s = drawing;
    gr_text png = {0};
    gr_png_picture p = {
        .pixels = picture->pixels, .width = picture->width, .height = picture->height, .channels = picture->channels};
    if (gr_png_encode_picture(&p, &png, NULL) != GR_OK) {
        s->body.failed = true;
        gr_text_free(&png);
        return;
    }
    put(s, "<image");
    put_box(s, x, y, width, height);
    put(s, smooth ? " preserveAspectRatio=\"none\" xlink:href=\"data:image/png;base64,"
                  : " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64,");
    put_base64(&s->body, (const unsigned char *)png.data, png.size);
    put(s, "\"/>\n");
    gr_text_free(&png);
}

static void put_head(const svg *s, const char *title, const char *description, gr_text *out)
{
    gr_text_printf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"%.6gmm\" "
                   "height=\"%.6gmm\" viewBox=\"0 0 %.8g %.8g\" role=\"img\" aria-labelledby=\"%s-title%s%s%s\" "
                   "font-family=\"DejaVu Sans, Verdana, Arial, Helvetica, sans-serif\" stroke-linejoin=\"round\">\n<title "
                   "id=\"%s-title\">",
                   s->width / GR_POINTS_PER_MM, s->height / GR_POINTS_PER_MM, s->width, s->height, s->prefix,
                   description[0] != '\0' ? " " : "", description[0] != '\0' ? s->prefix : "",
                   description[0] != '\0' ? "-desc" : "", s->prefix);
    put_escaped(out, title);
    gr_text_printf(out, "</title>\n");
    if (description[0] != '\0') {
        gr_text_printf(out, "<desc id=\"%s-desc\">", s->prefix);
        put_escaped(out, description);
        gr_text_printf(out, "</desc>\n");
    }
    if (!s->inherit)
        gr_text_printf(out, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n");
}

static gr_status svg_finish(void *drawing, const char *title, const char *description, gr_text *out, gr_error *err)
{
    svg *s = drawing;
    put_head(s, title, description, out);
    if (s->body.size > 0)
        gr_text_add(out, s->body.data, s->body.size);
    gr_text_printf(out, "</svg>\n");
    return s->body.failed || out->failed ? gr_fail(err, GR_NOMEM, "no memory for a drawing") : GR_OK;
}

static void svg_destroy(void *drawing)
{
    svg *s = drawing;
    gr_text_free(&s->body);
    gr_free(s);
}

const gr_canvas_device gr_canvas_svg = {svg_open, svg_path,   svg_circle, svg_dots,   svg_text,
                                        svg_clip, svg_unclip, svg_image,  svg_finish, svg_destroy};
