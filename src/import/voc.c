/* Pascal VOC: an .xml for each picture. Pixels count from 1 and both corners of a box are pixels of it. */
#include <math.h>
#include <string.h>

#include "formats/xml.h"
#include "import/importers.h"

enum { CORNERS = 4 };
static const char *const corner_names[CORNERS] = {"xmin", "ymin", "xmax", "ymax"};

/* A file: its objects wait until its end, as the picture's name and size may stand behind them. */
typedef struct object {
    const char *label;
    double corners[CORNERS]; /* NaN: not there */
} object;

typedef struct reader {
    gr_marks *marks;
    const char *file; /* of the picture */
    double width, height;
    object *objects; /* [count], used again for every file */
    int64_t count, room;
} reader;

static gr_status add_object(reader *r, gr_error *err)
{
    if (r->count == r->room) {
        int64_t room = r->room > 0 ? 2 * r->room : 64;
        object *grown = gr_realloc(r->objects, (size_t)room, sizeof *grown);
        if (grown == NULL)
            return gr_marks_no_memory(err);
        r->objects = grown;
        r->room = room;
    }
    r->objects[r->count++] = (object){NULL, {NAN, NAN, NAN, NAN}};
    return GR_OK;
}

static gr_status on_open(void *ctx, const gr_xml_element *e, gr_error *err)
{
    reader *r = ctx;
    if (e->depth == 1 && strcmp(e->name, "annotation") != 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: begins with <%.40s>, Pascal VOC's <annotation> would be right", e->path,
                       (long long)e->line, e->name);
    if (e->depth == 3 && strcmp(e->parent, "object") == 0 && strcmp(e->name, "part") == 0)
        gr_marks_left(r->marks, "part");
    return e->depth == 2 && strcmp(e->name, "object") == 0 ? add_object(r, err) : GR_OK;
}

static gr_status take_number(const gr_xml_element *e, const char *text, double *out, gr_error *err)
{
    if (gr_parse_double(text, out))
        return GR_OK;
    return gr_fail(err, GR_INVALID, "%s:%lld: <%s> is \"%.40s\", a number would be right", e->path, (long long)e->line, e->name,
                   text);
}

static gr_status on_close(void *ctx, const gr_xml_element *e, const char *text, gr_error *err)
{
    reader *r = ctx;
    if (e->depth == 2 && strcmp(e->name, "filename") == 0) {
        r->file = gr_arena_strdup(r->marks->arena, text);
        return r->file != NULL ? GR_OK : gr_marks_no_memory(err);
    }
    if (e->depth == 3 && strcmp(e->parent, "size") == 0 && strcmp(e->name, "width") == 0)
        return take_number(e, text, &r->width, err);
    if (e->depth == 3 && strcmp(e->parent, "size") == 0 && strcmp(e->name, "height") == 0)
        return take_number(e, text, &r->height, err);
    object *last = r->count > 0 ? &r->objects[r->count - 1] : NULL;
    if (e->depth == 3 && strcmp(e->parent, "object") == 0 && strcmp(e->name, "name") == 0) {
        last->label = gr_arena_strdup(r->marks->arena, text);
        return last->label != NULL ? GR_OK : gr_marks_no_memory(err);
    }
    for (int i = 0; last != NULL && e->depth == 4 && strcmp(e->parent, "bndbox") == 0 && i < CORNERS; i++)
        if (strcmp(e->name, corner_names[i]) == 0)
            return take_number(e, text, &last->corners[i], err);
    return GR_OK;
}

/* The picture's name; that of the file where it has none. An ending may be missing. */
static gr_status put_picture(reader *r, const char *path, gr_error *err)
{
    const char *slash = strrchr(path, '/'), *own = slash != NULL ? slash + 1 : path;
    char *folder = gr_path_folder(path);
    gr_text name = {0};
    if (r->file != NULL && r->file[0] != '\0')
        gr_text_printf(&name, "%s%s", r->file, strrchr(r->file, '.') == NULL ? ".*" : "");
    else
        gr_text_printf(&name, "%.*s.*", (int)(strlen(own) > 4 ? strlen(own) - 4 : strlen(own)), own);
    gr_status status = folder == NULL || name.failed ? gr_marks_no_memory(err)
                                                     : gr_marks_picture(r->marks, folder, name.data, r->width, r->height, err);
    gr_text_free(&name);
    gr_free(folder);
    return status;
}

static gr_status put_object(reader *r, const object *o, const char *path, gr_error *err)
{
    const double *c = o->corners;
    gr_status status = gr_marks_object(r->marks, o->label, NULL, err);
    for (int i = 0; status == GR_OK && i < CORNERS; i++)
        if (isnan(c[i]))
            status = gr_fail(err, GR_INVALID, "%s: an object has no %s in its bndbox", path, corner_names[i]);
    if (status == GR_OK) {
        gr_marks_corners(r->marks, c[0], c[1], c[2], c[3]);
        if (r->marks->origin == GR_ORIGIN_ONE && (c[0] == 1 || c[1] == 1))
            gr_marks_lack(r->marks, GR_LACK_ONE);
    }
    return status;
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    reader *r = ctx;
    r->marks = marks;
    r->file = NULL;
    r->width = r->height = 0;
    r->count = 0;
    gr_status status = gr_xml_read(path, &(gr_xml_handler){r, on_open, on_close}, err);
    if (status == GR_OK)
        status = put_picture(r, path, err);
    for (int64_t i = 0; status == GR_OK && i < r->count; i++)
        status = put_object(r, &r->objects[i], path, err);
    return status;
}

gr_status gr_read_voc(gr_marks *marks, gr_error *err)
{
    reader r = {.marks = marks};
    gr_status status = gr_marks_each_file(marks, ".xml", read_file, &r, err);
    gr_free(r.objects);
    return status;
}
