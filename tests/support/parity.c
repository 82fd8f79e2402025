#include "support/parity.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ops/ops.h"

gr_weights *test_parity_open(const char *path)
{
    gr_error err = {0};
    gr_weights *reference = NULL;
    if (gr_weights_read(path, &reference, &err) != GR_OK)
        print_message("%s\n", err.text);
    return reference;
}

static gr_weights *program_reference;

int test_parity_begin(const char *path)
{
    program_reference = test_parity_open(path);
    return program_reference != NULL ? 0 : -1;
}

int test_parity_end(void **state)
{
    (void)state;
    gr_weights_destroy(program_reference);
    return 0;
}

const gr_weights *test_parity_reference(void)
{
    return program_reference;
}

gr_weights *test_parity_swap(gr_weights *other)
{
    gr_weights *before = program_reference;
    program_reference = other;
    return before;
}

const gr_tensor *test_parity_want(const gr_weights *reference, const char *key, const char *suffix)
{
    char name[64];
    snprintf(name, sizeof name, "%s.%s", key, suffix);
    const gr_tensor *tensor = gr_weights_find(reference, name);
    if (tensor == NULL)
        fail_msg("the reference lacks %s; its make_*.py makes it", name);
    return tensor;
}

bool test_parity_matches(const gr_weights *reference, const char *key, const char *suffix, const float *got, double limit)
{
    const gr_tensor *tensor = test_parity_want(reference, key, suffix);
    if (test_close(got, tensor->data, gr_shape_elements(&tensor->shape), limit))
        return true;
    print_message("  %s.%s\n", key, suffix);
    return false;
}

/* ---- models in PyTorch's names ---------------------------------------------------------------------------------------- */

gr_model *test_parity_model(const gr_model_options *options)
{
    gr_error err = {0};
    gr_model *model;
    if (gr_model_create(options, &model, &err) != GR_OK)
        fail_msg("%s", err.text);
    return model;
}

/* FNV-1a, 32 bits. */
static uint32_t stream(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name != '\0'; name++)
        h = (h ^ (unsigned char)*name) * 16777619u;
    return h;
}

/* Is `name` of a batch norm? */
static bool is_norm(const gr_weights *weights, const char *name)
{
    char mean[160];
    const char *kind = strrchr(name, '.');
    if (kind == NULL)
        return false;
    snprintf(mean, sizeof mean, "%.*s.running_mean", (int)(kind - name), name);
    return gr_weights_find(weights, mean) != NULL;
}

static bool is_counter(const char *name)
{
    return gr_ends_with(name, ".num_batches_tracked");
}

static void fill_tensor(const gr_weights *weights, const char *name, gr_tensor *tensor)
{
    int64_t count = gr_shape_elements(&tensor->shape);
    float scale = 0.1f, offset = 0.0f;
    if (gr_ends_with(name, ".running_var")) {
        scale = 0.5f;
        offset = 1.0f;
    } else if (tensor->shape.rank > 1) {
        scale = (float)sqrt(3.0 / ((double)count / (double)tensor->shape.dim[0]));
    } else if (is_norm(weights, name) && gr_ends_with(name, ".weight")) {
        scale = 0.08f;
        offset = 0.4f;
    } else if (is_norm(weights, name) && gr_ends_with(name, ".bias")) {
        offset = 0.7f;
    }
    uint32_t numbers = stream(name);
    for (int64_t k = 0; k < count; k++)
        ((float *)tensor->data)[k] = scale * test_number(numbers, (uint32_t)k) + offset;
}

static void only_good_news(void *ctx, const char *sentence)
{
    (void)ctx;
    if (!gr_starts_with(sentence, "loaded: "))
        fail_msg("%s", sentence);
}

/* The parameters in PyTorch's names and layouts; the caller owns them. */
static gr_weights *export_for_pytorch(const gr_model *model, const gr_model_options *options, const gr_params *params)
{
    gr_error err = {0};
    gr_weights *ours, *theirs;
    assert_int_equal(gr_model_export(model, params, &ours, &err), GR_OK);
    assert_int_equal(gr_weights_for_pytorch(options, ours, &theirs, &err), GR_OK);
    gr_weights_destroy(ours);
    return theirs;
}

