/* torch.export's archives (.pt2) as PyTorch 2.15 writes them:
 *
 *   PREFIX/data/weights/MODEL_weights_config.json   {"config": {NAME: {"path_name": FILE, "tensor_meta": {...}, ...}, ...}}
 *   PREFIX/data/weights/FILE                        a tensor's storage
 *
 * torch/export/pt2_archive and torch/_export/serde/schema.py in PyTorch's sources are the description. */
#include <string.h>

#include "formats/json.h"
#include "formats/torch_private.h"

static const char ending[] = "_weights_config.json", folder[] = "data/weights/";
enum { MOST_BYTES = 256 << 20 };

static gr_status refuse(const gr_torch *l, const char *name, const char *what, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s: tensor \"%.200s\" %s", l->source->path, name, what);
}

/* schema.py's ScalarType; false for what weights are not made of. */
static bool read_type(int64_t number, gr_type *type)
{
    static const struct {
        int64_t number;
        gr_type type;
    } types[] = {{1, GR_U8},  {2, GR_I8},  {3, GR_I16}, {4, GR_I32},   {5, GR_I64},
                 {6, GR_F16}, {7, GR_F32}, {8, GR_F64}, {12, GR_BOOL}, {13, GR_BF16}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].number == number) {
            *type = types[i].type;
            return true;
        }
    return false;
}

/* {"as_int": N}, N from 0 on. */
static bool read_int(const json_t *json, uint64_t *out)
{
    const json_t *number = json_object_get(json, "as_int");
    *out = json_is_integer(number) && json_integer_value(number) >= 0 ? (uint64_t)json_integer_value(number) : 0;
    return json_is_integer(number) && json_integer_value(number) >= 0;
}

/* Sizes, strides and offset; false where they are not as PyTorch writes them. */
static bool read_view(const json_t *meta, gr_torch_view *v)
{
    const json_t *sizes = json_object_get(meta, "sizes"), *strides = json_object_get(meta, "strides");
    size_t rank = json_array_size(sizes);
    if (!json_is_array(sizes) || rank > GR_MAX_RANK || json_array_size(strides) != rank ||
        !read_int(json_object_get(meta, "storage_offset"), &v->offset))
        return false;
    v->shape.rank = (int)rank;
    for (size_t d = 0; d < rank; d++) {
        uint64_t size;
        if (!read_int(json_array_get(sizes, d), &size) || size > INT64_MAX ||
            !read_int(json_array_get(strides, d), &v->stride[d]))
            return false;
        v->shape.dim[d] = (int64_t)size;
    }
    return true;
}

static gr_status make_tensor(gr_torch *l, const char *name, const json_t *json, gr_pickle **out, gr_error *err)
{
    const char *file = json_string_value(json_object_get(json, "path_name"));
    const json_t *meta = json_object_get(json, "tensor_meta");
    gr_torch_storage *storage = gr_arena_alloc(l->arena, 1, sizeof *storage);
    gr_torch_view *v = gr_arena_alloc(l->arena, 1, sizeof *v);
    if (storage == NULL || v == NULL)
        return gr_torch_no_memory(l, err);
    if (file == NULL || json_is_true(json_object_get(json, "use_pickle")))
        return refuse(l, name,
                      "is no plain tensor; torch.save(torch.export.load(FILE).state_dict, \"NAME.pth\") writes what is read",
                      err);
    if (!read_type(json_integer_value(json_object_get(meta, "dtype")), &storage->type))
        return refuse(l, name, "has a type of numbers that is not read", err);
    *v = (gr_torch_view){.storage = storage};
    storage->key = gr_arena_printf(l->arena, "weights/%s", file);
    char *path = gr_arena_printf(l->arena, "%s%s%s", l->prefix, folder, file);
    if (storage->key == NULL || path == NULL)
        return gr_torch_no_memory(l, err);
    const gr_zip_entry *entry = gr_zip_find(&l->zip, path);
    storage->count = storage->view_count = entry != NULL ? entry->size / gr_type_size(storage->type) : 0;
    if (!read_view(meta, v) || !gr_torch_fits(v))
        return refuse(l, name, "is larger than its numbers, or not described as PyTorch describes one", err);
    return gr_torch_make(l, GR_TORCH_TENSOR, v, out, err);
}

/* The dict of names and tensors that a state dict would be. */
static gr_status make_state(gr_torch *l, json_t *json, gr_pickle **root, gr_error *err)
{
    const char *name;
    json_t *value, *config = json_object_get(json, "config");
    *root = gr_pickle_new(l->arena, GR_PICKLE_DICT);
    if (*root == NULL)
        return gr_torch_no_memory(l, err);
    if (!json_is_object(config))
        return gr_torch_refuse(l, "its list of weights has no config", err);
    json_object_foreach(config, name, value)
    {
        gr_pickle *key = gr_pickle_new(l->arena, GR_PICKLE_TEXT), *tensor = NULL;
        char *text = gr_arena_strdup(l->arena, name);
        gr_status status =
            key != NULL && text != NULL ? make_tensor(l, name, value, &tensor, err) : gr_torch_no_memory(l, err);
        if (status != GR_OK)
            return status;
        key->text = text;
        key->count = strlen(text);
        if (!gr_pickle_append(l->arena, *root, key) || !gr_pickle_append(l->arena, *root, tensor))
            return gr_torch_no_memory(l, err);
    }
    return GR_OK;
}

const gr_zip_entry *gr_torch_export_list(const gr_torch *l)
{
    for (size_t i = 0; i < l->zip.count; i++) {
        const char *name = l->zip.entries[i].name, *slash = strchr(name, '/');
        if (slash != NULL && gr_starts_with(slash + 1, folder) && gr_ends_with(name, ending))
            return &l->zip.entries[i];
    }
    return NULL;
}

gr_status gr_torch_export_state(gr_torch *l, const gr_zip_entry *list, gr_pickle **root, gr_error *err)
{
    json_error_t wrong;
    *root = NULL;
    l->prefix = gr_arena_strndup(l->arena, list->name, (size_t)(strchr(list->name, '/') + 1 - list->name));
    if (l->prefix == NULL)
        return gr_torch_no_memory(l, err);
    if (list->size > MOST_BYTES)
        return gr_torch_refuse(l, "its list of weights has more than 256 MB", err);
    gr_status status = gr_torch_spend(l, list->size, err);
    char *text = status == GR_OK ? gr_alloc(list->size + 1, 1) : NULL;
    if (status == GR_OK && text == NULL)
        status = gr_torch_no_memory(l, err);
    if (status == GR_OK)
        status = gr_zip_read(&l->zip, list, text, err);
    json_t *json = status == GR_OK ? json_loadb(text, list->size, JSON_REJECT_DUPLICATES, &wrong) : NULL;
    if (status == GR_OK && json == NULL)
        status = gr_torch_refuse(l, "its list of weights is not valid JSON", err);
    if (status == GR_OK)
        status = make_state(l, json, root, err);
    json_decref(json);
    gr_free(text);
    return status;
}
