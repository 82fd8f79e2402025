/* Colours of maps: their names, that lightness grows from one to the next, that signs are told apart about white. */
#include "support/support.h"
#include "image/colour_maps.h"

static double lightness(uint32_t colour)
{
    return 0.2126 * (colour >> 16 & 255) + 0.7152 * (colour >> 8 & 255) + 0.0722 * (colour & 255);
}

static void names_are_found(void **state)
{
    (void)state;
    gr_colour_map map;
    assert_true(gr_colour_map_find("cividis", &map) && map == GR_CIVIDIS);
    assert_string_equal(gr_colour_map_name(GR_VIRIDIS), "viridis");
    assert_false(gr_colour_map_find("jet", &map));
}

static void they_grow_lighter(void **state)
{
    (void)state;
    for (int m = GR_VIRIDIS; m <= GR_CIVIDIS; m++) {
        const uint32_t *table = gr_colour_map_table((gr_colour_map)m);
        for (int i = 1; i < GR_COLOURS; i++)
            if (lightness(table[i]) < lightness(table[i - 1]) - 1)
                fail_msg("%s: colour %d is darker than the one before", gr_colour_map_name((gr_colour_map)m), i);
        assert_true(lightness(table[GR_COLOURS - 1]) > lightness(table[0]) + 150);
    }
    assert_int_equal(gr_colour_map_table(GR_VIRIDIS)[0], 0x440154);
    assert_int_equal(gr_colour_map_table(GR_CIVIDIS)[0], 0x00224d);
}

static void signs_have_their_side_of_white(void **state)
{
    (void)state;
    const uint32_t *table = gr_colour_map_table(GR_DIVERGING);
    assert_true((table[0] & 255) > (table[0] >> 16));
    assert_true((table[255] >> 16) > (table[255] & 255));
    assert_true(lightness(table[127]) > 240 && lightness(table[128]) > 240);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_are_found), cmocka_unit_test(they_grow_lighter),
                                       cmocka_unit_test(signs_have_their_side_of_white)};
    return cmocka_run_group_tests_name("colours of maps", tests, NULL, NULL);
}
