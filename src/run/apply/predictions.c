#include "run/apply/predictions.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "config/config.h"

enum { MOST_CLASSES = 1000 };

/* Where the columns stand; -1: none. */
typedef struct columns {
    int image, group, fold, label, predicted, first_class;
} columns;

static gr_status no_memory(const gr_prediction_table *t, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", t->path);
}

static gr_status find_columns(const gr_prediction_table *t, columns *c, int *class_count, gr_error *err)
{
    const gr_csv *csv = t->csv;
    *c = (columns){gr_csv_column(csv, "image"),     -1, gr_csv_column(csv, "fold"), gr_csv_column(csv, "label"),
                   gr_csv_column(csv, "predicted"), -1};
    c->first_class = c->predicted + 1;
    *class_count = 0;
    while (c->first_class + *class_count < csv->columns && gr_starts_with(csv->header[c->first_class + *class_count], "p_"))
        ++*class_count;
    if (c->image == 0 && c->fold == 2)
        c->group = 1;
    if (c->image >= 0 && gr_csv_column(csv, "lm1_x") >= 0)
        return gr_fail(err, GR_INVALID, "%s:1: holds landmarks, and this command is about classes; results.json has their NRMSE",
                       t->path);
    bool right = c->image >= 0 && c->label >= 0 && c->predicted >= 0 && *class_count >= 1 && *class_count <= MOST_CLASSES;
    return right
               ? GR_OK
               : gr_fail(
                     err, GR_INVALID,
                     "%s:1: is no table of a run's predictions; image,GROUP,fold,label,predicted,p_CLASS... would be right",
                     t->path);
}

static int class_of(const gr_prediction_table *t, const char *name)
{
    for (int c = 0; c < t->predictions.class_count; c++)
        if (strcmp(t->classes[c], name) == 0)
            return c;
    return -1;
}

static gr_status read_row(gr_prediction_table *t, const columns *at, int64_t row, gr_error *err)
{
    const int from[] = {at->label, at->predicted};
    int32_t *const to[] = {&t->labels[row], &t->predicted[row]};
    for (int k = 0; k < 2; k++) {
        const char *name = gr_csv_field(t->csv, row, from[k]);
        if ((*to[k] = class_of(t, name)) < 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.80s\" is none of the classes in the header", t->path,
                           gr_predictions_line(t, row), t->csv->header[from[k]], name);
    }
    for (int c = 0; c < t->predictions.class_count; c++) {
        const char *text = gr_csv_field(t->csv, row, at->first_class + c);
        double value = 0.0;
        if (!gr_parse_double(text, &value) || value < 0.0 || value > 1.0)
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.80s\" is no probability; a number from 0 to 1 would be right",
                           t->path, gr_predictions_line(t, row), t->csv->header[at->first_class + c], text);
        t->probabilities[row * t->predictions.class_count + c] = (float)value;
    }
    t->images[row] = gr_csv_field(t->csv, row, at->image);
    if (at->group >= 0)
        t->groups[row] = gr_csv_field(t->csv, row, at->group);
    return GR_OK;
}

/* Numbers the folds in the order in which they appear first. */
static gr_status number_folds(gr_prediction_table *t, int column, gr_error *err)
{
    const char **names = gr_alloc((size_t)t->csv->rows, sizeof *names);
    int64_t *fold = NULL, folds = 0;
    for (int64_t i = 0; names != NULL && i < t->csv->rows; i++)
        names[i] = column >= 0 ? gr_csv_field(t->csv, i, column) : "all";
    if (names != NULL)
        fold = gr_names_number(names, t->csv->rows, &folds);
    for (int64_t i = 0; fold != NULL && i < t->csv->rows; i++) {
        t->fold[i] = (int32_t)fold[i];
        t->folds[fold[i]] = names[i];
    }
    t->predictions.fold_count = (int)folds;
    gr_free(names);
    gr_free(fold);
    return fold != NULL ? GR_OK : no_memory(t, err);
}

