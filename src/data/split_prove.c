/* The proof, from the rows of splits.csv alone, that no group and no image is in two parts of a fold. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/split_csv.h"

/* A row of splits.csv, seen as one of a group or of an image. */
typedef struct placed {
    const char *fold, *name, *part;
    int64_t image; /* its number */
} placed;

/* The table, and of a compact one what its images are. */
typedef struct proving {
    const gr_csv *csv;
    int fold, part;
    bool compact;
    int64_t *image, images; /* [rows], the number of the row's image; how many there are */
    int64_t *seen;          /* [images], the run that met it last */
    placed *rows;
} proving;

static int by_fold_and_name(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    int order = strcmp(x->fold, y->fold);
    if (order == 0)
        order = strcmp(x->name, y->name);
    return order != 0 ? order : strcmp(x->part, y->part);
}

/* How many different images rows [from, to) are of. `run` is another number each time, above 0. */
static int64_t count_images(proving *p, int64_t from, int64_t to, int64_t run)
{
    int64_t count = 0;
    for (int64_t i = from; i < to; i++) {
        count += p->seen[p->rows[i].image] != run;
        p->seen[p->rows[i].image] = run;
    }
    return count;
}

/* GIVES how many images each name of the column has, whatever their fold; number[rows] are the names' numbers. NULL: no memory. */
static int64_t *count_all(proving *p, int64_t *number, int64_t names)
{
    int64_t *all = gr_alloc((size_t)names, sizeof *all);
    memset(p->seen, 0, (size_t)p->images * sizeof *p->seen);
    for (int64_t i = 0; all != NULL && i < p->csv->rows; i++) {
        all[number[i]] += p->seen[p->image[i]] == 0;
        p->seen[p->image[i]] = 1;
    }
    memset(p->seen, 0, (size_t)p->images * sizeof *p->seen);
    return all;
}

/* How many names of column `column` have rows in two parts of one fold; the first is described in said[size]. Of a compact table
 * images of the name that have no row in the fold train there: `all` are then how many images the name of each image
 * has; else NULL. */
static int64_t count_runs(proving *p, int column, const int64_t *all, char *said, size_t size)
{
    const gr_csv *csv = p->csv;
    placed *rows = p->rows;
    int64_t torn = 0;
    for (int64_t i = 0, end; i < csv->rows; i = end) {
        for (end = i + 1;
             end < csv->rows && strcmp(rows[end].fold, rows[i].fold) == 0 && strcmp(rows[end].name, rows[i].name) == 0;)
            end++;
        const char *first = rows[i].part, *last = rows[end - 1].part;
        if (strcmp(first, last) == 0 && all != NULL && count_images(p, i, end, i + 1) < all[rows[i].image])
            last = gr_part_name(GR_PART_TRAIN);
        if (strcmp(first, last) != 0 && torn++ == 0 && said[0] == '\0')
            snprintf(said, size, "%.80s %.80s is in %.20s and in %.20s of fold %.80s", csv->header[column], rows[i].name, first,
                     last, rows[i].fold);
    }
    return torn;
}

static gr_status count_torn(proving *p, int column, bool whole, int64_t *torn, char *said, size_t size, gr_error *err)
{
    const gr_csv *csv = p->csv;
    int64_t names = 0, *number = NULL, *all = NULL;
    const char **of_row = gr_alloc((size_t)csv->rows, sizeof *of_row);
    bool room = of_row != NULL;
    for (int64_t i = 0; room && i < csv->rows; i++) {
        of_row[i] = gr_csv_field(csv, i, column);
        p->rows[i] = (placed){gr_csv_field(csv, i, p->fold), of_row[i], gr_csv_field(csv, i, p->part), p->image[i]};
    }
    if (room && p->compact && whole) {
        number = gr_names_number(of_row, csv->rows, &names);
        all = number != NULL ? count_all(p, number, names) : NULL;
        room = all != NULL;
    }
    /* by image: how many images its name has */
    int64_t *of_image = all != NULL ? gr_alloc((size_t)p->images, sizeof *of_image) : NULL;
    room = room && (all == NULL || of_image != NULL);
    for (int64_t i = 0; of_image != NULL && i < csv->rows; i++)
        of_image[p->image[i]] = all[number[i]];
    if (room) {
        qsort(p->rows, (size_t)csv->rows, sizeof *p->rows, by_fold_and_name);
        *torn = count_runs(p, column, of_image, said, size);
    }
    gr_free(of_image);
    gr_free(all);
    gr_free(number);
    gr_free(of_row);
    return room ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory to check its rows", csv->path);
}

static gr_status prove_rows(proving *p, int image, int group, gr_split_proof *out, gr_error *err)
{
    const gr_csv *csv = p->csv;
    const char **names = gr_alloc((size_t)csv->rows, sizeof *names);
    for (int64_t i = 0; names != NULL && i < csv->rows; i++)
        names[i] = gr_csv_field(csv, i, image);
    p->image = names != NULL ? gr_names_number(names, csv->rows, &p->images) : NULL;
    gr_free(names);
    p->seen = gr_alloc((size_t)p->images, sizeof *p->seen);
    p->rows = gr_alloc((size_t)csv->rows, sizeof *p->rows);
    gr_status status = p->image != NULL && p->seen != NULL && p->rows != NULL
                           ? gr_split_form(csv, p->fold, p->part, &p->compact, err)
                           : gr_fail(err, GR_NOMEM, "%s: no memory to check its rows", csv->path);
    out->rows = csv->rows;
    if (status == GR_OK && group >= 0)
        status = count_torn(p, group, true, &out->torn_groups, out->first, sizeof out->first, err);
    if (status == GR_OK)
        status = count_torn(p, image, false, &out->torn_images, out->first, sizeof out->first, err);
    gr_free(p->image);
    gr_free(p->seen);
    gr_free(p->rows);
    return status;
}

gr_status gr_split_prove(const char *path, char *text, size_t size, const char *group, gr_split_proof *out, gr_error *err)
{
    *out = (gr_split_proof){0};
    gr_csv *csv = NULL;
    gr_status status = text != NULL ? gr_csv_parse(path, text, size, &csv, err) : gr_csv_read(path, &csv, err);
    if (status != GR_OK)
        return status;
    proving p = {.csv = csv, .fold = gr_csv_column(csv, "fold"), .part = gr_csv_column(csv, "part")};
    int image = gr_csv_column(csv, "image"), column = group != NULL ? gr_csv_column(csv, group) : -1;
    if (image < 0 || p.fold < 0 || p.part < 0 || (group != NULL && column < 0))
        status = gr_fail(err, GR_INVALID, "%s:1: is no table of splits; image,<group>,label,fold,part would be right", path);
    else
        status = prove_rows(&p, image, column, out, err);
    gr_csv_destroy(csv);
    return status;
}