void test_parity_fill(const gr_model *model, const gr_model_options *options, gr_params *params)
{
    gr_error err = {0};
    gr_weights *weights = export_for_pytorch(model, options, params);
    for (int i = 0; i < gr_weights_count(weights); i++)
        if (!is_counter(gr_weights_name(weights, i)))
            fill_tensor(weights, gr_weights_name(weights, i), gr_weights_at(weights, i));
    assert_int_equal(gr_model_import(model, params, weights, only_good_news, NULL, &err), GR_OK);
    gr_weights_destroy(weights);
}

/* Both kinds of dropout keep their rate first in their attribute. */
void test_parity_never_drop(gr_graph *g)
{
    for (int o = 0; o < g->op_count; o++)
        if (g->ops[o]->type == &gr_op_dropout || g->ops[o]->type == &gr_op_stochastic_depth)
            *(double *)g->ops[o]->attr = 0.0;
}

/* ---- gradients -------------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names of trained parameters, sorted, in *names (free); returns their number. */
static int sorted_parameters(const gr_weights *weights, bool norms, const char ***names)
{
    int count = 0;
    *names = malloc((size_t)gr_weights_count(weights) * sizeof **names);
    assert_non_null(*names);
    for (int i = 0; i < gr_weights_count(weights); i++) {
        const char *name = gr_weights_name(weights, i);
        bool buffer = is_counter(name) || gr_ends_with(name, ".running_mean") || gr_ends_with(name, ".running_var");
        if (!buffer && (norms || !is_norm(weights, name)))
            (*names)[count++] = name;
    }
    qsort(*names, (size_t)count, sizeof **names, by_text);
    return count;
}

static bool fingerprint_agrees(const char *name, const gr_tensor *gradient, const float *want, double floor, double limit)
{
    double dot = 0.0, squares = 0.0;
    const float *g = gradient->data;
    uint32_t numbers = stream(name) + 1;
    for (int64_t k = 0; k < gr_shape_elements(&gradient->shape); k++) {
        dot += (double)g[k] * (double)test_number(numbers, (uint32_t)k);
        squares += (double)g[k] * (double)g[k];
    }
    double norm = sqrt(squares), unit = fmax(want[1], floor);
    bool nothing = want[1] < 1e-9 * floor; /* 0 but for rounding, whose size is judged: its product with numbers says no more */
    if ((nothing || fabs(dot - want[0]) <= limit * unit) && fabs(norm - want[1]) <= limit * unit)
        return true;
    print_message("gradient of %s: product %.7g, expected %.7g; norm %.7g, expected %.7g; limit %.1e of %.3g\n", name, dot,
                  (double)want[0], norm, (double)want[1], limit, unit);
    return false;
}

bool test_parity_gradients(const gr_weights *reference, const char *key, const gr_model *model,
                           const gr_model_options *options, const gr_params *params, bool norms, double limit)
{
    const gr_tensor *want = test_parity_want(reference, key, "gradients");
    const float *rows = want->data;
    gr_params in_place_of_values = *params;
    in_place_of_values.values = params->gradients;
    gr_weights *gradients = export_for_pytorch(model, options, &in_place_of_values);
    const char **names;
    int count = sorted_parameters(gradients, norms, &names), bad = 0;
    if (count != want->shape.dim[0])
        fail_msg("%s: %d parameters are trained, the reference has %lld", key, count, (long long)want->shape.dim[0]);
    double floor = 0.0;
    for (int i = 0; i < count; i++)
        floor = fmax(floor, 1e-3 * rows[2 * i + 1]);
    for (int i = 0; i < count && bad < 3; i++)
        bad += !fingerprint_agrees(names[i], gr_weights_find(gradients, names[i]), rows + 2 * i, floor, limit);
    if (bad > 0)
        print_message("  %s.gradients\n", key);
    free(names);
    gr_weights_destroy(gradients);
    return bad == 0;
}

