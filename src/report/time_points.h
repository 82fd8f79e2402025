/* What a run predicted of each image beside its time point, treatment and rating, as the manifest has them. */
#ifndef GR_REPORT_TIME_POINTS_H
#define GR_REPORT_TIME_POINTS_H

#include "report/run_table.h"

enum { GR_MOST_TIMES = 60, GR_MOST_TREATMENTS = 8 };

typedef struct gr_time_points {
    gr_csv *manifest;
    const char *time, *treatment, *rating; /* columns of the manifest; treatment, rating NULL: there is none */
    const char *times[GR_MOST_TIMES];      /* in their order */
    const char *treatments[GR_MOST_TREATMENTS];
    int time_count, treatment_count; /* treatment_count 1 where there is no such column */
    int64_t count;
    int *time_of, *treatment_of; /* [count], -1: not known */
    double *predicted, *rated;   /* [count]; NaN: not known */
} gr_time_points;

/* Does the manifest tell time points? Where not, appends why. */
bool gr_time_points_can(const gr_run_files *run, gr_text *why);
/* GIVES *out (gr_time_points_free) of a run that can. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_time_points_open(const gr_run_files *run, gr_time_points *out, gr_error *err) GR_MUST_CHECK;
void gr_time_points_free(gr_time_points *points);
/* Which of two time points is earlier: what is called before, pre or baseline first, then by the numbers in them with their
 * units (min, h, d), then by letters. For qsort. */
int gr_time_points_order(const void *a, const void *b);

#endif
