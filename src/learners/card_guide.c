#include "learners/card_guide.h"

#include <stdlib.h>
#include <string.h>

#include "geometry/upright.h"

enum { MOST_SIDE = 8192, MOST_LANDMARKS = 10000 };

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static char *place(const gr_card *card, const char *path)
{
    char *folder = card->file != NULL ? gr_path_folder(card->file) : NULL;
    char *from = folder != NULL ? realpath(folder, NULL) : NULL, *to = realpath(path, NULL);
    char *placed = from != NULL && to != NULL ? gr_path_relative(from, to) : gr_strdup(path);
    gr_free(folder);
    free(from);
    free(to);
    return placed;
}

static void put_crop(json_t *json, const gr_card *card)
{
    const gr_card_crop *crop = &card->crop;
    char key[24], *detector = place(card, crop->detector);
    snprintf(key, sizeof key, "%016llx", (unsigned long long)crop->key);
    json_object_set_new(json, "crop",
                        json_pack("{s:s?, s:f, s:b, s:s}", "detector", detector, "margin", crop->margin, "square",
                                  (int)crop->square, "key", key));
    gr_free(detector);
}

static json_t *ints_to_json(const int *values, int count)
{
    json_t *list = json_array();
    for (int i = 0; i < count; i++)
        json_array_append_new(list, json_integer(values[i]));
    return list;
}

/* A landmark that does not count is null. */
static json_t *shape_to_json(const gr_align_rule *rule)
{
    json_t *list = json_array();
    for (int i = 0; i < 2 * rule->landmarks; i++)
        json_array_append_new(list, gr_align_rule_uses(rule, i / 2) ? json_real((double)rule->shape[i]) : json_null());
    return list;
}

static void put_upright(json_t *json, const gr_upright *upright)
{
    const gr_align_rule *rule = &upright->rule;
    json_t *made = json_pack("{s:i, s:f}", "size", upright->size, "margin", upright->margin);
    if (rule->is_template) {
        json_object_set_new(made, "shape", shape_to_json(rule));
    } else {
        json_object_set_new(made, "left", ints_to_json(rule->by.left, rule->by.left_count));
        json_object_set_new(made, "right", ints_to_json(rule->by.right, rule->by.right_count));
        json_object_set_new(made, "frame", ints_to_json(rule->by.frame, rule->by.frame_count));
    }
    json_object_set_new(json, "upright", made);
}

static void put_run(json_t *json, const gr_card *card)
{
    char key[24], *run = place(card, card->guide.run);
    snprintf(key, sizeof key, "%016llx", (unsigned long long)card->guide.key);
    json_object_set_new(json, "landmarks_from", json_pack("{s:s?, s:s}", "run", run, "key", key));
    gr_free(run);
}

