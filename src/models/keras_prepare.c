/* Keras's layers that prepare the image: what they do to its pixels becomes data.image.mean and .std. */
#include "models/keras_values.h"

#include <math.h>
#include <string.h>

#include "base/base.h"
#include "models/keras_names.h"

typedef gr_keras_reader reader;

/* One number, or one a channel. */
static bool read_channels(const json_t *value, double out[3])
{
    while (json_is_array(value) && json_array_size(value) == 1 && json_is_array(json_array_get(value, 0)))
        value = json_array_get(value, 0);
    size_t size = json_is_array(value) ? json_array_size(value) : 0;
    bool good = size == 0 || size == 1 || size == 3;
    for (size_t c = 0; good && c < 3; c++) {
        const json_t *one = size == 0 ? value : json_array_get(value, size == 1 ? 0 : c);
        good = json_is_number(one);
        out[c] = json_number_value(one);
    }
    return good;
}

static gr_status rescale(reader *r, const double scale[3], const double offset[3])
{
    gr_keras_made *made = r->made;
    for (int c = 0; c < 3; c++) {
        made->scale[c] *= scale[c];
        made->offset[c] = made->offset[c] * scale[c] + offset[c];
    }
    made->rescaler = gr_arena_printf(r->arena, "%s (%s)", r->name, r->class_name);
    return made->rescaler != NULL ? GR_OK : gr_fail(r->err, GR_NOMEM, "no memory for the model's layers");
}

/* In front of all it may be what makes the first layer's hard_sigmoid steeper, which an export of ours names so. */
static bool is_ours(const reader *r)
{
    return gr_ends_with(r->name, "." GR_KERAS_STEEPER);
}

gr_status gr_keras_rescaling(reader *r)
{
    double scale[3], offset[3] = {0};
    const json_t *second = json_object_get(r->config, "offset");
    if (!read_channels(json_object_get(r->config, "scale"), scale) || (second != NULL && !read_channels(second, offset)) ||
        !(scale[0] > 0 && scale[1] > 0 && scale[2] > 0))
        return gr_keras_refuse(r, "with a scale that is not one number above 0, or three");
    if (r->made->count == 0 && r->bordered == NULL && r->steeper == NULL && !is_ours(r))
        return rescale(r, scale, offset);
    if (r->steeper != NULL || scale[0] != scale[1] || scale[0] != scale[2] || offset[0] != 0 || offset[1] != 0 || offset[2] != 0)
        return gr_keras_refuse(r, "that is not in front");
    r->steep = scale[0];
    r->steeper = r->name;
    return GR_OK;
}

/* One whose numbers its configuration has; those that it learned are among the file's tensors. */
gr_status gr_keras_normalization(reader *r)
{
    double mean[3], variance[3], scale[3], offset[3];
    bool front = r->made->count == 0 && r->bordered == NULL && r->steeper == NULL;
    if (!front || !read_channels(json_object_get(r->config, "mean"), mean) ||
        !read_channels(json_object_get(r->config, "variance"), variance) || gr_keras_truth(r->config, "invert", false))
        return gr_keras_refuse(r, "that has learned its numbers, or is not in front");
    for (int c = 0; c < 3; c++) {
        scale[c] = 1 / fmax(sqrt(variance[c]), 1e-7);
        offset[c] = -mean[c] * scale[c];
    }
    return rescale(r, scale, offset);
}

/* To the size that the image has already. */
gr_status gr_keras_resizing(reader *r)
{
    double height = gr_keras_number(r->config, "height", 0), width = gr_keras_number(r->config, "width", 0);
    return height == (double)r->size[0] && width == (double)r->size[1] ? GR_OK : gr_keras_refuse(r, "to another size");
}
