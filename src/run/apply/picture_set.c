#include "run/apply/picture_set.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

enum { BLOCK = 64 };

/* What is kept of each picture until the table is written. */
typedef struct done {
    char *name;
    gr_map map;
    int width, height;
    bool left_out;
} done;

typedef struct work {
    const gr_picture_set *set;
    gr_error *err;
    char *manifest, *images, *folder; /* paths; folder is absolute */
    done *done;                       /* [rows, times] */
    int64_t first, made;              /* rows: of the block under way; that may be on the disk */
    gr_error errors[BLOCK];
} work;

static gr_status no_memory(gr_error *err, const char *out)
{
    return gr_fail(err, GR_NOMEM, "%s: no memory for its pictures", out);
}

/* ---- one row --------------------------------------------------------------------------------------------------------- */

static gr_status write_picture(const work *w, const gr_image *image, const char *name, gr_error *err)
{
    uint8_t *bytes;
    size_t size;
    char *path = gr_path_join(w->set->out, name);
    gr_status status = path != NULL ? gr_png_encode_quick(image, &bytes, &size, err) : no_memory(err, w->set->out);
    if (status == GR_OK) {
        status = gr_file_put(path, bytes, size, err);
        gr_image_bytes_free(bytes);
    }
    gr_free(path);
    return status;
}

static gr_status make_picture(work *w, int64_t row, int number, const gr_image *source, gr_error *err)
{
    const gr_picture_set *set = w->set;
    done *d = &w->done[row * set->times + number];
    gr_made_picture made = {.map = gr_map_identity()};
    gr_status status = set->make(set->ctx, row, number, source, &made, err);
    d->map = made.map;
    d->width = made.image.width;
    d->height = made.image.height;
    d->left_out = made.left_out;
    if (status == GR_OK && !made.left_out) {
        d->name = gr_moved_name(set->table, row, set->numbered ? number + 1 : 0);
        status = d->name != NULL ? write_picture(w, &made.image, d->name, err) : no_memory(err, set->out);
    }
    gr_image_free(&made.image);
    return status;
}

static gr_status make_row(work *w, int64_t row, gr_error *err)
{
    gr_image source = {0};
    char *path;
    gr_status status = gr_moved_path(w->set->table, row, &path, err);
    if (status != GR_OK)
        return status;
    status = gr_image_read(path, &source, err);
    gr_free(path);
    for (int n = 0; n < w->set->times && status == GR_OK; n++)
        status = make_picture(w, row, n, &source, err);
    gr_image_free(&source);
    if (status != GR_OK)
        gr_error_prefix(err, "%s:%lld: image", w->set->table->csv->path, (long long)w->set->table->csv->line[row]);
    return status;
}

static void make_one(void *ctx, int64_t index, int thread)
{
    work *w = ctx;
    (void)thread;
    w->errors[index] = (gr_error){0};
    gr_status status = make_row(w, w->first + index, &w->errors[index]);
    (void)status; /* stands in the error */
}

static gr_status make_all(work *w)
{
    int64_t rows = w->set->table->csv->rows;
    for (w->first = 0; w->first < rows; w->first += BLOCK) {
        if (w->set->stop != NULL && *w->set->stop)
            return gr_fail(w->err, GR_INTERRUPTED, "%s: stopped; nothing of it is left", w->set->out);
        int64_t left = rows - w->first, n = left < BLOCK ? left : BLOCK;
        w->made = w->first + n;
        gr_parallel_for(n, make_one, w);
        for (int64_t k = 0; k < n; k++)
            if (w->errors[k].status != GR_OK)
                return gr_fail(w->err, w->errors[k].status, "%s", w->errors[k].text);
    }
    return GR_OK;
}

/* ---- the set --------------------------------------------------------------------------------------------------------- */

/* The source's path from the new folder on, so that both can move together. */
static char *source_of(const work *w, int64_t row)
{
    char *path, *out;
    if (gr_moved_path(w->set->table, row, &path, NULL) != GR_OK)
        return NULL;
    char *whole = realpath(path, NULL);
    out = whole != NULL ? gr_path_relative(w->folder, whole) : gr_strdup(path);
    free(whole);
    gr_free(path);
    return out;
}

