/* Convolutions of several taps whose pairs go through matrix registers without a left matrix of their own. What is read is
 * rounded once, into planes [32 channels][row][column] that have zeros where the padding is; a tap's rows of the left matrix are
 * then the same pixels a fixed distance on, which a matrix register loads as they lie: neighbouring lines of cache. Private to
 * kernels/K_matrix_taps*.c.
 *
 * Results are numbered along rows of `width` columns, as many as a plane's row has: those behind the last real column are
 * computed (or multiplied with zeros) and left out. Under a stride each pair of remainders of row and column has a plane of its
 * own, so that neighbouring results read neighbouring pixels there too. */
#ifndef GR_MATRIX_TAPS_H
#define GR_MATRIX_TAPS_H

#include "implicit_gemm.h"

#if GR_PAIR_STEP > 1

enum {
    GR_TAPS_RUN = 2 * GR_PAIR_STEP, /* numbers along k in one step: channels of a plane; results that a tile takes at once */
    GR_TAPS_MOST = 49
};

/* How a view's images are cut into bands of rows of results, and how a band's pixels lie. */
typedef struct gr_taps {
    int64_t width, rows, bands; /* of a band: columns of a plane's row, rows of results; bands of an image */
    int64_t results;            /* rows * width up to whole steps */
    int64_t plane, planes;      /* pixels of a plane; planes of a band for the same channels, one behind another */
    int64_t count, shift[GR_TAPS_MOST]; /* taps; pixels from result 0 to what it reads through each */
} gr_taps;

/* Bands of at most `rows` rows, as equal as can be. */
gr_taps GR_KERNEL(gr_taps_make)(const gr_view *v, int64_t rows);

/* Numbers of a band's planes for the same channels. */
static inline int64_t gr_taps_words(const gr_taps *t)
{
    return t->plane * t->planes * GR_TAPS_RUN;
}

/* The planes of one band as out[channels / 32][plane][pixel][32], of the source's channels from `channel` on; `channels` is a
 * multiple of 32, each of which lie `apart` behind those before. */
void GR_KERNEL(gr_taps_fill)(const gr_view *v, const gr_taps *t, const gr_source *s, int64_t image, int64_t band, int64_t channel,
                             int64_t channels, uint16_t *out, int64_t apart);

size_t GR_KERNEL(gr_taps_product_scratch)(const gr_conv_problem *p, gr_direction d, int threads);
int64_t GR_KERNEL(gr_taps_product_stat_blocks)(const gr_conv_problem *p, gr_direction d);
void GR_KERNEL(gr_taps_product_run)(const gr_conv_problem *p, gr_direction d, const gr_conv_args *args);
void GR_KERNEL(gr_taps_product_describe)(const gr_conv_problem *p, gr_direction d, char *text, size_t size);

size_t GR_KERNEL(gr_taps_weight_scratch)(const gr_conv_problem *p, int threads);
void GR_KERNEL(gr_taps_weight_run)(const gr_conv_problem *p, const gr_conv_args *args);
void GR_KERNEL(gr_taps_weight_describe)(const gr_conv_problem *p, char *text, size_t size);

extern const gr_conv_algorithm GR_KERNEL(gr_matrix_taps);

#endif
#endif
