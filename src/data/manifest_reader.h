/* A manifest under construction, shared by its files: manifest_load.c (columns and rows), manifest_names.c (classes, groups
 * and what else is told apart by names) and shares.c (numbers that cannot be pixels). */
#ifndef GR_DATA_MANIFEST_READER_H
#define GR_DATA_MANIFEST_READER_H

#include "formats/csv.h"
#include "grimace/manifest.h"

typedef struct gr_manifest_reader {
    gr_csv *csv;
    const gr_manifest_options *options;
    int image, label, group, box[4]; /* columns; -1: not there */
    gr_manifest *m;
    gr_arena *arena; /* what the manifest points to, beside the table's strings */
    bool *wanted;    /* [rows of the table]: false for a row that options->only leaves out */
    bool *usable;    /* [rows of the table]: false for one that is not wanted or was reported */
    const char **paths, **cells;
    int64_t turned; /* paths whose back slashes were read as slashes */
    gr_box *boxes;
    const int *point_columns; /* [2 point_count] */
    int point_count;
    float *points;      /* [rows of the table, 2 point_count] */
    int *mark_columns;  /* [4 options->mark_count]; NULL: none are read */
    int *mark_kinds;    /* [options->mark_count], of m->kinds */
    gr_box *marks;      /* [rows of the table, options->mark_count]; width 0: none */
    int64_t *joined;    /* [rows of the table]: one more than the row of the same image whose row of the manifest it is part of */
    int *value_columns; /* [options->value_count] */
    double *values;     /* [rows of the table, options->value_count]; NULL: none */
    const char *folder;
    gr_error *first; /* the first problem of a row that was reported */
    gr_error *err;
} gr_manifest_reader;

gr_status gr_manifest_no_memory(const gr_manifest_reader *rd);
/* A problem of one row: fails, or tells the caller's report and lets the reading go on with *usable = false.
 * `column` may be NULL: it is about the row. */
gr_status gr_manifest_problem(const gr_manifest_reader *rd, int64_t line, const char *column, bool *usable,
                              const char *text) GR_MUST_CHECK;

/* Classes, groups, session, treatment and split of the rows that are kept. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_manifest_read_names(const gr_manifest_reader *rd) GR_MUST_CHECK;
/* Refuses boxes and landmarks that are all within two pixels of the picture's corner while pictures are larger: shares, no
 * pixels. Fails: GR_INVALID. */
gr_status gr_manifest_refuse_shares(const gr_manifest_reader *rd) GR_MUST_CHECK;

#endif
