/* The list of features: as many as there are places for, each once, each inside the window, in OpenCV's order. */
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
#include "fitting/features.h"

typedef struct list {
    gr_cascade_feature *features;
    int64_t count;
} list;

static list list_of(gr_cascade_kind kind, gr_haar_set set, int width, int height)
{
    list l = {0};
    assert_int_equal(gr_features_list(kind, set, width, height, &l.features, &l.count, NULL), GR_OK);
    assert_non_null(l.features);
    return l;
}

/* Sizes of a shape that many units long that fit into a length, each as often as it can be moved. */
static int64_t places(int length, int units)
{
    int64_t all = 0;
    for (int size = units; size <= length; size += units)
        all += length - size + 1;
    return all;
}

/* How often a tilted shape of across x down units fits: as wide as both sides together, as high, too. */
static int64_t tilted_places(int width, int height, int across, int down)
{
    int64_t all = 0;
    for (int w = across; w < width + height; w += across)
        for (int h = down; w + h <= width && w + h <= height; h += down)
            all += (int64_t)(width - w - h + 1) * (height - w - h + 1);
    return all;
}

static void there_are_as_many_as_there_are_places(void **state)
{
    (void)state;
    static const int plain[][2] = {{2, 1}, {1, 2}, {3, 1}, {1, 3}, {2, 2}, {4, 1}, {1, 4}, {3, 3}};
    static const int sizes[][2] = {{24, 24}, {20, 20}, {9, 7}, {4, 11}, {3, 3}, {2, 2}};
    for (int i = 0; i < 6; i++) {
        int64_t basic = 0, core = 0, all = 0;
        int w = sizes[i][0], h = sizes[i][1];
        for (int s = 0; s < 8; s++)
            *(s < 5 ? &basic : &core) += places(w, plain[s][0]) * places(h, plain[s][1]);
        for (int s = 0; s < 8; s++)
            all += plain[s][0] == plain[s][1] ? 0 : tilted_places(w, h, plain[s][0], plain[s][1]);
        const int64_t want[] = {basic, basic + core, basic + core + all};
        for (int set = 0; set < 3; set++) {
            list l = list_of(GR_CASCADE_HAAR, (gr_haar_set)set, w, h);
            assert_int_equal(l.count, want[set]);
            gr_free(l.features);
        }
        list lbp = list_of(GR_CASCADE_LBP, GR_HAAR_ALL, w, h);
        assert_int_equal(lbp.count, places(w, 3) * places(h, 3));
        gr_free(lbp.features);
    }
}

/* What opencv_traincascade says it has. */
static void there_are_as_many_as_opencv_has(void **state)
{
    (void)state;
    list l = list_of(GR_CASCADE_HAAR, GR_HAAR_BASIC, 24, 24);
    assert_int_equal(l.count, 162336);
    gr_free(l.features);
    l = list_of(GR_CASCADE_HAAR, GR_HAAR_BASIC, 20, 20);
    assert_int_equal(l.count, 78460);
    gr_free(l.features);
    l = list_of(GR_CASCADE_LBP, GR_HAAR_BASIC, 24, 24);
    assert_int_equal(l.count, 8464);
    gr_free(l.features);
}

