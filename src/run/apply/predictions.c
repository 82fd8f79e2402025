#include "run/apply/predictions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "config/config.h"
#include "formats/json.h"
#include "run/tasks/task.h"

enum { MOST_CLASSES = 1000, MOST_LABELS = 64 };

/* Where the columns stand; -1: none. */
typedef struct columns {
    int image, group, fold;
    int labels;             /* how many columns of labels */
    int label[MOST_LABELS]; /* of each */
    int predicted[MOST_LABELS];
    int classes;             /* so many columns of probabilities stand behind `predicted`; 0: scores */
    int prefix[MOST_LABELS]; /* bytes of their names before that of the class */
} columns;

static gr_status no_memory(const gr_prediction_table *t, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", t->path);
}

/* ---- which columns ------------------------------------------------------------------------------------------------------ */

/* How many columns from `first` on are called PREFIX... */
static int count_prefixed(const gr_csv *csv, int first, const char *prefix)
{
    int count = 0;
    while (first + count < csv->columns && gr_starts_with(csv->header[first + count], prefix))
        count++;
    return count;
}

/* One column of labels. Scores are numbers, so that a table of classes whose probabilities are missing is none of scores. */
static bool find_single(const gr_csv *csv, columns *c)
{
    double number;
    c->label[0] = gr_csv_column(csv, "label");
    c->predicted[0] = gr_csv_column(csv, "predicted");
    if (c->label[0] < 0 || c->predicted[0] < 0)
        return false;
    c->labels = 1;
    c->prefix[0] = 2;
    c->classes = count_prefixed(csv, c->predicted[0] + 1, "p_");
    bool judged = gr_csv_column(csv, "models") >= 0;
    int64_t row = 0; /* the first with an answer, which those that could not be judged lack */
    while (judged && row + 1 < csv->rows && gr_csv_field(csv, row, c->predicted[0])[0] == '\0')
        row++;
    const char *answer = csv->rows > 0 ? gr_csv_field(csv, row, c->predicted[0]) : "";
    return c->classes <= MOST_CLASSES &&
           (c->classes > 0 || csv->rows == 0 || (judged && answer[0] == '\0') || gr_parse_double(answer, &number));
}

/* Several: pairs label_NAME,predicted_NAME, each followed by as many p_NAME_CLASS; the pair of the total, which comes last,
 * is made anew. */
static gr_status find_several(const gr_csv *csv, columns *c, bool *found, gr_error *err)
{
    *found = false;
    for (int at = 0; at + 1 < csv->columns; at++) {
        const char *label = csv->header[at], *predicted = csv->header[at + 1];
        if (!gr_starts_with(label, "label_") || !gr_starts_with(predicted, "predicted_") ||
            strcmp(label + 6, predicted + 10) != 0)
            continue;
        if (c->labels > 0 && strcmp(label, "label_total") == 0)
            break;
        gr_text prefix = {0};
        gr_text_printf(&prefix, "p_%s_", label + 6);
        if (prefix.failed || c->labels == MOST_LABELS) {
            gr_text_free(&prefix);
            return gr_fail(err, GR_INVALID, "%s:1: has more than %d columns of labels", csv->path, MOST_LABELS);
        }
        int classes = count_prefixed(csv, at + 2, prefix.data);
        bool first = c->labels == 0, same = first || classes == c->classes;
        c->prefix[c->labels] = (int)prefix.size;
        for (int k = 0; same && !first && k < classes; k++)
            same = strcmp(csv->header[at + 2 + k] + prefix.size, csv->header[c->predicted[0] + 1 + k] + c->prefix[0]) == 0;
        gr_text_free(&prefix);
        if (!same || classes > MOST_CLASSES)
            return gr_fail(err, GR_INVALID, "%s:1: %s has other classes than %s; the same for all would be right", csv->path,
                           label + 6, csv->header[c->label[0]] + 6);
        c->classes = classes;
        c->label[c->labels] = at;
        c->predicted[c->labels++] = at + 1;
    }
    *found = c->labels > 1;
    return GR_OK;
}

