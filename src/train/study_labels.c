/* A network for each label, the sum of their scores, and what the sum says about a class (DeepMGS: Chiang et al. 2022, J.
 * Pers. Med. 12, 851: five action units; total score; pain from the total). */
#include "study.h"

#include <math.h>
#include <string.h>

#include "experiment.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "predictions.h"
#include "totals.h"

/* ---- the parts -----------------------------------------------------------------------------------------------------------
 */

/* The study's manifest with every value of data.label as a class: an image of none of the two classes trains and is scored,
 * and is not asked for its class. */
static gr_status open_manifest(const gr_study *study, gr_manifest *out, gr_error *err)
{
    static const char *const whole[] = {"data.classes=[]", "data.positive=null"};
    gr_config *config = NULL;
    *out = (gr_manifest){0};
    gr_status status = gr_config_with(study->config, whole, 2, &config, err);
    if (status == GR_OK)
        status = gr_manifest_open(config, out, err);
    gr_config_destroy(config);
    return status;
}

/* data.label's two classes: those of the config, or all of the column. names[1] is the positive one. */
static gr_status find_classes(const gr_study *study, const gr_manifest *m, const char *names[2], gr_error *err)
{
    const gr_config *c = study->config;
    bool listed = c->data.classes.count > 0;
    int count = listed ? c->data.classes.count : m->class_count;
    if (count != 2)
        return gr_config_fail(
            c, "data.classes", err,
            "%d values of data.label are to be told from the total of experiment.labels; two would be right, "
            "such as [\"0\", \"1\"]",
            count);
    for (int i = 0; i < 2; i++)
        names[i] = listed ? c->data.classes.items[i] : m->classes[i];
    if (c->data.positive != NULL && strcmp(c->data.positive, names[0]) == 0) {
        names[0] = names[1];
        names[1] = c->data.positive;
    }
    if (c->data.positive != NULL && strcmp(c->data.positive, names[1]) != 0)
        return gr_config_fail(c, "data.positive", err, "is \"%.80s\", expected \"%.80s\" or \"%.80s\"", c->data.positive,
                              names[0], names[1]);
    return GR_OK;
}

