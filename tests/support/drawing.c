#include "support/drawing.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

void test_draw_all(gr_canvas_kind kind, double dpi, const char *prefix, gr_text *out)
{
    static const double x[] = {5, 10, 15, NAN, 20, 25}, y[] = {5, 12, 6, NAN, 14, 5};
    static const uint8_t rgb[] = {255, 0, 0, 0, 160, 0, 0, 0, 255, 255, 255, 0};
    static const uint8_t rgba[] = {0, 0, 0, 255, 0, 0, 0, 0};
    gr_canvas_options options = {.kind = kind, .width = 60.0, .height = 40.0, .dpi = dpi, .prefix = prefix};
    gr_error err = {0};
    gr_canvas *c;
    assert_int_equal(gr_canvas_open(&options, &c, &err), GR_OK);
    gr_canvas_rectangle(c, 30, 3, 10, 8, gr_fill(0xe69f00, 0.5));
    gr_canvas_area(c, x, y, 3, gr_fill(0x56b4e9, 1.0));
    gr_canvas_polyline(c, x, y, 6, gr_pen(0xd55e00, 0.5));
    gr_canvas_line(c, 0, 20, 60, 20, gr_dashed(GR_COLOUR_TEXT, 0.4, 1.5));
    gr_canvas_line(c, NAN, 20, 60, 20, gr_pen(0, 1.0));
    gr_canvas_circle(c, 50, 8, 4, (gr_paint){0x009e73, 0xcc79a7, 0.4, 1.0, 0.5, 0.0});
    gr_canvas_clip(c, 40, 22, 10, 10);
    gr_canvas_dots(c, (double[]){41, 45, 55}, (double[]){25, 29, 25}, 3, 2.5, gr_fill(0x0072b2, 0.5));
    gr_canvas_unclip(c);
    gr_canvas_image(c, &(gr_picture){rgb, 2, 2, 3}, 5, 24, 8, 8, false);
    gr_canvas_image(c, &(gr_picture){rgba, 2, 1, 4}, 16, 24, 8, 8, true);
    gr_canvas_text(c, 30, 36, "<script>&\"quotes\"",
                   (gr_letters){.anchor = GR_MIDDLE, .bold = true, .colour = GR_COLOUR_TEXT});
    gr_canvas_text(c, 56, 36, "turned", (gr_letters){.size = 7, .angle = 90, .level = GR_HALF_WAY, .colour = 0x767676});
    assert_int_equal(gr_canvas_finish(c, "A <title> & more", "What it \"shows\"", out, &err), GR_OK);
}

/* The mean of 8 x 8 pixels of one channel, or of as many as there are. */
static double block(const gr_image *image, int x, int y, int channel)
{
    double sum = 0.0;
    int n = 0;
    for (int j = y; j < y + 8 && j < image->height; j++)
        for (int i = x; i < x + 8 && i < image->width; i++, n++)
            sum += image->pixels[3 * ((size_t)j * (size_t)image->width + (size_t)i) + (size_t)channel];
    return sum / n;
}

double test_pictures_differ(const gr_image *a, const gr_image *b)
{
    double most = 0.0;
    if (a->width != b->width || a->height != b->height)
        return 255.0;
    for (int y = 0; y < a->height; y += 4)
        for (int x = 0; x < a->width; x += 4)
            for (int k = 0; k < 3; k++)
                most = fmax(most, fabs(block(a, x, y, k) - block(b, x, y, k)));
    return most;
}

/* Of 255, in a square of 8 x 8 pixels: letters of another release of the font or of FreeType (2.14 beside 2.12: up to 19.6)
 * stay below it, a line that is missing does not. Where the font is another one, letters differ more. */
double test_golden_tolerance(void)
{
    return gr_path_exists("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf") ? 24.0 : 80.0;
}

void test_golden(const char *name, const void *png, size_t size, gr_image *picture)
{
    const char *write = getenv("GRIMACE_GOLDEN");
    char path[160];
    gr_image golden = {0};
    gr_error err = {0};
    snprintf(path, sizeof path, "tests/golden/%s.png", name);
    if (write != NULL && strcmp(write, "write") == 0)
        assert_int_equal(gr_file_write(path, png, size, &err), GR_OK);
    if (gr_image_decode(png, size, "drawn", picture, &err) != GR_OK || gr_image_read(path, &golden, &err) != GR_OK)
        fail_msg("%s", err.text);
    double difference = test_pictures_differ(picture, &golden);
    if (!(difference < test_golden_tolerance()))
        fail_msg("what is drawn is %.1f of 255 away from %s", difference, path);
    gr_image_free(&golden);
}
