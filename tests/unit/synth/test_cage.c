/* Cage scenes: boxes lie on what they name, what hides a face hides its parts, cages hold their rats, the same request gives
 * the same bytes. */
#include <setjmp.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/base.h"
#include "grimace/cage.h"

enum { W = 320, H = 240 };
typedef uint8_t picture[H][W][3];

static gr_error failure;

/* A white rat that looks at the camera from the middle of the picture. */
static gr_cage_view one_rat(void)
{
    gr_cage_view view = {.cage = 1, .session = 1, .index = 1, .frame = -1, .rats = 1};
    view.rat[0] = (gr_cage_rat){.animal = 1, .params = gr_synth_neutral(), .x = 0.5f, .y = 0.4f, .size = 0.15f};
    view.place = view.rat[0].params.session;
    view.place.horizon = 0.4f;
    view.camera = gr_synth_neutral();
    view.camera.noise = 0.01f;
    return view;
}

static void render(const gr_cage_view *view, picture rgb, gr_cage_truth *truth)
{
    failure = (gr_error){0};
    assert_int_equal(gr_cage_render(view, W, H, &rgb[0][0][0], truth, &failure), GR_OK);
}

static float brightness(picture rgb, const gr_cage_box *box)
{
    long sum = 0, count = 0;
    for (int y = (int)(box->y + 0.3f * box->h); y < (int)(box->y + 0.7f * box->h); y++)
        for (int x = (int)(box->x + 0.3f * box->w); x < (int)(box->x + 0.7f * box->w); x++, count++)
            sum += rgb[y][x][1];
    assert_true(count > 0);
    return (float)sum / (float)count;
}

static bool inside(const gr_cage_box *a, const gr_cage_box *b)
{
    return a->x >= b->x && a->y >= b->y && a->x + a->w <= b->x + b->w && a->y + a->h <= b->y + b->h;
}

static void boxes_lie_on_what_they_name(void **state)
{
    (void)state;
    static picture rgb;
    gr_cage_truth truth[GR_CAGE_RATS];
    gr_cage_view view = one_rat();
    render(&view, rgb, truth);
    const gr_cage_box *box = truth[0].box;
    for (int part = 0; part < GR_CAGE_PARTS; part++) {
        assert_true(box[part].seen);
        assert_true(inside(&box[part], &box[GR_CAGE_FACE]));
    }
    assert_true(truth[0].open > 0.97f);
    /* The animal's left is on the right of the picture; ears above eyes above the nose. */
    assert_true(box[GR_CAGE_EYE_LEFT].x > box[GR_CAGE_EYE_RIGHT].x && box[GR_CAGE_EAR_LEFT].x > box[GR_CAGE_EAR_RIGHT].x);
    assert_true(box[GR_CAGE_EAR_LEFT].y + box[GR_CAGE_EAR_LEFT].h < box[GR_CAGE_EYE_LEFT].y + box[GR_CAGE_EYE_LEFT].h);
    assert_true(box[GR_CAGE_EYE_LEFT].y < box[GR_CAGE_NOSE].y);
    /* Eyes of a white rat are dark, its face is not. */
    assert_true(brightness(rgb, &box[GR_CAGE_EYE_LEFT]) + 40 < brightness(rgb, &box[GR_CAGE_FACE]));
    /* About 1.45 half heads wide, around the middle. */
    assert_true(fabsf(box[0].w - 1.45f * 0.15f * W) < 0.35f * 0.15f * W);
    assert_true(fabsf(box[0].x + 0.5f * box[0].w - 0.5f * W) < 6);
}

static void screens_hide(void **state)
{
    (void)state;
    static picture rgb, plain;
    gr_cage_truth open[GR_CAGE_RATS], truth[GR_CAGE_RATS];
    gr_cage_view view = one_rat();
    render(&view, plain, open);
    for (int screen = GR_CAGE_BEDDING; screen <= GR_CAGE_SHELTER; screen++) {
        view.rat[0].screen = (gr_cage_screen)screen;
        view.rat[0].edge = 0.06f;
        render(&view, rgb, truth);
        assert_true(truth[0].open < 0.85f && truth[0].open > 0.35f);
        assert_memory_equal(&truth[0].box[GR_CAGE_FACE], &open[0].box[GR_CAGE_FACE], sizeof(gr_cage_box));
        bool side = screen == GR_CAGE_SHELTER; /* hides the animal's left, else what is below the eyes */
        assert_true(side || !truth[0].box[GR_CAGE_NOSE].seen);
        assert_true(truth[0].box[GR_CAGE_EYE_RIGHT].seen && truth[0].box[GR_CAGE_EAR_RIGHT].seen);
        assert_int_equal(truth[0].box[GR_CAGE_EYE_LEFT].seen, !side);
        assert_int_equal(truth[0].box[GR_CAGE_EAR_LEFT].seen, !side);
    }
    /* One rat right before another one. */
    view = one_rat();
    view.rats = 2;
    view.rat[1] = view.rat[0];
    view.rat[1].animal = 2;
    view.rat[1].size = 0.25f;
    render(&view, rgb, truth);
    assert_false(truth[0].box[GR_CAGE_FACE].seen);
    assert_true(truth[1].box[GR_CAGE_FACE].seen);
    /* Its back is no face. */
    view = one_rat();
    view.rat[0].params.yaw = 170;
    render(&view, rgb, truth);
    for (int part = 0; part < GR_CAGE_PARTS; part++)
        assert_false(truth[0].box[part].seen);
    /* Bars are seen in front of everything. */
    view = one_rat();
    view.front_bars = true;
    render(&view, rgb, truth);
    assert_true(truth[0].open < open[0].open && truth[0].box[GR_CAGE_FACE].seen);
    assert_memory_not_equal(rgb, plain, sizeof(rgb));
}

