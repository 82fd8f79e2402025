/* Cells drawn half-pixel and bilinearly, as torch's interpolate without aligned corners; sums over channels. */
#include "support/support.h"
#include "explain/maps.h"

static void cells_are_drawn_between_their_middles(void **state)
{
    (void)state;
    const float cells[] = {0, 4, 8, 12};
    const float want[] = {0, 1, 3, 4, 2, 3, 5, 6, 6, 7, 9, 10, 8, 9, 11, 12};
    float map[16], one[9];
    gr_map_draw(cells, 2, 2, 4, map);
    assert_true(test_close(map, want, 16, 1e-6));
    gr_map_draw(cells + 2, 1, 1, 3, one);
    for (int i = 0; i < 9; i++)
        assert_true(one[i] == 8);
    gr_map_draw(cells, 2, 2, 2, map);
    assert_memory_equal(map, cells, sizeof cells);
}

static void channels_are_summed(void **state)
{
    (void)state;
    const float maps[] = {1, 2, 3, -1, -2, -3};
    float map[2];
    assert_true(gr_map_of_channels(maps, 2, 3, map) == 0.0);
    assert_true(map[0] == 6 && map[1] == -6);
    assert_true(gr_map_sum(maps, 3) == 6.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cells_are_drawn_between_their_middles),
        cmocka_unit_test(channels_are_summed),
    };
    return cmocka_run_group_tests_name("arithmetic of maps", tests, NULL, NULL);
}
