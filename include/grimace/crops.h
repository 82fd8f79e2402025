/* Faces cut out of pictures by their boxes, as a data set of their own. */
#ifndef GRIMACE_CROPS_H
#define GRIMACE_CROPS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/text.h"

/* All strings are BORROWED during the call. */
typedef struct gr_crops_options {
    const char *manifest; /* a table with image,box_x,box_y,box_w,box_h; a picture may have several rows */
    double margin;        /* added on each side, as a share of the box's width and height; 0 or above */
    bool square;          /* as wide as high: the longer side's */
    int size;             /* pixels of the longer side; 0: as it is */
    const char *only;     /* "COLUMN=VALUE": only such rows; NULL: all */
    bool whole;           /* no box columns: training reads the crop with its margin, and not the box in it */
    const char *out;      /* the folder to make: images/ and manifest.csv, which is written last */
    const char *sheet;    /* a picture (.png) or page (.html) of all crops with the lines of their rows; NULL: none */
    bool force;           /* also into a folder that holds files, and over a sheet */
    const volatile sig_atomic_t *stop; /* NULL: never */
} gr_crops_options;

typedef struct gr_crops_report {
    int64_t written;
    int64_t without_box; /* rows that have none */
    int64_t left_out;    /* rows that are not `only` */
    int64_t lost_points; /* landmarks that are not on their crop */
    int64_t padded;      /* crops that are larger than their picture: black around it */
    gr_text notices;     /* a sentence a line */
} gr_crops_report;

/* Cuts the box of each row out of its upright picture, moved inside the picture where its margin leaves it, and resized by
 * gr_image_resize. The manifest has image, source (the picture that it was cut from), all other columns with boxes and
 * landmarks in pixels of the crop, and `keep`, 1, which a person sets to 0 to strike a crop out. GIVES report->notices
 * (gr_crops_report_free), also when it fails; then nothing of the set is left.
 * Fails: GR_INVALID (an option, the table, a picture or box, no row with a box), GR_INTERRUPTED, GR_IO, GR_NOMEM. */
gr_status gr_crops_make(const gr_crops_options *options, gr_crops_report *report, gr_error *err) GR_MUST_CHECK;
void gr_crops_report_free(gr_crops_report *report);

#endif
