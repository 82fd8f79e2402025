/* Landmarks evaluated: how far predicted points lie from true ones, for each landmark, fold and all together. L
 * landmarks; coordinates are pairs x, y. */
#ifndef GRIMACE_LANDMARKS_H
#define GRIMACE_LANDMARKS_H

#include "grimace/eval.h"

/* What the error of landmarks is called in a run's files, and where a config or a paper names it. */
#define GR_LANDMARK_METRIC "nrmse"

typedef struct gr_landmark_error {
    double nrmse;     /* a share of the normalising length: times 100 is the paper's percent; NaN without images */
    double pixels;    /* mean distance, in the unit of the coordinates; NaN without images */
    int64_t images;   /* that count in nrmse */
    int64_t left_out; /* whose normalising length is zero or not known: they count in `pixels` only */
} gr_landmark_error;

/* The distance |t_from - t_to| in truth[L, 2] of one image; `from` and `to` count from 0 (FelineGrimace's landmarks 33 and
 * 34 are 32 and 33). NaN where one of them is not known. Never fails. */
double gr_landmark_length(const float *truth, int from, int to);

/* Normalised error of landmarks (FelineGrimace: Steagall et al. 2023, Sci. Rep. 13, its equation of the NRMSE): the mean
 * over images k and their known landmarks i of |p_ik - t_ik| / lengths[k]. predicted[images, L, 2] and truth of the same
 * shape, NaN where a landmark is not known, hold x, y in one unit with lengths[images]; all BORROWED. each[L] (or NULL)
 * receives the mean of each landmark alone, NaN where there is none. Never fails. */
void gr_landmark_nrmse(const float *predicted, const float *truth, const double *lengths, int64_t images, int landmarks,
                       gr_landmark_error *out, double *each);

/* Groups of landmarks, such as those that tell of one action unit; a landmark may be in several, or in none. */
typedef struct gr_landmark_groups {
    int count;
    const char *const *names; /* [count] */
    const bool *member;       /* [count, L] */
} gr_landmark_groups;

/* The test predictions of a run, or those of `grimace predict`; everything BORROWED. Rows are written in the order given. */
typedef struct gr_landmark_predictions {
    int64_t count;
    int landmarks;
    int fold_count;            /* 0: none are named */
    const char *const *folds;  /* [fold_count], names */
    const char *group_column;  /* NULL: no groups */
    const char *const *images; /* [count], as the manifest spells them */
    const char *const *groups; /* [count]; NULL: no groups */
    const int32_t *fold;       /* [count], index in folds */
    const float *coordinates;  /* [count, L, 2] in pixels of the decoded image */
    const float *truth;        /* the same, NaN where not known; NULL: unknown */
    const double *lengths;     /* [count], normalising; beside `truth` */
    gr_landmark_groups units;  /* count 0: none */
} gr_landmark_predictions;

typedef struct gr_landmark_results {
    int landmarks;
    char *normalised_by;      /* in words: "the distance between landmarks 33 and 34" */
    gr_landmark_error *folds; /* [fold_count of gr_results] */
    gr_landmark_error pooled; /* over all predictions together */
    double *each;             /* [fold_count + 1, L]: nrmse of each landmark in each fold, then pooled */
    double mean[2], std[2];   /* of nrmse and pixels over the folds where they are defined; std with n - 1 */
    int units;                /* action units; 0: none were asked for */
    char **unit_names;        /* [units] */
    int *unit_sizes;          /* [units], landmarks of each */
    double *of_unit;          /* [fold_count + 1, units]: nrmse of the landmarks of each, over images and landmarks alike */
} gr_landmark_results;

/* Evaluates fold by fold and pooled. *out GIVES (gr_results_free) with out->landmarks, and keeps nothing of what is
 * BORROWED. Fails: GR_NOMEM. */
gr_status gr_landmark_results_make(const char *name, const gr_landmark_predictions *predictions, const char *normalised_by,
                                   gr_results *out, gr_error *err) GR_MUST_CHECK;
void gr_landmark_results_free(gr_landmark_results *results);

#endif
