/* What the folds of a run have predicted, together. */
#ifndef GR_RUN_GATHER_H
#define GR_RUN_GATHER_H

#include "grimace/eval.h"
#include "learners/learner.h"

/* The predictions of all folds for their part, in the order of folds and, within one, of the manifest. */
typedef struct gr_gathered {
    int64_t count;
    const char **images, **groups, **folds; /* of the manifest and the split; groups[count], NULL without groups */
    int32_t *fold;                          /* [count], index in folds */
    int64_t *row;                           /* [count], of the manifest */
    float *predictions;                     /* [count, target->row] */
    gr_kept *kept;                          /* [folds]; who takes it sets it to NULL */
} gr_gathered;

/* The predictions of the folds' test parts; or of their validation parts, as far as there are any, by the models that were
 * tested. All folds must have ended. GIVES (gr_gathered_free). Fails: GR_INVALID, GR_IO, GR_NOMEM, GR_INTERNAL (a fold without
 * a result). */
gr_status gr_gather(const gr_learning *learning, gr_part part, gr_gathered *out, gr_error *err) GR_MUST_CHECK;
void gr_gathered_free(gr_gathered *gathered);

/* The same of classes as what is written and evaluated: BORROWS from the cohort and `gathered`, but for labels and predicted
 * classes, which are new (gr_free). */
gr_status gr_gathered_classes(const gr_cohort *cohort, const gr_gathered *gathered, int32_t (*choose)(const float *, int),
                              bool ordered, gr_predictions *out, gr_error *err) GR_MUST_CHECK;

#endif
