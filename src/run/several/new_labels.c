/* A label study on a new labelled table: each label's networks in a folder of their own, then the class that the total
 * tells. */
#include <math.h>
#include <string.h>

#include "config/config.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "grimace/results.h"
#include "run/apply/ask.h"
#include "run/apply/judge.h"
#include "run/apply/evaluation_config.h"
#include "run/one/report_classes.h"
#include "run/several/new_kinds.h"
#include "run/several/total_rule.h"

typedef struct work {
    const gr_evaluate_options *options;
    gr_evaluation *out;
    gr_total_rule rule;
    gr_config *config;
    gr_csv **tables; /* [labels]: predictions.csv of each */
    int labels;
    gr_ask ask;
    double *truth, *total;   /* [count]; NaN: not known */
    int32_t *voices, *label; /* [count]: the least number of models; the class, -1: none of the two */
    const char **problems;   /* [count] */
} work;

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for an evaluation");
}

/* ---- each label
 * ------------------------------------------------------------------------------------------------------------- */

/* The caller's overrides but those about the class that the total tells. */
static int own_overrides(const gr_evaluate_options *o, const char **own)
{
    int count = 0;
    for (int i = 0; i < o->override_count; i++)
        if (!gr_starts_with(o->overrides[i], "data.label=") && !gr_starts_with(o->overrides[i], "data.positive="))
            own[count++] = o->overrides[i];
    return count;
}

static gr_status evaluate_label(work *w, int l, const char **overrides, int count, gr_error *err)
{
    const char *name = w->config->experiment.labels.items[l];
    gr_text from = {0}, to = {0}, table = {0};
    gr_evaluation one;
    gr_text_printf(&from, "%s/label-%s", w->options->path, name);
    gr_text_printf(&to, "%s/label-%s", w->options->out, name);
    gr_text_printf(&table, "%s/label-%s/predictions.csv", w->options->out, name);
    gr_evaluate_options own = *w->options;
    own.path = from.data;
    own.out = to.data;
    own.overrides = overrides;
    own.override_count = count;
    gr_status status = from.failed || to.failed || table.failed ? no_memory(err) : gr_evaluate_run(&own, &one, err);
    if (status == GR_OK) {
        if (l == 0)
            gr_text_printf(&w->out->said, "%s", one.said.data != NULL ? one.said.data : "");
        gr_evaluation_free(&one);
        status = gr_csv_read(table.data, &w->tables[l], err);
    }
    gr_text_free(&from);
    gr_text_free(&to);
    gr_text_free(&table);
    return status;
}

static gr_status evaluate_each(work *w, gr_error *err)
{
    w->labels = w->config->experiment.labels.count;
    w->tables = gr_alloc((size_t)w->labels, sizeof *w->tables);
    const char **overrides = gr_alloc((size_t)w->options->override_count + 1, sizeof *overrides);
    gr_status status = w->tables != NULL && overrides != NULL ? GR_OK : no_memory(err);
    int count = status == GR_OK ? own_overrides(w->options, overrides) : 0;
    for (int l = 0; status == GR_OK && l < w->labels; l++)
        status = evaluate_label(w, l, overrides, count, err);
    for (int l = 0; status == GR_OK && l < w->labels; l++)
        if (w->tables[l]->rows != w->ask.count)
            status = gr_fail(err, GR_INTERNAL, "%s has other rows than %s", w->tables[l]->path, w->options->manifest);
    gr_free(overrides);
    return status;
}

/* ---- totals
 * ------------------------------------------------------------------------------------------------------------------ */

static double number_in(const gr_csv *csv, int64_t row, const char *name)
{
    double value;
    int column = gr_csv_column(csv, name);
    return column >= 0 && gr_parse_double(gr_csv_field(csv, row, column), &value) ? value : NAN;
}

static void add_up(work *w, int64_t i, int label_column)
{
    int voices = -1;
    for (int l = 0; l < w->labels; l++) {
        int models = (int)number_in(w->tables[l], i, "models");
        int error = gr_csv_column(w->tables[l], "error");
        voices = voices < 0 || models < voices ? models : voices;
        w->total[i] += number_in(w->tables[l], i, "predicted");
        w->truth[i] += number_in(w->tables[l], i, "label");
        if (w->problems[i] == NULL && error >= 0 && gr_csv_field(w->tables[l], i, error)[0] != '\0')
            w->problems[i] = gr_csv_field(w->tables[l], i, error);
    }
    const char *name = gr_ask_cell(&w->ask, i, label_column);
    w->voices[i] = voices;
    w->label[i] = -1;
    for (int c = 0; c < 2; c++)
        if (strcmp(w->rule.classes[c], name) == 0)
            w->label[i] = c;
}

