/* Pictures with the boxes that were found in them. */
#include <string.h>

#include "base/base.h"
#include "grimace/detections.h"
#include "grimace/image.h"

static const uint8_t colour[3] = {0, 230, 90};

static void paint(gr_image *image, int left, int top, int right, int bottom)
{
    left = left > 0 ? left : 0;
    top = top > 0 ? top : 0;
    right = right < image->width ? right : image->width;
    bottom = bottom < image->height ? bottom : image->height;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++)
            memcpy(image->pixels + ((size_t)y * (size_t)image->width + (size_t)x) * 3, colour, sizeof colour);
}

/* Four bars inside the box, as thick as is seen in a picture of that size. */
static void frame(gr_image *image, const gr_found *b)
{
    int side = image->width > image->height ? image->width : image->height, thick = side < 600 ? 2 : side / 300;
    int right = b->x + b->width, bottom = b->y + b->height;
    paint(image, b->x, b->y, right, b->y + thick);
    paint(image, b->x, bottom - thick, right, bottom);
    paint(image, b->x, b->y, b->x + thick, bottom);
    paint(image, right - thick, b->y, right, bottom);
}

/* "FOLDER/000012-STEM.png": numbered, for pictures of several folders may be called alike. */
static char *name_of(const char *folder, int64_t i, const char *path)
{
    const char *base = strrchr(path, '/');
    gr_text name = {0};
    base = base != NULL ? base + 1 : path;
    const char *ending = strrchr(base, '.');
    int stem = (int)(ending != NULL && ending != base ? (size_t)(ending - base) : strlen(base));
    gr_text_printf(&name, "%06lld-%.*s.png", (long long)i + 1, stem, base);
    char *joined = name.failed ? NULL : gr_path_join(folder, name.data);
    gr_text_free(&name);
    return joined;
}

static gr_status draw_one(const gr_found_list *found, const char *path, const char *to, bool all, gr_error *err)
{
    gr_image image = {0};
    gr_status status = gr_image_read(path, &image, err);
    for (int64_t b = 0; status == GR_OK && b < (all || found->count == 0 ? found->count : 1); b++)
        frame(&image, &found->boxes[b]);
    if (status == GR_OK)
        status = gr_png_write(to, &image, err);
    gr_image_free(&image);
    return status;
}

gr_status gr_detections_draw(const gr_detections *d, const char *const *paths, const char *folder, bool all,
                             const volatile sig_atomic_t *stop, gr_error *err)
{
    gr_status status = gr_make_folders(folder, err);
    for (int64_t i = 0; status == GR_OK && i < d->count; i++) {
        if (d->problems[i] != NULL || (i > 0 && strcmp(paths[i], paths[i - 1]) == 0)) /* another face of the same picture */
            continue;
        if (stop != NULL && *stop != 0)
            return gr_fail(err, GR_INTERRUPTED, "stopped after drawing %lld of %lld images", (long long)i,
                           (long long)d->count);
        char *to = name_of(folder, i, paths[i]);
        status =
            to != NULL ? draw_one(&d->found[i], paths[i], to, all, err) : gr_fail(err, GR_NOMEM, "no memory for a path");
        gr_free(to);
    }
    return status;
}
