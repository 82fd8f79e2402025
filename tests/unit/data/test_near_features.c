/* Which pairs features propose, and that prints decide. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "data/near_features.h"
#include "kernels/kernels.h"

enum { ROWS = 300, WIDTH = 24, N = GR_PRINT_SIDE };

static gr_print prints[ROWS];
static float features[ROWS * WIDTH];

/* Pictures of noise, and features of their own; rows `as` and `row` show the same. */
static void draw(int row, int as)
{
    gr_rng rng = gr_rng_make(3, GR_FOR_TEST, 0, (uint64_t)as);
    prints[row] = (gr_print){.known = true};
    for (int i = 0; i < N * N; i++)
        prints[row].grey[i] = (uint8_t)(128.0 + 40.0 * fmax(-3.0, fmin(3.0, gr_rng_normal(&rng))));
    for (int k = 0; k < WIDTH; k++)
        features[row * WIDTH + k] = (float)(100.0 * (k + 1) + (k + 1) * gr_rng_normal(&rng));
}

static bool all(const void *ctx, int64_t a, int64_t b)
{
    (void)ctx;
    return a != b;
}

/* Only rows that differ in what is left of them by *ctx. */
static bool in_other_groups(const void *ctx, int64_t a, int64_t b)
{
    int groups = *(const int *)ctx;
    assert_true(a < b);
    return a % groups != b % groups;
}

static void look(bool (*wanted)(const void *, int64_t, int64_t), const void *ctx, gr_near_pair **pairs, int64_t *count)
{
    gr_error err = {0};
    assert_int_equal(gr_near_features(prints, features, ROWS, WIDTH, wanted, ctx, pairs, count, &err), GR_OK);
}

static void pairs_are_found_once(void **state)
{
    (void)state;
    gr_near_pair *pairs;
    int64_t count;
    for (int r = 0; r < ROWS; r++)
        draw(r, r < 10 ? r + 200 : r); /* rows 0 to 9 show what 200 to 209 do */
    look(all, NULL, &pairs, &count);
    assert_int_equal(count, 10);
    for (int64_t i = 0; i < count; i++) {
        assert_true(pairs[i].first == i && pairs[i].second == 200 + i);
        assert_true(fabs((double)pairs[i].correlation - 1.0) < 1e-6);
    }
    gr_free(pairs);
}

static void pictures_decide(void **state)
{
    (void)state;
    gr_near_pair *pairs;
    int64_t count;
    for (int r = 0; r < ROWS; r++)
        draw(r, r);
    memcpy(features, features + 200 * WIDTH, 10 * WIDTH * sizeof *features); /* alike to the network, but not to the eye */
    look(all, NULL, &pairs, &count);
    assert_int_equal(count, 0);
    gr_free(pairs);
}

static void unwanted_and_unknown_rows_are_passed_over(void **state)
{
    (void)state;
    gr_near_pair *pairs;
    int64_t count;
    int groups = 10;
    for (int r = 0; r < ROWS; r++)
        draw(r, r < 10 ? r + 200 : r);
    look(in_other_groups, &groups, &pairs, &count);
    assert_int_equal(count, 0);
    gr_free(pairs);
    prints[3].known = false;
    features[3 * WIDTH] = NAN;
    look(all, NULL, &pairs, &count);
    assert_int_equal(count, 9);
    gr_free(pairs);
}

/* One picture many times, as the frames of a film that stands still: those that are not asked for take no place. */
static void a_crowd_hides_nothing(void **state)
{
    (void)state;
    gr_near_pair *pairs;
    int64_t count;
    int groups = 2;
    for (int r = 0; r < ROWS; r++)
        draw(r, r % 2 == 0 ? 1000 : r);
    draw(151, 1000);
    look(in_other_groups, &groups, &pairs, &count);
    assert_int_equal(count, ROWS / 2); /* each even row with row 151: it is the first of each one's nearest */
    for (int64_t i = 0; i < count; i++)
        assert_true(pairs[i].first == 151 || pairs[i].second == 151);
    gr_free(pairs);
}

static int select_kernels(void **state)
{
    (void)state;
    gr_error err = {0};
    return gr_kernels_select(&err) == GR_OK ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_found_once),
        cmocka_unit_test(pictures_decide),
        cmocka_unit_test(unwanted_and_unknown_rows_are_passed_over),
        cmocka_unit_test(a_crowd_hides_nothing),
    };
    return cmocka_run_group_tests(tests, select_kernels, NULL);
}
