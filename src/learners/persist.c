/* What a fold writes and reads back: checkpoint, metrics.jsonl, model.safetensors. */
#include <string.h>

#include "learners/fold.h"
#include "learners/trainer_private.h"

static const double disk_rate = 200e6; /* bytes in a second, of a slow disk */

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
                         .schedule_cooling = t->schedule.cooling,
                         .schedule_lr = t->schedule.lr,
                         .schedule_best = t->schedule.best,
                         .metrics = t->metrics.data != NULL ? t->metrics.data : ""};
}

gr_status gr_trainer_save(gr_trainer *t, gr_error *err)
{
    if (!gr_peers_lead(t->learning->peers))
        return GR_OK;
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
    const gr_floats arrays[2] = {
        {.name = "test_probabilities", .data = predictions, .count = (size_t)t->test.count * t->row},
        {.name = GR_FOLD_VALIDATION, .data = t->val_predictions, .count = (size_t)t->val.count * t->row}};
    gr_progress progress = progress_of(t, true);
    if (!gr_peers_lead(t->learning->peers))
        return GR_OK;
    return gr_checkpoint_write(t->checkpoint_path, &progress, arrays, t->val.count > 0 ? 2 : 1, err);
}

/* What one may take, before any was written. */
static double expected_cost(gr_trainer *t)
{
    gr_floats arrays[3];
    size_t count = 0;
    arrays_of(t, arrays);
    for (int i = 0; i < 3; i++)
        count += arrays[i].count;
    return (double)(count * sizeof(float)) / disk_rate;
}

gr_status gr_trainer_restore(gr_trainer *t, gr_error *err)
{
    t->checkpoint_time = gr_seconds();
    t->checkpoint_cost = expected_cost(t);
    if (!gr_path_exists(t->checkpoint_path))
        return GR_OK;
    gr_checkpoint checkpoint;
    gr_status status = gr_fold_checkpoint(t->checkpoint_path, t->learning, t->fold, &checkpoint, err);
    if (status != GR_OK)
        return status;
    const gr_progress *p = &checkpoint.progress;
    gr_floats arrays[3];
    gr_text_add(&t->metrics, p->metrics, strlen(p->metrics));
    if (t->metrics.failed)
        status = gr_fail(err, GR_NOMEM, "no memory for the metrics");
    if (status == GR_OK)
        status = gr_watch_see_all(t->checkpoint_path, t->metrics.data, &t->stopping, &t->keeping, err);
    arrays_of(t, arrays);
    if (p->at.epoch > t->recipe->train.epochs || p->at.step > t->epoch_steps)
        status = gr_fail(err, GR_INVALID, "%s: stands at a step that this run does not have", t->checkpoint_path);
    for (int i = 0; i < 3 && status == GR_OK; i++)
        status = arrays[i].count == 0 ? GR_OK : gr_checkpoint_take(&checkpoint, t->checkpoint_path, &arrays[i], err);
    t->at = p->at;
    gr_optim_set_steps(t->optim, p->optim_steps);
    t->schedule.epoch = (int)p->schedule_epoch;
    t->schedule.bad_epochs = (int)p->schedule_bad_epochs;
    t->schedule.cooling = (int)p->schedule_cooling;
    t->schedule.lr = p->schedule_lr;
    t->schedule.best = p->schedule_best;
    gr_checkpoint_free(&checkpoint);
    return status;
}

gr_status gr_trainer_save_metrics(gr_trainer *t, gr_error *err)
{
    if (t->metrics.failed)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its lines", t->metrics_path);
    if (!gr_peers_lead(t->learning->peers))
        return GR_OK;
    return gr_file_write(t->metrics_path, t->metrics.data != NULL ? t->metrics.data : "", t->metrics.size, err);
}

gr_status gr_trainer_save_model(gr_trainer *t, gr_error *err)
{
    const gr_cohort *cohort = t->learning->cohort;
    if (!gr_peers_lead(t->learning->peers))
        return GR_OK;
    gr_card card = gr_network_card(t->recipe, cohort->target->outputs(&cohort->manifest), t->manifest->classes);
    card.crop = gr_cohort_crop(cohort);
    card.guide = gr_cohort_guide(cohort);
    card.file = t->model_path;
    if (cohort->target->describe != NULL)
        cohort->target->describe(cohort, t->fold, &card);
    gr_weights *weights = NULL;
    gr_status status = gr_network_export(&t->network, &card, &weights, err);
    if (status == GR_OK)
        status = gr_weights_write(t->model_path, weights, err);
    gr_weights_destroy(weights);
    return status;
}
