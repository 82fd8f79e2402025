#include "data/crop_table.h"

#include <math.h>
#include <string.h>

#include "base/base.h"

static const char *const box_names[4] = {"box_x", "box_y", "box_w", "box_h"};

static gr_status no_memory(const char *path, gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its rows", path);
}

/* ---- columns
 * --------------------------------------------------------------------------------------------------------------- */

/* lm12_x: the column of lm12_y, -1 where it is another name. */
static int partner(const gr_csv *csv, int column)
{
    const char *name = csv->header[column];
    size_t length = strlen(name);
    if (strncmp(name, "lm", 2) != 0 || length < 5 || length > 30 || strcmp(name + length - 2, "_x") != 0 ||
        strspn(name + 2, "0123456789") != length - 4)
        return -1;
    char other[32];
    memcpy(other, name, length + 1);
    other[length - 1] = 'y';
    return gr_csv_column(csv, other);
}

static gr_status find_columns(gr_crop_table *t, const char *path, gr_error *err)
{
    const gr_csv *csv = t->csv;
    t->image = gr_csv_column(csv, "image");
    t->has_source = gr_csv_column(csv, "source") >= 0;
    t->has_keep = gr_csv_column(csv, "keep") >= 0;
    t->points = gr_arena_alloc(t->arena, (size_t)csv->columns, sizeof *t->points);
    t->moved = gr_arena_alloc(t->arena, (size_t)csv->columns, sizeof *t->moved);
    if (t->points == NULL || t->moved == NULL)
        return no_memory(path, err);
    if (t->image < 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: has no column image; a manifest would be right", path,
                       (long long)csv->header_line);
    for (int i = 0; i < 4; i++) {
        t->box[i] = gr_csv_column(csv, box_names[i]);
        if (t->box[i] < 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: has no column %s; image,box_x,box_y,box_w,box_h would be right", path,
                           (long long)csv->header_line, box_names[i]);
        t->moved[t->box[i]] = true;
    }
    for (int c = 0; c < csv->columns; c++) {
        int y = partner(csv, c);
        if (y < 0)
            continue;
        t->points[c] = 1 + y;
        t->moved[c] = t->moved[y] = true;
    }
    return GR_OK;
}

/* ---- rows
 * ------------------------------------------------------------------------------------------------------------------ */

static gr_status read_box(const gr_crop_table *t, int64_t row, double box[4], bool *there, gr_error *err)
{
    int unknown = 0;
    for (int i = 0; i < 4; i++) {
        const char *text = gr_csv_field(t->csv, row, t->box[i]);
        if (gr_csv_unknown(text))
            unknown++;
        else if (!gr_parse_double(text, &box[i]))
            return gr_fail(err, GR_INVALID, "%s:%lld: %s: \"%.40s\" is no number of pixels", t->csv->path,
                           (long long)t->csv->line[row], box_names[i], text);
    }
    *there = unknown == 0;
    if (unknown != 0 && unknown != 4)
        return gr_fail(err, GR_INVALID,
                       "%s:%lld: box_x: the box is half there; four numbers or four empty cells would be right",
                       t->csv->path, (long long)t->csv->line[row]);
    if (*there && !(box[2] > 0 && box[3] > 0))
        return gr_fail(err, GR_INVALID, "%s:%lld: box_w: the box is empty; a width and height above 0 would be right",
                       t->csv->path, (long long)t->csv->line[row]);
    return GR_OK;
}

/* The file's name without folder and ending, and the number of its row: two rows may have one picture. */
static char *crop_name(const gr_crop_table *t, int64_t row, const char *image)
{
    const char *slash = strrchr(image, '/'), *base = slash != NULL ? slash + 1 : image, *dot = strrchr(base, '.');
    size_t length = dot != NULL && dot > base ? (size_t)(dot - base) : strlen(base);
    return gr_arena_printf(t->arena, "images/%.*s_%06lld.png", (int)(length < 120 ? length : 120), base, (long long)row);
}

static gr_status read_row(gr_crop_table *t, int64_t row, const char *folder, gr_error *err)
{
    gr_crop_row *r = &t->rows[t->count];
    const char *image = gr_csv_field(t->csv, row, t->image);
    bool there = false;
    if (image[0] == '\0')
        return gr_fail(err, GR_INVALID, "%s:%lld: image: is empty; the path of a picture would be right", t->csv->path,
                       (long long)t->csv->line[row]);
    gr_status status = read_box(t, row, r->box, &there, err);
    if (status != GR_OK || !there) {
        t->without_box += status == GR_OK;
        return status;
    }
    char *joined = strcmp(folder, ".") != 0 ? gr_path_join(folder, image) : gr_strdup(image);
    r->row = row;
    r->path = joined != NULL ? gr_arena_strdup(t->arena, joined) : NULL;
    r->name = crop_name(t, row, image);
    gr_free(joined);
    t->count++;
    return r->path != NULL && r->name != NULL ? GR_OK : no_memory(t->csv->path, err);
}

static gr_status read_rows(gr_crop_table *t, int only, const char *value, gr_error *err)
{
    const gr_csv *csv = t->csv;
    char *folder = gr_path_folder(csv->path);
    t->rows = gr_alloc((size_t)csv->rows, sizeof *t->rows);
    gr_status status = folder != NULL && t->rows != NULL ? GR_OK : no_memory(csv->path, err);
    for (int64_t row = 0; status == GR_OK && row < csv->rows; row++)
        if (only < 0 || strcmp(gr_csv_field(csv, row, only), value) == 0)
            status = read_row(t, row, folder, err);
        else
            t->left_out++;
    gr_free(folder);
    return status;
}

