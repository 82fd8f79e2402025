/* Pieces of results.json and of CSV tables, for the files that hold more. */
#ifndef GR_RUN_WRITE_PIECES_H
#define GR_RUN_WRITE_PIECES_H

#include <jansson.h>

#include "base/base.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "grimace/results.h"

/* [low, high]; an object of all metrics by name (`of_class`: those that one class
 * against the rest has); one fold or all together; the whole of results.json. Each GIVES a reference, NULL when memory is
 * short. */
json_t *gr_eval_interval(gr_interval interval);
json_t *gr_eval_values(const double *values, bool of_class);
json_t *gr_eval_metrics(const gr_results *results, const gr_metrics *metrics);
json_t *gr_eval_results(const gr_results *results);
/* Adds to `root` what results.json has of classes from "classes" to "averaged": all but the name and what is reported. 0 when all
 * went well, as jansson's own functions. */
int gr_eval_add_classes(json_t *root, const gr_results *results);
/* Adds the numbers that know of the order of classes, which stand behind those of classes. Likewise. */
int gr_eval_add_ordinal(json_t *to, const double *values);
/* {"epoch", "epochs", "metric", "value"}, or null where there are no epochs. */
json_t *gr_eval_kept(const gr_kept *kept);
/* Writes `root` (TAKES; NULL: memory was short) as FOLDER/NAME: indented, 17 digits. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_eval_write_json(json_t *root, const char *folder, const char *name, gr_error *err) GR_MUST_CHECK;
/* Writes `text` (emptied) as FOLDER/NAME; or as `path`. Fails: likewise. */
gr_status gr_eval_write_text(gr_text *text, const char *folder, const char *name, gr_error *err) GR_MUST_CHECK;
gr_status gr_eval_finish(gr_text *text, const char *path, gr_error *err) GR_MUST_CHECK;

/* The columns `image,<group>,fold` with which a table of predictions begins, without a comma behind them: their names, and a row's
 * fields. NULL (no group column, no fold's name): left out. */
void gr_eval_head_names(gr_text *out, const char *group_column, bool with_folds);
void gr_eval_head(gr_text *out, const char *image, const char *group, const char *fold);

/* The header and one row of predictions.csv of classes, without the line's end. */
void gr_eval_prediction_header(const gr_predictions *predictions, gr_text *out);
void gr_eval_prediction_row(const gr_predictions *predictions, int64_t row, gr_text *out);

/* A name in a table: how wide it is printed, cut to 24 characters; and so in a column of `column`, to the left or to the right. */
int gr_eval_name_width(const char *name);
void gr_eval_put_name(gr_text *out, const char *name, int column, bool right);

#endif
