/* Alignment of faces by their landmarks: turned upright and brought to one size. Points are pairs x, y, NaN where one is not
 * known; y grows downwards. A similarity m[6] takes (x, y) to (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]). */
#ifndef GRIMACE_ALIGNMENT_H
#define GRIMACE_ALIGNMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"

/* The similarity without mirroring that takes from[count, 2] to to[count, 2] with the least sum of squares (Umeyama 1991),
 * over the points that are known in both. false: fewer than two of them, or all in one place. */
bool gr_similarity_fit(const float *from, const float *to, int count, double m[6]);

/* The mean shape of faces[images, landmarks, 2] by generalised Procrustes analysis (Gower 1975): each is moved to its
 * middle, scaled to size 1 (the square root of the summed squares), turned to the mean, and the mean is taken again until it
 * stays. Faces with a landmark that is not known are left out. mean[landmarks, 2] has its middle at 0 and size 1, and the
 * faces' mean direction. *used: how many faces. Fails: GR_INVALID (no whole face), GR_NOMEM. */
gr_status gr_procrustes_mean(const float *faces, int64_t images, int landmarks, float *mean, int64_t *used,
                             gr_error *err) GR_MUST_CHECK;

/* A face upright in a square: the middle of landmarks `left` and that of `right` come to lie on one level, `left` on the
 * left, and the box around `frame` fills the square but for `margin` of its longer side on each side. Numbers from 0 on. */
enum { GR_ALIGNMENT_POINTS = 64 };
typedef struct gr_alignment {
    int left[GR_ALIGNMENT_POINTS], right[GR_ALIGNMENT_POINTS], frame[GR_ALIGNMENT_POINTS];
    int left_count, right_count, frame_count;
} gr_alignment;

/* FelineGrimace's (Steagall et al. 2023): turned by landmarks 13, 14 and 17, 18, cut by 3, 10, 29 to 32, 36 and 37. */
extern const gr_alignment gr_alignment_fgs37;
/* Of the eighteen landmarks of rendered faces: turned by the eyes (left in the picture is the animal's right one), cut by
 * ears, nose and cheeks. */
extern const gr_alignment gr_alignment_synth18;

/* m[6] from landmarks to pixels of a side x side image. false: of left, right or frame nothing is known, or all lies in one
 * place. */
bool gr_alignment_fit(const gr_alignment *alignment, const float *landmarks, double margin, double side, double m[6]);

#endif