void gr_card_put_guide(json_t *json, const gr_card *card)
{
    if (card->crop.detector != NULL)
        put_crop(json, card);
    if (card->guide.upright != NULL)
        put_upright(json, card->guide.upright);
    if (card->guide.run != NULL)
        put_run(json, card);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

/* `text` is named from the folder of the model at `path` on. */
static bool read_place(const json_t *text, const char *path, gr_card *card, const char **out)
{
    const char *name = json_string_value(text);
    char *folder = name != NULL && name[0] != '\0' ? gr_path_folder(path) : NULL;
    char *joined = folder != NULL ? gr_path_join(folder, name) : NULL;
    *out = joined != NULL ? gr_arena_strdup(card->arena, joined) : NULL;
    gr_free(folder);
    gr_free(joined);
    return *out != NULL;
}

static bool read_key(const json_t *text, uint64_t *key)
{
    const char *digits = json_string_value(text);
    char *end = NULL;
    *key = digits != NULL && strlen(digits) == 16 ? strtoull(digits, &end, 16) : 0;
    return end != NULL && *end == '\0';
}

static bool read_crop(const json_t *json, const char *path, gr_card *card)
{
    gr_card_crop *crop = &card->crop;
    const json_t *margin = json_object_get(json, "margin"), *square = json_object_get(json, "square");
    if (json == NULL)
        return true;
    crop->margin = json_number_value(margin);
    crop->square = json_is_true(square);
    return json_is_number(margin) && json_is_boolean(square) && crop->margin >= 0 && crop->margin <= 10 &&
           read_key(json_object_get(json, "key"), &crop->key) &&
           read_place(json_object_get(json, "detector"), path, card, &crop->detector);
}

static bool read_points(const json_t *list, int *points, int *count)
{
    size_t size = json_array_size(list);
    bool good = json_is_array(list) && size >= 1 && size <= GR_ALIGNMENT_POINTS;
    *count = (int)size;
    for (size_t i = 0; good && i < size; i++) {
        json_int_t number = json_integer_value(json_array_get(list, i));
        good = json_is_integer(json_array_get(list, i)) && number >= 0 && number < MOST_LANDMARKS;
        points[i] = (int)number;
    }
    return good;
}

static bool read_shape(const json_t *list, gr_arena *arena, gr_align_rule *rule)
{
    size_t size = json_array_size(list);
    bool good = json_is_array(list) && size >= 2 && size % 2 == 0 && size <= 2 * MOST_LANDMARKS;
    float *shape = good ? gr_arena_alloc(arena, size, sizeof *shape) : NULL;
    good = shape != NULL;
    for (size_t i = 0; good && i < size; i++) {
        const json_t *value = json_array_get(list, i);
        good = json_is_number(value) || json_is_null(value);
        shape[i] = json_is_number(value) ? (float)json_number_value(value) : __builtin_nanf("");
    }
    rule->is_template = true;
    rule->shape = shape;
    rule->landmarks = (int)(size / 2);
    return good;
}

static bool read_upright(const json_t *json, gr_card *card)
{
    const json_t *size = json_object_get(json, "size"), *margin = json_object_get(json, "margin");
    const json_t *shape = json_object_get(json, "shape");
    if (json == NULL)
        return true;
    gr_upright *upright = gr_arena_alloc(card->arena, 1, sizeof *upright);
    json_int_t side = json_integer_value(size);
    if (upright == NULL || !json_is_integer(size) || side < 1 || side > MOST_SIDE || !json_is_number(margin))
        return false;
    gr_alignment *by = &upright->rule.by;
    upright->size = (int)side;
    upright->margin = json_number_value(margin);
    card->guide.upright = upright;
    if (!(upright->margin >= 0 && upright->margin <= 10))
        return false;
    return shape != NULL ? read_shape(shape, card->arena, &upright->rule)
                         : read_points(json_object_get(json, "left"), by->left, &by->left_count) &&
                               read_points(json_object_get(json, "right"), by->right, &by->right_count) &&
                               read_points(json_object_get(json, "frame"), by->frame, &by->frame_count);
}

static bool read_run(const json_t *json, const char *path, gr_card *card)
{
    return json == NULL || (read_key(json_object_get(json, "key"), &card->guide.key) &&
                            read_place(json_object_get(json, "run"), path, card, &card->guide.run));
}

bool gr_card_read_guide(const json_t *json, const char *path, gr_card *card)
{
    return read_crop(json_object_get(json, "crop"), path, card) && read_upright(json_object_get(json, "upright"), card) &&
           read_run(json_object_get(json, "landmarks_from"), path, card);
}

/* ---- two models --------------------------------------------------------------------------------------------------- */

static bool same_rule(const gr_align_rule *a, const gr_align_rule *b)
{
    int needs = gr_align_rule_needs(a);
    bool same = a->is_template == b->is_template && needs == gr_align_rule_needs(b);
    for (int i = 0; same && i < needs; i++) {
        same = gr_align_rule_uses(a, i) == gr_align_rule_uses(b, i);
        if (same && a->is_template && gr_align_rule_uses(a, i))
            same = a->shape[2 * i] == b->shape[2 * i] && a->shape[2 * i + 1] == b->shape[2 * i + 1];
    }
    return same;
}

bool gr_card_same_guide(const gr_card *a, const gr_card *b)
{
    const gr_upright *x = a->guide.upright, *y = b->guide.upright;
    bool same = (a->crop.detector == NULL) == (b->crop.detector == NULL) && a->crop.key == b->crop.key;
    same = same && (a->guide.run == NULL) == (b->guide.run == NULL) && a->guide.key == b->guide.key;
    if (!same || x == NULL || y == NULL)
        return same && x == y;
    return x->size == y->size && x->margin == y->margin && same_rule(&x->rule, &y->rule);
}
