/* The card of a model file: architecture, classes and the road of an image into it, as JSON in the file's notes. It holds
 * nothing of the machine or the run, so that equal weights make equal files. */
#include <string.h>

#include "formats/json.h"
#include "learners/card.h"
#include "learners/card_guide.h"
#include "learners/card_trees.h"
#include "learners/views.h"

static const char note_key[] = "grimace";
enum { MOST_SIDE = 8192, MOST_CLASSES = 100000, MOST_TRANSFORMS = 1000, MOST_HIDDEN = 8, MOST_FEATURES = 1 << 20 };

static json_t *numbers_to_json(const double *numbers, int64_t count)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < count; i++)
        json_array_append_new(list, json_real(numbers[i]));
    return list;
}

/* Whatever its learner is called. */
static bool is_network(const gr_card *card)
{
    return card->model.backbone != NULL;
}

/* What only some heads have. */
static void add_head(json_t *json, const gr_model_options *model)
{
    if (strcmp(model->head, "boxes") == 0) {
        json_object_set_new(json, "stride", json_integer(model->box_stride));
        json_object_set_new(json, "filters", json_integer(model->box_filters));
        json_object_set_new(json, "score", json_real(model->box_score));
        return;
    }
    if (strcmp(model->head, "mlp") != 0 && strcmp(model->head, "landmarks") != 0)
        return;
    json_t *hidden = json_array();
    for (int i = 0; i < model->mlp.hidden_count; i++)
        json_array_append_new(hidden, json_integer(model->mlp.hidden[i]));
    json_object_set_new(json, "pool", json_string(model->mlp.pool != NULL ? model->mlp.pool : "avg"));
    json_object_set_new(json, "hidden", hidden);
    json_object_set_new(json, "dropout", json_real(model->mlp.dropout));
    if (strcmp(model->head, "landmarks") != 0)
        return;
    json_object_set_new(json, "landmarks", json_integer(model->landmarks));
    json_object_set_new(json, "block", json_string(model->block != NULL ? model->block : "none"));
    json_object_set_new(json, "filters", json_integer(model->filters));
}

/* What stands in the place of the architecture. */
static void add_lbp(json_t *json, const gr_lbp *lbp)
{
    json_object_set_new(json, "radius", json_real(lbp->radius));
    json_object_set_new(json, "points", json_integer(lbp->points));
    json_object_set_new(json, "grid", json_integer(lbp->grid));
    json_object_set_new(json, "method", json_string(gr_lbp_method_name(lbp->method)));
}

static json_t *texts_to_json(const char *const *texts, int64_t count)
{
    json_t *list = json_array();
    for (int64_t i = 0; i < count; i++)
        json_array_append_new(list, json_string(texts[i]));
    return list;
}

/* The task that a card without a word about it is for. */
static const char *silent_task(const gr_card *card)
{
    if (is_network(card))
        return gr_head_task(card->model.head);
    return card->lbp != NULL || card->numbers != NULL ? "classes" : "boxes";
}

static void add_task(json_t *json, const gr_card *card)
{
    if (strcmp(card->task, silent_task(card)) != 0)
        json_object_set_new(json, "task", json_string(card->task));
    if (card->labels == NULL)
        return;
    json_object_set_new(json, "labels", texts_to_json(card->labels, card->label_count));
    if (card->ranges == NULL)
        return;
    json_t *ranges = json_array();
    for (int64_t i = 0; i < card->label_count; i++)
        json_array_append_new(ranges, numbers_to_json(card->ranges + 2 * i, 2));
    json_object_set_new(json, "ranges", ranges);
}

/* Members that most transforms have not stand only where they say something. */
static json_t *transform_to_json(const gr_transform *t)
{
    json_t *json = json_pack("{s:s, s:f, s:f}", "name", gr_transform_name(t->kind), "a", t->a, "b", t->b);
    if (t->c != 0 || t->d != 0)
        json_object_update_new(json, json_pack("{s:f, s:f}", "c", t->c, "d", t->d));
    if (t->values != 0)
        json_object_set_new(json, "values", json_integer(t->values));
    if (t->chance)
        json_object_set_new(json, "p", json_real(t->p));
    if (t->kind == GR_TRANSFORM_KERAS_GENERATOR)
        json_object_set_new(json, "more", numbers_to_json(t->more, GR_TRANSFORM_MORE));
    return json;
}

