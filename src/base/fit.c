/* A text for a narrow terminal. A table is what its own blanks show: lines that stand together, with gutters of two blanks
 * or more that run through all of them. */
#include "base/fit.h"

#include <limits.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_COLUMNS = 64, GAP = 2, NARROWEST = 20 };

/* A line without its end. Widths count characters, as most terminals do: bytes that continue one in UTF-8 are none. */
typedef struct line {
    const char *at;
    size_t bytes;
    int width;
} line;

static bool begins_character(char c)
{
    return ((unsigned char)c & 0xC0) != 0x80;
}

static int width_of(const char *at, size_t bytes)
{
    int width = 0;
    for (size_t i = 0; i < bytes; i++)
        width += begins_character(at[i]);
    return width;
}

/* The byte at which character `place` begins, or the line's end. */
static size_t byte_at(const line *l, int place)
{
    int seen = -1;
    for (size_t i = 0; i < l->bytes; i++)
        if (begins_character(l->at[i]) && ++seen == place)
            return i;
    return l->bytes;
}

static line next_line(const char *at)
{
    size_t bytes = strcspn(at, "\n");
    while (bytes > 0 && at[bytes - 1] == ' ')
        bytes--;
    return (line){at, bytes, width_of(at, bytes)};
}

/* Has the line two words or more with a gutter between them? */
static bool is_row(const line *l)
{
    size_t i = 0;
    while (i < l->bytes && l->at[i] == ' ')
        i++;
    for (; i + 1 < l->bytes; i++)
        if (l->at[i] == ' ' && l->at[i + 1] == ' ')
            return true;
    return false;
}

/* ---- tables --------------------------------------------------------------------------------------------------------------
 */

/* The columns of lines[count]: characters from[c] to to[c], without to[c]. */
typedef struct columns {
    int count, from[MOST_COLUMNS], to[MOST_COLUMNS];
} columns;

/* Finds them in used[width], which says whether any line has a character there. */
static void find_columns(const bool *used, int width, columns *out)
{
    out->count = 0;
    for (int at = 0; at < width;) {
        while (at < width && !used[at])
            at++;
        int from = at, to = at;
        while (at < width && (used[at] || (at + 1 < width && used[at + 1])))
            to = ++at;
        if (from == to)
            break;
        if (out->count == MOST_COLUMNS) { /* what is more belongs to the last one */
            out->to[MOST_COLUMNS - 1] = width;
            break;
        }
        out->from[out->count] = from;
        out->to[out->count++] = to;
    }
}

static void mark_used(const line *l, bool *used)
{
    int place = -1;
    for (size_t i = 0; i < l->bytes; i++) {
        place += begins_character(l->at[i]);
        used[place] = used[place] || l->at[i] != ' ';
    }
}

/* How many columns from the first on fit side by side; at least one. */
static int columns_that_fit(const columns *c, int width)
{
    int kept = 0, room = width;
    while (kept < c->count) {
        int need = c->to[kept] - c->from[kept] + (kept > 0 ? GAP : 0);
        if (kept > 0 && need > room)
            break;
        room -= need;
        kept++;
    }
    return kept;
}

/* One column of a line, filled up with blanks to its width unless it is the last. */
static void put_cell(const line *l, int from, int to, bool last, gr_text *out)
{
    size_t begin = byte_at(l, from), end = byte_at(l, to);
    gr_text_add(out, l->at + begin, end - begin);
    for (int at = width_of(l->at + begin, end - begin); !last && at < to - from; at++)
        gr_text_add(out, " ", 1);
}

static void drop_end_blanks(gr_text *out)
{
    while (out->size > 0 && !out->failed && out->data[out->size - 1] == ' ')
        out->data[--out->size] = '\0';
}

/* The first word that stands in the column, from above. */
static void put_title(const line *lines, int count, int from, int to, gr_text *out)
{
    for (int i = 0; i < count; i++) {
        size_t begin = byte_at(&lines[i], from), end = byte_at(&lines[i], to);
        while (begin < end && lines[i].at[begin] == ' ')
            begin++;
        while (end > begin && lines[i].at[end - 1] == ' ')
            end--;
        if (begin < end) {
            gr_text_add(out, lines[i].at + begin, end - begin);
            return;
        }
    }
}

static void put_wrapped(const char *at, size_t bytes, int width, gr_text *out);

