/* Splits: which rows of a manifest train, validate and test, fold by fold. A group (an animal) never has rows in two parts
 * of one fold. Without shuffling the folds are those of scikit-learn 1.2's class of the same name. */
#ifndef GRIMACE_SPLIT_H
#define GRIMACE_SPLIT_H

#include <stdbool.h>

#include "grimace/base.h"
#include "grimace/manifest.h"
#include "grimace/text.h"

typedef enum gr_part { GR_PART_NONE = 0, GR_PART_TRAIN, GR_PART_VAL, GR_PART_TEST } gr_part;
enum { GR_PART_COUNT = 4 };

typedef enum gr_split_scheme {
    GR_SPLIT_LEAVE_ONE_GROUP_OUT = 0, /* a fold per group, named after it, in the order of the names */
    GR_SPLIT_GROUP_KFOLD,             /* groups onto the lightest fold, largest first */
    GR_SPLIT_STRATIFIED_GROUP_KFOLD,  /* groups where they even the classes out most */
    GR_SPLIT_STRATIFIED_KFOLD,        /* rows, class by class; groups are not looked at: refused when there are any */
    GR_SPLIT_HOLDOUT,                 /* one fold; the classes' shares kept, with whole groups where there are groups */
    GR_SPLIT_COLUMN,                  /* one fold; the manifest's column `split`: train, val or test */
    GR_SPLIT_LAST_ROWS, /* this and below: one fold; what Keras's validation_split takes tests (src/data/keras_split.c) */
    GR_SPLIT_FIRST_ROWS,
    GR_SPLIT_FIRST_OF_EACH_CLASS,
    GR_SPLIT_LAST_OF_LIST
} gr_split_scheme;
enum { GR_SPLIT_SCHEME_COUNT = 10 };

typedef struct gr_split_spec {
    gr_split_scheme scheme;
    int folds;   /* of the k-fold schemes; at least 2 */
    int repeats; /* of the k-fold schemes, each drawn anew, which needs `shuffle`; 0 and 1: once */
    const char
        *stratify;     /* the column whose values are evened out instead of the classes; with the schemes that even nothing
                        * out, it is for the validation part alone. NULL: the classes. BORROWED during gr_split_make */
    double validation; /* share of the training part (of its groups, where there are groups) that validates, in [0, 1) */
    double test;       /* share of all rows (or groups) that tests, for holdout and Keras's four, in (0, 1) */
    bool shuffle;      /* draw by `seed`; false: the order of the table decides, and `seed` is not used */
    uint64_t seed;
} gr_split_spec;

typedef struct gr_fold {
    const char *name;     /* the group's value, "1".."k", with repeats "1.1".."R.k" (the repeat stands first), or
                           * "0" for the single fold of holdout and column */
    const uint8_t *parts; /* [units] of gr_part: what is divided as a whole, a group where there are groups, has one */
    const int32_t *units; /* [rows], the unit of each row; NULL: each row is one of its own */
} gr_fold;

/* The part that row `row` has in the fold. Never fails. */
static inline gr_part gr_fold_part(const gr_fold *fold, int64_t row)
{
    return (gr_part)fold->parts[fold->units != NULL ? fold->units[row] : row];
}

typedef struct gr_split {
    int64_t rows;
    int repeats;          /* at least 1: the folds of each repeat stand together */
    int fold_count;       /* of all repeats */
    const gr_fold *folds; /* [fold_count] */
    void *memory;
} gr_split;

/* The scheme's name as in a config file ("leave_one_group_out", ...); NULL when out of range. Never fails. */
const char *gr_split_scheme_name(gr_split_scheme scheme);
/* "train", "val", "test", "none". Never fails. */
const char *gr_part_name(gr_part part);