static json_t *card_to_json(const gr_card *card)
{
    json_t *transforms = json_array();
    for (int i = 0; i < card->transform_count; i++) {
        const gr_transform *t = &card->transforms[i];
        json_array_append_new(transforms, transform_to_json(t));
    }
    json_t *classes = texts_to_json(card->classes, card->model.classes);
    json_t *json = json_pack("{s:i}", "format", 1);
    if (strcmp(card->classic, "none") != 0) /* what files of before it had a name say */
        json_object_set_new(json, "classic", json_string(card->classic));
    if (card->lbp != NULL)
        add_lbp(json, card->lbp);
    else if (card->numbers != NULL)
        gr_card_put_trees(json, card);
    else if (is_network(card))
        json_object_update_new(json, json_pack("{s:s, s:s, s:f}", "backbone", card->model.backbone, "head", card->model.head,
                                               "width", card->model.width));
    json_object_update_new(
        json, json_pack("{s:I, s:I, s:o, s:o, s:o, s:o}", "size", (json_int_t)card->model.size, "channels",
                        (json_int_t)card->model.channels, "mean", numbers_to_json(card->mean, card->model.channels), "std",
                        numbers_to_json(card->std, card->model.channels), "transforms", transforms, "classes", classes));
    gr_card_put_guide(json, card);
    if (card->fast_dct)
        json_object_set_new(json, "jpeg_dct", json_string("fast"));
    if (!is_network(card) && card->numbers == NULL)
        return json;
    if (card->model.aux)
        json_object_set_new(json, "aux", json_true());
    if (card->model.variant != NULL)
        json_object_set_new(json, "variant", json_string(card->model.variant));
    if (card->model.layers != NULL)
        json_object_set_new(json, "layers", json_string(card->model.layers));
    if (card->model.norm_eps > 0)
        json_object_set_new(json, "batch_norm_eps", json_real(card->model.norm_eps));
    if (card->numbers == NULL)
        add_head(json, &card->model);
    add_task(json, card);
    if (card->tta.count > 0)
        json_object_set_new(json, "tta", texts_to_json(card->tta.items, card->tta.count));
    return json;
}

gr_status gr_card_text(const gr_card *card, gr_text *out, gr_error *err)
{
    json_t *json = card_to_json(card);
    gr_json_line(out, json);
    json_decref(json);
    if (out->failed) {
        gr_text_free(out);
        return gr_fail(err, GR_NOMEM, "no memory for the model's card");
    }
    out->data[out->size - 1] = '\0'; /* without the line end */
    return GR_OK;
}

gr_status gr_card_write(const gr_card *card, gr_weights *weights, gr_error *err)
{
    gr_text text = {0};
    gr_status status = gr_card_text(card, &text, err);
    if (status == GR_OK)
        status = gr_weights_set_note(weights, note_key, text.data, err);
    gr_text_free(&text);
    return status;
}

/* ---- reading: every field may lie ------------------------------------------------------------------------------------- */

static bool read_integer(const json_t *json, const char *key, int64_t least, int64_t most, int64_t *out)
{
    const json_t *value = json_object_get(json, key);
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= least && *out <= most;
}

static bool read_text(const json_t *value, gr_arena *arena, const char **out)
{
    *out = json_is_string(value) ? gr_arena_strdup(arena, json_string_value(value)) : NULL;
    return *out != NULL;
}

/* Models of before widths existed have none, which is 1. */
static bool read_width(const json_t *value, double *out)
{
    *out = value != NULL ? json_number_value(value) : 1.0;
    return value == NULL || json_is_number(value);
}

static bool read_numbers(const json_t *list, size_t count, double *out)
{
    if (!json_is_array(list) || json_array_size(list) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!json_is_number(json_array_get(list, i)))
            return false;
        out[i] = json_number_value(json_array_get(list, i));
    }
    return true;
}

static bool read_transform(const json_t *json, gr_transform *out)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const json_t *a = json_object_get(json, "a"), *b = json_object_get(json, "b");
    if (name == NULL || !json_is_number(a) || !json_is_number(b))
        return false;
    for (int kind = 0; kind < GR_TRANSFORM_KINDS; kind++)
        if (strcmp(gr_transform_name((gr_transform_kind)kind), name) == 0) {
            int64_t values = 0;
            const json_t *p = json_object_get(json, "p");
            *out = (gr_transform){.kind = (gr_transform_kind)kind, .a = json_number_value(a), .b = json_number_value(b)};
            out->c = json_number_value(json_object_get(json, "c"));
            out->d = json_number_value(json_object_get(json, "d"));
            out->chance = p != NULL;
            out->p = json_number_value(p);
            if (json_object_get(json, "values") != NULL && !read_integer(json, "values", 0, 4, &values))
                return false;
            out->values = (int)values;
            if (out->kind == GR_TRANSFORM_KERAS_GENERATOR &&
                !read_numbers(json_object_get(json, "more"), GR_TRANSFORM_MORE, out->more))
                return false;
            return p == NULL || json_is_number(p);
        }
    return false;
}

static bool read_transforms(const json_t *list, gr_card *card)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > MOST_TRANSFORMS)
        return false;
    gr_transform *items = gr_arena_alloc(card->arena, count + 1, sizeof *items);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!read_transform(json_array_get(list, i), &items[i]))
            return false;
    card->transforms = items;
    card->transform_count = (int)count;
    return true;
}

