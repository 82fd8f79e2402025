/* One value of the config: from a YAML node into its field, and back to YAML. */
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"

enum { TEXT_LIMIT = 2000 }; /* bytes of a text or path, well below PATH_MAX */

/* ---- errors ---------------------------------------------------------------------------------------------------------- */

const char *gr_value_place(const gr_value_source *source, int line)
{
    return source->place ? gr_arena_strdup(source->arena, source->place)
                         : gr_arena_printf(source->arena, "%s:%d", source->file, line);
}

gr_status gr_value_refuse(const gr_value_source *source, int line, const char *key, const char *fmt, ...)
{
    char sentence[768];
    va_list args;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    return source->place ? gr_fail(source->err, GR_INVALID, "%s: %s: %s", source->place, key, sentence)
                         : gr_fail(source->err, GR_INVALID, "%s:%d: %s: %s", source->file, line, key, sentence);
}

static gr_status no_memory(const gr_value_source *source)
{
    return gr_fail(source->err, GR_NOMEM, "%s: no memory for the config", source->file);
}

/* What `node` is, in a few words. */
static const char *describe(const gr_yaml *node, char text[64])
{
    if (node->kind == GR_YAML_LIST)
        return "is a list";
    if (node->kind == GR_YAML_MAP)
        return "is a section";
    if (node->plain && !*node->text)
        return "has no value";
    snprintf(text, 64, node->plain ? "is %.40s" : "is the text \"%.40s\"", node->text);
    return text;
}

/* "is 0, expected a whole number from 1 to 65536". */
static gr_status mistyped(const gr_value_source *source, const gr_key *key, const gr_yaml *node)
{
    gr_text expected = {0};
    char is[64];
    gr_key_expected(key, &expected);
    gr_status status = gr_value_refuse(source, node->line, key->path, "%s, expected %s", describe(node, is),
                                       expected.data ? expected.data : "another value");
    gr_text_free(&expected);
    return status;
}

/* ---- numbers --------------------------------------------------------------------------------------------------------- */

static bool in_range(const gr_range *range, double value)
{
    return (range->low_open ? value > range->low : value >= range->low) &&
           (range->high_open ? value < range->high : value <= range->high);
}

static bool parse_real(const gr_yaml *node, const gr_range *range, double *value)
{
    return node->kind == GR_YAML_SCALAR && node->plain && gr_parse_double(node->text, value) && in_range(range, *value);
}

static bool parse_int(const gr_yaml *node, const gr_range *range, int64_t *value)
{
    return node->kind == GR_YAML_SCALAR && node->plain && gr_parse_int64(node->text, value) &&
           in_range(range, (double)*value);
}

static bool parse_bool(const gr_yaml *node, bool *value)
{
    if (node->kind != GR_YAML_SCALAR || !node->plain)
        return false;
    *value = strcmp(node->text, "true") == 0 || strcmp(node->text, "True") == 0 || strcmp(node->text, "TRUE") == 0;
    return *value || strcmp(node->text, "false") == 0 || strcmp(node->text, "False") == 0 ||
           strcmp(node->text, "FALSE") == 0;
}

static gr_status read_reals(const gr_value_source *source, const gr_key *key, const gr_yaml *node, double *values)
{
    if (node->kind != GR_YAML_LIST || node->count < key->least || node->count > key->most)
        return mistyped(source, key, node);
    for (int i = 0; i < key->most; i++)
        values[i] = NAN;
    for (int i = 0; i < node->count; i++)
        if (!parse_real(node->items[i], &key->range, &values[i]))
            return mistyped(source, key, node->items[i]);
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
        return mistyped(source, key, node);
    int *items = gr_arena_alloc(source->arena, 2 * (size_t)node->count + 1, sizeof *items), count = 0;
    if (items == NULL)
        return no_memory(source);
    for (int i = 0; i < node->count; i++) {
        int64_t whole;
        const gr_yaml *item = node->items[i];
        bool pair = key->kind == GR_KEY_PAIRS;
        if (pair && (item->kind != GR_YAML_LIST || item->count != 2))
            return mistyped(source, key, item);
        for (int j = 0; j < (pair ? 2 : 1); j++) {
            const gr_yaml *number = pair ? item->items[j] : item;
            if (!parse_int(number, &key->range, &whole))
                return mistyped(source, key, number);
            items[count++] = (int)whole;
        }
    }
    *ints = (gr_ints){items, count};
    int twin = key->kind == GR_KEY_PAIRS ? twin_of(items, count) : 0;
    return twin == 0 ? GR_OK : gr_value_refuse(source, node->line, key->path, "names %d twice, in one pair is right", twin);
}

