/* predictions.csv read back: of a run, or a table that someone else made. */
#ifndef GR_RUN_PREDICTIONS_H
#define GR_RUN_PREDICTIONS_H

#include "formats/csv.h"
#include "grimace/config.h"
#include "grimace/multilabel.h"

/* What a table of predictions holds. */
typedef enum gr_table_kind {
    GR_TABLE_CLASSES = 0, /* label,predicted,p_CLASS... */
    GR_TABLE_SCORES,      /* label,predicted, both numbers; or for each column label_NAME,predicted_NAME */
    GR_TABLE_LABELS       /* for each column label_NAME,predicted_NAME,p_NAME_CLASS... */
} gr_table_kind;

/* A table of test predictions, rows in the file's order; all strings live as long as it. Without a column `fold` there is one fold,
 * "all". */
typedef struct gr_prediction_table {
    gr_table_kind kind;
    int64_t count;
    gr_predictions predictions;  /* of classes; `ordered` as the run's task says */
    gr_score_predictions scores; /* of scores, whose total is not read but made anew */
    gr_label_predictions labels; /* of several columns of classes; likewise */
    const char *const *images;   /* [count] */
    const char *group_column;    /* NULL: no groups */
    const char *const *groups;   /* [count] */
    int fold_count;
    const char *const *folds;    /* names */
    const int32_t *fold;         /* [count], index in folds */
    char *path;                  /* of the file */
    gr_config *config;           /* of the run, or defaults and overrides; NULL from gr_predictions_read */
    bool of_run;                 /* `config` is that of a run */
    int positive;                /* of classes: data.positive of the config, that of a results.json beside a table, the last */
    gr_csv *csv;
    gr_arena *arena; /* what all of these point to */
} gr_prediction_table;

/* Reads the table `path`: columns image, those of one kind (classes in the order of the columns), `fold` or none, and a
 * group or none: the column between image and fold. An empty label of scores or of several columns is one that is not known.
 * In a table with a column `models` (`grimace evaluate`) rows without an answer, or with something in `error`, are left out,
 * and those without a label of one column of classes.
 * GIVES *out (gr_prediction_table_free).
 * Fails: GR_INVALID ("FILE:LINE: column: ..."; a table of landmarks), GR_NOMEM. */
gr_status gr_predictions_read(const char *path, gr_prediction_table *out, gr_error *err) GR_MUST_CHECK;
/* Likewise predictions.csv and config.yaml of the run `path`, a folder; or the table `path`, a file, with the defaults of a
 * config whose data.group is the table's group. overrides[count] as in gr_config_load.
 * Fails: GR_INVALID (also a data.positive that is no class), GR_NOMEM. */
gr_status gr_predictions_open(const char *path, const char *const *overrides, int count, gr_prediction_table *out,
                              gr_error *err) GR_MUST_CHECK;
void gr_prediction_table_free(gr_prediction_table *table);
/* The classes of the table and how many; none of scores. Never fails. */
const char *const *gr_predictions_classes(const gr_prediction_table *table, int *count);
/* The line of the file on which row `row` begins. Never fails. */
long long gr_predictions_line(const gr_prediction_table *table, int64_t row);

#endif
