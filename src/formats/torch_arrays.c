/* NumPy's arrays in a pickle: their elements stand in the pickle itself. numpy/_core/src/multiarray/methods.c and descriptor.c say
 * how arrays and types of elements are taken apart. */
#include "formats/torch_private.h"

#include <string.h>

/* A type of elements; other byte orders and kinds are known to be unknown. */
typedef struct gr_torch_type {
    gr_type type;
    bool known;
} gr_torch_type;

static bool is_text(const gr_pickle *object, const char *text)
{
    return object->kind == GR_PICKLE_TEXT && strcmp(object->text, text) == 0;
}

/* ("f4", ...): kind and size. */
gr_status gr_torch_make_type(gr_torch *l, const gr_pickle *args, gr_pickle **out, gr_error *err)
{
    static const struct {
        const char *name;
        gr_type type;
    } types[] = {{"f4", GR_F32}, {"f8", GR_F64}, {"f2", GR_F16}, {"i8", GR_I64}, {"i4", GR_I32},
                 {"i2", GR_I16}, {"i1", GR_I8},  {"u1", GR_U8},  {"b1", GR_BOOL}};
    gr_torch_type *made = gr_arena_alloc(l->arena, 1, sizeof *made);
    if (args->count < 1)
        return gr_torch_refuse(l, "a type of numbers is not described as NumPy describes one", err);
    for (size_t i = 0; made != NULL && i < sizeof types / sizeof *types; i++)
        if (is_text(args->items[0], types[i].name))
            *made = (gr_torch_type){types[i].type, true};
    return gr_torch_make(l, GR_TORCH_TYPE, made, out, err);
}

/* The latin-1 text that older pickles hold in place of bytes, as bytes again. */
gr_status gr_torch_encode(gr_torch *l, const gr_pickle *args, gr_pickle **out, gr_error *err)
{
    if (args->count != 2 || args->items[0]->kind != GR_PICKLE_TEXT || !is_text(args->items[1], "latin1"))
        return gr_torch_refuse(l, "bytes are not encoded as Python encodes them", err);
    const unsigned char *from = (const unsigned char *)args->items[0]->text;
    size_t size = args->items[0]->count, made = 0;
    gr_status status = gr_torch_spend(l, size, err);
    if (status != GR_OK)
        return status;
    unsigned char *to = gr_arena_alloc(l->arena, size + 1, 1);
    *out = gr_pickle_new(l->arena, GR_PICKLE_BYTES);
    if (to == NULL || *out == NULL)
        return gr_torch_no_memory(l, err);
    for (size_t i = 0; i < size; i++) {
        bool wide = from[i] >= 0x80;
        if (wide && ((from[i] & 0xfe) != 0xc2 || i + 1 >= size || (from[i + 1] & 0xc0) != 0x80))
            return gr_torch_refuse(l, "a text that stands for bytes holds other letters", err);
        to[made++] = wide ? (unsigned char)(from[i] << 6 | (from[i + 1] & 0x3f)) : from[i];
        i += wide;
    }
    (*out)->text = (const char *)to;
    (*out)->count = made;
    return GR_OK;
}

/* The array becomes a tensor, or a thing where its elements are no numbers that are known. */
static gr_status fill(gr_torch *l, gr_pickle *object, const gr_pickle *shape, const gr_pickle *type, bool columns_first,
                      const gr_pickle *data, gr_error *err)
{
    const gr_torch_type *of = type->kind == GR_PICKLE_FOREIGN && type->what == GR_TORCH_TYPE ? type->data : NULL;
    if (of == NULL || shape->kind != GR_PICKLE_TUPLE)
        return gr_torch_refuse(l, "an array is not described as NumPy describes one", err);
    object->what = GR_TORCH_THING;
    if (!of->known || (data->kind != GR_PICKLE_BYTES && data->kind != GR_PICKLE_TEXT) || shape->count > GR_MAX_RANK)
        return GR_OK;
    gr_torch_storage *storage = gr_arena_alloc(l->arena, 1, sizeof *storage);
    gr_torch_view *v = gr_arena_alloc(l->arena, 1, sizeof *v);
    if (storage == NULL || v == NULL)
        return gr_torch_no_memory(l, err);
    uint64_t count = data->count / gr_type_size(of->type), size, stride = 1;
    *storage = (gr_torch_storage){.key = "", .type = of->type, .count = count, .view_count = count, .bytes = data->text};
    *v = (gr_torch_view){.storage = storage, .shape.rank = (int)shape->count};
    for (int i = 0; i < v->shape.rank; i++) {
        int d = columns_first ? i : v->shape.rank - 1 - i;
        if (!gr_torch_whole(shape->items[d], &size))
            return gr_torch_refuse(l, "an array's shape holds no whole number from 0 up", err);
        v->shape.dim[d] = (int64_t)size;
        v->stride[d] = stride;
        if (__builtin_mul_overflow(stride, size, &stride))
            return gr_torch_refuse(l, "an array is too large", err);
    }
    if (!gr_torch_fits(v))
        return gr_torch_refuse(l, "an array is larger than its numbers", err);
    object->what = GR_TORCH_TENSOR;
    object->data = v;
    return GR_OK;
}

/* (bytes, type, shape, "C" or "F") */
gr_status gr_torch_make_array(gr_torch *l, const gr_pickle *args, gr_pickle **out, gr_error *err)
{
    if (args->count != 4)
        return gr_torch_refuse(l, "an array is not described as NumPy describes one", err);
    gr_status status = gr_torch_make(l, GR_TORCH_ARRAY, NULL, out, err);
    if (status != GR_OK)
        return status;
    return fill(l, *out, args->items[2], args->items[1], is_text(args->items[3], "F"), args->items[0], err);
}

/* A type's (version, byte order, ...); an array's (version, shape, type, columns first, bytes), without version in old ones. */
gr_status gr_torch_set_array(gr_torch *l, gr_pickle *object, const gr_pickle *state, gr_error *err)
{
    if (state->kind != GR_PICKLE_TUPLE || state->count < (object->what == GR_TORCH_TYPE ? 2 : 4))
        return gr_torch_refuse(l, "an array is not described as NumPy describes one", err);
    if (object->what == GR_TORCH_TYPE) {
        gr_torch_type *type = object->data;
        type->known = type->known && !is_text(state->items[1], ">");
        return GR_OK;
    }
    gr_pickle *const *last = state->items + state->count - 4;
    return fill(l, object, last[0], last[1], last[2]->integer != 0, last[3], err);
}
