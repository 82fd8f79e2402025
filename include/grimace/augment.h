/* A table's pictures, changed at random and written as a data set of their own. */
#ifndef GRIMACE_AUGMENT_H
#define GRIMACE_AUGMENT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/text.h"

/* All strings are BORROWED during the call. */
typedef struct gr_augment_options {
    const char *manifest; /* a table with image; boxes and landmarks move along */
    const char *pipeline; /* a YAML list of transforms, as data.train_transforms takes it */
    int times;            /* pictures of each row, 1 to 1000 */
    uint64_t seed;
    const char *flip;  /* pairs of landmarks that change places in a mirrored face, "1-4,2-5"; NULL: none */
    const char *faces; /* a detector: the picture is cut to the best face that it finds, and brought back to its size, where
                        * the face is large enough; NULL: no cutting */
    double face_share; /* of the picture's area, which a face must exceed */
    double face_chance;
    double scale; /* of a cascade */
    int neighbours;
    const char *out; /* the folder to make: images/ and manifest.csv */
    bool force;
    const volatile sig_atomic_t *stop; /* NULL: never */
} gr_augment_options;

typedef struct gr_augment_report {
    int64_t written;
    int64_t cut;       /* pictures that were cut to their face */
    int64_t too_small; /* that were to be, but had none large enough: they are whole */
    gr_text notices;   /* a sentence a line */
} gr_augment_report;

/* Writes `times` pictures of each row, by random numbers that follow from seed, row and number. The table is that of
 * gr_crops_make without `keep`: image, source, and all other columns, boxes and landmarks moved. GIVES report->notices
 * (gr_augment_report_free), also when it fails; then nothing of the set is left.
 * Fails: GR_INVALID (an option, the table, the pipeline, a picture; a pipeline that mirrors landmarks without `flip`),
 * GR_INTERRUPTED, GR_IO, GR_NOMEM. */
gr_status gr_augment_make(const gr_augment_options *options, gr_augment_report *report, gr_error *err) GR_MUST_CHECK;
void gr_augment_report_free(gr_augment_report *report);

#endif
