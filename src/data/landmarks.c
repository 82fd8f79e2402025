/* Finding and reading the columns of landmarks. */
#include "data/landmarks.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

/* "lm", digits, "_x" or "_y". */
static bool is_point_column(const char *name)
{
    if (strncmp(name, "lm", 2) != 0)
        return false;
    size_t digits = strspn(name + 2, "0123456789");
    return digits > 0 && (strcmp(name + 2 + digits, "_x") == 0 || strcmp(name + 2 + digits, "_y") == 0);
}

/* The column of landmark `number` (from 1) and axis 'x' or 'y'; -1: not there. */
static int column_of(const gr_csv *csv, int number, char axis)
{
    char name[32];
    snprintf(name, sizeof name, "lm%d_%c", number, axis);
    return gr_csv_column(csv, name);
}

static gr_status refuse_column(const gr_csv *csv, const char *name, int next, gr_error *err)
{
    return gr_fail(err, GR_INVALID,
                   "%s:%lld: %.80s: landmarks are numbered lm1_x, lm1_y, lm2_x, ... without gaps, and there is no lm%d_x",
                   csv->path, (long long)csv->header_line, name, next);
}

gr_status gr_landmarks_find(const gr_csv *csv, gr_arena *arena, const int **columns, int *count, gr_error *err)
{
    int named = 0;
    for (int c = 0; c < csv->columns; c++)
        named += is_point_column(csv->header[c]);
    int *found = gr_arena_alloc(arena, (size_t)named + 2, sizeof *found);
    if (found == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its columns", csv->path);
    *columns = found;
    *count = 0;
    for (int used = 0; used < named; used += 2) {
        int number = *count + 1, x = column_of(csv, number, 'x'), y = column_of(csv, number, 'y');
        if (x < 0 && y < 0) {
            for (int c = 0; c < csv->columns; c++) {
                int taken = 0;
                while (taken < 2 * *count && found[taken] != c)
                    taken++;
                if (taken == 2 * *count && is_point_column(csv->header[c]))
                    return refuse_column(csv, csv->header[c], number, err);
            }
        }
        if (x < 0 || y < 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: lm%d_%c: there is no such column beside lm%d_%c; a landmark has both",
                           csv->path, (long long)csv->header_line, number, x < 0 ? 'x' : 'y', number, x < 0 ? 'y' : 'x');
        if (number > GR_POINTS_MAX)
            return gr_fail(err, GR_INVALID, "%s:%lld: lm%d_x: at most %d landmarks are read", csv->path,
                           (long long)csv->header_line, number, GR_POINTS_MAX);
        found[2 * number - 2] = x;
        found[2 * number - 1] = y;
        *count = number;
    }
    return GR_OK;
}

bool gr_landmarks_read(const gr_csv *csv, int64_t row, const int *columns, int count, float *to, int *column, char *said,
                    size_t size)
{
    int known = 0;
    for (int i = 0; i < 2 * count; i++) {
        const char *text = gr_csv_field(csv, row, columns[i]), *other = gr_csv_field(csv, row, columns[i ^ 1]);
        double value = 0;
        *column = columns[i];
        to[i] = NAN;
        bool unknown = gr_csv_unknown(text);
        if (unknown && gr_csv_unknown(other))
            continue;
        if (unknown) {
            snprintf(said, size, "the landmark is half there: both of its coordinates hold a number, or both are empty");
            return false;
        }
        if (!gr_parse_double(text, &value) || value < 0.0) {
            snprintf(said, size, "'%.80s' is not a place in the image, a number of pixels from 0 on is needed", text);
            return false;
        }
        to[i] = (float)value;
        known++;
    }
    if (known > 0)
        return true;
    *column = columns[0];
    snprintf(said, size, "no landmark of the image is known; a row without any is of no use here, leave it out");
    return false;
}
