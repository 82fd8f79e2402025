/* Splits: which rows of a manifest train, validate and test, fold by fold. A group (an animal) never has rows in two parts
 * of one fold. Without shuffling the folds are those of scikit-learn 1.2's class of the same name. */
#ifndef GRIMACE_SPLIT_H
#define GRIMACE_SPLIT_H

#include <stdbool.h>

#include "grimace/base.h"
#include "grimace/manifest.h"

typedef enum gr_part { GR_PART_NONE = 0, GR_PART_TRAIN, GR_PART_VAL, GR_PART_TEST } gr_part;
enum { GR_PART_COUNT = 4 };

typedef enum gr_split_scheme {
    GR_SPLIT_LEAVE_ONE_GROUP_OUT = 0, /* a fold per group, named after it, in byte order */
    GR_SPLIT_GROUP_KFOLD,             /* groups onto the lightest fold, largest first */
    GR_SPLIT_STRATIFIED_GROUP_KFOLD,  /* groups where they even the classes out most */
    GR_SPLIT_STRATIFIED_KFOLD,        /* rows, class by class; groups are not looked at: refused when there are any */
    GR_SPLIT_HOLDOUT,                 /* one fold; whole groups where there are groups, else class by class */
    GR_SPLIT_COLUMN                   /* one fold; the manifest's column `split`: train, val or test */
} gr_split_scheme;
enum { GR_SPLIT_SCHEME_COUNT = 6 };

typedef struct gr_split_spec {
    gr_split_scheme scheme;
    int folds;         /* of the k-fold schemes; at least 2 */
    double validation; /* share of the training part (of its groups, where there are groups) that validates, in [0, 1) */
    double test;       /* share of all rows (or groups) that tests, for holdout, in (0, 1) */
    bool shuffle;      /* draw by `seed`; false: the order of the table decides, and `seed` is not used */
    uint64_t seed;
} gr_split_spec;

typedef struct gr_fold {
    const char *name;     /* the group's value, "1".."k", or "0" for the single fold of holdout and column */
    const uint8_t *parts; /* [rows] of gr_part */
} gr_fold;

typedef struct gr_split {
    int64_t rows;
    int fold_count;
    const gr_fold *folds; /* [fold_count] */
    void *memory;
} gr_split;

/* The scheme's name as in a config file ("leave_one_group_out", ...); NULL when out of range. Never fails. */
const char *gr_split_scheme_name(gr_split_scheme scheme);
/* "train", "val", "test", "none". Never fails. */
const char *gr_part_name(gr_part part);

/* Makes the folds of a manifest that was loaded with labels, and with groups where the scheme needs them. *out GIVES
 * (gr_split_free); the manifest is BORROWED only during the call. Refused: a scheme that lacks what it needs, fewer than
 * two groups, fewer groups or members of a class than folds, a fold whose training or test part is empty, a training part
 * with one class only, a group whose name cannot name a folder. What is returned has passed gr_split_verify.
 * Fails: GR_INVALID, GR_NOMEM, GR_INTERNAL. */
gr_status gr_split_make(const gr_manifest *manifest, const gr_split_spec *spec, gr_split *out, gr_error *err) GR_MUST_CHECK;

/* The same by the `split` section and the seed of a config (BORROWED during the call); sentences begin with its file and
 * line. Fails: as gr_split_make. */
gr_status gr_split_open(const struct gr_config *config, const gr_manifest *manifest, gr_split *out,
                        gr_error *err) GR_MUST_CHECK;
void gr_split_free(gr_split *split);

/* Checks the promise: in each fold every row is in exactly one part and no group in two; over the folds of a
 * cross-validation each row tests exactly once. Fails: GR_INTERNAL, naming fold and group. */
gr_status gr_split_verify(const gr_split *split, const gr_manifest *manifest, gr_error *err) GR_MUST_CHECK;

/* How many rows of fold `fold` are in `part`; where `rows` is not NULL they are written there in the manifest's order
 * (room for `split->rows` is enough). Never fails. */
int64_t gr_split_rows(const gr_split *split, int fold, gr_part part, int64_t *rows);

/* Writes `image,<group>,label,fold,part`, one row per image and fold (the group's column only where there are groups; label
 * is the class's name), whole or not at all. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_split_write_csv(const gr_split *split, const gr_manifest *manifest, const char *path,
                             gr_error *err) GR_MUST_CHECK;

#endif
