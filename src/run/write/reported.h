/* What a paper reports, in tables and in JSON (include/grimace/reported.h has the numbers themselves). */
#ifndef GR_RUN_WRITE_REPORTED_H
#define GR_RUN_WRITE_REPORTED_H

#include <jansson.h>

#include "base/base.h"
#include "grimace/eval.h"
#include "grimace/reported.h"

enum { GR_REPORTED_CELL = 48 };

/* The metric called `name`, or -1. */
int gr_metric_find(const char *name);

/* One number as a table shows it: "0.7731", "0.8850 +- 0.0220" of a mean, "0.6400 (0.5600 to 0.6900)" with its interval. */
const char *gr_reported_cell(const gr_reported_number *number, char cell[GR_REPORTED_CELL]);

/* {"source", "pooled", "mean", "std", "intervals", "averaged": {the same}, "folds": [{"fold", ...}], "classes": [{"class",
 * ...}]} with the numbers that there are, as results.json names them; JSON's null for NULL. GIVES; NULL when memory is short. */
json_t *gr_reported_json(const gr_reported *reported);

#endif
