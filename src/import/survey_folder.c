/* A survey: pictures, their fields, the roles of these, and then the columns of a manifest for the pictures that are kept.
 */
#include "grimace/survey.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "grimace/image.h"
#include "import/files.h"
#include "import/survey_roles.h"
#include "import/survey_split.h"
#include "import/survey_table.h"
#include "import/survey_words.h"

/* The survey under way. */
typedef struct maker {
    gr_survey *out;
    gr_arena *arena;
    gr_image_files files;
    gr_survey_table table;
    gr_survey_fields *fields;
    gr_survey_roles roles;
    bool *keep; /* [files.count] */
    int64_t kept;
    gr_text notices, warnings;
    gr_error *err;
} maker;

static gr_status no_memory(const maker *k)
{
    return gr_fail(k->err, GR_NOMEM, "%s: no memory for what its names say", k->out->folder);
}

/* ---- pictures that are left out --------------------------------------------------------------------------------------- */

/* Leaves out those of which fields[field] (-1: none) says nothing. */
static void need(maker *k, int field, const char *what)
{
    int64_t out = 0, first = -1;
    for (int64_t i = 0; field >= 0 && i < k->files.count; i++)
        if (k->keep[i] && k->fields->items[field].values[i][0] == '\0') {
            k->keep[i] = false;
            first = first < 0 ? i : first;
            out++;
        }
    if (out > 0)
        gr_text_printf(&k->notices, "%lld picture%s of which nothing says %s %s left out, the first is %s\n", (long long)out,
                       out == 1 ? "" : "s", what, out == 1 ? "is" : "are", k->files.items[first]);
    k->kept -= out;
}

/* Leaves out pictures without a row of the table. */
static void need_rows(maker *k)
{
    int64_t out = 0, first = -1;
    for (int64_t i = 0; k->table.csv != NULL && i < k->files.count; i++)
        if (k->table.row[i] < 0) {
            k->keep[i] = false;
            first = first < 0 ? i : first;
            out++;
        }
    if (out > 0)
        gr_text_printf(&k->notices, "%lld picture%s without a row in the table %s left out, the first is %s\n",
                       (long long)out, out == 1 ? "" : "s", out == 1 ? "is" : "are", k->files.items[first]);
    if (k->table.unlisted > 0)
        gr_text_printf(&k->notices, "%lld row%s of the table %s no picture that is there, the first is \"%.200s\"\n",
                       (long long)k->table.unlisted, k->table.unlisted == 1 ? "" : "s",
                       k->table.unlisted == 1 ? "names" : "name",
                       k->table.first_unlisted != NULL ? k->table.first_unlisted : "");
    k->kept -= out;
}

