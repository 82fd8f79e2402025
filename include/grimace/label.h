/* From several raters' scores of action units to one label for each image. */
#ifndef GRIMACE_LABEL_H
#define GRIMACE_LABEL_H

#include "grimace/base.h"

typedef struct gr_label_counts {
    int64_t images, labelled;
    int64_t left_out; /* too few action units with a label */
} gr_label_counts;

/* Reads the table `ratings`, a row for each image and rater: columns image and rater, `group` (NULL: none), with scheme
 * painseeker also stage (1 or 2), and every other column an action unit scored 0, 1, 2, or "uncertain" or empty. Writes the
 * manifest image,GROUP,label,score to `out`, sorted by image, score being the number that the label is made of.
 *   painseeker (RatsPain, PainSeeker 2024): an action unit has the score that four of the five raters of stage 1 give, else
 *     that which five of all eight give; the label is the mean of at least three such scores, rounded half up. `rule` is NULL.
 *   felinegrimace (Steagall et al. 2023): a rater's total is the sum over 2 times the number of the scored action units;
 *     `rule` makes one score of the totals: mean, max, min, and "or" and "and", which are max and min, since label 1 (painful)
 *     is a score from 0.4 up; mode takes the commonest score of each action unit, of tied ones the smallest, and their total.
 * Fails: GR_INVALID (the table; an unknown scheme or rule; an image twice by one rater), GR_IO, GR_NOMEM. */
gr_status gr_label_images(const char *ratings, const char *scheme, const char *rule, const char *group, const char *out,
                          gr_label_counts *counts, gr_error *err) GR_MUST_CHECK;

#endif
