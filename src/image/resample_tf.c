/* tf.image.resize of TensorFlow 2 in float32. Without antialiasing bilinear, bicubic and nearest look at the place
 * (i + 1/2) in / out - 1/2 of the input, with the cubic's weights from a table of 1024 steps; with it, and for lanczos, the
 * kernel is as wide as the step (its ScaleAndTranslate). area is the mean over the pixel's own part of the input. */
#include "image/resizers.h"

#include <float.h>
#include <math.h>
#include <string.h>

bool gr_taps_make(gr_taps *t, int size, int taps)
{
    *t = (gr_taps){.taps = taps, .size = size};
    t->index = gr_alloc((size_t)size * (size_t)taps, sizeof *t->index);
    t->count = gr_alloc((size_t)size, sizeof *t->count);
    t->weights = gr_alloc((size_t)size * (size_t)taps, sizeof *t->weights);
    if (t->index != NULL && t->count != NULL && t->weights != NULL)
        return true;
    gr_taps_free(t);
    return false;
}

void gr_taps_free(gr_taps *t)
{
    gr_free(t->index);
    gr_free(t->count);
    gr_free(t->weights);
    *t = (gr_taps){0};
}

static void add_tap(gr_taps *t, int i, int index, float weight)
{
    size_t at = (size_t)i * (size_t)t->taps + (size_t)t->count[i]++;
    t->index[at] = index;
    t->weights[at] = weight;
}

/* Makes the weights of output i add up to 1, unless they add up to nothing. */
static void normalise(gr_taps *t, int i)
{
    float sum = 0, *w = t->weights + (size_t)i * (size_t)t->taps;
    for (int k = 0; k < t->count[i]; k++)
        sum += w[k];
    for (int k = 0; k < t->count[i] && fabsf(sum) >= 1000.0f * FLT_MIN; k++)
        w[k] *= 1.0f / sum;
}

static int clamp(int at, int size)
{
    return at < 0 ? 0 : at >= size ? size - 1 : at;
}

/* ---- kernels
 * ----------------------------------------------------------------------------------------------------------------- */

static float triangle(float x)
{
    return x < 1.0f ? 1.0f - x : 0.0f;
}

static float keys_cubic(float x)
{
    if (x >= 2.0f)
        return 0.0f;
    return x >= 1.0f ? ((-0.5f * x + 2.5f) * x - 4.0f) * x + 2.0f : (1.5f * x - 2.5f) * x * x + 1.0f;
}

static float lanczos3(float x)
{
    if (x > 3.0f)
        return 0.0f;
    if (x <= 1e-3f)
        return 1.0f;
    const float pi = 3.14159265359f;
    return 3.0f * sinf(pi * x) * sinf(pi * x / 3.0f) / (pi * pi * x * x);
}

static bool kernel_taps(gr_taps *t, int in, int out, float (*kernel)(float x), float radius, bool antialias)
{
    float scale = (float)out / (float)in, inverse = 1.0f / scale, wide = antialias && inverse > 1.0f ? inverse : 1.0f;
    if (!gr_taps_make(t, out, 2 * (int)ceilf(radius * wide) + 2))
        return false;
    for (int i = 0; i < out; i++) {
        float at = ((float)i + 0.5f) * inverse;
        int start = clamp((int)ceilf(at - radius * wide - 0.5f), in),
            end = clamp((int)floorf(at + radius * wide - 0.5f), in);
        for (int k = start; k <= end; k++)
            add_tap(t, i, k, kernel(fabsf((float)k + 0.5f - at) / wide));
        normalise(t, i);
    }
    return true;
}

/* ---- without antialiasing
 * ---------------------------------------------------------------------------------------------------- */

static float place_of(int i, int in, int out)
{
    return ((float)i + 0.5f) * ((float)in / (float)out) - 0.5f;
}

static bool nearest_taps(gr_taps *t, int in, int out)
{
    if (!gr_taps_make(t, out, 1))
        return false;
    for (int i = 0; i < out; i++)
        add_tap(t, i, clamp((int)floorf(((float)i + 0.5f) * ((float)in / (float)out)), in), 1.0f);
    return true;
}

static bool bilinear_taps(gr_taps *t, int in, int out)
{
    if (!gr_taps_make(t, out, 2))
        return false;
    for (int i = 0; i < out; i++) {
        float at = place_of(i, in, out), below = floorf(at);
        add_tap(t, i, clamp((int)below, in), 1.0f - (at - below));
        add_tap(t, i, clamp((int)ceilf(at), in), at - below);
    }
    return true;
}

