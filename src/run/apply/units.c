#include "run/apply/units.h"

#include <string.h>

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory to take images together");
}

/* Cuts the list at its commas, and finds the columns. */
static gr_status find_columns(const gr_ask *ask, const char *list, gr_units *u, int at[GR_UNIT_COLUMNS], gr_error *err)
{
    if (ask->table == NULL)
        return gr_fail(err, GR_INVALID, "--average-over: names columns of a table; --manifest would be right with it");
    for (const char *from = list; from != NULL;) {
        const char *comma = strchr(from, ',');
        size_t length = comma != NULL ? (size_t)(comma - from) : strlen(from);
        const char *name = gr_arena_strndup(u->arena, from, length);
        if (name == NULL)
            return no_memory(err);
        if (length == 0 || u->column_count == GR_UNIT_COLUMNS)
            return gr_fail(err, GR_INVALID, "--average-over: up to %d column names with commas between them would be right",
                           GR_UNIT_COLUMNS);
        at[u->column_count] = gr_csv_column(ask->table, name);
        if (at[u->column_count] < 0) {
            const char *near = gr_nearest(name, ask->table->header, (size_t)ask->table->columns);
            return gr_fail(err, GR_INVALID, "--average-over: there is no column %.80s in %s%s%s%s", name, ask->table->path,
                           near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
        }
        for (int k = 0; k < u->column_count; k++)
            if (at[k] == at[u->column_count])
                return gr_fail(err, GR_INVALID, "--average-over: names the column %.80s twice; once would be right", name);
        u->columns[u->column_count++] = name;
        from = comma != NULL ? comma + 1 : NULL;
    }
    return GR_OK;
}

/* The values of a row with `mark` between. */
static const char *join(gr_units *u, const gr_ask *ask, int64_t i, const int *at, char mark)
{
    gr_text text = {0};
    for (int k = 0; k < u->column_count; k++)
        gr_text_printf(&text, "%.*s%s", k > 0 ? 1 : 0, &mark, gr_ask_cell(ask, i, at[k]));
    const char *copy = text.failed ? NULL : gr_arena_strdup(u->arena, text.data);
    gr_text_free(&text);
    return copy;
}

static gr_status number_units(const gr_ask *ask, const int *at, gr_units *u, gr_error *err)
{
    const char **keys = gr_alloc((size_t)ask->count, sizeof *keys);
    bool good = keys != NULL;
    for (int64_t i = 0; good && i < ask->count; i++) {
        for (int k = 0; k < u->column_count; k++)
            if (ask->problems[i] == NULL && gr_csv_unknown(gr_ask_cell(ask, i, at[k]))) {
                gr_free(keys);
                return gr_fail(err, GR_INVALID, "%s:%lld: %s: has no value, which --average-over needs", ask->table->path,
                               (long long)ask->table->line[ask->line[i]], u->columns[k]);
            }
        keys[i] = join(u, ask, i, at, '\x1f'); /* which stands in no value: units are told apart by it */
        good = keys[i] != NULL;
    }
    u->of = good ? gr_names_number(keys, ask->count, &u->count) : NULL;
    gr_free(keys);
    return u->of != NULL ? GR_OK : no_memory(err);
}

static gr_status describe(const gr_ask *ask, const int *at, gr_units *u, gr_error *err)
{
    size_t n = (size_t)u->count;
    u->names = gr_arena_alloc(u->arena, n, sizeof *u->names);
    u->sizes = gr_arena_alloc(u->arena, n, sizeof *u->sizes);
    bool good = u->names != NULL && u->sizes != NULL;
    for (int k = 0; good && k < u->column_count; k++)
        good = (u->values[k] = gr_arena_alloc(u->arena, n, sizeof *u->values[k])) != NULL;
    for (int64_t i = 0; good && i < ask->count; i++) {
        int64_t unit = u->of[i];
        if (u->sizes[unit]++ > 0)
            continue;
        u->names[unit] = join(u, ask, i, at, ' ');
        good = u->names[unit] != NULL;
        for (int k = 0; k < u->column_count; k++)
            u->values[k][unit] = gr_ask_cell(ask, i, at[k]);
    }
    return good ? GR_OK : no_memory(err);
}

gr_status gr_units_make(const gr_ask *ask, const char *list, gr_units *out, gr_error *err)
{
    int at[GR_UNIT_COLUMNS];
    *out = (gr_units){.arena = gr_arena_create()};
    gr_status status = out->arena != NULL ? find_columns(ask, list, out, at, err) : no_memory(err);
    if (status == GR_OK)
        status = number_units(ask, at, out, err);
    if (status == GR_OK)
        status = describe(ask, at, out, err);
    if (status != GR_OK)
        gr_units_close(out);
    return status;
}

void gr_units_close(gr_units *u)
{
    gr_free(u->of);
    gr_arena_destroy(u->arena);
    *u = (gr_units){0};
}
