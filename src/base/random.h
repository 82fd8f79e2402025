/* Random numbers: streams that follow from a seed and what they are for, the same on every machine. */
#ifndef GR_BASE_RANDOM_H
#define GR_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* What a random stream is for: part of its key, so that two uses never share numbers. Append, never reorder: the numbers
 * are part of what makes an old run reproducible. */
typedef enum gr_purpose {
    GR_FOR_INIT = 1,
    GR_FOR_SHUFFLE,
    GR_FOR_AUGMENT,
    GR_FOR_DROPOUT,
    GR_FOR_SPLIT,
    GR_FOR_BALANCE,
    GR_FOR_SYNTH,
    GR_FOR_BOOTSTRAP,
    GR_FOR_TEST,
    GR_FOR_SWEEP,
    GR_FOR_ROWS,
    GR_FOR_EXPLAIN,
    GR_FOR_PATCHES,
    GR_FOR_NEGATIVES,
    GR_FOR_TUNE, /* inner folds, settings that are drawn, shuffled columns */
} gr_purpose;

/* Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a pure function of key and counter,
 * hence the same on every machine and with any number of threads. */
typedef struct gr_rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    int used; /* numbers of `block` already handed out */
} gr_rng;

/* One block of four numbers for a key and a counter. */
void gr_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4]);
/* The stream for (seed, purpose, a, b), for example a = epoch and b = sample. */
gr_rng gr_rng_make(uint64_t seed, gr_purpose purpose, uint32_t a, uint64_t b);
uint32_t gr_rng_u32(gr_rng *rng);
/* Uniform in [0, 1) with 24 bits (float) or 53 bits (double). */
float gr_rng_float(gr_rng *rng);
double gr_rng_double(gr_rng *rng);
/* Uniform in [0, bound); bound > 0; no modulo bias. */
uint64_t gr_rng_below(gr_rng *rng, uint64_t bound);
/* Normal with mean 0 and standard deviation 1 (Box-Muller). */
double gr_rng_normal(gr_rng *rng);
/* Fisher-Yates shuffle of items[count]. */
void gr_rng_shuffle(gr_rng *rng, int64_t *items, size_t count);

#endif
