#include "import/yolo_classes.h"

#include <string.h>

#include "formats/yaml.h"

enum { MOST_CLASSES = 10000, FILE_LIMIT = 16 << 20 };

static gr_status refuse(const char *path, int line, const char *what, gr_error *err)
{
    return gr_fail(err, GR_INVALID, "%s:%d: %s", path, line, what);
}

static const gr_yaml *member(const gr_yaml *map, const char *name)
{
    for (int i = 0; map != NULL && map->kind == GR_YAML_MAP && i < map->count; i++)
        if (map->items[2 * i]->kind == GR_YAML_SCALAR && strcmp(map->items[2 * i]->text, name) == 0)
            return map->items[2 * i + 1];
    return NULL;
}

/* A list of names, or a map from their numbers. */
static gr_status read_names(gr_marks *marks, const char *path, const gr_yaml *names, gr_yolo_classes *out, gr_error *err)
{
    bool map = names->kind == GR_YAML_MAP;
    if (names->kind == GR_YAML_SCALAR || names->count > MOST_CLASSES)
        return refuse(path, names->line, "names is no list of at most 10000 classes", err);
    for (int i = 0; i < names->count; i++) {
        const gr_yaml *name = names->items[map ? 2 * i + 1 : i];
        int64_t at = i;
        if (map && (names->items[2 * i]->kind != GR_YAML_SCALAR || !gr_parse_int64(names->items[2 * i]->text, &at) || at < 0 ||
                    at >= MOST_CLASSES))
            return refuse(path, names->line, "names has a key that is no class's number", err);
        if (name->kind != GR_YAML_SCALAR)
            return refuse(path, name->line, "a class has no name", err);
        out->names[at] = gr_arena_strdup(marks->arena, name->text);
        if (out->names[at] == NULL)
            return gr_marks_no_memory(err);
        if (at >= out->count)
            out->count = (int)at + 1;
    }
    return GR_OK;
}

static gr_status set_points(const char *text_of_number, const char *text_of_numbers, gr_yolo_classes *out)
{
    int64_t points, numbers;
    if (!gr_parse_int64(text_of_number, &points) || !gr_parse_int64(text_of_numbers, &numbers) || points < 1 ||
        points > GR_YOLO_POINTS || numbers < 2 || numbers > 3)
        return GR_INVALID;
    out->points = (int)points;
    out->numbers = (int)numbers;
    return GR_OK;
}

/* kpt_names: {0: [nose, ...]}, of newer data sets: those of the first class. */
static gr_status read_point_names(gr_marks *marks, const gr_yaml *root, gr_yolo_classes *out, gr_error *err)
{
    const gr_yaml *names = member(root, "kpt_names");
    if (names != NULL && names->kind == GR_YAML_MAP && names->count > 0)
        names = names->items[1];
    if (names == NULL || names->kind != GR_YAML_LIST || names->count != out->points)
        return GR_OK;
    out->point_names = gr_arena_alloc(marks->arena, (size_t)names->count, sizeof *out->point_names);
    for (int i = 0; out->point_names != NULL && i < names->count; i++) {
        out->point_names[i] = names->items[i]->kind == GR_YAML_SCALAR ? gr_arena_strdup(marks->arena, names->items[i]->text) : NULL;
        if (out->point_names[i] == NULL)
            return names->items[i]->kind == GR_YAML_SCALAR ? gr_marks_no_memory(err) : GR_OK;
    }
    return out->point_names != NULL ? GR_OK : gr_marks_no_memory(err);
}

