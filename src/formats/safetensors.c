/* safetensors, in and out. The reader believes nothing: each tensor's range must match its shape, and the ranges, sorted,
 * must cover the data from the first byte to the last without gap or overlap. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/base.h"
#include "formats/weights.h"

/* A header needs about 100 bytes a tensor; parsing one takes some fifty times its size in memory. */
#define HEADER_LIMIT ((uint64_t)16 << 20)
#define NOTES "__metadata__"

typedef struct item {
    const char *name;
    gr_type type;
    gr_shape shape;
    uint64_t begin, end;
} item;

typedef struct reader {
    const gr_source *source;
    const char *path; /* the source's */
    uint64_t data_at, data_size; /* the data's place in the file */
    json_t *header;
    item *items;
    size_t count;
    gr_error *err;
} reader;

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static gr_status parse_header(reader *r, const char *text, uint64_t size)
{
    json_error_t json;
    if (text[0] != '{')
        return gr_fail(r->err, GR_INVALID, "%s: the header does not begin with '{', it is not a safetensors file", r->path);
    if (!gr_utf8_valid(text, size))
        return gr_fail(r->err, GR_INVALID, "%s: the header is not valid UTF-8", r->path);
    r->header = json_loadb(text, size, JSON_REJECT_DUPLICATES, &json);
    if (!r->header)
        return gr_fail(r->err, json_error_code(&json) == json_error_out_of_memory ? GR_NOMEM : GR_INVALID,
                       "%s: the header is not the JSON of a safetensors file: %s", r->path, json.text);
    return GR_OK;
}

static gr_status read_header(reader *r)
{
    uint64_t size = r->source->size, length = 0;
    unsigned char raw[8];
    if (size < sizeof raw + 2)
        return gr_fail(r->err, GR_INVALID, "%s: has %" PRIu64 " bytes, too few for a safetensors file", r->path, size);
    gr_status status = gr_source_read(r->source, raw, sizeof raw, 0, r->err);
    if (status != GR_OK)
        return status;
    for (int i = 7; i >= 0; i--)
        length = length << 8 | raw[i];
    if (length > size - sizeof raw)
        return gr_fail(r->err, GR_INVALID,
                       "%s: is no safetensors file, or one that is cut off: its header's length is given as %" PRIu64
                       " bytes, but only %" PRIu64 " follow",
                       r->path, length,
                       size - sizeof raw);
    if (length < 2 || length > HEADER_LIMIT)
        return gr_fail(r->err, GR_INVALID,
                       "%s: the header's length is given as %" PRIu64 " bytes, it must be between 2 and %" PRIu64, r->path,
                       length, HEADER_LIMIT);
    r->data_at = sizeof raw + length;
    r->data_size = size - r->data_at;
    char *text = gr_alloc(length + 1, 1);
    if (!text)
        return gr_fail(r->err, GR_NOMEM, "%s: no memory for the header", r->path);
    status = gr_source_read(r->source, text, length, sizeof raw, r->err);
    if (status == GR_OK)
        status = parse_header(r, text, length);
    gr_free(text);
    return status;
}

static gr_status bad(reader *r, const char *name, const char *sentence)
{
    return gr_fail(r->err, GR_INVALID, "%s: tensor \"%s\": %s", r->path, name, sentence);
}

static bool find_type(const char *name, gr_type *type)
{
    for (int i = 0; i <= GR_BOOL; i++)
        if (strcmp(name, gr_type_name((gr_type)i)) == 0) {
            *type = (gr_type)i;
            return true;
        }
    return false;
}

static gr_status parse_shape(reader *r, const char *name, const json_t *json, gr_shape *shape)
{
    if (!json_is_array(json) || json_array_size(json) > GR_MAX_RANK)
        return bad(r, name, "\"shape\" must be a list of at most 8 whole numbers");
    shape->rank = (int)json_array_size(json);
    for (int i = 0; i < shape->rank; i++) {
        const json_t *dim = json_array_get(json, (size_t)i);
        if (!json_is_integer(dim) || json_integer_value(dim) < 0)
            return bad(r, name, "\"shape\" holds something else than whole numbers from 0 up");
        shape->dim[i] = json_integer_value(dim);
    }
    return GR_OK;
}

