/* How networks end, task by task: parameters, values, losses, and what is refused. */
#include "support/support.h"
#include "grimace/models.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 64, BATCH = 3 };

static const int hidden[] = {8};

static gr_model_options options_of(const char *backbone, const char *head, const char *task)
{
    bool landmarks = strcmp(head, "landmarks") == 0;
    return (gr_model_options){.backbone = backbone,
                              .head = head,
                              .task = task,
                              .size = 75,
                              .channels = 3,
                              .classes = landmarks ? 0 : 4,
                              .landmarks = landmarks ? 5 : 0,
                              .mlp = {.hidden = hidden, .hidden_count = 1, .dropout = 0.5}};
}

static gr_model *make(const gr_model_options *options)
{
    gr_model *model;
    gr_error err = {0};
    if (gr_model_create(options, &model, &err) != GR_OK)
        fail_msg("%s", err.text);
    return model;
}

/* The shape of a parameter; rank 0 when the model has none of that name. */
static gr_shape shape_of(const gr_model *model, const char *name)
{
    for (int i = 0; i < gr_graph_parameter_count(model->graph); i++)
        if (strcmp(gr_graph_parameter(model->graph, i)->name, name) == 0)
            return gr_graph_parameter(model->graph, i)->shape;
    return (gr_shape){0};
}

static bool is_shape(gr_shape got, gr_shape want)
{
    return gr_shape_equal(&got, &want);
}

static const struct {
    const char *task, *loss;
    int64_t outputs, width; /* width: of the last layer */
} tasks[] = {
    {NULL, "cross_entropy", 0, 4}, {"classes", "cross_entropy", 5, 20}, {"ordinal", "cumulative", 1, 1},
    {"scores", "mse", 0, 1},       {"scores", "huber", 3, 3},
};
enum { TASKS = sizeof tasks / sizeof tasks[0] };

/* Every architecture and head, for every task. */
static void every_network_ends_in_its_task(void **state)
{
    (void)state;
    static const char *const heads[] = {"linear", "painseeker", "mlp"};
    for (const char *const *backbone = gr_backbone_names(); *backbone != NULL; backbone++)
        for (int h = 0; h < 3; h++)
            for (int t = 0; t < TASKS; t++) {
                gr_model_options options = options_of(*backbone, heads[h], tasks[t].task);
                options.outputs = tasks[t].outputs;
                gr_model *model = make(&options);
                bool ordinal = strcmp(model->task, "ordinal") == 0, scores = strcmp(model->task, "scores") == 0;
                gr_shape weight = shape_of(model, "classifier.weight");
                assert_int_equal(weight.rank, 2);
                assert_int_equal(weight.dim[0], tasks[t].width);
                assert_int_equal(shape_of(model, "classifier.bias").rank, ordinal ? 0 : 1);
                assert_true(is_shape(shape_of(model, "classifier.thresholds"), ordinal ? gr_shape1(3) : (gr_shape){0}));
                assert_true(is_shape(gr_value_shape(model->answer), gr_shape2(1, ordinal ? 4 : tasks[t].width)));
                assert_ptr_equal(model->answer, scores ? model->scores : model->probabilities);
                assert_true((model->scores != NULL) == scores && (model->logits != NULL) == !scores);
                assert_true((model->beta != NULL) == (h == 1));
                gr_model_destroy(model);
            }
}

/* One step of `model` in training; the values of loss, ce and prsc (NAN: none). */
static void run(const gr_model *model, double numbers[3], float *answer)
{
    const gr_value *scalars[] = {model->loss, model->ce, model->prsc}, *keep[4] = {model->answer};
    int count = 1;
    for (int i = 0; i < 3; i++)
        if (scalars[i] != NULL)
            keep[count++] = scalars[i];
    test_run r = test_compile(model->graph, model->loss, keep, count, BATCH, true);
    gr_shape image = gr_value_shape(model->image), row = gr_value_shape(model->answer);
    test_fill(gr_plan_data(r.plan, model->image), BATCH * gr_shape_elements(&image), 1, 1.0f);
    const gr_value *known = model->labels != NULL ? model->labels : model->targets;
    gr_shape truth = gr_value_shape(known);
    for (int64_t i = 0; i < BATCH * gr_shape_elements(&truth); i++) /* the second is not known */
        if (model->labels != NULL)
            ((int32_t *)gr_plan_data(r.plan, known))[i] = i == 1 ? -1 : (int32_t)(i % 4);
        else
            gr_plan_data(r.plan, known)[i] = i == 1 ? NAN : (float)(i % 5);
    gr_plan_forward(r.plan, 1, 0);
    for (int i = 0; i < 3; i++)
        numbers[i] = scalars[i] != NULL ? (double)gr_plan_data(r.plan, scalars[i])[0] : (double)NAN;
    memcpy(answer, gr_plan_data(r.plan, model->answer), (size_t)(BATCH * gr_shape_elements(&row)) * sizeof *answer);
    gr_plan_backward(r.plan);
    for (size_t i = 0; i < r.params->count; i++)
        assert_true(isfinite(r.params->gradients[i]));
    test_run_destroy(&r);
}

