/* The cross-validation schemes on bare arrays: each tells in which fold a row is tested. */
#ifndef GR_DATA_FOLDS_H
#define GR_DATA_FOLDS_H

#include "base/base.h"

/* What the schemes look at; all arrays are borrowed. */
typedef struct gr_fold_input {
    int64_t rows;
    const int32_t *labels; /* [rows], in [0, class_count): classes in byte order of their names, each with a row */
    int class_count;
    const int32_t *groups; /* [rows], in [0, group_count), in the order of the names (numbers: of their values); NULL: no groups */
    int group_count;
    int folds;
    gr_rng *rng; /* NULL: no shuffling, the folds of scikit-learn 1.2 */
} gr_fold_input;

/* GroupKFold: groups by falling size, each onto the fold with the fewest rows so far; shuffled: groups in random order.
 * Needs folds <= group_count. Writes fold_of[rows] in [0, folds). Fails: GR_NOMEM. */
gr_status gr_folds_group(const gr_fold_input *in, int32_t *fold_of, gr_error *err) GR_MUST_CHECK;

/* StratifiedKFold: the rows of each class are dealt to the folds in runs, sizes differing by one at most.
 * Needs folds <= the members of each class. Fails: GR_NOMEM. */
gr_status gr_folds_stratified(const gr_fold_input *in, int32_t *fold_of, gr_error *err) GR_MUST_CHECK;

/* StratifiedGroupKFold: groups by falling spread of their class counts, each where the classes' shares become most even.
 * Fails: GR_NOMEM, GR_INVALID (more work than a split may cost). */
gr_status gr_folds_stratified_group(const gr_fold_input *in, int32_t *fold_of, gr_error *err) GR_MUST_CHECK;

#endif
