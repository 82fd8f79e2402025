/* What is done with folds: proving that they keep groups whole, listing their rows, writing splits.csv. */
#include "grimace/split.h"

#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"

static gr_status verify_fold(const gr_split *split, int f, const gr_manifest *m, uint8_t *part_of_group, uint8_t *tested,
                             gr_error *err)
{
    const gr_fold *fold = &split->folds[f];
    memset(part_of_group, GR_PART_NONE, (size_t)m->group_count);
    for (int64_t r = 0; r < m->rows; r++) {
        uint8_t part = fold->parts[r];
        if (part == GR_PART_NONE || part >= GR_PART_COUNT)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s is in no part", fold->name, m->images[r]);
        if (r >= m->rows - m->extra_rows && part != GR_PART_TRAIN)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s is an extra image, but does not train", fold->name, m->images[r]);
        if (part == GR_PART_TEST && tested[r]++ > 0)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s is tested in an earlier fold too", fold->name, m->images[r]);
        if (m->groups == NULL)
            continue;
        uint8_t *seen = &part_of_group[m->groups[r]];
        if (*seen != GR_PART_NONE && *seen != part)
            return gr_fail(err, GR_INTERNAL, "fold %s: %s %s is in %s and in %s", fold->name, m->group_column,
                           m->group_names[m->groups[r]], gr_part_name((gr_part)*seen), gr_part_name((gr_part)part));
        *seen = part;
    }
    return GR_OK;
}

gr_status gr_split_verify(const gr_split *split, const gr_manifest *manifest, gr_error *err)
{
    if (split->rows != manifest->rows)
        return gr_fail(err, GR_INTERNAL, "%s: a split of %lld rows does not fit %lld", manifest->path,
                       (long long)split->rows, (long long)manifest->rows);
    uint8_t *part_of_group = gr_alloc((size_t)manifest->group_count, 1), *tested = gr_alloc((size_t)manifest->rows, 1);
    gr_status status = GR_OK;
    if (part_of_group == NULL || tested == NULL)
        status = gr_fail(err, GR_NOMEM, "no memory to check the split of %lld rows", (long long)manifest->rows);
    int folds = split->repeats > 1 ? split->fold_count / split->repeats : split->fold_count;
    for (int first = 0; status == GR_OK && first < split->fold_count; first += folds) {
        memset(tested, 0, (size_t)manifest->rows);
        for (int f = first; status == GR_OK && f < first + folds; f++)
            status = verify_fold(split, f, manifest, part_of_group, tested, err);
        for (int64_t r = 0; status == GR_OK && folds > 1 && r < manifest->rows - manifest->extra_rows; r++)
            if (tested[r] == 0)
                status = gr_fail(err, GR_INTERNAL, "%s is tested in no fold", manifest->images[r]);
    }
    gr_free(part_of_group);
    gr_free(tested);
    return status;
}

int64_t gr_split_rows(const gr_split *split, int fold, gr_part part, int64_t *rows)
{
    int64_t count = 0;
    for (int64_t r = 0; r < split->rows; r++) {
        if (split->folds[fold].parts[r] != part)
            continue;
        if (rows != NULL)
            rows[count] = r;
        count++;
    }
    return count;
}

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
