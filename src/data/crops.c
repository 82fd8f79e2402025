#include "grimace/crops.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "data/crop_sheet.h"
#include "data/crop_table.h"
#include "grimace/image.h"

typedef struct work {
    const gr_crops_options *o;
    gr_crops_report *report;
    gr_error *err;
    gr_crop_table table;
    char *manifest, *images, *folder; /* paths; folder is absolute */
    int64_t first;                    /* of the block under way */
    gr_error *errors;                 /* [BLOCK] */
    int64_t made;                     /* crops that may be on the disk */
} work;

enum { BLOCK = 64 };

static gr_status no_memory(const work *w)
{
    return gr_fail(w->err, GR_NOMEM, "%s: no memory for its crops", w->o->out);
}

/* ---- where a crop lies
 * ----------------------------------------------------------------------------------------------------- */

/* Inside [0, most) where it fits, else around it. */
static int inside(double start, int length, int most)
{
    int low = most - length < 0 ? most - length : 0, high = most - length > 0 ? most - length : 0;
    double at = rint(start);
    return at < low ? low : at > high ? high : (int)at;
}

static gr_status place_crop(const work *w, int64_t i, int width, int height, gr_error *err)
{
    gr_crop_row *r = &w->table.rows[i];
    const double *b = r->box;
    if (b[0] >= width || b[1] >= height || b[0] + b[2] <= 0 || b[1] + b[3] <= 0)
        return gr_fail(err, GR_INVALID, "%s:%lld: box_x: the box is beyond the picture of %d x %d pixels", w->o->manifest,
                       gr_crop_line(&w->table, i), width, height);
    double wide = b[2] * (1 + 2 * w->o->margin), high = b[3] * (1 + 2 * w->o->margin), longer = fmax(wide, high);
    if (w->o->square)
        wide = high = longer;
    if (longer > GR_IMAGE_SIDE_MAX)
        return gr_fail(err, GR_INVALID, "%s:%lld: box_w: the crop would have %.0f pixels a side, %d at most are right",
                       w->o->manifest, gr_crop_line(&w->table, i), longer, (int)GR_IMAGE_SIDE_MAX);
    gr_crop_place *p = &r->place;
    p->width = wide < 1 ? 1 : (int)rint(wide);
    p->height = high < 1 ? 1 : (int)rint(high);
    p->left = inside(b[0] + b[2] / 2 - p->width / 2.0, p->width, width);
    p->top = inside(b[1] + b[3] / 2 - p->height / 2.0, p->height, height);
    p->padded = p->width > width || p->height > height;
    p->out_width = p->width;
    p->out_height = p->height;
    if (w->o->size > 0) {
        double scale = (double)w->o->size / (p->width > p->height ? p->width : p->height);
        p->out_width = (int)fmax(1, rint(p->width * scale));
        p->out_height = (int)fmax(1, rint(p->height * scale));
    }
    return GR_OK;
}

/* ---- one crop
 * -------------------------------------------------------------------------------------------------------------- */

/* Black where the crop is larger than the picture. */
static gr_status cut(const gr_image *in, const gr_crop_place *p, gr_image *out, gr_error *err)
{
    gr_status status = gr_image_make(p->width, p->height, out, err);
    if (status != GR_OK)
        return status;
    memset(out->pixels, 0, (size_t)p->width * (size_t)p->height * 3);
    int from = p->left > 0 ? p->left : 0, to = p->left + p->width < in->width ? p->left + p->width : in->width;
    for (int y = 0; y < p->height; y++) {
        int row = p->top + y;
        if (row < 0 || row >= in->height || to <= from)
            continue;
        memcpy(out->pixels + ((size_t)y * (size_t)p->width + (size_t)(from - p->left)) * 3,
               in->pixels + ((size_t)row * (size_t)in->width + (size_t)from) * 3, (size_t)(to - from) * 3);
    }
    return GR_OK;
}

