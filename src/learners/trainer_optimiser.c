/* A fold's optimiser and schedule, as its recipe has them. */
#include <string.h>

#include "learners/trainer_private.h"

static gr_status make_optimiser(gr_trainer *t, gr_error *err)
{
    const gr_recipe *c = t->recipe;
    const gr_graph *graph = t->network.model->graph;
    int parameters = gr_graph_parameter_count(graph), count = 0;
    gr_span *spans = gr_alloc((size_t)parameters, sizeof *spans);
    if (spans == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the list of parameters");
    for (int i = 0; i < parameters; i++) {
        const gr_parameter *p = gr_graph_parameter(graph, i);
        if (!p->buffer && !p->frozen)
            spans[count++] = (gr_span){.offset = p->offset, .count = p->count};
    }
    gr_optim_options optim = {.name = c->optimizer.name,
                              .keras = strcmp(c->optimizer.form, "keras") == 0,
                              .decoupled = c->optimizer.decoupled,
                              .amsgrad = c->optimizer.amsgrad,
                              .centered = c->optimizer.centered,
                              .rho = c->optimizer.rho,
                              .initial_accumulator = c->optimizer.initial_accumulator,
                              .momentum_decay = c->optimizer.momentum_decay,
                              .product_by_tensor = strcmp(c->optimizer.nadam_product, "tensors") == 0,
                              .clip_value = c->optimizer.clip.value,
                              .clip_norm = c->optimizer.clip.norm,
                              .clip_global_norm = c->optimizer.clip.global_norm,
                              .momentum = c->optimizer.momentum,
                              .dampening = c->optimizer.dampening,
                              .nesterov = c->optimizer.nesterov,
                              .weight_decay = c->optimizer.weight_decay,
                              .l1 = c->optimizer.l1,
                              .betas = {c->optimizer.betas[0], c->optimizer.betas[1]},
                              .eps = c->optimizer.eps};
    gr_status status = gr_recipe_blame(c, "optimizer.name", gr_optim_create(&optim, spans, count, &t->optim, err), err);
    gr_free(spans);
    return status;
}

static gr_status start_schedule(gr_trainer *t, gr_error *err)
{
    const gr_recipe *c = t->recipe;
    bool per_step = strcmp(c->schedule.per, "step") == 0;
    gr_schedule_options schedule = {.name = c->schedule.name,
                                    .lr = c->optimizer.lr,
                                    .per_step = per_step,
                                    .epochs = per_step ? (int)(c->train.epochs * t->epoch_steps) : c->train.epochs,
                                    .decay_steps = c->schedule.decay_steps,
                                    .decay_rate = c->schedule.decay_rate,
                                    .staircase = c->schedule.staircase,
                                    .boundaries = c->schedule.boundaries.items,
                                    .boundary_count = c->schedule.boundaries.count,
                                    .values = c->schedule.values,
                                    .power = c->schedule.power,
                                    .cycle = c->schedule.cycle,
                                    .t_mul = c->schedule.t_mul,
                                    .m_mul = c->schedule.m_mul,
                                    .warmup = c->schedule.warmup,
                                    .warmup_from = c->schedule.warmup_from,
                                    .keras = strcmp(c->schedule.rule, "keras") == 0,
                                    .min_delta = c->schedule.min_delta,
                                    .cooldown = c->schedule.cooldown,
                                    .step_size = c->schedule.step_size,
                                    .gamma = c->schedule.gamma,
                                    .min_lr = c->schedule.min_lr,
                                    .factor = c->schedule.factor,
                                    .patience = c->schedule.patience};
    return gr_recipe_blame(c, "schedule.name", gr_schedule_start(&t->schedule, &schedule, err), err);
}

gr_status gr_trainer_make_optimiser(gr_trainer *t, gr_error *err)
{
    gr_status status = make_optimiser(t, err);
    return status == GR_OK ? start_schedule(t, err) : status;
}
