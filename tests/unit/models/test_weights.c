/* From a file's names to a model's parameters: what may stand in front of them, which of two sets is taken, and what is said. */
#include "support/support.h"
#include "grimace/models.h"
#include "grimace/plan.h"
#include "grimace/weights.h"
#include "models/models.h"

#include <stdio.h>
#include <string.h>

/* What import said, a line each. */
static gr_text said;

static void hear(void *ctx, const char *sentence)
{
    (void)ctx;
    gr_text_printf(&said, "%s\n", sentence);
}

static bool heard(const char *words)
{
    return said.data != NULL && strstr(said.data, words) != NULL;
}

typedef struct network {
    const char *backbone;
    gr_model *model;
    struct gr_params *params;
} network;

static network make(const char *backbone, int channels, uint64_t seed)
{
    network n = {.backbone = backbone};
    gr_error err = {0};
    gr_model_options options = {.backbone = backbone, .head = "linear", .size = 32, .channels = channels, .classes = 3};
    if (strcmp(backbone, "mobilenet_v3_small") == 0)
        options.width = 0.1;
    if (gr_model_create(&options, &n.model, &err) != GR_OK ||
        gr_params_create(n.model->graph, seed, true, &n.params, &err) != GR_OK)
        fail_msg("%s", err.text);
    return n;
}

static void destroy(network *n)
{
    gr_params_destroy(n->params);
    gr_model_destroy(n->model);
}

/* The network's tensors in torchvision's names. */
static gr_weights *torchvision(const network *n)
{
    gr_weights *ours, *theirs = NULL;
    gr_error err = {0};
    gr_model_options options = {.backbone = n->backbone, .head = "linear"};
    if (gr_model_export(n->model, n->params, &ours, &err) != GR_OK ||
        gr_weights_for_pytorch(&options, ours, &theirs, &err) != GR_OK)
        fail_msg("%s", err.text);
    gr_weights_destroy(ours);
    return theirs;
}

/* Adds a network's tensors to a file, under names of this form (with one %s); `backbone_only`: without the classifier. */
static void put(gr_weights *file, const network *n, const char *form, bool backbone_only)
{
    gr_weights *from = torchvision(n);
    gr_error err = {0};
    for (int i = 0; i < gr_weights_count(from); i++) {
        const char *percent = strstr(form, "%s");
        char name[300];
        if (backbone_only && gr_starts_with(gr_weights_name(from, i), "classifier."))
            continue;
        snprintf(name, sizeof name, "%.*s%s%s", (int)(percent - form), form, gr_weights_name(from, i), percent + 2);
        assert_int_equal(gr_weights_take(file, name, gr_weights_at(from, i), &err), GR_OK);
    }
    gr_weights_destroy(from);
}

static void put_scalar(gr_weights *file, const char *name)
{
    gr_error err = {0};
    const gr_shape scalar = {0};
    assert_int_equal(gr_weights_add(file, name, GR_I64, &scalar, &(int64_t){7}, &err), GR_OK);
}

static gr_status import(network *to, const gr_weights *file, gr_error *err)
{
    gr_text_free(&said);
    return gr_model_import(to->model, to->params, file, hear, NULL, err);
}

static bool same_numbers(const network *a, const network *b)
{
    for (int i = 0; i < gr_graph_parameter_count(a->model->graph); i++) {
        const gr_parameter *p = gr_graph_parameter(a->model->graph, i);
        if (memcmp(a->params->values + p->offset, b->params->values + p->offset, p->count * sizeof(float)) != 0)
            return false;
    }
    return true;
}

/* "denselayer1.norm.1.weight", as the files have it that torchvision publishes. */
static void densenets_published_names_are_read(void **state)
{
    (void)state;
    network from = make("densenet121", 3, 1), to = make("densenet121", 3, 2);
    gr_weights *file = gr_weights_create(), *names = torchvision(&from);
    gr_error err = {0};
    int dotted = 0;
    for (int i = 0; i < gr_weights_count(names); i++) {
        char name[300];
        snprintf(name, sizeof name, "%s", gr_weights_name(names, i));
        char *layer = strstr(name, "denselayer"), *digit = layer != NULL ? strpbrk(strchr(layer, '.') + 1, "12") : NULL;
        if (digit != NULL) {
            memmove(digit + 1, digit, strlen(digit) + 1);
            *digit = '.';
            dotted++;
        }
        assert_int_equal(gr_weights_take(file, name, gr_weights_at(names, i), &err), GR_OK);
    }
    assert_int_equal(dotted, 58 * 12); /* two convolutions and two batch norms of five tensors in 58 layers */
    assert_int_equal(import(&to, file, &err), GR_OK);
    assert_true(heard("loaded: 606 of the model's 606 tensors") && same_numbers(&from, &to));
    gr_weights_destroy(names);
    gr_weights_destroy(file);
    destroy(&from);
    destroy(&to);
}

