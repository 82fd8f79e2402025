/* The file of a chain. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "detect/steps.h"
#include "formats/yaml.h"

enum { FILE_LIMIT = 1 << 20, PARTS_MAX = 64, STEPS_MAX = 64, RULES_MAX = 256 };

typedef struct reader {
    const char *path, *name;
    char *folder; /* of the file */
    const gr_detect_options *options;
    gr_chain *chain;
} reader;

static gr_status refuse(const reader *r, const gr_yaml *at, gr_error *err, const char *key, const char *what,
                        const char *right)
{
    return gr_fail(err, GR_INVALID, "%s:%d: %.80s: %.200s, %.200s would be right", r->path, at->line, key, what, right);
}

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for a chain");
}

static const char *key_of(const gr_yaml *map, int i)
{
    return map->items[2 * i]->kind == GR_YAML_SCALAR ? map->items[2 * i]->text : "";
}

static gr_status read_number(const reader *r, const gr_yaml *value, const char *key, double least, double most, double *out,
                             gr_error *err)
{
    char range[80];
    snprintf(range, sizeof range, "a number from %g to %g", least, most);
    if (value->kind != GR_YAML_SCALAR || !gr_parse_double(value->text, out) || *out < least || *out > most)
        return refuse(r, value, err, key, "is no such number", range);
    return GR_OK;
}

/* ---- detectors -------------------------------------------------------------------------------------------------------- */

static gr_status read_option(const reader *r, const char *key, const gr_yaml *value, gr_detect_options *o, gr_error *err)
{
    double number = 0;
    if (strcmp(key, "score") == 0)
        return read_number(r, value, key, 0, 1, &o->least, err);
    if (strcmp(key, "kind") == 0) {
        if (value->kind != GR_YAML_SCALAR)
            return refuse(r, value, err, key, "is no name", "a kind of the model's boxes");
        o->kind = gr_arena_strdup(r->chain->arena, value->text);
        return o->kind != NULL ? GR_OK : no_memory(err);
    }
    if (strcmp(key, "scale") == 0)
        return read_number(r, value, key, 1.001, 10, &o->scale, err);
    int *to = strcmp(key, "neighbors") == 0  ? &o->neighbours
              : strcmp(key, "min_size") == 0 ? &o->min_size
              : strcmp(key, "max_size") == 0 ? &o->max_size
                                             : NULL;
    if (to == NULL)
        return refuse(r, value, err, key, "is no key of a detector",
                      "file, scale, neighbors, min_size, max_size, kind or score");
    gr_status status = read_number(r, value, key, 0, to == &o->neighbours ? 1000000 : GR_IMAGE_SIDE_MAX, &number, err);
    if (status == GR_OK && number != floor(number))
        return refuse(r, value, err, key, "is no whole number", "one");
    *to = (int)number;
    return status;
}

static gr_status open_part(const reader *r, const gr_yaml *at, const char *file, const gr_detect_options *o,
                           gr_chain_part *part, gr_error *err)
{
    static const gr_detector *const kinds[] = {GR_SINGLE_DETECTORS(GR_DETECTOR_ADDRESS)};
    char *joined = gr_path_join(r->folder, file), *path = joined != NULL ? gr_arena_strdup(r->chain->arena, joined) : NULL;
    gr_free(joined);
    if (path == NULL)
        return no_memory(err);
    part->path = path;
    part->kind = gr_detector_of(kinds, sizeof kinds / sizeof kinds[0], file);
    if (part->kind == NULL && (gr_is_folder(path) || gr_ends_with(path, ".safetensors")))
        part->kind = o->models;
    if (part->kind == NULL)
        return refuse(r, at, err, file, "is no detector that a chain may have",
                      "a cascade's .xml, a model or a run, or .onnx");
    if (!part->kind->learnt && (o->kind != NULL || o->least > 0))
        return refuse(r, at, err, file, "is no model, the only detector with kind and score", "neither");
    gr_status status = gr_detect_options_check(o, err);
    if (status == GR_OK && !gr_path_exists(path))
        status = gr_fail(err, GR_INVALID, "file: there is no %s", path);
    if (status == GR_OK)
        status = part->kind->open(path, part->name, o, &part->state, err);
    if (status != GR_OK)
        gr_error_prefix(err, "%s:%d", r->path, at->line);
    return status;
}

