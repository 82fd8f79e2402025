/* Lists of transforms: from YAML, and back. */
#include "config/value.h"

#include <math.h>
#include <string.h>

#include "config/pipelines.h"
#include "config/transform_maps.h"

enum { FILE_LIMIT = 1 << 20 };

typedef enum parameters {
    PIXELS,
    SHARE,
    ROTATION,
    FACTORS,
    SHARES,
    ANGLES,
    RADII,
    EDGES,
    BILATERAL,
    MAPPED,
    NOTHING
} parameters;

/* What each takes; their names are the image room's. */
static const parameters takes_of[GR_TRANSFORM_KINDS] = {
    [GR_TRANSFORM_RESIZE] = MAPPED,          [GR_TRANSFORM_RANDOM_CROP] = PIXELS,
    [GR_TRANSFORM_CENTER_CROP] = PIXELS,     [GR_TRANSFORM_HFLIP] = SHARE,
    [GR_TRANSFORM_ROTATE] = ROTATION,        [GR_TRANSFORM_BRIGHTNESS] = FACTORS,
    [GR_TRANSFORM_GRAYSCALE] = NOTHING,      [GR_TRANSFORM_BGR] = NOTHING,
    [GR_TRANSFORM_SHEAR] = SHARES,           [GR_TRANSFORM_TURN] = ANGLES,
    [GR_TRANSFORM_CONTRAST] = FACTORS,       [GR_TRANSFORM_COLOUR] = FACTORS,
    [GR_TRANSFORM_SHARPNESS] = FACTORS,      [GR_TRANSFORM_BLUR] = RADII,
    [GR_TRANSFORM_LAPLACIAN] = EDGES,        [GR_TRANSFORM_SOBEL] = EDGES,
    [GR_TRANSFORM_PREWITT] = EDGES,          [GR_TRANSFORM_BILATERAL] = BILATERAL,
    [GR_TRANSFORM_KERAS_GENERATOR] = MAPPED, [GR_TRANSFORM_KERAS_LAYERS] = MAPPED,
};

static const char *const transform_values[] = {
    [PIXELS] = "a whole number of pixels from 1 to 16384",
    [SHARE] = "a probability from 0 to 1",
    [ROTATION] = "degrees from 0 to 360, or one or two ranges such as [3, 19] in -360 to 360",
    [FACTORS] = "[lo, hi] with 0 <= lo <= hi <= 255",
    [SHARES] = "[lo, hi] with -2 <= lo <= hi <= 2",
    [ANGLES] = "one to four of -270, -180, -90, 0, 90, 180 and 270",
    [RADII] = "[lo, hi] with 0 <= lo <= hi <= 50",
    [EDGES] = "the word alone, or cut",
    [BILATERAL] = "the word alone, or [diameter, sigma, sigma] with a whole diameter from 1 to 31 and sigmas above 0",
    [NOTHING] = "the word alone",
};

/* What would be right for a kind. */
static const char *right_of(int kind)
{
    if (kind == GR_TRANSFORM_RESIZE)
        return "a whole number of pixels from 1 to 16384, or {size: 224, filter: nearest | bilinear | bicubic | lanczos | "
               "area, like: pillow "
               "| tf | opencv, antialias: true | false} (antialias: of tf)";
    if (kind == GR_TRANSFORM_KERAS_GENERATOR)
        return "a map of rotation (0 to 360), width_shift, height_shift (0 to below 1), shear (0 to 80), zoom (0 to 0.99, "
               "or [lo, hi]), hflip, "
               "vflip (true), brightness ([lo, hi]), channel_shift (0 to 255), fill (nearest, reflect, constant or wrap), "
               "cval";
    if (kind == GR_TRANSFORM_KERAS_LAYERS)
        return "a map of flip (horizontal, vertical, both or together), rotation (-1 to 1, of a turn, or [lo, hi]), "
               "translation ([rows, columns], shares from 0 to 1), zoom (-0.99 to 1, or [lo, hi]), fill (reflect, nearest, "
               "constant or wrap), cval";
    return transform_values[takes_of[kind]];
}

/* ---- parameters ------------------------------------------------------------------------------------------------------ */

/* [lo, hi]. */
static bool parse_pair(const gr_yaml *value, double least, double most, double *low, double *high)
{
    const gr_range range = {least, most, false, false};
    return value->kind == GR_YAML_LIST && value->count == 2 && gr_value_real(value->items[0], &range, low) &&
           gr_value_real(value->items[1], &range, high) && *low <= *high;
}

