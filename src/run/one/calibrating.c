#include "run/one/calibrating.h"

#include <string.h>

#include "base/base.h"
#include "grimace/calibration.h"
#include "grimace/results.h"
#include "run/cohort/held_rows.h"
#include "run/one/ended.h"
#include "run/tasks/task.h"
#include "run/write/pieces.h"

static gr_status write_table(const gr_cohort *cohort, const gr_gathered *g, const char *folder, const char *name,
                             gr_error *err)
{
    const gr_task *task = gr_task_of(cohort->config);
    gr_predictions predictions;
    char *path = gr_path_join(folder, name);
    gr_status status = gr_gathered_classes(cohort, g, task->choose, task->ordered, &predictions, err);
    if (status == GR_OK)
        status = path != NULL ? gr_predictions_write_csv(&predictions, path, err)
                              : gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_free((void *)(uintptr_t)predictions.labels);
    gr_free((void *)(uintptr_t)predictions.predicted);
    gr_free(path);
    return status;
}

/* ---- notes --------------------------------------------------------------------------------------------------------------
 */

static json_t *reals(const double *values, int count)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, gr_json_real(values[i]));
    return list;
}

json_t *gr_calibrator_json(const gr_calibrator *map)
{
    json_t *object = json_object(), *points = json_array();
    json_object_set_new(object, "n", json_integer(map->n));
    if (map->kind == GR_CALIBRATE_TEMPERATURE)
        json_object_set_new(object, "temperature", gr_json_real(map->temperature));
    if (map->slope != NULL) {
        json_object_set_new(object, "slope", reals(map->slope, map->class_count));
        json_object_set_new(object, "intercept", reals(map->intercept, map->class_count));
    }
    for (int c = 0; map->steps != NULL && c < map->class_count; c++)
        json_array_append_new(points, json_integer(map->steps[c].count));
    if (map->steps != NULL)
        json_object_set(object, "points", points);
    json_decref(points);
    return object;
}

/* Brier score, log loss and calibration error of what is calibrated, before. */
static gr_status note_before(const gr_cohort *cohort, const gr_gathered *g, json_t *notes, gr_error *err)
{
    const gr_task *task = gr_task_of(cohort->config);
    gr_predictions p;
    gr_calibration before;
    gr_status status = gr_gathered_classes(cohort, g, task->choose, task->ordered, &p, err);
    if (status == GR_OK)
        status = gr_calibration_compute(p.labels, p.predicted, p.probabilities, p.count, p.class_count, cohort->positive,
                                        &before, err);
    gr_free((void *)(uintptr_t)p.labels);
    gr_free((void *)(uintptr_t)p.predicted);
    json_t *numbers = json_object();
    for (int i = 0; status == GR_OK && i < GR_CALIBRATION_NUMBERS; i++)
        json_object_set_new(numbers, gr_calibration_name((gr_calibration_number)i), gr_json_real(before.value[i]));
    json_object_set_new(notes, "before", numbers);
    return status;
}

gr_status gr_calibrated_note(const gr_calibrated *calibrated, const char *folder, gr_error *err)
{
    if (calibrated->notes == NULL)
        return GR_OK;
    return gr_run_put_result(folder, "calibration", calibrated->notes, err);
}

void gr_calibrated_free(gr_calibrated *calibrated)
{
    json_decref(calibrated->notes);
    *calibrated = (gr_calibrated){0};
}

/* ---- folds --------------------------------------------------------------------------------------------------------------
 */

/* Room for the rows that a map is fitted on. */
typedef struct fitting {
    const gr_cohort *cohort;
    const gr_gathered *tests, *held;
    bool *use; /* [manifest.rows] */
    int32_t *labels;
    float *probabilities;
    float *mapped; /* of all tests */
} fitting;

static bool fold_is_in(const gr_gathered *g, int fold)
{
    for (int64_t i = 0; i < g->count; i++)
        if (g->fold[i] == fold)
            return true;
    return false;
}

static gr_status fit_fold(fitting *f, int fold, bool validation, gr_calibrator *map, gr_error *err)
{
    const gr_cohort *e = f->cohort;
    const gr_gathered *from = validation ? f->held : f->tests;
    int classes = e->manifest.class_count;
    int64_t rows, n = 0;
    gr_status status = gr_held_rows(e, fold, validation, f->use, &rows, err);
    for (int64_t i = 0; status == GR_OK && i < from->count; i++) {
        if (!f->use[from->row[i]] || (from->fold[i] == fold) != validation)
            continue;
        f->labels[n] = e->manifest.labels[from->row[i]];
        memcpy(f->probabilities + n++ * classes, from->predictions + i * classes, (size_t)classes * sizeof(float));
    }
    if (status == GR_OK)
        status = gr_calibrator_fit(gr_calibrator_find(e->config->evaluate.calibrate), f->labels, f->probabilities, n,
                                   e->manifest.classes, classes, e->positive, map, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "evaluate.calibrate: fold %s", e->split.folds[fold].name);
    return status;
}

