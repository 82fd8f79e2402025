/* Pictures and maps that a folder holds already, read back. */
#include "explain/panels.h"

#include "base/base.h"
#include "explain/npy.h"

static gr_status make_path(const gr_panels *p, const char *ending, gr_text *out, gr_error *err)
{
    gr_text_printf(out, "%s/%s.%s.%s", p->dir, p->name, p->method, ending);
    return out->failed ? gr_fail(err, GR_NOMEM, "no memory for the name of a file") : GR_OK;
}

gr_status gr_panels_read(const gr_panels *p, int index, gr_image *out, gr_error *err)
{
    gr_text path = {0};
    gr_image all = {0};
    gr_status status = make_path(p, "png", &path, err);
    if (status == GR_OK)
        status = gr_image_read(path.data, &all, err);
    if (status == GR_OK)
        status = gr_image_crop(&all, (double[4]){index * p->size, 0, p->size, p->size}, out, err);
    gr_image_free(&all);
    gr_text_free(&path);
    return status;
}

gr_status gr_panels_repaint(const gr_panels *p, const gr_overlay *as, gr_error *err)
{
    gr_text path = {0}, numbers = {0};
    gr_image picture = {0};
    float *map = gr_alloc((size_t)p->size * (size_t)p->size, sizeof *map);
    gr_status status = map != NULL ? make_path(p, "png", &path, err) : gr_fail(err, GR_NOMEM, "no memory for a map");
    if (status == GR_OK)
        status = make_path(p, "npy", &numbers, err);
    if (status == GR_OK)
        status = gr_npy_read(numbers.data, p->size, p->size, map, err);
    if (status == GR_OK)
        status = gr_panels_read(p, 0, &picture, err);
    gr_overlay overlay = *as;
    overlay.picture = &picture;
    overlay.map = map;
    overlay.size = p->size;
    if (status == GR_OK)
        status = gr_overlay_write(path.data, &overlay, err);
    gr_image_free(&picture);
    gr_text_free(&path);
    gr_text_free(&numbers);
    gr_free(map);
    return status;
}
