#include "conv_shapes.h"

#include <stdlib.h>
#include <string.h>

static int64_t out_size(int64_t size, int64_t pads, int64_t taps, int64_t dil, int64_t stride)
{
    int64_t rest = size + pads - (taps - 1) * dil - 1;
    return rest < 0 || stride < 1 ? 0 : rest / stride + 1;
}

static bool read_line(const char *line, int64_t batch, conv_shape *shape)
{
    enum { FIELDS = 16 };
    long long f[FIELDS];
    int used = 0;
    if (sscanf(line, "%63s%n", shape->name, &used) != 1)
        return false;
    line += used;
    for (int i = 0; i < FIELDS; i++) {
        char *end;
        f[i] = strtoll(line, &end, 10);
        if (end == line || f[i] < 0 || f[i] > 100000)
            return false;
        line = end;
    }
    shape->p = (gr_conv_problem){.n = batch > 0 ? batch : f[0],
                                 .h = f[1],
                                 .w = f[2],
                                 .c = f[3],
                                 .oc = f[4],
                                 .kh = f[5],
                                 .kw = f[6],
                                 .stride_h = f[7],
                                 .stride_w = f[8],
                                 .pad_top = f[9],
                                 .pad_left = f[10],
                                 .dil_h = f[13],
                                 .dil_w = f[14],
                                 .groups = f[15]};
    gr_conv_problem *p = &shape->p;
    p->oh = out_size(p->h, f[9] + f[11], p->kh, p->dil_h, p->stride_h);
    p->ow = out_size(p->w, f[10] + f[12], p->kw, p->dil_w, p->stride_w);
    return p->oh > 0 && p->ow > 0 && p->groups > 0 && p->c % p->groups == 0 && p->oc % p->groups == 0;
}

gr_status conv_shapes_read(const char *path, int64_t batch, conv_shape **shapes, size_t *count, gr_error *err)
{
    char *text;
    size_t size;
    gr_status status = gr_file_read(path, 1 << 20, &text, &size, err);
    if (status != GR_OK)
        return status;
    *shapes = gr_alloc(size / 16 + 1, sizeof **shapes); /* no line is shorter than its fields */
    *count = 0;
    char *rest = text;
    int number = 0;
    if (*shapes == NULL)
        status = gr_fail(err, GR_NOMEM, "%s: no memory for its shapes", path);
    for (char *line; status == GR_OK && (line = strsep(&rest, "\n")) != NULL;) {
        number++;
        if (line[0] == '#' || line[0] == '\0')
            continue;
        if (!read_line(line, batch, &(*shapes)[(*count)++]))
            status =
                gr_fail(err, GR_INVALID, "%s:%d: not a convolution; the columns are named in conv_basic.txt", path, number);
    }
    gr_free(text);
    if (status != GR_OK) {
        gr_free(*shapes);
        *shapes = NULL;
    }
    return status;
}

void conv_shape_line(const conv_shape *shape, char *text, size_t size)
{
    const gr_conv_problem *p = &shape->p;
    int64_t bottom = (p->oh - 1) * p->stride_h + (p->kh - 1) * p->dil_h + 1 - p->h - p->pad_top;
    int64_t right = (p->ow - 1) * p->stride_w + (p->kw - 1) * p->dil_w + 1 - p->w - p->pad_left;
    const int64_t f[] = {p->n,
                         p->h,
                         p->w,
                         p->c,
                         p->oc,
                         p->kh,
                         p->kw,
                         p->stride_h,
                         p->stride_w,
                         p->pad_top,
                         p->pad_left,
                         bottom > 0 ? bottom : 0,
                         right > 0 ? right : 0,
                         p->dil_h,
                         p->dil_w,
                         p->groups};
    int at = snprintf(text, size, "%s ", shape->name);
    for (size_t i = 0; i < sizeof f / sizeof f[0] && at >= 0 && (size_t)at < size; i++)
        at += snprintf(text + at, size - (size_t)at, " %lld", (long long)f[i]);
}

double conv_flops(const gr_conv_problem *p)
{
    return 2.0 * (double)(p->n * p->oh * p->ow) * (double)(p->oc * (p->c / p->groups)) * (double)(p->kh * p->kw);
}
