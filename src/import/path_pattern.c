/* Which piece of a pattern can end where is found from the back in one table, so that hostile patterns cost no more than
 * friendly ones; then the path is cut from the front. */
#include "import/path_pattern.h"

#include <string.h>

static gr_status add_field(const char *name, size_t length, gr_arena *arena, gr_path_pattern *p, gr_error *err)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    if (length == 0 || strspn(name, word) < length)
        return gr_fail(err, GR_INVALID, "--path: {%.*s} is no field; a word such as {animal} would be right", (int)length,
                       name);
    if (length == 5 && strncmp(name, "image", 5) == 0)
        return gr_fail(err, GR_INVALID, "--path: the column image is the path itself, {file} would be right");
    for (int i = 0; i < p->field_count; i++)
        if (strlen(p->fields[i]) == length && strncmp(p->fields[i], name, length) == 0)
            return gr_fail(err, GR_INVALID, "--path: {%s} is there twice, * would be right for the other", p->fields[i]);
    if (p->field_count == GR_PATTERN_FIELDS)
        return gr_fail(err, GR_INVALID, "--path: has more than %d fields", GR_PATTERN_FIELDS);
    p->fields[p->field_count] = gr_arena_strndup(arena, name, length);
    if (p->fields[p->field_count] == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for the pattern");
    p->pieces[p->count++] = (gr_pattern_piece){'{', p->field_count++};
    return GR_OK;
}

gr_status gr_path_pattern_read(const char *text, gr_arena *arena, gr_path_pattern *p, gr_error *err)
{
    *p = (gr_path_pattern){0};
    if (*text == '\0' || strlen(text) > GR_PATTERN_LENGTH)
        return gr_fail(err, GR_INVALID, "--path: expected at most %d characters such as {animal}/{pain}/*.png",
                       GR_PATTERN_LENGTH);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c != '{') {
            p->pieces[p->count++] = (gr_pattern_piece){*c, -1};
            continue;
        }
        const char *end = strchr(c, '}');
        if (end == NULL)
            return gr_fail(err, GR_INVALID, "--path: \"%.40s\" has no end, {animal} would be right", c);
        gr_status status = add_field(c + 1, (size_t)(end - c - 1), arena, p, err);
        if (status != GR_OK)
            return status;
        c = end;
    }
    return GR_OK;
}

/* fits[piece, at] for all pieces and characters: can the pieces from `piece` on be all of path[at...]? The row behind the
 * last is true at the path's end alone, and each row is looked at only where the one below it lets it be true. */
static void fill_table(const gr_path_pattern *p, const char *path, size_t length, bool *fits)
{
    size_t row = length + 1, low = length, high = length; /* where the row below may be true */
    memset(fits, 0, ((size_t)p->count + 1) * row);
    fits[(size_t)p->count * row + length] = true;
    for (int i = p->count - 1; i >= 0; i--) {
        char kind = p->pieces[i].literal;
        bool *here = fits + (size_t)i * row, *next = here + row;
        size_t from = low, to = high;
        low = row;
        if (kind == '*' || kind == '{') {
            high = kind == '*' ? to : to > 0 ? to - 1 : 0;
            for (size_t at = high + 1; at-- > 0;) {
                bool any = at < length && path[at] != '/';
                here[at] = kind == '*' ? next[at] || (any && here[at + 1]) : any && (next[at + 1] || here[at + 1]);
                low = here[at] ? at : low;
                if (!here[at] && at < from)
                    break;
            }
        } else {
            high = to > 0 ? to - 1 : 0;
            for (size_t at = from > 0 ? from - 1 : 0; at < to; at++) {
                here[at] = path[at] == kind && next[at + 1];
                low = here[at] && low == row ? at : low;
            }
        }
        if (low == row)
            return; /* no row above it can be true */
    }
}

gr_status gr_path_pattern_match(const gr_path_pattern *p, const char *path, gr_arena *arena, const char **values,
                                bool *matched, gr_error *err)
{
    size_t length = strlen(path), row = length + 1, at = 0;
    bool *fits = gr_alloc(((size_t)p->count + 1) * row, sizeof *fits);
    if (fits == NULL)
        return gr_fail(err, GR_NOMEM, "no memory to match %s", path);
    fill_table(p, path, length, fits);
    *matched = fits[0];
    bool good = true;
    for (int i = 0; good && *matched && i < p->count; i++) {
        const bool *next = fits + (size_t)(i + 1) * row;
        size_t from = at;
        at += p->pieces[i].literal != '*';
        while ((p->pieces[i].literal == '*' || p->pieces[i].literal == '{') && !next[at])
            at++;
        if (p->pieces[i].literal == '{') {
            values[p->pieces[i].field] = gr_arena_strndup(arena, path + from, at - from);
            good = values[p->pieces[i].field] != NULL;
        }
    }
    gr_free(fits);
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to match %s", path);
}
