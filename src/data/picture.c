#include "data/picture.h"

#include <math.h>
#include <string.h>

static gr_status copy_image(const gr_image *in, gr_image *out, gr_error *err)
{
    gr_status status = gr_image_make(in->width, in->height, out, err);
    if (status == GR_OK)
        memcpy(out->pixels, in->pixels, (size_t)in->width * (size_t)in->height * 3);
    return status;
}

gr_status gr_picture_read(const char *path, const gr_image *pixels, gr_image *out, gr_error *err)
{
    return pixels != NULL ? copy_image(pixels, out, err) : gr_image_read(path, out, err);
}

gr_status gr_picture_part(const char *path, const gr_image *pixels, const double *box, gr_image *image, gr_origin *origin,
                          gr_error *err)
{
    gr_status status = gr_picture_read(path, pixels, image, err);
    *origin = (gr_origin){.width = image->width, .height = image->height, .map = gr_map_identity()};
    if (status == GR_OK && box != NULL) {
        gr_image cut;
        status = gr_image_crop(image, box, &cut, err);
        gr_image_free(image);
        *image = cut;
        origin->map = gr_map_shift(-rint(box[0]), -rint(box[1])); /* as gr_image_crop rounds */
        if (status != GR_OK)
            gr_error_prefix(err, "%s", path);
    }
    return status;
}
