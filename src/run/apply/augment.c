#include "grimace/augment.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "config/pipelines.h"
#include "grimace/detections.h"
#include "run/apply/picture_set.h"

typedef struct work {
    const gr_augment_options *o;
    gr_arena *arena;
    gr_moved_table table;
    gr_transforms list;
    gr_finder *finder;     /* NULL: no cutting */
    bool *cut, *too_small; /* [rows, times] */
} work;

static gr_status no_memory(gr_error *err, const char *out)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its pictures", out);
}

/* ---- faces ----------------------------------------------------------------------------------------------------------- */

/* Cuts `in` to its best face and resizes that to the size of `in`. A face that is too small, or none, leaves out empty. */
static gr_status cut_face(const work *w, const gr_image *in, gr_image *out, gr_map *map, gr_error *err)
{
    gr_found_list found = {0};
    gr_image face = {0};
    gr_status status = gr_finder_find(w->finder, in, &found, err);
    double area = (double)in->width * in->height;
    if (status == GR_OK && found.count > 0) {
        const gr_found *f = &found.boxes[0];
        int left = f->x < 0 ? 0 : f->x, top = f->y < 0 ? 0 : f->y;
        int right = f->x + f->width < in->width ? f->x + f->width : in->width;
        int bottom = f->y + f->height < in->height ? f->y + f->height : in->height;
        double width = right - left, height = bottom - top;
        if (width > 0 && height > 0 && width * height > w->o->face_share * area) {
            status = gr_image_crop(in, (const double[4]){left, top, width, height}, &face, err);
            if (status == GR_OK)
                status = gr_image_resize(&face, in->width, in->height, out, err);
            *map = (gr_map){.xx = in->width / width,
                            .x = -left * in->width / width,
                            .yy = in->height / height,
                            .y = -top * in->height / height};
        }
    }
    gr_image_free(&face);
    gr_found_free(&found);
    return status;
}

/* ---- one picture ----------------------------------------------------------------------------------------------------- */

static gr_status make(void *ctx, int64_t row, int number, const gr_image *source, gr_made_picture *made, gr_error *err)
{
    const work *w = ctx;
    int64_t index = row * w->o->times + number;
    gr_pipeline *pipeline;
    gr_image cut = {0};
    gr_map map = gr_map_identity();
    gr_rng rng = gr_rng_make(w->o->seed, GR_FOR_AUGMENT, UINT32_MAX, (uint64_t)index); /* beside those of all transforms */
    gr_status status = gr_pipeline_for_images(w->list.items, w->list.count, &pipeline, err);
    if (status != GR_OK)
        return status;
    if (w->finder != NULL && gr_rng_double(&rng) < w->o->face_chance) {
        status = cut_face(w, source, &cut, &map, err);
        w->cut[index] = cut.pixels != NULL;
        w->too_small[index] = cut.pixels == NULL;
    }
    if (status == GR_OK)
        status = gr_pipeline_image(pipeline, cut.pixels != NULL ? &cut : source,
                                   (gr_augment_key){w->o->seed, 0, (uint64_t)index}, &made->image, err);
    made->map = map;
    if (status == GR_OK) {
        gr_map moved = gr_pipeline_map(pipeline);
        gr_map_then(&made->map, &moved);
    }
    gr_pipeline_destroy(pipeline);
    gr_image_free(&cut);
    return status;
}

/* ---- options --------------------------------------------------------------------------------------------------------- */

static gr_status check(const gr_augment_options *o, gr_error *err)
{
    if (o->times < 1 || o->times > 1000)
        return gr_fail(err, GR_INVALID, "--times: %d is no number of pictures from 1 to 1000", o->times);
    if (!(o->face_share >= 0 && o->face_share < 1))
        return gr_fail(err, GR_INVALID, "--face-share: %g is no share of the picture's area from 0 to below 1",
                       o->face_share);
    if (!(o->face_chance >= 0 && o->face_chance <= 1))
        return gr_fail(err, GR_INVALID, "--face-p: %g is no probability from 0 to 1", o->face_chance);
    return GR_OK;
}

static gr_status open_all(work *w, gr_error *err)
{
    const gr_augment_options *o = w->o;
    const gr_detect_options detect = {.scale = o->scale, .neighbours = o->neighbours};
    gr_status status = check(o, err);
    if (status == GR_OK)
        status = gr_pipeline_file(o->pipeline, w->arena, &w->list, err);
    if (status == GR_OK)
        status = w->list.count > 0 || o->faces != NULL
                     ? gr_moved_table_read(o->manifest, &w->table, err)
                     : gr_fail(err, GR_INVALID,
                               "%s: is an empty list, which changes nothing; a transform in it, or --faces, would be right",
                               o->pipeline);
    if (status == GR_OK && o->flip != NULL)
        status = gr_moved_pairs(&w->table, "--flip-landmarks", o->flip, err);
    for (int i = 0; i < w->list.count && status == GR_OK; i++)
        if (gr_transform_mirrors(&w->list.items[i]) && w->table.landmarks > 0 && o->flip == NULL)
            status = gr_fail(err, GR_INVALID,
                             "--flip-landmarks: is missing, but %s mirrors pictures with landmarks: left ones become "
                             "right ones; pairs such as 1-4,2-5 would be right",
                             o->pipeline);
    if (status == GR_OK && o->faces != NULL)
        status = gr_any_finder_open(o->faces, &detect, &w->finder, err);
    if (status != GR_OK)
        return status;
    size_t pictures = (size_t)w->table.csv->rows * (size_t)o->times;
    w->cut = gr_arena_alloc(w->arena, pictures, sizeof *w->cut);
    w->too_small = gr_arena_alloc(w->arena, pictures, sizeof *w->too_small);
    return w->cut != NULL && w->too_small != NULL ? GR_OK : no_memory(err, o->out);
}

gr_status gr_augment_make(const gr_augment_options *options, gr_augment_report *report, gr_error *err)
{
    *report = (gr_augment_report){0};
    work w = {.o = options, .arena = gr_arena_create()};
    gr_status status = w.arena != NULL ? open_all(&w, err) : no_memory(err, options->out);
    const gr_picture_set set = {.out = options->out,
                                .force = options->force,
                                .stop = options->stop,
                                .table = &w.table,
                                .times = options->times,
                                .numbered = true,
                                .make = make,
                                .ctx = &w};
    if (status == GR_OK)
        status = gr_picture_set_write(&set, &report->written, &report->notices, err);
    for (int64_t i = 0; status == GR_OK && i < w.table.csv->rows * options->times; i++) {
        report->cut += w.cut[i];
        report->too_small += w.too_small[i];
    }
    gr_finder_close(w.finder);
    gr_moved_table_free(&w.table);
    gr_arena_destroy(w.arena);
    return status;
}

void gr_augment_report_free(gr_augment_report *report)
{
    gr_text_free(&report->notices);
    *report = (gr_augment_report){0};
}
