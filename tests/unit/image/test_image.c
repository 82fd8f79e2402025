/* Decoding, resizing and transforms against Pillow's and torchvision's answers (tests/parity/make_image.py). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "image/image.h"
#include "support/image_cases.h"

static gr_image input_image(const test_image_given *g)
{
    gr_image image;
    assert_int_equal(gr_image_make(g->in_w, g->in_h, &image, NULL), GR_OK);
    memcpy(image.pixels, g->in, g->in_size);
    return image;
}

static void decodes_as_pillow(void **state)
{
    (void)state;
    char *end, *data = test_image_cases("tests/parity/image/decode.bin", &end), *at = data;
    int count = 0;
    for (test_image_given g; test_image_case(&at, end, &g); count++) {
        gr_error err = {0};
        gr_image image;
        if (gr_image_decode(g.in, g.in_size, g.name, &image, &err) != GR_OK)
            fail_msg("%s", err.text);
        /* 16 bits with alpha are rounded twice. JPEG: another build of libjpeg may round its transform otherwise. */
        int allowed = strstr(g.name, "jpeg") != NULL ? 2 : strstr(g.name, "16bit") != NULL ? 1 : 0;
        if (test_image_difference(&g, &image) > allowed)
            fail_msg("%s: differs by %d", g.name, test_image_difference(&g, &image));
        gr_image_free(&image);
    }
    assert_true(count > 60);
    gr_free(data);
}

static void resizes_as_pillow(void **state)
{
    (void)state;
    char *end, *data = test_image_cases("tests/parity/image/resize.bin", &end), *at = data;
    int count = 0;
    for (test_image_given g; test_image_case(&at, end, &g); count++) {
        gr_image image = input_image(&g), made;
        assert_int_equal(gr_image_resize(&image, g.out_w, g.out_h, &made, NULL), GR_OK);
        if (test_image_difference(&g, &made) > 0)
            fail_msg("%s: differs by %d", g.name, test_image_difference(&g, &made));
        gr_image_free(&image);
        gr_image_free(&made);
    }
    assert_true(count > 10);
    gr_free(data);
}

static const float NO_MEAN[3] = {0, 0, 0}, BYTE_STD[3] = {1 / 255.0f, 1 / 255.0f, 1 / 255.0f};

/* Runs a list through a pipeline whose floats are the bytes again. */
static void through_pipeline(const gr_transform *list, int n, const gr_image *in, gr_augment_key key, gr_image *out,
                             int side)
{
    gr_error err = {0};
    gr_pipeline *p;
    float *floats = gr_alloc((size_t)side * (size_t)side * 3, sizeof(float));
    assert_int_equal(gr_image_make(side, side, out, NULL), GR_OK);
    if (gr_pipeline_create(list, n, side, 3, NO_MEAN, BYTE_STD, &p, &err) != GR_OK ||
        gr_pipeline_apply(p, 0, in, key, floats, &err) != GR_OK)
        fail_msg("%s", err.text);
    for (int i = 0; i < side * side * 3; i++)
        out->pixels[i] = (uint8_t)lrintf(floats[i]);
    gr_pipeline_destroy(p);
    gr_free(floats);
}

static void check_floats(const test_image_given *g, const gr_image *image, int channels)
{
    static const float MEAN[2][3] = {{0.5f}, {0.485f, 0.456f, 0.406f}}, STD[2][3] = {{0.25f}, {0.229f, 0.224f, 0.225f}};
    gr_pipeline *p;
    float *floats = gr_alloc(g->out_size, 1);
    assert_int_equal(gr_pipeline_create(NULL, 0, g->out_w, channels, MEAN[channels / 2], STD[channels / 2], &p, NULL),
                     GR_OK);
    assert_int_equal(gr_pipeline_apply(p, 0, image, (gr_augment_key){0}, floats, NULL), GR_OK);
    assert_memory_equal(floats, g->out, g->out_size); /* bit for bit */
    gr_pipeline_destroy(p);
    gr_free(floats);
}

static void check_transform(const test_image_given *g, const char *kind, double a)
{
    gr_image image = input_image(g), made = {0};
    if (strcmp(kind, "floats") == 0) {
        check_floats(g, &image, (int)a);
        gr_image_free(&image);
        return;
    }
    if (strcmp(kind, "rotate") == 0) {
        assert_int_equal(gr_image_make(g->in_w, g->in_h, &made, NULL), GR_OK);
        gr_image_rotate(image.pixels, image.width, image.height, a, made.pixels);
    } else if (strcmp(kind, "brightness") == 0) {
        through_pipeline(&(gr_transform){.kind = GR_TRANSFORM_BRIGHTNESS, .a = a, .b = a}, 1, &image, (gr_augment_key){0},
                         &made, g->out_w);
    } else {
        gr_transform t = {.kind = GR_TRANSFORM_KINDS, .a = a, .b = 0};
        for (int k = 0; k < GR_TRANSFORM_KINDS; k++)
            if (strcmp(kind, gr_transform_name((gr_transform_kind)k)) == 0)
                t.kind = (gr_transform_kind)k;
        assert_int_equal(gr_transforms_prepare(&t, 1, &image, NULL, NULL), GR_OK);
        made = image;
        image = (gr_image){0};
    }
    if (test_image_difference(g, &made) > 0)
        fail_msg("%s: differs by %d", g->name, test_image_difference(g, &made));
    gr_image_free(&image);
    gr_image_free(&made);
}

