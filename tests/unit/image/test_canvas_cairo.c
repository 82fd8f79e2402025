/* PDF and PNG by cairo: sizes, places, colours; the PDF without a date. */
#include <stdlib.h>
#include <string.h>

#include "support/drawing.h"
#include "support/support.h"

static void expect(const gr_image *image, double x_mm, double y_mm, int red, int green, int blue)
{
    int x = (int)(x_mm * image->width / 60.0), y = (int)(y_mm * image->height / 40.0);
    const uint8_t *p = image->pixels + 3 * ((size_t)y * (size_t)image->width + (size_t)x);
    const int wanted[] = {red, green, blue};
    for (int k = 0; k < 3; k++)
        if (abs(p[k] - wanted[k]) > 3)
            fail_msg("at %g, %g mm: %d %d %d", x_mm, y_mm, p[0], p[1], p[2]);
}

static void everything_is_in_its_place(void **state)
{
    (void)state;
    gr_text png = {0};
    gr_image image = {0};
    gr_error err = {0};
    test_draw_all(GR_CANVAS_PNG, 254.0, NULL, &png);
    assert_int_equal(gr_image_decode(png.data, png.size, "drawing", &image, &err), GR_OK);
    assert_int_equal(image.width, 600);
    assert_int_equal(image.height, 400);
    expect(&image, 58, 18, 255, 255, 255);
    expect(&image, 35, 7, 0xf2, 0xcf, 0x7f);  /* half of orange */
    expect(&image, 10, 8, 0x56, 0xb4, 0xe9);  /* within the triangle */
    expect(&image, 17.5, 10, 255, 255, 255);  /* the gap of the line */
    expect(&image, 50, 8, 0x99, 0xd8, 0xc7);  /* 0.4 of green */
    expect(&image, 50, 4, 0xcc, 0x79, 0xa7);  /* its edge */
    expect(&image, 41, 25, 0x7f, 0xb8, 0xd8); /* half of blue, though two dots lie near */
    expect(&image, 55, 25, 255, 255, 255);    /* beyond the clip */
    expect(&image, 7, 26, 255, 0, 0);
    expect(&image, 11, 26, 0, 160, 0);
    expect(&image, 11, 30, 255, 255, 0);
    expect(&image, 16.2, 28, 0, 0, 0);
    gr_image_free(&image);
    gr_text_free(&png);
}

static bool holds(const gr_text *bytes, const char *word)
{
    return memmem(bytes->data, bytes->size, word, strlen(word)) != NULL;
}

static void files_say_what_they_are(void **state)
{
    (void)state;
    gr_text png = {0}, pdf = {0};
    test_draw_all(GR_CANVAS_PNG, 254.0, NULL, &png);
    assert_non_null(memmem(png.data, png.size, "pHYs\0\0\x27\x10", 8)); /* 10000 a metre */
    assert_true(holds(&png, "A <title> & more"));
    assert_true(holds(&png, "What it \"shows\""));
    test_draw_all(GR_CANVAS_PDF, 0.0, NULL, &pdf);
    assert_true(gr_starts_with(pdf.data, "%PDF-"));
    assert_true(holds(&pdf, "/Title (A <title> & more)"));
    assert_true(holds(&pdf, "/FontFile2") || holds(&pdf, "/FontFile3") || holds(&pdf, "/FontFile"));
    assert_false(holds(&pdf, "CreationDate"));
    gr_text_free(&png);
    gr_text_free(&pdf);
}

static void a_picture_has_limits(void **state)
{
    (void)state;
    gr_canvas *c;
    gr_error err = {0};
    gr_canvas_options o = {.kind = GR_CANVAS_PNG, .width = 2000.0, .height = 2000.0, .dpi = 2400.0};
    assert_int_equal(gr_canvas_open(&o, &c, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "16384"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(everything_is_in_its_place),
                                       cmocka_unit_test(files_say_what_they_are), cmocka_unit_test(a_picture_has_limits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
