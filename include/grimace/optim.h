/* Optimisers and learning-rate schedules on flat arrays of numbers. They follow PyTorch's classes of the same name (1.13; nadam,
 * adamax, adagrad, rmsprop, amsgrad 2.14) or, with `keras`, those of Keras 2.15 and 3.15, step by step; nothing here knows a
 * layer. */
#ifndef GRIMACE_OPTIM_H
#define GRIMACE_OPTIM_H

#include <stdbool.h>

#include "grimace/base.h"

/* ---- update rules --------------------------------------------------------------------------------------------------------
 * With w a weight, g its loss gradient, d = g plus weight_decay * w plus l1 * sign(w), b1 and b2 the betas, t from 1. When
 * `decoupled` (adamw always) the decay is w -= lr * weight_decay * w before the step instead, as everywhere in Keras.
 *   sgd      torch: b = momentum b + (1 - dampening) d (b = d in the first step);  w -= lr b, or lr (d + momentum b) with nesterov
 *            keras: v = momentum v - lr d;  w += v, or momentum v - lr d with nesterov
 *   adam     m = b1 m + (1 - b1) d;  v = b2 v + (1 - b2) d^2  (Kingma and Ba 2015); amsgrad: the largest v so far in its place
 *            torch: w -= lr / (1 - b1^t) m / (sqrt(v / (1 - b2^t)) + eps)
 *            keras: w -= lr sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + eps)
 *   adamw    likewise (Loshchilov and Hutter 2019)
 *   nadam    with u_t = b1 (1 - .96^(t momentum_decay) / 2) and U_t their product (Dozat 2016):
 *            w -= lr ((1 - u_t) / (1 - U_t) d + u_t+1 / (1 - U_t+1) m) / (sqrt(v / (1 - b2^t)) + eps)
 *   adamax   torch: n = max(b2 n, |d| + eps);  w -= lr / (1 - b1^t) m / n;  keras: eps is added to n in the step instead
 *   adagrad  s += d^2, from initial_accumulator on;  torch: w -= lr d / (sqrt(s) + eps);  keras: w -= lr d / sqrt(s + eps)
 *   rmsprop  s = rho s + (1 - rho) d^2, less the square of such a mean of d when `centered`;  torch: e = d / (sqrt(s) + eps);
 *            keras: e = lr d / sqrt(s + eps);  b = momentum b + e;  w -= lr b (keras: b)
 * Clipping comes first of all: each number to clip_value, each tensor to clip_norm, all together to clip_global_norm. */
typedef struct gr_optim_options {
    const char *name; /* a gr_optim_name */
    bool keras;       /* Keras's forms */
    double momentum, dampening;
    bool nesterov, decoupled;
    double weight_decay, l1, betas[2], eps;
    bool amsgrad, centered;
    double rho, initial_accumulator, momentum_decay;
    bool product_by_tensor; /* nadam: U takes in u_t for each span, as in the fit of Keras 2.15 */
    double clip_value, clip_norm, clip_global_norm; /* 0: none */
} gr_optim_options;

/* The numbers [offset, offset + count) of the flat array, which train. */
typedef struct gr_span {
    size_t offset, count;
} gr_span;

typedef struct gr_optim gr_optim;

/* The name of update rule i: sgd, adam, adamw, nadam, adamax, adagrad, rmsprop; NULL behind the last. Static storage. Never
 * fails. */
const char *gr_optim_name(int i);

/* GIVES an optimiser for the numbers that `spans[count]` (BORROWED during the call; ascending, apart) name: spans that touch
 * are joined, but clip_norm is of each. Its state is zero, or what the options say.
 * Fails: GR_INVALID (an unknown name: the nearest known one is said; no span), GR_NOMEM. */
gr_status gr_optim_create(const gr_optim_options *options, const gr_span *spans, int count, gr_optim **out,
                          gr_error *err) GR_MUST_CHECK;
void gr_optim_destroy(gr_optim *optim);

/* One step: updates values[] in place from gradients[] (BORROWED, both laid out as the spans say), which clipping changes. Never
 * fails. */
void gr_optim_step(gr_optim *optim, float *values, float *gradients, double lr);

/* The state as one flat array of *count floats (0 and NULL when the rule keeps none), to be saved or overwritten; it lives as
 * long as the optimiser. Never fails. */
