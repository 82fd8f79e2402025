/* Labels beside what another table says of the same images: landmarks, boxes, descriptors. */
#include <string.h>

#include "raters/label.h"

/* The columns of `other` that are added: all but `image` and those that the labels have. */
static int list_columns(const gr_csv *labels, const gr_csv *other, int *columns)
{
    int count = 0;
    for (int c = 0; c < other->columns; c++)
        if (gr_csv_column(labels, other->header[c]) < 0)
            columns[count++] = c;
    return count;
}

static void put_row(const gr_csv *labels, const gr_csv *other, int64_t row, int64_t at, const int *columns, int count,
                    gr_text *out)
{
    for (int c = 0; c < labels->columns; c++)
        gr_csv_put(out, row < 0 ? labels->header[c] : gr_csv_field(labels, row, c),
                   c + 1 < labels->columns || count > 0 ? ',' : '\n');
    for (int c = 0; c < count; c++)
        gr_csv_put(out, row < 0 ? other->header[columns[c]] : gr_csv_field(other, at, columns[c]),
                   c + 1 < count ? ',' : '\n');
}

static gr_status put_all(const gr_csv *labels, const gr_csv *other, gr_text *out, int64_t *left_out, gr_error *err)
{
    int image = gr_csv_column(other, "image"), *columns = gr_alloc((size_t)other->columns, sizeof *columns);
    const char **names = gr_alloc((size_t)other->rows, sizeof *names);
    for (int64_t i = 0; names != NULL && i < other->rows; i++)
        names[i] = gr_csv_field(other, i, image);
    int64_t *order = names != NULL ? gr_names_sort(names, other->rows) : NULL;
    gr_status status =
        columns != NULL && order != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "%s: no memory for its rows", other->path);
    for (int64_t i = 1; status == GR_OK && i < other->rows; i++)
        if (strcmp(names[order[i - 1]], names[order[i]]) == 0)
            status = gr_fail(err, GR_INVALID, "%s:%lld: image: \"%.200s\" stands on line %lld already; once is right",
                             other->path, (long long)other->line[order[i]], names[order[i]],
                             (long long)other->line[order[i - 1]]);
    int count = status == GR_OK ? list_columns(labels, other, columns) : 0;
    if (status == GR_OK)
        put_row(labels, other, -1, 0, columns, count, out);
    for (int64_t row = 0; status == GR_OK && row < labels->rows; row++) {
        int64_t at = gr_names_find(names, order, other->rows, gr_csv_field(labels, row, 0));
        *left_out += at < 0;
        if (at >= 0)
            put_row(labels, other, row, at, columns, count, out);
    }
    gr_free(columns);
    gr_free(names);
    gr_free(order);
    return status;
}

/* Columns of `other` that give way to the labels' own. */
static void tell_hidden(const gr_csv *labels, const gr_csv *other, gr_text *notices)
{
    bool first = true;
    for (int c = 0; c < other->columns; c++)
        if (strcmp(other->header[c], "image") != 0 && gr_csv_column(labels, other->header[c]) >= 0) {
            if (first)
                gr_text_printf(notices, "%s: left out, as the labels have a column of that name:", other->path);
            gr_text_printf(notices, "%s %.80s", first ? "" : ",", other->header[c]);
            first = false;
        }
    if (!first)
        gr_text_printf(notices, "\n");
}

gr_status gr_label_join(gr_text *text, const char *out, const char *path, gr_text *notices, gr_error *err)
{
    gr_csv *labels = NULL, *other = NULL;
    gr_text joined = {0};
    int64_t left_out = 0;
    char *copy = text->failed ? NULL : gr_strdup(text->data);
    gr_status status = copy != NULL ? gr_csv_parse(out, copy, text->size, &labels, err) /* which takes the copy */
                                    : gr_fail(err, GR_NOMEM, "%s: no memory to write it", out);
    if (status == GR_OK)
        status = gr_csv_read(path, &other, err);
    if (status == GR_OK && gr_csv_column(other, "image") < 0)
        status = gr_fail(err, GR_INVALID, "%s:1: has no column image, by which --join finds rows", path);
    if (status == GR_OK)
        status = put_all(labels, other, &joined, &left_out, err);
    if (status == GR_OK && left_out == labels->rows)
        status = gr_fail(err, GR_INVALID, "%s: has none of the images that are labelled, such as \"%.200s\"", path,
                         labels->rows > 0 ? gr_csv_field(labels, 0, 0) : "");
    if (status == GR_OK && left_out > 0 && notices != NULL)
        gr_text_printf(notices, "%s: has no row for %lld of the %lld labelled images, which are left out\n", path,
                       (long long)left_out, (long long)labels->rows);
    if (status == GR_OK && notices != NULL)
        tell_hidden(labels, other, notices);
    gr_csv_destroy(labels);
    gr_csv_destroy(other);
    if (status != GR_OK) {
        gr_text_free(&joined);
        return status;
    }
    gr_text_free(text);
    *text = joined;
    return GR_OK;
}
