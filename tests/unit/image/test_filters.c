/* Filters, enhancements, shears and turns against Pillow's and OpenCV's pixels (tests/parity/make_filters.py), with every
 * instruction set; landmarks that go with them; chance. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/filters.h"
#include "kernels/kernels.h"
#include "support/image_cases.h"

static gr_image input_image(const test_image_given *g)
{
    gr_image image;
    assert_int_equal(gr_image_make(g->in_w, g->in_h, &image, NULL), GR_OK);
    memcpy(image.pixels, g->in, g->in_size);
    return image;
}

static gr_transform_kind kind_of(const char *name, size_t length)
{
    for (int k = 0; k < GR_TRANSFORM_KINDS; k++) {
        const char *known = gr_transform_name((gr_transform_kind)k);
        if (strlen(known) == length && strncmp(known, name, length) == 0)
            return (gr_transform_kind)k;
    }
    fail_msg("there is no transform %s", name);
    return GR_TRANSFORM_KINDS;
}

/* "blur:2.9:0:0", or two kinds with a plus between them: a filter's numbers, or a factor for each. */
static int read_list(const char *name, gr_transform list[2])
{
    const char *colon = strchr(name, ':'), *plus = memchr(name, '+', (size_t)(colon - name));
    double v[3];
    assert_int_equal(sscanf(colon, ":%lf:%lf:%lf", &v[0], &v[1], &v[2]), 3);
    const char *second = plus != NULL ? plus + 1 : name;
    list[0] = (gr_transform){.kind = kind_of(name, (size_t)((plus != NULL ? plus : colon) - name))};
    list[1] = (gr_transform){.kind = kind_of(second, (size_t)(colon - second))};
    for (int i = 0; i < 2; i++) {
        gr_transform *t = &list[i];
        t->a = t->b = v[0];
        if (t->kind == GR_TRANSFORM_BILATERAL)
            t->b = v[1], t->c = v[2];
        else if (t->kind == GR_TRANSFORM_TURN)
            t->values = 1;
        else if (i == 1 && plus != NULL)
            t->a = t->b = t->kind == GR_TRANSFORM_BLUR ? v[1] : 0;
    }
    return plus != NULL ? 2 : 1;
}

static void pixels_are_pillows_and_opencvs(void **state)
{
    (void)state;
    char *end, *data = test_image_cases("tests/parity/image/filters.bin", &end), *at = data;
    int count = 0;
    for (test_image_given g; test_image_case(&at, end, &g); count++) {
        gr_transform list[2];
        gr_error err = {0};
        gr_pipeline *p;
        int n = read_list(g.name, list);
        gr_image image = input_image(&g), made;
        if (gr_pipeline_for_images(list, n, &p, &err) != GR_OK ||
            gr_pipeline_image(p, &image, (gr_augment_key){0}, &made, &err) != GR_OK)
            fail_msg("%s: %s", g.name, err.text);
        assert_int_equal(made.width, g.out_w);
        assert_int_equal(made.height, g.out_h);
        if (test_image_difference(&g, &made) > 0)
            fail_msg("%s of %d x %d: differs by %d", g.name, g.in_w, g.in_h, test_image_difference(&g, &made));
        gr_pipeline_destroy(p);
        gr_image_free(&image);
        gr_image_free(&made);
    }
    assert_true(count > 200);
    gr_free(data);
}

static gr_image noise_image(int width, int height, uint64_t number)
{
    gr_image image;
    gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, number);
    assert_int_equal(gr_image_make(width, height, &image, NULL), GR_OK);
    for (int i = 0; i < width * height * 3; i++)
        image.pixels[i] = (uint8_t)gr_rng_u32(&rng);
    return image;
}

static gr_image pass(const gr_transform *list, int n, const gr_image *in, uint64_t sample, gr_map *map)
{
    gr_error err = {0};
    gr_pipeline *p;
    gr_image out = {0};
    if (gr_pipeline_for_images(list, n, &p, &err) != GR_OK ||
        gr_pipeline_image(p, in, (gr_augment_key){3, 1, sample}, &out, &err) != GR_OK)
        fail_msg("%s", err.text);
    if (map != NULL)
        *map = gr_pipeline_map(p);
    gr_pipeline_destroy(p);
    return out;
}

