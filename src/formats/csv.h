/* CSV as in RFC 4180: UTF-8 (a byte order mark is fine), a header row, LF or CRLF, fields in double quotes where needed. */
#ifndef GR_FORMATS_CSV_H
#define GR_FORMATS_CSV_H

#include "base/base.h"

/* A table of text; every string lives as long as the table. */
typedef struct gr_csv {
    int columns;
    int64_t rows;        /* without the header row */
    const char **header; /* [columns], all different */
    const char **fields; /* [rows * columns], row by row */
    const int64_t *line; /* [rows], the line of the file on which each row begins; the header is on line 1 */
    const char *path;    /* as given, for errors */
    char *text;          /* the file; fields are cut out of it in place */
} gr_csv;

/* Reads a CSV file of at most 1 GB and 10 million rows; gives *csv (gr_csv_destroy). Empty lines at the end are ignored.
 * Fails: GR_INVALID ("FILE:LINE: ...": NUL byte, invalid UTF-8, a row with another number of fields than the header, a quote
 * that is not closed or stands inside a field, no header, a duplicate column name, too large), GR_NOMEM. */
gr_status gr_csv_read(const char *path, gr_csv **csv, gr_error *err) GR_MUST_CHECK;
/* The same of text[size] with a NUL behind it, which it TAKES, also when it fails; `path` is for sentences. */
gr_status gr_csv_parse(const char *path, char *text, size_t size, gr_csv **csv, gr_error *err) GR_MUST_CHECK;
/* Reads a table whose first row is not one of names: there `header` may hold a field twice, and an empty one. Otherwise as
 * gr_csv_read. */
gr_status gr_csv_read_plain(const char *path, gr_csv **csv, gr_error *err) GR_MUST_CHECK;
void gr_csv_destroy(gr_csv *csv);

/* The column called `name`, or -1. Never fails. */
int gr_csv_column(const gr_csv *csv, const char *name);
/* The field at (row, column). Never fails. */
const char *gr_csv_field(const gr_csv *csv, int64_t row, int column);

/* Appends one field, quoted when it holds a comma, quote, line end, or blanks at an end; then `end` (',' or '\n'). A failure
 * sticks in out->failed. */
void gr_csv_put(gr_text *out, const char *field, char end);
/* The same of "PREFIXFIELD" as one field, without an end; nothing in the prefix needs quotes. */
void gr_csv_put_joined(gr_text *out, const char *prefix, const char *field);
/* Appends a comma and a number that reads back the same, or the comma alone where it is not finite. Likewise. */
void gr_csv_put_number(gr_text *out, double value);

#endif
