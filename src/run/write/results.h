/* What gr_results_write and gr_results_table do with the results of one task. */
#ifndef GR_RUN_WRITE_RESULTS_H
#define GR_RUN_WRITE_RESULTS_H

#include "grimace/results.h"
#include "run/write/pieces.h"

/* Each writes FOLDER/results.json and FOLDER/results.csv (classes with results->averaged: FOLDER/results_averaged.csv too).
 * Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_class_results_write(const gr_results *results, const char *folder, gr_error *err) GR_MUST_CHECK;
gr_status gr_label_results_write(const gr_results *results, const char *folder, gr_error *err) GR_MUST_CHECK;
gr_status gr_landmark_results_write(const gr_results *results, const char *folder, gr_error *err) GR_MUST_CHECK;
gr_status gr_box_results_write(const gr_results *results, const char *folder, gr_error *err) GR_MUST_CHECK;
gr_status gr_score_results_write(const gr_results *results, const char *folder, gr_error *err) GR_MUST_CHECK;
/* Each adds its table to `out`. Memory shortage sticks there. Never fails. */
void gr_label_results_table(const gr_results *results, gr_text *out);
void gr_landmark_results_table(const gr_results *results, int columns, gr_text *out);
void gr_box_results_table(const gr_results *results, gr_text *out);
void gr_score_results_table(const gr_results *results, gr_text *out);

#endif
