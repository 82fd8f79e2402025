/* Distances of images against scikit-learn's LedoitWolf (tests/parity/make_likeness.py), and what a file keeps. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "learners/likeness.h"
#include "support/folder.h"

enum { MOST = 64, WIDTH = 12 };

static double scratch[MOST + WIDTH];

static void equals_scikit_learn(void **state)
{
    (void)state;
    FILE *file = fopen("tests/parity/likeness/cases.txt", "rb");
    assert_non_null(file);
    int n, width, others, cases = 0;
    double shrinkage;
    for (; fscanf(file, "%d %d %d %lf", &n, &width, &others, &shrinkage) == 4; cases++) {
        float x[MOST * WIDTH];
        assert_true(n + others <= MOST && width <= WIDTH);
        gr_likeness likeness;
        gr_error err = {0};
        for (int i = 0; i < n * width; i++)
            assert_int_equal(fscanf(file, "%f", &x[i]), 1);
        assert_int_equal(gr_likeness_make(x, n, width, x, 1, &likeness, &err), GR_OK);
        assert_true(fabs(likeness.shrinkage - shrinkage) <= 1e-6 * shrinkage + 1e-12);
        for (int i = 0; i < others; i++) {
            double distance;
            float z[WIDTH];
            for (int k = 0; k < width; k++)
                assert_int_equal(fscanf(file, "%f", &z[k]), 1);
            assert_int_equal(fscanf(file, "%lf", &distance), 1);
            assert_true(fabs(gr_likeness_distance(&likeness, z, scratch) - distance) <= 1e-6 * distance);
        }
        gr_likeness_free(&likeness);
    }
    assert_int_equal(cases, 4);
    fclose(file);
}

static void comes_back(void **state)
{
    (void)state;
    enum { N = 5, FEATURES = 3, HELD = 4 };
    const float x[N * FEATURES] = {1, 2, 3, 2, 4, 1, 0, 1, 5, 3, 3, 3, 1, 0, 2},
                held[HELD * FEATURES] = {1, 1, 1, 4, 4, 4, 2, 2, 3, 9, 0, 1}, z[FEATURES] = {7, 8, 9};
    char path[TEST_TEMP];
    gr_likeness made, read;
    gr_error err = {0};
    assert_non_null(test_temp_file(path, "likeness", ""));
    assert_int_equal(gr_likeness_make(x, N, FEATURES, held, HELD, &made, &err), GR_OK);
    float most = 0;
    for (int i = 0; i < HELD; i++)
        most = fmaxf(most, made.held[i]);
    assert_true(made.limit > 0.9 * (double)most && made.limit <= (double)most);
    assert_int_equal(gr_likeness_write(path, &made, &err), GR_OK);
    assert_int_equal(gr_likeness_read(path, &read, &err), GR_OK);
    assert_true(read.limit == made.limit);
    assert_true(gr_likeness_distance(&read, z, scratch) == gr_likeness_distance(&made, z, scratch));
    gr_likeness_free(&made);
    gr_likeness_free(&read);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("no tensors", file);
    fclose(file);
    assert_int_equal(gr_likeness_read(path, &read, &err), GR_INVALID);
    assert_null(read.features);
    unlink(path);
}

static void blind(void **state)
{
    (void)state;
    const float x[6] = {1, 2, 1, 2, 1, 2};
    gr_likeness likeness;
    gr_error err = {0};
    assert_int_equal(gr_likeness_make(x, 3, 2, x, 1, &likeness, &err), GR_INVALID);
    assert_null(likeness.features);
}

static void pools(void **state)
{
    (void)state;
    const float values[6] = {1, 10, 2, 20, 6, 60};
    float to[2];
    gr_likeness_pool(values, 3, 2, to);
    assert_true(to[0] == 3 && to[1] == 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_scikit_learn), cmocka_unit_test(comes_back),
                                       cmocka_unit_test(blind), cmocka_unit_test(pools)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
