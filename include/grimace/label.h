/* From several raters' scores of action units, or from the time of a picture, to one label for each image; and how far the
 * raters agree. */
#ifndef GRIMACE_LABEL_H
#define GRIMACE_LABEL_H

#include <stdbool.h>

#include "grimace/agreement.h"
#include "grimace/text.h"

enum { GR_LABELS = 3 };

typedef struct gr_label_counts {
    int64_t images, labelled;
    int64_t left_out;            /* too few action units with a label; mean, median, majority: no rater with a total */
    int64_t tied;                /* of majority: as many raters say one thing as another */
    int64_t of_label[GR_LABELS]; /* labels 0, 1, 2; without a cut-off of mean, median and majority none is counted */
    double least, most;          /* scores of mean, median and majority */
} gr_label_counts;

/* Strings are BORROWED during the call; NULL: not given. */
typedef struct gr_label_options {
    const char *scheme, *rule, *group;
    const char *join; /* of ratings: a table whose other columns are added to the manifest's, by image; rows that it lacks are left
                       * out */
    /* of mean, median and majority */
    const char *score; /* the one column of scores */
    const char *total; /* "sum" or "mean" of a rater's units; NULL: sum */
    bool has_cut_off;
    double cut_off;
    gr_text *notices; /* receives what was read otherwise than it stands in the table, a sentence a line; NULL: unsaid */
} gr_label_options;

/* Reads a table and writes the manifest `out`.
 *
 * Of raters: a row for each image and rater; columns image and rater, `group` (NULL: none), with painseeker also stage (1 or
 * 2), and every other column an action unit scored 0, 1, 2 or half a point between, or "uncertain" or empty (mean, median,
 * majority: any number). Without stages also a row for each image with a column for each action unit and rater: au_ear_r1,
 * au_ear.rater2. The manifest image,GROUP,au_UNIT...,label,score is sorted by image, score being the number that the label
 * is made of. painseeker (RatsPain, PainSeeker 2025): an action unit has the score that four of the five raters of stage 1
 * give, else that which five of all eight give; the label is the mean of at least three such scores, rounded half up. `rule`
 * is NULL. felinegrimace (Steagall et al. 2023): a rater's total is the sum over 2 times the number of the scored action
 * units; `rule` makes one score of the totals: mean, max, min, and "or" and "and", which are max and min, since label 1
 * (painful) is a score from 0.4 up; mode takes the commonest score of each action unit, of tied ones the smallest, and their
 * total. With mode, max and min au_UNIT are the commonest, largest and smallest scores, else there are none. `all`
 * puts all six side by side: image,GROUP,au_UNIT_mode...,au_UNIT_max...,au_UNIT_min...,and,or,mean,max,min,mode, where and and
 * or are labels, the other four scores.
 *
 *   mean, median, majority: of the raters' totals, which are the sums (`total`: means) of all units, or their `score`. With
 * a cut-off the label is 1 from it on, else 0; a majority is then that of the raters whose own total reaches it, and a tie
 * has no label. Without, the score is the label; the majority is the commonest total, where no other is as common. au_UNIT
 * are pooled likewise.
 *
 * blackmice (Andresen et al. 2020, Table 1): a row for each image; columns image, procedure (in or isoflurane, kxn or
 * ketamine_xylazine, c or castration, none or untreated) and time (baseline, "30 min", "day 2": one of the paper's). The
 * manifest has all columns of the table and treatment, session (such as kxn-30min) and effect, 1 at the points in time that
 * the table lists for the procedure. `rule` and `group` are NULL.
 *
 * Fails: GR_INVALID (the table; an unknown scheme, rule, procedure or time; an image twice by one rater), GR_IO, GR_NOMEM.
 */
gr_status gr_label_images(const char *table, const gr_label_options *options, const char *out, gr_label_counts *counts,
                          gr_error *err) GR_MUST_CHECK;

/* ---- agreement -------------------------------------------------------------------------------------------------------- */

enum { GR_MOST_RATERS = 256 };

/* Two raters over the images that both scored; at least two of them. */
typedef struct gr_rater_pair {
    int first, second; /* in gr_rating_agreement.raters */
    gr_kappa kappa[3]; /* by gr_kappa_weights: plain, linear, quadratic */
} gr_rater_pair;

typedef struct gr_unit_agreement {
    char *name; /* of the action unit; "total": the sum over twice the number of scored units, or gr_label_options.total */
    gr_rater_pair *pairs; /* [pair_count], owned; none of the total, and none with more than GR_MOST_RATERS raters */
    int pair_count;
    double mean_kappa[3]; /* over the pairs where it is defined (Light 1971, Psychol. Bull. 76, 365-377) */
    /* Images with the commonest number of scores, whoever gave them: Fleiss' kappa (not of the total), ICC(1,1) and (1,k).
     */
    int64_t images;
    int raters;
    gr_fleiss fleiss;
    /* Images that the whole panel scored (all raters; with stages those of stage 1): ICC(2,.) and (3,.). */
    int64_t panel_images;
    gr_icc icc[GR_ICC_FORMS];
} gr_unit_agreement;

typedef struct gr_rating_agreement {
    double level;  /* of all intervals */
    char **raters; /* [rater_count], sorted; owned */
    int rater_count, panel_count;
    gr_unit_agreement *units; /* [unit_count], the total last; owned */
    int unit_count;
} gr_rating_agreement;

/* How far the raters of the table agree, with a scheme of raters (`rule` and the cut-off play no part; nothing is said in
 * `notices`). Kappas are of scores in whole or half points, at most 201 different ones. GIVES *out
 * (gr_rating_agreement_free). Fails: GR_INVALID (as gr_label_images), GR_NOMEM. */
gr_status gr_label_agreement(const char *table, const gr_label_options *options, double level, gr_rating_agreement *out,
                             gr_error *err) GR_MUST_CHECK;
void gr_rating_agreement_free(gr_rating_agreement *agreement);
/* Writes it as JSON, numbers not rounded. Fails: GR_INVALID, GR_IO, GR_NOMEM. */
gr_status gr_rating_agreement_write(const gr_rating_agreement *agreement, const char *path, gr_error *err) GR_MUST_CHECK;
/* Adds a table for a reader to `out`; memory shortage sticks there. Never fails. */
void gr_rating_agreement_table(const gr_rating_agreement *agreement, gr_text *out);

#endif
