/* A table in a folder of pictures that lists them. */
#ifndef GR_IMPORT_SURVEY_TABLE_H
#define GR_IMPORT_SURVEY_TABLE_H

#include "formats/csv.h"
#include "import/survey_fields.h"

typedef struct gr_survey_table {
    gr_csv *csv;      /* NULL: no table lists pictures */
    int column;       /* that names them */
    int64_t *row;     /* [images], -1: none; of gr_alloc */
    int64_t listed;   /* pictures that have a row */
    int64_t unlisted; /* rows whose picture is not there */
    const char *first_unlisted;
} gr_survey_table;

/* Looks for it among the .csv, .tsv and .txt files right in `folder`, but for the file `except` (NULL: none): the one that
 * names the most of paths[images], by the path, by the file's name where no other picture has it, or by that without its
 * ending. What it says of how the table was read is added to `notices`. Fails: GR_INVALID (two rows for a picture),
 * GR_NOMEM. */
gr_status gr_survey_table_find(const char *folder, const char *except, const char *const *paths, int64_t images,
                               gr_arena *arena, gr_survey_table *out, gr_text *notices, gr_error *err) GR_MUST_CHECK;
/* Adds its columns, but for the one that names the pictures, as fields of paths[images] that have a row. false: memory is
 * short. */
bool gr_survey_table_fields(const gr_survey_table *table, gr_survey_fields *fields, int64_t images) GR_MUST_CHECK;
void gr_survey_table_free(gr_survey_table *table);

#endif