/* Tables of `grimace evaluate` hold the columns of their manifest, too, which may be landmarks. */
static bool has_predicted(const gr_csv *csv)
{
    for (int at = 0; at < csv->columns; at++)
        if (strcmp(csv->header[at], "predicted") == 0 || gr_starts_with(csv->header[at], "predicted_"))
            return true;
    return false;
}

static gr_status find_columns(gr_prediction_table *t, columns *c, gr_error *err)
{
    const gr_csv *csv = t->csv;
    *c = (columns){.image = gr_csv_column(csv, "image"), .group = -1, .fold = gr_csv_column(csv, "fold")};
    if (c->image == 0 && c->fold == 2)
        c->group = 1;
    if (c->image >= 0 && gr_csv_column(csv, "lm1_x") >= 0 && !has_predicted(csv))
        return gr_fail(err, GR_INVALID,
                       "%s:1: holds landmarks, and this command is about classes; results.json has their NRMSE", t->path);
    if (c->image >= 0 && gr_csv_column(csv, "box_score") >= 0 && gr_csv_column(csv, "predicted") >= 0)
        return gr_fail(err, GR_INVALID,
                       "%s:1: holds boxes, and this command is about classes; results.json has their average precisions", t->path);
    bool right = find_single(csv, c);
    gr_status status = right ? GR_OK : find_several(csv, c, &right, err);
    if (status != GR_OK)
        return status;
    t->kind = c->classes == 0 ? GR_TABLE_SCORES : c->labels > 1 ? GR_TABLE_LABELS : GR_TABLE_CLASSES;
    return right && c->image >= 0
               ? GR_OK
               : gr_fail(
                     err, GR_INVALID,
                     "%s:1: is no table of a run's predictions; image,GROUP,fold,label,predicted,p_CLASS... would be right",
                     t->path);
}

/* ---- what rows have in common -------------------------------------------------------------------------------------------- */

static void *room(gr_prediction_table *t, size_t cells, size_t size)
{
    size_t all;
    return gr_mul_size((size_t)t->count, cells, &all) ? gr_arena_alloc(t->arena, all, size) : NULL;
}

/* The texts of a column; NULL when memory is short. */
static const char **texts_of(gr_prediction_table *t, int column)
{
    const char **texts = room(t, 1, sizeof *texts);
    for (int64_t i = 0; texts != NULL && i < t->count; i++)
        texts[i] = gr_csv_field(t->csv, i, column);
    return texts;
}

/* Numbers the folds in the order in which they appear first. */
static gr_status number_folds(gr_prediction_table *t, int column, gr_error *err)
{
    const char **names = room(t, 1, sizeof *names), **folds = room(t, 1, sizeof *folds);
    int32_t *of_row = room(t, 1, sizeof *of_row);
    int64_t *fold = NULL, different = 0;
    bool good = names != NULL && folds != NULL && of_row != NULL;
    for (int64_t i = 0; good && i < t->count; i++)
        names[i] = column >= 0 ? gr_csv_field(t->csv, i, column) : "all";
    if (good)
        fold = gr_names_number(names, t->count, &different);
    for (int64_t i = 0; fold != NULL && i < t->count; i++) {
        of_row[i] = (int32_t)fold[i];
        folds[fold[i]] = names[i];
    }
    t->fold_count = (int)different;
    t->folds = folds;
    t->fold = of_row;
    gr_free(fold);
    return fold != NULL ? GR_OK : no_memory(t, err);
}

static int find_name(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

/* ---- classes, in one column or several ----------------------------------------------------------------------------------- */

/* What one column of labels gets. */
typedef struct answers {
    const char **classes;        /* [K] */
    int32_t *labels, *predicted; /* [count, L] */
    float *probabilities;        /* [count, L, K] */
} answers;

/* An empty label of several columns is not known. */
static gr_status read_class(const gr_prediction_table *t, const columns *at, const answers *a, int64_t row, int k,
                            gr_error *err)
{
    const int from[] = {at->label[k], at->predicted[k]};
    int32_t *const to[] = {&a->labels[row * at->labels + k], &a->predicted[row * at->labels + k]};
    for (int i = 0; i < 2; i++) {
        const char *name = gr_csv_field(t->csv, row, from[i]);
        if ((*to[i] = find_name(a->classes, at->classes, name)) < 0 && (i == 1 || at->labels == 1 || name[0] != '\0'))
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.80s\" is none of the classes in the header", t->path,
                           gr_predictions_line(t, row), t->csv->header[from[i]], name);
    }
    for (int c = 0; c < at->classes; c++) {
        const char *text = gr_csv_field(t->csv, row, at->predicted[k] + 1 + c);
        double value = 0.0;
        if (!gr_parse_double(text, &value) || value < 0.0 || value > 1.0)
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.80s\" is no probability; a number from 0 to 1 would be right",
                           t->path, gr_predictions_line(t, row), t->csv->header[at->predicted[k] + 1 + c], text);
        a->probabilities[(row * at->labels + k) * at->classes + c] = (float)value;
    }
    return GR_OK;
}

