/* Which windows are drawn beside boxes: of all that a search sees, those that random numbers of their own pick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/visit.h"
#include "fitting/harvest.h"
#include "unit/fitting/scenes.h"

enum { SIDE = 12, SIZE = SIDE * SIDE, FEW = 6, ALL = 100000 };

static const gr_cascade everything = {.kind = GR_CASCADE_LBP, .width = SIDE, .height = SIDE};

static gr_patches draw(const scenes *s, const gr_cascade *c, gr_harvest_options o, gr_harvest_count *count)
{
    gr_patches out;
    gr_error err = {0};
    if (gr_harvest(&s->pictures, c, &o, &out, count, &err) != GR_OK)
        fail_msg("%s", err.text);
    return out;
}

typedef struct seen {
    const scenes *s;
    int64_t index, count;
    double overlap;
    uint8_t *pixels; /* [ALL, SIZE] */
} seen;

static gr_status note(void *ctx, const gr_visited *w, gr_error *err)
{
    seen *v = ctx;
    (void)err;
    for (int64_t b = v->s->first[v->index]; b < v->s->first[v->index + 1]; b++) {
        const gr_box *box = &v->s->boxes[b];
        double left = box->x > w->box.x ? box->x : w->box.x, top = box->y > w->box.y ? box->y : w->box.y;
        double right = box->x + box->width, bottom = box->y + box->height;
        right = right < w->box.x + w->box.width ? right : w->box.x + w->box.width;
        bottom = bottom < w->box.y + w->box.height ? bottom : w->box.y + w->box.height;
        double both = right > left && bottom > top ? (right - left) * (bottom - top) : 0;
        if (both / (box->width * box->height + w->box.width * (double)w->box.height - both) > v->overlap)
            return GR_OK;
    }
    assert_true(v->count < ALL);
    gr_visited_pixels(w, v->pixels + v->count++ * SIZE);
    return GR_OK;
}

static int by_pixels(const void *a, const void *b)
{
    return memcmp(a, b, SIZE);
}

/* With room for all, it is the very windows of a search that overlap no box by more than is allowed. */
static void all_are_those_of_a_search(void **state)
{
    (void)state;
    scenes s;
    make_scenes(&s);
    for (int i = 0; i < 2; i++) {
        gr_harvest_options o = {.most = ALL, .overlap = i * 0.3, .scale = 1.2, .seed = 3};
        gr_cascade_stage stage = {.threshold = -1};
        gr_cascade all = everything;
        all.stages = &stage;
        all.stage_count = 1;
        seen v = {.s = &s, .overlap = o.overlap, .pixels = gr_alloc(ALL, SIZE)};
        int64_t looked = 0;
        s.pictures.count = FEW;
        for (v.index = 0; v.index < FEW; v.index++) {
            gr_grey g;
            assert_int_equal(read_scene(&s, v.index, &g, NULL), GR_OK);
            assert_int_equal(gr_cascade_visit(&all, &g, &(gr_detect_options){.scale = o.scale}, note, &v, &looked, NULL),
                             GR_OK);
            gr_grey_free(&g);
        }
        gr_harvest_count count;
        gr_patches out = draw(&s, &everything, o, &count);
        assert_int_equal(out.count, v.count);
        assert_int_equal(count.seen, looked);
        assert_true(count.passed > v.count); /* those on boxes passed, too */
        qsort(v.pixels, (size_t)v.count, SIZE, by_pixels);
        qsort(out.pixels, (size_t)out.count, SIZE, by_pixels);
        assert_memory_equal(out.pixels, v.pixels, (size_t)v.count * SIZE);
        gr_patches_free(&out);
        gr_free(v.pixels);
    }
}

/* Who wants fewer gets the beginning of what who wants more gets, with any number of threads. */
static void fewer_are_the_first_of_more(void **state)
{
    (void)state;
    scenes s;
    gr_harvest_count count;
    gr_harvest_options o = {.most = 3000, .scale = 1.2, .seed = 3};
    make_scenes(&s);
    gr_patches most = draw(&s, &everything, o, &count);
    assert_int_equal(most.count, 3000);
    for (int threads = 1; threads < 5; threads++)
        for (o.most = 1; o.most <= 3000; o.most = 4 * o.most + 19) {
            gr_threads_set(threads);
            gr_patches some = draw(&s, &everything, o, &count);
            assert_int_equal(some.count, o.most);
            assert_memory_equal(some.pixels, most.pixels, (size_t)some.count * SIZE);
            gr_patches_free(&some);
        }
    gr_patches_free(&most);
}

