#include "run/cohort/held_rows.h"

#include <string.h>

#include "config/config.h"
#include "grimace/calibration.h"

static const char key[] = "evaluate.calibrate";

static bool tested_elsewhere(const gr_cohort *e, int fold, int64_t row)
{
    for (int f = 0; f < e->split.fold_count; f++)
        if (f != fold && gr_fold_part(&e->split.folds[f], row) == GR_PART_TEST)
            return true;
    return false;
}

gr_status gr_held_rows(const gr_cohort *e, int fold, bool validation, bool *held, int64_t *count, gr_error *err)
{
    const gr_manifest *m = &e->manifest;
    const gr_fold *own = &e->split.folds[fold];
    bool *tested = m->groups != NULL ? gr_alloc((size_t)m->group_count, sizeof *tested) : NULL;
    *count = 0;
    if (m->groups != NULL && tested == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the groups of a fold");
    for (int64_t r = 0; tested != NULL && r < m->rows; r++)
        tested[m->groups[r]] = tested[m->groups[r]] || gr_fold_part(own, r) == GR_PART_TEST;
    for (int64_t r = 0; r < m->rows; r++) {
        held[r] = validation ? gr_fold_part(own, r) == GR_PART_VAL
                             : gr_fold_part(own, r) != GR_PART_TEST && (tested == NULL || !tested[m->groups[r]]) &&
                                   tested_elsewhere(e, fold, r);
        *count += held[r];
    }
    gr_free(tested);
    return GR_OK;
}

static gr_status check_fold(const gr_cohort *e, int fold, bool *held, int64_t *of_class, gr_error *err)
{
    const gr_manifest *m = &e->manifest;
    const char *name = e->split.folds[fold].name;
    bool validation = gr_split_rows(&e->split, fold, GR_PART_VAL, NULL) > 0;
    int64_t count = 0;
    char room[160];
    if (!validation && e->split.fold_count == 1)
        return gr_config_fail(
            e->config, key, err,
            "is %s, but the one fold has no validation part to fit it on; split.validation above 0, or none, "
            "would be right",
            e->config->evaluate.calibrate);
    gr_status status = gr_held_rows(e, fold, validation, held, &count, err);
    memset(of_class, 0, (size_t)m->class_count * sizeof *of_class);
    for (int64_t r = 0; status == GR_OK && r < m->rows; r++)
        of_class[m->labels[r]] += held[r];
    const char *wrong = status == GR_OK ? gr_calibrator_too_few(count, of_class, m->classes, m->class_count, room) : NULL;
    return wrong == NULL
               ? status
               : gr_config_fail(e->config, key, err,
                                "is %s, which in fold %s would be fitted on the %s: %s; %s, or none, would be right",
                                e->config->evaluate.calibrate, name, validation ? "validation part" : "other folds' tests",
                                wrong, validation ? "a larger split.validation" : "split.validation above 0");
}

gr_status gr_held_check(const gr_cohort *e, gr_error *err)
{
    if (strcmp(e->config->evaluate.calibrate, "none") == 0)
        return GR_OK;
    bool *held = gr_alloc((size_t)e->manifest.rows, sizeof *held);
    int64_t *of_class = gr_alloc((size_t)e->manifest.class_count, sizeof *of_class);
    gr_status status = held != NULL && of_class != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to check %s", key);
    for (int f = 0; status == GR_OK && f < e->split.fold_count; f++)
        status = check_fold(e, f, held, of_class, err);
    gr_free(held);
    gr_free(of_class);
    return status;
}