static gr_status calibrate_fold(fitting *f, int fold, bool *validation, json_t *notes, gr_error *err)
{
    gr_calibrator map;
    int classes = f->cohort->manifest.class_count;
    *validation = fold_is_in(f->held, fold);
    gr_status status = fit_fold(f, fold, *validation, &map, err);
    if (status != GR_OK)
        return status;
    for (int64_t i = 0; i < f->tests->count; i++)
        if (f->tests->fold[i] == fold)
            gr_calibrator_apply(&map, f->mapped + i * classes, 1);
    json_t *one = json_object(), *fitted = gr_calibrator_json(&map);
    json_object_set_new(one, "fold", json_string(f->cohort->split.folds[fold].name));
    json_object_set_new(one, "fitted_on", json_string(*validation ? "validation" : "other folds"));
    json_object_update(one, fitted);
    json_decref(fitted);
    json_array_append_new(notes, one);
    gr_calibrator_free(&map);
    return GR_OK;
}

static gr_status calibrate(fitting *f, gr_gathered *tests, gr_calibrated *out, gr_error *err)
{
    const char *method = f->cohort->config->evaluate.calibrate;
    size_t numbers = (size_t)tests->count * (size_t)f->cohort->manifest.class_count;
    int own = 0, folds = f->cohort->split.fold_count;
    json_t *list = json_array();
    gr_status status = GR_OK;
    memcpy(f->mapped, tests->predictions, numbers * sizeof(float));
    for (int fold = 0; status == GR_OK && fold < folds; fold++) {
        bool validation;
        status = calibrate_fold(f, fold, &validation, list, err);
        own += status == GR_OK && validation;
    }
    out->notes = json_pack("{s:s, s:o}", "method", method, "folds", list);
    if (status == GR_OK)
        status = out->notes != NULL ? note_before(f->cohort, tests, out->notes, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for notes");
    if (status == GR_OK)
        memcpy(tests->predictions, f->mapped, numbers * sizeof(float));
    snprintf(out->sentence, sizeof out->sentence,
             "probabilities are calibrated (%s), in %s fitted on %s; before: predictions_uncalibrated.csv", method,
             folds > 1 ? "each fold" : "the fold",
             own == folds ? "its validation part, which it does not test"
             : own == 0   ? "what the other folds say of images that it does not test"
                          : "its validation part, or where it has none on what the other folds say");
    return status;
}

gr_status gr_calibrate_gathered(const gr_cohort *cohort, gr_gathered *tests, const gr_gathered *held, const char *folder,
                                gr_calibrated *out, gr_error *err)
{
    *out = (gr_calibrated){0};
    gr_status status = GR_OK;
    if (gr_task_of(cohort->config)->choose == NULL)
        return GR_OK;
    if (held->count > 0)
        status = write_table(cohort, held, folder, "validation.csv", err);
    if (status != GR_OK || strcmp(cohort->config->evaluate.calibrate, "none") == 0)
        return status;
    status = write_table(cohort, tests, folder, "predictions_uncalibrated.csv", err);
    size_t most = (size_t)(held->count > tests->count ? held->count : tests->count);
    size_t classes = (size_t)cohort->manifest.class_count;
    fitting f = {.cohort = cohort,
                 .tests = tests,
                 .held = held,
                 .use = gr_alloc((size_t)cohort->manifest.rows, sizeof *f.use),
                 .labels = gr_alloc(most, sizeof *f.labels),
                 .probabilities = gr_alloc(most, classes * sizeof *f.probabilities),
                 .mapped = gr_alloc((size_t)tests->count, classes * sizeof *f.mapped)};
    if (status == GR_OK && (f.use == NULL || f.labels == NULL || f.probabilities == NULL || f.mapped == NULL))
        status = gr_fail(err, GR_NOMEM, "no memory to calibrate predictions");
    if (status == GR_OK)
        status = calibrate(&f, tests, out, err);
    gr_free(f.use);
    gr_free(f.labels);
    gr_free(f.probabilities);
    gr_free(f.mapped);
    return status;
}
