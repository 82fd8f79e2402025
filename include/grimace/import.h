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

/* ---- all importers, by name -------------------------------------------------------------------------------------------- */

/* Where (0, 0) of an annotation is. grimace's own (0, 0) is the corner; the middle of the first pixel is (0.5, 0.5). */
typedef enum gr_pixel_origin {
    GR_ORIGIN_USUAL,  /* the importer's own, which is said */
    GR_ORIGIN_CORNER, /* at the first pixel's upper left corner: nothing moves */
    GR_ORIGIN_CENTRE, /* in its middle: points move by 0.5, and a box's corners name its first and last pixel */
    GR_ORIGIN_ONE     /* the first pixel is (1, 1): points move by -0.5, boxes by -1, and likewise */
} gr_pixel_origin;

/* What one import is to do; all BORROWED, 0 and NULL are the usual. What an importer does not take is refused. */
typedef struct gr_import_request {
    const char *const *sources; /* [source_count], files or folders */
    int source_count;
    const char *out;                      /* the manifest to write */
    gr_import_options words;              /* ratspain */
    gr_import_paths_options paths;        /* paths */
    const char *images;                   /* the folder of the pictures; NULL: looked for around the source */
    const char *names;                    /* file with the landmarks that are wanted, a name a line; NULL: all */
    const char *object_class, *individual; /* the only ones that are taken */
    const char *attribute;                /* via: the attribute that names what a region is */
    const char *classes;                  /* yolo: data.yaml, or a text with a class a line */
    const char *points;                   /* yolo: how many key points a line has and of how many numbers, "17x3" */
    const char *frames;                   /* what the picture of a video's frame is called, "{video}_{frame:6}.png" */
    gr_pixel_origin origin;
    double least_score; /* points and boxes of a lower one are left out */
    bool empty;         /* keeps pictures without any mark */
    bool keep;          /* a table of landmarks that is there already stays, and the import is refused */
} gr_import_request;

/* The importer number `index` of all, from 0: its name, and in a line what it reads; NULL behind the last. Never fails. */
const char *gr_importer_name(int index);
const char *gr_importer_reads(int index);

/* Runs the importer called `name`: it writes request->out, and for annotations with landmarks the table `landmark,name` beside
 * it (x.csv: x.landmarks.csv). A manifest of annotations has one row for each picture with the columns that were found of
 * image,label,individual,<others>,box_x,box_y,box_w,box_h,box_score,lm1_x,lm1_y,lm1_v,... (lm*_v, 1 visible and 0 hidden, where
 * anything is hidden); image paths are relative to it. Of several objects in a picture the largest is taken. `said` receives
 * lines for the reader: what was found, how it was understood, and a count of all that was left out, by kind.
 * Fails: GR_INVALID (no such importer, an option that it does not take, a source that is not in its format: "FILE:LINE: ..."),
 * GR_IO, GR_NOMEM. */
gr_status gr_import(const char *name, const gr_import_request *request, gr_text *said, gr_error *err) GR_MUST_CHECK;

#endif