static gr_status write_crop(const work *w, const gr_image *image, const char *name, gr_error *err)
{
    uint8_t *bytes;
    size_t size;
    char *path = gr_path_join(w->o->out, name);
    if (path == NULL)
        return gr_fail(err, GR_NOMEM, "no memory for a path");
    gr_status status = gr_png_encode_quick(image, &bytes, &size, err);
    if (status == GR_OK) {
        status = gr_file_put(path, bytes, size, err);
        gr_image_bytes_free(bytes);
    }
    gr_free(path);
    return status;
}

static gr_status make_crop(const work *w, int64_t i, gr_error *err)
{
    gr_crop_row *r = &w->table.rows[i];
    gr_image picture = {0}, crop = {0}, small = {0};
    gr_status status = gr_image_read(r->path, &picture, err);
    if (status != GR_OK)
        gr_error_prefix(err, "%s:%lld: image", w->o->manifest, gr_crop_line(&w->table, i));
    if (status == GR_OK)
        status = place_crop(w, i, picture.width, picture.height, err);
    if (status == GR_OK)
        status = cut(&picture, &r->place, &crop, err);
    gr_image_free(&picture);
    if (status == GR_OK && w->o->size > 0)
        status = gr_image_resize(&crop, r->place.out_width, r->place.out_height, &small, err);
    if (status == GR_OK)
        status = write_crop(w, w->o->size > 0 ? &small : &crop, r->name, err);
    gr_image_free(&crop);
    gr_image_free(&small);
    return status;
}

static void make_one(void *ctx, int64_t index, int thread)
{
    work *w = ctx;
    (void)thread;
    w->errors[index] = (gr_error){0};
    gr_status status = make_crop(w, w->first + index, &w->errors[index]);
    (void)status; /* stands in the error */
}

static gr_status make_all(work *w)
{
    w->errors = gr_alloc(BLOCK, sizeof *w->errors);
    if (w->errors == NULL)
        return no_memory(w);
    for (w->first = 0; w->first < w->table.count; w->first += BLOCK) {
        if (w->o->stop != NULL && *w->o->stop)
            return gr_fail(w->err, GR_INTERRUPTED, "%s: stopped; nothing of it is left", w->o->out);
        int64_t left = w->table.count - w->first, n = left < BLOCK ? left : BLOCK;
        w->made = w->first + n;
        gr_parallel_for(n, make_one, w);
        for (int64_t k = 0; k < n; k++)
            if (w->errors[k].status != GR_OK)
                return gr_fail(w->err, w->errors[k].status, "%s", w->errors[k].text);
    }
    return GR_OK;
}

/* ---- the set
 * --------------------------------------------------------------------------------------------------------------- */

/* The picture's path from the new folder on, so that both can move together. */
static char *source_of(const work *w, const char *path)
{
    char *whole = realpath(path, NULL);
    char *out = whole != NULL ? gr_path_relative(w->folder, whole) : gr_strdup(path);
    free(whole);
    return out;
}

static gr_status write_manifest(work *w)
{
    gr_text out = {0};
    gr_crop_put_header(&w->table, w->o->whole, &out);
    for (int64_t i = 0; i < w->table.count; i++) {
        const gr_crop_row *r = &w->table.rows[i];
        char *source = source_of(w, r->path);
        out.failed = out.failed || source == NULL;
        if (!out.failed)
            gr_crop_put_row(&w->table, i, source, w->o->whole, &w->report->lost_points, &out);
        gr_free(source);
    }
    gr_status status = out.failed ? no_memory(w) : gr_file_write(w->manifest, out.data, out.size, w->err);
    gr_text_free(&out);
    return status;
}

static gr_status look_at_folder(const work *w)
{
    if (w->o->force || !gr_path_exists(w->o->out))
        return GR_OK;
    if (!gr_is_folder(w->o->out))
        return gr_fail(w->err, GR_INVALID, "%s: is no folder; the name of a new one would be right", w->o->out);
    return !gr_folder_holds(w->o->out)
               ? GR_OK
               : gr_fail(w->err, GR_INVALID, "%s: holds files already; a new folder would be right, or --force", w->o->out);
}

