/* Fields are cut out of the file's text in place: what a field means is never longer than how it is written, and its
 * terminator lands on the separator behind it. */
#include "formats/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN_LIMIT = 10000, ROW_LIMIT = 10000000, FIELD_LIMIT = 100000000, SIZE_LIMIT = 1 << 30 };

typedef struct scanner {
    const char *path;
    char *at, *end;      /* the next byte, and behind the last */
    int64_t line;        /* of `at` */
    const char **fields; /* [count], all fields so far, the header's first */
    size_t count, capacity;
    int64_t *lines; /* [rows] */
    int64_t rows, row_capacity;
    int columns; /* 0 until the header is read */
    bool plain;  /* the first row is no header */
    gr_error *err;
} scanner;

static gr_status refuse(scanner *s, int64_t line, const char *sentence)
{
    return gr_fail(s->err, GR_INVALID, "%s:%lld: %s", s->path, (long long)line, sentence);
}

/* Every line must be UTF-8 without NUL: checked first, so that the cutting below meets clean text only. */
static gr_status check_text(scanner *s)
{
    int64_t line = 1;
    for (char *at = s->at; at < s->end; line++) {
        char *stop = memchr(at, '\n', (size_t)(s->end - at));
        size_t length = (size_t)((stop ? stop : s->end) - at);
        if (memchr(at, '\0', length))
            return refuse(s, line, "holds a NUL byte, a CSV file is text");
        if (!gr_utf8_valid(at, length))
            return refuse(s, line, "is not valid UTF-8, save the file as UTF-8");
        at += length + 1;
    }
    return GR_OK;
}

static gr_status keep_field(scanner *s, const char *field)
{
    if (s->count == FIELD_LIMIT)
        return refuse(s, s->line, "the table is too large, at most 100 million fields are read");
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? s->capacity * 2 : 256;
        const char **fields = gr_realloc(s->fields, capacity, sizeof *fields);
        if (!fields)
            return gr_fail(s->err, GR_NOMEM, "%s: no memory for its fields", s->path);
        s->fields = fields;
        s->capacity = capacity;
    }
    s->fields[s->count++] = field;
    return GR_OK;
}

static gr_status keep_row(scanner *s, int64_t line)
{
    if (s->rows == ROW_LIMIT)
        return refuse(s, line, "the table has more than 10 million rows, the most that is read");
    if (s->rows == s->row_capacity) {
        int64_t capacity = s->row_capacity ? s->row_capacity * 2 : 256;
        int64_t *lines = gr_realloc(s->lines, (size_t)capacity, sizeof *lines);
        if (!lines)
            return gr_fail(s->err, GR_NOMEM, "%s: no memory for its rows", s->path);
        s->lines = lines;
        s->row_capacity = capacity;
    }
    s->lines[s->rows++] = line;
    return GR_OK;
}

/* Cuts a field that begins with a quote; afterwards `at` is on the byte behind the closing quote. */
static gr_status cut_quoted(scanner *s, char **field)
{
    int64_t begin = s->line;
    char *to = *field = ++s->at;
    for (;; s->at++) {
        if (s->at == s->end)
            return refuse(s, begin, "a quote is opened here and never closed");
        if (*s->at == '"') {
            if (s->at + 1 == s->end || s->at[1] != '"')
                break;
            s->at++;
        }
        s->line += *s->at == '\n';
        *to++ = *s->at;
    }
    s->at++;
    *to = '\0'; /* at the latest on the closing quote */
    return GR_OK;
}

static gr_status cut_plain(scanner *s, char **field)
{
    *field = s->at;
    for (; s->at < s->end && *s->at != ',' && *s->at != '\n' && *s->at != '\r'; s->at++)
        if (*s->at == '"')
            return refuse(s, s->line, "a quote stands inside a field, put the field in quotes and double the quote");
    return GR_OK;
}

/* Cuts one field and steps over the separator behind it; *last says that the row ends here. */
static gr_status cut_field(scanner *s, bool *last)
{
    char *field;
    gr_status status = s->at < s->end && *s->at == '"' ? cut_quoted(s, &field) : cut_plain(s, &field);
    if (status != GR_OK)
        return status;
    char *stop = s->at;
    *last = stop == s->end || *stop != ',';
    if (stop < s->end && *stop == '\r') {
        if (stop + 1 < s->end && stop[1] != '\n')
            return refuse(s, s->line, "a carriage return stands alone, lines must end in LF or CR LF");
        s->at++;
    } else if (stop < s->end && *stop != ',' && *stop != '\n')
        return refuse(s, s->line, "text follows a closing quote, expected a comma or the end of the line");
    if (s->at < s->end)
        s->line += *s->at++ == '\n';
    *stop = '\0';
    return keep_field(s, field);
}

static bool only_line_ends_follow(const scanner *s)
{
    for (const char *at = s->at; at < s->end; at++)
        if (*at != '\n' && *at != '\r')
            return false;
    return true;
}

