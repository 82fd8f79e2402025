/* Names that may be one thing written in two ways, and columns that look like groups. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "data/checker.h"
#include "data/name_fold.h"

/* ---- names that are alike --------------------------------------------------------------------------------------------- */

/* Finds names[count] that are alike; lines[count] (NULL: all of the header) say where each stands first. */
static void find_alike(gr_checker *ck, const char *column, const char *const *names, const int64_t *lines, int64_t count)
{
    const gr_manifest *m = &ck->out->manifest;
    gr_arena *arena = gr_arena_create();
    const char **keys = arena != NULL ? gr_arena_alloc(arena, (size_t)count + 1, sizeof *keys) : NULL;
    bool good = keys != NULL;
    for (int64_t i = 0; good && i < count; i++)
        good = (keys[i] = gr_name_folded(arena, names[i])) != NULL;
    int64_t *order = good ? gr_names_sort(keys, count) : NULL;
    for (int64_t begin = 0, end; order != NULL && begin < count; begin = end) {
        int64_t a = order[begin]; /* the one that stands first in the table */
        for (end = begin + 1; end < count && strcmp(keys[order[end]], keys[order[begin]]) == 0; end++)
            a = lines != NULL && lines[order[end]] < lines[a] ? order[end] : a;
        for (int64_t i = begin; i < end; i++) {
            int64_t b = order[i];
            if (b != a && lines == NULL)
                gr_check_found(ck, false, "%s: the columns \"%.200s\" and \"%.200s\" differ in %s only", m->path, names[a],
                               names[b], gr_name_difference(arena, names[a], names[b]));
            else if (b != a)
                gr_check_found(
                    ck, false,
                    "%s:%lld: %s: \"%.200s\" and \"%.200s\" on line %lld differ in %s only; they are taken for two", m->path,
                    (long long)lines[b], column, names[b], names[a], (long long)lines[a],
                    gr_name_difference(arena, names[a], names[b]));
        }
    }
    ck->failed = ck->failed || order == NULL;
    gr_free(order);
    gr_arena_destroy(arena);
}

/* The different texts of a column. */
static void check_texts(gr_checker *ck, const char *column, const char *const *texts)
{
    const gr_manifest *m = &ck->out->manifest;
    int64_t *order = gr_names_sort(texts, m->rows), count = 0;
    const char **names = gr_alloc((size_t)m->rows, sizeof *names);
    int64_t *lines = gr_alloc((size_t)m->rows, sizeof *lines);
    if (order == NULL || names == NULL || lines == NULL)
        ck->failed = true;
    else {
        for (int64_t i = 0; i < m->rows; i++)
            if (i == 0 || strcmp(texts[order[i]], texts[order[i - 1]]) != 0) {
                names[count] = texts[order[i]];
                lines[count++] = m->lines[order[i]];
            }
        find_alike(ck, column, names, lines, count);
    }
    gr_free(order);
    gr_free(names);
    gr_free(lines);
}

static void check_column(gr_checker *ck, int column)
{
    const gr_manifest *m = &ck->out->manifest;
    const char **texts = gr_alloc((size_t)m->rows, sizeof *texts);
    for (int64_t r = 0; texts != NULL && r < m->rows; r++)
        texts[r] = gr_manifest_cell(m, r, column);
    if (texts != NULL)
        check_texts(ck, m->names[column], texts);
    ck->failed = ck->failed || texts == NULL;
    gr_free(texts);
}

/* Not of pictures or of numbers. */
static bool has_names(const char *column)
{
    return strcmp(column, "image") != 0 && !gr_starts_with(column, "box_") &&
           !(gr_starts_with(column, "lm") && isdigit((unsigned char)column[2]));
}

/* The columns of a check, each with what is found in it: they are looked at side by side and told of in their order. */
typedef struct column_check {
    int column;
    gr_check found;
    gr_checker checker;
} column_check;

static void check_one(void *ctx, int64_t index, int thread)
{
    column_check *c = (column_check *)ctx + index;
    (void)thread;
    check_column(&c->checker, c->column);
}

/* Looks for names that are alike in columns[count]. */
static void check_columns(gr_checker *ck, const int *columns, int count)
{
    column_check *checks = gr_alloc((size_t)count, sizeof *checks);
    bool good = checks != NULL;
    for (int i = 0; good && i < count; i++) {
        column_check *c = &checks[i];
        *c = (column_check){.column = columns[i], .found = {.manifest = ck->out->manifest}};
        c->checker = (gr_checker){.out = &c->found, .arena = gr_arena_create(), .path = ck->path, .extra = ck->extra};
    }
    for (int i = 0; good && i < count; i++)
        good = checks[i].checker.arena != NULL;
    if (good)
        gr_parallel_for(count, check_one, checks);
    for (int i = 0; checks != NULL && i < count; i++) {
        const column_check *c = &checks[i];
        for (int64_t at = 0; at < c->found.count; at++)
            gr_check_found(ck, c->checker.findings[at].error, "%s", c->checker.findings[at].text);
        good = good && !c->checker.failed;
        gr_free(c->checker.findings);
        gr_arena_destroy(c->checker.arena);
    }
    ck->failed = ck->failed || !good;
    gr_free(checks);
}

