/* What a fold writes and reads back: checkpoint, metrics.jsonl, model.safetensors. */
#include <string.h>

#include "config/config.h"
#include "learners/trainer_private.h"
#include "run/one/folder.h"

char *gr_fold_path(const gr_fold_job *job, int fold, const char *name)
{
    gr_text path = {0};
    gr_text_printf(&path, "%s/fold-%s%s%s", job->folder, job->experiment->split.folds[fold].name, name != NULL ? "/" : "",
                     name != NULL ? name : "");
    if (path.failed)
        gr_text_free(&path);
    return path.data;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
    return gr_hash(hash, text, strlen(text) + 1);
}

uint64_t gr_fold_fingerprint(const gr_fold_job *job, int fold)
{
    const gr_cohort *e = job->experiment;
    const gr_manifest *m = &e->manifest;
    uint64_t hash = gr_settings_fingerprint(e->config);
    size_t initial_count = job->initial != NULL ? job->initial->count : 0;
    hash = add_text(hash, e->split.folds[fold].name);
    for (int c = 0; c < m->class_count; c++)
        hash = add_text(hash, m->classes[c]);
    for (int64_t r = 0; r < m->rows; r++) {
        hash = add_text(hash, m->images[r]);
        if (m->labels != NULL)
            hash = gr_hash(hash, &m->labels[r], sizeof m->labels[r]);
        else
            hash = gr_hash(hash, m->landmarks + r * 2 * m->landmark_count,
                                  2 * (size_t)m->landmark_count * sizeof *m->landmarks);
        hash = gr_hash(hash, &e->split.folds[fold].parts[r], 1);
        if (m->boxes != NULL)
            hash = gr_hash(hash, &m->boxes[r], sizeof m->boxes[r]);
    }
    return gr_hash(hash, &initial_count, sizeof initial_count);
}

/* The arrays of a checkpoint in training. */
static void arrays_of(gr_trainer *t, gr_floats arrays[3])
{
    arrays[0] = (gr_floats){.name = "parameters", .data = t->network.params->values, .count = t->network.params->count};
    arrays[1] = (gr_floats){.name = "optimizer"};
    arrays[1].data = gr_optim_state(t->optim, &arrays[1].count);
    arrays[2] = (gr_floats){
        .name = "kept", .data = t->kept, .count = t->keeping.best_epoch > 0 ? t->network.params->count : 0};
}

static gr_progress progress_of(const gr_trainer *t, bool finished)
{
    return (gr_progress){.fingerprint = t->fingerprint,
                         .finished = finished,
                         .at = t->at,
                         .optim_steps = gr_optim_steps(t->optim),
                         .schedule_epoch = t->schedule.epoch,
                         .schedule_bad_epochs = t->schedule.bad_epochs,
                         .schedule_lr = t->schedule.lr,
                         .schedule_best = t->schedule.best,
                         .metrics = t->metrics.data != NULL ? t->metrics.data : ""};
}

gr_status gr_trainer_save(gr_trainer *t, gr_error *err)
{
    double start = gr_seconds();
    gr_floats arrays[3];
    arrays_of(t, arrays);
    gr_progress progress = progress_of(t, false);
    gr_status status = gr_checkpoint_write(t->checkpoint_path, &progress, arrays, 3, err);
    t->checkpoint_time = gr_seconds();
    t->checkpoint_cost = t->checkpoint_time - start;
    return status;
}

gr_status gr_trainer_finish(gr_trainer *t, float *predictions, gr_error *err)
{
    gr_floats array = {.name = "test_probabilities",
                       .data = predictions,
                       .count = (size_t)t->test.count * gr_cohort_row(t->job->experiment)};
    gr_progress progress = progress_of(t, true);
    return gr_checkpoint_write(t->checkpoint_path, &progress, &array, 1, err);
}

static gr_status read_own(const char *path, uint64_t fingerprint, gr_checkpoint *checkpoint, gr_error *err)
{
    gr_status status = gr_checkpoint_read(path, checkpoint, err);
    if (status != GR_OK || checkpoint->progress.fingerprint == fingerprint)
        return status;
    gr_checkpoint_free(checkpoint);
    return gr_fail(err, GR_INVALID,
                   "%s: belongs to a run with another config, manifest or split; name another --out to start anew", path);
}

gr_status gr_fold_result(const gr_fold_job *job, int fold, bool *finished, float *probabilities, gr_kept *kept, gr_error *err)
{
    *finished = false;
    char *path = gr_fold_path(job, fold, "checkpoint");
    if (path == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the path of a fold");
    gr_status status = GR_OK;
    if (gr_path_exists(path)) {
        gr_checkpoint checkpoint;
        status = read_own(path, gr_fold_fingerprint(job, fold), &checkpoint, err);
        if (status == GR_OK) {
            *finished = checkpoint.progress.finished;
            int64_t rows = gr_split_rows(&job->experiment->split, fold, GR_PART_TEST, NULL);
            gr_floats array = {.name = "test_probabilities",
                               .data = probabilities,
                               .count = (size_t)rows * gr_cohort_row(job->experiment)};
            if (*finished && probabilities != NULL)
                status = gr_checkpoint_take(&checkpoint, path, &array, err);
            if (status == GR_OK && *finished && kept != NULL)
                status = gr_kept_of(job->experiment->config, path, checkpoint.progress.metrics, kept, err);
            gr_checkpoint_free(&checkpoint);
        }
    }
    gr_free(path);
    return status;
}

gr_status gr_trainer_restore(gr_trainer *t, gr_error *err)
{
    if (!gr_path_exists(t->checkpoint_path))
        return GR_OK;
    gr_checkpoint checkpoint;
    gr_status status = read_own(t->checkpoint_path, t->fingerprint, &checkpoint, err);
    if (status != GR_OK)
        return status;
    const gr_progress *p = &checkpoint.progress;
    gr_floats arrays[3];
    gr_text_add(&t->metrics, p->metrics, strlen(p->metrics));
    if (t->metrics.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the metrics");
    if (status == GR_OK)
        status = gr_trainer_see_all(t, err);
    arrays_of(t, arrays);
    if (p->at.epoch > t->config->train.epochs || p->at.step > t->epoch_steps)
        status = gr_fail(err, GR_INVALID, "%s: stands at a step that this run does not have", t->checkpoint_path);
    for (int i = 0; i < 3 && status == GR_OK; i++)
        status = arrays[i].count == 0 ? GR_OK : gr_checkpoint_take(&checkpoint, t->checkpoint_path, &arrays[i], err);
    t->at = p->at;
    gr_optim_set_steps(t->optim, p->optim_steps);
    t->schedule.epoch = (int)p->schedule_epoch;
    t->schedule.bad_epochs = (int)p->schedule_bad_epochs;
    t->schedule.lr = p->schedule_lr;
    t->schedule.best = p->schedule_best;
    gr_checkpoint_free(&checkpoint);
    return status;
}

gr_status gr_trainer_save_metrics(gr_trainer *t, gr_error *err)
{
    if (t->metrics.failed)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its lines", t->metrics_path);
    return gr_file_write(t->metrics_path, t->metrics.data != NULL ? t->metrics.data : "", t->metrics.size, err);
}

gr_status gr_trainer_save_model(gr_trainer *t, gr_error *err)
{
    gr_card card = gr_card_of_config(t->config, t->manifest->classes, gr_cohort_outputs(t->job->experiment));
    gr_weights *weights = NULL;
    gr_status status = gr_network_export(&t->network, &card, &weights, err);
    if (status == GR_OK)
        status = gr_weights_write(t->model_path, weights, err);
    gr_weights_destroy(weights);
    return status;
}
