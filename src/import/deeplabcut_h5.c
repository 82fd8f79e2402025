/* What pandas writes of such a table in its "fixed" form, which DeepLabCut's CollectedData_*.h5 has: a group with the numbers in
 * block0_values, the columns' names as block0_items_level0... (the different texts) and _label0... (which one, -1: none), and the
 * rows' in axis1, or in axis1_level0... and _label0.... Its "table" form, of analysed videos, has records of the frame's number and
 * its row, and keeps the columns' names in a pickle. */
#include "import/deeplabcut_table.h"

#include <math.h>
#include <string.h>

#include "formats/hdf5_arrays.h"
#include "formats/pickle_names.h"

enum { MOST_LEVELS = 4, MOST_COLUMNS = 100000 };

typedef struct reader {
    gr_marks *marks;
    const char *path, *group;
    gr_hdf5_arrays arrays;
    gr_error *err;
} reader;

static gr_status refuse(const reader *r, const char *what)
{
    return gr_fail(r->err, GR_INVALID, "%s: %s; the .csv beside it would be right", r->path, what);
}

static const gr_hdf5_array *find(const reader *r, const char *name, int level)
{
    char full[GR_HDF5_ARRAY_NAME];
    if (level >= 0)
        snprintf(full, sizeof full, "%.200s/%s%d", r->group, name, level);
    else
        snprintf(full, sizeof full, "%.200s/%s", r->group, name);
    return gr_hdf5_array_find(&r->arrays, full);
}

/* The group that holds block0_values or, of an analysed video, a table; then `ending` is what stands behind its name. */
static gr_status find_group(reader *r, const char *ending)
{
    for (int i = 0; i < r->arrays.count; i++) {
        const char *name = r->arrays.items[i].name;
        size_t length = strlen(name);
        if (!gr_ends_with(name, ending))
            continue;
        if (r->group != NULL)
            return refuse(r, "holds several tables");
        r->group = gr_arena_strndup(r->marks->arena, name, length - strlen(ending));
        if (r->group == NULL)
            return gr_marks_no_memory(r->err);
    }
    if (r->group == NULL)
        return refuse(r, "holds no table as pandas writes it");
    return find(r, "block1_values", -1) != NULL || find(r, "table.values_block_1", -1) != NULL
               ? refuse(r, "holds columns that are no numbers")
               : GR_OK;
}

static bool has_array(const reader *r, const char *ending)
{
    for (int i = 0; i < r->arrays.count; i++)
        if (gr_ends_with(r->arrays.items[i].name, ending))
            return true;
    return false;
}

/* One level of names of `count` columns or rows: the text of each, "" for none. */
static gr_status read_level(reader *r, const char *what, int level, int64_t count, const char **texts)
{
    char levels[40], labels[40];
    snprintf(levels, sizeof levels, "%s_level", what);
    snprintf(labels, sizeof labels, "%s_label", what);
    const gr_hdf5_array *text = find(r, levels, level), *label = find(r, labels, level);
    if (text == NULL || text->texts == NULL || label == NULL || label->numbers == NULL || label->count != count)
        return refuse(r, "names its columns or rows in a way that is not known");
    for (int64_t i = 0; i < count; i++) {
        double which = label->numbers[i];
        if (!(which >= -1 && which < (double)text->count))
            return refuse(r, "is damaged: a name is not there");
        texts[i] = which < 0 ? "" : text->texts[(int64_t)which];
    }
    return GR_OK;
}

static int count_levels(const reader *r, const char *what)
{
    char levels[40];
    int count = 0;
    snprintf(levels, sizeof levels, "%s_level", what);
    while (count <= MOST_LEVELS && find(r, levels, count) != NULL)
        count++;
    return count;
}

static gr_status read_columns(reader *r, int64_t count, gr_dlc_table *table)
{
    int levels = count_levels(r, "block0_items");
    if (levels != 3 && levels != 4)
        return refuse(r, "its columns have no scorer, bodyparts and coords");
    gr_dlc_column *columns = gr_alloc((size_t)count + 1, sizeof *columns);
    const char **texts = gr_alloc((size_t)count + 1, sizeof *texts);
    gr_status status = columns == NULL || texts == NULL ? gr_marks_no_memory(r->err) : GR_OK;
    for (int level = 1; status == GR_OK && level < levels; level++) {
        status = read_level(r, "block0_items", level, count, texts);
        for (int64_t i = 0; status == GR_OK && i < count; i++)
            *(level == levels - 1   ? &columns[i].coord
              : level == levels - 2 ? &columns[i].part
                                    : &columns[i].individual) = texts[i];
    }
    if (status == GR_OK)
        status = gr_dlc_table_make(r->marks, columns, (int)count, r->path, table, r->err);
    gr_free(columns);
    gr_free(texts);
    return status;
}

/* The rows' names: texts, numbers of frames, or three levels with slashes between them. */
static gr_status read_rows(reader *r, int64_t count, char **names)
{
    const gr_hdf5_array *plain = find(r, "axis1", -1);
    int levels = plain == NULL ? count_levels(r, "axis1") : 0;
    if (plain != NULL ? plain->count != count || (plain->texts == NULL && plain->numbers == NULL) : levels == 0)
        return refuse(r, "does not name its rows");
    const char **texts = gr_alloc((size_t)count + 1, sizeof *texts);
    gr_status status = texts == NULL ? gr_marks_no_memory(r->err) : GR_OK;
    for (int64_t i = 0; plain != NULL && status == GR_OK && i < count; i++) {
        names[i] = plain->texts != NULL ? gr_arena_strdup(r->marks->arena, plain->texts[i])
                                        : gr_arena_printf(r->marks->arena, "%.0f", plain->numbers[i]);
        status = names[i] == NULL ? gr_marks_no_memory(r->err) : GR_OK;
    }
    for (int level = 0; status == GR_OK && level < levels; level++) {
        status = read_level(r, "axis1", level, count, texts);
        for (int64_t i = 0; status == GR_OK && i < count; i++) {
            names[i] = gr_arena_printf(r->marks->arena, "%s%s%s", level > 0 ? names[i] : "", level > 0 ? "/" : "", texts[i]);
            status = names[i] == NULL ? gr_marks_no_memory(r->err) : GR_OK;
        }
    }
    gr_free(texts);
    return status;
}

