/* predictions.csv read back: of a run, or a table that someone else made. */
#ifndef GR_RUN_PREDICTIONS_H
#define GR_RUN_PREDICTIONS_H

#include "formats/csv.h"
#include "grimace/config.h"
#include "grimace/eval.h"

/* A table of test predictions, rows in the file's order; all strings live as long as it. */
typedef struct gr_prediction_table {
    gr_predictions predictions; /* without a column `fold`: one fold, "all" */
    char *path;                 /* of the file */
    gr_config *config;          /* of the run, or defaults and overrides; NULL from gr_predictions_read */
    bool of_run;                /* `config` is that of a run */
    int positive;               /* data.positive of the config, else the last class */
    gr_csv *csv;
    const char **images, **groups, **folds, **classes; /* what `predictions` points to */
    int32_t *fold, *labels, *predicted;
    float *probabilities;
} gr_prediction_table;

/* Reads the table `path`: columns image, label, predicted and p_CLASS... (the classes in that order), `fold` or none, and a
 * group or none: the column between image and fold. GIVES *out (gr_prediction_table_free).
 * Fails: GR_INVALID ("FILE:LINE: column: ..."), GR_NOMEM. */
gr_status gr_predictions_read(const char *path, gr_prediction_table *out, gr_error *err) GR_MUST_CHECK;
/* Likewise predictions.csv and config.yaml of the run `path`, a folder; or the table `path`, a file, with the defaults of a
 * config whose data.group is the table's group. overrides[count] as in gr_config_load.
 * Fails: GR_INVALID (also a data.positive that is no class), GR_NOMEM. */
gr_status gr_predictions_open(const char *path, const char *const *overrides, int count, gr_prediction_table *out,
                              gr_error *err) GR_MUST_CHECK;
void gr_prediction_table_free(gr_prediction_table *table);
/* The line of the file on which row `row` begins. Never fails. */
long long gr_predictions_line(const gr_prediction_table *table, int64_t row);

#endif