/* Makes the folds of a manifest that was loaded with groups where the scheme needs them; without labels, all rows are of one
 * class. *out GIVES
 * (gr_split_free); the manifest is BORROWED only during the call. A validation part is `validation` of the fold's training
 * groups or rows; where the scheme stratifies, or `stratify` is set, groups are chosen as StratifiedGroupKFold would: with n
 * folds over the training part, those of k neighbouring folds, k / n being near the share (0.2: 1 of 5). holdout takes its
 * test part likewise. Refused: a scheme that lacks what it needs, repeats that would all be the same, fewer than two groups,
 * fewer groups than folds, or fewer members of each class, a fold whose training or test part is empty, a training part with
 * one class only, a group whose name cannot name a folder. What is returned has passed gr_split_verify.
 * Fails: GR_INVALID, GR_NOMEM, GR_INTERNAL. */
gr_status gr_split_make(const gr_manifest *manifest, const gr_split_spec *spec, gr_split *out, gr_error *err) GR_MUST_CHECK;

/* Frees all that a split holds, and empties it. Never fails. */
void gr_split_free(gr_split *split);

/* The folds of `split`, which is of `whole`, for a table with some of its rows, known by their images (all BORROWED): each
 * row has the part that it has there, and a fold in which none of them trains or none tests is left out. *out GIVES
 * (gr_split_free). Fails: GR_INVALID (a row that `whole` has not; no fold is left), GR_NOMEM. */
gr_status gr_split_restrict(const gr_split *split, const gr_manifest *whole, const gr_manifest *some, gr_split *out,
                            gr_error *err) GR_MUST_CHECK;

/* Leaves `share` of each fold's training groups, where there are no groups of its rows, rounded up, and with them so many more that
 * two classes are there; the others are in no part (GR_PART_NONE). Which ones stay follows from `seed` and their names, so that a
 * smaller share is within a larger one, whatever the fold. `split` stands behind gr_split_make's checks already; `manifest` is
 * its own (BORROWED). Fails: GR_INVALID (a share beyond (0, 1]), GR_NOMEM; the split is then as before. */
gr_status gr_split_thin(gr_split *split, const gr_manifest *manifest, double share, uint64_t seed,
                        gr_error *err) GR_MUST_CHECK;

/* Checks the promise: in each fold every row is in exactly one part and no group in two; over the folds of a
 * cross-validation, or of each repeat of one, each row tests exactly once; extra rows only train. Fails: GR_INTERNAL, naming
 * fold and group. */
gr_status gr_split_verify(const gr_split *split, const gr_manifest *manifest, gr_error *err) GR_MUST_CHECK;

/* How many rows of fold `fold` are in `part`; where `rows` is not NULL they are written there in the manifest's order
 * (room for `split->rows` is enough). Never fails. */
int64_t gr_split_rows(const gr_split *split, int fold, gr_part part, int64_t *rows);

/* Is splits.csv compact where the config's split.write is `form` (NULL: above a million rows)? Never fails. */
bool gr_split_compact(const gr_split *split, const char *form);

/* Adds the text of splits.csv, as below, to `out`; memory shortage sticks there. Never fails. */
void gr_split_csv(const gr_split *split, const gr_manifest *manifest, bool compact, gr_text *out);

/* Writes `image,<group>,label,fold,part`, one row per image and fold (the group's column only where there are groups; label
 * is the class's name; without rows that are in no part), whole or not at all. `compact` leaves out the rows of train, which are
 * the rest: rows in no part are then written as `none`, and an image that is in train of all folds has a row in the first.
 * Memory does not grow with the folds. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_split_write_csv(const gr_split *split, const gr_manifest *manifest, bool compact, const char *path,
                             gr_error *err) GR_MUST_CHECK;

/* What the rows of a splits.csv, in either form, say by themselves. */
typedef struct gr_split_proof {
    int64_t rows;
    int64_t torn_groups, torn_images; /* with rows in two parts of one fold, counted once a fold */
    char first[400];                  /* the first of them in words: "animal rat1 is in test and in train of fold 2" */
} gr_split_proof;

/* Counts them in text[size] (with a NUL behind it; TAKEN), or for NULL in the file at `path`; `group` names the group's
 * column, NULL: there is none. Nothing is known here but the rows, so that 0 proves the promise of what trains and tests by
 * them. Fails: GR_INVALID (no such table), GR_NOMEM. */
gr_status gr_split_prove(const char *path, char *text, size_t size, const char *group, gr_split_proof *out,
                         gr_error *err) GR_MUST_CHECK;

#endif
