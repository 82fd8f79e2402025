/* One object for each picture: the largest of those that are wanted, with the loose points that belong to it. */
#include "import/marks.h"

#include <math.h>
#include <string.h>

static bool has_box(const gr_marked_object *object)
{
    return !isnan(object->box[0]);
}

/* The area of the box, or of that around the points. */
static double area_of(const gr_marks *marks, const gr_marked_object *object)
{
    if (has_box(object))
        return object->box[2] * object->box[3];
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (int64_t i = object->point; i < object->point + object->points; i++) {
        const gr_marked_point *point = &marks->points[i];
        low[0] = fmin(low[0], point->x);
        low[1] = fmin(low[1], point->y);
        high[0] = fmax(high[0], point->x);
        high[1] = fmax(high[1], point->y);
    }
    return object->points > 0 ? (high[0] - low[0]) * (high[1] - low[1]) : -1;
}

static bool is_wanted(const gr_marked_object *object, const int64_t wanted[2])
{
    for (int i = 0; i < 2; i++)
        if (wanted[i] >= 0 && object->words[i] != wanted[i])
            return false;
    return true;
}

/* The picture's largest wanted object. */
static void choose(gr_marks *marks, gr_marked_picture *picture, const int64_t wanted[2])
{
    int64_t fit = 0, others = 0, all = 0;
    double largest = -1;
    for (int64_t i = picture->first; i >= 0; i = marks->objects[i].next) {
        const gr_marked_object *object = &marks->objects[i];
        all += !object->loose;
        if (object->loose || (!has_box(object) && object->points == 0))
            continue;
        if (!is_wanted(object, wanted)) {
            others++;
            continue;
        }
        double area = area_of(marks, object);
        fit++;
        if (area > largest) {
            largest = area;
            picture->chosen = i;
        }
    }
    picture->alone = all <= 1;
    for (int64_t i = 1; i < fit; i++)
        gr_marks_lack(marks, GR_LACK_OBJECTS);
    if (fit == 0 && others > 0)
        gr_marks_lack(marks, GR_LACK_CHOSEN);
}

/* A picture that has loose points alone gets an object for them, at the end of its list. */
static gr_status add_stage(gr_marks *marks, gr_marked_picture *picture, gr_error *err)
{
    bool loose = false, other = false;
    for (int64_t i = picture->first; i >= 0; i = marks->objects[i].next)
        *(marks->objects[i].loose ? &loose : &other) = true;
    if (!loose || other || marks->request->object_class != NULL || marks->request->individual != NULL)
        return GR_OK;
    gr_status status = gr_marks_object(marks, NULL, NULL, err);
    if (status == GR_OK) {
        picture->chosen = marks->object_count - 1;
        picture->alone = true;
    }
    return status;
}

static bool holds(const gr_marked_object *object, const gr_marked_point *point)
{
    const double *box = object->box;
    return has_box(object) && point->x >= box[0] && point->x <= box[0] + box[2] && point->y >= box[1] &&
           point->y <= box[1] + box[3];
}

/* Does a loose point belong to the object that was chosen? Its group says so, or it is the only object, or its box holds it. */
bool gr_marks_belongs(const gr_marks *marks, const gr_marked_picture *picture, const gr_marked_object *loose,
                      const gr_marked_point *point)
{
    const gr_marked_object *chosen = &marks->objects[picture->chosen];
    if (loose->group >= 0 && chosen->group >= 0)
        return loose->group == chosen->group;
    return picture->alone || holds(chosen, point);
}

/* Which names have a point in a chosen object. */
static void use_names(const gr_marks *marks, bool *used)
{
    for (int64_t p = 0; p < marks->picture_count; p++) {
        const gr_marked_picture *picture = &marks->pictures[p];
        if (picture->chosen < 0)
            continue;
        for (int64_t i = picture->first; i >= 0; i = marks->objects[i].next) {
            const gr_marked_object *object = &marks->objects[i];
            for (int64_t k = object->point; k < object->point + object->points; k++)
                if (i == picture->chosen || (object->loose && gr_marks_belongs(marks, picture, object, &marks->points[k])))
                    used[marks->points[k].name] = true;
        }
    }
}

/* ---- landmarks --------------------------------------------------------------------------------------------------------- */

