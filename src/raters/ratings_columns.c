#include "raters/ratings_columns.h"

#include <string.h>
#include <strings.h>

static const char separators[] = "_.- ", digits[] = "0123456789";

static bool is_separator(char c)
{
    return c != '\0' && strchr(separators, c) != NULL;
}

/* How many bytes at the beginning of `text` name a rater: "r1", "rater2", "rater_2", "observer-anna"; with `numbered` the
 * name must be a number. 0: none. */
static size_t rater_length(const char *text, bool numbered)
{
    static const char *const words[] = {"rater", "observer", "obs", "scorer", "coder", "judge", "r"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t word = strlen(words[i]);
        if (strncasecmp(text, words[i], word) != 0)
            continue;
        const char *name = text + word + is_separator(text[word]);
        size_t number = strspn(name, digits);
        if (number > 0)
            return (size_t)(name - text) + number;
        if (!numbered && is_separator(text[word]) && word > 1)
            return strlen(text);
    }
    return 0;
}

/* Cuts "UNIT_r1", "UNIT.rater_anna", "r1_UNIT" or "rater1" into unit and rater; false: it is none of these. */
static bool cut_name(const char *name, gr_arena *arena, const char **unit, const char **rater, bool *failed)
{
    size_t length = rater_length(name, true), whole = strlen(name);
    *unit = *rater = NULL;
    if (length == whole && length > 0) {
        *unit = gr_arena_strdup(arena, "score");
        *rater = gr_arena_strdup(arena, name);
    } else if (length > 0 && is_separator(name[length]) && name[length + 1] != '\0') {
        *unit = gr_arena_strdup(arena, name + length + 1);
        *rater = gr_arena_strndup(arena, name, length);
    } else {
        size_t at = 1;
        while (at < whole &&
               !(is_separator(name[at]) && name[at + 1] != '\0' && rater_length(name + at + 1, false) == whole - at - 1))
            at++;
        if (at >= whole)
            return false;
        *unit = gr_arena_strndup(arena, name, at);
        *rater = gr_arena_strdup(arena, name + at + 1);
    }
    *failed = *failed || *unit == NULL || *rater == NULL;
    return true;
}

static gr_status add_unit(gr_ratings *r, const char *name, int *unit, gr_error *err)
{
    for (*unit = 0; *unit < r->unit_count; ++*unit)
        if (strcmp(r->units[*unit], name) == 0)
            return GR_OK;
    if (r->unit_count == GR_MOST_UNITS)
        return gr_fail(err, GR_INVALID, "%s:%lld: has more than %d columns of action units", r->csv->path,
                       (long long)r->csv->header_line, GR_MOST_UNITS);
    r->units[r->unit_count++] = name;
    return GR_OK;
}

gr_status gr_ratings_column(const gr_csv *csv, const char *name, int *column, gr_error *err)
{
    *column = name != NULL ? gr_csv_column(csv, name) : -1;
    if (name == NULL || *column >= 0)
        return GR_OK;
    const char *near = gr_nearest(name, csv->header, (size_t)csv->columns);
    return gr_fail(err, GR_INVALID, "%s:%lld: there is no column \"%.80s\", which the labels need%s%.80s%s", csv->path,
                   (long long)csv->header_line, name, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
                   near != NULL ? "\"?" : "");
}

static bool is_taken(const gr_ratings *r, int c)
{
    return c == r->image || c == r->rater || c == r->stage || c == r->group;
}

/* The columns of a wide table; *count stays 0 where it is none. */
static gr_status find_wide(gr_ratings *r, gr_rating_column *columns, int *count, gr_error *err)
{
    gr_text others = {0};
    int other = 0;
    bool failed = false;
    gr_status status = GR_OK;
    for (int c = 0; status == GR_OK && c < r->csv->columns; c++) {
        const char *unit, *rater;
        if (is_taken(r, c))
            continue;
        if (!cut_name(r->csv->header[c], r->arena, &unit, &rater, &failed) || failed ||
            (r->spec.score != NULL && strcmp(unit, r->spec.score) != 0)) {
            gr_text_printf(&others, "%s%.80s", other++ > 0 ? ", " : "", r->csv->header[c]);
            continue;
        }
        columns[*count] = (gr_rating_column){c, 0, rater};
        status = add_unit(r, unit, &columns[(*count)++].unit, err);
    }
    if (status == GR_OK && (failed || others.failed))
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its columns", r->csv->path);
    if (status == GR_OK && *count > 0 && other > 0 && r->spec.notices != NULL)
        gr_text_printf(r->spec.notices, "%s: %d column%s of no rater left out: %.300s\n", r->csv->path, other,
                       other == 1 ? "" : "s", others.data);
    gr_text_free(&others);
    return status;
}

static gr_status find_long(gr_ratings *r, gr_rating_column *columns, int *count, gr_error *err)
{
    int score = -1;
    gr_status status = gr_ratings_column(r->csv, r->spec.score, &score, err);
    for (int c = 0; status == GR_OK && c < r->csv->columns; c++) {
        if (is_taken(r, c) || (score >= 0 && c != score))
            continue;
        columns[*count] = (gr_rating_column){c, 0, NULL};
        status = add_unit(r, r->csv->header[c], &columns[(*count)++].unit, err);
    }
    if (status == GR_OK && *count == 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: has no column of an action unit", r->csv->path,
                       (long long)r->csv->header_line);
    return status;
}

gr_status gr_ratings_find_columns(gr_ratings *r, gr_rating_column *columns, int *count, gr_error *err)
{
    *count = 0;
    r->rater = gr_csv_column(r->csv, "rater");
    gr_status status = gr_ratings_column(r->csv, "image", &r->image, err);
    if (status == GR_OK && r->rater < 0 && !r->spec.staged) {
        status = gr_ratings_column(r->csv, r->spec.group, &r->group, err);
        if (status == GR_OK)
            status = find_wide(r, columns, count, err);
        if (status != GR_OK || *count > 0)
            return status;
    }
    if (status == GR_OK)
        status = gr_ratings_column(r->csv, "rater", &r->rater, err);
    if (status == GR_OK)
        status = gr_ratings_column(r->csv, r->spec.staged ? "stage" : NULL, &r->stage, err);
    if (status == GR_OK)
        status = gr_ratings_column(r->csv, r->spec.group, &r->group, err);
    return status == GR_OK ? find_long(r, columns, count, err) : status;
}
