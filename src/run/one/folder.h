/* RUN, the folder of a run: what it may hold before, who works in it, and how it vanishes when nothing came of it. */
#ifndef GR_RUN_FOLDER_H
#define GR_RUN_FOLDER_H

#include "run/cohort/cohort.h"

typedef struct gr_run_folder {
    const char *path; /* borrowed */
    bool sweep;       /* the folder of a sweep: config.yaml and folders setting-NNN, each of them a run's */
    bool begun;       /* it held a run of this config before */
    int lock;         /* the folder, open and locked against other processes; -1: not yet */
    char *made;       /* the outermost folder that was made for it; NULL: none */
} gr_run_folder;

/* Looks at `path` (borrowed) and changes nothing: may a run (or `sweep`) of `config` begin or, with `resume`, go on there?
 * Fails: GR_INVALID (holds a run; holds a run of another config; is no folder; cannot be written), GR_NOMEM. */
gr_status gr_run_folder_check(const char *path, const gr_config *config, bool sweep, bool resume, gr_run_folder *out,
                              gr_error *err) GR_MUST_CHECK;
/* Makes it with config.yaml, splits.csv and the folds' folders, or checks that splits.csv is the split of `cohort` (NULL
 * for a sweep or a study); takes the lock; removes what writers left that were killed. Fails: GR_INVALID, GR_IO, GR_NOMEM.
 */
gr_status gr_run_folder_begin(gr_run_folder *folder, const gr_config *config, const gr_cohort *cohort,
                              gr_error *err) GR_MUST_CHECK;
/* Removes from one folder, which may be absent, the temporary files of writers that were killed: the run must be locked, and
 * nobody else may write there. Never fails. */
void gr_remove_temporaries(const char *folder);
/* After a failure: removes what gr_run_folder_begin made, unless a run was there before, or there is a checkpoint (a
 * setting, a member of a study) now. */
void gr_run_folder_abandon(gr_run_folder *folder, const gr_cohort *cohort);
/* Gives up the lock. */
void gr_run_folder_close(gr_run_folder *folder);

#endif
