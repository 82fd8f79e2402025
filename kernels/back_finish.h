/* Where dx goes once it is computed: added to what is there, masked, its sums gathered, past the caches where it is too large to be
 * found there again. Private to kernels/K_*_back.c. */
#ifndef GR_BACK_FINISH_H
#define GR_BACK_FINISH_H

#include "conv_fusion.h"
#include "rows.h"

typedef struct gr_back_finish {
    const gr_conv_fusion *f;
    float *out; /* [pixels][channels] */
    int64_t channels;
    bool accumulate, stream;
    float *stats; /* the block's [2][channels], or NULL */
    const float *fetch; /* a tensor like `out`, whose numbers `ahead` behind what is written will be read soon; NULL: none */
    int64_t ahead;
} gr_back_finish;

/* For a tensor of `pixels` pixels. */
gr_back_finish GR_KERNEL(gr_back_finish_make)(const gr_conv_args *args, int64_t pixels, int64_t channels);
/* Sums begin at zero for channels [channel, channel + count) of block `block`. */
void GR_KERNEL(gr_back_finish_begin)(gr_back_finish *b, int64_t block, int64_t channel, int64_t count);
/* A vector of channels from `channel` on, or the `lanes` that are left, of `pixels` pixels from `pixel` on; they stand at `from`,
 * `step` floats apart. */
void GR_KERNEL(gr_back_finish_run)(const gr_back_finish *b, const float *from, int64_t step, int64_t pixel, int64_t pixels,
                                   int64_t channel, int64_t lanes);
/* The same of two whole vectors, which stand side by side at `from` as well. */
void GR_KERNEL(gr_back_finish_pair)(const gr_back_finish *b, const float *from, int64_t step, int64_t pixel, int64_t pixels,
                                    int64_t channel);
/* Before others may read what was written. */
void GR_KERNEL(gr_back_finish_end)(const gr_back_finish *b);

#endif