/* A white dot is found where its middle was sent. */
static void points_go_with_the_pixels(void **state)
{
    (void)state;
    const gr_transform lists[][2] = {
        {{.kind = GR_TRANSFORM_TURN, .a = 90, .values = 1}, {.kind = GR_TRANSFORM_HFLIP, .a = 1}},
        {{.kind = GR_TRANSFORM_TURN, .a = -90, .values = 1}, {.kind = GR_TRANSFORM_SHEAR, .a = 0.18, .b = 0.18}},
        {{.kind = GR_TRANSFORM_TURN, .a = 180, .values = 1}, {.kind = GR_TRANSFORM_TURN, .a = 270, .values = 1}},
        {{.kind = GR_TRANSFORM_ROTATE, .a = 19, .b = 19, .values = 2}, {.kind = GR_TRANSFORM_SHEAR, .a = -0.16, .b = -0.16}},
    };
    for (size_t k = 0; k < sizeof lists / sizeof lists[0]; k++) {
        gr_image image, out;
        gr_map map;
        double to[2];
        assert_int_equal(gr_image_make(61, 47, &image, NULL), GR_OK);
        memset(image.pixels, 0, 61 * 47 * 3);
        for (int y = 19; y < 22; y++)
            memset(image.pixels + (y * 61 + 24) * 3, 255, 9);
        out = pass(lists[k], 2, &image, k, &map);
        gr_map_point(&map, 25.5, 20.5, to);
        double x = 0, y = 0, sum = 0;
        for (int i = 0; i < out.width * out.height; i++) {
            double white = out.pixels[3 * i];
            sum += white;
            x += white * (i % out.width + 0.5);
            y += white * (i / out.width + 0.5);
        }
        assert_true(sum > 0);
        if (fabs(x / sum - to[0]) > 0.6 || fabs(y / sum - to[1]) > 0.6)
            fail_msg("list %zu: the dot is at %g, %g, its middle was sent to %g, %g", k, x / sum, y / sum, to[0], to[1]);
        gr_image_free(&image);
        gr_image_free(&out);
    }
}

/* Filters of views that were cut, mirrored, turned and brightened are those of the pixels that one sees. */
static void views_are_filtered_as_they_look(void **state)
{
    (void)state;
    const gr_transform before[] = {{.kind = GR_TRANSFORM_CENTER_CROP, .a = 20},
                                   {.kind = GR_TRANSFORM_HFLIP, .a = 1},
                                   {.kind = GR_TRANSFORM_BRIGHTNESS, .a = 1.4, .b = 1.4},
                                   {.kind = GR_TRANSFORM_TURN, .a = 90, .values = 1},
                                   {.kind = GR_TRANSFORM_BGR, .a = 0}};
    const gr_transform filters[] = {{.kind = GR_TRANSFORM_CONTRAST, .a = 1.6, .b = 1.6},
                                    {.kind = GR_TRANSFORM_COLOUR, .a = 2, .b = 2},
                                    {.kind = GR_TRANSFORM_SHARPNESS, .a = 3, .b = 3},
                                    {.kind = GR_TRANSFORM_BLUR, .a = 1.5, .b = 1.5},
                                    {.kind = GR_TRANSFORM_SOBEL, .a = 0},
                                    {.kind = GR_TRANSFORM_BILATERAL, .a = 3, .b = 50, .c = 50}};
    gr_image image = noise_image(31, 26, 1);
    for (int f = 0; f < 6; f++) {
        gr_transform list[6];
        memcpy(list, before, sizeof before);
        list[5] = filters[f];
        gr_image seen = pass(before, 5, &image, 1, NULL), then = pass(&filters[f], 1, &seen, 1, NULL);
        gr_image at_once = pass(list, 6, &image, 1, NULL);
        assert_int_equal(at_once.width, 20);
        assert_memory_equal(at_once.pixels, then.pixels, 20 * 20 * 3);
        gr_image_free(&seen);
        gr_image_free(&then);
        gr_image_free(&at_once);
    }
    gr_image_free(&image);
}

