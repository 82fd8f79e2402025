/* The numbers of rows that stand in their images' place: columns of a table, NaN where a cell is empty. */
#ifndef GR_LEARNERS_ROW_NUMBERS_H
#define GR_LEARNERS_ROW_NUMBERS_H

#include "learners/cohort.h"

typedef struct gr_row_numbers {
    int width;
    const char *const *names; /* [width], BORROWED from the recipe */
    float *values;            /* [manifest.rows, width] */
} gr_row_numbers;

/* Reads those that the recipe names (data.features). GIVES *out (gr_row_numbers_free). Fails: GR_INVALID (a column that is not there,
 * is named twice, or is the label's; a cell with a text), GR_NOMEM. */
gr_status gr_row_numbers_read(const gr_cohort *cohort, gr_row_numbers *out, gr_error *err) GR_MUST_CHECK;
void gr_row_numbers_free(gr_row_numbers *numbers);
/* The number that a cell holds, NaN where it says that it is not known; false: it is none. Never fails. */
bool gr_number_of(const char *text, float *out);

#endif
