/* ONNX's operators on maps [N, C, H, W]: convolution, pooling, normalisation, other sizes. */
#include <math.h>
#include <string.h>

#include "detect/onnx_kinds.h"
#include "kernels/kernels.h"

/* A window that moves over a map. */
typedef struct window {
    int64_t n, c, h, w, kernel[2], stride[2], dilation[2], before[2], behind[2], out[2];
} window;

/* Attributes of two numbers, y and x; `other` where there is none. False: there is another number of them. */
static bool two(const gr_onnx_call *c, const char *name, int64_t other, int64_t to[2])
{
    int count = gr_onnx_list(c, -1, name, to, 2);
    if (gr_onnx_attribute_find(c->node, name) == NULL) {
        to[0] = to[1] = other;
        return true;
    }
    return count == 2 && to[0] >= 0 && to[1] >= 0 && to[0] < 1 << 20 && to[1] < 1 << 20;
}

static gr_status place(gr_onnx_call *c, window *v)
{
    const gr_nd *x = c->in[0];
    int64_t pads[4] = {0};
    const char *automatic = gr_onnx_word(c, "auto_pad", "NOTSET");
    bool ceil_mode = gr_onnx_whole(c, "ceil_mode", 0) != 0, same = strncmp(automatic, "SAME", 4) == 0;
    char text[GR_ND_TEXT];
    if (x->rank != 4)
        return gr_fail(c->err, GR_INVALID, "reads %s, [N, C, H, W] would be right", gr_nd_text(x->rank, x->dim, text));
    bool padded = gr_onnx_attribute_find(c->node, "pads") != NULL;
    bool good = two(c, "strides", 1, v->stride) && two(c, "dilations", 1, v->dilation) &&
                (!padded || gr_onnx_list(c, -1, "pads", pads, 4) == 4);
    v->n = x->dim[0], v->c = x->dim[1], v->h = x->dim[2], v->w = x->dim[3];
    for (int i = 0; good && i < 2; i++) {
        int64_t size = x->dim[2 + i], reach = (v->kernel[i] - 1) * v->dilation[i] + 1;
        good = v->kernel[i] > 0 && v->stride[i] > 0 && v->dilation[i] > 0 && pads[i] >= 0 && pads[2 + i] >= 0 &&
               pads[i] < 1 << 20 && pads[2 + i] < 1 << 20 && reach < 1 << 24;
        if (!good)
            break;
        if (same) {
            int64_t out = (size + v->stride[i] - 1) / v->stride[i], all = (out - 1) * v->stride[i] + reach - size;
            all = all > 0 ? all : 0;
            pads[i] = strcmp(automatic, "SAME_LOWER") == 0 ? all - all / 2 : all / 2;
            pads[2 + i] = all - pads[i];
        }
        int64_t left = size + pads[i] + pads[2 + i] - reach;
        v->before[i] = pads[i];
        v->behind[i] = pads[2 + i];
        v->out[i] = left < 0 ? 0 : left / v->stride[i] + 1;
        if (ceil_mode && left >= 0 && left % v->stride[i] != 0 && v->out[i] * v->stride[i] < size + pads[i])
            v->out[i]++;
        good = v->out[i] > 0;
    }
    return good ? GR_OK
                : gr_fail(c->err, GR_INVALID, "a window of these sides, strides and borders does not fit %s",
                          gr_nd_text(x->rank, x->dim, text));
}

/* How often the window is laid down, on all of `maps` maps. */
static double places(const window *v, int64_t maps)
{
    return (double)v->n * (double)maps * (double)v->out[0] * (double)v->out[1];
}

/* ---- convolution ------------------------------------------------------------------------------------------------------ */

enum { BLOCK = 1 << 22 }; /* numbers of a piece of the matrix of patches */

/* The patches of rows [from, to) of the output as columns: cols[channels * kernel, pixels]. */
static void spread(const window *v, const float *maps, int64_t channels, int64_t from, int64_t to, float *cols)
{
    for (int64_t c = 0; c < channels; c++)
        for (int64_t ky = 0; ky < v->kernel[0]; ky++)
            for (int64_t kx = 0; kx < v->kernel[1]; kx++)
                for (int64_t y = from; y < to; y++) {
                    int64_t at = y * v->stride[0] - v->before[0] + ky * v->dilation[0];
                    const float *row = maps + (c * v->h + at) * v->w;
                    for (int64_t x = 0; x < v->out[1]; x++) {
                        int64_t column = x * v->stride[1] - v->before[1] + kx * v->dilation[1];
                        *cols++ = at >= 0 && at < v->h && column >= 0 && column < v->w ? row[column] : 0.0f;
                    }
                }
}