/* ---- texts ----------------------------------------------------------------------------------------------------------- */

static gr_status read_choice(const gr_value_source *source, const gr_key *key, const gr_yaml *node, int *index)
{
    if (node->kind != GR_YAML_SCALAR)
        return mistyped(source, key, node);
    size_t count = 0;
    for (; key->choices[count]; count++)
        if (strcmp(key->choices[count], node->text) == 0) {
            *index = (int)count;
            return GR_OK;
        }
    const char *nearest = gr_nearest(node->text, key->choices, count);
    if (!nearest)
        return mistyped(source, key, node);
    gr_text expected = {0};
    gr_key_expected(key, &expected);
    gr_status status = gr_value_refuse(source, node->line, key->path, "is \"%.40s\", did you mean %s? Expected %s",
                                       node->text, nearest, expected.data ? expected.data : "another value");
    gr_text_free(&expected);
    return status;
}

static gr_status read_string(const gr_value_source *source, const gr_key *key, const gr_yaml *node, const char **text)
{
    if (node->kind != GR_YAML_SCALAR || !*node->text || gr_yaml_is_null(node))
        return mistyped(source, key, node);
    if (strlen(node->text) > TEXT_LIMIT)
        return gr_value_refuse(source, node->line, key->path, "is longer than %d bytes", TEXT_LIMIT);
    *text = gr_arena_strdup(source->arena, node->text);
    return *text ? GR_OK : no_memory(source);
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
    return *path ? GR_OK : no_memory(source);
}

static gr_status read_strings(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_strings *strings)
{
    int64_t number;
    if (key->counts && node->kind == GR_YAML_SCALAR && node->plain && gr_parse_int64(node->text, &number)) {
        *strings = (gr_strings){gr_arena_alloc(source->arena, 1, sizeof(char *)), 1};
        if (!strings->items || !(strings->items[0] = gr_arena_strdup(source->arena, node->text)))
            return no_memory(source);
        return GR_OK;
    }
    if (node->kind != GR_YAML_LIST)
        return mistyped(source, key, node);
    if (node->count > key->most)
        return gr_value_refuse(source, node->line, key->path, "has %d items, at most %d are allowed", node->count,
                               key->most);
    *strings = (gr_strings){gr_arena_alloc(source->arena, (size_t)node->count + 1, sizeof(char *)), node->count};
    if (!strings->items)
        return no_memory(source);
    for (int i = 0; i < node->count; i++) {
        const gr_yaml *item = node->items[i];
        if (item->kind != GR_YAML_SCALAR || !*item->text || strlen(item->text) > TEXT_LIMIT)
            return gr_value_refuse(source, item->line, key->path, "item %d is empty, not a text, or longer than %d bytes",
                                   i + 1, TEXT_LIMIT);
        gr_status status = key->paths ? read_path(source, key, item, &strings->items[i]) : GR_OK;
        if (status != GR_OK)
            return status;
        if (!key->paths && !(strings->items[i] = gr_arena_strdup(source->arena, item->text)))
            return no_memory(source);
    }
    return GR_OK;
}

/* ---- transforms ------------------------------------------------------------------------------------------------------ */

typedef enum parameters { PIXELS, SHARE, DEGREES, FACTORS, NOTHING } parameters;

static const struct {
    const char *name;
    parameters takes;
} transforms[GR_TRANSFORM_KINDS] = {
    [GR_TRANSFORM_RESIZE] = {"resize", PIXELS},           [GR_TRANSFORM_RANDOM_CROP] = {"random_crop", PIXELS},
    [GR_TRANSFORM_CENTER_CROP] = {"center_crop", PIXELS}, [GR_TRANSFORM_HFLIP] = {"hflip", SHARE},
    [GR_TRANSFORM_ROTATE] = {"rotate", DEGREES},          [GR_TRANSFORM_BRIGHTNESS] = {"brightness", FACTORS},
    [GR_TRANSFORM_GRAYSCALE] = {"grayscale", NOTHING},    [GR_TRANSFORM_BGR] = {"bgr", NOTHING},
};

