/* Keras's validation_split: the rows that each of its functions takes (Keras 3.15 and 2.15, by the formulae of their
 * sources). */
#include "support/support.h"
#include "data/keras_split.h"

#include <string.h>

static const char *const images[11] = {"d", "a", "c", "b", "e", "k", "h", "i", "g", "j", "f"};
static const int32_t labels[11] = {0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1};

static void takes(gr_split_scheme scheme, double share, const char *rows)
{
    gr_manifest m = {.rows = 11, .images = (const char *const *)images, .labels = labels};
    uint8_t parts[11];
    char got[12] = "";
    gr_error err = {0};
    memset(parts, GR_PART_TRAIN, sizeof parts);
    assert_int_equal(gr_split_take_keras(&m, scheme, share, parts, &err), GR_OK);
    for (int r = 0; r < 11; r++)
        if (parts[r] == GR_PART_TEST)
            strncat(got, images[r], 1);
    assert_string_equal(got, rows);
}

static void each_meaning_takes_its_rows(void **state)
{
    (void)state;
    /* 11 * 0.7 = 7.7: seven train; 11 * 0.3 = 3.3: three are taken; classes have 5 (a b d h j) and 6 (c e f g i k). */
    takes(GR_SPLIT_LAST_ROWS, 0.3, "igjf");
    takes(GR_SPLIT_FIRST_ROWS, 0.3, "dac");
    takes(GR_SPLIT_FIRST_OF_EACH_CLASS, 0.4, "acbe");
    takes(GR_SPLIT_LAST_OF_LIST, 0.3, "kig");
    assert_true(gr_split_is_keras(GR_SPLIT_LAST_ROWS) && !gr_split_is_keras(GR_SPLIT_HOLDOUT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_meaning_takes_its_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
