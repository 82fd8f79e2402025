/* What is laid out for a search: enough room, in which nothing covers anything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "detect/band_search.h"

static const gr_grey picture = {400, 300, NULL};

static gr_cascade_stage stage = {0, 0, -1};
static gr_cascade_feature upright = {.count = 1, .rects = {{0, 0, 2, 2, 1}}},
                          tilted = {.tilted = true, .count = 1, .rects = {{4, 0, 2, 2, 1}}};

static gr_cascade cascade_of(gr_cascade_kind kind, int width, int height, gr_cascade_feature *feature)
{
    return (gr_cascade){.kind = kind,
                        .width = width,
                        .height = height,
                        .stage_count = 1,
                        .stages = &stage,
                        .feature_count = 1,
                        .features = feature};
}

static void images_have_room(const gr_band_search *s, const gr_level *l)
{
    const gr_integral_layout *at = &s->layout[l->step - 1];
    int64_t image = (int64_t)(s->rows + s->window_height) * at->stride, end = image;
    assert_true(at->stride >= l->width + 1);
    assert_int_equal(at->stride % 16, 0);
    if (l->step == 2) {
        assert_int_equal(at->stride, 2 * at->half);
        assert_true(at->half >= l->width / 2 + 1);
        assert_int_equal(at->half / 16 % 2, 1);
    } else {
        assert_int_equal(at->half, 0);
        assert_int_equal(at->stride / 16 % 2, 1); /* an odd number of cache lines */
    }
    if (s->tilted) {
        assert_true(at->tilted >= end);
        end = at->tilted + image;
    }
    if (s->squares) {
        assert_true(at->squares >= end);
        end = at->squares + image;
    }
    assert_true(s->image_numbers >= end);
    assert_true(s->widest >= l->width);
}

static void every_level_has_room(void **state)
{
    (void)state;
    static const int windows[][2] = {{20, 20}, {24, 31}, {12, 64}, {40, 33}};
    for (int w = 0; w < 4; w++)
        for (int i = 0; i < 4; i++) {
            gr_cascade c = cascade_of(i == 3 ? GR_CASCADE_LBP : GR_CASCADE_HAAR, windows[w][0], windows[w][1],
                                      i == 1 ? &tilted : &upright);
            gr_level *levels;
            int64_t count;
            gr_band_search s;
            gr_detect_options o = {.scale = 1.2, .min_size = i == 2 ? 150 : 0}; /* then no level is of step 2 */
            assert_int_equal(gr_levels(c.width, c.height, 400, 300, &o, &levels, &count, NULL), GR_OK);
            assert_true(count >= 1 && levels[0].step == (i == 2 ? 1 : 2));
            assert_int_equal(gr_band_search_make(&c, &picture, levels, count, &s, NULL), GR_OK);
            assert_ptr_equal(s.grey, &picture);
            assert_true(s.window_width == c.width && s.window_height == c.height);
            assert_true(s.squares == (c.kind == GR_CASCADE_HAAR) && s.tilted == (i == 1));
            assert_int_equal(s.rows, c.height > 32 ? 2 * c.height : 64);
            for (int64_t l = 0; l < count; l++)
                images_have_room(&s, &levels[l]);
            gr_band_search_free(&s);
            gr_free(levels);
        }
}

static void no_levels_are_no_failure(void **state)
{
    (void)state;
    gr_cascade c = cascade_of(GR_CASCADE_HAAR, 20, 20, &upright);
    gr_band_search s;
    assert_int_equal(gr_band_search_make(&c, &picture, NULL, 0, &s, NULL), GR_OK);
    assert_int_equal(s.widest, 0);
    gr_band_search_free(&s);
}

/* Places are numbers of 32 bits. */
static void too_wide_is_refused(void **state)
{
    (void)state;
    gr_cascade c = cascade_of(GR_CASCADE_HAAR, 1000, 1024, &tilted);
    gr_level level = {.scale = 2, .width = 200000, .height = 2000, .step = 1, .columns = 199001, .rows = 977};
    gr_band_search s;
    gr_error err = {0};
    assert_int_equal(gr_band_search_make(&c, &picture, &level, 1, &s, &err), GR_NOMEM);
    assert_non_null(strstr(err.text, "no room for integral images of "));
    level.width = 20000;
    level.columns = 19001;
    assert_int_equal(gr_band_search_make(&c, &picture, &level, 1, &s, &err), GR_OK);
    gr_band_search_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_level_has_room), cmocka_unit_test(no_levels_are_no_failure),
                                       cmocka_unit_test(too_wide_is_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
