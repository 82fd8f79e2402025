#include "learners/card_trees.h"

#include <stdlib.h>
#include <string.h>

#include "grimace/descriptors.h"

enum { MOST = 1 << 20, MOST_LANDMARKS = 10000 };

int gr_card_features(const gr_card *card)
{
    return card->set != NULL ? card->set->count : card->number_count;
}

const char *gr_card_feature(const gr_card *card, int i)
{
    return card->set != NULL ? card->set->items[i].name : card->numbers[i];
}

int gr_card_columns(const gr_card *card)
{
    return card->frozen.file == NULL ? card->number_count : 0;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static json_t *ints_to_json(const int *values, int count)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, json_integer(values[i]));
    return list;
}

/* A part is two lists: the landmarks that are measured, and those that are measured over. */
static json_t *descriptor_to_json(const gr_descriptor *d)
{
    json_t *parts = json_array();
    for (int p = 0; p < d->parts; p++) {
        json_t *part = json_array();
        json_array_append_new(part, ints_to_json(d->part[p].points, d->part[p].corners));
        json_array_append_new(part, ints_to_json(d->part[p].over, d->part[p].over_corners));
        json_array_append_new(parts, part);
    }
    return json_pack("{s:s, s:s, s:s, s:o}", "name", d->name, "unit", d->unit, "kind", gr_descriptor_kind_name(d->kind),
                     "parts", parts);
}

static json_t *set_to_json(const gr_descriptor_set *set)
{
    json_t *items = json_array();
    for (int d = 0; d < set->count; d++)
        json_array_append_new(items, descriptor_to_json(&set->items[d]));
    return json_pack("{s:i, s:o}", "landmarks", set->landmarks, "descriptors", items);
}