static void transforms_as_torchvision(void **state)
{
    (void)state;
    char *end, *data = test_image_cases("tests/parity/image/transform.bin", &end), *at = data;
    int count = 0;
    for (test_image_given g; test_image_case(&at, end, &g); count++) {
        char kind[64];
        double a;
        assert_int_equal(sscanf(g.name, "%63[^:]:%lf", kind, &a), 2);
        check_transform(&g, kind, a);
    }
    assert_true(count > 30);
    gr_free(data);
}

/* ---- the pipeline against plain steps on whole images ---- */

static gr_image noise_image(int width, int height, uint64_t number)
{
    gr_image image;
    gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, number);
    assert_int_equal(gr_image_make(width, height, &image, NULL), GR_OK);
    for (int i = 0; i < width * height * 3; i++)
        image.pixels[i] = (uint8_t)gr_rng_u32(&rng);
    return image;
}

static void replace(gr_image *image, gr_image made)
{
    gr_image_free(image);
    *image = made;
}

/* One transform as its definition reads, with the same draws as the pipeline: no views, no tables. */
static void plain_step(const gr_transform *t, gr_image *image, gr_rng *rng)
{
    gr_image made = {0};
    if (t->kind == GR_TRANSFORM_RANDOM_CROP) {
        double top = (double)gr_rng_below(rng, (uint64_t)(image->height - (int)t->a + 1));
        double left = (double)gr_rng_below(rng, (uint64_t)(image->width - (int)t->a + 1));
        assert_int_equal(gr_image_crop(image, (double[4]){left, top, t->a, t->a}, &made, NULL), GR_OK);
        replace(image, made);
    } else if (t->kind == GR_TRANSFORM_HFLIP) {
        if (gr_rng_double(rng) < t->a)
            assert_int_equal(gr_image_orient(image, 2, NULL), GR_OK);
    } else if (t->kind == GR_TRANSFORM_ROTATE) {
        assert_int_equal(gr_image_make(image->width, image->height, &made, NULL), GR_OK);
        gr_image_rotate(image->pixels, image->width, image->height, t->a * (2 * gr_rng_double(rng) - 1), made.pixels);
        replace(image, made);
    } else if (t->kind == GR_TRANSFORM_BRIGHTNESS) {
        float factor = (float)(t->a + (t->b - t->a) * gr_rng_double(rng));
        for (int i = 0; i < image->width * image->height * 3; i++)
            image->pixels[i] = (uint8_t)fminf(255, factor * (float)image->pixels[i]);
    } else {
        assert_int_equal(gr_transforms_prepare(t, 1, image, NULL, NULL), GR_OK);
    }
}

static void pipeline_equals_plain_steps(void **state)
{
    (void)state;
    enum { SIDE = 20, LISTS = 400 };
    static const gr_transform POOL[] = {
        {.kind = GR_TRANSFORM_RESIZE, .a = 33, .b = 0},      {.kind = GR_TRANSFORM_RANDOM_CROP, .a = 27, .b = 0},
        {.kind = GR_TRANSFORM_CENTER_CROP, .a = 26, .b = 0}, {.kind = GR_TRANSFORM_HFLIP, .a = 0.5, .b = 0},
        {.kind = GR_TRANSFORM_ROTATE, .a = 40, .b = 0},      {.kind = GR_TRANSFORM_BRIGHTNESS, .a = 0.5, .b = 1.8},
        {.kind = GR_TRANSFORM_GRAYSCALE, .a = 0, .b = 0},    {.kind = GR_TRANSFORM_BGR, .a = 0, .b = 0},
        {.kind = GR_TRANSFORM_HFLIP, .a = 0.5, .b = 0},      {.kind = GR_TRANSFORM_BRIGHTNESS, .a = 0, .b = 1},
        {.kind = GR_TRANSFORM_ROTATE, .a = 180, .b = 0},     {.kind = GR_TRANSFORM_RESIZE, .a = 27, .b = 0},
    };
    for (uint64_t k = 0; k < LISTS; k++) {
        gr_rng choice = gr_rng_make(77, GR_FOR_TEST, 1, k);
        gr_transform list[6];
        int n = (int)gr_rng_below(&choice, 5);
        for (int i = 0; i < n; i++)
            list[i] = POOL[gr_rng_below(&choice, sizeof(POOL) / sizeof(POOL[0]))];
        list[n++] = (gr_transform){.kind = k % 2 ? GR_TRANSFORM_RANDOM_CROP : GR_TRANSFORM_RESIZE, .a = SIDE};
        gr_image image = noise_image(35, 29, k), made;
        int w, h;
        if (gr_transforms_output(list, n, image.width, image.height, &w, &h, NULL) == GR_OK) {
            const gr_augment_key key = {k, 3, 1000 + k};
            through_pipeline(list, n, &image, key, &made, SIDE);
            gr_rng rng = gr_rng_make(key.seed, GR_FOR_AUGMENT, key.epoch, key.sample);
            for (int i = 0; i < n; i++)
                plain_step(&list[i], &image, &rng);
            assert_memory_equal(made.pixels, image.pixels, SIDE * SIDE * 3);
            gr_image_free(&made);
        }
        gr_image_free(&image);
    }
}

