/* The files and tables of a label study: totals.csv, labels.csv, and the run's own for the class that the total tells. */
#include <math.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "run/several/study_labels.h"
#include "run/one/report_classes.h"

/* ---- files ------------------------------------------------------------------------------------------------------------ */

/* splits.csv of the study: the folds with data.label. */
static gr_status write_splits(const gr_label_scores *s, gr_error *err)
{
    char *path = gr_path_join(s->study->options->folder, "splits.csv");
    gr_status status = path != NULL ? gr_split_write_csv(&s->cohort.split, &s->manifest, path, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free(path);
    return status;
}

static gr_status write_totals(const gr_label_scores *s, gr_error *err)
{
    const gr_predictions *p = &s->tables[0].predictions;
    gr_text out = {0};
    gr_text_printf(&out, "image,");
    if (p->groups != NULL)
        gr_csv_put(&out, p->group_column, ',');
    gr_text_printf(&out, "fold,label,");
    for (int l = 0; l < s->study->count; l++) {
        char name[300];
        snprintf(name, sizeof name, "predicted_%s", s->study->parts[l].name);
        gr_csv_put(&out, s->study->parts[l].name, ',');
        gr_csv_put(&out, name, ',');
    }
    gr_text_printf(&out, "total,predicted_total,threshold\n");
    for (int64_t i = 0; i < p->count; i++) {
        gr_csv_put(&out, p->images[i], ',');
        if (p->groups != NULL)
            gr_csv_put(&out, p->groups[i], ',');
        gr_csv_put(&out, p->folds[p->fold[i]], ',');
        gr_csv_put(&out, s->manifest.classes[s->manifest.labels[s->row[i]]], ',');
        for (int l = 0; l < s->study->count; l++) {
            const gr_prediction_table *t = &s->tables[l];
            gr_text_printf(&out, "%s,%s,", t->classes[t->labels[i]], t->classes[t->predicted[i]]);
        }
        gr_text_printf(&out, "%.17g,%.17g,%.17g\n", s->totals.truth[i], s->totals.predicted[i],
                         s->totals.threshold[p->fold[i]]);
    }
    return gr_study_write(s->study, "totals.csv", &out, err);
}

/* Results of each label, of its own predictions. */
static gr_status make_results(const gr_label_scores *s, gr_results *results, gr_error *err)
{
    gr_status status = GR_OK;
    for (int l = 0; status == GR_OK && l < s->study->count; l++)
        status =
            gr_results_make(s->study->parts[l].name, &s->tables[l].predictions, s->tables[l].positive, &results[l], err);
    return status;
}

static gr_status write_labels(const gr_label_scores *s, const gr_results *results, gr_error *err)
{
    gr_text out = {0};
    json_t *list = json_array();
    gr_text_printf(&out, "label,folds,n");
    gr_study_put_header(&out);
    for (int l = 0; l < s->study->count; l++) {
        const gr_results *r = &results[l];
        json_t *one = json_object(), *numbers = gr_study_numbers(r);
        gr_csv_put(&out, r->name, ',');
        gr_text_printf(&out, "%d,%lld", r->fold_count, (long long)r->pooled.n);
        gr_study_put_numbers(&out, r);
        json_object_set_new(one, "label", json_string(r->name));
        json_object_set_new(one, "folds", json_integer(r->fold_count));
        json_object_set_new(one, "n", json_integer(r->pooled.n));
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

static void put_labels(const gr_label_scores *s, const gr_results *results, gr_text *out)
{
    static const struct {
        const char *name;
        gr_metric metric;
        double scale;
        int digits;
    } columns[] = {
        {"accuracy", GR_METRIC_ACCURACY, 100, 2}, {"F1 macro", GR_METRIC_F1_MACRO, 1, 4}, {"kappa", GR_METRIC_KAPPA, 1, 4}};
    int width = 5;
    for (int l = 0; l < s->study->count; l++)
        width = (int)strlen(results[l].name) > width ? (int)strlen(results[l].name) : width;
    gr_text_printf(out, "%s: %d labels, pooled over folds; mean and sd are over folds\n%-*s", s->study->config->name,
                     s->study->count, width, "label");
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
        gr_text_printf(out, "  %8s  %8s  %8s", columns[c].name, "mean", "sd");
    for (int l = 0; l < s->study->count; l++) {
        gr_text_printf(out, "\n%-*s", width, results[l].name);
        for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
            const gr_results *r = &results[l];
            const double values[] = {r->pooled.value[columns[c].metric], r->mean[columns[c].metric],
                                     r->std[columns[c].metric]};
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
    const gr_predictions *p = &s->tables[0].predictions;
    size_t n = (size_t)p->count;
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
    for (int64_t i = 0; i < p->count; i++) {
        if (s->totals.label[i] < 0)
            continue;
        bool pain = totals[i] >= s->totals.threshold[p->fold[i]];
        float share = (float)((totals[i] - s->least) / (s->most > s->least ? s->most - s->least : 1));
        t->images[count] = p->images[i];
        t->groups[count] = p->groups != NULL ? p->groups[i] : NULL;
        t->fold[count] = p->fold[i];
        t->labels[count] = s->totals.label[i] == 1 ? positive : 1 - positive;
        t->predicted[count] = pain ? positive : 1 - positive;
        t->probabilities[2 * count + positive] = share;
        t->probabilities[2 * count + 1 - positive] = 1 - share;
        count++;
    }
    t->predictions = (gr_predictions){.count = count,
                                      .class_count = 2,
                                      .classes = classes,
                                      .fold_count = p->fold_count,
                                      .folds = p->folds,
                                      .group_column = p->group_column,
                                      .images = t->images,
                                      .groups = p->groups != NULL ? t->groups : NULL,
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
        status = gr_report_classes(c, &t.predictions, positive, NULL, s->study->options->folder, results, err);
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

gr_status gr_label_scores_report(const gr_label_scores *s, gr_results *results, gr_error *err)
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
