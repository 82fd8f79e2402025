/* What is cut out of pictures, against the formula written down plainly. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fitting/patches.h"
#include "unit/fitting/scenes.h"

static int clamped(int i, int length)
{
    return i < 0 ? 0 : i > length - 1 ? length - 1 : i;
}

static double pixel(const gr_grey *g, int x, int y)
{
    return g->pixels[clamped(y, g->height) * g->width + clamped(x, g->width)];
}

/* Bilinear in between the middles of pixels. */
static double plain(const gr_grey *g, double u, double v)
{
    int x = (int)floor(u), y = (int)floor(v);
    double a = u - x, b = v - y;
    return (pixel(g, x, y) * (1 - a) + pixel(g, x + 1, y) * a) * (1 - b) +
           (pixel(g, x, y + 1) * (1 - a) + pixel(g, x + 1, y + 1) * a) * b;
}

static void draws_as_the_formula_says(void **state)
{
    (void)state;
    scenes s;
    gr_grey g;
    make_scenes(&s);
    assert_int_equal(read_scene(&s, 1, &g, NULL), GR_OK);
    const gr_box boxes[] = {{0, 0, SCENE_WIDTH, SCENE_HEIGHT},
                            {10.3, 7.8, 33.1, 21.7},
                            {-9.5, -3.2, 30, 30},
                            {80, 60, 40, 40},
                            {20, 20, 1, 1},
                            {-50, -50, 10, 10}};
    enum { W = 13, H = 9 };
    uint8_t drawn[W * H], mirrored[W * H];
    for (int b = 0; b < 6; b++) {
        gr_patch_draw(&g, &boxes[b], W, H, false, drawn);
        gr_patch_draw(&g, &boxes[b], W, H, true, mirrored);
        for (int y = 0; y < H; y++)
            for (int x = 0; x < W; x++) {
                double want = plain(&g, boxes[b].x + (x + 0.5) * boxes[b].width / W - 0.5,
                                    boxes[b].y + (y + 0.5) * boxes[b].height / H - 0.5);
                assert_true(fabs(drawn[y * W + x] - want) <= 0.5 + 1e-9);
                assert_int_equal(mirrored[y * W + W - 1 - x], drawn[y * W + x]);
            }
    }
    gr_patch_draw(&g, &(gr_box){4, 5, W, H}, W, H, false, drawn); /* pixel for pixel */
    for (int y = 0; y < H; y++)
        assert_memory_equal(drawn + y * W, g.pixels + (y + 5) * SCENE_WIDTH + 4, W);
    gr_grey_free(&g);
}

/* A box's first patch is the box, then its mirror image, then copies near it; the same for any number of threads. */
static void boxes_stand_in_their_order(void **state)
{
    (void)state;
    scenes s;
    gr_patches all[2];
    gr_error err = {0};
    enum { SIDE = 12, SIZE = SIDE * SIDE, COPIES = 3, EACH = 2 * COPIES };
    gr_patch_options o = {SIDE, SIDE, COPIES, true, 5};
    make_scenes(&s);
    for (int i = 0; i < 2; i++) {
        gr_threads_set(i + 1);
        assert_int_equal(gr_patches_of_boxes(&s.pictures, &o, &all[i], &err), GR_OK);
        assert_int_equal(all[i].count, s.first[SCENES] * EACH);
    }
    assert_memory_equal(all[0].pixels, all[1].pixels, (size_t)all[0].count * SIZE);
    for (int64_t p = 0; p < SCENES; p++)
        for (int64_t b = s.first[p]; b < s.first[p + 1]; b++) {
            gr_grey g;
            uint8_t drawn[SIZE];
            const uint8_t *of = all[0].pixels + b * EACH * SIZE;
            assert_int_equal(read_scene(&s, p, &g, &err), GR_OK);
            gr_patch_draw(&g, &s.boxes[b], SIDE, SIDE, false, drawn);
            assert_memory_equal(of, drawn, SIZE);
            for (int c = 0; c < COPIES; c++) {
                double off = 0;
                for (int i = 0; i < SIZE; i++) {
                    assert_int_equal(of[2 * c * SIZE + i], of[(2 * c + 1) * SIZE + i / SIDE * SIDE + SIDE - 1 - i % SIDE]);
                    off += fabs((double)of[2 * c * SIZE + i] - drawn[i]) / SIZE;
                }
                assert_true(c == 0 ? off == 0 : off > 0);
            }
            gr_grey_free(&g);
        }
    gr_patches_free(&all[0]);
    gr_patches_free(&all[1]);
    assert_null(all[0].pixels);
    o.mirror = false;
    o.copies = 1;
    assert_int_equal(gr_patches_of_boxes(&s.pictures, &o, &all[0], &err), GR_OK);
    assert_int_equal(all[0].count, s.first[SCENES]);
    gr_patches_free(&all[0]);
}

/* Copies are moved by a twentieth of the window and grown by a tenth at most: of a picture that says where its pixels are.
 */
static gr_status read_ramp(void *ctx, int64_t index, gr_grey *out, gr_error *err)
{
    (void)ctx;
    (void)err;
    *out = (gr_grey){200, 200, gr_alloc(200 * 200 + 64, 1)};
    for (int i = 0; i < 200 * 200; i++)
        out->pixels[i] = (uint8_t)(index == 0 ? i % 200 : i / 200);
    return GR_OK;
}

static void copies_stay_near(void **state)
{
    (void)state;
    enum { COPIES = 200 };
    const int64_t first[] = {0, 1, 2};
    const gr_box boxes[] = {{60, 60, 80, 80}, {60, 60, 80, 80}};
    gr_fit_pictures p = {2, first, boxes, read_ramp, NULL};
    gr_patch_options o = {8, 8, COPIES, false, 3};
    gr_patches out;
    assert_int_equal(gr_patches_of_boxes(&p, &o, &out, NULL), GR_OK);
    for (int axis = 0; axis < 2; axis++) {
        int least = 255, most = 0, narrow = 255, wide = 0;
        for (int c = 1; c < COPIES; c++) {
            const uint8_t *of = out.pixels + (axis * COPIES + c) * 64;
            int low = of[0], length = of[63] - of[0]; /* 7/8 of the side */
            least = low < least ? low : least;
            most = low > most ? low : most;
            narrow = length < narrow ? length : narrow;
            wide = length > wide ? length : wide;
        }
        assert_true(narrow >= 62 && narrow <= 65 && wide >= 75 && wide <= 78); /* 63 to 77 */
        assert_true(least >= 64 - 8 && least <= 60 && most >= 69 && most <= 64 + 9);
    }
    gr_patches_free(&out);
}

static gr_status refuse(void *ctx, int64_t index, gr_grey *out, gr_error *err)
{
    (void)out;
    return index < 3 ? read_scene(ctx, index, out, err) : gr_fail(err, GR_INVALID, "p%lld.png: is broken", (long long)index);
}

static void nothing_is_left_of_a_failure(void **state)
{
    (void)state;
    scenes s;
    gr_patches out;
    gr_error err = {0};
    gr_patch_options o = {12, 12, 1, false, 5};
    make_scenes(&s);
    s.pictures.read = refuse;
    assert_int_equal(gr_patches_of_boxes(&s.pictures, &o, &out, &err), GR_INVALID);
    assert_string_equal(err.text, "p3.png: is broken");
    assert_null(out.pixels);
    assert_int_equal(out.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(draws_as_the_formula_says),
                                       cmocka_unit_test(boxes_stand_in_their_order), cmocka_unit_test(copies_stay_near),
                                       cmocka_unit_test(nothing_is_left_of_a_failure)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
