/* LabelMe: a .json for each picture. A rectangle has two corners in any order, a point stands alone; shapes of one group_id belong
 * together. */
#include <math.h>
#include <string.h>

#include "formats/json_items.h"
#include "import/importers.h"

/* The picture's name; that of the file where it has none. */
static gr_status put_picture(gr_marks *marks, const gr_json_item *root, gr_error *err)
{
    const char *slash = strrchr(root->path, '/'), *own = slash != NULL ? slash + 1 : root->path;
    const char *image = json_string_value(json_object_get(root->value, "imagePath"));
    char *folder = gr_path_folder(root->path);
    gr_text name = {0};
    if (image != NULL && image[0] != '\0')
        gr_text_printf(&name, "%s", image);
    else
        gr_text_printf(&name, "%.*s.*", (int)(strlen(own) > 5 ? strlen(own) - 5 : strlen(own)), own);
    double width = json_number_value(json_object_get(root->value, "imageWidth"));
    double height = json_number_value(json_object_get(root->value, "imageHeight"));
    gr_status status = folder == NULL || name.failed ? gr_marks_no_memory(err)
                                                     : gr_marks_picture(marks, folder, name.data, width, height, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s", root->path);
    gr_text_free(&name);
    gr_free(folder);
    return status;
}

/* Point `i` of a shape. */
static gr_status read_point(const gr_json_item *root, const json_t *points, size_t i, double point[2], gr_error *err)
{
    return gr_json_numbers(root, json_array_get(points, i), "a shape's point", 2, point, err);
}

static gr_status put_rectangle(gr_marks *marks, const gr_json_item *root, const json_t *points, const char *label, int64_t group,
                               gr_error *err)
{
    double point[2], low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    if (json_array_size(points) < 2)
        return gr_fail(err, GR_INVALID, "%s: a rectangle has fewer than two points", root->path);
    gr_status status = gr_marks_object(marks, label, NULL, err);
    for (size_t i = 0; status == GR_OK && i < json_array_size(points); i++) {
        status = read_point(root, points, i, point, err);
        for (int k = 0; status == GR_OK && k < 2; k++) {
            low[k] = fmin(low[k], point[k]);
            high[k] = fmax(high[k], point[k]);
        }
    }
    if (status == GR_OK) {
        marks->objects[marks->object_count - 1].group = group;
        gr_marks_corners(marks, low[0], low[1], high[0], high[1]);
    }
    return status;
}

static gr_status put_shape(gr_marks *marks, const gr_json_item *root, const json_t *shape, gr_error *err)
{
    const char *label = json_string_value(json_object_get(shape, "label"));
    const char *type = json_string_value(json_object_get(shape, "shape_type"));
    const json_t *points = json_object_get(shape, "points"), *group = json_object_get(shape, "group_id");
    int64_t number = json_is_integer(group) && json_integer_value(group) >= 0 ? json_integer_value(group) : -1;
    double point[2];
    type = type != NULL ? type : "polygon"; /* as old files mean */
    if (label == NULL)
        return gr_fail(err, GR_INVALID, "%s: a shape has no label", root->path);
    if (strcmp(type, "oriented_rectangle") == 0) /* four corners */
        gr_marks_lack(marks, GR_LACK_TURNED);
    if (strcmp(type, "rectangle") == 0 || strcmp(type, "oriented_rectangle") == 0)
        return put_rectangle(marks, root, points, label, number, err);
    if (strcmp(type, "point") != 0) {
        gr_marks_left(marks, type);
        return GR_OK;
    }
    gr_status status = read_point(root, points, 0, point, err);
    if (status == GR_OK)
        status = gr_marks_loose(marks, number, err);
    return status == GR_OK ? gr_marks_point(marks, label, point[0], point[1], false, err) : status;
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    json_t *value;
    gr_status status = gr_json_read(path, &value, err);
    if (status != GR_OK)
        return status;
    gr_json_item root = {path, 1, NULL, value};
    const json_t *shapes = json_object_get(value, "shapes");
    if (!json_is_array(shapes))
        status = gr_fail(err, GR_INVALID, "%s: has no list `shapes`, LabelMe's files have", path);
    if (status == GR_OK)
        status = put_picture(marks, &root, err);
    for (size_t i = 0; status == GR_OK && i < json_array_size(shapes); i++)
        status = put_shape(marks, &root, json_array_get(shapes, i), err);
    json_decref(value);
    return status;
}

gr_status gr_read_labelme(gr_marks *marks, gr_error *err)
{
    return gr_marks_each_file(marks, ".json", read_file, NULL, err);
}
