/* One repetition of a workload each time a line arrives on stdin: prints its seconds. Driven by compare.py, which runs a peer
 * the same way and in turn. On "limit" it prints the seconds that the arithmetic alone takes at the measured peak (0: unknown).
 *
 *   bench_step train|infer BACKBONE SIZE BATCH THREADS [f32|bf16] [low]
 *
 * train: forward, backward and Adam on one batch; infer: forward. On "end" it prints its peak memory in MB and stops. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/base.h"
#include "bench/peak.h"
#include "kernels/kernels.h"
#include "grimace/models.h"
#include "grimace/optim.h"
#include "grimace/plan.h"

typedef struct workload {
    gr_model *model;
    gr_params *params;
    gr_workspace *workspace;
    gr_plan *plan;
    gr_optim *optim;
    int64_t size, batch;
    bool training, low;
    gr_type precision;
} workload;

static int fail(const gr_error *err)
{
    fprintf(stderr, "bench_step: %s\n", err->text);
    return 1;
}

static gr_status make_optimiser(workload *w, gr_error *err)
{
    int count = gr_graph_parameter_count(w->model->graph), used = 0;
    gr_span *spans = gr_alloc((size_t)count, sizeof *spans);
    if (spans == NULL)
        return gr_fail(err, GR_NOMEM, "no memory");
    for (int i = 0; i < count; i++) {
        const gr_parameter *p = gr_graph_parameter(w->model->graph, i);
        if (!p->buffer)
            spans[used++] = (gr_span){p->offset, p->count};
    }
    gr_optim_options adam = {.name = "adam", .betas = {0.9, 0.999}, .eps = 1e-8};
    gr_status status = gr_optim_create(&adam, spans, used, &w->optim, err);
    gr_free(spans);
    return status;
}

static gr_status set_up(workload *w, const char *backbone, gr_error *err)
{
    gr_model_options options = {.backbone = backbone, .head = "linear", .size = w->size, .channels = 3, .classes = 2};
    gr_loss_options loss = {0};
    gr_status status = gr_model_create(&options, &w->model, err);
    if (status == GR_OK && w->training)
        status = gr_model_add_loss(w->model, &loss, err);
    if (status == GR_OK)
        status = gr_params_create(w->model->graph, 1, w->training, &w->params, err);
    if (status != GR_OK)
        return status;
    w->workspace = gr_workspace_create();
    const gr_value *keep[] = {w->model->logits};
    gr_plan_options plan = {.batch = w->batch, .training = w->training, .loss = w->model->loss, .keep = keep, .keep_count = 1,
                            .precision = w->precision, .low_memory = w->low};
    status = gr_plan_compile(w->model->graph, w->params, w->workspace, &plan, &w->plan, err);
    return status == GR_OK && w->training ? make_optimiser(w, err) : status;
}

static void run_once(workload *w)
{
    float *image = gr_plan_data(w->plan, w->model->image);
    for (int64_t i = 0; i < w->batch * w->size * w->size * 3; i++)
        image[i] = (float)((i * 7919) % 2001 - 1000) * 1e-3f;
    for (int64_t i = 0; w->training && i < w->batch; i++)
        ((int32_t *)gr_plan_data(w->plan, w->model->labels))[i] = (int32_t)(i % 2);
    double start = gr_seconds();
    gr_plan_forward(w->plan, 1, 0);
    if (w->training) {
        gr_plan_backward(w->plan);
        gr_optim_step(w->optim, w->params->values, w->params->gradients, 1e-4);
    }
    printf("%.6f\n", gr_seconds() - start);
    fflush(stdout);
}

static void print_limit(workload *w)
{
    double peak = bench_peak();
    printf("%.6f\n", peak > 0.0 ? gr_plan_least_work(w->plan) * 1e-9 / peak : 0.0);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc < 6 || argc > 8) {
        fprintf(stderr, "usage: bench_step train|infer BACKBONE SIZE BATCH THREADS [f32|bf16] [low]\n");
        return 2;
    }
    gr_error err = {0};
    workload w = {.size = atoll(argv[3]), .batch = atoll(argv[4]), .training = strcmp(argv[1], "train") == 0,
                  .precision = argc > 6 && strcmp(argv[6], "bf16") == 0 ? GR_BF16 : GR_F32,
                  .low = argc > 7 && strcmp(argv[7], "low") == 0};
    gr_threads_set(atoi(argv[5]));
    if (gr_kernels_select(&err) != GR_OK || set_up(&w, argv[2], &err) != GR_OK)
        return fail(&err);
    char line[16];
    while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "end\n") != 0)
        (strcmp(line, "limit\n") == 0 ? print_limit : run_once)(&w);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%.1f\n", (double)usage.ru_maxrss / 1024.0);
    gr_optim_destroy(w.optim);
    gr_plan_destroy(w.plan);
    gr_workspace_destroy(w.workspace);
    gr_params_destroy(w.params);
    gr_model_destroy(w.model);
    return 0;
}