static gr_status make_totals(work *w, gr_error *err)
{
    size_t n = (size_t)w->ask.count;
    int column = gr_csv_column(w->ask.table, w->config->data.label);
    w->truth = gr_alloc(n, sizeof *w->truth);
    w->total = gr_alloc(n, sizeof *w->total);
    w->voices = gr_alloc(n, sizeof *w->voices);
    w->label = gr_alloc(n, sizeof *w->label);
    w->problems = gr_alloc(n, sizeof *w->problems);
    if (w->truth == NULL || w->total == NULL || w->voices == NULL || w->label == NULL || w->problems == NULL)
        return no_memory(err);
    if (column < 0)
        return gr_config_fail(w->config, "data.label", err, "there is no column %.80s in %s", w->config->data.label,
                              w->options->manifest);
    for (int64_t i = 0; i < w->ask.count; i++)
        add_up(w, i, column);
    return GR_OK;
}

/* ---- what the total tells
 * ------------------------------------------------------------------------------------------------------ */

static bool is_judged(const work *w, int64_t i)
{
    return w->label[i] >= 0 && w->voices[i] > 0 && !isnan(w->total[i]);
}

static int told_class(const work *w, int64_t i)
{
    return w->total[i] >= w->rule.threshold ? w->rule.positive : 1 - w->rule.positive;
}

static gr_status tell(work *w, gr_error *err)
{
    static const char *const folds[] = {"new"};
    const char *group = w->config->data.group;
    int column = group != NULL ? gr_csv_column(w->ask.table, group) : -1;
    size_t n = (size_t)w->ask.count;
    const char **images = gr_alloc(n, sizeof *images), **groups = gr_alloc(n, sizeof *groups);
    int32_t *fold = gr_alloc(n, sizeof *fold), *labels = gr_alloc(n, sizeof *labels),
            *predicted = gr_alloc(n, sizeof *predicted);
    float *p = gr_alloc(n, 2 * sizeof *p);
    bool good = images != NULL && groups != NULL && fold != NULL && labels != NULL && predicted != NULL && p != NULL;
    gr_status status = good ? GR_OK : no_memory(err);
    int64_t count = 0;
    for (int64_t i = 0; good && i < w->ask.count; i++) {
        if (!is_judged(w, i))
            continue;
        images[count] = w->ask.names[i];
        groups[count] = column >= 0 ? gr_ask_cell(&w->ask, i, column) : NULL;
        labels[count] = w->label[i];
        predicted[count] = told_class(w, i);
        p[2 * count + w->rule.positive] = gr_total_share(&w->rule, w->total[i]);
        p[2 * count + 1 - w->rule.positive] = 1 - p[2 * count + w->rule.positive];
        count++;
    }
    w->out->judged = count;
    const gr_predictions predictions = {.count = count,
                                        .class_count = 2,
                                        .classes = (const char *const *)w->rule.classes,
                                        .fold_count = 1,
                                        .folds = folds,
                                        .group_column = group,
                                        .images = images,
                                        .groups = column >= 0 ? groups : NULL,
                                        .fold = fold,
                                        .labels = labels,
                                        .predicted = predicted,
                                        .probabilities = p};
    if (status == GR_OK && count == 0)
        status = gr_fail(err, GR_INVALID, "%s: no row has a total and a class \"%.60s\" or \"%.60s\" in %s to judge it by",
                         w->options->manifest, w->rule.classes[0], w->rule.classes[1], w->config->data.label);
    if (status == GR_OK)
        status = gr_report_classes(w->config, &predictions, w->rule.positive, NULL, w->options->out, &w->out->results, err);
    gr_free(images);
    gr_free(groups);
    gr_free(fold);
    gr_free(labels);
    gr_free(predicted);
    gr_free(p);
    return status;
}

/* ---- predictions.csv
 * ------------------------------------------------------------------------------------------------------------- */

static gr_status add_total(const work *w, gr_sheet *sheet, gr_error *err)
{
    const char **predicted = gr_sheet_cells(sheet), **label = gr_sheet_cells(sheet);
    double *p[2] = {gr_arena_alloc(sheet->arena, (size_t)w->ask.count, sizeof(double)),
                    gr_arena_alloc(sheet->arena, (size_t)w->ask.count, sizeof(double))};
    int column = gr_csv_column(w->ask.table, w->config->data.label);
    gr_status status = predicted != NULL && label != NULL && p[0] != NULL && p[1] != NULL ? GR_OK : no_memory(err);
    for (int64_t i = 0; status == GR_OK && i < w->ask.count; i++) {
        bool known = w->voices[i] > 0 && !isnan(w->total[i]);
        label[i] = gr_ask_cell(&w->ask, i, column);
        predicted[i] = known ? w->rule.classes[told_class(w, i)] : "";
        double share = (double)gr_total_share(&w->rule, w->total[i]);
        p[w->rule.positive][i] = known ? share : NAN;
        p[1 - w->rule.positive][i] = known ? (double)(1 - (float)share) : NAN;
    }
    if (status == GR_OK)
        status = gr_sheet_add(sheet, "label", label, err);
    if (status == GR_OK)
        status = gr_sheet_add(sheet, "predicted", predicted, err);
    for (int c = 0; status == GR_OK && c < 2; c++) {
        const char *name = gr_arena_printf(sheet->arena, "p_%s", w->rule.classes[c]);
        status = name != NULL ? gr_sheet_add_reals(sheet, name, p[c], err) : no_memory(err);
    }
    return status;
}