static void grey_input_reads_the_mapped_view(void **state)
{
    (void)state;
    static const gr_transform LIST[] = {{.kind = GR_TRANSFORM_BGR, .a = 0, .b = 0},
                                        {.kind = GR_TRANSFORM_BRIGHTNESS, .a = 0.5, .b = 0.5}};
    gr_image image = noise_image(9, 9, 1);
    gr_pipeline *p;
    float out[81];
    assert_int_equal(gr_pipeline_create(LIST, 2, 9, 1, NO_MEAN, BYTE_STD, &p, NULL), GR_OK);
    assert_int_equal(gr_pipeline_apply(p, 0, &image, (gr_augment_key){0}, out, NULL), GR_OK);
    for (int i = 0; i < 81; i++) {
        const uint8_t rgb[3] = {image.pixels[3 * i + 2] / 2, image.pixels[3 * i + 1] / 2, image.pixels[3 * i] / 2};
        assert_int_equal(lrintf(out[i]), gr_luma(rgb));
    }
    gr_pipeline_destroy(p);
    gr_image_free(&image);
}

static void draws_follow_the_key_and_cover_the_range(void **state)
{
    (void)state;
    enum { SIDE = 4, ROUNDS = 400 };
    static const gr_transform LIST[] = {{.kind = GR_TRANSFORM_RANDOM_CROP, .a = SIDE, .b = 0},
                                        {.kind = GR_TRANSFORM_HFLIP, .a = 0.25, .b = 0}};
    gr_image image;
    assert_int_equal(gr_image_make(6, 5, &image, NULL), GR_OK);
    for (int y = 0; y < 5; y++)
        for (int x = 0; x < 6; x++)
            memcpy(image.pixels + (y * 6 + x) * 3, (uint8_t[3]){(uint8_t)x, (uint8_t)y, 0}, 3);
    int places[2][3] = {{0}}, mirrored = 0;
    for (uint64_t k = 0; k < ROUNDS; k++) {
        gr_image made, again;
        through_pipeline(LIST, 2, &image, (gr_augment_key){9, (uint32_t)k / 20, k % 20}, &made, SIDE);
        through_pipeline(LIST, 2, &image, (gr_augment_key){9, (uint32_t)k / 20, k % 20}, &again, SIDE);
        assert_memory_equal(made.pixels, again.pixels, SIDE * SIDE * 3);
        bool mirror = made.pixels[0] > made.pixels[3];
        mirrored += mirror;
        places[made.pixels[1]][mirror ? made.pixels[0] - (SIDE - 1) : made.pixels[0]]++;
        gr_image_free(&made);
        gr_image_free(&again);
    }
    assert_true(mirrored >= ROUNDS / 4 - 40 && mirrored <= ROUNDS / 4 + 40);
    for (int i = 0; i < 6; i++)
        assert_true(places[i / 3][i % 3] >= ROUNDS / 6 - 30 && places[i / 3][i % 3] <= ROUNDS / 6 + 30);
    gr_image_free(&image);
}

/* ---- refusals ---- */

static void assert_refused(gr_status status, gr_error *err, const char *word)
{
    assert_int_equal(status, GR_INVALID);
    if (strstr(err->text, word) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err->text, word);
    *err = (gr_error){0};
}