static gr_status read_classes(gr_prediction_table *t, const columns *at, answers *a, gr_error *err)
{
    size_t labels = (size_t)at->labels, classes = (size_t)at->classes;
    *a = (answers){gr_arena_alloc(t->arena, classes, sizeof *a->classes), room(t, labels, sizeof *a->labels),
                   room(t, labels, sizeof *a->predicted), room(t, labels * classes, sizeof *a->probabilities)};
    if (a->classes == NULL || a->labels == NULL || a->predicted == NULL || a->probabilities == NULL)
        return no_memory(t, err);
    for (int c = 0; c < at->classes; c++)
        a->classes[c] = t->csv->header[at->predicted[0] + 1 + c] + at->prefix[0];
    t->positive = at->classes - 1;
    gr_status status = GR_OK;
    for (int64_t i = 0; status == GR_OK && i < t->count; i++)
        for (int k = 0; status == GR_OK && k < at->labels; k++)
            status = read_class(t, at, a, i, k, err);
    return status;
}

/* ---- scores -------------------------------------------------------------------------------------------------------------- */

static gr_status read_scores(gr_prediction_table *t, const columns *at, double *truth, double *predicted, gr_error *err)
{
    if (truth == NULL || predicted == NULL)
        return no_memory(t, err);
    for (int64_t i = 0; i < t->count; i++)
        for (int k = 0; k < 2 * at->labels; k++) {
            bool label = k % 2 == 0;
            int column = label ? at->label[k / 2] : at->predicted[k / 2];
            const char *text = gr_csv_field(t->csv, i, column);
            double *to = &(label ? truth : predicted)[i * at->labels + k / 2];
            if (label && text[0] == '\0')
                *to = NAN;
            else if (!gr_parse_double(text, to))
                return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.80s\" is no number%s", t->path, gr_predictions_line(t, i),
                               t->csv->header[column], text,
                               label ? "; a score, or an empty cell for one that is not known, would be right" : "");
        }
    return GR_OK;
}

/* ---- a table ------------------------------------------------------------------------------------------------------------- */

static const char *const *label_names(gr_prediction_table *t, const columns *at)
{
    static const char *const only[] = {"label"};
    const char **names = gr_arena_alloc(t->arena, (size_t)at->labels, sizeof *names);
    for (int k = 0; names != NULL && k < at->labels; k++)
        names[k] = at->labels > 1 ? t->csv->header[at->label[k]] + 6 : only[0];
    return names;
}

static gr_status put_scores(gr_prediction_table *t, const columns *at, const char *const *names, gr_error *err)
{
    double *truth = room(t, (size_t)at->labels, sizeof *truth), *predicted = room(t, (size_t)at->labels, sizeof *predicted);
    t->scores = (gr_score_predictions){.count = t->count,
                                       .outputs = at->labels,
                                       .names = names,
                                       .fold_count = t->fold_count,
                                       .folds = t->folds,
                                       .group_column = t->group_column,
                                       .images = t->images,
                                       .groups = t->groups,
                                       .fold = t->fold,
                                       .truth = truth,
                                       .predicted = predicted};
    return read_scores(t, at, truth, predicted, err);
}

