/* Gathering: what readers say of pictures, objects and points, in arrays that grow. */
#include "import/marks.h"

#include <math.h>
#include <string.h>

enum { MOST_PICTURES = 10000000, MOST_NAMES = 5000 };

/* Beyond this nothing is a place in a picture. */
static const double far_away = 1e7;

gr_status gr_marks_no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "import: no memory for the annotations");
}

/* Makes room for one more item of `size` bytes; false when memory is short. */
static bool grow(void **items, int64_t count, int64_t *room, size_t size)
{
    if (count < *room)
        return true;
    int64_t wanted = *room > 0 ? 2 * *room : 256;
    void *grown = gr_realloc(*items, (size_t)wanted, size);
    if (grown == NULL)
        return false;
    *items = grown;
    *room = wanted;
    return true;
}

static int64_t add_text(gr_marks *marks, const char *text)
{
    return gr_table_add(&marks->texts, marks->arena, text, strlen(text));
}

/* ---- pictures and objects ---------------------------------------------------------------------------------------------- */

/* The name with slashes, without "./" in front. Lives in `text`. */
static const char *clean_name(gr_text *text, const char *name)
{
    gr_text_add(text, name, strlen(name));
    for (char *c = text->data; !text->failed && *c != '\0'; c++)
        if (*c == '\\')
            *c = '/';
    const char *clean = text->failed ? NULL : text->data;
    while (clean != NULL && gr_starts_with(clean, "./"))
        clean += 2;
    return clean;
}

static gr_status add_picture(gr_marks *marks, const char *folder, const char *name, gr_error *err)
{
    if (!grow((void **)&marks->pictures, marks->picture_count, &marks->picture_room, sizeof *marks->pictures))
        return gr_marks_no_memory(err);
    gr_marked_picture *picture = &marks->pictures[marks->picture_count];
    *picture = (gr_marked_picture){.folder = add_text(marks, folder), .first = -1, .last = -1, .chosen = -1,
                                   .video = -1, .frame = -1};
    picture->name = add_text(marks, name);
    if (picture->folder < 0 || picture->name < 0)
        return gr_marks_no_memory(err);
    marks->picture_count++;
    return GR_OK;
}

gr_status gr_marks_picture(gr_marks *marks, const char *folder, const char *name, double width, double height, gr_error *err)
{
    gr_text clean = {0}, key = {0};
    const char *path = clean_name(&clean, name);
    gr_status status = path == NULL ? gr_marks_no_memory(err) : GR_OK;
    if (status == GR_OK && (path[0] == '\0' || path[strlen(path) - 1] == '/' || !gr_utf8_valid(path, strlen(path))))
        status = gr_fail(err, GR_INVALID, "a picture is called \"%.60s\", which is no file's name", name);
    if (status == GR_OK) {
        gr_text_printf(&key, "%s\x01%s", folder, path);
        int64_t number = key.failed ? -1 : gr_table_add(&marks->files, marks->arena, key.data, key.size);
        if (number < 0)
            status = gr_marks_no_memory(err);
        else if (number == MOST_PICTURES)
            status = gr_fail(err, GR_INVALID, "there are more than %d pictures, the most that are read", MOST_PICTURES);
        else if (number == marks->picture_count)
            status = add_picture(marks, folder, path, err);
        if (status == GR_OK) {
            marks->current = number;
            if (width > 0 && height > 0 && width < far_away && height < far_away) {
                marks->pictures[number].width = width;
                marks->pictures[number].height = height;
            }
        }
    }
    gr_text_free(&key);
    gr_text_free(&clean);
    return status;
}

static gr_status add_object(gr_marks *marks, gr_marked_object made, gr_error *err)
{
    if (!grow((void **)&marks->objects, marks->object_count, &marks->object_room, sizeof *marks->objects))
        return gr_marks_no_memory(err);
    int64_t number = marks->object_count++;
    gr_marked_picture *picture = &marks->pictures[marks->current];
    made.picture = marks->current;
    made.next = -1;
    made.point = marks->point_count;
    made.score = made.box[0] = NAN;
    marks->objects[number] = made;
    if (picture->last >= 0)
        marks->objects[picture->last].next = number;
    else
        picture->first = number;
    picture->last = number;
    return GR_OK;
}

gr_status gr_marks_object(gr_marks *marks, const char *label, const char *individual, gr_error *err)
{
    gr_status status = add_object(marks, (gr_marked_object){.words = {-1, -1, -1, -1}, .group = -1}, err);
    if (status == GR_OK && label != NULL)
        status = gr_marks_word(marks, 0, label, err);
    if (status == GR_OK && individual != NULL)
        status = gr_marks_word(marks, 1, individual, err);
    return status;
}

gr_status gr_marks_loose(gr_marks *marks, int64_t group, gr_error *err)
{
    return add_object(marks, (gr_marked_object){.words = {-1, -1, -1, -1}, .group = group, .loose = true}, err);
}

gr_status gr_marks_word(gr_marks *marks, int which, const char *text, gr_error *err)
{
    int64_t number = add_text(marks, text);
    marks->objects[marks->object_count - 1].words[which] = number;
    return number >= 0 ? GR_OK : gr_marks_no_memory(err);
}

/* ---- coordinates ------------------------------------------------------------------------------------------------------- */

