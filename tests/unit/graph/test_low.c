/* Plans that take little memory: a smaller arena, the same bits. */
#include "support/support.h"
#include "graph/plan_private.h"
#include "grimace/models.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 3, SIZE = 64, STEPS = 2 };

typedef struct outcome {
    float *numbers; /* gradients of the last step, and all values, running statistics among them */
    size_t arena;
    int redone;
} outcome;

static outcome train(const gr_model *model, gr_type precision, bool low)
{
    gr_error err = {0};
    gr_params *params;
    gr_plan *plan;
    gr_workspace *workspace = gr_workspace_create();
    gr_plan_options options = {
        .batch = BATCH, .training = true, .loss = model->loss, .precision = precision, .low_memory = low};
    if (gr_params_create(model->graph, 5, true, &params, &err) != GR_OK ||
        gr_plan_compile(model->graph, params, workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    size_t floats = gr_graph_parameter_floats(model->graph);
    for (uint64_t s = 0; s < STEPS; s++) {
        test_fill(gr_plan_data(plan, model->image), BATCH * SIZE * SIZE * 3, 1 + s, 1.0f);
        for (int64_t i = 0; i < BATCH; i++)
            ((int32_t *)(void *)gr_plan_data(plan, model->labels))[i] = (int32_t)(i % 2);
        gr_plan_forward(plan, 1, s);
        gr_plan_backward(plan);
        for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
            const gr_parameter *p = gr_graph_parameter(model->graph, i);
            for (size_t k = p->offset; !p->buffer && k < p->offset + p->count; k++)
                params->values[k] -= 0.01f * params->gradients[k];
        }
    }
    outcome out = {.numbers = calloc(2 * floats, sizeof(float)), .arena = gr_plan_bytes(plan, NULL)};
    memcpy(out.numbers, params->values, floats * sizeof(float));
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(model->graph, i);
        if (!p->buffer)
            memcpy(out.numbers + floats + p->offset, params->gradients + p->offset, p->count * sizeof(float));
    }
    for (int v = 0; v < model->graph->value_count; v++)
        out.redone += plan->values[v].again && plan->values[v].redo;
    gr_plan_destroy(plan);
    gr_workspace_destroy(workspace);
    gr_params_destroy(params);
    return out;
}

static void low_memory_keeps_the_bits(void **state)
{
    (void)state;
    static const char *const networks[] = {"resnet18", "resnet50", "mobilenet_v3_small", "shufflenet_v2", "densenet121"};
    for (size_t n = 0; n < sizeof networks / sizeof *networks; n++)
        for (int bf16 = 0; bf16 < (n == 0 ? 2 : 1); bf16++) {
            gr_error err = {0};
            gr_model *model;
            gr_model_options options = {.backbone = networks[n], .head = "linear", .size = SIZE, .channels = 3, .classes = 2};
            if (gr_model_create(&options, &model, &err) != GR_OK || gr_model_add_loss(model, &(gr_loss_options){0}, &err) != GR_OK)
                fail_msg("%s", err.text);
            size_t floats = gr_graph_parameter_floats(model->graph);
            outcome plain = train(model, bf16 ? GR_BF16 : GR_F32, false), low = train(model, bf16 ? GR_BF16 : GR_F32, true);
            for (int i = 0; i < gr_graph_parameter_count(model->graph); i++) {
                const gr_parameter *p = gr_graph_parameter(model->graph, i);
                for (size_t part = 0; part < 2; part++)
                    if (memcmp(plain.numbers + part * floats + p->offset, low.numbers + part * floats + p->offset,
                               p->count * sizeof(float)) != 0)
                        fail_msg("%s: other %s of %s in low memory", networks[n], part == 0 ? "values" : "gradients", p->name);
            }
            assert_int_equal(plain.redone, 0);
            if (low.redone == 0 || low.arena >= plain.arena)
                fail_msg("%s: %d outputs are computed twice, and the arena has %zu bytes, not %zu", networks[n], low.redone,
                         low.arena, plain.arena);
            free(plain.numbers);
            free(low.numbers);
            gr_model_destroy(model);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(low_memory_keeps_the_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
