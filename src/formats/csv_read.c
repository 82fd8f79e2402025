/* Fields are cut out of the file's text in place: what a field means is never longer than how it is written, and its
 * terminator lands on the separator behind it. */
#include "formats/csv_scanner.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMN_LIMIT = 10000, ROW_LIMIT = 10000000, FIELD_LIMIT = 100000000, SIZE_LIMIT = 1 << 30 };

static gr_status keep_field(gr_csv_scanner *s, const char *field)
{
    if (s->count == FIELD_LIMIT)
        return gr_csv_refuse(s, s->line, "the table is too large, at most 100 million fields are read");
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

static gr_status keep_row(gr_csv_scanner *s, int64_t line)
{
    if (s->rows == ROW_LIMIT)
        return gr_csv_refuse(s, line, "the table has more than 10 million rows, the most that is read");
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
static gr_status cut_quoted(gr_csv_scanner *s, char **field, char **end)
{
    int64_t begin = s->line;
    char *to = *field = ++s->at;
    for (;; s->at++) {
        if (s->at == s->end)
            return gr_csv_refuse(s, begin, "a quote is opened here and never closed");
        if (*s->at == '"') {
            if (s->at + 1 == s->end || s->at[1] != '"')
                break;
            s->at++;
        }
        s->line += *s->at == '\n';
        *to++ = *s->at;
    }
    s->at++;
    *end = to; /* at the latest on the closing quote */
    return GR_OK;
}

static gr_status cut_plain(gr_csv_scanner *s, char **field, char **end)
{
    const char separator = s->form.separator;
    char *at = s->at, *const behind = s->end;
    *field = at;
    gr_status status = GR_OK;
    for (; status == GR_OK && at < behind && *at != separator && *at != '\n' && *at != '\r'; at++)
        if (*at == '"')
            status = gr_csv_wrong(s, s->line, "a quote stands inside a field, put the field in quotes and double the quote");
    *end = s->at = at;
    return status;
}

/* Takes blanks off both ends of field[end - field] and ends it. */
static char *trim(gr_csv_scanner *s, char *field, char *end, int64_t line, int column)
{
    char *from = field, *to = end;
    if (from < to && (signed char)from[0] > ' ' && (signed char)to[-1] > ' ') { /* ASCII and no blanks, as most */
        *to = '\0';
        return field;
    }
    for (size_t length; from < to && (length = gr_blank(from)) > 0;)
        from += length;
    for (size_t length; to > from && (length = gr_blank_before(from, to)) > 0;)
        to -= length;
    *to = '\0';
    if (from == field && to == end)
        return field;
    if (s->columns == 0)
        s->form.trimmed_names++;
    else if (column < s->columns && s->form.trimmed++ == 0) {
        s->form.trimmed_line = line;
        s->trimmed_column = column;
    }
    return from;
}

/* Steps over text that belongs to no field, up to the next separator or the end of the line. */
static void pass_over(gr_csv_scanner *s)
{
    while (s->at < s->end && *s->at != s->form.separator && *s->at != '\n')
        s->at++;
}

/* Behind a field stands neither a separator nor the end of a line. A carriage return may part rows, and a quote that closes on a
 * later line than the row began may have swallowed some: these are refused always. */
static gr_status refuse_behind(gr_csv_scanner *s, int64_t line)
{
    if (*s->at == '\r')
        return gr_csv_refuse(s, s->line, "a carriage return stands alone, lines must end in LF or CR LF");
    char said[100];
    snprintf(said, sizeof said, "text follows a closing quote, expected a %s or the end of the line",
             gr_csv_separator_name(s->form.separator));
    gr_status status = s->line == line ? gr_csv_wrong(s, s->line, said) : gr_csv_refuse(s, s->line, said);
    pass_over(s);
    return status;
}

/* Cuts the field in column `column` and steps over the separator behind it; *last says that the row ends here. */
static gr_status cut_field(gr_csv_scanner *s, int64_t line, int column, bool *last)
{
    char *field = NULL, *end = NULL;
    const char separator = s->form.separator;
    gr_status status = s->at < s->end && *s->at == '"' ? cut_quoted(s, &field, &end) : cut_plain(s, &field, &end);
    if (status != GR_OK)
        return status;
    const char *stop = s->at;
    if (stop < s->end && *stop == '\r' && (stop + 1 == s->end || stop[1] == '\n'))
        s->at++;
    else if (stop < s->end && *stop != separator && *stop != '\n')
        status = refuse_behind(s, line);
    if (status != GR_OK)
        return status;
    *last = s->at == s->end || *s->at != separator;
    s->row_end = s->line;
    if (s->at < s->end)
        s->line += *s->at++ == '\n';
    return keep_field(s, trim(s, field, end, line, column));
}

/* Behind the last byte that is no line end. */
static const char *end_of_content(const gr_csv_scanner *s)
{
    const char *end = s->end;
    while (end > s->at && (end[-1] == '\n' || end[-1] == '\r'))
        end--;
    return end;
}

/* What makes a line of the row from `line` to its end no text; NULL: nothing. Rows are asked for in their order. */
static const char *find_odd(gr_csv_scanner *s, int64_t line)
{
    while (s->odd_next < s->odd_count && s->odd[s->odd_next].row < line)
        s->odd_next++;
    bool here = s->odd_next < s->odd_count && s->odd[s->odd_next].row <= s->row_end;
    return here ? s->odd[s->odd_next].text : NULL;
}

/* The header row, of which `fields` are cut. */
static gr_status keep_header(gr_csv_scanner *s, int64_t line, size_t fields)
{
    const char *odd = find_odd(s, line);
    if (odd != NULL)
        return gr_csv_refuse(s, line, odd);
    if (fields > COLUMN_LIMIT)
        return gr_csv_refuse(s, line, "the header has more than 10000 columns");
    s->columns = (int)fields;
    for (int c = 0; c < s->columns; c++)
        if (*s->fields[c] != '\0')
            s->needed = c + 1;
    return GR_OK;
}

/* The row that began on line `line` has another number of fields than the header. */
static gr_status refuse_count(gr_csv_scanner *s, int64_t line, size_t fields)
{
    char said[160];
    int used = snprintf(said, sizeof said, "the row has %zu field%s, the header has %d", fields, fields == 1 ? "" : "s",
                        s->columns);
    if (s->row_end > line) /* a quote that was forgotten may have swallowed the rows between */
        snprintf(said + used, sizeof said - (size_t)used, "; a quote goes on to line %lld", (long long)s->row_end);
    return gr_csv_wrong(s, line, said);
}

/* The fields from `before` on are a row: it may end early, or in empty cells, where the header has no names. */
static gr_status complete_row(gr_csv_scanner *s, int64_t line, size_t before)
{
    size_t fields = s->count - before, content = 0, columns = (size_t)s->columns;
    for (size_t i = 0; i < fields; i++)
        if (*s->fields[before + i] != '\0')
            content = i + 1;
    const char *odd = find_odd(s, line);
    if (odd != NULL && gr_csv_wrong(s, line, odd) != GR_OK)
        return s->err->status;
    bool wrong = s->fault_count > 0 && s->faults[s->fault_count - 1].row == s->rows;
    if (content == 0 && !wrong) {
        s->count = before;
        s->form.empty_rows++;
        return GR_OK;
    }
    gr_status status = GR_OK;
    if (content > columns || (fields < columns && fields < (size_t)s->needed))
        status = refuse_count(s, line, fields);
    if (fields > columns)
        s->count = before + columns;
    while (status == GR_OK && s->count < before + columns)
        status = keep_field(s, "");
    return status == GR_OK ? keep_row(s, line) : status;
}

static gr_status cut_row(gr_csv_scanner *s)
{
    int64_t line = s->line;
    size_t before = s->count;
    gr_status status = GR_OK;
    for (bool last = false; status == GR_OK && !last;)
        status = cut_field(s, line, (int)(s->count - before), &last);
    if (status != GR_OK)
        return status;
    return s->columns == 0 ? keep_header(s, line, s->count - before) : complete_row(s, line, before);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static gr_status check_header(gr_csv_scanner *s)
{
    if (s->needed == 0)
        return gr_csv_refuse(s, s->header_line, "the header row is empty, the first line must name the columns");
    const char **sorted = gr_alloc((size_t)s->columns, sizeof *sorted);
    if (!sorted)
        return gr_fail(s->err, GR_NOMEM, "%s: no memory for its header", s->path);
    memcpy(sorted, s->fields, (size_t)s->columns * sizeof *sorted);
    qsort(sorted, (size_t)s->columns, sizeof *sorted, by_text);
    gr_status status = GR_OK;
    for (int i = 1; status == GR_OK && i < s->columns; i++)
        if (*sorted[i] != '\0' && strcmp(sorted[i - 1], sorted[i]) == 0)
            status = gr_fail(s->err, GR_INVALID,
                             "%s:%lld: the header has two columns called \"%s\", each name must be there once", s->path,
                             (long long)s->header_line, sorted[i]);
    gr_free(sorted);
    return status;
}

static gr_status scan(gr_csv_scanner *s)
{
    gr_status status = gr_csv_decode(s);
    if (status == GR_OK)
        status = gr_csv_find_separator(s);
    if (status == GR_OK)
        status = cut_row(s);
    if (status == GR_OK && !s->plain)
        status = check_header(s);
    for (const char *end = end_of_content(s); status == GR_OK && s->at < end;)
        status = cut_row(s);
    return status == GR_OK && !s->plain ? gr_csv_tidy(s) : status;
}

/* What tables are read as. */
typedef enum reading { STRICT = 0, PLAIN, TOLERANT } reading;

static gr_status parse(const char *path, char *text, size_t size, reading as, gr_csv **csv, gr_error *err)
{
    *csv = NULL;
    gr_csv_scanner s = {.path = path,
                        .text = text,
                        .at = text,
                        .end = text + size,
                        .line = 1,
                        .header_line = 1,
                        .plain = as == PLAIN,
                        .tolerant = as == TOLERANT,
                        .form.separator = ',',
                        .err = err};
    gr_csv *made = gr_alloc(1, sizeof *made);
    char *path_copy = gr_strdup(path);
    gr_status status = made && path_copy ? scan(&s) : gr_fail(err, GR_NOMEM, "%s: no memory for its table", path);
    gr_free(s.odd);
    if (status != GR_OK) {
        gr_free(made);
        gr_free(path_copy);
        gr_free(s.text);
        gr_free(s.fields);
        gr_free(s.lines);
        gr_free(s.faults);
        gr_arena_destroy(s.fault_texts);
        return status;
    }
    if (s.form.trimmed > 0)
        s.form.trimmed_column = s.fields[s.trimmed_column];
    *made = (gr_csv){.columns = s.columns,
                     .rows = s.rows,
                     .header = s.fields,
                     .fields = s.fields + s.columns,
                     .line = s.lines,
                     .path = path_copy,
                     .header_line = s.header_line,
                     .form = s.form,
                     .text = s.text,
                     .faults = s.faults,
                     .fault_count = s.fault_count,
                     .fault_texts = s.fault_texts};
    *csv = made;
    return GR_OK;
}

static gr_status read_file(const char *path, reading as, gr_csv **csv, gr_error *err)
{
    char *text;
    size_t size;
    *csv = NULL;
    gr_status status = gr_file_read(path, SIZE_LIMIT, &text, &size, err);
    return status == GR_OK ? parse(path, text, size, as, csv, err) : status;
}

gr_status gr_csv_read(const char *path, gr_csv **csv, gr_error *err)
{
    return read_file(path, STRICT, csv, err);
}

gr_status gr_csv_read_plain(const char *path, gr_csv **csv, gr_error *err)
{
    return read_file(path, PLAIN, csv, err);
}

gr_status gr_csv_read_tolerant(const char *path, gr_csv **csv, gr_error *err)
{
    return read_file(path, TOLERANT, csv, err);
}

gr_status gr_csv_parse(const char *path, char *text, size_t size, gr_csv **csv, gr_error *err)
{
    return parse(path, text, size, STRICT, csv, err);
}

void gr_csv_destroy(gr_csv *csv)
{
    if (!csv)
        return;
    gr_free(csv->header); /* the fields are the same block */
    gr_free(csv->line);
    gr_free((void *)csv->path);
    gr_free((void *)csv->form.commas);
    gr_free(csv->text);
    gr_free(csv->faults);
    gr_arena_destroy(csv->fault_texts);
    gr_free(csv);
}

void gr_csv_say(const gr_csv *csv, gr_text *out)
{
    const gr_csv_form *f = &csv->form;
    if (f->encoding != NULL)
        gr_text_printf(out, "%s: is in %s and was read as that\n", csv->path, f->encoding);
    if (f->returns)
        gr_text_printf(out, "%s: its lines end in carriage returns alone, read as line feeds\n", csv->path);
    if (f->separator != ',')
        gr_text_printf(out, "%s: its columns are separated by %ss\n", csv->path, gr_csv_separator_name(f->separator));
    if (f->comma_columns > 0)
        gr_text_printf(out, "%s: %d column%s decimal commas, read as points: %s%s\n", csv->path, f->comma_columns,
                       f->comma_columns == 1 ? " has" : "s have", f->commas, strlen(f->commas) >= GR_CSV_NAMES_SAID ? ", ..." : "");
    if (f->trimmed_names > 0)
        gr_text_printf(out, "%s: %d column name%s blanks at an end, read without\n", csv->path, f->trimmed_names,
                       f->trimmed_names == 1 ? " has" : "s have");
    if (f->trimmed > 0)
        gr_text_printf(out, "%s: %lld value%s blanks at an end, read without; the first on line %lld in column %s\n", csv->path,
                       (long long)f->trimmed, f->trimmed == 1 ? " has" : "s have", (long long)f->trimmed_line, f->trimmed_column);
    if (f->empty_columns > 0)
        gr_text_printf(out, "%s: %d column%s without name and content left out\n", csv->path, f->empty_columns,
                       f->empty_columns == 1 ? "" : "s");
    if (f->empty_rows > 0)
        gr_text_printf(out, "%s: %lld empty row%s left out\n", csv->path, (long long)f->empty_rows, f->empty_rows == 1 ? "" : "s");
}

const char *gr_csv_fault_of(const gr_csv *csv, int64_t row)
{
    int64_t from = 0, to = csv->fault_count;
    while (from < to) {
        int64_t middle = from + (to - from) / 2;
        if (csv->faults[middle].row < row)
            from = middle + 1;
        else
            to = middle;
    }
    return from < csv->fault_count && csv->faults[from].row == row ? csv->faults[from].text : NULL;
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
        gr_text_add(out, prefix, strlen(prefix));
        gr_text_add(out, field, length);
        return;
    }
    gr_text_add(out, "\"", 1);
    gr_text_add(out, prefix, strlen(prefix));
    for (const char *quote; (quote = strchr(field, '"')) != NULL; field = quote + 1) {
        gr_text_add(out, field, (size_t)(quote - field));
        gr_text_add(out, "\"\"", 2);
    }
    gr_text_add(out, field, strlen(field));
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

void gr_csv_put_rounded(gr_text *out, double value)
{
    gr_text_printf(out, isfinite(value) ? ",%.6g" : ",", value);
}