static const char *const transform_values[] = {
    [PIXELS] = "a whole number of pixels from 1 to 16384",
    [SHARE] = "a probability from 0 to 1",
    [DEGREES] = "degrees from 0 to 360",
    [FACTORS] = "[lo, hi] with 0 <= lo <= hi <= 255",
    [NOTHING] = "the word alone",
};

static bool parse_parameters(parameters takes, const gr_yaml *value, gr_transform *transform)
{
    static const gr_range share = {0, 1, false, false}, degrees = {0, 360, false, false}, factor = {0, 255, false, false},
                          pixels = {1, GR_IMAGE_SIDE_MAX, false, false};
    int64_t whole;
    switch (takes) {
    case PIXELS:
        if (!value || !parse_int(value, &pixels, &whole))
            return false;
        transform->a = (double)whole;
        return true;
    case SHARE: return value && parse_real(value, &share, &transform->a);
    case DEGREES: return value && parse_real(value, &degrees, &transform->a);
    case FACTORS:
        return value && value->kind == GR_YAML_LIST && value->count == 2 &&
               parse_real(value->items[0], &factor, &transform->a) && parse_real(value->items[1], &factor, &transform->b) &&
               transform->a <= transform->b;
    case NOTHING: return value == NULL;
    }
    return false;
}

/* One item: {name: parameter}, or the name alone. */
static gr_status read_transform(const gr_value_source *source, const gr_key *key, const gr_yaml *item,
                                gr_transform *transform)
{
    bool map = item->kind == GR_YAML_MAP;
    if (item->kind == GR_YAML_LIST || (map && item->count != 1))
        return gr_value_refuse(source, item->line, key->path,
                               "each transform is one item such as {resize: 256} or grayscale, this one %s",
                               map ? "has no name or several" : "is a list");
    const char *name = map ? item->items[0]->text : item->text;
    const char *names[GR_TRANSFORM_KINDS];
    for (int i = 0; i < GR_TRANSFORM_KINDS; i++) {
        names[i] = transforms[i].name;
        if (strcmp(name, names[i]) != 0)
            continue;
        transform->kind = (gr_transform_kind)i;
        if (parse_parameters(transforms[i].takes, map ? item->items[1] : NULL, transform))
            return GR_OK;
        char is[64];
        return gr_value_refuse(source, item->line, key->path, "%s %s, expected %s", name,
                               map ? describe(item->items[1], is) : "has no value", transform_values[transforms[i].takes]);
    }
    const char *nearest = gr_nearest(name, names, GR_TRANSFORM_KINDS);
    if (nearest)
        return gr_value_refuse(source, item->line, key->path, "there is no transform \"%.40s\", did you mean %s?", name,
                               nearest);
    return gr_value_refuse(source, item->line, key->path,
                           "there is no transform \"%.40s\", known are resize, random_crop, center_crop, hflip, rotate, "
                           "brightness, grayscale and bgr",
                           name);
}

static gr_status read_transforms(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_transforms *list)
{
    if (node->kind != GR_YAML_LIST)
        return mistyped(source, key, node);
    if (node->count > key->most)
        return gr_value_refuse(source, node->line, key->path, "has %d items, at most %d are allowed", node->count,
                               key->most);
    *list = (gr_transforms){gr_arena_alloc(source->arena, (size_t)node->count + 1, sizeof(gr_transform)), node->count};
    if (!list->items)
        return no_memory(source);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < node->count; i++)
        status = read_transform(source, key, node->items[i], &list->items[i]);
    return status;
}

/* ---- by kind --------------------------------------------------------------------------------------------------------- */

/* Null: the field holds what gr_config_load's rules fill in later. */
static void set_null(const gr_key *key, void *field)
{
    if (key->kind == GR_KEY_REALS)
        for (int i = 0; i < key->most; i++)
            ((double *)field)[i] = NAN;
    else if (key->kind == GR_KEY_TRANSFORMS)
        *(gr_transforms *)field = (gr_transforms){NULL, -1};
    else if (key->kind == GR_KEY_REPORTED)
        *(const gr_reported **)field = NULL;
    else
        *(const char **)field = NULL;
}