static void put_left_out(const line *lines, int count, const columns *c, int kept, int width, const char *where,
                         gr_text *out)
{
    gr_text said = {0};
    gr_text_printf(&said, "(%d column%s more, for which this terminal has no room: ", c->count - kept,
                   c->count - kept == 1 ? "" : "s");
    for (int i = kept; i < c->count; i++) {
        gr_text_printf(&said, i > kept ? ", " : "");
        put_title(lines, count, c->from[i], c->to[i], &said);
    }
    gr_text_printf(&said, "%s%s)", where != NULL ? "; " : "", where != NULL ? where : "");
    out->failed = out->failed || said.failed;
    if (!said.failed)
        put_wrapped(said.data, said.size, width, out);
    gr_text_free(&said);
}

/* The columns of lines[count], with room used[widest + 1]. */
static void columns_of(const line *lines, int count, int widest, bool *used, columns *out)
{
    memset(used, 0, (size_t)widest + 1);
    for (int i = 0; i < count; i++)
        mark_used(&lines[i], used);
    find_columns(used, widest, out);
}

static void put_table(const line *lines, int count, int widest, bool *used, int width, const char *where, gr_text *out)
{
    columns c;
    columns_of(lines, count, widest, used, &c);
    int kept = columns_that_fit(&c, width);
    for (int i = 0; i < count; i++) {
        for (int k = 0; k < kept; k++) {
            gr_text_printf(out, "%*s", k > 0 ? GAP : 0, "");
            put_cell(&lines[i], c.from[k], c.to[k], k + 1 == kept, out);
        }
        drop_end_blanks(out);
        gr_text_add(out, "\n", 1);
    }
    if (kept < c.count)
        put_left_out(lines, count, &c, kept, width, where, out);
}

/* ---- sentences -------------------------------------------------------------------------------------------------------- */

/* Breaks at blanks; lines behind the first begin two characters further in. A word that is wider than the terminal stays
 * whole. */
static void put_wrapped(const char *at, size_t bytes, int width, gr_text *out)
{
    int indent = (int)strspn(at, " "), column = 0;
    for (size_t i = 0; i < bytes;) {
        size_t blanks = 0, end;
        while (i + blanks < bytes && at[i + blanks] == ' ')
            blanks++;
        for (end = i + blanks; end < bytes && at[end] != ' ';)
            end++;
        int word = width_of(at + i + blanks, end - i - blanks);
        if (i > 0 && column + (int)blanks + word > width) {
            gr_text_printf(out, "\n%*s", indent + GAP, "");
            column = indent + GAP;
        } else {
            gr_text_add(out, at + i, blanks);
            column += (int)blanks;
        }
        gr_text_add(out, at + i + blanks, end - i - blanks);
        column += word;
        i = end;
    }
    gr_text_add(out, "\n", 1);
}

/* ---- both ------------------------------------------------------------------------------------------------------------- */

/* How many of lines[count] are a table, the first on, or 1. A line that blurs a third of the columns above it is another
 * thing, such as a sentence with two blanks in it. */
static int table_at(const line *lines, int count, int widest, bool *used)
{
    columns above, with;
    int rows = 1;
    columns_of(lines, 1, widest, used, &above);
    for (; rows < count && above.count > 1 && is_row(&lines[rows]); rows++) {
        mark_used(&lines[rows], used);
        find_columns(used, widest, &with);
        if (3 * with.count <= 2 * above.count)
            break;
        above = with;
    }
    return rows;
}

void gr_text_fit(const char *text, int width, const char *where, gr_text *out)
{
    size_t most = 1;
    int count = 0, widest = 0;
    for (const char *c = text; *c != '\0'; c++)
        most += *c == '\n';
    line *lines = most < INT_MAX ? gr_alloc(most, sizeof *lines) : NULL;
    for (const char *at = text; lines != NULL && *at != '\0'; at += *at == '\n') {
        lines[count] = next_line(at);
        widest = lines[count].width > widest ? lines[count].width : widest;
        count++;
        at += strcspn(at, "\n");
    }
    bool *used = gr_alloc((size_t)widest + 1, sizeof *used);
    out->failed = out->failed || lines == NULL || used == NULL;
    width = width < NARROWEST ? NARROWEST : width;
    for (int at = 0, rows; !out->failed && at < count; at += rows) {
        int wide = 0;
        rows = table_at(lines + at, count - at, widest, used);
        for (int i = at; i < at + rows; i++)
            wide = lines[i].width > wide ? lines[i].width : wide;
        if (rows > 1 && wide > width)
            put_table(lines + at, rows, widest, used, width, where, out);
        else
            for (int i = at; i < at + rows; i++)
                put_wrapped(lines[i].at, lines[i].bytes, width, out);
    }
    gr_free(used);
    gr_free(lines);
}
