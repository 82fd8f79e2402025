/* A trial of maps: is what they say to be trusted? One record of functions a file, and a line in trial_table.h; nothing else
 * asks which trial it is. */
#ifndef GR_EXPLAIN_TRIAL_H
#define GR_EXPLAIN_TRIAL_H

#include "explain/method.h"
#include "explain/trial_table.h"

/* Images that one model explains. */
typedef struct gr_trial_images {
    gr_subject *subject;
    int64_t n;
    const float *pixels;      /* [n, S, S, C] */
    const float *answers;     /* [n, subject->answers], the model's, by which the class was chosen */
    const gr_found *found;    /* [n] */
    const float *seeds;       /* [n, subject->values]: what is explained is their product with the values */
    const gr_origin *origins; /* [n] */
    const double *points;     /* [n, point_count, 2], places in the face in pixels of the decoded image, NaN: not known */
    int point_count;
} gr_trial_images;

/* One method's maps of them. */
typedef struct gr_trial_maps {
    const gr_method *method;
    const gr_explain_options *options;
    const float *maps;    /* [n, S, S] */
    const float *numbers; /* [n, count], the cells, or the maps */
    int64_t count;
} gr_trial_maps;

typedef struct gr_trial {
    const char *name, *summary;
    const char *const *columns; /* [column_count], of the table */
    int column_count;
    int points; /* of a curve, behind the columns' numbers; 0: it has none */
    /* Writes numbers[n, column_count + points], which are NaN: where the trial means nothing they stay so. The subject is as
     * it was afterwards. Fails: GR_NOMEM, GR_INVALID. */
    gr_status (*run)(const gr_trial_images *images, const gr_trial_maps *maps, double *numbers, gr_error *err);
} gr_trial;

#define GR_DECLARE(trial) extern const gr_trial trial;
GR_TRIALS(GR_DECLARE)
#undef GR_DECLARE

/* Trial i; NULL behind the last. Never fails. */
const gr_trial *gr_trial_at(int i);
/* Numbers of an image by all trials: the columns of all, and those with the points of their curves. Never fails. */
int gr_trial_columns(void);
int gr_trial_numbers(void);

#endif
