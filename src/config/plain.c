/* The value of any key but the sweep: from a YAML node into its field, and back to YAML. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config/value.h"

enum { TEXT_LIMIT = 2000 }; /* bytes of a text or path, well below PATH_MAX */

/* ---- lists of numbers ---------------------------------------------------------------------------------------------------- */

static gr_status read_reals(const gr_value_source *source, const gr_key *key, const gr_yaml *node, double *values)
{
    if (node->kind != GR_YAML_LIST || node->count < key->least || node->count > key->most)
        return gr_value_mistyped(source, key, node);
    for (int i = 0; i < key->most; i++)
        values[i] = NAN;
    for (int i = 0; i < node->count; i++)
        if (!gr_value_real(node->items[i], &key->range, &values[i]))
            return gr_value_mistyped(source, key, node->items[i]);
    return GR_OK;
}

/* The first number that stands there already, or 0. */
static int twin_of(const int *items, int count)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            if (items[i] == items[j])
                return items[i];
    return 0;
}

static gr_status read_ints(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_ints *ints)
{
    if (node->kind != GR_YAML_LIST || node->count < key->least || node->count > key->most)
        return gr_value_mistyped(source, key, node);
    int *items = gr_arena_alloc(source->arena, 2 * (size_t)node->count + 1, sizeof *items), count = 0;
    if (items == NULL)
        return gr_value_no_memory(source);
    for (int i = 0; i < node->count; i++) {
        int64_t whole;
        const gr_yaml *item = node->items[i];
        bool pair = key->kind == GR_KEY_PAIRS;
        if (pair && (item->kind != GR_YAML_LIST || item->count != 2))
            return gr_value_mistyped(source, key, item);
        for (int j = 0; j < (pair ? 2 : 1); j++) {
            const gr_yaml *number = pair ? item->items[j] : item;
            if (!gr_value_int(number, &key->range, &whole))
                return gr_value_mistyped(source, key, number);
            items[count++] = (int)whole;
        }
    }
    *ints = (gr_ints){items, count};
    int twin = key->kind == GR_KEY_PAIRS ? twin_of(items, count) : 0;
    return twin == 0 ? GR_OK : gr_value_refuse(source, node->line, key->path, "names %d twice, in one pair is right", twin);
}

/* ---- texts ----------------------------------------------------------------------------------------------------------- */

/* The name that the node holds: its index to *index, its text, which lives as long as the config, to *text (NULL: not
 * wanted). */
static gr_status read_choice(const gr_value_source *source, const gr_key *key, const gr_yaml *node, int *index,
                             const char **text)
{
    char room[GR_KEY_NAME_ROOM];
    if (node->kind != GR_YAML_SCALAR)
        return gr_value_mistyped(source, key, node);
    const char *name;
    for (*index = 0; (name = gr_key_name(key, *index, room)) != NULL && strcmp(name, node->text) != 0;)
        ++*index;
    if (name != NULL) {
        if (text != NULL)
            *text = name == room ? gr_arena_strdup(source->arena, room) : name;
        return text == NULL || *text != NULL ? GR_OK : gr_value_no_memory(source);
    }
    gr_text expected = {0}, unused = {0};
    const char *nearest = gr_key_names(key, node->text, room, &unused);
    gr_key_expected(key, &expected);
    gr_status status = nearest ? gr_value_refuse(source, node->line, key->path, "is \"%.40s\", did you mean %s? Expected %s",
                                                 node->text, nearest, expected.data ? expected.data : "another value")
                               : gr_value_mistyped(source, key, node);
    gr_text_free(&expected);
    gr_text_free(&unused);
    return status;
}

static gr_status read_string(const gr_value_source *source, const gr_key *key, const gr_yaml *node, const char **text)
{
    char is[64];
    if (node->kind != GR_YAML_SCALAR || !*node->text || gr_yaml_is_null(node))
        return key->names == NULL
                   ? gr_value_mistyped(source, key, node)
                   : gr_value_refuse(source, node->line, key->path, "%s, expected a text", gr_value_describe(node, is));
    if (strlen(node->text) > TEXT_LIMIT)
        return gr_value_refuse(source, node->line, key->path, "is longer than %d bytes", TEXT_LIMIT);
    *text = gr_arena_strdup(source->arena, node->text);
    return *text ? GR_OK : gr_value_no_memory(source);
}

/* The path, made absolute: the folder it lies in is resolved, the file's own name is kept, so that what a link to a
 * manifest stands beside remains its folder. */