/* 19, [3, 19], or [[3, 19], [341, 357]]. */
static bool parse_rotation(const gr_yaml *value, gr_transform *t)
{
    static const gr_range degrees = {0, 360, false, false};
    if (value->kind == GR_YAML_SCALAR)
        return gr_value_real(value, &degrees, &t->a);
    bool two = value->kind == GR_YAML_LIST && value->count == 2 && value->items[0]->kind == GR_YAML_LIST;
    t->values = two ? 4 : 2;
    if (!two)
        return parse_pair(value, -360, 360, &t->a, &t->b);
    return parse_pair(value->items[0], -360, 360, &t->a, &t->b) && parse_pair(value->items[1], -360, 360, &t->c, &t->d);
}

static bool parse_angles(const gr_yaml *value, gr_transform *t)
{
    static const gr_range range = {-270, 270, false, false};
    double *const to[4] = {&t->a, &t->b, &t->c, &t->d};
    bool list = value->kind == GR_YAML_LIST;
    t->values = list ? value->count : 1;
    if (t->values < 1 || t->values > 4)
        return false;
    for (int i = 0; i < t->values; i++)
        if (!gr_value_real(list ? value->items[i] : value, &range, to[i]) || fmod(*to[i], 90) != 0)
            return false;
    return true;
}

static bool parse_bilateral(const gr_yaml *value, gr_transform *t)
{
    static const gr_range diameter = {1, 31, false, false}, sigma = {0, 1e6, true, false};
    int64_t whole = 3;
    t->b = t->c = 100;
    if (value != NULL &&
        (value->kind != GR_YAML_LIST || value->count != 3 || !gr_value_int(value->items[0], &diameter, &whole) ||
         !gr_value_real(value->items[1], &sigma, &t->b) || !gr_value_real(value->items[2], &sigma, &t->c)))
        return false;
    t->a = (double)whole;
    return true;
}

/* value NULL: the name stands alone. */
static bool parse_parameters(parameters takes, const gr_yaml *value, gr_transform *transform)
{
    static const gr_range share = {0, 1, false, false}, pixels = {1, GR_IMAGE_SIDE_MAX, false, false};
    int64_t whole;
    if (takes == NOTHING)
        return value == NULL;
    if (takes == BILATERAL)
        return parse_bilateral(value, transform);
    if (takes == EDGES) {
        transform->a = value != NULL;
        return value == NULL || (value->kind == GR_YAML_SCALAR && strcmp(value->text, "cut") == 0);
    }
    if (value == NULL)
        return false;
    switch (takes) {
    case MAPPED: return gr_transform_map_read(value, transform);
    case PIXELS:
        if (!gr_value_int(value, &pixels, &whole))
            return false;
        transform->a = (double)whole;
        return true;
    case SHARE: return gr_value_real(value, &share, &transform->a);
    case ROTATION: return parse_rotation(value, transform);
    case FACTORS: return parse_pair(value, 0, 255, &transform->a, &transform->b);
    case SHARES: return parse_pair(value, -2, 2, &transform->a, &transform->b);
    case ANGLES: return parse_angles(value, transform);
    case RADII: return parse_pair(value, 0, 50, &transform->a, &transform->b);
    default: return false;
    }
}

/* ---- one item -------------------------------------------------------------------------------------------------------- */

/* What stands in an item: {name: parameter, p: 0.5}, or the name alone. */
typedef struct parts {
    const char *name;
    const gr_yaml *value, *p;
} parts;

static gr_status take_apart(const gr_value_source *source, const gr_key *key, const gr_yaml *item, parts *out)
{
    bool map = item->kind == GR_YAML_MAP;
    *out = (parts){.name = map ? NULL : item->text};
    for (int i = 0; map && i < item->count; i++) {
        const gr_yaml *name = item->items[2 * i], *value = item->items[2 * i + 1];
        bool chance = name->kind == GR_YAML_SCALAR && strcmp(name->text, "p") == 0;
        if (chance) {
            out->p = value;
        } else if (name->kind == GR_YAML_SCALAR && out->name == NULL) {
            out->name = name->text;
            out->value = gr_yaml_is_null(value) && item->count == 2 ? NULL : value;
        } else {
            out->name = NULL;
            break;
        }
    }
    if (out->name == NULL)
        return gr_value_refuse(
            source, item->line, key->path,
            "each transform is one item such as {resize: 256}, {contrast: [0.6, 2], p: 0.5} or grayscale, this "
            "one %s",
            map ? "has no name or several" : "is a list");
    return GR_OK;
}

