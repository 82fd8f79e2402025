/* What is done with a table when all of it is cut: nameless columns without content go, and decimal commas become points. */
#include <stdlib.h>
#include <string.h>

#include "formats/csv_scanner.h"

static const char *field(const gr_csv_scanner *s, int64_t row, int column)
{
    return s->fields[(size_t)(row + 1) * (size_t)s->columns + (size_t)column];
}

/* ---- columns without name and content ------------------------------------------------------------------------------------ */

static bool has_content(const gr_csv_scanner *s, int column)
{
    for (int64_t r = 0, next = 0; r < s->rows; r++)
        if (*field(s, r, column) != '\0' && !gr_csv_is_wrong(s, r, &next))
            return true;
    return false;
}

static gr_status leave_out_empty(gr_csv_scanner *s)
{
    int nameless = 0, kept = 0;
    for (int c = 0; c < s->columns; c++)
        nameless += *s->fields[c] == '\0';
    if (nameless == 0)
        return GR_OK;
    int *keep = gr_alloc((size_t)s->columns, sizeof *keep);
    if (keep == NULL)
        return gr_fail(s->err, GR_NOMEM, "%s: no memory for its header", s->path);
    nameless = 0;
    for (int c = 0; c < s->columns; c++) {
        bool named = *s->fields[c] != '\0';
        if (!named && !has_content(s, c))
            continue;
        nameless += !named;
        keep[kept++] = c;
    }
    gr_status status = GR_OK;
    if (nameless > 1)
        status = gr_fail(s->err, GR_INVALID, "%s:%lld: the header has two columns called \"\", each name must be there once",
                         s->path, (long long)s->header_line);
    for (int64_t r = 0; status == GR_OK && kept < s->columns && r <= s->rows; r++)
        for (int c = 0; c < kept; c++)
            s->fields[(size_t)r * (size_t)kept + (size_t)c] = s->fields[(size_t)r * (size_t)s->columns + (size_t)keep[c]];
    for (int c = 0; status == GR_OK && c < kept; c++)
        if (keep[c] == s->trimmed_column) {
            s->trimmed_column = c;
            break;
        }
    if (status == GR_OK) {
        s->form.empty_columns = s->columns - kept;
        s->columns = kept;
    }
    gr_free(keep);
    return status;
}

/* ---- decimal commas --------------------------------------------------------------------------------------------------- */

typedef enum kind { TEXT = 0, UNKNOWN, WHOLE, POINT, COMMA, LIST } kind;

/* "12", "-0.5", "0,5", "1.2e-3"; LIST: other text with a comma. */
static kind kind_of(const char *text)
{
    static const char digits[] = "0123456789";
    if (gr_csv_unknown(text))
        return UNKNOWN;
    const char *at = text + (*text == '-' || *text == '+');
    size_t before = strspn(at, digits), behind = 0;
    at += before;
    char mark = *at == '.' || *at == ',' ? *at++ : '\0';
    if (mark != '\0')
        at += behind = strspn(at, digits);
    if (before + behind > 0 && (*at == 'e' || *at == 'E')) {
        const char *exponent = at + 1 + (at[1] == '-' || at[1] == '+');
        size_t length = strspn(exponent, digits);
        at = length > 0 ? exponent + length : at;
    }
    bool number = *at == '\0' && before + behind > 0 && (mark != ',' || behind > 0);
    if (!number)
        return strchr(text, ',') != NULL ? LIST : TEXT;
    return mark == '.' ? POINT : mark == ',' ? COMMA : WHOLE;
}

static gr_status refuse_both(const gr_csv_scanner *s, int column, const int64_t first[])
{
    int64_t earlier = first[POINT] < first[COMMA] ? POINT : COMMA, later = earlier == POINT ? COMMA : POINT;
    return gr_fail(s->err, GR_INVALID,
                   "%s:%lld: %.100s: '%.40s' has a decimal %s, but '%.40s' on line %lld a %s; one of them in the whole "
                   "column would be right",
                   s->path, (long long)s->lines[first[later]], s->fields[column], field(s, first[later], column),
                   later == POINT ? "point" : "comma", field(s, first[earlier], column), (long long)s->lines[first[earlier]],
                   earlier == POINT ? "point" : "comma");
}

/* Reads the column's numbers with points, where all that has a comma is a number. *changed: it had some. */
static gr_status read_commas(gr_csv_scanner *s, int column, bool *changed)
{
    int64_t count[LIST + 1] = {0}, first[LIST + 1] = {0};
    *changed = false;
    for (int64_t r = 0, next = 0; r < s->rows; r++) {
        if (gr_csv_is_wrong(s, r, &next)) /* its cells may be another column's */
            continue;
        kind k = kind_of(field(s, r, column));
        if (count[k]++ == 0)
            first[k] = r;
    }
    if (count[COMMA] == 0 || count[LIST] > 0)
        return GR_OK;
    if (count[POINT] > 0)
        return count[TEXT] == 0 ? refuse_both(s, column, first) : GR_OK;
    for (int64_t r = 0, next = 0; r < s->rows; r++)
        if (!gr_csv_is_wrong(s, r, &next) && kind_of(field(s, r, column)) == COMMA)
            *strchr(s->text + (field(s, r, column) - s->text), ',') = '.'; /* fields are cut out of the scanner's own text */
    *changed = true;
    return GR_OK;
}

static gr_status read_all_commas(gr_csv_scanner *s)
{
    gr_text names = {0};
    gr_status status = GR_OK;
    for (int c = 0; status == GR_OK && c < s->columns; c++) {
        bool changed;
        status = read_commas(s, c, &changed);
        if (status != GR_OK || !changed)
            continue;
        if (names.size < GR_CSV_NAMES_SAID)
            gr_text_printf(&names, "%s%.80s", s->form.comma_columns > 0 ? ", " : "", s->fields[c]);
        s->form.comma_columns++;
    }
    if (status == GR_OK && names.failed)
        status = gr_fail(s->err, GR_NOMEM, "%s: no memory for its columns", s->path);
    if (status == GR_OK)
        s->form.commas = names.data;
    else
        gr_text_free(&names);
    return status;
}

gr_status gr_csv_tidy(gr_csv_scanner *s)
{
    gr_status status = leave_out_empty(s);
    return status == GR_OK && s->form.separator != ',' ? read_all_commas(s) : status;
}
