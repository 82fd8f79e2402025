/* The rows of a table that have boxes, and what becomes of their cells. */
#ifndef GR_DATA_CROP_TABLE_H
#define GR_DATA_CROP_TABLE_H

#include "formats/csv.h"

/* Where a crop lies: [width, height] pixels of its picture from (left, top) on, which may lie outside; scaled to
 * out_width x out_height. */
typedef struct gr_crop_place {
    int left, top, width, height, out_width, out_height;
    bool padded; /* larger than its picture */
} gr_crop_place;

typedef struct gr_crop_row {
    int64_t row; /* of the table */
    double box[4];
    char *path; /* of the picture, to be opened */
    char *name; /* of the crop, from the new folder on */
    gr_crop_place place;
} gr_crop_row;

typedef struct gr_crop_table {
    gr_csv *csv;
    int image, box[4];         /* columns */
    int *points;               /* [columns]: a landmark's x column has 1 + its y column; 0: none */
    bool *moved;               /* [columns]: boxes and landmarks, which are not carried as they are */
    bool has_source, has_keep; /* columns of these names are there already */
    gr_crop_row *rows;         /* [count] */
    int64_t count, without_box, left_out;
    gr_arena *arena;
} gr_crop_table;

/* GIVES the table, also when it fails. `only` as in gr_crops_options. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_crop_table_read(const char *path, const char *only, gr_crop_table *out, gr_error *err) GR_MUST_CHECK;
void gr_crop_table_free(gr_crop_table *table);
/* The line of the table's file that row i of the crops stands on. Never fails. */
long long gr_crop_line(const gr_crop_table *table, int64_t i);

/* Appends the header of the crops' manifest; `whole` leaves the box out. A failure sticks. */
void gr_crop_put_header(const gr_crop_table *table, bool whole, gr_text *out);
/* Appends row i, boxes and landmarks moved; landmarks that are not on the crop are counted in *lost. Likewise. */
void gr_crop_put_row(const gr_crop_table *table, int64_t i, const char *source, bool whole, int64_t *lost, gr_text *out);

#endif