float *gr_optim_state(gr_optim *optim, size_t *count);
/* Steps done so far, part of the state too. Never fails. */
int64_t gr_optim_steps(const gr_optim *optim);
void gr_optim_set_steps(gr_optim *optim, int64_t steps);

/* ---- schedules -----------------------------------------------------------------------------------------------------------
 * The learning rate at t = 0, 1, ... epochs, or steps where `per_step`, from the first one, lr0. T is decay_steps, or what is left
 * of the training behind the warm-up:
 *   constant         lr0
 *   step             lr0 * gamma^floor(t / step_size)                                                              (StepLR)
 *   cosine           min_lr + (lr0 - min_lr) (1 + cos(pi t / T)) / 2      (CosineAnnealingLR; CosineDecay, alpha lr0 = min_lr)
 *   cosine_restarts  periods of T, T t_mul, T t_mul^2, ...; within one min_lr + (lr0 - min_lr) m_mul^period (1 + cos(pi share)) / 2
 *                                                                                               (CosineDecayRestarts)
 *   exponential      lr0 * decay_rate^(t / T)                                                    (ExponentialDecay)
 *   inverse_time     lr0 / (1 + decay_rate t / T)            (InverseTimeDecay; decay= of Keras 2.10 with T = 1); both with
 *                    floor(t / T) where `staircase`
 *   polynomial       (lr0 - min_lr) (1 - t / T)^power + min_lr, t at most T; with `cycle` T times ceil(t / T)  (PolynomialDecay)
 *   piecewise        values[i] up to and with boundaries[i], the last behind them                 (PiecewiseConstantDecay)
 *   plateau          looks at the watched loss after each epoch and multiplies by `factor`, not below min_lr;
 *                    torch: after more than `patience` bad epochs in a row, in which it did not fall below its best by more than
 *                    1e-4 of it                                                                      (torch's ReduceLROnPlateau)
 *                    keras: after `patience` of them, in which it did not fall by more than min_delta     (Keras's)
 *                    and after that `cooldown` epochs do not count (Keras's counter ends one epoch earlier)
 * Before, `warmup` epochs or steps go evenly from warmup_from to lr0; t begins behind them. */
typedef struct gr_schedule_options {
    const char *name; /* a gr_schedule_name */
    double lr;        /* lr0 */
    bool per_step;
    int epochs;    /* of the training, or steps where per_step */
    int step_size; /* step */
    double gamma;  /* step */
    double min_lr; /* cosine, cosine_restarts, polynomial, plateau */
    int decay_steps; /* T; 0: the rest of the training */
    double decay_rate;
    bool staircase;
    const int *boundaries; /* [boundary_count], BORROWED for as long as the schedule is used */
    int boundary_count;
    const double *values; /* [boundary_count + 1], likewise */
    double power;
    bool cycle;
    double t_mul, m_mul;
    int warmup;
    double warmup_from;
    double factor; /* plateau */
    int patience;  /* plateau */
    bool keras;    /* plateau by Keras's rule */
    double min_delta;
    int cooldown;
} gr_schedule_options;

/* Where a schedule stands. `lr` is the rate of the step to come; the rest is plateau's memory. Plain numbers, so that a
 * checkpoint can hold them. */
typedef struct gr_schedule {
    gr_schedule_options options;
    int epoch; /* or step */
    double lr;
    double best; /* +infinity before the first epoch ends */
    int bad_epochs, cooling;
} gr_schedule;

/* The name of schedule i: constant, step, cosine, plateau, ...; NULL behind the last. Static storage. Never fails. */
const char *gr_schedule_name(int i);
/* Fills *schedule for the beginning; the name in `options` must outlive it. Fails: GR_INVALID (an unknown name). */
gr_status gr_schedule_start(gr_schedule *schedule, const gr_schedule_options *options, gr_error *err) GR_MUST_CHECK;
/* Ends a step of training: sets `lr` where the schedule goes by steps. Never fails. */
void gr_schedule_step(gr_schedule *schedule);
/* Ends an epoch whose watched loss (of validation, or of training without one) was `loss`: sets `lr` of the next, where the
 * schedule goes by epochs. A loss that is not a number counts as no improvement. Never fails. */
void gr_schedule_next(gr_schedule *schedule, double loss);

#endif