static void a_plain_file_is_loaded_in_one_sentence(void **state)
{
    (void)state;
    network from = make("mobilenet_v3_small", 3, 1), to = make("mobilenet_v3_small", 3, 2);
    gr_weights *file = gr_weights_create();
    gr_error err = {0};
    put(file, &from, "%s", false);
    assert_int_equal(import(&to, file, &err), GR_OK);
    assert_true(same_numbers(&from, &to));
    assert_string_equal(said.data, "loaded: 200 of the model's 200 tensors\n");
    gr_weights_destroy(file);
    destroy(&from);
    destroy(&to);
}

static void any_prefix_is_taken_off(void **state)
{
    (void)state;
    static const struct {
        const char *form, *sentence; /* without its end */
    } cases[] = {
        {"module.%s", "\"module.\" in the file's names is passed over"},
        {"model.%s", "\"model.\" in front of the file's names is taken off"},
        {"net.%s", "\"net.\" in front"},
        {"encoder.%s", "\"encoder.\" in front"},
        {"_orig_mod.%s", "\"_orig_mod.\" in the file's names"},
        {"_orig_mod.module.%s", "\"_orig_mod.\" in the file's names"},
        {"model.module.%s", "\"model.\" in front"},
        {"state_dict.model.net.%s", "\"state_dict.model.net.\" in front"},
        {"my own wörds.%s", "\"my own wörds.\" in front"},
        {"backbone.%s", "\"backbone.\" in front"},
    };
    network from = make("mobilenet_v3_small", 3, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        network to = make("mobilenet_v3_small", 3, 2);
        gr_weights *file = gr_weights_create();
        gr_error err = {0};
        put(file, &from, cases[i].form, false);
        put_scalar(file, "n_averaged");
        if (import(&to, file, &err) != GR_OK || !same_numbers(&from, &to) || !heard(cases[i].sentence))
            fail_msg("%s: %s %s", cases[i].form, err.text, said.data);
        assert_false(heard("left out"));
        gr_weights_destroy(file);
        destroy(&to);
    }
    destroy(&from);
}

/* torch.compile of a part, and DataParallel of features alone, as PyTorch's ImageNet example has it. */
static void a_wrapper_may_stand_within_names(void **state)
{
    (void)state;
    network from = make("mobilenet_v3_small", 3, 1), to = make("mobilenet_v3_small", 3, 2);
    gr_weights *plain = torchvision(&from), *file = gr_weights_create();
    gr_error err = {0};
    for (int i = 0; i < gr_weights_count(plain); i++) {
        char name[300];
        const char *rest = gr_weights_name(plain, i);
        bool features = gr_starts_with(rest, "features.");
        snprintf(name, sizeof name, "%s%s", features ? "features.module." : "", rest + (features ? 9 : 0));
        assert_int_equal(gr_weights_take(file, name, gr_weights_at(plain, i), &err), GR_OK);
    }
    assert_int_equal(import(&to, file, &err), GR_OK);
    assert_true(same_numbers(&from, &to));
    assert_true(heard("\"module.\" in the file's names is passed over\nloaded: 200 of"));
    gr_weights_destroy(plain);
    gr_weights_destroy(file);
    destroy(&from);
    destroy(&to);
}

