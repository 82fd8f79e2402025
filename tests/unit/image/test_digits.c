/* Numbers in a picture: each has pixels of its own, and none is written beyond the border. */
#include "support/support.h"
#include "image/digits.h"

enum { SIDE = 16 };

static int marked(const uint8_t *pixels)
{
    int count = 0;
    for (int i = 0; i < SIDE * SIDE; i++)
        count += pixels[3 * i] != 0;
    return count;
}

static void every_letter_is_another(void **state)
{
    (void)state;
    static const char letters[] = "0123456789.-+e";
    static uint8_t seen[sizeof letters][SIDE * SIDE * 3];
    for (int i = 0; letters[i] != '\0'; i++) {
        gr_image image = {.width = SIDE, .height = SIDE, .pixels = seen[i]};
        gr_digits_put((const char[]){letters[i], '\0'}, 3, 4, (const uint8_t[]){9, 9, 9}, &image);
        assert_true(marked(seen[i]) >= 4);
        for (int k = 0; k < i; k++)
            assert_memory_not_equal(seen[i], seen[k], sizeof seen[i]);
    }
}

static void what_is_outside_is_cut_off(void **state)
{
    (void)state;
    uint8_t pixels[SIDE * SIDE * 3] = {0};
    gr_image image = {.width = SIDE, .height = SIDE, .pixels = pixels};
    gr_digits_put("888", -3, -4, (const uint8_t[]){9, 9, 9}, &image);
    int first = marked(pixels);
    assert_true(first > 0);
    gr_digits_put("888", 400, 4, (const uint8_t[]){9, 9, 9}, &image);
    assert_int_equal(marked(pixels), first);
}

static void a_number_is_as_wide_as_it_says(void **state)
{
    (void)state;
    assert_int_equal(gr_digits_width(""), 0);
    assert_int_equal(gr_digits_width("1"), 5);
    assert_int_equal(gr_digits_width("-1.5"), 23);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_letter_is_another),
                                       cmocka_unit_test(what_is_outside_is_cut_off),
                                       cmocka_unit_test(a_number_is_as_wide_as_it_says)};
    return cmocka_run_group_tests_name("numbers in a picture", tests, NULL, NULL);
}
