/* The manifest: a table (CSV in UTF-8, or what a spreadsheet makes of it: docs/manifest.md) with one row per image. Column
 * `image` is the path relative to the manifest; every other column is text, and the configuration says which of them is the
 * label and which the group. */
#ifndef GRIMACE_MANIFEST_H
#define GRIMACE_MANIFEST_H

#include <stdbool.h>

#include "grimace/base.h"

/* The part of an image that is the face, in pixels of the decoded image; width 0: the whole image. */
typedef struct gr_box {
    double x, y, width, height;
} gr_box;

/* A box that is to be found in an image. */
typedef struct gr_marked_box {
    gr_box box;
    int kind; /* index in the manifest's kinds */
} gr_marked_box;

/* Is told of one problem of the table: `line` of the file, `column` (may be NULL) and the sentence. */
typedef void gr_manifest_report(void *ctx, int64_t line, const char *column, const char *text);

/* What is done with the landmark columns lm1_x, lm1_y, lm2_x, ... */
typedef enum gr_landmark_columns {
    GR_LANDMARKS_IGNORED = 0,
    GR_LANDMARKS_IF_THERE, /* read and judged where the table has them */
    GR_LANDMARKS_NEEDED    /* a table without them is refused */
} gr_landmark_columns;

/* What several label columns, or one of numbers, hold. */
typedef enum gr_values {
    GR_VALUES_NONE = 0, /* none are read */
    GR_VALUES_NUMBERS,  /* scores; an empty cell is one that is not known */
    GR_VALUES_CLASSES   /* of the same classes in every column; likewise */
} gr_values;

typedef struct gr_manifest_options {
    const char *label;          /* the label's column; NULL: no labels are read */
    const char *group;          /* the group's column; NULL: no groups are read */
    const char *const *classes; /* the label's values in class order; NULL: the distinct values in byte order */
    int class_count;
    bool by_number;       /* without `classes`: in the order of their numbers, where all are numbers */
    bool skip_unlabelled; /* leave out and count a row whose label is not known (empty, NA, NaN, null, . and no class of that
                           * name) instead of refusing it */
    gr_values values; /* of the columns value_columns[value_count], read in place of `label`; a row in which none is known
                       * is left out and counted */
    const char *const *value_columns;
    int value_count;
    const char *values_where; /* as label_where, about those columns */
    bool ranged;              /* numbers beyond range[2] are refused */
    double range[2];
    gr_landmark_columns landmarks;
    const char *landmarks_where; /* as label_where, about landmarks that are not there */
    const char *const *marks; /* "KIND=PREFIX", columns PREFIX_x, PREFIX_y, PREFIX_w, PREFIX_h: boxes are what is to be found in
                               * whole images, which may have several rows, one for each face, that become one row */
    int mark_count;           /* 0: box_* is the part of the image that is looked at */
    bool marks_if_there;      /* a table without these columns has no boxes that are known */
    bool whole;               /* with or without marks: images are looked at whole, and further rows of one are passed over */
    const char *marks_where; /* as label_where, about columns of boxes that are not there */
    const int *landmark_list;      /* [landmark_list_count]: only these, from 1, in this order; NULL: all */
    int landmark_list_count;
    const char *landmark_list_where; /* likewise about one of the list that is not there */
    const char *label_where;     /* where the caller has `label` from, such as "x.yaml:7: data.label": begins the sentence */
    const char *group_where;     /* about a column that is not there; NULL: the manifest's header begins it */
    const char *const *only; /* "COLUMN=VALUE"; a row that has another value in one of them is not read; NULL: all rows */
    int only_count;
    const char *only_where; /* where the caller has `only` from: begins the sentences about it */
    int64_t at_most;        /* so many of these rows are kept, drawn by `seed`; 0: all */
    uint64_t seed;
    bool skip_files;            /* no look at image files: whether each is there, what else its path could mean, its size */
    bool prints;                /* gr_check_manifest: every picture is decoded, and its print kept for gr_check_near */
    bool tolerant; /* with `report`: a row with another number of fields than the header, or with quotes that are
                    * wrong, is told like one with a wrong cell (column NULL), instead of the table being refused;
                    * also where `only` would pass over it, for its cells may be other columns' */
    bool absent_files;          /* rows whose image file is not there are kept: whoever reads it finds out */
    gr_manifest_report *report; /* NULL: the first problem fails; else problems of single rows are told here instead, and
                                 * a row without a usable image, label or group is left out of the manifest */
    void *report_ctx;
} gr_manifest_options;

