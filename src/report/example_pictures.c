#include "report/example_pictures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "explain/overlay.h"
#include "grimace/explain.h"
#include "grimace/manifest.h"

/* Side of a picture in a page, and JPEG's quality. */
enum { SIDE = 224, QUALITY = 85 };

static gr_status no_memory(gr_error *err)
{
    return gr_fail(err, GR_NOMEM, "no memory for the pictures of a page");
}

/* ---- where the pictures are -------------------------------------------------------------------------------------- */

static bool copy_points(const gr_manifest *manifest, int64_t row, gr_example_picture *out)
{
    int count = manifest->landmark_count;
    out->points = count > 0 ? gr_alloc(2 * (size_t)count, sizeof *out->points) : NULL;
    out->point_count = out->points != NULL ? count : 0;
    for (int i = 0; i < 2 * out->point_count; i++)
        out->points[i] = (double)manifest->landmarks[2 * row * count + i];
    return out->point_count == count;
}

/* Looks up images[count] in the manifest. samples[i].path NULL: not there. GIVES *manifest, which holds the paths. */
static gr_status find(const gr_page_run *run, const char *const *images, gr_example_pictures *out, gr_sample *samples,
                      gr_manifest *manifest, gr_error *err)
{
    gr_manifest_options options = {.skip_files = true, .absent_files = true, .landmarks = GR_LANDMARKS_IF_THERE};
    gr_error unread = {0};
    gr_status status = gr_manifest_load(run->config->data.manifest, &options, manifest, &unread);
    if (status != GR_OK)
        return status == GR_NOMEM ? no_memory(err) : GR_OK;
    int64_t *order = gr_names_sort(manifest->images, manifest->rows);
    bool good = order != NULL;
    for (int i = 0; good && i < out->count; i++) {
        int64_t at = gr_names_find(manifest->images, order, manifest->rows, images[i]);
        if (at < 0)
            continue;
        const gr_box *box = manifest->boxes != NULL ? &manifest->boxes[at] : NULL;
        samples[i].path = manifest->paths[at];
        samples[i].has_box = box != NULL && box->width > 0;
        if (samples[i].has_box)
            memcpy(samples[i].box, (double[4]){box->x, box->y, box->width, box->height}, sizeof samples[i].box);
        samples[i].points = manifest->landmarks != NULL ? manifest->landmarks + at * 2 * manifest->landmark_count : NULL;
        samples[i].point_count = manifest->landmark_count;
        good = copy_points(manifest, at, &out->each[i]);
    }
    gr_free(order);
    return good ? GR_OK : no_memory(err);
}

/* ---- without a model --------------------------------------------------------------------------------------------- */

static gr_status put_jpeg(const gr_image *image, gr_text *out, gr_error *err)
{
    uint8_t *bytes;
    size_t size;
    gr_status status = gr_jpeg_encode(image, QUALITY, &bytes, &size, err);
    if (status != GR_OK)
        return status;
    gr_text_add(out, bytes, size);
    gr_image_bytes_free(bytes);
    return out->failed ? no_memory(err) : GR_OK;
}

/* Encodes an image that is made small enough; takes nothing. */
static gr_status put_small(const gr_image *image, gr_text *out, int *width, int *height, gr_error *err)
{
    gr_image small = {0};
    double scale = fmin(1.0, (double)SIDE / (double)(image->width > image->height ? image->width : image->height));
    *width = (int)fmax(1.0, round(scale * image->width));
    *height = (int)fmax(1.0, round(scale * image->height));
    if (scale >= 1.0)
        return put_jpeg(image, out, err);
    gr_status status = gr_image_resize(image, *width, *height, &small, err);
    if (status == GR_OK)
        status = put_jpeg(&small, out, err);
    gr_image_free(&small);
    return status;
}

static gr_status put_plain(const gr_sample *sample, gr_example_picture *out, gr_error *err)
{
    gr_image image = {0}, face = {0};
    gr_status status = gr_image_read(sample->path, &image, err);
    if (status == GR_OK && sample->has_box)
        status = gr_image_crop(&image, sample->box, &face, err);
    const gr_image *shown = sample->has_box ? &face : &image;
    if (status == GR_OK)
        status = put_small(shown, &out->picture, &out->width, &out->height, err);
    out->left = sample->has_box ? sample->box[0] : 0.0;
    out->top = sample->has_box ? sample->box[1] : 0.0;
    out->scale = status == GR_OK ? (double)out->width / shown->width : NAN;
    gr_image_free(&image);
    gr_image_free(&face);
    return status;
}

static gr_status put_all_plain(gr_example_pictures *out, const gr_sample *samples, gr_error *err)
{
    for (int i = 0; i < out->count; i++) {
        gr_error why = {0};
        gr_status status = samples[i].path != NULL ? put_plain(&samples[i], &out->each[i], &why) : GR_INVALID;
        if (status == GR_NOMEM)
            return no_memory(err);
        if (status != GR_OK)
            gr_text_free(&out->each[i].picture);
        out->missing += status != GR_OK;
    }
    return GR_OK;
}

/* ---- with maps --------------------------------------------------------------------------------------------------- */

