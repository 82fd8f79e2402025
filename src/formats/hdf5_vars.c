/* The layout of Keras's .weights.h5: groups of groups, one for each layer under "layers", called after its class and counted
 * (conv2d, conv2d_1, ...); in each a group "vars" with its variables 0, 1, ... Keras 3 writes the layer's own name as
 * attribute "name" of "vars". Which variable is which follows from the class. */
#include "formats/hdf5_walk.h"

#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_LIMIT = 16, CHILD_LIMIT = 1 << 14, VARS_LIMIT = 64, NAME_ROOM = 256 };

typedef struct children {
    const char **names;
    size_t count;
    gr_arena *arena;
    bool failed;
} children;

static gr_status no_memory(gr_hdf5_walk *w)
{
    return gr_fail(w->err, GR_NOMEM, "%s: no memory for its tensors", w->path);
}

/* ---- what a group holds
 * ------------------------------------------------------------------------------------------------------ */

static herr_t collect(hid_t group, const char *name, const H5L_info_t *info, void *to)
{
    children *c = to;
    (void)group;
    (void)info;
    if (c->count == CHILD_LIMIT || strlen(name) >= NAME_ROOM)
        c->failed = true;
    else if ((c->names[c->count] = gr_arena_strdup(c->arena, name)) != NULL)
        c->count++;
    else
        c->failed = true;
    return c->failed ? -1 : 0;
}

/* "conv2d" is before "conv2d_1", that before "conv2d_10". */
static int by_count(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    size_t same = 0;
    while (x[same] != '\0' && x[same] == y[same])
        same++;
    size_t i = strspn(x + same, "0123456789"), j = strspn(y + same, "0123456789");
    if ((i > 0 || x[same] == '\0') && (j > 0 || y[same] == '\0') && i != j)
        return i < j ? -1 : 1;
    return strcmp(x, y);
}

static gr_status list_children(gr_hdf5_walk *w, hid_t group, children *out)
{
    hsize_t at = 0;
    *out = (children){.names = gr_arena_alloc(w->arena, CHILD_LIMIT, sizeof *out->names), .arena = w->arena};
    if (out->names == NULL)
        return no_memory(w);
    if (H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &at, collect, out) < 0 || out->failed)
        return gr_fail(w->err, GR_INVALID, "%s: is damaged, or has more than %d layers", w->path, CHILD_LIMIT);
    qsort(out->names, out->count, sizeof *out->names, by_count);
    return GR_OK;
}

/* The group's name that the user gave, or NULL. */
static const char *own_name(gr_hdf5_walk *w, hid_t vars)
{
    char *text = NULL;
    const char *name = NULL;
    if (H5Aexists(vars, "name") <= 0)
        return NULL;
    hid_t attribute = H5Aopen(vars, "name", H5P_DEFAULT), type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (H5Tis_variable_str(type) > 0 && H5Sget_simple_extent_npoints(space) == 1 && H5Aread(attribute, type, &text) >= 0 &&
        text != NULL) {
        if (strlen(text) < NAME_ROOM)
            name = gr_arena_strdup(w->arena, text);
        H5Dvlen_reclaim(type, space, H5P_DEFAULT, &text);
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Aclose(attribute);
    return name;
}

/* ---- variables
 * --------------------------------------------------------------------------------------------------------------- */

/* Variables of the classes, in their order; a batch norm of three has no gamma. */
static const char *variable_of(const char *class_name, size_t number, size_t count)
{
    static const struct {
        const char *name;
        size_t count; /* 0: any */
        const char *variables[4];
    } classes[] = {
        {"conv2d", 0, {"kernel", "bias"}},
        {"dense", 0, {"kernel", "bias"}},
        {"depthwise_conv2d", 0, {"depthwise_kernel", "bias"}},
        {"separable_conv2d", 0, {"depthwise_kernel", "pointwise_kernel", "bias"}},
        {"batch_normalization", 4, {"gamma", "beta", "moving_mean", "moving_variance"}},
        {"batch_normalization", 3, {"beta", "moving_mean", "moving_variance"}},
        {"batch_normalization", 2, {"moving_mean", "moving_variance"}},
        {"normalization", 0, {"mean", "variance", "count"}},
    };
    size_t length = strlen(class_name), digits = length;
    while (digits > 0 && class_name[digits - 1] >= '0' && class_name[digits - 1] <= '9')
        digits--;
    if (digits > 1 && digits < length && class_name[digits - 1] == '_')
        length = digits - 1;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strlen(classes[i].name) == length && strncmp(classes[i].name, class_name, length) == 0 && number < 4 &&
            (classes[i].count == 0 || classes[i].count == count))
            return classes[i].variables[number];
    return NULL;
}

