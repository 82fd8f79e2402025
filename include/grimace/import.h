/* Importers: from the folder that a data set's owners ship to a manifest. */
#ifndef GRIMACE_IMPORT_H
#define GRIMACE_IMPORT_H

#include "grimace/base.h"
#include "grimace/text.h"

/* How the folders of a data set say what an image shows. */
typedef struct gr_import_options {
    const char *pain;    /* name of the folders that hold images of pain; NULL: the usual ones, see datasets/ratspain */
    const char *no_pain; /* of those without; NULL: the usual ones */
} gr_import_options;

/* What an import did not take: a count for each kind of file, "3 .heic (a HEIC file is not read; ...), 2 .txt"; "" for nothing,
 * cut off where it is longer. */
enum { GR_LEFT_OUT_MAX = 1000 };

/* What an import found. */
typedef struct gr_import_counts {
    int64_t images, pain;
    int animals;
    char left_out[GR_LEFT_OUT_MAX];
} gr_import_counts;

/* Writes the manifest `image,animal,pain` (pain: 1 or 0) of RatsPain's face crops in `folder` to `path`: every picture
 * (gr_image_ending) below it, links to folders followed, whose path must hold one folder that names the label and one that
 * names the animal, in either order (rat1/pain/x.png, pain/rat1/x.png). Image paths are relative to the manifest where they lie
 * below its folder, else absolute; rows are in byte order of the paths. `counts` receives what was found.
 * Fails: GR_INVALID (no such folder, a path that does not say animal and label, no image), GR_IO, GR_NOMEM. */
gr_status gr_import_ratspain(const char *folder, const char *path, const gr_import_options *options,
                             gr_import_counts *counts, gr_error *err) GR_MUST_CHECK;

/* How to read a folder of any layout. */
typedef struct gr_import_paths_options {
    const char *pattern; /* of the images' paths from the folder on, such as "{treatment}/{animal}_{time}_*.jpg": {name} is one
                          * character or more but '/', * any number of them; each field becomes a column */
    const char *table;   /* CSV file that has more columns, a row for each value of the columns that are fields; NULL: none */
    const char *set;     /* columns whose values follow from others, "effect=time:30min=1,150min=1,*=0" (*: every other value) or
                          * "session={treatment}-{time}", in their order with ';' between them; a column of the same name is
                          * replaced; NULL: none */
    gr_text *notices;    /* receives what was read otherwise than it stands there, a sentence a line; NULL: unsaid */
} gr_import_paths_options;

typedef struct gr_import_paths_counts {
    int64_t images;
    int64_t unused_rows; /* of the table */
    char left_out[GR_LEFT_OUT_MAX];
} gr_import_paths_counts;

/* Writes the manifest `image,<fields>,<other columns of the table>,<new columns that are set>` of every picture below
 * `folder` to `path`; image paths and their order as in gr_import_ratspain. `counts` receives what was found.
 * Fails: GR_INVALID (a path that is not as the pattern, no row or two for an image, a value of which `set` says nothing, no
 * such folder, no image), GR_IO, GR_NOMEM. */
gr_status gr_import_paths(const char *folder, const char *path, const gr_import_paths_options *options,
                          gr_import_paths_counts *counts, gr_error *err) GR_MUST_CHECK;

#endif
