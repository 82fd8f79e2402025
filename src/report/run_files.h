/* What figures and reports read: the folder of a run, opened once. What a run does not hold is NULL or empty, and the
 * figures say so. */
#ifndef GR_REPORT_RUN_FILES_H
#define GR_REPORT_RUN_FILES_H

#include <jansson.h>

#include "run/apply/predictions.h"

/* fold-NAME/metrics.jsonl: an object for each epoch. */
typedef struct gr_run_epochs {
    const char *fold; /* its name */
    int64_t count;
    json_t **epochs; /* [count], owned */
} gr_run_epochs;

typedef struct gr_run_files {
    char *path;              /* as given; NULL: numbers alone, without a run */
    bool table_alone;        /* `path` is a table like predictions.csv, not a run's folder */
    const gr_config *config; /* with the defaults where a table stands alone */
    bool predicted;          /* `table` is there */
    gr_prediction_table table;
    gr_error unread;                      /* why not: a sentence that is not about the file's place alone */
    json_t *results, *statistics, *about; /* results.json, statistics.json, about.json; NULL: not there */
    gr_run_epochs *folds;                 /* [fold_count], those with epochs */
    int fold_count;
    gr_config *own; /* `config`, where `table` has none */
    gr_arena *arena;
} gr_run_files;

/* Opens `path`. *out GIVES (gr_run_files_close). Fails: GR_INVALID (no folder of a run and no table of predictions; a file
 * in it that cannot be read as what it is), GR_NOMEM. */
gr_status gr_run_files_open(const char *path, gr_run_files *out, gr_error *err) GR_MUST_CHECK;
void gr_run_files_close(gr_run_files *run);

/* The number `key` of epoch `epoch`, counted from 0; NaN where it is null or not there. Never fails. */
double gr_run_epoch_number(const gr_run_epochs *fold, int64_t epoch, const char *key);

/* Are there predictions of classes in one column (GR_TABLE_CLASSES), scores or several columns? Where not, appends the
 * reason to `why`. Shortage sticks in it. */
bool gr_run_has_predictions(const gr_run_files *run, gr_text *why);
bool gr_run_has_classes(const gr_run_files *run, gr_text *why);
bool gr_run_has_scores(const gr_run_files *run, gr_text *why);

#endif
