#include "formats/onnx_read.h"

#include <string.h>

#include "grimace/tensor.h"

/* Kinds of fields on the wire, types of tensors; numbers of fields are onnx.proto's. */
enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 };
enum { FLOAT = 1, UINT8 = 2, INT8 = 3, INT32 = 6, INT64 = 7, BOOL = 9, FLOAT16 = 10, DOUBLE = 11 };
static const size_t file_limit = 2147483647u;

typedef struct span {
    const uint8_t *at, *end;
} span;

typedef struct field {
    uint64_t number, value; /* value: of all kinds but BYTES */
    int kind;
    span bytes;
} field;

typedef struct reader {
    gr_onnx_file *file;
    gr_error *err;
    gr_status status; /* of the first thing that went wrong */
} reader;

static void fail(reader *r, const char *what)
{
    if (r->status == GR_OK)
        r->status = gr_fail(r->err, GR_INVALID, "%s: is no ONNX model that can be read: %s", r->file->path, what);
}

static void *room(reader *r, int64_t count, size_t size)
{
    void *block = r->status == GR_OK ? gr_arena_alloc(r->file->arena, (size_t)count + 1, size) : NULL;
    if (block == NULL && r->status == GR_OK)
        r->status = gr_fail(r->err, GR_NOMEM, "%s: no memory for a model", r->file->path);
    return block;
}

/* ---- the wire --------------------------------------------------------------------------------------------------------- */

