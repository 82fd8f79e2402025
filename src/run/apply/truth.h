/* What a table says is true of its images, in the terms of a model: wrong cells are told, and no row is lost for one. */
#ifndef GR_RUN_TRUTH_H
#define GR_RUN_TRUTH_H

#include "grimace/config.h"
#include "learners/card.h"
#include "run/apply/ask.h"

typedef struct gr_truth {
    gr_manifest
        manifest; /* the table's rows (gr_ask.row) with the classes, labels, values and groups of the task; BORROWS */
    const char **problems; /* [ask->count]: what is wrong with the label or group of a row; NULL: nothing */
    bool *known;           /* [ask->count]: it has a label that is right, and may be judged */
    bool *whose;           /* [ask->count]: its group is known, or there are no groups */
    const char *own[66];   /* columns of the table that are read here: labels and group */
    int own_count;
    gr_arena *arena;
} gr_truth;

/* Reads the columns that `options` (of the config, for its task) names. GIVES *out (gr_truth_close); `ask` and `card` must
 * outlive it. Fails: GR_INVALID (no such column), GR_NOMEM. */
gr_status gr_truth_read(const gr_ask *ask, const gr_manifest_options *options, const gr_card *card, gr_truth *out,
                        gr_error *err) GR_MUST_CHECK;
void gr_truth_close(gr_truth *truth);

#endif
