#include "grimace/align.h"

#include <string.h>

#include "base/base.h"
#include "image/warp.h"
#include "run/apply/align_rule.h"
#include "run/apply/picture_set.h"

typedef struct work {
    const gr_align_options *o;
    gr_align_report *report;
    gr_arena *arena;
    gr_moved_table table, other; /* `other`: whose landmarks say how faces lie, where it is not the table itself */
    const gr_moved_table *guide; /* one of them */
    int64_t *row_of;             /* [rows]: of guide; -1: it has none */
    float *faces;                /* [rows, landmarks of guide, 2] */
    gr_align_rule rule;
    gr_map *maps; /* [rows] */
    bool *there;  /* [rows]: is there a map? */
} work;

static gr_status no_memory(gr_error *err, const char *out)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its pictures", out);
}

static gr_status check(const gr_align_options *o, gr_error *err)
{
    if ((o->by == NULL) == (o->to == NULL))
        return gr_fail(err, GR_INVALID, "align: one of --by and --to says how faces are to lie");
    if (o->size < 1 || o->size > GR_IMAGE_SIDE_MAX)
        return gr_fail(err, GR_INVALID, "--size: %d is not 1 to %d pixels", o->size, (int)GR_IMAGE_SIDE_MAX);
    if (!(o->margin >= 0 && o->margin <= 10))
        return gr_fail(err, GR_INVALID, "--margin: %g is no share from 0 to 10; 0.1 would be right", o->margin);
    if (o->save != NULL && o->to == NULL)
        return gr_fail(err, GR_INVALID, "--save-template: --by needs no template; --to procrustes makes one");
    if (o->save != NULL && !o->force && gr_path_exists(o->save))
        return gr_fail(err, GR_INVALID, "%s: is there already; --force overwrites it", o->save);
    return GR_OK;
}

/* ---- whose landmarks ------------------------------------------------------------------------------------------------- */

/* The rows of two tables that are about one image. */
static gr_status join(work *w, gr_error *err)
{
    const gr_csv *csv = w->other.csv;
    const char **names = gr_alloc((size_t)csv->rows, sizeof *names);
    for (int64_t i = 0; names != NULL && i < csv->rows; i++)
        names[i] = gr_csv_field(csv, i, w->other.image);
    int64_t *order = names != NULL ? gr_names_sort(names, csv->rows) : NULL;
    gr_status status = order != NULL ? GR_OK : no_memory(err, w->o->out);
    for (int64_t i = 1; i < csv->rows && status == GR_OK; i++)
        if (strcmp(names[order[i]], names[order[i - 1]]) == 0)
            status = gr_fail(err, GR_INVALID, "%s:%lld: image: \"%.200s\" has two rows", csv->path,
                             (long long)csv->line[order[i]], names[order[i]]);
    for (int64_t i = 0; i < w->table.csv->rows && status == GR_OK; i++)
        w->row_of[i] = gr_names_find(names, order, csv->rows, gr_csv_field(w->table.csv, i, w->table.image));
    gr_free(names);
    gr_free(order);
    return status;
}

static gr_status read_faces(work *w, gr_error *err)
{
    int64_t rows = w->table.csv->rows;
    size_t numbers = 2 * (size_t)w->guide->landmarks;
    w->row_of = gr_arena_alloc(w->arena, (size_t)rows, sizeof *w->row_of);
    w->faces = gr_arena_alloc(w->arena, (size_t)rows * numbers, sizeof *w->faces);
    w->maps = gr_arena_alloc(w->arena, (size_t)rows, sizeof *w->maps);
    w->there = gr_arena_alloc(w->arena, (size_t)rows, sizeof *w->there);
    if (w->row_of == NULL || w->faces == NULL || w->maps == NULL || w->there == NULL)
        return no_memory(err, w->o->out);
    for (int64_t i = 0; i < rows; i++)
        w->row_of[i] = i;
    gr_status status = w->guide == &w->other ? join(w, err) : GR_OK;
    for (int64_t i = 0; i < rows && status == GR_OK; i++) {
        float *face = w->faces + (size_t)i * numbers;
        if (w->row_of[i] >= 0)
            status = gr_moved_face(w->guide, w->row_of[i], face, err);
        for (size_t k = 0; w->row_of[i] < 0 && k < numbers; k++)
            face[k] = __builtin_nanf("");
    }
    return status;
}