/* All arrays have `rows` entries and belong to the manifest. */
typedef struct gr_manifest {
    const char *path; /* as it was given */
    int64_t rows;     /* at least 1 */
    int columns;
    const char *const *names;  /* [columns] */
    const char *const *cells;  /* [rows * columns], row by row */
    const int64_t *lines;      /* the line of the file where the row begins, for error sentences */
    const char *const *images; /* as the manifest spells them; each at most once */
    const char *const *paths;  /* the same, to be opened: relative ones are below the manifest's folder */

    const char *label_column; /* NULL: no labels */
    int class_count;
    const char *const *classes; /* [class_count] */
    const int32_t *labels;      /* index in classes; NULL: no labels */

    int value_count;                  /* label columns whose values were read; 0: none */
    const char *const *value_columns; /* [value_count] */
    const double
        *values; /* [rows, value_count]: numbers, or indices in classes; NaN where one is not known; NULL: none are read */
    int64_t unlabelled;  /* rows of the table that were left out, for they have no label */
    const char *notices; /* what was read otherwise than it stands in the table, a sentence a line; NULL: nothing */

    const char *group_column; /* NULL: no groups */
    int group_count;
    const char *const
        *group_names; /* [group_count], distinct, in byte order, numbers by value; those of extra rows behind the others */
    const int32_t *groups; /* index in group_names; NULL: no groups */

    const char *const *session, *const *treatment, *const *split; /* the columns of these names; NULL: not there */
    const gr_box *boxes;                                          /* box_x, box_y, box_w, box_h; NULL: not there */
    const int64_t *marked; /* [rows + 1]: marks[marked[r]] to marks[marked[r + 1] - 1] are row r's; NULL: none are read */
    const gr_marked_box *marks;
    int kind_count;              /* of boxes, in the order in which options->marks names them first */
    const char *const *kinds;
    int landmark_count;                                           /* 0: none are read */
    const float
        *landmarks; /* [rows, landmark_count, 2]: x, y in pixels from the upper left corner of the decoded image,
                     * (0.5, 0.5) is the middle of its first pixel; NaN where one is not known; NULL: none are read */

    int64_t extra_rows; /* the last rows come from other tables (gr_manifest_append): they train and are never tested */
    int extra_groups;   /* the last of group_names: theirs */
    const char *const *extra_files; /* [extra_rows], the table of each */
    void *memory;
} gr_manifest;

/* Reads the manifest at `path` into *out (GIVES; gr_manifest_free). Refused, with file, line and column: a missing column,
 * a table without rows, an empty image, label or group, a label outside `classes`, an image that has two rows (two labels
 * or groups, or the same ones again: predictions name each image once), a box that is no rectangle, a landmark with one
 * coordinate or one that is no number from 0 on, a row without any landmark where they are read, an image file that is not
 * there, boxes or landmarks that are all within two pixels of the corner of larger pictures; and rules of `only` that no row
 * meets. With options->marks an image may have several rows of one label and group; refused are rows that have a box of another
 * row of the image once more, and a row without any box beside others. `options` is BORROWED, and only during the call.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_manifest_load(const char *path, const gr_manifest_options *options, gr_manifest *out,
                           gr_error *err) GR_MUST_CHECK;

/* Appends all rows of `extra` (TAKEN, also on failure) as extra rows of `manifest`, under NAME:IMAGE and NAME:GROUP, so that
 * equal names in two tables stay two animals. Columns that `manifest` lacks are left out. Both were read with the same
 * label, classes (`manifest`'s) and group. Refused: an image file that is in both, another number of landmarks. Fails:
 * GR_INVALID, GR_NOMEM. */
gr_status gr_manifest_append(gr_manifest *manifest, gr_manifest *extra, const char *name, gr_error *err) GR_MUST_CHECK;

/* `manifest` without its extra rows; BORROWS all it points to, must not be freed. Never fails. */
gr_manifest gr_manifest_own(const gr_manifest *manifest);

/* The table that row `row` stands in, for error sentences. Never fails. */
const char *gr_manifest_file(const gr_manifest *manifest, int64_t row);

/* Frees all that a manifest holds, and empties it. Never fails. */
void gr_manifest_free(gr_manifest *manifest);

/* The number (from 1) of the first landmark of a row that lies beyond an image of width x height pixels; 0: none does.
 * Never fails. */
int gr_manifest_landmark_beyond(const gr_manifest *manifest, int64_t row, int width, int height);

/* Do the boxes of row `row` (marks) lie in its picture of width x height pixels, by half of their area at least? *across (NULL: not
 * wanted) grows by those that reach over its edge. Fails: GR_INVALID (file, line, box and the picture's size are named). */
gr_status gr_manifest_boxes_within(const gr_manifest *manifest, int64_t row, int width, int height, int64_t *across,
                                   gr_error *err) GR_MUST_CHECK;
/* The same for all rows, by the heads of the picture files (gr_image_size); pictures that cannot be read are passed over. *across:
 * how many boxes reach over an edge. Fails: as gr_manifest_boxes_within. */
gr_status gr_manifest_boxes_check(const gr_manifest *manifest, int64_t *across, gr_error *err) GR_MUST_CHECK;
/* Writes the sentence that `across` boxes, 1 or more, reach over the edges of their pictures, and returns it. Never fails. */
enum { GR_BOXES_ACROSS = 120 };
const char *gr_manifest_boxes_across(int64_t across, char said[GR_BOXES_ACROSS]);

/* The index of the column called `name`, -1 when there is none. Never fails. */
int gr_manifest_column(const gr_manifest *manifest, const char *name);
/* The text of a cell, "" when empty; BORROWED from the manifest. Never fails. */
const char *gr_manifest_cell(const gr_manifest *manifest, int64_t row, int column);

#endif
