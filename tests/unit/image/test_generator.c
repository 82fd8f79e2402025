/* Keras's ImageDataGenerator, beside its own pixels (tests/parity/make_generator.py); its draws, and where points go. */
#include "support/support.h"
#include "image/generator.h"

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
    FILE *file = fopen("tests/parity/image/generator.bin", "rb");
    assert_non_null(file);
    char fill[20];
    int width, height, hflip, vflip, cases = 0;
    double cval, channel, brightness;
    gr_generated d;
    while (fscanf(file, "%19s %lf %d %d %lf %lf %lf %lf %lf %lf %d %d %lf %lf", fill, &cval, &width, &height, &d.theta,
                  &d.tx, &d.ty, &d.shear, &d.zx, &d.zy, &hflip, &vflip, &channel, &brightness) == 14) {
        assert_int_equal(fgetc(file), '\n');
        size_t count = (size_t)width * (size_t)height * 3;
        float *want = gr_alloc(count, sizeof *want);
        assert_int_equal(fread(want, sizeof *want, count, file), count);
        d.hflip = hflip != 0;
        d.vflip = vflip != 0;
        d.shifts_channels = channel >= 0;
        d.channel_shift = channel;
        d.brightens = brightness >= 0;
        d.brightness = brightness;
        gr_transform t = {.kind = GR_TRANSFORM_KERAS_GENERATOR};
        t.more[GR_GENERATOR_FILL] = border_of(fill);
        t.more[GR_GENERATOR_CVAL] = cval;
        gr_floats image;
        gr_map map = gr_map_identity();
        gr_error err = {0};
        picture(width, height, &image);
        assert_int_equal(gr_generator_apply(&t, &d, &image, &map, &err), GR_OK);
        int far = 0;
        for (size_t i = 0; i < count; i++)
            far += fabsf(image.pixels[i] - want[i]) > 255e-6f;
        if (far > 0)
            fail_msg("%s, case %d: %d of %zu numbers differ", fill, cases, far, count);
        gr_floats_free(&image);
        gr_free(want);
        cases++;
    }
    fclose(file);
    assert_int_equal(cases, 9);
}

/* A white spot on black is found where the map says that its middle went. */
static void points_go_where_pixels_go(void **state)
{
    (void)state;
    gr_transform t = {.kind = GR_TRANSFORM_KERAS_GENERATOR};
    const gr_generated d = {.theta = 25, .tx = 3, .ty = -2, .shear = 10, .zx = 0.8, .zy = 1.2, .hflip = true, .vflip = true};
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
    assert_int_equal(gr_generator_apply(&t, &d, &image, &map, &err), GR_OK);
    double to[2], sum = 0, at[2] = {0};
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            double weight = image.pixels[3 * (y * SIDE + x)];
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
    gr_transform t = {.kind = GR_TRANSFORM_KERAS_GENERATOR,
                      .more = {20, 0.1, 0.2, 5, 0.9, 1.3, 1, 0, 0.5, 1.5, 30, GR_BORDER_NEAREST, 0}};
    double widest = 0;
    int flips = 0;
    for (int i = 0; i < 1000; i++) {
        gr_rng rng = gr_rng_make(7, GR_FOR_AUGMENT, 0, (uint64_t)i);
        gr_generated d = gr_generator_draw(&t, 50, 100, &rng);
        assert_true(fabs(d.theta) <= 20 && fabs(d.tx) <= 20 && fabs(d.ty) <= 5 && fabs(d.shear) <= 5);
        assert_true(d.zx >= 0.9 && d.zx <= 1.3 && d.zy >= 0.9 && d.zy <= 1.3 && !d.vflip);
        assert_true(d.brightens && d.brightness >= 0.5 && d.brightness <= 1.5 && fabs(d.channel_shift) <= 30);
        widest = fmax(widest, fabs(d.tx));
        flips += d.hflip;
    }
    assert_true(widest > 19 && flips > 400 && flips < 600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_pictures_as_keras_does),
        cmocka_unit_test(points_go_where_pixels_go),
        cmocka_unit_test(draws_lie_in_their_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
