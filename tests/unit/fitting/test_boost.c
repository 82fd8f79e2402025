/* A stage: what it says of itself holds, its first tree is the best there is, and it ends where it has to. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fitting/boost.h"
#include "fitting/features.h"
#include "unit/fitting/noise.h"

enum { SIDE = 7, POSITIVE = 60, NEGATIVE = 90, WINDOWS = POSITIVE + NEGATIVE };

typedef struct given {
    gr_patches lists[2];
    gr_samples samples;
    gr_cascade_feature *features;
    int64_t count;
    gr_cascade cascade;
    gr_boosted out;
} given;

/* `by`: how much darker than the right half the left one of the positives is. */
static given make_given(gr_cascade_kind kind, int by)
{
    given g = {.lists = {make_noise(SIDE, SIDE, POSITIVE, 1, by), make_noise(SIDE, SIDE, NEGATIVE, 2, 0)}};
    assert_int_equal(gr_samples_make(kind, false, &g.lists[0], &g.lists[1], &g.samples, NULL), GR_OK);
    assert_int_equal(gr_features_list(kind, GR_HAAR_BASIC, SIDE, SIDE, &g.features, &g.count, NULL), GR_OK);
    g.cascade = (gr_cascade){.kind = kind, .width = SIDE, .height = SIDE};
    return g;
}

static void free_given(given *g)
{
    gr_free(g->features);
    gr_samples_free(&g->samples);
    gr_patches_free(&g->lists[0]);
    gr_patches_free(&g->lists[1]);
    gr_cascade_free(&g->cascade);
}

static void add_stage(given *g, const char *boosting, double hit_rate, double false_alarm, int trees)
{
    gr_error err = {0};
    gr_boost_options o = {gr_boosting_find(boosting), hit_rate, false_alarm, trees, 1 << 22};
    if (gr_boost_stage(&g->samples, g->features, g->count, &o, &g->cascade, &g->out, &err) != GR_OK)
        fail_msg("%s", err.text);
}

