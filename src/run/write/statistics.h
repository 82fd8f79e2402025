/* The parts of statistics.json and of its tables that have files of their own. */
#ifndef GR_RUN_WRITE_STATISTICS_H
#define GR_RUN_WRITE_STATISTICS_H

#include "grimace/results.h"
#include "run/write/pieces.h"

#define GR_ROC_COLUMNS "class,threshold,false_positive_rate,true_positive_rate"
#define GR_PR_COLUMNS "class,threshold,recall,precision"

/* What gr_statistics_write and gr_statistics_table do with the statistics of one task. Each of the first kind fails:
 * GR_INVALID, GR_IO, GR_NOMEM; memory shortage of the second sticks in `out`. */
gr_status gr_class_statistics_write(const gr_statistics *s, const char *folder, gr_error *err) GR_MUST_CHECK;
gr_status gr_score_statistics_write(const gr_statistics *s, const char *folder, gr_error *err) GR_MUST_CHECK;
gr_status gr_label_statistics_write(const gr_statistics *s, const char *folder, gr_error *err) GR_MUST_CHECK;
void gr_class_statistics_table(const gr_statistics *s, gr_text *out);
void gr_score_statistics_table(const gr_statistics *s, gr_text *out);
void gr_label_statistics_table(const gr_statistics *s, gr_text *out);

/* statistics.json: of any task, of classes, of scores, of several columns of classes. Each GIVES a reference, NULL when memory
 * is short. */
json_t *gr_statistics_json(const gr_statistics *s);
json_t *gr_statistics_classes_json(const gr_statistics *s);
json_t *gr_statistics_agreement_json(const gr_statistics *s);
json_t *gr_statistics_labels_json(const gr_statistics *s);
/* The points of the curves of each class, behind the name of their column of labels where it is not NULL. */
void gr_statistics_put_curves(gr_text *out, const char *label, const gr_statistics *s, const gr_curve *curves);

/* Of s->scores: as JSON (GIVES a reference, null where there are none; NULL when memory is short), and for a reader. */
json_t *gr_statistics_scores_json(const gr_statistics *s);
void gr_statistics_scores_table(const gr_statistics *s, gr_text *out);
/* Its parts, likewise. */
json_t *gr_statistics_correlation_json(const gr_correlation *correlation);
json_t *gr_statistics_line_json(const gr_regression *line);
json_t *gr_statistics_limits_json(const gr_bland_altman *limits);

/* Adds to `to` what is known of one score beside its numbers: "scores" and "permutation". 0 when all went well, as jansson's
 * own functions. */
int gr_statistics_add_agreement(json_t *to, const gr_statistics *s, const gr_score_agreement *agreement);
/* A table of one score under `title`: its numbers with their intervals. `averages` NULL: no mean and deviation over folds.
 */
void gr_statistics_agreement_table(const gr_statistics *s, const char *title, const gr_score_summary *score,
                                   const gr_bootstrap_options *bootstrap, const gr_score_agreement *agreement, bool averages,
                                   gr_text *out);

/* What is to be said below such tables; bootstrap NULL: none was drawn. */
void gr_statistics_score_notes(const gr_statistics *s, int64_t rows, const gr_bootstrap_options *bootstrap, gr_text *out);

/* Cells of the tables: a number or "-", an interval in 18 characters, and a name in 24 (bytes of one character behind its
 * first take no place). */
enum { GR_STATISTICS_NAME = 24, GR_STATISTICS_CELL = 8 };
void gr_statistics_put_number(gr_text *out, int width, double value);
void gr_statistics_put_interval(gr_text *out, gr_interval interval);
void gr_statistics_put_name(gr_text *out, const char *name);

#endif
