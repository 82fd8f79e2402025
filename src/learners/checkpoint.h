/* The checkpoint of a fold: all that is needed to go on as if nothing had happened, or, at its end, its test predictions. */
#ifndef GR_LEARNERS_CHECKPOINT_H
#define GR_LEARNERS_CHECKPOINT_H

#include "base/base.h"
#include "grimace/optim.h"
#include "grimace/weights.h"

/* Where a fold stands: `epoch` is under way (or is the number of epochs when all are done) and `step` steps of it are done;
 * the sums are over the images of those steps. */
typedef struct gr_position {
    int64_t epoch, step, images, correct;
    double loss, ce, prsc;
    double seconds;
} gr_position;

/* What is saved beside arrays. */
typedef struct gr_progress {
    uint64_t fingerprint; /* of everything that the fold's result follows from */
    bool finished;
    gr_position at;
    int64_t optim_steps;
    int64_t schedule_epoch, schedule_bad_epochs, schedule_cooling;
    double schedule_lr, schedule_best;
    const char *metrics; /* the lines of metrics.jsonl so far */
} gr_progress;

/* A named array of floats; one of count 0 is neither written nor looked for. */
typedef struct gr_floats {
    const char *name;
    float *data;
    size_t count;
} gr_floats;

/* Writes progress and arrays[count] (all borrowed) to `path`, whole or not at all. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_checkpoint_write(const char *path, const gr_progress *progress, const gr_floats *arrays, int count,
                              gr_error *err) GR_MUST_CHECK;

/* A checkpoint that was read; owns what `progress` points to. */
typedef struct gr_checkpoint {
    gr_progress progress;
    gr_weights *weights;
    char *metrics;
} gr_checkpoint;

/* Reads it; gives *checkpoint (gr_checkpoint_free). A file that is not as it was written is refused, bit flips included.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_checkpoint_read(const char *path, gr_checkpoint *checkpoint, gr_error *err) GR_MUST_CHECK;
void gr_checkpoint_free(gr_checkpoint *checkpoint);
/* Copies the array of that name and count into array->data. Fails: GR_INVALID (it is not there in this size). */
gr_status gr_checkpoint_take(const gr_checkpoint *checkpoint, const char *path, const gr_floats *array,
                             gr_error *err) GR_MUST_CHECK;

#endif
