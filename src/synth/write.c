/* The set on disk: images in parallel, the manifest last, so that a folder with a manifest is whole. */
#include "synth/scene.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "grimace/image.h"

static void image_name(const gr_synth_row *row, char name[64])
{
    snprintf(name, 64, "images/%s%d_s%d_%d.png", row->params.cat ? "cat" : "rat", row->animal, row->session, row->index);
}

/* ---- rendering in batches ---- */

typedef struct job {
    const gr_synth_plan *plan;
    const char *folder;
    gr_synth_landmark (*landmarks)[GR_SYNTH_MOST_POINTS]; /* of every row */
    int first;                                       /* row of the batch's first image */
    gr_error *errors;                                /* one for each image of the batch */
} job;

static void render_one(void *ctx, int64_t index, int thread)
{
    (void)thread;
    job *j = ctx;
    const gr_synth_row *row = &j->plan->rows[j->first + index];
    gr_error *err = &j->errors[index];
    int size = j->plan->size;
    char name[64];
    image_name(row, name);
    gr_image image = {0};
    char *path = gr_path_join(j->folder, name);
    gr_status status =
        path != NULL ? gr_image_make(size, size, &image, err) : gr_fail(err, GR_NOMEM, "%s: no memory for its path", name);
    if (status == GR_OK)
        status = gr_synth_render(&row->params, size, size, image.pixels, j->landmarks[j->first + index], err);
    if (status == GR_OK)
        status = gr_png_write(path, &image, err);
    err->status = status;
    gr_image_free(&image);
    gr_free(path);
}

static gr_status render_all(job *j, gr_synth_progress progress, void *ctx, int *written, gr_error *err)
{
    enum { BATCH = 32 };
    gr_error errors[BATCH];
    int total = j->plan->count;
    j->errors = errors;
    for (j->first = 0; j->first < total; j->first += BATCH) {
        int n = total - j->first < BATCH ? total - j->first : BATCH;
        memset(errors, 0, sizeof(errors));
        gr_parallel_for(n, render_one, j);
        *written = j->first + n;
        for (int i = 0; i < n; i++)
            if (errors[i].status != GR_OK)
                return gr_fail(err, errors[i].status, "%s", errors[i].text);
        if (progress != NULL && !progress(ctx, j->first + n, total))
            return gr_fail(err, GR_INTERRUPTED, "%s: stopped after %d of %d images", j->folder, j->first + n, total);
    }
    return GR_OK;
}

/* ---- manifest ---- */

static void manifest_header(gr_text *out, int points)
{
    gr_text_printf(out, "image,animal,session,pain,score,label,au_orbital,au_ear,au_nose_cheek,au_whisker,yaw,pitch,roll");
    for (int i = 1; i <= points; i++)
        gr_text_printf(out, ",lm%d_x,lm%d_y", i, i);
    for (int i = 1; i <= points; i++)
        gr_text_printf(out, ",lm%d_v", i);
    gr_text_printf(out, "\n");
}

/* A landmark outside the picture has no place there: its cells stay empty. */
static void put_landmark(gr_text *out, const gr_synth_landmark *landmark, int size)
{
    if (landmark->x >= 0 && landmark->y >= 0 && landmark->x <= (float)size && landmark->y <= (float)size)
        gr_text_printf(out, ",%.2f,%.2f", (double)landmark->x, (double)landmark->y);
    else
        gr_text_printf(out, ",,");
}

static void manifest_row(gr_text *out, const gr_synth_row *row, const gr_synth_landmark *landmarks, int size)
{
    char name[64];
    image_name(row, name);
    int points = gr_synth_points(&row->params);
    gr_text_printf(out, "%s,%s%d,s%d,%d,%d,%s", name, row->params.cat ? "cat" : "rat", row->animal,
                   row->session, row->score > 0, row->score, gr_synth_label(row->score));
    for (int i = 0; i < GR_SYNTH_AUS; i++)
        gr_text_printf(out, ",%d", row->level[i]);
    gr_text_printf(out, ",%.2f,%.2f,%.2f", (double)row->params.yaw, (double)row->params.pitch, (double)row->params.roll);
    for (int i = 0; i < points; i++)
        put_landmark(out, &landmarks[i], size);
    for (int i = 0; i < points; i++)
        gr_text_printf(out, ",%d", landmarks[i].visible);
    gr_text_printf(out, "\n");
}

static gr_status write_manifest(const job *j, const char *path, gr_error *err)
{
    gr_text out = {0};
    manifest_header(&out, j->plan->cats ? GR_SYNTH_CAT_POINTS : GR_SYNTH_POINTS);
    for (int i = 0; i < j->plan->count; i++)
        manifest_row(&out, &j->plan->rows[i], j->landmarks[i], j->plan->size);
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                  : gr_file_write(path, out.data, out.size, err);
    gr_text_free(&out);
    return status;
}