static gr_status add_wanted(gr_marks *marks, const char *line, int64_t number, gr_error *err)
{
    int64_t name = gr_table_find(&marks->names, line);
    if (name < 0) {
        const char *near = gr_nearest(line, marks->names.items, (size_t)marks->names.count);
        return gr_fail(err, GR_INVALID, "%s:%lld: no point is called \"%.60s\"%s%.60s", marks->request->names, (long long)number,
                       line, near != NULL ? ", did you mean " : "", near != NULL ? near : "");
    }
    for (int i = 0; i < marks->landmark_count; i++)
        if (marks->landmarks[i] == name)
            return gr_fail(err, GR_INVALID, "%s:%lld: \"%.60s\" is there twice", marks->request->names, (long long)number, line);
    marks->landmarks[marks->landmark_count++] = name;
    return GR_OK;
}

/* --names: a name a line, or the table that another import wrote. */
static gr_status read_wanted(gr_marks *marks, gr_error *err)
{
    char *text;
    size_t size;
    gr_status status = gr_file_read(marks->request->names, 1 << 20, &text, &size, err);
    if (status != GR_OK)
        return status;
    bool table = gr_starts_with(text, "landmark,name");
    int64_t number = 0;
    for (char *line = text, *next; status == GR_OK && line != NULL; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        number++;
        char *comma = table ? strchr(line, ',') : NULL;
        const char *name = comma != NULL ? comma + 1 : line;
        if (name[0] != '\0' && !(table && number == 1))
            status = add_wanted(marks, name, number, err);
    }
    gr_free(text);
    if (status == GR_OK && marks->landmark_count == 0)
        status = gr_fail(err, GR_INVALID, "%s: holds no name", marks->request->names);
    return status;
}

static gr_status choose_landmarks(gr_marks *marks, gr_error *err)
{
    int64_t names = marks->names.count;
    marks->landmarks = gr_arena_alloc(marks->arena, (size_t)names + 1, sizeof *marks->landmarks);
    bool *used = gr_alloc((size_t)names + 1, sizeof *used);
    int64_t *order = marks->sort_names ? gr_names_sort(marks->names.items, names) : NULL;
    gr_status status = marks->landmarks == NULL || used == NULL || (marks->sort_names && order == NULL)
                           ? gr_marks_no_memory(err)
                           : GR_OK;
    if (status == GR_OK && marks->request->names != NULL)
        status = read_wanted(marks, err);
    else if (status == GR_OK) {
        use_names(marks, used);
        for (int64_t i = 0; i < names; i++) {
            int64_t name = order != NULL ? order[i] : i;
            if (used[name] || marks->declared[name])
                marks->landmarks[marks->landmark_count++] = name;
        }
    }
    gr_free(order);
    gr_free(used);
    return status;
}

/* ---- wanted words -------------------------------------------------------------------------------------------------------- */

/* The number of the text that --class or --individual wants; -1: none. `which`: 0 or 1. */
static gr_status find_wanted(const gr_marks *marks, const char *option, const char *text, int which, int64_t *out, gr_error *err)
{
    *out = text != NULL ? gr_table_find(&marks->texts, text) : -1;
    if (text == NULL)
        return GR_OK;
    const char **have = gr_alloc(GR_LEFT_KINDS, sizeof *have);
    size_t count = 0;
    if (have == NULL)
        return gr_marks_no_memory(err);
    bool found = false;
    for (int64_t i = 0; i < marks->object_count && !found; i++) {
        int64_t word = marks->objects[i].words[which];
        found = word >= 0 && word == *out;
        bool known = word < 0;
        for (size_t k = 0; k < count && !known; k++)
            known = have[k] == marks->texts.items[word];
        if (!known && count < GR_LEFT_KINDS)
            have[count++] = marks->texts.items[word];
    }
    gr_status status = GR_OK;
    if (!found) {
        const char *near = gr_nearest(text, have, count);
        status = gr_fail(err, GR_INVALID, "import: %s: nothing is called \"%.60s\"%s%.60s", option, text,
                         near != NULL ? ", did you mean "
                         : count > 0  ? "; there is "
                                      : "; the annotations have no such names",
                         near != NULL ? near
                         : count > 0  ? have[0]
                                      : "");
    }
    gr_free(have);
    return status;
}

gr_status gr_marks_choose(gr_marks *marks, gr_error *err)
{
    int64_t wanted[2];
    gr_status status = find_wanted(marks, "--class", marks->request->object_class, 0, &wanted[0], err);
    if (status == GR_OK)
        status = find_wanted(marks, "--individual", marks->request->individual, 1, &wanted[1], err);
    for (int64_t i = 0; status == GR_OK && i < marks->picture_count; i++) {
        marks->current = i;
        choose(marks, &marks->pictures[i], wanted);
        if (marks->pictures[i].chosen < 0)
            status = add_stage(marks, &marks->pictures[i], err);
    }
    return status == GR_OK ? choose_landmarks(marks, err) : status;
}
