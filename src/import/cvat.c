/* CVAT's own .xml, for images (shapes inside <image>) and for videos (shapes with a frame inside <track>). A box has its unturned
 * corners and a rotation about its middle; a shape with outside="1" is not there, whatever its coordinates. */
#include <math.h>
#include <string.h>

#include "formats/xml.h"
#include "import/importers.h"

enum { MOST_POINTS = 5000 };

typedef struct reader {
    gr_marks *marks;
    const char *path;
    char *folder;
    const char *source;            /* of a video: its name */
    const char *label, *track;     /* of the track under way; NULL: none */
    bool picture;                  /* one is under way */
    bool skeleton, skeleton_there; /* one is under way, and is not outside */
} reader;

static bool is_set(const gr_xml_element *e, const char *name)
{
    const char *text = gr_xml_attribute(e, name);
    return text != NULL && strcmp(text, "1") == 0;
}

static gr_status missing(const gr_xml_element *e, const char *what, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s:%lld: <%s> has no %s", e->path, (long long)e->line, e->name, what);
}

static gr_status open_image(reader *r, const gr_xml_element *e, gr_error *err)
{
    double width, height;
    const char *name = gr_xml_attribute(e, "name");
    if (name == NULL)
        return missing(e, "name", err);
    gr_status status = gr_xml_number(e, "width", &width, err);
    if (status == GR_OK)
        status = gr_xml_number(e, "height", &height, err);
    if (status == GR_OK)
        status = gr_marks_picture(r->marks, r->folder, name, width, height, err);
    r->picture = status == GR_OK;
    return status;
}

static gr_status open_track(reader *r, const gr_xml_element *e, gr_error *err)
{
    const char *label = gr_xml_attribute(e, "label"), *id = gr_xml_attribute(e, "id");
    if (label == NULL || id == NULL)
        return missing(e, label == NULL ? "label" : "id", err);
    r->label = gr_arena_strdup(r->marks->arena, label);
    r->track = gr_arena_strdup(r->marks->arena, id);
    return r->label != NULL && r->track != NULL ? GR_OK : gr_marks_no_memory(err);
}

/* The frame of a shape that stands right inside a track becomes the picture under way. */
static gr_status open_frame(reader *r, const gr_xml_element *e, gr_error *err)
{
    double frame;
    gr_status status = gr_xml_number(e, "frame", &frame, err);
    if (status != GR_OK)
        return status;
    if (!(frame >= 0 && frame < 1e12))
        return missing(e, "frame from 0", err);
    status = gr_marks_frame(r->marks, r->folder, r->source != NULL ? r->source : "video", (int64_t)frame, err);
    r->picture = status == GR_OK;
    return status;
}

static gr_status begin_object(reader *r, const gr_xml_element *e, gr_error *err)
{
    const char *label = gr_xml_attribute(e, "label");
    gr_status status = gr_marks_object(r->marks, label != NULL ? label : r->label, r->track, err);
    const char *group = gr_xml_attribute(e, "group_id");
    int64_t number;
    if (status == GR_OK && group != NULL && gr_parse_int64(group, &number) && number > 0)
        r->marks->objects[r->marks->object_count - 1].group = number;
    return status;
}

/* A box; where it is turned, the upright one around it. */
static gr_status open_box(reader *r, const gr_xml_element *e, gr_error *err)
{
    static const char *const corners[4] = {"xtl", "ytl", "xbr", "ybr"};
    double c[4], degrees = 0;
    gr_status status = GR_OK;
    if (is_set(e, "outside")) {
        gr_marks_lack(r->marks, GR_LACK_ABSENT);
        return GR_OK;
    }
    for (int i = 0; status == GR_OK && i < 4; i++)
        status = gr_xml_number(e, corners[i], &c[i], err);
    if (status == GR_OK && gr_xml_attribute(e, "rotation") != NULL)
        status = gr_xml_number(e, "rotation", &degrees, err);
    if (status == GR_OK)
        status = begin_object(r, e, err);
    if (status != GR_OK)
        return status;
    if (degrees != 0) {
        double radians = degrees * (acos(-1.0) / 180), co = fabs(cos(radians)), si = fabs(sin(radians));
        double w = c[2] - c[0], h = c[3] - c[1], x = (c[0] + c[2]) / 2, y = (c[1] + c[3]) / 2;
        double half_w = (w * co + h * si) / 2, half_h = (w * si + h * co) / 2;
        gr_marks_lack(r->marks, GR_LACK_TURNED);
        gr_marks_corners(r->marks, x - half_w, y - half_h, x + half_w, y + half_h);
    } else
        gr_marks_corners(r->marks, c[0], c[1], c[2], c[3]);
    return GR_OK;
}

