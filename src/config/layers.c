/* From text to values: the defaults, over them the file, over that the overrides, in their order. What is wrong is noted and
 * passed over, so that all of it is found at once. */
#include <string.h>

#include "config/dialects.h"
#include "config/owned.h"
#include "config/source.h"
#include "config/value.h"

/* What one pass over the layers works on. */
typedef struct pass {
    gr_config *config;
    struct gr_config_source *source;
    gr_config_errors *errors;
} pass;

/* ---- mistakes -------------------------------------------------------------------------------------------------------------- */

/* The key `path`, or all keys below the section `path`, are not what the user meant. */
static void doubt(struct gr_config_source *source, const char *path)
{
    size_t length = strlen(path);
    for (int i = 0; i < gr_key_count; i++)
        if (strncmp(gr_keys[i].path, path, length) == 0 &&
            (gr_keys[i].path[length] == '\0' || gr_keys[i].path[length] == '.'))
            source->origins[i].doubtful = true;
}

/* Takes note of what is wrong at `path`; any other failure than a mistake ends all. `one` is the error that `status` came
 * with. */
static gr_status settle(const pass *p, const gr_value_source *from, const char *path, gr_status status, const gr_error *one)
{
    if (status == GR_OK)
        return GR_OK;
    if (status != GR_INVALID)
        return gr_fail(from->err, status, "%s", one->text);
    doubt(p->source, path);
    if (!gr_config_errors_add(p->errors, p->source->arena, p->source->file, from->layer, one->text))
        return gr_config_no_memory(p->config, from->err);
    return GR_OK;
}

/* ---- keys and sections ----------------------------------------------------------------------------------------------------- */

static gr_status apply_section(const pass *p, const gr_value_source *from, const char *section, const gr_yaml *map);

/* Is the text, or are all of a list, paths that do not begin at the root? */
static bool is_relative(const gr_yaml *node)
{
    bool relative = node->kind == GR_YAML_SCALAR ? node->text[0] != '/' : node->kind == GR_YAML_LIST;
    for (int i = 0; relative && node->kind == GR_YAML_LIST && i < node->count; i++)
        relative = node->items[i]->kind == GR_YAML_SCALAR && node->items[i]->text[0] != '/';
    return relative;
}

static gr_status apply_value(const pass *p, const gr_value_source *from, int index, int line, const gr_yaml *node)
{
    gr_config_origin *origin = &p->source->origins[index];
    origin->place = gr_value_place(from, line);
    origin->layer = from->layer;
    origin->relative = is_relative(node);
    if (!origin->place)
        return gr_config_no_memory(p->config, from->err);
    gr_status status = gr_value_read(from, &gr_keys[index], node, p->config);
    return status == GR_OK ? gr_value_check_name(&gr_keys[index], p->config, origin->place, from->err) : status;
}

static gr_status refuse_key(const pass *p, const gr_value_source *from, const char *path, int line)
{
    gr_text hint = {0};
    char meant[GR_KEY_PATH_ROOM];
    gr_key_hint(path, &hint);
    if (gr_key_meant(path, meant))
        doubt(p->source, meant);
    gr_status status = gr_value_refuse(from, line, path, "there is no such key%s", hint.data ? hint.data : "");
    gr_text_free(&hint);
    return status;
}

static gr_status refuse_section(const gr_value_source *from, const char *path, int line, const gr_yaml *node)
{
    gr_text children = {0};
    gr_key_children(path, &children);
    gr_status status =
        gr_value_refuse(from, line, path, "is a %s, expected a section with %s",
                        node->kind == GR_YAML_LIST ? "list" : "single value", children.data ? children.data : "keys");
    gr_text_free(&children);
    return status;
}

static gr_status remember_section(const pass *p, const gr_value_source *from, const char *path, int line)
{
    struct gr_config_source *source = p->source;
    if (source->section_count == GR_CONFIG_SECTIONS)
        return GR_OK;
    source->sections[source->section_count].path = gr_arena_strdup(source->arena, path);
    source->sections[source->section_count].place = gr_value_place(from, line);
    if (!source->sections[source->section_count].path || !source->sections[source->section_count].place)
        return gr_config_no_memory(p->config, from->err);
    source->section_count++;
    return GR_OK;
}

/* Applies `node`, written on `line` under the dotted `path`: a key's value or a section. */
static gr_status apply(const pass *p, const gr_value_source *from, const char *path, int line, const gr_yaml *node)
{
    int index = gr_key_find(path);
    if (index >= 0)
        return apply_value(p, from, index, line, node);
    if (!gr_key_is_section(path))
        return refuse_key(p, from, path, line);
    gr_status status = GR_OK;
    if (node->kind == GR_YAML_MAP)
        status = apply_section(p, from, path, node);
    else if (!gr_yaml_is_null(node))
        status = refuse_section(from, path, line, node);
    return status == GR_OK ? remember_section(p, from, path, line) : status;
}

