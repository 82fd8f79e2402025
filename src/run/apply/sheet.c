#include "run/apply/sheet.h"

#include <math.h>
#include <string.h>

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a table of predictions");
}

gr_status gr_sheet_open(int64_t rows, gr_sheet *out, gr_error *err)
{
    *out = (gr_sheet){.rows = rows, .arena = gr_arena_create()};
    return out->arena != NULL ? GR_OK : no_memory(err);
}

void gr_sheet_close(gr_sheet *s)
{
    for (int t = 0; t < s->table_count; t++)
        gr_csv_destroy(s->tables[t]);
    gr_free(s->names);
    gr_free(s->columns_of);
    gr_arena_destroy(s->arena);
    *s = (gr_sheet){0};
}

const char **gr_sheet_cells(gr_sheet *s)
{
    return gr_arena_alloc(s->arena, (size_t)s->rows, sizeof(char *));
}

const char *const *gr_sheet_column(const gr_sheet *s, const char *name)
{
    for (int c = 0; c < s->columns; c++)
        if (strcmp(s->names[c], name) == 0)
            return s->columns_of[c];
    return NULL;
}

gr_status gr_sheet_add(gr_sheet *s, const char *name, const char *const *cells, gr_error *err)
{
    if (s->columns == s->room) {
        int room = 2 * s->room + 16;
        const char **names = gr_realloc(s->names, (size_t)room, sizeof *names);
        s->names = names != NULL ? names : s->names;
        const char *const **columns = gr_realloc(s->columns_of, (size_t)room, sizeof *columns);
        s->columns_of = columns != NULL ? columns : s->columns_of;
        if (names == NULL || columns == NULL)
            return no_memory(err);
        s->room = room;
    }
    while (name != NULL && gr_sheet_column(s, name) != NULL)
        name = gr_arena_printf(s->arena, "manifest_%s", name);
    if (name == NULL || cells == NULL)
        return no_memory(err);
    s->names[s->columns] = name;
    s->columns_of[s->columns++] = cells;
    return GR_OK;
}

gr_status gr_sheet_add_reals(gr_sheet *s, const char *name, const double *values, gr_error *err)
{
    const char **cells = gr_sheet_cells(s);
    bool good = cells != NULL;
    for (int64_t i = 0; good && i < s->rows; i++) {
        cells[i] = isfinite(values[i]) ? gr_arena_printf(s->arena, "%.9g", values[i]) : "";
        good = cells[i] != NULL;
    }
    return good ? gr_sheet_add(s, name, cells, err) : no_memory(err);
}

gr_status gr_sheet_add_counts(gr_sheet *s, const char *name, const int32_t *values, gr_error *err)
{
    const char **cells = gr_sheet_cells(s);
    bool good = cells != NULL;
    for (int64_t i = 0; good && i < s->rows; i++) {
        cells[i] = gr_arena_printf(s->arena, "%d", (int)values[i]);
        good = cells[i] != NULL;
    }
    return good ? gr_sheet_add(s, name, cells, err) : no_memory(err);
}

gr_status gr_sheet_add_table(gr_sheet *s, gr_text *table, int from, const int64_t *at, gr_error *err)
{
    if (table->failed || table->data == NULL || s->table_count == GR_SHEET_TABLES)
        return no_memory(err);
    char *text = table->data;
    size_t size = table->size;
    gr_csv *csv = NULL;
    gr_error problem = {0};
    *table = (gr_text){0};
    gr_status status = gr_csv_parse("predictions", text, size, &csv, &problem);
    if (status != GR_OK)
        return gr_fail(err, status == GR_NOMEM ? GR_NOMEM : GR_INTERNAL, "%s", problem.text);
    s->tables[s->table_count++] = csv;
    for (int c = from; status == GR_OK && c < csv->columns; c++) {
        const char **cells = gr_sheet_cells(s);
        for (int64_t i = 0; cells != NULL && i < s->rows; i++)
            cells[i] = at[i] >= 0 && at[i] < csv->rows ? gr_csv_field(csv, at[i], c) : "";
        status = gr_sheet_add(s, csv->header[c], cells, err);
    }
    return status;
}

void gr_sheet_csv(const gr_sheet *s, gr_text *out)
{
    for (int c = 0; c < s->columns; c++)
        gr_csv_put(out, s->names[c], c + 1 < s->columns ? ',' : '\n');
    for (int64_t i = 0; i < s->rows && !out->failed; i++)
        for (int c = 0; c < s->columns; c++) {
            const char *cell = s->columns_of[c][i];
            gr_csv_put(out, cell != NULL ? cell : "", c + 1 < s->columns ? ',' : '\n');
        }
}
