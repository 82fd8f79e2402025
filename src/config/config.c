/* The config: layers (the file, then overrides) applied over the table of keys, rules for what was left out, and the checks
 * across keys that need no data. A derived config is built again from the same layers, so that no rule is applied twice. */
#include "config/config.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys.h"
#include "formats/hdf5.h"
#include "grimace/models.h"

enum { FILE_LIMIT = 1 << 20, SECTIONS = 32 };

typedef struct layer {
    const char *text;  /* "key=value" */
    const char *place; /* "command line", or where the sweep's axis stands */
} layer;

struct gr_config_source {
    gr_arena *arena;
    const char *file, *folder, *text; /* the config file: as given, its folder (absolute), its content */
    size_t size;
    layer *layers;
    int layer_count;
    const char **places; /* [gr_key_count]; NULL: the default */
    struct {
        const char *path, *place;
    } sections[SECTIONS]; /* where sections begin, for keys that were left out */
    int section_count;
    const char *top; /* "FILE:1" */
};

static gr_status no_memory(const char *file, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for the config", file);
}

/* ---- where ----------------------------------------------------------------------------------------------------------- */

const char *gr_config_where(const gr_config *config, const char *key)
{
    const struct gr_config_source *source = config->source;
    int index = gr_key_find(key);
    if (index >= 0 && source->places[index])
        return source->places[index];
    const char *found = source->top;
    size_t longest = 0;
    for (int i = 0; i < source->section_count; i++) {
        size_t length = strlen(source->sections[i].path);
        if (length > longest && strncmp(key, source->sections[i].path, length) == 0 && key[length] == '.') {
            found = source->sections[i].place;
            longest = length;
        }
    }
    return found;
}

gr_status gr_config_fail(const gr_config *config, const char *key, gr_error *err, const char *fmt, ...)
{
    char sentence[768];
    va_list args;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    return gr_fail(err, GR_INVALID, "%s: %s: %s", gr_config_where(config, key), key, sentence);
}

/* ---- layers ---------------------------------------------------------------------------------------------------------- */

static gr_status apply_section(gr_config *config, const gr_value_source *from, const char *section, const gr_yaml *map);

/* Applies `node`, written on `line` under the dotted `path`: a key's value or a section. */
static gr_status apply(gr_config *config, const gr_value_source *from, const char *path, int line, const gr_yaml *node)
{
    struct gr_config_source *source = config->source;
    int index = gr_key_find(path);
    if (index >= 0) {
        source->places[index] = gr_value_place(from, line);
        return source->places[index] ? gr_value_read(from, &gr_keys[index], node, config)
                                     : no_memory(source->file, from->err);
    }
    gr_text hint = {0};
    gr_status status = GR_OK;
    if (!gr_key_is_section(path)) {
        gr_key_hint(path, &hint);
        status = gr_value_refuse(from, line, path, "there is no such key%s", hint.data ? hint.data : "");
    } else if (node->kind == GR_YAML_MAP)
        status = apply_section(config, from, path, node);
    else if (!gr_yaml_is_null(node)) {
        gr_key_children(path, &hint);
        status = gr_value_refuse(from, line, path, "is a %s, expected a section with %s",
                                 node->kind == GR_YAML_LIST ? "list" : "single value", hint.data ? hint.data : "keys");
    }
    if (status == GR_OK && source->section_count < SECTIONS) {
        source->sections[source->section_count].path = gr_arena_strdup(source->arena, path);
        source->sections[source->section_count].place = gr_value_place(from, line);
        if (!source->sections[source->section_count].path || !source->sections[source->section_count].place)
            status = no_memory(source->file, from->err);
        else
            source->section_count++;
    }
    gr_text_free(&hint);
    return status;
}

