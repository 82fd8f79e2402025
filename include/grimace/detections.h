/* Detectors over many images: their boxes as a table, and how they compare. */
#ifndef GRIMACE_DETECTIONS_H
#define GRIMACE_DETECTIONS_H

#include <signal.h>
#include <stdbool.h>

#include "grimace/boxes.h"
#include "grimace/detect.h"
#include "grimace/manifest.h"
#include "grimace/text.h"

/* As gr_finder_open, and of a model of the task boxes: a .safetensors file, or the folder of a run, whose models are asked
 * together. Of a model the first kind is what is found, from its score on; the options of cascades do not change that. Asked from
 * several threads at once, models look at one picture after the other. Fails: likewise. */
gr_status gr_any_finder_open(const char *path, const gr_detect_options *options, gr_finder **out,
                             gr_error *err) GR_MUST_CHECK;

/* What `finder_count` detectors found in `count` images. Zero-initialise it; gr_detections_free when done. */
typedef struct gr_detections {
    const gr_finder *const *finders; /* [finder_count], BORROWED */
    int finder_count;
    int64_t count, broken;
    gr_found_list *found; /* [finder_count, count]; none of an image that could not be read */
    char **problems;      /* [count]: why an image could not be read, without its path; NULL: it was */
    double *seconds;      /* [finder_count]: for all images that were read, without reading them */
} gr_detections;

/* Reads each of paths[count] (BORROWED) and asks all finders (BORROWED as long as *out lives). `stop` (NULL: never) as in
 * gr_run_options. Fails: GR_NOMEM, GR_INTERRUPTED. */
gr_status gr_detections_make(const gr_finder *const *finders, int finder_count, const char *const *paths, int64_t count,
                             const volatile sig_atomic_t *stop, gr_detections *out, gr_error *err) GR_MUST_CHECK;
void gr_detections_free(gr_detections *detections);
/* In how many images that were read finder `f` found nothing. Never fails. */
int64_t gr_detections_empty(const gr_detections *detections, int f);

/* Appends the table of the first finder: the manifest's columns (BORROWED; NULL: `image` alone, of images[count]), then
 * box_x,box_y,box_w,box_h,box_score,detector: the best box of each image, or with `all` a row for every box; empty cells
 * where there is none. Columns of these names that the manifest has are left out. Where an image could not be read a last
 * column `error` says why. Memory shortage sticks in `out`. Never fails. */
void gr_detections_csv(const gr_detections *detections, const gr_manifest *manifest, const char *const *images, bool all,
                       gr_text *out);

/* Writes each of paths[count] that could be read, once for rows in succession that name the same, as a PNG into `folder`,
 * which is made: "000012-STEM.png" by its row, with the first finder's best box drawn, or with `all` every one. `stop`
 * likewise. Fails: GR_INVALID (a picture that went, a folder that cannot be made), GR_IO, GR_NOMEM, GR_INTERRUPTED. */
gr_status gr_detections_draw(const gr_detections *detections, const char *const *paths, const char *folder, bool all,
                             const volatile sig_atomic_t *stop, gr_error *err) GR_MUST_CHECK;

/* The numbers of finder `f` against the boxes of the manifest, over the images that were read; without box columns what
 * needs them is NaN. The boxes are manifest->marks, read as "face=box"; an image without one has no face. Fails: GR_NOMEM.
 */
gr_status gr_detections_numbers(const gr_detections *detections, int f, const gr_manifest *manifest, gr_box_numbers *out,
                                gr_error *err) GR_MUST_CHECK;
/* Appends a row for each finder, for people, or as CSV: detector, images, empty_percent, ms, recall, precision, mean_iou,
 * ap, ap50, ap75, voc. Fails: GR_NOMEM. */
gr_status gr_detections_compare(const gr_detections *detections, const gr_manifest *manifest, bool csv, gr_text *out,
                                gr_error *err) GR_MUST_CHECK;

#endif
