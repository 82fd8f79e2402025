/* DeepLabCut's .csv: header rows "scorer", in new projects "individuals", "bodyparts", "coords"; in front of the numbers the
 * picture's path, in one cell or in three. An empty cell is a point that is not known. */
#include "import/deeplabcut_table.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "formats/csv.h"
#include "import/importers.h"

enum { MOST_INDEX = 3, MOST_HEADERS = 4 };


/* ---- .csv ------------------------------------------------------------------------------------------------------------------ */

typedef struct csv_reader {
    const gr_csv *csv;
    const char *path;
    int headers, index;                    /* how many rows of names, and columns of the path */
    double *values;                        /* [columns] */
    gr_dlc_table table;
} csv_reader;

/* Cell `c` of line `row` of the file, from 0. */
static const char *cell_at(const csv_reader *r, int row, int c)
{
    return row == 0 ? r->csv->header[c] : gr_csv_field(r->csv, row - 1, c);
}

/* Which rows of names there are, and how many columns the path has. */
static gr_status read_shape(csv_reader *r, gr_error *err)
{
    bool individuals = r->csv->rows > 0 && strcmp(cell_at(r, 1, 0), "individuals") == 0;
    r->headers = individuals ? 4 : 3;
    const char *const expected[MOST_HEADERS] = {"scorer", individuals ? "individuals" : "bodyparts",
                                                individuals ? "bodyparts" : "coords", "coords"};
    for (int i = 0; i < r->headers; i++)
        if (i > r->csv->rows || strcmp(cell_at(r, i, 0), expected[i]) != 0)
            return gr_fail(err, GR_INVALID,
                           "%s:%d: is not DeepLabCut's: its line begins with \"%.40s\", %s would be right", r->path, i + 1,
                           i > r->csv->rows ? "" : cell_at(r, i, 0), expected[i]);
    r->index = 1;
    while (r->index < r->csv->columns && cell_at(r, 0, r->index)[0] == '\0' && cell_at(r, r->headers - 1, r->index)[0] == '\0')
        r->index++;
    if (r->index > MOST_INDEX)
        return gr_fail(err, GR_INVALID, "%s:1: has %d columns without a name, DeepLabCut writes one or three", r->path, r->index);
    return GR_OK;
}

static gr_status read_columns(gr_marks *marks, csv_reader *r, gr_error *err)
{
    char place[600];
    int count = r->csv->columns - r->index;
    gr_dlc_column *columns = gr_alloc((size_t)count + 1, sizeof *columns);
    if (columns == NULL)
        return gr_marks_no_memory(err);
    for (int i = 0; i < count; i++)
        columns[i] = (gr_dlc_column){r->headers == 4 ? cell_at(r, 1, r->index + i) : NULL,
                                     cell_at(r, r->headers - 2, r->index + i), cell_at(r, r->headers - 1, r->index + i)};
    snprintf(place, sizeof place, "%.500s:%d", r->path, r->headers);
    gr_status status = gr_dlc_table_make(marks, columns, count, place, &r->table, err);
    gr_free(columns);
    return status;
}

/* The path of a row, its cells with slashes between them. */
static gr_status read_path(gr_marks *marks, const csv_reader *r, int64_t row, gr_error *err)
{
    gr_text name = {0};
    for (int c = 0; c < r->index; c++)
        gr_text_printf(&name, "%s%s", c > 0 ? "/" : "", gr_csv_field(r->csv, row, c));
    gr_status status = name.failed ? gr_marks_no_memory(err) : gr_dlc_picture(marks, r->path, name.data, err);
    gr_text_free(&name);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s:%lld", r->path, (long long)r->csv->line[row]);
    return status;
}

static gr_status read_values(const csv_reader *r, int64_t row, gr_error *err)
{
    for (int c = r->index; c < r->csv->columns; c++) {
        const char *text = gr_csv_field(r->csv, row, c);
        double *value = &r->values[c - r->index];
        *value = NAN;
        if (text[0] != '\0' && strcasecmp(text, "nan") != 0 && !gr_parse_double(text, value))
            return gr_fail(err, GR_INVALID, "%s:%lld: \"%.40s\" is no number, an empty cell is a point that is not known",
                           r->path, (long long)r->csv->line[row], text);
    }
    return GR_OK;
}

static gr_status read_csv(gr_marks *marks, const char *path, gr_error *err)
{
    gr_csv *csv;
    gr_status status = gr_csv_read_plain(path, &csv, err);
    if (status != GR_OK)
        return status;
    csv_reader r = {.csv = csv, .path = path, .values = gr_alloc((size_t)csv->columns, sizeof *r.values)};
    status = r.values == NULL ? gr_marks_no_memory(err) : read_shape(&r, err);
    if (status == GR_OK)
        status = read_columns(marks, &r, err);
    for (int64_t row = r.headers - 1; status == GR_OK && row < csv->rows; row++) {
        status = read_path(marks, &r, row, err);
        if (status == GR_OK)
            status = read_values(&r, row, err);
        if (status == GR_OK)
            status = gr_dlc_put_row(marks, &r.table, r.values, err);
    }
    gr_free(r.values);
    gr_csv_destroy(csv);
    return status;
}

static bool ends_as_h5(const char *path)
{
    return gr_ends_with(path, ".h5") || gr_ends_with(path, ".hdf5");
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    return ends_as_h5(path) ? gr_dlc_read_h5(marks, path, err) : read_csv(marks, path, err);
}

gr_status gr_read_deeplabcut(gr_marks *marks, gr_error *err)
{
    return gr_marks_each_file(marks, ".csv", read_file, NULL, err);
}