static bool read_classes(const json_t *list, gr_card *card)
{
    size_t count = json_array_size(list);
    bool none = strcmp(card->task, "landmarks") == 0 || strcmp(card->task, "scores") == 0;
    if (!json_is_array(list) || (count < 1) != none || (card->lbp != NULL && count != 2) || count > MOST_CLASSES)
        return false;
    const char **classes = gr_arena_alloc(card->arena, count + 1, sizeof *classes);
    for (size_t i = 0; classes != NULL && i < count; i++)
        if (!read_text(json_array_get(list, i), card->arena, &classes[i]))
            return false;
    card->classes = classes;
    card->model.classes = (int64_t)count;
    return classes != NULL;
}

static bool read_ranges(const json_t *list, gr_card *card)
{
    size_t count = (size_t)card->label_count;
    double *ranges = json_array_size(list) == count ? gr_arena_alloc(card->arena, 2 * count, sizeof *ranges) : NULL;
    bool good = ranges != NULL;
    for (size_t i = 0; good && i < count; i++)
        good = read_numbers(json_array_get(list, i), 2, ranges + 2 * i) && ranges[2 * i] <= ranges[2 * i + 1];
    card->ranges = ranges;
    return good;
}

/* The columns that are answered, and the ranges of scores. */
static bool read_labels(const json_t *json, gr_card *card)
{
    const json_t *list = json_object_get(json, "labels");
    size_t count = json_array_size(list);
    bool scores = strcmp(card->task, "scores") == 0;
    if (list == NULL)
        return !scores;
    const char **labels = count >= 1 && count <= MOST_CLASSES ? gr_arena_alloc(card->arena, count, sizeof *labels) : NULL;
    for (size_t i = 0; labels != NULL && i < count; i++)
        if (!read_text(json_array_get(list, i), card->arena, &labels[i]))
            return false;
    card->labels = labels;
    card->label_count = (int64_t)count;
    card->model.outputs = (int64_t)count;
    const json_t *ranges = json_object_get(json, "ranges"); /* initial weights have none */
    return labels != NULL && (!scores || ranges == NULL || read_ranges(ranges, card));
}

/* Files of before tasks had names say nothing. */
static bool read_task(const json_t *value, gr_card *card)
{
    card->task = silent_task(card);
    bool good = value == NULL || read_text(value, card->arena, &card->task);
    card->model.task = card->task;
    return good;
}

static bool read_hidden(const json_t *list, gr_card *card)
{
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count > MOST_HIDDEN)
        return false;
    int *hidden = gr_arena_alloc(card->arena, count + 1, sizeof *hidden);
    for (size_t i = 0; hidden != NULL && i < count; i++) {
        json_int_t width = json_integer_value(json_array_get(list, i));
        if (width < 1 || width > MOST_CLASSES)
            return false;
        hidden[i] = (int)width;
    }
    card->model.mlp.hidden = hidden;
    card->model.mlp.hidden_count = (int)count;
    return hidden != NULL;
}

static bool read_head(const json_t *json, gr_card *card)
{
    gr_model_options *model = &card->model;
    if (strcmp(model->head, "boxes") == 0) {
        const json_t *score = json_object_get(json, "score");
        model->box_score = json_number_value(score);
        return json_is_number(score) && read_integer(json, "stride", 1, MOST_SIDE, &model->box_stride) &&
               read_integer(json, "filters", 1, MOST_CLASSES, &model->box_filters);
    }
    bool landmarks = strcmp(model->head, "landmarks") == 0;
    if (!landmarks && strcmp(model->head, "mlp") != 0)
        return true;
    const json_t *dropout = json_object_get(json, "dropout");
    model->mlp.dropout = json_number_value(dropout);
    bool good = json_is_number(dropout) && model->mlp.dropout >= 0.0 && model->mlp.dropout < 1.0 &&
                read_text(json_object_get(json, "pool"), card->arena, &model->mlp.pool) &&
                read_hidden(json_object_get(json, "hidden"), card);
    return good && (!landmarks || (read_integer(json, "landmarks", 1, MOST_CLASSES, &model->landmarks) &&
                                   read_integer(json, "filters", 1, MOST_CLASSES, &model->filters) &&
                                   read_text(json_object_get(json, "block"), card->arena, &model->block)));
}

/* Models without have none. */
static bool read_tta(const json_t *list, gr_card *card)
{
    size_t count = json_array_size(list);
    if (list == NULL)
        return true;
    const char **items = count <= MOST_TRANSFORMS ? gr_arena_alloc(card->arena, count + 1, sizeof *items) : NULL;
    for (size_t i = 0; items != NULL && i < count; i++)
        if (!read_text(json_array_get(list, i), card->arena, &items[i]) || gr_view_find(items[i]) < 0)
            return false;
    card->tta = (gr_strings){.items = items, .count = (int)count};
    return items != NULL;
}