static gr_status read_part(const reader *r, const char *name, const gr_yaml *map, gr_error *err)
{
    gr_chain_part *part = &r->chain->parts[r->chain->part_count];
    gr_detect_options o = *r->options;
    const char *file = NULL;
    gr_status status = GR_OK;
    if (map->kind != GR_YAML_MAP)
        return refuse(r, map, err, name, "is no map", "{file: CASCADE.xml}");
    for (int i = 0; i < map->count && status == GR_OK; i++) {
        const gr_yaml *value = map->items[2 * i + 1];
        if (strcmp(key_of(map, i), "file") != 0)
            status = read_option(r, key_of(map, i), value, &o, err);
        else if (value->kind != GR_YAML_SCALAR)
            status = refuse(r, value, err, "file", "is no path", "a cascade's .xml or a model");
        else
            file = value->text;
    }
    if (status == GR_OK && file == NULL)
        status = refuse(r, map, err, name, "has no file", "{file: CASCADE.xml}");
    if (status != GR_OK)
        return status;
    part->name = gr_arena_strdup(r->chain->arena, name);
    if (part->name == NULL)
        return no_memory(err);
    status = open_part(r, map, file, &o, part, err);
    r->chain->part_count += status == GR_OK;
    return status;
}

static gr_status read_parts(const reader *r, const gr_yaml *map, gr_error *err)
{
    if (map->kind != GR_YAML_MAP || map->count < 1 || map->count > PARTS_MAX)
        return refuse(r, map, err, "detectors", "is no map of 1 to 64", "face: {file: CASCADE.xml}");
    r->chain->parts = gr_arena_alloc(r->chain->arena, (size_t)map->count, sizeof *r->chain->parts);
    if (r->chain->parts == NULL)
        return no_memory(err);
    for (int i = 0; i < map->count; i++) {
        gr_status status = read_part(r, key_of(map, i), map->items[2 * i + 1], err);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}

/* ---- steps ------------------------------------------------------------------------------------------------------------ */

static gr_status find_part(const reader *r, const gr_yaml *value, const char *key, int *part, gr_error *err)
{
    for (*part = 0; value->kind == GR_YAML_SCALAR && *part < r->chain->part_count; ++*part)
        if (strcmp(r->chain->parts[*part].name, value->text) == 0)
            return GR_OK;
    return refuse(r, value, err, key, "names no detector", "one of those under detectors");
}

static gr_status read_roles(const reader *r, const gr_yaml *map, gr_chain_step *step, gr_error *err)
{
    if (map->kind != GR_YAML_MAP || map->count < 2 || map->count > GR_CHAIN_ROLES)
        return refuse(r, map, err, "agree", "is no map of 2 to 4 parts", "{ear: ear, eye: eye}");
    step->role_count = map->count;
    for (int i = 0; i < map->count; i++) {
        step->roles[i] = gr_arena_strdup(r->chain->arena, key_of(map, i));
        if (step->roles[i] == NULL)
            return no_memory(err);
        gr_status status = find_part(r, map->items[2 * i + 1], step->roles[i], &step->part_of[i], err);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}

static gr_status find_role(const reader *r, const gr_chain_step *step, const gr_yaml *value, const char *key, int *role,
                           gr_error *err)
{
    for (*role = 0; value->kind == GR_YAML_SCALAR && *role < step->role_count; ++*role)
        if (strcmp(step->roles[*role], value->text) == 0)
            return GR_OK;
    return refuse(r, value, err, key, "names none of the parts that are to agree", "one of those under agree");
}

/* A line "NAME: [first, second, numbers...]". */
static gr_status read_rule(const reader *r, const gr_chain_step *step, const gr_yaml *line, gr_chain_rule *rule,
                           gr_error *err)
{
    if (line->kind != GR_YAML_MAP || line->count != 1)
        return refuse(r, line, err, "rules", "is no rule", "above: [ear, eye]");
    const char *name = key_of(line, 0);
    const gr_yaml *words = line->items[1];
    int numbers = 0;
    rule->holds = gr_chain_rule_named(name, &numbers);
    if (rule->holds == NULL)
        return refuse(r, line, err, name, "is no rule", gr_chain_rule_names());
    if (words->kind != GR_YAML_LIST || words->count != 2 + numbers)
        return refuse(r, line, err, name, "has not what belongs to it",
                      numbers == 0   ? "[FIRST, SECOND]"
                      : numbers == 1 ? "[FIRST, SECOND, MOST]"
                                     : "[FIRST, SECOND, LEAST, MOST]");
    gr_status status = find_role(r, step, words->items[0], name, &rule->first, err);
    if (status == GR_OK)
        status = find_role(r, step, words->items[1], name, &rule->second, err);
    if (status == GR_OK && rule->first == rule->second)
        status = refuse(r, line, err, name, "has the same part twice", "two parts");
    if (status == GR_OK && numbers == 2)
        status = read_number(r, words->items[2], name, 0, 1000, &rule->low, err);
    if (status == GR_OK && numbers > 0)
        status = read_number(r, words->items[1 + numbers], name, rule->low, 1000, &rule->high, err);
    return status;
}

static gr_status read_rules(const reader *r, const gr_yaml *list, gr_chain_step *step, gr_error *err)
{
    if (list->kind != GR_YAML_LIST || list->count < 1 || list->count > RULES_MAX)
        return refuse(r, list, err, "rules", "is no list of 1 to 256 rules", "- above: [ear, eye]");
    gr_chain_rule *rules = gr_arena_alloc(r->chain->arena, (size_t)list->count, sizeof *rules);
    if (rules == NULL)
        return no_memory(err);
    for (int i = 0; i < list->count; i++) {
        gr_status status = read_rule(r, step, list->items[i], &rules[i], err);
        if (status != GR_OK)
            return status;
    }
    step->rules = rules;
    step->rule_count = list->count;
    return GR_OK;
}

/* [FROM, TO, HOW MUCH] */
static gr_status read_shift(const reader *r, const gr_yaml *words, gr_chain_step *step, gr_error *err)
{
    if (words->kind != GR_YAML_LIST || words->count != 3)
        return refuse(r, words, err, "shift", "has not what belongs to it", "[FROM, TO, SHARE OF THE WAY]");
    gr_status status = find_role(r, step, words->items[0], "shift", &step->shift_from, err);
    if (status == GR_OK)
        status = find_role(r, step, words->items[1], "shift", &step->shift_to, err);
    if (status == GR_OK)
        status = read_number(r, words->items[2], "shift", -10, 10, &step->shift, err);
    return status;
}

static gr_status label_step(const reader *r, gr_chain_step *step, gr_error *err)
{
    gr_text text = {0};
    gr_text_printf(&text, "%s/", r->name);
    for (int i = 0; i < (step->role_count > 0 ? step->role_count : 1); i++)
        gr_text_printf(&text, "%s%s", i > 0 ? "+" : "", r->chain->parts[step->part_of[i]].name);
    step->label = text.failed ? NULL : gr_arena_strdup(r->chain->arena, text.data);
    gr_text_free(&text);
    return step->label != NULL ? GR_OK : no_memory(err);
}

static gr_status read_step(const reader *r, const gr_yaml *map, gr_chain_step *step, gr_error *err)
{
    const gr_yaml *whole = NULL, *agree = NULL, *rules = NULL, *face = NULL, *shift = NULL;
    if (map->kind != GR_YAML_MAP)
        return refuse(r, map, err, "steps", "is no step", "whole: face or agree: {ear: ear, eye: eye}");
    for (int i = 0; i < map->count; i++) {
        static const char *const names[] = {"whole", "agree", "rules", "face", "shift"};
        const gr_yaml **places[] = {&whole, &agree, &rules, &face, &shift};
        int k = 0;
        while (k < 5 && strcmp(names[k], key_of(map, i)) != 0)
            k++;
        if (k == 5)
            return refuse(r, map->items[2 * i], err, key_of(map, i), "is no key of a step",
                          "whole, or agree, rules, face and shift");
        *places[k] = map->items[2 * i + 1];
    }
    if ((whole == NULL) == (agree == NULL))
        return refuse(r, map, err, "steps", "has not one of whole and agree", "whole: face or agree: {ear: ear, eye: eye}");
    if (whole != NULL && (rules != NULL || face != NULL || shift != NULL))
        return refuse(r, map, err, "whole", "has rules, a face or a shift", "those of agree");
    if (agree != NULL && (rules == NULL || face == NULL))
        return refuse(r, map, err, "agree", "lacks rules or face", "rules: [...] and face: 1.5");
    gr_status status =
        whole != NULL ? find_part(r, whole, "whole", &step->part_of[0], err) : read_roles(r, agree, step, err);
    if (status == GR_OK && agree != NULL)
        status = read_rules(r, rules, step, err);
    if (status == GR_OK && agree != NULL)
        status = read_number(r, face, "face", 0.1, 100, &step->face, err);
    if (status == GR_OK && shift != NULL)
        status = read_shift(r, shift, step, err);
    return status == GR_OK ? label_step(r, step, err) : status;
}

static gr_status read_steps(const reader *r, const gr_yaml *list, gr_error *err)
{
    if (list->kind != GR_YAML_LIST || list->count < 1 || list->count > STEPS_MAX)
        return refuse(r, list, err, "steps", "is no list of 1 to 64 steps", "- whole: face");
    r->chain->steps = gr_arena_alloc(r->chain->arena, (size_t)list->count, sizeof *r->chain->steps);
    if (r->chain->steps == NULL)
        return no_memory(err);
    r->chain->step_count = list->count;
    for (int i = 0; i < list->count; i++) {
        gr_status status = read_step(r, list->items[i], &r->chain->steps[i], err);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}

static gr_status read_root(const reader *r, const gr_yaml *root, gr_error *err)
{
    const gr_yaml *parts = NULL, *steps = NULL;
    if (root == NULL || root->kind != GR_YAML_MAP)
        return gr_fail(err, GR_INVALID, "%s:1: is no chain, detectors and steps would be right", r->path);
    for (int i = 0; i < root->count; i++) {
        bool is_parts = strcmp(key_of(root, i), "detectors") == 0;
        if (!is_parts && strcmp(key_of(root, i), "steps") != 0)
            return refuse(r, root->items[2 * i], err, key_of(root, i), "is no key of a chain", "detectors or steps");
        *(is_parts ? &parts : &steps) = root->items[2 * i + 1];
    }
    if (parts == NULL || steps == NULL)
        return refuse(r, root, err, parts == NULL ? "detectors" : "steps", "is not there",
                      "a chain with detectors and steps");
    gr_status status = read_parts(r, parts, err);
    return status == GR_OK ? read_steps(r, steps, err) : status;
}

void gr_chain_close(gr_chain *chain)
{
    if (chain == NULL)
        return;
    for (int i = 0; i < chain->part_count; i++)
        chain->parts[i].kind->free(chain->parts[i].state);
    gr_arena_destroy(chain->arena);
    gr_free(chain);
}

gr_status gr_chain_open(const char *path, const char *name, const gr_detect_options *options, gr_chain **out, gr_error *err)
{
    reader r = {.path = path, .name = name, .folder = gr_path_folder(path), .options = options};
    char *text = NULL;
    size_t size = 0;
    const gr_yaml *root = NULL;
    gr_status status = GR_OK;
    r.chain = gr_alloc(1, sizeof *r.chain);
    if (r.chain == NULL || r.folder == NULL || (r.chain->arena = gr_arena_create()) == NULL)
        status = no_memory(err);
    if (status == GR_OK)
        status = gr_file_read(path, FILE_LIMIT, &text, &size, err);
    if (status == GR_OK)
        status = gr_yaml_parse(path, text, size, r.chain->arena, &root, err);
    if (status == GR_OK)
        status = read_root(&r, root, err);
    if (status == GR_OK)
        *out = r.chain;
    else
        gr_chain_close(r.chain);
    gr_free(text);
    gr_free(r.folder);
    return status;
}
