/* The plan: a graph compiled for one batch size and one mode, with every activation and gradient laid into one arena by
 * lifetime, so that a step allocates nothing. */
#ifndef GRIMACE_PLAN_H
#define GRIMACE_PLAN_H

#include "grimace/graph.h"

/* The parameters' numbers: one flat array of values and one of gradients, laid out by gr_parameter.offset. */
typedef struct gr_params {
    size_t count;
    float *values;    /* [count] */
    float *gradients; /* [count]; NULL unless made for training */
} gr_params;

/* GIVES storage for the graph's parameters, filled with their initial values for `seed`: a parameter's numbers depend on the
 * seed and its name alone. Fails: GR_NOMEM. */
gr_status gr_params_create(const gr_graph *graph, uint64_t seed, bool training, gr_params **out,
                           gr_error *err) GR_MUST_CHECK;
/* The same with every number 0, for values that come from elsewhere. Fails: GR_NOMEM. */
gr_status gr_params_alloc(const gr_graph *graph, bool training, gr_params **out, gr_error *err) GR_MUST_CHECK;
void gr_params_destroy(gr_params *params);

/* Memory of plans that never run at the same time: one block shared by all, which grows when a plan is compiled, never in a step,
 * and blocks of each plan's own, which go to later ones when it is destroyed: who compiles plans again and again (each fold of a
 * cross-validation does) asks the system for memory once. gr_workspace_bytes: what the next plan would find. */
typedef struct gr_workspace gr_workspace;
gr_workspace *gr_workspace_create(void);
void gr_workspace_destroy(gr_workspace *workspace);
size_t gr_workspace_bytes(const gr_workspace *workspace);

/* Three kinds of plan: forward alone; training; and, with `gradients_of` but without `training`, forward as at inference
 * (running statistics, no dropout) with a backward down to the values named, as heat maps need: no parameter gets a gradient
 * there, and convolutions keep the batch norm, sum and ReLU that they took over, so that the answers are those of a plan for
 * forward alone. */
typedef struct gr_plan_options {
    int64_t batch;
    bool training;     /* backward too, down to what trains; dropout and batch statistics are on */
    gr_type precision; /* GR_F32, or GR_BF16: factors of convolutions may be rounded to bfloat16, sums stay float32 */
    bool no_fusion;    /* every operator by itself: the reference for tests; batch norms are not folded into weights, which
                          rounds */
    bool low_memory; /* training: convolutions may be computed a second time in backward, where that makes the arena smaller;
                      * same bits */
    bool explained;  /* not by the ways that are for answers alone, which round more than training's do */
    bool exact;      /* no convolution by transforms (Winograd), which are faster and round more than sums do */
    bool transient;  /* without training: packed weights may lie where other plans of the workspace write, when there is room; a
                      * forward behind one of another plan packs them anew */
    const gr_value *loss;        /* training: the scalar to minimise */
    const gr_value *const *keep; /* values to be read after forward (the loss is always kept) */
    int keep_count;
    const gr_value *given; /* a value that the caller writes like an input's batch: what makes it is not run; NULL: none */
    const gr_value *const *gradients_of; /* values (inputs too) whose gradients are kept; they are kept themselves, too */
    int gradient_count;
    const gr_value *gradients_from; /* without training: where gradients start, and kept; NULL: at the loss */
} gr_plan_options;

typedef struct gr_plan gr_plan;

/* What type i is called as a plan's precision: f32, bf16; NULL behind the last that may be one. Static storage. Never fails.
 */
const char *gr_precision_name(int i);

/* Compiles. BORROWS graph, params and workspace, which must outlive the plan. Only what the loss or a kept value needs is
 * run. Fails: GR_INVALID (a shape that this batch does not allow, a gradient that does not exist), GR_NOMEM. */
gr_status gr_plan_compile(const gr_graph *graph, gr_params *params, gr_workspace *workspace, const gr_plan_options *options,
                          gr_plan **out, gr_error *err) GR_MUST_CHECK;
void gr_plan_destroy(gr_plan *plan);

/* Where the batch of an input or of the given value is written, or a kept value is read: dense [batch, ...]; int32_t for
 * GR_I32. Valid until the next plan is compiled on the same workspace or another plan runs. NULL when the value is not in
 * the plan or not kept. */
float *gr_plan_data(const gr_plan *plan, const gr_value *value);
int64_t gr_plan_batch(const gr_plan *plan);

/* Runs forward for the inputs that were written. `seed` and `step` key dropout. Never fails. */
void gr_plan_forward(gr_plan *plan, uint64_t seed, uint64_t step);
/* Runs backward from a gradient of 1 in every element of the loss (of gradients_from): in training it fills
 * params->gradients of what trains (frozen ones are left alone). Once after each forward, since it writes over what that
 * left. Never fails. */
void gr_plan_backward(gr_plan *plan);
/* The same from another gradient: `seed`, shaped as the value that gradients start from ([batch, classes] for logits, with 1
 * at the class to be explained), is BORROWED during the call. Never fails. */
void gr_plan_backward_from(gr_plan *plan, const float *seed);
/* Inference: says that the parameters changed since the last forward. Never fails. */
void gr_plan_refresh(gr_plan *plan);
/* After backward, the gradient of a value in gradients_of, or of an input that a training plan keeps: dense, shaped as
 * gr_plan_data's, valid as long; else NULL. */
const float *gr_plan_gradient(const gr_plan *plan, const gr_value *value);

/* Bytes of memory that such a plan would take beside its parameters: the arena and packed weights. Nothing of it is taken.
 * Fails: as gr_plan_compile. */
gr_status gr_plan_measure(const gr_graph *graph, gr_params *params, const gr_plan_options *options, size_t *bytes,
                          gr_error *err) GR_MUST_CHECK;
/* The largest batch whose plan takes no more than `bytes`, at most GR_MOST_BATCH; 0: not even one image. options->batch is
 * not looked at. Fails: as gr_plan_compile. */
enum { GR_MOST_BATCH = 1 << 16 };
gr_status gr_plan_largest_batch(const gr_graph *graph, gr_params *params, const gr_plan_options *options, size_t bytes,
                                int64_t *batch, gr_error *err) GR_MUST_CHECK;

/* Bytes of the arena that this plan uses, and what they would be without sharing by lifetime. */
size_t gr_plan_bytes(const gr_plan *plan, size_t *unshared);
/* Floating point operations of a step that no known way saves, a bound for what a machine's peak in float32 allows: a 3 x 3
 * convolution of stride 1 by Winograd's F(4x4,3x3) takes a 2.5th of those of its sums, factors in bfloat16 half. Never
 * fails. */
double gr_plan_least_work(const gr_plan *plan);

/* One row per operator and pass: name, shapes, algorithm and blocking, FLOPs, seconds of the last step. Text into a buffer
 * that the caller frees with free-like gr_free: GIVES. NULL when memory is short. */
char *gr_plan_report(const gr_plan *plan);

#endif
