/* sweep.csv of a sweep: its settings, best first, and the number that ranks them. */
#ifndef GR_REPORT_SWEEP_FILE_H
#define GR_REPORT_SWEEP_FILE_H

#include "report/run_table.h"

typedef struct gr_sweep_file {
    gr_csv *table;
    const char *metric;                   /* sweep.rank_by */
    int setting, name, pooled, mean, std; /* columns; -1: it has none */
    int first_key, key_count;             /* columns of the swept keys */
} gr_sweep_file;

/* Is it the folder of a finished sweep? Where not, appends the reason. */
bool gr_sweep_file_can(const gr_run_files *run, gr_text *why);
/* GIVES *out (gr_sweep_file_close). Fails: GR_INVALID (columns are missing, no setting), GR_NOMEM. */
gr_status gr_sweep_file_open(const gr_run_files *run, gr_sweep_file *out, gr_error *err) GR_MUST_CHECK;
void gr_sweep_file_close(gr_sweep_file *file);

#endif
