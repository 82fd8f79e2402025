/* ONNX files, read back by a small protobuf reader: what a graph holds, that every operator can be exported, and that a
 * failed export leaves nothing. That the graphs compute the right numbers is tests/peers/onnx.sh's to say. */
#include "support/support.h"
#include "formats/onnx.h"
#include "grimace/export.h"
#include "grimace/models.h"
#include "models/models.h"
#include "ops/ops.h"
#include "support/temp_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *path;

static int make_file(void **state)
{
    (void)state;
    path = test_file_make("m.onnx");
    return path == NULL;
}

/* ---- a reader of protobuf's wire -------------------------------------------------------------------------------------- */

typedef struct bytes {
    const unsigned char *at, *end;
} bytes;

typedef struct field {
    int number, kind;
    uint64_t value; /* kinds 0 and 5 */
    bytes content;  /* kind 2 */
} field;

static uint64_t take_varint(bytes *in)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        assert_true(in->at < in->end && shift < 64);
        value |= (uint64_t)(*in->at & 0x7f) << shift;
        if ((*in->at++ & 0x80) == 0)
            return value;
    }
}

/* The next field of a message; false at its end. Anything but a whole message fails the test. */
static bool take(bytes *in, field *out)
{
    if (in->at == in->end)
        return false;
    uint64_t key = take_varint(in);
    *out = (field){.number = (int)(key >> 3), .kind = (int)(key & 7)};
    if (out->kind == 0) {
        out->value = take_varint(in);
    } else if (out->kind == 5) {
        assert_true(in->end - in->at >= 4);
        uint32_t value;
        memcpy(&value, in->at, 4);
        out->value = value;
        in->at += 4;
    } else {
        assert_int_equal(out->kind, 2);
        uint64_t size = take_varint(in);
        assert_true(size <= (uint64_t)(in->end - in->at));
        out->content = (bytes){in->at, in->at + size};
        in->at += size;
    }
    return true;
}

/* Occurrence `index` of a field; false when there are fewer. */
static bool nth(bytes message, int number, int index, field *out)
{
    while (take(&message, out))
        if (out->number == number && index-- == 0)
            return true;
    return false;
}

static bool is_text(const field *f, const char *text)
{
    return (size_t)(f->content.end - f->content.at) == strlen(text) && memcmp(f->content.at, text, strlen(text)) == 0;
}

/* The graph's member (field number) whose text field `key` is `name`. */
static bool named(bytes graph, int number, int key, const char *name, field *out)
{
    field text;
    for (int i = 0; nth(graph, number, i, out); i++)
        if (nth(out->content, key, 0, &text) && is_text(&text, name))
            return true;
    return false;
}

static int count_of(bytes message, int number)
{
    field f;
    int count = 0;
    while (nth(message, number, count, &f))
        count++;
    return count;
}

/* ---- models ----------------------------------------------------------------------------------------------------------- */

typedef struct subject {
    gr_model *model;
    gr_params *params;
    gr_weights *weights;
    char *data;
    size_t size;
    bytes whole, graph;
} subject;

