/* Landmarks in a manifest: the columns lm1_x, lm1_y, lm2_x, ... and the pairs of numbers in them. */
#ifndef GR_DATA_POINTS_H
#define GR_DATA_POINTS_H

#include "formats/csv.h"

enum { GR_POINTS_MAX = 10000 };

/* Finds the columns: columns[2 l] and columns[2 l + 1] are those of landmark l + 1; there are *count landmarks, 0 when the
 * table has none. GIVES columns in `arena`. Fails: GR_INVALID (one coordinate without the other, a number left out, such as
 * lm3_x without lm2_x, or one that is not written so), GR_NOMEM. */
gr_status gr_landmarks_find(const gr_csv *csv, gr_arena *arena, const int **columns, int *count,
                            gr_error *err) GR_MUST_CHECK;

/* Reads row `row` into to[2 count], NaN where both cells are empty. false: *column is at fault, and said[size] tells why. */
bool gr_landmarks_read(const gr_csv *csv, int64_t row, const int *columns, int count, float *to, int *column, char *said,
                    size_t size);

#endif
