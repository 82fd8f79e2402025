/* PDF and PNG by cairo. Letters are DejaVu Sans or what the machine has in its place; a PDF holds those that it needs. */
#include "image/canvas_device.h"

#include <math.h>
#include <string.h>

#include <cairo-pdf.h>
#include <cairo.h>

#include "base/library.h"
#include "image/png_picture.h"

/* cairo is loaded by the first drawing that needs it (base/library.h). */
#define CAIRO(FUNCTION)                                                                                                     \
    FUNCTION(cairo_create)                                                                                                  \
    FUNCTION(cairo_destroy)                                                                                                 \
    FUNCTION(cairo_status)                                                                                                  \
    FUNCTION(cairo_status_to_string)                                                                                        \
    FUNCTION(cairo_save)                                                                                                    \
    FUNCTION(cairo_restore)                                                                                                 \
    FUNCTION(cairo_scale)                                                                                                   \
    FUNCTION(cairo_translate)                                                                                               \
    FUNCTION(cairo_rotate)                                                                                                  \
    FUNCTION(cairo_new_path)                                                                                                \
    FUNCTION(cairo_move_to)                                                                                                 \
    FUNCTION(cairo_line_to)                                                                                                 \
    FUNCTION(cairo_close_path)                                                                                              \
    FUNCTION(cairo_arc)                                                                                                     \
    FUNCTION(cairo_rectangle)                                                                                               \
    FUNCTION(cairo_fill)                                                                                                    \
    FUNCTION(cairo_fill_preserve)                                                                                           \
    FUNCTION(cairo_stroke)                                                                                                  \
    FUNCTION(cairo_clip)                                                                                                    \
    FUNCTION(cairo_paint)                                                                                                   \
    FUNCTION(cairo_paint_with_alpha)                                                                                        \
    FUNCTION(cairo_push_group)                                                                                              \
    FUNCTION(cairo_pop_group_to_source)                                                                                     \
    FUNCTION(cairo_set_source_rgba)                                                                                         \
    FUNCTION(cairo_set_source_surface)                                                                                      \
    FUNCTION(cairo_get_source)                                                                                              \
    FUNCTION(cairo_pattern_set_filter)                                                                                      \
    FUNCTION(cairo_pattern_set_extend)                                                                                      \
    FUNCTION(cairo_set_line_width)                                                                                          \
    FUNCTION(cairo_set_line_cap)                                                                                            \
    FUNCTION(cairo_set_line_join)                                                                                           \
    FUNCTION(cairo_set_dash)                                                                                                \
    FUNCTION(cairo_select_font_face)                                                                                        \
    FUNCTION(cairo_set_font_size)                                                                                           \
    FUNCTION(cairo_set_font_options)                                                                                        \
    FUNCTION(cairo_font_options_create)                                                                                     \
    FUNCTION(cairo_font_options_destroy)                                                                                    \
    FUNCTION(cairo_font_options_set_hint_style)                                                                             \
    FUNCTION(cairo_font_options_set_hint_metrics)                                                                           \
    FUNCTION(cairo_font_options_set_antialias)                                                                              \
    FUNCTION(cairo_get_scaled_font)                                                                                         \
    FUNCTION(cairo_scaled_font_get_type)                                                                                    \
    FUNCTION(cairo_text_extents)                                                                                            \
    FUNCTION(cairo_show_text)                                                                                               \
    FUNCTION(cairo_surface_destroy)                                                                                         \
    FUNCTION(cairo_surface_finish)                                                                                          \
    FUNCTION(cairo_surface_flush)                                                                                           \
    FUNCTION(cairo_surface_mark_dirty)                                                                                      \
    FUNCTION(cairo_surface_status)                                                                                          \
    FUNCTION(cairo_image_surface_create)                                                                                    \
    FUNCTION(cairo_image_surface_get_data)                                                                                  \
    FUNCTION(cairo_image_surface_get_stride)                                                                                \
    FUNCTION(cairo_pdf_surface_create_for_stream)                                                                           \
    FUNCTION(cairo_pdf_surface_restrict_to_version)                                                                         \
    FUNCTION(cairo_pdf_surface_set_metadata)