gr_status gr_crop_table_read(const char *path, const char *only, gr_crop_table *out, gr_error *err)
{
    *out = (gr_crop_table){.arena = gr_arena_create()};
    if (out->arena == NULL)
        return no_memory(path, err);
    const char *equals = only != NULL ? strchr(only, '=') : NULL;
    if (only != NULL && (equals == NULL || equals == only))
        return gr_fail(err, GR_INVALID, "--only: \"%.80s\" is no COLUMN=VALUE; keep=1 would be right", only);
    gr_status status = gr_csv_read(path, &out->csv, err);
    if (status == GR_OK)
        status = find_columns(out, path, err);
    int column = -1;
    if (status == GR_OK && only != NULL) {
        char *name = gr_arena_strndup(out->arena, only, (size_t)(equals - only));
        column = name != NULL ? gr_csv_column(out->csv, name) : -1;
        if (column < 0)
            return gr_fail(err, GR_INVALID, "%s:%lld: has no column %.80s, which --only names", path,
                           (long long)out->csv->header_line, name != NULL ? name : only);
    }
    if (status == GR_OK)
        status = read_rows(out, column, equals != NULL ? equals + 1 : "", err);
    if (status == GR_OK && out->count == 0)
        status = gr_fail(err, GR_INVALID, "%s: no row has a box%s; box_x,box_y,box_w,box_h in pixels would be right", path,
                         only != NULL ? " and is what --only says" : "");
    return status;
}

void gr_crop_table_free(gr_crop_table *t)
{
    gr_csv_destroy(t->csv);
    gr_free(t->rows);
    gr_arena_destroy(t->arena);
    *t = (gr_crop_table){0};
}

long long gr_crop_line(const gr_crop_table *t, int64_t i)
{
    return (long long)t->csv->line[t->rows[i].row];
}

/* ---- the new manifest
 * ------------------------------------------------------------------------------------------------------ */

static bool is_box(const gr_crop_table *t, int column)
{
    return column == t->box[0] || column == t->box[1] || column == t->box[2] || column == t->box[3];
}

void gr_crop_put_header(const gr_crop_table *t, bool whole, gr_text *out)
{
    gr_text_printf(out, t->has_source ? "image" : "image,source");
    for (int c = 0; c < t->csv->columns; c++)
        if (c != t->image && !(whole && is_box(t, c))) {
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, "", t->csv->header[c]);
        }
    gr_text_printf(out, t->has_keep ? "\n" : ",keep\n");
}

/* The box's edges on the crop, no further than its own. */
static void move_box(const gr_crop_row *r, double to[4])
{
    const gr_crop_place *p = &r->place;
    double sx = (double)p->out_width / p->width, sy = (double)p->out_height / p->height;
    double left = fmax(0, (r->box[0] - p->left) * sx), top = fmax(0, (r->box[1] - p->top) * sy);
    to[0] = left;
    to[1] = top;
    to[2] = fmin(p->out_width, (r->box[0] + r->box[2] - p->left) * sx) - left;
    to[3] = fmin(p->out_height, (r->box[1] + r->box[3] - p->top) * sy) - top;
}

/* Both coordinates of the landmark whose x is in column c go to cells[], NaN where it is not known or not on the crop. */
static void move_point(const gr_crop_table *t, const gr_crop_row *r, int c, double *cells, int64_t *lost)
{
    const gr_crop_place *p = &r->place;
    int y = t->points[c] - 1;
    double at[2];
    cells[c] = cells[y] = NAN;
    if (!gr_parse_double(gr_csv_field(t->csv, r->row, c), &at[0]) ||
        !gr_parse_double(gr_csv_field(t->csv, r->row, y), &at[1]))
        return;
    at[0] = (at[0] - p->left) * p->out_width / p->width;
    at[1] = (at[1] - p->top) * p->out_height / p->height;
    if (at[0] < 0 || at[1] < 0 || at[0] > p->out_width || at[1] > p->out_height) {
        ++*lost;
        return;
    }
    cells[c] = at[0];
    cells[y] = at[1];
}

void gr_crop_put_row(const gr_crop_table *t, int64_t i, const char *source, bool whole, int64_t *lost, gr_text *out)
{
    const gr_crop_row *r = &t->rows[i];
    double *cells = gr_alloc((size_t)t->csv->columns, sizeof *cells), box[4];
    out->failed = out->failed || cells == NULL;
    if (out->failed)
        return;
    move_box(r, box);
    for (int k = 0; k < 4; k++)
        cells[t->box[k]] = box[k];
    for (int c = 0; c < t->csv->columns; c++)
        if (t->points[c] > 0)
            move_point(t, r, c, cells, lost);
    gr_csv_put_joined(out, "", r->name);
    if (!t->has_source) {
        gr_text_add(out, ",", 1);
        gr_csv_put_joined(out, "", source);
    }
    for (int c = 0; c < t->csv->columns; c++) {
        if (c == t->image || (whole && is_box(t, c)))
            continue;
        gr_text_add(out, ",", 1);
        if (!t->moved[c])
            gr_csv_put_joined(out, "", gr_csv_field(t->csv, r->row, c));
        else if (isfinite(cells[c]))
            gr_text_printf(out, "%.10g", cells[c]);
    }
    gr_text_printf(out, t->has_keep ? "\n" : ",1\n");
    gr_free(cells);
}
