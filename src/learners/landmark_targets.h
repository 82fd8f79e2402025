/* A run for landmarks: from the manifest's points to a batch's targets, and from a network's coordinates back to the image.
 */
#ifndef GR_LEARNERS_LANDMARK_TARGETS_H
#define GR_LEARNERS_LANDMARK_TARGETS_H

#include "base/base.h"
#include "grimace/recipe.h"
#include "grimace/landmarks.h"
#include "grimace/loader.h"
#include "grimace/manifest.h"

typedef struct gr_landmark_targets {
    int count;                   /* L; 0: a run for something else */
    const gr_manifest *manifest; /* borrowed */
    const int *partner;          /* [L]: whose place a landmark takes in a mirrored image */
    int from, to;                /* the two whose distance normalises errors; from < 0: the box or image does */
    const char *normalised_by;   /* in words */
    gr_landmark_groups units;    /* by which errors are told, too; count 0: none */
} gr_landmark_targets;

/* Reads the recipe's flip pairs and normalising distance for a manifest (both BORROWED) with landmarks; everything lives in
 * `arena`. Fails: GR_INVALID (a number above the manifest's landmarks, by its place), GR_NOMEM. */
gr_status gr_landmark_targets_open(const gr_recipe *recipe, const gr_manifest *manifest, gr_arena *arena,
                                   gr_landmark_targets *out, gr_error *err) GR_MUST_CHECK;

/* A landmark of the row that lies beyond its decoded image. Fails: GR_INVALID, by the manifest's line. */
gr_status gr_landmark_targets_check(const gr_landmark_targets *points, int64_t row, const gr_origin *origin,
                                    gr_error *err) GR_MUST_CHECK;

/* How many numbers a prediction is: 2 L coordinates and the length that normalises its error. */
int gr_landmark_targets_outputs(const gr_landmark_targets *points);
/* Writes to[2 L]: where the row's landmarks are in the batch's image of `side` pixels, as shares of it; in a mirrored one
 * under the numbers of their partners; NaN where not known. Never fails. */
void gr_landmark_targets_target(const gr_landmark_targets *points, int64_t row, const gr_origin *origin, int side,
                                float *to);
/* Writes to[gr_landmark_targets_outputs] for shares[2 L] that the network gave: pixels of the decoded image, then the
 * normalising length of the row. Never fails. */
void gr_landmark_targets_predict(const gr_landmark_targets *points, int64_t row, const gr_origin *origin, int side,
                                 const float *shares, float *to);
/* The NRMSE of predictions[count, gr_landmark_targets_outputs] of rows[count]: the mean over known landmarks; NaN where no
 * row has a length that normalises. Never fails. */
double gr_landmark_targets_nrmse(const gr_landmark_targets *points, const int64_t *rows, int64_t count,
                                 const float *predictions);
/* The length that normalises the row's errors; `origin` has the image's size. Never fails. */
double gr_landmark_targets_length(const gr_landmark_targets *points, int64_t row, const gr_origin *origin);
/* As gr_landmark_targets_predict without a row, to[2 count]: pixels of the decoded image. Never fails. */
void gr_landmark_targets_back(const gr_origin *origin, int side, const float *shares, int count, float *to);

#endif
