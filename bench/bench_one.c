/* Inference beside a runtime of ONNX graphs. Driven by onnxruntime.py, which lets ONNX Runtime run the same network in turn.
 *
 *   bench_one BACKBONE SIZE BATCH THREADS FILE.onnx
 *
 * Writes a network with random weights to FILE, prints its probabilities for an image that the script makes too, one line; then
 * for each line with a number on stdin repeats inference that often and prints the seconds of each, one line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/onnx.h"
#include "grimace/models.h"
#include "grimace/plan.h"
#include "kernels/kernels.h"
#include "models/models.h"

enum { CLASSES = 10, SETTLING = 4 /* images */ };

typedef struct network {
    gr_model *model;
    gr_params *params;
    gr_plan *plan;
    gr_workspace *workspace;
    int64_t size, batch;
    float *image; /* filled once: memory of the plan's own is used again behind its last reader */
} network;

static void fill(float *image, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        image[i] = (float)(i * 7919 % 2001 - 1000) * 1e-3f;
}

/* One pass with statistics of the batch, which become the running ones: else numbers would fade from layer to layer, and two
 * programs that agree on zeros have not been compared. */
static gr_status settle(network *n, gr_error *err)
{
    gr_plan_options options = {.batch = SETTLING, .training = true, .loss = n->model->loss};
    gr_plan *plan;
    gr_status status = gr_plan_compile(n->model->graph, n->params, n->workspace, &options, &plan, err);
    if (status != GR_OK)
        return status;
    fill(gr_plan_data(plan, n->model->image), SETTLING * n->size * n->size * 3);
    memset(gr_plan_data(plan, n->model->labels), 0, SETTLING * sizeof(int32_t));
    gr_plan_forward(plan, 1, 0);
    gr_plan_destroy(plan);
    return GR_OK;
}

static gr_status write_onnx(const network *n, const char *path, gr_error *err)
{
    gr_weights *weights;
    gr_status status = gr_model_export(n->model, n->params, &weights, err);
    if (status != GR_OK)
        return status;
    gr_onnx *onnx = gr_onnx_create();
    if (onnx == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory");
    const gr_weights *const list[] = {weights};
    if (status == GR_OK)
        status = gr_model_onnx(n->model, list, NULL, 1, onnx, err);
    if (status == GR_OK)
        status = gr_onnx_write(onnx, path, "bench", err);
    gr_onnx_destroy(onnx);
    gr_weights_destroy(weights);
    return status;
}

static gr_status set_up(network *n, const char *backbone, const char *path, gr_error *err)
{
    gr_model_options options = {.backbone = backbone, .head = "linear", .size = n->size, .channels = 3, .classes = CLASSES,
                                .norm_momentum = 1.0};
    gr_loss_options loss = {0};
    gr_status status = gr_model_create(&options, &n->model, err);
    if (status == GR_OK)
        status = gr_model_add_loss(n->model, &loss, err);
    if (status == GR_OK)
        status = gr_params_create(n->model->graph, 1, true, &n->params, err);
    n->workspace = gr_workspace_create();
    if (status == GR_OK)
        status = settle(n, err);
    if (status == GR_OK)
        status = write_onnx(n, path, err);
    const gr_value *keep[] = {n->model->probabilities};
    gr_plan_options plan = {.batch = n->batch, .keep = keep, .keep_count = 1};
    if (status == GR_OK)
        status = gr_plan_compile(n->model->graph, n->params, n->workspace, &plan, &n->plan, err);
    return status;
}

/* The image is copied in as fast as can be: where threads sleep in between, waking them is part of the time. */
static void run(const network *n, bool show)
{
    memcpy(gr_plan_data(n->plan, n->model->image), n->image, (size_t)(n->batch * n->size * n->size * 3) * sizeof(float));
    double start = gr_seconds();
    gr_plan_forward(n->plan, 1, 0);
    double seconds = gr_seconds() - start;
    const float *p = gr_plan_data(n->plan, n->model->probabilities);
    for (int i = 0; show && i < CLASSES; i++)
        printf("%.9g ", (double)p[i]);
    if (!show)
        printf("%.9f ", seconds);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: bench_one BACKBONE SIZE BATCH THREADS FILE.onnx\n");
        return 2;
    }
    gr_error err = {0};
    network n = {.size = atoll(argv[2]), .batch = atoll(argv[3])};
    gr_threads_set(atoi(argv[4]));
    if (gr_kernels_select(&err) != GR_OK || set_up(&n, argv[1], argv[5], &err) != GR_OK) {
        fprintf(stderr, "bench_one: %s\n", err.text);
        return 1;
    }
    n.image = gr_alloc((size_t)(n.batch * n.size * n.size * 3), sizeof(float));
    if (n.image == NULL) {
        fprintf(stderr, "bench_one: no memory for the image\n");
        return 1;
    }
    fill(n.image, n.batch * n.size * n.size * 3);
    run(&n, true);
    char line[16];
    do {
        printf("\n");
        fflush(stdout);
        if (fgets(line, sizeof line, stdin) == NULL)
            break;
        for (int i = atoi(line); i > 0; i--)
            run(&n, false);
    } while (strcmp(line, "end\n") != 0);
    gr_plan_destroy(n.plan);
    gr_workspace_destroy(n.workspace);
    gr_params_destroy(n.params);
    gr_model_destroy(n.model);
    return 0;
}
