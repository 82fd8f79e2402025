/* DeepLabCut's .csv: header rows "scorer", in new projects "individuals", "bodyparts", "coords"; in front of the numbers the
 * picture's path, in one cell or in three. An empty cell is a point that is not known. */
#include "import/deeplabcut.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "formats/csv.h"
#include "import/importers.h"

enum { MOST_INDEX = 3, MOST_HEADERS = 4, MOST_INDIVIDUALS = 1000 };

/* ---- columns ------------------------------------------------------------------------------------------------------------- */

/* Its number; -1: memory is short, or there are too many. */
static int individual_of(gr_marks *marks, gr_dlc_table *table, const char *name)
{
    for (int i = table->individual_count - 1; i >= 0; i--)
        if (strcmp(table->individuals[i], name) == 0)
            return i;
    if (table->individual_count == MOST_INDIVIDUALS)
        return -1;
    table->individuals[table->individual_count] = gr_arena_strdup(marks->arena, name);
    return table->individuals[table->individual_count] != NULL ? table->individual_count++ : -1;
}

/* The part that column `c` goes on with, or a new one. Columns of a part stand together. */
static gr_status add_column(gr_marks *marks, const gr_dlc_column *column, int at, const char *place, gr_dlc_table *table,
                            gr_error *err)
{
    static const char *const coords[] = {"x", "y", "likelihood"};
    int which = 0;
    while (which < 3 && strcmp(column->coord, coords[which]) != 0)
        which++;
    if (which == 3)
        return gr_fail(err, GR_INVALID, "%s: a column's coords are \"%.40s\"; x, y and likelihood are known", place, column->coord);
    int individual = column->individual != NULL ? individual_of(marks, table, column->individual) : 0;
    int64_t name = gr_marks_declare(marks, column->part, err);
    if (individual < 0 && table->individual_count == MOST_INDIVIDUALS)
        return gr_fail(err, GR_INVALID, "%s: there are more than %d individuals", place, MOST_INDIVIDUALS);
    if (name < 0 || individual < 0)
        return name < 0 ? err->status : gr_marks_no_memory(err);
    gr_dlc_part *last = table->part_count > 0 ? &table->parts[table->part_count - 1] : NULL;
    if (last == NULL || last->name != name || last->individual != individual) {
        last = &table->parts[table->part_count++];
        *last = (gr_dlc_part){name, individual, {-1, -1, -1}};
    }
    if (last->at[which] >= 0)
        return gr_fail(err, GR_INVALID, "%s: \"%.60s\" has two columns %s; the labels of one scorer would be right", place,
                       column->part, coords[which]);
    last->at[which] = at;
    return GR_OK;
}

gr_status gr_dlc_table_make(gr_marks *marks, const gr_dlc_column *columns, int count, const char *place, gr_dlc_table *out,
                            gr_error *err)
{
    *out = (gr_dlc_table){.parts = gr_arena_alloc(marks->arena, (size_t)count + 1, sizeof *out->parts),
                          .individuals = gr_arena_alloc(marks->arena, (size_t)count + 1, sizeof *out->individuals)};
    gr_status status = out->parts == NULL || out->individuals == NULL ? gr_marks_no_memory(err) : GR_OK;
    for (int i = 0; status == GR_OK && i < count; i++)
        status = add_column(marks, &columns[i], i, place, out, err);
    for (int i = 0; status == GR_OK && i < out->part_count; i++)
        if (out->parts[i].at[0] < 0 || out->parts[i].at[1] < 0)
            status = gr_fail(err, GR_INVALID, "%s: \"%.60s\" lacks x or y beside the other", place,
                             marks->names.items[out->parts[i].name]);
    if (status == GR_OK && out->part_count == 0)
        status = gr_fail(err, GR_INVALID, "%s: there is no column of a body part", place);
    return status;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------------ */

gr_status gr_dlc_put_row(gr_marks *marks, const gr_dlc_table *table, const double *values, gr_error *err)
{
    gr_status status = GR_OK;
    int begun = -1; /* the individual whose object is under way */
    for (int i = 0; status == GR_OK && i < table->part_count; i++) {
        const gr_dlc_part *part = &table->parts[i];
        double x = values[part->at[0]], y = values[part->at[1]];
        if (isnan(x) || isnan(y) || (part->at[2] >= 0 && gr_marks_unsure(marks, values[part->at[2]])))
            continue;
        if (begun != part->individual) {
            begun = part->individual;
            status = gr_marks_object(marks, NULL, table->individual_count > 0 ? table->individuals[begun] : NULL, err);
        }
        if (status == GR_OK)
            status = gr_marks_point_of(marks, part->name, x, y, false, err);
    }
    return status;
}

/* What DeepLabCut calls the table of a video: the video's name, then "DLC" and the network's. */
static char *video_of(const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *end = strstr(name, "DLC");
    if (end == NULL || end == name)
        end = strrchr(name, '.');
    gr_text video = {0};
    gr_text_add(&video, name, end != NULL && end > name ? (size_t)(end - name) : strlen(name));
    return video.data;
}

gr_status gr_dlc_picture(gr_marks *marks, const char *path, const char *name, gr_error *err)
{
    int64_t frame;
    char *folder = gr_path_folder(path), *video = NULL, *made = NULL;
    gr_status status = folder == NULL ? gr_marks_no_memory(err) : GR_OK;
    if (status == GR_OK && gr_parse_int64(name, &frame) && frame >= 0) {
        video = video_of(path);
        made = video != NULL ? gr_marks_frame_name(marks, video, frame) : NULL;
        status = made == NULL ? gr_marks_no_memory(err) : GR_OK;
    }
    if (status == GR_OK)
        status = gr_marks_picture(marks, folder, made != NULL ? made : name, 0, 0, err);
    gr_free(folder);
    gr_free(video);
    gr_free(made);
    return status;
}

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