static gr_status put_classes(gr_prediction_table *t, const columns *at, const char *const *names, gr_error *err)
{
    answers a;
    gr_status status = read_classes(t, at, &a, err);
    t->predictions = (gr_predictions){.count = t->count,
                                      .class_count = at->classes,
                                      .classes = a.classes,
                                      .fold_count = t->fold_count,
                                      .folds = t->folds,
                                      .group_column = t->group_column,
                                      .images = t->images,
                                      .groups = t->groups,
                                      .fold = t->fold,
                                      .labels = a.labels,
                                      .predicted = a.predicted,
                                      .probabilities = a.probabilities};
    if (t->kind != GR_TABLE_LABELS)
        return status;
    t->labels = (gr_label_predictions){.count = t->count,
                                       .label_count = at->labels,
                                       .names = names,
                                       .class_count = at->classes,
                                       .classes = a.classes,
                                       .fold_count = t->fold_count,
                                       .folds = t->folds,
                                       .group_column = t->group_column,
                                       .images = t->images,
                                       .groups = t->groups,
                                       .fold = t->fold,
                                       .labels = a.labels,
                                       .predicted = a.predicted,
                                       .probabilities = a.probabilities};
    t->predictions = (gr_predictions){0};
    return status;
}

/* Reads the rows as what they are. */
static gr_status read_rows(gr_prediction_table *t, const columns *at, gr_error *err)
{
    const char *const *names = label_names(t, at);
    t->images = texts_of(t, at->image);
    t->groups = at->group >= 0 ? texts_of(t, at->group) : NULL;
    t->group_column = at->group >= 0 ? t->csv->header[at->group] : NULL;
    if (names == NULL || t->images == NULL || (t->group_column != NULL && t->groups == NULL))
        return no_memory(t, err);
    gr_status status = number_folds(t, at->fold, err);
    if (status != GR_OK)
        return status;
    return t->kind == GR_TABLE_SCORES ? put_scores(t, at, names, err) : put_classes(t, at, names, err);
}

/* Rows that `grimace evaluate` could not judge are in no number of its results, and in none of what is made of its table:
 * they have no answer, or no label of the one column of classes, or what is wrong with them. */
static void leave_out(const gr_prediction_table *t, const columns *at)
{
    gr_csv *csv = t->csv;
    int error = gr_csv_column(csv, "error");
    int64_t kept = 0;
    if (gr_csv_column(csv, "models") < 0)
        return;
    for (int64_t i = 0; i < csv->rows; i++) {
        bool judged = gr_csv_field(csv, i, at->predicted[0])[0] != '\0' &&
                      (t->kind != GR_TABLE_CLASSES || gr_csv_field(csv, i, at->label[0])[0] != '\0') &&
                      (error < 0 || gr_csv_field(csv, i, error)[0] == '\0');
        if (!judged)
            continue;
        memmove(&csv->fields[kept * csv->columns], &csv->fields[i * csv->columns],
                (size_t)csv->columns * sizeof *csv->fields);
        csv->line[kept++] = csv->line[i];
    }
    csv->rows = kept;
}

static gr_status read_table(gr_prediction_table *t, gr_error *err)
{
    columns at;
    gr_status status = gr_csv_read(t->path, &t->csv, err);
    if (status == GR_OK)
        status = find_columns(t, &at, err);
    if (status == GR_OK)
        leave_out(t, &at);
    if (status == GR_OK && t->csv->rows == 0)
        status = gr_fail(err, GR_INVALID, "%s: holds no predictions", t->path);
    if (status != GR_OK)
        return status;
    t->count = t->csv->rows;
    t->arena = gr_arena_create();
    return t->arena != NULL ? read_rows(t, &at, err) : no_memory(t, err);
}

gr_status gr_predictions_read(const char *path, gr_prediction_table *out, gr_error *err)
{
    *out = (gr_prediction_table){.path = gr_strdup(path)};
    gr_status status = out->path != NULL ? read_table(out, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status != GR_OK)
        gr_prediction_table_free(out);
    return status;
}

const char *const *gr_predictions_classes(const gr_prediction_table *t, int *count)
{
    *count = t->kind == GR_TABLE_CLASSES  ? t->predictions.class_count
             : t->kind == GR_TABLE_LABELS ? t->labels.class_count
                                          : 0;
    return t->kind == GR_TABLE_CLASSES ? t->predictions.classes : t->labels.classes;
}

/* ---- with a config ---------------------------------------------------------------------------------------------------- */

