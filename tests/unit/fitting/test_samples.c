/* What a sample answers is what a search answers about the same window, to the bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/visit.h"
#include "fitting/features.h"
#include "fitting/harvest.h"
#include "fitting/samples.h"
#include "unit/fitting/scenes.h"

typedef struct seen {
    gr_patches patches;
    int64_t room;
} seen;

static gr_status keep(void *ctx, const gr_visited *window, gr_error *err)
{
    seen *s = ctx;
    (void)err;
    if (s->patches.count < s->room)
        gr_visited_pixels(window, s->patches.pixels + s->patches.count++ * s->patches.width * s->patches.height);
    return GR_OK;
}

/* Of all windows of a picture, those pass that a search finds: counted, and as many of the found ones pass. */
static void answers_as_a_search(void **state)
{
    (void)state;
    const char *names[] = {"haar", "tilted", "lbp"};
    scenes s;
    gr_error err = {0};
    gr_grey grey = {0};
    make_scenes(&s);
    assert_int_equal(read_scene(&s, 0, &grey, &err), GR_OK);
    for (int i = 0; i < 3; i++) {
        char path[80];
        gr_cascade c;
        snprintf(path, sizeof path, "tests/parity/detect/%s.xml", names[i]);
        if (gr_cascade_read(path, &c, &err) != GR_OK)
            fail_msg("%s", err.text);
        gr_detect_options o = {.scale = 1.1};
        enum { ROOM = 20000 };
        gr_cascade_stage nothing = {.threshold = -1};
        gr_cascade all = {.kind = c.kind, .width = c.width, .height = c.height, .stage_count = 1, .stages = &nothing};
        size_t size = (size_t)c.width * (size_t)c.height;
        seen found = {{c.width, c.height, 0, gr_alloc(ROOM, size)}, ROOM},
             any = {{c.width, c.height, 0, gr_alloc(ROOM, size)}, ROOM};
        int64_t looked = 0;
        assert_int_equal(gr_cascade_visit(&c, &grey, &o, keep, &found, &looked, &err), GR_OK);
        assert_int_equal(gr_cascade_visit(&all, &grey, &o, keep, &any, NULL, &err), GR_OK);
        assert_true(looked > 1000);
        assert_true(found.patches.count > 10);
        gr_samples samples;
        bool *pass = gr_alloc(2 * ROOM, sizeof *pass);
        memset(pass, 1, 2 * ROOM);
        assert_int_equal(gr_samples_make(c.kind, i == 1, &found.patches, &any.patches, &samples, &err), GR_OK);
        assert_int_equal(gr_samples_pass(&samples, &c, 0, pass, NULL, &err), GR_OK);
        int64_t passed[2] = {0, 0};
        for (int64_t p = 0; p < samples.count; p++)
            passed[p >= samples.positives] += pass[p];
        assert_int_equal(passed[0], found.patches.count);
        assert_true(passed[1] >= found.patches.count); /* a search leaves some windows out */
        assert_true(passed[1] < any.patches.count);
        gr_samples_free(&samples);
        gr_free(pass);
        gr_patches_free(&found.patches);
        gr_patches_free(&any.patches);
        gr_cascade_free(&c);
    }
    gr_grey_free(&grey);
}

/* opencv_traincascade's numbers of features (BASIC, CORE, ALL of 24 x 24 are known: 162,336; 20 x 20 BASIC 78,460). */
static void there_are_as_many_features(void **state)
{
    (void)state;
    const struct {
        gr_cascade_kind kind;
        gr_haar_set set;
        int side;
        int64_t count;
    } known[] = {{GR_CASCADE_HAAR, GR_HAAR_BASIC, 24, 162336},
                 {GR_CASCADE_HAAR, GR_HAAR_BASIC, 20, 78460},
                 {GR_CASCADE_LBP, GR_HAAR_BASIC, 24, 8464}};
    for (int i = 0; i < 3; i++) {
        gr_cascade_feature *features = NULL;
        int64_t count = 0;
        assert_int_equal(
            gr_features_list(known[i].kind, known[i].set, known[i].side, known[i].side, &features, &count, NULL), GR_OK);
        assert_int_equal(count, known[i].count);
        gr_free(features);
    }
}

/* Every feature is one that a cascade may have. */
static void features_are_inside(void **state)
{
    (void)state;
    gr_cascade_feature *features = NULL;
    int64_t count = 0;
    assert_int_equal(gr_features_list(GR_CASCADE_HAAR, GR_HAAR_ALL, 9, 7, &features, &count, NULL), GR_OK);
    gr_cascade_node *nodes = gr_alloc((size_t)count, sizeof *nodes);
    gr_cascade_tree *trees = gr_alloc((size_t)count, sizeof *trees);
    float *leaves = gr_alloc(2 * (size_t)count, sizeof *leaves);
    int64_t tilted = 0;
    for (int64_t i = 0; i < count; i++) {
        nodes[i] = (gr_cascade_node){.right = -1, .feature = (int)i};
        trees[i] = (gr_cascade_tree){i, 1};
        tilted += features[i].tilted;
        float sum = 0;
        for (int r = 0; r < features[i].count; r++)
            sum += features[i].rects[r].weight * (float)(features[i].rects[r].width * features[i].rects[r].height);
        assert_true(sum == 0); /* of an even picture it is 0 */
    }
    gr_cascade_stage stage = {0, count, 0};
    gr_cascade c = {GR_CASCADE_HAAR, 9, 7, 1, count, count, count, &stage, trees, nodes, leaves, features};
    gr_error err = {0};
    if (gr_cascade_check(&c, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(tilted > 50);
    gr_free(nodes);
    gr_free(trees);
    gr_free(leaves);
    gr_free(features);
}

/* Drawn windows touch no box, and are the same for any number of threads. */
static void harvests_beside_boxes(void **state)
{
    (void)state;
    scenes s;
    gr_error err = {0};
    gr_patches drawn[2];
    gr_harvest_count count;
    gr_cascade all = {.kind = GR_CASCADE_LBP, .width = 12, .height = 12};
    gr_harvest_options o = {.most = 500, .scale = 1.2, .seed = 3};
    make_scenes(&s);
    for (int i = 0; i < 2; i++) {
        gr_threads_set(i + 1);
        assert_int_equal(gr_harvest(&s.pictures, &all, &o, &drawn[i], &count, &err), GR_OK);
        assert_int_equal(drawn[i].count, 500);
    }
    assert_memory_equal(drawn[0].pixels, drawn[1].pixels, 500 * 144);
    assert_true(count.seen >= count.passed && count.passed > 10000);
    gr_patches_free(&drawn[0]);
    gr_patches_free(&drawn[1]);
    for (int i = 0; i < SCENES; i++) /* all is box */
        s.boxes[s.first[i] < SCENES ? s.first[i] : 0] = (gr_box){0, 0, SCENE_WIDTH, SCENE_HEIGHT};
    gr_box box = {3, 3, 10, 10};
    assert_true(gr_fit_overlaps(&s.pictures, 0, &box, 0));
    assert_false(gr_fit_overlaps(&s.pictures, 0, &box, 0.3));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers_as_a_search), cmocka_unit_test(there_are_as_many_features),
                                       cmocka_unit_test(features_are_inside), cmocka_unit_test(harvests_beside_boxes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
