/* The rows of an image that its convolution reads through matrix registers, rounded once. */
#include "matrix_image.h"

#if GR_PAIR_STEP > 1

gr_image_band GR_KERNEL(gr_image_band_make)(const gr_conv_problem *p, int64_t rows)
{
    gr_image_band b = {.rows = gr_blocks(p->oh, gr_blocks(p->oh, rows)), .results = gr_round_up(p->ow, GR_PAIR_ROWS)};
    b.bands = gr_blocks(p->oh, b.rows);
    b.lines = (b.rows - 1) * p->stride_h + p->kh;
    b.line_words = gr_round_up(b.results * p->stride_w * p->c + GR_IMAGE_RUN, GR_IMAGE_RUN);
    return b;
}

static void round_row(int64_t count, const float *x, uint16_t *out)
{
    for (; count >= 2 * GR_VL; count -= 2 * GR_VL, x += 2 * GR_VL, out += 2 * GR_VL)
        gr_vstore_words_pair(out, gr_vload(x), gr_vload(x + GR_VL), false);
    for (int64_t left; count > 0; count -= GR_VL, x += GR_VL, out += GR_VL) {
        left = gr_least(count, GR_VL);
        gr_vstore_narrow_part(out, gr_vload_upto(x, left), left);
    }
}

void GR_KERNEL(gr_image_fill)(const gr_conv_problem *p, const gr_image_band *b, const float *x, int64_t image, int64_t band,
                              uint16_t *out)
{
    const int64_t before = p->pad_left * p->c, count = gr_least(p->w * p->c, b->line_words - before);
    for (int64_t r = 0; r < b->lines; r++, out += b->line_words) {
        int64_t line = band * b->rows * p->stride_h + r - p->pad_top;
        if (line < 0 || line >= p->h) {
            memset(out, 0, sizeof *out * (size_t)b->line_words);
            continue;
        }
        memset(out, 0, sizeof *out * (size_t)before);
        round_row(count, x + (image * p->h + line) * p->w * p->c, out + before);
        memset(out + before + count, 0, sizeof *out * (size_t)(b->line_words - before - count));
    }
}

#endif