static void chance_and_ranges_are_kept(void **state)
{
    (void)state;
    const gr_transform some[] = {{.kind = GR_TRANSFORM_BRIGHTNESS, .a = 0, .b = 0, .chance = true, .p = 0.3}};
    const gr_transform turned[] = {{.kind = GR_TRANSFORM_ROTATE, .a = 3, .b = 19, .c = 341, .d = 357, .values = 4}};
    const gr_transform quarter[] = {{.kind = GR_TRANSFORM_TURN, .a = -90, .b = 270, .c = 0, .values = 3}};
    gr_image image = noise_image(8, 8, 2);
    int dark = 0, left = 0, turns = 0;
    enum { TRIES = 4000 };
    for (int i = 0; i < TRIES; i++) {
        gr_map map;
        gr_image out = pass(some, 1, &image, (uint64_t)i, NULL);
        int sum = 0;
        for (int k = 0; k < 8 * 8 * 3; k++)
            sum += out.pixels[k];
        dark += sum == 0;
        gr_image_free(&out);
        out = pass(turned, 1, &image, (uint64_t)i, &map);
        double degrees = atan2(-map.yx, map.xx) * 180 / acos(-1);
        assert_true((degrees >= 3 - 1e-9 && degrees <= 19 + 1e-9) || (degrees <= -3 + 1e-9 && degrees >= -19 - 1e-9));
        left += degrees > 0;
        gr_image_free(&out);
        out = pass(quarter, 1, &image, (uint64_t)i, &map);
        turns += fabs(map.xx) < 0.5;
        gr_image_free(&out);
    }
    /* Four standard deviations of the binomial distributions. */
    assert_true(abs(dark - TRIES * 3 / 10) < 116 && abs(left - TRIES / 2) < 127 && abs(turns - TRIES * 2 / 3) < 120);
    gr_image_free(&image);
}

/* Means that lie 1e-5 from a half: one more digit of a weight decides. What opencv-python 5.0.0 makes of the pixels above, left of,
 * at, right of and below the middle. */
static void a_bilateral_rounds_its_exponents(void **state)
{
    (void)state;
    static const int at[5] = {1, 3, 4, 5, 7};
    static const struct {
        uint8_t cross[5][3];
        int channel, wanted;
    } cases[] = {
        {{{140, 189, 169}, {108, 126, 135}, {128, 94, 85}, {164, 170, 67}, {177, 166, 155}}, 1, 128},
        {{{122, 110, 166}, {94, 67, 146}, {112, 176, 129}, {94, 74, 152}, {144, 58, 54}}, 1, 125},
        {{{127, 167, 161}, {96, 138, 60}, {128, 93, 148}, {143, 61, 182}, {188, 80, 145}}, 2, 150},
        {{{166, 159, 53}, {115, 152, 115}, {181, 132, 128}, {179, 73, 121}, {118, 133, 138}}, 1, 126},
        {{{174, 85, 111}, {175, 206, 126}, {89, 99, 125}, {85, 126, 91}, {144, 70, 31}}, 0, 113},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gr_image in, out;
        gr_bilateral *kept = NULL;
        gr_error err = {0};
        assert_int_equal(gr_image_make(3, 3, &in, &err), GR_OK);
        assert_int_equal(gr_image_make(3, 3, &out, &err), GR_OK);
        for (int k = 0; k < 5; k++)
            memcpy(in.pixels + at[k] * 3, cases[i].cross[k], 3);
        assert_int_equal(gr_image_bilateral(&in, 3, 100, 100, &kept, &out, &err), GR_OK);
        assert_int_equal(out.pixels[4 * 3 + cases[i].channel], cases[i].wanted);
        gr_bilateral_free(kept);
        gr_image_free(&in);
        gr_image_free(&out);
    }
}