/* The smallest ones that begin at one place, as opencv_traincascade has them: the rectangles behind the first. */
static void shapes_are_opencvs(void **state)
{
    (void)state;
    static const gr_cascade_rect want[14][2] = {{{5, 0, 1, 1, 2}},
                                                {{4, 1, 1, 1, 2}},
                                                {{5, 0, 1, 1, 3}},
                                                {{4, 1, 1, 1, 3}},
                                                {{5, 0, 2, 1, 2}},
                                                {{4, 1, 1, 2, 2}},
                                                {{4, 0, 1, 1, 2}, {5, 1, 1, 1, 2}},
                                                {{5, 1, 1, 1, 9}},
                                                {{4, 0, 1, 1, 2}}, /* tilted from here on */
                                                {{4, 0, 1, 1, 2}},
                                                {{5, 1, 1, 1, 3}},
                                                {{3, 1, 1, 1, 3}},
                                                {{5, 1, 2, 1, 2}},
                                                {{3, 1, 1, 2, 2}}};
    list l = list_of(GR_CASCADE_HAAR, GR_HAAR_ALL, 11, 11);
    int64_t i = 0;
    while (l.features[i].rects[0].x != 4)
        i++;
    for (int s = 0; s < 14; s++, i++) {
        const gr_cascade_feature *f = &l.features[i];
        assert_true(f->tilted == (s >= 8) && f->count == (s == 6 ? 3 : 2));
        assert_true(f->rects[0].x == 4 && f->rects[0].y == 0 && f->rects[0].weight == -1);
        for (int r = 1; r < f->count; r++)
            assert_memory_equal(&f->rects[r], &want[s][r - 1], sizeof f->rects[r]);
    }
    gr_free(l.features);
}

static int in_some_order(const void *pa, const void *pb)
{
    const gr_cascade_feature *a = pa, *b = pb;
    if (a->tilted != b->tilted || a->count != b->count)
        return 2 * (a->count - b->count) + a->tilted - b->tilted;
    return memcmp(a->rects, b->rects, (size_t)a->count * sizeof *a->rects);
}

static void none_is_there_twice_and_all_go_from_left_to_right(void **state)
{
    (void)state;
    list l = list_of(GR_CASCADE_HAAR, GR_HAAR_ALL, 10, 8);
    for (int64_t i = 1; i < l.count; i++) {
        const gr_cascade_rect *a = &l.features[i - 1].rects[0], *b = &l.features[i].rects[0];
        assert_true(b->x > a->x || (b->x == a->x && b->y >= a->y));
    }
    qsort(l.features, (size_t)l.count, sizeof *l.features, in_some_order);
    for (int64_t i = 1; i < l.count; i++)
        assert_true(in_some_order(&l.features[i - 1], &l.features[i]) != 0);
    gr_free(l.features);
}

/* Every feature is one that a cascade may have, and of an even picture it is 0. */
static void all_are_inside_and_balanced(void **state)
{
    (void)state;
    list l = list_of(GR_CASCADE_HAAR, GR_HAAR_ALL, 9, 7);
    gr_cascade_node *nodes = gr_alloc((size_t)l.count, sizeof *nodes);
    gr_cascade_tree *trees = gr_alloc((size_t)l.count, sizeof *trees);
    float *leaves = gr_alloc(2 * (size_t)l.count, sizeof *leaves);
    int64_t tilted = 0;
    for (int64_t i = 0; i < l.count; i++) {
        nodes[i] = (gr_cascade_node){.right = -1, .feature = (int)i};
        trees[i] = (gr_cascade_tree){i, 1};
        tilted += l.features[i].tilted;
        float sum = 0;
        for (int r = 0; r < l.features[i].count; r++)
            sum += l.features[i].rects[r].weight * (float)(l.features[i].rects[r].width * l.features[i].rects[r].height);
        assert_true(sum == 0);
    }
    gr_cascade_stage stage = {0, l.count, 0};
    gr_cascade c = {GR_CASCADE_HAAR, 9, 7, 1, l.count, l.count, l.count, &stage, trees, nodes, leaves, l.features};
    gr_error err = {0};
    if (gr_cascade_check(&c, &err) != GR_OK)
        fail_msg("%s", err.text);
    assert_true(tilted > 50);
    gr_free(nodes);
    gr_free(trees);
    gr_free(leaves);
    gr_free(l.features);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_are_as_many_as_there_are_places), cmocka_unit_test(there_are_as_many_as_opencv_has),
        cmocka_unit_test(shapes_are_opencvs), cmocka_unit_test(none_is_there_twice_and_all_go_from_left_to_right),
        cmocka_unit_test(all_are_inside_and_balanced)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
