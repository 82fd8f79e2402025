/* Files of data sets of faces: the CAT data set's .cat, CatFLW's .json, and the white-furred mice's boxes. */
#include <string.h>

#include "formats/json_items.h"
#include "import/importers.h"

enum { CAT_POINTS = 9, MOST_POINTS = 1000, CAT_LIMIT = 1 << 20 };

/* ---- the CAT data set ------------------------------------------------------------------------------------------------------ */

static const char *const cat_names[CAT_POINTS] = {"left_eye",   "right_eye",   "mouth",       "left_ear_1", "left_ear_2",
                                                  "left_ear_3", "right_ear_1", "right_ear_2", "right_ear_3"};

/* The next number of `*at`; false when there is none. */
static bool next_number(const char **at, double *out)
{
    char word[40];
    *at += strspn(*at, " \t\r\n");
    size_t length = strcspn(*at, " \t\r\n");
    if (length == 0 || length >= sizeof word)
        return false;
    memcpy(word, *at, length);
    word[length] = '\0';
    *at += length;
    return gr_parse_double(word, out);
}

static gr_status put_cat_points(gr_marks *marks, const char *path, const char *text, gr_error *err)
{
    double count, x, y;
    if (!next_number(&text, &count) || count != CAT_POINTS)
        return gr_fail(err, GR_INVALID, "%s:1: does not begin with 9, the number of a cat's points", path);
    gr_status status = gr_marks_object(marks, NULL, NULL, err);
    for (int i = 0; status == GR_OK && i < CAT_POINTS; i++) {
        int64_t name = gr_marks_declare(marks, cat_names[i], err);
        if (name < 0)
            return err->status;
        if (!next_number(&text, &x) || !next_number(&text, &y))
            return gr_fail(err, GR_INVALID, "%s:1: has fewer than nine points of two numbers", path);
        status = gr_marks_point_of(marks, name, x, y, false, err);
    }
    if (status == GR_OK && text[strspn(text, " \t\r\n")] != '\0')
        status = gr_fail(err, GR_INVALID, "%s:1: has more than nine points of two numbers", path);
    return status;
}

/* x.jpg.cat is of x.jpg. */
static gr_status read_cat(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char *text = NULL, *folder = gr_path_folder(path);
    size_t size;
    gr_text picture = {0};
    gr_text_printf(&picture, "%.*s", (int)(gr_ends_with(name, ".cat") ? strlen(name) - 4 : strlen(name)), name);
    gr_status status = folder == NULL || picture.failed ? gr_marks_no_memory(err)
                                                        : gr_marks_picture(marks, folder, picture.data, 0, 0, err);
    if (status == GR_OK)
        status = gr_file_read(path, CAT_LIMIT, &text, &size, err);
    if (status == GR_OK)
        status = put_cat_points(marks, path, text, err);
    gr_free(text);
    gr_free(folder);
    gr_text_free(&picture);
    return status;
}

gr_status gr_read_cat(gr_marks *marks, gr_error *err)
{
    return gr_marks_each_file(marks, ".cat", read_cat, NULL, err);
}

/* ---- CatFLW ------------------------------------------------------------------------------------------------------------------ */

static gr_status put_catflw(gr_marks *marks, const gr_json_item *root, gr_error *err)
{
    const json_t *labels = json_object_get(root->value, "labels"), *box = json_object_get(root->value, "bounding_boxes");
    double v[4];
    if (json_is_array(json_array_get(box, 0)))
        box = json_array_get(box, 0);
    if (!json_is_array(labels) || json_array_size(labels) > MOST_POINTS)
        return gr_fail(err, GR_INVALID, "%s: has no list `labels` of points, CatFLW's files have", root->path);
    gr_status status = gr_marks_object(marks, NULL, NULL, err);
    if (status == GR_OK && box != NULL) {
        status = gr_json_numbers(root, box, "bounding_boxes", 4, v, err);
        if (status == GR_OK)
            gr_marks_corners(marks, v[0], v[1], v[2], v[3]);
    }
    for (size_t i = 0; status == GR_OK && i < json_array_size(labels); i++) {
        char name[24];
        snprintf(name, sizeof name, "%zu", i + 1);
        status = gr_json_numbers(root, json_array_get(labels, i), "a point", 2, v, err);
        if (status == GR_OK)
            status = gr_marks_point(marks, name, v[0], v[1], false, err);
    }
    return status;
}