/* Applies pair `i` of the map, whose key is called `path` as a whole. */
static gr_status apply_pair(const pass *p, const gr_value_source *from, const char *section, const gr_yaml *map, int i,
                            const char *path)
{
    const gr_yaml *key = map->items[2 * i];
    if (!*key->text)
        return gr_value_refuse(from, key->line, *section ? section : "config", "holds an empty key");
    if (strchr(key->text, '.'))
        return gr_value_refuse(from, key->line, path,
                               "a dotted key is for the command line, in the file it is a section with a key");
    /* Few at most: known keys differ, and the list of mistakes is soon full. */
    for (int j = 0; j < i; j++)
        if (strcmp(map->items[2 * j]->text, key->text) == 0)
            return gr_value_refuse(from, key->line, path, "is there twice, on line %d already", map->items[2 * j]->line);
    return apply(p, from, path, key->line, map->items[2 * i + 1]);
}

static gr_status apply_section(const pass *p, const gr_value_source *from, const char *section, const gr_yaml *map)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < map->count && !gr_config_errors_full(p->errors); i++) {
        gr_error one = {0};
        gr_value_source each = *from;
        char path[160];
        each.err = &one;
        snprintf(path, sizeof path, "%s%s%.80s", section, *section ? "." : "", map->items[2 * i]->text);
        status = settle(p, from, path, apply_pair(p, &each, section, map, i, path), &one);
    }
    return status;
}

/* ---- layers ---------------------------------------------------------------------------------------------------------------- */

static gr_status read_file(const pass *p, const gr_value_source *from, const gr_yaml **root)
{
    const struct gr_config_source *source = p->source;
    gr_status status = gr_yaml_parse(source->file, source->text, source->size, source->arena, root, from->err);
    if (status != GR_OK)
        return status;
    if (!*root || gr_yaml_is_null(*root))
        return gr_fail(from->err, GR_INVALID, "%s:1: the config is empty, it needs at least data.manifest", source->file);
    if ((*root)->kind != GR_YAML_MAP)
        return gr_fail(from->err, GR_INVALID,
                       "%s:%d: the config is a %s, expected sections and keys such as \"train: {epochs: 30}\"", source->file,
                       (*root)->line, (*root)->kind == GR_YAML_LIST ? "list" : "single text");
    return GR_OK;
}

static gr_status apply_file(const pass *p, gr_error *err)
{
    struct gr_config_source *source = p->source;
    gr_error one = {0};
    gr_value_source from = {source->arena, source->file, NULL, source->folder, 0, p->errors, &one};
    const gr_yaml *root = NULL;
    gr_status status = read_file(p, &from, &root);
    source->unread = status == GR_INVALID;
    from.err = err;
    if (status != GR_OK)
        return settle(p, &from, "", status, &one);
    return apply_section(p, &from, "", root);
}

static gr_status apply_override(const pass *p, const gr_config_layer *over, const gr_value_source *from, const char **key)
{
    static const gr_yaml nothing = {.kind = GR_YAML_SCALAR, .line = 1, .plain = true, .text = "", .nodes = 1};
    const char *equals = strchr(over->text, '=');
    if (!equals || equals == over->text)
        return gr_fail(from->err, GR_INVALID, "%s: %.80s: is not key=value, such as optimizer.lr=0.001", over->place,
                       over->text);
    const char *path = gr_arena_strndup(from->arena, over->text, (size_t)(equals - over->text));
    if (!path)
        return gr_config_no_memory(p->config, from->err);
    if (strlen(path) > 80 || !gr_utf8_valid(path, strlen(path)))
        return gr_fail(from->err, GR_INVALID, "%s: %.80s: there is no such key", over->place, path);
    *key = path;
    const gr_yaml *root = NULL;
    gr_error found = {0};
    gr_status status = gr_yaml_parse(NULL, equals + 1, strlen(equals + 1), from->arena, &root, &found);
    if (status != GR_OK)
        return gr_fail(from->err, status, "%s: %s: %s", over->place, path, found.text);
    return apply(p, from, path, 1, root ? root : &nothing);
}

static gr_status apply_overrides(const pass *p, gr_error *err)
{
    struct gr_config_source *source = p->source;
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < source->layer_count && !gr_config_errors_full(p->errors); i++) {
        const gr_config_layer *over = &source->layers[i];
        gr_error one = {0};
        gr_value_source from = {source->arena, source->file, over->place, source->folder, i + 1, p->errors, &one};
        const char *key = over->text;
        gr_status done = apply_override(p, over, &from, &key);
        from.err = err;
        status = settle(p, &from, key, done, &one);
    }
    return status;
}

