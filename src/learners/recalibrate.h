/* Batch norm's running statistics after training: computed anew, or only judged. */
#ifndef GR_LEARNERS_RECALIBRATE_H
#define GR_LEARNERS_RECALIBRATE_H

#include "learners/trainer_private.h"

/* Sets the running statistics of every batch norm that was trained to the means of its batches' own over one pass of the
 * training images (as torch.optim.swa_utils.update_bn), the other parameters as they are. Says so where there is none.
 * Fails: GR_INTERRUPTED (nothing is changed) and as gr_trainer_next. */
gr_status gr_trainer_recalibrate(gr_trainer *t, gr_error *err) GR_MUST_CHECK;
/* Judges some validation images (looks->rows, where there are none; then looks->trained is taken) with the running statistics as
 * they are and with those of some training batches, and writes both to the fold's batch_norm.json, unless no batch norm was
 * trained; parameters stay as they are. Fails: likewise; GR_IO. */
gr_status gr_trainer_judge_norms(gr_trainer *t, gr_looks *looks, gr_error *err) GR_MUST_CHECK;

#endif
