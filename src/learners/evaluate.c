/* What is read from the plans of a fold after a forward pass. */
#include <math.h>

#include "learners/fold.h"
#include "learners/trainer_private.h"
#include "learners/views.h"

bool gr_trainer_count(gr_trainer *t, gr_plan *plan, const gr_value *value, const gr_batch *batch, gr_sums *sums)
{
    const gr_model *m = t->network.model;
    double loss = (double)gr_plan_data(plan, value)[0] + t->penalised, n = (double)batch->n;
    sums->loss += loss * n;
    const gr_value *ce = value == m->test_loss ? m->test_ce : m->ce;
    if (ce != NULL)
        sums->ce += (double)gr_plan_data(plan, ce)[0] * n;
    if (m->prsc != NULL)
        sums->prsc += (double)gr_plan_data(plan, m->prsc)[0] * n;
    if (t->target->correct != NULL)
        sums->correct += t->target->correct(t->learning->cohort, m, plan, batch);
    return isfinite(loss);
}

/* Writes to[n, row]: what the plan has answered, averaged with its answers to the views of the batch. */
static void take(gr_trainer *t, gr_plan *plan, const gr_batch *batch, float *to)
{
    const gr_cohort *cohort = t->learning->cohort;
    const gr_model *model = t->network.model;
    const gr_strings *views = &t->recipe->tta;
    size_t numbers = (size_t)batch->n * t->row;
    t->target->take(cohort, t->fold, model, plan, batch, to);
    if (t->view == NULL)
        return;
    gr_shape image = gr_value_shape(model->image);
    for (size_t i = 0; i < numbers; i++)
        t->view_sums[i] = (double)to[i];
    for (int v = 0; v < views->count; v++) {
        gr_view_make(gr_view_find(views->items[v]), batch->pixels, batch->n, image.dim[1], image.dim[3], t->view);
        gr_trainer_fill(t, plan, t->view, batch->n);
        gr_plan_forward(plan, t->recipe->seed, 0);
        t->target->take(cohort, t->fold, model, plan, batch, t->viewed);
        for (size_t i = 0; i < numbers; i++)
            t->view_sums[i] += (double)t->viewed[i];
    }
    for (size_t i = 0; i < numbers; i++)
        to[i] = (float)(t->view_sums[i] / (1.0 + views->count));
}

/* Batches of the part that are rank `rank`'s begin with this one. */
static int64_t first_batch(const gr_trainer *t, const gr_rows *part, int rank)
{
    int64_t batch = gr_trainer_batch(t, false), ranks = t->learning->peers != NULL ? t->learning->peers->count : 1;
    return (part->count + batch - 1) / batch * rank / ranks;
}

/* Runs this rank's batches of the part; sums[i] are those of batch i. */
static gr_status evaluate_own(gr_trainer *t, const gr_rows *part, float *predictions, gr_look *look, gr_sums *sums, gr_error *err)
{
    const gr_peers *peers = t->learning->peers;
    int64_t batch_size = gr_trainer_batch(t, false), first = first_batch(t, part, peers != NULL ? peers->rank : 0),
            done = first * batch_size, end = first_batch(t, part, peers != NULL ? peers->rank + 1 : 1) * batch_size;
    end = end < part->count ? end : part->count;
    gr_status status = done < end ? gr_trainer_start(t, false, 0, part->rows + done, end - done, err) : GR_OK;
    while (status == GR_OK && done < end) {
        if (gr_hooks_stopped(t->learning->hooks))
            return GR_INTERRUPTED;
        gr_batch batch = {0};
        gr_plan *plan = NULL;
        status = gr_trainer_next(t, false, &plan, &batch, err);
        if (status != GR_OK)
            break;
        gr_plan_forward(plan, t->recipe->seed, 0);
        /* infinite: reported as it is */
        (void)gr_trainer_count(t, plan, t->network.model->test_loss, &batch, &sums[done / batch_size]);
        gr_look_take(look, t, plan, done, batch.n);
        if (predictions != NULL)
            take(t, plan, &batch, predictions + (size_t)done * t->row);
        done += batch.n;
        gr_fold_tell(t->learning, t->fold,
                     (gr_event){.kind = GR_EVENT_TESTING,
                                .epoch = (int)t->at.epoch,
                                .step = done,
                                .steps = part->count,
                                .seconds_left = -1});
    }
    return status;
}

