/* The numbers of rows that stand in their images' place: columns of a table, NaN where a cell is empty. */
#ifndef GR_LEARNERS_ROW_NUMBERS_H
#define GR_LEARNERS_ROW_NUMBERS_H

#include "grimace/descriptors.h"
#include "learners/cohort.h"

typedef struct gr_row_numbers {
    int raw;                      /* columns that are read */
    const char *const *raw_names; /* [raw] */
    int width;                    /* features: these columns, or descriptors of the landmarks in them */
    const char *const *names;     /* [width] */
    float *values;                /* [manifest.rows, width] */
    gr_arena *arena;
} gr_row_numbers;

/* Writes the descriptors features[count, set->count] of landmarks raw[count, 2 set->landmarks]. Returns how many of these
 * are NaN. Never fails. */
int64_t gr_row_describe(const gr_descriptor_set *set, const float *raw, int64_t count, float *features);
/* Reads those that the recipe names (data.features). GIVES *out (gr_row_numbers_free). Fails: GR_INVALID (a column that is
 * not there, is named twice, or is the label's; a cell with a text), GR_NOMEM. */
gr_status gr_row_numbers_read(const gr_cohort *cohort, gr_row_numbers *out, gr_error *err) GR_MUST_CHECK;
void gr_row_numbers_free(gr_row_numbers *numbers);
/* The number that a cell holds, NaN where it says that it is not known; false: it is none. Never fails. */
bool gr_number_of(const char *text, float *out);
/* What is wrong with places[count], pairs of coordinates that are NaN where they are not known: *at is the column, the answer
 * the reason; NULL: nothing is. Never fails. */
const char *gr_number_fault(const float *places, int count, int *at);

#endif