static bool same(const gr_patches *a, const gr_patches *b)
{
    return a->count == b->count && memcmp(a->pixels, b->pixels, (size_t)a->count * SIZE) == 0;
}

static void rounds_and_seeds_draw_anew(void **state)
{
    (void)state;
    scenes s;
    gr_harvest_count count;
    make_scenes(&s);
    const gr_harvest_options o[] = {{200, 0, 1.2, 3, 0}, {200, 0, 1.2, 3, 1}, {200, 0, 1.2, 4, 0}};
    gr_patches drawn[3];
    for (int i = 0; i < 3; i++)
        drawn[i] = draw(&s, &everything, o[i], &count);
    assert_false(same(&drawn[0], &drawn[1]) || same(&drawn[0], &drawn[2]) || same(&drawn[1], &drawn[2]));
    for (int i = 0; i < 3; i++)
        gr_patches_free(&drawn[i]);
}

/* Windows of all sizes have the same chance: pictures without boxes of two greys, three quarters of whose windows are dark.
 */
static gr_status read_even(void *ctx, int64_t index, gr_grey *out, gr_error *err)
{
    (void)ctx;
    (void)err;
    *out = (gr_grey){SCENE_WIDTH, SCENE_HEIGHT, gr_alloc(SCENE_WIDTH * SCENE_HEIGHT + 64, 1)};
    memset(out->pixels, index % 4 == 0 ? 200 : 50, SCENE_WIDTH * SCENE_HEIGHT);
    return GR_OK;
}

static void each_has_the_same_chance(void **state)
{
    (void)state;
    scenes s;
    gr_harvest_count count;
    make_scenes(&s);
    memset(s.first, 0, sizeof s.first);
    s.pictures.read = read_even;
    gr_patches out = draw(&s, &everything, (gr_harvest_options){.most = 2000, .scale = 1.2, .seed = 8}, &count);
    int64_t light = 0;
    for (int64_t i = 0; i < out.count; i++)
        light += out.pixels[i * SIZE] == 200;
    assert_true(light >= 500 - 80 && light <= 500 + 80); /* four standard deviations of 19.4 */
    assert_int_equal(count.passed, count.seen);
    gr_patches_free(&out);
}

static gr_status refuse(void *ctx, int64_t index, gr_grey *out, gr_error *err)
{
    return index != 5 ? read_scene(ctx, index, out, err) : gr_fail(err, GR_INVALID, "p5.png: is broken");
}

static void a_broken_picture_is_told(void **state)
{
    (void)state;
    scenes s;
    gr_error err = {0};
    gr_patches out;
    gr_harvest_count count;
    make_scenes(&s);
    s.pictures.read = refuse;
    gr_harvest_options o = {.most = 100, .scale = 1.2};
    assert_int_equal(gr_harvest(&s.pictures, &everything, &o, &out, &count, &err), GR_INVALID);
    assert_string_equal(err.text, "p5.png: is broken");
    assert_null(out.pixels);
}

/* Boxes that take up all of every picture leave nothing beside them: none, which is no failure. */
static void there_may_be_none(void **state)
{
    (void)state;
    scenes s;
    gr_harvest_count count;
    make_scenes(&s);
    for (int i = 0; i <= SCENES; i++)
        s.first[i] = i;
    for (int i = 0; i < SCENES; i++)
        s.boxes[i] = (gr_box){0, 0, SCENE_WIDTH, SCENE_HEIGHT};
    gr_patches out = draw(&s, &everything, (gr_harvest_options){.most = 100, .scale = 1.2}, &count);
    assert_int_equal(out.count, 0);
    assert_true(count.seen > 10000);
    gr_patches_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_are_those_of_a_search),  cmocka_unit_test(fewer_are_the_first_of_more),
        cmocka_unit_test(rounds_and_seeds_draw_anew), cmocka_unit_test(each_has_the_same_chance),
        cmocka_unit_test(a_broken_picture_is_told),   cmocka_unit_test(there_may_be_none)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