static gr_status put_rows(reader *r, const gr_dlc_table *table, const double *values, int64_t rows, int64_t columns, char **names)
{
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < rows; i++) {
        status = gr_dlc_picture(r->marks, r->path, names[i], r->err);
        if (status == GR_INVALID)
            gr_error_prefix(r->err, "%s: row %lld", r->path, (long long)i + 1);
        if (status == GR_OK)
            status = gr_dlc_put_row(r->marks, table, values + i * columns, r->err);
    }
    return status;
}

static gr_status read_fixed(reader *r)
{
    gr_dlc_table table;
    gr_status status = find_group(r, "/block0_values");
    const gr_hdf5_array *values = status == GR_OK ? find(r, "block0_values", -1) : NULL;
    if (status != GR_OK)
        return status;
    if (values->numbers == NULL || values->rank != 2 || values->dim[1] > MOST_COLUMNS)
        return refuse(r, "its numbers are no table");
    int64_t rows = values->dim[0], columns = values->dim[1];
    char **names = gr_alloc((size_t)rows + 1, sizeof *names);
    status = names == NULL ? gr_marks_no_memory(r->err) : read_columns(r, columns, &table);
    if (status == GR_OK)
        status = read_rows(r, rows, names);
    if (status == GR_OK)
        status = put_rows(r, &table, values->numbers, rows, columns, names);
    gr_free(names);
    return status;
}

/* ---- an analysed video's -------------------------------------------------------------------------------------------------- */

/* The names of a column: scorer, perhaps individual, part and coord. */
static bool name_column(const gr_pickle *names, gr_dlc_column *column)
{
    if (names->kind != GR_PICKLE_TUPLE || names->count < 3 || names->count > 4)
        return false;
    for (size_t i = 0; i < names->count; i++)
        if (names->items[i]->kind != GR_PICKLE_TEXT)
            return false;
    gr_pickle *const *last = names->items + names->count - 1;
    *column = (gr_dlc_column){names->count == 4 ? last[-2]->text : NULL, last[-1]->text, last[0]->text};
    return true;
}

static gr_status read_named_columns(reader *r, const char *pickle, int64_t count, gr_dlc_table *table)
{
    gr_pickle *names;
    gr_status status = gr_pickle_names(r->path, pickle, r->marks->arena, &names, r->err);
    if (status != GR_OK)
        return status;
    if (names->kind != GR_PICKLE_LIST || (int64_t)names->count != count)
        return refuse(r, "names its columns in a way that is not known");
    gr_dlc_column *columns = gr_alloc((size_t)count + 1, sizeof *columns);
    status = columns == NULL ? gr_marks_no_memory(r->err) : GR_OK;
    for (int64_t i = 0; status == GR_OK && i < count; i++)
        if (!name_column(names->items[i], &columns[i]) || (columns[i].individual == NULL) != (columns[0].individual == NULL))
            status = refuse(r, "its columns have no scorer, bodyparts and coords");
    if (status == GR_OK)
        status = gr_dlc_table_make(r->marks, columns, (int)count, r->path, table, r->err);
    gr_free(columns);
    return status;
}

static gr_status read_video(reader *r)
{
    static const char fields[] = "/table.values_block_0";
    gr_dlc_table table;
    gr_status status = find_group(r, fields);
    if (status != GR_OK)
        return status;
    const gr_hdf5_array *values = find(r, "table.values_block_0", -1), *frames = find(r, "table.index", -1),
                        *kind = find(r, "table.values_block_0_kind", -1);
    if (kind == NULL || kind->texts == NULL || kind->count != 1 || frames == NULL || frames->numbers == NULL)
        return refuse(r, "does not name its columns and rows as pandas does");
    if (values->numbers == NULL || values->rank != 2 || values->dim[1] > MOST_COLUMNS || frames->count != values->dim[0])
        return refuse(r, "its numbers are no table");
    char **names = gr_alloc((size_t)frames->count + 1, sizeof *names);
    status = names == NULL ? gr_marks_no_memory(r->err) : read_named_columns(r, kind->texts[0], values->dim[1], &table);
    for (int64_t i = 0; status == GR_OK && i < frames->count; i++) {
        names[i] = gr_arena_printf(r->marks->arena, "%.0f", frames->numbers[i]);
        status = names[i] == NULL ? gr_marks_no_memory(r->err) : GR_OK;
    }
    if (status == GR_OK)
        status = put_rows(r, &table, values->numbers, frames->count, values->dim[1], names);
    gr_free(names);
    return status;
}

gr_status gr_dlc_read_h5(gr_marks *marks, const char *path, gr_error *err)
{
    reader r = {.marks = marks, .path = path, .err = err};
    gr_status status = gr_hdf5_arrays_read(path, marks->arena, &r.arrays, err);
    if (status != GR_OK)
        return status;
    return has_array(&r, "/table.values_block_0") ? read_video(&r) : read_fixed(&r);
}
