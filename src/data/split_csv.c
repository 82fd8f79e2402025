/* splits.csv: written row by row, so that memory does not grow with its rows; the same compared with a file; its two forms. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/split_csv.h"
#include "formats/csv.h"

enum { FULL_ROWS = 1000000, PIECE = 1 << 16 };

/* ---- rows --------------------------------------------------------------------------------------------------------------- */

/* Where the text goes, piece by piece; false: no more is wanted. */
typedef struct sink {
    bool (*take)(void *ctx, const char *text, size_t size);
    void *ctx;
} sink;

typedef struct writer {
    const gr_split *split;
    const gr_manifest *m;
    int number;    /* the column of numbers that is the label; -1: there is none */
    bool compact;
    bool *listed;  /* [rows], compact: has the image a row in any fold? */
    gr_text piece;
    const sink *to;
    bool wanted;
} writer;

static void put_head(writer *w)
{
    gr_csv_put(&w->piece, "image", ',');
    if (w->m->groups != NULL)
        gr_csv_put(&w->piece, w->m->group_column, ',');
    if (w->m->labels != NULL || w->number >= 0)
        gr_csv_put(&w->piece, "label", ',');
    gr_csv_put(&w->piece, "fold", ',');
    gr_csv_put(&w->piece, "part", '\n');
}

static void pass_on(writer *w)
{
    if (w->wanted && w->piece.size > 0)
        w->wanted = !w->piece.failed && w->to->take(w->to->ctx, w->piece.data, w->piece.size);
    w->piece.size = 0;
}

static void put_row(writer *w, const gr_fold *fold, int64_t r, gr_part part)
{
    const gr_manifest *m = w->m;
    gr_csv_put(&w->piece, m->images[r], ',');
    if (m->groups != NULL)
        gr_csv_put(&w->piece, m->group_names[m->groups[r]], ',');
    if (m->labels != NULL)
        gr_csv_put(&w->piece, m->classes[m->labels[r]], ',');
    if (w->number >= 0)
        gr_csv_put(&w->piece, gr_manifest_cell(m, r, w->number), ',');
    gr_csv_put(&w->piece, fold->name, ',');
    gr_csv_put(&w->piece, gr_part_name(part), '\n');
    if (w->piece.size >= PIECE)
        pass_on(w);
}

/* Full: all but rows in no part. Compact: those that do not train, and in the first fold images that have no other row. */
static bool has_row(const writer *w, int f, int64_t r, gr_part part)
{
    return w->compact ? part != GR_PART_TRAIN || (f == 0 && !w->listed[r]) : part != GR_PART_NONE;
}

static void put_rows(writer *w)
{
    const gr_split *split = w->split;
    for (int f = 0; w->compact && f < split->fold_count; f++)
        for (int64_t r = 0; r < w->m->rows; r++)
            w->listed[r] = w->listed[r] || gr_fold_part(&split->folds[f], r) != GR_PART_TRAIN;
    put_head(w);
    for (int f = 0; w->wanted && f < split->fold_count; f++)
        for (int64_t r = 0; w->wanted && r < w->m->rows; r++) {
            gr_part part = gr_fold_part(&split->folds[f], r);
            if (has_row(w, f, r, part))
                put_row(w, &split->folds[f], r, part);
        }
    pass_on(w);
}

/* *whole: the sink has taken all. Fails: GR_NOMEM. */
static gr_status put_all(const gr_split *split, const gr_manifest *m, bool compact, const sink *to, bool *whole, gr_error *err)
{
    writer w = {.split = split, .m = m, .number = -1, .compact = compact, .to = to, .wanted = true};
    if (m->labels == NULL && m->value_count == 1)
        w.number = gr_manifest_column(m, m->value_columns[0]);
    if (compact)
        w.listed = gr_alloc((size_t)m->rows, sizeof *w.listed);
    bool room = !compact || w.listed != NULL;
    if (room)
        put_rows(&w);
    room = room && !w.piece.failed;
    *whole = w.wanted;
    gr_text_free(&w.piece);
    gr_free(w.listed);
    return room ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for the rows of splits.csv");
}

bool gr_split_compact(const gr_split *split, const char *form)
{
    if (form != NULL)
        return strcmp(form, "compact") == 0;
    return split->rows > FULL_ROWS / split->fold_count;
}

/* ---- to a text, to a file, against a file --------------------------------------------------------------------------------- */

static bool to_text(void *ctx, const char *text, size_t size)
{
    gr_text *out = ctx;
    gr_text_add(out, text, size);
    return !out->failed;
}

void gr_split_csv(const gr_split *split, const gr_manifest *m, bool compact, gr_text *out)
{
    bool whole;
    gr_error unused = {0};
    const sink to = {to_text, out};
    if (put_all(split, m, compact, &to, &whole, &unused) != GR_OK)
        out->failed = true;
}

static bool to_file(void *ctx, const char *text, size_t size)
{
    return fwrite(text, 1, size, ctx) == size;
}

gr_status gr_split_write_csv(const gr_split *split, const gr_manifest *m, bool compact, const char *path, gr_error *err)
{
    gr_atomic_file file;
    bool whole;
    gr_status status = gr_atomic_begin(&file, path, err);
    if (status != GR_OK)
        return status;
    const sink to = {to_file, file.stream};
    status = put_all(split, m, compact, &to, &whole, err);
    if (status == GR_OK)
        return gr_atomic_commit(&file, err); /* which sees a short write */
    gr_atomic_abort(&file);
    return status;
}

static bool against_file(void *ctx, const char *text, size_t size)
{
    char there[PIECE];
    for (size_t part; size > 0; text += part, size -= part) {
        part = size < sizeof there ? size : sizeof there;
        if (fread(there, 1, part, ctx) != part || memcmp(there, text, part) != 0)
            return false;
    }
    return true;
}

gr_status gr_split_same_csv(const gr_split *split, const gr_manifest *m, const char *path, bool *same, gr_error *err)
{
    gr_status status = GR_OK;
    *same = false;
    FILE *file = fopen(path, "rbe");
    const sink against = {against_file, file};
    for (int form = 0; file != NULL && status == GR_OK && !*same && form < 2; form++) {
        rewind(file);
        status = put_all(split, m, form == 1, &against, same, err);
        *same = status == GR_OK && *same && fgetc(file) == EOF;
    }
    if (file != NULL)
        fclose(file);
    return status;
}

/* ---- which form a file has -------------------------------------------------------------------------------------------------- */

gr_status gr_split_form(const gr_csv *csv, int fold, int part, bool *compact, gr_error *err)
{
    int64_t folds = 0;
    const char **names = gr_alloc((size_t)csv->rows, sizeof *names);
    for (int64_t i = 0; names != NULL && i < csv->rows; i++)
        names[i] = gr_csv_field(csv, i, fold);
    int64_t *number = names != NULL ? gr_names_number(names, csv->rows, &folds) : NULL;
    bool *trains = number != NULL ? gr_alloc((size_t)folds, sizeof *trains) : NULL;
    bool room = trains != NULL;
    for (int64_t i = 0; room && i < csv->rows; i++)
        trains[number[i]] = trains[number[i]] || strcmp(gr_csv_field(csv, i, part), gr_part_name(GR_PART_TRAIN)) == 0;
    *compact = false;
    for (int64_t f = 0; room && f < folds; f++)
        *compact = *compact || !trains[f];
    gr_free(trains);
    gr_free(number);
    gr_free(names);
    return room ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory to look at its folds", csv->path);
}
