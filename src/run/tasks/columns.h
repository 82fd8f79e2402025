/* What the tasks of label columns of a manifest's `values` share: scores, and several columns of classes. */
#ifndef GR_RUN_COLUMNS_H
#define GR_RUN_COLUMNS_H

#include "grimace/config.h"
#include "grimace/manifest.h"
#include "learners/cohort.h"

/* Sets the columns that a config learns at once, data.label where it lists none. */
void gr_columns_read(const gr_config *config, gr_values kind, gr_manifest_options *options);
/* The value of column `column` of a sample (further visits of a row have indices beyond the rows). Never fails. */
double gr_columns_value(const gr_cohort *cohort, int64_t sample, int column);
/* gr_target.hash. */
uint64_t gr_columns_hash(const gr_cohort *cohort, int64_t row, uint64_t hash);
/* Has every fold's training part a known value in every column? Fails: GR_INVALID. */
gr_status gr_columns_known(const gr_cohort *cohort, gr_error *err) GR_MUST_CHECK;

#endif
