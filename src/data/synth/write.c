/* The set on disk: images in parallel, the manifest last, so that a folder with a manifest is whole. */
#include "scene.h"

#include <errno.h>
#include <png.h>
#include <string.h>
#include <unistd.h>

static gr_status write_png(const char *path, const uint8_t *rgb, int width, int height, gr_error *err)
{
    png_image image = {.version = PNG_IMAGE_VERSION, .width = (png_uint_32)width, .height = (png_uint_32)height};
    image.format = PNG_FORMAT_RGB;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    char *bytes = gr_alloc(size, 1);
    if (bytes == NULL)
        return gr_fail(err, GR_NOMEM, "%s: no memory to encode it", path);
    gr_status status = GR_OK;
    if (!png_image_write_to_memory(&image, bytes, &size, 0, rgb, 0, NULL))
        status = gr_fail(err, GR_INTERNAL, "%s: cannot be encoded: %s", path, image.message);
    else
        status = gr_file_write(path, bytes, size, err);
    gr_free(bytes);
    return status;
}

static void image_name(const gr_synth_row *row, char name[64])
{
    snprintf(name, 64, "images/rat%d_s%d_%d.png", row->animal, row->session, row->index);
}

/* ---- rendering in batches ---- */

typedef struct job {
    const gr_synth_plan *plan;
    const char *folder;
    gr_synth_landmark (*landmarks)[GR_SYNTH_POINTS]; /* of every row */
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
    uint8_t *rgb = gr_alloc((size_t)size * (size_t)size, 3);
    char *path = gr_path_join(j->folder, name);
    if (rgb == NULL || path == NULL)
        gr_fail(err, GR_NOMEM, "%s: no memory to render it", name);
    else if (gr_synth_render(&row->params, size, size, rgb, j->landmarks[j->first + index], err) == GR_OK)
        (void)write_png(path, rgb, size, size, err); /* a failure stands in *err */
    gr_free(path);
    gr_free(rgb);
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

static void manifest_header(gr_buffer *out)
{
    gr_buffer_printf(out, "image,animal,session,pain,score,label,au_orbital,au_ear,au_nose_cheek,au_whisker,yaw,pitch,roll");
    for (int i = 1; i <= GR_SYNTH_POINTS; i++)
        gr_buffer_printf(out, ",lm%d_x,lm%d_y", i, i);
    for (int i = 1; i <= GR_SYNTH_POINTS; i++)
        gr_buffer_printf(out, ",lm%d_v", i);
    gr_buffer_printf(out, "\n");
}

static void manifest_row(gr_buffer *out, const gr_synth_row *row, const gr_synth_landmark *landmarks)
{
    char name[64];
    image_name(row, name);
    gr_buffer_printf(out, "%s,rat%d,s%d,%d,%d,%s", name, row->animal, row->session, row->score > 0, row->score,
                     gr_synth_label(row->score));
    for (int i = 0; i < GR_SYNTH_AUS; i++)
        gr_buffer_printf(out, ",%d", row->level[i]);
    gr_buffer_printf(out, ",%.2f,%.2f,%.2f", (double)row->params.yaw, (double)row->params.pitch, (double)row->params.roll);
    for (int i = 0; i < GR_SYNTH_POINTS; i++)
        gr_buffer_printf(out, ",%.2f,%.2f", (double)landmarks[i].x, (double)landmarks[i].y);
    for (int i = 0; i < GR_SYNTH_POINTS; i++)
        gr_buffer_printf(out, ",%d", landmarks[i].visible);
    gr_buffer_printf(out, "\n");
}

static gr_status write_manifest(const job *j, const char *path, gr_error *err)
{
    gr_buffer out = {0};
    manifest_header(&out);
    for (int i = 0; i < j->plan->count; i++)
        manifest_row(&out, &j->plan->rows[i], j->landmarks[i]);
    gr_status status = out.failed ? gr_fail(err, GR_NOMEM, "%s: no memory to write it", path)
                                  : gr_file_write(path, out.data, out.size, err);
    gr_buffer_free(&out);
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
    else if (!force && gr_path_exists(manifest))
        status = gr_fail(err, GR_INVALID, "%s: exists already; choose another --out, or --force to replace it", manifest);
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

gr_status gr_synth_sheet(const gr_synth_options *options, const char *path, gr_error *err)
{
    gr_synth_options o = *options;
    o.images = 2;
    gr_synth_plan plan;
    gr_status status = gr_synth_plan_make(&o, &plan, err);
    if (status != GR_OK)
        return status;
    int columns = plan.count / 2, size = plan.size, width = columns * size, height = 3 * size;
    uint8_t *sheet = gr_alloc((size_t)width * (size_t)height, 3), *face = gr_alloc((size_t)size * (size_t)size, 3);
    if (sheet == NULL || face == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for %d x %d pixels", path, width, height);
    for (int c = 0; c < columns && status == GR_OK; c++)
        for (int r = 0; r < 3 && status == GR_OK; r++) {
            gr_synth_params p = plan.rows[2 * c].params;
            float turn = columns > 1 ? (float)c / (float)(columns - 1) : 0;
            p.yaw = (o.yaw >= 0 ? o.yaw : 70) * turn * (c % 2 == 0 ? 1.0f : -1.0f);
            p.body_yaw = -0.55f * p.yaw;
            p.blur = p.motion = p.noise = 0;
            for (int i = 0; i < GR_SYNTH_AUS; i++)
                p.au[i] = (float)r;
            status = gr_synth_render(&p, size, size, face, NULL, err);
            for (int y = 0; y < size && status == GR_OK; y++)
                memcpy(sheet + ((size_t)(r * size + y) * (size_t)width + (size_t)(c * size)) * 3,
                       face + (size_t)y * (size_t)size * 3, (size_t)size * 3);
        }
    if (status == GR_OK)
        status = write_png(path, sheet, width, height, err);
    gr_free(face);
    gr_free(sheet);
    gr_synth_plan_free(&plan);
    return status;
}
