/* Drawings in tests: one that uses everything, and how a picture is compared. */
#ifndef GR_TEST_DRAWING_H
#define GR_TEST_DRAWING_H

#include "grimace/image.h"
#include "image/canvas.h"

/* GIVES a drawing of 60 x 40 mm that calls every function of the canvas, finished. Fails the test when it cannot. */
void test_draw_all(gr_canvas_kind kind, double dpi, const char *prefix, gr_text *out);

/* How much two pictures of one size differ: the largest difference (0 to 255) between the means of 8 x 8 pixels, so that
 * letters which another release draws a little narrower count little. 255 where the sizes differ. */
double test_pictures_differ(const gr_image *a, const gr_image *b);
/* GIVES (gr_image_free) the picture of a PNG and fails the test where it is not like tests/golden/NAME.png. That file is made anew
 * when GRIMACE_GOLDEN is "write" in the environment, to be looked at before it is kept. */
void test_golden(const char *name, const void *png, size_t size, gr_image *picture);
/* How far letters of another release or another font may be from those of the golden pictures. */
double test_golden_tolerance(void);

#endif
