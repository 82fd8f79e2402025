/* The sweep: a list of axes (a grid over all of them), or a section that says how settings are made of axes, or lists them.
 *
 *     sweep: [{key: K, values: [...]}, ...]
 *     sweep: {mode: grid | one_at_a_time | pairwise, axes: [{key: K, values: [...]}, ...], rank_by: f1}
 *     sweep: {mode: random, count: N, axes: [{key: K, range: [lo, hi], scale: linear | log}, ...]}
 *     sweep: {mode: list, settings: [{name: NAME, set: {K: VALUE, ...}, reported: {...}}, ...], cost: IMAGES} */
#include <math.h>
#include <string.h>

#include "config/value.h"

enum { MOST_DRAWS = 10000, MOST_SETTINGS = 1000, MOST_TIMED = 1000, NAME_LIMIT = 60 };

static const char *const modes[GR_SWEEP_MODES + 1] = {"grid", "one_at_a_time", "pairwise", "random", "list", NULL};

/* What one part of several is read with: it has an error of its own. */
static gr_value_source part_of(const gr_value_source *source, gr_error *one)
{
    gr_value_source part = *source;
    *one = (gr_error){0};
    part.err = one;
    return part;
}

/* Takes note of what is wrong with a part, so that the parts behind it are read too, and remembers that something is in
 * *all. false: nothing more can be read. */
static bool go_on(const gr_value_source *source, gr_status status, const gr_error *one, gr_status *all)
{
    if (status == GR_OK)
        return true;
    *all = gr_fail(source->err, status, "%s", one->text);
    return status == GR_INVALID && source->errors != NULL && !gr_config_errors_full(source->errors) &&
           gr_config_errors_add(source->errors, source->arena, source->file, source->layer, one->text);
}

/* A map's keys and values by name. */
typedef struct field {
    const char *name;
    const gr_yaml *value;
} field;

/* Puts the values of `map` into fields[count]. `what` has them: "an axis has key and values". */
static gr_status read_fields(const gr_value_source *source, const gr_yaml *map, field *fields, int count, const char *what)
{
    if (map->kind != GR_YAML_MAP)
        return gr_value_refuse(source, map->line, "sweep", "is not understood here, %s", what);
    for (int i = 0; i < map->count; i++) {
        const char *name = map->items[2 * i]->text;
        field *found = NULL;
        for (int j = 0; j < count; j++)
            if (strcmp(fields[j].name, name) == 0)
                found = &fields[j];
        if (!found || found->value)
            return gr_value_refuse(source, map->items[2 * i]->line, "sweep", "\"%.40s\" is %s, %s", name,
                                   found ? "there twice" : "not known", what);
        found->value = map->items[2 * i + 1];
    }
    return GR_OK;
}

/* The index of a scalar among names, or -1. */
static int find_word(const gr_yaml *node, const char *const *names)
{
    for (int i = 0; names[i] && node->kind == GR_YAML_SCALAR; i++)
        if (strcmp(names[i], node->text) == 0)
            return i;
    return -1;
}

/* ---- axes ------------------------------------------------------------------------------------------------------------ */

/* The key called by `node`, one that can be swept. */
static gr_status find_key(const gr_value_source *source, const gr_yaml *node, const gr_key **key)
{
    const char *name = node->kind == GR_YAML_SCALAR ? node->text : "";
    int index = gr_key_find(name);
    if (index >= 0 && gr_keys[index].kind != GR_KEY_SWEEP && gr_keys[index].kind != GR_KEY_REPORTED) {
        *key = &gr_keys[index];
        return GR_OK;
    }
    if (index < 0 && gr_key_is_section(name))
        return gr_value_refuse(source, node->line, "sweep", "\"%s\" is a section, name one of its keys", name);
    gr_text hint = {0};
    if (index < 0)
        gr_key_hint(name, &hint);
    gr_status status = gr_value_refuse(source, node->line, "sweep", "\"%.80s\" is not a key that can be swept%s", name,
                                       hint.data ? hint.data : "");
    gr_text_free(&hint);
    return status;
}

