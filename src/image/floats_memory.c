/* Room for pictures of floats, and bytes of them. */
#include "image/floats.h"

#include <math.h>

gr_status gr_floats_alloc(int width, int height, gr_floats *out, gr_error *err)
{
    *out = (gr_floats){width, height, gr_alloc((size_t)width * (size_t)height * 3, sizeof(float))};
    return out->pixels != NULL ? GR_OK : gr_fail(err, GR_NOMEM, "no memory for an image of %d x %d pixels", width, height);
}

void gr_floats_free(gr_floats *floats)
{
    gr_free(floats->pixels);
    *floats = (gr_floats){0};
}

gr_status gr_floats_round(const gr_floats *in, gr_image *out, gr_error *err)
{
    gr_status status = gr_image_make(in->width, in->height, out, err);
    size_t count = (size_t)in->width * (size_t)in->height * 3;
    for (size_t i = 0; status == GR_OK && i < count; i++)
        out->pixels[i] = (uint8_t)lrintf(fminf(fmaxf(in->pixels[i], 0.0f), 255.0f));
    return status;
}
