/* A fold on disk: where it lies, what its result follows from, and its result once it is finished. */
#ifndef GR_LEARNERS_FOLD_H
#define GR_LEARNERS_FOLD_H

#include "grimace/eval.h"
#include "learners/checkpoint.h"
#include "learners/learner.h"

/* The path of `name` in the folder of a fold, or that folder for NULL. GIVES; NULL when memory is short. */
char *gr_fold_path(const gr_learning *learning, int fold, const char *name) GR_MUST_CHECK;
/* A hash of everything that the fold's result follows from. Never fails. */
uint64_t gr_fold_fingerprint(const gr_learning *learning, int fold);
/* Reads a checkpoint of the fold, which this version or an older one wrote; GIVES *checkpoint (gr_checkpoint_free). Fails:
 * GR_INVALID (damaged, or of another run), GR_NOMEM. */
gr_status gr_fold_checkpoint(const char *path, const gr_learning *learning, int fold, gr_checkpoint *checkpoint,
                             gr_error *err) GR_MUST_CHECK;
/* Is the fold finished? Then its test part's predictions [rows of the part, target->row] are copied, and which epoch was
 * tested (NULL: not wanted). Fails: GR_INVALID (a damaged checkpoint, or one of another run), GR_NOMEM. */
gr_status gr_fold_result(const gr_learning *learning, int fold, bool *finished, float *predictions, gr_kept *kept,
                         gr_error *err) GR_MUST_CHECK;
/* The array of a finished fold's checkpoint with the predictions of its validation part, where it has one. */
#define GR_FOLD_VALIDATION "validation_predictions"
/* Copies these predictions [rows of the part, target->row]. *there: false where the fold has none, as in runs of older versions.
 * Fails: as gr_fold_result. */
gr_status gr_fold_validation(const gr_learning *learning, int fold, bool *there, float *predictions, gr_error *err) GR_MUST_CHECK;
/* Tells `event` of fold `fold`, whose name and place it fills in. Never fails. */
void gr_fold_tell(const gr_learning *learning, int fold, gr_event event);

#endif
