/* Lists of transforms: from YAML, and back. */
#include "config/value.h"

#include <string.h>

typedef enum parameters { PIXELS, SHARE, DEGREES, FACTORS, NOTHING } parameters;

/* What each takes; their names are the image room's. */
static const parameters takes_of[GR_TRANSFORM_KINDS] = {
    [GR_TRANSFORM_RESIZE] = PIXELS, [GR_TRANSFORM_RANDOM_CROP] = PIXELS, [GR_TRANSFORM_CENTER_CROP] = PIXELS,
    [GR_TRANSFORM_HFLIP] = SHARE,   [GR_TRANSFORM_ROTATE] = DEGREES,     [GR_TRANSFORM_BRIGHTNESS] = FACTORS,
    [GR_TRANSFORM_GRAYSCALE] = NOTHING, [GR_TRANSFORM_BGR] = NOTHING,
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
        if (!value || !gr_value_int(value, &pixels, &whole))
            return false;
        transform->a = (double)whole;
        return true;
    case SHARE: return value && gr_value_real(value, &share, &transform->a);
    case DEGREES: return value && gr_value_real(value, &degrees, &transform->a);
    case FACTORS:
        return value && value->kind == GR_YAML_LIST && value->count == 2 &&
               gr_value_real(value->items[0], &factor, &transform->a) && gr_value_real(value->items[1], &factor, &transform->b) &&
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
        names[i] = gr_transform_name((gr_transform_kind)i);
        if (strcmp(name, names[i]) != 0)
            continue;
        transform->kind = (gr_transform_kind)i;
        if (parse_parameters(takes_of[i], map ? item->items[1] : NULL, transform))
            return GR_OK;
        char is[64];
        return gr_value_refuse(source, item->line, key->path, "%s %s, expected %s", name,
                               map ? gr_value_describe(item->items[1], is) : "has no value", transform_values[takes_of[i]]);
    }
    const char *nearest = gr_nearest(name, names, GR_TRANSFORM_KINDS);
    if (nearest)
        return gr_value_refuse(source, item->line, key->path, "there is no transform \"%.40s\", did you mean %s?", name,
                               nearest);
    gr_text known = {0};
    gr_text_list(&known, names, GR_TRANSFORM_KINDS, "and");
    gr_status status = gr_value_refuse(source, item->line, key->path, "there is no transform \"%.40s\", known are %s", name,
                                       known.data != NULL ? known.data : "others");
    gr_text_free(&known);
    return status;
}

gr_status gr_transforms_read(const gr_value_source *source, const gr_key *key, const gr_yaml *node, gr_transforms *list)
{
    if (node->kind != GR_YAML_LIST)
        return gr_value_mistyped(source, key, node);
    if (node->count > key->most)
        return gr_value_refuse(source, node->line, key->path, "has %d items, at most %d are allowed", node->count,
                               key->most);
    *list = (gr_transforms){gr_arena_alloc(source->arena, (size_t)node->count + 1, sizeof(gr_transform)), node->count};
    if (!list->items)
        return gr_value_no_memory(source);
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < node->count; i++)
        status = read_transform(source, key, node->items[i], &list->items[i]);
    return status;
}

void gr_transforms_put(const gr_transforms *list, gr_text *out)
{
    if (list->count < 0) {
        gr_text_printf(out, "null");
        return;
    }
    gr_text_printf(out, "[");
    for (int i = 0; i < list->count; i++) {
        const gr_transform *t = &list->items[i];
        parameters takes = takes_of[t->kind];
        gr_text_printf(out, "%s%s%s", i ? ", " : "", takes == NOTHING ? "" : "{", gr_transform_name(t->kind));
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