void gr_check_alike(gr_checker *ck, bool all)
{
    const gr_manifest *m = &ck->out->manifest;
    const char *const some[] = {m->label_column, m->group_column, "session", "treatment", "split"};
    int *columns = gr_alloc((size_t)m->columns + 5, sizeof *columns), count = 0;
    find_alike(ck, NULL, m->names, NULL, m->columns);
    for (int c = 0; all && columns != NULL && c < m->columns; c++)
        if (has_names(m->names[c]))
            columns[count++] = c;
    for (size_t i = 0; !all && columns != NULL && i < sizeof some / sizeof *some; i++) {
        int column = some[i] != NULL ? gr_manifest_column(m, some[i]) : -1;
        bool known = column < 0;
        for (int c = 0; c < count; c++)
            known = known || columns[c] == column;
        if (!known)
            columns[count++] = column;
    }
    ck->failed = ck->failed || columns == NULL;
    if (count > 0)
        check_columns(ck, columns, count);
    gr_free(columns);
}

/* ---- columns that look like groups ------------------------------------------------------------------------------------ */

/* "animal", "Animal_ID", "mouse nr". */
static bool looks_like_group(const char *name)
{
    static const char *const nouns[] = {"animal", "subject", "rat",         "mouse",      "cat",     "dog",
                                        "horse",  "sheep",   "pig",         "rabbit",     "patient", "infant",
                                        "baby",   "person",  "participant", "individual", "id"};
    static const char *const ends[] = {"",    "s",   "_id",     " id", "-id", "id",     "_name",
                                       "_nr", "_no", "_number", " nr", " no", " number"};
    for (size_t n = 0; n < sizeof nouns / sizeof *nouns; n++) {
        size_t length = strlen(nouns[n]);
        if (strncasecmp(name, nouns[n], length) != 0)
            continue;
        for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
            if (strcasecmp(name + length, ends[e]) == 0)
                return true;
    }
    return false;
}

/* Values of column `column`, numbered: how many there are, and whether one of them is in several groups of the declared
 * kind. */
static void judge_column(gr_checker *ck, int column)
{
    const gr_manifest *m = &ck->out->manifest;
    const char **texts = gr_alloc((size_t)m->rows, sizeof *texts);
    for (int64_t r = 0; texts != NULL && r < m->rows; r++)
        texts[r] = gr_manifest_cell(m, r, column);
    int64_t different = 0, torn = -1;
    int64_t *number = texts != NULL ? gr_names_number(texts, m->rows, &different) : NULL;
    int64_t *first = number != NULL ? gr_alloc((size_t)different, sizeof *first) : NULL; /* a row of each value, plus one */
    for (int64_t r = 0; first != NULL && m->groups != NULL && torn < 0 && r < m->rows; r++) {
        int64_t *seen = &first[number[r]];
        if (texts[r][0] == '\0') /* nobody is not somebody in two groups */
            continue;
        if (*seen == 0)
            *seen = r + 1;
        else if (m->groups[*seen - 1] != m->groups[r])
            torn = r;
    }
    if (first == NULL)
        ck->failed = true;
    else if (m->groups == NULL && different > 1 && different < m->rows)
        gr_check_found(ck, false,
                       "%s: %.100s: has %lld values in %lld rows and looks like what must never be split, but is not "
                       "declared as the group "
                       "(data.group, --group): one may train and test",
                       m->path, m->names[column], (long long)different, (long long)m->rows);
    else if (torn >= 0 && different < m->rows && strcasecmp(m->names[column], "id") != 0)
        gr_check_found(ck, false,
                       "%s:%lld: %.100s: looks like what must never be split, but %.100s is in several groups of %.100s",
                       m->path, (long long)m->lines[torn], m->names[column], texts[torn], m->group_column);
    gr_free(texts);
    gr_free(number);
    gr_free(first);
}

void gr_check_undeclared(gr_checker *ck)
{
    const gr_manifest *m = &ck->out->manifest;
    for (int c = 0; c < m->columns; c++)
        if (looks_like_group(m->names[c]) && (m->group_column == NULL || strcmp(m->names[c], m->group_column) != 0) &&
            (m->label_column == NULL || strcmp(m->names[c], m->label_column) != 0))
            judge_column(ck, c);
}