/* Reads a value as the key's own, so that a bad one is found before the first training, and keeps it as it is written in a
 * resolved config (paths absolute), behind `before`. The axis or setting stands at `place`. */
static gr_status keep_value(const gr_value_source *source, const char *place, const gr_key *key, const gr_yaml *value,
                            const char *before, const char *equals, const char **out)
{
    gr_config scratch = {0};
    gr_text text = {0};
    gr_status status = gr_plain_read(source, key, value, &scratch);
    if (status == GR_OK)
        status = gr_value_check_name(key, &scratch, place, source->err);
    gr_text_printf(&text, "%s%s", before, equals);
    if (status == GR_OK) {
        gr_plain_put(key, &scratch, &text);
        *out = text.failed ? NULL : gr_arena_strdup(source->arena, text.data);
        status = *out ? GR_OK : gr_value_no_memory(source);
    }
    gr_text_free(&text);
    return status;
}

static gr_status read_values(const gr_value_source *source, const gr_key *key, const gr_yaml *values, gr_sweep_axis *axis)
{
    gr_status status = GR_OK;
    axis->values = (gr_strings){gr_arena_alloc(source->arena, (size_t)values->count, sizeof(char *)), values->count};
    if (!axis->values.items)
        return gr_value_no_memory(source);
    for (int i = 0; i < values->count; i++) {
        gr_error one;
        gr_value_source part = part_of(source, &one);
        if (!go_on(source, keep_value(&part, axis->place, key, values->items[i], "", "", &axis->values.items[i]), &one,
                   &status))
            break;
    }
    return status;
}

static bool read_number(const gr_yaml *node, double *out)
{
    return node->kind == GR_YAML_SCALAR && node->plain && gr_parse_double(node->text, out);
}

/* Both ends must be values of the key; the logarithm needs them above 0. */
static gr_status read_range(const gr_value_source *source, const gr_key *key, const gr_yaml *range, const gr_yaml *scale,
                            gr_sweep_axis *axis)
{
    static const char *const scales[] = {"linear", "log", NULL};
    axis->ranged = true;
    axis->whole = key->kind == GR_KEY_INT;
    if (key->kind != GR_KEY_REAL && key->kind != GR_KEY_INT)
        return gr_value_refuse(source, range->line, "sweep", "%s is no number, so it needs values instead of a range",
                               key->path);
    if (range->kind != GR_YAML_LIST || range->count != 2 || !read_number(range->items[0], &axis->low) ||
        !read_number(range->items[1], &axis->high) || axis->low > axis->high)
        return gr_value_refuse(source, range->line, "sweep", "the range of %s must be [lo, hi] with lo <= hi", key->path);
    gr_status status = GR_OK;
    const char *unused;
    for (int i = 0; status == GR_OK && i < 2; i++)
        status = keep_value(source, axis->place, key, range->items[i], "", "", &unused);
    int word = scale ? find_word(scale, scales) : 0;
    if (status == GR_OK && word < 0)
        return gr_value_refuse(source, scale->line, "sweep", "the scale of %s must be linear or log", key->path);
    axis->log = word == 1;
    if (status == GR_OK && axis->log && axis->low <= 0)
        return gr_value_refuse(source, range->line, "sweep", "a logarithmic range must begin above 0, that of %s does not",
                               key->path);
    return status;
}

static gr_status read_axis(const gr_value_source *source, const gr_yaml *item, bool random, gr_sweep_axis *axis)
{
    field f[] = {{"key", NULL}, {"values", NULL}, {"range", NULL}, {"scale", NULL}};
    const char *what =
        random ? "an axis of a random sweep has key and values, or key, range and scale" : "an axis has key and values";
    if (item->kind == GR_YAML_MAP) {
        gr_status status = read_fields(source, item, f, random ? 4 : 2, what);
        if (status != GR_OK)
            return status;
    }
    const gr_yaml *key = f[0].value, *values = f[1].value, *range = f[2].value;
    bool listed = values && values->kind == GR_YAML_LIST && values->count > 0 && !range && !f[3].value;
    if (!key || key->kind != GR_YAML_SCALAR || (!listed && (!range || values)))
        return gr_value_refuse(
            source, item->line, "sweep",
            "each axis needs a key and a list of values, such as {key: optimizer.lr, values: [0.001, 0.0001]}%s",
            random ? ", or a range, such as {key: optimizer.lr, range: [1.0e-5, 0.01], scale: log}" : "");
    const gr_key *of = NULL;
    gr_status status = find_key(source, key, &of);
    if (status != GR_OK)
        return status;
    axis->key = of->path;
    axis->place = gr_value_place(source, item->line);
    if (!axis->place)
        return gr_value_no_memory(source);
    return range ? read_range(source, of, range, f[3].value, axis) : read_values(source, of, values, axis);
}

