/* The statistics of a run that is done. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "config/config.h"
#include "grimace/train.h"
#include "run/apply/predictions.h"
#include "run/one/report_classes.h"

enum { USUAL_COUNT = 1000 };

/* The config's count; the usual one where it draws none and nobody said so on the command line. */
static int count_for(const gr_config *config, const char *key, int count)
{
    return count > 0 || strcmp(gr_config_where(config, key), "command line") == 0 ? count : USUAL_COUNT;
}

/* Do statistics follow from the key? Of one that there is not, the config says so with the nearest. */
static bool is_used(const char *key)
{
    static const char *const used[] = {"evaluate.confidence",
                                       "evaluate.bootstrap.count",
                                       "evaluate.bootstrap.level",
                                       "evaluate.bootstrap.by",
                                       "evaluate.permutation.count",
                                       "evaluate.permutation.by",
                                       "data.positive",
                                       "seed"};
    for (size_t i = 0; i < sizeof used / sizeof used[0]; i++)
        if (strcmp(key, used[i]) == 0)
            return true;
    return gr_starts_with(key, "evaluate.") && !gr_config_has_key(key);
}

static gr_status check_overrides(const char *const *overrides, int count, gr_error *err)
{
    for (int i = 0; i < count; i++) {
        const char *text = overrides[i];
        size_t length = strcspn(text, "=");
        char key[80];
        snprintf(key, sizeof key, "%.*s", (int)length, text);
        if (text[length] != '=' || length >= sizeof key || !is_used(key))
            return gr_fail(
                err, GR_INVALID,
                "command line: %.80s: statistics do not follow from that; %s, data.positive=CLASS or seed=N would be right",
                text,
                gr_config_has_key(key) && gr_starts_with(key, "evaluate.")
                    ? "evaluate.confidence, a key of evaluate.bootstrap or evaluate.permutation"
                    : "evaluate.KEY=VALUE");
    }
    return GR_OK;
}

/* ---- columns ---------------------------------------------------------------------------------------------------------- */

/* The values of the manifest's column for each prediction, by the image's name. */
static gr_status look_up(const gr_prediction_table *t, const gr_csv *manifest, int image, int column, const char **values,
                         gr_error *err)
{
    int64_t n = manifest->rows, *order = NULL;
    const char **images = gr_alloc((size_t)n, sizeof *images);
    for (int64_t i = 0; images != NULL && i < n; i++)
        images[i] = gr_csv_field(manifest, i, image);
    if (images != NULL)
        order = gr_names_sort(images, n);
    gr_status status = order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its images", manifest->path);
    for (int64_t i = 1; status == GR_OK && i < n; i++)
        if (strcmp(images[order[i]], images[order[i - 1]]) == 0 &&
            strcmp(gr_csv_field(manifest, order[i], column), gr_csv_field(manifest, order[i - 1], column)) != 0)
            status = gr_fail(err, GR_INVALID, "%s:%lld: %s: image \"%.200s\" has another value on line %lld", manifest->path,
                             (long long)manifest->line[order[i]], manifest->header[column], images[order[i]],
                             (long long)manifest->line[order[i - 1]]);
    for (int64_t i = 0; status == GR_OK && i < t->count; i++) {
        int64_t at = gr_names_find(images, order, n, t->images[i]);
        if (at < 0)
            status = gr_fail(err, GR_INVALID, "%s:%lld: image: \"%.200s\" is not in %s", t->path, gr_predictions_line(t, i),
                             t->images[i], manifest->path);
        else
            values[i] = gr_csv_field(manifest, at, column);
    }
    gr_free(images);
    gr_free(order);
    return status;
}

