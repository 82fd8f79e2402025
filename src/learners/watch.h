/* Early stopping and the best epoch: numbers of the epochs that are watched. All of it follows from the lines of
 * metrics.jsonl, so that no checkpoint needs to hold it. */
#ifndef GR_LEARNERS_WATCH_H
#define GR_LEARNERS_WATCH_H

#include <jansson.h>

#include "grimace/eval.h"
#include "learners/cohort.h"

typedef struct gr_watch {
    const char *metric; /* NULL: nothing is watched */
    bool falls;         /* it gets better by falling */
    double min_delta;
    double best;
    int64_t best_epoch, last_epoch; /* from 1; 0: none yet */
} gr_watch;

/* What train.early_stopping and train.keep ask for. Never fails. */
gr_watch gr_watch_stopping(const gr_cohort *cohort);
gr_watch gr_watch_keeping(const gr_cohort *cohort);
/* Takes note of an epoch's line; true: it is better than all before. What is no number (a loss beyond all bounds, an
 * undefined metric) is no better. Never fails. */
bool gr_watch_see(gr_watch *watch, const json_t *line);
/* Takes note of all lines of a metrics.jsonl (NULL: none) in both; `path` is for sentences. Fails: GR_INVALID (one is no
 * JSON). */
gr_status gr_watch_see_all(const char *path, const char *metrics, gr_watch *a, gr_watch *b, gr_error *err) GR_MUST_CHECK;
/* Which epoch a fold of the cohort keeps, by the lines of its metrics.jsonl; `path` is for sentences. Fails: GR_INVALID. */
gr_status gr_watch_kept(const gr_cohort *cohort, const char *path, const char *metrics, gr_kept *out,
                        gr_error *err) GR_MUST_CHECK;
/* Says in text[size] whether training was stopped early, and which epoch is kept; "" where there is nothing to tell.
 * Never fails. */
void gr_watch_sentence(const gr_watch *stopping, const gr_watch *keeping, bool early, char *text, size_t size);

/* Are the weights of keeping->best_epoch those that are tested and kept? With train.keep best_if_stopped only where the metric of
 * early stopping has ended the training, or would have. */
bool gr_watch_takes(const gr_cohort *cohort, const gr_watch *stopping, const gr_watch *keeping);

#endif
