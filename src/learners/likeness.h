/* How far an image lies from those that a model trained on: the Mahalanobis distance of its features from theirs, by a covariance
 * shrunk after Ledoit and Wolf (2004, "A well-conditioned estimator for large-dimensional covariance matrices", eqs. 6 to 12, as
 * scikit-learn's LedoitWolf), and how far images lie that it did not train on.
 *
 * With n images of D features, often fewer than D, all is done by the n x n products of images (Woodbury's identity):
 * for a X'X + b I, z'(...)^-1 z = (z'z - a (Xz)'(b I + a XX')^-1 Xz) / b. */
#ifndef GR_LEARNERS_LIKENESS_H
#define GR_LEARNERS_LIKENESS_H

#include <stdint.h>

#include "base/base.h"

/* Its name in the folder of a fold. */
#define GR_LIKENESS_FILE "likeness.safetensors"

/* At most so many images of each kind are kept, evenly chosen; with fewer than LEAST training images there is no likeness. */
enum { GR_LIKENESS_MOST = 256, GR_LIKENESS_LEAST = 16 };

typedef struct gr_likeness {
    int64_t n, width, held_count;
    float *features;       /* [n, width], of training images */
    float *held;           /* [held_count], distances of images that were not trained on */
    double *mean;          /* [width] */
    double *factor;        /* [n, n], symmetric, below the diagonal Cholesky's of b I + a XX' */
    double *centred;       /* [ceil(n / 8), width, 8]: `features` less `mean`, eight images beside each other */
    double shrinkage, b;   /* 0 to 1; b as above */
    double limit;          /* the 99th percentile of `held` */
} gr_likeness;

/* Copies features[n, width] of training images, n >= 2, and the distances of held[held_count, width] from them.
 * GIVES *out (gr_likeness_free). Fails: GR_NOMEM, GR_INVALID (all images have the same features). */
gr_status gr_likeness_make(const float *features, int64_t n, int64_t width, const float *held, int64_t held_count,
                           gr_likeness *out, gr_error *err) GR_MUST_CHECK;
/* The squared distance of z[width]; scratch[gr_likeness_scratch]. Never fails. */
double gr_likeness_distance(const gr_likeness *likeness, const float *z, double *scratch);
/* How many numbers of scratch memory a distance needs. Never fails. */
size_t gr_likeness_scratch(const gr_likeness *likeness);
/* Writes it to `path`, a safetensors file, or reads it back (GIVES). Fails: GR_INVALID (damaged, absent), GR_IO, GR_NOMEM. */
gr_status gr_likeness_write(const char *path, const gr_likeness *likeness, gr_error *err) GR_MUST_CHECK;
gr_status gr_likeness_read(const char *path, gr_likeness *out, gr_error *err) GR_MUST_CHECK;
void gr_likeness_free(gr_likeness *likeness);

/* Writes to[width] the means over places of values[places, width]: the features of one image. Never fails. */
void gr_likeness_pool(const float *values, int64_t places, int64_t width, float *to);

#endif
