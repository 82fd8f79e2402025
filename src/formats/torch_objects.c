/* What a pickle of PyTorch may name, and the storages and tensors that it describes. */
#include "formats/torch_private.h"

#include <inttypes.h>
#include <string.h>

/* ---- what a pickle may name ------------------------------------------------------------------------------------------ */

enum {
    REBUILD,
    REBUILD_V2,
    PARAMETER,
    PARAMETER_STATE,
    ORDERED_DICT,
    SIZE,
    MODULE,
    ARRAY_TYPE,
    ARRAY,
    FILLED_ARRAY,
    ENCODE,
    DICT, /* what else is a dict with other manners */
    THING,
    STORAGE_TYPES
};

/* None of them is ever run: a name stands for what this reader makes in its place. */
static const struct {
    const char *module, *name; /* name NULL: all of the module; a module that ends in a dot: all in it */
    int what;
} names[] = {
    {"torch._utils", "_rebuild_tensor", REBUILD},
    {"torch._utils", "_rebuild_tensor_v2", REBUILD_V2},
    {"torch._utils", "_rebuild_parameter", PARAMETER},
    {"torch._utils", "_rebuild_parameter_with_state", PARAMETER_STATE},
    {"collections", "OrderedDict", ORDERED_DICT},
    {"torch", "Size", SIZE},
    {"torch", "FloatStorage", STORAGE_TYPES + GR_F32},
    {"torch", "DoubleStorage", STORAGE_TYPES + GR_F64},
    {"torch", "HalfStorage", STORAGE_TYPES + GR_F16},
    {"torch", "BFloat16Storage", STORAGE_TYPES + GR_BF16},
    {"torch", "LongStorage", STORAGE_TYPES + GR_I64},
    {"torch", "IntStorage", STORAGE_TYPES + GR_I32},
    {"torch", "ShortStorage", STORAGE_TYPES + GR_I16},
    {"torch", "CharStorage", STORAGE_TYPES + GR_I8},
    {"torch", "ByteStorage", STORAGE_TYPES + GR_U8},
    {"torch", "BoolStorage", STORAGE_TYPES + GR_BOOL},
    /* modules of TorchScript, and their lists of numbers */
    {"__torch__.", NULL, MODULE},
    {"__torch__", NULL, MODULE},
    {"torch.jit._pickle", NULL, THING},
    /* NumPy's arrays, before and since its version 2 */
    {"numpy", "dtype", ARRAY_TYPE},
    {"numpy", "ndarray", THING},
    {"numpy.core.multiarray", "_reconstruct", ARRAY},
    {"numpy._core.multiarray", "_reconstruct", ARRAY},
    {"numpy.core.numeric", "_frombuffer", FILLED_ARRAY},
    {"numpy._core.numeric", "_frombuffer", FILLED_ARRAY},
    {"numpy.core.multiarray", "scalar", THING},
    {"numpy._core.multiarray", "scalar", THING},
    {"numpy.dtypes", NULL, THING},
    {"_codecs", "encode", ENCODE},
    /* what a training keeps beside the weights */
    {"collections", "defaultdict", DICT},
    {"collections", "Counter", DICT},
    {"lightning_fabric.utilities.data", "AttributeDict", DICT},
    {"lightning.fabric.utilities.data", "AttributeDict", DICT},
    {"pytorch_lightning.utilities.parsing", "AttributeDict", DICT},
    {"lightning.pytorch.utilities.parsing", "AttributeDict", DICT},
    {"pytorch_lightning.callbacks.", NULL, THING},
    {"lightning.pytorch.callbacks.", NULL, THING},
    {"omegaconf.", NULL, THING},
    {"argparse", "Namespace", THING},
    {"types", "SimpleNamespace", THING},
    {"pathlib", NULL, THING},
    {"pathlib._local", NULL, THING},
    {"datetime", NULL, THING},
    {"torch", "device", THING},
    {"torch", "dtype", THING},
    {"torch", "float32", THING},
    {"torch", "float16", THING},
    {"torch", "bfloat16", THING},
    {"torch", "float64", THING},
    {"torch.torch_version", "TorchVersion", THING},
};

/* Python's own types, under the names of Python 3 and 2. */
static bool is_plain_type(const char *module, const char *name)
{
    static const char *const types[] = {"set",  "frozenset", "list", "tuple", "dict",  "int",
                                        "long", "float",     "bool", "str",   "object"};
    if (strcmp(module, "builtins") != 0 && strcmp(module, "__builtin__") != 0)
        return false;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i], name) == 0)
            return true;
    return false;
}

