/* A table under way, shared by the files that read one: csv_read.c (cutting), csv_encoding.c, csv_separator.c and csv_tidy.c. */
#ifndef GR_FORMATS_CSV_SCANNER_H
#define GR_FORMATS_CSV_SCANNER_H

#include "formats/csv.h"

enum { GR_CSV_NAMES_SAID = 200 /* bytes of column names in a sentence; there is an end to it behind them */ };

typedef struct gr_csv_scanner {
    const char *path;
    char *text;          /* the block that `at` walks through; owned */
    char *at, *end;      /* the next byte, and behind the last */
    int64_t line;        /* of `at` */
    int64_t row_end;     /* the line of the last field's end */
    const char **fields; /* [count], all fields so far, the header's first */
    size_t count, capacity;
    int64_t *lines; /* [rows] */
    int64_t rows, row_capacity;
    int columns, needed; /* 0 until the header is read; up to the last that has a name */
    int64_t header_line;
    int trimmed_column; /* of the first trimmed value */
    bool plain;         /* the first row is no header */
    bool tolerant;      /* wrong rows are kept, with what is wrong: */
    gr_csv_fault *faults;
    int64_t fault_count, fault_capacity;
    gr_arena *fault_texts;
    gr_csv_fault *odd; /* [odd_count]: lines (as `row`) whose bytes are no text, and what is wrong; from `odd_next` on before us */
    int64_t odd_count, odd_capacity, odd_next;
    gr_csv_form form;
    gr_error *err;
} gr_csv_scanner;

/* "FILE:LINE: SENTENCE". */
gr_status gr_csv_refuse(gr_csv_scanner *s, int64_t line, const char *sentence);
/* The same where wrong rows are refused; else notes the sentence about the row that is being cut, unless it has one.
 * Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_csv_wrong(gr_csv_scanner *s, int64_t line, const char *sentence) GR_MUST_CHECK;
/* Is something wrong with row `row`? `*next` (0 at first) walks through the faults as rows are asked for in their order. */
bool gr_csv_is_wrong(const gr_csv_scanner *s, int64_t row, int64_t *next);

/* Makes the text UTF-8 without NUL and steps over its byte-order mark. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_csv_decode(gr_csv_scanner *s) GR_MUST_CHECK;
/* Finds the separator, and steps over the line that names it. Fails: GR_INVALID. */
gr_status gr_csv_find_separator(gr_csv_scanner *s) GR_MUST_CHECK;
/* "comma", "semicolon", "tab". Never fails. */
const char *gr_csv_separator_name(char separator);
/* Leaves out columns without name and content, and reads decimal commas. Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_csv_tidy(gr_csv_scanner *s) GR_MUST_CHECK;

#endif
