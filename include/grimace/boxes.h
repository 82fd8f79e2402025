/* How well boxes are found: recall, precision, average precision, from true boxes and found ones. */
#ifndef GRIMACE_BOXES_H
#define GRIMACE_BOXES_H

#include <stdint.h>

#include "grimace/base.h"

typedef struct gr_plain_box {
    double x, y, width, height;
} gr_plain_box;

/* A box that was found, and how sure the detector is of it. */
typedef struct gr_scored_box {
    gr_plain_box box;
    double score;
} gr_scored_box;

/* One image: its true boxes and those found, of the highest score first. BORROWED. */
typedef struct gr_box_image {
    const gr_plain_box *truths;
    int64_t truth_count;
    const gr_scored_box *found;
    int64_t found_count;
} gr_box_image;

/* Numbers without anything to divide by are NaN. */
typedef struct gr_box_numbers {
    int64_t images, truths, found, matched; /* matched: found boxes that are a true one, at IoU 0.5 */
    int64_t empty;                          /* images in which nothing is found */
    double recall, precision;               /* matched / truths, matched / found */
    double mean_iou;   /* over true boxes, of the found box that covers each best; 0 where there is none */
    double ap;         /* COCO's: mean over IoU 0.50, 0.55 .. 0.95 */
    double ap50, ap75; /* COCO's at one IoU */
    double voc;        /* VOC 2010's at IoU 0.5: the area under the precision made monotone */
} gr_box_numbers;

/* Area of both over area of either; 0 where one is empty. Never fails. */
double gr_box_iou(const gr_plain_box *a, const gr_plain_box *b);

/* Fills *out. Boxes are matched as COCO's evaluation does: found boxes from the highest score on (equal ones in their order;
 * at most 100 an image for the average precisions), each takes the true box of largest IoU that is still free, if the IoU
 * reaches the limit. Of images, equal scores stand in the images' order. VOC's takes the true box of largest IoU, free or
 * not. Fails: GR_NOMEM. */
gr_status gr_box_numbers_of(const gr_box_image *images, int64_t count, gr_box_numbers *out, gr_error *err) GR_MUST_CHECK;

#endif
