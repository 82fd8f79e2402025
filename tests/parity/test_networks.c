/* VGG-16, Inception v3 and ResNets against torchvision's numbers, NASNet-A mobile against those of an independent
 * implementation (make_networks.py): logits, loss and the gradient by every parameter, with fused and, but for the slowest,
 * single operators. */
#include "support/parity.h"
#include "ops/ops.h"

enum { CLASSES = 3 };

static gr_weights *reference;

/* As NETWORKS in make_networks.py. */
static const struct {
    const char *key, *backbone;
    int64_t size, batch;
    bool aux, norms, single; /* norms: batch norms see the batch in training; single: with single operators too */
} networks[] = {
    {"resnet18", "resnet18", 64, 8, false, true, true},
    {"resnet50", "resnet50", 64, 8, false, true, true},
    {"vgg16", "vgg16", 32, 2, false, true, false},
    {"inception_v3", "inception_v3", 75, 8, false, false, true},
    {"inception_v3 aux", "inception_v3", 299, 2, true, false, false},
    {"nasnet_mobile", "nasnet_mobile", 75, 4, false, true, true},
};
enum { NETWORKS = sizeof networks / sizeof networks[0], INCEPTION = 3 };

static gr_model_options options_of(int which)
{
    return (gr_model_options){.backbone = networks[which].backbone,
                              .head = "linear",
                              .size = networks[which].size,
                              .channels = 3,
                              .classes = CLASSES,
                              .aux = networks[which].aux};
}

/* A network whose parameters several plans share. */
typedef struct subject {
    const char *key;
    gr_model_options options;
    gr_model *model;
    gr_params *params;
    gr_workspace *workspace;
} subject;

/* Running statistics instead of the batch's: a frozen batch norm. */
static void freeze_norms(gr_graph *g)
{
    for (int o = 0; o < g->op_count; o++)
        if (g->ops[o]->type == &gr_op_batch_norm)
            assert_true(gr_graph_freeze(g, g->ops[o]->name) > 0);
}

static subject make_subject(int which, bool norms)
{
    gr_error err = {0};
    gr_loss_options loss = {0};
    subject s = {.key = networks[which].key, .options = options_of(which)};
    s.model = test_parity_model(&s.options);
    assert_int_equal(gr_model_add_loss(s.model, &loss, &err), GR_OK);
    test_parity_never_drop(s.model->graph);
    if (!norms)
        freeze_norms(s.model->graph);
    assert_int_equal(gr_params_create(s.model->graph, 3, true, &s.params, &err), GR_OK);
    test_parity_fill(s.model, &s.options, s.params);
    s.workspace = gr_workspace_create();
    assert_non_null(s.workspace);
    return s;
}

static void drop_subject(subject *s)
{
    gr_workspace_destroy(s->workspace);
    gr_params_destroy(s->params);
    gr_model_destroy(s->model);
}

/* A plan for `batch` images, which are in its input. */
static gr_plan *compile(const subject *s, int64_t batch, bool training, bool fusion)
{
    gr_error err = {0};
    gr_plan *plan;
    const gr_value *keep[] = {training ? s->model->loss : s->model->logits};
    gr_plan_options options = {.batch = batch,
                               .training = training,
                               .no_fusion = !fusion,
                               .keep = keep,
                               .keep_count = 1,
                               .loss = training ? s->model->loss : NULL};
    if (gr_plan_compile(s->model->graph, s->params, s->workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    test_fill(gr_plan_data(plan, s->model->image), batch * s->options.size * s->options.size * 3, 1, 1.0f);
    return plan;
}

static bool inference_agrees(const subject *s, bool fusion)
{
    gr_plan *plan = compile(s, 2, false, fusion);
    gr_plan_forward(plan, 0, 0);
    bool good = test_parity_matches(reference, s->key, "logits", gr_plan_data(plan, s->model->logits), 1e-4);
    gr_plan_destroy(plan);
    return good;
}

/* The forward pass of a training step; `what` is the reference's name for its loss. */
static bool loss_agrees(const subject *s, gr_plan *plan, int64_t batch, const char *what)
{
    for (int32_t i = 0; i < batch; i++)
        ((int32_t *)gr_plan_data(plan, s->model->labels))[i] = i % CLASSES;
    gr_plan_forward(plan, 1, 0);
    return test_parity_matches(reference, s->key, what, gr_plan_data(plan, s->model->loss), 1e-4);
}

static bool training_agrees(const subject *s, int64_t batch, bool norms, bool fusion)
{
    gr_plan *plan = compile(s, batch, true, fusion);
    bool good = loss_agrees(s, plan, batch, "loss");
    gr_plan_backward(plan);
    good = test_parity_gradients(reference, s->key, s->model, &s->options, s->params, norms, 1e-4) && good;
    gr_plan_destroy(plan);
    return good;
}

/* Training comes last, since it moves running statistics. */
static bool network_agrees(int which)
{
    subject s = make_subject(which, networks[which].norms);
    bool good = true;
    for (int turn = 0; turn < 4; turn++) {
        bool fusion = turn % 2 == 0, training = turn > 1, norms = networks[which].norms;
        if (!fusion && !networks[which].single)
            continue;
        bool here = training ? training_agrees(&s, networks[which].batch, norms, fusion) : inference_agrees(&s, fusion);
        if (!here)
            print_message("  %s, %s, fusion %d\n", s.key, training ? "training" : "inference", fusion);
        good = good && here;
    }
    drop_subject(&s);
    return good;
}

static void networks_give_the_references_logits_and_gradients(void **state)
{
    (void)state;
    bool good = true;
    for (int i = 0; i < NETWORKS; i++)
        good = network_agrees(i) && good;
    assert_true(good);
}

static void inceptions_batch_norms_see_the_batch(void **state)
{
    (void)state;
    int64_t batch = networks[INCEPTION].batch;
    subject s = make_subject(INCEPTION, true);
    gr_plan *plan = compile(&s, batch, true, true);
    assert_true(loss_agrees(&s, plan, batch, "batch_loss"));
    gr_plan_destroy(plan);
    drop_subject(&s);
}

static int read_reference(void **state)
{
    (void)state;
    reference = test_parity_open("tests/parity/networks.safetensors");
    return reference != NULL ? 0 : -1;
}

static int drop_reference(void **state)
{
    (void)state;
    gr_weights_destroy(reference);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_give_the_references_logits_and_gradients),
        cmocka_unit_test(inceptions_batch_norms_see_the_batch),
    };
    return cmocka_run_group_tests_name("parity of large networks", tests, read_reference, drop_reference);
}