typedef struct library {
    CAIRO(GR_LIBRARY_POINTER)
} library;
static const char *const library_names[] = {CAIRO(GR_LIBRARY_NAME)};
enum { LIBRARY_NAMES = sizeof library_names / sizeof library_names[0] };
_Static_assert(sizeof(library) == LIBRARY_NAMES * sizeof(void *), "pointers and nothing else");

typedef struct drawing {
    library lib;
    cairo_surface_t *surface;
    cairo_t *cairo;
    gr_text bytes; /* of a PDF */
    bool pdf, failed;
    bool pictured; /* it holds photographs, which filters make smaller */
    int width, height; /* of a PNG, pixels */
    double dpi;
} drawing;

static cairo_status_t on_write(void *ctx, const unsigned char *bytes, unsigned length)
{
    gr_text *to = ctx;
    gr_text_add(to, bytes, length);
    return to->failed ? CAIRO_STATUS_NO_MEMORY : CAIRO_STATUS_SUCCESS;
}

#ifdef GR_HOSTILE_MEMORY
/* For the sanitizers' builds: fontconfig keeps its patterns behind offsets, which LeakSanitizer cannot follow. They are as
 * many after a hundred drawings as after one. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_options(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}
const char *__lsan_default_options(void)
{
    return "print_suppressions=0";
}
#endif

/* ---- opening ------------------------------------------------------------------------------------------------------------
 */

static gr_status begin_surface(drawing *d, const gr_canvas_options *o, gr_error *err)
{
    if (d->pdf) {
        d->surface = d->lib.cairo_pdf_surface_create_for_stream(on_write, &d->bytes, o->width, o->height);
        d->lib.cairo_pdf_surface_restrict_to_version(d->surface, CAIRO_PDF_VERSION_1_4); /* later ones compress the title */
    } else {
        d->width = (int)lround(o->width / 72.0 * o->dpi);
        d->height = (int)lround(o->height / 72.0 * o->dpi);
        if ((int64_t)d->width * d->height > 100000000 || d->width > 16384 || d->height > 16384)
            return gr_fail(err, GR_INVALID,
                           "a picture of %d x %d pixels; at most 16384 on a side and 100 million would be right", d->width,
                           d->height);
        d->surface = d->lib.cairo_image_surface_create(CAIRO_FORMAT_RGB24, d->width, d->height);
    }
    d->cairo = d->lib.cairo_create(d->surface);
    cairo_status_t status = d->lib.cairo_status(d->cairo);
    if (status == CAIRO_STATUS_NO_MEMORY)
        return gr_fail(err, GR_NOMEM, "no memory for a drawing");
    return status == CAIRO_STATUS_SUCCESS ? GR_OK : gr_fail(err, GR_IO, "cairo: %s", d->lib.cairo_status_to_string(status));
}