static gr_status parse_range(reader *r, item *it, const json_t *json)
{
    const json_t *begin = json_array_get(json, 0), *end = json_array_get(json, 1);
    char text[GR_SHAPE_TEXT];
    size_t bytes;
    if (json_array_size(json) != 2 || !json_is_integer(begin) || !json_is_integer(end) || json_integer_value(begin) < 0 ||
        json_integer_value(end) < 0)
        return bad(r, it->name, "\"data_offsets\" must be two whole numbers from 0 up");
    it->begin = (uint64_t)json_integer_value(begin);
    it->end = (uint64_t)json_integer_value(end);
    if (it->begin > it->end || it->end > r->data_size)
        return gr_fail(r->err, GR_INVALID,
                       "%s: tensor \"%s\": data_offsets [%" PRIu64 ", %" PRIu64 "] do not lie within the %" PRIu64
                       " bytes of data",
                       r->path, it->name, it->begin, it->end, r->data_size);
    if (!gr_shape_bytes(&it->shape, it->type, &bytes) || bytes != it->end - it->begin)
        return gr_fail(r->err, GR_INVALID,
                       "%s: tensor \"%s\": data_offsets [%" PRIu64 ", %" PRIu64 "] hold %" PRIu64
                       " bytes, which is not what shape %s of %s needs",
                       r->path, it->name, it->begin, it->end, it->end - it->begin, gr_shape_text(&it->shape, text),
                       gr_type_name(it->type));
    return GR_OK;
}

static gr_status parse_item(reader *r, const char *name, const json_t *json, item *it)
{
    it->name = name;
    if (!*name)
        return gr_fail(r->err, GR_INVALID, "%s: a tensor has an empty name", r->path);
    if (!json_is_object(json))
        return bad(r, name, "must be described by an object with dtype, shape and data_offsets");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        if (strcmp(key, "dtype") != 0 && strcmp(key, "shape") != 0 && strcmp(key, "data_offsets") != 0)
            return gr_fail(r->err, GR_INVALID,
                           "%s: tensor \"%s\": has a field \"%s\", only dtype, shape and data_offsets are known", r->path,
                           name, key);
    }
    const char *type = json_string_value(json_object_get(json, "dtype"));
    if (!type)
        return bad(r, name, "\"dtype\" must be a string such as \"F32\"");
    if (!find_type(type, &it->type))
        return gr_fail(
            r->err, GR_INVALID,
            "%s: tensor \"%s\": dtype \"%s\" is unknown, it must be F32, F16, BF16, F64, I64, I32, I16, I8, U8 or BOOL",
            r->path, name, type);
    gr_status status = parse_shape(r, name, json_object_get(json, "shape"), &it->shape);
    return status == GR_OK ? parse_range(r, it, json_object_get(json, "data_offsets")) : status;
}

static int by_place(const void *a, const void *b)
{
    const item *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return strcmp(x->name, y->name); /* empty tensors share their place */
}

/* The ranges, sorted, must follow each other from byte 0 to the last one. */
static gr_status check_cover(reader *r)
{
    uint64_t at = 0;
    qsort(r->items, r->count, sizeof *r->items, by_place);
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i].begin < at)
            return gr_fail(r->err, GR_INVALID, "%s: tensor \"%s\": its data overlap those of \"%s\"", r->path,
                           r->items[i].name, r->items[i - 1].name);
        if (r->items[i].begin > at)
            return gr_fail(r->err, GR_INVALID,
                           "%s: tensor \"%s\": there is a gap of %" PRIu64
                           " bytes before its data, which belong to no tensor",
                           r->path, r->items[i].name, r->items[i].begin - at);
        at = r->items[i].end;
    }
    if (at != r->data_size)
        return gr_fail(r->err, GR_INVALID, "%s: %" PRIu64 " bytes at the end belong to no tensor", r->path,
                       r->data_size - at);
    return GR_OK;
}

static gr_status read_notes(reader *r, json_t *json, gr_weights *weights)
{
    const char *key;
    json_t *value;
    if (!json_is_object(json))
        return gr_fail(r->err, GR_INVALID, "%s: \"" NOTES "\" must be an object of strings", r->path);
    json_object_foreach(json, key, value)
    {
        if (!json_is_string(value))
            return gr_fail(r->err, GR_INVALID, "%s: \"" NOTES "\": \"%s\" must be a string", r->path, key);
        gr_status status = gr_weights_set_note(weights, key, json_string_value(value), r->err);
        if (status != GR_OK) {
            gr_error_prefix(r->err, "%s", r->path);
            return status;
        }
    }
    return GR_OK;
}

static gr_status read_items(reader *r, gr_weights *weights)
{
    const char *name;
    json_t *value;
    r->items = gr_alloc(json_object_size(r->header) + 1, sizeof *r->items);
    if (!r->items)
        return gr_fail(r->err, GR_NOMEM, "%s: no memory for the list of tensors", r->path);
    json_object_foreach(r->header, name, value)
    {
        gr_status status =
            strcmp(name, NOTES) == 0 ? read_notes(r, value, weights) : parse_item(r, name, value, &r->items[r->count++]);
        if (status != GR_OK)
            return status;
    }
    return check_cover(r);
}