static gr_status cut_row(scanner *s)
{
    int64_t line = s->line;
    size_t before = s->count;
    gr_status status = GR_OK;
    for (bool last = false; status == GR_OK && !last;)
        status = cut_field(s, &last);
    if (status != GR_OK)
        return status;
    size_t fields = s->count - before;
    if (s->columns == 0) {
        if (fields > COLUMN_LIMIT)
            return refuse(s, line, "the header has more than 10000 columns");
        s->columns = (int)fields;
        return GR_OK;
    }
    if (fields != (size_t)s->columns)
        return gr_fail(s->err, GR_INVALID, "%s:%lld: the row has %zu field%s, the header has %d", s->path, (long long)line,
                       fields, fields == 1 ? "" : "s", s->columns);
    return keep_row(s, line);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gr_status check_header(scanner *s)
{
    if (s->columns == 1 && !*s->fields[0])
        return refuse(s, 1, "the header row is empty, the first line must name the columns");
    const char **sorted = gr_alloc((size_t)s->columns, sizeof *sorted);
    if (!sorted)
        return gr_fail(s->err, GR_NOMEM, "%s: no memory for its header", s->path);
    memcpy(sorted, s->fields, (size_t)s->columns * sizeof *sorted);
    qsort(sorted, (size_t)s->columns, sizeof *sorted, by_text);
    gr_status status = GR_OK;
    for (int i = 1; status == GR_OK && i < s->columns; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            status =
                gr_fail(s->err, GR_INVALID, "%s:1: the header has two columns called \"%s\", each name must be there once",
                        s->path, sorted[i]);
    gr_free(sorted);
    return status;
}

static gr_status scan(scanner *s)
{
    if (s->end - s->at >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0)
        s->at += 3;
    if (s->at == s->end)
        return refuse(s, 1, "the file is empty, the first line must name the columns");
    gr_status status = check_text(s);
    if (status == GR_OK)
        status = cut_row(s);
    if (status == GR_OK && !s->plain)
        status = check_header(s);
    while (status == GR_OK && !only_line_ends_follow(s))
        status = cut_row(s);
    return status;
}

static gr_status parse(const char *path, char *text, size_t size, bool plain, gr_csv **csv, gr_error *err)
{
    *csv = NULL;
    scanner s = {.path = path, .at = text, .end = text + size, .line = 1, .plain = plain, .err = err};
    gr_csv *made = gr_alloc(1, sizeof *made);
    char *path_copy = gr_strdup(path);
    gr_status status = made && path_copy ? scan(&s) : gr_fail(err, GR_NOMEM, "%s: no memory for its table", path);
    if (status != GR_OK) {
        gr_free(made);
        gr_free(path_copy);
        gr_free(text);
        gr_free(s.fields);
        gr_free(s.lines);
        return status;
    }
    *made = (gr_csv){s.columns, s.rows, s.fields, s.fields + s.columns, s.lines, path_copy, text};
    *csv = made;
    return GR_OK;
}

static gr_status read_file(const char *path, bool plain, gr_csv **csv, gr_error *err)
{
    char *text;
    size_t size;
    *csv = NULL;
    gr_status status = gr_file_read(path, SIZE_LIMIT, &text, &size, err);
    return status == GR_OK ? parse(path, text, size, plain, csv, err) : status;
}

gr_status gr_csv_read(const char *path, gr_csv **csv, gr_error *err)
{
    return read_file(path, false, csv, err);
}

gr_status gr_csv_read_plain(const char *path, gr_csv **csv, gr_error *err)
{
    return read_file(path, true, csv, err);
}

gr_status gr_csv_parse(const char *path, char *text, size_t size, gr_csv **csv, gr_error *err)
{
    return parse(path, text, size, false, csv, err);
}

void gr_csv_destroy(gr_csv *csv)
{
    if (!csv)
        return;
    gr_free(csv->header); /* the fields are the same block */
    gr_free((void *)csv->line);
    gr_free((void *)csv->path);
    gr_free(csv->text);
    gr_free(csv);
}

int gr_csv_column(const gr_csv *csv, const char *name)
{
    for (int i = 0; i < csv->columns; i++)
        if (strcmp(csv->header[i], name) == 0)
            return i;
    return -1;
}

const char *gr_csv_field(const gr_csv *csv, int64_t row, int column)
{
    return csv->fields[(size_t)row * (size_t)csv->columns + (size_t)column];
}

void gr_csv_put_joined(gr_text *out, const char *prefix, const char *field)
{
    size_t length = strlen(field);
    bool blanks = length > 0 && ((prefix[0] == '\0' && field[0] == ' ') || field[length - 1] == ' ');
    if (strpbrk(field, ",\"\r\n") == NULL && !blanks) {
        gr_text_printf(out, "%s%s", prefix, field);
        return;
    }
    gr_text_printf(out, "\"%s", prefix);
    for (; *field != '\0'; field++)
        gr_text_add(out, *field == '"' ? "\"\"" : field, *field == '"' ? 2 : 1);
    gr_text_add(out, "\"", 1);
}

void gr_csv_put(gr_text *out, const char *field, char end)
{
    gr_csv_put_joined(out, "", field);
    gr_text_add(out, &end, 1);
}

void gr_csv_put_number(gr_text *out, double value)
{
    gr_text_printf(out, isfinite(value) ? ",%.17g" : ",", value);
}
