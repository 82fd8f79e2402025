/* Windows of noise, some of them darker on their left side. */
#ifndef TEST_FITTING_NOISE_H
#define TEST_FITTING_NOISE_H

#include "base/base.h"
#include "fitting/patches.h"

/* GIVES (gr_patches_free) `count` windows; `by` is taken off the pixels of the left half. */
static inline gr_patches make_noise(int width, int height, int64_t count, uint32_t draw, int by)
{
    gr_patches p = {width, height, count, gr_alloc((size_t)count, (size_t)width * (size_t)height)};
    gr_rng rng = gr_rng_make(11, GR_FOR_TEST, draw, 0);
    for (int64_t i = 0; i < count * width * height; i++)
        p.pixels[i] = (uint8_t)(100 + gr_rng_below(&rng, 100) - (i % width < width / 2 ? (uint32_t)by : 0));
    return p;
}

#endif