static int find_global(const char *module, const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bool here =
            gr_ends_with(names[i].module, ".") ? gr_starts_with(module, names[i].module) : strcmp(names[i].module, module) == 0;
        if (here && (names[i].name == NULL || strcmp(names[i].name, name) == 0))
            return names[i].what;
    }
    return is_plain_type(module, name) ? THING : -1;
}

static bool keep_storage(gr_torch *l, gr_torch_storage *s)
{
    if (l->storage_count == l->storage_capacity) {
        size_t capacity = l->storage_capacity > 0 ? l->storage_capacity * 2 : 256;
        gr_torch_storage **grown = gr_realloc(l->storages, capacity, sizeof(gr_torch_storage *));
        if (grown == NULL)
            return false;
        l->storages = grown;
        l->storage_capacity = capacity;
    }
    l->storages[l->storage_count++] = s;
    return true;
}

/* ("storage", type, key, location, elements) and, before the zip form, None or (view's key, offset, elements). */
static gr_status find_storage(void *ctx, const gr_pickle *id, gr_pickle **out, gr_error *err)
{
    gr_torch *l = ctx;
    gr_torch_storage s = {0};
    bool good = id->kind == GR_PICKLE_TUPLE && id->count >= 5 && id->items[0]->kind == GR_PICKLE_TEXT &&
                strcmp(id->items[0]->text, "storage") == 0 && id->items[1]->kind == GR_PICKLE_GLOBAL &&
                id->items[1]->what >= STORAGE_TYPES && id->items[2]->kind == GR_PICKLE_TEXT &&
                gr_torch_whole(id->items[4], &s.count);
    if (!good)
        return gr_torch_refuse(l, "a storage is not described as PyTorch describes one", err);
    s.type = (gr_type)(id->items[1]->what - STORAGE_TYPES);
    s.key = id->items[2]->text;
    s.view_count = s.count;
    if (id->count > 5 && id->items[5]->kind != GR_PICKLE_NONE) {
        const gr_pickle *part = id->items[5];
        if (part->kind != GR_PICKLE_TUPLE || part->count != 3 || !gr_torch_whole(part->items[1], &s.view_at) ||
            !gr_torch_whole(part->items[2], &s.view_count) || s.view_at > s.count || s.view_count > s.count - s.view_at)
            return gr_torch_refuse(l, "a view reaches beyond its storage", err);
    }
    gr_torch_storage *kept = gr_arena_alloc(l->arena, 1, sizeof *kept);
    if (kept == NULL || !keep_storage(l, kept))
        return gr_torch_no_memory(l, err);
    *kept = s;
    return gr_torch_make(l, GR_TORCH_STORAGE, kept, out, err);
}

/* (storage, offset, size, stride, ...) */
static gr_status rebuild(gr_torch *l, const gr_pickle *args, gr_pickle **out, gr_error *err)
{
    gr_torch_view v = {0};
    bool good = args->count >= 4 && args->items[0]->kind == GR_PICKLE_FOREIGN && args->items[0]->what == GR_TORCH_STORAGE &&
                gr_torch_whole(args->items[1], &v.offset) && args->items[2]->kind == GR_PICKLE_TUPLE &&
                args->items[3]->kind == GR_PICKLE_TUPLE && args->items[2]->count == args->items[3]->count &&
                args->items[2]->count <= GR_MAX_RANK;
    if (!good)
        return gr_torch_refuse(l, "a tensor is not described as PyTorch describes one", err);
    v.storage = args->items[0]->data;
    v.shape.rank = (int)args->items[2]->count;
    for (int d = 0; d < v.shape.rank; d++) {
        uint64_t size;
        if (!gr_torch_whole(args->items[2]->items[d], &size) || !gr_torch_whole(args->items[3]->items[d], &v.stride[d]))
            return gr_torch_refuse(l, "a tensor's size or stride is no whole number from 0 up", err);
        v.shape.dim[d] = (int64_t)size;
    }
    char text[GR_SHAPE_TEXT];
    if (!gr_torch_fits(&v))
        return gr_fail(err, GR_INVALID,
                       "%s: is damaged: a tensor of shape %s reaches beyond its storage of %" PRIu64 " elements",
                       l->source->path, gr_shape_text(&v.shape, text), v.storage->view_count);
    gr_torch_view *kept = gr_arena_alloc(l->arena, 1, sizeof *kept);
    if (kept != NULL)
        *kept = v;
    return gr_torch_make(l, GR_TORCH_TENSOR, kept, out, err);
}

