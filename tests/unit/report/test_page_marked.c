/* Examples of landmarks: the largest and smallest errors, points where they belong in a picture that is made smaller. */
#include <stdio.h>

#include "base/base.h"
#include "support/folder.h"
#include "support/page.h"
#include "support/shown.h"
#include "support/support.h"

static gr_text examples_of(const char *name, int *shown)
{
    gr_page_run run;
    gr_html html = {.level = 2};
    gr_error err = {0};
    assert_int_equal(gr_page_run_open(test_in_folder(name), &run, &err), GR_OK);
    assert_int_equal(gr_put_marked_examples(&html, &run, &err), GR_OK);
    *shown = html.pictures;
    gr_page_run_close(&run);
    return html.text;
}

static void points_stand_in_pictures(void **state)
{
    (void)state;
    gr_error err = {0};
    int shown;
    gr_text part = examples_of("points", &shown);
    test_text_says(&part, "The pictures are not where the manifest says");
    assert_int_equal(shown, 0);
    gr_text_free(&part);
    assert_int_equal(gr_make_folders(test_in_folder("points/images"), &err), GR_OK);
    test_folder_text("points/none.csv", "image,animal,lm1_x,lm1_y,lm2_x,lm2_y,box_x,box_y,box_w,box_h\n"
                                        "images/a.png,r,100,100,,,,,,\nimages/b.png,r,30,40,50,60,10,20,80,80\n");
    test_folder_text("points/predictions.csv", "image,animal,fold,nrmse,lm1_x,lm1_y,lm2_x,lm2_y\n"
                                               "images/a.png,r,1,0.25,200,50,0,0\nimages/b.png,r,1,0.125,30,40,50,60\n");
    test_folder_image("points/images/a.png", 448, 448, 9, 9, 9);
    test_folder_image("points/images/b.png", 100, 100, 9, 9, 9);
    part = examples_of("points", &shown);
    assert_int_equal(shown, 2);
    test_text_says(&part, "Furthest off");
    test_text_says(&part, "<circle cx=\"50.000\" cy=\"50.000\" r=\"4.978\" fill=\"none\""); /* a's true one, half as large */
    test_text_says(&part,
                   "<circle cx=\"100.000\" cy=\"25.000\" r=\"3.200\" fill=\"#e69f00\"");    /* and the one that was found */
    test_text_says(&part, "<circle cx=\"20.000\" cy=\"20.000\" r=\"1.778\" fill=\"none\""); /* b's, in its box */
    test_text_says(&part, "images/a.png with 2 landmarks as they were found; normalised error 0.250");
    gr_text_free(&part);
    part = examples_of("classes", &shown);
    assert_int_equal(part.size, 0);
    gr_text_free(&part);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(points_stand_in_pictures)};
    return cmocka_run_group_tests(tests, test_shown_make, test_folder_remove);
}
