/* A table of landmarks becomes a table of descriptors. */
#include "grimace/describe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "data/landmarks.h"
#include "grimace/descriptor_sets.h"

typedef struct work {
    const gr_describe_options *o;
    gr_describe_report *report;
    gr_error *err;
    gr_arena *arena;
    gr_csv *csv;
    gr_descriptor_file *file;
    const gr_descriptor_set *set;
    const int *columns; /* [2 landmarks] */
    int landmarks, image;
    bool *left;      /* [columns of the table]: those of landmarks, which are not carried */
    char *from, *to; /* folders of the two tables, absolute */
    float *face;
    double *values;
    int64_t first_missing[2], first_degenerate[2]; /* row, descriptor */
} work;

static gr_status no_memory(const work *w)
{
    return gr_fail(w->err, GR_NOMEM, "%s: no memory for its descriptors", w->o->manifest);
}

/* ---- columns ------------------------------------------------------------------------------------------------------------
 */

/* lm12_v beside lm12_x and lm12_y: the visibility of a landmark, or what else a tool says of it. */
static bool is_about_landmark(const char *name)
{
    size_t digits = strncmp(name, "lm", 2) == 0 ? strspn(name + 2, "0123456789") : 0;
    return digits > 0 && name[2 + digits] == '_' && strlen(name + 2 + digits) == 2;
}

static gr_status find_columns(work *w)
{
    gr_csv *csv = w->csv;
    const gr_descriptor_set *set = w->set;
    w->image = gr_csv_column(csv, "image");
    if (w->image < 0)
        return gr_fail(w->err, GR_INVALID,
                       "%s:%lld: has no column image; a manifest, or predictions of landmarks, would be right", csv->path,
                       (long long)csv->header_line);
    if (csv->rows == 0)
        return gr_fail(w->err, GR_INVALID, "%s:%lld: has no rows", csv->path, (long long)csv->header_line);
    gr_status status = gr_landmarks_find(csv, w->arena, &w->columns, &w->landmarks, w->err);
    if (status != GR_OK)
        return status;
    if (w->landmarks < set->landmarks)
        return gr_fail(w->err, GR_INVALID, "%s:%lld: lm%d_x: there is no such column, and %s needs landmarks 1 to %d",
                       csv->path, (long long)csv->header_line, w->landmarks + 1, set->name, set->landmarks);
    w->left = gr_arena_alloc(w->arena, (size_t)csv->columns, sizeof *w->left);
    w->face = gr_arena_alloc(w->arena, 2 * (size_t)w->landmarks, sizeof *w->face);
    w->values = gr_arena_alloc(w->arena, (size_t)set->count, sizeof *w->values);
    if (w->left == NULL || w->face == NULL || w->values == NULL)
        return no_memory(w);
    for (int c = 0; c < csv->columns; c++)
        w->left[c] = is_about_landmark(csv->header[c]);
    for (int i = 0; i < set->count; i++)
        if (gr_csv_column(csv, set->items[i].name) >= 0)
            return gr_fail(w->err, GR_INVALID,
                           "%s:%lld: %s: is there already, and %s has a descriptor of that name; another "
                           "column's name would be right",
                           csv->path, (long long)csv->header_line, set->items[i].name, set->name);
    return GR_OK;
}

/* ---- rows ------------------------------------------------------------------------------------------------------------ */

static gr_status read_face(const work *w, int64_t row)
{
    for (int i = 0; i < 2 * w->landmarks; i++) {
        const char *text = gr_csv_field(w->csv, row, w->columns[i]), *other = gr_csv_field(w->csv, row, w->columns[i ^ 1]);
        double value = NAN;
        bool unknown = gr_csv_unknown(text);
        if (unknown != gr_csv_unknown(other))
            return gr_fail(w->err, GR_INVALID,
                           "%s:%lld: lm%d_x: the landmark is half there; two numbers or two empty cells would be "
                           "right",
                           w->csv->path, (long long)w->csv->line[row], i / 2 + 1);
        if (!unknown && (!gr_parse_double(text, &value) || !isfinite(value)))
            return gr_fail(w->err, GR_INVALID, "%s:%lld: %s: '%.80s' is no number of pixels", w->csv->path,
                           (long long)w->csv->line[row], w->csv->header[w->columns[i]], text);
        w->face[i] = (float)value;
    }
    return GR_OK;
}

static void count_gaps(work *w, int64_t row, const gr_descriptor_gaps *gaps)
{
    gr_describe_report *r = w->report;
    if (gaps->missing > 0 && r->missing == 0)
        w->first_missing[0] = row, w->first_missing[1] = gaps->first_missing;
    if (gaps->degenerate > 0 && r->degenerate == 0)
        w->first_degenerate[0] = row, w->first_degenerate[1] = gaps->first_degenerate;
    r->missing += gaps->missing;
    r->degenerate += gaps->degenerate;
}

/* The picture's path from the new table's folder on, where there is such a picture. */
static void put_image(const work *w, const char *image, gr_text *out)
{
    char *path = image[0] != '/' && image[0] != '\0' ? gr_path_join(w->from, image) : NULL;
    char *whole = path != NULL ? realpath(path, NULL) : NULL;
    char *moved = whole != NULL && strcmp(w->from, w->to) != 0 ? gr_path_relative(w->to, whole) : NULL;
    gr_csv_put_joined(out, "", moved != NULL ? moved : image);
    gr_free(path);
    gr_free(moved);
    free(whole);
}

