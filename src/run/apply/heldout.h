/* What a run says of images that its models did not train on, and what follows from it for new ones: a map of probabilities,
 * a threshold, how sure is sure enough. */
#ifndef GR_RUN_HELDOUT_H
#define GR_RUN_HELDOUT_H

#include "grimace/calibration.h"
#include "learners/model_files.h"
#include "run/apply/trained.h"
#include "run/tasks/task.h"

typedef struct gr_heldout {
    int64_t n; /* predictions; 0: there are none, or the task has no probabilities of one column of classes */
    int64_t passed; /* others, of images that are judged */
    int class_count, positive;
    int32_t *labels, *predicted; /* [n] */
    float *probabilities;        /* [n, class_count], mapped */
    gr_calibrator map;
    const char *source; /* the name of the file that they come from */
} gr_heldout;

/* Reads validation.csv, else predictions_uncalibrated.csv, else predictions.csv of the run that `path` is or whose model it
 * is (then only what that model's fold says), and fits a map of `kind`. `positive`: the class that counts. Predictions of images
 * that are `judged` (NULL: none), by name or group, are passed over, so that no map is fitted on what it is judged by. Where the
 * run has no such table: n is 0. GIVES *out (gr_heldout_close). Fails: GR_INVALID (too few to fit, none to fit on, other classes
 * than the model's, a damaged table), GR_NOMEM. */
gr_status gr_heldout_open(const char *path, const gr_model_files *files, const gr_task *task, gr_calibrator_kind kind,
                          int positive, const gr_asked_images *judged, gr_heldout *out, gr_error *err) GR_MUST_CHECK;
void gr_heldout_close(gr_heldout *heldout);

#endif