void gr_card_put_trees(json_t *json, const gr_card *card)
{
    json_t *numbers = json_array();
    for (int i = 0; i < card->number_count; i++)
        json_array_append_new(numbers, json_string(card->numbers[i]));
    json_object_set_new(json, "numbers", numbers);
    if (card->set != NULL)
        json_object_set_new(json, "set", set_to_json(card->set));
    if (card->frozen.file != NULL) {
        char key[24];
        snprintf(key, sizeof key, "%016llx", (unsigned long long)card->frozen.key);
        json_object_set_new(json, "frozen", json_pack("{s:s, s:s}", "file", card->frozen.file, "key", key));
    }
    json_object_set_new(json, "kept", ints_to_json(card->kept, card->kept_count));
    if (card->chosen != NULL)
        json_object_set_new(json, "chosen", json_loads(card->chosen, 0, NULL));
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static bool read_whole(const json_t *value, int least, int below, int *out)
{
    json_int_t number = json_integer_value(value);
    *out = (int)number;
    return json_is_integer(value) && number >= least && number < below;
}

static bool read_text(const json_t *value, gr_arena *arena, const char **out)
{
    *out = json_is_string(value) ? gr_arena_strdup(arena, json_string_value(value)) : NULL;
    return *out != NULL;
}

static bool read_points(const json_t *list, int landmarks, int *points, int *count)
{
    size_t size = json_array_size(list);
    bool good = json_is_array(list) && size <= GR_DESCRIPTOR_CORNERS;
    *count = (int)size;
    for (size_t i = 0; good && i < size; i++)
        good = read_whole(json_array_get(list, i), 0, landmarks, &points[i]);
    return good;
}

/* As many corners as the kind measures. */
static bool right_corners(gr_descriptor_kind kind, const gr_descriptor_part *p)
{
    if (kind == GR_DESCRIPTOR_ANGLE)
        return p->corners == 3;
    if (kind == GR_DESCRIPTOR_DISTANCE)
        return p->corners == 2 && p->over_corners == 2;
    return p->corners >= 3 && p->over_corners >= 3;
}

static bool read_kind(const json_t *value, gr_descriptor_kind *out)
{
    const char *name = json_string_value(value);
    for (int k = 0; name != NULL && k < GR_DESCRIPTOR_KINDS; k++)
        if (strcmp(gr_descriptor_kind_name((gr_descriptor_kind)k), name) == 0) {
            *out = (gr_descriptor_kind)k;
            return true;
        }
    return false;
}

static bool read_descriptor(const json_t *json, int landmarks, gr_arena *arena, gr_descriptor *out)
{
    const json_t *parts = json_object_get(json, "parts");
    size_t count = json_array_size(parts);
    gr_descriptor_part *part =
        count >= 1 && count <= GR_DESCRIPTOR_PARTS ? gr_arena_alloc(arena, count, sizeof *part) : NULL;
    bool good = part != NULL && read_text(json_object_get(json, "name"), arena, &out->name) &&
                read_text(json_object_get(json, "unit"), arena, &out->unit) &&
                read_kind(json_object_get(json, "kind"), &out->kind);
    for (size_t p = 0; good && p < count; p++) {
        const json_t *one = json_array_get(parts, p);
        good = read_points(json_array_get(one, 0), landmarks, part[p].points, &part[p].corners) &&
               read_points(json_array_get(one, 1), landmarks, part[p].over, &part[p].over_corners) &&
               right_corners(out->kind, &part[p]);
    }
    out->parts = (int)count;
    out->part = part;
    return good;
}

static bool read_set(const json_t *json, gr_card *card)
{
    const json_t *list = json_object_get(json, "descriptors");
    size_t count = json_array_size(list);
    gr_descriptor_set *set = gr_arena_alloc(card->arena, 1, sizeof *set);
    gr_descriptor *items =
        count >= 1 && count <= GR_DESCRIPTORS_MAX ? gr_arena_alloc(card->arena, count, sizeof *items) : NULL;
    bool good = set != NULL && items != NULL &&
                read_whole(json_object_get(json, "landmarks"), 1, MOST_LANDMARKS, &set->landmarks) &&
                card->number_count == 2 * set->landmarks;
    for (size_t d = 0; good && d < count; d++)
        good = read_descriptor(json_array_get(list, d), set->landmarks, card->arena, &items[d]);
    if (good) {
        set->name = "";
        set->count = (int)count;
        set->items = items;
        card->set = set;
    }
    return good;
}

static bool read_kept(const json_t *list, gr_card *card)
{
    size_t count = json_array_size(list);
    int *kept =
        count >= 1 && count <= (size_t)gr_card_features(card) ? gr_arena_alloc(card->arena, count, sizeof *kept) : NULL;
    bool good = kept != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = read_whole(json_array_get(list, i), 0, gr_card_features(card), &kept[i]);
    card->kept = kept;
    card->kept_count = (int)count;
    return good;
}

static bool read_chosen(const json_t *chosen, gr_card *card)
{
    gr_text text = {0};
    if (chosen == NULL)
        return true;
    gr_json_line(&text, chosen);
    card->chosen = text.failed ? NULL : gr_arena_strdup(card->arena, text.data);
    gr_text_free(&text);
    return card->chosen != NULL;
}

/* A name in the folder above that of the model at `path`. */
static bool read_frozen(const json_t *json, const char *path, gr_card *card)
{
    const char *file = json_string_value(json_object_get(json, "file")), *key = json_string_value(json_object_get(json, "key"));
    const char *slash = strrchr(path, '/');
    char *end = NULL;
    if (json == NULL)
        return true;
    if (file == NULL || file[0] == '\0' || strchr(file, '/') != NULL || key == NULL || strlen(key) != 16 || card->set != NULL)
        return false;
    card->frozen.file =
        gr_arena_printf(card->arena, "%.*s../%s", slash != NULL ? (int)(slash + 1 - path) : 0, path, file);
    card->frozen.key = strtoull(key, &end, 16);
    return card->frozen.file != NULL && *end == '\0';
}

bool gr_card_read_trees(const json_t *json, const char *path, gr_card *card)
{
    const json_t *list = json_object_get(json, "numbers"), *set = json_object_get(json, "set");
    size_t count = json_array_size(list);
    const char **names = count >= 1 && count <= MOST ? gr_arena_alloc(card->arena, count, sizeof *names) : NULL;
    bool good = names != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = read_text(json_array_get(list, i), card->arena, &names[i]);
    card->numbers = names;
    card->number_count = (int)count;
    return good && (set == NULL || read_set(set, card)) && read_frozen(json_object_get(json, "frozen"), path, card) &&
           read_kept(json_object_get(json, "kept"), card) &&
           read_chosen(json_object_get(json, "chosen"), card);
}
