/* VGG Image Annotator 1 and 2: a project's or an export's .json, or a .csv. A region is a shape and attributes of the user's
 * own; one of these names the class of a rectangle, and the landmark of a point. */
#include <string.h>

#include "formats/csv.h"
#include "formats/json_items.h"
#include "import/importers.h"

typedef struct reader {
    gr_marks *marks;
    char *folder;
    const char *attribute; /* that names regions: --attribute, or the first that comes */
    bool others;           /* there are other attributes, too */
} reader;

static gr_status put_picture(reader *r, const gr_json_item *item, const char *name, gr_error *err)
{
    if (name == NULL)
        return gr_fail(err, GR_INVALID, "%s:%lld: has no filename, VIA's pictures have", item->path, (long long)item->line);
    gr_status status = gr_marks_picture(r->marks, r->folder, name, 0, 0, err);
    if (status == GR_INVALID)
        gr_error_prefix(err, "%s:%lld", item->path, (long long)item->line);
    return status;
}

/* What the region is called: the attribute's text, or of a choice of several the first that is chosen. NULL: nothing. */
static gr_status read_name(reader *r, const json_t *attributes, const char **name, gr_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)attributes, key, value)
    {
        if (r->attribute == NULL) {
            r->attribute = gr_arena_strdup(r->marks->arena, key);
            if (r->attribute == NULL)
                return gr_marks_no_memory(err);
        }
        r->others = r->others || strcmp(key, r->attribute) != 0;
    }
    *name = NULL;
    const json_t *said = r->attribute != NULL ? json_object_get(attributes, r->attribute) : NULL;
    if (json_is_string(said) && json_string_length(said) > 0)
        *name = json_string_value(said);
    json_object_foreach((json_t *)said, key, value)
    {
        if (*name == NULL && json_is_true(value))
            *name = key;
    }
    return GR_OK;
}

static gr_status put_region(reader *r, const gr_json_item *item, const json_t *shape, const json_t *attributes, gr_error *err)
{
    const char *kind = json_string_value(json_object_get(shape, "name")), *name = NULL;
    double v[4];
    if (kind == NULL)
        return gr_fail(err, GR_INVALID, "%s:%lld: a region's shape has no name", item->path, (long long)item->line);
    bool rectangle = strcmp(kind, "rect") == 0;
    const char *const members[4] = {rectangle ? "x" : "cx", rectangle ? "y" : "cy", "width", "height"};
    gr_status status = read_name(r, attributes, &name, err);
    if (status == GR_OK && !rectangle && strcmp(kind, "point") != 0) {
        gr_marks_left(r->marks, kind);
        return GR_OK;
    }
    for (int i = 0; status == GR_OK && i < (rectangle ? 4 : 2); i++)
        status = gr_json_number(item, json_object_get(shape, members[i]), members[i], &v[i], err);
    if (status == GR_OK)
        status = rectangle ? gr_marks_object(r->marks, name, NULL, err) : gr_marks_loose(r->marks, -1, err);
    if (status != GR_OK)
        return status;
    if (rectangle)
        gr_marks_box(r->marks, v[0], v[1], v[2], v[3]);
    else
        status = gr_marks_point(r->marks, name != NULL ? name : "point", v[0], v[1], false, err);
    return status;
}

/* ---- .json ---------------------------------------------------------------------------------------------------------------- */

static gr_status put_json_region(reader *r, const gr_json_item *item, const json_t *region, gr_error *err)
{
    return put_region(r, item, json_object_get(region, "shape_attributes"), json_object_get(region, "region_attributes"), err);
}

/* Regions are a list in VIA 2, an object in VIA 1. */
static gr_status take_picture(void *ctx, const gr_json_item *item, gr_error *err)
{
    reader *r = ctx;
    const json_t *regions = json_object_get(item->value, "regions");
    gr_status status = put_picture(r, item, json_string_value(json_object_get(item->value, "filename")), err);
    for (size_t i = 0; status == GR_OK && i < json_array_size(regions); i++)
        status = put_json_region(r, item, json_array_get(regions, i), err);
    const char *key;
    json_t *region;
    json_object_foreach((json_t *)regions, key, region)
    {
        if (status == GR_OK)
            status = put_json_region(r, item, region, err);
    }
    return status;
}

