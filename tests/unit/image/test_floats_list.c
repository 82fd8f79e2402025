/* Pipelines whose pixels are not rounded: TensorFlow's resize and what may stand behind it. */
#include "support/support.h"
#include "image/floats.h"
#include "image/resizers.h"

#include <math.h>
#include <string.h>

enum { W = 23, H = 17, SIDE = 11, CROP = 7 };

static void picture(gr_image *out)
{
    gr_error err = {0};
    assert_int_equal(gr_image_make(W, H, out, &err), GR_OK);
    for (int i = 0; i < W * H * 3; i++)
        out->pixels[i] = (uint8_t)((i * 37 + i / 5) % 256);
}

/* The pipeline's numbers are those of the resize, cropped, mirrored, with channels exchanged, and not those of bytes. */
static void nothing_is_rounded(void **state)
{
    (void)state;
    const gr_transform list[] = {{.kind = GR_TRANSFORM_RESIZE, .a = SIDE, .c = GR_LIKE_TF},
                                 {.kind = GR_TRANSFORM_CENTER_CROP, .a = CROP},
                                 {.kind = GR_TRANSFORM_HFLIP, .a = 1},
                                 {.kind = GR_TRANSFORM_BGR}};
    const float mean[3] = {0.5f, 0.4f, 0.3f}, std[3] = {0.5f, 0.25f, 0.125f};
    gr_image in;
    gr_pipeline *pipeline;
    gr_error err = {0};
    static float got[CROP * CROP * 3], from[W * H * 3], want[SIDE * SIDE * 3];
    picture(&in);
    assert_int_equal(gr_transforms_fixed(list, 4), 0);
    assert_int_equal(gr_pipeline_create(list, 4, CROP, 3, mean, std, &pipeline, &err), GR_OK);
    assert_int_equal(gr_pipeline_apply(pipeline, 0, &in, (gr_augment_key){1, 0, 0}, got, &err), GR_OK);
    for (int i = 0; i < W * H * 3; i++)
        from[i] = in.pixels[i];
    assert_int_equal(gr_floats_resize_tf(from, W, H, SIDE, SIDE, GR_FILTER_BILINEAR, false, want, &err), GR_OK);
    int whole = 0;
    for (int y = 0; y < CROP; y++)
        for (int x = 0; x < CROP; x++)
            for (int c = 0; c < 3; c++) {
                float value = want[3 * ((y + 2) * SIDE + 2 + CROP - 1 - x) + 2 - c];
                whole += value == floorf(value);
                assert_true(fabsf(got[3 * (y * CROP + x) + c] - (value / 255.0f - mean[c]) / std[c]) < 1e-6f);
            }
    assert_true(whole < CROP * CROP * 3 / 2);
    gr_map map = gr_pipeline_map(pipeline);
    double to[2];
    gr_map_point(&map, W / 2.0, H / 2.0, to);
    assert_true(fabs(to[0] - CROP / 2.0) < 1e-9 && fabs(to[1] - CROP / 2.0) < 1e-9);
    gr_pipeline_destroy(pipeline);
    gr_image_free(&in);
}

static void bytes_cannot_follow(void **state)
{
    (void)state;
    const gr_transform list[] = {{.kind = GR_TRANSFORM_KERAS_GENERATOR}, {.kind = GR_TRANSFORM_GRAYSCALE}};
    gr_transform only = list[0];
    gr_error err = {0};
    int w, h;
    only.more[GR_GENERATOR_ZOOM_LOW] = only.more[GR_GENERATOR_ZOOM_HIGH] = 1;
    const gr_transform both[] = {only, list[1]};
    assert_int_equal(gr_transforms_output(&only, 1, 8, 8, &w, &h, &err), GR_OK);
    assert_int_equal(gr_transforms_output(both, 2, 8, 8, &w, &h, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "{grayscale} stands behind {keras_generator}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_rounded),
        cmocka_unit_test(bytes_cannot_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
