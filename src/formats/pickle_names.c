#include "formats/pickle_names.h"

#include <stdio.h>
#include <string.h>

typedef struct machine {
    const char *place, *at;
    gr_arena *arena;
    gr_pickle **stack, **memo; /* [room]: no more than there are bytes */
    size_t depth, room;
    gr_error *err;
} machine;

static gr_status refuse(const machine *m, const char *what)
{
    return gr_fail(m->err, GR_INVALID, "%s: its list of names %s", m->place, what);
}

static gr_status push(machine *m, gr_pickle *object)
{
    if (object == NULL)
        return gr_fail(m->err, GR_NOMEM, "%s: no memory for its list of names", m->place);
    m->stack[m->depth++] = object;
    return GR_OK;
}

static gr_pickle *make(const machine *m, gr_pickle_kind kind)
{
    return gr_pickle_new(m->arena, kind);
}

/* The rest of the line, behind which *at is left; false when it has no end. */
static bool take_line(machine *m, const char **line, size_t *length)
{
    const char *end = strchr(m->at, '\n');
    if (end == NULL)
        return false;
    *line = m->at;
    *length = (size_t)(end - m->at);
    m->at = end + 1;
    return true;
}

/* ---- texts -------------------------------------------------------------------------------------------------------------
 */

static size_t put_utf8(char *to, uint32_t c)
{
    size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size; i-- > 1; c >>= 6)
        to[i] = (char)(0x80 | (c & 0x3f));
    to[0] = (char)(first[size] | c);
    return size;
}

/* The character of \uXXXX or \UXXXXXXXX at `at`; 0: there is none. */
static uint32_t escaped(const char *at, const char *end, size_t *length)
{
    size_t digits = at[0] != '\\' || end - at < 2 ? 0 : at[1] == 'u' ? 4 : at[1] == 'U' ? 8 : 0;
    uint32_t c = 0;
    *length = 2 + digits;
    if (digits == 0 || (size_t)(end - at) < *length)
        return 0;
    for (size_t i = 0; i < digits; i++) {
        static const char hex[] = "0123456789abcdef";
        const char *digit = strchr(hex, at[2 + i] >= 'A' && at[2 + i] <= 'F' ? at[2 + i] - 'A' + 'a' : at[2 + i]);
        if (digit == NULL || c > 0x10ffff)
            return 0;
        c = c << 4 | (uint32_t)(digit - hex);
    }
    return c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ? 0 : c;
}

/* Python's raw-unicode-escape. */
static gr_pickle *make_text(const machine *m, const char *line, size_t length)
{
    gr_pickle *object = make(m, GR_PICKLE_TEXT);
    char *to = gr_arena_alloc(m->arena, length + 1, 1);
    if (object == NULL || to == NULL)
        return NULL;
    object->text = to;
    for (const char *from = line, *end = line + length; from < end;) {
        size_t escape;
        uint32_t c = escaped(from, end, &escape);
        if (c != 0)
            to += put_utf8(to, c);
        else
            *to++ = *from;
        from += c != 0 ? escape : 1;
    }
    *to = '\0';
    object->count = (size_t)(to - object->text);
    return object;
}

/* 'text' of Python 2, without escapes. */
static gr_status push_old_text(machine *m, const char *line, size_t length)
{
    if (length < 2 || (line[0] != '\'' && line[0] != '"') || line[length - 1] != line[0] ||
        memchr(line, '\\', length) != NULL)
        return refuse(m, "holds a text that is not read");
    return push(m, make_text(m, line + 1, length - 2));
}

static gr_status push_number(machine *m, const char *line, size_t length)
{
    char digits[32];
    gr_pickle *object = make(m, GR_PICKLE_INTEGER);
    snprintf(digits, sizeof digits, "%.*s", (int)(length < sizeof digits ? length : 0), line);
    if (object != NULL && !gr_parse_int64(digits, &object->integer))
        return refuse(m, "holds a number that is none");
    return push(m, object);
}

