/* RUN, the folder of a run: what it may hold before, who works in it, and how it vanishes when nothing came of it. */
#ifndef GR_RUN_FOLDER_H
#define GR_RUN_FOLDER_H

#include "grimace/share.h"
#include "run/cohort/cohort.h"
#include "run/one/about.h"

typedef struct gr_run_folder {
    const char *path; /* borrowed */
    bool sweep;       /* the folder of a sweep: config.yaml and folders setting-NNN, each of them a run's */
    bool resume;      /* it may */
    bool begun;       /* it held a run of this config before */
    const gr_share *share; /* tells whether workers of other machines are at work there, whom no lock holds off; NULL: none are */
    bool joins;       /* another process has begun it and may be at work there: no lock, and about.json only at the end */
    bool finished;    /* workers have ended it, and its results are only made once more: no lock, and about.json stays */
    int lock;         /* the folder, open and locked against other processes; -1: not yet */
    char *made;       /* the outermost folder that was made for it; NULL: none */
    gr_about about;   /* the session of work */
    const char *command; /* for about.json, as the next: to be set between check and begin; NULL: none; borrowed */
    int threads;
} gr_run_folder;

/* Looks at `path` (borrowed) and changes nothing: may a run (or `sweep`) of `config` begin or, with `resume`, go on there?
 * Fails: GR_INVALID (holds a run; holds a run of another config; is no folder; cannot be written), GR_NOMEM. */
gr_status gr_run_folder_check(const char *path, const gr_config *config, bool sweep, bool resume, gr_run_folder *out,
                              gr_error *err) GR_MUST_CHECK;
/* Makes it with config.yaml, about.json, splits.csv and the folds' folders, or checks that splits.csv is the split of
 * `cohort` (NULL for a sweep or a study); takes the lock; removes what writers left that were killed. Fails:
 * GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_run_folder_begin(gr_run_folder *folder, const gr_config *config, const gr_cohort *cohort,
                              gr_error *err) GR_MUST_CHECK;
/* Removes from one folder, which may be absent, the temporary files of writers that were killed, all or those of the file `of`.
 * `living`: also of processes of this machine that live: they are shut out from there. Else such a one may be writing: whoever
 * began the run says what came of it when a worker has ended it, and has no part in hand then. Never fails. */
void gr_remove_temporaries(const char *folder, const char *of, bool living);
/* Notes in about.json the time up to now: nothing of a run follows from it, so that it does not fail. */
void gr_run_folder_note(gr_run_folder *folder);
/* The same at the end of all work; of one that joined, its session is begun here. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_run_folder_done(gr_run_folder *folder, const gr_config *config, gr_error *err) GR_MUST_CHECK;
/* After a failure: removes what gr_run_folder_begin made, unless a run was there before, or there is a checkpoint or an
 * epoch's line (a setting, a member of a study) or a worker now. */
void gr_run_folder_abandon(gr_run_folder *folder, const gr_cohort *cohort);
/* Gives up the lock. */
void gr_run_folder_close(gr_run_folder *folder);

#endif