static void put_header(const work *w, gr_text *out)
{
    gr_text_printf(out, "image");
    for (int c = 0; c < w->csv->columns; c++)
        if (c != w->image && !w->left[c]) {
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, "", w->csv->header[c]);
        }
    for (int i = 0; i < w->set->count; i++)
        gr_text_printf(out, ",%s", w->set->items[i].name);
    gr_text_add(out, "\n", 1);
}

static gr_status put_row(work *w, int64_t row, gr_text *out)
{
    gr_descriptor_gaps gaps;
    gr_status status = read_face(w, row);
    if (status != GR_OK)
        return status;
    gr_describe(w->set, w->face, w->values, &gaps);
    count_gaps(w, row, &gaps);
    put_image(w, gr_csv_field(w->csv, row, w->image), out);
    for (int c = 0; c < w->csv->columns; c++)
        if (c != w->image && !w->left[c]) {
            gr_text_add(out, ",", 1);
            gr_csv_put_joined(out, "", gr_csv_field(w->csv, row, c));
        }
    for (int i = 0; i < w->set->count; i++)
        gr_csv_put_number(out, w->values[i]);
    gr_text_add(out, "\n", 1);
    return GR_OK;
}

/* ---- the table ------------------------------------------------------------------------------------------------------- */

static gr_status check_out(const work *w)
{
    if (gr_is_folder(w->o->out))
        return gr_fail(w->err, GR_INVALID, "%s: is a folder; the name of a table would be right", w->o->out);
    if (!w->o->force && gr_path_exists(w->o->out))
        return gr_fail(w->err, GR_INVALID, "%s: is there already; --force overwrites it", w->o->out);
    if (gr_same_path(w->o->out, w->o->manifest))
        return gr_fail(w->err, GR_INVALID, "%s: is the table itself, whose landmarks would be lost; another name would be right",
                       w->o->out);
    return GR_OK;
}

static char *whole_folder(const work *w, const char *path)
{
    char *folder = gr_path_folder(path), *whole = folder != NULL ? realpath(folder, NULL) : NULL;
    char *kept = folder != NULL ? gr_arena_strdup(w->arena, whole != NULL ? whole : folder) : NULL;
    gr_free(folder);
    free(whole);
    return kept;
}

static void say_gaps(const work *w)
{
    gr_describe_report *r = w->report;
    gr_csv_say(w->csv, &r->notices);
    if (r->missing > 0)
        gr_text_printf(&r->notices, "%lld value%s empty, for a landmark is not known; the first is %s of %s:%lld\n",
                       (long long)r->missing, r->missing == 1 ? " is" : "s are", w->set->items[w->first_missing[1]].name,
                       w->csv->path, (long long)w->csv->line[w->first_missing[0]]);
    if (r->degenerate > 0)
        gr_text_printf(
            &r->notices,
            "%lld value%s empty, for landmarks lie in one place or line, so that there is no such angle or ratio; the "
            "first is %s of %s:%lld\n",
            (long long)r->degenerate, r->degenerate == 1 ? " is" : "s are", w->set->items[w->first_degenerate[1]].name,
            w->csv->path, (long long)w->csv->line[w->first_degenerate[0]]);
}

static gr_status describe(work *w)
{
    gr_status status = gr_descriptor_set_open(w->o->set, &w->file, w->err);
    if (status == GR_OK)
        status = check_out(w);
    if (status == GR_OK)
        status = gr_csv_read(w->o->manifest, &w->csv, w->err);
    if (status != GR_OK)
        return status;
    w->set = gr_descriptor_file_set(w->file);
    w->from = whole_folder(w, w->o->manifest);
    w->to = whole_folder(w, w->o->out);
    status = w->from != NULL && w->to != NULL ? find_columns(w) : no_memory(w);
    gr_text out = {0};
    if (status == GR_OK)
        put_header(w, &out);
    for (int64_t row = 0; status == GR_OK && row < w->csv->rows; row++)
        status = put_row(w, row, &out);
    if (status == GR_OK)
        status = out.failed ? no_memory(w) : gr_file_write(w->o->out, out.data, out.size, w->err);
    gr_text_free(&out);
    if (status != GR_OK)
        return status;
    w->report->rows = w->csv->rows;
    w->report->descriptors = w->set->count;
    say_gaps(w);
    return GR_OK;
}

gr_status gr_describe_table(const gr_describe_options *options, gr_describe_report *report, gr_error *err)
{
    *report = (gr_describe_report){0};
    work w = {.o = options, .report = report, .err = err, .arena = gr_arena_create()};
    gr_status status = w.arena != NULL ? describe(&w) : no_memory(&w);
    gr_csv_destroy(w.csv);
    gr_descriptor_file_free(w.file);
    gr_arena_destroy(w.arena);
    return status;
}

void gr_describe_report_free(gr_describe_report *report)
{
    gr_text_free(&report->notices);
    *report = (gr_describe_report){0};
}
