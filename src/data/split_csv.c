/* splits.csv: writing it, and proving from its rows alone that they keep groups whole. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "formats/csv.h"
#include "grimace/split.h"

void gr_split_csv(const gr_split *split, const gr_manifest *m, gr_text *out)
{
    gr_csv_put(out, "image", ',');
    if (m->groups != NULL)
        gr_csv_put(out, m->group_column, ',');
    bool one = m->labels == NULL && m->value_count == 1; /* a column of numbers */
    int number = one ? gr_manifest_column(m, m->value_columns[0]) : -1;
    if (m->labels != NULL || one)
        gr_csv_put(out, "label", ',');
    gr_csv_put(out, "fold", ',');
    gr_csv_put(out, "part", '\n');
    for (int f = 0; f < split->fold_count; f++)
        for (int64_t r = 0; r < m->rows; r++) {
            if (split->folds[f].parts[r] == GR_PART_NONE)
                continue;
            gr_csv_put(out, m->images[r], ',');
            if (m->groups != NULL)
                gr_csv_put(out, m->group_names[m->groups[r]], ',');
            if (m->labels != NULL)
                gr_csv_put(out, m->classes[m->labels[r]], ',');
            if (one)
                gr_csv_put(out, gr_manifest_cell(m, r, number), ',');
            gr_csv_put(out, split->folds[f].name, ',');
            gr_csv_put(out, gr_part_name((gr_part)split->folds[f].parts[r]), '\n');
        }
}

gr_status gr_split_write_csv(const gr_split *split, const gr_manifest *m, const char *path, gr_error *err)
{
    gr_text out = {0};
    gr_split_csv(split, m, &out);
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                  : gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    return status;
}

/* ---- the proof -------------------------------------------------------------------------------------------------------- */

/* A row of splits.csv, seen as one of a group or of an image. */
typedef struct placed {
    const char *fold, *name, *part;
} placed;

static int by_fold_and_name(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    int order = strcmp(x->fold, y->fold);
    if (order == 0)
        order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->part, y->part);
}

/* How many names of column `column` have rows in two parts of one fold; the first is described in said[size]. */
static int64_t count_torn(const gr_csv *csv, int column, int fold, int part, placed *rows, char *said, size_t size)
{
    int64_t torn = 0;
    for (int64_t i = 0; i < csv->rows; i++)
        rows[i] = (placed){gr_csv_field(csv, i, fold), gr_csv_field(csv, i, column), gr_csv_field(csv, i, part)};
    qsort(rows, (size_t)csv->rows, sizeof *rows, by_fold_and_name);
    for (int64_t i = 0, end; i < csv->rows; i = end) {
        for (end = i + 1;
             end < csv->rows && strcmp(rows[end].fold, rows[i].fold) == 0 && strcmp(rows[end].name, rows[i].name) == 0;)
            end++;
        if (strcmp(rows[i].part, rows[end - 1].part) == 0)
            continue;
        if (torn++ == 0 && said[0] == '\0')
            snprintf(said, size, "%.80s %.80s is in %.20s and in %.20s of fold %.80s", csv->header[column], rows[i].name,
                     rows[i].part, rows[end - 1].part, rows[i].fold);
    }
    return torn;
}

gr_status gr_split_prove(const char *path, char *text, size_t size, const char *group, gr_split_proof *out, gr_error *err)
{
    *out = (gr_split_proof){0};
    gr_csv *csv = NULL;
    gr_status status = text != NULL ? gr_csv_parse(path, text, size, &csv, err) : gr_csv_read(path, &csv, err);
    if (status != GR_OK)
        return status;
    int image = gr_csv_column(csv, "image"), fold = gr_csv_column(csv, "fold"), part = gr_csv_column(csv, "part");
    int column = group != NULL ? gr_csv_column(csv, group) : -1;
    placed *rows = gr_alloc((size_t)csv->rows, sizeof *rows);
    if (image < 0 || fold < 0 || part < 0 || (group != NULL && column < 0))
        status = gr_fail(err, GR_INVALID, "%s:1: is no table of splits; image,<group>,label,fold,part would be right", path);
    else if (rows == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory to check its rows", path);
    if (status == GR_OK) {
        out->rows = csv->rows;
        if (column >= 0)
            out->torn_groups = count_torn(csv, column, fold, part, rows, out->first, sizeof out->first);
        out->torn_images = count_torn(csv, image, fold, part, rows, out->first, sizeof out->first);
    }
    gr_free(rows);
    gr_csv_destroy(csv);
    return status;
}