static void make_task(subject *s, const char *backbone, const char *head, const char *task, int64_t outputs)
{
    gr_error err = {0};
    static const int hidden[] = {8};
    gr_model_options options = {.backbone = backbone,
                                .head = head,
                                .task = task,
                                .outputs = outputs,
                                .size = 96,
                                .channels = 3,
                                .classes = 3,
                                .landmarks = 5,
                                .filters = 4,
                                .block = "hybrid",
                                .mlp = {.hidden = hidden, .hidden_count = 1, .dropout = 0.5}};
    *s = (subject){0};
    if (gr_model_create(&options, &s->model, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_params_create(s->model->graph, 1, false, &s->params, &err), GR_OK);
    assert_int_equal(gr_model_export(s->model, s->params, &s->weights, &err), GR_OK);
}

static void make_model(subject *s, const char *backbone, const char *head)
{
    make_task(s, backbone, head, NULL, 1);
}

static void write_model(subject *s, int copies)
{
    gr_error err = {0};
    field f;
    gr_onnx *onnx = gr_onnx_create();
    const gr_weights *weights[2] = {s->weights, s->weights};
    gr_onnx_note(onnx, "classes", "[\"a\", \"b\"]");
    if (gr_model_onnx(s->model, weights, NULL, copies, onnx, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_int_equal(gr_onnx_write(onnx, path, "1.2.3", &err), GR_OK);
    gr_onnx_destroy(onnx);
    assert_int_equal(gr_file_read(path, (size_t)1 << 30, &s->data, &s->size, &err), GR_OK);
    s->whole = (bytes){(unsigned char *)s->data, (unsigned char *)s->data + s->size};
    assert_int_equal(count_of(s->whole, 7), 1);
    nth(s->whole, 7, 0, &f);
    s->graph = f.content;
}

static void drop_model(subject *s)
{
    gr_free(s->data);
    gr_weights_destroy(s->weights);
    gr_params_destroy(s->params);
    gr_model_destroy(s->model);
}

/* Every value that a node or an output reads is an input, a constant or made by an earlier node. */
static void check_order(bytes graph)
{
    field node, text, other, input;
    assert_true(nth(graph, 11, 0, &input) && nth(input.content, 1, 0, &text) && is_text(&text, "image"));
    for (int i = 0; nth(graph, 1, i, &node); i++)
        for (int k = 0; nth(node.content, 1, k, &text); k++) {
            char name[256];
            snprintf(name, sizeof name, "%.*s", (int)(text.content.end - text.content.at), (const char *)text.content.at);
            bool found = strcmp(name, "image") == 0 || name[0] == '\0' || /* an input that is left out */
                         named(graph, 5, 8, name, &other);
            for (int e = 0; !found && e < i && nth(graph, 1, e, &other); e++)
                for (int o = 0; !found && nth(other.content, 2, o, &text); o++)
                    found = is_text(&text, name);
            if (!found)
                fail_msg("node %d reads %s, which nothing before it makes", i, name);
        }
    for (int i = 0; nth(graph, 12, i, &node); i++) {
        char name[256];
        assert_true(nth(node.content, 1, 0, &text));
        snprintf(name, sizeof name, "%.*s", (int)(text.content.end - text.content.at), (const char *)text.content.at);
        assert_true(named(graph, 1, 2, name, &other));
    }
}

static void a_graph_holds_what_the_model_does(void **state)
{
    (void)state;
    subject s;
    field f, part;
    make_model(&s, "resnet18", "painseeker");
    write_model(&s, 1);
    assert_true(nth(s.whole, 1, 0, &f) && f.value == 8);                                    /* ir_version */
    assert_true(nth(s.whole, 3, 0, &f) && is_text(&f, "1.2.3"));                            /* producer_version */
    assert_true(nth(s.whole, 8, 0, &f) && nth(f.content, 2, 0, &part) && part.value == 17); /* opset */
    assert_true(nth(s.whole, 14, 0, &f) && nth(f.content, 1, 0, &part) && is_text(&part, "classes"));
    assert_true(nth(f.content, 2, 0, &part) && is_text(&part, "[\"a\", \"b\"]"));
    check_order(s.graph);
    assert_int_equal(count_of(s.graph, 12), 2);
    assert_true(named(s.graph, 12, 1, "probabilities", &f));
    assert_true(named(s.graph, 12, 1, "beta", &f));
    /* the stem: a Conv of stride 2 with its weights in PyTorch's layout */
    assert_true(named(s.graph, 1, 3, "backbone.conv1", &f));
    assert_true(nth(f.content, 4, 0, &part) && is_text(&part, "Conv"));
    field attribute;
    assert_true(named(f.content, 5, 1, "strides", &attribute));
    for (int i = 0; i < 2; i++)
        assert_true(nth(attribute.content, 8, i, &part) && part.value == 2);
    assert_true(named(s.graph, 5, 8, "backbone.conv1.weight", &f));
    static const uint64_t dims[4] = {64, 3, 7, 7};
    for (int i = 0; i < 4; i++)
        assert_true(nth(f.content, 1, i, &part) && part.value == dims[i]);
    const gr_tensor *tensor = gr_weights_find(s.weights, "backbone.conv1.weight");
    assert_true(nth(f.content, 9, 0, &part) && part.content.end - part.content.at == 64 * 3 * 49 * 4);
    assert_memory_equal(part.content.at, tensor->data, 64 * 3 * 49 * 4);
    drop_model(&s);
}

static void several_models_are_averaged(void **state)
{
    (void)state;
    subject s;
    field f, part;
    make_model(&s, "blackmice_cnn", "linear");
    write_model(&s, 2);
    check_order(s.graph);
    assert_true(named(s.graph, 1, 3, "probabilities", &f));
    assert_true(nth(f.content, 4, 0, &part) && is_text(&part, "Mean"));
    assert_int_equal(count_of(f.content, 1), 2);
    assert_true(named(s.graph, 5, 8, "model2/classifier.weight", &f));
    drop_model(&s);
}

static void every_backbone_and_head_is_exported(void **state)
{
    (void)state;
    subject s;
    field f;
    for (int h = 0; gr_head_names()[h] != NULL; h++) {
        make_model(&s, "resnet18", gr_head_names()[h]);
        write_model(&s, 1);
        check_order(s.graph);
        assert_true(named(s.graph, 12, 1, s.model->maps != NULL          ? "maps"
                                                  : s.model->coordinates != NULL ? "coordinates"
                                                                                 : "probabilities", &f));
        drop_model(&s);
    }
}

static void every_task_has_its_output(void **state)
{
    (void)state;
    static const struct {
        const char *task;
        int64_t outputs;
        const char *output;
    } tasks[] = {{"classes", 4, "probabilities"}, {"ordinal", 1, "probabilities"}, {"scores", 3, "scores"}};
    subject s;
    field f;
    for (size_t t = 0; t < sizeof tasks / sizeof tasks[0]; t++)
        for (int copies = 1; copies <= 2; copies++) {
            make_task(&s, "blackmice_cnn", "painseeker", tasks[t].task, tasks[t].outputs);
            write_model(&s, copies);
            check_order(s.graph);
            assert_int_equal(count_of(s.graph, 12), 2);
            assert_true(named(s.graph, 12, 1, tasks[t].output, &f) && named(s.graph, 12, 1, "beta", &f));
            drop_model(&s);
        }
}

/* Losses alone have no form in ONNX: a new operator without one fails here. */
static void every_operator_has_a_form(void **state)
{
    (void)state;
    static const char *const losses[] = {"cross_entropy", "prsc", "weighted_sum", "value_loss", "box_loss"};
    for (int t = 0; gr_op_types[t] != NULL; t++) {
        bool loss = false;
        for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
            loss = loss || strcmp(gr_op_types[t]->name, losses[i]) == 0;
        if (loss == (gr_op_types[t]->onnx != NULL))
            fail_msg("operator %s %s", gr_op_types[t]->name, loss ? "is a loss with a form in ONNX" : "has no form in ONNX");
    }
}

static void the_same_model_gives_the_same_bytes(void **state)
{
    (void)state;
    subject a, b;
    make_model(&a, "blackmice_cnn", "painseeker");
    make_model(&b, "blackmice_cnn", "painseeker");
    write_model(&a, 1);
    write_model(&b, 1);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, a.size);
    drop_model(&a);
    drop_model(&b);
}

static void what_cannot_be_written_is_said(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_onnx *onnx = gr_onnx_create();
    gr_onnx_node1(onnx, "Relu", "y", "x");
    assert_int_equal(gr_onnx_write(onnx, "/nonexistent/m.onnx", "1", &err), GR_INVALID);
    assert_non_null(strstr(err.text, "/nonexistent"));
    gr_onnx_destroy(onnx);
    err = (gr_error){0};
    onnx = gr_onnx_create();
    unlink(path);
    gr_onnx_matrix(onnx, "m", NULL, 3, 3);
    assert_int_equal(gr_onnx_write(onnx, path, "1", &err), GR_NOMEM);
    assert_int_not_equal(access(path, F_OK), 0);
    gr_onnx_destroy(onnx);
}

static void pytorch_gets_torchvisions_names(void **state)
{
    (void)state;
    static const struct {
        const char *head, *there, *gone;
    } cases[] = {{"linear", "fc.weight", "classifier.weight"}, {"painseeker", "classifier.weight", "fc.weight"}};
    for (int i = 0; i < 2; i++) {
        subject s;
        gr_error err = {0};
        gr_weights *weights;
        gr_model_options options = {.backbone = "resnet18", .head = cases[i].head};
        make_model(&s, "resnet18", cases[i].head);
        assert_int_equal(gr_weights_for_pytorch(&options, s.weights, &weights, &err), GR_OK);
        assert_non_null(gr_weights_find(weights, cases[i].there));
        assert_null(gr_weights_find(weights, cases[i].gone));
        const gr_tensor *counter = gr_weights_find(weights, "layer1.0.bn1.num_batches_tracked");
        assert_non_null(counter);
        assert_int_equal(counter->shape.rank, 0);
        assert_int_equal(counter->type, GR_I64);
        gr_weights_destroy(weights);
        drop_model(&s);
    }
}

static void formats_have_names(void **state)
{
    (void)state;
    gr_error err = {0};
    assert_int_equal(gr_export_check_format("onnx", &err), GR_OK);
    assert_int_equal(gr_export_check_format("tflite", &err), GR_INVALID);
    assert_string_equal(err.text, "the format \"tflite\" is not known; safetensors, onnx, keras, libsvm or opencv would be right");
    char *summary;
    err = (gr_error){0};
    assert_int_equal(gr_export("/nonexistent/model", "onnx", path, &summary, &err), GR_INVALID);
    assert_null(summary);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_graph_holds_what_the_model_does),   cmocka_unit_test(several_models_are_averaged),
        cmocka_unit_test(every_backbone_and_head_is_exported), cmocka_unit_test(every_operator_has_a_form),
        cmocka_unit_test(the_same_model_gives_the_same_bytes), cmocka_unit_test(what_cannot_be_written_is_said),
        cmocka_unit_test(pytorch_gets_torchvisions_names),     cmocka_unit_test(formats_have_names),
        cmocka_unit_test(every_task_has_its_output),
    };
    return cmocka_run_group_tests_name("onnx", tests, make_file, test_file_remove);
}
