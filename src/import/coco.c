/* COCO's .json: images and categories first, wherever they stand in the file, then the annotations, one at a time. */
#include <math.h>
#include <string.h>

#include "formats/json_items.h"
#include "import/importers.h"

enum { MOST_POINTS = 1000 };

/* A category: its points' names. */
typedef struct category {
    const char *name;
    int64_t *points; /* [count], numbers of names */
    int count;
} category;

typedef struct reader {
    gr_marks *marks;
    const char *folder;
    gr_table ids; /* of images, then of categories: "i123", "c1" */
    struct {
        int64_t picture; /* an image's */
        category category;
    } *items; /* [room], by the numbers of ids */
    int64_t room;
} reader;

/* An id may be a number or a text. "" when it is neither. */
static void write_id(char kind, const json_t *id, char out[80])
{
    if (json_is_integer(id))
        snprintf(out, 80, "%c%lld", kind, (long long)json_integer_value(id));
    else if (json_is_string(id) && json_string_length(id) < 70)
        snprintf(out, 80, "%c%s", kind, json_string_value(id));
    else
        out[0] = '\0';
}

static gr_status bad_item(const gr_json_item *item, const char *what, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s:%lld: %s", item->path, (long long)item->line, what);
}

/* The place for a new id. */
static gr_status add_id(reader *r, char kind, const gr_json_item *item, int64_t *number, gr_error *err)
{
    char id[80];
    write_id(kind, json_object_get(item->value, "id"), id);
    if (id[0] == '\0')
        return bad_item(item, "an image or category has no id, a number would be right", err);
    int64_t before = r->ids.count;
    *number = gr_table_add(&r->ids, r->marks->arena, id, strlen(id));
    if (*number >= 0 && *number < before)
        return bad_item(item, "an image or category has the id of another", err);
    if (*number >= 0 && *number >= r->room) {
        int64_t room = r->room > 0 ? 2 * r->room : 256;
        void *grown = gr_realloc(r->items, (size_t)room, sizeof *r->items);
        if (grown == NULL)
            return gr_marks_no_memory(err);
        r->items = grown;
        r->room = room;
    }
    if (*number < 0)
        return gr_marks_no_memory(err);
    memset(&r->items[*number], 0, sizeof *r->items);
    return GR_OK;
}

static gr_status take_image(void *ctx, const gr_json_item *item, gr_error *err)
{
    reader *r = ctx;
    int64_t number;
    const char *name = json_string_value(json_object_get(item->value, "file_name"));
    if (name == NULL)
        return bad_item(item, "an image has no file_name", err);
    gr_status status = add_id(r, 'i', item, &number, err);
    if (status != GR_OK)
        return status;
    double width = json_number_value(json_object_get(item->value, "width"));
    double height = json_number_value(json_object_get(item->value, "height"));
    status = gr_marks_picture(r->marks, r->folder, name, width, height, err); /* those without an object count, too */
    r->items[number].picture = r->marks->current;
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s:%lld", item->path, (long long)item->line);
    return status;
}

static gr_status take_category(void *ctx, const gr_json_item *item, gr_error *err)
{
    reader *r = ctx;
    int64_t number;
    const char *name = json_string_value(json_object_get(item->value, "name"));
    const json_t *points = json_object_get(item->value, "keypoints");
    if (name == NULL)
        return bad_item(item, "a category has no name", err);
    gr_status status = add_id(r, 'c', item, &number, err);
    if (status != GR_OK)
        return status;
    category *made = &r->items[number].category;
    made->name = gr_arena_strdup(r->marks->arena, name);
    size_t count = json_is_array(points) ? json_array_size(points) : 0;
    if (count > MOST_POINTS)
        return bad_item(item, "a category has more than 1000 keypoints", err);
    made->points = gr_arena_alloc(r->marks->arena, count + 1, sizeof *made->points);
    if (made->name == NULL || made->points == NULL)
        return gr_marks_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        const char *point = json_string_value(json_array_get(points, i));
        if (point == NULL)
            return bad_item(item, "a category's keypoints are no names", err);
        made->points[i] = gr_marks_wants(r->marks, name) ? gr_marks_declare(r->marks, point, err)
                                                         : gr_marks_name(r->marks, point, err);
        if (made->points[i] < 0)
            return err->status;
    }
    made->count = (int)count;
    return GR_OK;
}