/* labels/x.json is of images/x.png. */
static gr_status read_catflw(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char *folder = gr_path_folder(path);
    json_t *value = NULL;
    gr_text picture = {0};
    gr_text_printf(&picture, "%.*s.*", (int)(gr_ends_with(name, ".json") ? strlen(name) - 5 : strlen(name)), name);
    gr_status status = folder == NULL || picture.failed ? gr_marks_no_memory(err)
                                                        : gr_marks_picture(marks, folder, picture.data, 0, 0, err);
    if (status == GR_OK)
        status = gr_json_read(path, &value, err);
    if (status == GR_OK)
        status = put_catflw(marks, &(gr_json_item){path, 1, NULL, value}, err);
    json_decref(value);
    gr_free(folder);
    gr_text_free(&picture);
    return status;
}

gr_status gr_read_catflw(gr_marks *marks, gr_error *err)
{
    return gr_marks_each_file(marks, ".json", read_catflw, NULL, err);
}

/* ---- white-furred mice ---------------------------------------------------------------------------------------------------- */

/* An animal of a picture: the box's "w" and "h" are its lower right corner. */
static gr_status put_mouse(gr_marks *marks, const gr_json_item *item, const json_t *mouse, gr_error *err)
{
    static const char *const members[4] = {"x", "y", "w", "h"}, *const words[2] = {"AnimalNumber", "GrimaceScale"};
    const json_t *box = json_object_get(mouse, "Boundingbox");
    double v[4];
    gr_status status = GR_OK;
    for (int i = 0; status == GR_OK && i < 4; i++)
        status = gr_json_number(item, json_object_get(box, members[i]), members[i], &v[i], err);
    if (status == GR_OK)
        status = gr_marks_object(marks, NULL, NULL, err);
    for (int i = 0; status == GR_OK && i < 2; i++) {
        const char *word = json_string_value(json_object_get(mouse, words[i]));
        if (word != NULL)
            status = gr_marks_word(marks, 2 + i, word, err);
    }
    if (status == GR_OK && (v[2] <= v[0] || v[3] <= v[1]))
        return gr_fail(err, GR_INVALID,
                       "%s:%lld: w and h are not right of and below x and y; they are the lower right corner in this data set",
                       item->path, (long long)item->line);
    if (status == GR_OK)
        gr_marks_corners(marks, v[0], v[1], v[2], v[3]);
    return status;
}

typedef struct mice_reader {
    gr_marks *marks;
    const char *folder;
} mice_reader;

static gr_status take_mice(void *ctx, const gr_json_item *item, gr_error *err)
{
    mice_reader *r = ctx;
    if (item->key == NULL || !json_is_array(item->value))
        return gr_fail(err, GR_INVALID, "%s:%lld: is no picture with a list of animals", item->path, (long long)item->line);
    gr_status status = gr_marks_picture(r->marks, r->folder, item->key, 0, 0, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s:%lld", item->path, (long long)item->line);
    for (size_t i = 0; status == GR_OK && i < json_array_size(item->value); i++)
        status = put_mouse(r->marks, item, json_array_get(item->value, i), err);
    return status;
}

static gr_status read_mice(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    gr_json_text text;
    char *folder = gr_path_folder(path);
    mice_reader r = {marks, folder};
    gr_status status = folder == NULL ? gr_marks_no_memory(err) : gr_json_text_read(path, &text, err);
    if (status == GR_OK) {
        status = gr_json_each(&text, NULL, take_mice, &r, NULL, err);
        gr_json_text_free(&text);
    }
    gr_free(folder);
    return status;
}

gr_status gr_read_mice(gr_marks *marks, gr_error *err)
{
    marks->extra[0] = "animal";
    marks->extra[1] = "grimace_scale";
    return gr_marks_each_file(marks, ".json", read_mice, NULL, err);
}
