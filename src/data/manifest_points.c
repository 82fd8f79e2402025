#include "data/manifest_points.h"

#include <math.h>
#include <stdio.h>

#include "base/base.h"

/* The column of landmark `number`, from 1, and axis 'x' or 'y'; -1: not there. */
static int column_of(const gr_manifest *m, int number, char axis)
{
    char name[32];
    snprintf(name, sizeof name, "lm%d_%c", number, axis);
    return gr_manifest_column(m, name);
}

float *gr_manifest_points(const gr_manifest *m, int *count)
{
    size_t cells;
    for (*count = 0; column_of(m, *count + 1, 'x') >= 0 && column_of(m, *count + 1, 'y') >= 0;)
        ++*count;
    if (*count == 0 || !gr_mul_size((size_t)m->rows, 2 * (size_t)*count, &cells))
        return NULL;
    float *points = gr_alloc(cells, sizeof *points);
    for (int i = 0; points != NULL && i < 2 * *count; i++) {
        int column = column_of(m, i / 2 + 1, i % 2 == 0 ? 'x' : 'y');
        for (int64_t r = 0; r < m->rows; r++) {
            double value;
            bool number = gr_parse_double(gr_manifest_cell(m, r, column), &value);
            points[r * 2 * *count + i] = number ? (float)value : NAN;
        }
    }
    return points;
}