static bool varint(span *s, uint64_t *value)
{
    *value = 0;
    for (int shift = 0; shift < 64 && s->at < s->end; shift += 7) {
        uint8_t byte = *s->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

/* The next field of a message; false at its end, and where it is damaged, which is told. */
static bool next(reader *r, span *s, field *f)
{
    uint64_t key, size;
    if (s->at == s->end || r->status != GR_OK)
        return false;
    bool good = varint(s, &key);
    *f = (field){.number = key >> 3, .kind = (int)(key & 7)};
    if (good && f->kind == VARINT) {
        good = varint(s, &f->value);
    } else if (good && f->kind == BYTES) {
        good = varint(s, &size) && size <= (uint64_t)(s->end - s->at);
        f->bytes = (span){s->at, s->at + (good ? size : 0)};
        s->at = f->bytes.end;
    } else if (good && (f->kind == FIXED32 || f->kind == FIXED64)) {
        size_t width = f->kind == FIXED32 ? 4 : 8;
        good = (size_t)(s->end - s->at) >= width;
        if (good)
            memcpy(&f->value, s->at, width);
        s->at += good ? width : 0;
    } else {
        good = false;
    }
    if (!good)
        fail(r, "a field is damaged or cut off");
    return good;
}

/* How many fields of that number a message has. */
static int64_t count_of(reader *r, span message, uint64_t number)
{
    int64_t count = 0;
    for (field f; next(r, &message, &f);)
        count += f.number == number;
    return count;
}

static const char *text_of(reader *r, const field *f)
{
    size_t size = f->kind == BYTES ? (size_t)(f->bytes.end - f->bytes.at) : 0;
    char *text = size > 0 && r->status == GR_OK ? gr_arena_strndup(r->file->arena, (const char *)f->bytes.at, size) : NULL;
    if (text == NULL && size > 0 && r->status == GR_OK)
        r->status = gr_fail(r->err, GR_NOMEM, "%s: no memory for a model", r->file->path);
    return text != NULL ? text : "";
}

static double real_of(const field *f)
{
    float value;
    memcpy(&value, &f->value, sizeof value);
    return f->kind == FIXED32 ? (double)value : 0.0;
}

/* Whole numbers of a repeated field, packed or one by one: all of number `number`, to[*count]; to NULL: counts only. */
static void wholes_of(reader *r, span message, uint64_t number, int64_t *to, int64_t *count)
{
    *count = 0;
    for (field f; next(r, &message, &f);) {
        uint64_t value;
        if (f.number != number)
            continue;
        if (f.kind == VARINT) {
            if (to != NULL)
                to[*count] = (int64_t)f.value;
            (*count)++;
        }
        while (f.kind == BYTES && f.bytes.at < f.bytes.end) {
            if (!varint(&f.bytes, &value)) {
                fail(r, "a list of numbers is cut off");
                return;
            }
            if (to != NULL)
                to[*count] = (int64_t)value;
            (*count)++;
        }
    }
}

/* ---- constants -------------------------------------------------------------------------------------------------------- */

static size_t width_of(int64_t type)
{
    return type == FLOAT || type == INT32                  ? 4
           : type == INT64 || type == DOUBLE               ? 8
           : type == FLOAT16                               ? 2
           : type == UINT8 || type == INT8 || type == BOOL ? 1
                                                           : 0;
}

static float raw_number(int64_t type, const uint8_t *at)
{
    float f;
    double d;
    int32_t i;
    int64_t l;
    uint16_t h;
    switch (type) {
    case FLOAT: memcpy(&f, at, sizeof f); return f;
    case DOUBLE: memcpy(&d, at, sizeof d); return (float)d;
    case INT32: memcpy(&i, at, sizeof i); return (float)i;
    case INT64: memcpy(&l, at, sizeof l); return (float)l;
    case FLOAT16: memcpy(&h, at, sizeof h); return gr_f32_from_f16(h);
    case INT8: return (float)(int8_t)*at;
    default: return (float)*at;
    }
}

/* Numbers in their own fields: float_data 4, int32_data 5, int64_data 7, double_data 10. */
static void typed_numbers(reader *r, span message, int64_t type, gr_onnx_array *a)
{
    int64_t count = 0;
    if (type == FLOAT || type == DOUBLE) {
        uint64_t number = type == FLOAT ? 4 : 10;
        size_t width = width_of(type);
        for (field f; next(r, &message, &f);) {
            if (f.number != number)
                continue;
            span one = f.kind == BYTES ? f.bytes : (span){(const uint8_t *)&f.value, (const uint8_t *)&f.value + width};
            for (; (size_t)(one.end - one.at) >= width; one.at += width)
                if (count++ < a->count)
                    a->values[count - 1] = raw_number(type, one.at);
        }
    } else {
        uint64_t number = type == INT64 ? 7 : 5;
        wholes_of(r, message, number, NULL, &count);
        int64_t *all = count == a->count ? room(r, count, sizeof *all) : NULL;
        if (all != NULL)
            wholes_of(r, message, number, all, &count);
        for (int64_t i = 0; all != NULL && i < count; i++)
            a->values[i] = type == FLOAT16 ? gr_f32_from_f16((uint16_t)all[i]) : (float)all[i];
    }
    if (count != a->count)
        fail(r, "a constant has another number of values than its shape says");
}

static void read_array(reader *r, span message, gr_onnx_array *a)
{
    int64_t type = 0, rank = 0, dims[GR_ONNX_RANK];
    span raw = {0};
    bool has_raw = false;
    wholes_of(r, message, 1, NULL, &rank);
    if (rank > GR_ONNX_RANK)
        fail(r, "a constant has more than 8 dimensions");
    if (r->status != GR_OK)
        return;
    wholes_of(r, message, 1, dims, &rank);
    *a = (gr_onnx_array){.name = "", .rank = (int)rank, .count = 1};
    span all = message;
    for (field f; next(r, &message, &f);) {
        if (f.number == 2)
            type = (int64_t)f.value;
        else if (f.number == 8)
            a->name = text_of(r, &f);
        else if (f.number == 9 && f.kind == BYTES) {
            raw = f.bytes;
            has_raw = true;
        } else if (f.number == 14 && f.value == 1)
            fail(r, "its numbers lie in another file; one file with all of them would be right");
    }
    for (int i = 0; i < a->rank; i++) {
        a->dim[i] = dims[i];
        if (dims[i] < 0 || (dims[i] > 0 && a->count > (int64_t)file_limit / dims[i]))
            fail(r, "a constant has impossible dimensions");
        a->count *= r->status == GR_OK ? dims[i] : 0;
    }
    size_t width = width_of(type);
    a->whole = type != FLOAT && type != DOUBLE && type != FLOAT16;
    if (width == 0)
        fail(r, "a constant is of a type that is not read; float32 would be right");
    if (has_raw && (size_t)(raw.end - raw.at) != (size_t)a->count * width)
        fail(r, "a constant has another number of bytes than its shape says");
    if (!has_raw && a->count > all.end - all.at)
        fail(r, "a constant has fewer values than its shape says");
    a->values = room(r, a->count, sizeof *a->values);
    if (r->status != GR_OK)
        return;
    for (int64_t i = 0; has_raw && i < a->count; i++)
        a->values[i] = raw_number(type, raw.at + (size_t)i * width);
    if (!has_raw)
        typed_numbers(r, all, type, a);
}

/* ---- nodes and ports -------------------------------------------------------------------------------------------------- */

static void read_attribute(reader *r, span message, gr_onnx_attribute *a)
{
    int64_t count = 0;
    *a = (gr_onnx_attribute){.name = "", .text = ""};
    wholes_of(r, message, 8, NULL, &count);
    a->wholes = room(r, count, sizeof *a->wholes);
    if (r->status != GR_OK)
        return;
    wholes_of(r, message, 8, a->wholes, &count);
    a->count = (int)count;
    for (field f; next(r, &message, &f);) {
        if (f.number == 1)
            a->name = text_of(r, &f);
        else if (f.number == 2)
            a->number = real_of(&f);
        else if (f.number == 3)
            a->number = (double)(a->whole = (int64_t)f.value);
        else if (f.number == 4)
            a->text = text_of(r, &f);
        else if (f.number == 5 && f.kind == BYTES && (a->array = room(r, 1, sizeof *a->array)) != NULL)
            read_array(r, f.bytes, a->array);
    }
}

static void read_node(reader *r, span message, gr_onnx_node_read *n)
{
    *n = (gr_onnx_node_read){.type = "", .name = ""};
    n->inputs = room(r, count_of(r, message, 1), sizeof *n->inputs);
    n->outputs = room(r, count_of(r, message, 2), sizeof *n->outputs);
    n->attributes = room(r, count_of(r, message, 5), sizeof *n->attributes);
    for (field f; next(r, &message, &f);) {
        if (f.number == 1)
            n->inputs[n->input_count++] = text_of(r, &f);
        else if (f.number == 2)
            n->outputs[n->output_count++] = text_of(r, &f);
        else if (f.number == 3)
            n->name = text_of(r, &f);
        else if (f.number == 4)
            n->type = text_of(r, &f);
        else if (f.number == 5)
            read_attribute(r, f.bytes, &n->attributes[n->attribute_count++]);
    }
}

static void read_shape(reader *r, span message, gr_onnx_port *p)
{
    for (field f; next(r, &message, &f);) {
        if (f.number != 1)
            continue;
        if (p->rank == GR_ONNX_RANK) {
            fail(r, "what goes in or comes out has more than 8 dimensions");
            return;
        }
        p->dim[p->rank] = -1;
        for (field d; next(r, &f.bytes, &d);)
            if (d.number == 1)
                p->dim[p->rank] = (int64_t)d.value > 0 ? (int64_t)d.value : -1;
        p->rank++;
    }
}

/* ValueInfoProto: name 1, type 2: tensor_type 1: shape 2. */
static void read_port(reader *r, span message, gr_onnx_port *p)
{
    *p = (gr_onnx_port){.name = ""};
    for (field f; next(r, &message, &f);) {
        if (f.number == 1)
            p->name = text_of(r, &f);
        for (field type; f.number == 2 && next(r, &f.bytes, &type);)
            for (field part; type.number == 1 && next(r, &type.bytes, &part);)
                if (part.number == 2)
                    read_shape(r, part.bytes, p);
    }
}

static bool is_constant(const gr_onnx_file *file, const char *name)
{
    for (int i = 0; i < file->array_count; i++)
        if (strcmp(file->arrays[i].name, name) == 0)
            return true;
    return false;
}

static void read_graph(reader *r, span message)
{
    gr_onnx_file *file = r->file;
    span again = message;
    file->nodes = room(r, count_of(r, message, 1), sizeof *file->nodes);
    file->arrays = room(r, count_of(r, message, 5), sizeof *file->arrays);
    file->inputs = room(r, count_of(r, message, 11), sizeof *file->inputs);
    file->outputs = room(r, count_of(r, message, 12), sizeof *file->outputs);
    for (field f; next(r, &message, &f);) {
        if (f.number == 1)
            read_node(r, f.bytes, &file->nodes[file->node_count++]);
        else if (f.number == 5)
            read_array(r, f.bytes, &file->arrays[file->array_count++]);
        else if (f.number == 12)
            read_port(r, f.bytes, &file->outputs[file->output_count++]);
    }
    for (field f; next(r, &again, &f);)
        if (f.number == 11) {
            gr_onnx_port *port = &file->inputs[file->input_count];
            read_port(r, f.bytes, port);
            file->input_count += !is_constant(file, port->name);
        }
}

static void read_pair(reader *r, span message, int index)
{
    r->file->note_keys[index] = r->file->note_texts[index] = "";
    for (field f; next(r, &message, &f);)
        *(f.number == 1 ? &r->file->note_keys[index] : &r->file->note_texts[index]) = text_of(r, &f);
}

/* ModelProto: graph 7, opset_import 8 (domain 1, version 2), metadata_props 14. */
static void read_model(reader *r, span message)
{
    gr_onnx_file *file = r->file;
    int64_t notes = count_of(r, message, 14);
    int graphs = 0;
    file->note_keys = room(r, notes, sizeof *file->note_keys);
    file->note_texts = room(r, notes, sizeof *file->note_texts);
    for (field f; next(r, &message, &f);) {
        int64_t version = 0;
        bool other = false;
        if (f.number == 7 && f.kind == BYTES && graphs++ == 0)
            read_graph(r, f.bytes);
        else if (f.number == 14 && f.kind == BYTES)
            read_pair(r, f.bytes, file->note_count++);
        for (field o; f.number == 8 && next(r, &f.bytes, &o);) {
            other = other || (o.number == 1 && o.bytes.end > o.bytes.at);
            version = o.number == 2 ? (int64_t)o.value : version;
        }
        if (!other && version > 0)
            file->opset = version;
    }
    if (r->status == GR_OK && (graphs != 1 || file->opset == 0))
        fail(r, "it has no graph");
}

gr_status gr_onnx_read(const char *path, gr_onnx_file *out, gr_error *err)
{
    char *bytes = NULL;
    size_t size = 0;
    *out = (gr_onnx_file){.path = path, .arena = gr_arena_create()};
    reader r = {.file = out, .err = err};
    if (out->arena == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for a model", path);
    r.status = gr_file_read(path, file_limit, &bytes, &size, err);
    if (r.status == GR_OK)
        read_model(&r, (span){(const uint8_t *)bytes, (const uint8_t *)bytes + size});
    gr_free(bytes);
    if (r.status != GR_OK)
        gr_onnx_file_free(out);
    return r.status;
}

void gr_onnx_file_free(gr_onnx_file *file)
{
    gr_arena_destroy(file->arena);
    *file = (gr_onnx_file){0};
}

const char *gr_onnx_file_note(const gr_onnx_file *file, const char *key)
{
    for (int i = 0; i < file->note_count; i++)
        if (strcmp(file->note_keys[i], key) == 0)
            return file->note_texts[i];
    return NULL;
}

const gr_onnx_attribute *gr_onnx_attribute_find(const gr_onnx_node_read *node, const char *name)
{
    for (int i = 0; i < node->attribute_count; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return &node->attributes[i];
    return NULL;
}
