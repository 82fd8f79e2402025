/* Pictures of floats, and what may be done to them. */
#include "image/floats.h"

#include <math.h>
#include <string.h>

#include "image/generator.h"
#include "image/random_layers.h"
#include "image/resizers.h"

static gr_status resize(const gr_transform *t, gr_floats *image, gr_map *map, gr_error *err)
{
    int side = (int)t->a;
    gr_floats out;
    gr_status status = gr_floats_alloc(side, side, &out, err);
    if (status == GR_OK)
        status = gr_floats_resize_tf(image->pixels, image->width, image->height, side, side, (gr_filter)(int)t->b, t->d != 0,
                                     out.pixels, err);
    if (status != GR_OK) {
        gr_floats_free(&out);
        return status;
    }
    gr_map step = gr_map_scale((double)side / image->width, (double)side / image->height);
    gr_map_then(map, &step);
    gr_floats_free(image);
    *image = out;
    return GR_OK;
}

static gr_status crop(const gr_transform *t, gr_floats *image, gr_rng *rng, gr_map *map, gr_error *err)
{
    int side = (int)t->a, left, top;
    if (side > image->width || side > image->height)
        return gr_fail(err, GR_INVALID, "{%s: %d} needs at least %d x %d pixels, the image has %d x %d there",
                       gr_transform_name(t->kind), side, side, side, image->width, image->height);
    if (t->kind == GR_TRANSFORM_CENTER_CROP) {
        left = gr_center_crop_start(image->width, side);
        top = gr_center_crop_start(image->height, side);
    } else {
        top = (int)gr_rng_below(rng, (uint64_t)(image->height - side) + 1);
        left = (int)gr_rng_below(rng, (uint64_t)(image->width - side) + 1);
    }
    for (int y = 0; y < side; y++) /* towards the beginning, so that no row is written before it is read */
        memmove(image->pixels + (size_t)y * (size_t)side * 3,
                image->pixels + ((size_t)(top + y) * (size_t)image->width + (size_t)left) * 3,
                (size_t)side * 3 * sizeof(float));
    image->width = image->height = side;
    gr_map step = gr_map_shift(-left, -top);
    gr_map_then(map, &step);
    return GR_OK;
}

static gr_status generate(const gr_transform *t, gr_floats *image, gr_rng *rng, gr_map *map, gr_error *err)
{
    gr_generated drawn = gr_generator_draw(t, image->width, image->height, rng);
    return gr_generator_apply(t, &drawn, image, map, err);
}

static gr_status pass_layers(const gr_transform *t, gr_floats *image, gr_rng *rng, gr_map *map, gr_error *err)
{
    gr_layered drawn = gr_layers_draw(t, image->width, image->height, rng);
    return gr_layers_apply(t, &drawn, image, map, err);
}

static void exchange(gr_floats *image)
{
    size_t count = (size_t)image->width * (size_t)image->height;
    for (float *p = image->pixels; count > 0; count--, p += 3) {
        float red = p[0];
        p[0] = p[2];
        p[2] = red;
    }
}

static gr_status apply_one(const gr_transform *t, gr_floats *image, gr_rng *rng, gr_map *map, gr_error *err)
{
    static const gr_generated mirror = {.zx = 1, .zy = 1, .hflip = true};
    switch (t->kind) {
    case GR_TRANSFORM_RESIZE: return resize(t, image, map, err);
    case GR_TRANSFORM_RANDOM_CROP:
    case GR_TRANSFORM_CENTER_CROP: return crop(t, image, rng, map, err);
    case GR_TRANSFORM_HFLIP: return gr_rng_double(rng) < t->a ? gr_generator_apply(t, &mirror, image, map, err) : GR_OK;
    case GR_TRANSFORM_BGR: exchange(image); return GR_OK;
    case GR_TRANSFORM_KERAS_GENERATOR: return generate(t, image, rng, map, err);
    case GR_TRANSFORM_KERAS_LAYERS: return pass_layers(t, image, rng, map, err);
    default: return gr_fail(err, GR_INTERNAL, "{%s} is not for floats", gr_transform_name(t->kind));
    }
}

gr_status gr_floats_make(const gr_transform *list, int n, const gr_image *in, gr_rng *rng, gr_map *map, gr_floats *out,
                         gr_error *err)
{
    gr_status status = gr_floats_alloc(in->width, in->height, out, err);
    size_t count = (size_t)in->width * (size_t)in->height * 3;
    for (size_t i = 0; status == GR_OK && i < count; i++)
        out->pixels[i] = in->pixels[i];
    for (int i = 0; status == GR_OK && i < n; i++)
        status = apply_one(&list[i], out, rng, map, err);
    if (status != GR_OK)
        gr_floats_free(out);
    return status;
}
