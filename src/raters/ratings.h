/* A table of raters' scores of action units, read and checked. */
#ifndef GR_DATA_RATINGS_H
#define GR_DATA_RATINGS_H

#include "formats/csv.h"

enum { GR_SCORES = 3, GR_MOST_UNITS = 64, GR_NO_SCORE = -1 };

typedef struct gr_rating {
    const char *image, *rater;
    int64_t row;
} gr_rating;

typedef struct gr_ratings {
    gr_csv *csv;
    int image, rater, stage, group; /* columns; -1: none */
    int units[GR_MOST_UNITS], unit_count;
    gr_rating *list; /* [count], sorted by image and rater */
    int64_t count;
} gr_ratings;

/* Reads `path`: columns image and rater, `staged`: stage (1 or 2), `group` (NULL: none), every other column an action unit
 * scored 0, 1, 2, or "uncertain" or empty. GIVES *out (gr_ratings_free). Fails: GR_INVALID (the table; a rater who rates an
 * image twice), GR_NOMEM. */
gr_status gr_ratings_read(const char *path, bool staged, const char *group, gr_ratings *out, gr_error *err) GR_MUST_CHECK;
void gr_ratings_free(gr_ratings *ratings);

/* What follows never fails. */

/* The score that a rating gives to a unit, or GR_NO_SCORE. */
int gr_rating_score(const gr_ratings *ratings, const gr_rating *rating, int unit);
/* Is it of stage 1, or are there no stages? */
bool gr_rating_first(const gr_ratings *ratings, const gr_rating *rating);
/* The rating's sum over 2 times the number of its scored units (Feline Grimace Scale), or GR_NO_SCORE without one. */
double gr_rating_total(const gr_ratings *ratings, const gr_rating *rating);
/* Where the ratings of the image at `begin` end. */
int64_t gr_ratings_end(const gr_ratings *ratings, int64_t begin);

#endif
