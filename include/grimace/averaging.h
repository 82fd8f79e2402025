/* Several images decided as one: the probabilities of the images of one animal at one time point are averaged, then the
 * class is chosen (BlackMice: Andresen et al. 2020, PLoS ONE 15, e0228059, its Table 2d); or the mean of their scores. */
#ifndef GRIMACE_AVERAGING_H
#define GRIMACE_AVERAGING_H

#include "grimace/curves.h"
#include "grimace/scores.h"

/* Averaged predictions, a row for each unit: the images of one fold and one group with the same value of a column. */
typedef struct gr_averaged {
    gr_predictions predictions; /* `images` are the units' names, "GROUP VALUE"; folds, groups and classes are BORROWED */
    const char *column;         /* BORROWED */
    const char **values;        /* [count], of the column; BORROWED */
    int64_t *sizes;             /* [count]: images of the unit */
    void *memory;
} gr_averaged;

/* Averages `predictions` (BORROWED, with labels, folds and probabilities) over the rows whose values[predictions->count] of
 * `column` (BORROWED) are the same in one fold and one group. Units stand in the order of their first rows; sums are of
 * doubles in the order of rows. *out GIVES (gr_averaged_free). Fails: GR_INVALID (images of one unit have different labels),
 * GR_NOMEM. */
gr_status gr_average_predictions(const gr_predictions *predictions, const char *column, const char *const *values,
                                 gr_averaged *out, gr_error *err) GR_MUST_CHECK;
void gr_averaged_free(gr_averaged *averaged);

/* How a class is chosen from probabilities[class_count]: gr_predict_class or, of classes that stand in order,
 * gr_predict_median (grimace/ordinal.h); gr_average_predictions takes the one that fits predictions->ordered. */
typedef int32_t (*gr_decision)(const float *probabilities, int class_count);
/* Chooses every unit's class anew. Never fails. */
void gr_averaged_decide(gr_averaged *averaged, gr_decision decide);

/* Evaluates `averaged` as results->averaged, which is written and printed with the rest (with the numbers of
 * classes in order where results->ordinal has them): `options` (BORROWED; NULL or count
 * 0: none) is the bootstrap of its pooled numbers, in which a unit counts as an image. Fails: GR_INVALID, GR_NOMEM,
 * GR_INTERNAL. */
gr_status gr_results_average(gr_results *results, const gr_averaged *averaged, const gr_bootstrap_options *options,
                             gr_error *err) GR_MUST_CHECK;

/* Averaged scores, a row for each unit as above. */
typedef struct gr_averaged_scores {
    gr_score_predictions predictions; /* `images` are the units' names; folds, groups and names are BORROWED */
    const char *column;               /* BORROWED */
    const char **values;              /* [count], of the column; BORROWED */
    int64_t *sizes;                   /* [count]: images of the unit */
    void *memory;
} gr_averaged_scores;

/* Averages `predictions` (BORROWED, with labels and folds) likewise: what is predicted is the mean over the unit's images,
 * rounded to a float, what is true the mean of their labels that are known, which may differ. *out GIVES
 * (gr_averaged_scores_free). Fails: GR_NOMEM. */
gr_status gr_average_scores(const gr_score_predictions *predictions, const char *column, const char *const *values,
                            gr_averaged_scores *out, gr_error *err) GR_MUST_CHECK;
void gr_averaged_scores_free(gr_averaged_scores *averaged);

/* gr_results_average of scores. Fails: GR_INVALID, GR_NOMEM, GR_INTERNAL. */
gr_status gr_results_average_scores(gr_results *results, const gr_averaged_scores *averaged,
                                    const gr_bootstrap_options *options, gr_error *err) GR_MUST_CHECK;

#endif
