#include "data/sample.h"

#include <math.h>
#include <string.h>

static gr_status copy_image(const gr_image *in, gr_image *out, gr_error *err)
{
    gr_status status = gr_image_make(in->width, in->height, out, err);
    if (status == GR_OK)
        memcpy(out->pixels, in->pixels, (size_t)in->width * (size_t)in->height * 3);
    return status;
}

gr_status gr_sample_picture(const gr_sample *s, gr_image *out, gr_error *err)
{
    return s->image != NULL ? copy_image(s->image, out, err) : gr_image_read(s->path, out, err);
}

gr_status gr_sample_part(const gr_sample *s, gr_image *image, gr_origin *origin, gr_error *err)
{
    gr_status status = gr_sample_picture(s, image, err);
    *origin = (gr_origin){.width = image->width, .height = image->height, .map = gr_map_identity()};
    if (status == GR_OK && s->has_box) {
        gr_image cut;
        status = gr_image_crop(image, s->box, &cut, err);
        gr_image_free(image);
        *image = cut;
        origin->map = gr_map_shift(-rint(s->box[0]), -rint(s->box[1])); /* as gr_image_crop rounds */
        if (status != GR_OK)
            gr_error_prefix(err, "%s", s->path);
    }
    return status;
}