/* The rates that it tells are those of the cascade that it made. */
static void rates_are_those_of_the_cascade(void **state)
{
    (void)state;
    const char *boostings[] = {"gentle", "discrete"};
    for (int i = 0; i < 4; i++) {
        given g = make_given(i / 2 == 0 ? GR_CASCADE_HAAR : GR_CASCADE_LBP, 15);
        bool pass[WINDOWS];
        int64_t through[2] = {0, 0};
        add_stage(&g, boostings[i % 2], 0.9, 0.2, 100);
        memset(pass, 1, sizeof pass);
        assert_int_equal(gr_samples_pass(&g.samples, &g.cascade, 0, pass, NULL, NULL), GR_OK);
        for (int w = 0; w < WINDOWS; w++)
            through[w >= POSITIVE] += pass[w];
        assert_true(g.out.hit_rate == (double)through[0] / POSITIVE && g.out.hit_rate >= 0.9);
        assert_true(g.out.false_alarm == (double)through[1] / NEGATIVE && g.out.false_alarm <= 0.2);
        assert_int_equal(g.out.trees, g.cascade.tree_count);
        assert_true(g.out.trees > 1);
        gr_error err = {0};
        if (gr_cascade_check(&g.cascade, &err) != GR_OK)
            fail_msg("%s", err.text);
        free_given(&g);
    }
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The least error of any threshold of any feature, where both kinds of window weigh the same. */
static double least_error(const given *g)
{
    float values[256], sorted[256];
    double best = 1;
    for (int64_t f = 0; f < g->count; f++) {
        gr_samples_haar(&g->samples, &g->features[f], values);
        memcpy(sorted, values, sizeof sorted);
        qsort(sorted, WINDOWS, sizeof *sorted, by_value);
        for (int t = 0; t < WINDOWS; t++) {
            double wrong = 0; /* of: what is below is a negative */
            for (int w = 0; w < WINDOWS; w++)
                wrong += (values[w] < sorted[t]) == (w < POSITIVE) ? 0.5 / (w < POSITIVE ? POSITIVE : NEGATIVE) : 0;
            best = fmin(best, fmin(wrong, 1 - wrong));
        }
    }
    return best;
}

static void the_first_tree_errs_least(void **state)
{
    (void)state;
    given g = make_given(GR_CASCADE_HAAR, 15);
    float values[256];
    add_stage(&g, "discrete", 0.9, 0, 1);
    assert_int_equal(g.cascade.tree_count, 1);
    const gr_cascade_node *n = &g.cascade.nodes[0];
    double wrong = 0;
    gr_samples_haar(&g.samples, &g.cascade.features[n->feature], values);
    for (int w = 0; w < WINDOWS; w++)
        wrong += (g.cascade.leaves[values[w] < n->threshold ? 0 : 1] > 0) != (w < POSITIVE)
                     ? 0.5 / (w < POSITIVE ? POSITIVE : NEGATIVE)
                     : 0;
    double least = least_error(&g), vote = 0.5 * log((1 - wrong) / wrong);
    assert_true(least > 0.02 && least < 0.3);
    assert_true(wrong >= least - 1e-6 && wrong <= least + 0.02); /* features are compared by their bins */
    assert_true(fabs(fabs((double)g.cascade.leaves[0]) - vote) < 1e-4);
    assert_true(g.cascade.leaves[0] == -g.cascade.leaves[1]);
    free_given(&g);
}

static void a_stage_ends_with_its_trees(void **state)
{
    (void)state;
    given g = make_given(GR_CASCADE_HAAR, 5);
    add_stage(&g, "gentle", 0.999, 0, 3);
    assert_int_equal(g.out.trees, 3);
    add_stage(&g, "gentle", 0.999, 1, 3); /* any rate will do: one tree */
    assert_int_equal(g.out.trees, 1);
    assert_int_equal(g.cascade.stage_count, 2);
    assert_int_equal(g.cascade.stages[1].first_tree, 3);
    assert_int_equal(g.cascade.tree_count, 4);
    free_given(&g);
}

/* Where both kinds are the same windows no tree says anything. */
static void it_ends_where_nothing_can_be_told(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++) {
        given g = make_given(kind == 0 ? GR_CASCADE_HAAR : GR_CASCADE_LBP, 0);
        gr_samples_free(&g.samples);
        memset(g.lists[0].pixels, 77, POSITIVE * SIDE * SIDE);
        memset(g.lists[1].pixels, 77, NEGATIVE * SIDE * SIDE);
        assert_int_equal(gr_samples_make(g.cascade.kind, false, &g.lists[0], &g.lists[1], &g.samples, NULL), GR_OK);
        add_stage(&g, "gentle", 0.9, 0.1, 50);
        assert_int_equal(g.out.trees, 1);
        free_given(&g);
    }
}

/* A feature that several trees ask stands in the cascade once; stages before are left as they were. */
static void features_stand_once(void **state)
{
    (void)state;
    given g = make_given(GR_CASCADE_HAAR, 20);
    g.count = 3;
    add_stage(&g, "gentle", 1, 0, 20);
    int64_t first = g.cascade.tree_count;
    gr_cascade_node kept = g.cascade.nodes[0];
    assert_true(first > 3);
    assert_true(g.cascade.feature_count <= 3);
    add_stage(&g, "gentle", 1, 0, 20);
    assert_true(g.cascade.feature_count <= 3);
    assert_memory_equal(&g.cascade.nodes[0], &kept, sizeof kept);
    for (int64_t i = 0; i < g.cascade.feature_count; i++)
        for (int64_t j = 0; j < i; j++)
            assert_true(
                memcmp(g.cascade.features[i].rects, g.cascade.features[j].rects, sizeof g.cascade.features[i].rects) != 0);
    free_given(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_those_of_the_cascade), cmocka_unit_test(the_first_tree_errs_least),
        cmocka_unit_test(a_stage_ends_with_its_trees), cmocka_unit_test(it_ends_where_nothing_can_be_told),
        cmocka_unit_test(features_stand_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