static void plans_house_rats(void **state)
{
    (void)state;
    gr_cage_options options = {.seed = 7, .animals = 8, .images = 100};
    gr_cage_plan plan;
    assert_int_equal(gr_cage_plan_make(&options, &plan, &failure), GR_OK);
    assert_int_equal(plan.count, 300);
    assert_int_equal(plan.width, 640);
    assert_int_equal(plan.height, 480);
    int rats[GR_CAGE_RATS + 1] = {0}, screens[4] = {0}, away = 0;
    for (int i = 0; i < plan.count; i++) {
        const gr_cage_view *view = &plan.views[i];
        rats[view->rats]++;
        for (int k = 0; k < view->rats; k++) {
            const gr_cage_rat *rat = &view->rat[k];
            assert_int_equal((rat->animal - 1) / GR_CAGE_RATS + 1, view->cage);
            assert_true(rat->animal >= 1 && rat->animal <= 8);
            assert_true(k == 0 || view->rat[k - 1].y <= rat->y);
            assert_int_equal(rat->score, gr_synth_score(rat->level));
            for (int other = 0; other < k; other++)
                assert_int_not_equal(view->rat[other].animal, rat->animal);
            screens[rat->screen]++;
            away += fabsf(rat->params.yaw) > 100;
        }
    }
    for (int i = 0; i < 4; i++)
        assert_true(rats[i] > 15 && screens[i] > 15);
    assert_true(away > 20);
    gr_cage_plan_free(&plan);
    const gr_cage_options wrong[] = {{.width = 127}, {.width = 130},  {.animals = 1001},
                                     {.images = -1}, {.seconds = -1}, {.rate = 61}};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        failure = (gr_error){0};
        assert_int_equal(gr_cage_plan_make(&wrong[i], &plan, &failure), GR_INVALID);
    }
}

static void films_move_one_rat(void **state)
{
    (void)state;
    gr_cage_options options = {.seed = 7, .animals = 3, .images = 6, .seconds = 2};
    gr_cage_plan plan;
    assert_int_equal(gr_cage_plan_make(&options, &plan, &failure), GR_OK);
    assert_int_equal(plan.frames, 10);
    assert_int_equal(plan.count, 60);
    int painful[4] = {0};
    for (int i = 0; i < plan.count; i += plan.frames) {
        const gr_cage_rat *first = &plan.views[i].rat[0];
        painful[first->animal] += first->score > 0 ? 1 : 100;
        for (int f = 0; f < plan.frames; f++) {
            const gr_cage_view *view = &plan.views[i + f];
            assert_int_equal(view->rats, 1);
            assert_int_equal(view->frame, f);
            assert_int_equal(view->rat[0].animal, first->animal);
            assert_memory_equal(view->rat[0].params.au, first->params.au, sizeof(first->params.au));
            assert_true(f == 0 || view->rat[0].params.yaw != plan.views[i + f - 1].rat[0].params.yaw);
        }
    }
    for (int animal = 1; animal <= 3; animal++)
        assert_int_equal(painful[animal], 101); /* a film with pain, one without */
    gr_cage_plan_free(&plan);
}

static void the_same_bytes(void **state)
{
    (void)state;
    static picture a, b;
    gr_cage_truth ta[GR_CAGE_RATS] = {0}, tb[GR_CAGE_RATS] = {0};
    gr_cage_view view = one_rat();
    view.rats = 2;
    view.rat[1] = view.rat[0];
    view.rat[1].x = 0.8f;
    render(&view, a, ta);
    render(&view, b, tb);
    assert_memory_equal(a, b, sizeof(a));
    assert_memory_equal(ta, tb, sizeof(ta));
    view.camera.seed++;
    render(&view, b, tb);
    assert_memory_not_equal(a, b, sizeof(a));
    assert_memory_equal(ta, tb, sizeof(ta)); /* another grain, the same scene */
    view.rat[0].size = 2;
    assert_int_equal(gr_cage_render(&view, W, H, &a[0][0][0], ta, &failure), GR_INVALID);
    assert_int_equal(gr_cage_render(&view, 32, H, &a[0][0][0], ta, &failure), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(boxes_lie_on_what_they_name), cmocka_unit_test(screens_hide),
                                       cmocka_unit_test(plans_house_rats), cmocka_unit_test(films_move_one_rat),
                                       cmocka_unit_test(the_same_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
