/* Local binary patterns (Ojala, Pietikainen and Maenpaa 2002) and their histograms on a grid of cells (Ahonen, Hadid and
 * Pietikainen 2006): what a grey image looks like from near, as one vector. */
#ifndef GRIMACE_LBP_H
#define GRIMACE_LBP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "grimace/base.h"

typedef enum gr_lbp_method {
    GR_LBP_UNIFORM = 0, /* scikit-image's "uniform": the number of ones, or points + 1 when the pattern changes too often */
    GR_LBP_DEFAULT,     /* "default": the pattern as a number, its first point (to the right of the centre) the lowest bit */
    GR_LBP_ROR          /* "ror": the smallest number that a rotation of the pattern makes */
} gr_lbp_method;

/* Its name in a config ("uniform", "default", "ror"), NULL for none; and the other way round, false for no such name. Never
 * fails. */
const char *gr_lbp_method_name(gr_lbp_method method);
bool gr_lbp_method_of(const char *name, gr_lbp_method *out);

typedef struct gr_lbp {
    double radius; /* of the circle, in pixels: above 0, at most 64 */
    int points;    /* on the circle: 4 to 16 */
    int grid;      /* grid x grid cells: 1 to 64 */
    gr_lbp_method method;
} gr_lbp;

/* Values that a code can take: points + 2 for uniform, else 2^points. Never fails. */
int gr_lbp_bins(const gr_lbp *lbp);
/* Numbers of an image: grid * grid * bins. Never fails. */
size_t gr_lbp_features(const gr_lbp *lbp);

/* The code of each pixel of grey [height, width] goes to codes [height, width] (both borrowed). Equal to scikit-image's
 * local_binary_pattern (0.19) on the same bytes: points from the right counter-clockwise, their offsets rounded to five
 * decimals, bilinear between pixels, 0 beyond the border, a one where the point is at least as bright as the centre.
 * Fails: GR_INVALID (a parameter out of range, an empty image). */
gr_status gr_lbp_codes(const uint8_t *grey, int width, int height, const gr_lbp *lbp, uint16_t *codes,
                       gr_error *err) GR_MUST_CHECK;

/* Writes out [grid, grid, bins] (borrowed): for each cell the share of its pixels that have each code, so that a cell sums
 * to one. Cell i of a side of n pixels holds pixels i * n / grid up to, but not, (i + 1) * n / grid, rounded down. Fails:
 * GR_INVALID (as gr_lbp_codes; fewer pixels than cells along a side), GR_NOMEM. */
gr_status gr_lbp_histograms(const uint8_t *grey, int width, int height, const gr_lbp *lbp, float *out,
                            gr_error *err) GR_MUST_CHECK;

#endif
