#include "run/apply/ask.h"

#include <stdlib.h>
#include <string.h>

#include "learners/row_numbers.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a list of images");
}

/* What the manifest's reader says about single rows. */
typedef struct refusal {
    int64_t line;
    const char *text;
} refusal;

typedef struct refusals {
    gr_arena *arena;
    refusal *items;
    int64_t count, room;
    bool failed;
} refusals;

static void note(void *ctx, int64_t line, const char *column, const char *text)
{
    refusals *r = ctx;
    if (r->count == r->room) {
        int64_t room = 2 * r->room + 16;
        refusal *items = gr_realloc(r->items, (size_t)room, sizeof *items);
        r->failed = r->failed || items == NULL;
        if (items == NULL)
            return;
        r->items = items;
        r->room = room;
    }
    const char *said = gr_arena_printf(r->arena, "%s%s%s", column != NULL ? column : "", column != NULL ? ": " : "", text);
    r->failed = r->failed || said == NULL;
    r->items[r->count++] = (refusal){line, said};
}

static int by_line(const void *a, const void *b)
{
    const refusal *x = a, *y = b;
    return (x->line > y->line) - (x->line < y->line);
}

static bool make_room(int64_t count, gr_ask *out)
{
    size_t n = (size_t)count;
    out->names = gr_arena_alloc(out->arena, n, sizeof *out->names);
    out->problems = gr_arena_alloc(out->arena, n, sizeof *out->problems);
    out->samples = gr_arena_alloc(out->arena, n, sizeof *out->samples);
    out->paths = gr_arena_alloc(out->arena, n, sizeof *out->paths);
    out->row = gr_arena_alloc(out->arena, n, sizeof *out->row);
    out->line = gr_arena_alloc(out->arena, n, sizeof *out->line);
    return out->names != NULL && out->problems != NULL && out->samples != NULL && out->paths != NULL && out->row != NULL &&
           out->line != NULL;
}

static bool put_sample(gr_ask *a, int64_t i, int64_t row)
{
    const gr_manifest *m = &a->manifest;
    gr_sample *s = &a->samples[i];
    *s = (gr_sample){.path = m->paths[row], .has_box = m->boxes != NULL && m->boxes[row].width > 0};
    s->where = gr_arena_printf(a->arena, "%s:%lld: image", m->path, (long long)m->lines[row]);
    if (s->has_box) {
        const gr_box *box = &m->boxes[row];
        memcpy(s->box, (double[4]){box->x, box->y, box->width, box->height}, sizeof s->box);
    }
    a->row[i] = row;
    a->paths[i] = s->path;
    return s->where != NULL;
}

/* Where a row stands that cannot be asked. */
static bool put_where(gr_ask *a, int64_t i, int64_t line)
{
    a->samples[i].where = gr_arena_printf(a->arena, "%s:%lld", a->manifest.path, (long long)line);
    return a->samples[i].where != NULL;
}

/* The file's rows in their order: those of the manifest, and the refused ones. Rows that `only` passes over are neither. */
static gr_status put_rows(gr_ask *a, const refusals *refused, gr_error *err)
{
    int image = gr_csv_column(a->table, "image");
    int64_t row = 0, next = 0;
    if (image < 0 || !make_room(a->table->rows, a))
        return no_memory(err);
    for (int64_t i = 0; i < a->table->rows; i++) {
        int64_t line = a->table->line[i], at = a->count;
        const char *problem = NULL;
        for (; next < refused->count && refused->items[next].line <= line; next++)
            problem = refused->items[next].line == line && problem == NULL ? refused->items[next].text : problem;
        bool read = row < a->manifest.rows && a->manifest.lines[row] == line;
        if (!read && problem == NULL)
            continue;
        if (read && problem != NULL) /* told of a row that is kept: it is about them all */
            return gr_fail(err, GR_INVALID, "%s:%lld: %s", a->manifest.path, (long long)line, problem);
        a->names[at] = gr_csv_field(a->table, i, image);
        a->line[at] = i;
        a->row[at] = -1;
        a->problems[at] = read ? NULL : problem;
        a->samples[at] = (gr_sample){.path = ""};
        if (read ? !put_sample(a, at, row++) : !put_where(a, at, line))
            return no_memory(err);
        a->count++;
    }
    return GR_OK;
}