static bool make_room(gr_prediction_table *t, int class_count)
{
    size_t n = (size_t)t->csv->rows, cells = 0;
    return gr_mul_size(n, (size_t)class_count, &cells) && (t->images = gr_alloc(n, sizeof *t->images)) != NULL &&
           (t->groups = gr_alloc(n, sizeof *t->groups)) != NULL && (t->folds = gr_alloc(n, sizeof *t->folds)) != NULL &&
           (t->classes = gr_alloc((size_t)class_count, sizeof *t->classes)) != NULL &&
           (t->fold = gr_alloc(n, sizeof *t->fold)) != NULL && (t->labels = gr_alloc(n, sizeof *t->labels)) != NULL &&
           (t->predicted = gr_alloc(n, sizeof *t->predicted)) != NULL &&
           (t->probabilities = gr_alloc(cells, sizeof *t->probabilities)) != NULL;
}

static gr_status read_table(gr_prediction_table *t, gr_error *err)
{
    columns at;
    int class_count = 0;
    gr_status status = gr_csv_read(t->path, &t->csv, err);
    if (status == GR_OK)
        status = find_columns(t, &at, &class_count, err);
    if (status == GR_OK && t->csv->rows == 0)
        status = gr_fail(err, GR_INVALID, "%s: holds no predictions", t->path);
    if (status == GR_OK && !make_room(t, class_count))
        status = no_memory(t, err);
    if (status != GR_OK)
        return status;
    for (int c = 0; c < class_count; c++)
        t->classes[c] = t->csv->header[at.first_class + c] + 2; /* behind "p_" */
    t->predictions = (gr_predictions){.count = t->csv->rows,
                                      .class_count = class_count,
                                      .classes = t->classes,
                                      .folds = t->folds,
                                      .group_column = at.group >= 0 ? t->csv->header[at.group] : NULL,
                                      .images = t->images,
                                      .groups = at.group >= 0 ? t->groups : NULL,
                                      .fold = t->fold,
                                      .labels = t->labels,
                                      .predicted = t->predicted,
                                      .probabilities = t->probabilities};
    t->positive = class_count - 1;
    for (int64_t i = 0; status == GR_OK && i < t->csv->rows; i++)
        status = read_row(t, &at, i, err);
    return status == GR_OK ? number_folds(t, at.fold, err) : status;
}

gr_status gr_predictions_read(const char *path, gr_prediction_table *out, gr_error *err)
{
    *out = (gr_prediction_table){.path = gr_strdup(path)};
    gr_status status = out->path != NULL ? read_table(out, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status != GR_OK)
        gr_prediction_table_free(out);
    return status;
}

/* ---- with a config ---------------------------------------------------------------------------------------------------- */

static gr_status open_config(const char *path, const char *const *overrides, int count, gr_prediction_table *t,
                             gr_error *err)
{
    if (!t->of_run)
        return gr_config_make(path, t->predictions.group_column, overrides, count, &t->config, err);
    char *file = gr_path_join(path, "config.yaml");
    gr_status status = file != NULL ? gr_config_load(file, overrides, count, &t->config, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free(file);
    return status;
}

gr_status gr_predictions_open(const char *path, const char *const *overrides, int count, gr_prediction_table *out,
                              gr_error *err)
{
    bool of_run = gr_is_folder(path);
    *out = (gr_prediction_table){0};
    char *file = of_run ? gr_path_join(path, "predictions.csv") : NULL;
    gr_status status = of_run && file == NULL ? gr_fail(err, GR_NOMEM, "no memory for a path")
                                              : gr_predictions_read(of_run ? file : path, out, err);
    gr_free(file);
    if (status != GR_OK)
        return status;
    out->of_run = of_run;
    status = open_config(path, overrides, count, out, err);
    if (status == GR_OK && out->config->data.positive != NULL) {
        out->positive = class_of(out, out->config->data.positive);
        if (out->positive < 0)
            status = gr_config_fail(out->config, "data.positive", err, "is \"%.80s\", which is no class of %s",
                                    out->config->data.positive, out->path);
    }
    if (status != GR_OK)
        gr_prediction_table_free(out);
    return status;
}

void gr_prediction_table_free(gr_prediction_table *t)
{
    gr_csv_destroy(t->csv);
    gr_config_destroy(t->config);
    gr_free(t->path);
    gr_free(t->images);
    gr_free(t->groups);
    gr_free(t->folds);
    gr_free(t->classes);
    gr_free(t->fold);
    gr_free(t->labels);
    gr_free(t->predicted);
    gr_free(t->probabilities);
    *t = (gr_prediction_table){0};
}

long long gr_predictions_line(const gr_prediction_table *t, int64_t row)
{
    return (long long)t->csv->line[row];
}