static gr_status apply_section(gr_config *config, const gr_value_source *from, const char *section, const gr_yaml *map)
{
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < map->count; i++) {
        const gr_yaml *key = map->items[2 * i];
        char path[160];
        snprintf(path, sizeof path, "%s%s%.80s", section, *section ? "." : "", key->text);
        if (!*key->text)
            return gr_value_refuse(from, key->line, *section ? section : "config", "holds an empty key");
        if (strchr(key->text, '.'))
            return gr_value_refuse(from, key->line, path,
                                   "a dotted key is for the command line, in the file it is a section with a key");
        /* Few at most: an unknown key ends the loop, and known ones differ. */
        for (int j = 0; j < i; j++)
            if (strcmp(map->items[2 * j]->text, key->text) == 0)
                return gr_value_refuse(from, key->line, path, "is there twice, on line %d already", map->items[2 * j]->line);
        status = apply(config, from, path, key->line, map->items[2 * i + 1]);
    }
    return status;
}

static gr_status apply_file(gr_config *config, gr_error *err)
{
    struct gr_config_source *source = config->source;
    gr_value_source from = {source->arena, source->file, NULL, source->folder, err};
    const gr_yaml *root;
    gr_status status = gr_yaml_parse(source->file, source->text, source->size, source->arena, &root, err);
    if (status != GR_OK)
        return status;
    if (!root || gr_yaml_is_null(root))
        return gr_fail(err, GR_INVALID, "%s:1: the config is empty, it needs at least data.manifest", source->file);
    if (root->kind != GR_YAML_MAP)
        return gr_fail(err, GR_INVALID,
                       "%s:%d: the config is a %s, expected sections and keys such as \"train: {epochs: 30}\"", source->file,
                       root->line, root->kind == GR_YAML_LIST ? "list" : "single text");
    return apply_section(config, &from, "", root);
}

static gr_status apply_override(gr_config *config, const layer *over, gr_error *err)
{
    struct gr_config_source *source = config->source;
    gr_value_source from = {source->arena, source->file, over->place, source->folder, err};
    static const gr_yaml nothing = {.kind = GR_YAML_SCALAR, .line = 1, .plain = true, .text = "", .nodes = 1};
    const char *equals = strchr(over->text, '=');
    if (!equals || equals == over->text)
        return gr_fail(err, GR_INVALID, "%s: %.80s: is not key=value, such as optimizer.lr=0.001", over->place, over->text);
    char *key = gr_arena_strndup(source->arena, over->text, (size_t)(equals - over->text));
    if (!key)
        return no_memory(source->file, err);
    if (strlen(key) > 80 || !gr_utf8_valid(key, strlen(key)))
        return gr_fail(err, GR_INVALID, "%s: %.80s: there is no such key", over->place, key);
    const gr_yaml *root = NULL;
    gr_error found = {0};
    gr_status status = gr_yaml_parse(NULL, equals + 1, strlen(equals + 1), source->arena, &root, &found);
    if (status != GR_OK)
        return gr_fail(err, status, "%s: %s: %s", over->place, key, found.text);
    return apply(config, &from, key, 1, root ? root : &nothing);
}

static gr_status apply_defaults(gr_config *config, gr_error *err)
{
    struct gr_config_source *source = config->source;
    gr_value_source from = {source->arena, source->file, "default", source->folder, err};
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < gr_key_count; i++) {
        const gr_yaml *root;
        status = gr_yaml_parse(NULL, gr_keys[i].standard, strlen(gr_keys[i].standard), source->arena, &root, err);
        if (status == GR_OK)
            status = gr_value_read(&from, &gr_keys[i], root, config);
    }
    return status;
}

/* ---- what was left out ----------------------------------------------------------------------------------------------- */

static gr_status fill_transforms(gr_config *config, gr_transforms *list)
{
    if (list->count >= 0)
        return GR_OK;
    *list = (gr_transforms){gr_arena_alloc(config->source->arena, 1, sizeof(gr_transform)), 1};
    if (!list->items)
        return GR_NOMEM;
    list->items[0] = (gr_transform){.kind = GR_TRANSFORM_RESIZE, .a = config->data.image.size};
    return GR_OK;
}

