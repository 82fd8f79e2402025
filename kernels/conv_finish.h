/* What a convolution does to its output while it is still in cache. Private to kernels/K_*.c. */
#ifndef GR_CONV_FINISH_H
#define GR_CONV_FINISH_H

#include "conv_fusion.h"

typedef struct gr_finish {
    const gr_conv_fusion *f;
    gr_direction d;
    const float *base; /* where the output begins: residual and mask_x are read at the same place */
    int64_t channels;  /* of the output */
    float *stats;      /* the block's [2][channels], or NULL; already holds numbers */
} gr_finish;

/* For block `block` of the statistics; they begin at zero for channels [channel, channel + count). */
gr_finish GR_KERNEL(gr_finish_begin)(const gr_conv_fusion *f, gr_direction d, const float *base, int64_t channels,
                                     int64_t block, int64_t channel, int64_t count);
/* true when there is anything to do. */
bool GR_KERNEL(gr_finish_needed)(const gr_finish *finish);
/* Channels [channel, channel + count) of `rows` pixels, which stand at out[r] + offset. */
void GR_KERNEL(gr_finish_tile)(const gr_finish *finish, float *const *out, int64_t rows, int64_t offset, int64_t channel,
                               int64_t count);
/* The same where the sums stand at `from`, rows `step` apart, and go to out for the first time; past the caches with `stream`, for
 * which they and `count` are whole vectors (gr_vstream_end is for the caller). */
void GR_KERNEL(gr_finish_move)(const gr_finish *finish, const float *from, int64_t step, float *const *out, int64_t rows,
                               int64_t offset, int64_t channel, int64_t count, bool stream);

#endif