static gr_status read_yaml(gr_marks *marks, const char *path, const char *text, size_t size, gr_yolo_classes *out, gr_error *err)
{
    const gr_yaml *root;
    gr_status status = gr_yaml_parse(path, text, size, marks->arena, &root, err);
    if (status != GR_OK)
        return status;
    const gr_yaml *names = member(root, "names"), *shape = member(root, "kpt_shape");
    if (names == NULL)
        return gr_fail(err, GR_INVALID, "%s: has no names, a YOLO data set's data.yaml has", path);
    status = read_names(marks, path, names, out, err);
    if (status != GR_OK || shape == NULL)
        return status;
    if (shape->kind != GR_YAML_LIST || shape->count != 2 || shape->items[0]->kind != GR_YAML_SCALAR ||
        shape->items[1]->kind != GR_YAML_SCALAR || set_points(shape->items[0]->text, shape->items[1]->text, out) != GR_OK)
        return refuse(path, shape->line, "kpt_shape is no [points, 2 or 3]", err);
    return read_point_names(marks, root, out, err);
}

static gr_status read_lines(gr_marks *marks, char *text, gr_yolo_classes *out, gr_error *err)
{
    for (char *line = text, *next; line != NULL && out->count < MOST_CLASSES; line = next) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (next == NULL && line[0] == '\0')
            break;
        if (!gr_utf8_valid(line, strlen(line)))
            return gr_fail(err, GR_INVALID, "classes: line %d is not valid UTF-8", out->count + 1);
        out->names[out->count] = gr_arena_strdup(marks->arena, line);
        if (out->names[out->count++] == NULL)
            return gr_marks_no_memory(err);
    }
    return GR_OK;
}

static gr_status read_file(gr_marks *marks, const char *path, gr_yolo_classes *out, gr_error *err)
{
    char *text;
    size_t size;
    gr_status status = gr_file_read(path, FILE_LIMIT, &text, &size, err);
    if (status != GR_OK)
        return status;
    status = gr_ends_with(path, ".yaml") || gr_ends_with(path, ".yml") ? read_yaml(marks, path, text, size, out, err)
                                                                       : read_lines(marks, text, out, err);
    gr_free(text);
    if (status == GR_OK)
        gr_text_printf(marks->said, "classes: %s, %d names\n", path, out->count);
    return status;
}

/* The first of the usual files around the first source, in the arena; NULL: none (or memory is short: *failed). */
static const char *find_file(gr_marks *marks, bool *failed)
{
    static const char *const usual[] = {"data.yaml", "classes.txt", "../data.yaml", "../classes.txt", "../../data.yaml",
                                        "../../classes.txt"};
    const char *source = marks->request->sources[0];
    char *folder = gr_is_folder(source) ? gr_strdup(source) : gr_path_folder(source);
    const char *found = NULL;
    *failed = folder == NULL;
    for (size_t i = 0; !*failed && found == NULL && i < sizeof usual / sizeof *usual; i++) {
        const char *path = gr_arena_printf(marks->arena, "%s/%s", folder, usual[i]);
        *failed = path == NULL;
        if (path != NULL && gr_path_exists(path))
            found = path;
    }
    gr_free(folder);
    return found;
}

gr_status gr_yolo_classes_find(gr_marks *marks, gr_yolo_classes *out, gr_error *err)
{
    bool failed = false;
    *out = (gr_yolo_classes){.names = gr_arena_alloc(marks->arena, MOST_CLASSES, sizeof *out->names)};
    const char *path = marks->request->classes != NULL ? marks->request->classes : find_file(marks, &failed);
    if (out->names == NULL || failed)
        return gr_marks_no_memory(err);
    gr_status status = GR_OK;
    if (path != NULL)
        status = read_file(marks, path, out, err);
    else
        gr_text_printf(marks->said, "notice: neither data.yaml nor classes.txt is there: classes are called by their numbers\n");
    const char *points = marks->request->points, *x = points != NULL ? strchr(points, 'x') : NULL;
    if (status == GR_OK && points != NULL) {
        char count[12] = "";
        if (x != NULL && x - points < (int)sizeof count)
            memcpy(count, points, (size_t)(x - points));
        if (x == NULL || set_points(count, x + 1, out) != GR_OK)
            status = gr_fail(err, GR_INVALID, "--points: \"%.40s\" is not known; 17x3 would be right, or 17x2", points);
    }
    return status;
}
