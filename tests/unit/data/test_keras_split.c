/* Keras's validation_split: the rows that each of its functions takes (Keras 3.15 and 2.15, by the formulae of their
 * sources). */
#include "support/support.h"
#include "data/keras_split.h"

#include <string.h>

static const char *const plain[11] = {"d", "a", "c", "b", "e", "k", "h", "i", "g", "j", "f"};
static const int32_t labels[11] = {0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1};

static void takes(const char *const images[11], gr_split_scheme scheme, double share, const char *rows)
{
    gr_manifest m = {.rows = 11, .images = images, .labels = labels};
    uint8_t parts[11];
    char got[12] = "";
    gr_error err = {0};
    memset(parts, GR_PART_TRAIN, sizeof parts);
    assert_int_equal(gr_split_take_keras(&m, scheme, share, parts, &err), GR_OK);
    for (int r = 0; r < 11; r++)
        if (parts[r] == GR_PART_TEST)
            strncat(got, plain[r], 1);
    assert_string_equal(got, rows);
}

static void each_meaning_takes_its_rows(void **state)
{
    (void)state;
    /* 11 * 0.7 = 7.7: seven train; 11 * 0.3 = 3.3: three are taken; classes have 5 (a b d h j) and 6 (c e f g i k). */
    takes(plain, GR_SPLIT_LAST_ROWS, 0.3, "igjf");
    takes(plain, GR_SPLIT_FIRST_ROWS, 0.3, "dac");
    takes(plain, GR_SPLIT_FIRST_OF_EACH_CLASS, 0.4, "acbe");
    takes(plain, GR_SPLIT_LAST_OF_LIST, 0.3, "kig");
    assert_true(gr_split_is_keras(GR_SPLIT_LAST_ROWS) && !gr_split_is_keras(GR_SPLIT_HOLDOUT));
}

/* As Keras walks: the class's own folder, then "x/Z", "x/a", "x/a-b" and "x/a/b". */
static void folders_within_a_class_come_one_after_the_other(void **state)
{
    (void)state;
    static const char *const images[11] = {"x/a/d",   "x/a/a", "y/c", "x/b",     "y/e", "y/k",
                                           "x/a/b/h", "y/Z/i", "y/g", "x/a-b/j", "y/f"};
    /* class 0 goes b a d j h, class 1 c e f g k i */
    takes(images, GR_SPLIT_FIRST_OF_EACH_CLASS, 0.6, "dacbef");
    takes(images, GR_SPLIT_LAST_OF_LIST, 0.2, "ki");
    takes(images, GR_SPLIT_LAST_OF_LIST, 0.64, "cekhigf");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_meaning_takes_its_rows),
                                       cmocka_unit_test(folders_within_a_class_come_one_after_the_other)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
