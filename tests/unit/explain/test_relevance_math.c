#include "explain/relevance_math.h"

#include "support/support.h"

static void division_conserves_stabilizes_or_is_safe(void **state)
{
    (void)state;
    const float r[4] = {6.0f, -4.0f, 3.0f, 0.0f}, y[4] = {1.0f, -1.0f, 0.0f, 2.0f};
    float z[4] = {2.0f, -2.0f, 0.0f, 0.0f}, s[4];
    assert_false(gr_relevance_divide(4, GR_DIVIDE_STABILIZED, 1.0, GR_SIDE_ALL, NULL, r, z, s));
    assert_memory_equal(s, ((float[]){2.0f, 4.0f / 3.0f, 3.0f, 0.0f}), sizeof s);
    gr_relevance_divide(4, GR_DIVIDE_STABILIZED, 1.0, GR_SIDE_ABOVE, y, r, z, s);
    assert_memory_equal(s, ((float[]){2.0f, 0.0f, 0.0f, 0.0f}), sizeof s);
    gr_relevance_divide(4, GR_DIVIDE_STABILIZED, 1.0, GR_SIDE_BELOW, y, r, z, s);
    assert_memory_equal(s, ((float[]){0.0f, 4.0f / 3.0f, 0.0f, 0.0f}), sizeof s);
    gr_relevance_divide(4, GR_DIVIDE_SAFE, 0.0, GR_SIDE_ALL, NULL, r, z, s);
    assert_true(s[0] == 3.0f && s[1] == 2.0f && s[2] == 3.0f / 1e-7f && s[3] == 0.0f);
    assert_true(gr_relevance_divide(4, GR_DIVIDE_CONSERVING, 0.0, GR_SIDE_ALL, NULL, r, z, s));
    assert_memory_equal(s, ((float[]){3.0f, 2.0f, 0.0f, 0.0f}), sizeof s);
    assert_memory_equal(z, ((float[]){0.0f, 0.0f, 3.0f, 0.0f}), sizeof z);
    assert_true(gr_relevance_below(4, y, r));
    assert_false(gr_relevance_below(1, y, r));
}

static void shares_add_up(void **state)
{
    (void)state;
    const float a[3] = {3.0f, 2.0f, 1.0f}, b[3] = {1.0f, -1.0f, -1.0f}, r[3] = {8.0f, 5.0f, 4.0f};
    float first[3], second[3] = {1.0f, 1.0f, 1.0f};
    gr_relevance_share(3, GR_DIVIDE_CONSERVING, 0.0, a, b, r, first, false);
    gr_relevance_share(3, GR_DIVIDE_CONSERVING, 0.0, b, a, r, second, true);
    assert_memory_equal(first, ((float[]){6.0f, 10.0f, 2.0f}), sizeof first);
    assert_memory_equal(second, ((float[]){3.0f, -4.0f, 3.0f}), sizeof second);
    gr_relevance_share(3, GR_DIVIDE_STABILIZED, 1.0, a, b, r, first, false);
    assert_memory_equal(first, ((float[]){4.8f, 5.0f, 4.0f}), sizeof first);
}

static void views_and_products_of_pairs_are_those_of_singles(void **state)
{
    (void)state;
    enum { IMAGES = 2, PIXELS = 5, C = 3, COUNT = PIXELS * C };
    float x[IMAGES * COUNT], low[COUNT], high[COUNT], g[2 * IMAGES * COUNT], pair[2 * IMAGES * COUNT],
        one[2][IMAGES * COUNT];
    float sum[IMAGES * COUNT];
    test_fill(x, IMAGES * COUNT, 1, 1.0f);
    test_fill(low, COUNT, 2, 1.0f);
    test_fill(high, COUNT, 3, 1.0f);
    test_fill(g, 2 * IMAGES * COUNT, 4, 1.0f);
    const gr_view all[6] = {GR_VIEW_X,         GR_VIEW_POSITIVE,   GR_VIEW_NEGATIVE,
                            GR_VIEW_ABOVE_LOW, GR_VIEW_BELOW_HIGH, GR_VIEW_ONE};
    for (int v = 0; v < 6; v++) {
        gr_view views[2] = {all[v], all[(v + 1) % 6]};
        gr_relevance_view_pair(views, IMAGES, COUNT, C, x, (const float *const[]){low, high}, pair);
        gr_relevance_view(views[0], IMAGES, COUNT, x, low, one[0]);
        gr_relevance_view(views[1], IMAGES, COUNT, x, high, one[1]);
        gr_relevance_multiply_pair(IMAGES * PIXELS, C, 2.0, pair, g, sum, false);
        for (int i = 0; i < IMAGES * COUNT; i++) {
            int first = i / C * 2 * C + i % C, second = first + C;
            assert_true(pair[first] == one[0][i] && pair[second] == one[1][i]);
            assert_true(sum[i] == 2.0f * (one[0][i] * g[first] + one[1][i] * g[second]));
        }
    }
    gr_relevance_view(GR_VIEW_NEGATIVE, IMAGES, COUNT, x, NULL, one[0]);
    gr_relevance_view(GR_VIEW_POSITIVE, IMAGES, COUNT, x, NULL, one[1]);
    gr_relevance_copy(IMAGES * COUNT, one[0], one[1], true);
    assert_memory_equal(one[1], x, sizeof x);
    gr_relevance_multiply(IMAGES * COUNT, -1.0, NULL, x, sum, false);
    gr_relevance_multiply(IMAGES * COUNT, 1.0, x, x, sum, true);
    for (int i = 0; i < IMAGES * COUNT; i++)
        assert_true(sum[i] == x[i] * x[i] - x[i]);
}

static void sums_are_of_images(void **state)
{
    (void)state;
    const float r[6] = {1.0f, 2.0f, 3.0f, -1.0f, 0.5f, 0.0f};
    double sums[2];
    gr_relevance_sums(2, 3, r, sums);
    assert_true(sums[0] == 6.0 && sums[1] == -0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(division_conserves_stabilizes_or_is_safe),
        cmocka_unit_test(shares_add_up),
        cmocka_unit_test(views_and_products_of_pairs_are_those_of_singles),
        cmocka_unit_test(sums_are_of_images),
    };
    return cmocka_run_group_tests_name("arithmetic of relevance", tests, NULL, NULL);
}
