/* Which columns of a table of ratings hold the scores of which unit and rater. */
#ifndef GR_RATERS_RATINGS_COLUMNS_H
#define GR_RATERS_RATINGS_COLUMNS_H

#include "raters/ratings.h"

/* A column of scores. */
typedef struct gr_rating_column {
    int column, unit;
    const char *rater; /* of a wide table, in the arena; NULL: the row says who */
} gr_rating_column;

/* Finds the columns of a table that is read: r->image, rater, stage, group, units; columns[csv->columns] and *count receive
 * those of scores. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_ratings_find_columns(gr_ratings *ratings, gr_rating_column *columns, int *count, gr_error *err) GR_MUST_CHECK;
/* *column: the one called `name`, -1 where that is NULL. Fails: GR_INVALID (none is; the nearest name is said). */
gr_status gr_ratings_column(const gr_csv *csv, const char *name, int *column, gr_error *err) GR_MUST_CHECK;

#endif
