/* Sets of descriptors: a YAML map of `landmarks`, of `units` (which landmarks tell of an action unit) and of `descriptors`, each
 * with a name, an action unit and what it measures. */
#include "grimace/descriptor_sets.h"

#include <string.h>

#include "base/base.h"
#include "config/descriptor_texts.h"
#include "formats/yaml.h"

enum { FILE_LIMIT = 1 << 20, LANDMARKS_MAX = 10000 };

struct gr_descriptor_file {
    gr_arena *arena;
    const char *path; /* as sentences call it */
    gr_descriptor_set set;
};

/* ---- one descriptor -------------------------------------------------------------------------------------------------- */

static gr_status refuse(const gr_descriptor_file *f, int line, gr_error *err, const char *key, const char *what)
{
    return gr_fail(err, GR_INVALID, "%s:%d: %.80s: %s", f->path, line, key, what);
}

static gr_status no_memory(const gr_descriptor_file *f, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its descriptors", f->path);
}

typedef struct corners {
    int least, most;
    const char *example;
} corners;

static const corners corners_of[GR_DESCRIPTOR_KINDS] = {
    [GR_DESCRIPTOR_ANGLE] = {3, 3,
                             "an angle is three landmarks such as [1, 2, 3], measured at the second, or a list of such"},
    [GR_DESCRIPTOR_DISTANCE] = {2, 2, "a distance is two landmarks such as [1, 2], or a list of such"},
    [GR_DESCRIPTOR_AREA] = {3, GR_DESCRIPTOR_CORNERS,
                            "an area is three to eight landmarks such as [1, 2, 3, 4], in turn, or a list of such"},
};

static bool read_points(const gr_yaml *node, const corners *c, int *points, int *count)
{
    if (node->kind != GR_YAML_LIST || node->count < c->least || node->count > c->most)
        return false;
    for (int i = 0; i < node->count; i++) {
        int64_t number = 0;
        const gr_yaml *item = node->items[i];
        if (item->kind != GR_YAML_SCALAR || !item->plain || !gr_parse_int64(item->text, &number) || number < 1 ||
            number > LANDMARKS_MAX)
            return false;
        points[i] = (int)number - 1;
    }
    *count = node->count;
    return true;
}

/* [1, 2], or [[1, 2], [3, 4]]. */
static bool is_many(const gr_yaml *node)
{
    return node->kind == GR_YAML_LIST && node->count > 0 && node->items[0]->kind == GR_YAML_LIST;
}

static gr_status read_parts(const gr_descriptor_file *f, const gr_yaml *what, const gr_yaml *over, gr_descriptor *d,
                            gr_error *err)
{
    const corners *c = &corners_of[d->kind];
    d->parts = is_many(what) ? what->count : 1;
    int overs = over == NULL ? 0 : is_many(over) ? over->count : 1;
    if (d->parts > GR_DESCRIPTOR_PARTS)
        return refuse(f, d->line, err, d->name, "is a mean of more than 16");
    if (overs > 1 && overs != d->parts)
        return refuse(f, d->line, err, d->name,
                      "`over` has another number of items; one for all, or one for each, would be right");
    gr_descriptor_part *part = gr_arena_alloc(f->arena, (size_t)d->parts, sizeof *part);
    if (part == NULL)
        return no_memory(f, err);
    d->part = part;
    for (int p = 0; p < d->parts; p++) {
        if (!read_points(is_many(what) ? what->items[p] : what, c, part[p].points, &part[p].corners) ||
            (over != NULL && !read_points(overs > 1 || is_many(over) ? over->items[overs > 1 ? p : 0] : over, c,
                                          part[p].over, &part[p].over_corners)))
            return refuse(f, d->line, err, d->name, c->example);
    }
    return GR_OK;
}

/* The texts and nodes of a descriptor's keys. */
typedef struct fields {
    const gr_yaml *name, *unit, *over, *what[GR_DESCRIPTOR_KINDS];
} fields;

