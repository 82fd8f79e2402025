/* A cross study on new images: all its models together, and the models of each value alone. */
#include <string.h>

#include "formats/csv.h"
#include "run/apply/judge.h"
#include "run/several/new_kinds.h"
#include "run/several/study.h"

/* The models that trained on one value: DIR/train-NAME, and a row of matrix.csv. */
static gr_status evaluate_value(const gr_evaluate_options *options, const char *value, bool first, gr_text *matrix,
                                gr_error *err)
{
    gr_text from = {0}, to = {0};
    gr_evaluation one;
    gr_text_printf(&from, "%s/train-%s", options->path, value);
    gr_text_printf(&to, "%s/train-%s", options->out, value);
    gr_evaluate_options own = *options;
    own.path = from.data;
    own.out = to.data;
    gr_error problem = {0};
    gr_status status = from.failed || to.failed ? GR_NOMEM : gr_evaluate_run(&own, &one, &problem);
    if (status == GR_INVALID && !first) { /* nothing that these models may judge */
        gr_csv_put(matrix, value, ',');
        gr_text_printf(matrix, "new,0,\n");
        status = GR_OK;
    } else if (status != GR_OK)
        status = gr_fail(err, status, "%s", problem.text[0] != '\0' ? problem.text : "no memory for a path");
    else {
        if (first) {
            gr_text_printf(matrix, "train,test,n,left_out");
            gr_study_put_header(matrix, &one.results);
        }
        gr_csv_put(matrix, value, ',');
        gr_text_printf(matrix, "new,%lld,%lld", (long long)one.judged, (long long)one.known);
        gr_study_put_numbers(matrix, &one.results);
        gr_evaluation_free(&one);
    }
    gr_text_free(&from);
    gr_text_free(&to);
    return status;
}

/* The values that the study's own matrix names. */
static gr_status evaluate_values(const gr_evaluate_options *options, gr_error *err)
{
    gr_csv *csv = NULL;
    gr_text matrix = {0};
    char *path = gr_path_join(options->path, "matrix.csv"), *to = gr_path_join(options->out, "matrix.csv");
    gr_status status =
        path != NULL && to != NULL ? gr_csv_read(path, &csv, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    int train = status == GR_OK ? gr_csv_column(csv, "train") : -1;
    if (status == GR_OK && train < 0)
        status = gr_fail(err, GR_INVALID, "%s:1: is no matrix of a cross study", path);
    for (int64_t i = 0; status == GR_OK && i < csv->rows; i++) {
        bool seen = false;
        for (int64_t j = 0; !seen && j < i; j++)
            seen = strcmp(gr_csv_field(csv, j, train), gr_csv_field(csv, i, train)) == 0;
        if (!seen)
            status = evaluate_value(options, gr_csv_field(csv, i, train), i == 0, &matrix, err);
    }
    if (status == GR_OK)
        status = matrix.failed ? gr_fail(err, GR_NOMEM, "no memory for a table")
                               : gr_file_write(to, matrix.data, matrix.size, err);
    gr_text_free(&matrix);
    gr_csv_destroy(csv);
    gr_free(path);
    gr_free(to);
    return status;
}

gr_status gr_evaluate_cross(const gr_evaluate_options *options, gr_evaluation *out, gr_error *err)
{
    gr_status status = gr_evaluate_run(options, out, err);
    if (status == GR_OK) {
        gr_text_printf(&out->said,
                       "all models of the study answer together; those of each value alone: %s/train-NAME, matrix.csv\n",
                       options->out);
        status = evaluate_values(options, err);
        if (status != GR_OK)
            gr_evaluation_free(out);
    }
    return status;
}
