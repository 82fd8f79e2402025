/* Workers as an array job of Slurm: RUN/slurm.sh, and RUN/slurm with the jobs' numbers, the tasks' logs and who failed. */
#ifndef GR_CREW_SLURM_H
#define GR_CREW_SLURM_H

#include "base/base.h"

typedef struct gr_slurm_state {
    int running, waiting; /* tasks of the run's jobs, as squeue says */
    int failed;           /* tasks that failed three times */
    int64_t done;         /* folds that were finished since the sharing began */
} gr_slurm_state;

/* Writes RUN/slurm.sh, the script of each task: `program` work RUN, again after a failure, three times in all. Fails: GR_INVALID (a
 * path with a line end), GR_IO, GR_NOMEM. */
gr_status gr_slurm_write(const char *run, const char *name, const char *program, gr_error *err) GR_MUST_CHECK;
/* Submits `workers` tasks with sbatch and notes the job in RUN/slurm/jobs. `words` (NULL: none) are more options of sbatch, as a
 * shell reads them. job[64] receives its number. Fails: GR_INVALID (no sbatch, or it refused), GR_IO, GR_NOMEM. */
gr_status gr_slurm_submit(const char *run, int workers, const char *words, char job[64], gr_error *err) GR_MUST_CHECK;
/* How the run's jobs stand. Fails: GR_INVALID (squeue cannot be asked), GR_NOMEM. */
gr_status gr_slurm_look(const char *run, gr_slurm_state *out, gr_error *err) GR_MUST_CHECK;
/* Appends which tasks failed three times, each with its log, a line each. Shortage sticks in `out`. */
void gr_slurm_failures(const char *run, gr_text *out);

#endif
