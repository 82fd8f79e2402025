/* Boxes on their way into maps and back: a rectangle is drawn, the picture goes through transforms, and the maps' box must
 * be where the light is; perfect maps give the boxes back. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "grimace/loader.h"
#include "learners/box_targets.h"
#include "support/folder.h"

enum { WIDTH = 120, HEIGHT = 90, SIDE = 64, CELLS = 16, KINDS = 3 };

static const gr_shape shape = {.rank = 4, .dim = {1, CELLS, CELLS, 5 * KINDS}};
static float maps[CELLS * CELLS * 5 * KINDS];
static const char *const kinds[KINDS] = {"face", "eye_left", "eye_right"};

static void fill(const gr_marked_box *marks, int64_t count, const gr_origin *origin)
{
    const int64_t marked[] = {0, count};
    const gr_manifest m = {.rows = 1, .marked = marked, .marks = marks, .kind_count = KINDS, .kinds = kinds};
    gr_arena *arena = gr_arena_create();
    gr_box_targets boxes;
    gr_error err = {0};
    gr_status status = gr_box_targets_open(&m, arena, &boxes, &err);
    assert_true(status == GR_OK || strstr(err.text, "no row has a box of the kind") != NULL);
    assert_int_equal(boxes.partner[0], 0);
    assert_int_equal(boxes.partner[1], 2);
    assert_int_equal(boxes.partner[2], 1);
    gr_box_targets_fill(&boxes, 0, origin, SIDE, &shape, maps);
    gr_arena_destroy(arena);
}

/* Targets as a network would say them: heats as logits. */
static void answer(const gr_origin *origin, gr_kind_box *out, int64_t *count)
{
    float said[GR_BOX_ANSWER];
    for (int64_t i = 0; i < CELLS * CELLS * 5 * KINDS; i++)
        maps[i] = i % (5 * KINDS) < KINDS ? (maps[i] == 1.0f ? 4.0f
                                             : maps[i] > 0   ? -1.0f
                                                             : -9.0f)
                  : isnan(maps[i])        ? 0.0f
                                          : maps[i];
    gr_box_maps_read(maps, &shape, origin, SIDE, said);
    *count = gr_box_answer_get(said, out);
}

static void boxes_come_back(void **state)
{
    (void)state;
    gr_origin origin = {.width = WIDTH, .height = HEIGHT, .map = {.xx = (double)SIDE / WIDTH, .yy = (double)SIDE / HEIGHT}};
    const gr_marked_box marks[] = {{{10, 20, 40, 30}, 0}, {{70, 30, 30, 45}, 0}, {{20, 25, 5, 4}, 1}, {{-8, 5, 12, 10}, 2}};
    gr_kind_box found[GR_BOXES_MOST];
    int64_t count;
    fill(marks, 4, &origin);
    answer(&origin, found, &count);
    int64_t sure = 0;
    for (int64_t i = 0; i < count; i++) {
        double best = 0;
        for (int k = 0; k < 4; k++) {
            const gr_box *b = &marks[k].box;
            double left = fmax(b->x, 0);
            gr_plain_box truth = {left, b->y, b->x + b->width - left, b->height};
            if (marks[k].kind == found[i].kind)
                best = fmax(best, gr_box_iou(&truth, &found[i].box));
        }
        if (found[i].score > 0.9) {
            assert_true(best > 0.999);
            sure++;
        }
    }
    assert_int_equal(sure, 4);
}

/* ---- through transforms ---- */

static char folder[TEST_TEMP], picture[300];

static int make_folder(void **state)
{
    (void)state;
    if (test_temp_folder(folder, "boxes") == NULL)
        return 1;
    snprintf(picture, sizeof picture, "%s/box.png", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(picture);
    return rmdir(folder);
}

static void draw(const gr_box *b)
{
    gr_image image;
    assert_int_equal(gr_image_make(WIDTH, HEIGHT, &image, NULL), GR_OK);
    memset(image.pixels, 0, 3 * WIDTH * HEIGHT);
    for (int y = (int)b->y; y < (int)(b->y + b->height); y++)
        memset(image.pixels + 3 * (y * WIDTH + (int)b->x), 255, 3 * (size_t)b->width);
    assert_int_equal(gr_png_write(picture, &image, NULL), GR_OK);
    gr_image_free(&image);
}

/* The upright rectangle around the light. */
static gr_plain_box lit(const float *pixels)
{
    int left = SIDE, top = SIDE, right = -1, bottom = -1;
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++)
            if (pixels[3 * (y * SIDE + x)] > 127) {
                left = x < left ? x : left;
                right = x > right ? x : right;
                top = y < top ? y : top;
                bottom = y > bottom ? y : bottom;
            }
    return right < 0 ? (gr_plain_box){0} : (gr_plain_box){left, top, right + 1 - left, bottom + 1 - top};
}