enum { STEPS = 1024 };

/* The cubic at a whole step, and one further out. */
static float cubic_near(int step)
{
    float x = (float)step / STEPS;
    return (1.5f * x - 2.5f) * x * x + 1.0f;
}

static float cubic_far(int step)
{
    float x = (float)step / STEPS + 1.0f;
    return ((-0.5f * x + 2.5f) * x - 4.0f) * x + 2.0f;
}

static bool bicubic_taps(gr_taps *t, int in, int out)
{
    if (!gr_taps_make(t, out, 4))
        return false;
    for (int i = 0; i < out; i++) {
        float at = place_of(i, in, out), below = floorf(at);
        int step = (int)lrintf((at - below) * STEPS), first = (int)below - 1;
        const float weights[4] = {cubic_far(step), cubic_near(step), cubic_near(STEPS - step), cubic_far(STEPS - step)};
        for (int k = 0; k < 4; k++)
            if (first + k >= 0 && first + k < in)
                add_tap(t, i, first + k, weights[k]);
        normalise(t, i);
    }
    return true;
}

static bool area_taps(gr_taps *t, int in, int out)
{
    float scale = (float)in / (float)out;
    if (!gr_taps_make(t, out, (int)ceilf(scale) + 2))
        return false;
    for (int i = 0; i < out; i++) {
        float from = (float)i * scale, to = (float)(i + 1) * scale;
        int start = (int)floorf(from), end = (int)ceilf(to);
        for (int k = start; k < end; k++) {
            bool begins = (float)k<from, ends = (float)(k + 1)> to;
            float share = begins ? (ends ? scale : (float)(k + 1) - from) : ends ? to - (float)k : 1.0f;
            add_tap(t, i, clamp(k, in), share / scale);
        }
    }
    return true;
}

static bool make_taps(gr_taps *t, int in, int out, gr_filter filter, bool antialias)
{
    switch (filter) {
    case GR_FILTER_NEAREST: return nearest_taps(t, in, out);
    case GR_FILTER_AREA: return area_taps(t, in, out);
    case GR_FILTER_LANCZOS: return kernel_taps(t, in, out, lanczos3, 3.0f, antialias);
    case GR_FILTER_BICUBIC: return antialias ? kernel_taps(t, in, out, keys_cubic, 2.0f, true) : bicubic_taps(t, in, out);
    default: return antialias ? kernel_taps(t, in, out, triangle, 1.0f, true) : bilinear_taps(t, in, out);
    }
}

/* ---- both axes
 * --------------------------------------------------------------------------------------------------------------- */

static void rows(const float *in, int in_width, int height, const gr_taps *t, float *out)
{
    for (int y = 0; y < height; y++, in += (size_t)in_width * 3)
        for (int x = 0; x < t->size; x++, out += 3) {
            const int *index = t->index + (size_t)x * (size_t)t->taps;
            const float *w = t->weights + (size_t)x * (size_t)t->taps;
            out[0] = out[1] = out[2] = 0.0f;
            for (int k = 0; k < t->count[x]; k++)
                for (int c = 0; c < 3; c++)
                    out[c] += w[k] * in[3 * (size_t)index[k] + (size_t)c];
        }
}

static void columns(const float *in, int width, const gr_taps *t, float *out)
{
    size_t row = (size_t)width * 3;
    memset(out, 0, row * (size_t)t->size * sizeof *out);
    for (int y = 0; y < t->size; y++, out += row)
        for (int k = 0; k < t->count[y]; k++) {
            size_t at = (size_t)y * (size_t)t->taps + (size_t)k;
            const float *from = in + (size_t)t->index[at] * row;
            for (size_t i = 0; i < row; i++)
                out[i] += t->weights[at] * from[i];
        }
}

gr_status gr_floats_resize_tf(const float *in, int in_width, int in_height, int width, int height, gr_filter filter,
                              bool antialias, float *out, gr_error *err)
{
    gr_taps across = {0}, down = {0};
    float *between = gr_alloc((size_t)width * (size_t)in_height * 3, sizeof *between);
    bool good = between != NULL && make_taps(&across, in_width, width, filter, antialias) &&
                make_taps(&down, in_height, height, filter, antialias);
    if (good) {
        rows(in, in_width, in_height, &across, between);
        columns(between, width, &down, out);
    }
    gr_taps_free(&across);
    gr_taps_free(&down);
    gr_free(between);
    return good ? GR_OK : gr_fail(err, GR_NOMEM, "no memory to resize an image");
}