static gr_status read_chance(const gr_value_source *source, const gr_key *key, const gr_yaml *item, const parts *found,
                             gr_transform *transform)
{
    static const gr_range share = {0, 1, false, false};
    if (found->p == NULL)
        return GR_OK;
    transform->chance = true;
    if (!gr_value_real(found->p, &share, &transform->p))
        return gr_value_refuse(source, item->line, key->path, "p of %s is no probability from 0 to 1", found->name);
    if (!gr_transform_takes_chance(transform->kind))
        return gr_value_refuse(source, item->line, key->path, "%s has no p, as %s", found->name,
                               transform->kind == GR_TRANSFORM_HFLIP ? "its value is the probability"
                                                                     : "it is done always or never");
    return GR_OK;
}

static gr_status read_transform(const gr_value_source *source, const gr_key *key, const gr_yaml *item,
                                gr_transform *transform)
{
    parts found;
    gr_status status = take_apart(source, key, item, &found);
    if (status != GR_OK)
        return status;
    const char *name = found.name, *names[GR_TRANSFORM_KINDS];
    for (int i = 0; i < GR_TRANSFORM_KINDS; i++) {
        names[i] = gr_transform_name((gr_transform_kind)i);
        if (strcmp(name, names[i]) != 0)
            continue;
        transform->kind = (gr_transform_kind)i;
        if (parse_parameters(takes_of[i], found.value, transform))
            return read_chance(source, key, item, &found, transform);
        char is[64];
        const char *meant = NULL, *unknown = NULL;
        if (takes_of[i] == MAPPED && found.value != NULL)
            unknown = gr_transform_map_unknown(found.value, transform->kind, &meant);
        if (meant != NULL)
            return gr_value_refuse(source, found.value->line, key->path, "%s has no \"%.40s\", did you mean %s?", name,
                                   unknown, meant);
        return gr_value_refuse(source, item->line, key->path, "%s %s, expected %s", name,
                               found.value ? gr_value_describe(found.value, is) : "has no value", right_of(i));
    }
    const char *nearest = gr_nearest(name, names, GR_TRANSFORM_KINDS);
    if (nearest)
        return gr_value_refuse(source, item->line, key->path, "there is no transform \"%.40s\", did you mean %s?", name,
                               nearest);
    gr_text known = {0};
    gr_text_list(&known, names, GR_TRANSFORM_KINDS, "and");
    status = gr_value_refuse(source, item->line, key->path, "there is no transform \"%.40s\", known are %s", name,
                             known.data != NULL ? known.data : "others");
    gr_text_free(&known);
    return status;
}

/* ---- lists ----------------------------------------------------------------------------------------------------------- */

/* The file that an item {use: FILE} names; NULL: it is another item. */
static const char *used_file(const gr_yaml *item)
{
    bool use = item->kind == GR_YAML_MAP && item->count == 1 && item->items[0]->kind == GR_YAML_SCALAR &&
               strcmp(item->items[0]->text, "use") == 0 && item->items[1]->kind == GR_YAML_SCALAR;
    return use ? item->items[1]->text : NULL;
}

static gr_status read_used(const gr_value_source *source, const gr_key *key, const gr_yaml *item, gr_transforms *list)
{
    const char *name = used_file(item);
    char *path = gr_path_join(source->folder, name), *text = NULL;
    size_t size = 0;
    gr_error why = {0};
    if (path == NULL)
        return gr_value_no_memory(source);
    gr_status status = gr_file_read(path, FILE_LIMIT, &text, &size, &why);
    gr_free(path);
    if (status == GR_NOMEM)
        return gr_value_no_memory(source);
    if (status != GR_OK)
        return gr_value_refuse(source, item->line, key->path, "use: %s; a file with a list of transforms would be right",
                               why.text);
    gr_value_source inner = *source;
    const gr_yaml *root = NULL;
    inner.place = NULL;
    inner.file = gr_arena_strdup(source->arena, name);
    status = inner.file != NULL ? gr_yaml_parse(inner.file, text, size, source->arena, &root, source->err)
                                : gr_value_no_memory(source);
    gr_free(text);
    if (status != GR_OK)
        return status;
    if (root == NULL || root->kind != GR_YAML_LIST)
        return gr_value_refuse(&inner, root != NULL ? root->line : 1, key->path, "is no list of transforms");
    for (int i = 0; i < root->count && status == GR_OK; i++) {
        if (used_file(root->items[i]) != NULL)
            return gr_value_refuse(&inner, root->items[i]->line, key->path, "a file that is used may not use another");
        if (list->count >= key->most)
            return gr_value_refuse(source, item->line, key->path, "has more than %d items with those of %s", key->most,
                                   name);
        status = read_transform(&inner, key, root->items[i], &list->items[list->count]);
        list->count++;
    }
    return status;
}

