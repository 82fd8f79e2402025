/* A program that knows the installed files alone (tests/cli/test_install.sh): every public header at once, a text, a small graph
 * that is trained for two steps, and the numbers of what it predicts. It prints them, and ends in 0 when the loss fell. */
#include <grimace/grimace.h>
#include <stdio.h>

enum { N = 16, SIDE = 8, CLASSES = 2 };

typedef struct network {
    gr_graph *graph;
    gr_value *image, *label, *probabilities, *loss;
} network;

static network build(void)
{
    network n = {.graph = gr_graph_create()};
    gr_conv2d_args conv = {.out = 8, .kernel = {3, 3}, .pad = {1, 1}, .bias = true, .init = GR_INIT_UNIFORM_FAN_IN};
    n.image = gr_input(n.graph, "image", GR_F32, gr_shape_make(4, (int64_t[]){1, SIDE, SIDE, 1}));
    n.label = gr_input(n.graph, "label", GR_I32, gr_shape_make(1, (int64_t[]){1}));
    gr_value *x = gr_relu(n.graph, gr_conv2d(n.graph, n.image, "conv", conv), "relu");
    gr_value *logits = gr_dense(n.graph, gr_global_avg_pool(n.graph, x, "pool"), "classifier", CLASSES, GR_INIT_UNIFORM_FAN_IN);
    n.probabilities = gr_softmax(n.graph, logits, "softmax");
    n.loss = gr_cross_entropy(n.graph, logits, n.label, "loss", NULL);
    return n;
}

/* Bright pictures are of class 1. */
static void fill(const network *n, gr_plan *plan, int32_t labels[N])
{
    float *pixels = gr_plan_data(plan, n->image);
    for (int i = 0; i < N; i++) {
        labels[i] = i % CLASSES;
        ((int32_t *)gr_plan_data(plan, n->label))[i] = labels[i];
        for (int k = 0; k < SIDE * SIDE; k++)
            pixels[i * SIDE * SIDE + k] = (float)labels[i] + 0.01f * (float)(k % 7);
    }
}

/* Two steps; loss[0] and loss[1] before them, loss[2] and the probabilities after. */
static gr_status train(const network *n, gr_params *params, gr_workspace *workspace, double loss[3], float *probabilities,
                       int32_t *labels, gr_error *err)
{
    gr_plan *plan = NULL;
    gr_optim *adam = NULL;
    const gr_value *keep[] = {n->probabilities};
    gr_plan_options options = {.batch = N, .training = true, .loss = n->loss, .keep = keep, .keep_count = 1};
    gr_optim_options rule = {.name = "adam", .betas = {0.9, 0.999}, .eps = 1e-8};
    gr_status status = gr_plan_compile(n->graph, params, workspace, &options, &plan, err);
    if (status == GR_OK)
        status = gr_optim_create(&rule, &(gr_span){0, params->count}, 1, &adam, err);
    for (int step = 0; status == GR_OK && step < 3; step++) {
        fill(n, plan, labels);
        gr_plan_forward(plan, 7, (uint64_t)step);
        loss[step] = gr_plan_data(plan, n->loss)[0];
        for (int i = 0; i < N * CLASSES; i++)
            probabilities[i] = gr_plan_data(plan, n->probabilities)[i];
        if (step == 2)
            break;
        gr_plan_backward(plan);
        gr_optim_step(adam, params->values, params->gradients, 0.05);
    }
    gr_optim_destroy(adam);
    gr_plan_destroy(plan);
    return status;
}

static gr_status evaluate(const float *probabilities, const int32_t *labels, gr_text *out, gr_error *err)
{
    int32_t predicted[N];
    gr_metrics metrics;
    for (int i = 0; i < N; i++)
        predicted[i] = gr_predict_class(probabilities + CLASSES * i, CLASSES);
    gr_status status = gr_metrics_compute(labels, predicted, probabilities, N, CLASSES, 1, &metrics, err);
    if (status != GR_OK)
        return status;
    gr_text_printf(out, "%d images, %s %.4f, %s %.4f\n", (int)metrics.n, gr_metric_name(GR_METRIC_ACCURACY),
                   metrics.value[GR_METRIC_ACCURACY], gr_metric_name(GR_METRIC_AUROC), metrics.value[GR_METRIC_AUROC]);
    gr_metrics_free(&metrics);
    return GR_OK;
}

int main(void)
{
    gr_error err = {0};
    gr_text out = {0};
    network n = build();
    gr_params *params = NULL;
    gr_workspace *workspace = gr_workspace_create();
    double loss[3] = {0};
    float probabilities[N * CLASSES];
    int32_t labels[N];
    gr_status status = gr_params_create(n.graph, 7, true, &params, &err);
    if (status == GR_OK)
        status = train(&n, params, workspace, loss, probabilities, labels, &err);
    if (status == GR_OK)
        status = evaluate(probabilities, labels, &out, &err);
    if (status != GR_OK)
        fprintf(stderr, "%s\n", err.text);
    else
        printf("grimace %s\nloss %.6f, %.6f, %.6f\n%s", GRIMACE_VERSION, loss[0], loss[1], loss[2], out.data);
    gr_text_free(&out);
    gr_params_destroy(params);
    gr_workspace_destroy(workspace);
    gr_graph_destroy(n.graph);
    return status == GR_OK && loss[2] < loss[1] && loss[1] < loss[0] ? 0 : 1;
}