static gr_status find_fields(const gr_descriptor_file *f, const gr_yaml *node, fields *found, gr_error *err)
{
    if (node->kind != GR_YAML_MAP)
        return refuse(f, node->line, err, "descriptors",
                      "each is a map such as {name: mouth, unit: muzzle_tension, angle: [1, 2, 3]}");
    for (int i = 0; i < node->count; i++) {
        const char *key = node->items[2 * i]->kind == GR_YAML_SCALAR ? node->items[2 * i]->text : "";
        const gr_yaml *value = node->items[2 * i + 1];
        const gr_yaml **to = strcmp(key, "name") == 0   ? &found->name
                             : strcmp(key, "unit") == 0 ? &found->unit
                             : strcmp(key, "over") == 0 ? &found->over
                                                        : NULL;
        for (int k = 0; k < GR_DESCRIPTOR_KINDS && to == NULL; k++)
            to = strcmp(key, gr_descriptor_kind_name((gr_descriptor_kind)k)) == 0 ? &found->what[k] : NULL;
        if (to == NULL)
            return refuse(f, node->items[2 * i]->line, err, key,
                          "is no key of a descriptor; name, unit, over and one of angle, distance and area are");
        *to = value;
    }
    return GR_OK;
}

/* A column's name: what a table and a command line take as it is. */
static bool is_name(const gr_yaml *node)
{
    if (node == NULL || node->kind != GR_YAML_SCALAR || node->text[0] == '\0' || strlen(node->text) > 60)
        return false;
    return strspn(node->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == strlen(node->text);
}

static gr_status read_descriptor(const gr_descriptor_file *f, const gr_yaml *node, gr_descriptor *d, gr_error *err)
{
    fields found = {0};
    gr_status status = find_fields(f, node, &found, err);
    if (status != GR_OK)
        return status;
    d->line = node->line;
    if (!is_name(found.name))
        return refuse(f, node->line, err, "name", "each descriptor needs one of letters, digits, _, - and .");
    d->name = found.name->text;
    d->unit = found.unit != NULL && found.unit->kind == GR_YAML_SCALAR ? found.unit->text : "";
    if (found.unit != NULL && found.unit->kind != GR_YAML_SCALAR)
        return refuse(f, node->line, err, d->name, "`unit` is the name of an action unit");
    const gr_yaml *what = NULL;
    for (int k = 0; k < GR_DESCRIPTOR_KINDS; k++) {
        if (found.what[k] == NULL)
            continue;
        if (what != NULL)
            return refuse(f, node->line, err, d->name, "measures two things; angle, distance or area would be right");
        d->kind = (gr_descriptor_kind)k;
        what = found.what[k];
    }
    if (what == NULL)
        return refuse(f, node->line, err, d->name, "measures nothing; angle, distance or area would be right");
    bool ratio = d->kind != GR_DESCRIPTOR_ANGLE;
    if (ratio != (found.over != NULL))
        return refuse(f, node->line, err, d->name,
                      ratio ? "is no ratio; `over`, what it is divided by, would be right"
                            : "is an angle, which has no `over`");
    return read_parts(f, what, found.over, d, err);
}

/* ---- the set --------------------------------------------------------------------------------------------------------- */

static gr_status read_landmarks(gr_descriptor_file *f, const gr_yaml *node, gr_error *err)
{
    int64_t count = 0;
    if (node->kind != GR_YAML_SCALAR || !node->plain || !gr_parse_int64(node->text, &count) || count < 2 ||
        count > LANDMARKS_MAX)
        return refuse(f, node->line, err, "landmarks", "is no number of landmarks from 2 to 10000");
    f->set.landmarks = (int)count;
    return GR_OK;
}

static gr_status read_descriptors(gr_descriptor_file *f, const gr_yaml *node, gr_error *err)
{
    if (node->kind != GR_YAML_LIST || node->count < 1 || node->count > GR_DESCRIPTORS_MAX)
        return refuse(f, node->line, err, "descriptors", "is no list of 1 to 1000 descriptors");
    gr_descriptor *items = gr_arena_alloc(f->arena, (size_t)node->count, sizeof *items);
    if (items == NULL)
        return no_memory(f, err);
    f->set.items = items;
    for (int i = 0; i < node->count; i++) {
        gr_status status = read_descriptor(f, node->items[i], &items[i], err);
        if (status != GR_OK)
            return status;
        for (int j = 0; j < i; j++)
            if (strcmp(items[i].name, items[j].name) == 0)
                return refuse(f, items[i].line, err, items[i].name,
                              "is the name of two descriptors; another one would be right");
        f->set.count = i + 1;
    }
    return GR_OK;
}

/* ---- action units ---------------------------------------------------------------------------------------------------- */

static gr_status read_unit(gr_descriptor_file *f, const gr_yaml *name, const gr_yaml *list, gr_descriptor_unit *unit,
                           gr_error *err)
{
    if (!is_name(name))
        return refuse(f, name->line, err, "units", "each has a name of letters, digits, _, - and .");
    if (list->kind != GR_YAML_LIST || list->count < 1)
        return refuse(f, name->line, err, name->text, "is no list of landmarks such as [1, 2, 3]");
    int *points = gr_arena_alloc(f->arena, (size_t)list->count, sizeof *points);
    if (points == NULL)
        return no_memory(f, err);
    for (int i = 0; i < list->count; i++) {
        const gr_yaml *item = list->items[i];
        int64_t number = 0;
        if (item->kind != GR_YAML_SCALAR || !item->plain || !gr_parse_int64(item->text, &number) || number < 1 ||
            number > LANDMARKS_MAX || (i > 0 && number - 1 <= points[i - 1]))
            return refuse(f, item->line, err, name->text, "is no list of landmarks such as [1, 2, 3], each once and in order");
        points[i] = (int)number - 1;
    }
    *unit = (gr_descriptor_unit){.name = name->text, .count = list->count, .points = points};
    return GR_OK;
}

static gr_status read_units(gr_descriptor_file *f, const gr_yaml *node, gr_error *err)
{
    if (node->kind != GR_YAML_MAP || node->count < 1 || node->count > GR_DESCRIPTORS_MAX)
        return refuse(f, node->line, err, "units", "is no map such as {ears: [1, 2, 3], eyes: [4, 5]}");
    gr_descriptor_unit *units = gr_arena_alloc(f->arena, (size_t)node->count, sizeof *units);
    gr_status status = units != NULL ? GR_OK : no_memory(f, err);
    for (int i = 0; status == GR_OK && i < node->count; i++)
        status = read_unit(f, node->items[2 * i], node->items[2 * i + 1], &units[i], err);
    f->set.units = units;
    f->set.unit_count = status == GR_OK ? node->count : 0;
    return status;
}

static void mark(const int *points, int count, bool *used)
{
    for (int i = 0; i < count; i++)
        used[points[i]] = true;
}

/* The landmarks of all descriptors of the unit. */
static gr_status gather_unit(gr_descriptor_file *f, gr_descriptor_unit *unit, bool *used, gr_error *err)
{
    memset(used, 0, (size_t)f->set.landmarks * sizeof *used);
    for (int d = 0; d < f->set.count; d++)
        for (int p = 0; strcmp(f->set.items[d].unit, unit->name) == 0 && p < f->set.items[d].parts; p++) {
            const gr_descriptor_part *part = &f->set.items[d].part[p];
            mark(part->points, part->corners, used);
            mark(part->over, part->over_corners, used);
        }
    int *points = gr_arena_alloc(f->arena, (size_t)f->set.landmarks, sizeof *points);
    for (int l = 0; points != NULL && l < f->set.landmarks; l++)
        if (used[l])
            points[unit->count++] = l;
    unit->points = points;
    return points != NULL ? GR_OK : no_memory(f, err);
}

static gr_status gather_units(gr_descriptor_file *f, gr_error *err)
{
    gr_descriptor_unit *units = gr_arena_alloc(f->arena, (size_t)f->set.count, sizeof *units);
    bool *used = gr_arena_alloc(f->arena, (size_t)f->set.landmarks, sizeof *used);
    int count = 0;
    gr_status status = units != NULL && used != NULL ? GR_OK : no_memory(f, err);
    for (int d = 0; status == GR_OK && d < f->set.count; d++) {
        int at = 0;
        while (at < count && strcmp(units[at].name, f->set.items[d].unit) != 0)
            at++;
        if (at < count || f->set.items[d].unit[0] == '\0')
            continue;
        units[count] = (gr_descriptor_unit){.name = f->set.items[d].unit};
        status = gather_unit(f, &units[count++], used, err);
    }
    f->set.units = units;
    f->set.unit_count = status == GR_OK ? count : 0;
    return status;
}

/* A landmark that is not there, after all is read: `landmarks` may stand last. */
static gr_status check_units(const gr_descriptor_file *f, gr_error *err)
{
    for (int u = 0; u < f->set.unit_count; u++) {
        const gr_descriptor_unit *unit = &f->set.units[u];
        if (unit->points[unit->count - 1] >= f->set.landmarks)
            return gr_fail(err, GR_INVALID, "%s: units: %s: there is no landmark %d, landmarks are 1 to %d", f->path, unit->name,
                           unit->points[unit->count - 1] + 1, f->set.landmarks);
    }
    return GR_OK;
}

/* ---- all of it ------------------------------------------------------------------------------------------------------- */

static gr_status read_set(gr_descriptor_file *f, const gr_yaml *root, gr_error *err)
{
    const gr_yaml *list = NULL;
    gr_status status = GR_OK;
    if (root == NULL || root->kind != GR_YAML_MAP)
        return refuse(f, root != NULL ? root->line : 1, err, "descriptors",
                      "a set is a map of landmarks (how many there are) and descriptors (a list)");
    for (int i = 0; i < root->count && status == GR_OK; i++) {
        const char *key = root->items[2 * i]->kind == GR_YAML_SCALAR ? root->items[2 * i]->text : "";
        if (strcmp(key, "landmarks") == 0)
            status = read_landmarks(f, root->items[2 * i + 1], err);
        else if (strcmp(key, "descriptors") == 0)
            status = read_descriptors(f, list = root->items[2 * i + 1], err);
        else if (strcmp(key, "units") == 0)
            status = read_units(f, root->items[2 * i + 1], err);
        else
            status = refuse(f, root->items[2 * i]->line, err, key, "is no key of a set; landmarks, units and descriptors are");
    }
    if (status == GR_OK && (list == NULL || f->set.landmarks == 0))
        status = refuse(f, root->line, err, list == NULL ? "descriptors" : "landmarks", "is missing");
    for (int i = 0; i < f->set.count && status == GR_OK; i++) {
        status = gr_descriptor_check(&f->set.items[i], f->set.landmarks, err);
        if (status != GR_OK)
            gr_error_prefix(err, "%s:%d", f->path, f->set.items[i].line);
    }
    if (status == GR_OK && f->set.units == NULL)
        status = gather_units(f, err);
    return status == GR_OK ? check_units(f, err) : status;
}

/* ---- by name or path ------------------------------------------------------------------------------------------------- */

const char *gr_descriptor_set_text(const char *name)
{
    for (const gr_descriptor_text *t = gr_descriptor_texts; t->name != NULL; t++)
        if (strcmp(t->name, name) == 0)
            return t->text;
    return NULL;
}

void gr_descriptor_set_names(gr_text *out)
{
    const char *names[16];
    size_t count = 0;
    for (const gr_descriptor_text *t = gr_descriptor_texts; t->name != NULL && count < 16; t++)
        names[count++] = t->name;
    gr_text_list(out, names, count, "and");
}

static bool is_file(const char *name)
{
    size_t length = strlen(name);
    return (length > 5 && strcmp(name + length - 5, ".yaml") == 0) || (length > 4 && strcmp(name + length - 4, ".yml") == 0);
}

static gr_status refuse_name(const char *name, gr_error *err)
{
    const char *last = strrchr(name, '/'); /* what a config names has its folder in front */
    gr_text known = {0};
    gr_descriptor_set_names(&known);
    gr_status status =
        gr_fail(err, GR_INVALID, "there is no set of descriptors \"%.80s\"; there are %s, or a file that ends in .yaml",
                last != NULL ? last + 1 : name, known.data != NULL ? known.data : "others");
    gr_text_free(&known);
    return status;
}

gr_status gr_descriptor_set_open(const char *name, gr_descriptor_file **out, gr_error *err)
{
    *out = NULL;
    const char *text = gr_descriptor_set_text(name);
    if (text == NULL && !is_file(name))
        return refuse_name(name, err);
    char *read = NULL;
    size_t size = text != NULL ? strlen(text) : 0;
    gr_status status = text != NULL ? GR_OK : gr_file_read(name, FILE_LIMIT, &read, &size, err);
    if (status != GR_OK)
        return status;
    gr_descriptor_file *f = gr_alloc(1, sizeof *f);
    if (f == NULL || (f->arena = gr_arena_create()) == NULL || (f->path = gr_arena_strdup(f->arena, name)) == NULL) {
        gr_free(read);
        gr_descriptor_file_free(f);
        return gr_fail(err, GR_NOMEM, "%s: no memory for its descriptors", name);
    }
    f->set.name = f->path;
    const gr_yaml *root = NULL;
    status = gr_yaml_parse(f->path, text != NULL ? text : read, size, f->arena, &root, err);
    gr_free(read);
    if (status == GR_OK)
        status = read_set(f, root, err);
    if (status != GR_OK) {
        gr_descriptor_file_free(f);
        return status;
    }
    *out = f;
    return GR_OK;
}

const gr_descriptor_set *gr_descriptor_file_set(const gr_descriptor_file *file)
{
    return &file->set;
}

void gr_descriptor_file_free(gr_descriptor_file *file)
{
    if (file == NULL)
        return;
    if (file->arena != NULL)
        gr_arena_destroy(file->arena);
    gr_free(file);
}
