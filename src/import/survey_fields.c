/* Paths cut into fields. */
#include "import/survey_fields.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/table.h"
#include "import/survey_words.h"

enum { DEEPEST = 16, MOST_PARTS = 32 };

/* Nine of ten. */
static bool most_of(int64_t count, int64_t all)
{
    return 10 * count >= 9 * all;
}

/* Equal but for case and signs: the spelling of the first stands for all. */
static bool unify(gr_survey_fields *fields, gr_survey_field *field, int64_t images)
{
    gr_table keys = {0};
    const char **first = gr_arena_alloc(fields->arena, (size_t)images + 1, sizeof *first);
    bool good = first != NULL;
    for (int64_t i = 0; good && i < images; i++) {
        char key[GR_WORD_ROOM];
        gr_survey_key(field->values[i], key);
        if (strlen(key) == GR_WORD_ROOM - 1) /* too long to be told apart */
            continue;
        int64_t before = keys.count, at = gr_table_add(&keys, fields->arena, key, strlen(key));
        good = at >= 0;
        if (good && at == before)
            first[at] = field->values[i];
        if (good && strcmp(first[at], field->values[i]) != 0) {
            field->respelt = true;
            field->values[i] = first[at];
        }
    }
    gr_table_free(&keys);
    return good;
}

bool gr_survey_count(gr_survey_fields *fields, gr_survey_field *field, int64_t images)
{
    gr_table table = {0};
    bool good = field->source == GR_FROM_TABLE || unify(fields, field, images);
    field->known = 0;
    for (int64_t i = 0; good && i < images; i++)
        if (field->values[i][0] != '\0') {
            field->known++;
            good = gr_table_add(&table, fields->arena, field->values[i], strlen(field->values[i])) >= 0;
        }
    field->different = table.count;
    field->kinds = good ? gr_arena_alloc(fields->arena, (size_t)table.count + 1, sizeof *field->kinds) : NULL;
    field->counts = good ? gr_arena_alloc(fields->arena, (size_t)table.count + 1, sizeof *field->counts) : NULL;
    int64_t *order = good ? gr_names_sort(table.items, table.count) : NULL;
    good = field->kinds != NULL && field->counts != NULL && order != NULL;
    for (int64_t i = 0; good && i < table.count; i++)
        field->kinds[i] = table.items[order[i]];
    if (good)
        gr_names_by_value(field->kinds, table.count);
    gr_table_free(&table);
    for (int64_t i = 0; good && i < field->different; i++)
        good = gr_table_add(&table, fields->arena, field->kinds[i], strlen(field->kinds[i])) >= 0;
    for (int64_t i = 0; good && i < images; i++)
        if (field->values[i][0] != '\0')
            field->counts[gr_table_find(&table, field->values[i])]++;
    gr_table_free(&table);
    gr_free(order);
    return good;
}

/* Adds the field of `values` unless it says the same everywhere. */
static bool add(gr_survey_fields *fields, gr_survey_source source, int place, int of, const char **values, int64_t images)
{
    if (fields->count == GR_SURVEY_FIELDS)
        return true;
    gr_survey_field *field = &fields->items[fields->count];
    *field = (gr_survey_field){.source = source, .place = place, .of = of, .values = values};
    if (!gr_survey_count(fields, field, images))
        return false;
    fields->count += field->different > 1;
    return true;
}

/* ---- folders ---------------------------------------------------------------------------------------------------------- */

static int depth_of(const char *path)
{
    int depth = 0;
    for (; *path != '\0'; path++)
        depth += *path == '/';
    return depth;
}

/* GIVES text[length] as a table is read: without blanks at its ends. */
static const char *value_of(gr_survey_fields *fields, const char *text, size_t length)
{
    const char *end = text + length;
    for (size_t blank; text < end && (blank = gr_blank(text)) > 0;)
        text += blank;
    for (size_t blank; text < end && (blank = gr_blank_before(text, end)) > 0;)
        end -= blank;
    return gr_arena_strndup(fields->arena, text, (size_t)(end - text));
}

static bool add_folders(gr_survey_fields *fields, const char *const *paths, int64_t images)
{
    int64_t deep[DEEPEST + 1] = {0}; /* pictures in so many folders or more */
    int depth = 0;
    for (int64_t i = 0; i < images; i++)
        for (int d = depth_of(paths[i]); d > 0; d--)
            deep[d < DEEPEST ? d : DEEPEST]++;
    while (depth < DEEPEST && most_of(deep[depth + 1 < DEEPEST ? depth + 1 : DEEPEST], images))
        depth++;
    for (int d = 0; d < depth; d++) {
        const char **values = gr_arena_alloc(fields->arena, (size_t)images + 1, sizeof *values);
        for (int64_t i = 0; values != NULL && i < images; i++) {
            const char *at = paths[i];
            for (int skip = 0; skip < d && depth_of(at) > 0; skip++)
                at = strchr(at, '/') + 1;
            values[i] = depth_of(paths[i]) > d ? value_of(fields, at, strcspn(at, "/")) : "";
            if (values[i] == NULL)
                return false;
        }
        if (values == NULL || !add(fields, GR_FROM_FOLDER, d, depth, values, images))
            return false;
    }
    return true;
}

