/* A split under construction, and what is refused of it. */
#ifndef GR_DATA_SPLIT_CHECK_H
#define GR_DATA_SPLIT_CHECK_H

#include "data/strata.h"
#include "grimace/split.h"

/* Everything lives in the arena. */
typedef struct gr_split_maker {
    const gr_manifest *m;
    const gr_split_spec *spec;
    gr_arena *arena;
    int repeats;
    gr_strata strata;
    int fold_count; /* of all repeats */
    gr_fold *folds;
    int64_t units; /* of one fold, which are divided as a whole: groups, or rows */
    uint8_t **parts; /* [fold_count][units] */
    gr_error *err;
} gr_split_maker;

/* Each of these fails with GR_INVALID. */

/* Shares, folds and repeats that no manifest could satisfy; GR_INTERNAL: a scheme that there is not. */
gr_status gr_split_check_numbers(const gr_split_maker *mk) GR_MUST_CHECK;
/* A manifest and strata that the scheme cannot work with. */
gr_status gr_split_check_input(const gr_split_maker *mk) GR_MUST_CHECK;
/* A fold's name becomes the folder RUN/fold-NAME. */
gr_status gr_split_check_folder_name(const gr_split_maker *mk, const char *name) GR_MUST_CHECK;
/* A fold must be able to train and to test. */
gr_status gr_split_check_folds(const gr_split_maker *mk) GR_MUST_CHECK;
bool gr_split_has_part(const uint8_t *parts, int64_t units, gr_part part);

#endif
