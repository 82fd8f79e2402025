/* What is wanted of which videos: whole ones, or the windows of a table. */
#ifndef GR_DATA_FRAME_TABLE_H
#define GR_DATA_FRAME_TABLE_H

#include "formats/csv.h"
#include "grimace/moment.h"

/* What was asked for: as in gr_frames_options. */
typedef struct gr_frame_wish {
    const char *const *videos; /* [video_count]; 0: those of `table` */
    int video_count;
    const char *table, *rate, *rate_by; /* NULL: not given */
} gr_frame_wish;

/* A part of a video: times start, start + 1/rate, ... before `end`. */
typedef struct gr_frame_window {
    int video;
    int64_t row;                /* of the table; -1: there is none */
    gr_moment start, end, rate; /* end.den 0: up to the video's end */
} gr_frame_window;

typedef struct gr_frame_source {
    const char *name, *path; /* as it is spelled, and to be opened */
    char *stem;              /* what its pictures' names begin with: no other video's do */
    int first, count;        /* its windows, by their start */
} gr_frame_source;

typedef struct gr_frame_plan {
    gr_csv *csv;  /* NULL: no table */
    int *carried; /* [carried_count] columns of it that go into the manifest */
    int carried_count;
    gr_frame_source *videos; /* [video_count], in the order in which they were named */
    int video_count;
    gr_frame_window *windows; /* [window_count], video by video */
    int window_count;
    gr_arena *arena;
} gr_frame_plan;

/* GIVES the plan, also when it fails; it BORROWS the wish's strings. Opens no video. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_frame_plan_make(const gr_frame_wish *wish, gr_frame_plan *plan, gr_error *err) GR_MUST_CHECK;
void gr_frame_plan_free(gr_frame_plan *plan);

#endif
