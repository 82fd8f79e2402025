/* Explanations as files: what is there, the table's rows, a picture that could not be read, a folder that holds files. */
#include "grimace/explain.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "support/folder.h"
#include "support/support.h"

static const char *const images[] = {"a/one.png", "two.png"};

static gr_explanation example(gr_image *picture, const float *map)
{
    return (gr_explanation){.sample = 0,
                            .method = "gradcam",
                            .layer = "layer4",
                            .fold = "rat1",
                            .class_name = "pain, \"much\"",
                            .probability = 0.75,
                            .logit = 1.5,
                            .sum = 3,
                            .gap = (double)NAN,
                            .size = 2,
                            .map = map,
                            .cell_rows = 1,
                            .cell_columns = 1,
                            .cells = map,
                            .picture = picture};
}

static bool is_there(const char *name)
{
    FILE *f = fopen(test_in_folder(name), "rb");
    if (f != NULL)
        fclose(f);
    return f != NULL;
}

static void holds_files_and_a_table(void **state)
{
    (void)state;
    gr_error err = {0};
    gr_explain_folder *f;
    gr_image picture;
    char dir[600], text[600] = "";
    static const float map[4] = {0, 1, 2, 0};
    snprintf(dir, sizeof dir, "%s/maps", test_folder());
    assert_int_equal(gr_image_make(2, 2, &picture, &err), GR_OK);
    memset(picture.pixels, 9, 12);
    assert_int_equal(gr_explain_folder_open(dir, false, images, 2, 1, NULL, &f, &err), GR_OK);
    gr_explanation e = example(&picture, map);
    assert_int_equal(gr_explain_folder_add(f, &e, &err), GR_OK);
    assert_int_equal(gr_explain_folder_add(f, &(gr_explanation){.sample = 1, .problem = "is no picture"}, &err), GR_OK);
    assert_int_equal(gr_explain_folder_finish(f, &err), GR_OK);
    assert_null(gr_explain_folder_problem(f, 0));
    assert_string_equal(gr_explain_folder_problem(f, 1), "is no picture");
    gr_explain_folder_close(f);
    assert_true(is_there("maps/a_one.gradcam.png") && is_there("maps/a_one.gradcam.npy"));
    assert_true(is_there("maps/a_one.gradcam.cells.npy") && !is_there("maps/two.gradcam.png"));
    FILE *table = fopen(test_in_folder("maps/index.csv"), "rb");
    assert_non_null(table);
    text[fread(text, 1, sizeof text - 1, table)] = '\0';
    fclose(table);
    assert_non_null(strstr(text, "a/one.png,rat1,\"pain, \"\"much\"\"\",0.75,1.5,gradcam,layer4,3"));
    assert_non_null(strstr(text, "two.png,,,,,,,,is no picture"));
    assert_int_equal(gr_explain_folder_open(dir, false, images, 2, 1, NULL, &f, &err), GR_INVALID);
    assert_non_null(strstr(err.text, "holds files already"));
    gr_image_free(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(holds_files_and_a_table)};
    return cmocka_run_group_tests_name("explanations as files", tests, test_folder_make, test_folder_remove);
}