/* ImageNet's numbers of the channels; for grey images their average. */
static void fill_numbers(double values[3], double red, double green, double blue, double grey, int channels)
{
    if (!isnan(values[0]))
        return;
    values[0] = channels == 1 ? grey : red;
    values[1] = channels == 1 ? NAN : green;
    values[2] = channels == 1 ? NAN : blue;
}

static gr_status fill_in(gr_config *config, gr_error *err)
{
    struct gr_config_source *source = config->source;
    if (!config->name) {
        const char *slash = strrchr(source->file, '/'), *base = slash ? slash + 1 : source->file, *dot = strrchr(base, '.');
        size_t length = dot && dot > base ? (size_t)(dot - base) : strlen(base);
        bool good = length && gr_utf8_valid(base, length);
        config->name = good ? gr_arena_strndup(source->arena, base, length) : "experiment";
    }
    if (!config->split.scheme)
        config->split.scheme = config->data.group ? "leave_one_group_out" : "stratified_kfold";
    if (!config->model.variant && config->model.pretrained && gr_hdf5_is_file(config->model.pretrained))
        config->model.variant = "keras";
    if (!config->task)
        config->task = strcmp(config->model.head, "landmarks") == 0 && strcmp(config->model.classic, "none") == 0 ? "landmarks"
                                                                                                                 : "classes";
    if (!config->loss.name)
        config->loss.name = gr_task_losses(config->task)[0];
    fill_numbers(config->data.image.mean, 0.485, 0.456, 0.406, 0.449, config->data.image.channels);
    fill_numbers(config->data.image.std, 0.229, 0.224, 0.225, 0.226, config->data.image.channels);
    if (!config->name || fill_transforms(config, &config->data.train_transforms) != GR_OK ||
        fill_transforms(config, &config->data.eval_transforms) != GR_OK)
        return no_memory(source->file, err);
    return GR_OK;
}

/* ---- checks across keys ---------------------------------------------------------------------------------------------- */

static int count_reals(const double values[3])
{
    int count = 0;
    while (count < 3 && !isnan(values[count]))
        count++;
    return count;
}

static gr_status check_image(const gr_config *config, gr_error *err)
{
    int channels = config->data.image.channels, mean = count_reals(config->data.image.mean),
        std = count_reals(config->data.image.std);
    if (channels == 2)
        return gr_config_fail(config, "data.image.channels", err, "is 2, expected 3 (RGB) or 1 (grey)");
    if (mean != channels)
        return gr_config_fail(config, "data.image.mean", err,
                              "has %d numbers, data.image.channels is %d: one for each channel", mean, channels);
    if (std != channels)
        return gr_config_fail(config, "data.image.std", err,
                              "has %d numbers, data.image.channels is %d: one for each channel", std, channels);
    return GR_OK;
}

/* Follows the size of the image through the list as far as it is known. */
static gr_status check_transforms(const gr_config *config, const char *key, const gr_transforms *list, gr_error *err)
{
    int size = 0;
    for (int i = 0; i < list->count; i++) {
        const gr_transform *t = &list->items[i];
        bool crop = t->kind == GR_TRANSFORM_RANDOM_CROP || t->kind == GR_TRANSFORM_CENTER_CROP;
        if (crop && size && size < t->a)
            return gr_config_fail(config, key, err, "item %d cuts %.0f x %.0f pixels out of an image of %d x %d", i + 1,
                                  t->a, t->a, size, size);
        if (crop || t->kind == GR_TRANSFORM_RESIZE)
            size = (int)t->a;
    }
    if (size && size != config->data.image.size)
        return gr_config_fail(config, key, err, "ends in images of %d x %d, data.image.size is %d: they must be the same",
                              size, size, config->data.image.size);
    return GR_OK;
}

