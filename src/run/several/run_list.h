/* Several runs in one folder, one after another: alone, or shared with other workers (grimace/share.h). */
#ifndef GR_RUN_LIST_H
#define GR_RUN_LIST_H

#include "grimace/share.h"

typedef struct gr_run_list {
    int count;
    /* Does run `index`, as far as it comes: `share` (NULL: alone) may leave what others have in hand. Fails: as gr_run. */
    gr_status (*run)(void *ctx, int index, const gr_share *share, gr_error *err);
    /* As gr_leave_alone of run `index`. Never fails. */
    bool (*leave)(void *ctx, int index, const gr_share *share);
    void *ctx;
} gr_run_list;

/* Is the run in `folder` at its end (`over`), or, where `share` does not wait, is there nothing in it that a worker could take?
 * Never fails. */
bool gr_leave_alone(const gr_share *share, const char *folder, bool over);
/* Does the runs of the list. Shared ones are gone through twice: first for folds that nobody has, then until all are done. *away:
 * some are left that others have, for which `share` does not wait. Fails: as list->run. */
gr_status gr_run_list_do(const gr_run_list *list, const gr_share *share, bool *away, gr_error *err) GR_MUST_CHECK;

#endif
