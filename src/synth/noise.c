/* Value noise on a lattice of hashed corners: the same everywhere for the same key and place. */
#include "synth/scene.h"

/* Corner value in 0..1: an integer hash with full avalanche (finaliser of MurmurHash3 over a mixed index). */
static float corner(uint32_t key, int x, int y, int z)
{
    uint32_t h = key ^ ((uint32_t)x * 0x8da6b343u) ^ ((uint32_t)y * 0xd8163841u) ^ ((uint32_t)z * 0xcb1ab31fu);
    h = (h ^ (h >> 16)) * 0x85ebca6bu;
    h = (h ^ (h >> 13)) * 0xc2b2ae35u;
    h ^= h >> 16;
    return (float)(h >> 8) * (1.0f / 16777216.0f);
}

float gr_synth_noise(uint32_t key, gr_vec3 p)
{
    int x = gr_floor(p.x), y = gr_floor(p.y), z = gr_floor(p.z);
    float u = p.x - (float)x, v = p.y - (float)y, w = p.z - (float)z;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    w = w * w * (3 - 2 * w);
    float plane[2];
    for (int k = 0; k < 2; k++) {
        float low = gr_mix(corner(key, x, y, z + k), corner(key, x + 1, y, z + k), u);
        float high = gr_mix(corner(key, x, y + 1, z + k), corner(key, x + 1, y + 1, z + k), u);
        plane[k] = gr_mix(low, high, v);
    }
    return gr_mix(plane[0], plane[1], w);
}

float gr_synth_fractal(uint32_t key, gr_vec3 p, int octaves)
{
    float sum = 0, weight = 0.5f, total = 0;
    for (int i = 0; i < octaves; i++) {
        sum += weight * gr_synth_noise(key + (uint32_t)i * 0x9e3779b9u, p);
        total += weight;
        weight *= 0.5f;
        p = gr_v3_scale(p, 2.03f);
    }
    return sum / total;
}
