#include "report/sweep_file.h"

#include <stdio.h>

#include "base/base.h"

bool gr_sweep_file_can(const gr_run_files *run, gr_text *why)
{
    return gr_run_has_table(run, "sweep.csv", "sweep", why);
}

static int column_of(const gr_csv *table, const char *metric, const char *kind)
{
    char name[120];
    snprintf(name, sizeof name, "%s%s", metric, kind);
    return gr_csv_column(table, name);
}

gr_status gr_sweep_file_open(const gr_run_files *run, gr_sweep_file *out, gr_error *err)
{
    *out = (gr_sweep_file){.metric = run->config->sweep.rank_by};
    gr_status status = gr_run_table_read(run, "sweep.csv", &out->table, err);
    if (status != GR_OK)
        return status;
    const gr_csv *t = out->table;
    int folds = gr_csv_column(t, "folds");
    out->setting = gr_csv_column(t, "setting");
    out->name = gr_csv_column(t, "name");
    out->pooled = out->metric != NULL ? column_of(t, out->metric, "") : -1;
    if (out->pooled < 0 && folds >= 0 && folds + 1 < t->columns) { /* the task's own: the first number that there is */
        out->pooled = folds + 1;
        out->metric = t->header[folds + 1];
    }
    if (out->setting < 0 || out->name < 0 || folds < out->name || out->pooled < 0 || t->rows == 0) {
        status = gr_fail(err, GR_INVALID, "%s: is no table of a sweep's settings", t->path);
        gr_sweep_file_close(out);
        return status;
    }
    out->mean = column_of(t, out->metric, "_mean");
    out->std = column_of(t, out->metric, "_std");
    out->first_key = out->name + 1;
    out->key_count = folds - out->first_key;
    return GR_OK;
}

void gr_sweep_file_close(gr_sweep_file *file)
{
    gr_csv_destroy(file->table);
    *file = (gr_sweep_file){0};
}
