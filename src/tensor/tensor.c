#include "grimace/tensor.h"

#include <string.h>

#include "base/base.h"

typedef struct type_facts {
    const char *name;
    size_t size;
} type_facts;

static const type_facts facts[] = {
    [GR_F32] = {"F32", 4}, [GR_BF16] = {"BF16", 2}, [GR_F16] = {"F16", 2}, [GR_F64] = {"F64", 8}, [GR_I64] = {"I64", 8},
    [GR_I32] = {"I32", 4}, [GR_I16] = {"I16", 2},   [GR_I8] = {"I8", 1},   [GR_U8] = {"U8", 1},   [GR_BOOL] = {"BOOL", 1},
};

size_t gr_type_size(gr_type type)
{
    return facts[type].size;
}

const char *gr_type_name(gr_type type)
{
    return facts[type].name;
}

gr_shape gr_shape_make(int rank, const int64_t *dims)
{
    gr_shape shape = {.rank = rank};
    for (int i = 0; i < rank; i++)
        shape.dim[i] = dims[i];
    return shape;
}

bool gr_shape_count(const gr_shape *shape, int64_t *count)
{
    *count = 0;
    if (shape->rank < 0 || shape->rank > GR_MAX_RANK)
        return false;
    int64_t product = 1;
    bool empty = false;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->dim[i] < 0)
            return false;
        /* A zero must not hide an overflow of the others: the shape [2^40, 2^40, 0] is refused whatever the order. */
        if (shape->dim[i] == 0)
            empty = true;
        else if (__builtin_mul_overflow(product, shape->dim[i], &product))
            return false;
    }
    *count = empty ? 0 : product;
    return true;
}

int64_t gr_shape_elements(const gr_shape *shape)
{
    int64_t count;
    return gr_shape_count(shape, &count) ? count : 0;
}

bool gr_shape_bytes(const gr_shape *shape, gr_type type, size_t *bytes)
{
    int64_t count;
    *bytes = 0;
    return gr_shape_count(shape, &count) && (uint64_t)count <= SIZE_MAX &&
           gr_mul_size((size_t)count, gr_type_size(type), bytes);
}

bool gr_shape_equal(const gr_shape *a, const gr_shape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, (size_t)a->rank * sizeof a->dim[0]) == 0;
}

const char *gr_shape_text(const gr_shape *shape, char text[GR_SHAPE_TEXT])
{
    int at = snprintf(text, GR_SHAPE_TEXT, "[");
    for (int i = 0; i < shape->rank; i++)
        at += snprintf(text + at, GR_SHAPE_TEXT - (size_t)at, "%s%lld", i ? ", " : "", (long long)shape->dim[i]);
    snprintf(text + at, GR_SHAPE_TEXT - (size_t)at, "]");
    return text;
}

gr_status gr_tensor_create(gr_tensor *tensor, gr_type type, const gr_shape *shape, gr_error *err)
{
    char text[GR_SHAPE_TEXT];
    size_t bytes;
    *tensor = (gr_tensor){.type = type, .shape = *shape};
    if (!gr_shape_bytes(shape, type, &bytes))
        return gr_fail(err, GR_INVALID, "a tensor of shape %s has more bytes than a computer can address",
                       gr_shape_text(shape, text));
    tensor->data = gr_alloc_aligned(bytes ? bytes : 1, 1);
    if (!tensor->data)
        return gr_fail(err, GR_NOMEM, "no memory for a tensor of shape %s (%zu bytes)", gr_shape_text(shape, text), bytes);
    memset(tensor->data, 0, bytes);
    return GR_OK;
}

void gr_tensor_destroy(gr_tensor *tensor)
{
    if (!tensor)
        return;
    gr_free(tensor->data);
    *tensor = (gr_tensor){0};
}

gr_status gr_tensor_to_f32(const gr_tensor *tensor, gr_tensor *out, gr_error *err)
{
    gr_status status = gr_tensor_create(out, GR_F32, &tensor->shape, err);
    if (status == GR_OK)
        gr_convert_to_f32(tensor->type, tensor->data, out->data, gr_shape_elements(&tensor->shape));
    return status;
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float gr_f32_from_bf16(uint16_t bits)
{
    return float_of_bits((uint32_t)bits << 16);
}

float gr_f32_from_f16(uint16_t bits)
{
    uint32_t sign = (uint32_t)(bits & 0x8000) << 16, exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    if (exponent == 0x1f)
        return float_of_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent)
        return float_of_bits(sign | (exponent + 112) << 23 | fraction << 13);
    /* Subnormal: fraction * 2^-24, exact in float. */
    float value = (float)fraction * 0x1p-24f;
    return sign ? -value : value;
}

uint16_t gr_bf16_from_f32(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    if ((bits & 0x7fffffff) > 0x7f800000)
        return (uint16_t)(bits >> 16 | 0x40); /* keep it a NaN when its low bits are cut off */
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* The element at `from`, which need not be aligned. */
static float one_to_f32(gr_type type, const unsigned char *from)
{
    union {
        uint16_t u16;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        float f32;
        double f64;
    } raw;
    memcpy(&raw, from, gr_type_size(type));
    switch (type) {
    case GR_F32: return raw.f32;
    case GR_BF16: return gr_f32_from_bf16(raw.u16);
    case GR_F16: return gr_f32_from_f16(raw.u16);
    case GR_F64: return (float)raw.f64;
    case GR_I64: return (float)raw.i64;
    case GR_I32: return (float)raw.i32;
    case GR_I16: return raw.i16;
    case GR_I8: return (int8_t)*from;
    case GR_U8: return *from;
    case GR_BOOL: return *from != 0;
    }
    return 0;
}

void gr_convert_to_f32(gr_type type, const void *from, float *to, int64_t count)
{
    const unsigned char *bytes = from;
    size_t size = gr_type_size(type);
    if (type == GR_F32) {
        memcpy(to, from, (size_t)count * size);
        return;
    }
    for (int64_t i = 0; i < count; i++)
        to[i] = one_to_f32(type, bytes + (size_t)i * size);
}
