/* Mean maps by a column's values. */
#include "explain/means.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "explain/npy.h"
#include "support/folder.h"
#include "support/support.h"

enum { SIDE = 2, PIXELS = SIDE * SIDE };

static const char *const values[] = {"a/b", "", "a_b", "a/b"};

static void add(gr_means *means, int64_t sample, int method, float number)
{
    uint8_t pixels[3 * PIXELS];
    const gr_image picture = {.width = SIDE, .height = SIDE, .pixels = pixels};
    float map[PIXELS];
    gr_error err = {0};
    for (int i = 0; i < PIXELS; i++)
        map[i] = number + (float)i;
    memset(pixels, (int)(10 * number), sizeof pixels);
    const gr_explanation e = {
        .sample = sample, .method = method == 0 ? "one" : "two", .size = SIDE, .map = map, .picture = &picture};
    assert_int_equal(gr_means_add(means, method, &e, &err), GR_OK);
}

static void each_value_has_its_mean(void **state)
{
    (void)state;
    gr_means *means;
    gr_error err = {0};
    float map[PIXELS];
    gr_image seen = {0};
    char *table;
    size_t size;
    assert_int_equal(gr_means_open("cage", values, 4, 2, &means, &err), GR_OK);
    for (int i = 0; i < 4; i++)
        for (int m = 0; m < 2; m++)
            add(means, i, m, (float)(i + 1 + m));
    assert_int_equal(gr_means_write(means, test_folder(), &(gr_overlay){0}, &err), GR_OK);
    gr_means_close(means);
    assert_int_equal(gr_npy_read(test_in_folder("MEAN.cage-a_b.one.npy"), SIDE, SIDE, map, &err), GR_OK);
    assert_true(map[0] == 2.5f && map[3] == 5.5f); /* of 1 and 4 */
    assert_int_equal(gr_npy_read(test_in_folder("MEAN.cage-a_b_2.two.npy"), SIDE, SIDE, map, &err), GR_OK);
    assert_true(map[0] == 4);
    assert_int_equal(gr_image_read(test_in_folder("MEAN.cage-a_b.two.png"), &seen, &err), GR_OK);
    assert_int_equal(seen.pixels[0], 25);
    gr_image_free(&seen);
    assert_int_equal(gr_file_read(test_in_folder("means.csv"), 4096, &table, &size, &err), GR_OK);
    assert_non_null(strstr(table, "column,value,method,n,sum\ncage,a/b,one,2,16\ncage,a/b,two,2,20\ncage,a_b,one,1,18\n"));
    gr_free(table);
}

static void a_column_must_have_few_values(void **state)
{
    (void)state;
    gr_means *means;
    gr_error err = {0};
    static char text[GR_MEANS_VALUES + 1][8];
    const char *many[GR_MEANS_VALUES + 1];
    for (int i = 0; i <= GR_MEANS_VALUES; i++) {
        snprintf(text[i], sizeof text[i], "v%d", i);
        many[i] = text[i];
    }
    assert_int_equal(gr_means_open("c", many, GR_MEANS_VALUES + 1, 1, &means, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "more than 100 values"));
    assert_int_equal(gr_means_open("c", many, GR_MEANS_VALUES, 1, &means, &err), GR_OK);
    gr_means_close(means);
    assert_int_equal(gr_means_open("c", (const char *[]){"", ""}, 2, 1, &means, &err), GR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_value_has_its_mean),
                                       cmocka_unit_test(a_column_must_have_few_values)};
    return cmocka_run_group_tests_name("mean maps", tests, test_folder_make, test_folder_remove);
}