gr_status gr_ask_table(const char *path, const gr_manifest_options *options, gr_ask *out, gr_error *err)
{
    *out = (gr_ask){.arena = gr_arena_create()};
    gr_manifest_options own = *options;
    refusals refused = {.arena = out->arena};
    own.label = own.group = NULL;
    own.values = GR_VALUES_NONE;
    own.value_count = 0;
    own.absent_files = own.tolerant = true;
    own.report = note;
    own.report_ctx = &refused;
    gr_status status = out->arena != NULL ? gr_manifest_load(path, &own, &out->manifest, err) : no_memory(err);
    if (status == GR_OK)
        status = gr_csv_read_tolerant(path, &out->table, err);
    if (status == GR_OK && refused.failed)
        status = no_memory(err);
    if (status == GR_OK) {
        if (refused.count > 0)
            qsort(refused.items, (size_t)refused.count, sizeof *refused.items, by_line);
        status = put_rows(out, &refused, err);
    }
    gr_free(refused.items);
    if (status != GR_OK)
        gr_ask_close(out);
    return status;
}

gr_status gr_ask_words(const char *const *words, int64_t count, gr_ask *out, gr_error *err)
{
    *out = (gr_ask){.arena = gr_arena_create(), .count = count};
    if (out->arena == NULL || !make_room(count, out)) {
        gr_ask_close(out);
        return no_memory(err);
    }
    for (int64_t i = 0; i < count; i++) {
        out->names[i] = out->paths[i] = words[i];
        out->samples[i] = (gr_sample){.path = words[i]};
        out->problems[i] = NULL;
        out->row[i] = out->line[i] = -1;
    }
    return GR_OK;
}

static gr_status find_columns(const gr_ask *a, const char *const *names, int count, int *columns, gr_error *err)
{
    for (int c = 0; c < count; c++) {
        columns[c] = gr_csv_column(a->table, names[c]);
        if (columns[c] >= 0)
            continue;
        const char *near = gr_nearest(names[c], a->table->header, (size_t)a->table->columns);
        return gr_fail(err, GR_INVALID, "%s:1: has no column \"%.80s\", whose numbers the model reads%s%s%s", a->table->path,
                       names[c], near != NULL ? "; did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
    }
    return GR_OK;
}

static gr_status put_numbers(gr_ask *a, int64_t i, const char *const *names, int count, bool places, const int *columns,
                             gr_error *err)
{
    float *numbers = gr_arena_alloc(a->arena, (size_t)count, sizeof *numbers);
    a->samples[i].numbers = numbers;
    for (int c = 0; numbers != NULL && c < count; c++) {
        const char *text = gr_ask_cell(a, i, columns[c]);
        if (gr_number_of(text, &numbers[c]))
            continue;
        a->problems[i] = gr_arena_printf(a->arena, "%s: is \"%.40s\", a number would be right", names[c], text);
        return a->problems[i] != NULL ? GR_OK : no_memory(err);
    }
    int at = 0;
    const char *fault = numbers != NULL && places ? gr_number_fault(numbers, count, &at) : NULL;
    if (fault != NULL) {
        a->problems[i] = gr_arena_printf(a->arena, "%s: %s", names[at], fault);
        return a->problems[i] != NULL ? GR_OK : no_memory(err);
    }
    return numbers != NULL ? GR_OK : no_memory(err);
}

gr_status gr_ask_numbers(gr_ask *a, const char *const *names, int count, bool places, gr_error *err)
{
    if (a->table == NULL || count == 0)
        return GR_OK;
    int *columns = gr_alloc((size_t)count, sizeof *columns);
    gr_status status = columns != NULL ? find_columns(a, names, count, columns, err) : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < a->count; i++)
        if (a->problems[i] == NULL)
            status = put_numbers(a, i, names, count, places, columns, err);
    gr_free(columns);
    return status;
}

void gr_ask_close(gr_ask *a)
{
    gr_csv_destroy(a->table);
    gr_manifest_free(&a->manifest);
    gr_arena_destroy(a->arena);
    *a = (gr_ask){0};
}

const char *gr_ask_cell(const gr_ask *a, int64_t i, int column)
{
    return gr_csv_field(a->table, a->line[i], column);
}

gr_status gr_ask_carry(const gr_ask *a, const char *const *own, int own_count, gr_sheet *sheet, gr_error *err)
{
    gr_status status = GR_OK;
    for (int c = 0; status == GR_OK && a->table != NULL && c < a->table->columns; c++) {
        const char *name = a->table->header[c];
        bool is_own = strcmp(name, "image") == 0;
        for (int k = 0; !is_own && k < own_count; k++)
            is_own = own[k] != NULL && strcmp(own[k], name) == 0;
        if (is_own)
            continue;
        const char **cells = gr_sheet_cells(sheet);
        for (int64_t i = 0; cells != NULL && i < a->count; i++)
            cells[i] = gr_ask_cell(a, i, c);
        status = gr_sheet_add(sheet, name, cells, err);
    }
    return status;
}