static gr_status read_data(reader *r, gr_weights *weights)
{
    for (size_t i = 0; i < r->count; i++) {
        const item *it = &r->items[i];
        gr_tensor tensor;
        gr_status status = gr_tensor_create(&tensor, it->type, &it->shape, r->err);
        if (status == GR_OK)
            status = gr_source_read(r->source, tensor.data, it->end - it->begin, r->data_at + it->begin, r->err);
        if (status == GR_OK)
            status = gr_weights_take(weights, it->name, &tensor, r->err);
        gr_tensor_destroy(&tensor);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}

static gr_status read_file(const gr_source *source, bool data, gr_weights *weights, gr_error *err)
{
    reader r = {.source = source, .path = source->path, .err = err};
    gr_status status = read_header(&r);
    if (status == GR_OK)
        status = read_items(&r, weights);
    if (status == GR_OK && data)
        status = read_data(&r, weights);
    json_decref(r.header);
    gr_free(r.items);
    return status;
}

gr_status gr_safetensors_read(const gr_source *source, gr_weights *weights, gr_error *err)
{
    return read_file(source, true, weights, err);
}

gr_status gr_safetensors_read_notes(const gr_source *source, gr_weights *weights, gr_error *err)
{
    return read_file(source, false, weights, err);
}

/* ---- writing -------------------------------------------------------------------------------------------------------- */

static size_t tensor_bytes(const gr_tensor *tensor)
{
    return (size_t)gr_shape_elements(&tensor->shape) * gr_type_size(tensor->type);
}

static json_t *describe(const gr_tensor *tensor, uint64_t begin)
{
    json_t *shape = json_array();
    for (int i = 0; i < tensor->shape.rank; i++)
        json_array_append_new(shape, json_integer(tensor->shape.dim[i]));
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", gr_type_name(tensor->type), "shape", shape, "data_offsets",
                     (json_int_t)begin, (json_int_t)(begin + tensor_bytes(tensor)));
}

/* Positions of the tensors with wider elements first, in *order (gr_free): then each lies aligned to its element. */
static int *write_order(const gr_weights *weights)
{
    int count = gr_weights_count(weights), at = 0;
    int *order = gr_alloc((size_t)count + 1, sizeof *order);
    for (size_t size = 8; order && size > 0; size /= 2)
        for (int i = 0; i < count; i++)
            if (gr_type_size(gr_weights_at(weights, i)->type) == size)
                order[at++] = i;
    return order;
}

/* The header's text (free), without padding; NULL when memory is short. */
static char *header_text(const gr_weights *weights, const int *order)
{
    int note_count, failed = 0;
    const gr_note *notes = gr_weights_notes(weights, &note_count);
    json_t *header = json_object();
    if (note_count > 0) {
        json_t *object = json_object();
        for (int i = 0; i < note_count; i++)
            failed |= json_object_set_new(object, notes[i].key, json_string(notes[i].text));
        failed |= json_object_set_new(header, NOTES, object);
    }
    uint64_t begin = 0;
    for (int i = 0; i < gr_weights_count(weights); i++) {
        const gr_tensor *tensor = gr_weights_at(weights, order[i]);
        failed |= json_object_set_new(header, gr_weights_name(weights, order[i]), describe(tensor, begin));
        begin += tensor_bytes(tensor);
    }
    char *text = failed ? NULL : json_dumps(header, JSON_COMPACT);
    json_decref(header);
    return text;
}

static bool write_all(FILE *stream, const gr_weights *weights, const int *order, const char *header)
{
    /* 8 bytes of length, the header, then spaces until the data begin at a multiple of 64. */
    uint64_t length = (8 + strlen(header) + 63) / 64 * 64 - 8;
    unsigned char raw[8];
    for (int i = 0; i < 8; i++)
        raw[i] = (unsigned char)(length >> 8 * i);
    bool ok =
        fwrite(raw, 1, sizeof raw, stream) == sizeof raw && fprintf(stream, "%-*s", (int)length, header) == (int)length;
    for (int i = 0; ok && i < gr_weights_count(weights); i++) {
        const gr_tensor *tensor = gr_weights_at(weights, order[i]);
        ok = fwrite(tensor->data, 1, tensor_bytes(tensor), stream) == tensor_bytes(tensor);
    }
    return ok;
}

gr_status gr_weights_write(const char *path, const gr_weights *weights, gr_error *err)
{
    gr_atomic_file file;
    int *order = write_order(weights);
    char *header = order ? header_text(weights, order) : NULL;
    gr_status status = GR_OK;
    if (!header || strlen(header) > HEADER_LIMIT - 64)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for the header of %d tensors", path, gr_weights_count(weights));
    else
        status = gr_atomic_begin(&file, path, err);
    if (status == GR_OK) {
        if (write_all(file.stream, weights, order, header))
            status = gr_atomic_commit(&file, err);
        else {
            status = gr_fail(err, GR_IO, "%s: cannot be written: %s", path, strerror(errno));
            gr_atomic_abort(&file);
        }
    }
    free(header); /* jansson's */
    gr_free(order);
    return status;
}
