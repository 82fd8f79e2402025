/* What the models of a run say of images: each, their mean, and how far they differ. */
#ifndef GR_RUN_ANSWERS_H
#define GR_RUN_ANSWERS_H

#include "run/apply/predictor.h"

typedef struct gr_answered {
    int64_t count;
    int models;
    size_t width;
    float *each;           /* [models, count, width] */
    float *mean;           /* [count, width], over those that answered */
    int32_t *voices;       /* [count]: how many answered; 0 of an image with a problem */
    double *spread;        /* [count]: standard deviation between them (task->spread); NaN of fewer than two */
    const char **problems; /* [count]; NULL: none; BORROWED from the predictor */
} gr_answered;

/* Asks the models of `predictor`; `positive` is the class that a spread is about. *out GIVES (gr_answered_free).
 * Fails: as gr_predictor_run_all. */
gr_status gr_answers_make(gr_predictor *predictor, const gr_questions *questions, int positive,
                          const volatile sig_atomic_t *stop, gr_answered *out, gr_error *err) GR_MUST_CHECK;
/* Takes images together: unit[count] is each one's unit among `units`, whose answer by a model is the mean of its images'
 * that have one. All models must have been asked about all. *out GIVES. Fails: GR_NOMEM. */
gr_status gr_answers_average(const gr_predictor *predictor, const gr_answered *in, const int64_t *unit, int64_t units,
                             int positive, gr_answered *out, gr_error *err) GR_MUST_CHECK;
void gr_answered_free(gr_answered *answered);

#endif