/* The loss from the answers: probabilities of the label, or errors. */
static double expected_loss(const gr_model *model, const char *name, const float *answer)
{
    gr_shape row = gr_value_shape(model->answer);
    int64_t columns = model->outputs, classes = row.dim[1] / columns;
    double sum = 0.0;
    for (int64_t i = 0; i < BATCH * columns; i++) {
        if (i == 1)
            continue;
        double d = (double)answer[i] - (double)(i % 5);
        sum += model->labels != NULL          ? -log((double)answer[i * classes + i % 4])
               : strcmp(name, "mse") == 0     ? d * d
               : strcmp(name, "mae") == 0     ? fabs(d)
               : fabs(d) <= 0.75              ? 0.5 * d * d
                                              : 0.75 * (fabs(d) - 0.375);
    }
    return sum / (double)(BATCH * columns - 1);
}

static void losses_are_of_what_is_known(void **state)
{
    (void)state;
    float answer[BATCH * 20];
    double got[3];
    for (int h = 0; h < 2; h++)
        for (int t = 0; t < TASKS; t++) {
            gr_error err = {0};
            gr_model_options options = options_of("blackmice_cnn", h == 0 ? "linear" : "painseeker", tasks[t].task);
            options.size = SIZE;
            options.outputs = tasks[t].outputs;
            gr_loss_options loss = {.name = tasks[t].loss, .huber_delta = 0.75, .prsc_lambda = h == 1 ? 0.5 : 0.0,
                                    .prsc_margin = 0.2, .prsc_top_k = 3};
            gr_model *model = make(&options);
            assert_int_equal(gr_model_add_loss(model, &loss, &err), GR_OK);
            assert_int_equal(model->labels == NULL, model->targets != NULL);
            run(model, got, answer);
            double want = expected_loss(model, tasks[t].loss, answer), prsc = h == 1 ? 0.5 * got[2] : 0.0;
            if (!(fabs(got[0] - want - prsc) <= 2e-6 * fabs(want)) || (h == 1 && !(got[2] > 0.01)))
                fail_msg("%s: loss %.9g, expected %.9g and %.9g of PRSC", model->task, got[0], want, prsc);
            assert_true(model->labels != NULL ? fabs(got[1] - want) <= 2e-6 * want : isnan(got[1]));
            assert_ptr_equal(model->test_loss, model->loss);
            gr_model_destroy(model);
        }
}

static void an_auxiliary_classifier_has_every_label(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_model_options options = options_of("inception_v3", "linear", NULL);
    options.size = 299;
    options.aux = true;
    options.outputs = 3;
    gr_model *model = make(&options);
    gr_loss_options loss = {0};
    assert_int_equal(gr_model_add_loss(model, &loss, &err), GR_OK);
    assert_true(is_shape(gr_value_shape(model->aux), gr_shape2(1, 12)));
    assert_true(is_shape(gr_value_shape(model->labels), gr_shape2(1, 3)));
    gr_model_destroy(model);
}

