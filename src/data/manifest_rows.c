/* Rows that are left out, and those that are drawn. */
#include "data/manifest_rows.h"

#include <string.h>

#include "base/base.h"

/* One COLUMN=VALUE. */
static gr_status want(const gr_csv *csv, const char *rule, const char *where, bool *wanted, gr_error *err)
{
    const char *equals = strchr(rule, '=');
    char column[256];
    if (equals == NULL || equals == rule || equals - rule >= (long)sizeof column)
        return gr_fail(err, GR_INVALID, "%s: \"%.80s\" is not COLUMN=VALUE, such as treatment=kxn", where, rule);
    snprintf(column, sizeof column, "%.*s", (int)(equals - rule), rule);
    int c = gr_csv_column(csv, column);
    if (c < 0) {
        const char *near = gr_nearest(column, csv->header, (size_t)csv->columns);
        return gr_fail(err, GR_INVALID, "%s: there is no column %.100s in %s%s%.100s%s", where, column, csv->path,
                       near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
    }
    int64_t found = 0;
    for (int64_t r = 0; r < csv->rows; r++) {
        bool holds = strcmp(gr_csv_field(csv, r, c), equals + 1) == 0;
        found += holds;
        wanted[r] = wanted[r] && holds;
    }
    return found > 0 ? GR_OK
                     : gr_fail(err, GR_INVALID, "%s: no row of %s has %.80s in column %.100s", where, csv->path, equals + 1,
                               column);
}

gr_status gr_rows_wanted(const gr_csv *csv, const gr_manifest_options *options, bool *wanted, gr_error *err)
{
    const char *where = options->only_where != NULL ? options->only_where : csv->path;
    gr_status status = GR_OK;
    memset(wanted, true, (size_t)csv->rows * sizeof *wanted);
    for (int i = 0; status == GR_OK && i < options->only_count; i++)
        status = want(csv, options->only[i], where, wanted, err);
    return status;
}

gr_status gr_rows_draw(const gr_csv *csv, const gr_manifest_options *options, bool *usable, gr_error *err)
{
    int64_t count = 0;
    if (options->at_most == 0)
        return GR_OK;
    int64_t *rows = gr_alloc((size_t)csv->rows, sizeof *rows);
    if (rows == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory to draw from its %lld rows", csv->path, (long long)csv->rows);
    for (int64_t r = 0; r < csv->rows; r++)
        if (usable[r])
            rows[count++] = r;
    gr_rng rng = gr_rng_make(options->seed, GR_FOR_ROWS, 0, 0);
    gr_rng_shuffle(&rng, rows, (size_t)count);
    for (int64_t i = options->at_most; i < count; i++)
        usable[rows[i]] = false;
    gr_free(rows);
    return GR_OK;
}