static gr_status check_classes(const gr_config *config, gr_error *err)
{
    const gr_strings *classes = &config->data.classes;
    bool known = classes->count == 0 || !config->data.positive;
    if (classes->count == 1)
        return gr_config_fail(config, "data.classes", err,
                              "has one class, expected at least two (or none: all of the column)");
    for (int i = 0; i < classes->count; i++) {
        known = known || strcmp(classes->items[i], config->data.positive) == 0;
        for (int j = 0; j < i; j++)
            if (strcmp(classes->items[i], classes->items[j]) == 0)
                return gr_config_fail(config, "data.classes", err, "has \"%.80s\" twice", classes->items[i]);
    }
    if (!known)
        return gr_config_fail(config, "data.positive", err, "is \"%.80s\", expected one of data.classes",
                              config->data.positive);
    return GR_OK;
}

static gr_status check_training(const gr_config *config, gr_error *err)
{
    bool needs_group = strstr(config->split.scheme, "group") != NULL;
    if (needs_group && !config->data.group)
        return gr_config_fail(config, "split.scheme", err,
                              "%s needs data.group, name the manifest's column that must never be split",
                              config->split.scheme);
    const char *const drawn[] = {config->evaluate.bootstrap.by, config->evaluate.permutation.by};
    for (int i = 0; i < 2; i++)
        if (strcmp(drawn[i], "group") == 0 && !config->data.group)
            return gr_config_fail(config, i == 0 ? "evaluate.bootstrap.by" : "evaluate.permutation.by", err,
                                  "is group, but data.group names no column; name it, or image would be right");
    if (config->loss.prsc.lambda > 0 && strcmp(config->model.head, "painseeker") != 0)
        return gr_config_fail(config, "loss.prsc.lambda", err,
                              "is above 0, but PRSC needs model.head painseeker and the head is %.40s; set one or the other",
                              config->model.head);
    if (strcmp(config->model.classic, "none") != 0 && config->model.pretrained)
        return gr_config_fail(config, "model.pretrained", err, "names weights, but model.classic %s has none to begin with",
                              config->model.classic);
    if (strcmp(config->optimizer.name, "sgd") == 0 && config->optimizer.nesterov &&
        (config->optimizer.momentum == 0 || config->optimizer.dampening != 0))
        return gr_config_fail(config, "optimizer.nesterov", err,
                              "needs optimizer.momentum above 0 and optimizer.dampening 0");
    bool floor = strcmp(config->schedule.name, "cosine") == 0 || strcmp(config->schedule.name, "plateau") == 0;
    if (floor && config->schedule.min_lr > config->optimizer.lr)
        return gr_config_fail(config, "schedule.min_lr", err, "is above optimizer.lr, expected at most that");
    return GR_OK;
}

static gr_status check_landmarks(const gr_config *config, gr_error *err)
{
    const gr_ints *distance = &config->data.landmark_distance;
    if (distance->count == 1)
        return gr_config_fail(config, "data.landmark_distance", err, "names one landmark, two or none would be right");
    if (distance->count == 2 && distance->items[0] == distance->items[1])
        return gr_config_fail(config, "data.landmark_distance", err,
                              "names landmark %d twice, two different ones would be right", distance->items[0]);
    return GR_OK;
}

static gr_status check_experiment(const gr_config *config, gr_error *err)
{
    bool labels = config->experiment.labels.count > 0;
    if (labels && config->experiment.cross)
        return gr_config_fail(config, "experiment.cross", err, "is there beside experiment.labels; one of them would be right");
    if (!labels && config->experiment.classes.count > 0)
        return gr_config_fail(config, "experiment.classes", err, "needs experiment.labels, the columns that have them");
    if (!labels && config->experiment.threshold > 0)
        return gr_config_fail(config, "experiment.threshold", err, "needs experiment.labels, whose total it is for");
    if (config->experiment.equal && !config->experiment.cross)
        return gr_config_fail(config, "experiment.equal", err, "needs experiment.cross");
    if (config->experiment.cross && !config->data.group)
        return gr_config_fail(config, "experiment.cross", err,
                              "needs data.group, the column of the animals, none of which may train and test");
    return GR_OK;
}

