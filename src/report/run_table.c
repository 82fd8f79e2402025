#include "report/run_table.h"

#include <math.h>
#include <stdlib.h>

#include "base/base.h"

static char *path_of(const gr_run_files *run, const char *name)
{
    return run->table_alone || run->path == NULL ? NULL : gr_path_join(run->path, name);
}

bool gr_run_has_table(const gr_run_files *run, const char *name, const char *kind, gr_text *why)
{
    char *path = path_of(run, name);
    bool there = path != NULL && gr_path_exists(path);
    if (!there)
        gr_text_printf(why, "it is no finished %s: there is no %s", kind, name);
    gr_free(path);
    return there;
}

gr_status gr_run_table_read(const gr_run_files *run, const char *name, gr_csv **out, gr_error *err)
{
    char *path = path_of(run, name);
    gr_status status = path != NULL ? gr_csv_read(path, out, err) : gr_fail(err, GR_NOMEM, "%s: no memory for a path", name);
    gr_free(path);
    return status;
}

double gr_run_table_number(const gr_csv *table, int64_t row, int column)
{
    const char *text = column >= 0 ? gr_csv_field(table, row, column) : "";
    char *end;
    double value = strtod(text, &end);
    return end != text && *end == '\0' ? value : NAN;
}

gr_status gr_run_manifest_rows(const gr_run_files *run, const gr_csv *manifest, int64_t *rows, gr_error *err)
{
    int image = gr_csv_column(manifest, "image");
    const char **names = gr_alloc((size_t)manifest->rows + 1, sizeof *names);
    for (int64_t i = 0; names != NULL && i < manifest->rows; i++)
        names[i] = image >= 0 ? gr_csv_field(manifest, i, image) : "";
    int64_t *order = names != NULL ? gr_names_sort(names, manifest->rows) : NULL;
    for (int64_t i = 0; order != NULL && i < run->table.count; i++)
        rows[i] = gr_names_find(names, order, manifest->rows, run->table.images[i]);
    gr_status status = order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its images", manifest->path);
    gr_free(names);
    gr_free(order);
    return status;
}