static gr_status read_axes(const gr_value_source *source, const gr_key *key, const gr_yaml *node, bool random,
                           gr_config *config)
{
    if (node->count > key->most)
        return gr_value_refuse(source, node->line, key->path, "has %d axes, at most %d are allowed", node->count, key->most);
    gr_sweep_axis *axes = gr_arena_alloc(source->arena, (size_t)node->count + 1, sizeof *axes);
    if (!axes)
        return gr_value_no_memory(source);
    gr_status all = GR_OK;
    for (int i = 0; i < node->count; i++) {
        gr_error one;
        gr_value_source part = part_of(source, &one);
        gr_status status = read_axis(&part, node->items[i], random, &axes[i]);
        for (int j = 0; status == GR_OK && j < i; j++)
            if (axes[j].key == axes[i].key)
                status = gr_value_refuse(&part, node->items[i]->line, "sweep", "%s has two axes, put all its values in one",
                                         axes[i].key);
        if (!go_on(source, status, &one, &all))
            break;
    }
    if (all == GR_OK) {
        config->sweep.axes = axes;
        config->sweep.count = node->count;
    }
    return all;
}

/* ---- lists of settings ----------------------------------------------------------------------------------------------- */

/* "reported=..." of a setting; null where it says nothing, for what the config itself reports is of another setting. */
static gr_status read_reported(const gr_value_source *source, const char *place, const gr_yaml *node, const char **out)
{
    static const gr_yaml null = {.kind = GR_YAML_SCALAR, .plain = true, .text = "null", .nodes = 1};
    const gr_key *key = &gr_keys[gr_key_find("reported")];
    return keep_value(source, place, key, node ? node : &null, key->path, "=", out);
}

/* Reads pair `i` of what a setting sets. */
static gr_status read_override(const gr_value_source *source, const gr_yaml *set, int i, gr_sweep_setting *setting)
{
    const gr_key *key = NULL;
    for (int j = 0; j < i; j++)
        if (strcmp(set->items[2 * j]->text, set->items[2 * i]->text) == 0)
            return gr_value_refuse(source, set->items[2 * i]->line, "sweep", "\"%.40s\" is there twice",
                                   set->items[2 * i]->text);
    gr_status status = find_key(source, set->items[2 * i], &key);
    if (status == GR_OK)
        status =
            keep_value(source, setting->place, key, set->items[2 * i + 1], key->path, "=", &setting->overrides.items[i]);
    return status;
}

static gr_status read_setting(const gr_value_source *source, const gr_yaml *item, gr_sweep_setting *setting)
{
    field f[] = {{"name", NULL}, {"set", NULL}, {"reported", NULL}};
    gr_status status = read_fields(source, item, f, 3, "a setting is {name: NAME, set: {KEY: VALUE, ...}, reported: {...}}");
    setting->place = gr_value_place(source, item->line);
    if (status == GR_OK && !setting->place)
        return gr_value_no_memory(source);
    if (status == GR_OK)
        status = read_reported(source, setting->place, f[2].value, &setting->reported);
    if (status != GR_OK)
        return status;
    const gr_yaml *name = f[0].value, *set = f[1].value;
    if (!name || name->kind != GR_YAML_SCALAR || !*name->text || strlen(name->text) > NAME_LIMIT || !set ||
        set->kind != GR_YAML_MAP)
        return gr_value_refuse(source, item->line, "sweep",
                               "a setting needs a name of at most %d bytes and what it sets, such as {name: slow, set: "
                               "{optimizer.lr: 0.0001}}",
                               NAME_LIMIT);
    setting->name = gr_arena_strdup(source->arena, name->text);
    setting->overrides = (gr_strings){gr_arena_alloc(source->arena, (size_t)set->count + 1, sizeof(char *)), set->count};
    if (!setting->name || !setting->overrides.items)
        return gr_value_no_memory(source);
    for (int i = 0; i < set->count; i++) {
        gr_error one;
        gr_value_source part = part_of(source, &one);
        if (!go_on(source, read_override(&part, set, i, setting), &one, &status))
            break;
    }
    return status;
}