static gr_status check(const gr_config *config, gr_error *err)
{
    gr_status status = check_image(config, err);
    if (status == GR_OK)
        status = check_transforms(config, "data.train_transforms", &config->data.train_transforms, err);
    if (status == GR_OK)
        status = check_transforms(config, "data.eval_transforms", &config->data.eval_transforms, err);
    if (status == GR_OK)
        status = check_classes(config, err);
    if (status == GR_OK)
        status = check_experiment(config, err);
    if (status == GR_OK)
        status = check_training(config, err);
    return status == GR_OK ? check_landmarks(config, err) : status;
}

/* One value of `key` against the names. */
static gr_status check_name(const char *place, const char *key, const char *value, const char *const *names, gr_error *err)
{
    size_t count = 0;
    for (; names[count]; count++)
        if (strcmp(names[count], value) == 0)
            return GR_OK;
    const char *nearest = gr_nearest(value, names, count);
    gr_text list = {0};
    for (size_t i = 0; i < count; i++)
        gr_text_printf(&list, "%s%s", i == 0 ? "" : i + 1 < count ? ", " : " or ", names[i]);
    gr_status status = gr_fail(err, GR_INVALID, "%s: %s: is \"%.40s\", %s%s%sexpected %s", place, key, value,
                               nearest ? "did you mean " : "", nearest ? nearest : "", nearest ? "? " : "",
                               list.data ? list.data : "another name");
    gr_text_free(&list);
    return status;
}

gr_status gr_config_check_name(const gr_config *config, const char *key, const char *const *names, gr_error *err)
{
    const char *value = *(const char *const *)((const char *)config + gr_keys[gr_key_find(key)].offset);
    gr_status status = check_name(gr_config_where(config, key), key, value, names, err);
    for (int i = 0; i < config->sweep.count; i++) {
        const gr_sweep_axis *axis = &config->sweep.axes[i];
        for (int j = 0; status == GR_OK && strcmp(axis->key, key) == 0 && j < axis->values.count; j++)
            status = check_name(axis->place, key, axis->values.items[j], names, err);
    }
    return status;
}

/* ---- building -------------------------------------------------------------------------------------------------------- */

/* `group` (NULL: as the file and the overrides say) stands in for a file's data.group. */
static gr_status build(gr_config *config, const char *group, gr_error *err)
{
    struct gr_config_source *source = config->source;
    gr_status status = apply_defaults(config, err);
    if (status == GR_OK && source->text)
        status = apply_file(config, err);
    if (status == GR_OK && group && !(config->data.group = gr_arena_strdup(source->arena, group)))
        status = no_memory(source->file, err);
    for (int i = 0; status == GR_OK && i < source->layer_count; i++)
        status = apply_override(config, &source->layers[i], err);
    if (status == GR_OK)
        status = fill_in(config, err);
    return status == GR_OK ? check(config, err) : status;
}

/* An empty config that remembers a file's text (copied; NULL: no file) and has room for `layers`; NULL when memory is short. */
static gr_config *start(const char *file, const char *folder, const char *text, size_t size, int layers)
{
    gr_arena *arena = gr_arena_create();
    gr_config *config = arena ? gr_arena_alloc(arena, 1, sizeof *config) : NULL;
    struct gr_config_source *source = config ? gr_arena_alloc(arena, 1, sizeof *source) : NULL;
    if (source) {
        source->arena = arena;
        source->file = gr_arena_strdup(arena, file);
        source->folder = gr_arena_strdup(arena, folder);
        source->text = text ? gr_arena_strndup(arena, text, size) : NULL;
        source->size = size;
        source->layers = gr_arena_alloc(arena, (size_t)layers + 1, sizeof *source->layers);
        source->places = gr_arena_alloc(arena, (size_t)gr_key_count, sizeof *source->places);
        source->top = gr_arena_printf(arena, "%s:1", file);
        config->source = source;
    }
    if (source && source->file && source->folder && (source->text || !text) && source->layers && source->places && source->top)
        return config;
    gr_arena_destroy(arena);
    return NULL;
}