/* Channels that have a map each. */
static void depthwise(const window *v, const float *map, const float *kernel, float *out)
{
    for (int64_t y = 0; y < v->out[0]; y++)
        for (int64_t x = 0; x < v->out[1]; x++) {
            float sum = 0;
            for (int64_t ky = 0; ky < v->kernel[0]; ky++)
                for (int64_t kx = 0; kx < v->kernel[1]; kx++) {
                    int64_t row = y * v->stride[0] - v->before[0] + ky * v->dilation[0],
                            column = x * v->stride[1] - v->before[1] + kx * v->dilation[1];
                    if (row >= 0 && row < v->h && column >= 0 && column < v->w)
                        sum += kernel[ky * v->kernel[1] + kx] * map[row * v->w + column];
                }
            *out++ = sum;
        }
}

static gr_status run_conv(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0], *w = c->in[1], *b = c->in[2];
    int64_t groups = gr_onnx_whole(c, "group", 1);
    char one[GR_ND_TEXT], other[GR_ND_TEXT];
    window v = {.kernel = {w->rank == 4 ? w->dim[2] : 0, w->rank == 4 ? w->dim[3] : 0}};
    if (w->rank != 4 || x->rank != 4 || groups < 1 || w->dim[0] % groups != 0 || w->dim[1] * groups != x->dim[1] ||
        w->count == 0 || (b != NULL && b->count != w->dim[0]))
        return gr_fail(c->err, GR_INVALID, "%s by weights %s in %lld groups do not go together",
                       gr_nd_text(x->rank, x->dim, one), gr_nd_text(w->rank, w->dim, other), (long long)groups);
    gr_status status = place(c, &v);
    if (status == GR_OK)
        status = gr_onnx_affordable(c, places(&v, w->dim[0]) * (double)(w->count / w->dim[0]));
    if (status == GR_OK)
        status = gr_nd_make(&c->out[0], 4, (int64_t[]){v.n, w->dim[0], v.out[0], v.out[1]}, c->err);
    if (status != GR_OK)
        return status;
    int64_t in = w->dim[1], out = w->dim[0] / groups, depth = in * v.kernel[0] * v.kernel[1], pixels = v.out[0] * v.out[1];
    int64_t rows = BLOCK / (depth * v.out[1]) + 1;
    rows = rows < v.out[0] ? rows : v.out[0];
    bool single = in == 1 && out == 1;
    float *cols = gr_alloc_aligned(single ? 1 : (size_t)(depth * rows * v.out[1]), sizeof *cols);
    if (cols == NULL)
        return gr_fail(c->err, GR_NOMEM, "no memory for a convolution");
    for (int64_t i = 0; i < v.n * groups; i++) {
        const float *maps = x->values + i * in * v.h * v.w, *kernels = w->values + i % groups * out * depth;
        float *to = c->out[0].values + i * out * pixels;
        if (single)
            depthwise(&v, maps, kernels, to);
        for (int64_t y = 0; !single && y < v.out[0]; y += rows) {
            int64_t end = y + rows < v.out[0] ? y + rows : v.out[0], n = (end - y) * v.out[1];
            spread(&v, maps, in, y, end, cols);
            gr_kernels_get()->gemm(false, false, out, n, depth, kernels, depth, cols, n, to + y * v.out[1], pixels, false);
        }
    }
    gr_free(cols);
    for (int64_t i = 0; b != NULL && i < c->out[0].count; i++)
        c->out[0].values[i] += b->values[i / pixels % w->dim[0]];
    return GR_OK;
}

/* x, scale, bias, mean, variance. */
static gr_status run_batch_norm(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    double eps = gr_onnx_number(c, "epsilon", 1e-5);
    int64_t channels = x->rank > 1 ? x->dim[1] : 0, pixels = 1;
    for (int i = 1; i < 5; i++)
        if (c->in[i]->count != channels || channels == 0)
            return gr_fail(c->err, GR_INVALID, "has other numbers of channels than its input");
    for (int i = 2; i < x->rank; i++)
        pixels *= x->dim[i];
    gr_status status = gr_nd_make(&c->out[0], x->rank, x->dim, c->err);
    for (int64_t i = 0; status == GR_OK && i < x->count; i++) {
        int64_t k = i / pixels % channels;
        double scale = (double)c->in[1]->values[k] / sqrt((double)c->in[4]->values[k] + eps);
        c->out[0].values[i] =
            (float)(((double)x->values[i] - (double)c->in[3]->values[k]) * scale + (double)c->in[2]->values[k]);
    }
    return status;
}

