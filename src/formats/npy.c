/* NumPy's archives: one .npy file an array. Each begins with "\x93NUMPY", a version of two bytes, the length of the header (two
 * bytes in version 1, four in 2 and 3) and the header, a dict in Python's spelling:
 * {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }. numpy/lib/format.py is the description. */
#include <string.h>

#include "formats/weights.h"

/* A small archive may unpack to much: zeros deflate a thousandfold, weights hardly at all. */
#define MOST_UNPACKED(size) (64 * (size) + ((uint64_t)16 << 20))

typedef struct reader {
    const gr_zip *zip;
    const gr_zip_entry *entry;
    const char *text; /* the header, with a NUL behind */
    gr_error *err;
} reader;

static gr_status refuse(reader *r, const char *what)
{
    return gr_fail(r->err, GR_INVALID, "%s: array \"%s\" %s", r->zip->source->path, r->entry->name, what);
}

/* What stands behind 'KEY': in the header, without blanks before it; NULL when the key is not there. */
static const char *value_of(const reader *r, const char *key)
{
    const char *found = strstr(r->text, key);
    if (found == NULL)
        return NULL;
    found += strlen(key);
    return found + strspn(found, ": ");
}

static gr_status read_type(reader *r, gr_type *type)
{
    static const struct {
        const char *name;
        gr_type type;
    } types[] = {{"'<f4'", GR_F32}, {"'<f8'", GR_F64}, {"'<f2'", GR_F16}, {"'<i8'", GR_I64}, {"'<i4'", GR_I32},
                 {"'<i2'", GR_I16}, {"'|i1'", GR_I8},  {"'|u1'", GR_U8},  {"'|b1'", GR_BOOL}};
    const char *value = value_of(r, "'descr'");
    for (size_t i = 0; value != NULL && i < sizeof types / sizeof *types; i++)
        if (gr_starts_with(value, types[i].name)) {
            *type = types[i].type;
            return GR_OK;
        }
    return refuse(r, "does not hold numbers that are read; little-endian floats and integers would be right");
}

static gr_status read_shape(reader *r, gr_shape *shape)
{
    const char *at = value_of(r, "'shape'");
    *shape = (gr_shape){0};
    if (at == NULL || *at++ != '(')
        return refuse(r, "does not say its shape as NumPy says it");
    for (at += strspn(at, " "); *at != ')'; at += strspn(at, ", ")) {
        size_t digits = strspn(at, "0123456789");
        if (digits == 0 || digits > 18 || shape->rank == GR_MAX_RANK)
            return refuse(r, "has a shape that is not 8 whole numbers at most");
        int64_t size = 0;
        for (size_t i = 0; i < digits; i++)
            size = size * 10 + (at[i] - '0');
        shape->dim[shape->rank++] = size;
        at += digits;
    }
    return GR_OK;
}

/* The length of what stands before the elements; the header begins at bytes[*begin]. */
static bool find_header(const unsigned char *bytes, size_t size, size_t *begin, size_t *length)
{
    if (size < 12 || memcmp(bytes, "\x93NUMPY", 6) != 0 || bytes[6] < 1 || bytes[6] > 3)
        return false;
    *begin = bytes[6] == 1 ? 10 : 12;
    *length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (bytes[6] > 1)
        *length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    return *length <= size - *begin;
}

/* Elements whose first index runs fastest, into the order of C. */
static void reorder(const char *from, const gr_tensor *tensor, size_t size)
{
    int64_t count = gr_shape_elements(&tensor->shape), index[GR_MAX_RANK] = {0};
    for (int64_t i = 0; i < count; i++) {
        int64_t at = 0;
        for (int d = tensor->shape.rank - 1; d >= 0; d--)
            at = at * tensor->shape.dim[d] + index[d];
        memcpy((char *)tensor->data + (size_t)i * size, from + (size_t)at * size, size);
        for (int d = tensor->shape.rank - 1; d >= 0 && ++index[d] == tensor->shape.dim[d]; d--)
            index[d] = 0;
    }
}

static gr_status take_array(reader *r, const char *elements, size_t size, gr_weights *weights)
{
    gr_type type = GR_F32;
    gr_shape shape = {0};
    size_t bytes = 0;
    gr_tensor tensor = {0};
    gr_status status = read_type(r, &type);
    if (status == GR_OK)
        status = read_shape(r, &shape);
    const char *order = status == GR_OK ? value_of(r, "'fortran_order'") : NULL;
    if (status == GR_OK && (order == NULL || !gr_shape_bytes(&shape, type, &bytes) || bytes != size))
        status = refuse(r, "has another size than its shape says");
    if (status == GR_OK)
        status = gr_tensor_create(&tensor, type, &shape, r->err);
    if (status != GR_OK)
        return status;
    if (gr_starts_with(order, "True"))
        reorder(elements, &tensor, gr_type_size(type));
    else if (bytes > 0)
        memcpy(tensor.data, elements, bytes);
    char *name = gr_arena_strndup(r->zip->names, r->entry->name, strlen(r->entry->name) - strlen(".npy"));
    status = name != NULL ? gr_weights_take(weights, name, &tensor, r->err)
                          : gr_fail(r->err, GR_NOMEM, "%s: no memory for its arrays", r->zip->source->path);
    if (status == GR_INVALID)
        gr_error_prefix(r->err, "%s", r->zip->source->path);
    gr_tensor_destroy(&tensor);
    return status;
}

static gr_status read_array(reader *r, gr_weights *weights)
{
    size_t size = r->entry->size, begin = 0, length = 0;
    unsigned char *bytes = gr_alloc(size + 1, 1);
    if (bytes == NULL)
        return gr_fail(r->err, GR_NOMEM, "%s: no memory for its arrays", r->zip->source->path);
    gr_status status = gr_zip_read(r->zip, r->entry, bytes, r->err);
    char *text = NULL;
    if (status == GR_OK && !find_header(bytes, size, &begin, &length))
        status = refuse(r, "does not begin as NumPy's arrays do");
    if (status == GR_OK && (text = gr_alloc(length + 1, 1)) == NULL)
        status = gr_fail(r->err, GR_NOMEM, "%s: no memory for its arrays", r->zip->source->path);
    if (status == GR_OK) {
        memcpy(text, bytes + begin, length);
        r->text = text;
        status = take_array(r, (const char *)bytes + begin + length, size - begin - length, weights);
    }
    gr_free(text);
    gr_free(bytes);
    return status;
}

gr_status gr_npz_read(const gr_zip *zip, gr_weights *weights, gr_error *err)
{
    uint64_t left = MOST_UNPACKED(zip->source->size);
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i < zip->count; i++) {
        reader r = {.zip = zip, .entry = &zip->entries[i], .err = err};
        if (r.entry->size > left)
            return refuse(&r, "asks for far more memory than the file's size can mean");
        left -= r.entry->size;
        status = read_array(&r, weights);
    }
    return status;
}
