#include "run/apply/heldout.h"

#include <string.h>

#include "base/base.h"
#include "run/apply/predictions.h"
#include "run/apply/trained.h"

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

/* Takes the rows of fold `fold` (NULL: all), in the classes of the card. */
static gr_status take_rows(const gr_prediction_table *t, const gr_card *card, const char *fold, gr_heldout *h, gr_error *err)
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
        h->labels[h->n] = p->labels[i];
        memcpy(h->probabilities + (size_t)h->n * classes, p->probabilities + (size_t)i * classes, classes * sizeof(float));
        h->n++;
    }
    return GR_OK;
}

static gr_status read_rows(const char *run, const char *fold, const gr_card *card, gr_heldout *h, gr_error *err)
{
    char *path = NULL;
    gr_status status = find_table(run, &path, &h->source, err);
    if (status == GR_OK && path != NULL) {
        gr_prediction_table table;
        status = gr_predictions_read(path, &table, err);
        if (status == GR_OK) {
            status = take_rows(&table, card, fold, h, err);
            gr_prediction_table_free(&table);
        }
    }
    gr_free(path);
    return status;
}

static gr_status fit(const char *path, gr_calibrator_kind kind, const gr_card *card, const gr_task *task, gr_heldout *h,
                     gr_error *err)
{
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
                          int positive, gr_heldout *out, gr_error *err)
{
    *out = (gr_heldout){.positive = positive};
    if (task->choose == NULL)
        return GR_OK;
    char *run = NULL, *fold = NULL;
    gr_status status = GR_OK;
    if (!gr_is_folder(path))
        status = gr_trained_run(path, &run, &fold, err);
    if (status == GR_OK && (run != NULL || gr_is_folder(path)))
        status = read_rows(run != NULL ? run : path, fold, &files->card, out, err);
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
