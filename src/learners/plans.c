/* The plans of a fold. */
#include "learners/trainer_private.h"

#include "learners/capacity.h"

/* Where no part that is evaluated fills a batch of training, its largest one is the batch: of each size there must be a plan. */
int64_t gr_trainer_batch(const gr_trainer *t, bool training)
{
    int64_t batch = t->recipe->train.batch_size, most = t->val.count > t->test.count ? t->val.count : t->test.count;
    return !training && most > 0 && most < batch ? most : batch;
}

gr_plan_options gr_trainer_plan_options(const gr_trainer *t, bool training, const gr_value *keep[5])
{
    const gr_model *m = t->network.model;
    int count = 0;
    if (t->target->counted != NULL)
        keep[count++] = t->target->counted(m);
    if (!training || t->target->counted == NULL)
        keep[count++] = m->answer;
    if (m->ce != NULL)
        keep[count++] = training ? m->ce : m->test_ce;
    if (m->prsc != NULL)
        keep[count++] = m->prsc;
    if (!training && m->head_input != NULL)
        keep[count++] = m->head_input;
    return (gr_plan_options){.training = training,
                             .precision = training ? t->recipe->train.precision : GR_F32,
                             .low_memory = training && gr_capacity_low(t->recipe),
                             .transient = !training,
                             .loss = training ? m->loss : m->test_loss,
                             .keep = keep,
                             .keep_count = count,
                             .given = t->features != NULL ? m->head_input : NULL};
}

gr_status gr_trainer_plan(gr_trainer *t, int64_t batch, bool training, gr_plan **out, gr_error *err)
{
    for (int i = 0; i < t->plan_count; i++)
        if (t->plans[i].batch == batch && t->plans[i].training == training) {
            *out = t->plans[i].plan;
            return GR_OK;
        }
    *out = NULL;
    if (t->plan_count == MOST_PLANS)
        return gr_fail(err, GR_INTERNAL, "a fold needs more than %d plans", MOST_PLANS);
    const gr_value *keep[5];
    gr_plan_options options = gr_trainer_plan_options(t, training, keep);
    options.batch = batch;
    gr_status status = gr_capacity_check(t->recipe, &t->network, &options, gr_workspace_bytes(t->workspace), err);
    if (status == GR_OK)
        status = gr_plan_compile(t->network.model->graph, t->network.params, t->workspace, &options, out, err);
    if (status == GR_OK)
        t->plans[t->plan_count++] = (gr_compiled){.batch = batch, .training = training, .plan = *out};
    return status;
}

gr_status gr_trainer_compile(gr_trainer *t, gr_error *err)
{
    int64_t batch = t->recipe->train.batch_size;
    const struct {
        int64_t count;
        bool training;
    } parts[] = {{t->epoch_images, true}, {t->val.count, false}, {t->test.count, false}};
    gr_status status = GR_OK;
    gr_plan *plan = NULL;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].training && t->recipe->train.blocks > 1)
            continue; /* gr_trainer_open_blocks */
        bool rest = parts[i].count % batch != 0 && !(parts[i].training && t->recipe->train.drop_last);
        if (status == GR_OK && parts[i].count >= batch)
            status = gr_trainer_plan(t, batch, parts[i].training, &plan, err);
        if (status == GR_OK && rest)
            status = gr_trainer_plan(t, parts[i].count % batch, parts[i].training, &plan, err);
    }
    return status;
}
