/* The layout of Keras's .weights.h5: groups of groups, one for each layer under "layers", called after its class and counted
 * (conv2d, conv2d_1, ...); in each a group "vars" with its variables 0, 1, ... Keras 3 writes the layer's own name as
 * attribute "name" of "vars". Which variable is which follows from the class. */
#include "formats/hdf5_walk.h"

#include <ctype.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_LIMIT = 16, CHILD_LIMIT = 1 << 14, VARS_LIMIT = 64, NAME_ROOM = 256 };

typedef struct children {
    const char **names;
    const json_t **made; /* how each was made; NULL: not known */
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
static const char *variable_of(const char *class_name, size_t number, size_t count, const json_t *made)
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
        {"p_re_lu", 0, {"alpha"}},
    };
    bool centred = !json_is_false(json_object_get(json_object_get(made, "config"), "center"));
    size_t length = strlen(class_name), digits = length;
    while (digits > 0 && class_name[digits - 1] >= '0' && class_name[digits - 1] <= '9')
        digits--;
    if (digits > 1 && digits < length && class_name[digits - 1] == '_')
        length = digits - 1;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strlen(classes[i].name) == length && strncmp(classes[i].name, class_name, length) == 0 && number < 4 &&
            (classes[i].count == 0 || classes[i].count == count))
            return centred || strcmp(classes[i].variables[number], "beta") != 0 ? classes[i].variables[number] : "gamma";
    return NULL;
}

static gr_status send_variable(gr_hdf5_walk *w, hid_t vars, const char *number, size_t count, const char *class_name,
                               const json_t *made, const char *layer)
{
    const char *known = variable_of(class_name, (size_t)strtoul(number, NULL, 10), count, made);
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

static gr_status send_variables(gr_hdf5_walk *w, hid_t vars, const char *class_name, const json_t *made, const char *layer)
{
    children numbers;
    gr_status status = list_children(w, vars, &numbers);
    if (status == GR_OK && numbers.count > VARS_LIMIT)
        status = gr_fail(w->err, GR_INVALID, "%s: the layer %s has %zu variables, at most %d are read", w->path, layer,
                         numbers.count, VARS_LIMIT);
    for (size_t i = 0; status == GR_OK && i < numbers.count; i++)
        status = send_variable(w, vars, numbers.names[i], numbers.count, class_name, made, layer);
    return status;
}

/* ---- groups
 * ------------------------------------------------------------------------------------------------------------------ */

/* Is it the group of a model's layers? */
static bool holds_layers(const char *name)
{
    return strcmp(name, "layers") == 0 || strcmp(name, "_layer_checkpoint_dependencies") == 0;
}

/* What is no layer: the state of training. */
static bool is_aside(const char *name)
{
    static const char *const aside[] = {"optimizer", "metrics", "loss_tracker", "seed_generator", "_loss_tracker"};
    for (size_t i = 0; i < sizeof aside / sizeof aside[0]; i++)
        if (strcmp(name, aside[i]) == 0)
            return true;
    return false;
}

/* What Keras calls a layer of the class in a file: Conv2D conv2d, DepthwiseConv2D depthwise_conv2d, ReLU re_lu. */
static void class_as_name(const char *class_name, char name[NAME_ROOM])
{
    size_t length = 0;
    for (size_t i = 0; class_name[i] != '\0' && length + 2 < NAME_ROOM; i++) {
        bool upper = isupper((unsigned char)class_name[i]), begins = islower((unsigned char)class_name[i + 1]);
        if (i > 0 && upper && (begins || islower((unsigned char)class_name[i - 1])))
            name[length++] = '_';
        name[length++] = (char)tolower((unsigned char)class_name[i]);
    }
    name[length] = '\0';
}

/* Layer i's group by its class and how many before it had that: conv2d, conv2d_1. false: its class is not known. */
static bool group_of(const json_t *layers, size_t i, char name[NAME_ROOM + 24])
{
    size_t met = 0;
    char other[NAME_ROOM];
    const char *class_name = json_string_value(json_object_get(json_array_get(layers, i), "class_name"));
    if (class_name == NULL)
        return false;
    class_as_name(class_name, name);
    for (size_t before = 0; before < i; before++) {
        class_name = json_string_value(json_object_get(json_array_get(layers, before), "class_name"));
        class_as_name(class_name != NULL ? class_name : "", other);
        met += strcmp(other, name) == 0;
    }
    size_t length = strlen(name);
    if (met > 0)
        snprintf(name + length, NAME_ROOM + 24 - length, "_%zu", met);
    return true;
}

/* Puts a model's layers in the order in which its configuration has them. A layer that it does not have: they stay. */
static void arrange(gr_hdf5_walk *w, children *all, const json_t *model)
{
    const json_t *layers = json_object_get(json_object_get(model, "config"), "layers");
    size_t size = json_array_size(layers), placed = 0;
    children found = {gr_arena_alloc(w->arena, all->count + 1, sizeof *found.names),
                      gr_arena_alloc(w->arena, all->count + 1, sizeof *found.made), all->count, all->arena, false};
    if (found.names == NULL || found.made == NULL || size > CHILD_LIMIT)
        size = 0;
    for (size_t i = 0; i < size; i++) {
        char name[NAME_ROOM + 24];
        bool known = group_of(layers, i, name);
        for (size_t c = 0; known && c < all->count && placed < all->count; c++)
            if (strcmp(all->names[c], name) == 0) {
                found.names[placed] = all->names[c];
                found.made[placed++] = json_array_get(layers, i);
            }
    }
    if (placed == all->count)
        *all = found;
    else
        w->unarranged = true;
}

static gr_status send_group(gr_hdf5_walk *w, hid_t group, const char *class_name, const json_t *made, const char *within,
                            int depth);

/* Models within the model come before its layers where nothing else is known: they stand at its beginning. */
static gr_status send_children(gr_hdf5_walk *w, hid_t group, const children *all, bool models, const json_t *made,
                               const char *within, int depth)
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
        if (all->made != NULL ? !models : model == models)
            status = send_group(w, child, name, all->made != NULL ? all->made[i] : holds_layers(name) ? made : NULL, within,
                                depth + 1);
        H5Gclose(child);
    }
    return status;
}