static gr_status check_label(const gr_study *study, const gr_manifest *m, int index, gr_error *err)
{
    const gr_strings *labels = &study->config->experiment.labels;
    const char *label = labels->items[index];
    for (int i = 0; i < index; i++)
        if (strcmp(labels->items[i], label) == 0)
            return gr_config_fail(study->config, "experiment.labels", err, "has \"%.80s\" twice", label);
    if (gr_manifest_column(m, label) >= 0)
        return GR_OK;
    const char *near = gr_nearest(label, m->names, (size_t)m->columns);
    return gr_config_fail(study->config, "experiment.labels", err, "there is no column %.80s in %s%s%.80s%s", label, m->path,
                          near != NULL ? ", did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

/* Scores are summed. */
static gr_status check_numbers(const gr_study *study, const char *label, const char *const *classes, int count,
                               gr_error *err)
{
    double value;
    for (int i = 0; i < count; i++)
        if (!gr_parse_double(classes[i], &value))
            return gr_config_fail(
                study->config, study->config->experiment.classes.count > 0 ? "experiment.classes" : "experiment.labels", err,
                "\"%.80s\" of %.80s is no number and cannot be summed; scores such as 0, 1 and 2 would be "
                "right",
                classes[i], label);
    return GR_OK;
}

/* Folds that look at a label look at the study's. */
static bool stratified(const gr_config *config)
{
    return gr_starts_with(config->split.scheme, "stratified") || strcmp(config->split.scheme, "holdout") == 0;
}

static gr_status add_label(gr_study *study, const char *label, gr_error *err)
{
    const gr_config *c = study->config;
    gr_buffer texts[3] = {{0}, {0}, {0}};
    const char *overrides[4];
    int count = 0;
    gr_buffer_printf(&texts[0], "data.label=");
    gr_yaml_put_string(&texts[0], label);
    gr_study_put_list(&texts[1], "data.classes", c->experiment.classes.items, c->experiment.classes.count);
    gr_buffer_printf(&texts[2], "split.stratify=");
    gr_yaml_put_string(&texts[2], c->data.label);
    bool failed = texts[0].failed || texts[1].failed || texts[2].failed;
    overrides[count++] = texts[0].data;
    overrides[count++] = texts[1].data;
    overrides[count++] = "data.positive=null";
    if (stratified(c) && c->split.stratify == NULL)
        overrides[count++] = texts[2].data;
    gr_status status = failed ? gr_fail(err, GR_NOMEM, "no memory for the labels of an experiment")
                              : gr_study_add(study, "experiment.labels", "label", label, overrides, count, err);
    for (int i = 0; i < 3; i++)
        gr_buffer_free(&texts[i]);
    return status;
}

gr_status gr_labels_plan(gr_study *study, gr_error *err)
{
    const gr_strings *labels = &study->config->experiment.labels, *classes = &study->config->experiment.classes;
    const char *names[2];
    gr_manifest m;
    gr_status status = open_manifest(study, &m, err);
    if (status == GR_OK)
        status = find_classes(study, &m, names, err);
    if (status == GR_OK)
        status = check_numbers(study, "experiment.classes", classes->items, classes->count, err);
    if (status == GR_OK)
        status = gr_study_begin(study, labels->count, err);
    for (int i = 0; status == GR_OK && i < labels->count; i++) {
        status = check_label(study, &m, i, err);
        if (status == GR_OK)
            status = add_label(study, labels->items[i], err);
    }
    gr_manifest_free(&m);
    for (int i = 0; status == GR_OK && classes->count == 0 && i < study->count; i++) {
        status = gr_manifest_open(study->parts[i].config, &m, err);
        if (status == GR_OK)
            status = check_numbers(study, study->parts[i].name, m.classes, m.class_count, err);
        gr_manifest_free(&m);
    }
    return status;
}

/* ---- what the networks said ----------------------------------------------------------------------------------------------
 */

typedef struct scores {
    const gr_study *study;
    gr_manifest manifest;        /* open_manifest's */
    gr_experiment experiment;    /* of the first label: the folds of all */
    gr_prediction_table *tables; /* [labels]: their predictions.csv, all with the same rows */
    gr_totals totals;
    const char *classes[2];
    int64_t *row;       /* [totals.n]: of the manifest */
    double least, most; /* totals that are possible */
} scores;

static void close_scores(scores *s)
{
    for (int i = 0; s->tables != NULL && i < s->study->count; i++)
        gr_prediction_table_free(&s->tables[i]);
    gr_free(s->tables);
    gr_free(s->row);
    gr_totals_free(&s->totals);
    gr_experiment_close(&s->experiment);
    gr_manifest_free(&s->manifest);
}

static double number_of(const gr_prediction_table *t, int32_t cls)
{
    double value = NAN;
    return gr_parse_double(t->classes[cls], &value) ? value : NAN;
}

static gr_status read_tables(scores *s, gr_error *err)
{
    const gr_study *study = s->study;
    s->tables = gr_alloc((size_t)study->count, sizeof *s->tables);
    gr_status status = s->tables != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int i = 0; status == GR_OK && i < study->count; i++) {
        char *path = gr_path_join(study->parts[i].folder, "predictions.csv");
        status =
            path != NULL ? gr_predictions_read(path, &s->tables[i], err) : gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_free(path);
        const gr_predictions *first = &s->tables[0].predictions, *p = &s->tables[i].predictions;
        bool same = status == GR_OK && p->count == first->count;
        for (int64_t r = 0; same && r < p->count; r++)
            same = strcmp(p->images[r], first->images[r]) == 0 &&
                   strcmp(p->folds[p->fold[r]], first->folds[first->fold[r]]) == 0;
        if (status == GR_OK && !same)
            status =
                gr_fail(err, GR_INTERNAL, "the folds of %s are not those of %s", study->parts[i].name, study->parts[0].name);
    }
    return status;
}

/* The manifest's row of each prediction. */
static gr_status find_rows(scores *s, gr_error *err)
{
    const gr_predictions *p = &s->tables[0].predictions;
    const gr_manifest *m = &s->manifest;
    s->row = gr_alloc((size_t)p->count, sizeof *s->row);
    int64_t *order = gr_names_sort(m->images, m->rows);
    gr_status status = s->row != NULL && order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the predictions");
    for (int64_t i = 0; status == GR_OK && i < p->count; i++)
        if ((s->row[i] = gr_names_find(m->images, order, m->rows, p->images[i])) < 0)
            status = gr_fail(err, GR_INTERNAL, "%s is in no row of %s", p->images[i], m->path);
    gr_free(order);
    return status;
}

/* -1: of neither class. */
static int8_t class_of_row(const scores *s, int64_t row)
{
    const char *name = s->manifest.classes[s->manifest.labels[row]];
    return strcmp(name, s->classes[1]) == 0 ? 1 : strcmp(name, s->classes[0]) == 0 ? 0 : -1;
}

static gr_status sum_scores(scores *s, gr_error *err)
{
    const gr_predictions *p = &s->tables[0].predictions;
    gr_status status = gr_totals_open(p->count, p->fold_count, &s->totals, err);
    for (int l = 0; status == GR_OK && l < s->study->count; l++) {
        const gr_prediction_table *t = &s->tables[l];
        double least = INFINITY, most = -INFINITY;
        for (int c = 0; c < t->predictions.class_count; c++) {
            least = fmin(least, number_of(t, c));
            most = fmax(most, number_of(t, c));
        }
        s->least += least;
        s->most += most;
        for (int64_t i = 0; i < p->count; i++) {
            s->totals.truth[i] += number_of(t, t->labels[i]);
            s->totals.predicted[i] += number_of(t, t->predicted[i]);
        }
    }
    for (int64_t i = 0; status == GR_OK && i < p->count; i++) {
        s->totals.fold[i] = p->fold[i];
        s->totals.label[i] = class_of_row(s, s->row[i]);
    }
    return status;
}

/* True totals of all rows of the manifest, by its cells. */
static double true_total(const scores *s, int64_t row)
{
    double total = 0, value = 0;
    for (int l = 0; l < s->study->count; l++) {
        int column = gr_manifest_column(&s->manifest, s->study->parts[l].name);
        total += gr_parse_double(gr_manifest_cell(&s->manifest, row, column), &value) ? value : NAN;
    }
    return total;
}

/* In each fold, on the true totals of the images that do not test. */
static gr_status find_thresholds(scores *s, gr_error *err)
{
    const gr_predictions *p = &s->tables[0].predictions;
    const gr_split *split = &s->experiment.split;
    double *totals = gr_alloc((size_t)s->manifest.rows, sizeof *totals);
    uint8_t *positive = gr_alloc((size_t)s->manifest.rows, 1);
    gr_status status = totals != NULL && positive != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for a threshold");
    for (int f = 0; status == GR_OK && f < p->fold_count; f++) {
        int64_t count = 0;
        int at = 0;
        while (at < split->fold_count && strcmp(split->folds[at].name, p->folds[f]) != 0)
            at++;
        for (int64_t r = 0; at < split->fold_count && r < s->manifest.rows; r++) {
            int8_t label = class_of_row(s, r);
            if (label < 0 || split->folds[at].parts[r] == GR_PART_TEST)
                continue;
            totals[count] = true_total(s, r);
            positive[count++] = (uint8_t)label;
        }
        if (!gr_totals_threshold(totals, positive, count, &s->totals.threshold[f]))
            status =
                gr_config_fail(s->study->config, "experiment.threshold", err,
                               "is to be found, but the images that do not test in fold %s are of one class alone; a number "
                               "would be right",
                               p->folds[f]);
    }
    gr_free(totals);
    gr_free(positive);
    return status;
}

static gr_status open_scores(const gr_study *study, scores *s, gr_error *err)
{
    *s = (scores){.study = study};
    gr_status status = open_manifest(study, &s->manifest, err);
    if (status == GR_OK)
        status = find_classes(study, &s->manifest, s->classes, err);
    if (status == GR_OK)
        status = gr_experiment_open(study->parts[0].config, study->options->first_fold, study->shared->cache, &s->experiment,
                                    err);
    if (status == GR_OK)
        status = read_tables(s, err);
    if (status == GR_OK)
        status = find_rows(s, err);
    if (status == GR_OK)
        status = sum_scores(s, err);
    for (int f = 0; status == GR_OK && f < s->totals.folds; f++)
        s->totals.threshold[f] = study->config->experiment.threshold;
    return status == GR_OK && study->config->experiment.threshold == 0 ? find_thresholds(s, err) : status;
}

/* ---- files ---------------------------------------------------------------------------------------------------------------
 */

/* splits.csv of the study: the folds with data.label. */
static gr_status write_splits(const scores *s, gr_error *err)
{
    char *path = gr_path_join(s->study->options->folder, "splits.csv");
    gr_status status = path != NULL ? gr_split_write_csv(&s->experiment.split, &s->manifest, path, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free(path);
    return status;
}

static gr_status write_totals(const scores *s, gr_error *err)
{
    const gr_predictions *p = &s->tables[0].predictions;
    gr_buffer out = {0};
    gr_buffer_printf(&out, "image,");
    if (p->groups != NULL)
        gr_csv_put(&out, p->group_column, ',');
    gr_buffer_printf(&out, "fold,label,");
    for (int l = 0; l < s->study->count; l++) {
        char name[300];
        snprintf(name, sizeof name, "predicted_%s", s->study->parts[l].name);
        gr_csv_put(&out, s->study->parts[l].name, ',');
        gr_csv_put(&out, name, ',');
    }
    gr_buffer_printf(&out, "total,predicted_total,threshold\n");
    for (int64_t i = 0; i < p->count; i++) {
        gr_csv_put(&out, p->images[i], ',');
        if (p->groups != NULL)
            gr_csv_put(&out, p->groups[i], ',');
        gr_csv_put(&out, p->folds[p->fold[i]], ',');
        gr_csv_put(&out, s->manifest.classes[s->manifest.labels[s->row[i]]], ',');
        for (int l = 0; l < s->study->count; l++) {
            const gr_prediction_table *t = &s->tables[l];
            gr_buffer_printf(&out, "%s,%s,", t->classes[t->labels[i]], t->classes[t->predicted[i]]);
        }
        gr_buffer_printf(&out, "%.17g,%.17g,%.17g\n", s->totals.truth[i], s->totals.predicted[i],
                         s->totals.threshold[p->fold[i]]);
    }
    return gr_study_write(s->study, "totals.csv", &out, err);
}

/* Results of each label, of its own predictions. */
static gr_status make_results(const scores *s, gr_results *results, gr_error *err)
{
    gr_status status = GR_OK;
    for (int l = 0; status == GR_OK && l < s->study->count; l++)
        status =
            gr_results_make(s->study->parts[l].name, &s->tables[l].predictions, s->tables[l].positive, &results[l], err);
    return status;
}

static gr_status write_labels(const scores *s, const gr_results *results, gr_error *err)
{
    gr_buffer out = {0};
    json_t *list = json_array();
    gr_buffer_printf(&out, "label,folds,n");
    gr_study_put_header(&out);
    for (int l = 0; l < s->study->count; l++) {
        const gr_results *r = &results[l];
        json_t *one = json_object(), *numbers = gr_study_numbers(r);
        gr_csv_put(&out, r->name, ',');
        gr_buffer_printf(&out, "%d,%lld", r->fold_count, (long long)r->pooled.n);
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

static void put_labels(const scores *s, const gr_results *results, gr_buffer *out)
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
    gr_buffer_printf(out, "%s: %d labels, pooled over folds; mean and sd are over folds\n%-*s", s->study->config->name,
                     s->study->count, width, "label");
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
        gr_buffer_printf(out, "  %8s  %8s  %8s", columns[c].name, "mean", "sd");
    for (int l = 0; l < s->study->count; l++) {
        gr_buffer_printf(out, "\n%-*s", width, results[l].name);
        for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++) {
            const gr_results *r = &results[l];
            const double values[] = {r->pooled.value[columns[c].metric], r->mean[columns[c].metric],
                                     r->std[columns[c].metric]};
            for (int i = 0; i < 3; i++)
                if (isfinite(values[i]))
                    gr_buffer_printf(out, "  %8.*f", columns[c].digits, columns[c].scale * values[i]);
                else
                    gr_buffer_printf(out, "  %8s", "-");
        }
    }
    gr_buffer_printf(out, "\n");
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
static gr_status tell(const scores *s, const double *totals, const char *const *classes, int positive, told *t,
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
static gr_status write_told(const scores *s, gr_results *results, gr_results *truth, gr_error *err)
{
    const gr_config *c = s->study->config;
    int positive = c->data.classes.count > 0 && strcmp(c->data.classes.items[0], s->classes[1]) == 0 ? 0 : 1;
    const char *classes[2] = {s->classes[positive == 1 ? 0 : 1], s->classes[positive == 1 ? 1 : 0]};
    told t = {0}, true_ones = {0};
    gr_status status = tell(s, s->totals.predicted, classes, positive, &t, err);
    if (status == GR_OK)
        status = gr_run_report(c, &t.predictions, positive, NULL, s->study->options->folder, results, err);
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

static void put_truth(const gr_results *truth, gr_buffer *out)
{
    static const gr_metric shown[] = {GR_METRIC_ACCURACY, GR_METRIC_SENSITIVITY, GR_METRIC_SPECIFICITY, GR_METRIC_F1,
                                      GR_METRIC_AUROC};
    gr_buffer_printf(out, "the true total would tell %s with", truth->classes[truth->positive]);
    for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
        double value = truth->pooled.value[shown[i]];
        gr_buffer_printf(out, isfinite(value) ? "%s %s %.4f" : "%s %s -", i > 0 ? "," : "", gr_metric_name(shown[i]), value);
    }
    gr_buffer_printf(out, "\n");
}

gr_status gr_labels_finish(gr_study *study, gr_results *results, gr_error *err)
{
    scores s;
    gr_results truth = {0}, *of_labels = gr_alloc((size_t)study->count, sizeof *of_labels);
    gr_status status = open_scores(study, &s, err);
    if (status == GR_OK && of_labels == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory for the results");
    if (status == GR_OK)
        status = make_results(&s, of_labels, err);
    if (status == GR_OK)
        status = write_splits(&s, err);
    if (status == GR_OK)
        status = write_totals(&s, err);
    bool told = false;
    if (status == GR_OK) {
        status = write_told(&s, results, &truth, err);
        told = status == GR_OK;
    }
    if (status == GR_OK)
        status = write_labels(&s, of_labels, err);
    gr_agreement_of_totals agreement = {0};
    if (status == GR_OK)
        status = gr_totals_agreement(&s.totals, &agreement, err);
    if (status == GR_OK)
        status = gr_study_add_json(study, "total", gr_totals_json(&s.totals, &agreement, s.tables[0].folds, s.least, s.most),
                                   err);
    if (status == GR_OK && study->options->summary != NULL) {
        put_labels(&s, of_labels, study->options->summary);
        gr_totals_table(&s.totals, &agreement, study->options->summary);
        put_truth(&truth, study->options->summary);
    }
    if (told && status != GR_OK)
        gr_results_free(results);
    for (int l = 0; of_labels != NULL && l < study->count; l++)
        gr_results_free(&of_labels[l]);
    gr_results_free(&truth);
    gr_free(of_labels);
    close_scores(&s);
    return status;
}