static gr_status no_column(const gr_prediction_table *t, const gr_csv *manifest, const char *column, gr_error *err)
{
    const gr_csv *known = manifest != NULL ? manifest : t->csv;
    const char *near = gr_nearest(column, known->header, (size_t)known->columns);
    return gr_fail(err, GR_INVALID, "--by: there is no column \"%.80s\" in %s%s%s%s%s%s", column, t->path,
                   manifest != NULL ? " or " : "", manifest != NULL ? manifest->path : "",
                   near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

/* *manifest is read when a column is not among the predictions. */
static gr_status break_down(const gr_prediction_table *t, const char *column, gr_csv **manifest, gr_statistics *out,
                            gr_error *err)
{
    int at = gr_csv_column(t->csv, column);
    const char **values = gr_alloc((size_t)t->csv->rows, sizeof *values);
    gr_status status = values != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its rows", t->path);
    for (int64_t i = 0; status == GR_OK && at >= 0 && i < t->csv->rows; i++)
        values[i] = gr_csv_field(t->csv, i, at);
    if (status == GR_OK && at < 0) {
        if (*manifest == NULL && t->of_run && t->config->data.manifest != NULL)
            status = gr_csv_read(t->config->data.manifest, manifest, err);
        int image = -1;
        if (status == GR_OK && *manifest != NULL) {
            image = gr_csv_column(*manifest, "image");
            at = gr_csv_column(*manifest, column);
        }
        if (status == GR_OK)
            status =
                image >= 0 && at >= 0 ? look_up(t, *manifest, image, at, values, err) : no_column(t, *manifest, column, err);
    }
    if (status == GR_OK && t->kind == GR_TABLE_SCORES)
        status = gr_score_statistics_break_down(out, &t->scores, column, values, err);
    else if (status == GR_OK && t->kind == GR_TABLE_LABELS)
        status = gr_label_statistics_break_down(out, &t->labels, column, values, err);
    else if (status == GR_OK)
        status = gr_statistics_break_down(out, &t->predictions, column, values, err);
    gr_free(values);
    return status;
}

/* ---- all -------------------------------------------------------------------------------------------------------------- */

static gr_status make(const gr_prediction_table *t, const gr_statistics_options *options, gr_statistics *out, gr_error *err)
{
    const char *name = t->config->name;
    if (t->kind == GR_TABLE_SCORES)
        return gr_score_statistics_make(name, &t->scores, options, out, err);
    if (t->kind == GR_TABLE_LABELS)
        return gr_label_statistics_make(name, &t->labels, t->positive, options, out, err);
    return gr_statistics_make(name, &t->predictions, t->positive, options, out, err);
}

static gr_status judge(const gr_prediction_table *t, const char *const *columns, int column_count, gr_statistics *out,
                       gr_error *err)
{
    gr_statistics_options options = gr_statistics_options_of(t->config);
    gr_csv *manifest = NULL;
    options.bootstrap.count = count_for(t->config, "evaluate.bootstrap.count", options.bootstrap.count);
    options.permutation.count = count_for(t->config, "evaluate.permutation.count", options.permutation.count);
    gr_status status = make(t, &options, out, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s", t->path);
    if (status != GR_OK)
        return status;
    for (int i = 0; status == GR_OK && i < column_count; i++)
        status = break_down(t, columns[i], &manifest, out, err);
    gr_csv_destroy(manifest);
    if (status != GR_OK)
        gr_statistics_free(out);
    return status;
}

static gr_status refuse_second(const gr_prediction_table *t, int64_t row, int64_t earlier, const char *column, gr_error *err)
{
    return gr_fail(err, GR_INVALID,
                   "%s:%lld: %s: image \"%.200s\" has another label on line %lld; one label per image would be right", t->path,
                   gr_predictions_line(t, row), column, t->images[row], gr_predictions_line(t, earlier));
}

/* Do rows `a` and `b` of one image agree in the column of labels `k`? Labels that are not known agree with each other alone. */
static bool agree(const gr_prediction_table *t, int64_t a, int64_t b, int k)
{
    if (t->kind == GR_TABLE_CLASSES)
        return t->predictions.labels[a] == t->predictions.labels[b];
    if (t->kind == GR_TABLE_LABELS)
        return t->labels.labels[a * t->labels.label_count + k] == t->labels.labels[b * t->labels.label_count + k];
    double x = t->scores.truth[a * t->scores.outputs + k], y = t->scores.truth[b * t->scores.outputs + k];
    return x == y || (isnan(x) && isnan(y));
}

/* Repeated splits judge an image several times, always by the same label. */
static gr_status check_labels(const gr_prediction_table *t, gr_error *err)
{
    bool one = t->kind == GR_TABLE_CLASSES;
    int labels = one ? 1 : t->kind == GR_TABLE_LABELS ? t->labels.label_count : t->scores.outputs;
    int64_t *order = gr_names_sort(t->images, t->count);
    gr_status status = order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its images", t->path);
    for (int64_t i = 1; status == GR_OK && i < t->count; i++) {
        if (strcmp(t->images[order[i]], t->images[order[i - 1]]) != 0)
            continue;
        for (int k = 0; status == GR_OK && k < labels; k++)
            if (!agree(t, order[i], order[i - 1], k))
                status = refuse_second(t, order[i], order[i - 1],
                                       one ? "label" : t->kind == GR_TABLE_LABELS ? t->labels.names[k] : t->scores.names[k], err);
    }
    gr_free(order);
    return status;
}

/* Scores have no classes, so none of them is the positive one. */
static gr_status check_positive(const gr_prediction_table *t, const char *const *overrides, int count, gr_error *err)
{
    for (int i = 0; t->kind == GR_TABLE_SCORES && i < count; i++)
        if (gr_starts_with(overrides[i], "data.positive="))
            return gr_fail(err, GR_INVALID, "command line: data.positive: %s holds scores, and only classes have a positive one",
                           t->path);
    return GR_OK;
}

gr_status gr_run_statistics(const char *path, const char *const *overrides, int count, const char *const *columns,
                            int column_count, gr_statistics *out, gr_error *err)
{
    gr_prediction_table table = {0};
    *out = (gr_statistics){0};
    gr_status status = check_overrides(overrides, count, err);
    if (status == GR_OK)
        status = gr_predictions_open(path, overrides, count, &table, err);
    if (status == GR_OK)
        status = check_positive(&table, overrides, count, err);
    if (status == GR_OK)
        status = check_labels(&table, err);
    if (status == GR_OK)
        status = judge(&table, columns, column_count, out, err);
    gr_prediction_table_free(&table);
    return status;
}
