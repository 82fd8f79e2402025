/* Lines of an image, of a few channels, as a convolution reads them: copied with zeros at both ends, so that in a line the taps of
 * one row of the kernel stand one behind the other, at each result a fixed step further, and none hangs over an edge. Private to
 * kernels/K_image_*.c and K_winograd_image*.c. */
#ifndef GR_IMAGE_LINES_H
#define GR_IMAGE_LINES_H

#include "conv_source.h"
#include "panel.h"

enum { GR_IMAGE_CHANNELS = 4 };

/* What no way over an image takes. */
static inline const char *gr_image_source_refuses(const gr_conv_problem *p, const gr_conv_fusion *fusion)
{
    if (p->c > GR_IMAGE_CHANNELS)
        return "more than 4 input channels";
    if (p->groups != 1 || p->dil_h != 1 || p->dil_w != 1)
        return "groups or dilation";
    if (p->narrow.x || p->narrow.dx)
        return "the image is stored as bfloat16";
    if (fusion != NULL && (fusion->in_scale != NULL || fusion->in_act != GR_ACT_NONE))
        return "what it reads would have to be changed";
    return NULL;
}

/* What forward and weight direction alike do not take. */
static inline const char *gr_image_refuses(const gr_conv_problem *p, const gr_conv_fusion *fusion)
{
    if (GR_REGISTERS != 16)
        return "a row of the kernel has too few taps for so many registers";
    if (p->bf16)
        return "bfloat16 goes by pairs";
    return gr_image_source_refuses(p, fusion);
}

/* Floats of a line with its zeros, whole lines of cache. */
static inline int64_t gr_image_line(const gr_conv_problem *p)
{
    return gr_round_up(gr_most(p->pad_left + p->w, (p->ow - 1) * p->stride_w + p->kw) * p->c, 16);
}

/* The KH lines that row `row` of all results reads; those beside the image are zeros, as their ends are already. */
static inline void gr_image_copy(const gr_conv_problem *p, const float *x, int64_t row, int64_t line, float *lines)
{
    const int64_t n = row / p->oh, first = row % p->oh * p->stride_h - p->pad_top;
    const size_t bytes = sizeof *lines * (size_t)(p->w * p->c);
    for (int64_t kh = 0; kh < p->kh; kh++) {
        const int64_t h = first + kh;
        float *to = lines + kh * line + p->pad_left * p->c;
        if (h >= 0 && h < p->h)
            memcpy(to, x + (n * p->h + h) * p->w * p->c, bytes);
        else
            memset(to, 0, bytes);
    }
}

#endif