static void wrong_transforms_are_refused(void **state)
{
    (void)state;
    static const struct {
        gr_transform t;
        const char *word;
    } WRONG[] = {
        {{.kind = GR_TRANSFORM_RESIZE, .a = 0, .b = 0}, "{resize: 0}"},
        {{.kind = GR_TRANSFORM_RESIZE, .a = 2.5, .b = 0}, "whole number"},
        {{.kind = GR_TRANSFORM_RESIZE, .a = 16000, .b = 0}, "at most 10000"},
        {{.kind = GR_TRANSFORM_RANDOM_CROP, .a = -1, .b = 0}, "random_crop"},
        {{.kind = GR_TRANSFORM_CENTER_CROP, .a = 1e30, .b = 0}, "center_crop"},
        {{.kind = GR_TRANSFORM_HFLIP, .a = 1.5, .b = 0}, "from 0 to 1"},
        {{.kind = GR_TRANSFORM_HFLIP, .a = NAN, .b = 0}, "from 0 to 1"},
        {{.kind = GR_TRANSFORM_ROTATE, .a = -1, .b = 0}, "from 0 to 360"},
        {{.kind = GR_TRANSFORM_BRIGHTNESS, .a = 2, .b = 1}, "lo <= hi"},
        {{.kind = GR_TRANSFORM_BRIGHTNESS, .a = 0, .b = INFINITY}, "lo <= hi"},
        {{.kind = GR_TRANSFORM_RANDOM_CROP, .a = 41, .b = 0}, "40 x 60 there"},
        {{.kind = GR_TRANSFORM_CENTER_CROP, .a = 50, .b = 0}, "{resize: 50} before"},
    };
    gr_error err = {0};
    int w, h;
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++)
        assert_refused(gr_transforms_output(&WRONG[i].t, 1, 40, 60, &w, &h, &err), &err, WRONG[i].word);
    static const gr_transform LIST[] = {{.kind = GR_TRANSFORM_RESIZE, .a = 64, .b = 0},
                                        {.kind = GR_TRANSFORM_RANDOM_CROP, .a = 48, .b = 0}};
    assert_int_equal(gr_transforms_output(LIST, 2, 0, 0, &w, &h, &err), GR_OK);
    assert_int_equal(w, 48);
    assert_int_equal(gr_transforms_fixed(LIST, 2), 1);
    assert_refused(gr_transforms_check(LIST, 2, 0, 0, 64, &err), &err, "data.image.size is 64");
    assert_refused(gr_transforms_check(NULL, 0, 40, 60, 64, &err), &err, "40 x 60");
    assert_int_equal(gr_transforms_check(NULL, 0, 0, 0, 64, &err), GR_OK);
    gr_image image = noise_image(70, 70, 2);
    assert_refused(gr_transforms_prepare(LIST, 2, &image, NULL, &err), &err, "random");
    gr_image_free(&image);
    gr_pipeline *p;
    assert_refused(gr_pipeline_create(LIST, 2, 48, 2, NO_MEAN, BYTE_STD, &p, &err), &err, "data.image.channels");
    assert_refused(gr_pipeline_create(LIST, 2, 48, 3, NO_MEAN, NO_MEAN, &p, &err), &err, "data.image.std");
    assert_refused(gr_pipeline_create(LIST, 2, 0, 3, NO_MEAN, BYTE_STD, &p, &err), &err, "data.image.size");
}

static void boxes_are_cut_or_refused(void **state)
{
    (void)state;
    gr_image image = noise_image(20, 10, 3), cut;
    gr_error err = {0};
    assert_int_equal(gr_image_crop(&image, (double[4]){2.4, 1, 5.2, 9}, &cut, &err), GR_OK);
    assert_int_equal(cut.width, 6);
    assert_int_equal(cut.height, 9);
    assert_memory_equal(cut.pixels + 6 * 3, image.pixels + (2 * 20 + 2) * 3, 6 * 3);
    gr_image_free(&cut);
    static const double WRONG[][4] = {{-1, 0, 5, 5},  {0, 0, 21, 5},    {0, 6, 5, 5},
                                      {0, 0, NAN, 5}, {1e300, 0, 1, 1}, {INFINITY, 0, 1, 1}};
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++)
        assert_refused(gr_image_crop(&image, WRONG[i], &cut, &err), &err, "beyond the image");
    assert_refused(gr_image_crop(&image, (double[4]){3, 3, 0, 4}, &cut, &err), &err, "is empty");
    assert_refused(gr_image_crop(&image, (double[4]){3, 3, 4, -2}, &cut, &err), &err, "is empty");
    gr_image_free(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_as_pillow),
        cmocka_unit_test(resizes_as_pillow),
        cmocka_unit_test(transforms_as_torchvision),
        cmocka_unit_test(pipeline_equals_plain_steps),
        cmocka_unit_test(grey_input_reads_the_mapped_view),
        cmocka_unit_test(draws_follow_the_key_and_cover_the_range),
        cmocka_unit_test(wrong_transforms_are_refused),
        cmocka_unit_test(boxes_are_cut_or_refused),
    };
    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