static bool read_lbp(const json_t *json, gr_card *card)
{
    const char *method = json_string_value(json_object_get(json, "method"));
    const json_t *radius = json_object_get(json, "radius");
    gr_lbp *lbp = gr_arena_alloc(card->arena, 1, sizeof *lbp);
    int64_t points, grid;
    if (lbp == NULL || method == NULL || !gr_lbp_method_of(method, &lbp->method) || !json_is_number(radius) ||
        !read_integer(json, "points", 4, 16, &points) || !read_integer(json, "grid", 1, 64, &grid))
        return false;
    lbp->radius = json_number_value(radius);
    lbp->points = (int)points;
    lbp->grid = (int)grid;
    card->lbp = lbp;
    return lbp->radius > 0.0 && lbp->radius <= 64.0 && gr_lbp_features(lbp) <= MOST_FEATURES;
}

static bool read_architecture(const json_t *json, const char *path, gr_card *card)
{
    const json_t *classic = json_object_get(json, "classic");
    card->classic = "none";
    if (classic != NULL && !read_text(classic, card->arena, &card->classic))
        return false;
    if (json_object_get(json, "numbers") != NULL)
        return classic != NULL && gr_card_read_trees(json, path, card);
    if (json_object_get(json, "backbone") == NULL)
        return classic != NULL && strcmp(card->classic, "none") != 0 &&
               (json_object_get(json, "radius") == NULL || read_lbp(json, card));
    return read_text(json_object_get(json, "backbone"), card->arena, &card->model.backbone) &&
           read_text(json_object_get(json, "head"), card->arena, &card->model.head) &&
           read_width(json_object_get(json, "width"), &card->model.width);
}

static bool read_eps(const json_t *json, double *eps)
{
    *eps = json_number_value(json);
    return json == NULL || (json_is_number(json) && *eps > 0 && *eps <= 1);
}

static bool read_card(const json_t *json, const char *path, gr_card *card)
{
    int64_t format;
    const json_t *variant = json_object_get(json, "variant"), *layers = json_object_get(json, "layers");
    card->model.aux = json_is_true(json_object_get(json, "aux"));
    card->fast_dct = json_object_get(json, "jpeg_dct") != NULL;
    return json_is_object(json) && (variant == NULL || read_text(variant, card->arena, &card->model.variant)) &&
           (layers == NULL || read_text(layers, card->arena, &card->model.layers)) &&
           read_integer(json, "format", 1, 1, &format) && read_integer(json, "size", 1, MOST_SIDE, &card->model.size) &&
           read_integer(json, "channels", 1, 3, &card->model.channels) && card->model.channels != 2 &&
           read_eps(json_object_get(json, "batch_norm_eps"), &card->model.norm_eps) && read_architecture(json, path, card) &&
           read_task(json_object_get(json, "task"), card) &&
           (card->lbp == NULL || card->model.channels == 1) &&
           read_numbers(json_object_get(json, "mean"), (size_t)card->model.channels, card->mean) &&
           read_numbers(json_object_get(json, "std"), (size_t)card->model.channels, card->std) &&
           read_transforms(json_object_get(json, "transforms"), card) &&
           gr_card_read_guide(json, path, card) &&
           read_classes(json_object_get(json, "classes"), card) && read_labels(json, card) &&
           (!is_network(card) || (read_head(json, card) && read_tta(json_object_get(json, "tta"), card)));
}

gr_status gr_card_parse(const char *text, const char *path, gr_card *card, gr_error *err)
{
    *card = (gr_card){.arena = gr_arena_create()};
    if (card->arena == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory for its card", path);
    json_t *json = json_loads(text, 0, NULL);
    bool good = json != NULL && read_card(json, path, card);
    json_decref(json);
    if (good)
        return GR_OK;
    gr_card_free(card);
    return gr_fail(err, GR_INVALID, "%s: the note \"%s\" does not describe a model of this version", path, note_key);
}

gr_status gr_card_read(const gr_weights *weights, const char *path, gr_card *card, gr_error *err)
{
    *card = (gr_card){0};
    const char *text = gr_weights_note(weights, note_key);
    if (text == NULL)
        return gr_fail(
            err, GR_INVALID,
            "%s: holds weights alone: it lacks the note \"%s\", in which grimace's models say their classes, image "
            "size and transforms; model.pretrained of a config takes such a file",
            path, note_key);
    return gr_card_parse(text, path, card, err);
}

void gr_card_free(gr_card *card)
{
    gr_arena_destroy(card->arena);
    *card = (gr_card){0};
}
