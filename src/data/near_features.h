/* Pictures that hold parts of each other, which prints of whole pictures do not tell: features propose pairs, prints decide. */
#ifndef GR_DATA_NEAR_FEATURES_H
#define GR_DATA_NEAR_FEATURES_H

#include "data/near_pairs.h"

/* So many nearest ones of each picture are looked at. */
enum { GR_NEAR_PROPOSALS = 20 };

/* GIVES (gr_free) *out, *count pairs of prints[rows] in the order of their rows, without repetition: of those that wanted(ctx,
 * first, second) asks for, each picture's nearest by the cosine of features[rows, width] (each less its mean, over its standard
 * deviation), as far as gr_print_within finds one in the other. `correlation` is what it finds. Rows without a print are passed
 * over. Fails: GR_NOMEM. */
gr_status gr_near_features(const gr_print *prints, const float *features, int64_t rows, int64_t width,
                           bool (*wanted)(const void *ctx, int64_t first, int64_t second), const void *ctx, gr_near_pair **out,
                           int64_t *count, gr_error *err) GR_MUST_CHECK;

#endif