static gr_status read_settings(const gr_value_source *source, const gr_yaml *node, gr_config *config)
{
    if (node->count > MOST_SETTINGS)
        return gr_value_refuse(source, node->line, "sweep", "has %d settings, at most %d are allowed", node->count,
                               MOST_SETTINGS);
    gr_sweep_setting *settings = gr_arena_alloc(source->arena, (size_t)node->count + 1, sizeof *settings);
    if (!settings)
        return gr_value_no_memory(source);
    gr_status all = GR_OK;
    for (int i = 0; i < node->count; i++) {
        gr_error one;
        gr_value_source part = part_of(source, &one);
        gr_status status = read_setting(&part, node->items[i], &settings[i]);
        for (int j = 0; status == GR_OK && j < i; j++)
            if (settings[j].name && strcmp(settings[j].name, settings[i].name) == 0)
                status =
                    gr_value_refuse(&part, node->items[i]->line, "sweep", "two settings are named \"%s\"", settings[i].name);
        if (!go_on(source, status, &one, &all))
            break;
    }
    if (all == GR_OK) {
        config->sweep.settings = settings;
        config->sweep.setting_count = node->count;
    }
    return all;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------- */

static bool is_list(const gr_yaml *node)
{
    return node && node->kind == GR_YAML_LIST && node->count > 0;
}

static gr_status read_section(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_config *config)
{
    field f[] = {{"mode", NULL}, {"axes", NULL}, {"settings", NULL}, {"count", NULL},
                 {"rank_by", NULL}, {"cost", NULL}};
    gr_status status = read_fields(source, node, f, 6, "the section has mode, axes or settings, count (random), rank_by and cost");
    if (status != GR_OK)
        return status;
    const gr_yaml *mode = f[0].value, *axes = f[1].value, *settings = f[2].value, *count = f[3].value, *rank = f[4].value;
    const gr_yaml *cost = f[5].value;
    int index = mode ? find_word(mode, modes) : GR_SWEEP_GRID;
    if (index < 0)
        return gr_value_refuse(source, mode->line, "sweep",
                               "mode must be grid, one_at_a_time, pairwise, random or list%s%.40s%s",
                               mode->kind == GR_YAML_SCALAR ? ", \"" : "", mode->kind == GR_YAML_SCALAR ? mode->text : "",
                               mode->kind == GR_YAML_SCALAR ? "\" is none of them" : "");
    bool list = index == GR_SWEEP_LIST, random = index == GR_SWEEP_RANDOM;
    int64_t draws = 0, timed = 0;
    if (list ? !is_list(settings) || axes : !is_list(axes) || settings)
        return gr_value_refuse(source, node->line, "sweep", "mode %s needs a list of %s, and no %s", modes[index],
                               list ? "settings" : "axes", list ? "axes" : "settings");
    if (random != (count != NULL) || (random && (count->kind != GR_YAML_SCALAR || !gr_parse_int64(count->text, &draws) ||
                                                 draws < 1 || draws > MOST_DRAWS)))
        return gr_value_refuse(
            source, node->line, "sweep",
            random ? "mode random needs a count from 1 to %d" : "count is for mode random alone (1 to %d)", MOST_DRAWS);
    if (rank && (rank->kind != GR_YAML_SCALAR || !*rank->text || strlen(rank->text) > NAME_LIMIT))
        return gr_value_refuse(source, rank->line, "sweep", "rank_by must name a number of results.json, such as f1");
    if (cost && (cost->kind != GR_YAML_SCALAR || !gr_parse_int64(cost->text, &timed) || timed < 0 || timed > MOST_TIMED))
        return gr_value_refuse(source, cost->line, "sweep",
                               "cost is how many images are timed in each setting, from 0 (none) to %d, such as 20", MOST_TIMED);
    config->sweep.mode = (gr_sweep_mode)index;
    config->sweep.cost = (int)timed;
    config->sweep.draws = (int)draws;
    if (rank && !(config->sweep.rank_by = gr_arena_strdup(source->arena, rank->text)))
        return gr_value_no_memory(source);
    return list ? read_settings(source, settings, config) : read_axes(source, key, axes, random, config);
}

gr_status gr_sweep_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_config *config)
{
    memset(&config->sweep, 0, sizeof config->sweep);
    config->sweep.rank_by = "f1";
    if (node->kind == GR_YAML_LIST)
        return read_axes(source, key, node, false, config);
    if (node->kind == GR_YAML_MAP)
        return read_section(source, key, node, config);
    return gr_value_refuse(source, node->line, key->path,
                           "is a single value, expected a list such as [{key: optimizer.lr, values: [0.001, 0.0001]}], or a "
                           "section with mode and axes");
}