static int by_size(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* Looks at the head of every picture; those that cannot be read are left out. */
static gr_status look(maker *k)
{
    gr_survey *s = k->out;
    int64_t broken = 0, seen = 0;
    int *sides = gr_alloc((size_t)k->files.count + 1, sizeof *sides);
    gr_error first = {0};
    if (sides == NULL)
        return no_memory(k);
    for (int64_t i = 0; i < k->files.count; i++) {
        gr_error why = {0};
        int width, height;
        char *path = k->keep[i] ? gr_path_join(s->folder, k->files.items[i]) : NULL;
        if (path == NULL)
            continue;
        if (gr_image_size(path, &width, &height, &why) != GR_OK) {
            k->keep[i] = false;
            if (broken++ == 0)
                first = why;
        } else {
            s->width_least = seen == 0 || width < s->width_least ? width : s->width_least;
            s->width_most = width > s->width_most ? width : s->width_most;
            s->height_least = seen == 0 || height < s->height_least ? height : s->height_least;
            s->height_most = height > s->height_most ? height : s->height_most;
            sides[seen++] = width < height ? width : height;
        }
        gr_free(path);
    }
    if (broken > 0)
        gr_text_printf(&k->notices, "%lld picture%s cannot be read and %s left out: %s\n", (long long)broken,
                       broken == 1 ? "" : "s", broken == 1 ? "is" : "are", first.text);
    qsort(sides, (size_t)seen, sizeof *sides, by_size);
    s->side = seen > 0 ? sides[seen / 2] : 0;
    k->kept -= broken;
    gr_free(sides);
    return GR_OK;
}

/* ---- columns ---------------------------------------------------------------------------------------------------------- */

static gr_survey_role role_of(const gr_survey_roles *r, int field)
{
    return field == r->label     ? GR_SURVEY_LABEL
           : field == r->group   ? GR_SURVEY_GROUP
           : field == r->split   ? GR_SURVEY_SPLIT
           : field == r->session ? GR_SURVEY_SESSION
                                 : GR_SURVEY_OTHER;
}

/* What a column that no table has named is called. */
static const char *name_of(const maker *k, const gr_survey_field *f, gr_survey_role role)
{
    if (role == GR_SURVEY_SPLIT)
        return "split";
    if (f->source == GR_FROM_TABLE)
        return strcmp(f->title, "image") == 0 ? "image_column" : f->title;
    if (role == GR_SURVEY_GROUP)
        return gr_survey_group_name(f->kinds, f->different);
    for (int64_t i = 0; role == GR_SURVEY_LABEL && i < f->different; i++) {
        char key[GR_WORD_ROOM];
        gr_survey_key(f->kinds[i], key);
        if (strstr(key, "pain") != NULL)
            return "pain";
    }
    if (role != GR_SURVEY_OTHER)
        return role == GR_SURVEY_LABEL ? "label" : "session";
    return gr_arena_printf(k->arena, "%s_%d", f->source == GR_FROM_FOLDER ? "folder" : "part", f->place + 1);
}

/* A name that no column before has. */
static const char *free_name(const maker *k, const gr_survey_column *columns, int count, const char *name)
{
    const char *tried = name;
    for (int n = 2; tried != NULL; n++) {
        bool free = true;
        for (int c = 0; c < count; c++)
            free = free && strcmp(columns[c].name, tried) != 0;
        if (free)
            return tried;
        tried = gr_arena_printf(k->arena, "%s_%d", name, n);
    }
    return NULL;
}

/* The part that the value means. Where nothing tests, what would validate does. */
static const char *part_of(const gr_survey_field *f, const char *value)
{
    bool tested = false;
    for (int64_t i = 0; i < f->different; i++)
        tested = tested || strcmp(gr_survey_part(f->kinds[i]), "test") == 0;
    const char *part = gr_survey_part(value);
    return tested || strcmp(part, "val") != 0 ? part : "test";
}

/* The values of the field for the pictures that are kept, counted anew. */
static gr_status make_column(maker *k, int field, gr_survey_column *out, const char *name)
{
    const gr_survey_field *f = &k->fields->items[field];
    gr_survey_role role = role_of(&k->roles, field);
    gr_survey_field kept = {.source = GR_FROM_TABLE};
    kept.values = gr_arena_alloc(k->arena, (size_t)k->kept + 1, sizeof *kept.values);
    int64_t n = 0;
    for (int64_t i = 0; kept.values != NULL && i < k->files.count; i++)
        if (k->keep[i])
            kept.values[n++] = role == GR_SURVEY_SPLIT ? part_of(f, f->values[i]) : f->values[i];
    if (name == NULL || kept.values == NULL || !gr_survey_count(k->fields, &kept, k->kept))
        return no_memory(k);
    *out = (gr_survey_column){.name = name,
                              .from = gr_survey_place(k->fields, f),
                              .role = role,
                              .values = kept.values,
                              .kinds = (int)kept.different,
                              .kind = kept.kinds,
                              .counts = kept.counts};
    if (role == GR_SURVEY_LABEL && kept.different <= 1000)
        gr_survey_order_classes(kept.kinds, kept.counts, (int)kept.different);
    if (f->respelt)
        gr_text_printf(&k->notices, "%s: some values differ in case or signs only, and are written alike\n", name);
    return out->from != NULL ? GR_OK : no_memory(k);
}

/* Label, group, split and session first, then what else is worth it. */
static gr_status make_columns(maker *k)
{
    const gr_survey_roles *r = &k->roles;
    int order[GR_SURVEY_FIELDS + 4], count = 0;
    const int roles[] = {r->label, r->group, r->split, r->session};
    for (int i = 0; i < 4; i++)
        if (roles[i] >= 0)
            order[count++] = roles[i];
    for (int f = 0; f < k->fields->count; f++)
        if (role_of(r, f) == GR_SURVEY_OTHER && gr_survey_worth_keeping(k->fields, f, k->files.count))
            order[count++] = f;
    gr_survey_column *columns = gr_arena_alloc(k->arena, (size_t)count + 1, sizeof *columns);
    gr_status status = columns != NULL ? GR_OK : no_memory(k);
    k->out->columns = columns;
    k->out->label = k->out->group = k->out->split_column = -1;
    for (int i = 0; status == GR_OK && i < count; i++) {
        gr_survey_role role = role_of(r, order[i]);
        const char *name = free_name(k, columns, i, name_of(k, &k->fields->items[order[i]], role));
        status = make_column(k, order[i], &columns[i], name);
        k->out->column_count = i + 1;
        int *const at[] = {[GR_SURVEY_LABEL] = &k->out->label,
                           [GR_SURVEY_GROUP] = &k->out->group,
                           [GR_SURVEY_SPLIT] = &k->out->split_column};
        if (role == GR_SURVEY_LABEL || role == GR_SURVEY_GROUP || role == GR_SURVEY_SPLIT)
            *at[role] = i;
    }
    return status;
}

static gr_status take_pictures(maker *k)
{
    const char **paths = gr_arena_alloc(k->arena, (size_t)k->kept + 1, sizeof *paths);
    int64_t n = 0;
    for (int64_t i = 0; paths != NULL && i < k->files.count; i++)
        if (k->keep[i])
            paths[n++] = k->files.items[i];
    k->out->paths = paths;
    k->out->images = k->kept;
    return paths != NULL ? GR_OK : no_memory(k);
}

/* ---- the survey ------------------------------------------------------------------------------------------------------- */

/* The table's columns but the one of the pictures' names: none is known for a label. */
static gr_status no_label_column(const maker *k)
{
    const gr_csv *csv = k->table.csv;
    gr_text list = {0};
    for (int c = 0; c < csv->columns && list.size < 400; c++)
        if (c != k->table.column)
            gr_text_printf(&list, "%s%s", list.size > 0 ? ", " : "", csv->header[c]);
    gr_status status =
        gr_fail(k->err, GR_INVALID,
                "%s: names %lld pictures, but none of its other columns (%s) is known for a label; the name label, pain or score "
                "for one of them would be right (of several raters' scores `grimace data label` makes one)",
                csv->path, (long long)k->table.listed, list.size > 0 && !list.failed ? list.data : "there is none");
    gr_text_free(&list);
    return status;
}

static gr_status nothing_found(const maker *k)
{
    if (k->table.csv != NULL)
        return no_label_column(k);
    return gr_fail(
        k->err, GR_INVALID,
        "%s: nothing tells a label of its %lld pictures; folders of classes (pain/x.png, no_pain/y.png), file names such as "
        "rat1_pain_3.png, or a table (.csv) in it with a column of file names would be right",
        k->out->folder, (long long)k->files.count);
}

static gr_status gather_fields(maker *k, const char *except)
{
    gr_status status = gr_survey_table_find(k->out->folder, except, k->files.items, k->files.count, k->arena, &k->table,
                                            &k->notices, k->err);
    if (status != GR_OK)
        return status;
    k->out->table = k->table.csv != NULL ? gr_arena_strdup(k->arena, k->table.csv->path) : NULL;
    if ((k->table.csv != NULL && !gr_survey_table_fields(&k->table, k->fields, k->files.count)) ||
        !gr_survey_add_paths(k->fields, k->files.items, k->files.count))
        return no_memory(k);
    gr_survey_choose(k->fields, k->files.count, &k->roles);
    return k->roles.label >= 0 ? GR_OK : nothing_found(k);
}

static gr_status keep_pictures(maker *k)
{
    k->keep = gr_alloc((size_t)k->files.count + 1, sizeof *k->keep);
    if (k->keep == NULL)
        return no_memory(k);
    memset(k->keep, 1, (size_t)k->files.count);
    k->kept = k->files.count;
    need_rows(k);
    if (k->fields->items[k->roles.label].source != GR_FROM_TABLE) /* rows of a table without a label may stay */
        need(k, k->roles.label, "the label");
    need(k, k->roles.group, "the animal");
    need(k, k->roles.split, "whether they train or test");
    return look(k);
}

/* The label's kind, and how to split. */
static gr_status judge(maker *k)
{
    gr_survey *s = k->out;
    bool numbers;
    const gr_survey_column *label = s->label >= 0 ? &s->columns[s->label] : NULL;
    if (label == NULL || label->kinds < 2)
        return nothing_found(k);
    numbers = gr_survey_all_numbers(label->kind, label->kinds, &s->whole);
    s->scores = numbers && (!s->whole || label->kinds > 11);
    if (!gr_survey_split_choose(s, k->arena, &k->warnings))
        return no_memory(k);
    if (!s->scores && label->kinds == 2 && !gr_survey_last_is_positive(label->kind, label->kinds))
        gr_text_printf(&k->warnings,
                       "which class F1 and sensitivity are about is a guess: %s; data.positive names another\n",
                       label->kind[1]);
    return GR_OK;
}

static const char *run_name(const char *folder, gr_arena *arena)
{
    char *full = realpath(folder, NULL);
    const char *slash = full != NULL ? strrchr(full, '/') : NULL;
    const char *name = slash != NULL && slash[1] != '\0' && slash[1] != '.' && gr_utf8_valid(slash + 1, strlen(slash + 1))
                           ? slash + 1
                           : "pictures";
    name = gr_arena_strdup(arena, name);
    free(full); /* the system's own block */
    return name;
}

/* Is the table, which is said anyway, the one file that is no picture? */
static bool is_table_alone(const maker *k)
{
    const char *path = k->table.csv != NULL ? k->table.csv->path : "", *left_out = k->files.left_out;
    const char *ending = strrchr(path, '.');
    return ending != NULL && gr_starts_with(left_out, "1 ") && strcasecmp(left_out + 2, ending) == 0;
}

static gr_status survey(maker *k, const char *except)
{
    gr_survey *s = k->out;
    gr_status status = gr_image_files_find(s->folder, k->arena, &k->files, k->err);
    if (status == GR_OK)
        status = gather_fields(k, except);
    if (status == GR_OK && k->files.left_out != NULL && !is_table_alone(k))
        gr_text_printf(&k->notices, "files that are no pictures: %s\n", k->files.left_out);
    if (status == GR_OK)
        status = keep_pictures(k);
    if (status == GR_OK)
        status = take_pictures(k);
    if (status == GR_OK)
        status = make_columns(k);
    if (status == GR_OK)
        status = judge(k);
    if (status != GR_OK)
        return status;
    s->name = run_name(s->folder, k->arena);
    s->notices = gr_arena_strdup(k->arena, k->notices.data != NULL ? k->notices.data : "");
    s->warnings = gr_arena_strdup(k->arena, k->warnings.data != NULL ? k->warnings.data : "");
    bool good = s->name != NULL && s->notices != NULL && s->warnings != NULL && !k->notices.failed && !k->warnings.failed;
    return good ? GR_OK : no_memory(k);
}

gr_status gr_survey_folder(const char *folder, const char *except, gr_survey *out, gr_error *err)
{
    *out = (gr_survey){0};
    gr_arena *arena = gr_arena_create();
    out->arena = arena;
    out->folder = arena != NULL ? gr_arena_strdup(arena, folder) : NULL;
    gr_survey_fields *fields = arena != NULL ? gr_arena_alloc(arena, 1, sizeof *fields) : NULL;
    maker k = {.out = out, .arena = arena, .fields = fields, .err = err};
    gr_status status = GR_OK;
    if (out->folder == NULL || fields == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory to look at it", folder);
    else
        fields->arena = arena;
    if (status == GR_OK)
        status = survey(&k, except);
    gr_survey_table_free(&k.table);
    gr_text_free(&k.notices);
    gr_text_free(&k.warnings);
    gr_free(k.keep);
    if (status != GR_OK)
        gr_survey_free(out);
    return status;
}

void gr_survey_free(gr_survey *survey)
{
    gr_arena_destroy(survey->arena);
    *survey = (gr_survey){0};
}