/* All ranks get what each has evaluated. Fails: GR_NOMEM on all. */
static gr_status gather(const gr_trainer *t, const gr_rows *part, float *predictions, const gr_look *look, gr_sums *sums,
                        gr_error *err)
{
    gr_peers *peers = t->learning->peers;
    void *const data[] = {sums, predictions, look != NULL ? look->features : NULL};
    size_t *bounds = gr_alloc((size_t)peers->count + 1, sizeof *bounds);
    gr_status status = bounds != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for %d ranks", peers->count);
    status = gr_peers_agree(peers, status, NULL, err);
    for (size_t of = 0; status == GR_OK && of < sizeof data / sizeof data[0]; of++) {
        for (int r = 0; data[of] != NULL && r <= peers->count; r++) {
            int64_t batch = first_batch(t, part, r), row = batch * gr_trainer_batch(t, false);
            row = row < part->count ? row : part->count;
            if (data[of] == sums)
                bounds[r] = (size_t)batch * sizeof *sums;
            else if (data[of] == predictions)
                bounds[r] = (size_t)row * t->row * sizeof *predictions;
            else
                bounds[r] = (size_t)(gr_look_before(look, row) * look->width) * sizeof *look->features;
        }
        if (data[of] != NULL)
            gr_peers_gather(peers, data[of], bounds);
    }
    gr_free(bounds);
    return status;
}

gr_status gr_trainer_evaluate(gr_trainer *t, const gr_rows *part, float *predictions, gr_look *look, gr_sums *sums, gr_error *err)
{
    int64_t batch = gr_trainer_batch(t, false), batches = (part->count + batch - 1) / batch;
    for (int i = 0; i < t->plan_count; i++)
        if (!t->plans[i].training)
            gr_plan_refresh(t->plans[i].plan);
    t->penalised = gr_penalty_sum(t->penalty, t->network.params->values);
    gr_sums *each = gr_alloc((size_t)batches, sizeof *each);
    gr_status status = each != NULL ? evaluate_own(t, part, predictions, look, each, err)
                                    : gr_fail(err, GR_NOMEM, "no memory for the sums of %lld batches", (long long)batches);
    status = gr_peers_agree(t->learning->peers, status, NULL, err);
    if (status == GR_OK && t->learning->peers != NULL)
        status = gather(t, part, predictions, look, each, err);
    if (status == GR_OK && look != NULL)
        look->taken = true;
    for (int64_t i = 0; status == GR_OK && i < batches; i++) {
        sums->loss += each[i].loss;
        sums->ce += each[i].ce;
        sums->prsc += each[i].prsc;
        sums->correct += each[i].correct;
    }
    gr_free(each);
    return status;
}

gr_status gr_trainer_validate(gr_trainer *t, gr_epoch_numbers *numbers, gr_error *err)
{
    gr_sums sums = {0};
    gr_status status = gr_trainer_evaluate(t, &t->val, t->val_predictions, NULL, &sums, err);
    const gr_model *m = t->network.model;
    double count = (double)t->val.count;
    if (status == GR_OK)
        status = t->target->judge(t->learning->cohort, t->val.rows, t->val.count, t->val_predictions, numbers->val, err);
    numbers->val_loss = sums.loss / count;
    numbers->val_ce = m->ce != NULL ? sums.ce / count : NAN;
    numbers->val_prsc = m->prsc != NULL ? sums.prsc / count : NAN;
    numbers->val_accuracy = t->target->correct != NULL ? (double)sums.correct / count : NAN;
    return status;
}
