/* Trained on the rows with one value of a column, tested on those with each (BlackMice: Andresen et al. 2020, PLoS ONE 15,
 * e0228059, Fig 8: treatments). On its own rows a network is tested by cross-validation; each fold's network also on the
 * rows of every other value, but for those of animals that trained or validated it.
 *
 *   RUN/train-A/                     the cross-validation of A, a run
 *   RUN/test-B/train-A/fold-F.csv    what its fold F says of the rows of B */
#include "run/several/study_matrix.h"

#include <string.h>

#include "grimace/open.h"
#include "run/one/folder.h"
#include "config/config.h"
#include "formats/csv.h"
#include "formats/yaml.h"
#include "grimace/results.h"
#include "run/apply/predictions.h"
#include "run/tasks/task.h"

/* ---- the members ------------------------------------------------------------------------------------------------------ */

/* The column's values in byte order, with how many rows have each. */
typedef struct values {
    const char **names;
    int64_t *rows;
    int count;
} values;

enum { MOST_VALUES = 64 };

/* Rows of the study's own table; an empty cell is no value. */
static gr_status find_values(const gr_study *study, const gr_manifest *m, values *out, gr_error *err)
{
    const char *column = study->config->experiment.cross;
    int at = gr_manifest_column(m, column);
    if (at < 0) {
        const char *near = gr_nearest(column, m->names, (size_t)m->columns);
        return gr_config_fail(study->config, "experiment.cross", err, "there is no column %.80s in %s%s%.80s%s", column,
                              m->path, near != NULL ? ", did you mean " : "", near != NULL ? near : "",
                              near != NULL ? "?" : "");
    }
    int64_t own = m->rows - m->extra_rows;
    const char **texts = gr_arena_alloc(study->arena, (size_t)own, sizeof *texts);
    out->names = gr_arena_alloc(study->arena, MOST_VALUES, sizeof *out->names);
    out->rows = gr_arena_alloc(study->arena, MOST_VALUES, sizeof *out->rows);
    for (int64_t r = 0; texts != NULL && r < own; r++)
        texts[r] = gr_manifest_cell(m, r, at);
    int64_t *order = texts != NULL ? gr_names_sort(texts, own) : NULL;
    gr_status status = order != NULL && out->names != NULL && out->rows != NULL
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for the values of %s", column);
    for (int64_t i = 0; status == GR_OK && i < own; i++) {
        const char *text = texts[order[i]];
        bool first = i == 0 || strcmp(text, texts[order[i - 1]]) != 0;
        if (gr_csv_unknown(text))
            continue;
        if (first && out->count == MOST_VALUES)
            status = gr_config_fail(study->config, "experiment.cross", err, "column %.80s has more than %d values", column,
                                    MOST_VALUES);
        else if (first && (out->names[out->count++] = gr_arena_strdup(study->arena, text)) == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for the values of %s", column);
        if (status == GR_OK)
            out->rows[out->count - 1]++;
    }
    gr_free(order);
    if (status == GR_OK && out->count < 2)
        status = gr_config_fail(study->config, "experiment.cross", err, "column %.80s has %d value, at least two are needed",
                                column, out->count);
    return status;
}

/* `at_most`: 0, or how many rows of each value. */
static gr_status add_value(gr_study *study, const gr_manifest *m, const char *value, int64_t at_most, gr_error *err)
{
    const gr_config *c = study->config;
    gr_text only = {0}, classes = {0}, most = {0}, rule = {0};
    const char *rules[65];
    gr_text_printf(&rule, "%s=%s", c->experiment.cross, value);
    for (int i = 0; i < c->data.only.count; i++)
        rules[i] = c->data.only.items[i];
    rules[c->data.only.count] = rule.failed ? "" : rule.data;
    gr_study_put_list(&only, "data.only", rules, c->data.only.count + 1);
    gr_study_put_list(&classes, "data.classes", m->classes, m->class_count); /* those of all rows, in every member */
    gr_text_printf(&most, "data.at_most=%lld", (long long)at_most);
    gr_status status = GR_OK;
    if (only.failed || classes.failed || most.failed || rule.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the members of a study");
    else if (c->data.only.count >= 64)
        status = gr_config_fail(c, "data.only", err, "has no room for one more rule, which experiment.cross adds");
    if (status == GR_OK)
        status = gr_study_add(study, "experiment.cross", "train", value,
                              (const char *[]){only.data, classes.data, most.data}, 3, err);
    gr_text_free(&only);
    gr_text_free(&classes);
    gr_text_free(&most);
    gr_text_free(&rule);
    return status;
}

/* The classes of all rows, which every member gets as a list, must be right as they are found. */
static gr_status check_classes(const gr_config *config, gr_manifest *m, gr_error *err)
{
    gr_cohort all = {.config = config, .recipe = gr_config_recipe(config), .manifest = *m};
    return gr_task_of(config)->open(&all, err);
}

gr_status gr_cross_plan(gr_study *study, gr_error *err)
{
    gr_manifest m = {0};
    values v = {0};
    gr_config *whole = NULL;
    gr_status status = GR_OK;
    if (study->config->data.at_most > 0)
        return gr_config_fail(study->config, "data.at_most", err,
                              "draws from all values together; 0 would be right, or experiment.equal: true");
    status =
        gr_config_with(study->config, (const char *[]){"experiment.cross=null", "experiment.equal=false"}, 2, &whole, err);
    if (status == GR_OK)
        status = gr_manifest_open(whole, &m, err);
    if (status == GR_OK)
        status = find_values(study, &m, &v, err);
    if (status == GR_OK)
        status = check_classes(whole, &m, err);
    int64_t fewest = 0;
    for (int i = 0; status == GR_OK && study->config->experiment.equal && i < v.count; i++)
        fewest = fewest == 0 || v.rows[i] < fewest ? v.rows[i] : fewest;
    if (status == GR_OK)
        status = gr_study_begin(study, v.count, err);
    for (int i = 0; status == GR_OK && i < v.count; i++)
        status = add_value(study, &m, v.names[i], fewest, err);
    gr_manifest_free(&m);
    gr_config_destroy(whole);
    return status;
}

/* ---- testing on other values ------------------------------------------------------------------------------------------ */

/* Puts the rows of `tested` that the fold may see into rows[tested's own rows]: those of animals that are not in its
 * training or validation part. */
static gr_status find_rows(const gr_cohort *trained, int fold, const gr_manifest *tested, int64_t *rows, int64_t *count,
                           gr_error *err)
{
    const gr_manifest *m = &trained->manifest;
    int64_t *order = gr_names_sort(m->group_names, m->group_count), own = tested->rows - tested->extra_rows;
    uint8_t *trains = gr_alloc((size_t)m->group_count, 1);
    gr_status status = order != NULL && trains != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the animals");
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        if (gr_fold_part(&trained->split.folds[fold], r) != GR_PART_TEST)
            trains[m->groups[r]] = 1;
    *count = 0;
    for (int64_t r = 0; status == GR_OK && r < own; r++) {
        int64_t group = gr_names_find(m->group_names, order, m->group_count, tested->group_names[tested->groups[r]]);
        if (group < 0 || !trains[group])
            rows[(*count)++] = r;
    }
    gr_free(order);
    gr_free(trains);
    return status;
}

/* Was this written before, whole? A file is there in one piece or not at all, but it may be of another time. */
static bool was_tested(const char *path, const gr_manifest *tested, const int64_t *rows, int64_t count)
{
    gr_prediction_table t;
    gr_error unused = {0};
    if (!gr_path_exists(path) || gr_predictions_read(path, &t, &unused) != GR_OK)
        return false;
    bool same = t.predictions.count == count && t.predictions.class_count == tested->class_count;
    for (int64_t i = 0; same && i < count; i++)
        same = strcmp(t.images[i], tested->images[rows[i]]) == 0;
    gr_prediction_table_free(&t);
    return same;
}

/* The model of a fold, when it is wanted first. */
static gr_status open_model(const gr_matrix *x, int trained, int fold, gr_predictor **out, gr_error *err)
{
    gr_text path = {0};
    if (*out != NULL)
        return GR_OK;
    gr_text_printf(&path, "%s/fold-%s/model.safetensors", x->study->members[trained].folder,
                     x->cohorts[trained].split.folds[fold].name);
    gr_status status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for a path") : gr_predictor_open(path.data, out, err);
    gr_text_free(&path);
    return status;
}

static gr_status predict(const gr_matrix *x, gr_predictor *model, const gr_cohort *tested, const int64_t *rows,
                         int64_t count, float *probabilities, gr_error *err)
{
    gr_sample *samples = gr_alloc((size_t)count, sizeof *samples);
    if (samples == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)count);
    for (int64_t i = 0; i < count; i++)
        samples[i] = tested->samples[rows[i]];
    gr_status status = gr_predictor_run(model, samples, count, probabilities, x->study->options->hooks.stop, err);
    gr_free(samples);
    return status;
}

/* What fold `fold` of `trained` says of the rows of `tested`, on disk. */
static gr_status test_fold(const gr_matrix *x, int trained, int fold, int tested, gr_predictor **model, gr_error *err)
{
    const gr_cohort *from = &x->cohorts[trained], *to = &x->cohorts[tested];
    const gr_manifest *m = &to->manifest;
    const char *name = from->split.folds[fold].name;
    gr_decision choose = gr_task_of(x->study->config)->choose;
    int64_t *rows = gr_alloc((size_t)m->rows, sizeof *rows), count = 0;
    gr_heap h = {0};
    char *path = gr_matrix_path(x, trained, tested, name), *folder = gr_matrix_path(x, trained, tested, NULL);
    gr_status status = rows != NULL && path != NULL && folder != NULL && gr_heap_open(&h, m->rows, m->class_count)
                           ? GR_OK
                           : gr_fail(err, GR_NOMEM, "no memory for predictions");
    if (status == GR_OK)
        status = find_rows(from, fold, m, rows, &count, err);
    x->cells[trained * x->study->count + tested].left_out += m->rows - m->extra_rows - count;
    bool wanted = status == GR_OK && count > 0 && !was_tested(path, m, rows, count);
    if (wanted)
        status = open_model(x, trained, fold, model, err);
    if (wanted && status == GR_OK)
        status = predict(x, *model, to, rows, count, h.probabilities, err);
    for (int64_t i = 0; wanted && status == GR_OK && i < count; i++) {
        h.images[i] = m->images[rows[i]];
        h.groups[i] = m->group_names[m->groups[rows[i]]];
        h.labels[i] = m->labels[rows[i]];
        h.predicted[i] = choose(h.probabilities + i * m->class_count, m->class_count);
    }
    h.count = count;
    gr_predictions p = gr_heap_predictions(&h, m, &name, 1);
    if (wanted && status == GR_OK)
        status = gr_make_folders(folder, err);
    if (wanted && status == GR_OK)
        status = gr_predictions_write_csv(&p, path, err);
    gr_free(rows);
    gr_free(path);
    gr_free(folder);
    gr_heap_free(&h);
    return status;
}

/* What a process left that was killed here. */
static gr_status clean_up(const gr_matrix *x, gr_error *err)
{
    const int count = x->study->count;
    bool shut_out = strcmp(x->study->to, x->study->options->folder) != 0; /* who wrote here before this one took the end */
    for (int cell = 0; cell < count * count; cell++) {
        char *folder = gr_matrix_path(x, cell / count, cell % count, NULL);
        if (folder == NULL)
            return gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_remove_temporaries(folder, NULL, shut_out);
        gr_free(folder);
    }
    return GR_OK;
}

static gr_status test_all(const gr_matrix *x, gr_error *err)
{
    gr_status status = clean_up(x, err);
    int count = x->study->count;
    for (int a = 0; status == GR_OK && a < count; a++)
        for (int f = 0; status == GR_OK && f < x->cohorts[a].split.fold_count; f++) {
            gr_predictor *model = NULL;
            for (int b = 0; status == GR_OK && b < count; b++)
                if (b != a)
                    status = test_fold(x, a, f, b, &model, err);
            gr_predictor_close(model);
            if (status == GR_OK)
                gr_hooks_tell(&x->study->options->hooks,
                              &(gr_event){.kind = GR_EVENT_NOTICE,
                                          .text = "is tested on the others",
                                          .fold_name = x->cohorts[a].split.folds[f].name,
                                          .fold = f,
                                          .folds = x->cohorts[a].split.fold_count,
                                          .setting = x->study->members[a].name,
                                          .at_setting = a,
                                          .settings = count,
                                          .seconds_left = -1});
        }
    return status;
}

static void close_matrix(gr_matrix *x)
{
    int count = x->study->count;
    for (int i = 0; x->cohorts != NULL && i < count; i++)
        gr_cohort_close(&x->cohorts[i]);
    for (int i = 0; x->cells != NULL && i < count * count; i++)
        gr_results_free(&x->cells[i].results);
    gr_free(x->cohorts);
    gr_free(x->cells);
}

gr_status gr_cross_finish(gr_study *study, gr_results *results, gr_error *err)
{
    size_t count = (size_t)study->count;
    gr_matrix x = {.study = study,
                   .cohorts = gr_alloc(count, sizeof *x.cohorts),
                   .cells = gr_alloc(count * count, sizeof *x.cells)};
    gr_status status = x.cohorts != NULL && x.cells != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the matrix");
    int threads = gr_threads_get();
    gr_threads_set(study->shared->threads > 0 ? study->shared->threads
                                              : study->config->threads); /* nothing forks any more */
    for (int i = 0; status == GR_OK && i < study->count; i++)
        status = gr_cohort_open(study->members[i].config, study->options->first_fold, study->shared->cache, NULL,
                                &study->shared->recall, &x.cohorts[i], err);
    if (status == GR_OK)
        status = test_all(&x, err);
    if (status == GR_OK)
        status = gr_matrix_report(&x, results, err);
    close_matrix(&x);
    gr_threads_set(threads);
    return status;
}
