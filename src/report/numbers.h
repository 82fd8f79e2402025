/* The numbers of a figure, as a small table that stands below it. */
#ifndef GR_REPORT_NUMBERS_H
#define GR_REPORT_NUMBERS_H

#include "base/base.h"

/* Zero-initialise it; gr_numbers_free when done. Cells are added one after the other, the names of the columns first.
 * Shortage of memory sticks in `cells.failed`. */
typedef struct gr_numbers {
    gr_text cells;  /* each with a NUL behind it */
    size_t *starts; /* [count] */
    int64_t count, room;
    int columns;
} gr_numbers;

/* Names the columns. None of these fails. */
void gr_numbers_columns(gr_numbers *numbers, const char *const *names, int count);
void gr_numbers_text(gr_numbers *numbers, const char *text);
void gr_numbers_whole(gr_numbers *numbers, int64_t value);
/* With six digits; an empty cell where it is not finite. */
void gr_numbers_real(gr_numbers *numbers, double value);
/* How many rows there are, without the names. */
int64_t gr_numbers_rows(const gr_numbers *numbers);
/* A cell of row `row`; -1: of the names. */
const char *gr_numbers_cell(const gr_numbers *numbers, int64_t row, int column);
/* Appends all of it as CSV. Shortage sticks in `out`. */
void gr_numbers_csv(const gr_numbers *numbers, gr_text *out);
void gr_numbers_free(gr_numbers *numbers);

#endif