static gr_status fill(const work *w, gr_sheet *sheet, gr_error *err)
{
    const char *group = w->config->data.group, *own[] = {group, w->config->data.label};
    const char **folds = gr_sheet_cells(sheet), **groups = gr_sheet_cells(sheet);
    bool wrong = false;
    for (int64_t i = 0; folds != NULL && groups != NULL && i < w->ask.count; i++) {
        folds[i] = "new";
        groups[i] = group != NULL ? gr_ask_cell(&w->ask, i, gr_csv_column(w->ask.table, group)) : "";
        wrong = wrong || w->problems[i] != NULL;
    }
    gr_status status = gr_sheet_add(sheet, "image", w->ask.names, err);
    if (status == GR_OK && group != NULL)
        status = gr_sheet_add(sheet, group, groups, err);
    if (status == GR_OK)
        status = gr_sheet_add(sheet, "fold", folds, err);
    if (status == GR_OK)
        status = add_total(w, sheet, err);
    if (status == GR_OK)
        status = gr_sheet_add_counts(sheet, "models", w->voices, err);
    if (status == GR_OK)
        status = gr_sheet_add_reals(sheet, "total", w->truth, err);
    if (status == GR_OK)
        status = gr_sheet_add_reals(sheet, "predicted_total", w->total, err);
    if (status == GR_OK && wrong)
        status = gr_sheet_add(sheet, "error", w->problems, err);
    return status == GR_OK ? gr_ask_carry(&w->ask, own, 2, sheet, err) : status;
}

static gr_status write_table(const work *w, gr_error *err)
{
    gr_sheet sheet;
    gr_text out = {0};
    char *path = gr_path_join(w->options->out, "predictions.csv");
    gr_status status = path != NULL ? gr_sheet_open(w->ask.count, &sheet, err) : no_memory(err);
    if (status == GR_OK) {
        status = fill(w, &sheet, err);
        gr_sheet_csv(&sheet, &out);
        gr_sheet_close(&sheet);
    }
    if (status == GR_OK)
        status = out.failed ? no_memory(err) : gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    gr_free(path);
    return status;
}

static void count_rows(work *w)
{
    gr_evaluation *out = w->out;
    out->rows = w->ask.count;
    for (int64_t i = 0; i < w->ask.count; i++) {
        out->broken += w->problems[i] != NULL;
        out->known += w->problems[i] == NULL && w->voices[i] == 0;
        out->unlabelled += w->problems[i] == NULL && w->voices[i] > 0 && w->label[i] < 0;
        if (w->problems[i] != NULL && out->problem[0] == '\0')
            snprintf(out->problem, sizeof out->problem, "%s:%lld: %.500s", w->options->manifest,
                     (long long)w->ask.table->line[w->ask.line[i]], w->problems[i]);
    }
    gr_text_printf(&out->said, "%s from a total of %g on; each label's own numbers: %s/label-NAME\n",
                   w->rule.classes[w->rule.positive], w->rule.threshold, w->options->out);
}

static gr_status ask_rows(work *w, gr_error *err)
{
    const gr_manifest_options options = {.only = w->config->data.only.items,
                                         .only_count = w->config->data.only.count,
                                         .at_most = w->config->data.at_most,
                                         .seed = w->config->seed};
    return gr_ask_table(w->options->manifest, &options, &w->ask, err);
}

gr_status gr_evaluate_labels(const gr_evaluate_options *options, gr_evaluation *out, gr_error *err)
{
    *out = (gr_evaluation){0};
    work w = {.options = options, .out = out};
    gr_status status = gr_evaluation_may_write(options, err);
    if (status == GR_OK)
        status = gr_total_rule_open(options->path, &w.rule, err);
    if (status == GR_OK)
        status = gr_evaluation_config(options, NULL, &w.config, err);
    if (status == GR_OK)
        status = ask_rows(&w, err);
    if (status == GR_OK)
        status = evaluate_each(&w, err);
    if (status == GR_OK)
        status = make_totals(&w, err);
    if (status == GR_OK)
        status = tell(&w, err);
    if (status == GR_OK)
        status = write_table(&w, err);
    if (status == GR_OK)
        count_rows(&w);
    else
        gr_evaluation_free(out);
    for (int l = 0; w.tables != NULL && l < w.labels; l++)
        gr_csv_destroy(w.tables[l]);
    gr_free(w.tables);
    gr_free(w.truth);
    gr_free(w.total);
    gr_free(w.voices);
    gr_free(w.label);
    gr_free(w.problems);
    gr_ask_close(&w.ask);
    gr_config_destroy(w.config);
    gr_total_rule_close(&w.rule);
    return status;
}
