/* DeepLabCut's tables, as .csv (deeplabcut.c) and as pandas' HDF5 (deeplabcut_h5.c): what columns mean, and a row's points. */
#ifndef GR_IMPORT_DEEPLABCUT_TABLE_H
#define GR_IMPORT_DEEPLABCUT_TABLE_H

#include "import/marks.h"

/* What a column of numbers is. */
typedef struct gr_dlc_column {
    const char *individual; /* NULL: the table has none */
    const char *part, *coord;
} gr_dlc_column;

/* A body part of an individual: its columns, -1: none. */
typedef struct gr_dlc_part {
    int64_t name;
    int individual; /* a number of the table's individuals */
    int at[3];      /* x, y, likelihood */
} gr_dlc_part;

typedef struct gr_dlc_table {
    gr_dlc_part *parts; /* [part_count], an individual's behind each other; in the arena */
    int part_count;
    const char **individuals; /* [individual_count]; NULL for a table without */
    int individual_count;
} gr_dlc_table;

/* Sorts out columns[count]; `place` begins the sentences ("FILE:4"). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_dlc_table_make(gr_marks *marks, const gr_dlc_column *columns, int count, const char *place, gr_dlc_table *out,
                            gr_error *err) GR_MUST_CHECK;
/* Adds the objects of a row whose numbers are values[count] (NaN: empty) to the picture under way. Fails: GR_NOMEM. */
gr_status gr_dlc_put_row(gr_marks *marks, const gr_dlc_table *table, const double *values, gr_error *err) GR_MUST_CHECK;
/* Makes the picture of the index `name`, or of a video's frame where that is a number. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_dlc_picture(gr_marks *marks, const char *path, const char *name, gr_error *err) GR_MUST_CHECK;
/* Reads what pandas.DataFrame.to_hdf wrote. Fails: GR_INVALID, GR_NOMEM, GR_IO. */
gr_status gr_dlc_read_h5(gr_marks *marks, const char *path, gr_error *err) GR_MUST_CHECK;

#endif
