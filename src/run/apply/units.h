/* Images of a table that are taken together: those with the same values in some columns. */
#ifndef GR_RUN_UNITS_H
#define GR_RUN_UNITS_H

#include "run/apply/ask.h"

enum { GR_UNIT_COLUMNS = 16 };

typedef struct gr_units {
    int64_t count;
    int64_t *of;        /* [ask->count], the unit of each image, in the order of their first ones */
    const char **names; /* [count], the values with blanks between */
    int32_t *sizes;     /* [count], images */
    int column_count;
    const char *columns[GR_UNIT_COLUMNS];
    const char **values[GR_UNIT_COLUMNS]; /* [count], of each column */
    gr_arena *arena;
} gr_units;

/* Takes the rows of `ask` together by the columns that `list` names, "animal,session". GIVES *out (gr_units_close); BORROWS
 * from `ask`. Fails: GR_INVALID (no such column, an empty value, no table), GR_NOMEM. */
gr_status gr_units_make(const gr_ask *ask, const char *list, gr_units *out, gr_error *err) GR_MUST_CHECK;
void gr_units_close(gr_units *units);

#endif