gr_status gr_value_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_config *config)
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
    case GR_KEY_CHOICE:
        status = read_choice(source, key, node, &index);
        *(const char **)field = key->choices[index];
        return status;
    case GR_KEY_TYPE:
        status = read_choice(source, key, node, &index);
        *(gr_type *)field = (gr_type)index;
        return status;
    case GR_KEY_SEED:
    case GR_KEY_INT:
        if (!parse_int(node, &key->range, &whole))
            return mistyped(source, key, node);
        if (key->kind == GR_KEY_SEED)
            *(uint64_t *)field = (uint64_t)whole;
        else
            *(int *)field = (int)whole;
        return GR_OK;
    case GR_KEY_REAL: return parse_real(node, &key->range, field) ? GR_OK : mistyped(source, key, node);
    case GR_KEY_REALS: return read_reals(source, key, node, field);
    case GR_KEY_INTS:
    case GR_KEY_PAIRS: return read_ints(source, key, node, field);
    case GR_KEY_BOOL: return parse_bool(node, field) ? GR_OK : mistyped(source, key, node);
    case GR_KEY_STRINGS: return read_strings(source, key, node, field);
    case GR_KEY_TRANSFORMS: return read_transforms(source, key, node, field);
    case GR_KEY_SWEEP: return gr_sweep_read(source, key, node, config);
    case GR_KEY_REPORTED: return gr_reported_read(source, key, node, config);
    }
    return GR_OK;
}

/* ---- back to YAML ---------------------------------------------------------------------------------------------------- */

static void put_text(const char *text, gr_text *out)
{
    if (text)
        gr_yaml_put_string(out, text);
    else
        gr_text_printf(out, "null");
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

static void put_transforms(const gr_transforms *list, gr_text *out)
{
    if (list->count < 0) {
        gr_text_printf(out, "null");
        return;
    }
    gr_text_printf(out, "[");
    for (int i = 0; i < list->count; i++) {
        const gr_transform *t = &list->items[i];
        parameters takes = transforms[t->kind].takes;
        gr_text_printf(out, "%s%s%s", i ? ", " : "", takes == NOTHING ? "" : "{", transforms[t->kind].name);
        if (takes == NOTHING)
            continue;
        gr_text_printf(out, takes == FACTORS ? ": [" : ": ");
        gr_yaml_put_number(out, t->a);
        if (takes == FACTORS) {
            gr_text_printf(out, ", ");
            gr_yaml_put_number(out, t->b);
            gr_text_printf(out, "]");
        }
        gr_text_printf(out, "}");
    }
    gr_text_printf(out, "]");
}

void gr_value_put(const gr_key *key, const gr_config *config, gr_text *out)
{
    const void *field = (const char *)config + key->offset;
    switch (key->kind) {
    case GR_KEY_STRING:
    case GR_KEY_PATH:
    case GR_KEY_CHOICE: put_text(*(const char *const *)field, out); break;
    case GR_KEY_TYPE: put_text(key->choices[*(const gr_type *)field], out); break;
    case GR_KEY_SEED: gr_text_printf(out, "%llu", (unsigned long long)*(const uint64_t *)field); break;
    case GR_KEY_INT: gr_text_printf(out, "%d", *(const int *)field); break;
    case GR_KEY_REAL: gr_yaml_put_number(out, *(const double *)field); break;
    case GR_KEY_REALS: put_reals(key, field, out); break;
    case GR_KEY_INTS:
    case GR_KEY_PAIRS: put_ints(field, key->kind == GR_KEY_PAIRS, out); break;
    case GR_KEY_BOOL: gr_text_printf(out, *(const bool *)field ? "true" : "false"); break;
    case GR_KEY_STRINGS: put_strings(field, out); break;
    case GR_KEY_TRANSFORMS: put_transforms(field, out); break;
    case GR_KEY_SWEEP: gr_sweep_put(config, out); break;
    case GR_KEY_REPORTED: gr_reported_put(config->reported, out); break;
    }
}