/* A set that was not finished leaves no images behind. */
static void remove_images(const job *j, int count)
{
    for (int i = 0; i < count; i++) {
        char name[64];
        image_name(&j->plan->rows[i], name);
        char *path = gr_path_join(j->folder, name);
        if (path != NULL)
            (void)unlink(path);
        gr_free(path);
    }
    char *images = gr_path_join(j->folder, "images");
    if (images != NULL)
        (void)rmdir(images); /* refuses, rightly, when something else lies there */
    gr_free(images);
}

/* Is anything of the set in the folder already? */
static gr_status find_old(const job *j, const char *manifest, gr_error *err)
{
    gr_status status = GR_OK;
    if (gr_path_exists(manifest))
        status = gr_fail(err, GR_INVALID, "%s: is there already; --force overwrites it", manifest);
    for (int i = 0; status == GR_OK && i < j->plan->count; i++) {
        char name[64];
        image_name(&j->plan->rows[i], name);
        char *path = gr_path_join(j->folder, name);
        if (path == NULL)
            status = gr_fail(err, GR_NOMEM, "no memory for a path");
        else if (gr_path_exists(path))
            status = gr_fail(err, GR_INVALID, "%s: is there already; --force overwrites it", path);
        gr_free(path);
    }
    return status;
}

gr_status gr_synth_write(const gr_synth_plan *plan, const char *folder, bool force, gr_synth_progress progress, void *ctx,
                         gr_error *err)
{
    job j = {.plan = plan, .folder = folder};
    int written = 0;
    gr_status status = GR_OK;
    char *manifest = gr_path_join(folder, "manifest.csv"), *images = gr_path_join(folder, "images");
    j.landmarks = gr_alloc((size_t)plan->count, sizeof(*j.landmarks));
    if (manifest == NULL || images == NULL || j.landmarks == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for a set of %d images", folder, plan->count);
    else if (!force)
        status = find_old(&j, manifest, err);
    if (status == GR_OK)
        status = gr_make_folders(images, err);
    /* While images are replaced, no manifest may describe them. */
    if (status == GR_OK && unlink(manifest) != 0 && errno != ENOENT)
        status = gr_fail(err, GR_INVALID, "%s: cannot be replaced: %s", manifest, strerror(errno));
    if (status == GR_OK)
        status = render_all(&j, progress, ctx, &written, err);
    if (status == GR_OK)
        status = write_manifest(&j, manifest, err);
    if (status != GR_OK && written > 0)
        remove_images(&j, written);
    gr_free(j.landmarks);
    gr_free(images);
    gr_free(manifest);
    return status;
}

/* ---- contact sheet ---- */

/* Copies a face into column c and row r of a sheet of faces of its size. */
static void paste(gr_image *sheet, const gr_image *face, int c, int r)
{
    size_t row = (size_t)face->width * 3, stride = (size_t)sheet->width * 3;
    uint8_t *to = sheet->pixels + (size_t)r * (size_t)face->height * stride + (size_t)c * row;
    for (int y = 0; y < face->height; y++)
        memcpy(to + (size_t)y * stride, face->pixels + (size_t)y * row, row);
}

gr_status gr_synth_sheet(const gr_synth_options *options, const char *path, gr_error *err)
{
    gr_synth_options o = *options;
    o.images = 2;
    gr_synth_plan plan;
    gr_image sheet = {0}, face = {0};
    gr_status status = gr_synth_plan_make(&o, &plan, err);
    int columns = plan.count / 2;
    if (status == GR_OK)
        status = gr_image_make(columns * plan.size, 3 * plan.size, &sheet, err);
    if (status == GR_OK)
        status = gr_image_make(plan.size, plan.size, &face, err);
    for (int k = 0; k < 3 * columns && status == GR_OK; k++) {
        int c = k / 3, strength = k % 3;
        gr_synth_params p = plan.rows[2 * c].params;
        float turn = columns > 1 ? (float)c / (float)(columns - 1) : 0;
        p.yaw = (o.yaw >= 0 ? o.yaw : 70) * turn * (c % 2 == 0 ? 1.0f : -1.0f);
        p.body_yaw = -0.55f * p.yaw;
        p.shift_x = p.shift_y = p.blur = p.motion = p.noise = 0;
        for (int i = 0; i < GR_SYNTH_AUS; i++)
            p.au[i] = (float)strength;
        status = gr_synth_render(&p, plan.size, plan.size, face.pixels, NULL, err);
        if (status == GR_OK)
            paste(&sheet, &face, c, strength);
    }
    if (status == GR_OK)
        status = gr_png_write(path, &sheet, err);
    gr_image_free(&face);
    gr_image_free(&sheet);
    gr_synth_plan_free(&plan);
    return status;
}