static gr_status write_manifest(work *w, int64_t *written)
{
    const gr_picture_set *set = w->set;
    gr_text out = {0};
    gr_moved_put_header(set->table, &out);
    for (int64_t row = 0; row < set->table->csv->rows; row++) {
        char *source = source_of(w, row);
        out.failed = out.failed || source == NULL;
        for (int n = 0; n < set->times && !out.failed; n++) {
            const done *d = &w->done[row * set->times + n];
            if (d->left_out)
                continue;
            gr_moved_put_row(set->table, row, d->name, source, &d->map, d->width, d->height, &out);
            ++*written;
        }
        gr_free(source);
    }
    gr_status status = out.failed ? no_memory(w->err, set->out) : gr_file_write(w->manifest, out.data, out.size, w->err);
    gr_text_free(&out);
    return status;
}

static gr_status look_at_folder(const work *w)
{
    const char *out = w->set->out;
    if (gr_same_path(w->set->out, w->set->table->folder))
        return gr_fail(w->err, GR_INVALID, "%s: is the folder of %s, which would be lost; another one would be right", out,
                       w->set->table->csv->path);
    if (w->set->force || !gr_path_exists(out))
        return GR_OK;
    if (!gr_is_folder(out))
        return gr_fail(w->err, GR_INVALID, "%s: is no folder; the name of a new one would be right", out);
    return !gr_folder_holds(out)
               ? GR_OK
               : gr_fail(w->err, GR_INVALID, "%s: holds files already; a new folder would be right, or --force", out);
}

static gr_status begin(work *w)
{
    gr_status status = look_at_folder(w);
    w->manifest = gr_path_join(w->set->out, "manifest.csv");
    w->images = gr_path_join(w->set->out, "images");
    w->done = gr_alloc((size_t)w->set->table->csv->rows * (size_t)w->set->times, sizeof *w->done);
    if (status == GR_OK && (w->manifest == NULL || w->images == NULL || w->done == NULL))
        status = no_memory(w->err, w->set->out);
    if (status == GR_OK)
        status = gr_make_folders(w->images, w->err);
    if (status == GR_OK && gr_path_exists(w->manifest) && unlink(w->manifest) != 0)
        status = gr_fail(w->err, GR_INVALID, "%s: cannot be replaced", w->manifest);
    char *folder = status == GR_OK ? realpath(w->set->out, NULL) : NULL;
    if (status == GR_OK && (folder == NULL || (w->folder = gr_strdup(folder)) == NULL))
        status = no_memory(w->err, w->set->out);
    free(folder);
    return status;
}

static void remove_pictures(const work *w)
{
    for (int64_t i = 0; w->done != NULL && i < w->made * w->set->times; i++) {
        char *path = w->done[i].name != NULL ? gr_path_join(w->set->out, w->done[i].name) : NULL;
        if (path != NULL)
            (void)unlink(path);
        gr_free(path);
    }
    (void)unlink(w->manifest);
    (void)rmdir(w->images); /* refuses, rightly, when something else lies there */
    (void)rmdir(w->set->out);
}

static void say_lost(const gr_moved_table *t, gr_text *notices)
{
    gr_csv_say(t->csv, notices);
    if (t->lost_points > 0)
        gr_text_printf(notices, "%lld landmark%s not on the new picture: empty cells\n", (long long)t->lost_points,
                       t->lost_points == 1 ? " is" : "s are");
    if (t->lost_boxes > 0)
        gr_text_printf(notices, "%lld box%s not on the new picture: empty cells\n", (long long)t->lost_boxes,
                       t->lost_boxes == 1 ? " is" : "es are");
}

gr_status gr_picture_set_write(const gr_picture_set *set, int64_t *written, gr_text *notices, gr_error *err)
{
    work *w = gr_alloc(1, sizeof *w);
    if (w == NULL)
        return no_memory(err, set->out);
    w->set = set;
    w->err = err;
    *written = 0;
    gr_status status = begin(w);
    bool begun = status == GR_OK;
    if (status == GR_OK)
        status = make_all(w);
    if (status == GR_OK)
        status = gr_files_sync(w->images, err);
    if (status == GR_OK)
        status = write_manifest(w, written);
    if (status == GR_OK)
        say_lost(set->table, notices);
    else if (begun)
        remove_pictures(w);
    for (int64_t i = 0; w->done != NULL && i < set->table->csv->rows * set->times; i++)
        gr_free(w->done[i].name);
    gr_free(w->done);
    gr_free(w->manifest);
    gr_free(w->images);
    gr_free(w->folder);
    gr_free(w);
    return status;
}
