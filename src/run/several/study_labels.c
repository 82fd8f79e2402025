/* A network for each label, the sum of their scores, and what the sum says about a class (DeepMGS: Chiang et al. 2022, J.
 * Pers. Med. 12, 851: five action units; total score; pain from the total). */
#include "run/several/study_labels.h"

#include <string.h>

#include "formats/csv.h"
#include "formats/yaml.h"
#include "grimace/open.h"
#include "run/cohort/averaging_check.h"
#include "run/tasks/task.h"

/* ---- the members ------------------------------------------------------------------------------------------------------ */

gr_status gr_labels_classes(const gr_study *study, const gr_manifest *m, const char *names[2], gr_error *err)
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

/* A row that lacks one label has no sum: refused, of scores left out. */
static gr_status check_known(const gr_study *study, const gr_manifest *m, const char *label, gr_error *err)
{
    int column = gr_manifest_column(m, label);
    for (int64_t r = 0; r < m->rows && !gr_task_of(study->config)->ranged; r++) {
        const char *text = gr_manifest_cell(m, r, column);
        if (gr_csv_unknown(text))
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: %s%s%s, a label is needed: experiment.labels sums them",
                           gr_manifest_file(m, r), (long long)m->lines[r], label,
                           text[0] == '\0' ? "the cell is empty" : "'", text,
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
    gr_status status = failed ? gr_fail(err, GR_NOMEM, "no memory for the labels of a study")
                              : gr_study_add(study, "experiment.labels", "label", label, overrides, count, err);
    for (int i = 0; i < 3; i++)
        gr_text_free(&texts[i]);
    return status;
}

/* What the table of one member has: scores are numbers as they are, classes must be named after some. *gaps: a row has no
 * label. */
static gr_status check_member(gr_study *study, int index, bool *gaps, gr_error *err)
{
    const gr_config *config = study->members[index].config;
    gr_manifest m;
    gr_status status = gr_manifest_open(config, &m, err);
    if (status == GR_OK && gr_task_of(config)->choose != NULL && study->config->experiment.classes.count == 0)
        status = check_numbers(study, study->members[index].name, m.classes, m.class_count, err);
    *gaps = *gaps || m.unlabelled > 0;
    gr_manifest_free(&m);
    return status;
}

/* Folds of all rows, where the members would make others, for each has other rows. */
static gr_status share_folds(gr_study *study, gr_error *err)
{
    gr_common_folds *common = &study->common;
    gr_status status = gr_manifest_open(study->config, &common->manifest, err);
    return status == GR_OK ? gr_split_open(study->members[0].config, &common->manifest, &common->split, err) : status;
}

/* The class that the totals are to tell must be one within each unit of evaluate.average_over. */
static gr_status check_averaging(const gr_study *study, gr_manifest *m, gr_error *err)
{
    gr_cohort whole = {.config = study->config, .manifest = *m};
    if (study->config->evaluate.average_over == NULL)
        return GR_OK;
    gr_status status = gr_split_open(study->members[0].config, m, &whole.split, err);
    if (status == GR_OK)
        status = gr_averaging_check(&whole, err);
    gr_split_free(&whole.split);
    return status;
}

gr_status gr_labels_plan(gr_study *study, gr_error *err)
{
    const gr_strings *labels = &study->config->experiment.labels, *classes = &study->config->experiment.classes;
    const char *names[2];
    bool gaps = false;
    gr_manifest m;
    gr_status status = gr_manifest_open(study->config, &m, err);
    if (status == GR_OK)
        status = gr_labels_classes(study, &m, names, err);
    if (status == GR_OK)
        status = check_numbers(study, "experiment.classes", classes->items, classes->count, err);
    if (status == GR_OK)
        status = gr_study_begin(study, labels->count, err);
    for (int i = 0; status == GR_OK && i < labels->count; i++) {
        status = check_label(study, &m, i, err);
        if (status == GR_OK)
            status = check_known(study, &m, labels->items[i], err);
        if (status == GR_OK)
            status = add_label(study, labels->items[i], err);
    }
    for (int i = 0; status == GR_OK && i < study->count; i++)
        status = check_member(study, i, &gaps, err);
    if (status == GR_OK)
        status = check_averaging(study, &m, err);
    gr_manifest_free(&m);
    return status == GR_OK && gaps ? share_folds(study, err) : status;
}
