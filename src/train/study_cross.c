/* Trained on the rows with one value of a column, tested on those with each (BlackMice: Andresen et al. 2020, PLoS ONE 15,
 * e0228059, Fig 8: treatments). On its own rows a network is tested by cross-validation; each fold's network also on the
 * rows of every other value, but for those of animals that trained or validated it.
 *
 *   RUN/train-A/                     the cross-validation of A, a run
 *   RUN/test-B/train-A/fold-F.csv    what its fold F says of the rows of B */
#include "study.h"

#include <math.h>
#include <string.h>

#include "experiment.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/yaml.h"
#include "predictions.h"

/* ---- the parts -----------------------------------------------------------------------------------------------------------
 */

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
        if (text[0] == '\0')
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
    gr_buffer only = {0}, classes = {0}, most = {0}, rule = {0};
    const char *rules[65];
    gr_buffer_printf(&rule, "%s=%s", c->experiment.cross, value);
    for (int i = 0; i < c->data.only.count; i++)
        rules[i] = c->data.only.items[i];
    rules[c->data.only.count] = rule.failed ? "" : rule.data;
    gr_study_put_list(&only, "data.only", rules, c->data.only.count + 1);
    gr_study_put_list(&classes, "data.classes", m->classes, m->class_count); /* those of all rows, in every part */
    gr_buffer_printf(&most, "data.at_most=%lld", (long long)at_most);
    gr_status status = GR_OK;
    if (only.failed || classes.failed || most.failed || rule.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the parts of an experiment");
    else if (c->data.only.count >= 64)
        status = gr_config_fail(c, "data.only", err, "has no room for one more rule, which experiment.cross adds");
    if (status == GR_OK)
        status = gr_study_add(study, "experiment.cross", "train", value,
                              (const char *[]){only.data, classes.data, most.data}, 3, err);
    gr_buffer_free(&only);
    gr_buffer_free(&classes);
    gr_buffer_free(&most);
    gr_buffer_free(&rule);
    return status;
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
    if (strcmp(study->config->model.classic, "none") != 0)
        return gr_config_fail(study->config, "experiment.cross", err,
                              "tests the networks of a run on other images, and model.classic is %s; none would be right",
                              study->config->model.classic);
    status =
        gr_config_with(study->config, (const char *[]){"experiment.cross=null", "experiment.equal=false"}, 2, &whole, err);
    if (status == GR_OK)
        status = gr_manifest_open(whole, &m, err);
    if (status == GR_OK)
        status = find_values(study, &m, &v, err);
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

/* ---- testing on other values ---------------------------------------------------------------------------------------------
 */

/* One cell of the matrix. */
typedef struct cell {
    gr_results results; /* class_count 0: nothing could be tested */
    int64_t left_out;   /* rows, over folds, whose animal trained */
} cell;

typedef struct matrix {
    const gr_study *study;
    gr_experiment *experiments; /* [parts] */
    cell *cells;                /* [parts, parts], row: trained on */
} matrix;

/* Predictions that grow. */
typedef struct heap {
    int64_t count, room;
    const char **images, **groups;
    int32_t *fold, *labels, *predicted;
    float *probabilities;
} heap;

static void free_heap(heap *h)
{
    gr_free(h->images);
    gr_free(h->groups);
    gr_free(h->fold);
    gr_free(h->labels);
    gr_free(h->predicted);
    gr_free(h->probabilities);
    *h = (heap){0};
}

static bool open_heap(heap *h, int64_t room, int classes)
{
    size_t n = (size_t)room, cells = 0;
    *h = (heap){.room = room,
                .images = gr_alloc(n, sizeof *h->images),
                .groups = gr_alloc(n, sizeof *h->groups),
                .fold = gr_alloc(n, sizeof *h->fold),
                .labels = gr_alloc(n, sizeof *h->labels),
                .predicted = gr_alloc(n, sizeof *h->predicted)};
    if (gr_mul_size(n, (size_t)classes, &cells))
        h->probabilities = gr_alloc(cells, sizeof *h->probabilities);
    return h->images != NULL && h->groups != NULL && h->fold != NULL && h->labels != NULL && h->predicted != NULL &&
           h->probabilities != NULL;
}

static gr_predictions heap_predictions(const heap *h, const gr_manifest *m, const char *const *folds, int fold_count)
{
    return (gr_predictions){.count = h->count,
                            .class_count = m->class_count,
                            .classes = m->classes,
                            .fold_count = fold_count,
                            .folds = folds,
                            .group_column = m->group_column,
                            .images = h->images,
                            .groups = h->groups,
                            .fold = h->fold,
                            .labels = h->labels,
                            .predicted = h->predicted,
                            .probabilities = h->probabilities};
}

/* Puts the rows of `tested` that the fold may see into rows[tested's own rows]: those of animals that are not in its
 * training or validation part. */
static gr_status find_rows(const gr_experiment *trained, int fold, const gr_manifest *tested, int64_t *rows, int64_t *count,
                           gr_error *err)
{
    const gr_manifest *m = &trained->manifest;
    int64_t *order = gr_names_sort(m->group_names, m->group_count), own = tested->rows - tested->extra_rows;
    uint8_t *trains = gr_alloc((size_t)m->group_count, 1);
    gr_status status = order != NULL && trains != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the animals");
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        if (trained->split.folds[fold].parts[r] != GR_PART_TEST)
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

/* Of RUN/test-B/train-A/fold-F.csv; without a fold, of its folder. */
static char *path_of(const matrix *x, int trained, int tested, const char *fold)
{
    gr_buffer path = {0};
    const gr_study *s = x->study;
    gr_buffer_printf(&path, "%s/test-%s/train-%s", s->options->folder, s->parts[tested].name, s->parts[trained].name);
    if (fold != NULL)
        gr_buffer_printf(&path, "/fold-%s.csv", fold);
    if (path.failed)
        gr_buffer_free(&path);
    return path.data;
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
static gr_status open_model(const matrix *x, int trained, int fold, gr_predictor **out, gr_error *err)
{
    gr_buffer path = {0};
    if (*out != NULL)
        return GR_OK;
    gr_buffer_printf(&path, "%s/fold-%s/model.safetensors", x->study->parts[trained].folder,
                     x->experiments[trained].split.folds[fold].name);
    gr_status status = path.failed ? gr_fail(err, GR_NOMEM, "no memory for a path") : gr_predictor_open(path.data, out, err);
    gr_buffer_free(&path);
    return status;
}

static gr_status predict(const matrix *x, gr_predictor *model, const gr_experiment *tested, const int64_t *rows,
                         int64_t count, float *probabilities, gr_error *err)
{
    gr_sample *samples = gr_alloc((size_t)count, sizeof *samples);
    if (samples == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a list of %lld images", (long long)count);
    for (int64_t i = 0; i < count; i++)
        samples[i] = tested->samples[rows[i]];
    gr_status status = gr_predictor_run(model, samples, count, probabilities, x->study->options->stop, err);
    gr_free(samples);
    return status;
}

/* What fold `fold` of `trained` says of the rows of `tested`, on disk. */
static gr_status test_fold(const matrix *x, int trained, int fold, int tested, gr_predictor **model, gr_error *err)
{
    const gr_experiment *from = &x->experiments[trained], *to = &x->experiments[tested];
    const gr_manifest *m = &to->manifest;
    const char *name = from->split.folds[fold].name;
    int64_t *rows = gr_alloc((size_t)m->rows, sizeof *rows), count = 0;
    heap h = {0};
    char *path = path_of(x, trained, tested, name), *folder = path_of(x, trained, tested, NULL);
    gr_status status = rows != NULL && path != NULL && folder != NULL && open_heap(&h, m->rows, m->class_count)
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
        h.predicted[i] = gr_predict_class(h.probabilities + i * m->class_count, m->class_count);
    }
    h.count = count;
    gr_predictions p = heap_predictions(&h, m, &name, 1);
    if (wanted && status == GR_OK)
        status = gr_make_folders(folder, err);
    if (wanted && status == GR_OK)
        status = gr_predictions_write_csv(&p, path, err);
    gr_free(rows);
    gr_free(path);
    gr_free(folder);
    free_heap(&h);
    return status;
}

static gr_status test_all(const matrix *x, gr_error *err)
{
    gr_status status = GR_OK;
    int count = x->study->count;
    for (int a = 0; status == GR_OK && a < count; a++)
        for (int f = 0; status == GR_OK && f < x->experiments[a].split.fold_count; f++) {
            gr_predictor *model = NULL;
            for (int b = 0; status == GR_OK && b < count; b++)
                if (b != a)
                    status = test_fold(x, a, f, b, &model, err);
            gr_predictor_close(model);
            if (status == GR_OK && x->study->options->event != NULL) {
                const char *fold = x->experiments[a].split.folds[f].name;
                x->study->options->event(x->study->options->ctx, &(gr_event){.kind = GR_EVENT_NOTICE,
                                                                             .text = "is tested on the others",
                                                                             .fold_name = fold,
                                                                             .fold = f,
                                                                             .folds = x->experiments[a].split.fold_count,
                                                                             .setting = x->study->parts[a].name,
                                                                             .at_setting = a,
                                                                             .settings = count,
                                                                             .seconds_left = -1});
            }
        }
    return status;
}

/* ---- cells ---------------------------------------------------------------------------------------------------------------
 */

/* The results of one cell off the diagonal: the tables of all folds together. */
static gr_status collect(const matrix *x, int trained, int tested, gr_error *err)
{
    const gr_experiment *from = &x->experiments[trained];
    const gr_manifest *m = &x->experiments[tested].manifest;
    cell *c = &x->cells[trained * x->study->count + tested];
    int folds = from->split.fold_count, used = 0;
    size_t room = 0;
    heap h = {0};
    gr_prediction_table *tables = gr_alloc((size_t)folds, sizeof *tables);
    const char **names = gr_alloc((size_t)folds, sizeof *names);
    bool good = tables != NULL && names != NULL && gr_mul_size((size_t)m->rows, (size_t)folds, &room) &&
                open_heap(&h, (int64_t)room, m->class_count);
    gr_status status = good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for predictions");
    for (int f = 0; status == GR_OK && f < folds; f++) {
        char *path = path_of(x, trained, tested, from->split.folds[f].name);
        if (path == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for a path");
        else if (gr_path_exists(path))
            status = gr_predictions_read(path, &tables[used], err);
        bool read = status == GR_OK && gr_path_exists(path);
        gr_free(path);
        if (!read)
            continue;
        const gr_predictions *p = &tables[used].predictions;
        for (int64_t i = 0; i < p->count && h.count < h.room; i++, h.count++) {
            h.images[h.count] = p->images[i];
            h.groups[h.count] = p->groups != NULL ? p->groups[i] : NULL;
            h.fold[h.count] = used;
            h.labels[h.count] = p->labels[i];
            h.predicted[h.count] = p->predicted[i];
            memcpy(h.probabilities + h.count * m->class_count, p->probabilities + i * m->class_count,
                   (size_t)m->class_count * sizeof *h.probabilities);
        }
        names[used++] = from->split.folds[f].name;
    }
    gr_predictions all = heap_predictions(&h, m, names, used);
    if (status == GR_OK && used > 0)
        status = gr_results_make("", &all, from->positive, &c->results, err);
    for (int f = 0; tables != NULL && f < used; f++)
        gr_prediction_table_free(&tables[f]);
    gr_free(tables);
    gr_free(names);
    free_heap(&h);
    return status;
}

/* The parts' own predictions: results of the diagonal, and all of them as the predictions of the study. */
static gr_status report(const matrix *x, gr_results *results, gr_error *err)
{
    const gr_study *s = x->study;
    const gr_manifest *m = &x->experiments[0].manifest;
    int64_t rows = 0;
    int folds = 0;
    heap h = {0};
    gr_arena *arena = gr_arena_create();
    gr_prediction_table *tables = gr_alloc((size_t)s->count, sizeof *tables);
    gr_status status = arena != NULL && tables != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for predictions");
    for (int a = 0; status == GR_OK && a < s->count; a++) {
        char *path = gr_path_join(s->parts[a].folder, "predictions.csv");
        status = path != NULL ? gr_predictions_read(path, &tables[a], err) : gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_free(path);
        rows += status == GR_OK ? tables[a].predictions.count : 0;
        folds += status == GR_OK ? tables[a].predictions.fold_count : 0;
        if (status == GR_OK)
            status = gr_results_make("", &tables[a].predictions, x->experiments[a].positive,
                                     &x->cells[a * s->count + a].results, err);
    }
    const char **names = status == GR_OK ? gr_arena_alloc(arena, (size_t)folds, sizeof *names) : NULL;
    if (status == GR_OK && (names == NULL || !open_heap(&h, rows, m->class_count)))
        status = gr_fail(err, GR_NOMEM, "no memory for predictions");
    int first = 0;
    for (int a = 0; status == GR_OK && a < s->count; a++) {
        const gr_predictions *p = &tables[a].predictions;
        for (int f = 0; status == GR_OK && f < p->fold_count; f++)
            if ((names[first + f] = gr_arena_printf(arena, "%s-%s", s->parts[a].name, p->folds[f])) == NULL)
                status = gr_fail(err, GR_NOMEM, "no memory for predictions");
        for (int64_t i = 0; i < p->count; i++, h.count++) {
            h.images[h.count] = p->images[i];
            h.groups[h.count] = p->groups != NULL ? p->groups[i] : "";
            h.fold[h.count] = first + p->fold[i];
            h.labels[h.count] = p->labels[i];
            h.predicted[h.count] = p->predicted[i];
            memcpy(h.probabilities + h.count * m->class_count, p->probabilities + i * m->class_count,
                   (size_t)m->class_count * sizeof *h.probabilities);
        }
        first += p->fold_count;
    }
    gr_predictions all = heap_predictions(&h, m, names, folds);
    if (status == GR_OK)
        status = gr_run_report(s->config, &all, x->experiments[0].positive, NULL, s->options->folder, results, err);
    for (int a = 0; tables != NULL && a < s->count; a++)
        gr_prediction_table_free(&tables[a]);
    gr_free(tables);
    free_heap(&h);
    gr_arena_destroy(arena);
    return status;
}

/* ---- files ---------------------------------------------------------------------------------------------------------------
 */

static gr_status write_matrix(const matrix *x, gr_error *err)
{
    const gr_study *s = x->study;
    gr_buffer out = {0};
    json_t *object = json_object(), *list = json_array(), *names = json_array();
    gr_buffer_printf(&out, "train,test,folds,n,left_out");
    gr_study_put_header(&out);
    for (int a = 0; a < s->count; a++) {
        json_array_append_new(names, json_string(s->parts[a].name));
        for (int b = 0; b < s->count; b++) {
            const cell *c = &x->cells[a * s->count + b];
            json_t *one = json_object();
            gr_csv_put(&out, s->parts[a].name, ',');
            gr_csv_put(&out, s->parts[b].name, ',');
            gr_buffer_printf(&out, "%d,%lld,%lld", c->results.fold_count, (long long)c->results.pooled.n,
                             (long long)c->left_out);
            json_object_set_new(one, "train", json_string(s->parts[a].name));
            json_object_set_new(one, "test", json_string(s->parts[b].name));
            json_object_set_new(one, "folds", json_integer(c->results.fold_count));
            json_object_set_new(one, "n", json_integer(c->results.pooled.n));
            json_object_set_new(one, "left_out", json_integer(c->left_out));
            if (c->results.class_count > 0) {
                json_t *numbers = gr_study_numbers(&c->results);
                gr_study_put_numbers(&out, &c->results);
                json_object_update(one, numbers);
                json_decref(numbers);
            } else {
                for (int i = 0; i < 3 * GR_METRIC_COUNT; i++)
                    gr_buffer_printf(&out, ",");
                gr_buffer_printf(&out, "\n");
            }
            json_array_append_new(list, one);
        }
    }
    json_object_set_new(object, "column", json_string(s->config->experiment.cross));
    json_object_set_new(object, "values", names);
    json_object_set_new(object, "cells", list);
    gr_status status = gr_study_write(s, "matrix.csv", &out, err);
    if (status == GR_OK)
        return gr_study_add_json(s, "matrix", object, err);
    json_decref(object);
    return status;
}

/* As in the paper's Fig 8: accuracy in percent, mean (sd) over the folds. */
static void put_matrix(const matrix *x, gr_buffer *out)
{
    enum { CELL = 14 };
    const gr_study *s = x->study;
    int width = 0;
    int64_t left_out = 0;
    for (int i = 0; i < s->count; i++)
        width = (int)strlen(s->parts[i].name) > width ? (int)strlen(s->parts[i].name) : width;
    int column = width > CELL ? width : CELL;
    gr_buffer_printf(out,
                     "%s: a row for each %s trained on, a column for each tested on; accuracy in %%, mean (sd) over folds\n",
                     s->config->name, s->config->experiment.cross);
    gr_buffer_printf(out, "%-*s", width, "");
    for (int b = 0; b < s->count; b++)
        gr_buffer_printf(out, "  %*s", column, s->parts[b].name);
    for (int a = 0; a < s->count; a++) {
        gr_buffer_printf(out, "\n%-*s", width, s->parts[a].name);
        for (int b = 0; b < s->count; b++) {
            const cell *c = &x->cells[a * s->count + b];
            char text[64] = "-";
            if (c->results.class_count > 0 && isfinite(c->results.std[GR_METRIC_ACCURACY]))
                snprintf(text, sizeof text, "%.2f (%.2f)", 100 * c->results.mean[GR_METRIC_ACCURACY],
                         100 * c->results.std[GR_METRIC_ACCURACY]);
            else if (c->results.class_count > 0)
                snprintf(text, sizeof text, "%.2f", 100 * c->results.mean[GR_METRIC_ACCURACY]);
            gr_buffer_printf(out, "  %*s", column, text);
            left_out += c->left_out;
        }
    }
    gr_buffer_printf(out, "\n");
    if (left_out > 0)
        gr_buffer_printf(out, "%lld predictions are left out, for their %s trained the network\n", (long long)left_out,
                         s->config->data.group);
}

static void close_matrix(matrix *x)
{
    int count = x->study->count;
    for (int i = 0; x->experiments != NULL && i < count; i++)
        gr_experiment_close(&x->experiments[i]);
    for (int i = 0; x->cells != NULL && i < count * count; i++)
        gr_results_free(&x->cells[i].results);
    gr_free(x->experiments);
    gr_free(x->cells);
}

gr_status gr_cross_finish(gr_study *study, gr_results *results, gr_error *err)
{
    size_t count = (size_t)study->count;
    matrix x = {.study = study,
                .experiments = gr_alloc(count, sizeof *x.experiments),
                .cells = gr_alloc(count * count, sizeof *x.cells)};
    gr_status status = x.experiments != NULL && x.cells != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the matrix");
    int threads = gr_threads_get();
    gr_threads_set(study->shared->threads > 0 ? study->shared->threads
                                              : study->config->threads); /* nothing forks any more */
    for (int i = 0; status == GR_OK && i < study->count; i++)
        status = gr_experiment_open(study->parts[i].config, study->options->first_fold, study->shared->cache,
                                    &x.experiments[i], err);
    if (status == GR_OK)
        status = test_all(&x, err);
    for (int a = 0; status == GR_OK && a < study->count; a++)
        for (int b = 0; status == GR_OK && b < study->count; b++)
            if (a != b)
                status = collect(&x, a, b, err);
    bool reported = false;
    if (status == GR_OK) {
        status = report(&x, results, err);
        reported = status == GR_OK;
    }
    if (status == GR_OK)
        status = write_matrix(&x, err);
    if (status == GR_OK && study->options->summary != NULL)
        put_matrix(&x, study->options->summary);
    if (reported && status != GR_OK)
        gr_results_free(results);
    close_matrix(&x);
    gr_threads_set(threads);
    return status;
}
