/* The camera: averages the supersampled picture, blurs it by focus and motion, exposes, adds the sensor's noise, and
 * writes sRGB bytes. */
#include "synth/scene.h"

static void average(const gr_synth_scene *scene, int factor, int w, int h, gr_vec3 *out)
{
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            gr_vec3 sum = gr_v3(0, 0, 0);
            for (int j = 0; j < factor; j++)
                for (int i = 0; i < factor; i++) {
                    gr_vec3 p = scene->picture[(size_t)(y * factor + j) * (size_t)scene->width + (size_t)(x * factor + i)];
                    /* A highlight beyond white would bleed into its neighbours as light does on film; keep it small. */
                    sum = gr_v3_add(sum, gr_v3(gr_least(p.x, 1.6f), gr_least(p.y, 1.6f), gr_least(p.z, 1.6f)));
                }
            out[y * w + x] = gr_v3_scale(sum, 1.0f / (float)(factor * factor));
        }
}

static gr_vec3 pixel_at(const gr_vec3 *image, int w, int h, float x, float y)
{
    x = gr_clamp(x, 0, (float)(w - 1));
    y = gr_clamp(y, 0, (float)(h - 1));
    int ix = (int)x, iy = (int)y, jx = ix + 1 < w ? ix + 1 : ix, jy = iy + 1 < h ? iy + 1 : iy;
    gr_vec3 top = gr_v3_mix(image[iy * w + ix], image[iy * w + jx], x - (float)ix);
    return gr_v3_mix(top, gr_v3_mix(image[jy * w + ix], image[jy * w + jx], x - (float)ix), y - (float)iy);
}

/* Weighted mean of samples along a direction: Gaussian for sigma > 0, else even over `reach`. */
static void smear(const gr_vec3 *from, gr_vec3 *to, int w, int h, float dx, float dy, float reach, float sigma)
{
    int taps = (int)ceilf(reach);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            gr_vec3 sum = gr_v3(0, 0, 0);
            float total = 0;
            for (int i = -taps; i <= taps; i++) {
                float s = reach * (float)i / (float)taps, weight = sigma > 0 ? expf(-0.5f * s * s / (sigma * sigma)) : 1;
                sum = gr_v3_along(sum, pixel_at(from, w, h, (float)x + s * dx, (float)y + s * dy), weight);
                total += weight;
            }
            to[y * w + x] = gr_v3_scale(sum, 1 / total);
        }
}

static uint8_t encode(float linear, float noise)
{
    linear = gr_most(linear, 0);
    /* A soft shoulder above 0.8, then sRGB's curve. */
    float soft = linear < 0.8f ? linear : 0.8f + 0.2f * (1 - expf(-(linear - 0.8f) / 0.2f));
    float s = soft <= 0.0031308f ? 12.92f * soft : 1.055f * powf(soft, 1 / 2.4f) - 0.055f;
    return (uint8_t)(gr_clamp(s + noise, 0, 1) * 255 + 0.5f);
}

/* About normal, standard deviation 1: the sum of a number's four bytes, which costs no logarithm. */
static float grain(gr_rng *rng)
{
    uint32_t r = gr_rng_u32(rng);
    float sum = (float)(r & 255) + (float)(r >> 8 & 255) + (float)(r >> 16 & 255) + (float)(r >> 24);
    return (sum - 510) * (1 / 147.8f);
}

bool gr_synth_expose(gr_synth_scene *scene, int factor, uint8_t *rgb)
{
    const gr_synth_params *params = scene->params;
    int w = scene->width / factor, h = scene->height / factor;
    gr_vec3 *a = gr_arena_alloc(scene->arena, (size_t)w * (size_t)h, sizeof(*a));
    gr_vec3 *b = gr_arena_alloc(scene->arena, (size_t)w * (size_t)h, sizeof(*b));
    if (a == NULL || b == NULL)
        return false;
    average(scene, factor, w, h, a);
    float sigma = params->blur * (float)w, motion = params->motion * (float)w * 0.5f;
    if (sigma > 0.2f) {
        smear(a, b, w, h, 1, 0, 2.5f * sigma, sigma);
        smear(b, a, w, h, 0, 1, 2.5f * sigma, sigma);
    }
    if (motion > 0.3f) {
        smear(a, b, w, h, cosf(params->motion_angle), sinf(params->motion_angle), motion, 0);
        gr_vec3 *swap = a;
        a = b;
        b = swap;
    }
    gr_rng rng = gr_rng_make(params->seed, GR_FOR_SYNTH, 0, 6);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            float dx = ((float)x + 0.5f) / (float)w - 0.5f, dy = ((float)y + 0.5f) / (float)h - 0.5f;
            gr_vec3 p = gr_v3_scale(a[y * w + x], params->exposure * (1 - 0.35f * (dx * dx + dy * dy)));
            const float channel[3] = {p.x, p.y, p.z};
            float common = grain(&rng) * 0.7f;
            for (int c = 0; c < 3; c++)
                rgb[(y * w + x) * 3 + c] = encode(channel[c], params->noise * (common + 0.7f * grain(&rng)));
        }
    return true;
}