gr_status gr_transforms_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_transforms *list)
{
    if (node->kind != GR_YAML_LIST)
        return gr_value_mistyped(source, key, node);
    if (node->count > key->most)
        return gr_value_refuse(source, node->line, key->path, "has %d items, at most %d are allowed", node->count,
                               key->most);
    bool uses = false;
    for (int i = 0; i < node->count; i++)
        uses = uses || used_file(node->items[i]) != NULL;
    size_t room = (uses ? (size_t)key->most : (size_t)node->count) + 1;
    *list = (gr_transforms){gr_arena_alloc(source->arena, room, sizeof(gr_transform)), 0};
    if (!list->items)
        return gr_value_no_memory(source);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < node->count; i++) {
        if (used_file(node->items[i]) != NULL) {
            status = read_used(source, key, node->items[i], list);
        } else if (list->count >= key->most) {
            status =
                gr_value_refuse(source, node->line, key->path, "has more than %d items with those that it uses", key->most);
        } else {
            status = read_transform(source, key, node->items[i], &list->items[list->count]);
            list->count++;
        }
    }
    return status;
}

gr_status gr_pipeline_file(const char *path, gr_arena *arena, gr_transforms *list, gr_error *err)
{
    char *text = NULL, *folder = gr_path_folder(path);
    size_t size = 0;
    const gr_yaml *root = NULL;
    gr_status status =
        folder != NULL ? gr_file_read(path, FILE_LIMIT, &text, &size, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
    if (status == GR_OK)
        status = gr_yaml_parse(path, text, size, arena, &root, err);
    if (status == GR_OK && root == NULL)
        status = gr_fail(err, GR_INVALID, "%s: is empty; a list of transforms would be right", path);
    const gr_value_source source = {.arena = arena, .file = path, .folder = folder, .err = err};
    if (status == GR_OK)
        status = gr_transforms_read(&source, &gr_keys[gr_key_find("data.train_transforms")], root, list);
    gr_free(text);
    gr_free(folder);
    return status;
}

/* ---- back to YAML ---------------------------------------------------------------------------------------------------- */

static void put_numbers(const gr_transform *t, int from, int to, gr_text *out)
{
    const double values[4] = {t->a, t->b, t->c, t->d};
    gr_text_printf(out, "[");
    for (int i = from; i < to; i++) {
        gr_text_printf(out, i > from ? ", " : "");
        gr_yaml_put_number(out, values[i]);
    }
    gr_text_printf(out, "]");
}

static void put_parameters(const gr_transform *t, gr_text *out)
{
    switch (takes_of[t->kind]) {
    case MAPPED: gr_transform_map_put(t, out); return;
    case NOTHING: gr_text_printf(out, "null"); return;
    case EDGES: gr_text_printf(out, t->a != 0 ? "cut" : "null"); return;
    case FACTORS:
    case SHARES:
    case RADII: put_numbers(t, 0, 2, out); return;
    case ANGLES: put_numbers(t, 0, t->values, out); return;
    case BILATERAL: put_numbers(t, 0, 3, out); return;
    case ROTATION:
        if (t->values == 2) {
            put_numbers(t, 0, 2, out);
            return;
        }
        if (t->values == 4) {
            gr_text_printf(out, "[");
            put_numbers(t, 0, 2, out);
            gr_text_printf(out, ", ");
            put_numbers(t, 2, 4, out);
            gr_text_printf(out, "]");
            return;
        }
        break;
    default: break;
    }
    gr_yaml_put_number(out, t->a);
}

void gr_transform_put(const gr_transform *t, gr_text *out)
{
    bool word = takes_of[t->kind] == NOTHING || (takes_of[t->kind] == EDGES && t->a == 0);
    if (word && !t->chance) {
        gr_text_printf(out, "%s", gr_transform_name(t->kind));
        return;
    }
    gr_text_printf(out, "{%s: ", gr_transform_name(t->kind));
    put_parameters(t, out);
    if (t->chance) {
        gr_text_printf(out, ", p: ");
        gr_yaml_put_number(out, t->p);
    }
    gr_text_printf(out, "}");
}

void gr_transforms_put(const gr_transforms *list, gr_text *out)
{
    if (list->count < 0) {
        gr_text_printf(out, "null");
        return;
    }
    gr_text_printf(out, "[");
    for (int i = 0; i < list->count; i++) {
        gr_text_printf(out, i ? ", " : "");
        gr_transform_put(&list->items[i], out);
    }
    gr_text_printf(out, "]");
}
