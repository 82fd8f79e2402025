/* A cascade learns a mark, finds it, and is the same however it came about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "detect/found.h"
#include "fitting/cascade_fit.h"
#include "support/folder.h"
#include "unit/fitting/scenes.h"

static gr_cascade_plan plan_of(gr_cascade_kind kind, const char *boosting)
{
    return (gr_cascade_plan){.kind = kind,
                             .haar = GR_HAAR_BASIC,
                             .window = {12, 12, 4, true, 5},
                             .boost = {gr_boosting_find(boosting), 0.99, 0.4, 30, 1 << 24},
                             .negatives = {.most = 300, .scale = 1.2},
                             .stages = 4};
}

typedef struct notes {
    int64_t stages, stop_at;
    double false_alarm;
} notes;

static gr_status note(void *ctx, const gr_cascade *cascade, const gr_stage_report *report, gr_error *err)
{
    notes *n = ctx;
    assert_int_equal(report->stage, cascade->stage_count - 1);
    assert_true(report->boosted.hit_rate >= 0.98);
    n->stages++;
    n->false_alarm = report->boosted.false_alarm;
    return n->stages == n->stop_at ? gr_fail(err, GR_INTERRUPTED, "stop") : GR_OK;
}

static char *text_of(const gr_cascade *c)
{
    gr_error err = {0};
    char *text = NULL;
    size_t size;
    char path[TEST_TEMP];
    assert_non_null(test_temp_file(path, "cascade", ""));
    if (gr_cascade_write(path, c, &err) != GR_OK || gr_file_read(path, 1 << 24, &text, &size, &err) != GR_OK)
        fail_msg("%s", err.text);
    remove(path);
    return text;
}

static char *fitted(const gr_cascade_plan *plan, int threads, int64_t stop_at)
{
    scenes s;
    gr_error err = {0};
    gr_cascade c = {0};
    notes n = {.stop_at = stop_at};
    make_scenes(&s);
    gr_threads_set(threads);
    gr_status status = gr_cascade_fit(&s.pictures, plan, note, &n, &c, &err);
    if (stop_at > 0) {
        assert_int_equal(status, GR_INTERRUPTED);
        assert_int_equal(c.stage_count, stop_at);
        err = (gr_error){0};
        n.stop_at = 0;
        status = gr_cascade_fit(&s.pictures, plan, note, &n, &c, &err);
    }
    if (status != GR_OK)
        fail_msg("%s", err.text);
    assert_true(n.false_alarm <= 0.4);
    char *text = text_of(&c);
    gr_cascade_free(&c);
    return text;
}

static void is_the_same_however_it_is_made(void **state)
{
    (void)state;
    const gr_cascade_kind kinds[] = {GR_CASCADE_HAAR, GR_CASCADE_HAAR, GR_CASCADE_LBP};
    const char *boostings[] = {"gentle", "discrete", "gentle"};
    for (int i = 0; i < 3; i++) {
        gr_cascade_plan plan = plan_of(kinds[i], boostings[i]), tight = plan;
        tight.boost.memory = 100000;
        char *one = fitted(&plan, 1, 0), *two = fitted(&plan, 2, 0), *again = fitted(&plan, 2, 2),
             *small = fitted(&tight, 2, 0);
        assert_string_equal(one, two);
        assert_string_equal(one, again);
        assert_string_equal(one, small);
        gr_free(one);
        gr_free(two);
        gr_free(again);
        gr_free(small);
    }
}

/* Pictures that it has not seen: those that other places and sizes make. */
static void finds_marks(void **state)
{
    (void)state;
    scenes s;
    gr_error err = {0};
    make_scenes(&s);
    for (int kind = 0; kind < 2; kind++) {
        gr_cascade_plan plan = plan_of(kind == 0 ? GR_CASCADE_HAAR : GR_CASCADE_LBP, "gentle");
        plan.stages = 8;
        plan.negatives.most = 600;
        plan.window.copies = 8;
        gr_cascade c = {0};
        notes n = {0};
        int64_t hits = 0, wrong = 0;
        scenes learnt = s;
        learnt.pictures = (gr_fit_pictures){SCENES - 4, learnt.first, learnt.boxes, read_scene, &learnt};
        if (gr_cascade_fit(&learnt.pictures, &plan, note, &n, &c, &err) != GR_OK)
            fail_msg("%s", err.text);
        char path[TEST_TEMP];
        assert_non_null(test_temp_file(path, "cascade", ".xml"));
        gr_finder *finder = NULL;
        gr_detect_options o = gr_detect_defaults();
        o.neighbours = 2;
        if (gr_cascade_write(path, &c, &err) != GR_OK || gr_finder_open(path, &o, &finder, &err) != GR_OK)
            fail_msg("%s", err.text);
        for (int i = 0; i < SCENES; i++) {
            gr_grey grey;
            gr_found_list found = {0};
            assert_int_equal(read_scene(&s, i, &grey, &err), GR_OK);
            gr_image image;
            assert_int_equal(gr_image_make(grey.width, grey.height, &image, &err), GR_OK);
            for (int p = 0; p < grey.width * grey.height; p++)
                memset(image.pixels + 3 * p, grey.pixels[p], 3);
            assert_int_equal(gr_finder_find(finder, &image, &found, &err), GR_OK);
            for (int64_t b = 0; b < found.count; b++) {
                gr_box box = {found.boxes[b].x, found.boxes[b].y, found.boxes[b].width, found.boxes[b].height};
                bool hit = gr_fit_overlaps(&s.pictures, i, &box, 0.5);
                hits += hit;
                wrong += !hit;
            }
            gr_found_free(&found);
            gr_image_free(&image);
            gr_grey_free(&grey);
        }
        printf("kind %d: %lld of %lld, %lld wrong\n", kind, (long long)hits, (long long)s.first[SCENES], (long long)wrong);
        assert_true(hits >= 13);
        assert_true(wrong <= 10);
        gr_finder_close(finder);
        gr_cascade_free(&c);
        remove(path);
    }
}

static void says_what_is_missing(void **state)
{
    (void)state;
    scenes s;
    gr_error err = {0};
    gr_cascade c = {0};
    make_scenes(&s);
    memset(s.first, 0, sizeof s.first);
    gr_cascade_plan plan = plan_of(GR_CASCADE_HAAR, "gentle");
    assert_int_equal(gr_cascade_fit(&s.pictures, &plan, note, NULL, &c, &err), GR_INVALID);
    assert_string_equal(err.text, "there is no box to learn from");
    err = (gr_error){0};
    make_scenes(&s);
    for (int i = 0; i < SCENES; i++)
        s.boxes[i] = (gr_box){0, 0, SCENE_WIDTH, SCENE_HEIGHT};
    for (int i = 0; i <= SCENES; i++)
        s.first[i] = i;
    assert_int_equal(gr_cascade_fit(&s.pictures, &plan, note, NULL, &c, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "have 0 windows of 12 x 12 beside the boxes"));
    gr_cascade_free(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(says_what_is_missing), cmocka_unit_test(finds_marks),
                                       cmocka_unit_test(is_the_same_however_it_is_made)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
