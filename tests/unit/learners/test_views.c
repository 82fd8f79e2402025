/* Views of images: which pixel goes where (NumPy's rot90, fliplr and flipud), and that turning back gives the image. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "learners/views.h"

enum { SIDE = 3, PIXELS = SIDE * SIDE, CHANNELS = 2, IMAGES = 2, NUMBERS = IMAGES * PIXELS * CHANNELS };

static void places(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        float pixels[PIXELS];
    } cases[] = {
        {"hflip", {2, 1, 0, 5, 4, 3, 8, 7, 6}},      {"vflip", {6, 7, 8, 3, 4, 5, 0, 1, 2}},
        {"rotate_90", {2, 5, 8, 1, 4, 7, 0, 3, 6}},  {"rotate_180", {8, 7, 6, 5, 4, 3, 2, 1, 0}},
        {"rotate_270", {6, 3, 0, 7, 4, 1, 8, 5, 2}},
    };
    float from[NUMBERS], to[NUMBERS];
    for (int i = 0; i < NUMBERS; i++)
        from[i] = (float)(i / CHANNELS % PIXELS + 10 * (i % CHANNELS) + 100 * (i / CHANNELS / PIXELS));
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        int view = gr_view_find(cases[c].name);
        assert_true(view >= 0);
        assert_string_equal(gr_view_name(view, NULL), cases[c].name);
        gr_view_make(view, from, IMAGES, SIDE, CHANNELS, to);
        for (int i = 0; i < NUMBERS; i++)
            assert_true(to[i] == cases[c].pixels[i / CHANNELS % PIXELS] + (float)(10 * (i % CHANNELS) +
                                                                                  100 * (i / CHANNELS / PIXELS)));
    }
}

static void round_trip(void **state)
{
    (void)state;
    float from[NUMBERS], to[NUMBERS], back[NUMBERS];
    for (int i = 0; i < NUMBERS; i++)
        from[i] = (float)(i * i % 31);
    gr_view_make(gr_view_find("rotate_90"), from, IMAGES, SIDE, CHANNELS, to);
    gr_view_make(gr_view_find("rotate_270"), to, IMAGES, SIDE, CHANNELS, back);
    assert_memory_equal(from, back, sizeof from);
}

static void names(void **state)
{
    (void)state;
    assert_int_equal(gr_view_find("flip"), -1);
    assert_null(gr_view_name(5, NULL));
    assert_null(gr_view_name(-1, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(places), cmocka_unit_test(round_trip), cmocka_unit_test(names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