static gr_status check(const work *w)
{
    const gr_crops_options *o = w->o;
    if (!(o->margin >= 0) || o->margin > 10)
        return gr_fail(w->err, GR_INVALID, "--margin: %g is no share of the box from 0 to 10; 0.1 would be right",
                       o->margin);
    if (o->size < 0 || o->size > GR_IMAGE_SIDE_MAX)
        return gr_fail(w->err, GR_INVALID, "--size: %d is not 1 to %d pixels", o->size, (int)GR_IMAGE_SIDE_MAX);
    if (o->sheet == NULL)
        return GR_OK;
    if (!gr_ends_with(o->sheet, ".png") && !gr_ends_with(o->sheet, ".html"))
        return gr_fail(w->err, GR_INVALID, "--sheet: \"%.200s\" is no .png and no .html", o->sheet);
    if (!o->force && gr_path_exists(o->sheet))
        return gr_fail(w->err, GR_INVALID, "%s: is there already; --force overwrites it", o->sheet);
    return GR_OK;
}

static gr_status begin(work *w)
{
    gr_status status = w->manifest != NULL && w->images != NULL ? gr_make_folders(w->images, w->err) : no_memory(w);
    if (status == GR_OK && gr_path_exists(w->manifest) && unlink(w->manifest) != 0)
        status = gr_fail(w->err, GR_INVALID, "%s: cannot be replaced", w->manifest);
    char *folder = status == GR_OK ? realpath(w->o->out, NULL) : NULL;
    if (status == GR_OK && (folder == NULL || (w->folder = gr_strdup(folder)) == NULL))
        status = no_memory(w);
    free(folder);
    return status;
}

static void remove_crops(const work *w)
{
    for (int64_t i = 0; i < w->made; i++) {
        char *path = gr_path_join(w->o->out, w->table.rows[i].name);
        if (path != NULL)
            (void)unlink(path);
        gr_free(path);
    }
    if (w->manifest != NULL)
        (void)unlink(w->manifest);
    if (w->images != NULL)
        (void)rmdir(w->images); /* refuses, rightly, when something else lies there */
    (void)rmdir(w->o->out);
}

static void count_crops(work *w)
{
    gr_crops_report *r = w->report;
    r->written = w->table.count;
    r->without_box = w->table.without_box;
    r->left_out = w->table.left_out;
    for (int64_t i = 0; i < w->table.count; i++)
        r->padded += w->table.rows[i].place.padded;
    gr_csv_say(w->table.csv, &r->notices);
}

static gr_status make(work *w)
{
    gr_status status = check(w);
    if (status == GR_OK)
        status = gr_crop_table_read(w->o->manifest, w->o->only, &w->table, w->err);
    if (status == GR_OK)
        status = look_at_folder(w);
    if (status != GR_OK)
        return status;
    status = begin(w);
    if (status == GR_OK)
        status = make_all(w);
    if (status == GR_OK)
        status = gr_files_sync(w->images, w->err);
    if (status == GR_OK)
        status = write_manifest(w);
    if (status == GR_OK && w->o->sheet != NULL)
        status = gr_crop_sheet(&w->table, w->o->out, w->folder, w->o->sheet, w->err);
    if (status == GR_OK)
        count_crops(w);
    else
        remove_crops(w);
    return status;
}

gr_status gr_crops_make(const gr_crops_options *options, gr_crops_report *report, gr_error *err)
{
    *report = (gr_crops_report){0};
    work w = {.o = options, .report = report, .err = err};
    w.manifest = gr_path_join(options->out, "manifest.csv");
    w.images = gr_path_join(options->out, "images");
    gr_status status = make(&w);
    gr_free(w.manifest);
    gr_free(w.images);
    gr_free(w.folder);
    gr_free(w.errors);
    gr_crop_table_free(&w.table);
    return status;
}

void gr_crops_report_free(gr_crops_report *report)
{
    gr_text_free(&report->notices);
    *report = (gr_crops_report){0};
}