/* ---- file names ------------------------------------------------------------------------------------------------------- */

/* Parts of a name: bytes from[p] to to[p]. */
typedef struct parts {
    int count;
    const char *from[MOST_PARTS], *to[MOST_PARTS];
} parts;

/* "no" before "pain" is no part of its own. */
static bool denies(const char *from, const char *to, const char *next)
{
    static const char *const words[] = {"no", "not", "non", "without"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if ((size_t)(to - from) == strlen(words[i]) && strncasecmp(from, words[i], strlen(words[i])) == 0)
            return strncasecmp(next, "pain", 4) == 0;
    return false;
}

/* Cuts the file's name, without its ending, at `marks`; with no marks where digits begin. */
static void cut(const char *path, const char *marks, parts *out)
{
    const char *slash = strrchr(path, '/'), *at = slash != NULL ? slash + 1 : path, *dot = strrchr(at, '.');
    const char *end = dot != NULL && dot > at ? dot : at + strlen(at);
    out->count = 0;
    while (at < end && out->count < MOST_PARTS) {
        const char *from = at;
        if (marks[0] == '\0')
            for (bool digit = isdigit((unsigned char)*at) != 0; at < end && (isdigit((unsigned char)*at) != 0) == digit;)
                at++;
        else
            while (at < end && strchr(marks, *at) == NULL)
                at++;
        if (at + 1 < end && marks[0] != '\0' && denies(from, at, at + 1)) {
            at++;
            while (at < end && strchr(marks, *at) == NULL)
                at++;
        }
        if (at > from) {
            out->from[out->count] = from;
            out->to[out->count++] = at;
        }
        while (at < end && marks[0] != '\0' && strchr(marks, *at) != NULL)
            at++;
    }
}

/* How many parts most names have, 0 where that are fewer than nine of ten. */
static int parts_of_most(const char *const *paths, int64_t images, const char *marks)
{
    int64_t with[MOST_PARTS + 1] = {0};
    for (int64_t i = 0; i < images; i++) {
        parts p;
        cut(paths[i], marks, &p);
        with[p.count]++;
    }
    for (int n = 1; n <= MOST_PARTS; n++)
        if (most_of(with[n], images))
            return n;
    return 0;
}

static bool add_names(gr_survey_fields *fields, const char *const *paths, int64_t images)
{
    static const char *const ways[] = {"_ ()", "- ()", "_- ()", ""};
    const char *marks = ways[0];
    int most = 0;
    for (size_t w = 0; w < sizeof ways / sizeof *ways; w++) {
        int n = ways[w][0] != '\0' || most <= 1 ? parts_of_most(paths, images, ways[w]) : 0;
        if (n > most) {
            most = n;
            marks = ways[w];
        }
    }
    bool prefix = false; /* the part before says the same everywhere and belongs to the digits: the "rat" of rat1pain3 */
    for (int p = 0; p < most; p++) {
        int before = fields->count;
        const char **values = gr_arena_alloc(fields->arena, (size_t)images + 1, sizeof *values);
        for (int64_t i = 0; values != NULL && i < images; i++) {
            parts of;
            cut(paths[i], marks, &of);
            const char *from = of.count == most ? of.from[prefix ? p - 1 : p] : "";
            values[i] = value_of(fields, from, of.count == most ? (size_t)(of.to[p] - from) : 0);
            if (values[i] == NULL)
                return false;
        }
        if (values == NULL || !add(fields, GR_FROM_NAME, p, most, values, images))
            return false;
        prefix = marks[0] == '\0' && fields->count == before;
        if (fields->count > before)
            fields->items[before].cut_in_words = marks[0] == '\0';
    }
    return true;
}

bool gr_survey_add_paths(gr_survey_fields *fields, const char *const *paths, int64_t images)
{
    return add_folders(fields, paths, images) && add_names(fields, paths, images);
}

const char *gr_survey_place(const gr_survey_fields *fields, const gr_survey_field *field)
{
    if (field->source == GR_FROM_TABLE)
        return gr_arena_printf(fields->arena, "the column %s", field->title);
    if (field->source == GR_FROM_FOLDER)
        return field->of == 1 ? "the folders' names"
                              : gr_arena_printf(fields->arena, "the names of the folders at level %d", field->place + 1);
    return gr_arena_printf(fields->arena, "part %d of the file names", field->place + 1);
}
