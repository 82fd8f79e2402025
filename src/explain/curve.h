/* How an answer changes while the pixels that a map calls the most important ones are exchanged, step by step. */
#ifndef GR_EXPLAIN_CURVE_H
#define GR_EXPLAIN_CURVE_H

#include "explain/trial.h"

enum { GR_CURVE_STEPS = 32, GR_CURVE_POINTS = GR_CURVE_STEPS + 1 };

/* Writes the order[count] of pixels: the largest number of the map first, the earlier one among equals. Fails: GR_NOMEM. */
gr_status gr_curve_order(const float *map, int64_t count, int64_t *order, gr_error *err) GR_MUST_CHECK;
/* Writes numbers[n, 1 + GR_CURVE_POINTS] of each image: the area below the curve (trapezoids over the share of pixels), and
 * the curve: at point k the first k / GR_CURVE_STEPS of the pixels are those of to[i] and the others of from[i], where
 * `from` and `to` are [n, S, S, C]; NULL: zeros. One of the two is images->pixels. Fails: GR_NOMEM, GR_INVALID. */
gr_status gr_curve_draw(const gr_trial_images *images, const gr_trial_maps *maps, const float *from, const float *to,
                        double *numbers, gr_error *err) GR_MUST_CHECK;
/* Writes out[size, size, channels]: `in` blurred by a Gaussian with this standard deviation in pixels, cut off at three of
 * them, mirrored at the border. Fails: GR_NOMEM. */
gr_status gr_curve_blur(const float *in, int64_t size, int64_t channels, double sigma, float *out,
                        gr_error *err) GR_MUST_CHECK;

#endif
