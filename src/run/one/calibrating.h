/* evaluate.calibrate at the end of a run, and the predictions of validation parts that it leaves for later. */
#ifndef GR_RUN_CALIBRATING_H
#define GR_RUN_CALIBRATING_H

#include <jansson.h>

#include "grimace/calibration.h"
#include "run/one/gather.h"

typedef struct gr_calibrated {
    json_t *notes;      /* what results.json says of it; NULL: nothing was calibrated */
    char sentence[240]; /* for a reader; "": likewise */
} gr_calibrated;

/* Of a task that has probabilities of classes: writes validation.csv (`held`, where there is anything) into `folder` and,
 * where the config asks for it, predictions_uncalibrated.csv, and maps tests->predictions. A fold's map is fitted on its
 * validation part or, where it has none, on what other folds say (gr_held_rows). Other tasks: does nothing. *out GIVES
 * (gr_calibrated_free). Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_calibrate_gathered(const gr_cohort *cohort, gr_gathered *tests, const gr_gathered *held, const char *folder,
                                gr_calibrated *out, gr_error *err) GR_MUST_CHECK;
/* Adds the notes to FOLDER/results.json. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_calibrated_note(const gr_calibrated *calibrated, const char *folder, gr_error *err) GR_MUST_CHECK;
void gr_calibrated_free(gr_calibrated *calibrated);
/* What a map says of itself: {"n", "temperature"}, or {"n", "slope", "intercept"} of each class, or {"n", "points"}; GIVES.
 */
json_t *gr_calibrator_json(const gr_calibrator *map) GR_MUST_CHECK;

#endif