/* A pipeline keeps the tables of its last bilateral filter: others, other images and a second turn must not see them. */
static void bilaterals_keep_their_tables_apart(void **state)
{
    (void)state;
    const gr_transform list[] = {{.kind = GR_TRANSFORM_BILATERAL, .a = 3, .b = 50, .c = 50},
                                 {.kind = GR_TRANSFORM_BILATERAL, .a = 5, .b = 80, .c = 2},
                                 {.kind = GR_TRANSFORM_BILATERAL, .a = 3, .b = 50, .c = 1},
                                 {.kind = GR_TRANSFORM_BILATERAL, .a = 3, .b = 90, .c = 1}};
    gr_pipeline *p;
    gr_error err = {0};
    assert_int_equal(gr_pipeline_for_images(list, 4, &p, &err), GR_OK);
    for (int turn = 0; turn < 4; turn++) {
        gr_image image = noise_image(turn % 2 == 0 ? 1100 : 9, 7, (uint64_t)turn), at_once, seen[4];
        assert_int_equal(gr_pipeline_image(p, &image, (gr_augment_key){1, 0, 0}, &at_once, &err), GR_OK);
        for (int i = 0; i < 4; i++)
            seen[i] = pass(&list[i], 1, i == 0 ? &image : &seen[i - 1], 1, NULL);
        assert_memory_equal(at_once.pixels, seen[3].pixels, (size_t)image.width * 7 * 3);
        for (int i = 0; i < 4; i++)
            gr_image_free(&seen[i]);
        gr_image_free(&at_once);
        gr_image_free(&image);
    }
    gr_pipeline_destroy(p);
}

static void refused(gr_transform t, const char *sentence)
{
    gr_error err = {0};
    gr_pipeline *p;
    assert_int_equal(gr_pipeline_for_images(&t, 1, &p, &err), GR_INVALID);
    if (strstr(err.text, sentence) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", sentence, err.text);
}

static void bad_parameters_are_refused(void **state)
{
    (void)state;
    refused((gr_transform){.kind = GR_TRANSFORM_CONTRAST, .a = 2, .b = 1}, "{contrast: [2, 1]}: must be [lo, hi]");
    refused((gr_transform){.kind = GR_TRANSFORM_BLUR, .a = 0, .b = 51}, "with 0 <= lo <= hi <= 50");
    refused((gr_transform){.kind = GR_TRANSFORM_SHEAR, .a = NAN, .b = 0}, "{shear");
    refused((gr_transform){.kind = GR_TRANSFORM_ROTATE, .a = 19, .b = 3, .values = 2}, "{rotate}: must be [lo, hi]");
    refused((gr_transform){.kind = GR_TRANSFORM_TURN, .a = 45, .values = 1}, "{turn}: must be one to four of");
    refused((gr_transform){.kind = GR_TRANSFORM_TURN, .a = 90}, "{turn}");
    refused((gr_transform){.kind = GR_TRANSFORM_BILATERAL, .a = 0, .b = 100, .c = 100}, "{bilateral: [0, 100, 100]}");
    refused((gr_transform){.kind = GR_TRANSFORM_LAPLACIAN, .a = 2}, "{laplacian: 2}");
    refused((gr_transform){.kind = GR_TRANSFORM_BLUR, .a = 1, .b = 2, .chance = true, .p = 1.5}, "p is 1.5");
    refused((gr_transform){.kind = GR_TRANSFORM_RESIZE, .a = 16, .chance = true, .p = 0.5}, "{resize}: has no p");
}

/* The size behind a turn is known for squares alone: what does not fit is refused, and nothing is written. */
static void turns_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const float mean[3] = {0, 0, 0}, std[3] = {1, 1, 1};
    const gr_transform turn = {.kind = GR_TRANSFORM_TURN, .a = 90, .values = 1};
    gr_image image = noise_image(20, 12, 4);
    gr_error err = {0};
    gr_pipeline *p;
    float *out = gr_alloc(12 * 12 * 3, sizeof *out);
    assert_int_equal(gr_pipeline_create(&turn, 1, 12, 3, mean, std, &p, &err), GR_OK);
    assert_int_equal(gr_pipeline_apply(p, 0, &image, (gr_augment_key){0}, out, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "end in 12 x 20 pixels"));
    gr_pipeline_destroy(p);
    gr_image_free(&image);
    gr_free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pixels_are_pillows_and_opencvs),  cmocka_unit_test(points_go_with_the_pixels),
        cmocka_unit_test(views_are_filtered_as_they_look), cmocka_unit_test(chance_and_ranges_are_kept),
        cmocka_unit_test(a_bilateral_rounds_its_exponents),
        cmocka_unit_test(bilaterals_keep_their_tables_apart), cmocka_unit_test(bad_parameters_are_refused),
        cmocka_unit_test(turns_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
