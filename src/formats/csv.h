/* Tables of text: CSV as in RFC 4180 in UTF-8, and what spreadsheets make of it. Other separators and encodings are found,
 * blanks around values and what is empty are taken away, and all of that can be said (gr_csv_say). */
#ifndef GR_FORMATS_CSV_H
#define GR_FORMATS_CSV_H

#include "base/base.h"

/* How a table is written, and what was read otherwise than it stands there. */
typedef struct gr_csv_form {
    const char *encoding; /* "UTF-16" or "Windows-1252"; NULL: UTF-8 */
    char separator;
    bool returns; /* lines end in carriage returns alone */
    int64_t trimmed; /* values with blanks at an end, which were read without; the first of them: */
    int64_t trimmed_line;
    const char *trimmed_column;
    int trimmed_names;  /* likewise of column names */
    int comma_columns;  /* columns of numbers with decimal commas, which were read with points */
    const char *commas; /* the first few of them, "score, weight"; NULL: none; owned */
    int empty_columns;  /* without name and content, left out */
    int64_t empty_rows; /* without content before the last row, left out */
} gr_csv_form;

/* What is wrong with how a row is written. */
typedef struct gr_csv_fault {
    int64_t row;
    const char *text;
} gr_csv_fault;

/* A table of text; every string lives as long as the table. */
typedef struct gr_csv {
    int columns;
    int64_t rows;        /* without the header row */
    const char **header; /* [columns], all different */
    const char **fields; /* [rows * columns], row by row */
    int64_t *line;       /* [rows], the line of the file on which each row begins */
    const char *path;    /* as given, for errors */
    int64_t header_line; /* 1; 2 below a line "sep=;" */
    gr_csv_form form;
    char *text; /* the file; fields are cut out of it in place */
    gr_csv_fault *faults; /* [fault_count], in the order of the rows */
    int64_t fault_count;  /* 0 unless gr_csv_read_tolerant read it */
    gr_arena *fault_texts;
} gr_csv;

/* Reads a table of at most 1 GB and 10 million rows; gives *csv (gr_csv_destroy).
 *
 * The encoding is UTF-8, UTF-16 with its byte-order mark, or Windows-1252 where the bytes look like western words in it.
 * Lines end in LF, CR LF, or all of them in CR.
 * Columns are separated by what separates the header: commas, semicolons or tabs, or what a first line such as "sep=;"
 * names. Where that is no comma, a column of numbers with decimal commas is read with points. Blanks of every kind at either
 * end of a value or name are no part of it. Columns without name and content are left out, and so are rows without content;
 * a row may lack cells of such columns and have more empty cells than the header. Fails: GR_INVALID ("FILE:LINE: ...": NUL
 * byte, another encoding, a row with another number of fields than the header, a quote that is not closed or stands inside a
 * field, no header, a duplicate column name, a header that could be separated in two ways, a column of numbers with points
 * and commas, too large), GR_NOMEM. */
gr_status gr_csv_read(const char *path, gr_csv **csv, gr_error *err) GR_MUST_CHECK;
/* The same of text[size] with a NUL behind it, which it TAKES, also when it fails; `path` is for sentences. */
gr_status gr_csv_parse(const char *path, char *text, size_t size, gr_csv **csv, gr_error *err) GR_MUST_CHECK;
/* Reads a table whose first row is not one of names: there `header` may hold a field twice, and an empty one. Otherwise as
 * gr_csv_read. */
gr_status gr_csv_read_plain(const char *path, gr_csv **csv, gr_error *err) GR_MUST_CHECK;
/* Reads a table whose wrong rows shall not lose the others: a row with another number of fields than the header, with a quote
 * inside a field, with text behind a closing quote on the row's first line, or in a line with bytes that are no text (where all
 * beyond ASCII become question marks) is kept, cut to the header's columns or filled with empty cells, and gr_csv_fault_of says
 * what is wrong with it. Otherwise as gr_csv_read. */
gr_status gr_csv_read_tolerant(const char *path, gr_csv **csv, gr_error *err) GR_MUST_CHECK;
/* What is wrong with how row `row` is written; NULL: nothing. Never fails. */
const char *gr_csv_fault_of(const gr_csv *csv, int64_t row);
void gr_csv_destroy(gr_csv *csv);

/* Appends what a reader should know of how the table was read, a sentence a line; nothing for comma-separated UTF-8 without
 * blanks and empty rows. A failure sticks in out->failed. */
void gr_csv_say(const gr_csv *csv, gr_text *out);

/* The column called `name`, or -1. Never fails. */
int gr_csv_column(const gr_csv *csv, const char *name);
/* The field at (row, column). Never fails. */
const char *gr_csv_field(const gr_csv *csv, int64_t row, int column);
/* Does the text of a cell say that its value is not known: empty, or NA, N/A, NaN, null and the like of R and pandas, or a
 * single point? Never fails. */
bool gr_csv_unknown(const char *text);

/* Appends one field, quoted when it holds a comma, quote, line end, or blanks at an end; then `end` (',' or '\n'). A failure
 * sticks in out->failed. */
void gr_csv_put(gr_text *out, const char *field, char end);
/* The same of "PREFIXFIELD" as one field, without an end; nothing in the prefix needs quotes. */
void gr_csv_put_joined(gr_text *out, const char *prefix, const char *field);
/* Appends a comma and a number that reads back the same, or the comma alone where it is not finite. Likewise. */
void gr_csv_put_number(gr_text *out, double value);
/* The same with six significant digits, for tables that people read. Likewise. */
void gr_csv_put_rounded(gr_text *out, double value);

#endif
