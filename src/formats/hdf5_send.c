/* Runs in the child of hdf5.c: walks an HDF5 file as Keras lays it out, before its version 3 and still where a name ends in
 * .h5 (hdf5_vars.c: the layout of .weights.h5). The group "model_weights", or the root of a file of weights alone, has the
 * attribute "layer_names"; the group of each layer has "weight_names", paths of its datasets. Lists that are too long for
 * one attribute go on as "layer_names0", "layer_names1". */
#include "formats/hdf5_walk.h"

#include <hdf5.h>
#include <inttypes.h>
#include <string.h>

#include "base/base.h"
#include "grimace/tensor.h"

enum { LIST_LIMIT = 1 << 16, TEXT_LIMIT = 16 << 20, PARTS_LIMIT = 1000 };

typedef gr_hdf5_walk reader;

typedef struct name_list {
    const char **items;
    size_t count;
} name_list;

static gr_status bad(reader *r, const char *where, const char *what)
{
    return gr_fail(r->err, GR_INVALID, "%s: '%s' %s", r->path, where, what);
}

static gr_status no_memory(reader *r)
{
    return gr_fail(r->err, GR_NOMEM, "%s: no memory for its tensors", r->path);
}

/* ---- attributes: lists of names ---- */

static gr_status add_name(reader *r, name_list *list, const char *text, size_t length)
{
    char *copy = length <= GR_HDF5_NAME_LIMIT ? gr_arena_strndup(r->arena, text, strnlen(text, length)) : NULL;
    if (copy == NULL)
        return length > GR_HDF5_NAME_LIMIT ? bad(r, "layer_names", "holds a name of more than 1000 bytes") : no_memory(r);
    list->items[list->count++] = copy;
    return GR_OK;
}

static gr_status read_pointers(reader *r, hid_t attribute, hid_t type, hid_t space, size_t count, name_list *list)
{
    gr_status status = GR_OK;
    char **texts = gr_arena_alloc(r->arena, count, sizeof *texts);
    hid_t memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, H5T_VARIABLE);
    H5Tset_cset(memory, H5Tget_cset(type));
    if (texts == NULL)
        status = no_memory(r);
    else if (H5Aread(attribute, memory, texts) < 0)
        status = bad(r, "layer_names", "cannot be read: the file is damaged");
    for (size_t i = 0; status == GR_OK && i < count; i++)
        status = add_name(r, list, texts[i] != NULL ? texts[i] : "", texts[i] != NULL ? strlen(texts[i]) : 0);
    if (texts != NULL)
        H5Dvlen_reclaim(memory, space, H5P_DEFAULT, texts);
    H5Tclose(memory);
    return status;
}

static gr_status read_fixed(reader *r, hid_t attribute, hid_t type, size_t count, name_list *list)
{
    size_t size = H5Tget_size(type);
    if (size == 0 || size > TEXT_LIMIT / count)
        return bad(r, "layer_names", "is too long");
    char *texts = gr_arena_alloc(r->arena, count, size);
    if (texts == NULL)
        return no_memory(r);
    if (H5Aread(attribute, type, texts) < 0)
        return bad(r, "layer_names", "cannot be read: the file is damaged");
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i < count; i++)
        status = add_name(r, list, texts + i * size, strnlen(texts + i * size, size));
    return status;
}