/* Where the list of the sweep has this very override; NULL: nowhere. */
static const char *setting_place(const gr_config *base, const char *override)
{
    for (int i = 0; i < base->sweep.setting_count; i++) {
        const gr_sweep_setting *setting = &base->sweep.settings[i];
        for (int j = 0; j < setting->overrides.count; j++)
            if (strcmp(setting->overrides.items[j], override) == 0)
                return setting->place;
    }
    return NULL;
}

/* Remembers overrides[count] behind those that are there. An override of a key that the sweep of `base` (or NULL) varies
 * stands where its axis stands. */
static bool add_layers(gr_config *config, const gr_config *base, const char *const *overrides, int count)
{
    struct gr_config_source *source = config->source;
    for (int i = 0; i < count; i++) {
        layer *over = &source->layers[source->layer_count++];
        over->place = "command line";
        over->text = gr_arena_strdup(source->arena, overrides[i]);
        for (int j = 0; base && j < base->sweep.count; j++) {
            size_t length = strlen(base->sweep.axes[j].key);
            if (strncmp(overrides[i], base->sweep.axes[j].key, length) == 0 && overrides[i][length] == '=')
                over->place = gr_arena_strdup(source->arena, base->sweep.axes[j].place);
        }
        const char *setting = base ? setting_place(base, overrides[i]) : NULL;
        if (setting)
            over->place = gr_arena_strdup(source->arena, setting);
        if (!over->text || !over->place)
            return false;
    }
    return true;
}

gr_status gr_config_load(const char *path, const char *const *overrides, int count, gr_config **config, gr_error *err)
{
    char *text, resolved[PATH_MAX];
    size_t size;
    *config = NULL;
    gr_status status = gr_file_read(path, FILE_LIMIT, &text, &size, err);
    if (status != GR_OK)
        return status;
    char *folder = gr_path_folder(path);
    gr_config *made = NULL;
    if (folder && !realpath(folder, resolved))
        status = gr_fail(err, GR_INVALID, "%s: its folder cannot be found", path);
    else if (!folder || !(made = start(path, resolved, text, size, count)) || !add_layers(made, NULL, overrides, count))
        status = no_memory(path, err);
    else
        status = build(made, NULL, err);
    gr_free(folder);
    gr_free(text);
    if (status != GR_OK) {
        gr_config_destroy(made);
        made = NULL;
    }
    *config = made;
    return status;
}

gr_status gr_config_make(const char *name, const char *group, const char *const *overrides, int count, gr_config **config,
                         gr_error *err)
{
    gr_config *made = start(name, "/", NULL, 0, count);
    gr_status status = GR_OK;
    if (!made || !add_layers(made, NULL, overrides, count))
        status = no_memory(name, err);
    else
        status = build(made, group, err);
    if (status != GR_OK) {
        gr_config_destroy(made);
        made = NULL;
    }
    *config = made;
    return status;
}

gr_status gr_config_with(const gr_config *base, const char *const *overrides, int count, gr_config **config, gr_error *err)
{
    const struct gr_config_source *source = base->source;
    gr_config *made = start(source->file, source->folder, source->text, source->size, source->layer_count + count);
    gr_status status = GR_OK;
    bool good = made != NULL;
    for (int i = 0; good && i < source->layer_count; i++) {
        layer *over = &made->source->layers[made->source->layer_count++];
        over->text = gr_arena_strdup(made->source->arena, source->layers[i].text);
        over->place = gr_arena_strdup(made->source->arena, source->layers[i].place);
        good = over->text && over->place;
    }
    status = good && add_layers(made, base, overrides, count) ? build(made, NULL, err) : no_memory(source->file, err);
    if (status != GR_OK) {
        gr_config_destroy(made);
        made = NULL;
    }
    *config = made;
    return status;
}

void gr_config_destroy(gr_config *config)
{
    if (config)
        gr_arena_destroy(config->source->arena);
}