static gr_status send_variable(gr_hdf5_walk *w, hid_t vars, const char *number, size_t count, const char *class_name,
                               const char *layer)
{
    const char *known = variable_of(class_name, (size_t)strtoul(number, NULL, 10), count);
    const char *name = gr_arena_printf(w->arena, "%s/%s:0", layer, known != NULL ? known : number);
    if (name == NULL)
        return no_memory(w);
    if (strlen(name) > GR_HDF5_NAME_LIMIT)
        return gr_fail(w->err, GR_INVALID, "%s: holds a weight whose name has more than 1000 bytes", w->path);
    hid_t dataset = H5Dopen2(vars, number, H5P_DEFAULT);
    if (dataset < 0)
        return gr_fail(w->err, GR_INVALID, "%s: '%s' cannot be read: the file is damaged", w->path, name);
    gr_status status = gr_hdf5_send_one(w, dataset, name);
    H5Dclose(dataset);
    return status;
}

static gr_status send_variables(gr_hdf5_walk *w, hid_t vars, const char *class_name, const char *layer)
{
    children numbers;
    gr_status status = list_children(w, vars, &numbers);
    if (status == GR_OK && numbers.count > VARS_LIMIT)
        status = gr_fail(w->err, GR_INVALID, "%s: the layer %s has %zu variables, at most %d are read", w->path, layer,
                         numbers.count, VARS_LIMIT);
    for (size_t i = 0; status == GR_OK && i < numbers.count; i++)
        status = send_variable(w, vars, numbers.names[i], numbers.count, class_name, layer);
    return status;
}

/* ---- groups
 * ------------------------------------------------------------------------------------------------------------------ */

/* What is no layer: the state of training. */
static bool is_aside(const char *name)
{
    static const char *const aside[] = {"optimizer", "metrics", "loss_tracker", "seed_generator", "_loss_tracker"};
    for (size_t i = 0; i < sizeof aside / sizeof aside[0]; i++)
        if (strcmp(name, aside[i]) == 0)
            return true;
    return false;
}

static gr_status send_group(gr_hdf5_walk *w, hid_t group, const char *class_name, const char *within, int depth);

/* Models within the model come before its layers: they stand at its beginning. */
static gr_status send_children(gr_hdf5_walk *w, hid_t group, const children *all, bool models, const char *within, int depth)
{
    gr_status status = GR_OK;
    for (size_t i = 0; status == GR_OK && i < all->count; i++) {
        const char *name = all->names[i];
        if (strcmp(name, "vars") == 0 || is_aside(name))
            continue;
        hid_t child = H5Gopen2(group, name, H5P_DEFAULT);
        if (child < 0)
            return gr_fail(w->err, GR_INVALID, "%s: '%s' is no group, which Keras writes there", w->path, name);
        bool model = H5Lexists(child, "layers", H5P_DEFAULT) > 0;
        if (model == models)
            status = send_group(w, child, name, within, depth + 1);
        H5Gclose(child);
    }
    return status;
}

/* A layer, a model, or the group "layers" of one, which has no name of its own. */
static gr_status send_group(gr_hdf5_walk *w, hid_t group, const char *class_name, const char *within, int depth)
{
    children all;
    const char *name = within;
    if (depth > DEPTH_LIMIT)
        return gr_fail(w->err, GR_INVALID, "%s: has models within models more than %d deep", w->path, DEPTH_LIMIT);
    hid_t vars = H5Lexists(group, "vars", H5P_DEFAULT) > 0 ? H5Gopen2(group, "vars", H5P_DEFAULT) : -1;
    if (depth > 0 && strcmp(class_name, "layers") != 0) {
        const char *own = vars >= 0 ? own_name(w, vars) : NULL;
        w->named = w->named || own != NULL;
        own = own != NULL ? own : class_name;
        name = *within != '\0' ? gr_arena_printf(w->arena, "%s/%s", within, own) : own;
        if (name == NULL)
            return no_memory(w);
    }
    gr_status status = list_children(w, group, &all);
    if (status == GR_OK && vars >= 0)
        status = send_variables(w, vars, class_name, *name != '\0' ? name : "model");
    if (status == GR_OK)
        status = send_children(w, group, &all, true, name, depth);
    if (status == GR_OK)
        status = send_children(w, group, &all, false, name, depth);
    H5Gclose(vars);
    return status;
}

gr_status gr_hdf5_send_vars(gr_hdf5_walk *w, int64_t file, gr_hdf5_order *order)
{
    static const char *const groups[] = {"layers", "_layer_checkpoint_dependencies", "vars"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (H5Lexists(file, groups[i], H5P_DEFAULT) > 0) {
            gr_status status = send_group(w, file, "", "", 0);
            *order = w->named ? GR_HDF5_COUNTED : GR_HDF5_NAMELESS;
            return status;
        }
    return gr_fail(w->err, GR_INVALID,
                   "%s: is an HDF5 file without Keras's layers; what model.save(\"NAME.keras\"), model.save(\"NAME.h5\") or "
                   "model.save_weights(\"NAME.weights.h5\") writes would be right",
                   w->path);
}
