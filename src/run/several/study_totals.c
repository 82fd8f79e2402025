/* The files and tables of a label study: totals.csv, labels.csv, and the run's own for the class that the total tells. */
#include <math.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "grimace/results.h"
#include "run/one/report_classes.h"
#include "run/several/study_labels.h"
#include "run/tasks/task.h"

/* ---- files ------------------------------------------------------------------------------------------------------------ */

/* splits.csv of the study: the folds with data.label. */
static gr_status write_splits(const gr_label_scores *s, gr_error *err)
{
    char *path = gr_path_join(s->study->to, "splits.csv");
    gr_status status = path != NULL ? gr_split_write_csv(&s->split, &s->manifest,
                                                         gr_split_compact(&s->split, s->study->config->split.write), path, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free(path);
    return status;
}

/* A label's score and what is predicted, as its own predictions.csv has them. */
static void put_scores(const gr_prediction_table *t, int64_t row, gr_text *out)
{
    if (t->kind == GR_TABLE_SCORES)
        gr_text_printf(out, "%.15g,%.9g,", t->scores.truth[row], t->scores.predicted[row]);
    else
        gr_text_printf(out, "%s,%s,", t->predictions.classes[t->predictions.labels[row]],
                       t->predictions.classes[t->predictions.predicted[row]]);
}

static gr_status write_totals(const gr_label_scores *s, gr_error *err)
{
    const gr_prediction_table *first = &s->tables[0];
    gr_text out = {0};
    gr_text_printf(&out, "image,");
    if (first->groups != NULL)
        gr_csv_put(&out, first->group_column, ',');
    gr_text_printf(&out, "fold,label,");
    for (int l = 0; l < s->study->count; l++) {
        char name[300];
        snprintf(name, sizeof name, "predicted_%s", s->study->members[l].name);
        gr_csv_put(&out, s->study->members[l].name, ',');
        gr_csv_put(&out, name, ',');
    }
    gr_text_printf(&out, "total,predicted_total,threshold\n");
    for (int64_t i = 0; i < s->count; i++) {
        int64_t row = gr_label_row(s, 0, i);
        gr_csv_put(&out, first->images[row], ',');
        if (first->groups != NULL)
            gr_csv_put(&out, first->groups[row], ',');
        gr_csv_put(&out, first->folds[first->fold[row]], ',');
        gr_csv_put(&out, s->manifest.classes[s->manifest.labels[s->row[i]]], ',');
        for (int l = 0; l < s->study->count; l++)
            put_scores(&s->tables[l], gr_label_row(s, l, i), &out);
        gr_text_printf(&out, "%.17g,%.17g,%.17g\n", s->totals.truth[i], s->totals.predicted[i],
                       s->totals.threshold[s->totals.fold[i]]);
    }
    return gr_study_write(s->study, "totals.csv", &out, err);
}

/* Results of each label, of its own predictions. */
static gr_status make_results(const gr_label_scores *s, gr_results *results, gr_error *err)
{
    gr_status status = GR_OK;
    for (int l = 0; status == GR_OK && l < s->study->count; l++) {
        const gr_prediction_table *t = &s->tables[l];
        const char *name = s->study->members[l].name;
        if (t->kind == GR_TABLE_SCORES) {
            status = gr_score_results_make(name, &t->scores, &results[l], err);
            continue;
        }
        status = gr_results_make(name, &t->predictions, t->positive, &results[l], err);
        if (status == GR_OK && gr_task_of(s->study->config)->ordered)
            status = gr_results_add_ordinal(&results[l], &t->predictions, err);
    }
    return status;
}

static gr_status write_labels(const gr_label_scores *s, const gr_results *results, gr_error *err)
{
    gr_text out = {0};
    json_t *list = json_array();
    gr_text_printf(&out, "label,folds,n");
    gr_study_put_header(&out, &results[0]);
    for (int l = 0; l < s->study->count; l++) {
        const gr_results *r = &results[l];
        json_t *one = json_object(), *numbers = gr_study_numbers(r);
        gr_csv_put(&out, r->name, ',');
        gr_text_printf(&out, "%d,%lld", r->fold_count, (long long)gr_study_rows(r));
        gr_study_put_numbers(&out, r);
        json_object_set_new(one, "label", json_string(r->name));
        json_object_set_new(one, "folds", json_integer(r->fold_count));
        json_object_set_new(one, "n", json_integer(gr_study_rows(r)));
        json_object_update(one, numbers);
        json_decref(numbers);
        json_array_append_new(list, one);
    }
    gr_status status = gr_study_write(s->study, "labels.csv", &out, err);
    if (status == GR_OK)
        return gr_study_add_json(s->study, "labels", list, err);
    json_decref(list);
    return status;
}

/* Which numbers the table shows, by gr_study_number. */
typedef struct shown {
    const char *name;
    int number;
    double scale;
    int digits;
} shown;

static void put_labels(const gr_label_scores *s, const gr_results *results, gr_text *out)
{
    static const shown of_classes[] = {{"accuracy", GR_METRIC_ACCURACY, 100, 2},
                                       {"F1 macro", GR_METRIC_F1_MACRO, 1, 4},
                                       {"kappa", GR_METRIC_KAPPA, 1, 4}},
                       of_order[] = {{"accuracy", GR_METRIC_ACCURACY, 100, 2},
                                     {"kappa qu.", GR_METRIC_COUNT + GR_ORDINAL_KAPPA_QUADRATIC, 1, 4},
                                     {"MAE", GR_METRIC_COUNT + GR_ORDINAL_MAE, 1, 4}},
                       of_scores[] = {
                           {"MAE", GR_SCORE_MAE, 1, 4}, {"ICC", GR_SCORE_ICC, 1, 4}, {"Pearson", GR_SCORE_PEARSON, 1, 4}};
    const shown *columns = results[0].scores != NULL ? of_scores : results[0].ordinal != NULL ? of_order : of_classes;
    int width = 5;
    for (int l = 0; l < s->study->count; l++)
        width = (int)strlen(results[l].name) > width ? (int)strlen(results[l].name) : width;
    gr_text_printf(out, "%s: %d labels, pooled over folds; mean and sd are over folds\n%-*s", s->study->config->name,
                   s->study->count, width, "label");
    for (size_t c = 0; c < 3; c++)
        gr_text_printf(out, "  %8s  %8s  %8s", columns[c].name, "mean", "sd");
    for (int l = 0; l < s->study->count; l++) {
        gr_text_printf(out, "\n%-*s", width, results[l].name);
        for (size_t c = 0; c < 3; c++) {
            double values[3];
            gr_study_number(&results[l], columns[c].number, values);
            for (int i = 0; i < 3; i++)
                if (isfinite(values[i]))
                    gr_text_printf(out, "  %8.*f", columns[c].digits, columns[c].scale * values[i]);
                else
                    gr_text_printf(out, "  %8s", "-");
        }
    }
    gr_text_printf(out, "\n");
}

/* The rows of the two classes as a run's predictions: score p = (total - least) / (most - least). */
typedef struct told {
    gr_predictions predictions;
    const char **images, **groups;
    int32_t *fold, *labels, *predicted;
    float *probabilities;
} told;

static void free_told(told *t)
{
    gr_free(t->images);
    gr_free(t->groups);
    gr_free(t->fold);
    gr_free(t->labels);
    gr_free(t->predicted);
    gr_free(t->probabilities);
}

/* By the predicted totals, or by the true ones. The classes stand as in the config: `positive` is the second's index. */
static gr_status tell(const gr_label_scores *s, const double *totals, const char *const *classes, int positive, told *t,
                      gr_error *err)
{
    const gr_prediction_table *first = &s->tables[0];
    size_t n = (size_t)s->count;
    *t = (told){.images = gr_alloc(n, sizeof *t->images),
                .groups = gr_alloc(n, sizeof *t->groups),
                .fold = gr_alloc(n, sizeof *t->fold),
                .labels = gr_alloc(n, sizeof *t->labels),
                .predicted = gr_alloc(n, sizeof *t->predicted),
                .probabilities = gr_alloc(2 * n, sizeof *t->probabilities)};
    if (t->images == NULL || t->groups == NULL || t->fold == NULL || t->labels == NULL || t->predicted == NULL ||
        t->probabilities == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the predictions");
    int64_t count = 0;
    for (int64_t i = 0; i < s->count; i++) {
        if (s->totals.label[i] < 0)
            continue;
        int64_t row = gr_label_row(s, 0, i);
        bool pain = totals[i] >= s->totals.threshold[s->totals.fold[i]];
        double place = (totals[i] - s->least) / (s->most > s->least ? s->most - s->least : 1);
        float share = (float)fmin(fmax(place, 0.0), 1.0); /* rounded sums of scores may lie a little beyond */
        t->images[count] = first->images[row];
        t->groups[count] = first->groups != NULL ? first->groups[row] : NULL;
        t->fold[count] = s->totals.fold[i];
        t->labels[count] = s->totals.label[i] == 1 ? positive : 1 - positive;
        t->predicted[count] = pain ? positive : 1 - positive;
        t->probabilities[2 * count + positive] = share;
        t->probabilities[2 * count + 1 - positive] = 1 - share;
        count++;
    }
    t->predictions = (gr_predictions){.count = count,
                                      .class_count = 2,
                                      .classes = classes,
                                      .fold_count = first->fold_count,
                                      .folds = first->folds,
                                      .group_column = first->group_column,
                                      .images = t->images,
                                      .groups = first->groups != NULL ? t->groups : NULL,
                                      .fold = t->fold,
                                      .labels = t->labels,
                                      .predicted = t->predicted,
                                      .probabilities = t->probabilities};
    return count > 0 ? GR_OK
                     : gr_config_fail(s->study->config, "data.classes", err, "no tested image is of one of the two classes");
}

/* predictions.csv and what follows from it; then the same numbers of the true totals, under "truth" in results.json. */
static gr_status write_told(const gr_label_scores *s, gr_results *results, gr_results *truth, gr_error *err)
{
    const gr_config *c = s->study->config;
    int positive = c->data.classes.count > 0 && strcmp(c->data.classes.items[0], s->classes[1]) == 0 ? 0 : 1;
    const char *classes[2] = {s->classes[positive == 1 ? 0 : 1], s->classes[positive == 1 ? 1 : 0]};
    told t = {0}, true_ones = {0};
    gr_status status = tell(s, s->totals.predicted, classes, positive, &t, err);
    if (status == GR_OK)
        status = gr_report_classes(c, &t.predictions, positive, NULL, s->study->to, results, err);
    bool written = status == GR_OK;
    if (status == GR_OK)
        status = tell(s, s->totals.truth, classes, positive, &true_ones, err);
    if (status == GR_OK)
        status = gr_results_make("truth", &true_ones.predictions, positive, truth, err);
    if (status == GR_OK)
        status = gr_study_add_json(s->study, "truth", gr_study_numbers(truth), err);
    if (written && status != GR_OK)
        gr_results_free(results);
    free_told(&t);
    free_told(&true_ones);
    return status;
}

static void put_truth(const gr_results *truth, gr_text *out)
{
    static const gr_metric shown[] = {GR_METRIC_ACCURACY, GR_METRIC_SENSITIVITY, GR_METRIC_SPECIFICITY, GR_METRIC_F1,
                                      GR_METRIC_AUROC};
    gr_text_printf(out, "the true total would tell %s with", truth->classes[truth->positive]);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        double value = truth->pooled.value[shown[i]];
        gr_text_printf(out, isfinite(value) ? "%s %s %.4f" : "%s %s -", i > 0 ? "," : "", gr_metric_name(shown[i]), value);
    }
    gr_text_printf(out, "\n");
}

static gr_status report(const gr_label_scores *s, gr_results *results, gr_error *err)
{
    const gr_study *study = s->study;
    gr_results truth = {0}, *of_labels = gr_alloc((size_t)study->count, sizeof *of_labels);
    gr_status status = of_labels != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the results");
    if (status == GR_OK)
        status = make_results(s, of_labels, err);
    if (status == GR_OK)
        status = write_splits(s, err);
    if (status == GR_OK)
        status = write_totals(s, err);
    bool told = false;
    if (status == GR_OK) {
        status = write_told(s, results, &truth, err);
        told = status == GR_OK;
    }
    if (status == GR_OK)
        status = write_labels(s, of_labels, err);
    gr_agreement_of_totals agreement = {0};
    if (status == GR_OK)
        status = gr_totals_agreement(&s->totals, &agreement, err);
    if (status == GR_OK)
        status = gr_study_add_json(study, "total",
                                   gr_totals_json(&s->totals, &agreement, s->tables[0].folds, s->least, s->most), err);
    if (status == GR_OK && study->options->summary != NULL) {
        put_labels(s, of_labels, study->options->summary);
        gr_totals_table(&s->totals, &agreement, study->options->summary);
        put_truth(&truth, study->options->summary);
    }
    if (told && status != GR_OK)
        gr_results_free(results);
    for (int l = 0; of_labels != NULL && l < study->count; l++)
        gr_results_free(&of_labels[l]);
    gr_results_free(&truth);
    gr_free(of_labels);
    return status;
}

gr_status gr_labels_finish(gr_study *study, gr_results *results, gr_error *err)
{
    gr_label_scores s;
    gr_status status = gr_label_scores_open(study, &s, err);
    if (status == GR_OK)
        status = report(&s, results, err);
    gr_label_scores_close(&s);
    return status;
}
