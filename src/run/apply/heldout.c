#include "run/apply/heldout.h"

#include <string.h>

#include "base/base.h"
#include "run/apply/predictions.h"

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the predictions of a run");
}

/* The first of the tables that is there. GIVES its path; NULL with GR_OK: none is. */
static gr_status find_table(const char *run, char **path, const char **source, gr_error *err)
{
    static const char *const names[] = {"validation.csv", "predictions_uncalibrated.csv", "predictions.csv"};
    *path = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        *source = names[i];
        *path = gr_path_join(run, names[i]);
        if (*path == NULL)
            return no_memory(err);
        if (gr_path_exists(*path))
            return GR_OK;
        gr_free(*path);
        *path = NULL;
    }
    return GR_OK;
}

/* Names and groups of images that are judged, sorted. */
typedef struct judged_names {
    int64_t names, groups;
    const char **name, **group;
    int64_t *by_name, *by_group;
} judged_names;

static void free_judged(judged_names *j)
{
    gr_free(j->name);
    gr_free(j->group);
    gr_free(j->by_name);
    gr_free(j->by_group);
}

static gr_status sort_judged(const gr_asked_images *judged, judged_names *j, gr_error *err)
{
    size_t n = judged != NULL ? (size_t)judged->count : 0;
    *j = (judged_names){.name = gr_alloc(n, sizeof *j->name), .group = gr_alloc(n, sizeof *j->group)};
    if (j->name == NULL || j->group == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        if (judged->names[i] != NULL)
            j->name[j->names++] = judged->names[i];
        if (judged->groups != NULL && judged->groups[i] != NULL)
            j->group[j->groups++] = judged->groups[i];
    }
    j->by_name = gr_names_sort(j->name, j->names);
    j->by_group = gr_names_sort(j->group, j->groups);
    return j->by_name != NULL && j->by_group != NULL ? GR_OK : no_memory(err);
}

static bool is_judged(const judged_names *j, const gr_predictions *p, int64_t row)
{
    return gr_names_find(j->name, j->by_name, j->names, p->images[row]) >= 0 ||
           (p->groups != NULL && gr_names_find(j->group, j->by_group, j->groups, p->groups[row]) >= 0);
}

/* Takes the rows of fold `fold` (NULL: all), in the classes of the card. */
static gr_status take_rows(const gr_prediction_table *t, const gr_card *card, const char *fold, const judged_names *judged,
                           gr_heldout *h, gr_error *err)
{
    const gr_predictions *p = &t->predictions;
    bool same = t->kind == GR_TABLE_CLASSES && p->class_count == (int)card->model.classes;
    for (int c = 0; same && c < p->class_count; c++)
        same = strcmp(p->classes[c], card->classes[c]) == 0;
    if (!same)
        return gr_fail(err, GR_INVALID, "%s:1: its classes are not those of the run's models", t->path);
    size_t classes = (size_t)p->class_count;
    h->labels = gr_alloc((size_t)p->count, sizeof *h->labels);
    h->predicted = gr_alloc((size_t)p->count, sizeof *h->predicted);
    h->probabilities = gr_alloc((size_t)p->count, classes * sizeof *h->probabilities);
    if (h->labels == NULL || h->predicted == NULL || h->probabilities == NULL)
        return no_memory(err);
    h->class_count = p->class_count;
    for (int64_t i = 0; i < p->count; i++) {
        if (fold != NULL && strcmp(p->folds[p->fold[i]], fold) != 0)
            continue;
        if (is_judged(judged, p, i)) {
            h->passed++;
            continue;
        }
        h->labels[h->n] = p->labels[i];
        memcpy(h->probabilities + (size_t)h->n * classes, p->probabilities + (size_t)i * classes, classes * sizeof(float));
        h->n++;
    }
    return GR_OK;
}

static gr_status read_rows(const char *run, const char *fold, const gr_card *card, const gr_asked_images *asked, gr_heldout *h,
                           gr_error *err)
{
    char *path = NULL;
    judged_names judged;
    gr_status status = sort_judged(asked, &judged, err);
    if (status == GR_OK)
        status = find_table(run, &path, &h->source, err);
    if (status == GR_OK && path != NULL) {
        gr_prediction_table table;
        status = gr_predictions_read(path, &table, err);
        if (status == GR_OK) {
            status = take_rows(&table, card, fold, &judged, h, err);
            gr_prediction_table_free(&table);
        }
    }
    free_judged(&judged);
    gr_free(path);
    return status;
}

static gr_status fit(const char *path, gr_calibrator_kind kind, const gr_card *card, const gr_task *task, gr_heldout *h,
                     gr_error *err)
{
    if (h->n == 0 && h->passed > 0 && kind != GR_CALIBRATE_NONE)
        return gr_fail(err, GR_INVALID,
                       "evaluate.calibrate: is %s, but all %lld predictions of held-out images in %s of %s are of images or groups "
                       "of this table, and a map is not judged by what it was fitted on; none would be right",
                       gr_calibrator_name(kind), (long long)h->passed, h->source, path);
    if (h->n == 0 && kind != GR_CALIBRATE_NONE)
        return gr_fail(
            err, GR_INVALID,
            "evaluate.calibrate: is %s, but %s has no predictions of held-out images to fit it on (validation.csv or "
            "predictions.csv of a finished run); none would be right",
            gr_calibrator_name(kind), path);
    if (h->n == 0)
        return GR_OK;
    gr_status status =
        gr_calibrator_fit(kind, h->labels, h->probabilities, h->n, card->classes, h->class_count, h->positive, &h->map, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "evaluate.calibrate: %s", h->source);
    if (status != GR_OK)
        return status;
    gr_calibrator_apply(&h->map, h->probabilities, h->n);
    for (int64_t i = 0; i < h->n; i++)
        h->predicted[i] = task->choose(h->probabilities + i * h->class_count, h->class_count);
    return GR_OK;
}

gr_status gr_heldout_open(const char *path, const gr_model_files *files, const gr_task *task, gr_calibrator_kind kind,
                          int positive, const gr_asked_images *judged, gr_heldout *out, gr_error *err)
{
    *out = (gr_heldout){.positive = positive};
    if (task->choose == NULL)
        return GR_OK;
    char *run = NULL, *fold = NULL;
    gr_status status = GR_OK;
    if (!gr_is_folder(path))
        status = gr_trained_run(path, &run, &fold, err);
    if (status == GR_OK && (run != NULL || gr_is_folder(path)))
        status = read_rows(run != NULL ? run : path, fold, &files->card, judged, out, err);
    if (status == GR_OK)
        status = fit(path, kind, &files->card, task, out, err);
    gr_free(run);
    gr_free(fold);
    if (status != GR_OK)
        gr_heldout_close(out);
    return status;
}

void gr_heldout_close(gr_heldout *h)
{
    gr_free(h->labels);
    gr_free(h->predicted);
    gr_free(h->probabilities);
    gr_calibrator_free(&h->map);
    *h = (gr_heldout){0};
}
