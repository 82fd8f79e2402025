/* A table of pictures of which new pictures are made: boxes and landmarks go where the pixels go, all else is carried. */
#ifndef GR_DATA_MOVED_TABLE_H
#define GR_DATA_MOVED_TABLE_H

#include "formats/csv.h"
#include "grimace/image.h"

typedef struct gr_moved_table {
    gr_csv *csv;
    gr_arena *arena;
    int image, box[4];  /* columns; box[0] -1: there is none */
    const int *columns; /* [2 landmarks]: x and y */
    int landmarks;      /* 0: none */
    int *seen;          /* [landmarks]: the column lmN_v; -1: none */
    int *partner;       /* [landmarks]: which one it is in a mirrored face; itself, unless gr_moved_pairs said otherwise */
    bool *moved;        /* [columns of the table]: boxes, landmarks and lmN_v */
    bool has_source;    /* it has a column of that name, which stays */
    const char *folder; /* its own */
    int64_t lost_points, lost_boxes; /* that left their pictures */
} gr_moved_table;

/* GIVES the table, also when it fails. Fails: GR_INVALID (no column image, no rows, a box or landmark that is half there or no
 * number), GR_NOMEM. */
gr_status gr_moved_table_read(const char *path, gr_moved_table *out, gr_error *err) GR_MUST_CHECK;
void gr_moved_table_free(gr_moved_table *table);

/* Reads pairs of landmarks that change places in a mirrored face, "1-4,2-5"; `option` begins sentences. Fails: GR_INVALID.
 */
gr_status gr_moved_pairs(gr_moved_table *table, const char *option, const char *pairs, gr_error *err) GR_MUST_CHECK;

/* The landmarks of a row, NaN where one is not known, to face[2 landmarks]; the box to box[4], *there: is it known? Fail:
 * GR_INVALID. */
gr_status gr_moved_face(const gr_moved_table *table, int64_t row, float *face, gr_error *err) GR_MUST_CHECK;
gr_status gr_moved_box(const gr_moved_table *table, int64_t row, double box[4], bool *there, gr_error *err) GR_MUST_CHECK;

/* The row's picture: its path, to be opened (GIVES, gr_free; NULL when memory is short), or an empty cell (GR_INVALID). */
gr_status gr_moved_path(const gr_moved_table *table, int64_t row, char **path, gr_error *err) GR_MUST_CHECK;
/* GIVES (gr_free) "images/NAME_000012.png" of row 12, with `number` above 0 "images/NAME_000012_3.png"; NULL when memory is
 * short. */
char *gr_moved_name(const gr_moved_table *table, int64_t row, int number) GR_MUST_CHECK;

/* Appends the new table's header, and the row of a new picture `name` of width x height pixels that `map` took there;
 * `source` is its picture as the new table spells it. A failure sticks in out->failed. */
void gr_moved_put_header(const gr_moved_table *table, gr_text *out);
void gr_moved_put_row(gr_moved_table *table, int64_t row, const char *name, const char *source, const gr_map *map, int width,
                      int height, gr_text *out);

#endif