/* ---- a network under test ------------------------------------------------------------------------------------------------- */

/* Running statistics instead of the batch's: a frozen batch norm. */
static void freeze_norms(gr_graph *g)
{
    for (int o = 0; o < g->op_count; o++)
        if (g->ops[o]->type == &gr_op_batch_norm)
            assert_true(gr_graph_freeze(g, g->ops[o]->name) > 0);
}

test_subject test_parity_subject(const char *key, const gr_model_options *options, const gr_loss_options *loss, bool norms)
{
    gr_error err = {0};
    test_subject s = {.key = key, .options = *options, .model = test_parity_model(options)};
    if (loss != NULL) {
        if (gr_model_add_loss(s.model, loss, &err) != GR_OK)
            fail_msg("%s", err.text);
        test_parity_never_drop(s.model->graph);
    }
    if (!norms)
        freeze_norms(s.model->graph);
    assert_int_equal(gr_params_alloc(s.model->graph, true, &s.params, &err), GR_OK); /* all are filled in */
    test_parity_fill(s.model, &s.options, s.params);
    s.workspace = gr_workspace_create();
    assert_non_null(s.workspace);
    return s;
}

void test_parity_subject_free(test_subject *s)
{
    gr_workspace_destroy(s->workspace);
    gr_params_destroy(s->params);
    gr_model_destroy(s->model);
}

void test_parity_images(const test_subject *s, gr_plan *plan, int64_t batch)
{
    test_fill(gr_plan_data(plan, s->model->image), batch * s->options.size * s->options.size * s->options.channels, 1, 1.0f);
}

gr_plan *test_parity_plan(const test_subject *s, int64_t batch, bool training, bool fusion, const gr_value *const *keep,
                          int keep_count)
{
    enum { MOST = 8 };
    gr_error err = {0};
    gr_plan *plan;
    const gr_value *kept[MOST + 1] = {training ? s->model->loss : s->model->logits};
    assert_true(keep_count <= MOST);
    for (int i = 0; i < keep_count; i++)
        kept[i + 1] = keep[i];
    gr_plan_options options = {.batch = batch,
                               .training = training,
                               .no_fusion = !fusion,
                               .keep = kept,
                               .keep_count = keep_count + 1,
                               .loss = training ? s->model->loss : NULL};
    if (gr_plan_compile(s->model->graph, s->params, s->workspace, &options, &plan, &err) != GR_OK)
        fail_msg("%s", err.text);
    test_parity_images(s, plan, batch);
    return plan;
}

bool test_parity_inference(const test_subject *s, bool fusion)
{
    gr_plan *plan = test_parity_plan(s, 2, false, fusion, NULL, 0);
    gr_plan_forward(plan, 0, 0);
    bool good = test_parity_matches(program_reference, s->key, "logits", gr_plan_data(plan, s->model->logits), 1e-4);
    gr_plan_destroy(plan);
    if (!good)
        print_message("  inference, fusion %d\n", fusion);
    return good;
}

bool test_parity_loss(const test_subject *s, gr_plan *plan, int64_t batch, const char *what)
{
    for (int32_t i = 0; i < batch; i++)
        ((int32_t *)gr_plan_data(plan, s->model->labels))[i] = i % (int32_t)s->options.classes;
    gr_plan_forward(plan, 1, 0);
    return test_parity_matches(program_reference, s->key, what, gr_plan_data(plan, s->model->loss), 1e-4);
}

bool test_parity_training(const test_subject *s, int64_t batch, bool norms, bool fusion)
{
    gr_plan *plan = test_parity_plan(s, batch, true, fusion, NULL, 0);
    bool good = test_parity_loss(s, plan, batch, "loss");
    gr_plan_backward(plan);
    good = test_parity_gradients(program_reference, s->key, s->model, &s->options, s->params, norms, 1e-4) && good;
    gr_plan_destroy(plan);
    if (!good)
        print_message("  training, fusion %d\n", fusion);
    return good;
}
