/* Every window that passes, with its pixels and its place in the picture. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "detect/shrink.h"
#include "detect/visit.h"

enum { WIDTH = 61, HEIGHT = 47 };

static gr_grey noise(int width, int height)
{
    gr_grey g = {width, height, gr_alloc((size_t)width * (size_t)height + 64, 1)};
    gr_rng rng = gr_rng_make(5, GR_FOR_TEST, 0, 0);
    for (int i = 0; i < width * height; i++)
        g.pixels[i] = (uint8_t)gr_rng_below(&rng, 256);
    return g;
}

typedef struct notes {
    const gr_grey *grey;
    gr_grey small; /* the level under way */
    float scale;
    int64_t count, stop_at;
    int x, y; /* of the last window, in the level */
} notes;

/* The window's pixels are those of the smaller picture in a place that its box says, and windows come row by row. */
static gr_status compare(void *ctx, const gr_visited *w, gr_error *err)
{
    notes *n = ctx;
    uint8_t pixels[10 * 8];
    if (n->stop_at > 0 && n->count == n->stop_at)
        return gr_fail(err, GR_INTERRUPTED, "enough");
    if (w->level->scale != n->scale) {
        assert_true(w->level->scale > n->scale);
        gr_grey_free(&n->small);
        assert_int_equal(gr_shrink_all(n->grey, w->level, &n->small, NULL), GR_OK);
        n->scale = w->level->scale;
        n->x = n->y = -1;
    }
    n->count++;
    assert_int_equal(w->box.width, lrintf(10 * n->scale));
    assert_int_equal(w->box.height, lrintf(8 * n->scale));
    int step = w->level->step, x = n->x + step, y = n->y;
    if (n->y < 0 || x >= w->level->columns) {
        x = 0;
        y = n->y < 0 ? 0 : n->y + step;
    }
    n->x = x;
    n->y = y;
    assert_int_equal(w->box.x, lrintf((float)x * n->scale));
    assert_int_equal(w->box.y, lrintf((float)y * n->scale));
    gr_visited_pixels(w, pixels);
    for (int v = 0; v < 8; v++)
        assert_memory_equal(pixels + 10 * v, n->small.pixels + (y + v) * n->small.width + x, 10);
    return GR_OK;
}

static const gr_cascade_stage all_pass = {.threshold = -1};

static gr_cascade everything(gr_cascade_kind kind)
{
    return (gr_cascade){
        .kind = kind, .width = 10, .height = 8, .stage_count = 1, .stages = (gr_cascade_stage *)(uintptr_t)&all_pass};
}

static void all_windows_are_visited(void **state)
{
    (void)state;
    gr_grey g = noise(WIDTH, HEIGHT);
    gr_detect_options o = {.scale = 1.3};
    for (int kind = 0; kind < 2; kind++) {
        gr_cascade c = everything(kind == 0 ? GR_CASCADE_HAAR : GR_CASCADE_LBP);
        gr_level *levels;
        int64_t count, want = 0, seen = 5;
        notes n = {.grey = &g};
        assert_int_equal(gr_cascade_visit(&c, &g, &o, compare, &n, &seen, NULL), GR_OK);
        assert_int_equal(gr_levels(10, 8, WIDTH, HEIGHT, &o, &levels, &count, NULL), GR_OK);
        assert_true(count > 5);
        for (int64_t i = 0; i < count; i++)
            for (int y = 0; y < levels[i].rows; y += levels[i].step)
                for (int x = 0; x < levels[i].columns; x += levels[i].step)
                    want++;
        assert_int_equal(n.count, want);
        assert_int_equal(seen, want + 5); /* added to what was there */
        gr_free(levels);
        gr_grey_free(&n.small);
    }
    gr_grey_free(&g);
}

/* What a cascade's only feature says of the window's pixels: is it brighter on the right? */
static gr_status bright_on_the_right(void *ctx, const gr_visited *w, gr_error *err)
{
    int64_t *count = ctx;
    uint8_t pixels[10 * 8];
    int sides[2] = {0, 0};
    (void)err;
    gr_visited_pixels(w, pixels);
    for (int i = 0; i < 80; i++)
        sides[i % 10 >= 5] += pixels[i];
    assert_true(sides[1] > sides[0]);
    ++*count;
    return GR_OK;
}

static void stages_are_asked(void **state)
{
    (void)state;
    gr_grey g = noise(WIDTH, HEIGHT);
    gr_cascade_feature feature = {.count = 2, .rects = {{0, 0, 10, 8, -1}, {5, 0, 5, 8, 2}}};
    gr_cascade_node node = {.left = 0, .right = -1, .threshold = 1e-6f};
    gr_cascade_tree tree = {0, 1};
    float leaves[2] = {-1, 1};
    gr_cascade_stage stage = {0, 1, 0.5f};
    gr_cascade c = {GR_CASCADE_HAAR, 10, 8, 1, 1, 1, 1, &stage, &tree, &node, leaves, &feature};
    gr_detect_options o = {.scale = 1.3};
    int64_t passed = 0, seen = 0;
    assert_int_equal(gr_cascade_visit(&c, &g, &o, bright_on_the_right, &passed, &seen, NULL), GR_OK);
    assert_true(passed > seen / 5 && passed < seen * 4 / 5);
    stage.threshold = 2; /* more than any tree says */
    passed = 0;
    assert_int_equal(gr_cascade_visit(&c, &g, &o, bright_on_the_right, &passed, NULL, NULL), GR_OK);
    assert_int_equal(passed, 0);
    gr_grey_free(&g);
}

static void a_visitor_may_end_it(void **state)
{
    (void)state;
    gr_grey g = noise(WIDTH, HEIGHT);
    gr_cascade c = everything(GR_CASCADE_LBP);
    gr_error err = {0};
    notes n = {.grey = &g, .stop_at = 40};
    assert_int_equal(gr_cascade_visit(&c, &g, &(gr_detect_options){.scale = 1.3}, compare, &n, NULL, &err), GR_INTERRUPTED);
    assert_string_equal(err.text, "enough");
    assert_int_equal(n.count, 40);
    gr_grey_free(&n.small);
    gr_grey_free(&g);
}

static void small_pictures_have_no_windows(void **state)
{
    (void)state;
    static const int sizes[][2] = {{9, 47}, {61, 7}, {1, 1}};
    gr_cascade c = everything(GR_CASCADE_HAAR);
    for (int i = 0; i < 3; i++) {
        gr_grey g = noise(sizes[i][0], sizes[i][1]);
        notes n = {.grey = &g};
        int64_t seen = 0;
        assert_int_equal(gr_cascade_visit(&c, &g, &(gr_detect_options){.scale = 1.3}, compare, &n, &seen, NULL), GR_OK);
        assert_true(seen == 0 && n.count == 0);
        gr_grey_free(&g);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(all_windows_are_visited), cmocka_unit_test(stages_are_asked),
                                       cmocka_unit_test(a_visitor_may_end_it),
                                       cmocka_unit_test(small_pictures_have_no_windows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