static void of_two_sets_the_average_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *taken, *other, *sentence;
    } cases[] = {
        {"teacher.%s", "student.%s", "with teacher. and with student. in front of the names: the first is taken"},
        {"teacher.%s", "model.%s", "with teacher. and with model. in front"},
        {"teacher.backbone.%s", "student.module.backbone.%s", "with teacher.backbone. and with student.backbone. in front"},
        {"model_ema.module.%s", "model.%s", "with model_ema. and with model. in front"},
        {"state_dict_ema.%s", "state_dict.%s", "with state_dict_ema. and with state_dict. in front"},
        {"ema_model.%s", "online_model.%s", "with ema_model. and with online_model. in front"},
        {"encoder_q.%s", "encoder_k.%s", "with encoder_q. and with encoder_k. in front"},
        {"online_encoder.%s", "target_encoder.%s", "with online_encoder. and with target_encoder. in front"},
        {"base_encoder.%s", "momentum_encoder.%s", "with base_encoder. and with momentum_encoder. in front"},
        {"ema.%s", "%s", "with ema. and with nothing in front"},
        {"%s", "copy.%s", "with nothing and with copy. in front"},
    };
    network from = make("mobilenet_v3_small", 3, 1), wrong = make("mobilenet_v3_small", 3, 3);
    for (size_t i = 0; i < 2 * (sizeof cases / sizeof *cases); i++) {
        network to = make("mobilenet_v3_small", 3, 2);
        gr_weights *file = gr_weights_create();
        gr_error err = {0};
        bool first = i % 2 == 0; /* in both orders */
        put(file, first ? &from : &wrong, first ? cases[i / 2].taken : cases[i / 2].other, false);
        put(file, first ? &wrong : &from, first ? cases[i / 2].other : cases[i / 2].taken, false);
        if (import(&to, file, &err) != GR_OK || !same_numbers(&from, &to) || !heard(cases[i / 2].sentence))
            fail_msg("%s: %s %s", cases[i / 2].taken, err.text, said.data);
        assert_false(heard("left out"));
        gr_weights_destroy(file);
        destroy(&to);
    }
    destroy(&from);
    destroy(&wrong);
}

/* The teacher's heads are of another kind than the student's, and what else is there is said. */
static void what_is_left_and_missing_is_said(void **state)
{
    (void)state;
    network from = make("mobilenet_v3_small", 3, 1), wrong = make("mobilenet_v3_small", 3, 3),
            to = make("mobilenet_v3_small", 3, 2);
    gr_weights *file = gr_weights_create();
    gr_error err = {0};
    put(file, &wrong, "student.%s", false);
    put(file, &from, "teacher.%s", true);
    put_scalar(file, "dino_loss.center");
    assert_int_equal(import(&to, file, &err), GR_OK);
    assert_true(heard("left out: dino_loss.center, which the model does not have\n"));
    assert_true(
        heard("not in the file: backbone.classifier.0.weight, backbone.classifier.0.bias, classifier.weight, classifier.bias"));
    assert_true(heard("loaded: 196 of the model's 200 tensors"));
    gr_weights_destroy(file);
    destroy(&from);
    destroy(&wrong);
    destroy(&to);
}

