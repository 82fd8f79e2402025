/* Pictures of examples: those that are there, without a model to ask. */
#include "report/example_pictures.h"

#include <stdlib.h>

#include "base/base.h"
#include "grimace/image.h"
#include "support/folder.h"
#include "support/shown.h"
#include "support/support.h"

static void missing_ones_are_left_out(void **state)
{
    (void)state;
    static const char *const images[] = {"images/00.png", "images/01.png", "images/77.png", "none.png"};
    gr_page_run run;
    gr_example_pictures pictures;
    gr_image back = {0};
    gr_error err = {0};
    assert_int_equal(gr_make_folders(test_in_folder("timed/images"), &err), GR_OK);
    test_folder_image("timed/images/00.png", 448, 224, 200, 30, 30);
    test_folder_image("timed/images/01.png", 20, 10, 0, 0, 255);
    test_folder_text("timed/images/77.png", "no picture");
    assert_int_equal(gr_page_run_open(test_in_folder("timed"), &run, &err), GR_OK);
    assert_int_equal(gr_example_pictures_make(&run, images, 4, true, &pictures, &err), GR_OK);
    assert_int_equal(pictures.missing, 2);
    assert_null(pictures.method);
    assert_true(pictures.why.text[0] != '\0');
    assert_int_equal(pictures.each[0].width, 224);
    assert_int_equal(pictures.each[0].height, 112);
    assert_int_equal(pictures.each[1].width, 20);
    assert_int_equal(pictures.each[0].heat.size, 0);
    assert_int_equal(pictures.each[2].picture.size, 0);
    assert_int_equal(pictures.each[3].picture.size, 0);
    assert_int_equal(gr_image_decode(pictures.each[0].picture.data, pictures.each[0].picture.size, "it", &back, &err),
                     GR_OK);
    assert_true(abs(back.pixels[0] - 200) < 6 && abs(back.pixels[1] - 30) < 6);
    gr_image_free(&back);
    gr_example_pictures_free(&pictures);
    gr_page_run_close(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(missing_ones_are_left_out)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