static gr_status read_path(const gr_value_source *source, const gr_key *key, const gr_yaml *node, const char **path)
{
    gr_status status = read_string(source, key, node, path);
    if (status != GR_OK)
        return status;
    for (int i = 0; key->choices != NULL && key->choices[i] != NULL; i++)
        if (strcmp(*path, key->choices[i]) == 0)
            return GR_OK;
    char resolved[PATH_MAX];
    char *joined = gr_path_join(source->folder, *path), *folder = joined ? gr_path_folder(joined) : NULL;
    if (folder && realpath(folder, resolved)) {
        const char *slash = strrchr(joined, '/');
        *path =
            gr_arena_printf(source->arena, "%s/%s", strcmp(resolved, "/") == 0 ? "" : resolved, slash ? slash + 1 : joined);
    } else
        *path = folder ? gr_arena_strdup(source->arena, joined) : NULL;
    gr_free(folder);
    gr_free(joined);
    return *path ? GR_OK : gr_value_no_memory(source);
}

static gr_status read_strings(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_strings *strings)
{
    int64_t number;
    if (key->counts && node->kind == GR_YAML_SCALAR && node->plain && gr_parse_int64(node->text, &number)) {
        *strings = (gr_strings){gr_arena_alloc(source->arena, 1, sizeof(char *)), 1};
        if (!strings->items || !(strings->items[0] = gr_arena_strdup(source->arena, node->text)))
            return gr_value_no_memory(source);
        return GR_OK;
    }
    if (node->kind != GR_YAML_LIST)
        return gr_value_mistyped(source, key, node);
    if (node->count > key->most)
        return gr_value_refuse(source, node->line, key->path, "has %d items, at most %d are allowed", node->count,
                               key->most);
    *strings = (gr_strings){gr_arena_alloc(source->arena, (size_t)node->count + 1, sizeof(char *)), node->count};
    if (!strings->items)
        return gr_value_no_memory(source);
    for (int i = 0; i < node->count; i++) {
        const gr_yaml *item = node->items[i];
        if (item->kind != GR_YAML_SCALAR || !*item->text || strlen(item->text) > TEXT_LIMIT)
            return gr_value_refuse(source, item->line, key->path, "item %d is empty, not a text, or longer than %d bytes",
                                   i + 1, TEXT_LIMIT);
        gr_status status = key->paths ? read_path(source, key, item, &strings->items[i]) : GR_OK;
        if (status != GR_OK)
            return status;
        if (!key->paths && !(strings->items[i] = gr_arena_strdup(source->arena, item->text)))
            return gr_value_no_memory(source);
    }
    return GR_OK;
}

/* ---- by kind --------------------------------------------------------------------------------------------------------- */

/* Null: the field holds what gr_config_load's rules fill in later. */
static void set_null(const gr_key *key, void *field)
{
    if (key->kind == GR_KEY_REALS)
        for (int i = 0; i < key->most; i++)
            ((double *)field)[i] = NAN;
    else if (key->kind == GR_KEY_REAL)
        *(double *)field = NAN;
    else if (key->kind == GR_KEY_TRANSFORMS)
        *(gr_transforms *)field = (gr_transforms){NULL, -1};
    else if (key->kind == GR_KEY_REPORTED)
        *(const gr_reported **)field = NULL;
    else
        *(const char **)field = NULL;
}

gr_status gr_plain_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_config *config)
{
    void *field = (char *)config + key->offset;
    int64_t whole = 0;
    int index = 0;
    gr_status status = GR_OK;
    if (key->nullable && gr_yaml_is_null(node)) {
        set_null(key, field);
        return GR_OK;
    }
    switch (key->kind) {
    case GR_KEY_STRING: return read_string(source, key, node, field);
    case GR_KEY_PATH: return read_path(source, key, node, field);
    case GR_KEY_CHOICE: return read_choice(source, key, node, &index, field);
    case GR_KEY_TYPE:
        status = read_choice(source, key, node, &index, NULL);
        if (status == GR_OK)
            *(gr_type *)field = (gr_type)index;
        return status;
    case GR_KEY_SEED:
    case GR_KEY_INT:
        if (!gr_value_int(node, &key->range, &whole))
            return gr_value_mistyped(source, key, node);
        if (key->kind == GR_KEY_SEED)
            *(uint64_t *)field = (uint64_t)whole;
        else
            *(int *)field = (int)whole;
        return GR_OK;
    case GR_KEY_REAL: return gr_value_real(node, &key->range, field) ? GR_OK : gr_value_mistyped(source, key, node);
    case GR_KEY_REALS: return read_reals(source, key, node, field);
    case GR_KEY_INTS:
    case GR_KEY_PAIRS: return read_ints(source, key, node, field);
    case GR_KEY_BOOL: return gr_value_bool(node, field) ? GR_OK : gr_value_mistyped(source, key, node);
    case GR_KEY_STRINGS: return read_strings(source, key, node, field);
    case GR_KEY_PENALTIES: return gr_penalties_read(source, key, node, field);
    case GR_KEY_WEIGHTS: return gr_named_weights_read(source, key, node, field);
    case GR_KEY_TRANSFORMS: return gr_transforms_read(source, key, node, field);
    case GR_KEY_LAYERS: return gr_layers_read(source, key, node, field);
    case GR_KEY_SWEEP: break;
    case GR_KEY_REPORTED: return gr_reported_read(source, key, node, config);
    }
    return GR_OK;
}

