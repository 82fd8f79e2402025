/* A network for each label, the sum of their scores, and what the sum says about a class (DeepMGS: Chiang et al. 2022, J.
 * Pers. Med. 12, 851: five action units; total score; pain from the total). */
#include "run/several/study_labels.h"

#include <math.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/yaml.h"
#include "grimace/open.h"

/* ---- the parts -------------------------------------------------------------------------------------------------------- */

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

/* A row that has no score of one label has no sum. */
static gr_status check_known(const gr_manifest *m, const char *label, gr_error *err)
{
    int column = gr_manifest_column(m, label);
    for (int64_t r = 0; r < m->rows; r++) {
        const char *text = gr_manifest_cell(m, r, column);
        if (gr_csv_unknown(text))
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: %s%s%s, a label is needed: experiment.labels sums them", gr_manifest_file(m, r),
                           (long long)m->lines[r], label, text[0] == '\0' ? "the cell is empty" : "'", text,
                           text[0] == '\0' ? "" : "' says that it is not known");
    }
    return GR_OK;
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
    gr_text texts[3] = {{0}, {0}, {0}};
    const char *overrides[4];
    int count = 0;
    gr_text_printf(&texts[0], "data.label=");
    gr_yaml_put_string(&texts[0], label);
    gr_study_put_list(&texts[1], "data.classes", c->experiment.classes.items, c->experiment.classes.count);
    gr_text_printf(&texts[2], "split.stratify=");
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
        gr_text_free(&texts[i]);
    return status;
}

gr_status gr_labels_plan(gr_study *study, gr_error *err)
{
    const gr_strings *labels = &study->config->experiment.labels, *classes = &study->config->experiment.classes;
    const char *names[2];
    gr_manifest m;
    gr_status status = gr_manifest_open(study->config, &m, err);
    if (status == GR_OK)
        status = find_classes(study, &m, names, err);
    if (status == GR_OK)
        status = check_numbers(study, "experiment.classes", classes->items, classes->count, err);
    if (status == GR_OK)
        status = gr_study_begin(study, labels->count, err);
    for (int i = 0; status == GR_OK && i < labels->count; i++) {
        status = check_label(study, &m, i, err);
        if (status == GR_OK)
            status = check_known(&m, labels->items[i], err);
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

/* ---- what the networks said ------------------------------------------------------------------------------------------- */

static void close_scores(gr_label_scores *s)
{
    for (int i = 0; s->tables != NULL && i < s->study->count; i++)
        gr_prediction_table_free(&s->tables[i]);
    gr_free(s->tables);
    gr_free(s->row);
    gr_totals_free(&s->totals);
    gr_cohort_close(&s->cohort);
    gr_manifest_free(&s->manifest);
}

static double number_of(const gr_prediction_table *t, int32_t cls)
{
    double value = NAN;
    return gr_parse_double(t->classes[cls], &value) ? value : NAN;
}

static gr_status read_tables(gr_label_scores *s, gr_error *err)
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
static gr_status find_rows(gr_label_scores *s, gr_error *err)
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
static int8_t class_of_row(const gr_label_scores *s, int64_t row)
{
    const char *name = s->manifest.classes[s->manifest.labels[row]];
    return strcmp(name, s->classes[1]) == 0 ? 1 : strcmp(name, s->classes[0]) == 0 ? 0 : -1;
}

static gr_status sum_scores(gr_label_scores *s, gr_error *err)
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
static double true_total(const gr_label_scores *s, int64_t row)
{
    double total = 0, value = 0;
    for (int l = 0; l < s->study->count; l++) {
        int column = gr_manifest_column(&s->manifest, s->study->parts[l].name);
        total += gr_parse_double(gr_manifest_cell(&s->manifest, row, column), &value) ? value : NAN;
    }
    return total;
}

/* In each fold, on the true totals of the images that do not test. */
static gr_status find_thresholds(gr_label_scores *s, gr_error *err)
{
    const gr_predictions *p = &s->tables[0].predictions;
    const gr_split *split = &s->cohort.split;
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

static gr_status open_scores(const gr_study *study, gr_label_scores *s, gr_error *err)
{
    *s = (gr_label_scores){.study = study};
    gr_status status = gr_manifest_open(study->config, &s->manifest, err);
    if (status == GR_OK)
        status = find_classes(study, &s->manifest, s->classes, err);
    if (status == GR_OK)
        status = gr_cohort_open(study->parts[0].config, study->options->first_fold, study->shared->cache, &s->cohort,
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

gr_status gr_labels_finish(gr_study *study, gr_results *results, gr_error *err)
{
    gr_label_scores s;
    gr_status status = open_scores(study, &s, err);
    if (status == GR_OK)
        status = gr_label_scores_report(&s, results, err);
    close_scores(&s);
    return status;
}
