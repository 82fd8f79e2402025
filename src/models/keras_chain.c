/* A model's configuration as a chain of layers: a Sequential is one, a functional model where each layer reads the one before it
 * alone, and a model within the model lies in it. */
#include "models/keras_made.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

enum { DEPTH_LIMIT = 16, LAYER_LIMIT = 2000, NAMES_SHOWN = 3 };

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text != NULL ? text : "";
}

/* A name of one line: it may stand in a comment. */
static const char *in_one_line(gr_arena *arena, const char *within, const char *name)
{
    char *line = *within != '\0' ? gr_arena_printf(arena, "%s/%s", within, name) : gr_arena_strdup(arena, name);
    for (char *c = line; c != NULL && *c != '\0'; c++)
        *c = (unsigned char)*c < ' ' || *c == 127 ? '?' : *c;
    return line;
}

static const char *name_of(const json_t *layer)
{
    const char *name = text_of(layer, "name");
    return *name != '\0' ? name : text_of(json_object_get(layer, "config"), "name");
}

/* A model whose layers the configuration has, and not one of a class of the user's own. */
static bool is_model(const json_t *layer)
{
    static const char *const classes[] = {"Sequential", "Functional", "Model"};
    const json_t *config = json_object_get(layer, "config");
    bool known = false;
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        known = known || strcmp(text_of(layer, "class_name"), classes[i]) == 0;
    return known && (json_is_array(config) || json_is_array(json_object_get(config, "layers")));
}

/* ---- a functional model ----------------------------------------------------------------------------------------------- */

/* Adds the names in ["NAME", 0, 0, ...] and {"keras_history": ["NAME", 0, 0]} anywhere below: what a layer reads. */
static void find_inputs(const json_t *value, const char *names[NAMES_SHOWN], int *count)
{
    size_t i;
    json_t *item;
    const char *key;
    bool one = json_array_size(value) >= 3 && json_is_string(json_array_get(value, 0)) &&
               json_is_integer(json_array_get(value, 1)) && json_is_integer(json_array_get(value, 2));
    if (one) {
        if (*count < NAMES_SHOWN)
            names[*count] = json_string_value(json_array_get(value, 0));
        ++*count;
    }
    if (json_is_array(value))
        json_array_foreach(value, i, item)
            find_inputs(item, names, count);
    else
        json_object_foreach((json_t *)value, key, item)
            find_inputs(item, names, count);
}

/* The layer that reads `name` alone, or the input where name is NULL; two that do are refused. NULL: none does. */
static gr_status next_of(gr_keras_reader *r, const json_t *layers, const char *name, const json_t **next)
{
    size_t i;
    json_t *layer;
    *next = NULL;
    json_array_foreach((json_t *)layers, i, layer) {
        const char *names[NAMES_SHOWN] = {NULL};
        int count = 0;
        find_inputs(json_object_get(layer, "inbound_nodes"), names, &count);
        bool reads = name == NULL && count == 0;
        for (int n = 0; name != NULL && n < count && n < NAMES_SHOWN; n++)
            reads = reads || strcmp(names[n], name) == 0;
        if (reads && count > 1)
            return gr_fail(r->err, GR_INVALID,
                           "is no plain sequence: its layer %s (%s) reads %d layers, %s and %s among them, or serves twice; a "
                           "network that grimace knows by name, or a sequence, would be right",
                           name_of(layer), text_of(layer, "class_name"), count, names[0], names[1]);
        if (reads && *next != NULL)
            return gr_fail(r->err, GR_INVALID,
                           "is no plain sequence: its layers %s and %s both %s%s; a network that grimace knows by name, or a "
                           "sequence, would be right",
                           name_of(*next), name_of(layer), name != NULL ? "read " : "read an image", name != NULL ? name : "");
        *next = reads ? layer : *next;
    }
    return GR_OK;
}

/* ---- the walk --------------------------------------------------------------------------------------------------------- */

/* The sizes that the first layer says of its images. */
static void look_for_image(gr_keras_reader *r, const json_t *shape)
{
    if (r->made->count > 0 || json_array_size(shape) != 4)
        return;
    for (size_t d = 0; d < 3; d++) {
        json_int_t size = json_integer_value(json_array_get(shape, d + 1));
        if (r->made->image[d] == 0 && size > 0 && size <= INT16_MAX)
            r->size[d] = r->made->image[d] = size;
    }
}

static gr_status walk(gr_keras_reader *r, const json_t *model, const char *within, int depth);

static gr_status visit(gr_keras_reader *r, const json_t *layer, const char *within, int depth)
{
    const json_t *config = json_object_get(layer, "config");
    const char *name = in_one_line(r->arena, within, name_of(layer));
    const char *class_name = in_one_line(r->arena, "", text_of(layer, "class_name"));
    if (name == NULL || class_name == NULL)
        return gr_fail(r->err, GR_NOMEM, "no memory for the model's layers");
    look_for_image(r, json_object_get(config, "batch_shape"));
    look_for_image(r, json_object_get(config, "batch_input_shape"));
    look_for_image(r, json_object_get(json_object_get(layer, "build_config"), "input_shape"));
    if (is_model(layer))
        return walk(r, layer, name, depth + 1);
    r->config = config;
    r->name = name;
    r->class_name = class_name;
    return gr_keras_made_add(r);
}

/* The layers of a model, {"class_name": , "config": {"layers": [...]}}; of an old Sequential config is the list. */
static gr_status walk(gr_keras_reader *r, const json_t *model, const char *within, int depth)
{
    const json_t *config = json_object_get(model, "config"), *next = NULL;
    const json_t *layers = json_is_array(config) ? config : json_object_get(config, "layers");
    bool sequential = strcmp(text_of(model, "class_name"), "Sequential") == 0;
    size_t count = json_array_size(layers);
    gr_status status = GR_OK;
    if (depth > DEPTH_LIMIT || count > LAYER_LIMIT)
        return gr_fail(r->err, GR_INVALID, "has models within models more than %d deep, or more than %d layers", DEPTH_LIMIT,
                       LAYER_LIMIT);
    look_for_image(r, json_object_get(config, "build_input_shape"));
    for (size_t i = 0; status == GR_OK && i < count; i++) {
        if (sequential)
            next = json_array_get(layers, i);
        else
            status = next_of(r, layers, next != NULL ? name_of(next) : NULL, &next);
        if (status == GR_OK && next == NULL)
            return gr_fail(r->err, GR_INVALID, "is no plain sequence: %zu of its %zu layers follow one another", i, count);
        if (status == GR_OK)
            status = visit(r, next, within, depth);
    }
    return status;
}

gr_status gr_keras_made_read(const char *config, const char *version, gr_arena *arena, gr_keras_made *made, bool *known,
                             gr_error *err)
{
    json_error_t where;
    json_t *model = config != NULL ? json_loads(config, 0, &where) : NULL;
    int major = version != NULL ? atoi(version) : 0;
    gr_status status = GR_OK;
    *made = (gr_keras_made){.scale = {1, 1, 1}, .aside = "", .groups = 1, .major = major};
    *known = is_model(model) && (version == NULL || major >= 2);
    gr_keras_reader r = {.made = made, .arena = arena, .err = err, .rank = 4, .steep = 1};
    if (*known)
        status = walk(&r, model, "", 0);
    if (status == GR_OK && (r.bordered != NULL || r.steeper != NULL))
        status = gr_fail(err, GR_INVALID, "ends in its layer %s, which model.layers has no counterpart of",
                         r.bordered != NULL ? r.bordered : r.steeper);
    json_decref(model);
    return status;
}
