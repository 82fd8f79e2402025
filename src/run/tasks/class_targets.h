/* What training sees of classes; ordinal classes share most of it. Each function is a member of gr_target. */
#ifndef GR_RUN_CLASS_TARGETS_H
#define GR_RUN_CLASS_TARGETS_H

#include "learners/card.h"
#include "learners/target.h"

const char *gr_class_number(int i);
bool gr_class_number_falls(int i);
gr_outputs gr_class_outputs(const gr_manifest *manifest);
size_t gr_class_row(const gr_cohort *cohort);
size_t gr_class_width(const gr_card *card);
const gr_value *gr_class_logits(const gr_model *model);
void gr_class_fill(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch);
int64_t gr_class_correct(const gr_cohort *cohort, const gr_model *model, gr_plan *plan, const gr_batch *batch);
void gr_class_take(const gr_cohort *cohort, int fold, const gr_model *model, gr_plan *plan, const gr_batch *batch,
                   float *to);
void gr_class_read(const gr_card *card, const gr_shape *shape, const gr_origin *origin, const float *answer, float *to);
gr_status gr_class_judge(const gr_cohort *cohort, const int64_t *rows, int64_t count, const float *predictions,
                         double *values, gr_error *err) GR_MUST_CHECK;
/* gr_task.defined. */
bool gr_class_defined(const gr_cohort *cohort, int fold, const char *metric);
uint64_t gr_class_hash(const gr_cohort *cohort, int64_t row, uint64_t hash);

#endif