/* Appends the strings of one attribute; Keras writes an empty list as no floats. */
static gr_status read_attribute(reader *r, hid_t object, const char *name, name_list *list)
{
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    gr_status status = GR_OK;
    if (attribute < 0 || type < 0 || count < 0 || count > LIST_LIMIT)
        status = bad(r, name, "cannot be read: the file is damaged");
    else if (count > 0 && H5Tget_class(type) != H5T_STRING)
        status = bad(r, name, "holds no names; Keras writes a list of strings");
    const char **grown = gr_arena_alloc(r->arena, list->count + (size_t)(count > 0 ? count : 0) + 1, sizeof *grown);
    if (status == GR_OK && grown == NULL)
        status = no_memory(r);
    if (status == GR_OK && count > 0) {
        if (list->count > 0)
            memcpy(grown, list->items, list->count * sizeof *grown);
        list->items = grown;
        status = H5Tis_variable_str(type) > 0 ? read_pointers(r, attribute, type, space, (size_t)count, list)
                                              : read_fixed(r, attribute, type, (size_t)count, list);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return status;
}

/* The whole list; *found tells whether there is one. */
static gr_status read_names(reader *r, hid_t object, const char *name, name_list *list, bool *found)
{
    *found = H5Aexists(object, name) > 0;
    if (*found)
        return read_attribute(r, object, name, list);
    gr_status status = GR_OK;
    for (int part = 0; status == GR_OK && part < PARTS_LIMIT; part++) {
        char numbered[40];
        snprintf(numbered, sizeof numbered, "%s%d", name, part);
        if (H5Aexists(object, numbered) <= 0)
            break;
        *found = true;
        status = read_attribute(r, object, numbered, list);
    }
    return status;
}

/* ---- layers ---- */

static gr_status send_dataset(reader *r, hid_t layer, const char *layer_name, const char *weight)
{
    size_t length = strlen(layer_name);
    bool complete = strncmp(weight, layer_name, length) == 0 && weight[length] == '/';
    const char *name = complete ? weight : gr_arena_printf(r->arena, "%s/%s", layer_name, weight);
    if (name == NULL)
        return no_memory(r);
    if (strlen(name) > GR_HDF5_NAME_LIMIT)
        return bad(r, layer_name, "holds a weight whose name has more than 1000 bytes");
    hid_t dataset = H5Dopen2(layer, weight, H5P_DEFAULT);
    if (dataset < 0)
        return bad(r, name, "is listed, but is not in the file");
    gr_status status = gr_hdf5_send_one(r, dataset, name);
    H5Dclose(dataset);
    return status;
}

/* ---- the walk ---- */

static gr_status send_layer(reader *r, hid_t group, const char *name)
{
    name_list weights = {0};
    bool found;
    hid_t layer = H5Gopen2(group, name, H5P_DEFAULT);
    if (layer < 0)
        return bad(r, name, "is listed in layer_names, but is not in the file");
    gr_status status = read_names(r, layer, "weight_names", &weights, &found);
    if (status == GR_OK && !found)
        status = bad(r, name, "has no weight_names, which Keras writes for every layer");
    for (size_t i = 0; status == GR_OK && i < weights.count; i++)
        status = send_dataset(r, layer, name, weights.items[i]);
    H5Gclose(layer);
    return status;
}

static gr_status send_layers(reader *r, hid_t file, uint32_t *order)
{
    name_list layers = {0};
    bool found;
    hid_t group = H5Gopen2(file, H5Lexists(file, "model_weights", H5P_DEFAULT) > 0 ? "model_weights" : "/", H5P_DEFAULT);
    gr_status status =
        group < 0 ? bad(r, "model_weights", "is not a group") : read_names(r, group, "layer_names", &layers, &found);
    if (status == GR_OK && !found)
        status = gr_hdf5_send_vars(r, file, order);
    for (size_t i = 0; status == GR_OK && i < layers.count; i++)
        status = send_layer(r, group, layers.items[i]);
    H5Gclose(group);
    return status;
}

/* The file, or its bytes in memory. */
static hid_t open_file(const char *path, const gr_hdf5_image *image)
{
    if (image == NULL)
        return H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    bool good = H5Pset_fapl_core(access, 1 << 16, 0) >= 0 && H5Pset_file_image(access, image->bytes, image->size) >= 0;
    hid_t file = good ? H5Fopen("image", H5F_ACC_RDONLY, access) : -1;
    H5Pclose(access);
    return file;
}

gr_status gr_hdf5_send(const char *path, const gr_hdf5_image *image, uint64_t limit, FILE *to, uint32_t *order, gr_error *err)
{
    reader r = {.path = path,
                .to = to,
                .left = limit,
                .arena = gr_arena_create(),
                .config = image != NULL ? image->config : NULL,
                .err = err};
    *order = GR_HDF5_LISTED;
    if (r.arena == NULL)
        return no_memory(&r);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0);         /* no file may ask for code */
    H5Lunregister(H5L_TYPE_EXTERNAL); /* nor for other files */
    hid_t file = open_file(path, image);
    gr_status status = file >= 0
                           ? send_layers(&r, file, order)
                           : gr_fail(err, GR_INVALID, "%s: is a damaged HDF5 file: the HDF5 library cannot open it", path);
    if (status == GR_OK && image == NULL)
        status = gr_hdf5_send_attributes(&r, file);
    if (status == GR_OK && image != NULL && image->made != NULL)
        status = gr_hdf5_send_text(&r, GR_HDF5_MADE, image->made);
    if (status == GR_OK && image != NULL && image->version != NULL)
        status = gr_hdf5_send_text(&r, GR_HDF5_VERSION, image->version);
    H5Fclose(file);
    gr_arena_destroy(r.arena);
    return status;
}
