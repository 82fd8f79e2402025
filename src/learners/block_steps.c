/* A step's forward pass, of a whole batch or of one in blocks (graph/blocks.h), of which peers have some each: a rank reads the
 * images of its own blocks alone, and an image's augmentation and dropout follow from the image and its place in the batch, not
 * from who has it. */
#include <math.h>
#include <string.h>

#include "learners/hooks.h"
#include "learners/trainer_private.h"

/* Images of step `step`'s batch. */
static int64_t images_of(const gr_trainer *t, int64_t step)
{
    int64_t batch = t->recipe->train.batch_size, left = t->epoch_images - step * batch;
    return left < batch ? left : batch;
}

/* Which images of a batch of n are this rank's: from *begin on, so many. */
static int64_t own_images(const gr_trainer *t, int64_t n, int64_t *begin)
{
    int first, own = gr_blocks_own(t->blocks, &first);
    *begin = gr_block_begin(n, t->recipe->train.blocks, first);
    return gr_block_begin(n, t->recipe->train.blocks, first + own) - *begin;
}

gr_status gr_trainer_open_blocks(gr_trainer *t, gr_error *err)
{
    const gr_value *keep[5];
    gr_plan_options options = gr_trainer_plan_options(t, true, keep);
    int64_t batch = t->recipe->train.batch_size, last = t->epoch_images % batch;
    int blocks = t->recipe->train.blocks;
    if (blocks == 1)
        return GR_OK;
    options.batch = t->epoch_images > batch ? batch : t->epoch_images > blocks ? t->epoch_images : blocks;
    t->blocks_order = gr_alloc((size_t)t->epoch_images, sizeof *t->blocks_order);
    if (t->blocks_order == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the order of an epoch");
    gr_status status =
        gr_blocks_create(t->network.model->graph, t->network.params, &options, blocks, t->learning->peers, &t->blocks, err);
    if (status == GR_OK && last > 0 && !t->recipe->train.drop_last)
        status = gr_blocks_open(t->blocks, last, err);
    return status;
}

void gr_trainer_close_blocks(gr_trainer *t)
{
    gr_blocks_destroy(t->blocks);
    gr_free(t->blocks_order);
    t->blocks = NULL;
    t->blocks_order = NULL;
}

gr_status gr_trainer_start_blocks(gr_trainer *t, gr_error *err)
{
    gr_batches *in = &t->inputs[true];
    int64_t begin, most = own_images(t, images_of(t, 0), &begin);
    in->order = t->blocks_order;
    in->count = 0;
    for (int64_t step = t->at.step; step < t->epoch_steps; step++) {
        int64_t own = own_images(t, images_of(t, step), &begin);
        memcpy(t->blocks_order + in->count, t->order + step * t->recipe->train.batch_size + begin,
               (size_t)own * sizeof *t->order);
        in->count += own;
    }
    if (in->table != NULL || in->count == 0)
        return GR_OK;
    return gr_loader_start(in->loader, (uint32_t)t->at.epoch, in->order, in->count, most, false, err);
}

/* Reads this rank's part of a batch of n into the plans of its blocks. Fails: as gr_trainer_next. */
static gr_status fill_blocks(gr_trainer *t, int64_t n, gr_batch *own, gr_error *err)
{
    gr_shape image = gr_value_shape(t->network.model->image);
    int first, blocks = gr_blocks_own(t->blocks, &first);
    int64_t begin, wanted = own_images(t, n, &begin);
    *own = (gr_batch){0};
    gr_status status = gr_blocks_open(t->blocks, n, err);
    if (status == GR_OK && wanted > 0)
        status = gr_trainer_read(t, true, wanted, own, err);
    if (status == GR_OK && own->n != wanted)
        status = gr_fail(err, GR_INTERNAL, "a batch of %lld images in place of %lld", (long long)own->n, (long long)wanted);
    for (int i = 0; status == GR_OK && i < blocks; i++) {
        gr_plan *plan = gr_blocks_plan(t->blocks, i);
        int64_t at = gr_block_begin(n, t->recipe->train.blocks, first + i) - begin;
        if (plan == NULL)
            continue;
        gr_batch part = {.samples = own->samples + at, .n = gr_plan_batch(plan)};
        part.origins = own->origins != NULL ? own->origins + at : NULL;
        part.pixels = own->pixels != NULL ? own->pixels + at * gr_shape_elements(&image) : NULL;
        gr_trainer_write(t, true, plan, &part);
    }
    return status;
}

/* How many images of this rank's part are right. */
static int64_t count_right(gr_trainer *t, const gr_batch *own)
{
    int first, blocks = gr_blocks_own(t->blocks, &first);
    int64_t right = 0, at = 0;
    for (int i = 0; t->target->correct != NULL && i < blocks; i++) {
        gr_plan *plan = gr_blocks_plan(t->blocks, i);
        if (plan == NULL)
            continue;
        gr_batch part = {.samples = own->samples + at, .n = gr_plan_batch(plan)};
        right += t->target->correct(t->learning->cohort, t->network.model, plan, &part);
        at += part.n;
    }
    return right;
}

static gr_status forward_blocks(gr_trainer *t, uint64_t step, int64_t *n, gr_sums *sums, bool *finite, gr_error *err)
{
    enum { LOSS, CE, PRSC, RIGHT, SAID };
    const gr_model *m = t->network.model;
    bool stop = gr_hooks_stopped(t->learning->hooks);
    gr_batch own;
    *n = images_of(t, t->at.step);
    gr_status status = gr_peers_agree(t->learning->peers, fill_blocks(t, *n, &own, err), &stop, err);
    if (status != GR_OK)
        return status;
    if (stop)
        return GR_INTERRUPTED;
    gr_blocks_forward(t->blocks, t->recipe->seed, step);
    t->penalised = gr_penalty_sum(t->penalty, t->network.params->values);
    double said[SAID] = {0}, room[SAID];
    const gr_plan *plan = gr_blocks_plan(t->blocks, 0); /* the first rank's first block always has an image */
    if (gr_peers_lead(t->learning->peers)) {
        said[LOSS] = (double)gr_plan_data(plan, m->loss)[0];
        said[CE] = m->ce != NULL ? (double)gr_plan_data(plan, m->ce)[0] : 0.0;
        said[PRSC] = m->prsc != NULL ? (double)gr_plan_data(plan, m->prsc)[0] : 0.0;
    }
    said[RIGHT] = (double)count_right(t, &own);
    gr_peers_sum(t->learning->peers, said, room, SAID);
    sums->loss += (said[LOSS] + t->penalised) * (double)*n;
    sums->ce += said[CE] * (double)*n;
    sums->prsc += said[PRSC] * (double)*n;
    sums->correct += (int64_t)said[RIGHT];
    *finite = isfinite(said[LOSS] + t->penalised);
    return GR_OK;
}

gr_status gr_trainer_forward(gr_trainer *t, gr_plan **plan, int64_t *n, gr_sums *sums, bool *finite, gr_error *err)
{
    uint64_t step = (uint64_t)(t->at.epoch * t->epoch_steps + t->at.step);
    gr_batch batch = {0};
    *plan = NULL;
    if (t->blocks != NULL)
        return forward_blocks(t, step, n, sums, finite, err);
    gr_status status = gr_trainer_next(t, true, plan, &batch, err);
    if (status != GR_OK)
        return status;
    gr_plan_forward(*plan, t->recipe->seed, step);
    t->penalised = gr_penalty_sum(t->penalty, t->network.params->values);
    *finite = gr_trainer_count(t, *plan, t->network.model->loss, &batch, sums);
    *n = batch.n;
    return GR_OK;
}
