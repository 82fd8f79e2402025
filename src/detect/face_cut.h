/* The face cut out of a picture by a detector while it is loaded: what data.crop of a config names, and a model's card. */
#ifndef GR_DETECT_FACE_CUT_H
#define GR_DETECT_FACE_CUT_H

#include "grimace/sample.h"

typedef struct gr_face_cut_options {
    const char *detector; /* its file; BORROWED during the call */
    double margin;        /* added on each side, as a share of the box's width and height */
    bool square;          /* as wide as high: the longer side's */
    uint64_t key;         /* not 0: the cutter's key must be this, or the detector is another one than it was */
    const struct gr_detector *models; /* as in gr_detect_options */
} gr_face_cut_options;

typedef struct gr_face_cut gr_face_cut;

/* Opens the detector with its own defaults. GIVES *out (gr_face_cut_close). Fails: as gr_finder_open; GR_INVALID (another key). */
gr_status gr_face_cut_open(const gr_face_cut_options *options, gr_face_cut **out, gr_error *err) GR_MUST_CHECK;
/* Its best box, with the margin, moved inside the picture; the picture's whole side where it is longer than that. BORROWED. Never
 * fails. */
const gr_cutter *gr_face_cut_cutter(const gr_face_cut *cut);
/* NULL is fine. */
void gr_face_cut_close(gr_face_cut *cut);

/* Where a box lies with its margin, in whole pixels inside a picture of width x height. Never fails. */
void gr_face_cut_place(const double box[4], double margin, bool square, int width, int height, double out[4]);

#endif
