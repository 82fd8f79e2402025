/* Keras's random layers, beside their own pixels (tests/parity/make_random_layers.py); their draws, and where points go. */
#include "support/support.h"
#include "image/random_layers.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void picture(int width, int height, gr_floats *out)
{
    gr_error err = {0};
    assert_int_equal(gr_floats_alloc(width, height, out, &err), GR_OK);
    for (int i = 0; i < width * height * 3; i++)
        out->pixels[i] = (float)floor(((double)test_number((uint32_t)width, (uint32_t)i) + 1) * 128);
}

static int border_of(const char *name)
{
    int i = 0;
    while (strcmp(gr_border_name(i), name) != 0)
        i++;
    return i;
}

static void moves_pictures_as_keras_does(void **state)
{
    (void)state;
    FILE *file = fopen("tests/parity/image/random_layers.bin", "rb");
    assert_non_null(file);
    char fill[20];
    int width, height, hflip, vflip, cases = 0;
    double cval;
    gr_layered d;
    while (fscanf(file, "%19s %lf %d %d %d %d %lf %lf %lf %lf", fill, &cval, &width, &height, &hflip, &vflip, &d.angle, &d.right,
                  &d.down, &d.zoom) == 10) {
        assert_int_equal(fgetc(file), '\n');
        size_t count = (size_t)width * (size_t)height * 3;
        float *want = gr_alloc(count, sizeof *want);
        assert_int_equal(fread(want, sizeof *want, count, file), count);
        d.hflip = hflip != 0;
        d.vflip = vflip != 0;
        gr_transform t = {.kind = GR_TRANSFORM_KERAS_LAYERS};
        t.more[GR_LAYERS_FILL] = border_of(fill);
        t.more[GR_LAYERS_CVAL] = cval;
        gr_floats image;
        gr_map map = gr_map_identity();
        gr_error err = {0};
        picture(width, height, &image);
        assert_int_equal(gr_layers_apply(&t, &d, &image, &map, &err), GR_OK);
        int far = 0;
        double most = 0;
        for (size_t i = 0; i < count; i++) {
            double off = fabs((double)image.pixels[i] - (double)want[i]);
            far += off > 255 * 4e-6; /* places are rounded to float32 there and here */
            most = fmax(most, off);
        }
        if (far > 0)
            fail_msg("%s, case %d: %d of %zu numbers differ, by up to %g", fill, cases, far, count, most);
        gr_floats_free(&image);
        gr_free(want);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 10);
}

/* A white spot on black is found where the map says that its middle went. */
static void points_go_where_pixels_go(void **state)
{
    (void)state;
    gr_transform t = {.kind = GR_TRANSFORM_KERAS_LAYERS, .more = {[GR_LAYERS_FILL] = GR_BORDER_CONSTANT}};
    const gr_layered d = {.hflip = true, .vflip = true, .angle = 25, .right = 3, .down = -2, .zoom = 0.8};
    gr_floats image;
    gr_map map = gr_map_identity();
    gr_error err = {0};
    enum { SIDE = 41, X = 24, Y = 15 };
    assert_int_equal(gr_floats_alloc(SIDE, SIDE, &image, &err), GR_OK);
    for (int i = 0; i < SIDE * SIDE * 3; i++)
        image.pixels[i] = 0;
    for (int y = -2; y <= 2; y++)
        for (int x = -2; x <= 2; x++)
            image.pixels[3 * ((Y + y) * SIDE + X + x)] = 255;
    assert_int_equal(gr_layers_apply(&t, &d, &image, &map, &err), GR_OK);
    double to[2], sum = 0, at[2] = {0};
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double weight = (double)image.pixels[3 * (y * SIDE + x)];
            sum += weight;
            at[0] += weight * (x + 0.5);
            at[1] += weight * (y + 0.5);
        }
    gr_map_point(&map, X + 0.5, Y + 0.5, to);
    assert_true(sum > 0 && fabs(at[0] / sum - to[0]) < 0.1 && fabs(at[1] / sum - to[1]) < 0.1);
    gr_floats_free(&image);
}

static void draws_lie_in_their_ranges(void **state)
{
    (void)state;
    gr_transform t = {.kind = GR_TRANSFORM_KERAS_LAYERS,
                      .more = {GR_FLIP_BOTH, -0.1, 0.05, 0.2, 0.1, -0.3, 0.5, GR_BORDER_REFLECT, 0}};
    int across = 0, down = 0, differ = 0;
    double widest = 0;
    for (int i = 0; i < 1000; i++) {
        gr_rng rng = gr_rng_make(7, GR_FOR_AUGMENT, 0, (uint64_t)i);
        gr_layered d = gr_layers_draw(&t, 50, 100, &rng);
        assert_true(d.angle >= -36 && d.angle <= 18 && fabs(d.down) <= 20 && fabs(d.right) <= 5 && d.zoom >= 0.7 && d.zoom <= 1.5);
        across += d.hflip;
        down += d.vflip;
        differ += d.hflip != d.vflip;
        widest = fmax(widest, fabs(d.down));
    }
    assert_true(widest > 19 && across > 400 && across < 600 && down > 400 && down < 600 && differ > 400);
    t.more[GR_LAYERS_FLIP] = GR_FLIP_TOGETHER;
    for (int i = 0; i < 100; i++) {
        gr_rng rng = gr_rng_make(7, GR_FOR_AUGMENT, 0, (uint64_t)i);
        gr_layered d = gr_layers_draw(&t, 50, 100, &rng);
        assert_true(d.hflip == d.vflip);
    }
}

static void flips_are_known_to_mirror(void **state)
{
    (void)state;
    gr_transform layers = {.kind = GR_TRANSFORM_KERAS_LAYERS}, generator = {.kind = GR_TRANSFORM_KERAS_GENERATOR};
    assert_false(gr_transform_mirrors(&layers) || gr_transform_mirrors(&generator));
    layers.more[GR_LAYERS_FLIP] = GR_FLIP_VERTICAL;
    generator.more[GR_GENERATOR_VFLIP] = 1;
    assert_true(gr_transform_mirrors(&layers) && gr_transform_mirrors(&generator));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_pictures_as_keras_does),
        cmocka_unit_test(points_go_where_pixels_go),
        cmocka_unit_test(draws_lie_in_their_ranges),
        cmocka_unit_test(flips_are_known_to_mirror),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
