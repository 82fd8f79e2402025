/* A table of raters' scores, read and checked. */
#ifndef GR_DATA_RATINGS_H
#define GR_DATA_RATINGS_H

#include "formats/csv.h"
#include "grimace/text.h"

enum { GR_MOST_UNITS = 64, GR_NO_SCORE = -1, GR_MOST_CATEGORIES = 201 };

/* What one rating of several units comes to. */
typedef enum gr_rating_total_kind {
    GR_TOTAL_SHARE = 0, /* the sum over 2 times the number of the scored units (Feline Grimace Scale) */
    GR_TOTAL_SUM,       /* the sum; none where a unit is not scored */
    GR_TOTAL_MEAN       /* of the scored units */
} gr_rating_total_kind;

typedef struct gr_ratings_spec {
    bool staged;       /* a column stage: 1 or 2 */
    bool any;          /* scores are numbers; else 0, 1, 2 and the halves between them */
    const char *group; /* a column to keep; NULL: none */
    const char *score; /* the one column of scores; NULL: every other column is one */
    gr_rating_total_kind total;
    gr_text *notices; /* receives what was read otherwise than it stands in the table, a sentence a line; NULL: unsaid */
} gr_ratings_spec;

typedef struct gr_rating {
    const char *image, *rater;
    int64_t row;          /* of the table */
    const double *scores; /* [unit_count], NaN: none */
} gr_rating;

typedef struct gr_ratings {
    gr_csv *csv;
    gr_arena *arena;
    gr_ratings_spec spec;
    int image, rater, stage, group; /* columns; -1: none; rater: none in a wide table */
    const char *units[GR_MOST_UNITS]; /* names */
    int unit_count;
    gr_rating *list; /* [count], sorted by image and rater */
    int64_t count;
    /* What scores are counted in: `parts` of a whole from `lowest` on; categories 0: they are not whole steps, or too many. */
    double lowest;
    int parts, categories;
} gr_ratings;

/* Reads `path`. A long table has a row for each image and rater: columns image, rater, `staged`: stage (1 or 2), `group`, and every
 * other column (or `score` alone) is a unit. A wide one has no column rater, but one for each unit and rater: UNIT_r1, UNIT.rater2,
 * UNIT-observer_anna, r1_UNIT, or rater1 alone (of the unit "score"); what is none of these is left out and said. "uncertain" and
 * what is empty or NA are no score. GIVES *out (gr_ratings_free). Fails: GR_INVALID (the table; a rater who rates an image twice),
 * GR_NOMEM. */
gr_status gr_ratings_read(const char *path, const gr_ratings_spec *spec, gr_ratings *out, gr_error *err) GR_MUST_CHECK;
void gr_ratings_free(gr_ratings *ratings);

/* What follows never fails. */

/* The score that a rating gives to a unit as a number of steps from the lowest, or GR_NO_SCORE. */
int gr_rating_score(const gr_ratings *ratings, const gr_rating *rating, int unit);
/* Is it of stage 1, or are there no stages? */
bool gr_rating_first(const gr_ratings *ratings, const gr_rating *rating);
/* What the rating comes to; NaN: nothing. */
double gr_rating_total(const gr_ratings *ratings, const gr_rating *rating);
/* Where the ratings of the image at `begin` end. */
int64_t gr_ratings_end(const gr_ratings *ratings, int64_t begin);

#endif
