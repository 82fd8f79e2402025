/* Counter-based random numbers. */
#include "base/random.h"

#include <math.h>

void gr_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t out[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53u * c0, p1 = (uint64_t)0xCD9E8D57u * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

gr_rng gr_rng_make(uint64_t seed, gr_purpose purpose, uint32_t a, uint64_t b)
{
    /* Seed and purpose make the key through one Philox block, so that every 64-bit seed and every purpose differ in all
     * bits; a and b sit in the counter, whose first word counts blocks. */
    const uint32_t start[2] = {(uint32_t)seed, (uint32_t)(seed >> 32)};
    const uint32_t use[4] = {(uint32_t)purpose, 0, 0, 0x6772696d};
    uint32_t mixed[4];
    gr_philox(start, use, mixed);
    gr_rng rng = {{mixed[0], mixed[1]}, {0, a, (uint32_t)b, (uint32_t)(b >> 32)}, {0}, 4};
    return rng;
}

uint32_t gr_rng_u32(gr_rng *rng)
{
    if (rng->used == 4) {
        gr_philox(rng->key, rng->counter, rng->block);
        rng->counter[0]++;
        rng->used = 0;
    }
    return rng->block[rng->used++];
}

float gr_rng_float(gr_rng *rng)
{
    return (float)(gr_rng_u32(rng) >> 8) * 0x1p-24f;
}

double gr_rng_double(gr_rng *rng)
{
    uint64_t high = gr_rng_u32(rng) >> 5, low = gr_rng_u32(rng) >> 6;
    return (double)((high << 26) | low) * 0x1p-53;
}

uint64_t gr_rng_below(gr_rng *rng, uint64_t bound)
{
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound; /* a multiple of bound */
    for (;;) {
        uint64_t high = gr_rng_u32(rng), low = gr_rng_u32(rng), value = high << 32 | low;
        if (value < limit)
            return value % bound;
    }
}

double gr_rng_normal(gr_rng *rng)
{
    double u = 1.0 - gr_rng_double(rng), v = gr_rng_double(rng); /* u in (0, 1] */
    return sqrt(-2.0 * log(u)) * cos(6.283185307179586 * v);
}

void gr_rng_shuffle(gr_rng *rng, int64_t *items, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)gr_rng_below(rng, i);
        int64_t kept = items[i - 1];
        items[i - 1] = items[j];
        items[j] = kept;
    }
}