static gr_status open_config(const char *path, const char *const *overrides, int count, gr_prediction_table *t,
                             gr_error *err)
{
    if (!t->of_run)
        return gr_config_make(path, t->group_column, overrides, count, &t->config, err);
    char *file = gr_path_join(path, "config.yaml");
    if (file != NULL && !gr_path_exists(file)) {
        gr_free(file);
        return gr_fail(err, GR_INVALID, "%s: holds no run: it has no config.yaml; its table alone, %s, would be right", path,
                       t->path);
    }
    gr_status status = file != NULL ? gr_config_load(file, overrides, count, &t->config, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free(file);
    return status;
}

/* A table alone lies beside the results.json of the evaluation or run that wrote it, which says which class is positive and
 * whether they stand in order. */
static void ask_results(gr_prediction_table *t, const char *const *names, int classes)
{
    char *folder = gr_path_folder(t->path), *file = folder != NULL ? gr_path_join(folder, "results.json") : NULL;
    json_t *results = NULL;
    if (file != NULL && gr_path_exists(file) && gr_json_read(file, &results, NULL) == GR_OK) {
        const char *positive = json_string_value(json_object_get(results, "positive"));
        int found = positive != NULL ? find_name(names, classes, positive) : -1;
        t->positive = found >= 0 ? found : t->positive;
        const char *task = json_string_value(json_object_get(results, "task"));
        t->predictions.ordered = t->predictions.ordered || (task != NULL && strcmp(task, "ordinal") == 0);
    }
    json_decref(results);
    gr_free(file);
    gr_free(folder);
}

/* What the table does not say: which class is positive, whether they stand in order, what the score is called. */
static gr_status ask_config(gr_prediction_table *t, gr_error *err)
{
    int classes;
    const char *const *names = gr_predictions_classes(t, &classes);
    /* experiment.labels: a class told from a total, which is the parts' task's */
    t->predictions.ordered = gr_task_of(t->config)->ordered && t->config->experiment.labels.count == 0;
    if (t->of_run && t->kind == GR_TABLE_SCORES && t->scores.outputs == 1)
        t->scores.names = &t->config->data.label;
    if (classes > 0 && !t->of_run)
        ask_results(t, names, classes);
    if (classes == 0 || t->config->data.positive == NULL)
        return GR_OK;
    t->positive = find_name(names, classes, t->config->data.positive);
    return t->positive >= 0 ? GR_OK
                            : gr_config_fail(t->config, "data.positive", err, "is \"%.80s\", which is no class of %s",
                                             t->config->data.positive, t->path);
}

/* Says what else a folder without predictions is. */
static gr_status tell_folder(const char *path, gr_error *err)
{
    char *part = gr_path_join(path, "setting-001");
    bool sweep = part != NULL && gr_is_folder(part);
    gr_free(part);
    return sweep ? gr_fail(err, GR_INVALID, "%s: is a sweep; one of its runs, such as %s/setting-001, would be right", path, path)
                 : gr_fail(err, GR_INVALID, "%s: holds no predictions.csv; a finished run would be right", path);
}

gr_status gr_predictions_open(const char *path, const char *const *overrides, int count, gr_prediction_table *out,
                              gr_error *err)
{
    bool of_run = gr_is_folder(path);
    *out = (gr_prediction_table){0};
    char *file = of_run ? gr_path_join(path, "predictions.csv") : NULL;
    gr_status status = of_run && file == NULL           ? gr_fail(err, GR_NOMEM, "no memory for a path")
                       : of_run && !gr_path_exists(file) ? tell_folder(path, err)
                                                         : gr_predictions_read(of_run ? file : path, out, err);
    gr_free(file);
    if (status != GR_OK)
        return status;
    out->of_run = of_run;
    status = open_config(path, overrides, count, out, err);
    if (status == GR_OK)
        status = ask_config(out, err);
    if (status != GR_OK)
        gr_prediction_table_free(out);
    return status;
}

void gr_prediction_table_free(gr_prediction_table *t)
{
    gr_csv_destroy(t->csv);
    gr_config_destroy(t->config);
    gr_free(t->path);
    gr_arena_destroy(t->arena);
    *t = (gr_prediction_table){0};
}

long long gr_predictions_line(const gr_prediction_table *t, int64_t row)
{
    return (long long)t->csv->line[row];
}