static void expect_refusal(network *to, const gr_weights *file, const char *sentence)
{
    gr_error err = {0};
    assert_int_equal(import(to, file, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL || strchr(err.text, '\n') != NULL)
        fail_msg("%s", err.text);
    assert_true(said.data == NULL);
}

static void what_cannot_be_told_is_refused(void **state)
{
    (void)state;
    network from = make("mobilenet_v3_small", 3, 1), to = make("mobilenet_v3_small", 3, 2), other = make("shufflenet_v2", 3, 2);
    gr_weights *two = gr_weights_create(), *one = gr_weights_create();
    put(two, &from, "left.%s", false);
    put(two, &from, "right.%s", false);
    expect_refusal(&to, two,
                   "holds two sets of weights that fit the model, with \"left.\" and \"right.\" in front of their names; a file of "
                   "one of them would be right");
    put(one, &from, "left.%s", false);
    expect_refusal(&other, one,
                   "none of its 232 tensors fits the model, whose first parameter is backbone.conv1.0.weight; the file's "
                   "first are left.features.0.0.weight, left.features.0.1.weight, ");
    gr_weights_destroy(two);
    gr_weights_destroy(one);
    destroy(&from);
    destroy(&to);
    destroy(&other);
}

/* A block of one network has names like another's stem: "layer1.0.conv1.weight" and "conv1.weight". */
static void a_few_names_alike_are_no_prefix(void **state)
{
    (void)state;
    network to = make("blackmice_cnn", 3, 1);
    gr_weights *file = gr_weights_create();
    gr_error err = {0};
    const gr_parameter *first = gr_graph_parameter(to.model->graph, 0);
    const int64_t *d = first->shape.dim;
    gr_shape shape = gr_shape4(d[3], d[2], d[0], d[1]);
    float *numbers = gr_alloc((size_t)gr_shape_elements(&shape), sizeof *numbers);
    for (int i = 0; i < 8; i++) {
        char name[100];
        snprintf(name, sizeof name, "stage.block.%s", first->name + strlen("backbone."));
        if (i > 0)
            snprintf(name, sizeof name, "stage.block.other%d.weight", i);
        assert_int_equal(gr_weights_add(file, name, GR_F32, &shape, numbers, &err), GR_OK);
    }
    expect_refusal(&to, file, "none of its 8 tensors fits the model");
    gr_free(numbers);
    gr_weights_destroy(file);
    destroy(&to);
}

static void frozen_and_not_loaded_is_refused(void **state)
{
    (void)state;
    network from = make("mobilenet_v3_small", 3, 1), to = make("mobilenet_v3_small", 3, 2);
    gr_weights *whole = torchvision(&from), *file = gr_weights_create(), *reshaped = gr_weights_create();
    gr_error err = {0};
    assert_true(gr_graph_freeze(to.model->graph, "backbone") > 0);
    for (int i = 0; i < gr_weights_count(whole); i++) {
        const char *name = gr_weights_name(whole, i);
        const gr_tensor *t = gr_weights_at(whole, i);
        gr_shape shape = strcmp(name, "features.0.0.weight") == 0 ? gr_shape4(4, 3, 3, 3) : t->shape;
        if (strcmp(name, "features.4.block.1.1.running_var") != 0)
            assert_int_equal(gr_weights_add(file, name, t->type, &t->shape, t->data, &err), GR_OK);
        assert_int_equal(gr_weights_add(reshaped, name, t->type, &shape, t->data, &err), GR_OK);
    }
    expect_refusal(&to, file,
                   "backbone.features.4.block.1.1.running_var is frozen (model.freeze), but is not in the file: it would "
                   "keep its random initial numbers");
    expect_refusal(
        &to, reshaped,
        "backbone.features.0.0.weight is frozen (model.freeze), but is [4, 3, 3, 3] in the file and [8, 3, 3, 3] in the model");
    assert_int_equal(import(&to, whole, &err), GR_OK);
    gr_weights_destroy(whole);
    gr_weights_destroy(file);
    gr_weights_destroy(reshaped);
    destroy(&from);
    destroy(&to);
}

static void three_colours_are_summed_for_one_channel(void **state)
{
    (void)state;
    network from = make("mobilenet_v3_small", 3, 1), to = make("mobilenet_v3_small", 1, 2);
    gr_weights *file = torchvision(&from), *after;
    gr_error err = {0};
    assert_true(gr_graph_freeze(to.model->graph, "backbone") > 0);
    assert_int_equal(import(&to, file, &err), GR_OK);
    assert_true(
        heard("features.0.0.weight: its kernels for three colours are summed for the one channel of the images\nloaded: 200 of"));
    assert_int_equal(gr_model_export(to.model, to.params, &after, &err), GR_OK);
    const float *three = gr_weights_find(file, "features.0.0.weight")->data;
    const float *one = gr_weights_find(after, "backbone.features.0.0.weight")->data;
    for (int o = 0; o < 8; o++)
        for (int t = 0; t < 9; t++)
            assert_true(one[o * 9 + t] ==
                        (float)((double)three[o * 27 + t] + (double)three[o * 27 + 9 + t] + (double)three[o * 27 + 18 + t]));
    gr_weights_destroy(file);
    gr_weights_destroy(after);
    destroy(&from);
    destroy(&to);
}

/* Element [o, i, y, x] of a file is [y, x, i, o] of the network, channels that fill no line included. */
static void convolutions_are_turned(void **state)
{
    (void)state;
    network n = make("mobilenet_v3_small", 3, 1);
    gr_weights *file;
    gr_error err = {0};
    int seen = 0;
    assert_int_equal(gr_model_export(n.model, n.params, &file, &err), GR_OK);
    for (int p = 0; p < gr_graph_parameter_count(n.model->graph); p++) {
        const gr_parameter *param = gr_graph_parameter(n.model->graph, p);
        if (param->layout != GR_LAYOUT_CONV)
            continue;
        const float *theirs = gr_weights_find(file, param->name)->data, *ours = n.params->values + param->offset;
        int64_t taps = param->shape.dim[0] * param->shape.dim[1], c = param->shape.dim[2], oc = param->shape.dim[3];
        for (int64_t o = 0; o < oc; o++)
            for (int64_t i = 0; i < c * taps; i++)
                assert_true(theirs[o * c * taps + i] == ours[(i % taps * c + i / taps) * oc + o]);
        seen |= (taps > 1 && c > 1 ? 1 : 0) | (oc > 16 && oc % 16 != 0 ? 2 : 0) | (oc < 16 ? 4 : 0);
    }
    assert_int_equal(seen, 7);
    gr_weights_destroy(file);
    destroy(&n);
}

/* Copies a file without its tensor `without`, or with one of the same name and no dimension in its place. */
static gr_weights *copy_but(const gr_weights *file, const char *without, bool scalar)
{
    gr_weights *copy = gr_weights_create();
    gr_error err = {0};
    for (int i = 0; i < gr_weights_count(file); i++) {
        const gr_tensor *t = gr_weights_at(file, i);
        if (strcmp(gr_weights_name(file, i), without) != 0)
            assert_int_equal(gr_weights_add(copy, gr_weights_name(file, i), t->type, &t->shape, t->data, &err), GR_OK);
        else if (scalar)
            put_scalar(copy, without);
    }
    return copy;
}

static void a_model_file_must_be_whole(void **state)
{
    (void)state;
    network n = make("mobilenet_v3_small", 3, 1);
    gr_weights *ours, *theirs = torchvision(&n);
    gr_error err = {0};
    gr_model_options options = {.backbone = n.backbone, .head = "linear"};
    assert_int_equal(gr_model_export(n.model, n.params, &ours, &err), GR_OK);
    assert_int_equal(gr_model_check_whole(n.model, &options, ours, &err), GR_OK);
    assert_int_equal(gr_model_check_whole(n.model, &options, theirs, &err), GR_OK);
    const struct {
        const gr_weights *file;
        const char *name, *sentence;
    } wrong[] = {
        {ours, "classifier.bias", "has no tensor classifier.bias of shape [3], which its architecture needs"},
        {theirs, "features.1.block.0.1.running_var",
         "has no tensor features.1.block.0.1.running_var of shape [8], which its architecture needs"},
        {theirs, "features.1.block.0.1.num_batches_tracked",
         "has no tensor features.1.block.0.1.num_batches_tracked of shape [], which its architecture needs"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        for (int scalar = 0; scalar < (gr_ends_with(wrong[i].name, "tracked") ? 1 : 2); scalar++) {
            gr_weights *copy = copy_but(wrong[i].file, wrong[i].name, scalar);
            err = (gr_error){0};
            assert_int_equal(gr_model_check_whole(n.model, &options, copy, &err), GR_INVALID);
            assert_string_equal(err.text, wrong[i].sentence);
            gr_weights_destroy(copy);
        }
    }
    gr_weights_destroy(ours);
    gr_weights_destroy(theirs);
    destroy(&n);
}

static int tear_down(void **state)
{
    (void)state;
    gr_text_free(&said);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_file_is_loaded_in_one_sentence),
        cmocka_unit_test(densenets_published_names_are_read),   cmocka_unit_test(any_prefix_is_taken_off),
        cmocka_unit_test(a_wrapper_may_stand_within_names),         cmocka_unit_test(of_two_sets_the_average_is_taken),
        cmocka_unit_test(what_is_left_and_missing_is_said),         cmocka_unit_test(what_cannot_be_told_is_refused),
        cmocka_unit_test(a_few_names_alike_are_no_prefix),          cmocka_unit_test(frozen_and_not_loaded_is_refused),
        cmocka_unit_test(three_colours_are_summed_for_one_channel),
        cmocka_unit_test(convolutions_are_turned),                  cmocka_unit_test(a_model_file_must_be_whole),
    };
    return cmocka_run_group_tests(tests, NULL, tear_down);
}
