#include "learners/fold.h"

#include <string.h>

#include "learners/watch.h"

char *gr_fold_path(const gr_learning *learning, int fold, const char *name)
{
    gr_text path = {0};
    if (learning->road != NULL && learning->road_fold == fold)
        gr_text_printf(&path, "%s%s%s", learning->road, name != NULL ? "/" : "", name != NULL ? name : "");
    else
        gr_text_printf(&path, "%s/fold-%s%s%s", learning->folder, learning->cohort->split.folds[fold].name,
                       name != NULL ? "/" : "", name != NULL ? name : "");
    if (path.failed)
        gr_text_free(&path);
    return path.data;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    return gr_hash(hash, text, strlen(text) + 1);
}

static uint64_t fingerprint(const gr_learning *learning, int fold, uint64_t hash)
{
    const gr_cohort *e = learning->cohort;
    const gr_manifest *m = &e->manifest;
    hash = add_text(hash, e->split.folds[fold].name);
    for (int c = 0; c < m->class_count; c++)
        hash = add_text(hash, m->classes[c]);
    for (int64_t r = 0; r < m->rows; r++) {
        hash = add_text(hash, m->images[r]);
        hash = e->target->hash(e, r, hash);
        uint8_t part = (uint8_t)gr_fold_part(&e->split.folds[fold], r);
        hash = gr_hash(hash, &part, 1);
        if (e->cutter != NULL)
            hash = gr_hash(hash, &e->cutter->key, sizeof e->cutter->key);
        if (e->upright != NULL)
            hash = gr_hash(hash, &e->samples[r].map, sizeof e->samples[r].map);
        if (m->boxes != NULL)
            hash = gr_hash(hash, &m->boxes[r], sizeof m->boxes[r]);
        if (e->weights != NULL)
            hash = gr_hash(hash, &e->weights[r], sizeof e->weights[r]);
    }
    if (learning->numbers != 0)
        hash = gr_hash(hash, &learning->numbers, sizeof learning->numbers);
    return gr_hash(hash, &learning->parameters, sizeof learning->parameters);
}

uint64_t gr_fold_fingerprint(const gr_learning *learning, int fold)
{
    return fingerprint(learning, fold, learning->cohort->recipe.stamp);
}

gr_status gr_fold_checkpoint(const char *path, const gr_learning *learning, int fold, gr_checkpoint *checkpoint, gr_error *err)
{
    gr_status status = gr_checkpoint_read(path, checkpoint, err);
    if (status != GR_OK || checkpoint->progress.fingerprint == gr_fold_fingerprint(learning, fold) ||
        checkpoint->progress.fingerprint == fingerprint(learning, fold, learning->cohort->recipe.placed_stamp))
        return status;
    gr_checkpoint_free(checkpoint);
    return gr_fail(err, GR_INVALID,
                   "%s: belongs to a run with another config, manifest or split; name another --out to start anew", path);
}

gr_status gr_fold_result(const gr_learning *learning, int fold, bool *finished, float *predictions, gr_kept *kept,
                         gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    *finished = false;
    char *path = gr_fold_path(learning, fold, "checkpoint");
    if (path == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the path of a fold");
    gr_status status = GR_OK;
    if (gr_path_exists(path)) {
        gr_checkpoint checkpoint;
        status = gr_fold_checkpoint(path, learning, fold, &checkpoint, err);
        if (status == GR_OK) {
            *finished = checkpoint.progress.finished;
            size_t rows = (size_t)gr_split_rows(&e->split, fold, GR_PART_TEST, NULL);
            gr_floats array = {.name = "test_probabilities", .data = predictions, .count = rows * e->target->row(e)};
            if (*finished && predictions != NULL)
                status = gr_checkpoint_take(&checkpoint, path, &array, err);
            if (status == GR_OK && *finished && kept != NULL)
                status = gr_watch_kept(e, path, checkpoint.progress.metrics, kept, err);
            gr_checkpoint_free(&checkpoint);
        }
    }
    gr_free(path);
    return status;
}

gr_status gr_fold_validation(const gr_learning *learning, int fold, bool *there, float *predictions, gr_error *err)
{
    const gr_cohort *e = learning->cohort;
    size_t rows = (size_t)gr_split_rows(&e->split, fold, GR_PART_VAL, NULL);
    gr_floats array = {.name = GR_FOLD_VALIDATION, .data = predictions, .count = rows * e->target->row(e)};
    gr_checkpoint checkpoint;
    *there = false;
    if (rows == 0)
        return GR_OK;
    char *path = gr_fold_path(learning, fold, "checkpoint");
    gr_status status = path != NULL ? gr_fold_checkpoint(path, learning, fold, &checkpoint, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for the path of a fold");
    if (status == GR_OK) {
        *there = gr_weights_find(checkpoint.weights, GR_FOLD_VALIDATION) != NULL;
        if (*there)
            status = gr_checkpoint_take(&checkpoint, path, &array, err);
        gr_checkpoint_free(&checkpoint);
    }
    gr_free(path);
    return status;
}

void gr_fold_tell(const gr_learning *learning, int fold, gr_event event)
{
    event.fold = fold;
    event.folds = learning->cohort->split.fold_count;
    event.fold_name = learning->cohort->split.folds[fold].name;
    event.epochs = learning->cohort->recipe.train.epochs;
    gr_hooks_tell(learning->hooks, &event);
}