/* ---- lists -------------------------------------------------------------------------------------------------------------
 */

/* What lies above the topmost mark becomes a list or a tuple in its place. */
static gr_status gather(machine *m, gr_pickle_kind kind)
{
    size_t mark = m->depth;
    while (mark > 0 && m->stack[mark - 1]->kind != GR_PICKLE_MARK)
        mark--;
    gr_pickle *object = make(m, kind);
    if (mark == 0)
        return refuse(m, "makes no sense");
    for (size_t i = mark; object != NULL && i < m->depth; i++)
        if (!gr_pickle_append(m->arena, object, m->stack[i]))
            object = NULL;
    m->depth = mark - 1;
    return push(m, object);
}

static gr_status append(machine *m)
{
    if (m->depth < 2 || m->stack[m->depth - 2]->kind != GR_PICKLE_LIST || m->stack[m->depth - 1]->kind == GR_PICKLE_MARK)
        return refuse(m, "makes no sense");
    m->depth--;
    bool appended = gr_pickle_append(m->arena, m->stack[m->depth - 1], m->stack[m->depth]);
    return appended ? GR_OK : gr_fail(m->err, GR_NOMEM, "%s: no memory for its list of names", m->place);
}

/* pN: remembers the topmost; gN: brings it back. */
static gr_status remember(machine *m, char code, const char *line, size_t length)
{
    char digits[32];
    int64_t number;
    snprintf(digits, sizeof digits, "%.*s", (int)(length < sizeof digits ? length : 0), line);
    if (!gr_parse_int64(digits, &number) || number < 0 || (size_t)number >= m->room)
        return refuse(m, "makes no sense");
    if (code == 'g')
        return m->memo[number] != NULL ? push(m, m->memo[number]) : refuse(m, "makes no sense");
    if (m->depth == 0 || m->stack[m->depth - 1]->kind == GR_PICKLE_MARK)
        return refuse(m, "makes no sense");
    m->memo[number] = m->stack[m->depth - 1];
    return GR_OK;
}

static gr_status step(machine *m, char code)
{
    const char *line = "";
    size_t length = 0;
    if (strchr("VSIpg", code) != NULL && !take_line(m, &line, &length))
        return refuse(m, "is cut off");
    switch (code) {
    case '(': return push(m, make(m, GR_PICKLE_MARK));
    case 'N': return push(m, make(m, GR_PICKLE_NONE));
    case 'l': return gather(m, GR_PICKLE_LIST);
    case 't': return gather(m, GR_PICKLE_TUPLE);
    case 'a': return append(m);
    case 'V': return push(m, make_text(m, line, length));
    case 'S': return push_old_text(m, line, length);
    case 'I': return push_number(m, line, length);
    case 'p':
    case 'g': return remember(m, code, line, length);
    default: return refuse(m, "holds more than texts and numbers");
    }
}

gr_status gr_pickle_names(const char *place, const char *text, gr_arena *arena, gr_pickle **root, gr_error *err)
{
    machine m = {.place = place, .at = text, .arena = arena, .room = strlen(text) + 1, .err = err};
    m.stack = gr_alloc(m.room, sizeof *m.stack);
    m.memo = gr_alloc(m.room, sizeof *m.memo);
    gr_status status = GR_OK;
    if (m.stack == NULL || m.memo == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its list of names", place);
    while (status == GR_OK && *m.at != '\0' && *m.at != '.')
        status = step(&m, *m.at++);
    if (status == GR_OK && *m.at == '\0')
        status = refuse(&m, "is cut off");
    if (status == GR_OK && (m.depth != 1 || m.stack[0]->kind == GR_PICKLE_MARK))
        status = refuse(&m, "makes no sense");
    *root = status == GR_OK ? m.stack[0] : NULL;
    gr_free(m.stack);
    gr_free(m.memo);
    return status;
}