/* A layer, a model, or the group "layers" of one, which has no name of its own; `made`: how it, or that model, was made. */
static gr_status send_group(gr_hdf5_walk *w, hid_t group, const char *class_name, const json_t *made, const char *within,
                            int depth)
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
        status = send_variables(w, vars, class_name, made, *name != '\0' ? name : "model");
    if (status == GR_OK && made != NULL && holds_layers(class_name))
        arrange(w, &all, made);
    if (status == GR_OK)
        status = send_children(w, group, &all, true, made, name, depth);
    if (status == GR_OK)
        status = send_children(w, group, &all, false, made, name, depth);
    H5Gclose(vars);
    return status;
}

gr_status gr_hdf5_send_vars(gr_hdf5_walk *w, int64_t file, uint32_t *order)
{
    static const char *const groups[] = {"layers", "_layer_checkpoint_dependencies", "vars"};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (H5Lexists(file, groups[i], H5P_DEFAULT) > 0) {
            gr_status status = send_group(w, file, "", w->config, "", 0);
            *order = (w->named ? GR_HDF5_COUNTED : GR_HDF5_NAMELESS) |
                     (w->config != NULL && !w->unarranged ? GR_HDF5_ARRANGED : 0u);
            return status;
        }
    return gr_fail(w->err, GR_INVALID,
                   "%s: is an HDF5 file without Keras's layers; what model.save(\"NAME.keras\"), model.save(\"NAME.h5\") or "
                   "model.save_weights(\"NAME.weights.h5\") writes would be right",
                   w->path);
}