static void boxes_move_with_their_picture(void **state)
{
    (void)state;
    static const gr_transform lists[][4] = {
        {{.kind = GR_TRANSFORM_RESIZE, .a = SIDE}},
        {{.kind = GR_TRANSFORM_RESIZE, .a = SIDE}, {.kind = GR_TRANSFORM_HFLIP, .a = 1}},
        {{.kind = GR_TRANSFORM_RESIZE, .a = 80}, {.kind = GR_TRANSFORM_RANDOM_CROP, .a = SIDE}},
        {{.kind = GR_TRANSFORM_RESIZE, .a = SIDE}, {.kind = GR_TRANSFORM_ROTATE, .a = 20}},
        {{.kind = GR_TRANSFORM_HFLIP, .a = 1},
         {.kind = GR_TRANSFORM_CENTER_CROP, .a = 88},
         {.kind = GR_TRANSFORM_RESIZE, .a = SIDE}}};
    const int lengths[] = {1, 2, 2, 2, 3};
    int seen = 0;
    for (int k = 0; k < 60; k++) {
        gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 3, (uint64_t)k);
        const gr_marked_box mark = {{10 + (double)gr_rng_below(&rng, 50), 8 + (double)gr_rng_below(&rng, 40),
                                     24 + (double)gr_rng_below(&rng, 20), 20 + (double)gr_rng_below(&rng, 16)},
                                    1};
        draw(&mark.box);
        gr_sample sample = {.path = picture};
        gr_loader_options o = {.samples = &sample,
                               .count = 1,
                               .size = SIDE,
                               .channels = 3,
                               .transforms = lists[k % 5],
                               .transform_count = lengths[k % 5],
                               .seed = (uint64_t)k,
                               .threads = 1};
        for (int c = 0; c < 3; c++)
            o.std[c] = 1 / 255.0f;
        gr_loader *loader;
        const float *pixels;
        int64_t n, order = 0;
        gr_error err = {0};
        if (gr_loader_create(&o, &loader, &err) != GR_OK)
            fail_msg("%s", err.text);
        assert_int_equal(gr_loader_start(loader, 0, &order, 1, 1, false, &err), GR_OK);
        assert_int_equal(gr_loader_next(loader, &pixels, NULL, &n, &err), GR_OK);
        gr_origin origin = *gr_loader_origins(loader);
        gr_plain_box light = lit(pixels);
        fill(&mark, 1, &origin);
        bool mirrored = gr_map_mirrors(&origin.map);
        for (int64_t cell = 0; cell < CELLS * CELLS; cell++) {
            const float *at = maps + cell * 5 * KINDS, *four = at + KINDS + 4 * (mirrored ? 2 : 1);
            if (at[mirrored ? 2 : 1] != 1.0f)
                continue;
            const double pixel = (double)SIDE / CELLS;
            double w = exp((double)four[2]) * pixel, h = exp((double)four[3]) * pixel;
            double x = ((double)(cell % CELLS) + 0.5 + (double)four[0]) * pixel,
                   y = ((double)(cell / CELLS) + 0.5 + (double)four[1]) * pixel;
            gr_plain_box said = {x - w / 2, y - h / 2, w, h};
            if (!(gr_box_iou(&said, &light) > 0.85))
                fail_msg("%d: said %g %g %g %g, light %g %g %g %g", k, said.x, said.y, said.width, said.height, light.x,
                         light.y, light.width, light.height);
            seen++;
        }
        gr_loader_destroy(loader);
    }
    assert_true(seen > 50);
}

static void refusals(void **state)
{
    (void)state;
    const int64_t marked[] = {0, 1}, lines[] = {7};
    const gr_marked_box mark = {{200, 5, 10, 10}, 0};
    const char *const image[] = {"a.png"}, *const one[] = {"face"};
    const gr_manifest m = {.path = "m.csv",
                           .rows = 1,
                           .marked = marked,
                           .marks = &mark,
                           .kind_count = 1,
                           .kinds = one,
                           .lines = lines,
                           .images = image};
    gr_arena *arena = gr_arena_create();
    gr_box_targets boxes;
    gr_error err = {0};
    assert_int_equal(gr_box_targets_open(&m, arena, &boxes, &err), GR_OK);
    const gr_manifest none = {.path = "m.csv", .rows = 1, .marked = (const int64_t[]){0, 0}, .kind_count = 1, .kinds = one};
    assert_int_equal(gr_box_targets_open(&none, arena, &boxes, &err), GR_INVALID);
    gr_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(boxes_come_back), cmocka_unit_test(boxes_move_with_their_picture),
                                       cmocka_unit_test(refusals)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
