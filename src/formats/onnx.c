/* ONNX in protobuf's wire encoding: a field is a varint (number << 3 | kind), then a varint (kind 0), four bytes (kind 5), or
 * a length and so many bytes (kind 2: text, raw data, messages, packed numbers). Field numbers are onnx.proto's. */
#include "formats/onnx.h"

#include <string.h>

enum { VARINT = 0, BYTES = 2, FIXED32 = 5 };
enum { TENSOR_FLOAT = 1, TENSOR_INT64 = 7, ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2, ATTRIBUTE_STRING = 3, ATTRIBUTE_INTS = 7 };
enum { IR_VERSION = 8 }; /* of ONNX 1.12, which brought opset 17 */
static const uint64_t FILE_LIMIT = 2147483647u;

struct gr_onnx {
    gr_arena *arena;
    const char *prefix, *input;
    bool failed;
    gr_text node;                     /* the one being built */
    gr_text nodes, constants, values; /* fields of GraphProto, in pieces */
    gr_text notes;                    /* fields of ModelProto */
    struct weight {
        const char *name;
        const gr_tensor *tensor; /* borrowed */
    } *weights;
    int weight_count;
};

/* ---- the wire -------------------------------------------------------------------------------------------------------------- */

static void put_varint(gr_text *out, uint64_t value)
{
    unsigned char bytes[10];
    size_t size = 0;
    do {
        bytes[size++] = (unsigned char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
    gr_text_add(out, bytes, size);
}

static void put_number(gr_text *out, int field, int64_t value)
{
    put_varint(out, (uint64_t)field << 3 | VARINT);
    put_varint(out, (uint64_t)value);
}

static void put_bytes(gr_text *out, int field, const void *bytes, size_t size)
{
    put_varint(out, (uint64_t)field << 3 | BYTES);
    put_varint(out, size);
    gr_text_add(out, bytes, size);
}

static void put_text(gr_text *out, int field, const char *text)
{
    put_bytes(out, field, text, strlen(text));
}

static void put_float(gr_text *out, int field, float value)
{
    put_varint(out, (uint64_t)field << 3 | FIXED32);
    gr_text_add(out, &value, sizeof value);
}

/* `message` as a field of `out`; it is emptied. */
static void put_message(gr_text *out, int field, gr_text *message)
{
    put_bytes(out, field, message->data, message->size);
    out->failed = out->failed || message->failed;
    gr_text_free(message);
}

/* ---- a model's life -------------------------------------------------------------------------------------------------------- */

gr_onnx *gr_onnx_create(void)
{
    gr_onnx *onnx = gr_alloc(1, sizeof *onnx);
    if (onnx == NULL)
        return NULL;
    onnx->prefix = onnx->input = "";
    onnx->arena = gr_arena_create();
    if (onnx->arena == NULL) {
        gr_free(onnx);
        return NULL;
    }
    return onnx;
}

void gr_onnx_destroy(gr_onnx *onnx)
{
    if (onnx == NULL)
        return;
    gr_text *const buffers[] = {&onnx->node, &onnx->nodes, &onnx->constants, &onnx->values, &onnx->notes};
    for (size_t i = 0; i < sizeof buffers / sizeof buffers[0]; i++)
        gr_text_free(buffers[i]);
    gr_arena_destroy(onnx->arena);
    gr_free(onnx->weights);
    gr_free(onnx);
}

void gr_onnx_prefix(gr_onnx *onnx, const char *prefix)
{
    onnx->prefix = prefix;
}

static const char *kept(gr_onnx *onnx, const char *text)
{
    onnx->failed = onnx->failed || text == NULL;
    return text != NULL ? text : "";
}

const char *gr_onnx_name(gr_onnx *onnx, const char *base, const char *suffix)
{
    return kept(onnx, gr_arena_printf(onnx->arena, "%s.%s", base, suffix));
}

/* What a name is called in the file. */
static const char *full(gr_onnx *onnx, const char *name)
{
    if (onnx->prefix[0] == '\0' || strcmp(name, onnx->input) == 0)
        return name;
    return kept(onnx, gr_arena_printf(onnx->arena, "%s%s", onnx->prefix, name));
}

/* ---- nodes ------------------------------------------------------------------------------------------------------------------- */

static void end_node(gr_onnx *onnx)
{
    if (onnx->node.size > 0)
        put_message(&onnx->nodes, 1, &onnx->node);
}

void gr_onnx_node(gr_onnx *onnx, const char *type, const char *output)
{
    end_node(onnx);
    put_text(&onnx->node, 2, full(onnx, output));
    put_text(&onnx->node, 3, full(onnx, output));
    put_text(&onnx->node, 4, type);
}

void gr_onnx_reads(gr_onnx *onnx, const char *input)
{
    put_text(&onnx->node, 1, full(onnx, input));
}

void gr_onnx_makes(gr_onnx *onnx, const char *output)
{
    put_text(&onnx->node, 2, full(onnx, output));
}

void gr_onnx_int(gr_onnx *onnx, const char *name, int64_t value)
{
    gr_text attribute = {0};
    put_text(&attribute, 1, name);
    put_number(&attribute, 3, value);
    put_number(&attribute, 20, ATTRIBUTE_INT);
    put_message(&onnx->node, 5, &attribute);
}

void gr_onnx_string(gr_onnx *onnx, const char *name, const char *value)
{
    gr_text attribute = {0};
    put_text(&attribute, 1, name);
    put_text(&attribute, 4, value);
    put_number(&attribute, 20, ATTRIBUTE_STRING);
    put_message(&onnx->node, 5, &attribute);
}

void gr_onnx_float(gr_onnx *onnx, const char *name, double value)
{
    gr_text attribute = {0};
    put_text(&attribute, 1, name);
    put_float(&attribute, 2, (float)value);
    put_number(&attribute, 20, ATTRIBUTE_FLOAT);
    put_message(&onnx->node, 5, &attribute);
}

void gr_onnx_ints(gr_onnx *onnx, const char *name, const int64_t *values, int count)
{
    gr_text attribute = {0};
    put_text(&attribute, 1, name);
    for (int i = 0; i < count; i++)
        put_number(&attribute, 8, values[i]);
    put_number(&attribute, 20, ATTRIBUTE_INTS);
    put_message(&onnx->node, 5, &attribute);
}

void gr_onnx_node1(gr_onnx *onnx, const char *type, const char *output, const char *input)
{
    gr_onnx_node(onnx, type, output);
    gr_onnx_reads(onnx, input);
}

void gr_onnx_node2(gr_onnx *onnx, const char *type, const char *output, const char *a, const char *b)
{
    gr_onnx_node1(onnx, type, output, a);
    gr_onnx_reads(onnx, b);
}

/* ---- inputs, outputs, constants ---------------------------------------------------------------------------------------------- */

/* ValueInfoProto: name, type { tensor_type { elem_type, shape { dim { dim_value | dim_param } } } } */
static void put_value(gr_onnx *onnx, int field, const char *name, const int64_t *dims, int rank)
{
    gr_text shape = {0}, tensor = {0}, type = {0}, value = {0};
    for (int i = 0; i < rank; i++) {
        gr_text dim = {0};
        if (dims[i] == GR_ONNX_BATCH)
            put_text(&dim, 2, "N");
        else
            put_number(&dim, 1, dims[i]);
        put_message(&shape, 1, &dim);
    }
    put_number(&tensor, 1, TENSOR_FLOAT);
    put_message(&tensor, 2, &shape);
    put_message(&type, 1, &tensor);
    put_text(&value, 1, name);
    put_message(&value, 2, &type);
    put_message(&onnx->values, field, &value);
}

void gr_onnx_input(gr_onnx *onnx, const char *name, const int64_t *dims, int rank)
{
    onnx->input = kept(onnx, gr_arena_strdup(onnx->arena, name));
    put_value(onnx, 11, name, dims, rank);
}

void gr_onnx_output(gr_onnx *onnx, const char *name, const int64_t *dims, int rank)
{
    put_value(onnx, 12, name, dims, rank);
}

static void put_constant(gr_onnx *onnx, const char *name, int type, const int64_t *dims, int rank, const void *data, size_t size)
{
    gr_text tensor = {0};
    tensor.failed = data == NULL;
    for (int i = 0; i < rank; i++)
        put_number(&tensor, 1, dims[i]);
    put_number(&tensor, 2, type);
    put_text(&tensor, 8, full(onnx, name));
    put_bytes(&tensor, 9, data, data != NULL ? size : 0);
    put_message(&onnx->constants, 5, &tensor);
}

void gr_onnx_int64s(gr_onnx *onnx, const char *name, const int64_t *values, int count)
{
    put_constant(onnx, name, TENSOR_INT64, &(int64_t){count}, 1, values, (size_t)count * sizeof *values);
}

void gr_onnx_matrix(gr_onnx *onnx, const char *name, const float *values, int64_t rows, int64_t columns)
{
    put_constant(onnx, name, TENSOR_FLOAT, (int64_t[]){rows, columns}, 2, values, (size_t)(rows * columns) * sizeof *values);
}

void gr_onnx_scalar(gr_onnx *onnx, const char *name, double value)
{
    const float number = (float)value;
    put_constant(onnx, name, TENSOR_FLOAT, NULL, 0, &number, sizeof number);
}

void gr_onnx_tensor(gr_onnx *onnx, const char *name, const gr_tensor *tensor)
{
    struct weight *grown = gr_realloc(onnx->weights, (size_t)onnx->weight_count + 1, sizeof *grown);
    if (grown == NULL) {
        onnx->failed = true;
        return;
    }
    onnx->weights = grown;
    grown[onnx->weight_count++] = (struct weight){kept(onnx, gr_arena_strdup(onnx->arena, full(onnx, name))), tensor};
}

void gr_onnx_note(gr_onnx *onnx, const char *key, const char *text)
{
    gr_text note = {0};
    put_text(&note, 1, key);
    put_text(&note, 2, text);
    put_message(&onnx->notes, 14, &note);
}

/* ---- the file ---------------------------------------------------------------------------------------------------------------- */

static size_t tensor_bytes(const gr_tensor *tensor)
{
    return (size_t)gr_shape_elements(&tensor->shape) * sizeof(float);
}

/* GraphProto's field for a weight, up to its data, which end it. */
static void put_weight_head(gr_text *out, const struct weight *t)
{
    gr_text head = {0};
    for (int i = 0; i < t->tensor->shape.rank; i++)
        put_number(&head, 1, t->tensor->shape.dim[i]);
    put_number(&head, 2, TENSOR_FLOAT);
    put_text(&head, 8, t->name);
    put_varint(&head, 9 << 3 | BYTES);
    put_varint(&head, tensor_bytes(t->tensor));
    put_varint(out, 5 << 3 | BYTES);
    put_varint(out, head.size + tensor_bytes(t->tensor));
    gr_text_add(out, head.data, head.size);
    out->failed = out->failed || head.failed;
    gr_text_free(&head);
}

/* ModelProto up to the graph's content, which comes last: `graph_size` bytes. */
static void put_head(const gr_onnx *onnx, const char *version, uint64_t graph_size, gr_text *out)
{
    gr_text opset = {0};
    put_number(&opset, 2, GR_ONNX_OPSET);
    put_number(out, 1, IR_VERSION);
    put_text(out, 2, "grimace");
    put_text(out, 3, version);
    put_message(out, 8, &opset);
    gr_text_add(out, onnx->notes.data, onnx->notes.size);
    put_varint(out, 7 << 3 | BYTES);
    put_varint(out, graph_size);
}

static void write_buffer(FILE *stream, const gr_text *buffer)
{
    if (buffer->size > 0)
        fwrite(buffer->data, 1, buffer->size, stream); /* a short write shows in ferror at commit */
}

static gr_status write_file(const gr_onnx *onnx, const char *path, const gr_text *head, const gr_text *graph,
                            const gr_text *weight_heads, gr_error *err)
{
    gr_atomic_file file;
    gr_status status = gr_atomic_begin(&file, path, err);
    if (status != GR_OK)
        return status;
    write_buffer(file.stream, head);
    write_buffer(file.stream, graph);
    for (int i = 0; i < onnx->weight_count; i++) {
        write_buffer(file.stream, &weight_heads[i]);
        fwrite(onnx->weights[i].tensor->data, 1, tensor_bytes(onnx->weights[i].tensor), file.stream);
    }
    return gr_atomic_commit(&file, err);
}

gr_status gr_onnx_write(gr_onnx *onnx, const char *path, const char *version, gr_error *err)
{
    end_node(onnx);
    gr_text head = {0}, graph = {0};
    gr_text *weight_heads = gr_alloc((size_t)onnx->weight_count + 1, sizeof *weight_heads);
    bool failed = weight_heads == NULL || onnx->failed;
    const gr_text *const parts[] = {&onnx->nodes, &onnx->constants, &onnx->values};
    for (int i = 0; i < 3; i++) {
        gr_text_add(&graph, parts[i]->data, parts[i]->size);
        failed = failed || parts[i]->failed;
    }
    put_text(&graph, 2, "grimace");
    uint64_t size = graph.size;
    for (int i = 0; !failed && i < onnx->weight_count; i++) {
        put_weight_head(&weight_heads[i], &onnx->weights[i]);
        size += weight_heads[i].size + tensor_bytes(onnx->weights[i].tensor);
        failed = weight_heads[i].failed;
    }
    put_head(onnx, version, size, &head);
    gr_status status = GR_OK;
    if (failed || head.failed || graph.failed || onnx->notes.failed)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for the ONNX model", path);
    else if (head.size + size > FILE_LIMIT)
        status = gr_fail(err, GR_INVALID, "%s: the model needs %.1f GB, and an ONNX file holds at most 2; fewer folds would fit",
                         path, (double)(head.size + size) * 1e-9);
    else
        status = write_file(onnx, path, &head, &graph, weight_heads, err);
    for (int i = 0; weight_heads != NULL && i < onnx->weight_count; i++)
        gr_text_free(&weight_heads[i]);
    gr_free(weight_heads);
    gr_text_free(&head);
    gr_text_free(&graph);
    return status;
}