/* ---- back to YAML ---------------------------------------------------------------------------------------------------- */

static void put_axes(const gr_config *config, gr_text *out)
{
    gr_text_printf(out, "[");
    for (int i = 0; i < config->sweep.count; i++) {
        const gr_sweep_axis *axis = &config->sweep.axes[i];
        gr_text_printf(out, "%s{key: %s, ", i ? ", " : "", axis->key);
        if (axis->ranged) {
            gr_text_printf(out, "range: [");
            gr_yaml_put_number(out, axis->low);
            gr_text_printf(out, ", ");
            gr_yaml_put_number(out, axis->high);
            gr_text_printf(out, "], scale: %s}", axis->log ? "log" : "linear");
            continue;
        }
        gr_text_printf(out, "values: [");
        for (int j = 0; j < axis->values.count; j++)
            gr_text_printf(out, "%s%s", j ? ", " : "", axis->values.items[j]);
        gr_text_printf(out, "]}");
    }
    gr_text_printf(out, "]");
}

static void put_settings(const gr_config *config, gr_text *out)
{
    gr_text_printf(out, "[");
    for (int i = 0; i < config->sweep.setting_count; i++) {
        const gr_sweep_setting *setting = &config->sweep.settings[i];
        gr_text_printf(out, "%s{name: ", i ? ", " : "");
        gr_yaml_put_string(out, setting->name);
        gr_text_printf(out, ", set: {");
        for (int j = 0; j < setting->overrides.count; j++) {
            const char *text = setting->overrides.items[j], *equals = strchr(text, '=');
            gr_text_printf(out, "%s%.*s: %s", j ? ", " : "", (int)(equals - text), text, equals + 1);
        }
        const char *reported = strchr(setting->reported, '=') + 1;
        if (strcmp(reported, "null") != 0)
            gr_text_printf(out, "}, reported: %s", reported);
        else
            gr_text_printf(out, "}");
        gr_text_printf(out, "}");
    }
    gr_text_printf(out, "]");
}

void gr_sweep_put(const gr_config *config, gr_text *out)
{
    bool plain = config->sweep.mode == GR_SWEEP_GRID && strcmp(config->sweep.rank_by, "f1") == 0 && config->sweep.cost == 0;
    if (!plain) {
        gr_text_printf(out, "{mode: %s, rank_by: ", modes[config->sweep.mode]);
        gr_yaml_put_string(out, config->sweep.rank_by);
        if (config->sweep.mode == GR_SWEEP_RANDOM)
            gr_text_printf(out, ", count: %d", config->sweep.draws);
        if (config->sweep.cost > 0)
            gr_text_printf(out, ", cost: %d", config->sweep.cost);
        gr_text_printf(out, config->sweep.mode == GR_SWEEP_LIST ? ", settings: " : ", axes: ");
    }
    if (config->sweep.mode == GR_SWEEP_LIST)
        put_settings(config, out);
    else
        put_axes(config, out);
    gr_text_printf(out, plain ? "" : "}");
}