static gr_status make_rule(work *w, gr_error *err)
{
    const gr_align_options *o = w->o;
    int landmarks = w->guide->landmarks;
    if (o->by != NULL)
        return gr_align_rule_read(o->by, "--by", landmarks, &w->rule, err);
    gr_status status = strcmp(o->to, "procrustes") == 0
                           ? gr_align_template_make(w->faces, w->table.csv->rows, landmarks, o->size, o->margin, w->arena,
                                                    &w->rule, &w->report->shapes, err)
                           : gr_align_template_read(o->to, o->size, landmarks, w->arena, &w->rule, err);
    if (status == GR_INVALID && strcmp(o->to, "procrustes") == 0)
        gr_error_prefix(err, "%s", w->guide->csv->path);
    return status;
}

static gr_status fit_all(work *w, gr_error *err)
{
    int64_t rows = w->table.csv->rows, fitted = 0;
    for (int64_t i = 0; i < rows; i++) {
        const float *face = w->faces + (size_t)i * 2 * (size_t)w->guide->landmarks;
        w->there[i] = gr_align_rule_map(&w->rule, face, w->o->size, w->o->margin, &w->maps[i]);
        fitted += w->there[i];
    }
    w->report->left_out = rows - fitted;
    if (fitted == 0)
        return gr_fail(err, GR_INVALID, "%s: no row has the landmarks that say how a face lies", w->guide->csv->path);
    return GR_OK;
}

static gr_status open_all(work *w, gr_error *err)
{
    gr_status status = check(w->o, err);
    if (status == GR_OK)
        status = gr_moved_table_read(w->o->manifest, &w->table, err);
    w->guide = &w->table;
    if (status == GR_OK && w->o->landmarks != NULL) {
        status = gr_moved_table_read(w->o->landmarks, &w->other, err);
        w->guide = &w->other;
    }
    if (status == GR_OK && w->guide->landmarks == 0)
        status = gr_fail(err, GR_INVALID, "%s:%lld: has no landmarks; columns lm1_x, lm1_y, ... would be right",
                         w->guide->csv->path, (long long)w->guide->csv->header_line);
    if (status == GR_OK)
        status = read_faces(w, err);
    if (status == GR_OK)
        status = make_rule(w, err);
    return status == GR_OK ? fit_all(w, err) : status;
}

/* ---- pictures
 * ------------------------------------------------------------------------------------------------------------------------
 */

static gr_status make(void *ctx, int64_t row, int number, const gr_image *source, gr_made_picture *made, gr_error *err)
{
    const work *w = ctx;
    (void)number;
    made->left_out = !w->there[row];
    if (made->left_out)
        return GR_OK;
    made->map = w->maps[row];
    return gr_image_warp(source, &made->map, w->o->size, w->o->size, &made->image, err);
}

gr_status gr_align_make(const gr_align_options *options, gr_align_report *report, gr_error *err)
{
    *report = (gr_align_report){0};
    work w = {.o = options, .report = report, .arena = gr_arena_create()};
    gr_status status = w.arena != NULL ? open_all(&w, err) : no_memory(err, options->out);
    const gr_picture_set set = {.out = options->out,
                                .force = options->force,
                                .stop = options->stop,
                                .table = &w.table,
                                .times = 1,
                                .make = make,
                                .ctx = &w};
    if (status == GR_OK)
        status = gr_picture_set_write(&set, &report->written, &report->notices, err);
    if (status == GR_OK && options->save != NULL)
        status = gr_align_template_write(&w.rule, options->size, options->save, err);
    gr_moved_table_free(&w.table);
    gr_moved_table_free(&w.other);
    gr_arena_destroy(w.arena);
    return status;
}

void gr_align_report_free(gr_align_report *report)
{
    gr_text_free(&report->notices);
    *report = (gr_align_report){0};
}