/* Outlines as they are, so that a drawing looks the same in every size. */
static gr_status begin_letters(drawing *d, gr_error *err)
{
    cairo_font_options_t *options = d->lib.cairo_font_options_create();
    d->lib.cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    d->lib.cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    d->lib.cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    d->lib.cairo_set_font_options(d->cairo, options);
    d->lib.cairo_font_options_destroy(options);
    d->lib.cairo_select_font_face(d->cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    /* Where fontconfig finds nothing, cairo has strokes of its own, which no journal takes. */
    if (d->lib.cairo_scaled_font_get_type(d->lib.cairo_get_scaled_font(d->cairo)) == CAIRO_FONT_TYPE_USER)
        return gr_fail(err, GR_IO,
                       "no font is installed; apt-get install fonts-dejavu-core would bring one, an SVG needs none");
    return GR_OK;
}

static void cairo_destroy_drawing(void *drawing_)
{
    drawing *d = drawing_;
    if (d->cairo != NULL)
        d->lib.cairo_destroy(d->cairo);
    if (d->surface != NULL) {
        d->lib.cairo_surface_finish(d->surface);
        d->lib.cairo_surface_destroy(d->surface);
    }
    gr_text_free(&d->bytes);
    gr_free(d);
}

static gr_status cairo_open(const gr_canvas_options *o, void **out, gr_error *err)
{
    drawing *d = gr_alloc(1, sizeof *d);
    if (d == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a drawing");
    d->pdf = o->kind == GR_CANVAS_PDF;
    d->dpi = o->dpi;
    gr_status status = gr_library_find(GR_LIBCAIRO, library_names, LIBRARY_NAMES, &d->lib, err);
    if (status == GR_OK)
        status = begin_surface(d, o, err);
    if (status == GR_OK)
        status = begin_letters(d, err);
    if (status != GR_OK) {
        cairo_destroy_drawing(d);
        return status;
    }
    if (!d->pdf) {
        d->lib.cairo_scale(d->cairo, o->dpi / 72.0, o->dpi / 72.0);
        d->lib.cairo_set_source_rgba(d->cairo, 1.0, 1.0, 1.0, 1.0);
        d->lib.cairo_paint(d->cairo);
    }
    d->lib.cairo_set_line_join(d->cairo, CAIRO_LINE_JOIN_ROUND);
    *out = d;
    return GR_OK;
}

/* ---- drawing -------------------------------------------------------------------------------------------------------------
 */

static void set_colour(drawing *d, uint32_t colour, double opacity)
{
    uint32_t c = colour == GR_COLOUR_TEXT ? 0 : colour;
    d->lib.cairo_set_source_rgba(d->cairo, (c >> 16 & 255) / 255.0, (c >> 8 & 255) / 255.0, (c & 255) / 255.0, opacity);
}

/* Fills the path and draws its lines. */
static void paint_path(drawing *d, const gr_paint *p)
{
    if (p->fill_opacity > 0.0) {
        set_colour(d, p->fill, p->fill_opacity);
        d->lib.cairo_fill_preserve(d->cairo);
    }
    if (p->line_opacity > 0.0) {
        set_colour(d, p->line, p->line_opacity);
        d->lib.cairo_set_line_width(d->cairo, p->width);
        d->lib.cairo_set_dash(d->cairo, &p->dash, p->dash > 0.0, 0.0);
        d->lib.cairo_stroke(d->cairo);
    }
    d->lib.cairo_new_path(d->cairo);
}

static void cairo_path(void *drawing_, const double *x, const double *y, int64_t n, bool closed, const gr_paint *paint)
{
    drawing *d = drawing_;
    bool begun = false;
    for (int64_t i = 0; i < n; i++) {
        bool there = !isnan(x[i]) && !isnan(y[i]);
        if (there)
            (begun ? d->lib.cairo_line_to : d->lib.cairo_move_to)(d->cairo, x[i], y[i]);
        begun = there;
    }
    if (closed)
        d->lib.cairo_close_path(d->cairo);
    paint_path(d, paint);
}

static void cairo_circle(void *drawing_, double x, double y, double radius, const gr_paint *paint)
{
    drawing *d = drawing_;
    d->lib.cairo_arc(d->cairo, x, y, radius, 0.0, 2.0 * acos(-1.0));
    paint_path(d, paint);
}

/* A PDF has lines of no length with round ends; for pixels single discs are faster, taken together so that they are not
 * darker where they overlap. */
static void cairo_dots(void *drawing_, const double *x, const double *y, int64_t n, double radius, const gr_paint *paint)
{
    drawing *d = drawing_;
    bool group = !d->pdf && paint->fill_opacity < 1.0;
    if (group)
        d->lib.cairo_push_group(d->cairo);
    set_colour(d, paint->fill, group ? 1.0 : paint->fill_opacity);
    d->lib.cairo_set_line_width(d->cairo, 2.0 * radius);
    d->lib.cairo_set_line_cap(d->cairo, CAIRO_LINE_CAP_ROUND);
    d->lib.cairo_set_dash(d->cairo, NULL, 0, 0.0);
    for (int64_t i = 0; i < n; i++) {
        if (!d->pdf) {
            d->lib.cairo_arc(d->cairo, x[i], y[i], radius, 0.0, 2.0 * acos(-1.0));
            d->lib.cairo_fill(d->cairo);
            continue;
        }
        d->lib.cairo_move_to(d->cairo, x[i], y[i]);
        d->lib.cairo_line_to(d->cairo, x[i], y[i]);
    }
    if (d->pdf)
        d->lib.cairo_stroke(d->cairo);
    d->lib.cairo_set_line_cap(d->cairo, CAIRO_LINE_CAP_BUTT);
    if (group) {
        d->lib.cairo_pop_group_to_source(d->cairo);
        d->lib.cairo_paint_with_alpha(d->cairo, paint->fill_opacity);
    }
}

static void cairo_words(void *drawing_, const gr_words *w)
{
    drawing *d = drawing_;
    cairo_text_extents_t e;
    d->lib.cairo_save(d->cairo);
    d->lib.cairo_select_font_face(d->cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                                  w->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    d->lib.cairo_set_font_size(d->cairo, w->size);
    d->lib.cairo_translate(d->cairo, w->x, w->y);
    d->lib.cairo_rotate(d->cairo, -w->angle * acos(-1.0) / 180.0);
    d->lib.cairo_text_extents(d->cairo, w->text, &e);
    d->lib.cairo_move_to(d->cairo, w->anchor == GR_LEFT ? 0.0 : -e.x_advance * (w->anchor == GR_MIDDLE ? 0.5 : 1.0), 0.0);
    set_colour(d, w->colour, 1.0);
    d->lib.cairo_show_text(d->cairo, w->text);
    d->lib.cairo_new_path(d->cairo);
    d->lib.cairo_restore(d->cairo);
}

static void cairo_clip_to(void *drawing_, double x, double y, double width, double height)
{
    drawing *d = drawing_;
    d->lib.cairo_save(d->cairo);
    d->lib.cairo_rectangle(d->cairo, x, y, width, height);
    d->lib.cairo_clip(d->cairo);
}

static void cairo_unclip(void *drawing_)
{
    drawing *d = drawing_;
    d->lib.cairo_restore(d->cairo);
}

/* cairo's pixels are words of A R G B, the colours times the opacity. */
static void put_pixels(const gr_picture *p, unsigned char *to, int stride)
{
    const uint8_t *from = p->pixels;
    for (int y = 0; y < p->height; y++)
        for (int x = 0; x < p->width; x++, from += p->channels) {
            uint32_t a = p->channels == 4 ? from[3] : 255, word = a << 24;
            for (int c = 0; c < 3; c++)
                word |= (from[c] * a + 127) / 255 << (16 - 8 * c);
            memcpy(to + (size_t)y * (size_t)stride + 4 * (size_t)x, &word, sizeof word);
        }
}

static void cairo_image(void *drawing_, const gr_picture *p, double x, double y, double width, double height, bool smooth)
{
    drawing *d = drawing_;
    cairo_surface_t *pixels = d->lib.cairo_image_surface_create(CAIRO_FORMAT_ARGB32, p->width, p->height);
    if (d->lib.cairo_surface_status(pixels) != CAIRO_STATUS_SUCCESS) {
        d->failed = true;
    } else {
        d->pictured = true;
        d->lib.cairo_surface_flush(pixels);
        put_pixels(p, d->lib.cairo_image_surface_get_data(pixels), d->lib.cairo_image_surface_get_stride(pixels));
        d->lib.cairo_surface_mark_dirty(pixels);
        d->lib.cairo_save(d->cairo);
        d->lib.cairo_rectangle(d->cairo, x, y, width, height);
        d->lib.cairo_clip(d->cairo);
        d->lib.cairo_translate(d->cairo, x, y);
        d->lib.cairo_scale(d->cairo, width / p->width, height / p->height);
        d->lib.cairo_set_source_surface(d->cairo, pixels, 0.0, 0.0);
        d->lib.cairo_pattern_set_filter(d->lib.cairo_get_source(d->cairo),
                                        smooth ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
        d->lib.cairo_pattern_set_extend(d->lib.cairo_get_source(d->cairo), CAIRO_EXTEND_PAD);
        d->lib.cairo_paint(d->cairo);
        d->lib.cairo_restore(d->cairo);
    }
    d->lib.cairo_surface_destroy(pixels);
}

/* ---- finishing -----------------------------------------------------------------------------------------------------------
 */

/* The date is left out: the same drawing has the same bytes tomorrow. */
static void finish_pdf(drawing *d, const char *title, const char *description)
{
    d->lib.cairo_pdf_surface_set_metadata(d->surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
    d->lib.cairo_pdf_surface_set_metadata(d->surface, CAIRO_PDF_METADATA_TITLE, title);
    if (description[0] != '\0')
        d->lib.cairo_pdf_surface_set_metadata(d->surface, CAIRO_PDF_METADATA_SUBJECT, description);
    d->lib.cairo_pdf_surface_set_metadata(d->surface, CAIRO_PDF_METADATA_CREATOR, "grimace " GRIMACE_VERSION);
    d->lib.cairo_surface_finish(d->surface);
}

static gr_status finish_png(drawing *d, const char *title, const char *description, gr_text *out, gr_error *err)
{
    d->lib.cairo_surface_flush(d->surface);
    const unsigned char *from = d->lib.cairo_image_surface_get_data(d->surface);
    size_t stride = (size_t)d->lib.cairo_image_surface_get_stride(d->surface), n = 0;
    uint8_t *pixels = gr_alloc_aligned((size_t)d->width * (size_t)d->height, 3);
    if (pixels == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a picture of %d x %d pixels", d->width, d->height);
    for (size_t y = 0; y < (size_t)d->height; y++)
        for (size_t x = 0; x < (size_t)d->width; x++) {
            uint32_t word;
            memcpy(&word, from + y * stride + 4 * x, sizeof word);
            pixels[n++] = (uint8_t)(word >> 16);
            pixels[n++] = (uint8_t)(word >> 8);
            pixels[n++] = (uint8_t)word;
        }
    gr_png_picture p = {.pixels = pixels,
                        .width = d->width,
                        .height = d->height,
                        .channels = 3,
                        .dpi = d->dpi,
                        .drawn = !d->pictured,
                        .title = title,
                        .description = description};
    gr_status status = gr_png_encode_picture(&p, out, err);
    gr_free(pixels);
    return status;
}

static gr_status cairo_finish(void *drawing_, const char *title, const char *description, gr_text *out, gr_error *err)
{
    drawing *d = drawing_;
    if (d->pdf)
        finish_pdf(d, title, description);
    cairo_status_t why = d->lib.cairo_status(d->cairo);
    if (why == CAIRO_STATUS_SUCCESS)
        why = d->lib.cairo_surface_status(d->surface);
    if (d->failed || d->bytes.failed || why == CAIRO_STATUS_NO_MEMORY)
        return gr_fail(err, GR_NOMEM, "no memory for a drawing");
    if (why != CAIRO_STATUS_SUCCESS)
        return gr_fail(err, GR_IO, "cairo: %s", d->lib.cairo_status_to_string(why));
    if (!d->pdf)
        return finish_png(d, title, description, out, err);
    gr_text_add(out, d->bytes.data, d->bytes.size);
    return out->failed ? gr_fail(err, GR_NOMEM, "no memory for a drawing") : GR_OK;
}

const gr_canvas_device gr_canvas_cairo = {cairo_open,    cairo_path,   cairo_circle, cairo_dots,   cairo_words,
                                          cairo_clip_to, cairo_unclip, cairo_image,  cairo_finish, cairo_destroy_drawing};