/* "x,y;x,y": a point is called by its label, several by its label and a number. */
static gr_status put_points(reader *r, const gr_xml_element *e, const char *label, const char *text, gr_error *err)
{
    bool hidden = is_set(e, "occluded"), several = strchr(text, ';') != NULL;
    gr_status status = GR_OK;
    for (int i = 1; status == GR_OK && *text != '\0'; i++) {
        char pair[100], name[300];
        size_t length = strcspn(text, ";");
        double x, y;
        snprintf(pair, sizeof pair, "%.*s", length < 99 ? (int)length : 99, text);
        char *comma = strchr(pair, ',');
        if (comma != NULL)
            *comma = '\0';
        if (comma == NULL || length > 99 || i > MOST_POINTS || !gr_parse_double(pair, &x) || !gr_parse_double(comma + 1, &y))
            return gr_fail(err, GR_INVALID, "%s:%lld: points=\"%.60s\" are no pairs such as 1.5,2.5;3.0,4.0", e->path,
                           (long long)e->line, text);
        snprintf(name, sizeof name, several ? "%.250s_%d" : "%.290s", label, i);
        status = gr_marks_point(r->marks, name, x, y, hidden, err);
        text += length + (text[length] == ';');
    }
    return status;
}

static gr_status open_points(reader *r, const gr_xml_element *e, gr_error *err)
{
    const char *label = gr_xml_attribute(e, "label"), *points = gr_xml_attribute(e, "points");
    label = label != NULL ? label : r->label;
    if (label == NULL || points == NULL)
        return missing(e, label == NULL ? "label" : "points", err);
    if (is_set(e, "outside") || (r->skeleton && !r->skeleton_there)) {
        gr_marks_lack(r->marks, GR_LACK_ABSENT);
        return GR_OK;
    }
    gr_status status = GR_OK;
    if (!r->skeleton) {
        int64_t group = 0;
        const char *text = gr_xml_attribute(e, "group_id");
        if (text != NULL && !gr_parse_int64(text, &group))
            group = 0;
        status = gr_marks_loose(r->marks, group > 0 ? group : -1, err);
    }
    return status == GR_OK ? put_points(r, e, label, points, err) : status;
}

static gr_status open_shape(reader *r, const gr_xml_element *e, gr_error *err)
{
    static const char *const others[] = {"polygon", "polyline", "mask", "ellipse", "cuboid", "tag"};
    gr_status status = GR_OK;
    bool skeleton = strcmp(e->name, "skeleton") == 0;
    if (strcmp(e->parent, "track") == 0)
        status = open_frame(r, e, err);
    if (status != GR_OK)
        return status;
    if (!r->picture)
        return gr_fail(err, GR_INVALID, "%s:%lld: <%s> stands outside of <image> and <track>", e->path, (long long)e->line,
                       e->name);
    if (strcmp(e->name, "box") == 0)
        return open_box(r, e, err);
    if (strcmp(e->name, "points") == 0)
        return open_points(r, e, err);
    if (skeleton) {
        r->skeleton = true;
        r->skeleton_there = !is_set(e, "outside");
        return r->skeleton_there ? begin_object(r, e, err) : GR_OK;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(e->name, others[i]) == 0)
            gr_marks_left(r->marks, others[i]);
    return GR_OK;
}

static gr_status on_open(void *ctx, const gr_xml_element *e, gr_error *err)
{
    reader *r = ctx;
    if (e->depth == 1 && strcmp(e->name, "annotations") != 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: begins with <%.40s>, CVAT's <annotations> would be right", e->path,
                       (long long)e->line, e->name);
    if (e->depth == 2 && strcmp(e->name, "image") == 0)
        return open_image(r, e, err);
    if (e->depth == 2 && strcmp(e->name, "track") == 0)
        return open_track(r, e, err);
    if (strcmp(e->name, "attribute") == 0 && e->depth > 3)
        gr_marks_left(r->marks, "attribute");
    bool inside = strcmp(e->parent, "image") == 0 || strcmp(e->parent, "track") == 0 || strcmp(e->parent, "skeleton") == 0;
    return e->depth >= 3 && inside && strcmp(e->name, "attribute") != 0 ? open_shape(r, e, err) : GR_OK;
}

/* A video's name without its ending. */
static gr_status take_source(reader *r, const char *text, gr_error *err)
{
    const char *slash = strrchr(text, '/'), *name = slash != NULL ? slash + 1 : text, *dot = strrchr(name, '.');
    r->source = gr_arena_strndup(r->marks->arena, name, dot != NULL && dot > name ? (size_t)(dot - name) : strlen(name));
    return r->source != NULL ? GR_OK : gr_marks_no_memory(err);
}

static gr_status on_close(void *ctx, const gr_xml_element *e, const char *text, gr_error *err)
{
    reader *r = ctx;
    if (strcmp(e->name, "source") == 0 && e->depth <= 4 && text[0] != '\0')
        return take_source(r, text, err);
    if (e->depth == 2) {
        r->picture = false;
        r->label = r->track = NULL;
    }
    if (strcmp(e->name, "skeleton") == 0)
        r->skeleton = false;
    return GR_OK;
}

static gr_status read_file(gr_marks *marks, const char *path, void *ctx, gr_error *err)
{
    (void)ctx;
    reader r = {.marks = marks, .path = path, .folder = gr_path_folder(path)};
    gr_status status = r.folder == NULL ? gr_marks_no_memory(err)
                                        : gr_xml_read(path, &(gr_xml_handler){&r, on_open, on_close}, err);
    gr_free(r.folder);
    return status;
}

gr_status gr_read_cvat(gr_marks *marks, gr_error *err)
{
    return gr_marks_each_file(marks, ".xml", read_file, NULL, err);
}