static gr_status put_points(reader *r, const gr_json_item *item, const category *of, const json_t *points, gr_error *err)
{
    size_t count = json_array_size(points) / 3;
    if (json_array_size(points) % 3 != 0 || count > MOST_POINTS)
        return bad_item(item, "keypoints are no threes of x, y and v", err);
    if (of->count > 0 && count != (size_t)of->count)
        return bad_item(item, "there are more or fewer keypoints than the category names", err);
    for (size_t i = 0; i < count; i++) {
        double v[3];
        char number[24];
        for (size_t k = 0; k < 3; k++) {
            gr_status status = gr_json_number(item, json_array_get(points, 3 * i + k), "a keypoint's number", &v[k], err);
            if (status != GR_OK)
                return status;
        }
        if (v[2] == 0) {
            gr_marks_lack(r->marks, GR_LACK_ABSENT);
            continue;
        }
        snprintf(number, sizeof number, "%zu", i + 1);
        int64_t name = of->count > 0 ? of->points[i] : gr_marks_name(r->marks, number, err);
        gr_status status = name < 0 ? err->status : gr_marks_point_of(r->marks, name, v[0], v[1], v[2] == 1, err);
        if (status != GR_OK)
            return status;
    }
    return GR_OK;
}

static gr_status find_id(const reader *r, char kind, const gr_json_item *item, const char *member, int64_t *number, gr_error *err)
{
    char id[80];
    write_id(kind, json_object_get(item->value, member), id);
    *number = id[0] != '\0' ? gr_table_find(&r->ids, id) : -1;
    if (*number < 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: the %s %.60s is not among the file's %s", item->path, (long long)item->line,
                       member, id[0] != '\0' ? id + 1 : "that is missing", kind == 'i' ? "images" : "categories");
    return GR_OK;
}

static gr_status put_object(reader *r, const gr_json_item *item, const category *of, gr_error *err)
{
    const json_t *box = json_object_get(item->value, "bbox"), *points = json_object_get(item->value, "keypoints");
    const json_t *score = json_object_get(item->value, "score");
    const json_t *track = json_object_get(json_object_get(item->value, "attributes"), "track_id");
    char individual[24];
    double numbers[4];
    if (json_is_true(json_object_get(item->value, "iscrowd")) || json_number_value(json_object_get(item->value, "iscrowd")) == 1) {
        gr_marks_lack(r->marks, GR_LACK_CROWD);
        return GR_OK;
    }
    if (json_is_number(score) && gr_marks_unsure(r->marks, json_number_value(score)))
        return GR_OK;
    snprintf(individual, sizeof individual, "%lld", (long long)json_integer_value(track));
    gr_status status = gr_marks_object(r->marks, of->name, json_is_integer(track) ? individual : NULL, err);
    if (status == GR_OK && json_is_number(score))
        r->marks->objects[r->marks->object_count - 1].score = json_number_value(score);
    if (status == GR_OK && json_array_size(box) > 0) {
        status = gr_json_numbers(item, box, "bbox", 4, numbers, err);
        if (status == GR_OK)
            gr_marks_box(r->marks, numbers[0], numbers[1], numbers[2], numbers[3]);
    }
    return status == GR_OK && json_is_array(points) ? put_points(r, item, of, points, err) : status;
}

static gr_status take_annotation(void *ctx, const gr_json_item *item, gr_error *err)
{
    reader *r = ctx;
    int64_t image, of;
    gr_status status = find_id(r, 'i', item, "image_id", &image, err);
    if (status == GR_OK)
        status = find_id(r, 'c', item, "category_id", &of, err);
    if (status == GR_OK)
        r->marks->current = r->items[image].picture;
    return status == GR_OK ? put_object(r, item, &r->items[of].category, err) : status;
}

static gr_status read_sections(reader *r, const gr_json_text *text, gr_error *err)
{
    bool images, categories, annotations = false;
    gr_status status = gr_json_each(text, "images", take_image, r, &images, err);
    if (status == GR_OK && !images)
        return gr_fail(err, GR_INVALID, "%s: has no list `images`, an annotation file of COCO would be right%s", text->path,
                       text->text[strspn(text->text, " \n\r\t")] == '[' ? " (this looks like a list of results)" : "");
    if (status == GR_OK)
        status = gr_json_each(text, "categories", take_category, r, &categories, err);
    if (status == GR_OK)
        status = gr_json_each(text, "annotations", take_annotation, r, &annotations, err);
    if (status == GR_OK && !annotations)
        status = gr_fail(err, GR_INVALID, "%s: has no list `annotations`", text->path);
    return status;
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    gr_json_text text;
    char *folder = gr_path_folder(path);
    reader r = {.marks = marks, .folder = folder};
    gr_status status = folder == NULL ? gr_marks_no_memory(err) : gr_json_text_read(path, &text, err);
    if (status == GR_OK) {
        status = read_sections(&r, &text, err);
        gr_json_text_free(&text);
    }
    gr_table_free(&r.ids);
    gr_free(r.items);
    gr_free(folder);
    return status;
}

gr_status gr_read_coco(gr_marks *marks, gr_error *err)
{
    return gr_marks_each_file(marks, ".json", read_file, NULL, err);
}
