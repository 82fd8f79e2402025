/* Enhancements and filters of whole images. `in` and `out` are two images of one size; out's pixels are there already and
 * are all written. */
#ifndef GR_IMAGE_FILTERS_H
#define GR_IMAGE_FILTERS_H

#include "image/image.h"

/* Pillow's ImageEnhance: factor 0 is flat grey, grey, or smooth; 1 is the image; more is more. Fail: GR_NOMEM. */
gr_status gr_image_contrast(const gr_image *in, double factor, gr_image *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_image_colour(const gr_image *in, double factor, gr_image *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_image_sharpness(const gr_image *in, double factor, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* Pillow's ImageFilter.GaussianBlur(radius): three box blurs with fractions of pixels; radius 0..GR_BLUR_MAX. Fails:
 * GR_NOMEM. */
enum { GR_BLUR_MAX = 50 };
gr_status gr_image_blur(const gr_image *in, double radius, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* OpenCV's filters of each channel, edges mirrored without the last pixel (BORDER_REFLECT_101), 3x3:
 *   laplacian: convertScaleAbs(Laplacian(in, CV_16S, ksize=3)); cut: Laplacian(in, CV_8U, ksize=3), negative numbers are 0;
 *   sobel: addWeighted(convertScaleAbs(dx), 0.5, convertScaleAbs(dy), 0.5, 0) of Sobel(in, CV_16S, ..., ksize=3); cut: of
 *   Sobel(in, CV_8U, ...); prewitt: likewise of filter2D with [-1 0 1] thrice. Fail: GR_NOMEM. */
gr_status gr_image_laplacian(const gr_image *in, bool cut, gr_image *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_image_sobel(const gr_image *in, bool cut, gr_image *out, gr_error *err) GR_MUST_CHECK;
gr_status gr_image_prewitt(const gr_image *in, bool cut, gr_image *out, gr_error *err) GR_MUST_CHECK;

/* OpenCV's bilateralFilter(in, diameter, colour, space): all channels together, diameter 1..GR_BILATERAL_MAX, sigmas above
 * 0. *kept is NULL at first, or what an earlier call left there: tables, which are used anew for the same three numbers. They
 * serve one image at a time, and are the caller's to free. Fails: GR_NOMEM. */
enum { GR_BILATERAL_MAX = 31 };
typedef struct gr_bilateral gr_bilateral;
gr_status gr_image_bilateral(const gr_image *in, int diameter, double colour, double space, gr_bilateral **kept, gr_image *out,
                             gr_error *err) GR_MUST_CHECK;
/* Takes NULL. */
void gr_bilateral_free(gr_bilateral *bilateral);

/* The index 0 .. length - 1 that stands for `at` beyond an edge: mirrored, the edge itself once. Never fails. */
int gr_reflect_101(int at, int length);

#endif