void gr_marks_box(gr_marks *marks, double x, double y, double w, double h)
{
    gr_marked_object *object = &marks->objects[marks->object_count - 1];
    bool good = fabs(x) < far_away && fabs(y) < far_away && w > 0 && h > 0 && w < far_away && h < far_away;
    double shift = marks->origin == GR_ORIGIN_ONE && !marks->shares ? -1 : 0;
    if (good)
        memcpy(object->box, (double[]){x + shift, y + shift, w, h}, sizeof object->box);
    else
        gr_marks_lack(marks, GR_LACK_EMPTY);
}

void gr_marks_corners(gr_marks *marks, double x1, double y1, double x2, double y2)
{
    double more = marks->origin == GR_ORIGIN_CORNER ? 0 : 1; /* the corners are pixels, and the last one counts */
    gr_marks_box(marks, fmin(x1, x2), fmin(y1, y2), fabs(x2 - x1) + more, fabs(y2 - y1) + more);
}

int64_t gr_marks_name(gr_marks *marks, const char *name, gr_error *err)
{
    int64_t before = marks->names.count, number = gr_table_add(&marks->names, marks->arena, name, strlen(name));
    if (number == MOST_NAMES) {
        gr_status failed = gr_fail(err, GR_INVALID, "there are more than %d names of points, the most that are read", MOST_NAMES);
        return failed == GR_OK ? 0 : -1;
    }
    bool grown = number < 0 || number < before || number < marks->name_room;
    if (!grown) {
        int64_t room = marks->name_room > 0 ? 2 * marks->name_room : 64;
        int64_t *seen = gr_realloc(marks->seen, (size_t)room, sizeof *seen);
        if (seen != NULL)
            marks->seen = seen;
        bool *declared = seen != NULL ? gr_realloc(marks->declared, (size_t)room, sizeof *declared) : NULL;
        if (declared != NULL) {
            marks->declared = declared;
            marks->name_room = room;
        }
        grown = declared != NULL;
    }
    if (number < 0 || !grown) {
        gr_status failed = gr_marks_no_memory(err);
        return failed == GR_OK ? 0 : -1;
    }
    if (number == before) {
        marks->seen[number] = -1;
        marks->declared[number] = false;
    }
    return number;
}

int64_t gr_marks_declare(gr_marks *marks, const char *name, gr_error *err)
{
    int64_t number = gr_marks_name(marks, name, err);
    if (number >= 0)
        marks->declared[number] = true;
    return number;
}

gr_status gr_marks_point_of(gr_marks *marks, int64_t name, double x, double y, bool hidden, gr_error *err)
{
    gr_marked_object *object = &marks->objects[marks->object_count - 1];
    if (isnan(x) || isnan(y))
        return GR_OK;
    if (fabs(x) > far_away || fabs(y) > far_away) {
        gr_marks_lack(marks, GR_LACK_POINT_OUT);
        return GR_OK;
    }
    if (marks->seen[name] == marks->object_count) {
        gr_marks_lack(marks, GR_LACK_TWICE);
        return GR_OK;
    }
    marks->seen[name] = marks->object_count;
    if (!grow((void **)&marks->points, marks->point_count, &marks->point_room, sizeof *marks->points))
        return gr_marks_no_memory(err);
    double shift = marks->origin == GR_ORIGIN_CENTRE ? 0.5 : marks->origin == GR_ORIGIN_ONE ? -0.5 : 0;
    if (marks->shares)
        shift = 0; /* they are moved once they are pixels */
    marks->points[marks->point_count++] = (gr_marked_point){x + shift, y + shift, (int32_t)name, hidden};
    object->points++;
    return GR_OK;
}

gr_status gr_marks_point(gr_marks *marks, const char *name, double x, double y, bool hidden, gr_error *err)
{
    int64_t number = gr_marks_name(marks, name, err);
    return number >= 0 ? gr_marks_point_of(marks, number, x, y, hidden, err) : err->status;
}

/* ---- what is not there --------------------------------------------------------------------------------------------------- */

void gr_marks_lack_at(gr_marks *marks, gr_lack lack, const char *place)
{
    if (marks->lacks[lack]++ == 0)
        marks->first[lack] = gr_arena_strdup(marks->arena, place);
}

void gr_marks_lack(gr_marks *marks, gr_lack lack)
{
    if (marks->lacks[lack] > 0)
        marks->lacks[lack]++;
    else
        gr_marks_lack_at(marks, lack, marks->texts.items[marks->pictures[marks->current].name]);
}

void gr_marks_left(gr_marks *marks, const char *kind)
{
    int64_t number = gr_table_find(&marks->left, kind);
    if (number < 0 && marks->left.count < GR_LEFT_KINDS)
        number = gr_table_add(&marks->left, marks->arena, kind, strlen(kind));
    if (number >= 0)
        marks->left_count[number]++;
    else
        marks->left_others++;
}

bool gr_marks_unsure(gr_marks *marks, double score)
{
    bool unsure = score < marks->request->least_score;
    if (unsure)
        gr_marks_lack(marks, GR_LACK_UNSURE);
    return unsure;
}

bool gr_marks_wants(const gr_marks *marks, const char *label)
{
    return marks->request->object_class == NULL || (label != NULL && strcmp(marks->request->object_class, label) == 0);
}

void gr_marks_free(gr_marks *marks)
{
    gr_table_free(&marks->texts);
    gr_table_free(&marks->files);
    gr_table_free(&marks->names);
    gr_table_free(&marks->left);
    gr_free(marks->pictures);
    gr_free(marks->objects);
    gr_free(marks->points);
    gr_free(marks->seen);
    gr_free(marks->declared);
    gr_arena_destroy(marks->arena);
}