/* ---- pooling ---------------------------------------------------------------------------------------------------------- */

/* How many of the window's rows or columns that begin at `from` lie in the map or its borders: the last window of ceil_mode may
 * reach further. */
static int64_t within_borders(const window *v, int axis, int64_t from)
{
    int64_t end = (axis == 0 ? v->h : v->w) + v->behind[axis], count = 0;
    for (int64_t k = 0; k < v->kernel[axis]; k++)
        count += from + k * v->dilation[axis] < end;
    return count;
}

static float pooled(const window *v, const float *map, int64_t y, int64_t x, bool most, bool borders)
{
    float best = -INFINITY;
    double sum = 0;
    int64_t seen = 0;
    for (int64_t ky = 0; ky < v->kernel[0]; ky++)
        for (int64_t kx = 0; kx < v->kernel[1]; kx++) {
            int64_t row = y * v->stride[0] - v->before[0] + ky * v->dilation[0],
                    column = x * v->stride[1] - v->before[1] + kx * v->dilation[1];
            if (row < 0 || row >= v->h || column < 0 || column >= v->w)
                continue;
            float value = map[row * v->w + column];
            best = value > best ? value : best;
            sum += (double)value;
            seen++;
        }
    if (borders)
        seen = within_borders(v, 0, y * v->stride[0] - v->before[0]) * within_borders(v, 1, x * v->stride[1] - v->before[1]);
    return most ? best : (float)(seen > 0 ? sum / (double)seen : 0);
}

static gr_status pool(gr_onnx_call *c, bool most)
{
    window v = {0};
    if (!two(c, "kernel_shape", 0, v.kernel))
        return gr_fail(c->err, GR_INVALID, "kernel_shape: two numbers would be right");
    bool borders = gr_onnx_whole(c, "count_include_pad", 0) != 0;
    gr_status status = place(c, &v);
    if (status == GR_OK)
        status = gr_onnx_affordable(c, 50 * places(&v, v.c) * (double)(v.kernel[0] * v.kernel[1]));
    if (status == GR_OK)
        status = gr_nd_make(&c->out[0], 4, (int64_t[]){v.n, v.c, v.out[0], v.out[1]}, c->err);
    for (int64_t i = 0; status == GR_OK && i < v.n * v.c; i++)
        for (int64_t y = 0; y < v.out[0]; y++)
            for (int64_t x = 0; x < v.out[1]; x++)
                c->out[0].values[(i * v.out[0] + y) * v.out[1] + x] =
                    pooled(&v, c->in[0]->values + i * v.h * v.w, y, x, most, borders);
    return status;
}

static gr_status run_max_pool(gr_onnx_call *c)
{
    return pool(c, true);
}

static gr_status run_average_pool(gr_onnx_call *c)
{
    return pool(c, false);
}

static gr_status over_all(gr_onnx_call *c, bool most)
{
    const gr_nd *x = c->in[0];
    if (x->rank != 4 || x->dim[2] * x->dim[3] == 0)
        return gr_fail(c->err, GR_INVALID, "reads no [N, C, H, W]");
    window v = {.kernel = {x->dim[2], x->dim[3]}, .stride = {1, 1}, .dilation = {1, 1}, .h = x->dim[2], .w = x->dim[3]};
    gr_status status = gr_nd_make(&c->out[0], 4, (int64_t[]){x->dim[0], x->dim[1], 1, 1}, c->err);
    for (int64_t i = 0; status == GR_OK && i < c->out[0].count; i++)
        c->out[0].values[i] = pooled(&v, x->values + i * v.h * v.w, 0, 0, most, false);
    return status;
}

static gr_status run_global_average_pool(gr_onnx_call *c)
{
    return over_all(c, false);
}

static gr_status run_global_max_pool(gr_onnx_call *c)
{
    return over_all(c, true);
}

/* ---- other sizes ------------------------------------------------------------------------------------------------------ */

typedef struct resizing {
    bool linear;
    const char *places, *rounding; /* coordinate_transformation_mode, nearest_mode */
    double scale[2];
} resizing;

