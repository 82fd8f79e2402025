#include "report/shap_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { FIRST = 5 };                                /* behind image, fold, class, margin, bias */
static const double row_height = 4.2, rest = 16.0; /* mm */

bool gr_shap_file_can(const gr_run_files *run, gr_text *why)
{
    return gr_run_has_table(run, "shap.csv", "run of boosted trees", why) &&
           gr_run_has_table(run, "features.csv", "run of boosted trees", why);
}

double gr_shap_height(const gr_run_files *run, double width)
{
    gr_shap_file file;
    gr_error err = {0};
    int rows = GR_SHAP_MOST;
    (void)width;
    if (gr_shap_file_open(run, &file, &err) == GR_OK) {
        rows = file.width < GR_SHAP_MOST ? file.width : GR_SHAP_MOST;
        gr_shap_file_close(&file);
    }
    return fmax(30.0, rest + row_height * (double)rows);
}

/* Of several classes the positive one; else what the first row is about. */
static const char *find_subject(const gr_run_files *run, const gr_csv *shares)
{
    int classes = 0;
    const char *const *names = run->predicted ? gr_predictions_classes(&run->table, &classes) : NULL;
    const char *positive = names != NULL && run->table.positive < classes ? names[run->table.positive] : NULL;
    for (int64_t r = 0; positive != NULL && r < shares->rows; r++)
        if (strcmp(gr_csv_field(shares, r, 2), positive) == 0)
            return gr_csv_field(shares, r, 2);
    return gr_csv_field(shares, 0, 2);
}

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a figure");
}

/* The subject's rows, and where their features stand. */
static gr_status find_rows(gr_shap_file *f, gr_error *err)
{
    size_t rows = (size_t)f->features->rows;
    const char **names = gr_alloc(rows, sizeof *names);
    for (size_t i = 0; names != NULL && i < rows; i++)
        names[i] = gr_csv_field(f->features, (int64_t)i, 0);
    int64_t *order = names != NULL ? gr_names_sort(names, f->features->rows) : NULL;
    f->rows = gr_alloc((size_t)f->shares->rows, sizeof *f->rows);
    f->at = gr_alloc((size_t)f->shares->rows, sizeof *f->at);
    gr_status status = order != NULL && f->rows != NULL && f->at != NULL ? GR_OK : no_memory(err);
    for (int64_t r = 0; status == GR_OK && r < f->shares->rows; r++) {
        if (strcmp(gr_csv_field(f->shares, r, 2), f->subject) != 0)
            continue;
        f->rows[f->count] = r;
        f->at[f->count++] = gr_names_find(names, order, f->features->rows, gr_csv_field(f->shares, r, 0));
    }
    gr_free(names);
    gr_free(order);
    return status;
}

static gr_status rank(gr_shap_file *f, gr_error *err)
{
    f->weights = gr_alloc((size_t)f->width, sizeof *f->weights);
    f->order = gr_alloc((size_t)f->width, sizeof *f->order);
    if (f->weights == NULL || f->order == NULL)
        return no_memory(err);
    for (int c = 0; c < f->width; c++) {
        for (int64_t i = 0; i < f->count; i++)
            f->weights[c] += fabs(gr_shap_share(f, i, c)) / (double)f->count;
        int at = c;
        for (; at > 0 && f->weights[f->order[at - 1]] < f->weights[c]; at--)
            f->order[at] = f->order[at - 1];
        f->order[at] = c;
    }
    return GR_OK;
}

gr_status gr_shap_file_open(const gr_run_files *run, gr_shap_file *out, gr_error *err)
{
    *out = (gr_shap_file){.first = FIRST};
    gr_status status = gr_run_table_read(run, "shap.csv", &out->shares, err);
    if (status == GR_OK)
        status = gr_run_table_read(run, "features.csv", &out->features, err);
    if (status == GR_OK && (out->shares->columns <= FIRST || out->shares->rows == 0 || out->features->columns < 2 ||
                            out->features->columns - 1 != out->shares->columns - FIRST))
        status =
            gr_fail(err, GR_INVALID, "%s:1: is no table of shares; image,fold,class,margin,bias,FEATURE... would be right",
                    out->shares->path);
    if (status == GR_OK) {
        out->width = out->shares->columns - FIRST;
        out->subject = find_subject(run, out->shares);
        status = find_rows(out, err);
    }
    if (status == GR_OK)
        status = rank(out, err);
    if (status != GR_OK)
        gr_shap_file_close(out);
    return status;
}

void gr_shap_file_close(gr_shap_file *f)
{
    gr_csv_destroy(f->shares);
    gr_csv_destroy(f->features);
    gr_free(f->rows);
    gr_free(f->at);
    gr_free(f->weights);
    gr_free(f->order);
    *f = (gr_shap_file){0};
}

double gr_shap_share(const gr_shap_file *f, int64_t i, int feature)
{
    return gr_run_table_number(f->shares, f->rows[i], f->first + feature);
}

double gr_shap_value(const gr_shap_file *f, int64_t i, int feature)
{
    return f->at[i] >= 0 ? gr_run_table_number(f->features, f->at[i], 1 + feature) : NAN;
}

const char *gr_shap_name(const gr_shap_file *f, int feature)
{
    return f->shares->header[f->first + feature];
}
