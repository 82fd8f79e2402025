/* The cells of a cross study's matrix from the predictions on disk, their files and their table. */
#include <math.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "grimace/results.h"
#include "run/apply/predictions.h"
#include "run/several/study_matrix.h"
#include "run/one/report_classes.h"
#include "run/tasks/task.h"

/* ---- predictions ------------------------------------------------------------------------------------------------------ */

void gr_heap_free(gr_heap *h)
{
    gr_free(h->images);
    gr_free(h->groups);
    gr_free(h->fold);
    gr_free(h->labels);
    gr_free(h->predicted);
    gr_free(h->probabilities);
    *h = (gr_heap){0};
}

bool gr_heap_open(gr_heap *h, int64_t room, int classes)
{
    size_t n = (size_t)room, cells = 0;
    *h = (gr_heap){.room = room,
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

gr_predictions gr_heap_predictions(const gr_heap *h, const gr_manifest *m, const char *const *folds, int fold_count)
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

void gr_heap_add(gr_heap *h, const gr_predictions *p, int first)
{
    size_t row = (size_t)p->class_count;
    for (int64_t i = 0; i < p->count && h->count < h->room; i++, h->count++) {
        h->images[h->count] = p->images[i];
        h->groups[h->count] = p->groups != NULL ? p->groups[i] : "";
        h->fold[h->count] = first + p->fold[i];
        h->labels[h->count] = p->labels[i];
        h->predicted[h->count] = p->predicted[i];
        memcpy(h->probabilities + (size_t)h->count * row, p->probabilities + (size_t)i * row,
               row * sizeof *h->probabilities);
    }
}

char *gr_matrix_path(const gr_matrix *x, int trained, int tested, const char *fold)
{
    gr_text path = {0};
    const gr_study *s = x->study;
    gr_text_printf(&path, "%s/test-%s/train-%s", s->to, s->members[tested].name, s->members[trained].name);
    if (fold != NULL)
        gr_text_printf(&path, "/fold-%s.csv", fold);
    if (path.failed)
        gr_text_free(&path);
    return path.data;
}

/* ---- cells ------------------------------------------------------------------------------------------------------------ */

static gr_status judge(const gr_matrix *x, const gr_predictions *p, int positive, gr_results *out, gr_error *err)
{
    gr_status status = gr_results_make("", p, positive, out, err);
    if (status == GR_OK && gr_task_of(x->study->config)->ordered && (status = gr_results_add_ordinal(out, p, err)) != GR_OK)
        gr_results_free(out);
    return status;
}

/* The results of one cell off the diagonal: the tables of all folds together. */
static gr_status collect(const gr_matrix *x, int trained, int tested, gr_error *err)
{
    const gr_cohort *from = &x->cohorts[trained];
    const gr_manifest *m = &x->cohorts[tested].manifest;
    gr_cell *c = &x->cells[trained * x->study->count + tested];
    int folds = from->split.fold_count, used = 0;
    size_t room = 0;
    gr_heap h = {0};
    gr_prediction_table *tables = gr_alloc((size_t)folds, sizeof *tables);
    const char **names = gr_alloc((size_t)folds, sizeof *names);
    bool good = tables != NULL && names != NULL && gr_mul_size((size_t)m->rows, (size_t)folds, &room) &&
                gr_heap_open(&h, (int64_t)room, m->class_count);
    gr_status status = good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for predictions");
    for (int f = 0; status == GR_OK && f < folds; f++) {
        char *path = gr_matrix_path(x, trained, tested, from->split.folds[f].name);
        if (path == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for a path");
        else if (gr_path_exists(path))
            status = gr_predictions_read(path, &tables[used], err);
        bool read = status == GR_OK && gr_path_exists(path);
        gr_free(path);
        if (!read)
            continue;
        gr_heap_add(&h, &tables[used].predictions, used);
        names[used++] = from->split.folds[f].name;
    }
    gr_predictions all = gr_heap_predictions(&h, m, names, used);
    if (status == GR_OK && used > 0)
        status = judge(x, &all, from->positive, &c->results, err);
    for (int f = 0; tables != NULL && f < used; f++)
        gr_prediction_table_free(&tables[f]);
    gr_free(tables);
    gr_free(names);
    gr_heap_free(&h);
    return status;
}

/* The members' own predictions: results of the diagonal, and all of them as the predictions of the study. */
static gr_status report_diagonal(const gr_matrix *x, gr_results *results, gr_error *err)
{
    const gr_study *s = x->study;
    const gr_manifest *m = &x->cohorts[0].manifest;
    int64_t rows = 0;
    int folds = 0;
    gr_heap h = {0};
    gr_arena *arena = gr_arena_create();
    gr_prediction_table *tables = gr_alloc((size_t)s->count, sizeof *tables);
    gr_status status = arena != NULL && tables != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for predictions");
    for (int a = 0; status == GR_OK && a < s->count; a++) {
        char *path = gr_path_join(s->members[a].folder, "predictions.csv");
        status = path != NULL ? gr_predictions_read(path, &tables[a], err) : gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_free(path);
        rows += status == GR_OK ? tables[a].predictions.count : 0;
        folds += status == GR_OK ? tables[a].predictions.fold_count : 0;
        if (status == GR_OK)
            status = judge(x, &tables[a].predictions, x->cohorts[a].positive, &x->cells[a * s->count + a].results, err);
    }
    const char **names = status == GR_OK ? gr_arena_alloc(arena, (size_t)folds, sizeof *names) : NULL;
    if (status == GR_OK && (names == NULL || !gr_heap_open(&h, rows, m->class_count)))
        status = gr_fail(err, GR_NOMEM, "no memory for predictions");
    int first = 0;
    for (int a = 0; status == GR_OK && a < s->count; a++) {
        const gr_predictions *p = &tables[a].predictions;
        for (int f = 0; status == GR_OK && f < p->fold_count; f++)
            if ((names[first + f] = gr_arena_printf(arena, "%s-%s", s->members[a].name, p->folds[f])) == NULL)
                status = gr_fail(err, GR_NOMEM, "no memory for predictions");
        gr_heap_add(&h, p, first);
        first += p->fold_count;
    }
    gr_predictions all = gr_heap_predictions(&h, m, names, folds);
    all.ordered = gr_task_of(s->config)->ordered;
    if (status == GR_OK)
        status = gr_report_classes(s->config, &all, x->cohorts[0].positive, NULL, s->to, results, err);
    for (int a = 0; tables != NULL && a < s->count; a++)
        gr_prediction_table_free(&tables[a]);
    gr_free(tables);
    gr_heap_free(&h);
    gr_arena_destroy(arena);
    return status;
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

/* splits.csv of the study: those of all values, their folds called as in predictions.csv. */
static gr_status write_splits(const gr_matrix *x, gr_error *err)
{
    gr_text out = {0};
    gr_csv_put(&out, "image", ',');
    gr_csv_put(&out, x->study->config->data.group, ',');
    gr_text_printf(&out, "label,fold,part\n");
    for (int a = 0; a < x->study->count; a++)
        for (int f = 0; f < x->cohorts[a].split.fold_count; f++) {
            const gr_manifest *m = &x->cohorts[a].manifest;
            const gr_fold *fold = &x->cohorts[a].split.folds[f];
            gr_text name = {0};
            gr_text_printf(&name, "%s-%s", x->study->members[a].name, fold->name);
            for (int64_t r = 0; r < m->rows; r++) {
                gr_csv_put(&out, m->images[r], ',');
                gr_csv_put(&out, m->group_names[m->groups[r]], ',');
                gr_csv_put(&out, m->classes[m->labels[r]], ',');
                gr_csv_put(&out, name.failed ? "" : name.data, ',');
                gr_csv_put(&out, gr_part_name(gr_fold_part(fold, r)), '\n');
            }
            out.failed = out.failed || name.failed;
            gr_text_free(&name);
        }
    return gr_study_write(x->study, "splits.csv", &out, err);
}

static gr_status write_matrix(const gr_matrix *x, gr_error *err)
{
    const gr_study *s = x->study;
    gr_text out = {0};
    json_t *object = json_object(), *list = json_array(), *names = json_array();
    gr_text_printf(&out, "train,test,folds,n,left_out");
    gr_study_put_header(&out, &x->cells[0].results); /* of the diagonal, which all have */
    for (int a = 0; a < s->count; a++) {
        json_array_append_new(names, json_string(s->members[a].name));
        for (int b = 0; b < s->count; b++) {
            const gr_cell *c = &x->cells[a * s->count + b];
            json_t *one = json_object();
            gr_csv_put(&out, s->members[a].name, ',');
            gr_csv_put(&out, s->members[b].name, ',');
            gr_text_printf(&out, "%d,%lld,%lld", c->results.fold_count, (long long)c->results.pooled.n,
                           (long long)c->left_out);
            json_object_set_new(one, "train", json_string(s->members[a].name));
            json_object_set_new(one, "test", json_string(s->members[b].name));
            json_object_set_new(one, "folds", json_integer(c->results.fold_count));
            json_object_set_new(one, "n", json_integer(c->results.pooled.n));
            json_object_set_new(one, "left_out", json_integer(c->left_out));
            if (c->results.class_count > 0) {
                json_t *numbers = gr_study_numbers(&c->results);
                gr_study_put_numbers(&out, &c->results);
                json_object_update(one, numbers);
                json_decref(numbers);
            } else {
                double unused[3];
                for (int i = 0; gr_study_number(&x->cells[0].results, i, unused); i++)
                    gr_text_printf(&out, ",,,");
                gr_text_printf(&out, "\n");
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

/* "68.06 (5.20)": mean (sd) over the folds of accuracy in percent; of classes in order of the quadratic kappa. */
static void put_cell(const gr_cell *c, int column, gr_text *out)
{
    bool ordered = c->results.ordinal != NULL;
    double values[3] = {NAN, NAN, NAN}, scale = ordered ? 1 : 100;
    char text[64] = "-";
    int digits = ordered ? 4 : 2;
    if (c->results.class_count > 0)
        gr_study_number(&c->results, ordered ? GR_METRIC_COUNT + GR_ORDINAL_KAPPA_QUADRATIC : GR_METRIC_ACCURACY, values);
    if (c->results.class_count > 0 && isfinite(values[2]))
        snprintf(text, sizeof text, "%.*f (%.*f)", digits, scale * values[1], digits, scale * values[2]);
    else if (c->results.class_count > 0 && (!ordered || isfinite(values[1])))
        snprintf(text, sizeof text, "%.*f", digits, scale * values[1]);
    gr_text_printf(out, "  %*s", column, text);
}

/* As in the paper's Fig 8. */
static void put_matrix(const gr_matrix *x, gr_text *out)
{
    enum { CELL = 14 };
    const gr_study *s = x->study;
    int width = 0;
    int64_t left_out = 0;
    for (int i = 0; i < s->count; i++)
        width = (int)strlen(s->members[i].name) > width ? (int)strlen(s->members[i].name) : width;
    int column = width > CELL ? width : CELL;
    gr_text_printf(out, "%s: a row for each %s trained on, a column for each tested on; %s, mean (sd) over folds\n",
                   s->config->name, s->config->experiment.cross,
                   x->cells[0].results.ordinal != NULL ? "quadratic kappa" : "accuracy in %");
    gr_text_printf(out, "%-*s", width, "");
    for (int b = 0; b < s->count; b++)
        gr_text_printf(out, "  %*s", column, s->members[b].name);
    for (int a = 0; a < s->count; a++) {
        gr_text_printf(out, "\n%-*s", width, s->members[a].name);
        for (int b = 0; b < s->count; b++) {
            put_cell(&x->cells[a * s->count + b], column, out);
            left_out += x->cells[a * s->count + b].left_out;
        }
    }
    gr_text_printf(out, "\n");
    if (left_out > 0)
        gr_text_printf(out, "%lld predictions are left out, for their %s trained the network\n", (long long)left_out,
                       s->config->data.group);
}

gr_status gr_matrix_report(gr_matrix *x, gr_results *results, gr_error *err)
{
    const gr_study *study = x->study;
    gr_status status = GR_OK;
    for (int a = 0; status == GR_OK && a < study->count; a++)
        for (int b = 0; status == GR_OK && b < study->count; b++)
            if (a != b)
                status = collect(x, a, b, err);
    if (status == GR_OK)
        status = write_splits(x, err);
    if (status == GR_OK)
        status = report_diagonal(x, results, err);
    if (status != GR_OK)
        return status;
    status = write_matrix(x, err);
    if (status == GR_OK && study->options->summary != NULL)
        put_matrix(x, study->options->summary);
    if (status != GR_OK)
        gr_results_free(results);
    return status;
}