/* Where in the input a place of the output is read. */
static double source_of(const resizing *r, int axis, int64_t at, int64_t in, int64_t out)
{
    if (strcmp(r->places, "asymmetric") == 0)
        return (double)at / r->scale[axis];
    if (strcmp(r->places, "align_corners") == 0)
        return out > 1 ? (double)at * (double)(in - 1) / (double)(out - 1) : 0;
    if (strcmp(r->places, "pytorch_half_pixel") == 0 && out == 1)
        return 0;
    return ((double)at + 0.5) / r->scale[axis] - 0.5;
}

static int64_t nearest(const resizing *r, double at)
{
    const char *how = r->rounding;
    return (int64_t)(strcmp(how, "floor") == 0               ? floor(at)
                     : strcmp(how, "ceil") == 0              ? ceil(at)
                     : strcmp(how, "round_prefer_ceil") == 0 ? floor(at + 0.5)
                                                             : ceil(at - 0.5));
}

static int64_t inside(int64_t at, int64_t length)
{
    return at < 0 ? 0 : at > length - 1 ? length - 1 : at;
}

static float read_at(const resizing *r, const float *map, int64_t h, int64_t w, double y, double x)
{
    if (!r->linear)
        return map[inside(nearest(r, y), h) * w + inside(nearest(r, x), w)];
    y = fmax(0, fmin(y, (double)(h - 1)));
    x = fmax(0, fmin(x, (double)(w - 1)));
    int64_t top = (int64_t)y, left = (int64_t)x, below = inside(top + 1, h), right = inside(left + 1, w);
    double v = y - (double)top, u = x - (double)left;
    return (float)((1 - v) * ((1 - u) * (double)map[top * w + left] + u * (double)map[top * w + right]) +
                   v * ((1 - u) * (double)map[below * w + left] + u * (double)map[below * w + right]));
}

/* Inputs: x, (roi,) scales, sizes; Upsample and opset 10 have no roi. */
static gr_status run_resize(gr_onnx_call *c)
{
    const gr_nd *x = c->in[0];
    bool old = strcmp(c->node->type, "Upsample") == 0 || c->opset < 11;
    const gr_nd *scales = old ? c->in[1] : c->in[2], *sizes = old ? NULL : c->in[3];
    const char *mode = gr_onnx_word(c, "mode", "nearest");
    resizing r = {.linear = strcmp(mode, "linear") == 0 || strcmp(mode, "bilinear") == 0,
                  .places = gr_onnx_word(c, "coordinate_transformation_mode", old ? "asymmetric" : "half_pixel"),
                  .rounding = gr_onnx_word(c, "nearest_mode", old ? "floor" : "round_prefer_floor")};
    int64_t dim[4] = {0};
    scales = scales != NULL && scales->count == 4 ? scales : NULL;
    sizes = sizes != NULL && sizes->count == 4 ? sizes : NULL;
    bool good =
        x->rank == 4 && (scales != NULL || sizes != NULL) && (r.linear || strcmp(mode, "nearest") == 0) && x->count > 0;
    for (int i = 0; good && i < 4; i++) {
        double size = sizes != NULL ? (double)sizes->values[i] : floor((double)x->dim[i] * (double)scales->values[i]);
        good = size >= 1 && size < 1 << 20 && (i > 1 || size == (double)x->dim[i]);
        dim[i] = good ? (int64_t)size : 0;
        if (i > 1)
            r.scale[i - 2] = sizes != NULL ? size / (double)x->dim[i] : (double)scales->values[i];
    }
    if (!good)
        return gr_fail(c->err, GR_INVALID, "makes another size in a way that is not known here");
    gr_status status = gr_nd_make(&c->out[0], 4, dim, c->err);
    for (int64_t i = 0; status == GR_OK && i < c->out[0].count; i++) {
        int64_t column = i % dim[3], row = i / dim[3] % dim[2], map = i / (dim[2] * dim[3]);
        c->out[0].values[i] = read_at(&r, x->values + map * x->dim[2] * x->dim[3], x->dim[2], x->dim[3],
                                      source_of(&r, 0, row, x->dim[2], dim[2]), source_of(&r, 1, column, x->dim[3], dim[3]));
    }
    return status;
}

const gr_onnx_kind gr_onnx_maps[] = {{"Conv", 2, run_conv},
                                     {"BatchNormalization", 5, run_batch_norm},
                                     {"MaxPool", 1, run_max_pool},
                                     {"AveragePool", 1, run_average_pool},
                                     {"GlobalAveragePool", 1, run_global_average_pool},
                                     {"GlobalMaxPool", 1, run_global_max_pool},
                                     {"Resize", 1, run_resize},
                                     {"Upsample", 2, run_resize},
                                     {NULL, 0, NULL}};