/* Python 2 gives OrderedDict a list of [key, value]. */
static gr_status make_dict(gr_torch *l, const gr_pickle *args, gr_pickle **out, gr_error *err)
{
    *out = gr_pickle_new(l->arena, GR_PICKLE_DICT);
    if (*out == NULL)
        return gr_torch_no_memory(l, err);
    if (args->count == 0)
        return GR_OK;
    const gr_pickle *pairs = args->items[0];
    if (args->count > 1 || pairs->kind != GR_PICKLE_LIST)
        return gr_torch_refuse(l, "a dict is made of what is no list", err);
    for (size_t i = 0; i < pairs->count; i++) {
        const gr_pickle *pair = pairs->items[i];
        if ((pair->kind != GR_PICKLE_LIST && pair->kind != GR_PICKLE_TUPLE) || pair->count != 2)
            return gr_torch_refuse(l, "a dict is made of what are no pairs", err);
        if (!gr_pickle_append(l->arena, *out, pair->items[0]) || !gr_pickle_append(l->arena, *out, pair->items[1]))
            return gr_torch_no_memory(l, err);
    }
    return GR_OK;
}

static gr_status make_module(gr_torch *l, int what, gr_pickle **out, gr_error *err)
{
    *out = gr_pickle_new(l->arena, GR_PICKLE_DICT);
    if (*out == NULL)
        return gr_torch_no_memory(l, err);
    (*out)->what = what;
    return GR_OK;
}

static gr_status call(void *ctx, int what, const gr_pickle *args, gr_pickle **out, gr_error *err)
{
    gr_torch *l = ctx;
    switch (what) {
    case REBUILD:
    case REBUILD_V2: return rebuild(l, args, out, err);
    case PARAMETER:
    case PARAMETER_STATE:
        if (args->count < 1 || args->items[0]->kind != GR_PICKLE_FOREIGN || args->items[0]->what != GR_TORCH_TENSOR)
            return gr_torch_refuse(l, "a parameter is made of what is no tensor", err);
        *out = args->items[0];
        return GR_OK;
    case ORDERED_DICT: return make_dict(l, args, out, err);
    case SIZE:
        if (args->count != 1 || args->items[0]->kind != GR_PICKLE_TUPLE)
            return gr_torch_refuse(l, "a size is made of what is no tuple", err);
        *out = args->items[0];
        return GR_OK;
    case MODULE: return make_module(l, GR_TORCH_MODULE, out, err);
    case DICT: return make_module(l, 0, out, err);
    case ARRAY_TYPE: return gr_torch_make_type(l, args, out, err);
    case ARRAY: return gr_torch_make(l, GR_TORCH_ARRAY, NULL, out, err);
    case FILLED_ARRAY: return gr_torch_make_array(l, args, out, err);
    case ENCODE: return gr_torch_encode(l, args, out, err);
    case THING: return gr_torch_make(l, GR_TORCH_THING, NULL, out, err);
    default: return gr_torch_refuse(l, "the type of a storage is called like a function", err);
    }
}

/* The attributes of a module of TorchScript, and the numbers of an array. All else is not needed: the versions that PyTorch hangs
 * on a state dict, the fields of options. */
static gr_status set_state(void *ctx, gr_pickle *object, const gr_pickle *state, gr_error *err)
{
    gr_torch *l = ctx;
    if (object->kind == GR_PICKLE_FOREIGN && (object->what == GR_TORCH_TYPE || object->what == GR_TORCH_ARRAY))
        return gr_torch_set_array(l, object, state, err);
    if (object->kind != GR_PICKLE_DICT || object->what != GR_TORCH_MODULE || state->kind != GR_PICKLE_DICT)
        return GR_OK;
    size_t count = state->count; /* it may be its own state, and grow */
    gr_status status = gr_torch_spend(l, count * sizeof(gr_pickle *), err);
    for (size_t i = 0; status == GR_OK && i < count; i++)
        if (!gr_pickle_append(l->arena, object, state->items[i]))
            status = gr_torch_no_memory(l, err);
    return status;
}

gr_status gr_torch_unpickle(gr_torch *l, const void *bytes, size_t size, size_t *at, gr_pickle **root, gr_error *err)
{
    gr_unpickler u = {.path = l->source->path,
                      .arena = l->arena,
                      .global = find_global,
                      .call = call,
                      .state = set_state,
                      .persistent = find_storage,
                      .ctx = l};
    return gr_unpickle(&u, bytes, size, at, root, err);
}
