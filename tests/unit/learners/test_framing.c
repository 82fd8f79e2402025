/* Where edges lie in a frame: by hand, and whether a picture within a wider one is told from pictures that fill their frame. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "grimace/base.h"
#include "learners/framing.h"
#include "learners/likeness.h"

enum { SIDE = 32, CELLS = GR_FRAMING_CELLS, SCALE = 2 * CELLS * CELLS };

static float grey[256 * 256];
static double scratch[1024];

/* Columns that alternate in the left half, even pixels in the right one. */
static void by_hand(void **state)
{
    (void)state;
    float pixels[SIDE * SIDE * 2], to[GR_FRAMING_WIDTH];
    for (int i = 0; i < SIDE * SIDE; i++) {
        int x = i % SIDE;
        pixels[2 * i] = x < SIDE / 2 && x % 2 == 0 ? 2.0f : 0.0f; /* the mean of the two channels is 1 or 0 */
        pixels[2 * i + 1] = 0.0f;
    }
    gr_framing_make(pixels, SIDE, 2, grey, to);
    assert_float_equal(to[0], logf(1.005f), 1e-6);
    assert_float_equal(to[3], logf(0.005f), 1e-6);
    for (int k = CELLS * CELLS; k < SCALE; k++) /* nothing changes downwards */
        assert_float_equal(to[k], logf(0.005f), 1e-6);
    assert_float_equal(to[SCALE], logf(0.005f), 1e-6); /* halved, the stripes are one grey */
    assert_true(to[SCALE + 2] > to[SCALE] && to[SCALE + 1] == to[SCALE + 3]); /* with an edge in the middle */
}

static void sizes(void **state)
{
    (void)state;
    static float pixels[200 * 200];
    float to[GR_FRAMING_WIDTH];
    for (int size = 1; size <= 200; size += size < 20 ? 1 : 30) {
        for (int i = 0; i < size * size; i++)
            pixels[i] = (float)(i * 7919 % 31) / 31.0f;
        gr_framing_make(pixels, size, 1, grey, to);
        for (int k = 0; k < GR_FRAMING_WIDTH; k++)
            assert_true(isfinite(to[k]));
        assert_true(size > CELLS || to[0] == 0.0f);
        assert_true(size / 4 > CELLS || to[2 * SCALE] == 0.0f);
    }
}

/* Three channels whose mean is known exactly are as good as one, wherever a row ends. */
static void three_channels_are_their_mean(void **state)
{
    (void)state;
    static float one[47 * 47], three[3 * 47 * 47];
    float to[GR_FRAMING_WIDTH], expected[GR_FRAMING_WIDTH];
    for (int size = 1; size <= 47; size++) {
        for (int i = 0; i < size * size; i++) {
            one[i] = (float)(i * 7919 % 61) / 64.0f;
            float more = (float)(i % 5) / 32.0f, less = (float)(i % 3) / 16.0f;
            three[3 * i] = one[i] + more;
            three[3 * i + 1] = one[i] - less;
            three[3 * i + 2] = one[i] + less - more;
        }
        gr_framing_make(one, size, 1, grey, expected);
        gr_framing_make(three, size, 3, grey, to);
        assert_memory_equal(to, expected, sizeof to);
    }
}

static uint32_t draw(uint32_t *state)
{
    return *state = *state * 1664525u + 1013904223u;
}

/* A disc on a wall of noise that ends where the share of the side does. */
static void paint(uint32_t number, double share, float *pixels)
{
    uint32_t seed = number * 2654435761u;
    double middle = 31.5 + (double)(draw(&seed) >> 28) / 4.0 - 2.0, radius = 32.0 * share;
    for (int y = 0; y < 64; y++)
        for (int x = 0; x < 64; x++) {
            bool in = hypot(x - middle, y - middle) < radius;
            double noise = (double)(draw(&seed) >> 8) / 16777216.0;
            pixels[64 * y + x] = (float)(in ? 1.0 + 0.1 * noise + 0.3 * sin(x / radius * 9.0) : noise);
        }
}

static void crops_and_scenes(void **state)
{
    (void)state;
    enum { N = 120, HELD = 100 };
    static float pixels[64 * 64], trained[N * GR_FRAMING_WIDTH], held[HELD * GR_FRAMING_WIDTH];
    float to[GR_FRAMING_WIDTH];
    gr_likeness likeness;
    gr_error err = {0};
    for (uint32_t i = 0; i < N + HELD; i++) {
        paint(i, 0.8 + (double)(i % 7) / 40.0, pixels);
        gr_framing_make(pixels, 64, 1, grey, i < N ? trained + i * GR_FRAMING_WIDTH : held + (i - N) * GR_FRAMING_WIDTH);
    }
    assert_int_equal(gr_likeness_make(trained, N, GR_FRAMING_WIDTH, held, HELD, &likeness, &err), GR_OK);
    int crops = 0, scenes = 0;
    for (uint32_t i = 0; i < 100; i++) {
        paint(1000 + i, 0.8 + (double)(i % 7) / 40.0, pixels);
        gr_framing_make(pixels, 64, 1, grey, to);
        crops += gr_likeness_distance(&likeness, to, scratch) > likeness.limit;
        paint(2000 + i, 0.25, pixels);
        gr_framing_make(pixels, 64, 1, grey, to);
        scenes += gr_likeness_distance(&likeness, to, scratch) > likeness.limit;
    }
    assert_true(crops <= 6 && scenes == 100);
    gr_likeness_free(&likeness);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(sizes),
        cmocka_unit_test(three_channels_are_their_mean),
        cmocka_unit_test(crops_and_scenes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