gr_status gr_value_check_name(const gr_key *key, const gr_config *config, const char *place, gr_error *err)
{
    char room[GR_KEY_NAME_ROOM];
    if (key->kind != GR_KEY_STRING || key->names == NULL)
        return GR_OK;
    const char *value = *(const char *const *)((const char *)config + key->offset);
    for (int i = 0; gr_key_name(key, i, room) != NULL; i++)
        if (strcmp(gr_key_name(key, i, room), value) == 0)
            return GR_OK;
    gr_text list = {0};
    const char *nearest = gr_key_names(key, value, room, &list);
    gr_status status = gr_fail(err, GR_INVALID, "%s: %s: is \"%.40s\", %s%s%sexpected %s", place, key->path, value,
                               nearest ? "did you mean " : "", nearest ? nearest : "", nearest ? "? " : "",
                               list.data ? list.data : "another name");
    gr_text_free(&list);
    return status;
}

/* ---- back to YAML ---------------------------------------------------------------------------------------------------- */

static void put_text(const char *text, gr_text *out)
{
    if (text)
        gr_yaml_put_string(out, text);
    else
        gr_text_printf(out, "null");
}

static void put_real(double value, gr_text *out)
{
    if (isnan(value))
        gr_text_printf(out, "null");
    else
        gr_yaml_put_number(out, value);
}

static void put_reals(const gr_key *key, const double *values, gr_text *out)
{
    if (isnan(values[0])) {
        gr_text_printf(out, "null");
        return;
    }
    for (int i = 0; i < key->most && !isnan(values[i]); i++) {
        gr_text_printf(out, i ? ", " : "[");
        gr_yaml_put_number(out, values[i]);
    }
    gr_text_printf(out, "]");
}

static void put_ints(const gr_ints *ints, bool pairs, gr_text *out)
{
    gr_text_printf(out, "[");
    for (int i = 0; i < ints->count; i++)
        gr_text_printf(out, "%s%s%d%s", i > 0 ? ", " : "", pairs && i % 2 == 0 ? "[" : "", ints->items[i],
                       pairs && i % 2 == 1 ? "]" : "");
    gr_text_printf(out, "]");
}

static void put_strings(const gr_strings *strings, gr_text *out)
{
    gr_text_printf(out, "[");
    for (int i = 0; i < strings->count; i++) {
        gr_text_printf(out, i ? ", " : "");
        gr_yaml_put_string(out, strings->items[i]);
    }
    gr_text_printf(out, "]");
}

void gr_plain_put(const gr_key *key, const gr_config *config, gr_text *out)
{
    const void *field = (const char *)config + key->offset;
    char room[GR_KEY_NAME_ROOM];
    switch (key->kind) {
    case GR_KEY_STRING:
    case GR_KEY_PATH:
    case GR_KEY_CHOICE: put_text(*(const char *const *)field, out); break;
    case GR_KEY_TYPE: put_text(gr_key_name(key, (int)*(const gr_type *)field, room), out); break;
    case GR_KEY_SEED: gr_text_printf(out, "%llu", (unsigned long long)*(const uint64_t *)field); break;
    case GR_KEY_INT: gr_text_printf(out, "%d", *(const int *)field); break;
    case GR_KEY_REAL: put_real(*(const double *)field, out); break;
    case GR_KEY_REALS: put_reals(key, field, out); break;
    case GR_KEY_INTS:
    case GR_KEY_PAIRS: put_ints(field, key->kind == GR_KEY_PAIRS, out); break;
    case GR_KEY_BOOL: gr_text_printf(out, *(const bool *)field ? "true" : "false"); break;
    case GR_KEY_STRINGS: put_strings(field, out); break;
    case GR_KEY_PENALTIES: gr_penalties_put(field, out); break;
    case GR_KEY_WEIGHTS: gr_named_weights_put(field, out); break;
    case GR_KEY_TRANSFORMS: gr_transforms_put(field, out); break;
    case GR_KEY_LAYERS: gr_layers_put(*(const char *const *)field, out); break;
    case GR_KEY_SWEEP: break;
    case GR_KEY_REPORTED: gr_reported_put(config->reported, out); break;
    }
}
