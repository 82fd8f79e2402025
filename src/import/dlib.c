/* dlib's .xml, as its imglab writes it: boxes by left, top, width and height, with named parts. dlib orders the parts of a shape by
 * their names, and so are the landmarks. */
#include <string.h>

#include "formats/xml.h"
#include "import/importers.h"

typedef struct reader {
    gr_marks *marks;
    char *folder;
    bool picture, ignored; /* one is under way; the box under way does not count */
    bool box;
} reader;

static gr_status open_image(reader *r, const gr_xml_element *e, gr_error *err)
{
    const char *file = gr_xml_attribute(e, "file");
    double size[2] = {0, 0};
    static const char *const names[2] = {"width", "height"};
    if (file == NULL)
        return gr_fail(err, GR_INVALID, "%s:%lld: <image> has no file", e->path, (long long)e->line);
    for (int i = 0; i < 2; i++) {
        gr_status status = gr_xml_attribute(e, names[i]) != NULL ? gr_xml_number(e, names[i], &size[i], err) : GR_OK;
        if (status != GR_OK)
            return status;
    }
    r->picture = true;
    return gr_marks_picture(r->marks, r->folder, file, size[0], size[1], err);
}

static gr_status open_box(reader *r, const gr_xml_element *e, gr_error *err)
{
    static const char *const names[4] = {"left", "top", "width", "height"};
    double box[4];
    const char *ignore = gr_xml_attribute(e, "ignore");
    gr_status status = GR_OK;
    r->box = true;
    r->ignored = ignore != NULL && (strcmp(ignore, "1") == 0 || strcmp(ignore, "true") == 0);
    if (r->ignored) {
        gr_marks_lack(r->marks, GR_LACK_IGNORED);
        return GR_OK;
    }
    for (int i = 0; status == GR_OK && i < 4; i++)
        status = gr_xml_number(e, names[i], &box[i], err);
    if (status == GR_OK)
        status = gr_marks_object(r->marks, NULL, NULL, err);
    if (status == GR_OK)
        gr_marks_box(r->marks, box[0], box[1], box[2], box[3]);
    return status;
}

static gr_status open_part(reader *r, const gr_xml_element *e, gr_error *err)
{
    double x, y;
    const char *name = gr_xml_attribute(e, "name");
    if (name == NULL)
        return gr_fail(err, GR_INVALID, "%s:%lld: <part> has no name", e->path, (long long)e->line);
    gr_status status = gr_xml_number(e, "x", &x, err);
    if (status == GR_OK)
        status = gr_xml_number(e, "y", &y, err);
    return status == GR_OK ? gr_marks_point(r->marks, name, x, y, false, err) : status;
}

static gr_status on_open(void *ctx, const gr_xml_element *e, gr_error *err)
{
    reader *r = ctx;
    if (e->depth == 1 && strcmp(e->name, "dataset") != 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: begins with <%.40s>, dlib's <dataset> would be right", e->path,
                       (long long)e->line, e->name);
    if (strcmp(e->parent, "images") == 0 && strcmp(e->name, "image") == 0)
        return open_image(r, e, err);
    if (r->picture && strcmp(e->parent, "image") == 0 && strcmp(e->name, "box") == 0)
        return open_box(r, e, err);
    if (r->box && !r->ignored && strcmp(e->parent, "box") == 0 && strcmp(e->name, "part") == 0)
        return open_part(r, e, err);
    return GR_OK;
}

static gr_status on_close(void *ctx, const gr_xml_element *e, const char *text, gr_error *err)
{
    reader *r = ctx;
    if (strcmp(e->name, "image") == 0)
        r->picture = false;
    if (strcmp(e->name, "box") == 0)
        r->box = false;
    if (strcmp(e->name, "label") == 0 && strcmp(e->parent, "box") == 0 && r->box && !r->ignored)
        return gr_marks_word(r->marks, 0, text, err);
    return GR_OK;
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    reader r = {.marks = marks, .folder = gr_path_folder(path)};
    gr_status status = r.folder == NULL ? gr_marks_no_memory(err)
                                        : gr_xml_read(path, &(gr_xml_handler){&r, on_open, on_close}, err);
    gr_free(r.folder);
    return status;
}

gr_status gr_read_dlib(gr_marks *marks, gr_error *err)
{
    marks->sort_names = true;
    return gr_marks_each_file(marks, ".xml", read_file, NULL, err);
}
