/* The images of a table that somebody asks about: every row, those too that cannot be asked. */
#ifndef GR_RUN_ASK_H
#define GR_RUN_ASK_H

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/loader.h"
#include "grimace/manifest.h"
#include "run/apply/sheet.h"

typedef struct gr_ask {
    int64_t count;
    const char **names;    /* [count], as the table spells them, or as they were given */
    const char **problems; /* [count]: why a row cannot be asked, "COLUMN: ..."; NULL: it can */
    gr_sample *samples;    /* [count] */
    const char **paths;    /* [count]; NULL where there is a problem */
    int64_t *row;          /* [count], of `manifest`; -1 where there is a problem */
    int64_t *line;         /* [count], of `table`, a row of it */
    gr_manifest manifest;  /* without labels and groups; nothing where images were named one by one */
    gr_csv *table;         /* the same file, all of it; NULL: likewise */
    gr_arena *arena;
} gr_ask;

/* Reads the table at `path`. `options` (BORROWED) may ask for landmarks and for some rows only; labels and groups are not
 * read by it. GIVES *out (gr_ask_close). Fails: GR_INVALID, GR_NOMEM. */
gr_status gr_ask_table(const char *path, const gr_manifest_options *options, gr_ask *out, gr_error *err) GR_MUST_CHECK;
/* The images of words[count] (BORROWED). Fails: GR_NOMEM. */
gr_status gr_ask_words(const char *const *words, int64_t count, gr_ask *out, gr_error *err) GR_MUST_CHECK;
void gr_ask_close(gr_ask *ask);

/* Gives each row's sample the numbers in columns names[count] of the table; a row with a text there has a problem instead, and
 * so has one with half a landmark or none where `places` says that they are pairs of coordinates. Does nothing without a
 * table. Fails: GR_INVALID (the table lacks a column), GR_NOMEM. */
gr_status gr_ask_numbers(gr_ask *ask, const char *const *names, int count, bool places, gr_error *err) GR_MUST_CHECK;

/* The text of row `i` in column `column` of the table. Never fails. */
const char *gr_ask_cell(const gr_ask *ask, int64_t i, int column);
/* Adds all columns of the table to `sheet` (a row for each image) but `image` and own[own_count]. Fails: GR_NOMEM. */
gr_status gr_ask_carry(const gr_ask *ask, const char *const *own, int own_count, gr_sheet *sheet,
                       gr_error *err) GR_MUST_CHECK;

#endif
