/* What separates the columns of a table: what its header shows, or a first line such as "sep=;" that Excel understands. */
#include <string.h>
#include <strings.h>

#include "formats/csv_scanner.h"

enum { ROWS_LOOKED_AT = 1000 };

static const char separators[] = ",;\t|";

const char *gr_csv_separator_name(char separator)
{
    return separator == ',' ? "comma" : separator == ';' ? "semicolon" : separator == '\t' ? "tab" : "bar";
}

/* "sep=;", perhaps in quotes; steps over the line. *named: there is one. */
static gr_status read_sep_line(gr_csv_scanner *s, bool *named)
{
    const char *at = s->at;
    bool quoted = *at == '"';
    at += quoted;
    *named = false;
    if (s->end - at < 5 || strncasecmp(at, "sep=", 4) != 0)
        return GR_OK;
    char separator = at[4];
    const char *stop = at + 5 + (quoted && at[5] == '"');
    stop += *stop == '\r';
    if (separator == '\n' || separator == '\r' || (stop < s->end && *stop != '\n'))
        return GR_OK; /* more than such a line: a table with a column of that name */
    if (separator == '\0' || strchr(separators, separator) == NULL)
        return gr_fail(s->err, GR_INVALID,
                       "%s:1: names \"%c\" as the separator of columns; a comma, a semicolon, a tab or | would be right",
                       s->path, separator);
    *named = true;
    s->form.separator = separator;
    s->at += stop - s->at + (stop < s->end);
    s->line = s->header_line = 2;
    return s->at < s->end ? GR_OK
                          : gr_csv_refuse(s, 2, "the file ends behind its first line, the second must name the columns");
}

/* How often `separator` stands outside quotes in the record at *at, which moves behind it. */
static int64_t count_in_record(const char **at, const char *end, char separator)
{
    int64_t count = 0;
    bool quoted = false;
    for (; *at < end && (quoted || **at != '\n'); ++*at) {
        quoted = quoted != (**at == '"');
        count += !quoted && **at == separator;
    }
    *at += *at < end;
    return count;
}

/* How many of the first rows have another number of them than the header? */
static int misfits(const gr_csv_scanner *s, char separator)
{
    const char *at = s->at;
    int64_t header = count_in_record(&at, s->end, separator);
    int count = 0;
    for (int row = 0; at < s->end && row < ROWS_LOOKED_AT; row++) {
        bool blank = *at == '\n' || *at == '\r';
        count += count_in_record(&at, s->end, separator) != header && !blank;
    }
    return count;
}

/* Wrong rows fit none of found[count]: that one which the fewest misfit, where it is one. */
static char best_of(const gr_csv_scanner *s, const char *found, int count)
{
    int best = 0, least = misfits(s, found[0]);
    bool one = true;
    for (int i = 1; i < count; i++) {
        int now = misfits(s, found[i]);
        one = now < least || (one && now > least);
        best = now < least ? i : best;
        least = now < least ? now : least;
    }
    return one ? found[best] : ',';
}

gr_status gr_csv_find_separator(gr_csv_scanner *s)
{
    bool named;
    char found[3];
    int in_header = 0, fitting = 0;
    gr_status status = read_sep_line(s, &named);
    if (status != GR_OK || named)
        return status;
    for (int i = 0; i < 3; i++) {
        const char *at = s->at;
        if (count_in_record(&at, s->end, separators[i]) > 0)
            found[in_header++] = separators[i];
    }
    s->form.separator = in_header == 1 ? found[0] : ',';
    if (in_header < 2)
        return GR_OK;
    char fit[2] = "";
    for (int i = 0; i < in_header; i++)
        if (misfits(s, found[i]) == 0 && fitting++ < 2)
            fit[fitting - 1] = found[i];
    if (fitting > 1)
        return gr_fail(
            s->err, GR_INVALID,
            "%s:1: the header can be cut at each %s or at each %s, and so can the rows; a first line sep=%s would be right, "
            "with the one that is meant",
            s->path, gr_csv_separator_name(fit[0]), gr_csv_separator_name(fit[1]), fit[1] == ';' ? ";" : ",");
    if (fitting == 1)
        s->form.separator = fit[0];
    else if (s->tolerant)
        s->form.separator = best_of(s, found, in_header);
    return GR_OK;
}
