/* A table's pictures turned upright, cut and brought to one size by their landmarks, as a data set of their own. */
#ifndef GRIMACE_ALIGN_H
#define GRIMACE_ALIGN_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "grimace/base.h"
#include "grimace/text.h"

/* All strings are BORROWED during the call. */
typedef struct gr_align_options {
    const char *manifest;  /* a table with image; boxes and landmarks move along */
    const char *landmarks; /* another table with image,lm1_x,lm1_y,..., such as predictions, whose landmarks say how faces
                            * lie; NULL: the manifest's own */
    const char *by; /* fgs37, synth18, or LEFT:RIGHT:FRAME, each a list of landmarks: gr_alignment_fit. NULL: as `to` says */
    const char *to; /* "procrustes", the mean shape of the table's whole faces, or a table with size,lm1_x,...: the
                     * similarity that comes nearest to it (gr_similarity_fit). NULL: as `by` says */
    const char *save; /* the template that `to` used, as such a table; NULL: nowhere */
    int size;         /* pixels of a side, 1 to 16384 */
    double margin;    /* around the frame, or the mean shape: a share of its longer side, 0 to 10 */
    const char *out;  /* the folder to make: images/ and manifest.csv */
    bool force;
    const volatile sig_atomic_t *stop; /* NULL: never */
} gr_align_options;

typedef struct gr_align_report {
    int64_t written;
    int64_t left_out; /* rows whose landmarks do not say how the face lies */
    int64_t shapes;   /* whole faces in the mean shape */
    gr_text notices;  /* a sentence a line */
} gr_align_report;

/* Writes the set. GIVES report->notices (gr_align_report_free), also when it fails; then nothing of the set is left.
 * Fails: GR_INVALID (an option, a table, a landmark that is not there, a picture, no row that can be aligned),
 * GR_INTERRUPTED, GR_IO, GR_NOMEM. */
gr_status gr_align_make(const gr_align_options *options, gr_align_report *report, gr_error *err) GR_MUST_CHECK;
void gr_align_report_free(gr_align_report *report);

#endif
