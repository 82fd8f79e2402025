/* A folder of pictures that nobody has described yet: what the names of its folders and files, or a table that lies in it,
 * say of each picture; as columns of a manifest, with a guess at what each column is. */
#ifndef GRIMACE_SURVEY_H
#define GRIMACE_SURVEY_H

#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/text.h"

/* What a column is taken for. */
typedef enum gr_survey_role {
    GR_SURVEY_OTHER, /* kept in the manifest, not looked at by training */
    GR_SURVEY_LABEL,
    GR_SURVEY_GROUP, /* the animal, which must never be in training and test at once */
    GR_SURVEY_SPLIT, /* train, val or test in each row */
    GR_SURVEY_SESSION
} gr_survey_role;

/* A column of the manifest, without the first, which is the picture's path. */
typedef struct gr_survey_column {
    const char *name;
    const char *from; /* where it stands, for a reader: "folder 1", "part 2 of the file names", "column pain of table.csv" */
    gr_survey_role role;
    const char *const *values; /* [images]; "": not known */
    int kinds;                 /* different values that are known: */
    const char *const
        *kind; /* [kinds], in the order of their values; of the label as classes stand in the config, the last positive */
    const int64_t *counts; /* [kinds] */
} gr_survey_column;

/* How a cross-validation may split the pictures. */
typedef struct gr_survey_split {
    const char *scheme; /* of split.scheme */
    int folds;          /* 0: the scheme has no such number */
    const char *why;    /* a sentence for a reader */
} gr_survey_split;

typedef struct gr_survey {
    const char *folder, *name; /* as given; what to call a run of it */
    const char *table;         /* the table that lists the pictures, as a path; NULL: there is none */
    int64_t images;
    const char *const *paths; /* [images], from the folder on */
    const gr_survey_column *columns;
    int column_count;
    int label, group, split_column; /* of columns; -1: none */
    bool scores, whole;             /* the label is numbers, no classes; its values are all whole numbers */
    int width_least, width_most, height_least, height_most; /* pixels */
    int side;                                               /* the median of the pictures' smaller sides */
    gr_survey_split split;
    const char *warnings;   /* a sentence a line, each of something that the reader must know; "": none */
    const char *notices;    /* likewise, of what was left out or read in another way */
    struct gr_arena *arena; /* owns all of it */
} gr_survey;

/* Looks at every picture's name and head below `folder` and GIVES *out (gr_survey_free). Classes may be folders, at any
 * depth and with folders of animals above or below; folders train, val and test; parts of file names between _, - and
 * blanks; or the columns of a table
 * (.csv, .tsv, .txt) in the folder that lists pictures. `except` (NULL: none) is a file that is no such table, though it may
 * look like one. Fails: GR_INVALID (no such folder, no picture, nothing that tells a label, a table with several rows for a
 * picture), GR_NOMEM. */
gr_status gr_survey_folder(const char *folder, const char *except, gr_survey *out, gr_error *err) GR_MUST_CHECK;
/* Frees all of it. A zeroed one is fine. Never fails. */
void gr_survey_free(gr_survey *survey);

/* Writes its manifest to `path`, image paths relative to it unless the two have nothing but the root in common. Fails:
 * GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_survey_write(const gr_survey *survey, const char *path, gr_error *err) GR_MUST_CHECK;
/* Appends what was found and guessed, lines for a reader. A failure sticks in out->failed. Never fails. */
void gr_survey_say(const gr_survey *survey, gr_text *out);

#endif