static gr_status pass_over(void *ctx, const gr_json_item *item, gr_error *err)
{
    (void)ctx, (void)item, (void)err;
    return GR_OK;
}

static gr_status read_json(reader *r, const char *path, gr_error *err)
{
    gr_json_text text;
    bool project = false, third = false;
    gr_status status = gr_json_text_read(path, &text, err);
    if (status != GR_OK)
        return status;
    status = gr_json_each(&text, "_via_img_metadata", take_picture, r, &project, err);
    if (status == GR_OK && !project)
        status = gr_json_each(&text, "metadata", pass_over, NULL, &third, err);
    if (status == GR_OK && third)
        status = gr_fail(err, GR_INVALID, "%s: is a project of VIA 3; the .json of VIA 1 and 2 is read", path);
    if (status == GR_OK && !project)
        status = gr_json_each(&text, NULL, take_picture, r, NULL, err);
    gr_json_text_free(&text);
    return status;
}

/* ---- .csv ------------------------------------------------------------------------------------------------------------------ */

static gr_status read_cell(const gr_json_item *place, const char *text, json_t **value, gr_error *err)
{
    json_error_t json;
    *value = json_loads(text, JSON_REJECT_DUPLICATES, &json);
    if (*value != NULL)
        return GR_OK;
    return gr_fail(err, json_error_code(&json) == json_error_out_of_memory ? GR_NOMEM : GR_INVALID,
                   "%s:%lld: \"%.60s\" is no JSON: %.100s", place->path, (long long)place->line, text, json.text);
}

static gr_status read_row(reader *r, const gr_csv *csv, int64_t row, const int columns[3], gr_error *err)
{
    gr_json_item place = {csv->path, csv->line[row], NULL, NULL};
    json_t *shape = NULL, *attributes = NULL;
    const char *shape_text = gr_csv_field(csv, row, columns[1]);
    gr_status status = put_picture(r, &place, gr_csv_field(csv, row, columns[0]), err);
    if (status != GR_OK || shape_text[0] == '\0' || strcmp(shape_text, "{}") == 0)
        return status; /* a picture without a region */
    status = read_cell(&place, shape_text, &shape, err);
    if (status == GR_OK)
        status = read_cell(&place, gr_csv_field(csv, row, columns[2]), &attributes, err);
    if (status == GR_OK)
        status = put_region(r, &place, shape, attributes, err);
    json_decref(shape);
    json_decref(attributes);
    return status;
}

static gr_status read_csv(reader *r, const char *path, gr_error *err)
{
    gr_csv *csv;
    gr_status status = gr_csv_read(path, &csv, err);
    if (status != GR_OK)
        return status;
    int columns[3] = {gr_csv_column(csv, "filename"), gr_csv_column(csv, "region_shape_attributes"),
                      gr_csv_column(csv, "region_attributes")};
    if (columns[0] < 0)
        columns[0] = gr_csv_column(csv, "#filename"); /* VIA 1 */
    for (int i = 0; status == GR_OK && i < 3; i++)
        if (columns[i] < 0)
            status = gr_fail(err, GR_INVALID,
                             "%s:1: lacks one of filename, region_shape_attributes and region_attributes, which the .csv of VIA 1 "
                             "and 2 has",
                             path);
    for (int64_t row = 0; status == GR_OK && row < csv->rows; row++)
        status = read_row(r, csv, row, columns, err);
    gr_csv_destroy(csv);
    return status;
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    reader *r = ctx;
    (void)marks;
    r->folder = gr_path_folder(path);
    gr_status status = r->folder == NULL              ? gr_marks_no_memory(err)
                       : gr_ends_with(path, ".csv") ? read_csv(r, path, err)
                                                      : read_json(r, path, err);
    gr_free(r->folder);
    return status;
}

gr_status gr_read_via(gr_marks *marks, gr_error *err)
{
    reader r = {.marks = marks, .attribute = marks->request->attribute};
    gr_status status = gr_marks_each_file(marks, ".json", read_file, &r, err);
    if (status == GR_OK && r.attribute != NULL)
        gr_text_printf(marks->said, "regions are named by their attribute \"%s\"%s\n", r.attribute,
                       r.others ? ", others are left out; --attribute chooses" : "");
    return status;
}