static void a_task_has_its_losses(void **state)
{
    (void)state;
    static const char *const names[][5] = {{"classes", "cross_entropy", NULL}, {"ordinal", "cumulative", NULL},
                                           {"scores", "mse", "mae", "huber", NULL}, {"landmarks", "mse", "wing", NULL},
                                           {"boxes", "focal", NULL}};
    for (int t = 0; t < 5; t++) {
        const char *const *losses = gr_task_losses(names[t][0]);
        for (int i = 0; names[t][i + 1] != NULL || losses[i] != NULL; i++)
            assert_string_equal(losses[i], names[t][i + 1]);
    }
    assert_null(gr_task_losses("rectangles"));
    static const struct {
        const char *head, *task, *loss, *sentence;
    } bad[] = {
        {"linear", NULL, "mse", "the loss mse does not fit the head; cross_entropy would be right"},
        {"landmarks", NULL, "cross_entropy", "the loss cross_entropy does not fit the head; mse or wing would be right"},
        {"landmarks", NULL, "mae", "the loss mae does not fit the head; mse or wing would be right"},
        {"mlp", "scores", "wing", "the loss wing does not fit the task scores; mse, mae or huber would be right"},
        {"linear", "ordinal", "cross_entropy", "the loss cross_entropy does not fit the task ordinal; cumulative would be right"},
        {"linear", "scores", "huber", "the delta of a Huber loss must be above 0"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gr_error err = {0};
        gr_model_options options = options_of("resnet18", bad[i].head, bad[i].task);
        gr_loss_options loss = {.name = bad[i].loss};
        gr_model *model = make(&options);
        assert_int_equal(gr_model_add_loss(model, &loss, &err), GR_INVALID);
        if (strstr(err.text, bad[i].sentence) == NULL)
            fail_msg("\"%s\" lacks \"%s\"", err.text, bad[i].sentence);
        gr_model_destroy(model);
    }
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *head, *task;
        int64_t outputs, classes;
        bool aux;
        const char *sentence;
    } bad[] = {
        {"landmarks", "scores", 0, 2, false, "the head landmarks does not fit the task scores; linear, painseeker or mlp"},
        {"mlp", "landmarks", 0, 2, false, "the head mlp does not fit the task landmarks; landmarks would be right"},
        {"linear", "scroes", 0, 2, false, "unknown task 'scroes'; did you mean 'scores'?"},
        {"linear", "ordinal", 2, 2, false, "the task ordinal learns one label column, got 2"},
        {"landmarks", NULL, 2, 2, false, "the task landmarks learns one label column, got 2"},
        {"linear", "scores", -1, 2, false, "the task scores learns at least 1 label column, got -1"},
        {"linear", "ordinal", 0, 1, false, "a classifier needs at least 2 classes, got 1"},
        {"linear", "scores", 0, 2, true, "no auxiliary classifier"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        gr_error err = {0};
        gr_model *model = NULL;
        gr_model_options options = options_of("inception_v3", bad[i].head, bad[i].task);
        options.outputs = bad[i].outputs;
        options.classes = bad[i].classes;
        options.aux = bad[i].aux;
        options.size = 299;
        assert_int_equal(gr_model_create(&options, &model, &err), GR_INVALID);
        if (strstr(err.text, bad[i].sentence) == NULL)
            fail_msg("\"%s\" lacks \"%s\"", err.text, bad[i].sentence);
    }
}

/* ---- weights of another ending ----------------------------------------------------------------------------------------------- */

static char said[1024];

static void hear(void *ctx, const char *sentence)
{
    (void)ctx;
    snprintf(said + strlen(said), sizeof said - strlen(said), "%s\n", sentence);
}

/* A classifier's weights in a network that ends otherwise: the backbone is taken, the last layer keeps its initial numbers. */
static void another_last_layer_is_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *task, *words[3];
    } cases[] = {
        {"scores",
         {"of another shape: classifier.weight ([1000, 128] in the file, [1, 128] in the model), classifier.bias", "", ""}},
        {"ordinal",
         {"of another shape: classifier.weight ([1000, 128] in the file, [1, 128] in the model)", "left out: classifier.bias",
          "not in the file: classifier.thresholds"}},
    };
    gr_error err = {0};
    for (int t = 0; t < 2; t++) {
        gr_model_options from = options_of("blackmice_cnn", "linear", NULL), to = options_of("blackmice_cnn", "linear", NULL);
        from.classes = 1000;
        to.task = cases[t].task;
        gr_model *models[] = {make(&from), make(&to)};
        gr_params *params[2];
        gr_weights *weights;
        for (int i = 0; i < 2; i++)
            assert_int_equal(gr_params_create(models[i]->graph, 5 + (uint64_t)i, false, &params[i], &err), GR_OK);
        assert_int_equal(gr_model_export(models[0], params[0], &weights, &err), GR_OK);
        said[0] = '\0';
        assert_int_equal(gr_model_import(models[1], params[1], weights, hear, NULL, &err), GR_OK);
        for (int i = 0; i < 3; i++)
            if (strstr(said, cases[t].words[i]) == NULL)
                fail_msg("%s lacks \"%s\"", said, cases[t].words[i]);
        gr_weights_destroy(weights);
        for (int i = 0; i < 2; i++) {
            gr_params_destroy(params[i]);
            gr_model_destroy(models[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_network_ends_in_its_task), cmocka_unit_test(losses_are_of_what_is_known),
        cmocka_unit_test(an_auxiliary_classifier_has_every_label), cmocka_unit_test(a_task_has_its_losses),
        cmocka_unit_test(what_does_not_fit_is_refused), cmocka_unit_test(another_last_layer_is_left_out),
    };
    return cmocka_run_group_tests_name("endings", tests, NULL, NULL);
}