/* What is listened with: the pictures, and which of them each sample is. */
typedef struct listener {
    gr_example_pictures *pictures;
    int of[GR_EXAMPLE_ROOM];
} listener;

static void find_peak(const gr_explanation *e, double peak[2])
{
    int64_t best = 0, cells = (int64_t)e->size * e->size;
    for (int64_t i = 1; i < cells; i++)
        best = e->map[i] > e->map[best] ? i : best;
    peak[0] = ((double)(best % e->size) + 0.5) / e->size;
    peak[1] = ((double)(best / e->size) + 0.5) / e->size;
}

/* The middle one of three panels: the map over the picture. */
static gr_status put_heat(const gr_explanation *e, gr_example_picture *out, gr_error *err)
{
    const gr_overlay overlay = {.picture = e->picture, .map = e->map, .size = e->size, .is_signed = e->is_signed};
    gr_image panels = {0}, middle = {0};
    int width, height;
    gr_status status = gr_image_make(3 * e->size, e->size, &panels, err);
    if (status == GR_OK) {
        gr_overlay_paint(&overlay, &panels);
        status = gr_image_crop(&panels, (double[4]){e->size, 0, e->size, e->size}, &middle, err);
    }
    if (status == GR_OK)
        status = put_small(&middle, &out->heat, &width, &height, err);
    gr_image_free(&panels);
    gr_image_free(&middle);
    return status;
}

static gr_status hear(void *ctx, const gr_explanation *e, gr_error *err)
{
    listener *l = ctx;
    gr_example_picture *out = &l->pictures->each[l->of[e->sample]];
    if (e->problem != NULL) {
        l->pictures->missing++;
        return GR_OK;
    }
    gr_status status = put_small(e->picture, &out->picture, &out->width, &out->height, err);
    if (strcmp(e->fold, "all") == 0) { /* models that trained on it would explain it, too */
        l->pictures->unexplained++;
        return status;
    }
    if (status == GR_OK)
        status = put_heat(e, out, err);
    find_peak(e, out->peak);
    snprintf(out->class_name, sizeof out->class_name, "%s", e->class_name != NULL ? e->class_name : "");
    return status;
}

static const char *method_for(const gr_config *c)
{
    if (strcmp(c->model.classic, "none") != 0)
        return "occlusion";
    return strcmp(c->model.head, "painseeker") == 0 ? "attention" : "gradcam";
}

static gr_status explain(const gr_page_run *run, gr_example_pictures *out, const gr_sample *samples, gr_error *err)
{
    const char *method = method_for(run->config);
    const gr_explain_options options = {.methods = &method, .method_count = 1};
    gr_explainer *explainer = NULL;
    listener l = {.pictures = out};
    gr_sample *known = gr_alloc((size_t)out->count + 1, sizeof *known);
    int count = 0;
    for (int i = 0; known != NULL && i < out->count; i++)
        if (samples[i].path != NULL) {
            l.of[count] = i;
            known[count++] = samples[i];
        }
    out->missing = out->count - count;
    gr_status status = known != NULL ? GR_OK : no_memory(err);
    if (status == GR_OK)
        status = gr_explainer_open(run->files.path, &options, &explainer, err);
    if (status == GR_OK)
        status = gr_explainer_run(explainer, known, count, hear, &l, NULL, err);
    gr_explainer_close(explainer);
    gr_free(known);
    out->method = status == GR_OK ? method : NULL;
    return status;
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

/* Drops the pictures, not the points. */
static void forget(gr_example_pictures *out)
{
    for (int i = 0; out->each != NULL && i < out->count; i++) {
        gr_example_picture *e = &out->each[i];
        gr_text_free(&e->picture);
        gr_text_free(&e->heat);
        *e = (gr_example_picture){.peak = {NAN, NAN}, .points = e->points, .point_count = e->point_count};
    }
    out->missing = out->unexplained = 0;
}

gr_status gr_example_pictures_make(const gr_page_run *run, const char *const *images, int count, bool maps,
                                   gr_example_pictures *out, gr_error *err)
{
    gr_manifest manifest = {0};
    gr_sample *samples = gr_alloc((size_t)count + 1, sizeof *samples);
    *out = (gr_example_pictures){.count = count, .each = gr_alloc((size_t)count + 1, sizeof *out->each)};
    gr_status status = samples != NULL && out->each != NULL && count <= GR_EXAMPLE_ROOM ? GR_OK : no_memory(err);
    forget(out);
    if (status == GR_OK)
        status = find(run, images, out, samples, &manifest, err);
    gr_status explained = status == GR_OK && maps ? explain(run, out, samples, &out->why) : GR_INVALID;
    if (explained == GR_NOMEM)
        status = no_memory(err);
    else if (status == GR_OK && explained != GR_OK) {
        forget(out);
        status = put_all_plain(out, samples, err);
    }
    gr_manifest_free(&manifest);
    gr_free(samples);
    if (status != GR_OK)
        gr_example_pictures_free(out);
    return status;
}

void gr_example_pictures_free(gr_example_pictures *pictures)
{
    forget(pictures);
    for (int i = 0; pictures->each != NULL && i < pictures->count; i++)
        gr_free(pictures->each[i].points);
    gr_free(pictures->each);
    *pictures = (gr_example_pictures){0};
}