/* Most defaults are one word: no parser is needed for them. */
static gr_status parse_default(const struct gr_config_source *source, const char *text, gr_yaml *word, const gr_yaml **root,
                               gr_error *err)
{
    *word = (gr_yaml){.kind = GR_YAML_SCALAR, .line = 1, .plain = true, .text = text, .nodes = 1};
    if (strcmp(text, "[]") == 0 || strcmp(text, "{}") == 0)
        word->kind = *text == '[' ? GR_YAML_LIST : GR_YAML_MAP;
    *root = word;
    return *text == '[' && text[1] != ']' ? gr_yaml_parse(NULL, text, strlen(text), source->arena, root, err) : GR_OK;
}

static gr_status apply_defaults(gr_config *config, gr_error *err)
{
    struct gr_config_source *source = config->source;
    gr_value_source from = {source->arena, source->file, "default", source->folder, 0, NULL, err};
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < gr_key_count; i++) {
        gr_yaml word;
        const gr_yaml *root;
        status = parse_default(source, gr_keys[i].standard, &word, &root, err);
        if (status == GR_OK)
            status = gr_value_read(&from, &gr_keys[i], root, config);
    }
    return status;
}

/* A setting of a sweep over optimisers or schedules that is now a run by itself (sweep=[]) keeps of the sweep's keys those that
 * it reads. */
static gr_status drop_unread(const pass *p, gr_error *err)
{
    struct gr_config_source *source = p->source;
    gr_value_source from = {source->arena, source->file, "default", source->folder, 0, NULL, err};
    gr_status status = GR_OK;
    const gr_owned_key *row;
    bool alone = false;
    for (int i = 0; i < source->layer_count; i++)
        alone |= strcmp(source->layers[i].text, "sweep=[]") == 0;
    for (int i = 0; alone && status == GR_OK && (row = gr_owned_row(i)) != NULL; i++) {
        int index = gr_key_find(row->key);
        if (source->origins[index].doubtful || !gr_owned_in_vain(p->config, row))
            continue;
        gr_yaml word;
        const gr_yaml *root;
        source->origins[index].place = NULL;
        status = parse_default(source, gr_keys[index].standard, &word, &root, err);
        if (status == GR_OK)
            status = gr_value_read(&from, &gr_keys[index], root, p->config);
    }
    return status;
}

/* The value that a key has, as YAML, is it this word, or where there is none, any but null? */
static bool has_value(const gr_config *config, const char *path, const char *value)
{
    gr_text text = {0};
    gr_value_put(&gr_keys[gr_key_find(path)], config, &text);
    bool same = !text.failed && (value != NULL ? strcmp(text.data, value) == 0 : strcmp(text.data, "null") != 0);
    gr_text_free(&text);
    return same;
}

/* Over the defaults of keys that nobody gave: those that follow from the semantics. */
static gr_status apply_dialect(const pass *p, gr_error *err)
{
    struct gr_config_source *source = p->source;
    gr_value_source from = {source->arena, source->file, "default", source->folder, 0, NULL, err};
    int dialect = 0;
    while (strcmp(gr_dialect_name(dialect), p->config->semantics) != 0)
        dialect++;
    gr_status status = GR_OK;
    const gr_dialect_default *row;
    for (int i = 0; status == GR_OK && (row = gr_dialect_row(i)) != NULL; i++) {
        int index = gr_key_find(row->key);
        bool given = source->origins[index].place != NULL;
        if (given || row->values[dialect] == NULL || (row->when_key && !has_value(p->config, row->when_key, row->when)))
            continue;
        gr_yaml word;
        const gr_yaml *root;
        status = parse_default(source, row->values[dialect], &word, &root, err);
        if (status == GR_OK)
            status = gr_value_read(&from, &gr_keys[index], root, p->config);
    }
    return status;
}

gr_status gr_config_apply(gr_config *config, const char *group, gr_config_errors *errors, gr_error *err)
{
    const pass p = {config, config->source, errors};
    gr_status status = apply_defaults(config, err);
    if (status == GR_OK && p.source->text)
        status = apply_file(&p, err);
    if (status == GR_OK && group && !(config->data.group = gr_arena_strdup(p.source->arena, group)))
        status = gr_config_no_memory(config, err);
    if (status == GR_OK)
        status = apply_overrides(&p, err);
    if (status == GR_OK)
        status = drop_unread(&p, err);
    return status == GR_OK ? apply_dialect(&p, err) : status;
}
